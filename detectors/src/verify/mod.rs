//! Offline checks: pure functions, each with published vectors in its tests.

pub mod base32;
pub mod protobuf;
pub mod statistics;
pub mod words;
