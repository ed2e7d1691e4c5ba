//! Databases, queues and caches: the strings, files and commands that open them.
//!
//! One file a way of writing credentials down. What they all tell (kind, hosts,
//! user, environment) is put into facts by `server.rs`.

pub(crate) mod authority;
mod azure;
mod call;
mod command;
mod config;
mod config_block;
mod config_escape;
mod config_literal;
mod config_name;
mod config_value;
mod connection_string;
mod jaas;
mod jdbc;
pub(crate) mod kind;
mod open;
mod password_file;
pub(crate) mod server;
mod service_token;
mod uri;
mod uri_credential;
mod uri_provider;
mod uri_scheme;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed. Of two
/// that read the same password the first one reports it: what reads a string as a
/// whole comes before what goes by a name beside it.
pub(crate) fn detectors() -> Vec<Detector> {
    let mut all = vec![
        command::COMMAND.clone(),
        jdbc::URL.clone(),
        connection_string::STRING.clone(),
        jaas::CONFIGURATION.clone(),
        uri_credential::DATABASE.clone(),
        uri_credential::OTHER.clone(),
        open::OPEN.clone(),
        service_token::TOKEN.clone(),
        password_file::PASSWORD_FILE.clone(),
        config::CONFIG.clone(),
    ];
    all.extend(azure::detectors());
    all
}
