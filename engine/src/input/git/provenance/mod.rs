//! How objects came into a history: the first commit that has each, its path
//! there, and the refs in whose trees it stands.
//!
//! Asking this for one blob costs a look at every tree, so it is asked for all
//! blobs at once, and every tree is read once: [`TreeGraph`] keeps of a tree only
//! which trees it holds and which of the wanted blobs. Trees under which nothing
//! wanted stands are never entered again. Then the commits are visited, parents
//! first and the oldest first, and of their trees those that no earlier commit
//! had; what is met there for the first time was brought by that commit. Names
//! are read for the few paths that are told.

mod lookup;
mod named;
mod reader;
mod trees;
mod visit;

use std::sync::Arc;

use super::commits::{CommitGraph, Peeled};
use super::object::Objects;
use super::oid::Oid;
use super::pack::Forest;
use super::place::NAMED_REFS;
use super::scope::{Tip, TipKind};
use super::store::Store;
use lookup::Wanted;
use trees::TreeGraph;

/// How a blob came into a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The commit's number in the graph; none if a ref leads to it otherwise.
    pub(crate) commit: Option<u32>,
    /// The first of its paths in that commit; empty if a tag is of the blob.
    pub(crate) path: Box<[u8]>,
    /// More paths that it has in that commit, at most [`MAX_OTHERS`].
    pub(crate) others: Vec<Box<[u8]>>,
    /// Whether the commit is one of those that keep notes.
    pub(crate) is_note: bool,
}

/// How many further paths of a blob are kept.
pub(crate) const MAX_OTHERS: usize = 10;

impl Brought {
    /// The id of what it is a note about, if it is one: its path without slashes.
    pub(crate) fn note_about(&self) -> Option<Box<str>> {
        if !self.is_note {
            return None;
        }
        let digits: Vec<u8> = self.path.iter().copied().filter(|b| *b != b'/').collect();
        Oid::from_hex(&digits).map(|id| id.to_string().into())
    }
}

/// Where blobs stand now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) at_head: bool,
    /// The first [`NAMED_REFS`] refs, as indexes of the tips.
    pub(crate) refs: Vec<u32>,
    /// How many refs these are in all.
    pub(crate) ref_count: u32,
}

/// How the wanted blobs came into a history.
#[derive(Debug, Default)]
pub(crate) struct Provenance {
    wanted: Arc<Wanted>,
    brought: Vec<Option<Brought>>,
    /// For each blob that stands somewhere the tips where it does, a bit each.
    standing: Vec<Box<[u64]>>,
    heads: Vec<bool>,
    /// For each blob its paths in the trees of heads.
    head_paths: Vec<Vec<Box<[u8]>>>,
    /// Trees that could not be read, or not to their end, and why.
    pub(crate) damaged_trees: Vec<(Oid, String)>,
}

impl Provenance {
    /// How a blob came in; `None` if no commit that was visited has it.
    pub(crate) fn of(&self, blob: &Oid) -> Option<&Brought> {
        self.brought[self.wanted.find(blob.as_bytes())? as usize].as_ref()
    }

    /// Under which path any of these blobs stands at `HEAD`, if under none that is
    /// `known`.
    pub(crate) fn head_path(&self, blobs: &[Oid], known: &[u8]) -> Option<&[u8]> {
        let numbers = blobs.iter().filter_map(|blob| self.wanted.find(blob.as_bytes()));
        let paths: Vec<&[u8]> =
            numbers.flat_map(|n| &self.head_paths[n as usize]).map(|path| &**path).collect();
        if paths.contains(&known) { None } else { paths.into_iter().min() }
    }

    /// Where any of these blobs stands.
    pub(crate) fn standing<'a>(&self, blobs: impl IntoIterator<Item = &'a Oid>) -> Standing {
        let mut union = vec![0u64; self.heads.len().div_ceil(64)];
        for blob in blobs {
            let Some(number) = self.wanted.find(blob.as_bytes()) else { continue };
            for (all, one) in union.iter_mut().zip(&self.standing[number as usize]) {
                *all |= one;
            }
        }
        let mut standing = Standing::default();
        for (word, bits) in union.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let tip = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if self.heads[tip] {
                    standing.at_head = true;
                    continue;
                }
                standing.ref_count += 1;
                if standing.refs.len() < NAMED_REFS {
                    standing.refs.push(tip as u32);
                }
            }
        }
        standing
    }
}

/// What is asked.
pub(crate) struct Question<'q> {
    pub(crate) graph: &'q CommitGraph,
    /// The commits to visit, as [`CommitGraph::order`] gives them.
    pub(crate) order: &'q [u32],
    /// Refs by name, and heads.
    pub(crate) tips: &'q [Tip],
}

/// The trees of a store, read for the blobs that are wanted.
pub(crate) struct WantedTrees<'s, O = Store> {
    wanted: Arc<Wanted>,
    trees: TreeGraph<'s, O>,
    /// What is known of them before a commit is visited.
    states: Vec<u8>,
}

impl<'s> WantedTrees<'s> {
    /// Reads all trees of the store's packs, on so many threads. `forests` are those
    /// of the packs, in their order, or none.
    pub(crate) fn read(
        store: &'s Store,
        forests: &[Forest],
        wanted: &[Oid],
        threads: usize,
    ) -> Self {
        let wanted = Arc::new(Wanted::new(wanted));
        let trees = TreeGraph::of_packs(store, forests, Arc::clone(&wanted), threads);
        let states = trees.mark(threads);
        Self { wanted, trees, states }
    }

    /// Trees and blobs that are named and not there, by the trees that were read:
    /// also by those that nothing leads to. As [`folded`](super::oid::folded) ids, in
    /// order.
    pub(crate) fn absent(&mut self) -> Vec<u128> {
        self.trees.absent()
    }
}

impl<O: Objects> WantedTrees<'_, O> {
    /// Tells how the wanted blobs came into a history. What is damaged
    /// is told once, however often this is asked.
    pub(crate) fn provenance(&mut self, question: &Question<'_>) -> Provenance {
        let mut visit = visit::Visit::new(&mut self.trees, &self.wanted, self.states.clone());
        let (brought, standing) = visit.run(question);
        let head_paths = visit.head_paths(question);
        let is_head = |tip: &Tip| matches!(tip.kind, TipKind::Head);
        Provenance {
            wanted: Arc::clone(&self.wanted),
            brought,
            standing,
            head_paths,
            heads: question.tips.iter().map(is_head).collect(),
            damaged_trees: std::mem::take(&mut self.trees.damaged),
        }
    }
}

/// The tree that a tip has.
fn tree_of(graph: &CommitGraph, target: &Peeled) -> Option<Oid> {
    match target {
        Peeled::Commit(commit) => graph.tree(*commit).copied(),
        Peeled::Tree(id) => Some(*id),
        Peeled::Blob(_) => None,
    }
}

#[cfg(test)]
mod tests;
