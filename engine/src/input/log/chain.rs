//! Lines of which only the first pieces have been read.

use std::fmt;

use super::record::{Format, Record, Source};

/// The longest line that is put together.
pub(super) const LONGEST: usize = 1 << 20;

/// The most lines that are put together at once.
const MOST: usize = 8;

/// The longest name of a container or a stream that is remembered.
const LONGEST_NAME: usize = 256;

/// Where a piece of a line begins.
pub(super) struct Piece {
    /// Offset in the line.
    pub(super) at: usize,
    /// Offset in the raw log.
    pub(super) raw: u64,
    pub(super) raw_line: u64,
    /// The raw offset of its line, if it is not the first piece.
    pub(super) line_start: Option<u64>,
}

/// A line and the pieces that it is made of.
pub(super) struct Chain {
    format: Format,
    container: Box<[u8]>,
    stream: Box<[u8]>,
    /// What the line is so far.
    pub(super) text: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    /// What stands behind the last piece in its record.
    pub(super) tail: Vec<u8>,
    /// The raw offset at which the line begins.
    pub(super) begun: u64,
}

/// Without the text, which may hold secrets.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Chain");
        shown.field("begun", &self.begun).field("bytes", &self.text.len());
        shown.field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

/// A record and where it stands in the raw log.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) record: &'a Record<'a>,
    pub(super) raw: u64,
    pub(super) raw_line: u64,
}

impl Standing<'_> {
    fn tail(&self) -> &[u8] {
        &self.bytes[self.record.value.end..]
    }
}

impl Chain {
    fn begin(source: &Source<'_>, first: Standing<'_>) -> Self {
        let Standing { bytes, record, raw, raw_line } = first;
        Self {
            format: source.format,
            container: source.container.into(),
            stream: source.stream.into(),
            text: bytes[..record.value.end].to_vec(),
            pieces: vec![Piece { at: 0, raw, raw_line, line_start: None }],
            tail: first.tail().to_vec(),
            begun: raw,
        }
    }

    fn is_of(&self, source: &Source<'_>) -> bool {
        self.format == source.format
            && *self.container == *source.container
            && *self.stream == *source.stream
    }

    /// Whether there is room for another piece.
    pub(super) fn takes(&self, next: &Standing<'_>) -> bool {
        self.text.len() + next.record.value.len() + next.tail().len() <= LONGEST
    }

    /// Goes on with the next piece.
    pub(super) fn go_on(&mut self, next: Standing<'_>) {
        let Standing { bytes, record, raw, raw_line } = next;
        let (head, value) = (&bytes[..record.value.start], &bytes[record.value.clone()]);
        let line_start = memchr::memrchr(b'\n', head).map_or(0, |end| end + 1);
        self.pieces.push(Piece {
            at: self.text.len(),
            raw: raw + head.len() as u64,
            raw_line: raw_line + memchr::memchr_iter(b'\n', head).count() as u64,
            line_start: Some(raw + line_start as u64),
        });
        self.text.extend_from_slice(value);
        self.tail.clear();
        self.tail.extend_from_slice(next.tail());
    }
}

/// The lines that are not whole yet, one a source, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Chains(Vec<Chain>);

impl Chains {
    /// The raw offset at which the first of them begins.
    pub(super) fn begun(&self) -> Option<u64> {
        self.0.first().map(|chain| chain.begun)
    }

    /// The line of a source.
    pub(super) fn of(&mut self, source: &Source<'_>) -> Option<&mut Chain> {
        self.0.iter_mut().find(|chain| chain.is_of(source))
    }

    /// Whether a line of this source may be put together.
    pub(super) fn takes(source: &Source<'_>) -> bool {
        source.container.len() <= LONGEST_NAME && source.stream.len() <= LONGEST_NAME
    }

    /// Begins a line. There is room for it: see [`surplus`](Self::surplus).
    pub(super) fn begin(&mut self, source: &Source<'_>, first: Standing<'_>) {
        self.0.push(Chain::begin(source, first));
    }

    /// Takes out the line of a source.
    pub(super) fn take(&mut self, source: &Source<'_>) -> Option<Chain> {
        let index = self.0.iter().position(|chain| chain.is_of(source))?;
        Some(self.0.remove(index))
    }

    /// Takes out the first line.
    pub(super) fn take_first(&mut self) -> Option<Chain> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// Takes out the first line if there is no room for another.
    pub(super) fn surplus(&mut self) -> Option<Chain> {
        if self.0.len() < MOST { None } else { self.take_first() }
    }

    /// Takes out a line whose next piece should long have come, if the log has been read up
    /// to this offset.
    pub(super) fn stale(&mut self, raw: u64) -> Option<Chain> {
        let first = self.0.first()?;
        if raw - first.begun < 2 * LONGEST as u64 { None } else { self.take_first() }
    }
}
