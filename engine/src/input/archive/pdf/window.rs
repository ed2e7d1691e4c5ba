//! Looking for words in a file of any size.

use std::io;

use super::super::source::Source;

/// Bytes that are looked at together.
const ROOM: usize = 128 << 10;

/// Bytes before a place that are kept with it.
const BEHIND: usize = 8 << 10;

/// A piece of a file.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    start: u64,
}

impl Window {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Where a word stands first from an offset on, before another one.
    pub(super) fn find(
        &mut self,
        source: &mut Source<'_>,
        word: &[u8],
        mut from: u64,
        to: u64,
    ) -> io::Result<Option<u64>> {
        let to = to.min(source.len);
        while from + word.len() as u64 <= to {
            if from < self.start || from + word.len() as u64 > self.end() {
                self.load(source, from)?;
            }
            let bytes = self.held(from, to);
            if let Some(at) = memchr::memmem::find(bytes, word) {
                return Ok(Some(from + at as u64));
            }
            // A word may begin at the end of the piece.
            match (bytes.len() + 1).checked_sub(word.len()) {
                Some(read) if read > 0 => from += read as u64,
                _ => break,
            }
        }
        Ok(None)
    }

    fn load(&mut self, source: &mut Source<'_>, at: u64) -> io::Result<()> {
        self.start = at.saturating_sub(BEHIND as u64);
        self.bytes.resize(ROOM, 0);
        let mut filled = 0;
        while let Some(room) = self.bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            match source.read_at(self.start + filled as u64, room)? {
                0 => break,
                read => filled += read,
            }
        }
        self.bytes.truncate(filled);
        Ok(())
    }

    /// What stands between two offsets, as far as it is here: nothing if the first is not.
    pub(super) fn held(&self, from: u64, to: u64) -> &[u8] {
        let Some(start) = from.checked_sub(self.start) else { return &[] };
        let end = to.min(self.end()).saturating_sub(self.start);
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// So many bytes from an offset on; fewer at the end.
    pub(super) fn at(&mut self, source: &mut Source<'_>, at: u64, len: u64) -> io::Result<&[u8]> {
        let to = at.saturating_add(len).min(source.len);
        if at < self.start || to > self.end() {
            self.load(source, at)?;
        }
        Ok(self.held(at, to))
    }

    /// What stands before an offset to which it was searched, as far as it is kept.
    pub(super) fn before(&self, at: u64) -> &[u8] {
        self.held(at.saturating_sub(BEHIND as u64).max(self.start), at)
    }
}
