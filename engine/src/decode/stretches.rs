//! Stretches of base64 and hexadecimal digits that say ASCII text.
//!
//! An anchor is ASCII, and so is most of what stands beside it. Of the bytes that digits
//! say, the highest bits are single bits of single digits, so masks tell for every
//! alignment at once where they are all zero: of random bytes, twelve in a row are at
//! one place of four thousand.

use std::ops::Range;

use super::runs::{SHORTEST, SHORTEST_HEX, rows, unescaped, wrap};
use super::{inflate, symbols};
use crate::prefilter::Backend;
use crate::prefilter::classes::{ALIGNMENTS, Digits, RUN, is_symbol};

/// Digits that say text, from the first of a group that makes whole bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) range: Range<usize>,
    pub(super) is_hex: bool,
}

/// The stretches of a text.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    /// In the order in which they begin.
    pub(super) stretches: Vec<Stretch>,
    digits: Digits,
}

/// The fewest digits of compressed data.
const SHORTEST_PACKED: usize = 2 * RUN;

impl Stretches {
    /// Finds those of a text, which stand in `blocks`.
    pub(super) fn find(&mut self, backend: Backend, text: &[u8], blocks: &[usize]) {
        let Self { stretches, digits } = self;
        stretches.clear();
        backend.digits(text, blocks, digits);
        for alignment in 0..ALIGNMENTS {
            let masks = digits.blocks.iter().map(|says| (says.number, says.ascii[alignment]));
            let mut found = |row: Range<usize>, phase: usize, group: usize, least: usize| {
                let first = row.start + (phase + group - row.start % group) % group;
                if row.end >= first + least {
                    let range = aligned(text, row, phase, group);
                    stretches.push(Stretch { range, is_hex: group == 2 });
                }
            };
            match alignment {
                phase @ 0..4 => rows::<SHORTEST>(masks, text.len(), |row| {
                    found(row, phase, 4, SHORTEST);
                }),
                _ => rows::<SHORTEST_HEX>(masks, text.len(), |row| {
                    found(row, alignment - 4, 2, SHORTEST_HEX);
                }),
            }
        }
        stretches.sort_unstable_by_key(|s| (s.range.start, s.range.end, s.is_hex));
    }

    /// The stretches that begin in a range.
    pub(super) fn beginning_in(&self, range: &Range<usize>) -> impl Iterator<Item = &Stretch> {
        let first = self.stretches.partition_point(|stretch| stretch.range.start < range.start);
        self.stretches[first..].iter().take_while(|stretch| stretch.range.start < range.end)
    }

    /// The stretch that begins exactly there.
    fn beginning_at(&self, at: usize, is_hex: bool) -> Option<usize> {
        let first = self.stretches.partition_point(|stretch| stretch.range.start < at);
        let here = self.stretches[first..].iter().take_while(|stretch| stretch.range.start == at);
        here.zip(first..).find(|(stretch, _)| stretch.is_hex == is_hex).map(|(_, number)| number)
    }

    /// Replaces `lines` by where the digits of a stretch stand, which may go on in the
    /// next lines; these are no stretches any more.
    pub(super) fn lines(&mut self, text: &[u8], number: usize, lines: &mut Vec<Range<usize>>) {
        let Stretch { range, is_hex } = self.stretches[number].clone();
        lines.clear();
        let mut digits = range.len();
        let mut end = range.end;
        lines.push(range);
        while !text.get(end).copied().is_some_and(is_symbol)
            && let Some(start) = wrap(text, end)
        {
            let group = if is_hex { 2 } else { 4 };
            let whole = start + (group - digits % group) % group;
            let Some(next) = self.beginning_at(whole, is_hex) else {
                // The end of what began in the last line.
                let rest = text[start..].iter().take(SHORTEST + 2 * group);
                let len = rest.take_while(|byte| is_symbol(**byte)).count();
                lines.push(start..start + len);
                return;
            };
            end = std::mem::replace(&mut self.stretches[next].range, whole..whole).end;
            if end == whole || (start..whole).any(|at| !is_symbol(text[at])) {
                return;
            }
            digits += end - start;
            lines.push(start..end);
        }
    }
}

/// A row with the rest of the groups of digits that it begins and ends in.
fn aligned(text: &[u8], row: Range<usize>, phase: usize, group: usize) -> Range<usize> {
    let row = unescaped(text, row);
    let into = (row.start + group - phase) % group;
    let is_whole = row.start.checked_sub(into).is_some_and(|start| {
        text[start..row.start].iter().all(|byte| is_symbol(*byte))
            && unescaped(text, start..row.end).start == start
    });
    let start = if is_whole { row.start - into } else { row.start + group - into };
    let rest = text[row.end..].iter().take(group - 1);
    start..row.end + rest.take_while(|byte| is_symbol(**byte)).count()
}

/// Whether base64 or hexadecimal digits begin at `at` that say compressed data.
pub(super) fn is_packed(text: &[u8], at: usize) -> bool {
    // Behind what says that it is binary, or a letter of an escape.
    let begins = match &text[..at] {
        [.., b'\\', b'n' | b'r' | b'x'] | [.., b'0', b'x'] | [b'x'] => true,
        before => !before.last().copied().is_some_and(is_symbol),
    };
    let digits = text[at..].iter().take(SHORTEST_PACKED).take_while(|byte| is_symbol(**byte));
    if !begins || digits.count() < SHORTEST_PACKED {
        return false;
    }
    let mut bytes = Vec::new();
    match &text[at..] {
        [b'H' | b'e', ..] => symbols::base64(Backend::Portable, &text[at..at + 12], &mut bytes),
        digits if digits[..16].iter().all(u8::is_ascii_hexdigit) => {
            symbols::hex(&digits[..16], &mut bytes);
        }
        _ => return false,
    }
    inflate::format(&bytes).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::encoded::Encoded;
    use super::*;
    use crate::prefilter::classes::Survey;

    fn found(text: &[u8]) -> Vec<(String, bool)> {
        let (mut survey, mut stretches) = (Survey::default(), Stretches::default());
        Backend::Portable.survey(text, &mut survey);
        stretches.find(Backend::Portable, text, &survey.digits);
        let mut said = Vec::new();
        let mut lines = Vec::new();
        for number in 0..stretches.stretches.len() {
            if stretches.stretches[number].range.is_empty() {
                continue;
            }
            stretches.lines(text, number, &mut lines);
            let digits: Vec<u8> = lines.iter().flat_map(|l| &text[l.clone()]).copied().collect();
            let is_hex = stretches.stretches[number].is_hex;
            let mut bytes = Vec::new();
            if is_hex {
                symbols::hex(&digits, &mut bytes);
            } else {
                symbols::base64(Backend::Portable, &digits, &mut bytes);
            }
            said.push((String::from_utf8_lossy(&bytes).into_owned(), is_hex));
        }
        said
    }

    #[test]
    fn text_is_found_at_every_place_and_alignment() {
        for before in 0..140 {
            for prefix in ["", "/", "ab", "x1-"] {
                // `hunter2 was here`, `the quick brown fox`
                let text = format!("{}{prefix}aHVudGVyMiB3YXMgaGVyZQ==.", ".".repeat(before));
                let all = found(text.as_bytes());
                let fits =
                    |(said, is_hex): &(String, bool)| !is_hex && said.ends_with("hunter2 was here");
                assert!(all.iter().any(fits), "{before} {prefix}: {all:?}");
                let hex = "74686520717569636b2062726f776e20666f78";
                let text = format!("{}{hex}.", "0".repeat(before % 40));
                let fits = |(said, is_hex): &(String, bool)| {
                    *is_hex && said.ends_with("the quick brown fox")
                };
                assert!(found(text.as_bytes()).iter().any(fits), "{text}");
            }
        }
    }

    #[test]
    fn what_stands_beside_other_bytes_is_whole() {
        // `ü` before `AKIATESTTESTTEST` at each place of a group, and behind it.
        for text in [
            "w7xBS0lBVEVTVFRFU1RURVNUw7w",
            "YcO8QUtJQVRFU1RURVNUVEVTVMO8",
            "YWHDvEFLSUFURVNUVEVTVFRFU1TDvA",
        ] {
            let all = found(text.as_bytes());
            assert!(
                all.iter().any(|(said, _)| said.contains("AKIATESTTESTTEST")),
                "{text}: {all:?}"
            );
        }
    }

    #[test]
    fn lines_are_joined() {
        let says = |text: &str, plain: &str| {
            let all = found(text.as_bytes());
            assert!(all.iter().any(|(said, _)| said == plain), "{text}: {all:?}");
        };
        // `hunter2 was here, hunter2 was here!`
        let digits = "aHVudGVyMiB3YXMgaGVyZSwgaHVudGVyMiB3YXMgaGVyZSE";
        for width in 20..40 {
            for wrap in ["\n", "\r\n    ", "\\n", "\\r\\n"] {
                let lines: Vec<&str> = digits
                    .as_bytes()
                    .chunks(width)
                    .map(|l| std::str::from_utf8(l).unwrap())
                    .collect();
                says(&lines.join(wrap), "hunter2 was here, hunter2 was here!");
            }
        }
    }

    #[test]
    fn words_hashes_and_keys_are_none() {
        for text in [
            "usr/share/lib/python3/site-packages/getElementsByTagNameAndClassName",
            "SOME_CONSTANT_OF_A_PROGRAM some-words-with-dashes-between-them-all",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB7hN0V4mWk7pXcQ9u2sYtLzD8fGaJrKe1vTbMxPqnZ5",
        ] {
            assert!(found(text.as_bytes()).len() <= 1, "{text}: {:?}", found(text.as_bytes()));
        }
    }

    #[test]
    fn compressed_data_is_known_by_its_beginning() {
        let packed = |text: &str| {
            let mut encoded = Encoded::default();
            encoded.find(Backend::Portable, text.as_bytes());
            encoded.packed
        };
        assert_eq!(packed("x: H4sIAJkx2mQC/ytJLS5RKMpPSixRSCwuLsovBgDzF4mFFAAAAA"), [3]);
        assert_eq!(packed(r"ab\nH4sIAJkx2mQC/ytJLS5RKMpPSixRSCwuLsovBgDzF4mFFAAAAA"), [4]);
        assert_eq!(packed("'eJwrSS0uUSjKT0osUUgsLi7KLwYAN1cGLQabcdefgh'"), [1]);
        assert_eq!(packed("x1f8b08009931da6402ff2b492d2e5128ca4f4a2c51482c2e2eca2f0600"), [1]);
        assert!(packed("eAbcdefghijklmnopqrstuvwxyzabcdefghijklmn").is_empty());
    }
}
