//! By what a file is recognised, whatever it is called.

use std::cell::Cell;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Bytes at the beginning of a content that belong to its identity.
pub(super) const HEAD: usize = 1024;

/// By what a file is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The device on which it stands.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// How many bytes `head` is of: 1,024, or all that there were.
    pub head_len: u32,
    /// The first half of the BLAKE3 hash of the first bytes of the content, decompressed
    /// if the file is compressed.
    pub head: [u8; 16],
}

impl Identity {
    pub(super) fn key(&self) -> Key {
        Key { device: self.device, inode: self.inode }
    }
}

/// Which file it is, as long as it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// When a file was written last, in seconds and nanoseconds. It is only compared.
pub(super) type Modified = (i64, i64);

/// What the system says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) key: Key,
    pub(super) size: u64,
    pub(super) modified: Modified,
    pub(super) is_linked: bool,
}

impl Stat {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            key: Key { device: metadata.dev(), inode: metadata.ino() },
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            is_linked: metadata.nlink() > 0,
        }
    }

    /// Whether it is the same file, and nobody wrote to it in between.
    pub(super) fn is_unchanged(&self, earlier: &Self) -> bool {
        (self.key, self.size, self.modified) == (earlier.key, earlier.size, earlier.modified)
    }
}

/// The first bytes of a content, at most [`HEAD`].
pub(super) struct Head {
    bytes: Vec<u8>,
    /// The hash that was asked for last; most ask for that of 1,024 bytes.
    last: Cell<Option<(usize, [u8; 16])>>,
}

impl Head {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, last: Cell::new(None) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn identity(&self, key: Key) -> Identity {
        Identity {
            device: key.device,
            inode: key.inode,
            head_len: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            head: self.digest(self.bytes.len()).unwrap_or_default(),
        }
    }

    /// Whether the content begins as that of `identity` does. Of nothing, everything does.
    pub(super) fn begins_as(&self, identity: &Identity) -> bool {
        usize::try_from(identity.head_len)
            .is_ok_and(|len| self.digest(len) == Some(identity.head) || len == 0)
    }

    fn digest(&self, len: usize) -> Option<[u8; 16]> {
        if let Some((last, digest)) = self.last.get()
            && last == len
        {
            return Some(digest);
        }
        let hash = blake3::hash(self.bytes.get(..len)?);
        let digest = *hash.as_bytes().first_chunk()?;
        self.last.set(Some((len, digest)));
        Some(digest)
    }
}
