//! Databases, queues and caches: the strings, files and commands that open them.
//!
//! One file a way of writing credentials down. What they all tell (kind, hosts,
//! user, environment) is put into facts by [`server`].

mod command;
mod config;
mod config_block;
mod config_name;
mod config_value;
pub(crate) mod kind;
mod password_file;
pub(crate) mod server;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![password_file::PASSWORD_FILE.clone(), command::COMMAND.clone(), config::CONFIG.clone()]
}
