//! Scanning many objects on all processors.

use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::finding::Finding;
use crate::input::Origin;

/// A finding, and the object that it stands in.
#[derive(Debug, Clone)]
pub struct Located {
    /// Where the object stood.
    pub origin: Origin,
    /// What was found in it.
    pub finding: Finding,
}

/// How far a scan is; read it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects scanned.
    pub objects: AtomicU64,
    /// Bytes scanned.
    pub bytes: AtomicU64,
    /// Findings made.
    pub findings: AtomicU64,
    /// Set this to end the scan: objects under way are given up, no others are
    /// begun.
    pub stop: AtomicBool,
}
