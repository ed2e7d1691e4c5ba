//! How a query string is written down in the text around it.
//!
//! A query has two layers of escapes, and each has to be undone at its own time.
//! The *writing* is what the surrounding text puts on the whole of it: entities
//! (`&amp;`), backslashes (`\u0026`, `\/`, `\=`), quoted-printable (`=3D` and soft line
//! breaks), or percent-encoding of the whole once (`%26`, `%3D`) or twice
//! (`%2526`) inside another URL. How the separators are written tells the
//! writing. Below it each *value* is percent-encoded once more, as in every URL.
//!
//! This module undoes both and remembers where each character stood. What the
//! parameters mean is for [`super::presign`] to say.

use std::ops::Range;

use crate::encoding::escaped;

/// The most characters of a query that are read: a session token of 4 KiB, all
/// percent-encoded, and the other parameters.
const MAX_LEN: usize = 8192;

/// How a query is written down in the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writing {
    /// How often the whole query is percent-encoded: 0, 1 or 2.
    layers: u8,
    /// Whether it is quoted-printable.
    quoted_printable: bool,
}

impl Writing {
    /// The query stands in decoded text.
    pub(crate) const PLAIN: Self = Self { layers: 0, quoted_printable: false };

    /// The writing of the query that holds a parameter's name at `at`, going by
    /// the `=` after it. `None` if no `=` follows.
    pub(crate) fn of(text: &[u8], at: usize) -> Option<Self> {
        let name = text.get(at..)?.iter().take(64).take_while(|b| is_name(**b)).count();
        let at = at + name;
        if text[at..].starts_with(b"=3D") {
            return Some(Self { layers: 0, quoted_printable: true });
        }
        (0..=2)
            .map(|layers| Self { layers, quoted_printable: false })
            .find(|w| matches!(w.character(text, at), Some((b'=', _))))
    }

    /// Whether soft breaks may stand anywhere.
    pub(crate) fn is_quoted_printable(self) -> bool {
        self.quoted_printable
    }

    /// The character that is written at `at`, and where the next one starts.
    pub(crate) fn character(self, text: &[u8], at: usize) -> Option<(u8, usize)> {
        self.peeled(text, at, self.layers)
    }

    /// Undoes so many layers of percent-encoding.
    fn peeled(self, text: &[u8], at: usize, layers: u8) -> Option<(u8, usize)> {
        let Some(below) = layers.checked_sub(1) else { return self.markup(text, at) };
        let (byte, next) = self.peeled(text, at, below)?;
        if byte != b'%' {
            return Some((byte, next));
        }
        let (high, after) = self.peeled(text, next, below)?;
        let (low, after) = self.peeled(text, after, below)?;
        let digit = |b: u8| char::from(b).to_digit(16);
        match (digit(high), digit(low)) {
            (Some(high), Some(low)) => Some(((high << 4 | low) as u8, after)),
            _ => Some((byte, next)),
        }
    }

    fn markup(self, text: &[u8], mut at: usize) -> Option<(u8, usize)> {
        if self.quoted_printable {
            while let Some(len) = soft_break(&text[at.min(text.len())..]) {
                at += len;
            }
            if let [b'=', high, low, ..] = text.get(at..)?
                && let (Some(high), Some(low)) =
                    (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
            {
                return Some(((high << 4 | low) as u8, at + 3));
            }
        }
        let first = *text.get(at)?;
        if !matches!(first, b'\\' | b'&') {
            return Some((first, at + 1));
        }
        let (byte, len) = escaped::character(&text[at..])?;
        let mut next = at + len;
        if byte == b'&' {
            // `&amp;amp;`
            while text[next..].starts_with(b"amp;") {
                next += 4;
            }
        }
        Some((byte, next))
    }
}

fn soft_break(text: &[u8]) -> Option<usize> {
    match text {
        [b'=', b'\n', ..] => Some(2),
        [b'=', b'\r', b'\n', ..] => Some(3),
        _ => None,
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether a byte may stand in a URL that is not encoded as a whole.
fn in_url(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'{'
                | b'}'
                | b'|'
                | b'\\'
                | b'^'
                | b'#'
        )
}

/// Whether a byte may stand in a URL that is percent-encoded as a whole; all
/// else has been encoded.
fn in_encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'-' | b'_' | b'.' | b'~' | b'*' | b'+')
}

/// Text with its writing undone, and where each character stood.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plain {
    /// The characters.
    pub(crate) bytes: Vec<u8>,
    /// Where each starts in the text, and where the last ends.
    at: Vec<u32>,
}

impl Plain {
    /// Reads URL characters from `from` on, to the end of the URL or of the
    /// text.
    pub(crate) fn read(text: &[u8], from: usize, writing: Writing) -> Self {
        let mut plain = Self::default();
        let mut at = from;
        while plain.bytes.len() < MAX_LEN {
            let fits = match text.get(at) {
                Some(b) if writing.layers > 0 => in_encoded(*b),
                Some(_) => true,
                None => false,
            };
            match writing.character(text, at) {
                Some((byte, next)) if fits && in_url(byte) => {
                    plain.push(byte, at);
                    at = next;
                }
                _ => break,
            }
        }
        plain.at.push(at as u32);
        plain
    }

    /// Adds a character that starts at `at` in the text.
    pub(crate) fn push(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.at.push(at as u32);
    }

    /// Takes the last character off.
    pub(crate) fn pop(&mut self) {
        self.bytes.pop();
        self.at.pop();
    }

    /// Where the characters in `range` stand in the text.
    pub(crate) fn place(&self, range: Range<usize>) -> Range<usize> {
        let at = |i: usize| self.at.get(i).map_or(0, |a| *a as usize);
        at(range.start)..at(range.end)
    }
}

/// Where the query starts that holds `at`: behind its `?`. Looks back over URL
/// characters only.
pub(crate) fn query_start(text: &[u8], at: usize, writing: Writing) -> Option<usize> {
    let mark: &[u8] = match writing.layers {
        0 => b"?",
        1 => b"%3F",
        _ => b"%253F",
    };
    let mut start = at;
    while start > 0 {
        start -= 1;
        let byte = text[start];
        if text[start..at].len() >= mark.len()
            && text[start..start + mark.len()].eq_ignore_ascii_case(mark)
        {
            return Some(start + mark.len());
        }
        if !(in_url(byte) || byte == b'\\') || (writing.layers > 0 && !in_encoded(byte)) {
            return None;
        }
    }
    None
}

/// Undoes the percent-encoding of a value.
pub(crate) fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let writing = Writing { layers: 1, quoted_printable: false };
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some((byte, next)) = writing.character(value, at) {
        out.push(byte);
        at = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writing_is_told_by_the_equals_sign() {
        for (text, layers, quoted_printable) in [
            ("a=b", 0, false),
            ("a\\u003db", 0, false),
            ("a&#61;b", 0, false),
            ("a\\=b", 0, false),
            ("a\\\\=b", 0, false),
            ("a=3Db", 0, true),
            ("a%3Db", 1, false),
            ("a%253db", 2, false),
        ] {
            let writing = Writing { layers, quoted_printable };
            assert_eq!(Writing::of(text.as_bytes(), 0), Some(writing), "{text}");
            let plain = Plain::read(text.as_bytes(), 0, writing);
            assert_eq!(plain.bytes, b"a=b", "{text}");
            assert_eq!(plain.place(2..3), text.len() - 1..text.len());
        }
        assert_eq!(Writing::of(b"a", 0), None);
        assert_eq!(Writing::of(b"a%2525253D", 0), None);
    }

    #[test]
    fn a_url_ends_where_its_writing_does() {
        for (text, url) in [
            ("a=b&c=d\" x", "a=b&c=d"),
            ("a=b&amp;c=d&quot; x", "a=b&c=d"),
            ("a=b\\u0026c=d\\n", "a=b&c=d"),
            ("a%3Db%26c%3Dd&e=f", "a=b&c=d"),
            ("a%3Db%26c%3Dd@host", "a=b&c=d"),
            ("a=3Db&c=\r\n=3Dd\r\n", "a=b&c=d"),
            ("a=b&c=d)", "a=b&c=d"),
        ] {
            let writing = Writing::of(text.as_bytes(), 0).unwrap();
            let plain = Plain::read(text.as_bytes(), 0, writing);
            assert_eq!(String::from_utf8(plain.bytes).unwrap(), url, "{text}");
        }
    }

    #[test]
    fn a_query_starts_behind_its_question_mark() {
        for text in
            ["u?x=1&A=2", "u%3Fx%3D1%26A%3D2", "u%253fx%253D1%2526A%253D2", "u?x=1\\u0026A=2"]
        {
            let at = text.find('A').unwrap();
            let writing = Writing::of(text.as_bytes(), at).unwrap();
            let start = query_start(text.as_bytes(), at, writing).unwrap();
            assert!(text[start..].starts_with('x'), "{text}");
        }
        assert_eq!(query_start(b"u? x=1&A=2", 7, Writing::PLAIN), None);
        assert_eq!(query_start(b"A=2", 0, Writing::PLAIN), None);
    }
}
