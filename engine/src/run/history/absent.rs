//! What a history names and does not have.

use std::collections::HashSet;

use crate::input::git::{
    CommitGraph, Entries, EntryKind, Kind, Objects, Oid, STRUCTURE_LIMIT, Store, folded,
};

/// Which of `absent`, given as [`folded`] ids, the trees of these commits
/// lead to. It is asked only where something is absent that should be there, so it may
/// take its time.
pub(super) fn reached(
    store: &Store,
    graph: &CommitGraph,
    order: &[u32],
    absent: &[u128],
) -> Vec<Oid> {
    let absent: HashSet<u128> = absent.iter().copied().collect();
    let is_absent = |id: &Oid| absent.contains(&folded(id.as_bytes())) && !store.contains(id);
    let mut reached = HashSet::new();
    let mut seen: HashSet<Oid> = HashSet::new();
    let mut tree = Vec::new();
    let mut open: Vec<Oid> = order.iter().rev().filter_map(|c| graph.tree(*c).copied()).collect();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        if is_absent(&id) {
            reached.insert(id);
            continue;
        }
        // What is damaged is told elsewhere.
        if store.read(&id, STRUCTURE_LIMIT, &mut tree) != Ok(Kind::Tree) {
            continue;
        }
        for entry in Entries::new(&tree, store.format()) {
            let Some(below) = entry.oid() else { continue };
            match entry.kind {
                EntryKind::Tree => open.push(below),
                EntryKind::Submodule => {}
                _ if is_absent(&below) => {
                    reached.insert(below);
                }
                _ => {}
            }
        }
    }
    let mut reached: Vec<Oid> = reached.into_iter().collect();
    reached.sort_unstable();
    reached
}
