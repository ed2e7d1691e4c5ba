//! Names of git objects.

use std::fmt;
use std::hash::{Hash, Hasher};

/// How a repository hashes its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ObjectFormat {
    /// SHA-1: ids of 20 bytes.
    #[default]
    Sha1,
    /// SHA-256: ids of 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// Bytes of an id.
    pub const fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The format's name in a repository's configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// The id of a git object: 20 bytes of SHA-1 or 32 of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oid {
    /// Zero behind the id's end.
    bytes: [u8; 32],
    len: u8,
}

impl Oid {
    /// The id with these bytes; `None` if they are neither 20 nor 32.
    pub fn from_bytes(id: &[u8]) -> Option<Self> {
        if id.len() != 20 && id.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        bytes[..id.len()].copy_from_slice(id);
        Some(Self { bytes, len: id.len() as u8 })
    }

    /// The id that these 40 or 64 hexadecimal digits spell.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        if text.len() != 40 && text.len() != 64 {
            return None;
        }
        let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self { bytes, len: (text.len() / 2) as u8 })
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// How it was made.
    pub fn format(&self) -> ObjectFormat {
        if self.len == 20 { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 }
    }

    /// Whether all its bytes are zero, which names no object.
    pub fn is_zero(&self) -> bool {
        self.bytes.iter().all(|b| *b == 0)
    }
}

/// The first bytes of an id as a number.
#[inline]
pub(crate) fn leading(id: &[u8]) -> u64 {
    id.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// An id as one number: its leading bytes, and below them the others folded into one
/// word, so that ids that differ in a bit differ here. Numbers are in the order of ids
/// where the leading bytes differ, as those of any two objects of a repository do.
#[inline]
pub(crate) fn folded(id: &[u8]) -> u128 {
    let words = id.chunks(8).skip(1).map(|bytes| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_ne_bytes(word)
    });
    let rest = words.fold(0u64, |folded, word| folded.rotate_left(29) ^ word);
    u128::from(leading(id)) << 64 | u128::from(rest)
}

/// An id is a hash already.
impl Hash for Oid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.as_bytes());
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_there_and_back() {
        let text = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let id = Oid::from_hex(text.as_bytes()).unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(Oid::from_bytes(id.as_bytes()), Some(id));
        assert_eq!(id.format().id_len(), 20);
        assert!(Oid::from_hex(&[b'0'; 64]).unwrap().is_zero());
        assert_eq!(Oid::from_hex(&[b'0'; 41]), None);
        assert_eq!(Oid::from_hex(&[b'g'; 40]), None);
    }

    #[test]
    fn a_flipped_bit_shows_in_the_folded_id() {
        for len in [20, 32] {
            let id: Vec<u8> = (0..len).collect();
            for bit in 0..usize::from(len) * 8 {
                let mut flipped = id.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                assert_ne!(folded(&id), folded(&flipped), "{len} bytes, bit {bit}");
                let leads = bit / 8 < 8;
                assert_eq!(folded(&id) >> 64 != folded(&flipped) >> 64, leads);
            }
        }
    }
}
