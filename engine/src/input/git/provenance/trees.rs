//! Which trees hold which.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use crate::input::git::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use crate::input::git::oid::{ObjectFormat, Oid};
use crate::input::git::pack::{Child, Forest, Pack, Source, Visitor, Walk, walk};
use crate::input::git::store::Store;
use crate::input::git::tree::{Entries, EntryKind};

/// The blobs that are looked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Sorted, once each.
    ids: Vec<Oid>,
    /// A bit for each value that the first bits of an id may have.
    filter: Vec<u64>,
}

const FILTER_BITS: usize = 20;

impl Wanted {
    pub(super) fn new(ids: &[Oid]) -> Self {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut filter = vec![0u64; (1 << FILTER_BITS) / 64];
        for id in &ids {
            let bit = Self::bit(id.as_bytes());
            filter[bit / 64] |= 1 << (bit % 64);
        }
        Self { ids, filter }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    #[inline]
    fn bit(id: &[u8]) -> usize {
        (usize::from(id[0]) << 16 | usize::from(id[1]) << 8 | usize::from(id[2]))
            >> (24 - FILTER_BITS)
    }

    /// The number of an id that is wanted.
    #[inline]
    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        let bit = Self::bit(id);
        if self.filter.get(bit / 64)? & 1 << (bit % 64) == 0 {
            return None;
        }
        self.ids.binary_search_by(|wanted| wanted.as_bytes().cmp(id)).ok().map(|at| at as u32)
    }
}

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

/// An entry that is none of these.
const NOTHING: u32 = u32::MAX;

/// A tree that was not read yet.
const UNREAD: u64 = u64::MAX;
/// A tree that holds no item.
const EMPTY: u64 = u64::MAX - 1;

/// Whether something wanted stands under a tree.
pub(super) const UNKNOWN: u8 = 0;
pub(super) const WITHOUT: u8 = 2;
pub(super) const WITH: u8 = 3;

/// How often all trees are passed over. Paths that are deeper are rare.
const MAX_PASSES: usize = 40;

/// How many objects of packs have numbers; the others are read one by one.
const MAX_NUMBERED: usize = 1 << 30;

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
    /// Blobs that no pack holds; some may be loose.
    pub(super) absent: Vec<Oid>,
    pub(super) damaged: Vec<(Oid, String)>,
}

/// Packs whose objects have numbers, each with the first.
#[derive(Default)]
struct Numbered<'s> {
    packs: Vec<(u32, &'s Pack)>,
    /// For each pack where the ids begin that begin with so many bits; nothing
    /// for a pack whose index is not in order.
    buckets: Vec<(u32, Vec<u32>)>,
    count: u32,
}

fn leading(id: &[u8]) -> u32 {
    u32::from_be_bytes([id[0], id[1], id[2], id[3]])
}

impl<'s> Numbered<'s> {
    fn add(&mut self, pack: &'s Pack) {
        let count = pack.index.count();
        // About four ids to a bucket, so that a look-up costs two cache misses.
        let bits = (count / 4).max(2).ilog2().clamp(1, 24);
        let shift = 32 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut is_ordered = true;
        for position in 0..count {
            let bucket = (leading(pack.index.id(position)) >> shift) as usize;
            is_ordered &= bucket + 1 >= starts.len();
            while starts.len() <= bucket {
                starts.push(position);
            }
        }
        starts.resize((1 << bits) + 1, count);
        self.buckets.push((shift, if is_ordered { starts } else { Vec::new() }));
        self.packs.push((self.count, pack));
        self.count += count;
    }

    #[inline]
    fn find(&self, id: &[u8]) -> Option<u32> {
        for ((first, pack), (shift, starts)) in self.packs.iter().zip(&self.buckets) {
            let bucket = (leading(id) >> shift) as usize;
            let found = match starts.get(bucket..bucket + 2) {
                Some(range) => (range[0]..range[1]).find(|at| pack.index.id(*at) == id),
                None => pack.index.find(id),
            };
            if let Some(found) = found {
                return Some(first + found);
            }
        }
        None
    }

    fn oid(&self, number: u32) -> Oid {
        let at = self.packs.partition_point(|(first, _)| *first <= number) - 1;
        let (first, pack) = self.packs[at];
        pack.index.oid(number - first)
    }
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
            if packs.count as usize + pack.index.count() as usize > MAX_NUMBERED {
                break;
            }
            packs.add(pack);
        }
        let places: Vec<_> = (0..packs.count).map(|_| AtomicU64::new(UNREAD)).collect();
        let mut lists = Vec::new();
        let mut others = HashMap::new();
        let mut other_ids = Vec::new();
        let mut absent = Vec::new();
        let mut is_closed = packs.packs.len() == store.packs().len();
        for (number, (first, pack)) in packs.packs.iter().enumerate() {
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
                absent: RefCell::default(),
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
                absent.append(reader.absent.get_mut());
                lists.push((reader.list_number, reader.list));
            }
        }
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
            absent,
            damaged: Vec::new(),
        }
    }
}

impl<'s, O: Objects> TreeGraph<'s, O> {
    /// A graph whose trees are read one by one as they are met.
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
                        _ => self.wanted.find(entry.id).map(|blob| blob | BLOB),
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
struct Reader<'r> {
    pack: &'r Pack,
    forest: &'r Forest,
    /// The number of the pack's first object.
    first: u32,
    packs: &'r Numbered<'r>,
    places: &'r [AtomicU64],
    wanted: &'r Wanted,
    id_len: usize,
    list_number: u64,
    list: Vec<u32>,
    /// Items of trees that no pack holds: where they stand in `list`.
    unknown: Vec<(usize, Oid)>,
    marks: Vec<Mark>,
    /// Whether no tree failed or was damaged.
    is_whole: bool,
    /// Blobs that no pack holds.
    absent: RefCell<Vec<Oid>>,
}

/// An item whose id is among the unknown: the mark of trees that no pack holds,
/// which are looked up again wherever they are met.
const ELSEWHERE: u32 = u32::MAX - 1;

impl Reader<'_> {
    /// Reads the entry at `at`; `None` if it is damaged.
    #[inline]
    fn entry(&self, tree: &[u8], at: usize) -> Option<Mark> {
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
            EntryKind::Tree => self.packs.find(id).unwrap_or(ELSEWHERE),
            EntryKind::Submodule => NOTHING,
            _ => {
                if self.packs.find(id).is_none() {
                    self.absent.borrow_mut().extend(Oid::from_bytes(id));
                }
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
