//! Amazon Web Services: access keys and everything derived from them.
//!
//! One file a kind of credential. Sources are named where a fact stands.

mod access_key;
pub(crate) mod account;
mod appsync;
mod bedrock;
mod codeartifact;
mod cognito;
mod console;
#[cfg(test)]
mod damage;
mod ecr;
mod eks;
mod endpoint;
mod federation;
mod rds;
mod region;
mod run;
mod secret_key;
mod service_credential;
mod service_token;
mod ses;
pub mod session_token;
mod sso;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![
        access_key::PAIR.clone(),
        access_key::TEMPORARY.clone(),
        access_key::ID.clone(),
        access_key::TEMPORARY_ID.clone(),
        secret_key::SECRET.clone(),
        session_token::TOKEN.clone(),
        service_token::TOKEN.clone(),
        bedrock::KEY.clone(),
        bedrock::TOKEN.clone(),
        ses::PASSWORD.clone(),
        appsync::KEY.clone(),
        cognito::CLIENT_SECRET.clone(),
        service_credential::CODECOMMIT.clone(),
        service_credential::KEYSPACES.clone(),
        ecr::TOKEN.clone(),
        rds::TOKEN.clone(),
        eks::TOKEN.clone(),
        codeartifact::TOKEN.clone(),
        sso::TOKEN.clone(),
        console::PASSWORD_ROW.clone(),
        federation::TOKEN.clone(),
    ]
}
