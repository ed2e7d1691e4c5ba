//! Scanning what does not fit into memory.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::held::Held;
use super::stream::Advance;
use super::{Scanner, Scratch};
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
        let mut held = Held::new(std::mem::take(&mut scratch.buffer), 0);
        let mut advance = Advance::new(stored);
        let outcome = loop {
            let read = held.fill(reader, scratch.step);
            let ended = !matches!(read, Ok(n) if n > 0);
            if ended || advance.is_due(held.end(), scratch.step) {
                let flow = advance.settle(self, &held.passage(), ended, scratch, sink);
                if flow.is_break() || sink.interrupted() {
                    break Outcome::Stopped;
                }
                held.drop_until(advance.pass(self, &held.passage()));
            }
            match read {
                Ok(0) => break Outcome::Complete(held.end()),
                Err(error) => break Outcome::Failed(held.end(), error),
                Ok(_) => {}
            }
        };
        scratch.buffer = held.into_room();
        outcome
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
