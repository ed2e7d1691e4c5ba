//! Scanning text that arrives in pieces.
//!
//! A [`StreamScanner`] is given the text as it comes and keeps of it what may still
//! matter: as far back as a detector reads before an anchor, and from the first anchor
//! on whose text is not all there. So what it reports is what a scan of the whole
//! reports, wherever the text was cut.
//!
//! That a finding is certain takes some kilobytes of text behind it, which a quiet
//! stream does not send. [`StreamScanner::early`] reports what the text at hand says so
//! far; what the rest of the stream changes about it is told under the same
//! [`EventId`](super::EventId).

use std::ops::ControlFlow;

use leaksieve_detectors::{Candidate, Passage};

use super::early::{Early, Foreseen, Reconciling, StreamSink, Unsettled, lines_end};
use super::held::Held;
use super::{Scanner, Scratch, Settling};
use crate::location::Stored;

/// Bytes of a piece that are looked at at once if a stream brings less: each look costs
/// as much as some hundred bytes.
const WORTHWHILE: u64 = 4096;

/// How far the scan of a text is of which more is to come.
#[derive(Debug)]
pub(super) struct Advance {
    settling: Settling,
    pending: Vec<Candidate>,
    /// Offset of the first byte whose anchors were not looked for yet.
    extracted: u64,
    /// The end of the text when they were last looked for.
    looked_at: u64,
}

impl Advance {
    pub(super) fn new(stored: Stored) -> Self {
        let settling = Settling::new(stored);
        Self { settling, pending: Vec::new(), extracted: 0, looked_at: 0 }
    }

    /// Whether another look is worth its price: what is not settled is looked at again
    /// each time, so it should not be much more than what is new.
    pub(super) fn is_due(&self, end: u64, step: usize) -> bool {
        end - self.looked_at >= ((end - self.extracted) / 4).max(WORTHWHILE.min(step as u64))
    }

    /// Reports what is certain, all of it if the text has `ended` with the passage.
    pub(super) fn settle(
        &mut self,
        scanner: &Scanner,
        passage: &Passage<'_>,
        ended: bool,
        scratch: &mut Scratch,
        sink: &mut dyn crate::Sink,
    ) -> ControlFlow<()> {
        let end = passage.base + passage.bytes.len() as u64;
        let from = (self.extracted - passage.base) as usize;
        std::mem::swap(&mut scratch.candidates, &mut self.pending);
        let to = if ended {
            scanner.extract(passage, from..passage.bytes.len(), scratch);
            passage.bytes.len()
        } else {
            scanner.extract_complete(passage, from, scratch)
        };
        std::mem::swap(&mut scratch.candidates, &mut self.pending);
        scratch.candidates.clear();
        self.extracted = passage.base + to as u64;
        self.looked_at = end;
        let watermark = if ended { u64::MAX } else { self.watermark(scanner) };
        self.settling.settle(scanner, passage, watermark, &mut self.pending, sink)
    }

    fn watermark(&self, scanner: &Scanner) -> u64 {
        scanner.watermark(self.extracted)
    }

    /// The offset before which nothing is reported any more.
    fn settled(&self, scanner: &Scanner) -> u64 {
        Settling::settled(&self.pending, self.watermark(scanner))
    }

    /// Counts the lines of what is not needed any more, and says from where on the text
    /// is.
    pub(super) fn pass(&mut self, scanner: &Scanner, passage: &Passage<'_>) -> u64 {
        let needed = Settling::needed_from(&self.pending, self.watermark(scanner));
        self.settling.pass(passage, needed)
    }
}

/// Scans one stream of text, piece by piece.
///
/// Keeps some 17 KiB of a long stream's text, and up to some 400 KiB while something
/// is undecided; [`StreamScanner::memory`] tells. A [`Scratch`] is lent for each call, so
/// that ten thousand streams need not have one each.
///
/// ```
/// use leaksieve::{Scanner, Scratch, StreamEvent};
///
/// let scanner = Scanner::new();
/// let mut scratch = Scratch::new();
/// let mut events: Vec<StreamEvent> = Vec::new();
///
/// let mut stream = scanner.stream();
/// let _ = stream.push(b"redis://default:vT7Pj2xLq9", &mut scratch, &mut events);
/// let _ = stream.push(b"WzR4aKm1@db.shopfabrik.dev:6379/0\n", &mut scratch, &mut events);
/// let _ = stream.finish(&mut scratch, &mut events);
///
/// let [StreamEvent::Certain(_, finding)] = &events[..] else { panic!() };
/// assert_eq!(finding.secret(), b"vT7Pj2xLq9WzR4aKm1");
/// ```
#[derive(Debug)]
pub struct StreamScanner {
    scanner: Scanner,
    held: Held,
    advance: Advance,
    early: Early,
    /// Text from here on is kept for someone else.
    kept_from: u64,
}

impl Scanner {
    /// Scans a stream from its beginning.
    pub fn stream(&self) -> StreamScanner {
        StreamScanner {
            scanner: self.clone(),
            held: Held::new(Vec::new(), 0),
            advance: Advance::new(Stored::AsIs),
            early: Early::default(),
            kept_from: u64::MAX,
        }
    }
}

impl StreamScanner {
    /// Takes the next piece of the stream, and reports what has become certain.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the scan; the stream must not be
    /// given any more then.
    pub fn push(
        &mut self,
        piece: &[u8],
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        for step in piece.chunks(scratch.step) {
            self.step(step, scratch, sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Takes as much as is scanned at once.
    pub(crate) fn step(
        &mut self,
        step: &[u8],
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        self.held.append(step);
        if self.advance.is_due(self.held.end(), scratch.step) {
            self.settle(false, scratch, sink)?;
            if sink.interrupted() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Reports what the whole lines at hand say if nothing follows them, so that a
    /// finding in a quiet stream is heard of. What is reported so will be reported again
    /// under its id once it is [certain](super::StreamEvent::Certain), whether it has
    /// changed or not, or [withdrawn](super::StreamEvent::Withdrawn).
    ///
    /// Costs a scan of what is not settled, some microseconds as a rule; returns at once
    /// if no line came since the last time. Gives back memory that is not used.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the scan.
    pub fn early(&mut self, scratch: &mut Scratch, sink: &mut dyn StreamSink) -> ControlFlow<()> {
        match self.foresee(scratch, sink) {
            ControlFlow::Continue(_) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(()),
        }
    }

    /// Like [`StreamScanner::early`]. Gives everything that is not settled, whether it was
    /// reported before or not, and where something begins whose end has not come.
    pub(crate) fn foresee(
        &mut self,
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<(), Foreseen> {
        let Advance { settling, pending, extracted, .. } = &self.advance;
        let watermark = self.advance.watermark(&self.scanner);
        let unsettled = Unsettled { settling, pending, extracted: *extracted, watermark };
        let text = self.held.passage();
        let foreseen = self.early.look(&self.scanner, &unsettled, &text, scratch, sink)?;
        self.held.shrink();
        ControlFlow::Continue(foreseen)
    }

    /// The offset behind the last whole line that is at hand.
    pub(crate) fn lines_end(&self) -> u64 {
        lines_end(&self.held.passage())
    }

    /// The offset before which everything is certain and has been reported.
    pub(crate) fn settled(&self) -> u64 {
        self.advance.settled(&self.scanner)
    }

    /// The text at hand.
    pub(crate) fn text(&self) -> Passage<'_> {
        self.held.passage()
    }

    /// Drops the text before an offset, as far as it is not needed.
    #[cfg(all(unix, feature = "follow", feature = "report"))]
    pub(crate) fn release(&mut self, before: u64) {
        self.kept_from = before;
        let needed = self.advance.pass(&self.scanner, &self.held.passage());
        self.held.drop_until(needed.min(before));
    }

    /// Keeps the text from an offset on at hand.
    pub(crate) fn keep_from(&mut self, offset: u64) {
        self.kept_from = offset;
    }

    /// Ends the stream and reports the rest.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the scan.
    pub fn finish(mut self, scratch: &mut Scratch, sink: &mut dyn StreamSink) -> ControlFlow<()> {
        self.end(scratch, sink)
    }

    /// Reports the rest; the text stays at hand.
    pub(crate) fn end(
        &mut self,
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        self.settle(true, scratch, sink)
    }

    /// Bytes that came until now.
    pub fn len(&self) -> u64 {
        self.held.end()
    }

    /// Whether nothing has come yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the scan of this stream takes.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.held.capacity()
            + self.advance.pending.capacity() * size_of::<Candidate>()
            + self.early.memory()
    }

    fn settle(
        &mut self,
        ended: bool,
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        let passage = self.held.passage();
        let mut certain = Reconciling { early: &mut self.early, sink };
        self.advance.settle(&self.scanner, &passage, ended, scratch, &mut certain)?;
        let settled = if ended { u64::MAX } else { self.advance.settled(&self.scanner) };
        self.early.settle(settled, sink)?;
        if !ended {
            let needed = self.advance.pass(&self.scanner, &passage);
            self.held.drop_until(needed.min(self.kept_from));
        }
        ControlFlow::Continue(())
    }
}
