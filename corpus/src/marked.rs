//! Text that remembers where its labelled values stand while it is escaped,
//! joined and encoded.

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{escape::Escape, label::Role};

/// A labelled range of a text.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) range: Range<usize>,
    pub(crate) detector: &'static str,
    pub(crate) role: Role,
    pub(crate) severity_hint: Option<&'static str>,
    /// Where the value was planted: the template and what wraps it.
    pub(crate) container: String,
    /// The value as it was before any escape.
    #[cfg(test)]
    pub(crate) value: String,
    /// The escapes it went through, first to last.
    pub(crate) escapes: Vec<Escape>,
}

/// A text and its marks, in no particular order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marked {
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
}

impl Marked {
    /// A text without marks.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), marks: Vec::new() }
    }

    /// Appends unmarked text.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends another text with its marks.
    pub(crate) fn append(&mut self, other: Self) {
        let shift = self.text.len();
        self.text.push_str(&other.text);
        self.marks.extend(other.marks.into_iter().map(|mut mark| {
            mark.range = mark.range.start + shift..mark.range.end + shift;
            mark
        }));
    }

    /// Sends a text that begins a line through an escape, and its marks with it.
    pub(crate) fn escaped(self, escape: &Escape) -> Self {
        self.escaped_at(escape, 0)
    }

    /// Sends a text through an escape, and its marks with it, where it comes to
    /// stand after so many characters of its line. What is encoded in base64
    /// cannot be mapped by characters: marks get the whole run.
    pub(crate) fn escaped_at(self, escape: &Escape, mut column: usize) -> Self {
        if *escape == Escape::Base64 {
            let text = STANDARD.encode(self.text);
            let marks = self.marks.into_iter().map(|mut mark| {
                mark.range = 0..text.len();
                mark.escapes.push(Escape::Base64);
                mark
            });
            return Self { marks: marks.collect(), text };
        }
        let mut out = String::with_capacity(self.text.len() + self.text.len() / 8);
        let breaks = escape.breaks();
        let positions = MovedPositions::through(&self.text, 0, |character| {
            let start = out.len();
            escape.write(character, &mut out);
            if let Some(breaks) = breaks {
                let written = last_column(&out[start..]);
                if out[start..].contains('\n') {
                    column = written;
                } else if column + written > breaks.limit {
                    out.insert_str(start, breaks.joint);
                    column = last_column(breaks.joint) + written;
                } else {
                    column += written;
                }
            }
            out.len()
        });
        let marks = self.marks.into_iter().map(|mut mark| {
            mark.range = positions.range(&mark.range);
            // A break between a value and what is before it is not part of it.
            if let Some(breaks) = breaks
                && out[mark.range.clone()].starts_with(breaks.joint)
            {
                mark.range.start += breaks.joint.len();
            }
            mark.escapes.push(escape.clone());
            mark
        });
        Self { marks: marks.collect(), text: out }
    }

    /// Drops white space at the end.
    pub(crate) fn trim_end(&mut self) {
        self.text.truncate(self.text.trim_end().len());
    }

    /// The number of line ends.
    pub(crate) fn lines(&self) -> usize {
        self.text.bytes().filter(|&byte| byte == b'\n').count()
    }

    /// Adds to the name of the container of every mark.
    pub(crate) fn name_container(&mut self, prefix: &str, suffix: &str) {
        for mark in &mut self.marks {
            mark.container = format!("{prefix}{}{suffix}", mark.container);
        }
    }
}

/// The number of characters in the last line of a text.
pub(crate) fn last_column(text: &str) -> usize {
    text.rsplit('\n').next().unwrap_or_default().chars().count()
}

/// Where the character boundaries of a text went in a mapped form of it.
pub(crate) struct MovedPositions {
    /// For each byte offset that is a character boundary, its new place.
    moved: Vec<usize>,
}

impl MovedPositions {
    /// Follows a text that begins at `start` of its mapped form through
    /// `write`, which writes one character and returns where it ends.
    pub(crate) fn through(text: &str, start: usize, mut write: impl FnMut(char) -> usize) -> Self {
        let mut moved = vec![start; text.len() + 1];
        for (offset, character) in text.char_indices() {
            moved[offset + character.len_utf8()] = write(character);
        }
        Self { moved }
    }

    /// The place of a range in the mapped form.
    pub(crate) fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.moved[range.start]..self.moved[range.end]
    }
}
