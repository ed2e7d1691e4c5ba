//! Signed URLs: whoever has one may do what it says until it expires, or until
//! somebody revokes the key that signed it.
//!
//! One file a way of signing. Sources are named where a fact stands.

mod azure_sas;
mod gcs;
pub(crate) mod presign;
mod query;
mod scoped;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![azure_sas::STORAGE.clone(), gcs::GCS.clone()]
}
