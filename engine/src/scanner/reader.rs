//! Scanning what does not fit into memory.

use std::io::{self, Read};
use std::ops::ControlFlow;

use leaksieve_detectors::Passage;

use super::{Scanner, Scratch, Settling};
use crate::location::Stored;
use crate::sink::Sink;

/// How the scan of a reader ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything was read and scanned; so many bytes.
    Complete(u64),
    /// The sink ended the scan.
    Stopped,
    /// Reading failed after so many bytes. What was read has been scanned and
    /// its findings reported.
    Failed(u64, io::Error),
}

impl Scanner {
    /// Scans everything that `reader` yields, in bounded memory. The findings
    /// are those of a scan of the whole.
    pub fn scan_reader(
        &self,
        reader: &mut dyn Read,
        scratch: &mut Scratch,
        sink: &mut dyn Sink,
    ) -> Outcome {
        self.scan_stored(reader, Stored::AsIs, scratch, sink)
    }

    /// Like [`Scanner::scan_reader`], for text that is stored otherwise than it
    /// is read: offsets in the findings are those of the stored object.
    pub(crate) fn scan_stored(
        &self,
        reader: &mut dyn Read,
        stored: Stored,
        scratch: &mut Scratch,
        sink: &mut dyn Sink,
    ) -> Outcome {
        let mut settling = Settling::new(stored);
        scratch.candidates.clear();
        let mut held = Held::new(std::mem::take(&mut scratch.buffer));
        // Offset of the first byte whose anchors were not looked for yet.
        let mut extracted = 0u64;
        let outcome = loop {
            let read = held.fill(reader, scratch.step);
            let available = held.end();
            let ended = !matches!(read, Ok(n) if n > 0);
            let upto =
                if ended { available } else { available.saturating_sub(self.margin_after()) };
            let passage = held.passage();
            if upto > extracted {
                let owned = (extracted - passage.base) as usize..(upto - passage.base) as usize;
                self.extract(&passage, owned, scratch);
                extracted = upto;
            }
            let watermark = if ended { u64::MAX } else { self.watermark(extracted) };
            let flow = settling.settle(self, &passage, watermark, &mut scratch.candidates, sink);
            if flow.is_break() || sink.interrupted() {
                break Outcome::Stopped;
            }
            match read {
                Ok(0) => break Outcome::Complete(available),
                Err(error) => break Outcome::Failed(available, error),
                Ok(_) => {}
            }
            let needed = Settling::needed_from(&scratch.candidates, watermark);
            let keep = settling.pass(&passage, needed);
            held.drop_until(keep);
        };
        scratch.buffer = held.bytes;
        outcome
    }
}

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

/// The text at hand: what is still needed and what was read last.
struct Held {
    /// Room; only `start..filled` is text.
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
    /// Offset of `start` in the object.
    base: u64,
}

impl Held {
    fn new(room: Vec<u8>) -> Self {
        Self { bytes: room, start: 0, filled: 0, base: 0 }
    }

    fn end(&self) -> u64 {
        self.base + (self.filled - self.start) as u64
    }

    fn passage(&self) -> Passage<'_> {
        Passage { base: self.base, bytes: &self.bytes[self.start..self.filled] }
    }

    fn fill(&mut self, reader: &mut dyn Read, step: usize) -> io::Result<usize> {
        if self.bytes.len() - self.filled < step {
            self.bytes.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
            // Room for two steps, so that not every step moves what is kept.
            if self.bytes.len() - self.filled < step {
                self.bytes.resize(self.filled + 2 * step, 0);
            }
        }
        let read = read_waiting(reader, &mut self.bytes[self.filled..][..step])?;
        self.filled += read;
        Ok(read)
    }

    fn drop_until(&mut self, offset: u64) {
        let dropped = offset.saturating_sub(self.base);
        self.start += dropped as usize;
        self.base += dropped;
    }
}

impl Outcome {
    /// Whether the scan should go on with other objects.
    pub fn flow(&self) -> ControlFlow<()> {
        match self {
            Self::Stopped => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}
