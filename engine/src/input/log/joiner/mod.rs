//! Turning the bytes of a log into the text to be scanned.
//!
//! A log is read record by record ([`record`](super::record)). A record that is a piece of a
//! line waits for the others of its source ([`chain`](super::chain)); every other is given
//! as it is. What is no record is given as it is too, and if too much of it comes at once,
//! the log is plain and not looked at any more.
//!
//! All decisions follow from where something stands in the log and none from how much of it
//! is there, so that the text does not depend on how the log arrives.

use super::chain::{Chain, Chains, Standing};
use super::place::{Place, Places, Segment};
use super::record::{self, Examined, LONGEST, Progress, Record};

/// So many lines in a row that are no records make a log plain. The first may be the rest of
/// a line in whose middle reading began.
const PLAIN_LINES: u32 = 16;

/// So do so many bytes.
const PLAIN_BYTES: usize = 1 << 20;

/// Joins the lines that container runtimes cut into pieces of 16 KiB.
///
/// It knows the formats of CRI (containerd, CRI-O, Podman's `k8s-file`), of Docker's
/// drivers `json-file` and `fluentd` (as lines of JSON), and of the journal with
/// `-o export` and `-o json`. A joined line has the beginning of its first piece and the end
/// of its last; what a runtime wrote between two pieces is dropped. Lines of several streams
/// and containers may interleave: a joined line stands in the text where it ended.
///
/// A piece is held back until its line is whole, up to 1 MiB a line and eight lines, and no
/// longer than the log grows by 2 MiB; the record that is being read is held back up to its
/// end, or up to 256 KiB. What is no record is held back for 4 KiB at most.
///
/// ```
/// use leaksieve::input::log::{Joiner, Place};
///
/// let mut joiner = Joiner::new();
/// let mut text = Vec::new();
/// joiner.push(b"2026-11-23T08:00:00Z stdout P key = wJalrXUt\n", &mut text);
/// joiner.push(b"2026-11-23T08:00:00Z stdout F nFEMI\n", &mut text);
/// joiner.finish(&mut text);
/// assert_eq!(text, b"2026-11-23T08:00:00Z stdout P key = wJalrXUtnFEMI\n");
/// let n = Place { offset: 44, line: 1, column: 45 };
/// assert_eq!(joiner.place(&n), Place { offset: 75, line: 2, column: 31 });
/// ```
#[derive(Debug)]
pub struct Joiner {
    state: State,
    /// The beginning of a record.
    held: Held,
    chains: Chains,
    places: Places,
    /// Where in the log the record stands that is read next.
    raw: u64,
    raw_line: u64,
    /// How much text was given. Once the log is plain, none of these four is counted.
    given: u64,
    line: u64,
    /// Lines and bytes since the last record.
    others: (u32, usize),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Record,
    /// The rest of a line that is given as it is; whether that speaks for a plain log.
    Line {
        other: bool,
    },
    Plain,
}

/// Raw bytes, which are never shown: they may hold secrets.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    progress: Progress,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Default for Joiner {
    fn default() -> Self {
        Self::new()
    }
}

impl Joiner {
    /// Begins at the beginning of a log.
    pub fn new() -> Self {
        Self::starting_at(0, 1)
    }

    /// Begins at an offset of a log that stands on this line, counted from 1. The offset may
    /// be in the middle of a line.
    pub fn starting_at(offset: u64, line: u64) -> Self {
        // No file is as long; so nothing that is added can overflow.
        let (offset, line) = (offset.min(u64::MAX / 2), line.clamp(1, u64::MAX / 2));
        Self {
            state: State::Record,
            held: Held::default(),
            chains: Chains::default(),
            places: Places::from(offset, line),
            raw: offset,
            raw_line: line,
            given: 0,
            line: 1,
            others: (0, 0),
        }
    }

    /// Appends what the next bytes of the log say to `text`. All text that was ever
    /// appended counts as one, from offset 0 on.
    pub fn push(&mut self, raw: &[u8], text: &mut Vec<u8>) {
        let mut rest = raw;
        while !rest.is_empty() {
            rest = match self.state {
                State::Plain => {
                    text.extend_from_slice(rest);
                    return;
                }
                State::Line { other } => self.pass(rest, other, text),
                State::Record if self.held.bytes.is_empty() => self.read(rest, text),
                State::Record => self.read_on(rest, text),
            };
        }
    }

    /// Appends what is held back, as at the end of the log. More may be pushed later; lines
    /// whose pieces come only then are not joined.
    pub fn finish(&mut self, text: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held).bytes;
        let record = record::of_line(&held);
        let mut last = None;
        if let Some(record) = &record
            && let Some(source) = &record.source
        {
            let (raw, raw_line) = (self.raw, self.raw_line);
            let standing = Standing { bytes: &held, record, raw, raw_line };
            if self.chains.of(source).is_some_and(|chain| chain.takes(&standing)) {
                last = self.chains.take(source);
                if let Some(chain) = &mut last {
                    chain.go_on(standing);
                }
            }
        }
        // Nothing may come behind what has no line end.
        self.give_all(text);
        match last {
            Some(chain) => {
                self.give(chain, text);
                self.raw += held.len() as u64;
            }
            None => self.give_raw(&held, text),
        }
        if !held.is_empty() && held.last() != Some(&b'\n') {
            self.state = State::Line { other: false };
        }
    }

    /// Where a byte of the text stood in the raw log. The place's offset counts from the
    /// first text that was pushed, its line from 1. It is not before what was forgotten.
    pub fn place(&self, text: &Place) -> Place {
        self.places.raw(text)
    }

    /// Forgets the places of text before this offset.
    pub fn forget(&mut self, before: u64) {
        self.places.forget(before);
    }

    /// Whether the log is plain: from here on the text is what is pushed, byte for byte.
    pub fn is_plain(&self) -> bool {
        self.state == State::Plain
    }

    /// The raw offset before which everything has been given, and from which on reading may
    /// be taken up again without losing anything; `None` where the log is plain, and nothing
    /// is ever held back.
    pub fn given_up_to(&self) -> Option<u64> {
        (!self.is_plain()).then(|| self.chains.begun().unwrap_or(self.raw))
    }

    /// Reads what begins a record.
    fn read<'r>(&mut self, rest: &'r [u8], text: &mut Vec<u8>) -> &'r [u8] {
        let mut progress = Progress::default();
        match record::examine(rest, &mut progress) {
            Examined::Record(length, record) => {
                let (bytes, rest) = rest.split_at(length);
                self.take(bytes, &record, text);
                rest
            }
            Examined::More => {
                self.held.bytes.extend_from_slice(rest);
                self.held.progress = progress;
                &[]
            }
            Examined::Other(before) => self.leave(rest, before, true, text),
            Examined::TooLong(before) => self.leave(rest, before, false, text),
        }
    }

    /// Reads on where the beginning of a record is held back.
    fn read_on<'r>(&mut self, rest: &'r [u8], text: &mut Vec<u8>) -> &'r [u8] {
        let mut held = std::mem::take(&mut self.held);
        // No more than a line, which may be all that is missing.
        let room = rest.len().min(LONGEST - held.bytes.len());
        let next = memchr::memchr(b'\n', &rest[..room]).map_or(room, |end| end + 1);
        let (next, rest) = rest.split_at(next);
        held.bytes.extend_from_slice(next);
        match record::examine(&held.bytes, &mut held.progress) {
            Examined::Record(length, record) => {
                self.take(&held.bytes[..length], &record, text);
                // Records end with a line, so there is nothing; but nothing may be lost.
                self.push(&held.bytes[length..], text);
            }
            Examined::More => self.held = held,
            Examined::Other(before) => self.leave_all(&held.bytes, before, true, text),
            Examined::TooLong(before) => self.leave_all(&held.bytes, before, false, text),
        }
        rest
    }

    /// Gives so many bytes as they are, and then the rest of the line.
    fn leave<'r>(
        &mut self,
        bytes: &'r [u8],
        before: usize,
        other: bool,
        text: &mut Vec<u8>,
    ) -> &'r [u8] {
        self.give_all(text);
        let (before, rest) = bytes.split_at(before);
        self.give_raw(before, text);
        self.state = State::Line { other };
        rest
    }

    fn leave_all(&mut self, bytes: &[u8], before: usize, other: bool, text: &mut Vec<u8>) {
        let rest = self.leave(bytes, before, other, text);
        // What was held back is a line at most from here on.
        self.push(rest, text);
    }

    /// Gives a line as it is, as far as it is there.
    fn pass<'r>(&mut self, rest: &'r [u8], other: bool, text: &mut Vec<u8>) -> &'r [u8] {
        let room = if other { PLAIN_BYTES - self.others.1 } else { usize::MAX };
        let view = &rest[..rest.len().min(room)];
        let end = memchr::memchr(b'\n', view);
        let (line, rest) = rest.split_at(end.map_or(view.len(), |end| end + 1));
        self.give_raw(line, text);
        if end.is_some() {
            self.state = State::Record;
        }
        if other {
            self.others.0 += u32::from(end.is_some());
            self.others.1 += line.len();
            if self.others.0 >= PLAIN_LINES || self.others.1 >= PLAIN_BYTES {
                self.state = State::Plain;
            }
        }
        rest
    }

    /// Takes a record: gives it, or keeps it for the rest of its line.
    fn take(&mut self, bytes: &[u8], record: &Record<'_>, text: &mut Vec<u8>) {
        self.others = (0, 0);
        let standing = Standing { bytes, record, raw: self.raw, raw_line: self.raw_line };
        let source = record.source.filter(Chains::takes);
        let mut whole = None;
        let mut kept = false;
        if let Some(source) = &source {
            match self.chains.of(source) {
                Some(chain) if chain.takes(&standing) => {
                    chain.go_on(standing);
                    kept = true;
                    if !record.continued {
                        whole = self.chains.take(source);
                    }
                }
                Some(_) => whole = self.chains.take(source),
                None => {}
            }
        }
        if let Some(chain) = whole {
            self.give(chain, text);
        }
        if !kept
            && record.continued
            && let Some(source) = &source
        {
            if let Some(first) = self.chains.surplus() {
                self.give(first, text);
            }
            self.chains.begin(source, standing);
            kept = true;
        }
        if kept {
            self.raw += bytes.len() as u64;
            self.raw_line += lines(bytes);
        } else {
            self.give_raw(bytes, text);
        }
        while let Some(chain) = self.chains.stale(self.raw) {
            self.give(chain, text);
        }
    }

    /// Gives all lines that are not whole.
    fn give_all(&mut self, text: &mut Vec<u8>) {
        while let Some(chain) = self.chains.take_first() {
            self.give(chain, text);
        }
    }

    /// Gives a line that was put together.
    fn give(&mut self, chain: Chain, text: &mut Vec<u8>) {
        let ends = chain.pieces.iter().skip(1).map(|piece| piece.at).chain([chain.text.len()]);
        for (piece, end) in chain.pieces.iter().zip(ends) {
            self.places.begin(Segment {
                at: self.given,
                line: self.line,
                raw: piece.raw,
                raw_line: piece.raw_line,
                line_start: piece.line_start,
            });
            self.append(&chain.text[piece.at..end], text);
        }
        // It stood right behind the last piece.
        self.append(&chain.tail, text);
    }

    /// Gives the next bytes of the log as they are.
    fn give_raw(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.places.begin(Segment {
            at: self.given,
            line: self.line,
            raw: self.raw,
            raw_line: self.raw_line,
            line_start: None,
        });
        self.raw += bytes.len() as u64;
        self.raw_line += lines(bytes);
        self.append(bytes, text);
    }

    fn append(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        text.extend_from_slice(bytes);
        self.given += bytes.len() as u64;
        self.line += lines(bytes);
    }
}

fn lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests;
