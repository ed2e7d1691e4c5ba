//! The bytes of a pack or an index.

use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use crate::input::open::{Opened, open};

/// A file's bytes: mapped, so that what is not read costs nothing, or held.
#[derive(Debug)]
pub(crate) enum Bytes {
    Mapped(Mmap),
    /// Files without content, and those that never were files.
    Held(Box<[u8]>),
}

impl Bytes {
    /// Maps a file.
    pub(crate) fn map(path: &Path) -> io::Result<Self> {
        // A pipe in its place must not hold the scan up.
        let Opened { file, size } = open(path, true).map_err(|refused| {
            let detail = if refused.detail.is_empty() { "not a file" } else { &*refused.detail };
            io::Error::other(detail)
        })?;
        if size == 0 {
            return Ok(Self::Held(Box::default()));
        }
        // SAFETY: git never changes a pack or an index that it has put in its place;
        // it writes a new one and unlinks the old, which stays mapped. A program
        // that writes to the file nevertheless changes bytes that are checked as they
        // are read and never taken for anything else; one that cuts it ends the
        // process with a signal, as it would any reader of a mapped file.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self::Mapped(map))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Held(bytes) => bytes,
        }
    }
}
