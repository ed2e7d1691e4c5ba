//! Pure decoders for the forms in which secrets are written down.

pub mod base64;
pub mod escaped;
pub mod soft;
