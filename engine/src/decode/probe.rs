//! Looking for anchors that only show when something is decoded.

use std::ops::Range;

use memchr::memmem;

use super::encoded::Encoded;
use super::escape::Escape;
use super::runs::joined_lines;
use super::stretches::{Stretch, Stretches};
use super::view::View;
use super::{Coding, MOST_AFTER, MOST_BEFORE, SIGHT, symbols};
use crate::prefilter::Hit;
use crate::prefilter::classes::{RUN, is_symbol};
use crate::scanner::Scanner;

/// A place that shows something when it is decoded, in offsets of the probed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Where the anchor, or what it is encoded in, begins.
    pub(crate) at: usize,
    /// Bytes before and from there on that may concern it.
    pub(crate) before: usize,
    pub(crate) after: usize,
}

/// Bytes around what a detector reads that tell about it: the name before a value, the
/// kind of a manifest.
const AROUND: usize = 1024;

/// Bytes from a plain anchor to something encoded that may be its value.
const VALUE: usize = 128;

/// Bytes from the start of a plain anchor to the end of the name that it is part of.
const NAME: usize = 64;

/// Bytes on either side of an escape in which an anchor may stand that it is part of.
const BESIDE: usize = 64;

/// Bytes before a parameter in which the URL's beginning is looked for.
const URL: usize = 192;

/// Bytes of a token that something without width stands in, on either side of that.
const WORD: usize = 4096;

/// Bytes that a batch may have before it is searched: with what is found in it, it
/// should stay in a second-level cache.
const BATCH: usize = 64 << 10;

/// The buffers of a probe, for each layer.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    levels: Vec<Level>,
}

#[derive(Debug, Default)]
struct Level {
    encoded: Encoded,
    stretches: Stretches,
    lines: Vec<Range<usize>>,
    joined: Vec<u8>,
    batch: View,
    hits: Vec<Hit>,
    deeper: Vec<Mark>,
}

/// Appends the marks that begin in `owned`; `hits` are the plain anchors there, in their
/// order. The text reaches [`SIGHT`] bytes beyond `owned`, as far as there are any.
pub(crate) fn probe(
    scanner: &Scanner,
    text: &[u8],
    owned: Range<usize>,
    hits: &[Hit],
    depth: usize,
    levels: &mut Levels,
    marks: &mut Vec<Mark>,
) {
    let layers = scanner.decode_depth().saturating_sub(depth);
    if layers == 0 || text.is_empty() {
        return;
    }
    levels.levels.resize_with(levels.levels.len().max(layers), Level::default);
    let first = marks.len();
    let mut probe = Probe { scanner, text, owned, marks };
    probe.layer(hits, &mut levels.levels[..layers]);
    for mark in &mut marks[first..] {
        mark.before = (mark.before + AROUND).min(MOST_BEFORE);
        mark.after = (mark.after + AROUND).min(MOST_AFTER);
    }
    // Several alignments and layers may show the same.
    marks[first..].sort_unstable();
    let mut kept = first;
    for i in first..marks.len() {
        let mark = marks[i];
        match marks[first..kept].last_mut().filter(|last| last.at == mark.at) {
            Some(last) => {
                last.before = last.before.max(mark.before);
                last.after = last.after.max(mark.after);
            }
            None => {
                marks[kept] = mark;
                kept += 1;
            }
        }
    }
    marks.truncate(kept);
}

/// Whether an escape stands in the value of a URL's parameter that has an anchor at
/// `from`: detectors of URLs undo what URLs are written with.
fn is_of_url(text: &[u8], from: usize, escape: usize, coding: Coding) -> bool {
    let is_usual = matches!(coding, Coding::Percent | Coding::Html | Coding::Escapes);
    if !is_usual || memchr::memchr(b'=', &text[from..escape.max(from)]).is_none() {
        return false;
    }
    let before = &text[from.saturating_sub(URL)..from];
    let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>');
    let word = before.iter().rposition(ends).map_or(before, |end| &before[end + 1..]);
    memchr::memchr(b'?', word).is_some() || memmem::find(word, b"://").is_some()
}

/// Whether what begins at `at` stands between two characters of a word, where ordinary
/// text has nothing.
fn is_within_word(text: &[u8], at: usize, len: usize) -> bool {
    let is_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| is_symbol(*byte) || matches!(byte, b'~' | b'=' | b'%'))
    };
    // Behind a second sequence, as grep writes them, the word goes on.
    let next = (at + len).min(text.len());
    let second = (text.get(next) == Some(&0x1b)).then(|| Escape::read(text, next)).flatten();
    let next = &text[next + second.map_or(0, |sequence| sequence.len)..];
    is_word(at.checked_sub(1).and_then(|before| text.get(before))) && is_word(next.first())
}

/// Whether what begins at `at` stands within a long word: a token that was cut far from
/// its name.
fn is_within_run(text: &[u8], at: usize, len: usize) -> bool {
    let is_run = |bytes: &[u8]| bytes.len() == RUN && bytes.iter().all(|byte| is_symbol(*byte));
    let behind = &text[(at + len).min(text.len())..];
    is_run(&text[at.saturating_sub(RUN)..at]) && is_run(&behind[..behind.len().min(RUN)])
}

/// What is left of a list from the first on that is so. Nearly always that is one of the
/// next, which a binary search would come to last.
fn from_first<T>(list: &[T], is_so: impl Fn(&T) -> bool) -> &[T] {
    let first = list.iter().position(is_so).unwrap_or(list.len());
    &list[first..]
}

struct Probe<'p> {
    scanner: &'p Scanner,
    text: &'p [u8],
    owned: Range<usize>,
    marks: &'p mut Vec<Mark>,
}

impl Probe<'_> {
    fn layer(&mut self, plain: &[Hit], levels: &mut [Level]) {
        let Some((level, deeper)) = levels.split_first_mut() else { return };
        let mut encoded = std::mem::take(&mut level.encoded);
        let backend = self.scanner.backend();
        encoded.find(backend, self.text);
        level.stretches.find(backend, self.text, &encoded.survey.digits);
        encoded.packed.iter().for_each(|at| self.mark(*at, 0, MOST_AFTER));
        self.values_of(plain, &encoded, &level.stretches.stretches);
        self.digits(level, deeper);
        self.stretches(&encoded, level, deeper);
        for wide in &encoded.wide {
            let characters = self.text[wide.range.clone()].iter().step_by(wide.bytes);
            let range = wide.range.clone();
            level.batch.units(range, wide.bytes, wide.coding(), characters.copied());
            self.ends(wide.range.end, level, deeper);
        }
        self.search(level, deeper);
        level.encoded = encoded;
    }

    /// Digits that say text.
    fn digits(&mut self, level: &mut Level, deeper: &mut [Level]) {
        for number in 0..level.stretches.stretches.len() {
            let stretch = level.stretches.stretches[number].clone();
            let Range { start, end } = stretch.range;
            // Part of one before, or nobody's here.
            if start == end || end + SIGHT < self.owned.start || start > self.owned.end {
                continue;
            }
            let Level { stretches, lines, joined, batch, .. } = level;
            stretches.lines(self.text, number, lines);
            let digits = joined_lines(self.text, lines, joined);
            let end = lines.last().map_or(end, |line| line.end);
            batch.digits(start..end, if stretch.is_hex { 4 } else { 6 }, 0, lines, |out| {
                if stretch.is_hex {
                    symbols::hex(digits, out);
                } else {
                    symbols::base64(self.scanner.backend(), digits, out);
                }
            });
            self.ends(end, level, deeper);
        }
    }

    /// Escapes, with the text around them.
    fn stretches(&mut self, encoded: &Encoded, level: &mut Level, deeper: &mut [Level]) {
        let escapes = &encoded.escapes;
        // The text around those that are of interest, as far as it is known.
        let mut around: Option<Range<usize>> = None;
        for (number, (at, escape)) in escapes.iter().enumerate() {
            if escape.is_weak {
                continue;
            }
            let is_within = match escape.coding {
                Coding::Markup => is_within_word(self.text, *at, escape.len),
                // What tokens are made of beside letters and digits, and few would encode.
                _ => {
                    matches!(escape.text(), b"" | b"-" | b"_" | b".")
                        && is_within_run(self.text, *at, escape.len)
                }
            };
            if is_within {
                self.mark(*at, WORD, WORD);
            }
            if !self.scanner.grams().may_hold(self.text, escapes, number) {
                continue;
            }
            let start = at.saturating_sub(BESIDE);
            let end = at + escape.len + BESIDE;
            match &mut around {
                Some(around) if start <= around.end => around.end = end,
                _ => {
                    if let Some(range) = around.replace(start..end) {
                        self.stretch(range, escapes, level, deeper);
                    }
                }
            }
        }
        if let Some(range) = around {
            self.stretch(range, escapes, level, deeper);
        }
    }

    /// A stretch of text with all escapes in it undone.
    fn stretch(
        &mut self,
        range: Range<usize>,
        escapes: &[(usize, Escape)],
        level: &mut Level,
        deeper: &mut [Level],
    ) {
        let mut copied = range.start;
        let end = range.end.min(self.text.len());
        let first = escapes.partition_point(|(at, _)| *at < range.start);
        let within = escapes[first..].iter().take_while(|(at, _)| *at < end);
        for (at, escape) in within.filter(|(_, escape)| !escape.is_weak) {
            level.batch.copy(self.text, copied..*at);
            level.batch.whole(*at..at + escape.len, escape.coding, None, escape.text());
            copied = at + escape.len;
        }
        level.batch.copy(self.text, copied..end.max(copied));
        self.ends(end, level, deeper);
    }

    /// Plain anchors whose value, in the same breath, is encoded.
    fn values_of(&mut self, plain: &[Hit], encoded: &Encoded, stretches: &[Stretch]) {
        let (mut stretches, mut packed) = (stretches, encoded.packed.as_slice());
        let mut escapes = encoded.escapes.as_slice();
        for hit in plain {
            let from = hit.at;
            stretches = from_first(stretches, |stretch| stretch.range.start >= from);
            packed = from_first(packed, |at| *at >= from);
            escapes = from_first(escapes, |(at, _)| *at >= from);
            let near = from + self.scanner.anchor_len(hit.anchor) + VALUE;
            let before = &encoded.escapes[..encoded.escapes.len() - escapes.len()];
            let is_encoded = stretches.first().is_some_and(|s| s.range.start < near)
                || packed.first().is_some_and(|at| *at < near)
                || self.is_escaped(hit, near, escapes)
                || before.last().is_some_and(|(at, escape)| self.is_cut(*at, escape, from));
            let name = from + NAME;
            if is_encoded || super::unfold::is_short_value(self.text, from, name) {
                let (before, after) = self.scanner.reach(hit.anchor);
                self.mark(from, before, 2 * after);
            }
        }
    }

    /// Whether an escape cuts the word in which an anchor begins.
    fn is_cut(&self, at: usize, escape: &Escape, anchor: usize) -> bool {
        let is_word = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`');
        let between = at + escape.len..anchor;
        escape.text().is_empty()
            && !between.is_empty()
            && between.len() <= VALUE
            && self.text[between].iter().all(is_word)
            && at.checked_sub(1).is_some_and(|before| is_word(&self.text[before]))
    }

    /// Whether the first escape behind an anchor may stand in its value. Detectors of URLs
    /// undo what URLs are written with: of one that is read for what stands before its
    /// host, nothing but that counts.
    fn is_escaped(&self, hit: &Hit, near: usize, escapes: &[(usize, Escape)]) -> bool {
        let anchor_end = hit.at + self.scanner.anchor_len(hit.anchor);
        let head = &self.text[hit.at..(anchor_end + 4).min(self.text.len())];
        let behind = |sign: &[u8]| memmem::find(head, sign).map(|at| hit.at + at + sign.len());
        let Some(start) = behind(b"://").or_else(|| behind(br":\/\/")) else {
            return escapes.first().is_some_and(|(at, escape)| {
                *at < near && !is_of_url(self.text, hit.at, *at, escape.coding)
            });
        };
        let Some((at, escape)) = from_first(escapes, |(at, _)| *at >= start).first() else {
            return false;
        };
        let rest = &self.text[start..near.min(self.text.len()).max(start)];
        // Nearly always there is none so near.
        if *at > start + rest.len() {
            return false;
        }
        let ends =
            |byte: &u8| matches!(byte, b' '..=b'#' | b'\'' | b'/' | b'<' | b'>' | b'?' | b'`');
        let end = rest.iter().position(|byte| ends(byte) || *byte < b' ').unwrap_or(rest.len());
        let is_joined = escape.coding == Coding::Joined && *at == start + end;
        escape.text() != b"/" && (*at < start + end || is_joined)
    }

    /// Ends a piece of the batch.
    fn ends(&mut self, at: usize, level: &mut Level, deeper: &mut [Level]) {
        level.batch.separate(at);
        if level.batch.text().len() >= BATCH {
            self.search(level, deeper);
        }
    }

    /// Searches the batch and empties it.
    fn search(&mut self, level: &mut Level, deeper: &mut [Level]) {
        let Level { batch, hits, deeper: marks, .. } = level;
        let text = batch.text();
        hits.clear();
        self.scanner.prefilter().find(text, 0..text.len(), hits);
        for hit in &*hits {
            let range = hit.at..hit.at + self.scanner.anchor_len(hit.anchor);
            if batch.is_replaced(&range) {
                let (before, after) = self.scanner.reach(hit.anchor);
                let by = batch.expansion(hit.at);
                self.mark(batch.source(&range).start, before * by, after * by);
            }
        }
        if !deeper.is_empty() {
            marks.clear();
            let owned = 0..text.len();
            Probe { scanner: self.scanner, text, owned, marks }.layer(&[], deeper);
            for mark in &*marks {
                let by = batch.expansion(mark.at);
                let at = batch.source(&(mark.at..mark.at)).start;
                self.mark(at, mark.before * by, mark.after * by);
            }
        }
        batch.clear();
    }

    fn mark(&mut self, at: usize, before: usize, after: usize) {
        if self.owned.contains(&at) {
            let (before, after) = (before.min(MOST_BEFORE), after.min(MOST_AFTER));
            self.marks.push(Mark { at, before, after });
        }
    }
}
