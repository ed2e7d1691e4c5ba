//! Which paths trees give to blobs.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::pack::Taker;
use crate::input::git::{Entries, Kind, ObjectFormat, Oid};

/// Bytes of trees that are read. What lies beyond has no path.
const BYTES: usize = 256 << 20;

/// Names that are kept.
const KEPT: usize = 1_000_000;

/// The most components of a path.
const DEEP: usize = 100;

/// For each tree and blob one tree that it stands in, and its name there.
#[derive(Default)]
pub(super) struct Names {
    parents: HashMap<Oid, (Oid, Box<[u8]>)>,
    read: usize,
}

impl Names {
    /// One path of an object, from the root of a commit or of the last tree known.
    pub(super) fn path(&self, id: &Oid) -> Option<Vec<u8>> {
        let mut names: Vec<&[u8]> = Vec::new();
        let mut at = id;
        while let Some((parent, name)) = self.parents.get(at).filter(|_| names.len() < DEEP) {
            names.push(name);
            at = parent;
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(&b'/'))
    }
}

impl Taker for Names {
    fn object(&mut self, _: Kind, id: &Oid, object: &[u8]) -> ControlFlow<()> {
        self.read += object.len();
        if self.read > BYTES {
            return ControlFlow::Break(());
        }
        for entry in Entries::new(object, ObjectFormat::Sha1) {
            if self.parents.len() >= KEPT {
                return ControlFlow::Break(());
            }
            if let Some(child) = entry.oid() {
                self.parents.entry(child).or_insert_with(|| (*id, entry.name.into()));
            }
        }
        ControlFlow::Continue(())
    }

    fn large(&mut self, _: u64, _: &[u8]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
