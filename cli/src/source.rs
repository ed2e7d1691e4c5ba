//! Where a scan gets its objects from.

use std::path::{Path, PathBuf};

use leaksieve::Scanner;
use leaksieve::input::files::WalkOptions;
use leaksieve::ledger::Ledger;
use leaksieve::run::{Located, Progress, Target, scan_targets};

use crate::failure::Failure;
use crate::git::GitSource;

/// What is scanned.
#[derive(Debug)]
pub(crate) enum Source {
    /// Files, directories and pipes.
    Files { targets: Vec<Target>, walk: WalkOptions },
    /// Git repositories.
    Git(GitSource),
}

/// A file of so many bytes is scanned before anyone could read anything.
const SHORT: u64 = 64 << 20;

impl Source {
    /// Scans it.
    pub(crate) fn scan(
        &self,
        scanner: &Scanner,
        progress: &Progress,
        found: &(dyn Fn(Located) + Sync),
    ) -> Result<Ledger, Failure> {
        match self {
            Self::Files { targets, walk } => scan_targets(scanner, targets, walk, progress, found)
                .map_err(|error| Failure::new(error.to_string())),
            Self::Git(source) => source.scan(scanner, progress, found),
        }
    }

    /// The paths that the user named.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let path = |target: &Target| match target {
            Target::Path(path) => Some(path.clone()),
            _ => None,
        };
        match self {
            Self::Files { targets, .. } => targets.iter().filter_map(path).collect(),
            Self::Git(source) => source.repositories.clone(),
        }
    }

    /// Whether it is over before anyone who sits at the terminal wonders.
    pub(crate) fn is_short(&self) -> bool {
        let is_short =
            |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() < SHORT);
        match self {
            Self::Files { targets, .. } => targets.iter().all(|target| match target {
                Target::Path(path) => is_short(path),
                _ => false,
            }),
            Self::Git(source) => source.is_staged(),
        }
    }
}
