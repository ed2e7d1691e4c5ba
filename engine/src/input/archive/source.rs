//! Reading a container from anywhere, with little held in memory.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::ReadSeek;

/// What several threads read at once, each from anywhere.
pub(crate) trait ReadAt: Sync {
    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize>;

    fn len(&self) -> io::Result<u64>;
}

impl ReadAt for File {
    fn read_at(&self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(self, room, offset);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(self, room, offset);
        #[cfg(not(any(unix, windows)))]
        {
            let _ = (offset, room);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

/// One thread's place in what is shared.
pub(super) struct Place<'s> {
    shared: &'s dyn ReadAt,
    at: u64,
}

impl<'s> Place<'s> {
    pub(super) fn new(shared: &'s dyn ReadAt) -> Self {
        Self { shared, at: 0 }
    }
}

impl Read for Place<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.shared.read_at(self.at, out)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Place<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.shared.len()?.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The most bytes of a [`Buffer`].
const MOST: usize = 64 << 10;

/// Bytes of a buffer after a jump: the next jump may be near.
const FIRST: usize = 4 << 10;

/// A container, and where it stands.
pub(super) struct Source<'s> {
    whole: &'s mut dyn ReadSeek,
    at: u64,
    /// Bytes of the container.
    pub(super) len: u64,
}

impl<'s> Source<'s> {
    pub(super) fn new(whole: &'s mut dyn ReadSeek) -> io::Result<Self> {
        let len = whole.seek(SeekFrom::End(0))?;
        Ok(Self { whole, at: len, len })
    }

    /// Reads from an offset on, as far as the system reads at once; nothing at the end.
    pub(super) fn read_at(&mut self, offset: u64, room: &mut [u8]) -> io::Result<usize> {
        if offset >= self.len {
            return Ok(0);
        }
        if self.at != offset {
            self.at = self.whole.seek(SeekFrom::Start(offset))?;
        }
        loop {
            match self.whole.read(room) {
                Ok(read) => {
                    self.at += read as u64;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// A piece of a container.
#[derive(Default)]
pub(super) struct Buffer {
    room: Vec<u8>,
    filled: usize,
    offset: u64,
}

impl Buffer {
    /// What stands from an offset on: nothing only at the end.
    pub(super) fn at(&mut self, source: &mut Source<'_>, offset: u64) -> io::Result<&[u8]> {
        let end = self.offset + self.filled as u64;
        if !(self.offset..end).contains(&offset) {
            let size = match self.filled {
                0 => FIRST,
                // On it goes.
                filled if offset == end => (2 * filled).clamp(FIRST, MOST),
                _ => FIRST,
            };
            if self.room.len() < size {
                self.room.resize(size, 0);
            }
            self.filled = 0;
            self.offset = offset;
            self.filled = source.read_at(offset, self.room.get_mut(..size).unwrap_or_default())?;
        }
        let from = (offset - self.offset) as usize;
        Ok(self.room.get(from..self.filled).unwrap_or_default())
    }

    /// Fills the room from an offset on.
    pub(super) fn exact(
        &mut self,
        source: &mut Source<'_>,
        mut offset: u64,
        mut room: &mut [u8],
    ) -> io::Result<()> {
        while !room.is_empty() {
            let bytes = self.at(source, offset)?;
            if bytes.is_empty() {
                return Err(cut());
            }
            let (now, later) = room.split_at_mut(bytes.len().min(room.len()));
            now.copy_from_slice(bytes.get(..now.len()).unwrap_or_default());
            offset += now.len() as u64;
            room = later;
        }
        Ok(())
    }
}

/// The container ends where it should not.
pub(super) fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends within it")
}

/// A part of a container, read through a buffer.
pub(super) struct Part<'p, 's> {
    pub(super) source: &'p mut Source<'s>,
    pub(super) buffer: &'p mut Buffer,
    pub(super) at: u64,
    pub(super) end: u64,
}

impl BufRead for Part<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.end.saturating_sub(self.at);
        if left == 0 {
            return Ok(&[]);
        }
        let bytes = self.buffer.at(self.source, self.at)?;
        if bytes.is_empty() {
            return Err(cut());
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.get(..most).unwrap_or_default())
    }

    fn consume(&mut self, read: usize) {
        self.at += read as u64;
    }
}

impl Read for Part<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let read = bytes.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..read), bytes.get(..read)) {
            to.copy_from_slice(from);
        }
        self.consume(read);
        Ok(read)
    }
}
