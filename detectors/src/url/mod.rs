//! URLs in text: how they are written down, where they begin and end, what their
//! query says, who can reach their host.
//!
//! Nothing here knows what a parameter means: that is for the families that read
//! URLs, such as [`crate::signed_url`].

pub mod host;
pub(crate) mod located;
pub(crate) mod writing;
