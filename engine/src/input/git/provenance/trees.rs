//! Which trees hold which.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use super::lookup::{Numbered, Wanted};
use super::named::Named;
use super::reader::{Reader, recent};
use crate::input::git::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use crate::input::git::oid::{ObjectFormat, Oid, folded};
use crate::input::git::pack::{Forest, Walk, walk};
use crate::input::git::store::Store;
use crate::input::git::tree::{Entries, EntryKind};

/// What a tree holds: the number of a tree, or with [`BLOB`] that of a wanted
/// blob. In the order of the tree.
pub(super) type Item = u32;

/// Items that are left of a tree's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    list: u32,
    at: usize,
    end: usize,
}

impl Cursor {
    /// How many are left.
    pub(super) fn left(&self) -> usize {
        self.end - self.at
    }
}

pub(super) const BLOB: u32 = 1 << 31;

/// A tree that was not read yet.
pub(super) const UNREAD: u64 = u64::MAX;
/// A tree that holds no item.
pub(super) const EMPTY: u64 = u64::MAX - 1;

/// Whether something wanted stands under a tree.
pub(super) const UNKNOWN: u8 = 0;
pub(super) const WITHOUT: u8 = 2;
pub(super) const WITH: u8 = 3;

/// How often all trees are passed over. Paths that are deeper are rare.
const MAX_PASSES: usize = 40;

/// Trees, each with what it holds. Those of packs have their position in the
/// index, behind those of the packs before, for a number; others get theirs when
/// they are met.
pub(super) struct TreeGraph<'s, O> {
    pub(super) objects: &'s O,
    format: ObjectFormat,
    wanted: Arc<Wanted>,
    packs: Numbered<'s>,
    /// Where the items of each tree are: a list and an offset in it.
    places: Vec<u64>,
    /// For each tree with items its number, how many they are, and they.
    lists: Vec<Vec<u32>>,
    /// Whether the lists have all that the trees of packs lead to.
    is_closed: bool,
    others: HashMap<Oid, u32>,
    other_ids: Vec<Oid>,
    buffer: Vec<u8>,
    /// Trees that are not there.
    pub(super) missing: Vec<Oid>,
    /// What is named and in no place that was looked at yet.
    absent: Vec<u128>,
    /// What trees that were read one by one name.
    named: Named,
    pub(super) damaged: Vec<(Oid, String)>,
}

impl<'s> TreeGraph<'s, Store> {
    /// Reads all trees of the store's packs, on so many threads.
    pub(super) fn of_packs(
        store: &'s Store,
        forests: &[Forest],
        wanted: Arc<Wanted>,
        threads: usize,
    ) -> Self {
        let mut packs = Numbered::default();
        for pack in store.packs() {
            if !packs.add(pack) {
                break;
            }
        }
        packs.sort();
        let places: Vec<_> = (0..packs.count).map(|_| AtomicU64::new(UNREAD)).collect();
        let mut lists = Vec::new();
        let mut others = HashMap::new();
        let mut other_ids = Vec::new();
        let mut named = Vec::new();
        let mut is_closed = packs.packs().len() == store.packs().len();
        for (number, (first, pack)) in packs.packs().iter().enumerate() {
            let made;
            let forest = match forests.get(number) {
                Some(forest) => forest,
                None => {
                    made = Forest::of(pack, threads);
                    &made
                }
            };
            let reader = |thread: usize| Reader {
                pack,
                forest,
                first: *first,
                packs: &packs,
                places: &places,
                wanted: &wanted,
                id_len: store.format().id_len(),
                list_number: ((lists.len() + thread) as u64) << 40,
                list: Vec::new(),
                unknown: Vec::new(),
                marks: Vec::new(),
                is_whole: true,
                named: Named::default(),
                recent: recent(),
            };
            let readers = (0..threads.max(1)).map(reader).collect();
            is_closed &= forest.broken.is_empty();
            let what = Walk { pack, forest, kind: Kind::Tree, limit: STRUCTURE_LIMIT };
            for mut reader in walk(&what, readers) {
                is_closed &= reader.is_whole && reader.unknown.is_empty();
                // Trees that no pack holds get their numbers now.
                for (at, id) in reader.unknown {
                    let next = packs.count + other_ids.len() as u32;
                    reader.list[at] = *others.entry(id).or_insert_with(|| {
                        other_ids.push(id);
                        next
                    });
                }
                named.append(&mut reader.named.take());
                lists.push((reader.list_number, reader.list));
            }
        }
        // Two lists in order, as a rule.
        named.sort();
        named.dedup();
        store.retain_absent(&mut named);
        lists.sort_unstable_by_key(|(number, _)| *number);
        let mut places: Vec<u64> = places.into_iter().map(AtomicU64::into_inner).collect();
        places.resize(places.len() + other_ids.len(), UNREAD);
        Self {
            objects: store,
            format: store.format(),
            wanted,
            packs,
            places,
            lists: lists.into_iter().map(|(_, list)| list).collect(),
            is_closed,
            others,
            other_ids,
            buffer: Vec::new(),
            missing: Vec::new(),
            absent: named,
            named: Named::default(),
            damaged: Vec::new(),
        }
    }

    /// What the trees that were read name and what is not there, trees and blobs, by
    /// [`folded`] ids, in order.
    pub(super) fn absent(&mut self) -> Vec<u128> {
        let mut absent = std::mem::take(&mut self.absent);
        absent.append(&mut self.named.take());
        absent.extend(self.missing.drain(..).map(|id| folded(id.as_bytes())));
        absent.sort_unstable();
        absent.dedup();
        self.objects.retain_absent(&mut absent);
        absent
    }
}

impl<'s, O: Objects> TreeGraph<'s, O> {
    /// A graph whose trees are read one by one as they are met.
    #[cfg(test)]
    pub(super) fn of_objects(objects: &'s O, format: ObjectFormat, wanted: Arc<Wanted>) -> Self {
        Self {
            objects,
            format,
            wanted,
            packs: Numbered::default(),
            places: Vec::new(),
            lists: Vec::new(),
            is_closed: false,
            others: HashMap::new(),
            other_ids: Vec::new(),
            buffer: Vec::new(),
            missing: Vec::new(),
            absent: Vec::new(),
            named: Named::default(),
            damaged: Vec::new(),
        }
    }

    /// Finds the trees under which something wanted stands; [`UNKNOWN`] are those
    /// of which it must be asked one by one.
    ///
    /// The lists are passed over, each time as they lie in memory, until nothing
    /// changes: as often as paths are deep at most. To follow the trees from each to
    /// the next would be fewer steps and take longer.
    pub(super) fn mark(&self, threads: usize) -> Vec<u8> {
        if !self.is_closed {
            return vec![UNKNOWN; self.len()];
        }
        let initial = |place: &u64| AtomicU8::new(if *place == UNREAD { UNKNOWN } else { WITHOUT });
        let states: Vec<AtomicU8> = self.places.iter().map(initial).collect();
        let is_with =
            |item: u32| item & BLOB != 0 || states[item as usize].load(Ordering::Relaxed) == WITH;
        let pass = |list: &[u32]| {
            let mut rest = list;
            let mut has_changed = false;
            while let [number, count, more @ ..] = rest {
                let (items, behind) = more.split_at(*count as usize);
                rest = behind;
                let state = &states[*number as usize];
                if state.load(Ordering::Relaxed) != WITH && items.iter().any(|item| is_with(*item))
                {
                    state.store(WITH, Ordering::Relaxed);
                    has_changed = true;
                }
            }
            has_changed
        };
        let mut is_done = false;
        for _ in 0..MAX_PASSES {
            let next = AtomicUsize::new(0);
            let has_changed = AtomicBool::new(false);
            let work = || {
                while let Some(list) = self.lists.get(next.fetch_add(1, Ordering::Relaxed)) {
                    has_changed.fetch_or(pass(list), Ordering::Relaxed);
                }
            };
            std::thread::scope(|scope| {
                for _ in 1..threads.min(self.lists.len()) {
                    scope.spawn(work);
                }
                work();
            });
            if !has_changed.into_inner() {
                is_done = true;
                break;
            }
        }
        let known = |state: u8| if is_done || state == WITH { state } else { UNKNOWN };
        states.into_iter().map(|state| known(state.into_inner())).collect()
    }

    /// How many trees, and other objects of packs, have numbers.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The number of a tree.
    pub(super) fn number(&mut self, id: &[u8]) -> Option<u32> {
        if let Some(number) = self.packs.find(id) {
            return Some(number);
        }
        let id = Oid::from_bytes(id)?;
        let next = self.places.len() as u32;
        let number = *self.others.entry(id).or_insert(next);
        if number == next {
            self.other_ids.push(id);
            self.places.push(UNREAD);
        }
        Some(number)
    }

    fn oid(&self, number: u32) -> Oid {
        match number.checked_sub(self.packs.count) {
            Some(other) => self.other_ids[other as usize],
            None => self.packs.oid(number),
        }
    }

    /// What a tree holds, which is read now if it was not before: loose trees, and
    /// those that the walk of their pack could not make.
    #[inline]
    pub(super) fn items(&mut self, number: u32) -> Cursor {
        if self.places[number as usize] == UNREAD {
            self.read(number);
        }
        match self.places[number as usize] {
            EMPTY | UNREAD => Cursor { list: 0, at: 0, end: 0 },
            place => {
                let list = (place >> 40) as u32;
                let at = (place & ((1 << 40) - 1)) as usize + 2;
                let count = self.lists[list as usize][at - 1];
                Cursor { list, at, end: at + count as usize }
            }
        }
    }

    /// The next of a tree's items.
    #[inline]
    pub(super) fn next(&self, cursor: &mut Cursor) -> Option<Item> {
        if cursor.at == cursor.end {
            return None;
        }
        let item = self.lists[cursor.list as usize][cursor.at];
        cursor.at += 1;
        Some(item)
    }

    /// Tells that a tree stands too deep to be followed.
    pub(super) fn too_deep(&mut self, number: u32, depth: usize) {
        let id = self.oid(number);
        if self.damaged.iter().all(|(known, _)| *known != id) {
            self.damaged.push((id, format!("it stands below {depth} directories")));
        }
    }

    #[cold]
    fn read(&mut self, number: u32) {
        self.places[number as usize] = EMPTY;
        let id = self.oid(number);
        let mut tree = std::mem::take(&mut self.buffer);
        let mut items = Vec::new();
        match self.objects.read(&id, STRUCTURE_LIMIT, &mut tree) {
            Ok(Kind::Tree) => {
                let mut entries = Entries::new(&tree, self.format);
                for entry in entries.by_ref() {
                    let item = match entry.kind {
                        EntryKind::Tree => self.number(entry.id),
                        EntryKind::Submodule => None,
                        _ => {
                            self.named.add(folded(entry.id));
                            self.wanted.find(entry.id).map(|blob| blob | BLOB)
                        }
                    };
                    items.extend(item);
                }
                if entries.is_damaged() {
                    self.damaged.push((id, "the tree ends within an entry".to_owned()));
                }
            }
            Ok(kind) => {
                let message = format!("a {} stands where a tree should be", kind.name());
                self.damaged.push((id, message));
            }
            Err(ObjectError::Missing) => self.missing.push(id),
            Err(error) => self.damaged.push((id, error.to_string())),
        }
        self.buffer = tree;
        if !items.is_empty() {
            self.places[number as usize] = (self.lists.len() as u64) << 40;
            let head = [number, items.len() as u32];
            self.lists.push(head.into_iter().chain(items).collect());
        }
    }

    /// The names of a tree's items, in their order.
    pub(super) fn names(&mut self, number: u32) -> Vec<Box<[u8]>> {
        let id = self.oid(number);
        let mut tree = std::mem::take(&mut self.buffer);
        let mut names = Vec::new();
        if self.objects.read(&id, STRUCTURE_LIMIT, &mut tree) == Ok(Kind::Tree) {
            for entry in Entries::new(&tree, self.format) {
                let is_item = entry.kind == EntryKind::Tree
                    || entry.kind.is_blob() && self.wanted.find(entry.id).is_some();
                if is_item {
                    names.push(entry.name.into());
                }
            }
        }
        self.buffer = tree;
        names
    }
}
