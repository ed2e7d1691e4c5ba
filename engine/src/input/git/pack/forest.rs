//! Which entry of a pack is made from which.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::entry::{Base, Entry};
use super::{Pack, damaged};
use crate::input::git::object::{Kind, ObjectError};

/// No entry.
const NONE: u32 = u32::MAX;

/// Entries whose headers a thread reads at a time.
const PIECE: usize = 16 * 1024;

/// How many entries ahead a header is asked for: a pack seldom fits into the cache, and
/// of each entry only the first bytes are read.
const AHEAD: usize = 16;

/// Entries linked to their bases. An entry is named by its rank in the order of
/// the pack.
#[derive(Debug)]
pub(crate) struct Forest {
    /// Where each entry begins.
    offsets: Vec<u64>,
    /// Its position in the index.
    positions: Vec<u32>,
    /// Bytes of its data, inflated; [`u32::MAX`] for more than fit.
    sizes: Vec<u32>,
    /// Bytes of its header.
    headers: Vec<u8>,
    /// The entry that it is made from, or `NONE`.
    bases: Vec<u32>,
    /// The whole objects of each kind.
    roots: [Vec<Root>; 4],
    /// For each kind: the entries made from each, as ranges of one list.
    first_child: Vec<u32>,
    children: Vec<u32>,
    /// Entries that cannot be made, and why.
    pub(crate) broken: Vec<(u32, ObjectError)>,
    /// Positions in the index that lead to no entry of their own.
    pub(crate) unplaced: Vec<u32>,
}

/// A whole object, from which others are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    pub(crate) entry: u32,
    /// About how many bytes its family has: itself, and all that is made from it.
    pub(crate) bytes: u64,
}

/// What a thread reads of an entry.
#[derive(Clone, Copy)]
struct Header {
    size: u32,
    len: u8,
    base: Link,
}

#[derive(Clone, Copy)]
enum Link {
    Root(Kind),
    Entry(u32),
    /// A delta against an object whose position in the index this is.
    Position(u32),
    Elsewhere,
    Broken,
}

impl Forest {
    /// Reads all headers of a pack.
    pub(crate) fn of(pack: &Pack, threads: usize) -> Self {
        let (offsets, positions) = ordered(pack);
        let unplaced = unplaced(pack, &positions);
        let count = offsets.len();
        let mut broken = Vec::new();
        let headers = headers(pack, &offsets, threads, &mut broken);
        let mut bases = vec![NONE; count];
        // The kinds of the objects; none where that cannot be told, because a base is
        // missing, damaged or made from it.
        let mut kinds = vec![None; count];
        // Deltas against ids are few or none; only they need to know which entry
        // a position is.
        let mut entries: Option<Vec<u32>> = None;
        let mut in_order = true;
        for (i, header) in headers.iter().enumerate() {
            bases[i] = match header.base {
                Link::Entry(base) => base,
                Link::Position(position) => {
                    let entries = entries.get_or_insert_with(|| {
                        let mut entries = vec![NONE; pack.index.count() as usize];
                        for (entry, position) in positions.iter().enumerate() {
                            entries[*position as usize] = entry as u32;
                        }
                        entries
                    });
                    entries[position as usize]
                }
                Link::Root(kind) => {
                    kinds[i] = Some(kind);
                    NONE
                }
                Link::Elsewhere => {
                    broken.push((i as u32, ObjectError::damaged("its base is not in the pack")));
                    NONE
                }
                Link::Broken => NONE,
            };
            if bases[i] != NONE {
                // An offset always leads back; an id may lead anywhere.
                in_order &= bases[i] < i as u32;
                kinds[i] = kinds[bases[i] as usize];
            }
        }
        if !in_order {
            resolve(&bases, &mut kinds);
        }
        let roots = roots(&bases, &kinds, &headers, in_order);
        let mut first_child = vec![0u32; count + 1];
        for base in bases.iter().filter(|base| **base != NONE) {
            first_child[*base as usize + 1] += 1;
        }
        for i in 0..count {
            first_child[i + 1] += first_child[i];
        }
        let mut next = first_child.clone();
        let mut children = vec![0; first_child[count] as usize];
        for (i, base) in bases.iter().enumerate().filter(|(_, base)| **base != NONE) {
            children[next[*base as usize] as usize] = i as u32;
            next[*base as usize] += 1;
        }
        drop(next);
        let known: std::collections::HashSet<u32> = broken.iter().map(|(e, _)| *e).collect();
        for (i, kind) in kinds.iter().enumerate() {
            if kind.is_none() && !known.contains(&(i as u32)) {
                broken
                    .push((i as u32, ObjectError::damaged("it is made from what cannot be made")));
            }
        }
        Self {
            sizes: headers.iter().map(|h| h.size).collect(),
            headers: headers.iter().map(|h| h.len).collect(),
            offsets,
            positions,
            bases,
            roots,
            first_child,
            children,
            broken,
            unplaced,
        }
    }

    /// How many entries there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The position of an entry in the index.
    pub(crate) fn position(&self, entry: u32) -> u32 {
        self.positions[entry as usize]
    }

    /// Bytes of an entry's data, inflated; [`u32::MAX`] for more.
    pub(crate) fn size(&self, entry: u32) -> u32 {
        self.sizes[entry as usize]
    }

    /// The kind of an entry's object.
    #[cfg(test)]
    pub(crate) fn kind(&self, entry: u32) -> Option<Kind> {
        // In a circle no root is met.
        let way = std::iter::successors(Some(entry), |at| self.base(*at)).take(self.len());
        let is_root = |kind: &Kind| {
            let mut roots = self.roots(*kind).iter();
            roots.any(|root| way.clone().any(|at| at == root.entry))
        };
        [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag].into_iter().find(is_root)
    }

    /// Where an entry begins.
    pub(crate) fn offset(&self, entry: u32) -> u64 {
        self.offsets[entry as usize]
    }

    /// The entry that this one is made from.
    pub(crate) fn base(&self, entry: u32) -> Option<u32> {
        Some(self.bases[entry as usize]).filter(|base| *base != NONE)
    }

    /// The entries that are made from one.
    pub(crate) fn children(&self, entry: u32) -> &[u32] {
        let at = |i: usize| self.first_child[i] as usize;
        &self.children[at(entry as usize)..at(entry as usize + 1)]
    }

    /// An entry's data: a header for [`Pack::inflate`], and the end of the data.
    pub(crate) fn data(&self, entry: u32) -> (u64, u64) {
        let i = entry as usize;
        let end = self.offsets.get(i + 1).copied().unwrap_or(u64::MAX);
        (self.offsets[i] + u64::from(self.headers[i]), end)
    }

    /// The whole objects of a kind: those with the most data first, where it is
    /// much, then in the order of the pack.
    pub(crate) fn roots(&self, kind: Kind) -> &[Root] {
        &self.roots[kind as usize]
    }
}

/// The whole objects of each kind, with how much is made of them. `is_ordered` says that
/// no base stands behind what is made from it.
fn roots(
    bases: &[u32],
    kinds: &[Option<Kind>],
    headers: &[Header],
    is_ordered: bool,
) -> [Vec<Root>; 4] {
    /// Families of as many bytes are walked before all others.
    const MUCH: u64 = 1 << 20;
    let mut root_of = vec![NONE; bases.len()];
    let mut bytes: Vec<u64> = vec![0; bases.len()];
    let mut way = Vec::new();
    for (entry, kind) in kinds.iter().enumerate() {
        if kind.is_none() {
            continue;
        }
        let mut at = entry;
        while root_of[at] == NONE {
            root_of[at] = match bases[at] {
                NONE => at as u32,
                base if is_ordered => root_of[base as usize],
                base => {
                    way.push(at);
                    at = base as usize;
                    continue;
                }
            };
        }
        let root = root_of[at];
        for below in way.drain(..) {
            root_of[below] = root;
        }
        // What is made from an object is about as large.
        bytes[root as usize] += u64::from(headers[root as usize].size);
    }
    let mut all = [const { Vec::new() }; 4];
    for (entry, kind) in kinds.iter().enumerate() {
        if let Some(kind) = kind
            && bases[entry] == NONE
        {
            all[*kind as usize].push(Root { entry: entry as u32, bytes: bytes[entry] });
        }
    }
    for roots in &mut all {
        roots.sort_by_key(|root| (std::cmp::Reverse(root.bytes.max(MUCH)), root.entry));
    }
    all
}

/// Gives kinds to deltas whose bases come later in the pack; those that are made
/// from each other get none.
fn resolve(bases: &[u32], kinds: &mut [Option<Kind>]) {
    let mut done: Vec<bool> = bases.iter().map(|base| *base == NONE).collect();
    let mut path = Vec::new();
    for start in 0..bases.len() {
        let mut at = start;
        while !done[at] {
            done[at] = true;
            path.push(at);
            at = bases[at] as usize;
        }
        // Where a circle closes, the kind is still unknown.
        let kind = if path.contains(&at) { None } else { kinds[at] };
        for entry in path.drain(..) {
            kinds[entry] = kind;
        }
    }
}

/// Where the entries begin, in order, and their positions in the index. Offsets
/// that are none, and repeated ones, are left out.
fn ordered(pack: &Pack) -> (Vec<u64>, Vec<u32>) {
    let count = pack.index.count();
    let at = |position: u32| pack.index.offset(position).filter(|at| *at < pack.end());
    if u32::try_from(pack.end()).is_ok() {
        let mut keys: Vec<u64> = (0..count)
            .filter_map(|position| Some(at(position)? << 32 | u64::from(position)))
            .collect();
        keys.sort_unstable();
        keys.dedup_by_key(|key| *key >> 32);
        return (keys.iter().map(|k| k >> 32).collect(), keys.iter().map(|k| *k as u32).collect());
    }
    let mut keys: Vec<(u64, u32)> =
        (0..count).filter_map(|position| Some((at(position)?, position))).collect();
    keys.sort_unstable();
    keys.dedup_by_key(|key| key.0);
    keys.into_iter().unzip()
}

/// The positions that are not among these.
fn unplaced(pack: &Pack, positions: &[u32]) -> Vec<u32> {
    let count = pack.index.count();
    if positions.len() == count as usize {
        return Vec::new();
    }
    let placed: std::collections::HashSet<u32> = positions.iter().copied().collect();
    (0..count).filter(|position| !placed.contains(position)).collect()
}

fn headers(
    pack: &Pack,
    offsets: &[u64],
    threads: usize,
    broken: &mut Vec<(u32, ObjectError)>,
) -> Vec<Header> {
    let unread = Header { size: 0, len: 0, base: Link::Broken };
    let mut all = vec![unread; offsets.len()];
    let errors = Mutex::new(Vec::new());
    let ranks = Ranks::of(offsets);
    let pieces: Vec<Mutex<&mut [Header]>> = all.chunks_mut(PIECE).map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(number) else { break };
            // Each piece is taken once.
            let mut piece = piece.lock().unwrap_or_else(|e| e.into_inner());
            for (i, header) in piece.iter_mut().enumerate() {
                let entry = number * PIECE + i;
                if let Some(soon) = offsets.get(entry + AHEAD) {
                    pack.prefetch(*soon);
                }
                match self::header(pack, &ranks, entry) {
                    Ok(read) => *header = read,
                    Err(error) => {
                        let mut errors = errors.lock().unwrap_or_else(|e| e.into_inner());
                        errors.push((entry as u32, error));
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(pieces.len()) {
            // Without another thread this one does the work.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    drop(pieces);
    let mut errors = errors.into_inner().unwrap_or_else(|e| e.into_inner());
    errors.sort_by_key(|(entry, _)| *entry);
    broken.append(&mut errors);
    all
}

fn header(pack: &Pack, ranks: &Ranks<'_>, entry: usize) -> Result<Header, ObjectError> {
    let offsets = ranks.offsets;
    let read: Entry = pack.entry(offsets[entry])?;
    let base = match read.base {
        Base::None(kind) => Link::Root(kind),
        Base::Offset(offset) => {
            let base = ranks.find(offset).filter(|base| (*base as usize) < entry);
            Link::Entry(base.ok_or_else(|| damaged("a base where no entry begins"))?)
        }
        Base::Id(id) => match pack.index.find(id.as_bytes()) {
            Some(position) => Link::Position(position),
            None => Link::Elsewhere,
        },
    };
    Ok(Header {
        size: u32::try_from(read.size).unwrap_or(u32::MAX),
        len: (read.data - offsets[entry]) as u8,
        base,
    })
}

/// Finds entries by where they begin: places are looked up in pieces of the pack that
/// hold a few entries each.
struct Ranks<'o> {
    offsets: &'o [u64],
    shift: u32,
    /// The first entry in each piece, or behind it.
    starts: Vec<u32>,
}

impl<'o> Ranks<'o> {
    fn of(offsets: &'o [u64]) -> Self {
        let last = offsets.last().copied().unwrap_or(0);
        // Entries that lie far apart do not make more pieces than there are entries.
        let pieces = (offsets.len() as u64 / 2).max(1);
        let shift = 64 - (last / pieces).leading_zeros();
        let mut starts = Vec::with_capacity((last >> shift) as usize + 2);
        for (entry, offset) in offsets.iter().enumerate() {
            while starts.len() as u64 <= offset >> shift {
                starts.push(entry as u32);
            }
        }
        starts.push(offsets.len() as u32);
        Self { offsets, shift, starts }
    }

    /// The entry that begins at an offset.
    fn find(&self, offset: u64) -> Option<u32> {
        let piece = (offset >> self.shift) as usize;
        let &[start, end] = self.starts.get(piece..piece + 2)? else { return None };
        let found = self.offsets[start as usize..end as usize].binary_search(&offset).ok()?;
        Some(start + found as u32)
    }
}
