//! Replacing secrets in text that arrives in pieces.
//!
//! Text is handed on once everything in it is certain, so a long stream loses exactly
//! what a scan of the whole finds. A quiet stream is not held up: its whole lines are
//! handed on as they are understood so far, and what only a later line would have told is
//! in them.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

use aho_corasick::AhoCorasick;

use super::{REPEATED, search};
use crate::decode::Coding;
use crate::finding::Finding;
use crate::scanner::{Foreseen, Scanner, Scratch, StreamEvent, StreamScanner, StreamSink};

/// Takes what a stream is without its secrets.
pub trait Redaction: StreamSink {
    /// What stands for the secrets of a finding.
    fn replacement(&mut self, finding: &Finding) -> Vec<u8>;

    /// Takes the next piece of the text. [`ControlFlow::Break`] ends the stream.
    fn text(&mut self, text: &[u8]) -> ControlFlow<()>;

    /// Hears that no text follows for now: what is buffered should go. Default: nothing is.
    fn rest(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Secrets whose repetitions are looked for: the last ones.
const REMEMBERED: usize = 256;

/// The longest secret whose repetitions are looked for.
const LONGEST_REPEATED: usize = 4096;

/// Bytes of all of them.
const MOST_REPEATED: usize = 128 << 10;

/// Replaces the secrets of one stream, piece by piece.
///
/// Lines stay lines, and all but the secrets stays as it is, byte for byte. Of a secret of
/// several lines each is replaced. Where a secret stands in a run of base64 or hexadecimal
/// digits, the run is replaced, as far as it stands on the secret's lines. Later
/// repetitions of a secret of at least sixteen bytes are replaced, too.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use leaksieve::{Finding, Redaction, Scanner, Scratch, StreamEvent, StreamSink};
///
/// #[derive(Default)]
/// struct Clean(Vec<u8>);
///
/// impl StreamSink for Clean {
///     fn event(&mut self, _: StreamEvent) -> ControlFlow<()> {
///         ControlFlow::Continue(())
///     }
/// }
///
/// impl Redaction for Clean {
///     fn replacement(&mut self, finding: &Finding) -> Vec<u8> {
///         format!("[{}]", finding.detector().id).into_bytes()
///     }
///     fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
///         self.0.extend_from_slice(text);
///         ControlFlow::Continue(())
///     }
/// }
///
/// let scanner = Scanner::new();
/// let (mut scratch, mut clean) = (Scratch::new(), Clean::default());
/// let mut stream = scanner.redact_stream();
/// let _ = stream.push(b"cache redis://x:vT7Pj2xLq9WzR4aK@db.shopfabrik.dev:6379/0\n", &mut scratch, &mut clean);
/// let _ = stream.finish(&mut scratch, &mut clean);
/// assert_eq!(clean.0, b"cache redis://x:[database-uri]@db.shopfabrik.dev:6379/0\n");
/// ```
#[derive(Debug)]
pub struct StreamRedactor {
    stream: StreamScanner,
    /// Offset of the first byte that was not handed on.
    written: u64,
    /// What is certain to be replaced behind it, by its start.
    replaced: Vec<Replaced>,
    /// Whether what stands before it on its line was replaced, last.
    is_covered: bool,
    known: Known,
}

/// A range whose text is replaced.
#[derive(Clone)]
struct Replaced {
    range: Range<u64>,
    by: Vec<u8>,
}

impl std::fmt::Debug for Replaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Replaced").field(&self.range).finish()
    }
}

impl Scanner {
    /// Replaces the secrets of a stream, from its beginning.
    pub fn redact_stream(&self) -> StreamRedactor {
        let mut stream = self.stream();
        stream.keep_from(0);
        StreamRedactor {
            stream,
            written: 0,
            replaced: Vec::new(),
            is_covered: false,
            known: Known::default(),
        }
    }
}

impl StreamRedactor {
    /// Takes the next piece of the stream, and hands on what has become certain.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the stream.
    pub fn push(
        &mut self,
        piece: &[u8],
        scratch: &mut Scratch,
        sink: &mut dyn Redaction,
    ) -> ControlFlow<()> {
        for step in piece.chunks(scratch.step) {
            let mut certain = Certain { found: Vec::new(), sink };
            self.stream.step(step, scratch, &mut certain)?;
            let found = certain.found;
            self.replace(found);
            self.write(self.stream.settled(), sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Hands on the whole lines at hand, as they are understood so far. A private key that
    /// has begun is kept until it ends.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the stream.
    pub fn flush(&mut self, scratch: &mut Scratch, sink: &mut dyn Redaction) -> ControlFlow<()> {
        let end = self.stream.lines_end();
        if end <= self.written {
            return ControlFlow::Continue(());
        }
        let mut early = Certain { found: Vec::new(), sink };
        let Foreseen { found, cut_off } = self.stream.foresee(scratch, &mut early)?;
        let found = found.into_iter().map(|f| (sink.replacement(&f), f)).collect();
        self.replace(found);
        self.write(cut_off.map_or(end, |from| from.min(end)), sink)
    }

    /// Ends the stream and hands on the rest.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the stream.
    pub fn finish(mut self, scratch: &mut Scratch, sink: &mut dyn Redaction) -> ControlFlow<()> {
        let mut certain = Certain { found: Vec::new(), sink };
        self.stream.end(scratch, &mut certain)?;
        let found = certain.found;
        self.replace(found);
        self.write(self.stream.len(), sink)
    }

    /// Bytes of the stream of which nothing is held back.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Notes what is to be replaced.
    fn replace(&mut self, found: Vec<(Vec<u8>, Finding)>) {
        if found.is_empty() {
            return;
        }
        let text = self.stream.text();
        for (by, finding) in found {
            if finding.is_secret() {
                self.known.add(finding.secret(), &by);
            }
            let leaks = std::iter::once(finding.leak()).chain(&finding.leak().overlapped);
            for range in leaks.flat_map(|leak| leak.secrets()) {
                let range = match finding.decoded().first() {
                    None => {
                        self.known.add(text.slice(range.clone()), &by);
                        range
                    }
                    Some(coding) => self.widened(range, *coding),
                };
                if range.end > self.written {
                    self.replaced.push(Replaced { range, by: by.clone() });
                }
            }
        }
        self.replaced.sort_by_key(|r| (r.range.start, std::cmp::Reverse(r.range.end)));
    }

    /// The run of digits that holds a range, as far as it stands on the same lines.
    fn widened(&self, range: Range<u64>, coding: Coding) -> Range<u64> {
        let is_digit: fn(&u8) -> bool = match coding {
            Coding::Base64 => |b| b.is_ascii_alphanumeric() || b"+/-_=".contains(b),
            Coding::Hex => u8::is_ascii_hexdigit,
            _ => return range,
        };
        let text = self.stream.text();
        let before = text.slice(self.written.max(text.base).min(range.start)..range.start);
        let behind = text.slice(range.end..self.stream.len());
        // What pads a run ends it.
        let is_inner = |b: &&u8| is_digit(b) && **b != b'=';
        let before = before.iter().rev().take_while(is_inner).count() as u64;
        let behind = behind.iter().take_while(|b| is_digit(b)).count() as u64;
        range.start - before..range.end + behind
    }

    /// Hands on the text before an offset.
    fn write(&mut self, to: u64, sink: &mut dyn Redaction) -> ControlFlow<()> {
        let to = to.min(self.stream.len());
        if to <= self.written {
            return ControlFlow::Continue(());
        }
        let text = self.stream.text();
        let mut all = std::mem::take(&mut self.replaced);
        let repeated = self.known.find(text.slice(self.written..to + LONGEST_REPEATED as u64));
        if !repeated.is_empty() {
            let written = self.written;
            all.extend(repeated.into_iter().map(|(range, by)| Replaced {
                range: written + range.start as u64..written + range.end as u64,
                by,
            }));
            all.sort_by_key(|r| (r.range.start, std::cmp::Reverse(r.range.end)));
        }
        let mut at = self.written;
        for Replaced { range, by } in &all {
            let goes_on = range.start < at && self.is_covered;
            let range = range.start.max(at)..range.end.min(to);
            if range.start >= range.end {
                continue;
            }
            if at < range.start {
                sink.text(text.slice(at..range.start))?;
            }
            self.is_covered = goes_on;
            for line in text.slice(range.clone()).split_inclusive(|byte| *byte == b'\n') {
                let content = line.strip_suffix(b"\n").unwrap_or(line);
                let content = content.strip_suffix(b"\r").unwrap_or(content);
                if !content.is_empty() && !self.is_covered {
                    sink.text(by)?;
                }
                self.is_covered = content.len() == line.len();
                sink.text(&line[content.len()..])?;
            }
            at = range.end;
        }
        if at < to {
            sink.text(text.slice(at..to))?;
            self.is_covered = false;
        }
        self.written = to;
        all.retain(|replaced| replaced.range.end > to);
        self.replaced = all;
        self.stream.keep_from(to);
        ControlFlow::Continue(())
    }
}

/// Secrets that were found, and what stands for them.
#[derive(Default)]
struct Known {
    secrets: VecDeque<(Box<[u8]>, Vec<u8>)>,
    bytes: usize,
    /// Made when it is needed; of the secrets in their order.
    search: Option<AhoCorasick>,
}

/// Shows how many there are.
impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Known").field(&self.secrets.len()).finish()
    }
}

impl Known {
    fn add(&mut self, secret: &[u8], by: &[u8]) {
        let is_worth_it = (REPEATED..=LONGEST_REPEATED).contains(&secret.len());
        if !is_worth_it || self.secrets.iter().any(|(known, _)| **known == *secret) {
            return;
        }
        self.bytes += secret.len();
        while (self.secrets.len() == REMEMBERED || self.bytes > MOST_REPEATED)
            && let Some((forgotten, _)) = self.secrets.pop_front()
        {
            self.bytes -= forgotten.len();
        }
        self.secrets.push_back((secret.into(), by.to_vec()));
        self.search = None;
    }

    /// Where they stand in a text.
    fn find(&mut self, text: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
        if self.secrets.is_empty() {
            return Vec::new();
        }
        if self.search.is_none() {
            self.search = search(self.secrets.iter().map(|(secret, _)| &**secret));
        }
        let found = self.search.iter().flat_map(|search| search.find_iter(text));
        found.map(|m| (m.range(), self.secrets[m.pattern().as_usize()].1.clone())).collect()
    }
}

/// Collects what is certain, with what stands for it, and hands on all events.
struct Certain<'s> {
    found: Vec<(Vec<u8>, Finding)>,
    sink: &'s mut dyn Redaction,
}

impl StreamSink for Certain<'_> {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        if let StreamEvent::Certain(_, finding) = &event {
            self.found.push((self.sink.replacement(finding), finding.clone()));
        }
        self.sink.event(event)
    }

    fn interrupted(&mut self) -> bool {
        self.sink.interrupted()
    }
}
