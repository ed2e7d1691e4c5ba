//! Entries of a pack: their headers and their data.

use libdeflater::{DecompressionError, Decompressor};

use crate::input::git::object::{Kind, ObjectError};
use crate::input::git::oid::Oid;

/// The header of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where its data begins.
    pub(crate) data: u64,
    /// Bytes of its data once it is inflated: the object or the delta.
    pub(crate) size: u64,
    pub(crate) base: Base,
}

/// What an entry's data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    /// The whole object.
    None(Kind),
    /// A delta against the object whose entry begins here.
    Offset(u64),
    /// A delta against this object.
    Id(Oid),
}

impl Entry {
    /// Reads the header at `offset` of a pack whose entries end at `end`.
    pub(crate) fn read(
        pack: &[u8],
        offset: u64,
        end: u64,
        id_len: usize,
    ) -> Result<Self, ObjectError> {
        let early = || ObjectError::damaged("an entry that ends early");
        let start = usize::try_from(offset).map_err(|_| early())?;
        // No entry begins within the pack's own header.
        let bytes = pack.get(start..end as usize).filter(|_| start >= 12).ok_or_else(early)?;
        let first = *bytes.first().ok_or_else(early)?;
        let mut size = u64::from(first & 15);
        let mut more = first & 0x80 != 0;
        let mut i = 1;
        let mut shift = 4;
        while more {
            let byte = *bytes.get(i).ok_or_else(early)?;
            if shift > 57 {
                return Err(ObjectError::damaged("an entry of an impossible size"));
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            more = byte & 0x80 != 0;
            i += 1;
        }
        let base = match first >> 4 & 7 {
            1 => Base::None(Kind::Commit),
            2 => Base::None(Kind::Tree),
            3 => Base::None(Kind::Blob),
            4 => Base::None(Kind::Tag),
            6 => {
                let mut distance = 0u64;
                for n in 0.. {
                    let byte = *bytes.get(i).ok_or_else(early)?;
                    i += 1;
                    if n > 0 {
                        distance += 1;
                    }
                    if distance >> 56 != 0 {
                        return Err(ObjectError::damaged("a base before the pack"));
                    }
                    distance = distance << 7 | u64::from(byte & 0x7f);
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                match offset.checked_sub(distance) {
                    Some(base) if distance > 0 => Base::Offset(base),
                    _ => return Err(ObjectError::damaged("a base before the pack")),
                }
            }
            7 => {
                let id = bytes.get(i..i + id_len).and_then(Oid::from_bytes).ok_or_else(early)?;
                i += id_len;
                Base::Id(id)
            }
            _ => return Err(ObjectError::damaged("an entry of an unknown kind")),
        };
        Ok(Self { data: offset + i as u64, size, base })
    }
}

/// Bytes that are written over and over: growing costs, shrinking does not.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    room: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// Makes it `len` bytes long; what is in them is what was there.
    pub(crate) fn resize(&mut self, len: usize) {
        if self.room.len() < len {
            // What was there is not needed.
            self.room = Vec::new();
            self.room = vec![0; len.next_multiple_of(4096)];
        }
        self.len = len;
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.room[..self.len]
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.room[..self.len]
    }

    /// Bytes that it takes.
    pub(crate) fn room(&self) -> usize {
        self.room.len()
    }
}

/// Inflates whole entries.
pub(crate) struct Inflater(Decompressor);

impl Default for Inflater {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

/// What one byte of deflate data can become at most, rounded up.
const MOST_FROM_A_BYTE: u64 = 1100;

impl Inflater {
    /// Inflates zlib data of exactly `size` bytes; its checksum must fit.
    pub(crate) fn inflate(
        &mut self,
        compressed: &[u8],
        size: u64,
        out: &mut Buffer,
    ) -> Result<(), ObjectError> {
        // Before room is made for a size that is only claimed.
        if size / MOST_FROM_A_BYTE > compressed.len() as u64 {
            return Err(ObjectError::damaged("data too short for the size it claims"));
        }
        let size = usize::try_from(size).map_err(|_| ObjectError::TooLarge(size))?;
        out.resize(size);
        match self.0.zlib_decompress(compressed, out.bytes_mut()) {
            Ok(made) if made == size => Ok(()),
            Ok(_) | Err(DecompressionError::InsufficientSpace) => {
                Err(ObjectError::damaged("data of another size than it claims"))
            }
            Err(DecompressionError::BadData) => Err(ObjectError::damaged("broken data")),
        }
    }
}
