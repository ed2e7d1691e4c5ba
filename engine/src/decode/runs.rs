//! Runs of base64 characters and of hexadecimal digits.

use std::ops::Range;

use super::stretches::Stretches;
use super::symbols;
use super::view::View;
use crate::prefilter::Backend;
use crate::prefilter::classes::{BLOCK, Masked, RUN, is_symbol};

/// The fewest characters of a run: twelve bytes.
pub(super) const SHORTEST: usize = RUN;

/// The fewest digits of a hexadecimal run.
pub(super) const SHORTEST_HEX: usize = 2 * RUN;

/// Bytes that a wrapped line may be indented by.
const INDENTATION: usize = 64;

/// A run, which may be wrapped over lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// From its first character to its last, the padding behind it included.
    pub(super) range: Range<usize>,
    /// Where its lines stand in [`Runs::lines`].
    pub(super) lines: Range<usize>,
    pub(super) is_hex: bool,
}

/// The runs of a text.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) runs: Vec<Run>,
    /// The lines of all runs, without what is between them.
    pub(super) lines: Vec<Range<usize>>,
    raw: Vec<Range<usize>>,
}

impl Runs {
    /// Finds the runs of a text, in their order.
    pub(super) fn find(&mut self, backend: Backend, text: &[u8]) {
        self.runs.clear();
        self.lines.clear();
        self.raw.clear();
        let mut symbols = Vec::new();
        backend.symbols(text, &mut symbols);
        rows::<SHORTEST>(symbols.into_iter().enumerate(), text.len(), |row| {
            self.raw.push(unescaped(text, row));
        });
        let mut next = 0;
        while let Some(first) = self.raw.get(next).cloned() {
            next += 1;
            if first.len() >= SHORTEST_HEX {
                let hex = hex_runs(&text[first.clone()]);
                let whole_is_hex = hex.first().is_some_and(|hex| *hex == (0..first.len()));
                for hex in hex {
                    let range = first.start + hex.start..first.start + hex.end;
                    let at = self.lines.len();
                    self.lines.push(range.clone());
                    self.runs.push(Run { range, lines: at..at + 1, is_hex: true });
                }
                if whole_is_hex {
                    continue;
                }
            }
            let at = self.lines.len();
            let mut end = padded(text, first.end);
            self.lines.push(first.clone());
            let mut last = first;
            while end == last.end
                && let Some(start) = wrap(text, end)
            {
                let full = self.raw.get(next).filter(|raw| raw.start == start).cloned();
                let line = full.clone().unwrap_or_else(|| {
                    let rest = text[start..].iter().take(SHORTEST);
                    start..start + rest.take_while(|b| is_symbol(**b)).count()
                });
                let behind = padded(text, line.end);
                let before = &self.lines[at..];
                if line.is_empty() || !is_over(text, behind) || !goes_on(before, &line) {
                    break;
                }
                let is_a_word = full.is_none() && behind == line.end && before.len() < 3;
                if is_a_word && !says_text(text, before, &line) {
                    break;
                }
                next += usize::from(full.is_some());
                (end, last) = (behind, line.clone());
                self.lines.push(line);
                if full.is_none() {
                    break;
                }
            }
            self.runs.push(Run {
                range: self.lines[at].start..end,
                lines: at..self.lines.len(),
                is_hex: false,
            });
        }
    }

    /// How many digits of a run say text, for each alignment.
    pub(super) fn saying(&self, run: &Run, found: &Stretches) -> [usize; 4] {
        let mut says = [0; 4];
        let group = if run.is_hex { 2 } else { 4 };
        let mut digits = 0;
        for line in &self.lines[run.lines.clone()] {
            for stretch in found.beginning_in(line).filter(|s| s.is_hex == run.is_hex) {
                says[(digits + stretch.range.start - line.start) % group] += stretch.range.len();
            }
            digits += line.len();
        }
        says
    }

    /// Appends what a run says, read from the digit with the number `phase` on.
    pub(super) fn decode(
        &self,
        backend: Backend,
        text: &[u8],
        run: &Run,
        phase: usize,
        view: &mut View,
    ) {
        let lines = &self.lines[run.lines.clone()];
        let mut joined = Vec::new();
        let digits = joined_lines(text, lines, &mut joined);
        let digits = digits.get(phase..).unwrap_or_default();
        view.digits(run.range.clone(), if run.is_hex { 4 } else { 6 }, phase, lines, |out| {
            if run.is_hex {
                symbols::hex(digits, out);
            } else {
                symbols::base64(backend, digits, out);
            }
        });
    }
}

/// The digits of some lines, of several in the buffer.
pub(super) fn joined_lines<'t>(
    text: &'t [u8],
    lines: &[Range<usize>],
    buffer: &'t mut Vec<u8>,
) -> &'t [u8] {
    if let [line] = lines {
        return &text[line.clone()];
    }
    buffer.clear();
    lines.iter().for_each(|line| buffer.extend_from_slice(&text[line.clone()]));
    buffer
}

/// Finds all rows of `LEN` or more ones, a power of two that is at most [`BLOCK`] / 2, in
/// the masks of some blocks, which are in their order.
#[inline]
pub(super) fn rows<const LEN: usize>(
    blocks: impl Iterator<Item = Masked>,
    len: usize,
    mut found: impl FnMut(Range<usize>),
) {
    // Where the row began that the last block ended with, and how much of it was there.
    let (mut start, mut before, mut next) = (0, 0, 0);
    for (number, mask) in blocks {
        let base = number * BLOCK;
        if number != next {
            if before >= LEN {
                found(start..start + before);
            }
            (start, before) = (base, 0);
        }
        next = number + 1;
        // Where enough ones in a row begin.
        let mut starts = mask;
        let mut shift = 1;
        while shift < LEN {
            starts &= starts >> shift;
            shift *= 2;
        }
        let head = mask.trailing_ones() as usize;
        let tail = mask.leading_ones() as usize;
        if starts == 0 && before + head < LEN {
            (start, before) = (base + BLOCK - tail, tail);
            continue;
        }
        if head == BLOCK {
            before += BLOCK;
            continue;
        }
        if before + head >= LEN {
            found(start..base + head);
        }
        starts &= u64::MAX << head;
        while starts != 0 {
            let first = starts.trailing_zeros() as usize;
            let row = (mask >> first).trailing_ones() as usize;
            if first + row == BLOCK {
                break;
            }
            found(base + first..base + first + row);
            starts &= u64::MAX << (first + row);
        }
        (start, before) = (base + BLOCK - tail, tail);
    }
    // What is behind the end is in no class, so a row that ends with a block is left.
    if before >= LEN {
        found(start..len.min(start + before));
    }
}

/// A row of characters without the letter of an escape that ends the line before.
pub(super) fn unescaped(text: &[u8], row: Range<usize>) -> Range<usize> {
    let is_escape = text[..row.start].ends_with(b"\\") && matches!(text[row.start], b'n' | b'r');
    row.start + usize::from(is_escape)..row.end
}

/// The stretches of [`SHORTEST_HEX`] hexadecimal digits or more.
fn hex_runs(run: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    // Every such stretch holds one of the bytes that are looked at.
    while let Some(byte) = run.get(from + SHORTEST_HEX - 1) {
        let at = from + SHORTEST_HEX - 1;
        if !byte.is_ascii_hexdigit() {
            from = at + 1;
            continue;
        }
        let before = run[from..at].iter().rev().take_while(|b| b.is_ascii_hexdigit()).count();
        let after = run[at..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        if before + after >= SHORTEST_HEX {
            found.push(at - before..at + after);
        }
        from = at + after;
    }
    found
}

/// Where the padding ends that may follow a run.
fn padded(text: &[u8], end: usize) -> usize {
    end + text[end..].iter().take(2).take_while(|b| **b == b'=').count()
}

/// Where the next line begins, if one ends at `end`: as it is, or as strings write it.
pub(super) fn wrap(text: &[u8], end: usize) -> Option<usize> {
    let mut rest = &text[end..];
    match rest {
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
        [b'\\', ..] => {
            let slashes = rest.iter().take(8).take_while(|b| **b == b'\\').count();
            rest = rest[slashes..].strip_prefix(b"r").map_or(&rest[slashes..], |after| {
                let again = after.iter().take(8).take_while(|b| **b == b'\\').count();
                &after[again..]
            });
            rest = rest.strip_prefix(b"n")?;
        }
        _ => return None,
    }
    let blank = |b: &&u8| matches!(**b, b' ' | b'\t');
    let indentation = rest.iter().take(INDENTATION).take_while(blank).count();
    Some(text.len() - rest.len() + indentation)
}

/// Whether a line may follow those of a run: all but the first, behind a name, and the
/// last are as long as each other.
fn goes_on(before: &[Range<usize>], line: &Range<usize>) -> bool {
    match before {
        [] | [_] => true,
        [.., one, last] => {
            let is_full = before.len() == 2 || last.len() == one.len();
            is_full && last.len() >= one.len().min(line.len()) && line.len() <= last.len()
        }
    }
}

/// Whether a short last line, read on from the lines before it, says text: the word that
/// ends a document in a script does not.
fn says_text(text: &[u8], before: &[Range<usize>], line: &Range<usize>) -> bool {
    let digits: usize = before.iter().map(Range::len).sum();
    let Some(last) = before.last() else { return false };
    let open = last.end - (digits % 4).min(last.len());
    let digits: Vec<u8> = [&text[open..last.end], &text[line.clone()]].concat();
    let mut said = Vec::new();
    symbols::base64(Backend::Portable, &digits, &mut said);
    !said.is_empty() && said.iter().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n'))
}

/// Whether a line, or the string in it, is over.
fn is_over(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        None => true,
        Some(b) => matches!(b, b'\r' | b'\n' | b'\\' | b'"' | b'\'' | b'<' | b' ' | b'`'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, bool)> {
        let mut runs = Runs::default();
        runs.find(Backend::Portable, text.as_bytes());
        runs.runs
            .iter()
            .map(|run| {
                let lines = runs.lines[run.lines.clone()].iter();
                (lines.map(|l| &text[l.clone()]).collect(), run.is_hex)
            })
            .collect()
    }

    #[test]
    fn every_run_at_every_place() {
        for before in 0..140 {
            for len in [15, 16, 17, 47, 48, 63, 64, 65, 128, 200] {
                let run: String = "aZ3".chars().cycle().take(len).collect();
                let text = format!("{}{run}{}", ".".repeat(before), " ".repeat(before % 3));
                let expected = if len < SHORTEST { Vec::new() } else { vec![(run.clone(), false)] };
                assert_eq!(found(&text), expected, "{len} at {before}");
                let twice = format!("{text}.{run}");
                assert_eq!(found(&twice).len(), 2 * expected.len(), "{len} at {before}");
            }
        }
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let run = |text: &str| vec![(text.to_owned(), false)];
        assert_eq!(
            found("k: |\n  QUtJQVRFU1RURVNU\n  VEVTVA==\nx: 1"),
            run("QUtJQVRFU1RURVNUVEVTVA")
        );
        assert_eq!(
            found("QUtJQVRFU1RURVNU\r\nQUtJQVRFU1RURVNU\r\n"),
            run("QUtJQVRFU1RURVNUQUtJQVRFU1RURVNU")
        );
        assert_eq!(found(r#""QUtJQVRFU1RURVNU\nVEVT","#), run("QUtJQVRFU1RURVNUVEVT"));
        // The next line is no part of it.
        assert_eq!(found("QUtJQVRFU1RURVNU\nEOF\n"), run("QUtJQVRFU1RURVNU"));
        assert_eq!(found("QUtJQVRFU1RURVNU\nname: x"), run("QUtJQVRFU1RURVNU"));
        assert_eq!(found("QUtJQVRFU1RURVNUQQ==\nname"), run("QUtJQVRFU1RURVNUQQ"));
    }

    #[test]
    fn digits_in_other_text() {
        let text = r"\x414b49413132333441424344454647484a4b";
        let all = found(text);
        assert!(
            all.contains(&("414b49413132333441424344454647484a4b".to_owned(), true)),
            "{all:?}"
        );
    }
}
