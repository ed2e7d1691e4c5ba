//! Signed URLs: whoever has one may do what it says until it expires, or until
//! somebody revokes the key that signed it.
//!
//! One file a way of signing. Sources are named where a fact stands.

mod alibaba;
mod azure_bus;
mod azure_sas;
mod azure_workflow;
mod backblaze;
mod cdn;
pub(crate) mod cloudfront;
mod firebase;
mod gcs;
mod huawei;
pub(crate) mod post_policy;
pub(crate) mod presign;
pub(crate) mod proof;
mod public_object;
mod query;
mod scoped;
pub(crate) mod sigv2;
pub(crate) mod sigv4;
pub(crate) mod store;
mod tencent;
mod volcengine;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![
        sigv4::URL.clone(),
        sigv2::URL.clone(),
        post_policy::FORM.clone(),
        cloudfront::URL.clone(),
        cloudfront::COOKIES.clone(),
        azure_sas::STORAGE.clone(),
        azure_bus::BUS.clone(),
        azure_workflow::WORKFLOW.clone(),
        gcs::GCS.clone(),
        firebase::FIREBASE.clone(),
        alibaba::OSS.clone(),
        tencent::COS.clone(),
        huawei::OBS.clone(),
        volcengine::TOS.clone(),
        backblaze::B2.clone(),
        cdn::CDN.clone(),
        public_object::PUBLIC_OBJECT.clone(),
    ]
}
