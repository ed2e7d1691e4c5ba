//! What Amazon sellers hand to those who work for them: keys and tokens of
//! Marketplace Web Service, of the Selling Partner API and of Login with Amazon.
//!
//! One file a kind of credential. Sources are named where a fact stands.

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![]
}
