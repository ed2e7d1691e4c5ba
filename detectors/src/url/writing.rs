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
//! parameters mean is for [`crate::signed_url`] to say.

use std::ops::Range;

use crate::encoding::escaped;
use crate::encoding::soft::soft_break;

/// The most characters of a URL that are read: a session token of 4 KiB, all
/// percent-encoded, the other parameters, and a long path.
const MAX_LEN: usize = 12 * 1024;

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

    /// What is written may be quoted-printable. For values that never hold a `=`,
    /// which read the same if it is not.
    pub(crate) const QUOTED_PRINTABLE: Self = Self { layers: 0, quoted_printable: true };
    /// The writing in which the character at `at` is the colon of a URL whose
    /// scheme stands before, and where its authority begins.
    pub(crate) fn of_scheme(text: &[u8], at: usize) -> Option<(Self, usize)> {
        let quoted_printable = match text.get(at)? {
            b':' | b'\\' | b'&' | b'%' => false,
            b'=' => true,
            _ => return None,
        };
        (0..=2u8).filter(|layers| *layers == 0 || !quoted_printable).find_map(|layers| {
            let writing = Self { layers, quoted_printable };
            let mut from = at;
            for mark in b"://" {
                let (byte, next) = writing.character(text, from)?;
                from = next;
                if byte != *mark {
                    return None;
                }
            }
            Some((writing, from))
        })
    }

    /// The writing of the URL read from `from` to `end` as this writing has it: it is
    /// quoted-printable after all if a soft break ended it or divides it.
    pub(crate) fn refined(self, text: &[u8], from: usize, end: usize) -> Self {
        let read = text.get(from..end).unwrap_or_default();
        let broken = read.ends_with(b"=") && matches!(text.get(end), Some(b'\n' | b'\r'));
        let encoded = || memchr::memmem::find(read, b"=3D").is_some();
        if self.layers == 0 && (broken || encoded()) {
            Self { layers: 0, quoted_printable: true }
        } else {
            self
        }
    }

    /// The writing of the query that holds a parameter's name at `at`, going by
    /// the `=` after it. `None` if no `=` follows.
    pub(crate) fn of(text: &[u8], at: usize) -> Option<Self> {
        text.get(at..)?;
        // Properties put a backslash before it.
        let end = name_end(text, at, soft_break);
        let end = end + text[end..].iter().take(8).take_while(|b| **b == b'\\').count();
        if text[end..].starts_with(b"=3D") {
            return Some(Self { layers: 0, quoted_printable: true });
        }
        let at = name_end(text, at, box_break);
        (0..=2)
            .map(|layers| Self { layers, quoted_printable: false })
            .find(|w| matches!(w.character(text, at), Some((b'=', _))))
    }

    /// The writing of the URL whose path begins at `at`, going by the slash there.
    /// `None` if none stands there. Quoted-printable shows in no slash.
    pub(crate) fn of_path(text: &[u8], at: usize) -> Option<Self> {
        (0..=2)
            .map(|layers| Self { layers, quoted_printable: false })
            .find(|w| matches!(w.character(text, at), Some((b'/', _))))
    }

    /// Whether the whole is percent-encoded.
    pub(crate) fn is_percent_encoded(self) -> bool {
        self.layers > 0
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
            while let Some(len) = soft_break(text.get(at..)?) {
                at += len;
            }
            if let [b'=', high, low, ..] = text.get(at..)?
                && let (Some(high), Some(low)) =
                    (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
            {
                return Some(((high << 4 | low) as u8, at + 3));
            }
        }
        if let Some(len) = text.get(at..).and_then(box_break) {
            at += len;
        }
        let first = *text.get(at)?;
        if !matches!(first, b'\\' | b'&') {
            return Some((first, at + 1));
        }
        if self.quoted_printable
            && first == b'\\'
            && let Some(escaped) = escaped_in_mail(text, at)
        {
            return Some(escaped);
        }
        // Markdown.
        if first == b'\\'
            && let Some(byte @ (b'_' | b'*' | b'~' | b'&' | b'.' | b'-' | b'+' | b'!')) =
                text.get(at + 1)
        {
            return Some((*byte, at + 2));
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

/// The character behind the backslashes at `at` in quoted-printable, where they
/// escape an equals sign, a colon or a slash: those may be written `=3D`, and a soft
/// break may stand before them.
fn escaped_in_mail(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let slashes = text[at..].iter().take(8).take_while(|b| **b == b'\\').count();
    let mut end = at + slashes;
    while let Some(len) = soft_break(text.get(end..)?) {
        end += len;
    }
    match text.get(end..)? {
        [b'=', b'3', b'D', ..] => Some((b'=', end + 3)),
        [byte @ (b':' | b'/'), ..] => Some((*byte, end + 1)),
        _ => None,
    }
}

/// Where the name at `at` ends, over at most three breaks that divide it.
fn name_end(text: &[u8], at: usize, line_break: fn(&[u8]) -> Option<usize>) -> usize {
    let mut end = at;
    for _ in 0..=3 {
        end += text[end..].iter().take(64).take_while(|b| is_name(**b)).count();
        match line_break(&text[end..]) {
            Some(len) => end += len,
            None => break,
        }
    }
    end
}

/// The vertical line of a box, U+2502, in UTF-8.
const BAR: &[u8] = "\u{2502}".as_bytes();

/// The length of the break that `text` starts with, where a log tool drew a box
/// around a line too long for it: ` │`, the line end, `│ `. More than one space
/// before the bar is the padding of a line that ends there.
fn box_break(text: &[u8]) -> Option<usize> {
    if !matches!(text.first(), Some(b' ' | 0xe2)) {
        return None;
    }
    let rest = text.strip_prefix(b" ").unwrap_or(text).strip_prefix(BAR)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let margin = rest.iter().take(64).take_while(|b| **b == b' ').count();
    let rest = rest[margin..].strip_prefix(BAR)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    // What goes on is text, not the next empty line of the box.
    rest.first().is_some_and(u8::is_ascii_graphic).then_some(text.len() - rest.len())
}

/// The length of the break (of a box or of quoted-printable) that `text` ends
/// with.
fn break_before(text: &[u8]) -> Option<usize> {
    if text.ends_with(b"=\n") {
        return Some(2);
    }
    if text.ends_with(b"=\r\n") {
        return Some(3);
    }
    let rest = text.strip_suffix(b" ").unwrap_or(text).strip_suffix(BAR)?;
    let margin = rest.iter().rev().take(64).take_while(|b| **b == b' ').count();
    let rest = rest[..rest.len() - margin].strip_suffix(b"\n")?;
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest).strip_suffix(BAR)?;
    let rest = rest.strip_suffix(b" ").unwrap_or(rest);
    Some(text.len() - rest.len())
}

/// Where the run of bytes begins that can write a URL with a character at `at`:
/// URL characters, backslashes of escapes, and breaks between lines. Looks back
/// as far as the run goes, but not into the URL before in a list.
pub(crate) fn run_start(text: &[u8], at: usize, writing: Writing) -> usize {
    let mut start = at;
    while let Some(previous) = step_back(text, start, at, writing) {
        start = previous;
    }
    // The letter of an escape such as `\n`.
    let escaped = start > 0 && start < at && text[start - 1] == b'\\';
    start + usize::from(escaped && matches!(text[start], b'n' | b'r' | b't'))
}

/// Whether a place that `is_anchor` knows stands before `at` in the same run: a
/// URL is then read from there. Walks back to that place, so that reading the
/// anchors of one run one after the other is linear.
pub(crate) fn has_before(
    text: &[u8],
    at: usize,
    writing: Writing,
    is_anchor: impl Fn(usize) -> bool,
) -> bool {
    let mut start = at;
    while let Some(previous) = step_back(text, start, at, writing) {
        start = previous;
        if is_anchor(start) {
            return true;
        }
    }
    false
}

/// The start of what comes before `start` in the run that reaches to `at`.
fn step_back(text: &[u8], start: usize, at: usize, writing: Writing) -> Option<usize> {
    let byte = *text.get(start.checked_sub(1)?)?;
    let fits = if writing.layers > 0 {
        in_encoded(byte)
    } else {
        let entity = byte == b'#' && start > 1 && text[start - 2] == b'&';
        in_url(byte) || byte == b'\\' || entity || byte >= 0x80 && byte != BAR[2]
    };
    if !fits {
        return break_before(&text[..start]).map(|len| start - len);
    }
    let line_end = byte == b'\\' && start < at && matches!(text[start], b'n' | b'r' | b't');
    (!line_end && !ends_listed(text, start - 1)).then_some(start - 1)
}

/// Whether the byte at `at` stands between two URLs of a list.
fn ends_listed(text: &[u8], at: usize) -> bool {
    matches!(text[at], b',' | b';')
        && [&b"http:"[..], b"https:", b"https\\:"].iter().any(|s| text[at + 1..].starts_with(s))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether a byte may stand in a URL that is not encoded as a whole.
pub(crate) fn in_url(byte: u8) -> bool {
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
        plain.extend(text, from, writing);
        plain
    }

    /// Reads URL characters from `from` on as [`Plain::read`] does and adds them.
    pub(crate) fn extend(&mut self, text: &[u8], from: usize, writing: Writing) {
        self.extend_where(text, from, writing, |byte, at| in_url(byte) && !ends_listed(text, at));
    }

    /// Reads characters of a class from `from` on, to the end of the text at
    /// most, and adds them.
    pub(crate) fn extend_while(
        &mut self,
        text: &[u8],
        from: usize,
        writing: Writing,
        class: impl Fn(u8) -> bool,
    ) {
        self.extend_where(text, from, writing, |byte, _| class(byte));
    }

    fn extend_where(
        &mut self,
        text: &[u8],
        from: usize,
        writing: Writing,
        class: impl Fn(u8, usize) -> bool,
    ) {
        let mut at = from;
        while self.bytes.len() < MAX_LEN {
            let fits = match text.get(at) {
                Some(b) if writing.layers > 0 => in_encoded(*b),
                Some(_) => true,
                None => false,
            };
            match writing.character(text, at) {
                Some((byte, next)) if fits && class(byte, at) => {
                    self.push(byte, at);
                    at = next;
                }
                _ => break,
            }
        }
        self.at.push(at as u32);
    }

    /// Takes the first characters off.
    pub(crate) fn trim_start(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        self.at.drain(..count.min(self.at.len()));
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

    /// Takes the last character off, so that the text ends where it started.
    pub(crate) fn pop_end(&mut self) {
        if self.bytes.pop().is_some() {
            self.at.pop();
        }
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
            ("a\\=3Db", 0, true),
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
    fn the_slash_tells_the_writing_too() {
        for (text, layers) in
            [("/b", Some(0)), ("\\/b", Some(0)), ("%2Fb", Some(1)), ("%252fb", Some(2))]
        {
            let found = Writing::of_path(text.as_bytes(), 0);
            assert_eq!(found.map(|w| w.layers), layers, "{text}");
        }
        assert_eq!(Writing::of_path(b"b/", 0), None);
        assert_eq!(Writing::of_path(b"/", 1), None);
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
