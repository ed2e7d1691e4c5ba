//! Runs of base64 characters and of hexadecimal digits.

use std::ops::Range;

use super::{SIGHT, symbols};
use crate::prefilter::classes::{BLOCK, Block};

/// The fewest characters of a run: twelve bytes.
pub(super) const SHORTEST: usize = 16;

/// The fewest digits of a hexadecimal run.
pub(super) const SHORTEST_HEX: usize = 32;

/// A shorter run may be a word or a path.
const NO_WORD: usize = SIGHT;

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
    pub(super) fn find(&mut self, text: &[u8], blocks: &[Block]) {
        self.runs.clear();
        self.lines.clear();
        self.raw.clear();
        raw(blocks, text.len(), |run| {
            if run.len() >= NO_WORD || !is_word(blocks, &run) {
                self.raw.push(run);
            }
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
}

/// Finds all runs of [`SHORTEST`] characters or more.
fn raw(blocks: &[Block], len: usize, mut found: impl FnMut(Range<usize>)) {
    // Where the run began that the last block ended with, and how much of it was there.
    let (mut start, mut before) = (0, 0);
    for (number, block) in blocks.iter().enumerate() {
        let base = number * BLOCK;
        let mask = block.symbol;
        // Where sixteen characters in a row begin.
        let mut starts = mask & mask >> 1;
        starts &= starts >> 2;
        starts &= starts >> 4;
        starts &= starts >> 8;
        let head = mask.trailing_ones() as usize;
        let tail = mask.leading_ones() as usize;
        if starts == 0 && before + head < SHORTEST {
            (start, before) = (base + BLOCK - tail, tail);
            continue;
        }
        if head == BLOCK {
            before += BLOCK;
            continue;
        }
        if before + head >= SHORTEST {
            found(start..base + head);
        }
        starts &= u64::MAX << head;
        while starts != 0 {
            let first = starts.trailing_zeros() as usize;
            let run = (mask >> first).trailing_ones() as usize;
            if first + run == BLOCK {
                break;
            }
            found(base + first..base + first + run);
            starts &= u64::MAX << (first + run);
        }
        (start, before) = (base + BLOCK - tail, tail);
    }
    // What is behind the end is in no class, so a run that ends with a block is left.
    if before >= SHORTEST {
        found(start..len.min(start + before));
    }
}

/// Whether a run of fewer than [`NO_WORD`] characters has so few upper-case letters, or
/// few and no digit, that it is a name, a path or a rule of dashes. Of what text is in
/// base64, two fifths are upper case and a fifth digits: of twelve bytes of text two in a
/// thousand are taken for a word, of thirty one in ten thousand.
fn is_word(blocks: &[Block], run: &Range<usize>) -> bool {
    let (first, last) = (run.start / BLOCK, (run.end - 1) / BLOCK);
    let (head, tail) = (run.start % BLOCK, 63 - (run.end - 1) % BLOCK);
    let (mut upper, mut lower, mut digit) = (0, 0, 0);
    for (number, block) in blocks[first..=last].iter().enumerate() {
        let mut mask = u64::MAX;
        if number == 0 {
            mask &= u64::MAX << head;
        }
        if number == last - first {
            mask &= u64::MAX >> tail;
        }
        upper += (block.upper & mask).count_ones() as usize;
        lower |= block.lower & mask;
        digit |= block.digit & mask;
    }
    let is_long = run.len() >= SHORTEST_HEX;
    if upper * 10 < run.len() {
        // Hexadecimal digits.
        return !(is_long && upper == 0 && lower != 0 && digit != 0);
    }
    // What is mostly zeros has few lower-case letters.
    (lower == 0 && !is_long) || (upper * 5 < run.len() && digit == 0)
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
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
fn wrap(text: &[u8], end: usize) -> Option<usize> {
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
    let (mut values, mut said) = (Vec::new(), Vec::new());
    symbols::sextets(&digits, &mut values);
    symbols::pack_sextets(&values, &mut said);
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
    use crate::prefilter::Backend;

    fn found(text: &str) -> Vec<(String, bool)> {
        let mut blocks = Vec::new();
        Backend::Portable.classify(text.as_bytes(), &mut blocks);
        let mut runs = Runs::default();
        runs.find(text.as_bytes(), &blocks);
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
    fn words_and_paths_are_none() {
        assert_eq!(found("usr/share/lib/python a_constant_of_many_words UPPER_CASE_CONSTANT"), []);
        assert_eq!(found("3e25960a79dbc69b674cd4ec67a72c62").len(), 1);
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
