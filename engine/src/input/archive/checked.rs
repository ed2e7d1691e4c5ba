//! Holding content to what its directory says of it.

use std::io::{self, Read};

/// What a directory says of a member's content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// Its bytes.
    pub(super) size: Option<u64>,
    /// Its CRC-32.
    pub(super) sum: Option<u32>,
}

/// Content that must be what is stated of it. All of it is handed on, however much it
/// is; what is wrong is told at its end.
pub(super) struct Checked<R> {
    content: R,
    stated: Stated,
    crc: flate2::Crc,
    read: u64,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(content: R, stated: Stated) -> Self {
        Self { content, stated, crc: flate2::Crc::new(), read: 0 }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(out)?;
        if read > 0 {
            self.read += read as u64;
            if self.stated.sum.is_some() {
                self.crc.update(out.get(..read).unwrap_or_default());
            }
        } else if !out.is_empty() {
            if self.stated.size.is_some_and(|size| size != self.read) {
                return Err(io::Error::other("its size is not the one that is stated"));
            }
            if self.stated.sum.is_some_and(|sum| sum != self.crc.sum()) {
                return Err(io::Error::other("its checksum is wrong"));
            }
        }
        Ok(read)
    }
}
