//! What Amazon sellers hand to those who work for them: keys and tokens of
//! Marketplace Web Service, of the Selling Partner API and of Login with Amazon.
//!
//! One file a kind of credential. Sources are named where a fact stands.

mod context;
mod lwa;
mod lwa_token;
mod marketplace;
mod mws_key;
mod mws_request;
mod mws_token;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![
        mws_key::PAIR.clone(),
        mws_key::SECRET.clone(),
        mws_token::TOKEN.clone(),
        mws_request::REQUEST.clone(),
        lwa::CREDENTIALS.clone(),
        lwa::SECRET.clone(),
        lwa_token::REFRESH.clone(),
        lwa_token::ACCESS.clone(),
    ]
}
