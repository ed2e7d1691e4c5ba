//! What the tests are made with: git repositories with generated histories, in
//! every layout that objects can have, and an oracle that knows what is in them.
//!
//! Histories follow from a seed; their values are drawn at random and belong to
//! nobody. Repositories are made by the git program in an environment of its own,
//! and packs that git would never write by [`pack`].
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod damage;
pub mod draw;
pub mod expected;
pub mod history;
pub mod layout;
pub mod oracle;
pub mod pack;
pub mod places;
pub mod repository;
pub mod secret;
