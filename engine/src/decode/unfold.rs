//! Writing a text anew, with all that is encoded in it replaced by what it says.

use std::ops::Range;

use memchr::memmem;

use super::encoded::Encoded;
use super::escape::{Escape, SOFT_LINE, Visible};
use super::runs::{Run, Runs, SHORTEST};
use super::stretches::Stretches;
use super::view::View;
use super::wide::{self, Wide};
use super::{Coding, Levels, inflate, probe, symbols};
use crate::prefilter::Backend;
use crate::prefilter::classes::is_symbol;
use crate::scanner::Scanner;

/// Bytes of what a run says by which it is told whether it is text.
const SAMPLE: usize = 256;

/// The fewest characters of a value in a manifest of secrets.
const SHORT: usize = 4;

/// Bytes within which quoted-printable text has an escape that nothing else has.
const QUOTED: usize = 4096;

/// A text with one layer undone.
pub(super) struct Unfolded {
    pub(super) all: View,
    /// Without what runs of digits say, if there are such and others: a token that escapes
    /// interrupt may be made of runs, and what stands in them is no leak of its own.
    pub(super) escapes: Option<View>,
    /// Without what is percent-encoded, if something else cuts the text: a URL is read as
    /// it is written.
    pub(super) urls: Option<View>,
}

/// One layer undone; `None` if there is nothing to undo.
pub(super) fn unfold(scanner: &Scanner, text: &[u8], depth: usize) -> Option<Unfolded> {
    let mut encoded = Encoded::default();
    encoded.find(scanner.backend(), text);
    let mut runs = Runs::default();
    runs.find(scanner.backend(), text);
    let is_quoted = |e: &Escape| e.coding == Coding::QuotedPrintable;
    let strong = encoded.escapes.iter().filter(|(at, e)| {
        is_quoted(e) && !e.is_weak && (!e.text().is_empty() || is_quoted_line(text, *at))
    });
    let strong: Vec<usize> = strong.map(|(at, _)| *at).collect();
    let is_among_quoted = |at: usize| {
        let next = strong.partition_point(|other| *other < at.saturating_sub(QUOTED));
        strong.get(next).is_some_and(|other| *other <= at + QUOTED)
    };
    let escapes: Vec<&(usize, Escape)> = encoded
        .escapes
        .iter()
        .filter(|(at, e)| {
            let is_sure = !is_quoted(e) || !(e.is_weak || e.text().is_empty());
            is_sure || (is_among_quoted(*at) && is_quoted_line(text, *at))
        })
        .collect();
    let mut replacements: Vec<Replacement<'_>> = Vec::new();
    for (run, phase) in readable(scanner, text, &encoded, &runs, depth) {
        // A run that an escape interrupts is read once that is undone.
        let next = escapes.partition_point(|(at, _)| *at < run.range.start);
        let touches_next = escapes[next..].first().is_some_and(|(at, _)| *at <= run.range.end);
        let touches_last =
            next > 0 && escapes.get(next - 1).is_some_and(|(at, e)| at + e.len >= run.range.start);
        if !touches_next && !touches_last {
            replacements
                .push(Replacement { range: run.range.clone(), what: What::Run(run, phase) });
        }
    }
    for (at, escape) in escapes {
        replacements.push(Replacement { range: *at..at + escape.len, what: What::Escape(escape) });
    }
    let between = wide::between(text, &encoded.wide);
    let is_drawn = |wide: &Wide| {
        let next = between.partition_point(|(at, _)| *at < wide.whole().start);
        between.get(next).is_some_and(|(at, _)| *at < wide.range.end)
    };
    for wide in encoded.wide.iter().filter(|wide| !is_drawn(wide)) {
        // The zero before belongs to a character that ends with it.
        let last = between.partition_point(|(at, _)| *at < wide.range.start);
        let is_taken = last > 0 && {
            let (at, escape) = &between[last - 1];
            at + escape.len == wide.range.start && !escape.text().is_empty()
        };
        let range = if is_taken { wide.little() } else { wide.whole() };
        let first = wide.range.start - range.start;
        replacements.push(Replacement { range, what: What::Wide(wide, first) });
    }
    for (at, escape) in &between {
        replacements.push(Replacement { range: *at..at + escape.len, what: What::Escape(escape) });
    }
    if is_manifest(text) {
        let colons = memchr::memchr_iter(b':', text);
        let values = colons.filter_map(|colon| short_value(text, colon));
        replacements.extend(values.map(|range| Replacement { range, what: What::Value }));
    }
    if replacements.is_empty() {
        return None;
    }
    // Of what begins at one place, the longest.
    replacements.sort_by_key(|r| (r.range.start, std::cmp::Reverse(r.range.end)));
    let all = written(scanner, text, &runs, &replacements);
    let both = replacements.len();
    replacements.retain(|r| matches!(r.what, What::Escape(_) | What::Wide(..)));
    let has_both = !replacements.is_empty() && replacements.len() < both;
    let escapes = has_both.then(|| written(scanner, text, &runs, &replacements));
    let without = replacements.len();
    replacements.retain(|r| !matches!(r.what, What::Escape(e) if e.coding == Coding::Percent));
    let is_cut = replacements.len() < without && replacements.iter().any(|r| r.what.cuts());
    let urls = is_cut.then(|| written(scanner, text, &runs, &replacements));
    Some(Unfolded { all, escapes, urls })
}

/// Whether every equals sign of the line around `at` begins an escape, as in quoted-printable
/// text they all do: `?v=20&w=x` is a URL as it stands.
fn is_quoted_line(text: &[u8], at: usize) -> bool {
    let start = at.saturating_sub(*SOFT_LINE.end());
    let start = memchr::memrchr(b'\n', &text[start..at]).map_or(start, |end| start + end + 1);
    let end = (at + SOFT_LINE.end()).min(text.len());
    let end = memchr::memchr(b'\n', &text[at..end]).map_or(end, |len| at + len);
    let line = Visible::of(&text[start..text.len().min(end + 3)]);
    memchr::memchr_iter(b'=', line.text()).all(|sign| {
        // What is cut off, as of the line behind, may be one.
        let next = line.text().get(sign + 1..sign + 3).unwrap_or_default();
        next.iter().all(u8::is_ascii_hexdigit) || matches!(next.first(), Some(b'\r' | b'\n'))
    })
}

struct Replacement<'e> {
    range: Range<usize>,
    what: What<'e>,
}

enum What<'e> {
    Run(&'e Run, usize),
    Escape(&'e Escape),
    /// Wide characters, and how many zeros come before the first.
    Wide(&'e Wide, usize),
    /// A short value in base64.
    Value,
}

impl What<'_> {
    fn is_wide(&self) -> bool {
        match self {
            Self::Wide(..) => true,
            Self::Escape(e) => matches!(e.coding, Coding::Utf16 | Coding::Utf32),
            Self::Run(..) | Self::Value => false,
        }
    }

    /// Whether it stands where the text as it is written has nothing, or otherwise than any
    /// detector reads it.
    fn cuts(&self) -> bool {
        match self {
            Self::Escape(e) => e.text().is_empty() || e.coding == Coding::QuotedPrintable,
            Self::Wide(..) => true,
            Self::Run(..) | Self::Value => false,
        }
    }
}

fn written(scanner: &Scanner, text: &[u8], runs: &Runs, replacements: &[Replacement<'_>]) -> View {
    let mut view = View::default();
    let mut scratch = View::default();
    let backend = scanner.backend();
    let mut done = 0;
    let mut is_in_wide = false;
    for Replacement { range, what } in replacements {
        if range.start < done {
            continue;
        }
        // Whatever else the file holds is no part of wide text.
        let goes_on = range.start == done && is_in_wide == what.is_wide();
        if is_in_wide && !goes_on {
            view.separate(done);
        }
        view.copy(text, done..range.start);
        if what.is_wide() && !goes_on {
            view.separate(range.start);
        }
        is_in_wide = what.is_wide();
        done = range.end;
        match what {
            What::Escape(escape) => {
                view.whole(range.clone(), escape.coding, None, escape.text());
            }
            What::Wide(wide, first) => {
                let characters = text[range.clone()].iter().skip(*first).step_by(wide.bytes);
                view.units(range.clone(), wide.bytes, wide.coding(), characters.copied());
            }
            What::Value => {
                let line = range.start..range.start + symbols_at(text, range.start);
                let digits = &text[line.clone()];
                view.digits(range.clone(), 6, 0, &[line], |out| {
                    symbols::base64(backend, digits, out);
                });
            }
            What::Run(run, phase) => {
                scratch.clear();
                runs.decode(backend, text, run, 0, &mut scratch);
                let coding = if run.is_hex { Coding::Hex } else { Coding::Base64 };
                let unpacked = inflate::format(scratch.text())
                    .and_then(|packed| Some((packed, inflate::inflate(packed, scratch.text())?)));
                if let Some((packed, plain)) = unpacked {
                    view.whole(range.clone(), coding, Some(packed), &plain);
                    continue;
                }
                // What stands before the first digit that is read.
                view.copy(text, range.start..(range.start + phase).min(range.end));
                // Of `0x6B6579` the sign is no part of what it says, and of a run that is
                // cut neither is what is left of the digits before.
                let sign = text[..range.start].last();
                let is_literal = run.is_hex && matches!(sign, Some(b'x' | b'X'));
                if is_literal || *phase > 0 {
                    view.separate((range.start + phase).min(range.end));
                }
                runs.decode(backend, text, run, *phase, &mut view);
                if is_literal {
                    view.separate(range.end);
                }
            }
        }
    }
    if is_in_wide {
        view.separate(done);
    }
    view.copy(text, done..text.len());
    view
}

/// The runs that say something, and the alignment at which they do.
fn readable<'e>(
    scanner: &Scanner,
    text: &[u8],
    encoded: &Encoded,
    runs: &'e Runs,
    depth: usize,
) -> Vec<(&'e Run, usize)> {
    let mut stretches = Stretches::default();
    stretches.find(scanner.backend(), text, &encoded.survey.digits);
    let mut batch = View::default();
    let mut best: Vec<Option<(usize, usize)>> = vec![None; runs.runs.len()];
    // Where each run at each alignment begins in the batch.
    let mut pieces: Vec<(usize, usize, usize)> = Vec::new();
    for (number, run) in runs.runs.iter().enumerate() {
        if encoded.packed.binary_search(&run.range.start).is_ok() {
            best[number] = Some((1, 0));
            continue;
        }
        let says = runs.saying(run, &stretches);
        let most = says.iter().copied().max().unwrap_or(0);
        if most == 0 {
            continue;
        }
        // By chance, others say a little.
        let phases = || (0..says.len()).filter(|phase| 2 * says[*phase] >= most);
        for phase in phases() {
            let at = batch.text().len();
            runs.decode(scanner.backend(), text, run, phase, &mut batch);
            let bytes = &batch.text()[at..];
            if phases().count() == 1 && is_text(&bytes[..bytes.len().min(SAMPLE)]) {
                // It need not be searched.
                best[number] = Some((1, phase));
                batch.truncate(at);
                continue;
            }
            pieces.push((at, number, phase));
            batch.separate(run.range.end);
        }
    }
    let said = batch.text();
    let (mut hits, mut deeper) = (Vec::new(), Vec::new());
    scanner.prefilter().find(said, 0..said.len(), &mut hits);
    probe(scanner, said, 0..said.len(), &[], depth + 1, &mut Levels::default(), &mut deeper);
    let mut shown = vec![0usize; pieces.len()];
    for at in hits.iter().map(|hit| hit.at).chain(deeper.iter().map(|mark| mark.at)) {
        let piece = pieces.partition_point(|(start, ..)| *start <= at).saturating_sub(1);
        if let Some(count) = shown.get_mut(piece) {
            *count += 1;
        }
    }
    for (i, (start, number, phase)) in pieces.iter().enumerate() {
        let end = pieces.get(i + 1).map_or(said.len(), |next| next.0) - 1;
        let bytes = &said[*start..end];
        let count = shown[i] * 2 + usize::from(is_text(&bytes[..bytes.len().min(SAMPLE)]));
        if count > best[*number].map_or(0, |(count, _)| count) {
            best[*number] = Some((count, *phase));
        }
    }
    runs.runs.iter().zip(best).filter_map(|(run, best)| Some((run, best?.1))).collect()
}

/// Whether a text speaks of a Kubernetes secret, whose values are base64 however short.
fn is_manifest(text: &[u8]) -> bool {
    memmem::find_iter(text, b"Secret").any(|at| {
        let before = text[at.saturating_sub(12)..at].trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
        before
            .strip_suffix(b":")
            .is_some_and(|key| key.strip_suffix(b"\"").unwrap_or(key).ends_with(b"kind"))
    })
}

/// Whether the first value between two places may be short and encoded.
pub(super) fn is_short_value(text: &[u8], from: usize, to: usize) -> bool {
    let to = to.min(text.len());
    memchr::memchr(b':', &text[from.min(to)..to])
        .is_some_and(|colon| short_value(text, from + colon).is_some())
}

/// The value behind a colon, if it is all base64, too short for a run, and says text.
fn short_value(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let rest = text.get(colon + 1..)?;
    let blank = rest.iter().take(8).take_while(|b| **b == b' ').count();
    let quote = rest.get(blank).filter(|b| matches!(b, b'"' | b'\''));
    let start = colon + 1 + blank + usize::from(quote.is_some());
    let len = symbols_at(text, start);
    let end = start + len;
    let padding = text.get(end..)?.iter().take(2).take_while(|b| **b == b'=').count();
    let end = end + padding;
    let is_over = match (quote, text.get(end)) {
        (Some(quote), Some(next)) => quote == next,
        (None, next) => next.is_none_or(|b| matches!(b, b'\r' | b'\n' | b' ')),
        _ => false,
    };
    if !(SHORT - 2..SHORTEST).contains(&len) || !(len + padding).is_multiple_of(4) || !is_over {
        return None;
    }
    let mut out = Vec::new();
    symbols::base64(Backend::Portable, &text[start..start + len], &mut out);
    out.iter().all(|b| matches!(b, b' '..=b'~' | b'\r' | b'\n')).then_some(start..end)
}

/// How many base64 characters stand at `at`, at most as many as a run has at least.
fn symbols_at(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().take(SHORTEST).take_while(|byte| is_symbol(**byte)).count()
}

/// Whether nearly all bytes are those of text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|b| !matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n')).count();
    bytes.len() >= 12 && odd * 20 <= bytes.len()
}
