//! Visiting commits in order, and of their trees what is new.

use std::collections::HashMap;
use std::rc::Rc;

use super::lookup::Wanted;
use super::trees::{BLOB, Cursor, TreeGraph, UNKNOWN, WITH, WITHOUT};
use super::{Brought, MAX_OTHERS, Question, tree_of};
use crate::input::git::commits::Peeled;
use crate::input::git::object::Objects;
use crate::input::git::scope::TipKind;

/// How deep paths may be, as in git; deeper ones are not followed, which is told.
const MAX_DEPTH: usize = 4096;

/// How many items are looked at to find a blob's further paths in one commit,
/// and in all of them. Trees that hold the same tree over and over have more paths
/// than can be counted.
const STEPS_OF_COMMIT: u64 = 1 << 18;
const STEPS_IN_ALL: u64 = 1 << 27;

/// How many trees' names are kept.
const MAX_NAMES: usize = 1 << 14;

/// Where it is being found out whether something wanted stands under a tree.
const OPEN: u8 = 1;
/// It was visited in an earlier commit, or in this one.
const VISITED: u8 = 4;

/// A tree on the way down, and what is left of its items.
type Frame = (u32, Cursor);

pub(super) struct Visit<'v, 's, O> {
    trees: &'v mut TreeGraph<'s, O>,
    wanted: &'v Wanted,
    /// Whether something wanted stands under a tree, and whether it was visited.
    states: Vec<u8>,
    names: HashMap<u32, Rc<[Box<[u8]>]>>,
    steps: u64,
}

impl<'v, 's, O: Objects> Visit<'v, 's, O> {
    pub(super) fn new(
        trees: &'v mut TreeGraph<'s, O>,
        wanted: &'v Wanted,
        states: Vec<u8>,
    ) -> Self {
        Self { trees, wanted, states, names: HashMap::new(), steps: 0 }
    }

    pub(super) fn run(
        &mut self,
        question: &Question<'_>,
    ) -> (Vec<Option<Brought>>, Vec<Box<[u64]>>) {
        let mut brought = vec![None; self.wanted.len()];
        let graph = question.graph;
        let notes = note_commits(question);
        for &commit in question.order {
            if let Some(tree) = graph.tree(commit) {
                let is_note = notes.get(commit as usize).copied().unwrap_or(false);
                self.visit(tree.as_bytes(), Some(commit), is_note, &mut brought);
            }
        }
        // Tags of trees and blobs.
        for tip in question.tips {
            match &tip.target {
                Peeled::Tree(tree) => self.visit(tree.as_bytes(), None, false, &mut brought),
                Peeled::Blob(blob) => {
                    let slot = self.wanted.find(blob.as_bytes()).map(|n| &mut brought[n as usize]);
                    if let Some(slot @ None) = slot {
                        let (path, others) = (Box::default(), Vec::new());
                        *slot = Some(Brought { commit: None, path, others, is_note: false });
                    }
                }
                Peeled::Commit(_) => {}
            }
        }
        let standing = self.standing(question);
        (brought, standing)
    }

    fn state(&mut self, tree: u32) -> &mut u8 {
        if self.states.len() <= tree as usize {
            self.states.resize(self.trees.len(), UNKNOWN);
        }
        &mut self.states[tree as usize]
    }

    /// Whether something wanted stands under a tree.
    fn has_wanted(&mut self, tree: u32) -> bool {
        match *self.state(tree) & 3 {
            WITH => return true,
            WITHOUT => return false,
            _ => {}
        }
        *self.state(tree) = OPEN;
        let mut frames: Vec<Frame> = vec![(tree, self.trees.items(tree))];
        while let Some((tree, next)) = frames.last_mut() {
            let tree = *tree;
            let Some(item) = self.trees.next(next) else {
                // Nothing was found in it, unless something was.
                let state = self.state(tree);
                if *state == OPEN {
                    *state = WITHOUT;
                }
                let found = *state == WITH;
                frames.pop();
                if let Some((above, _)) = frames.last().copied().filter(|_| found) {
                    *self.state(above) = WITH;
                }
                continue;
            };
            if item & BLOB != 0 {
                *self.state(tree) = WITH;
                continue;
            }
            match *self.state(item) & 3 {
                UNKNOWN => {
                    *self.state(item) = OPEN;
                    frames.push((item, self.trees.items(item)));
                }
                WITH => *self.state(tree) = WITH,
                // A tree that holds itself cannot be; names that lie make it so.
                _ => {}
            }
        }
        *self.state(tree) & 3 == WITH
    }

    /// Visits what no earlier commit had.
    fn visit(
        &mut self,
        root: &[u8],
        commit: Option<u32>,
        is_note: bool,
        brought: &mut [Option<Brought>],
    ) {
        let Some(root) = self.trees.number(root) else { return };
        if !self.has_wanted(root) || *self.state(root) & VISITED != 0 {
            return;
        }
        let mut new: Vec<u32> = Vec::new();
        let mut frames: Vec<Frame> = vec![(root, self.trees.items(root))];
        *self.state(root) |= VISITED;
        while let Some((_, next)) = frames.last_mut() {
            let Some(item) = self.trees.next(next) else {
                frames.pop();
                continue;
            };
            if item & BLOB == 0 {
                if !self.has_wanted(item) || *self.state(item) & VISITED != 0 {
                    continue;
                }
                if frames.len() >= MAX_DEPTH {
                    self.trees.too_deep(item, MAX_DEPTH);
                } else {
                    *self.state(item) |= VISITED;
                    frames.push((item, self.trees.items(item)));
                }
                continue;
            }
            let blob = item & !BLOB;
            if brought[blob as usize].is_none() {
                // Trees are in the order of paths, so the first is met first.
                let path = self.path(&frames);
                let others = Vec::new();
                brought[blob as usize] = Some(Brought { commit, path, others, is_note });
                new.push(blob);
            }
        }
        if !new.is_empty() {
            new.sort_unstable();
            self.others(root, &new, brought);
        }
    }

    /// Finds further paths of what a commit brought.
    fn others(&mut self, root: u32, new: &[u32], brought: &mut [Option<Brought>]) {
        let end = (self.steps + STEPS_OF_COMMIT).min(STEPS_IN_ALL);
        let mut frames: Vec<Frame> = vec![(root, self.trees.items(root))];
        while let Some((_, next)) = frames.last_mut() {
            let Some(item) = self.trees.next(next) else {
                frames.pop();
                continue;
            };
            self.steps += 1;
            if self.steps > end {
                return;
            }
            if item & BLOB == 0 {
                if self.has_wanted(item) && frames.len() < MAX_DEPTH {
                    frames.push((item, self.trees.items(item)));
                }
                continue;
            }
            let blob = item & !BLOB;
            if new.binary_search(&blob).is_err() {
                continue;
            }
            let path = self.path(&frames);
            let Some(known) = &mut brought[blob as usize] else { continue };
            if known.path != path && known.others.len() < MAX_OTHERS {
                known.others.push(path);
            }
        }
    }

    /// The path of the item that was met last.
    fn path(&mut self, frames: &[Frame]) -> Box<[u8]> {
        let mut path = Vec::new();
        for &(tree, next) in frames {
            let left = next.left();
            let names = match self.names.get(&tree) {
                Some(names) => Rc::clone(names),
                None => {
                    if self.names.len() >= MAX_NAMES {
                        self.names.clear();
                    }
                    let names: Rc<[_]> = self.trees.names(tree).into();
                    self.names.insert(tree, Rc::clone(&names));
                    names
                }
            };
            if !path.is_empty() {
                path.push(b'/');
            }
            let name = names.len().checked_sub(left + 1).map(|item| &names[item]);
            path.extend_from_slice(name.map_or(b"?", |name| name));
        }
        path.into()
    }

    /// For each wanted blob its paths in the trees of heads, the first ones.
    pub(super) fn head_paths(&mut self, question: &Question<'_>) -> Vec<Vec<Box<[u8]>>> {
        let mut paths: Vec<Vec<Box<[u8]>>> = vec![Vec::new(); self.wanted.len()];
        for tip in question.tips.iter().filter(|tip| tip.kind == TipKind::Head) {
            let tree = tree_of(question.graph, &tip.target);
            let Some(root) = tree.and_then(|id| self.trees.number(id.as_bytes())) else { continue };
            if !self.has_wanted(root) {
                continue;
            }
            let mut steps = 0;
            let mut frames: Vec<Frame> = vec![(root, self.trees.items(root))];
            while let Some((_, next)) = frames.last_mut() {
                let Some(item) = self.trees.next(next) else {
                    frames.pop();
                    continue;
                };
                steps += 1;
                if steps > STEPS_OF_COMMIT {
                    break;
                }
                if item & BLOB != 0 {
                    let blob = (item & !BLOB) as usize;
                    if paths[blob].len() < MAX_OTHERS {
                        let path = self.path(&frames);
                        paths[blob].push(path);
                    }
                } else if self.has_wanted(item) && frames.len() < MAX_DEPTH {
                    let items = self.trees.items(item);
                    frames.push((item, items));
                }
            }
        }
        paths
    }

    /// For each wanted blob the tips in whose trees it stands, a bit each.
    fn standing(&mut self, question: &Question<'_>) -> Vec<Box<[u64]>> {
        let mut standing = vec![Box::<[u64]>::default(); self.wanted.len()];
        let words = question.tips.len().div_ceil(64);
        let mut stand = |blob: u32, tip: usize| {
            let bits = &mut standing[blob as usize];
            if bits.is_empty() {
                *bits = vec![0; words].into();
            }
            bits[tip / 64] |= 1 << (tip % 64);
        };
        // Many refs have the same tree.
        let mut tips: Vec<(u32, usize)> = Vec::new();
        for (number, tip) in question.tips.iter().enumerate() {
            if let Peeled::Blob(blob) = &tip.target
                && let Some(blob) = self.wanted.find(blob.as_bytes())
            {
                stand(blob, number);
            }
            let tree = tree_of(question.graph, &tip.target);
            let tree = tree.and_then(|id| self.trees.number(id.as_bytes()));
            tips.extend(tree.filter(|tree| self.has_wanted(*tree)).map(|tree| (tree, number)));
        }
        tips.sort_unstable();
        let mut seen = vec![0u32; self.trees.len()];
        let mut blobs: Vec<u32> = Vec::new();
        let mut open: Vec<(u32, usize)> = Vec::new();
        for (round, same) in tips.chunk_by(|a, b| a.0 == b.0).enumerate() {
            let round = round as u32 + 1;
            blobs.clear();
            open.push((same[0].0, 1));
            while let Some((tree, depth)) = open.pop() {
                if seen[tree as usize] == round || !self.has_wanted(tree) {
                    continue;
                }
                seen[tree as usize] = round;
                let mut items = self.trees.items(tree);
                while let Some(item) = self.trees.next(&mut items) {
                    if item & BLOB != 0 {
                        blobs.push(item & !BLOB);
                    } else if depth < MAX_DEPTH {
                        open.push((item, depth + 1));
                    }
                }
            }
            for &(_, tip) in same {
                for &blob in &blobs {
                    stand(blob, tip);
                }
            }
        }
        standing
    }
}

/// The commits that keep notes, and that nothing else reaches.
fn note_commits(question: &Question<'_>) -> Vec<bool> {
    let of = |notes: bool| {
        question.tips.iter().filter_map(move |tip| match tip.target {
            Peeled::Commit(commit) if matches!(tip.kind, TipKind::Notes) == notes => Some(commit),
            _ => None,
        })
    };
    if of(true).next().is_none() {
        return Vec::new();
    }
    let mut notes = question.graph.reachable(of(true));
    let others = question.graph.reachable(of(false));
    notes.iter_mut().zip(others).for_each(|(note, other)| *note &= !other);
    notes
}
