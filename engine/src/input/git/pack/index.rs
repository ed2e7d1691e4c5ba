//! Pack indexes: which objects a pack holds, and where.
//!
//! Versions 1 and 2 of the index of one pack, and the multi-pack-index, which
//! takes the place of an index that is not there. Formats: git's
//! `gitformat-pack(5)`.

use std::ops::Range;
use std::sync::Arc;

use super::bytes::Bytes;
use crate::input::git::oid::{ObjectFormat, Oid};

/// Bytes of the table that counts ids by their first byte.
const FAN_OUT: usize = 256 * 4;

/// The index of one pack: its objects in the order of their ids.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    bytes: Arc<Bytes>,
    id_len: usize,
    count: u32,
    fan_out: usize,
    layout: Layout,
}

/// Where the tables are.
#[derive(Debug, Clone)]
enum Layout {
    /// Offsets and ids side by side.
    V1 {
        table: usize,
    },
    V2 {
        ids: usize,
        offsets: usize,
        large: Range<usize>,
    },
    /// The part of a multi-pack-index that one pack has: the positions of its
    /// objects there.
    Multi {
        ids: usize,
        offsets: usize,
        large: Range<usize>,
        members: Arc<[u32]>,
    },
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    let high = be32(bytes, at)?;
    Some(u64::from(high) << 32 | u64::from(be32(bytes, at + 4)?))
}

/// The number of objects, if the fan-out at `at` rises.
fn counted(bytes: &[u8], at: usize) -> Option<u32> {
    let table = bytes.get(at..at.checked_add(FAN_OUT)?)?;
    let mut last = 0;
    for four in table.chunks_exact(4) {
        let count = u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
        if count < last {
            return None;
        }
        last = count;
    }
    Some(last)
}

impl Index {
    /// Reads the index of a pack.
    pub(crate) fn open(bytes: Bytes, format: ObjectFormat) -> Result<Self, &'static str> {
        let id_len = format.id_len();
        let whole: &[u8] = &bytes;
        let is_new = whole.starts_with(b"\xfftOc");
        if is_new && be32(whole, 4) != Some(2) {
            return Err("an index of an unknown version");
        }
        let fan_out = if is_new { 8 } else { 0 };
        let count = counted(whole, fan_out).ok_or("an index without a sound table of counts")?;
        let objects = count as usize;
        let tables = fan_out + FAN_OUT;
        let end = whole.len().checked_sub(2 * id_len).ok_or("an index that ends early")?;
        let short = "an index that ends early";
        let layout = if is_new {
            let offsets = objects.checked_mul(id_len + 4).and_then(|n| n.checked_add(tables));
            let offsets = offsets.ok_or(short)?;
            let large = objects.checked_mul(4).and_then(|n| n.checked_add(offsets)).ok_or(short)?;
            if large > end {
                return Err(short);
            }
            Layout::V2 { ids: tables, offsets, large: large..end }
        } else {
            let table = objects.checked_mul(id_len + 4).and_then(|n| n.checked_add(tables));
            if table != Some(end) {
                return Err(short);
            }
            Layout::V1 { table: tables }
        };
        Ok(Self { bytes: Arc::new(bytes), id_len, count, fan_out, layout })
    }

    /// How many objects there are.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The id at a position, which is below [`Index::count`].
    pub(crate) fn id(&self, position: u32) -> &[u8] {
        let at = match &self.layout {
            Layout::V1 { table } => table + position as usize * (4 + self.id_len) + 4,
            Layout::V2 { ids, .. } => ids + position as usize * self.id_len,
            Layout::Multi { ids, members, .. } => {
                ids + members[position as usize] as usize * self.id_len
            }
        };
        &self.bytes[at..at + self.id_len]
    }

    /// The object's id.
    pub(crate) fn oid(&self, position: u32) -> Oid {
        // An id has one of the two lengths.
        Oid::from_bytes(self.id(position)).unwrap_or_else(|| unreachable!("an id's length"))
    }

    /// Where the object at a position begins in the pack; `None` if the index is
    /// damaged.
    pub(crate) fn offset(&self, position: u32) -> Option<u64> {
        let (offset, large) = match &self.layout {
            Layout::V1 { table } => {
                return be32(&self.bytes, table + position as usize * (4 + self.id_len))
                    .map(u64::from);
            }
            Layout::V2 { offsets, large, .. } => {
                (be32(&self.bytes, offsets + position as usize * 4)?, large)
            }
            Layout::Multi { offsets, large, members, .. } => {
                let member = members[position as usize] as usize;
                (be32(&self.bytes, offsets + member * 8 + 4)?, large)
            }
        };
        if offset & 1 << 31 == 0 {
            return Some(u64::from(offset));
        }
        let at = large.start.checked_add((offset & !(1 << 31)) as usize * 8)?;
        (at + 8 <= large.end).then(|| be64(&self.bytes, at)).flatten()
    }

    /// The position of an id.
    pub(crate) fn find(&self, id: &[u8]) -> Option<u32> {
        let first = usize::from(*id.first()?);
        let (mut low, mut high) = if let Layout::Multi { .. } = self.layout {
            (0, self.count)
        } else {
            let at = |i: usize| be32(&self.bytes, self.fan_out + i * 4).unwrap_or(0);
            (if first == 0 { 0 } else { at(first - 1) }, at(first).min(self.count))
        };
        if id.len() != self.id_len {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id(middle).cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The positions of the ids that begin with `prefix`, which has so many
    /// hexadecimal digits.
    pub(crate) fn with_prefix(&self, prefix: &[u8], digits: usize) -> Range<u32> {
        let whole = digits / 2;
        let compare = |position: u32| {
            let id = self.id(position);
            let order = id[..whole].cmp(&prefix[..whole]);
            if digits.is_multiple_of(2) {
                return order;
            }
            order.then((id[whole] >> 4).cmp(&(prefix[whole] >> 4)))
        };
        let bound = |less: &dyn Fn(u32) -> bool| {
            let (mut low, mut high) = (0, self.count);
            while low < high {
                let middle = low + (high - low) / 2;
                if less(middle) { low = middle + 1 } else { high = middle }
            }
            low
        };
        bound(&|p| compare(p).is_lt())..bound(&|p| compare(p).is_le())
    }
}

/// A multi-pack-index: the packs that it knows, by the names of their indexes,
/// each with an index of its own.
pub(crate) fn multi(
    bytes: Bytes,
    format: ObjectFormat,
) -> Result<Vec<(String, Index)>, &'static str> {
    let short = "a multi-pack-index that ends early";
    let bytes = Arc::new(bytes);
    let whole: &[u8] = &bytes;
    if !whole.starts_with(b"MIDX") || whole.get(4) != Some(&1) {
        return Err("a multi-pack-index of an unknown version");
    }
    let id_version = match format {
        ObjectFormat::Sha1 => 1,
        ObjectFormat::Sha256 => 2,
    };
    if whole.get(5) != Some(&id_version) {
        return Err("a multi-pack-index of other ids");
    }
    let chunks = usize::from(*whole.get(6).ok_or(short)?);
    let chunk = |name: &[u8; 4]| -> Option<Range<usize>> {
        for i in 0..chunks {
            let at = 12 + i * 12;
            if whole.get(at..at + 4)? == name {
                let start = usize::try_from(be64(whole, at + 4)?).ok()?;
                let end = usize::try_from(be64(whole, at + 16)?).ok()?;
                return (start <= end && end <= whole.len()).then_some(start..end);
            }
        }
        None
    };
    let id_len = format.id_len();
    let fan_out = chunk(b"OIDF").ok_or(short)?;
    let count = counted(whole, fan_out.start).ok_or("a multi-pack-index with unsound counts")?;
    let ids = chunk(b"OIDL").ok_or(short)?;
    let offsets = chunk(b"OOFF").ok_or(short)?;
    let large = chunk(b"LOFF").unwrap_or(0..0);
    let objects = count as usize;
    if ids.len() / id_len < objects || offsets.len() / 8 < objects {
        return Err(short);
    }
    let names = &whole[chunk(b"PNAM").ok_or(short)?];
    let names: Vec<String> = names
        .split(|b| *b == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    for position in 0..count {
        let pack = be32(whole, offsets.start + position as usize * 8).unwrap_or(u32::MAX);
        match members.get_mut(pack as usize) {
            Some(list) => list.push(position),
            None => return Err("a multi-pack-index that names no pack for an object"),
        }
    }
    Ok(names
        .into_iter()
        .zip(members)
        .map(|(name, members)| {
            let index = Index {
                bytes: Arc::clone(&bytes),
                id_len,
                count: members.len() as u32,
                fan_out: fan_out.start,
                layout: Layout::Multi {
                    ids: ids.start,
                    offsets: offsets.start,
                    large: large.clone(),
                    members: members.into(),
                },
            };
            (name, index)
        })
        .collect())
}
