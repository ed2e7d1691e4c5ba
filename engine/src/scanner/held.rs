//! The text at hand of an object that is not held whole.

use std::io::{self, Read};

use leaksieve_detectors::Passage;

/// A read of at least so many bytes means that more is waiting: it is what a
/// pipe holds. After a shorter one, what has come is scanned before anything
/// else is waited for.
pub(crate) const FULL_READ: usize = 64 * 1024;

/// Reads into `room` until it is full, the reader ends, or nothing more seems
/// to be waiting. An error is given only if nothing was read before it: it will
/// come again.
pub(crate) fn read_waiting(reader: &mut dyn Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match reader.read(&mut room[filled..]) {
            Ok(n) if n < FULL_READ => return Ok(filled + n),
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if filled == 0 => return Err(e),
            Err(_) => break,
        }
    }
    Ok(filled)
}

/// What is still needed of a text, and what was read last.
#[derive(Default)]
pub(super) struct Held {
    /// Room; only `start..filled` is text.
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
    /// Offset of `start` in the object.
    base: u64,
}

impl Held {
    /// Nothing yet, of a text that begins at `base`.
    pub(super) fn new(room: Vec<u8>, base: u64) -> Self {
        Self { bytes: room, start: 0, filled: 0, base }
    }

    /// Offset behind the last byte.
    pub(super) fn end(&self) -> u64 {
        self.base + (self.filled - self.start) as u64
    }

    pub(super) fn passage(&self) -> Passage<'_> {
        Passage { base: self.base, bytes: &self.bytes[self.start..self.filled] }
    }

    /// Reads at most `step` bytes more.
    pub(super) fn fill(&mut self, reader: &mut dyn Read, step: usize) -> io::Result<usize> {
        self.make_room(step);
        let read = read_waiting(reader, &mut self.bytes[self.filled..][..step])?;
        self.filled += read;
        Ok(read)
    }

    /// Appends a piece of the text.
    pub(super) fn append(&mut self, text: &[u8]) {
        self.make_room(text.len());
        self.bytes[self.filled..][..text.len()].copy_from_slice(text);
        self.filled += text.len();
    }

    fn make_room(&mut self, step: usize) {
        if self.bytes.len() - self.filled < step {
            self.bytes.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
            // Room for two steps, so that not every step moves what is kept.
            if self.bytes.len() - self.filled < step {
                self.bytes.resize(self.filled + 2 * step, 0);
            }
        }
    }

    pub(super) fn drop_until(&mut self, offset: u64) {
        let dropped = offset.saturating_sub(self.base);
        self.start += dropped as usize;
        self.base += dropped;
    }

    /// Gives back the room that is not used.
    pub(super) fn shrink(&mut self) {
        self.bytes.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        self.bytes.truncate(self.filled);
        self.bytes.shrink_to_fit();
    }

    /// Bytes of memory.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// The room, to be used again.
    pub(super) fn into_room(self) -> Vec<u8> {
        self.bytes
    }
}

/// Shows where it stands, never what it holds.
impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("range", &(self.base..self.end())).finish_non_exhaustive()
    }
}
