//! ASCII text of two or four bytes a character within a file of another kind.
//!
//! The bytes of a character and the zeros beside it are read without asking which come
//! first: what stands between zeros is the same text in both orders.

use std::ops::Range;

use super::Coding;
use crate::prefilter::classes::{BLOCK, Masked};

/// The fewest characters.
const SHORTEST: usize = 8;

/// A run of wide characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wide {
    /// From the first character's ASCII byte on.
    pub(super) range: Range<usize>,
    /// Bytes of a character.
    pub(super) bytes: usize,
}

impl Wide {
    pub(super) fn coding(&self) -> Coding {
        if self.bytes == 2 { Coding::Utf16 } else { Coding::Utf32 }
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
                    let before = &text[..from];
                    if before.ends_with(&[0, 0, 0][..bytes - 1])
                        && text.get(range.end).is_some_and(u8::is_ascii_graphic)
                    {
                        range.end += 1;
                    }
                    done = range.end;
                    out.push(Wide { range, bytes });
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
        (first.is_ascii_graphic() || matches!(first, b' ' | b'\t' | b'\r' | b'\n'))
            && rest.iter().all(|byte| *byte == 0)
    };
    text.chunks(bytes).take_while(is_one).count()
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
    fn zeros_and_numbers_are_none() {
        assert_eq!(found(&[0; 300]), []);
        let numbers: Vec<u8> = (0..100u32).flat_map(|n| (n * 77_777).to_le_bytes()).collect();
        assert_eq!(found(&numbers), []);
        assert_eq!(found(b"short\0 te\0x"), []);
    }
}
