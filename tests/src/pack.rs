//! Packs and idx files written byte by byte (gitformat-pack(5)), those included
//! that git would never write.

use std::fs;
use std::path::{Path, PathBuf};

use libdeflater::{CompressionLvl, Compressor};
use sha1::{Digest, Sha1};

/// The number of a blob in an entry's header.
pub const BLOB: u8 = 3;

/// The body of an entry.
#[derive(Clone)]
pub enum Body {
    /// An object of this kind (1 commit, 2 tree, 3 blob, 4 tag).
    Whole(u8, Vec<u8>),
    /// A delta against the entry of this index; one that comes later makes an
    /// offset that no pack can have.
    Offset(usize, Vec<u8>),
    /// A delta against the object of this id.
    Reference([u8; 20], Vec<u8>),
}

/// An entry.
#[derive(Clone)]
pub struct Entry {
    /// What it is.
    pub body: Body,
    /// The id in the idx.
    pub id: [u8; 20],
    /// The size in the header, if not the body's own.
    pub declared: Option<u64>,
    /// The compressed stream, if not the body's own.
    pub stream: Option<Vec<u8>>,
}

impl Entry {
    /// A blob.
    pub fn blob(content: &[u8]) -> Self {
        let body = Body::Whole(BLOB, content.to_vec());
        Self { body, id: blob_id(content), declared: None, stream: None }
    }

    /// A delta that should give `result`.
    pub fn delta(body: Body, result: &[u8]) -> Self {
        Self { body, id: blob_id(result), declared: None, stream: None }
    }
}

/// An instruction of a delta.
#[derive(Debug, Clone)]
pub enum Op {
    /// Bytes of the base: offset and length.
    Copy(u32, u32),
    /// Bytes of its own.
    Insert(Vec<u8>),
    /// Any bytes in place of an instruction.
    Raw(Vec<u8>),
}

/// The id of a blob.
pub fn blob_id(content: &[u8]) -> [u8; 20] {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", content.len()));
    hash.update(content);
    hash.finalize().into()
}

/// An id as git prints it.
pub fn hex(id: &[u8]) -> String {
    id.iter().map(|b| format!("{b:02x}")).collect()
}

/// The zlib stream of some bytes.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let length = compressor.zlib_compress(bytes, &mut out).unwrap();
    out.truncate(length);
    out
}

/// A delta with these sizes in its head.
pub fn delta(base: u64, result: u64, ops: &[Op]) -> Vec<u8> {
    let mut out = Vec::new();
    for mut size in [base, result] {
        while size >= 0x80 {
            out.push(size as u8 | 0x80);
            size >>= 7;
        }
        out.push(size as u8);
    }
    for op in ops {
        match op {
            Op::Insert(bytes) => {
                for piece in bytes.chunks(127) {
                    out.push(piece.len() as u8);
                    out.extend_from_slice(piece);
                }
            }
            Op::Raw(bytes) => out.extend_from_slice(bytes),
            Op::Copy(offset, length) => {
                let mut head = 0x80;
                let mut operands = Vec::new();
                let fields = offset.to_le_bytes().into_iter().chain(length.to_le_bytes()).take(7);
                for (bit, byte) in fields.enumerate() {
                    if byte != 0 {
                        head |= 1 << bit;
                        operands.push(byte);
                    }
                }
                out.push(head);
                out.extend(operands);
            }
        }
    }
    out
}

/// Writes a pack and its idx (version 2) into a directory, and returns the path of
/// the pack. Nothing is checked.
pub fn write(directory: &Path, entries: &[Entry]) -> PathBuf {
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend((entries.len() as u32).to_be_bytes());
    let mut places: Vec<(u64, u32)> = Vec::new();
    for entry in entries {
        let start = pack.len();
        let (kind, bytes) = match &entry.body {
            Body::Whole(kind, bytes) => (*kind, bytes),
            Body::Offset(_, delta) => (6, delta),
            Body::Reference(_, delta) => (7, delta),
        };
        let mut size = entry.declared.unwrap_or(bytes.len() as u64);
        let mut byte = kind << 4 | (size & 15) as u8;
        size >>= 4;
        while size > 0 {
            pack.push(byte | 0x80);
            byte = (size & 0x7f) as u8;
            size >>= 7;
        }
        pack.push(byte);
        match &entry.body {
            Body::Whole(..) => {}
            Body::Offset(base, _) => {
                let base = places.get(*base).map_or(0, |(offset, _)| *offset);
                pack.extend(distance(start as u64 - base));
            }
            Body::Reference(id, _) => pack.extend(id),
        }
        pack.extend(entry.stream.clone().unwrap_or_else(|| deflated(bytes)));
        places.push((start as u64, libdeflater::crc32(&pack[start..])));
    }
    let trailer: [u8; 20] = Sha1::digest(&pack).into();
    pack.extend(trailer);

    fs::create_dir_all(directory).unwrap();
    let path = directory.join(format!("pack-{}.pack", hex(&trailer)));
    fs::write(path.with_extension("idx"), index(entries, &places, &trailer)).unwrap();
    fs::write(&path, pack).unwrap();
    path
}

/// How far back a base is, as OFS_DELTA writes it: big-endian in sevens, each
/// continued one with one added.
fn distance(mut distance: u64) -> Vec<u8> {
    let mut out = vec![(distance & 0x7f) as u8];
    while distance > 0x7f {
        distance = (distance >> 7) - 1;
        out.push(0x80 | (distance & 0x7f) as u8);
    }
    out.reverse();
    out
}

fn index(entries: &[Entry], places: &[(u64, u32)], trailer: &[u8; 20]) -> Vec<u8> {
    let mut rows: Vec<([u8; 20], u64, u32)> =
        entries.iter().zip(places).map(|(e, (offset, crc))| (e.id, *offset, *crc)).collect();
    rows.sort_unstable();
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        let count = rows.iter().filter(|(id, ..)| id[0] <= first).count();
        out.extend((count as u32).to_be_bytes());
    }
    out.extend(rows.iter().flat_map(|(id, ..)| *id));
    out.extend(rows.iter().flat_map(|(.., crc)| crc.to_be_bytes()));
    out.extend(rows.iter().flat_map(|(_, offset, _)| (*offset as u32).to_be_bytes()));
    out.extend(trailer);
    let own: [u8; 20] = Sha1::digest(&out).into();
    out.extend(own);
    out
}
