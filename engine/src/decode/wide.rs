//! ASCII text of two or four bytes a character within a file of another kind.
//!
//! The bytes of a character and the zeros beside it are read without asking which come
//! first: what stands between zeros is the same text in both orders.

use std::ops::Range;

use super::Coding;
use super::escape::Escape;
use crate::prefilter::classes::{BLOCK, Masked};

/// The fewest characters.
const SHORTEST: usize = 8;

/// A run of wide characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wide {
    /// From the first character's ASCII byte on; with the zeros before the last such byte,
    /// to that, otherwise to the zeros behind it.
    pub(super) range: Range<usize>,
    /// Bytes of a character.
    pub(super) bytes: usize,
    /// Whether the zeros come first.
    is_big: bool,
}

impl Wide {
    pub(super) fn coding(&self) -> Coding {
        if self.bytes == 2 { Coding::Utf16 } else { Coding::Utf32 }
    }

    /// As the text stands if the zeros come last after all.
    pub(super) fn little(&self) -> Range<usize> {
        self.range.start..self.range.end - usize::from(self.is_big)
    }

    /// From the first byte of the first character on, be it a zero.
    pub(super) fn whole(&self) -> Range<usize> {
        let zeros = if self.is_big { self.bytes - 1 } else { 0 };
        self.range.start.saturating_sub(zeros)..self.range.end
    }
}

/// Finds all wide text; its zeros stand in `blocks`.
pub(super) fn find(text: &[u8], blocks: &[Masked], out: &mut Vec<Wide>) {
    out.clear();
    let mut done = 0;
    for (number, zeros) in blocks {
        // Every run of eight characters has a zero at every other, or three of four, in
        // some block, with the byte before or behind it none.
        let mut starts = zeros & !(zeros << 1);
        while starts != 0 {
            let at = number * BLOCK + starts.trailing_zeros() as usize;
            starts &= starts - 1;
            if at <= done {
                continue;
            }
            for bytes in [2, 4] {
                let from = at - 1;
                let len = characters(&text[from..], bytes);
                if len >= SHORTEST {
                    let mut range = from..(from + len * bytes).min(text.len());
                    // Where zeros come first, none need follow the last character.
                    let zeros = &text[from.saturating_sub(bytes - 1)..from];
                    // Of a text that is cut nobody knows what was before.
                    let is_big = zeros.iter().all(|byte| *byte == 0)
                        && text.get(range.end).is_some_and(is_ascii);
                    range.end += usize::from(is_big);
                    done = range.end;
                    out.push(Wide { range, bytes, is_big });
                    break;
                }
            }
        }
    }
}

/// How many wide characters follow one another.
fn characters(text: &[u8], bytes: usize) -> usize {
    let is_one = |unit: &&[u8]| {
        let (first, rest) = unit.split_first().unwrap_or((&0, &[]));
        is_ascii(first) && rest.iter().all(|byte| *byte == 0)
    };
    text.chunks(bytes).take_while(is_one).count()
}

fn is_ascii(byte: &u8) -> bool {
    byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Bytes between two runs of wide text that may be wide characters of other kinds.
const GAP: usize = 1024;

/// The characters between runs of wide text that are none of ASCII, such as those that
/// tables are drawn with, and where they stand.
pub(super) fn between(text: &[u8], runs: &[Wide]) -> Vec<(usize, Escape)> {
    let mut found = Vec::new();
    // A horizontal line is made of a character that is one of ASCII in the other order.
    let is_line = |wide: &&Wide| {
        let mut characters = text[wide.range.clone()].iter().step_by(wide.bytes);
        let first = characters.next();
        characters.all(|byte| Some(byte) == first)
    };
    let words: Vec<&Wide> = runs.iter().filter(|run| !is_line(run)).collect();
    for pair in words.windows(2) {
        let (last, next) = (pair[0], pair[1]);
        let gap = last.range.end..next.range.start;
        // The zeros of the next character, if they come first.
        let zeros = gap.len() % last.bytes;
        let is_big = zeros > 0;
        let is_whole = zeros == 0 || zeros == last.bytes - 1;
        let is_one_text = last.bytes == next.bytes && is_whole && (is_big || !last.is_big);
        if !is_one_text || gap.len() > GAP {
            continue;
        }
        let units = text[gap.clone()].chunks_exact(last.bytes).enumerate();
        found.extend(units.filter_map(|(i, unit)| {
            let place = |n: usize| if is_big { unit.len() - 1 - n } else { n };
            let code =
                (0..unit.len()).fold(0, |code, n| code | u32::from(unit[place(n)]) << (8 * n));
            let escape = Escape::character(last.bytes, last.coding(), code)?;
            Some((gap.start + i * last.bytes, escape))
        }));
        if is_big && !next.is_big {
            let escape = Escape::nothing(zeros, last.coding());
            found.push((gap.end - zeros, escape));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prefilter::Backend;
    use crate::prefilter::classes::Survey;

    fn found(text: &[u8]) -> Vec<(String, usize, usize)> {
        let (mut survey, mut wide) = (Survey::default(), Vec::new());
        Backend::Portable.survey(text, &mut survey);
        find(text, &survey.zeros, &mut wide);
        let plain = |w: &Wide| -> Vec<u8> {
            text[w.range.clone()].iter().step_by(w.bytes).copied().collect()
        };
        wide.iter()
            .map(|w| (String::from_utf8(plain(w)).unwrap(), w.range.start, w.bytes))
            .collect()
    }

    #[test]
    fn in_both_orders_and_widths_at_every_place() {
        let text = "wide text";
        for before in 0..130 {
            for (bytes, order) in [(2, false), (2, true), (4, false), (4, true)] {
                let mut file = vec![0xff; before];
                for c in text.bytes() {
                    let mut unit = vec![0; bytes];
                    unit[if order { bytes - 1 } else { 0 }] = c;
                    file.extend(unit);
                }
                file.extend([0xff, 0, 7, 0]);
                let start = before + if order { bytes - 1 } else { 0 };
                assert_eq!(found(&file), [(text.to_owned(), start, bytes)], "{before} {order}");
            }
        }
    }

    #[test]
    fn what_is_drawn_between() {
        for (bytes, order) in [(2, false), (2, true), (4, false), (4, true)] {
            let mut file = vec![0xff; 7];
            for c in "some text \u{2502}\u{20ac}x\u{2500} some more".chars() {
                let mut unit = u32::from(c).to_le_bytes()[..bytes].to_vec();
                if order {
                    unit.reverse();
                }
                file.extend(unit);
            }
            file.push(0xff);
            let (mut survey, mut wide) = (Survey::default(), Vec::new());
            Backend::Portable.survey(&file, &mut survey);
            find(&file, &survey.zeros, &mut wide);
            let starts: Vec<usize> = wide.iter().map(|wide| wide.whole().start).collect();
            assert_eq!(starts, [7, 7 + 14 * bytes]);
            let found = between(&file, &wide);
            let text: Vec<u8> = found.iter().flat_map(|(_, e)| e.text().to_vec()).collect();
            assert_eq!(String::from_utf8(text).unwrap(), "\u{2502}\u{20ac}x\u{2500}");
            assert_eq!(found[0].0, 7 + 10 * bytes);
        }
    }

    #[test]
    fn zeros_and_numbers_are_none() {
        assert_eq!(found(&[0; 300]), []);
        let numbers: Vec<u8> = (0..100u32).flat_map(|n| (n * 77_777).to_le_bytes()).collect();
        assert_eq!(found(&numbers), []);
        assert_eq!(found(b"short\0 te\0x"), []);
    }
}
