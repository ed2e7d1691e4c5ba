//! Packs as the fuzzer likes them, and what they hold by the simplest reading.

use arbitrary::Arbitrary;
use leaksieve::input::git::{ObjectFormat, Oid};
use libdeflater::{CompressionLvl, Compressor};

use crate::Splice;

/// The most bytes of an object; beyond that it cannot be made.
pub const LIMIT: usize = 48 * 1024;

/// A pack as a list of entries.
#[derive(Debug, Arbitrary)]
pub struct PackSpec<'a> {
    sha256: bool,
    first_version: bool,
    entries: Vec<EntrySpec<'a>>,
}

/// An entry of a pack.
#[derive(Debug, Arbitrary)]
enum EntrySpec<'a> {
    /// A whole object.
    Whole { kind: u8, text: Splice<'a> },
    /// A delta against an entry before this one, by its distance.
    Offset { back: u8, operations: Vec<Operation<'a>> },
    /// A delta against any entry, by its id; itself and later ones included.
    Id { entry: u8, operations: Vec<Operation<'a>> },
    /// Anything, under a header that claims a size.
    Odd { kind: u8, size: u16, compressed: bool, data: &'a [u8] },
}

/// A piece of a delta.
#[derive(Debug, Arbitrary)]
enum Operation<'a> {
    Copy {
        at: u16,
        len: u16,
    },
    Insert(Splice<'a>),
    /// The rest of the base, from the end of the last copy.
    Rest,
}

/// The names of the kinds of objects, by their number in a pack less one.
const KINDS: [&str; 4] = ["commit", "tree", "blob", "tag"];

/// A pack with its index, and what is in it.
#[derive(Debug)]
pub struct Packed {
    /// The pack.
    pub pack: Vec<u8>,
    /// Its index.
    pub index: Vec<u8>,
    /// How ids are made.
    pub format: ObjectFormat,
    /// Each object's kind and bytes, `None` if it cannot be made.
    pub objects: Vec<(Oid, Option<(&'static str, Vec<u8>)>)>,
}

impl PackSpec<'_> {
    /// Builds the pack.
    ///
    /// # Panics
    ///
    /// If an entry cannot be compressed.
    pub fn build(&self) -> Packed {
        let format = if self.sha256 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let entries = &self.entries[..self.entries.len().min(64)];
        let ids: Vec<Oid> = (0..entries.len()).map(|i| id(i, format)).collect();
        let made: Vec<Option<(&'static str, Vec<u8>)>> =
            (0..entries.len()).map(|i| make(entries, i, &mut vec![false; entries.len()])).collect();
        let mut pack = b"PACK\0\0\0\x02".to_vec();
        pack.extend((entries.len() as u32).to_be_bytes());
        let mut offsets: Vec<u64> = Vec::new();
        for (i, entry) in entries.iter().enumerate() {
            let start = pack.len() as u64;
            offsets.push(start);
            match entry {
                EntrySpec::Whole { kind, text } => {
                    write(&mut pack, kind % 4 + 1, &[], &text.text());
                }
                EntrySpec::Offset { back, operations } => {
                    let base = earlier(i, *back);
                    let mut tail = Vec::new();
                    distance(start - base.map_or(start, |b| offsets[b]), &mut tail);
                    let data = delta(base.and_then(|b| made[b].as_ref()), operations).0;
                    write(&mut pack, 6, &tail, &data);
                }
                EntrySpec::Id { entry, operations } => {
                    let base = usize::from(*entry) % entries.len();
                    let data = delta(made[base].as_ref(), operations).0;
                    write(&mut pack, 7, ids[base].as_bytes(), &data);
                }
                EntrySpec::Odd { kind, size, compressed, data } => {
                    header(&mut pack, kind % 8, u64::from(*size));
                    pack.extend(if *compressed { deflated(data) } else { data.to_vec() });
                }
            }
        }
        let trailer = id(usize::MAX, format);
        pack.extend(trailer.as_bytes());
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|i| ids[*i]);
        let index = index(&order, &ids, &offsets, &trailer, self.first_version);
        let objects = ids.into_iter().zip(made).collect();
        Packed { pack, index, format, objects }
    }
}

/// An id that differs from all others and looks like a hash.
fn id(number: usize, format: ObjectFormat) -> Oid {
    let mut state = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let mut bytes = [0; 32];
    for piece in bytes.chunks_mut(8) {
        state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
        piece.copy_from_slice(&state.to_be_bytes());
    }
    Oid::from_bytes(&bytes[..format.id_len()]).expect("an id has one of two lengths")
}

fn earlier(entry: usize, back: u8) -> Option<usize> {
    (entry > 0).then(|| entry - 1 - usize::from(back) % entry)
}

/// The object of an entry. `open` tells which are being made.
fn make(entries: &[EntrySpec<'_>], i: usize, open: &mut [bool]) -> Option<(&'static str, Vec<u8>)> {
    if std::mem::replace(&mut open[i], true) {
        return None;
    }
    let (base, operations) = match &entries[i] {
        EntrySpec::Whole { kind, text } => {
            let text = text.text();
            open[i] = false;
            return (text.len() <= LIMIT).then(|| (KINDS[usize::from(kind % 4)], text));
        }
        EntrySpec::Odd { .. } => return None,
        EntrySpec::Offset { back, operations } => (earlier(i, *back), operations),
        EntrySpec::Id { entry, operations } => {
            (Some(usize::from(*entry) % entries.len()), operations)
        }
    };
    let base = make(entries, base?, open)?;
    open[i] = false;
    let (data, object) = delta(Some(&base), operations);
    (object.len() <= LIMIT && data.len() <= LIMIT + 1024).then_some((base.0, object))
}

/// The delta that these operations describe, and the object that it makes. Against
/// a base that cannot be made it is one against nothing.
fn delta(
    base: Option<&(&'static str, Vec<u8>)>,
    operations: &[Operation<'_>],
) -> (Vec<u8>, Vec<u8>) {
    let base = base.map_or(&[][..], |(_, bytes)| bytes);
    let (mut pieces, mut object, mut last) = (Vec::new(), Vec::new(), 0);
    for operation in operations.iter().take(100) {
        let (at, len) = match operation {
            Operation::Insert(text) => {
                for piece in text.text().chunks(127) {
                    pieces.push(piece.len() as u8);
                    pieces.extend(piece);
                    object.extend(piece);
                }
                continue;
            }
            Operation::Copy { at, len } => {
                let at = usize::from(*at) % (base.len() + 1);
                (at, usize::from(*len).min(base.len() - at))
            }
            Operation::Rest => (last, base.len() - last),
        };
        if len == 0 {
            continue;
        }
        last = at + len;
        object.extend(&base[at..last]);
        let (mut flags, mut bytes) = (0x80, Vec::new());
        for (bit, byte) in at.to_le_bytes()[..4].iter().enumerate().filter(|(_, b)| **b != 0) {
            flags |= 1 << bit;
            bytes.push(*byte);
        }
        // 64 KiB are written as nothing.
        let written = if len == 0x10000 { 0 } else { len };
        for (bit, byte) in written.to_le_bytes()[..3].iter().enumerate().filter(|(_, b)| **b != 0) {
            flags |= 0x10 << bit;
            bytes.push(*byte);
        }
        pieces.push(flags);
        pieces.extend(bytes);
    }
    let mut data = Vec::new();
    number(base.len() as u64, &mut data);
    number(object.len() as u64, &mut data);
    data.extend(pieces);
    (data, object)
}

/// Applies a delta by the letter of `gitformat-pack(5)`.
pub fn applied(base: &[u8], delta: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut rest = delta.iter().copied();
    let mut size = || {
        let mut value: u64 = 0;
        for shift in 0..9 {
            let byte = rest.next()?;
            value |= u64::from(byte & 0x7f) << (7 * shift);
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    };
    let (from, to) = (size()?, size()?);
    if from != base.len() as u64 || to > limit as u64 {
        return None;
    }
    let mut object: Vec<u8> = Vec::new();
    while let Some(operation) = rest.next() {
        if operation == 0 {
            return None;
        } else if operation < 0x80 {
            for _ in 0..operation {
                object.push(rest.next()?);
            }
        } else {
            let (mut at, mut len) = (0u64, 0u64);
            for bit in 0..4 {
                if operation >> bit & 1 != 0 {
                    at |= u64::from(rest.next()?) << (8 * bit);
                }
            }
            for bit in 0..3 {
                if operation >> (4 + bit) & 1 != 0 {
                    len |= u64::from(rest.next()?) << (8 * bit);
                }
            }
            if len == 0 {
                len = 0x10000;
            }
            object.extend(base.get(at as usize..(at + len) as usize)?);
        }
        if object.len() as u64 > to {
            return None;
        }
    }
    (object.len() as u64 == to).then_some(object)
}

fn write(pack: &mut Vec<u8>, kind: u8, base: &[u8], data: &[u8]) {
    header(pack, kind, data.len() as u64);
    pack.extend(base);
    pack.extend(deflated(data));
}

fn header(pack: &mut Vec<u8>, kind: u8, mut size: u64) {
    let mut byte = kind << 4 | (size & 15) as u8;
    size >>= 4;
    while size > 0 {
        pack.push(byte | 0x80);
        byte = (size & 0x7f) as u8;
        size >>= 7;
    }
    pack.push(byte);
}

/// A number in groups of seven bits, the lowest first.
fn number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The distance to a base: groups of seven bits, the highest first, each but the
/// last less one.
fn distance(mut distance: u64, out: &mut Vec<u8>) {
    let mut bytes = vec![(distance & 0x7f) as u8];
    distance >>= 7;
    while distance > 0 {
        distance -= 1;
        bytes.push(0x80 | (distance & 0x7f) as u8);
        distance >>= 7;
    }
    out.extend(bytes.iter().rev());
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::fastest());
    let mut out = vec![0; compressor.zlib_compress_bound(data.len())];
    let len = compressor.zlib_compress(data, &mut out).expect("the bound holds");
    out.truncate(len);
    out
}

fn index(
    order: &[usize],
    ids: &[Oid],
    offsets: &[u64],
    trailer: &Oid,
    first_version: bool,
) -> Vec<u8> {
    let mut counts = [0u32; 256];
    for id in ids {
        counts[usize::from(id.as_bytes()[0])..].iter_mut().for_each(|n| *n += 1);
    }
    let mut index = if first_version { Vec::new() } else { b"\xfftOc\0\0\0\x02".to_vec() };
    index.extend(counts.iter().flat_map(|n| n.to_be_bytes()));
    let offset = |i: &usize| (offsets[*i] as u32).to_be_bytes();
    if first_version {
        for i in order {
            index.extend(offset(i));
            index.extend(ids[*i].as_bytes());
        }
    } else {
        order.iter().for_each(|i| index.extend(ids[*i].as_bytes()));
        // Checksums of the compressed data, which nobody reads.
        order.iter().for_each(|_| index.extend([0; 4]));
        order.iter().for_each(|i| index.extend(offset(i)));
    }
    index.extend(trailer.as_bytes());
    index.extend(trailer.as_bytes());
    index
}
