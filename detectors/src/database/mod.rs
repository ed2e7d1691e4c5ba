//! Databases, queues and caches: the strings, files and commands that open them.
//!
//! One file a way of writing credentials down. What they all tell (kind, hosts,
//! user, environment) is put into facts by [`server`].

mod config;
mod config_block;
mod config_name;
mod config_value;
pub(crate) mod kind;
pub(crate) mod server;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![config::CONFIG.clone()]
}
