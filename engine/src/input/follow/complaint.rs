//! What was told already of what cannot be read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::ledger::SkipKind;

/// How many are remembered. Beyond, all are forgotten, and told once more.
const MOST: usize = 8192;

/// Remembers what was told, so that it is told once.
#[derive(Default)]
pub(super) struct Complaints {
    told: HashSet<(PathBuf, SkipKind)>,
}

impl Complaints {
    /// Whether this is new.
    pub(super) fn is_new(&mut self, path: &Path, kind: SkipKind) -> bool {
        if self.told.len() >= MOST {
            self.told.clear();
        }
        self.told.insert((path.to_owned(), kind))
    }
}
