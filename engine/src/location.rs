//! Lines and columns.
//!
//! Lines end at `\n` (a `\r` before it belongs to the end) and count from 1,
//! columns too. A column is given twice: in characters, as editors count, and in
//! bytes, as tools do. In text that is not UTF-8 every byte that is no part of
//! a character counts as one. A byte-order mark is no character.
//!
//! Nothing is counted until there is a finding, except that text which is about
//! to be dropped is counted once, while it is in the cache.

use std::ops::Range;

use leaksieve_detectors::Passage;

/// A place in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// Bytes from the start of the object to the first byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Line of the first byte.
    pub line: u64,
    /// Column of the first byte, in characters.
    pub column: u64,
    /// Column of the first byte, in bytes.
    pub byte_column: u64,
    /// Line of the last byte.
    pub end_line: u64,
    /// Column after the last byte, in characters.
    pub end_column: u64,
    /// Column after the last byte, in bytes.
    pub end_byte_column: u64,
}

/// How the object is stored. The scanner always sees UTF-8 (or bytes); offsets
/// in reports are those of the stored object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stored {
    /// As scanned.
    #[default]
    AsIs,
    /// As UTF-16, with so many bytes of byte-order mark before the text.
    Utf16 {
        /// 0 or 2.
        mark: u8,
    },
}

/// A position, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    /// Offset in the scanned text.
    at: u64,
    /// Offset in the stored object.
    stored: u64,
    line: u64,
    chars: u64,
    /// Offset of the line's start in the stored object.
    line_stored: u64,
}

impl Position {
    fn after(mut self, stretch: &Stretch) -> Self {
        self.at = stretch.end;
        self.stored += stretch.stored;
        if stretch.lines > 0 {
            self.line += stretch.lines;
            self.chars = 0;
            self.line_stored = self.stored - stretch.last_stored;
        }
        self.chars += stretch.last_chars;
        self
    }
}

/// A stretch of text, counted by itself, wherever it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stretch {
    /// Offset of its end in the scanned text.
    end: u64,
    /// Bytes in the stored object.
    stored: u64,
    /// Lines that end in it.
    lines: u64,
    /// Characters after the last of these, or all.
    last_chars: u64,
    /// Bytes in the stored object after the last of these, or all.
    last_stored: u64,
}

impl Stretch {
    /// Counts the text at `range`; `passage` holds it, and the three bytes
    /// before it.
    pub(crate) fn of(passage: &Passage<'_>, range: Range<u64>, stored: Stored) -> Self {
        let text = passage.slice(range.clone());
        let stored_len = |text: &[u8]| match stored {
            Stored::AsIs => text.len() as u64,
            Stored::Utf16 { .. } => utf16_len(text),
        };
        let (lines, last) = match memchr::memrchr(b'\n', text) {
            None => (0, text),
            Some(end) => (memchr::memchr_iter(b'\n', text).count() as u64, &text[end + 1..]),
        };
        let start = range.end - last.len() as u64;
        let before = passage.slice(start.saturating_sub(3)..start);
        let mut last_chars = characters(before, last);
        if start == 0 && !last.is_empty() && passage.slice(0..3) == b"\xef\xbb\xbf" {
            last_chars -= 1;
        }
        Self {
            end: range.end,
            stored: stored_len(text),
            lines,
            last_chars,
            last_stored: stored_len(last),
        }
    }
}

/// Counts lines from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    stored: Stored,
    position: Position,
}

impl Lines {
    pub(crate) fn new(stored: Stored) -> Self {
        let mark = match stored {
            Stored::AsIs => 0,
            Stored::Utf16 { mark } => u64::from(mark),
        };
        let position = Position { at: 0, stored: mark, line: 1, chars: 0, line_stored: 0 };
        Self { stored, position }
    }

    /// Counts up to `to`; does nothing if that has been passed. `passage` holds
    /// the text from the last position to `to`, and the three bytes before it.
    pub(crate) fn advance(&mut self, passage: &Passage<'_>, to: u64) {
        if to > self.position.at {
            self.position = self.counted(self.position, passage, to);
        }
    }

    /// Counts a stretch that was counted by itself; it begins where the
    /// position is.
    #[cfg(feature = "files")]
    pub(crate) fn skip(&mut self, stretch: &Stretch) {
        self.position = self.position.after(stretch);
    }

    /// How far has been counted.
    #[cfg(feature = "files")]
    pub(crate) fn counted_to(&self) -> u64 {
        self.position.at
    }

    fn counted(&self, from: Position, passage: &Passage<'_>, to: u64) -> Position {
        from.after(&Stretch::of(passage, from.at..to, self.stored))
    }

    /// The locations of ranges, in the given order. All of them lie behind the
    /// position and in `passage`.
    pub(crate) fn locate(&self, passage: &Passage<'_>, ranges: &[Range<u64>]) -> Vec<Location> {
        let mut offsets: Vec<u64> = ranges.iter().flat_map(|r| [r.start, r.end]).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let mut position = self.position;
        let counted: Vec<Position> = offsets
            .iter()
            .map(|at| {
                position = self.counted(position, passage, (*at).max(position.at));
                position
            })
            .collect();
        let of = |at: u64| {
            let i = offsets.partition_point(|o| *o < at).min(counted.len() - 1);
            counted[i]
        };
        ranges
            .iter()
            .map(|range| {
                let (start, end) = (of(range.start), of(range.end));
                Location {
                    offset: start.stored,
                    length: end.stored - start.stored,
                    line: start.line,
                    column: start.chars + 1,
                    byte_column: start.stored - start.line_stored + 1,
                    end_line: end.line,
                    end_column: end.chars + 1,
                    end_byte_column: end.stored - end.line_stored + 1,
                }
            })
            .collect()
    }
}

/// Bytes that UTF-8 text takes as UTF-16.
fn utf16_len(text: &[u8]) -> u64 {
    // Every character takes one unit, those of four bytes two.
    text.iter().map(|b| if *b >= 0xf0 { 4 } else { u64::from(*b & 0xc0 != 0x80) * 2 }).sum()
}

/// Characters that begin in `text`; `before` is up to three bytes before it.
fn characters(before: &[u8], text: &[u8]) -> u64 {
    let inner = |i: usize| -> bool {
        let byte = |back: usize| -> u8 {
            if back <= i {
                text[i - back]
            } else {
                before.len().checked_sub(back - i).map_or(0, |at| before[at])
            }
        };
        let continues = |b: u8| b & 0xc0 == 0x80;
        (0xc2..=0xf4).contains(&byte(1))
            || (continues(byte(1)) && (0xe0..=0xf4).contains(&byte(2)))
            || (continues(byte(1)) && continues(byte(2)) && (0xf0..=0xf4).contains(&byte(3)))
    };
    if text.is_ascii() {
        return text.len() as u64;
    }
    let ascii_or_lead = text.iter().filter(|b| (**b as i8) >= -0x40).count();
    let strays = text.iter().enumerate().filter(|(i, b)| **b & 0xc0 == 0x80 && !inner(*i)).count();
    (ascii_or_lead + strays) as u64
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    fn locate(text: &[u8], start: u64, end: u64, stored: Stored) -> Location {
        let passage = Passage { base: 0, bytes: text };
        let whole = Lines::new(stored).locate(&passage, &[start..end])[0];
        // Counting in any two steps gives the same.
        for cut in 0..=start {
            let mut lines = Lines::new(stored);
            lines.advance(&passage, cut);
            assert_eq!(lines.locate(&passage, &[start..end])[0], whole, "cut at {cut}");
        }
        whole
    }

    fn columns(l: Location) -> (u64, u64, u64, u64, u64, u64) {
        (l.line, l.column, l.byte_column, l.end_line, l.end_column, l.end_byte_column)
    }

    #[test]
    fn characters_and_bytes() {
        let text = "a\r\nbé€😀x\nz".as_bytes();
        let x = text.iter().position(|b| *b == b'x').unwrap() as u64;
        assert_eq!(columns(locate(text, x, x + 1, Stored::AsIs)), (2, 5, 11, 2, 6, 12));
        assert_eq!(columns(locate(text, 0, x + 3, Stored::AsIs)), (1, 1, 1, 3, 2, 2));
    }

    #[test]
    fn latin_1_counts_every_byte() {
        let text = b"\xe9t\xe9 = x";
        assert_eq!(columns(locate(text, 6, 7, Stored::AsIs)), (1, 7, 7, 1, 8, 8));
        assert_eq!(columns(locate(b"\x80\x81\x82x", 3, 4, Stored::AsIs)).1, 4);
    }

    #[test]
    fn a_byte_order_mark_is_no_character() {
        assert_eq!(columns(locate(b"\xef\xbb\xbfab", 4, 5, Stored::AsIs)), (1, 2, 5, 1, 3, 6));
        assert_eq!(columns(locate(b"\xef\xbb\xbfa\nb", 5, 6, Stored::AsIs)).1, 1);
    }

    #[test]
    fn utf_16_offsets_are_those_of_the_file() {
        let text = "é\n😀x";
        let x = text.len() as u64 - 1;
        let found = locate(text.as_bytes(), x, x + 1, Stored::Utf16 { mark: 2 });
        let file: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(found.offset as usize, file.len() - 2);
        assert_eq!((found.length, found.line, found.column, found.byte_column), (2, 2, 2, 5));
    }
}
