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

    /// Asks for the bytes around a place, which will be read soon, to be brought into
    /// the cache. A place that is not there is none.
    #[inline]
    pub(crate) fn prefetch(&self, at: u64) {
        #[cfg(target_arch = "x86_64")]
        if let Some(byte) = self.get(at as usize..).and_then(<[u8]>::first) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: a hint; it reads nothing that the program sees, and the address
            // is that of a byte of the slice.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = at;
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
