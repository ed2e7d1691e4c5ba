//! Amazon Web Services: access keys and everything derived from them.
//!
//! One file a kind of credential. Sources are named where a fact stands.

mod access_key;
mod account;
mod region;
mod secret_key;
mod service_token;
pub mod session_token;

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
    ]
}
