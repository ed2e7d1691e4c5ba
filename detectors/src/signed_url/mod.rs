//! Signed URLs: whoever has one may do what it says until it expires, or until
//! somebody revokes the key that signed it.
//!
//! One file a way of signing. Sources are named where a fact stands.

pub(crate) mod cloudfront;
pub(crate) mod post_policy;
pub(crate) mod presign;
pub(crate) mod proof;
pub(crate) mod sigv2;
pub(crate) mod sigv4;
pub(crate) mod store;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![
        sigv4::URL.clone(),
        sigv2::URL.clone(),
        post_policy::FORM.clone(),
        cloudfront::URL.clone(),
        cloudfront::COOKIES.clone(),
    ]
}
