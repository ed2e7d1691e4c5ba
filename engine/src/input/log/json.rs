//! The fields of a JSON object on a line, read tolerantly.
//!
//! This is no parser of JSON: it finds names and values of one object, steps over what is
//! nested in it, and stops without complaint where the text is cut off or is something
//! else. Ranges are those of the text, escapes included.

use std::ops::Range;

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Its name as written, between the quotes.
    pub(super) name: &'a [u8],
    /// What it has for a value.
    pub(super) kind: Kind,
    /// The value: between the quotes of a string, with the braces of an object.
    pub(super) value: Range<usize>,
    /// Whether the value's end was there.
    pub(super) whole: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Object,
    /// A number or a word.
    Bare,
    Array,
}

/// The fields of the object at the beginning of a text.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    text: &'a [u8],
    at: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Within,
    /// The closing brace was met.
    Closed,
    /// The text ended early, or is no object.
    Broken,
}

impl<'a> Fields<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0, state: State::Before }
    }

    /// Whether all fields were read, and nothing stands behind the object.
    pub(super) fn complete(&self) -> bool {
        self.state == State::Closed && self.text[self.at..].trim_ascii().is_empty()
    }

    /// Steps over white space; tells what is next.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        self.text.get(self.at).copied()
    }

    fn read(&mut self) -> Option<Field<'a>> {
        let opened = self.state == State::Before;
        match (self.peek()?, opened) {
            (b'{', true) => {
                self.at += 1;
                self.state = State::Within;
            }
            (b',', false) => self.at += 1,
            _ => {}
        }
        if self.state == State::Before {
            return None;
        }
        match self.peek()? {
            b'}' => {
                self.at += 1;
                self.state = State::Closed;
                return None;
            }
            b'"' => {}
            _ => return None,
        }
        let name = string(self.text, self.at)?;
        self.at = name.end + 1;
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        let (kind, value, whole) = match self.peek()? {
            b'"' => match string(self.text, self.at) {
                Some(value) => (Kind::Text, value, true),
                None => (Kind::Text, self.at + 1..self.text.len(), false),
            },
            open @ (b'{' | b'[') => {
                let kind = if open == b'{' { Kind::Object } else { Kind::Array };
                match nested(self.text, self.at) {
                    Some(end) => (kind, self.at..end, true),
                    None => (kind, self.at..self.text.len(), false),
                }
            }
            _ => {
                let rest = &self.text[self.at..];
                let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'}' | b']');
                let length = rest.iter().position(ends);
                let end = length.map_or(self.text.len(), |length| self.at + length);
                (Kind::Bare, self.at..end, length.is_some())
            }
        };
        self.at = value.end + usize::from(kind == Kind::Text && whole);
        Some(Field { name: &self.text[name], kind, value, whole })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if matches!(self.state, State::Closed | State::Broken) {
            return None;
        }
        let field = self.read();
        if field.is_none() && self.state != State::Closed {
            self.state = State::Broken;
        }
        field
    }
}

/// The text between the quote at `open` and the one that closes it.
fn string(text: &[u8], open: usize) -> Option<Range<usize>> {
    let start = open + 1;
    let mut at = start;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(start..found);
        }
        at = found + 2;
    }
}

/// The end of the object or array at `open`. Which bracket closes which is not asked.
fn nested(text: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = open;
    loop {
        match text.get(at)? {
            b'"' => at = string(text, at)?.end,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Whether the last character of a string is a written line end.
pub(super) fn ends_a_line(string: &[u8]) -> bool {
    let Some(before) = string.strip_suffix(b"n") else {
        return false;
    };
    before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// At least as many bytes of a string's text as asked for, if there are, its escapes undone.
/// What is no escape stays as it is.
pub(super) fn unescaped(string: &[u8], least: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = string;
    while let Some(escape) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..escape]);
        rest = &rest[escape + 1..];
        if out.len() >= least {
            return out;
        }
        let Some((kind, after)) = rest.split_first() else {
            out.push(b'\\');
            return out;
        };
        rest = after;
        match kind {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let (character, digits) = unicode(rest);
                match character {
                    Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => out.extend_from_slice(b"\\u"),
                }
                rest = &rest[digits..];
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The character that the digits behind `\u` stand for, a second half included, and how
/// many bytes they are.
fn unicode(text: &[u8]) -> (Option<char>, usize) {
    let unit = |text: &[u8]| -> Option<u16> {
        let digits = std::str::from_utf8(text.get(..4)?).ok()?;
        if digits.starts_with('+') {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(text) else {
        return (None, 0);
    };
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = text[4..].strip_prefix(b"\\u").and_then(unit)
        && let Some(Ok(character)) = char::decode_utf16([first, second]).next()
    {
        return (Some(character), 10);
    }
    (Some(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER)), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, String)>, bool) {
        let mut fields = Fields::of(text.as_bytes());
        let read = fields.by_ref().map(|field| {
            let name = String::from_utf8_lossy(field.name).into_owned();
            (name, text[field.value].to_owned())
        });
        let read = read.collect();
        (read, fields.complete())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn fields_of_one_object_are_read() {
        let text = r#" {"a":"b\"}","c" : {"d":["}",1]}, "e":-1.5e3,"f":null,"g":[{"h":"]"}] } "#;
        let all = [("a", r#"b\"}"#), ("c", r#"{"d":["}",1]}"#), ("e", "-1.5e3"), ("f", "null")];
        let mut all = all.to_vec();
        all.push(("g", r#"[{"h":"]"}]"#));
        assert_eq!(read(text), (pairs(&all), true));
        assert_eq!(read("{}"), (vec![], true));
        assert_eq!(read("{} x"), (vec![], false));
    }

    #[test]
    fn what_is_cut_off_or_wrong_ends_the_fields() {
        let text = r#"{"a":"b\\","c":{"d":1},"e":2}"#;
        for cut in 0..text.len() {
            assert!(!read(&text[..cut]).1, "{cut}");
        }
        assert_eq!(read(r#"{"a":"b","c":"d"#), (pairs(&[("a", "b"), ("c", "d")]), false));
        assert_eq!(read(r#"{"a":"b" x"#), (pairs(&[("a", "b")]), false));
        for other in ["", "[]", "x", r#""a":1}"#, "{a:1}", "{,", r#"{"a" "b"}"#] {
            assert_eq!(read(other), (vec![], false), "{other}");
        }
    }

    #[test]
    fn escapes_are_undone() {
        let text = br#"a\"b\\n\n\t\u00e9\ud83d\ude00\ud800x\u12\z"#;
        let expected = "a\"b\\n\n\té😀\u{fffd}x\\u12z";
        assert_eq!(String::from_utf8_lossy(&unescaped(text, 1000)), expected);
        assert!(unescaped(&b"\\n".repeat(1000), 10).len() < 20);
        assert_eq!(unescaped(b"a\\", 10), b"a\\");
    }

    #[test]
    fn a_written_line_end_is_told_from_a_backslash_and_a_letter() {
        assert!(ends_a_line(br"a\n") && ends_a_line(br"\\\n"));
        assert!(!ends_a_line(br"a\\n") && !ends_a_line(b"n") && !ends_a_line(b""));
    }
}
