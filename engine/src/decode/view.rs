//! A text with what was encoded in it written plainly, and where each byte of it came
//! from.

use std::ops::Range;

use super::Coding;

/// Stands between the pieces of a batch: no anchor, no run and no escape holds it.
pub(crate) const SEPARATOR: u8 = 1;

/// The text that was decoded. Ranges in it are led back by [`View::source`].
#[derive(Debug, Default)]
pub(super) struct View {
    text: Vec<u8>,
    pieces: Vec<Piece>,
    /// For pieces made of digits: the first digit of each line, and where it stands.
    lines: Vec<(usize, usize)>,
}

/// A piece of a view, up to where the next begins.
#[derive(Debug)]
struct Piece {
    at: usize,
    source: Range<usize>,
    form: Form,
}

/// How the bytes of a piece lie in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// As they stand there.
    Copied,
    /// As digits of so many bits, the first of them with this number, on these lines.
    Digits { bits: usize, first: usize, lines: Range<usize> },
    /// As so many bytes each.
    Units { bytes: usize, coding: Coding },
    /// All of them as the whole source.
    Whole { coding: Coding, then: Option<Coding> },
}

impl View {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.lines.clear();
    }

    /// Drops the pieces from `at` on, where one begins.
    pub(super) fn truncate(&mut self, at: usize) {
        self.pieces.truncate(self.pieces.partition_point(|piece| piece.at < at));
        self.text.truncate(at);
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Appends a stretch of the source as it is.
    pub(super) fn copy(&mut self, source: &[u8], range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let goes_on = self
            .pieces
            .last()
            .is_some_and(|p| p.form == Form::Copied && p.source.end == range.start);
        match self.pieces.last_mut().filter(|_| goes_on) {
            Some(piece) => piece.source.end = range.end,
            None => self.begin(range.clone(), Form::Copied),
        }
        self.text.extend_from_slice(&source[range]);
    }

    /// Appends what a whole stretch of the source says.
    pub(super) fn whole(
        &mut self,
        range: Range<usize>,
        coding: Coding,
        then: Option<Coding>,
        bytes: &[u8],
    ) {
        self.begin(range, Form::Whole { coding, then });
        self.text.extend_from_slice(bytes);
    }

    /// Appends characters of which each takes `bytes` bytes.
    pub(super) fn units(
        &mut self,
        range: Range<usize>,
        bytes: usize,
        coding: Coding,
        characters: impl Iterator<Item = u8>,
    ) {
        self.begin(range, Form::Units { bytes, coding });
        self.text.extend(characters);
    }

    /// Appends what digits of `bits` bits say, from the one with the number `first` on.
    /// `lines` are where all digits stand.
    pub(super) fn digits(
        &mut self,
        range: Range<usize>,
        bits: usize,
        first: usize,
        lines: &[Range<usize>],
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let at = self.lines.len();
        let mut number = 0;
        for line in lines {
            self.lines.push((number, line.start));
            number += line.len();
        }
        self.begin(range, Form::Digits { bits, first, lines: at..self.lines.len() });
        write(&mut self.text);
    }

    /// Ends what was appended last, so that nothing reaches over its end.
    pub(super) fn separate(&mut self, at: usize) {
        self.begin(at..at, Form::Copied);
        self.text.push(SEPARATOR);
    }

    fn begin(&mut self, source: Range<usize>, form: Form) {
        self.pieces.push(Piece { at: self.text.len(), source, form });
    }

    fn index(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)
    }

    /// The pieces that `range` touches and that do not stand in the source as they do
    /// here. An empty piece, of what was left out, is touched from both sides.
    fn replaced(&self, range: &Range<usize>) -> impl Iterator<Item = &Piece> {
        let first = self.pieces.partition_point(|piece| piece.at < range.start).saturating_sub(1);
        let pieces = self.pieces.iter().enumerate().skip(first);
        pieces
            .take_while(|(_, piece)| piece.at < range.end)
            .filter(|(i, piece)| {
                let end = self.pieces.get(i + 1).map_or(self.text.len(), |next| next.at);
                if piece.at < end { end > range.start } else { piece.at > range.start }
            })
            .map(|(_, piece)| piece)
            .filter(|piece| piece.form != Form::Copied)
    }

    /// Whether the range holds anything that stands otherwise in the source.
    pub(super) fn is_replaced(&self, range: &Range<usize>) -> bool {
        self.replaced(range).next().is_some()
    }

    /// Whether something near the range stands otherwise in the source, and nothing of what
    /// tells about the range is cut off.
    pub(super) fn is_amid(&self, range: &Range<usize>) -> bool {
        /// Bytes on either side that something may stand in which tells about the range.
        const NEAR: usize = 512;
        /// Bytes on either side that are there for certain.
        const EDGE: usize = 16;
        let near = range.start.saturating_sub(NEAR)..range.end + NEAR;
        range.start >= EDGE && range.end + EDGE <= self.text.len() && self.is_replaced(&near)
    }

    /// How the first thing in the range was encoded that stands otherwise in the source,
    /// the outermost first.
    pub(super) fn codings(&self, range: &Range<usize>) -> Option<(Coding, Option<Coding>)> {
        self.replaced(range).next().map(|piece| match piece.form {
            Form::Digits { bits: 4, .. } => (Coding::Hex, None),
            Form::Copied | Form::Digits { .. } => (Coding::Base64, None),
            Form::Units { coding, .. } => (coding, None),
            Form::Whole { coding, then } => (coding, then),
        })
    }

    /// Whether the range holds a character that was written in this way.
    pub(super) fn holds(&self, range: &Range<usize>, coding: Coding) -> bool {
        let is_it =
            |piece: &Piece| matches!(piece.form, Form::Whole { coding: c, .. } if c == coding);
        self.replaced(range).any(is_it)
    }

    /// How many bytes of the source a byte takes from `at` on, about: at least two, and more
    /// if those that follow do.
    pub(super) fn expansion(&self, at: usize) -> usize {
        /// Bytes from which the others are told.
        const SAMPLE: usize = 8;
        /// What no escape takes more of for a character; the sample may lie in two places.
        const MOST: usize = 16;
        let sample = at..(at + SAMPLE).min(self.text.len());
        self.source(&sample).len().div_ceil(sample.len().max(1)).clamp(2, MOST)
    }

    /// Where a range stands in the source. An empty one stands where its byte begins.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.place(range.start).start;
        if range.is_empty() {
            return start..start;
        }
        start..self.place(range.end - 1).end.max(start)
    }

    /// Where one byte stands.
    fn place(&self, at: usize) -> Range<usize> {
        let Some(piece) = self.pieces.get(self.index(at)) else { return 0..0 };
        let offset = at - piece.at;
        match &piece.form {
            Form::Copied => {
                let start = (piece.source.start + offset).min(piece.source.end);
                start..(start + 1).min(piece.source.end.max(start))
            }
            Form::Units { bytes, .. } => {
                let start = piece.source.start + offset * bytes;
                start..start + bytes
            }
            Form::Whole { .. } => piece.source.clone(),
            Form::Digits { bits, first, lines } => {
                let bit = offset * 8;
                let digit = |number: usize| {
                    let lines = &self.lines[lines.clone()];
                    let line = lines.partition_point(|(first, _)| *first <= number);
                    let (first, start) = lines[line.saturating_sub(1)];
                    start + number - first
                };
                digit(first + bit / bits)..digit(first + (bit + 7) / bits) + 1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lead_back_to_where_they_stand() {
        let source = b"key=%41 QUtJ\n  QUE= A\0B\0 end";
        let mut view = View::default();
        view.copy(source, 0..4);
        view.whole(4..7, Coding::Percent, None, b"A");
        view.copy(source, 7..8);
        view.digits(8..19, 6, 0, &[8..12, 15..18], |out| out.extend_from_slice(b"AKIAA"));
        view.copy(source, 19..20);
        view.units(20..24, 2, Coding::Utf16, b"AB".iter().copied());
        view.copy(source, 24..28);
        assert_eq!(view.text(), b"key=A AKIAA AB end");
        assert_eq!(view.source(&(0..3)), 0..3);
        assert_eq!(view.source(&(4..5)), 4..7);
        assert_eq!(view.source(&(6..7)), 8..10);
        assert_eq!(view.source(&(7..9)), 9..12);
        assert_eq!(view.source(&(9..11)), 15..18);
        assert_eq!(view.source(&(6..11)), 8..18);
        assert_eq!(view.source(&(12..14)), 20..24);
        assert_eq!(view.source(&(15..18)), 25..28);
        assert_eq!(view.codings(&(0..4)), None);
        assert_eq!(view.codings(&(0..5)), Some((Coding::Percent, None)));
        assert_eq!(view.codings(&(8..9)), Some((Coding::Base64, None)));
        assert_eq!(view.codings(&(14..18)), None);
    }

    #[test]
    fn what_was_left_out_is_touched_from_both_sides_only() {
        let source = b"ab--cd";
        let mut view = View::default();
        view.copy(source, 0..2);
        view.whole(2..4, Coding::Joined, None, b"");
        view.copy(source, 4..6);
        assert_eq!(view.text(), b"abcd");
        assert!(view.is_replaced(&(1..3)));
        assert!(!view.is_replaced(&(0..2)) && !view.is_replaced(&(2..4)));
        assert_eq!(view.source(&(0..4)), 0..6);
        assert_eq!(view.source(&(2..4)), 4..6);
    }
}
