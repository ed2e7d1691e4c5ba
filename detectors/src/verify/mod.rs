//! Offline checks: pure functions, each with published vectors in its tests.

pub mod base32;
pub mod json;
pub mod jwt;
pub mod protobuf;
pub mod sigv4;
pub mod statistics;
pub mod words;
