//! Looking for anchors that only show when something is decoded.

use std::ops::Range;

use super::encoded::{Encoded, is_text};
use super::view::View;
use super::{Coding, MOST_AFTER, MOST_BEFORE, SIGHT, inflate, symbols};
use crate::prefilter::Hit;
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

/// Bytes that a batch may have before it is searched; it should stay in a first-level
/// cache's reach.
const BATCH: usize = 64 << 10;

/// The buffers of a probe, for each layer.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    levels: Vec<Level>,
}

#[derive(Debug, Default)]
struct Level {
    encoded: Encoded,
    batch: View,
    hits: Vec<Hit>,
    values: Vec<u8>,
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
    memchr::memchr(b'?', word).is_some() || memchr::memmem::find(word, b"://").is_some()
}

/// Whether what begins at `at` stands between two characters of a word, where ordinary
/// text has nothing.
fn is_within_word(text: &[u8], at: usize, len: usize) -> bool {
    let is_word = |b: Option<&u8>| {
        b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'))
    };
    // Behind a second sequence, as grep writes them, the word goes on.
    let next = &text[(at + len).min(text.len())..];
    let next = match next.first() {
        Some(0x1b) => {
            next.iter().position(u8::is_ascii_alphabetic).map_or(next, |i| &next[i + 1..])
        }
        _ => next,
    };
    is_word(at.checked_sub(1).and_then(|before| text.get(before))) && is_word(next.first())
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
        encoded.find(self.scanner.backend(), self.text);
        self.values_of(plain, &encoded, level);
        self.runs(&encoded, level, deeper);
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

    /// Runs, at all alignments.
    fn runs(&mut self, encoded: &Encoded, level: &mut Level, deeper: &mut [Level]) {
        for run in &encoded.runs.runs {
            if run.range.end + SIGHT < self.owned.start || run.range.start > self.owned.end {
                continue;
            }
            encoded.values(self.text, run, &mut level.values);
            let is_short = level.values.len() < symbols::SHORT && !run.is_hex;
            for phase in Encoded::phases(run) {
                if is_short && !symbols::may_be_text(&level.values[phase..]) {
                    continue;
                }
                let at = level.batch.text().len();
                encoded.decode(run, phase, &level.values, &mut level.batch);
                let bytes = &level.batch.text()[at..];
                if phase == 0 && inflate::format(bytes).is_some() {
                    self.mark(run.range.start, 0, run.range.len());
                }
                self.ends(run.range.end, level, deeper);
            }
        }
    }

    /// Escapes, with the text around them.
    fn stretches(&mut self, encoded: &Encoded, level: &mut Level, deeper: &mut [Level]) {
        let mut strong = encoded.escapes.iter().filter(|(_, escape)| !escape.is_weak).peekable();
        let mut copied = 0;
        while let Some((at, escape)) = strong.next() {
            if escape.coding == Coding::Markup && is_within_word(self.text, *at, escape.len) {
                self.mark(*at, WORD, WORD);
            }
            let start = at.saturating_sub(BESIDE).max(copied);
            level.batch.copy(self.text, start..*at);
            level.batch.whole(*at..at + escape.len, escape.coding, None, escape.text());
            copied = at + escape.len;
            let next = strong.peek().map_or(usize::MAX, |(next, _)| *next);
            let end = (copied + BESIDE).min(self.text.len());
            if next <= end {
                continue;
            }
            level.batch.copy(self.text, copied..end);
            self.ends(end, level, deeper);
            copied = copied.max(end.min(next.saturating_sub(BESIDE)));
        }
    }

    /// Plain anchors whose value, in the same breath, is encoded.
    fn values_of(&mut self, plain: &[Hit], encoded: &Encoded, level: &mut Level) {
        let (mut runs, mut escapes) = (encoded.runs.runs.as_slice(), encoded.escapes.as_slice());
        for hit in plain {
            let from = hit.at;
            runs = &runs[runs.partition_point(|run| run.range.start < from)..];
            escapes = &escapes[escapes.partition_point(|(at, _)| *at < from)..];
            let near = from + self.scanner.anchor_len(hit.anchor) + VALUE;
            let mut is_encoded = escapes.first().is_some_and(|(at, escape)| {
                *at < near && !is_of_url(self.text, from, *at, escape.coding)
            });
            for run in runs.iter().take_while(|run| run.range.start < near) {
                is_encoded = is_encoded || {
                    level.batch.clear();
                    encoded.values(self.text, run, &mut level.values);
                    encoded.decode(run, 0, &level.values, &mut level.batch);
                    is_text(&level.batch.text()[..level.batch.text().len().min(64)])
                };
            }
            let name = from + NAME;
            if is_encoded || super::unfold::is_short_value(self.text, from, name) {
                let (before, after) = self.scanner.reach(hit.anchor);
                self.mark(from, before, 2 * after);
            }
        }
        level.batch.clear();
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
