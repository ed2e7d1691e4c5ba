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
        let mut buffer = std::mem::take(&mut scratch.buffer);
        buffer.clear();
        // `base` is the offset of the buffer, `extracted` that of the first
        // byte whose anchors were not looked for yet.
        let (mut base, mut extracted) = (0u64, 0u64);
        let outcome = loop {
            let read = fill(reader, &mut buffer, scratch.step);
            let available = base + buffer.len() as u64;
            let ended = !matches!(read, Ok(n) if n > 0);
            let upto =
                if ended { available } else { available.saturating_sub(self.reach_after() as u64) };
            let passage = Passage { base, bytes: &buffer };
            if upto > extracted {
                let owned = (extracted - base) as usize..(upto - base) as usize;
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
            let keep = Settling::needed_from(&scratch.candidates, watermark)
                .min(extracted.saturating_sub(self.reach_before() as u64))
                .max(base);
            settling.pass(&passage, keep);
            buffer.drain(..(keep - base) as usize);
            base = keep;
        };
        scratch.buffer = buffer;
        outcome
    }
}

/// Appends up to `step` bytes; short reads are continued. An error is given
/// only if nothing was read before it: it will come again.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, step: usize) -> io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + step, 0);
    let mut end = start;
    let mut result = Ok(());
    while end < buffer.len() {
        match reader.read(&mut buffer[end..]) {
            Ok(0) => break,
            Ok(n) => end += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => {
                result = Err(e);
                break;
            }
        }
    }
    buffer.truncate(end);
    match result {
        Err(e) if end == start => Err(e),
        _ => Ok(end - start),
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
