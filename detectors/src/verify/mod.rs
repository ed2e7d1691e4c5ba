//! Offline checks: pure functions, each with published vectors in its tests.

pub mod azure_sas;
pub mod base32;
pub mod cloud_storage;
pub mod curve;
pub mod der;
pub mod json;
pub mod jwt;
pub mod marvin32;
pub mod natural;
pub mod protobuf;
pub mod query_signature;
pub mod sigv2;
pub mod sigv4;
pub mod statistics;
pub mod words;
