//! Scanning an object that is made from another, by what is new in it.
//!
//! # Why that is exact
//!
//! An anchor depends on its own bytes only, and what a detector reads at an anchor
//! on no more than its reach. So of an object that is made of pieces of a base,
//! the anchors within a copied piece are those of the base, and where the whole
//! window of an anchor was copied, so are its candidates. Only pieces that are new,
//! and the seams between pieces, are searched; only anchors whose window reaches
//! over a seam are read again. Relation then runs anew over all candidates, as it
//! does for any object. Nothing here is an estimate: the findings are those of a
//! scan of the whole, for every detector, whatever its reach.
//!
//! Whether something encoded shows depends on little text around it, too: on
//! 256 bytes. So the marks of what is encoded are taken over where so much around
//! them was copied, and everywhere else they are looked for.

use std::ops::Range;

use leaksieve_detectors::{Candidate, Passage};

use super::{Scanner, Scratch, Settling, marked};
use crate::decode;
use crate::input::decoded;
use crate::input::encoding::{Encoding, HEAD};
use crate::input::git::{Child, Source, Span};
use crate::location::Stored;
use crate::prefilter::Hit;
use crate::sink::Sink;

/// An anchor that was met.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: u32,
    anchor: u32,
    /// How many candidates were read at it, and the first of them.
    count: u32,
    first: u32,
}

/// What is remembered of an object while others are made from it.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// By place.
    marks: Vec<Mark>,
    /// In the order of their marks.
    candidates: Vec<Candidate>,
    /// What is encoded, by place.
    encoded: Vec<decode::Mark>,
    len: u32,
    /// Whether nothing of it can be carried over: it was decoded before it was
    /// scanned, or has too many anchors.
    opaque: bool,
}

/// Marks and candidates of one object that are remembered. With more, what is made
/// from it is scanned as a whole.
const MOST_MARKS: usize = 1 << 20;
const MOST_CANDIDATES: usize = 1 << 14;

impl Marks {
    fn new(len: usize) -> Self {
        Self { len: len as u32, ..Self::default() }
    }

    /// Of an object from which nothing is carried over.
    fn opaque(len: usize) -> Self {
        Self { opaque: true, ..Self::new(len) }
    }

    /// Adds an anchor and what was read at it.
    fn push(&mut self, hit: &Hit, candidates: impl Iterator<Item = Candidate>) {
        let first = self.candidates.len();
        self.candidates.extend(candidates);
        self.mark(hit, first);
    }

    /// Adds an anchor whose candidates are those from `first` on.
    fn mark(&mut self, hit: &Hit, first: usize) {
        self.marks.push(Mark {
            at: hit.at as u32,
            anchor: hit.anchor,
            count: (self.candidates.len() - first) as u32,
            first: first as u32,
        });
    }

    /// Bytes that they take.
    pub(crate) fn room(&self) -> usize {
        self.marks.capacity() * size_of::<Mark>()
            + self.candidates.capacity() * size_of::<Candidate>()
            + self.encoded.capacity() * size_of::<decode::Mark>()
    }

    /// Makes them small: what is made from the object is scanned as a whole.
    pub(crate) fn forget(&mut self) {
        *self = Self { len: self.len, ..Self::opaque(0) };
    }

    fn is_too_much(&self) -> bool {
        self.marks.len() > MOST_MARKS
            || self.candidates.len() + self.encoded.len() > MOST_CANDIDATES
    }
}

/// What scanning objects came to, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Searched {
    /// Of all objects.
    pub(crate) objects: u64,
    /// That were looked at.
    pub(crate) looked_at: u64,
    /// Of objects made from others that were scanned as a whole nevertheless.
    pub(crate) whole: u64,
}

impl Searched {
    pub(crate) fn add(&mut self, other: Self) {
        self.objects += other.objects;
        self.looked_at += other.looked_at;
        self.whole += other.whole;
    }
}

/// A piece of an object in which anchors may begin that are not carried over.
#[derive(Debug)]
struct Piece {
    /// Where it begins in the text that is searched; a tail stands behind it.
    gathered_at: usize,
    range: Range<usize>,
    /// What stands there of the object, with what tells whether something is encoded.
    text: Range<usize>,
}

/// Scans objects, and remembers what others need that are made from them.
pub(crate) struct DeltaScanner<'s> {
    scanner: &'s Scanner,
    /// Bytes of an anchor behind its first, at most.
    tail: usize,
    scratch: Scratch,
    hits: Vec<Hit>,
    /// The text that is searched of an object, its pieces side by side.
    gathered: Vec<u8>,
    pieces: Vec<Piece>,
    /// What is encoded where the object is new, by place.
    encoded: Vec<decode::Mark>,
    /// Whether every object is scanned as a whole.
    whole: bool,
    pub(crate) searched: Searched,
}

impl<'s> DeltaScanner<'s> {
    pub(crate) fn new(scanner: &'s Scanner, whole: bool) -> Self {
        Self {
            scanner,
            tail: scanner.longest_anchor().saturating_sub(1),
            scratch: Scratch::new(),
            hits: Vec::new(),
            gathered: Vec::new(),
            pieces: Vec::new(),
            encoded: Vec::new(),
            whole,
            searched: Searched::default(),
        }
    }

    /// Scans a whole object.
    pub(crate) fn root(&mut self, object: &[u8], sink: &mut dyn Sink) -> Marks {
        self.searched.objects += object.len() as u64;
        self.searched.looked_at += object.len() as u64;
        self.scan(object, sink)
    }

    /// Scans an object that is made from another.
    pub(crate) fn delta(
        &mut self,
        child: &mut Child<'_>,
        base: &Marks,
        sink: &mut dyn Sink,
    ) -> Marks {
        let len = child.delta.len;
        self.searched.objects += len as u64;
        if self.whole
            || base.opaque
            || base.len as usize != child.base.len()
            || !self.is_plain(child)
        {
            self.searched.looked_at += len as u64;
            self.searched.whole += len as u64;
            return self.scan(child.object(), sink);
        }
        self.search(child);
        let Some(made) = self.carry(child, base) else {
            self.searched.whole += len as u64;
            return self.scan(child.object(), sink);
        };
        if !made.candidates.is_empty() || !made.encoded.is_empty() {
            let mut pending = made.candidates.clone();
            pending.extend(made.encoded.iter().map(|mark| marked(0, len, mark)));
            let passage = Passage { base: 0, bytes: child.object() };
            // A sink that ends the scan ends the walk too.
            let _ = Settling::new(Stored::AsIs).settle(
                self.scanner,
                &passage,
                u64::MAX,
                &mut pending,
                sink,
            );
        }
        made
    }

    /// Whether the object is scanned as it is, as its base was.
    fn is_plain(&mut self, child: &Child<'_>) -> bool {
        let head = child.delta.len.min(HEAD);
        let is_copied = child.delta.spans.first().is_some_and(|first| {
            first.source == Source::Base(0)
                && first.len as usize >= head
                && child.base.len().min(HEAD) == head
        });
        if is_copied {
            return true;
        }
        self.gathered.clear();
        child.delta.append(child.base, 0, 0..head, &mut self.gathered);
        Encoding::of(&self.gathered) == Encoding::Bytes
    }

    /// Scans the whole text as [`Scanner::scan`] does, and keeps what was met.
    fn scan(&mut self, object: &[u8], sink: &mut dyn Sink) -> Marks {
        let encoding = Encoding::of(object);
        if encoding != Encoding::Bytes {
            let text = decoded(object);
            let stored = encoding.stored();
            let _ = self.scanner.scan_stored(&mut &*text, stored, &mut self.scratch, sink);
            return Marks::opaque(object.len());
        }
        let passage = Passage { base: 0, bytes: object };
        let mut settling = Settling::new(Stored::AsIs);
        let mut made = Marks::new(object.len());
        self.scratch.candidates.clear();
        let mut start = 0;
        while start < object.len() {
            let end = object.len().min(start + self.scratch.step);
            let pending = &mut self.scratch.candidates;
            self.hits.clear();
            self.scanner.prefilter().find(object, start..end, &mut self.hits);
            for hit in &self.hits {
                let first = pending.len();
                read(self.scanner, &passage, hit, pending);
                if !made.opaque {
                    made.push(hit, pending[first..].iter().cloned());
                }
            }
            self.scratch.marks.clear();
            self.scanner.mark(&passage, start..end, 0, &mut self.hits, &mut self.scratch);
            if !made.opaque {
                made.encoded.extend_from_slice(&self.scratch.marks);
            }
            if made.is_too_much() {
                made = Marks::opaque(object.len());
            }
            let pending = &mut self.scratch.candidates;
            let watermark =
                if end == object.len() { u64::MAX } else { self.scanner.watermark(end as u64) };
            if settling.settle(self.scanner, &passage, watermark, pending, sink).is_break() {
                break;
            }
            start = end;
        }
        made
    }

    /// Searches what is not copied, and the ends of what is: everywhere where an
    /// anchor may begin that is not wholly within one copied piece.
    fn search(&mut self, child: &mut Child<'_>) {
        self.hits.clear();
        let tail = self.tail;
        // What is encoded shows by so much text around it.
        let sight = if self.scanner.decode_depth() > 0 { 2 * decode::SIGHT } else { 0 };
        let len = child.delta.len;
        self.gathered.clear();
        self.pieces.clear();
        let (mut start, mut first) = (0, 0);
        let spans = child.delta.spans;
        for (number, next) in spans.iter().map(Some).chain([None]).enumerate() {
            // The piece from `start` to the next copied one that is long enough to
            // hold an anchor of its own.
            let end = match next {
                Some(span) if is_carried(span, tail) => span.at as usize,
                Some(_) => continue,
                None => len,
            };
            // What is encoded at the start is told by what it follows.
            let begins_anew = sight > 0
                && end == 0
                && next.is_some_and(|span| !matches!(span.source, Source::Base(0)));
            if start < end || begins_anew {
                let text = start.saturating_sub(sight)..len.min(end + tail.max(sight));
                let gathered_at = self.gathered.len() + start - text.start;
                let piece = Piece { gathered_at, range: start..end, text: text.clone() };
                self.pieces.push(piece);
                let first = if sight > 0 { before(spans, text.start, first) } else { first };
                child.delta.append(child.base, first, text, &mut self.gathered);
                if sight > 0 {
                    self.gathered.push(decode::SEPARATOR);
                }
                self.searched.looked_at += (len.min(end + tail) - start) as u64;
            }
            if let Some(span) = next {
                (start, first) = (span.end() as usize - tail, number);
            }
        }
        self.scanner.prefilter().find(&self.gathered, 0..self.gathered.len(), &mut self.hits);
        let gathered = Passage { base: 0, bytes: &self.gathered };
        let all = 0..self.gathered.len();
        self.scratch.candidates.clear();
        self.scratch.marks.clear();
        self.scanner.mark(&gathered, all, 0, &mut self.hits, &mut self.scratch);
        self.encoded.clear();
        for piece in &self.pieces {
            let text_at = piece.gathered_at - (piece.range.start - piece.text.start);
            let own = piece.range.start.saturating_sub(decode::SIGHT)
                ..len.min(piece.range.end + decode::SIGHT);
            let marks = &self.scratch.marks;
            let first = marks.partition_point(|mark| mark.at < text_at);
            let within = marks[first..].iter().take_while(|m| m.at < text_at + piece.text.len());
            let placed = within
                .map(|mark| decode::Mark { at: mark.at - text_at + piece.text.start, ..*mark });
            self.encoded.extend(placed.filter(|mark| own.contains(&mark.at)));
        }
        self.encoded.sort_unstable();
        self.encoded.dedup_by_key(|mark| mark.at);
        // An anchor that begins within a piece ends in it or in the tail behind it; one
        // that begins in the tail is not of the piece.
        let mut pieces = self.pieces.iter().peekable();
        let mut piece = pieces.next();
        self.hits.retain_mut(|hit| {
            while let Some(next) = pieces.next_if(|next| next.gathered_at <= hit.at) {
                piece = Some(next);
            }
            let Some(piece) = piece else { return false };
            let Some(offset) = hit.at.checked_sub(piece.gathered_at) else { return false };
            hit.at = piece.range.start + offset;
            hit.at < piece.range.end
        });
    }

    /// Puts together what was found by searching and what is carried over from the
    /// base; `None` if that is too much to be carried on.
    fn carry(&mut self, child: &mut Child<'_>, base: &Marks) -> Option<Marks> {
        let mut made = Marks::new(child.delta.len);
        let tail = self.tail;
        let mut searched = self.hits.iter().peekable();
        let spans = child.delta.spans;
        for span in spans.iter().filter(|span| is_carried(span, tail)) {
            let Source::Base(from) = span.source else { continue };
            while let Some(hit) = searched.next_if(|hit| hit.at < span.at as usize) {
                self.fresh(child, hit, &mut made)?;
            }
            let first = base.marks.partition_point(|mark| mark.at < from);
            let end = from + span.len - tail as u32;
            for mark in base.marks[first..].iter().take_while(|mark| mark.at < end) {
                let at = mark.at - from + span.at;
                let hit = Hit { at: at as usize, anchor: mark.anchor };
                if !self.is_untouched(mark, at, child, base, span, from) {
                    self.fresh(child, &hit, &mut made)?;
                } else if mark.count > 0 || !child.is_leaf {
                    let moved = i64::from(at) - i64::from(mark.at);
                    let candidates = &base.candidates[mark.first as usize..][..mark.count as usize];
                    made.push(&hit, candidates.iter().map(|c| c.moved(moved)));
                }
            }
        }
        for hit in searched {
            self.fresh(child, hit, &mut made)?;
        }
        for span in spans.iter().filter(|span| is_carried(span, tail)) {
            let Source::Base(from) = span.source else { continue };
            let (at, from) = (span.at as usize, from as usize);
            let start = if at == 0 && from == 0 { 0 } else { at + decode::SIGHT };
            let end = (span.end() as usize - tail).saturating_sub(decode::SIGHT);
            let first = base.encoded.partition_point(|mark| mark.at < from + (start - at));
            let copied = base.encoded[first..].iter().map(|mark| (mark, mark.at - from + at));
            let carried = copied.take_while(|(_, place)| *place < end);
            made.encoded.extend(carried.map(|(mark, at)| decode::Mark { at, ..*mark }));
        }
        made.encoded.extend_from_slice(&self.encoded);
        made.encoded.sort_unstable();
        made.encoded.dedup_by_key(|mark| mark.at);
        (!made.is_too_much()).then_some(made)
    }

    /// Reads an anchor's candidates in the object.
    fn fresh(&self, child: &mut Child<'_>, hit: &Hit, made: &mut Marks) -> Option<()> {
        let passage = Passage { base: 0, bytes: child.object() };
        let first = made.candidates.len();
        read(self.scanner, &passage, hit, &mut made.candidates);
        made.mark(hit, first);
        (!made.is_too_much()).then_some(())
    }

    /// Whether all that is read at a mark is within one copied piece, or ends with
    /// both objects.
    fn is_untouched(
        &self,
        mark: &Mark,
        at: u32,
        child: &Child<'_>,
        base: &Marks,
        span: &Span,
        from: u32,
    ) -> bool {
        let (before, after) = self.scanner.reach(mark.anchor);
        let start_fits = (at - span.at) as usize >= before || (span.at == 0 && from == 0);
        let ends_both = span.end() as usize == child.delta.len && from + span.len == base.len;
        let end_fits = (span.end() - at) as usize >= after || ends_both;
        start_fits && end_fits
    }
}

/// The last of the spans up to `number` that begins at or before `at`.
fn before(spans: &[Span], at: usize, number: usize) -> usize {
    spans[..number].iter().rposition(|span| span.at as usize <= at).unwrap_or(0)
}

/// Whether a piece is a copy in which anchors may begin and end.
fn is_carried(span: &Span, tail: usize) -> bool {
    matches!(span.source, Source::Base(_)) && span.len as usize > tail
}

/// Reads what the detectors find at an anchor.
fn read(scanner: &Scanner, passage: &Passage<'_>, hit: &Hit, candidates: &mut Vec<Candidate>) {
    for route in &scanner.inner.routes[hit.anchor as usize] {
        scanner.inspect(passage, hit, *route, candidates);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::git::{Buffer, Delta};
    use crate::run::samples::{self, Numbers, Rendered, generated, whole};

    fn number(mut value: usize, out: &mut Vec<u8>) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }

    /// A delta as git writes it, of random pieces of the base and of new text.
    fn edited(
        base: &[u8],
        numbers: &mut Numbers,
        text: &mut dyn FnMut(&mut Numbers) -> Vec<u8>,
    ) -> Vec<u8> {
        let (mut ops, mut len) = (Vec::new(), 0);
        let mut from = 0;
        for _ in 0..2 + numbers.below(5) {
            // A stretch that goes on where the last one ended, or nearly so, or comes
            // from anywhere; some are cut into two that belong together.
            from = match numbers.below(4) {
                0 => numbers.below(base.len() as u64 + 1) as usize,
                1 => from,
                _ => (from + numbers.below(70) as usize).min(base.len()),
            };
            let most = (base.len() - from) as u64;
            let size = match numbers.below(3) {
                0 => numbers.below(most.min(130) + 1),
                1 => most.min(0xffff),
                _ => numbers.below(most.min(0xffff) + 1),
            } as usize;
            for (from, size) in [(from, size / 2), (from + size / 2, size - size / 2)] {
                if size > 0 {
                    ops.push(0x80 | 0x70 | 0x0f);
                    ops.extend((from as u32).to_le_bytes());
                    ops.extend(&(size as u32).to_le_bytes()[..3]);
                    len += size;
                }
            }
            from += size;
            if numbers.below(3) == 0 {
                let new = text(numbers);
                for piece in new.chunks(127) {
                    ops.push(piece.len() as u8);
                    ops.extend_from_slice(piece);
                }
                len += new.len();
            }
        }
        let mut delta = Vec::new();
        number(base.len(), &mut delta);
        number(len, &mut delta);
        delta.extend(ops);
        delta
    }

    /// Scans a chain of versions, each as a change of the one before, and compares
    /// with a scan of the whole. Tells how much was looked at.
    fn chain(
        scanner: &Scanner,
        first: Vec<u8>,
        numbers: &mut Numbers,
        text: &mut dyn FnMut(&mut Numbers) -> Vec<u8>,
    ) -> (Searched, usize) {
        let mut delta_scanner = DeltaScanner::new(scanner, false);
        let mut found = Rendered::default();
        let mut base = first;
        let mut marks = delta_scanner.root(&base, &mut found);
        assert_eq!(found.0, whole(scanner, &base));
        let mut findings = 0;
        for version in 0..8 {
            let data = edited(&base, numbers, text);
            let mut spans = Vec::new();
            let delta = Delta::read(&data, base.len(), 1 << 22, &mut spans).unwrap();
            let mut room = Buffer::default();
            let is_leaf = version == 7;
            let mut child = Child::new(version, &base, delta, is_leaf, &mut room);
            let mut found = Rendered::default();
            marks = delta_scanner.delta(&mut child, &marks, &mut found);
            let object = child.object().to_vec();
            let expected = whole(scanner, &object);
            assert_eq!(found.0, expected, "version {version}");
            findings += expected.len();
            base = object;
        }
        (delta_scanner.searched, findings)
    }

    #[test]
    fn changes_give_what_the_whole_gives() {
        let scanner = samples::scanner();
        let (mut searched, mut findings) = (Searched::default(), 0);
        for seed in 1..80 {
            let mut numbers = Numbers(seed * 7919);
            let first = generated(&mut numbers, 20_000, 40);
            let mut text = |numbers: &mut Numbers| {
                let mut text = generated(numbers, 60, 3);
                let keep = numbers.below(text.len() as u64 + 1) as usize;
                text.truncate(keep);
                text
            };
            let (all, found) = chain(&scanner, first, &mut numbers, &mut text);
            searched.add(all);
            findings += found;
        }
        assert!(findings > 1000, "{findings}");
        assert!(searched.looked_at * 2 < searched.objects, "{searched:?}");
    }

    /// The built-in detectors, whose parsers read far and wide.
    #[test]
    fn changes_give_what_the_whole_gives_to_every_detector() {
        let scanner = Scanner::builder()
            .now(leaksieve_detectors::Timestamp(1_750_000_000))
            .keep_refuted(true)
            .build()
            .unwrap();
        let mut examples: Vec<Vec<u8>> = Vec::new();
        for detector in scanner.detectors() {
            examples.extend(detector.examples.reported.iter().map(|t| t.as_bytes().to_vec()));
            examples.extend(detector.examples.refuted.iter().map(|t| t.0.as_bytes().to_vec()));
        }
        let mut findings = 0;
        for seed in 1..30 {
            let mut numbers = Numbers(seed * 104_729);
            let mut first = Vec::new();
            while first.len() < 40_000 {
                let example = &examples[numbers.below(examples.len() as u64) as usize];
                first.extend_from_slice(example);
                let gap = numbers.below(400) as usize;
                first.extend(std::iter::repeat_n(&b"some words\n"[..], gap).flatten());
            }
            let mut text = |numbers: &mut Numbers| {
                let example = &examples[numbers.below(examples.len() as u64) as usize];
                let start = numbers.below(example.len() as u64) as usize;
                match numbers.below(6) {
                    0 => example.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect(),
                    1 => example[start..]
                        .iter()
                        .flat_map(|b| format!("%{b:02x}").into_bytes())
                        .collect(),
                    _ => example[start..].to_vec(),
                }
            };
            let (_, found) = chain(&scanner, first, &mut numbers, &mut text);
            findings += found;
        }
        assert!(findings > 1000, "{findings}");
    }

    #[test]
    fn what_cannot_be_carried_is_scanned_as_a_whole() {
        let scanner = samples::scanner();
        let mut delta_scanner = DeltaScanner::new(&scanner, false);
        let text = "\u{feff}id KEYIDabcdefghijkl secret=abcdefghijklmnopqrstuvwx";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut found = Rendered::default();
        let marks = delta_scanner.root(&wide, &mut found);
        assert!(!found.0.is_empty() && marks.opaque);
        let mut data = Vec::new();
        number(wide.len(), &mut data);
        number(wide.len(), &mut data);
        data.extend([0x90, wide.len() as u8]);
        let mut spans = Vec::new();
        let delta = Delta::read(&data, wide.len(), 1 << 20, &mut spans).unwrap();
        let mut room = Buffer::default();
        let mut child = Child::new(1, &wide, delta, true, &mut room);
        let mut again = Rendered::default();
        delta_scanner.delta(&mut child, &marks, &mut again);
        assert_eq!(again.0, found.0);
        assert_eq!(delta_scanner.searched.whole, wide.len() as u64);
    }
}
