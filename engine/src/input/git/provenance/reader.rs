//! Reading the trees of a pack.

use std::sync::atomic::{AtomicU64, Ordering};

use super::lookup::{Numbered, Wanted};
use super::named::Named;
use super::trees::{BLOB, EMPTY};
use crate::input::git::object::ObjectError;
use crate::input::git::oid::{ObjectFormat, Oid, folded};
use crate::input::git::pack::{Child, Forest, Pack, Source, Visitor};
use crate::input::git::tree::{Entries, EntryKind};

/// An entry that is none of these.
const NOTHING: u32 = u32::MAX;

/// An entry of a tree from which others are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Where it ends.
    end: u32,
    item: u32,
}

/// Reads the trees of a pack, one thread's.
///
/// A tree that is made from another shares most of its entries with it, and these
/// are known: what the delta copies is taken over with its marks, and only entries
/// that it brings in, or that two pieces make together, are read and looked up.
pub(super) struct Reader<'r> {
    pub(super) pack: &'r Pack,
    pub(super) forest: &'r Forest,
    /// The number of the pack's first object.
    pub(super) first: u32,
    pub(super) packs: &'r Numbered<'r>,
    pub(super) places: &'r [AtomicU64],
    pub(super) wanted: &'r Wanted,
    pub(super) id_len: usize,
    pub(super) list_number: u64,
    pub(super) list: Vec<u32>,
    /// Items of trees that no pack holds: where they stand in `list`.
    pub(super) unknown: Vec<(usize, Oid)>,
    pub(super) marks: Vec<Mark>,
    /// Objects that were found, each where the first bits of its id say.
    pub(super) recent: Vec<(Option<Oid>, u32)>,
    /// Whether no tree failed or was damaged.
    pub(super) is_whole: bool,
    /// The blobs that the trees name.
    pub(super) named: Named,
}

/// An item whose id is among the unknown: the mark of trees that no pack holds,
/// which are looked up again wherever they are met.
const ELSEWHERE: u32 = u32::MAX - 1;

/// How many ids that were found last are remembered. Most are looked up again
/// soon, by a tree that stands beside the last one in the pack.
const RECENT_BITS: u32 = 13;

/// Room for them.
pub(super) fn recent() -> Vec<(Option<Oid>, u32)> {
    vec![(None, 0); 1 << RECENT_BITS]
}

impl Reader<'_> {
    /// The number of an object.
    #[inline]
    fn number(&mut self, id: &[u8]) -> Option<u32> {
        let slot = u32::from_be_bytes([id[0], id[1], id[2], id[3]]) >> (32 - RECENT_BITS);
        let slot = &mut self.recent[slot as usize];
        match slot {
            (Some(known), number) if known.as_bytes() == id => Some(*number),
            _ => {
                let number = self.packs.find(id)?;
                *slot = (Oid::from_bytes(id), number);
                Some(number)
            }
        }
    }

    /// Reads the entry at `at`; `None` if it is damaged.
    #[inline]
    fn entry(&mut self, tree: &[u8], at: usize) -> Option<Mark> {
        let rest = tree.get(at..)?;
        // A mode has six digits at most, and older programs' seven.
        let space = rest.iter().take(8).position(|b| *b == b' ')?;
        let name = memchr::memchr(0, &rest[space + 1..])?;
        let id_at = space + 1 + name + 1;
        let id = rest.get(id_at..id_at + self.id_len)?;
        let end = (at + id_at + self.id_len) as u32;
        // All but the most frequent forms are judged where all forms are.
        let kind = match &rest[..space] {
            b"100644" | b"100755" if name > 0 => EntryKind::Blob,
            b"40000" if name > 0 => EntryKind::Tree,
            _ => {
                let format = [ObjectFormat::Sha1, ObjectFormat::Sha256]
                    .into_iter()
                    .find(|f| f.id_len() == self.id_len)?;
                Entries::new(rest, format).next()?.kind
            }
        };
        let item = match kind {
            EntryKind::Tree => self.number(id).unwrap_or(ELSEWHERE),
            EntryKind::Submodule => NOTHING,
            _ => {
                self.named.add(folded(id));
                self.wanted.find(id).map_or(NOTHING, |blob| blob | BLOB)
            }
        };
        Some(Mark { end, item })
    }

    /// Reads entries from `at` up to one that ends at or behind `end`; `None` if
    /// one is damaged.
    fn entries(&mut self, tree: &[u8], mut at: usize, end: usize) -> Option<usize> {
        while at < end {
            let mark = self.entry(tree, at)?;
            self.marks.push(mark);
            at = mark.end as usize;
        }
        Some(at)
    }

    /// Marks the entries of a tree that is made by a delta; `None` if one is
    /// damaged.
    fn carry(&mut self, child: &mut Child<'_>, base: &[Mark]) -> Option<()> {
        let delta = child.delta;
        let tree = child.object();
        let mut at = 0usize;
        for span in delta.spans {
            let end = span.end() as usize;
            let Source::Base(from) = span.source else {
                at = self.entries(tree, at, end)?;
                continue;
            };
            while at < end {
                // Where the entry stood in the base, if one began there.
                let stood = from + (at as u32 - span.at);
                let first = base.partition_point(|mark| mark.end <= stood);
                let start = first.checked_sub(1).map_or(0, |before| base[before].end);
                if start == stood {
                    let last = from + span.len;
                    for mark in base[first..].iter().take_while(|mark| mark.end <= last) {
                        let end = mark.end - stood;
                        self.marks.push(Mark { end: at as u32 + end, item: mark.item });
                    }
                    at = self.marks.last().map_or(at, |mark| at.max(mark.end as usize));
                }
                if at < end {
                    // One that this seam cuts.
                    let mark = self.entry(tree, at)?;
                    self.marks.push(mark);
                    at = mark.end as usize;
                }
            }
        }
        Some(())
    }

    /// Keeps the items of a tree whose entries are marked.
    fn keep(&mut self, entry: u32, tree: &[u8]) {
        let number = self.first + self.forest.position(entry);
        let at = self.list.len();
        self.list.extend([number, 0]);
        for mark in &self.marks {
            match mark.item {
                NOTHING => {}
                ELSEWHERE => {
                    let end = mark.end as usize;
                    if let Some(id) = Oid::from_bytes(&tree[end - self.id_len..end]) {
                        self.unknown.push((self.list.len(), id));
                        self.list.push(0);
                    }
                }
                item => self.list.push(item),
            }
        }
        let count = (self.list.len() - at - 2) as u32;
        let place = if count == 0 {
            self.list.truncate(at);
            EMPTY
        } else {
            self.list[at + 1] = count;
            self.list_number | at as u64
        };
        self.places[number as usize].store(place, Ordering::Relaxed);
    }

    /// The marks, for those that are made from the tree.
    fn note(&mut self, is_leaf: bool) -> Box<[Mark]> {
        let note = if is_leaf { Box::default() } else { Box::from(&*self.marks) };
        self.marks.clear();
        note
    }
}

impl Visitor for Reader<'_> {
    type Note = Box<[Mark]>;

    fn root(&mut self, entry: u32, tree: &[u8]) -> Box<[Mark]> {
        debug_assert!(self.forest.position(entry) < self.pack.index.count());
        // A damaged tree is read again, and named, if anything leads to it.
        match self.entries(tree, 0, tree.len()) {
            Some(_) => self.keep(entry, tree),
            None => self.is_whole = false,
        }
        self.note(self.forest.children(entry).is_empty())
    }

    fn delta(&mut self, child: &mut Child<'_>, base: &Box<[Mark]>) -> Box<[Mark]> {
        if self.carry(child, base).is_some() {
            let entry = child.entry;
            self.keep(entry, child.object());
        } else {
            self.is_whole = false;
        }
        self.note(child.is_leaf)
    }

    fn large(&mut self, _: u32, _: &[u8]) {}

    // It is read again, and named, if anything leads to it.
    fn failed(&mut self, _: u32, _: ObjectError) {
        self.is_whole = false;
    }

    fn stopped(&self) -> bool {
        false
    }
}
