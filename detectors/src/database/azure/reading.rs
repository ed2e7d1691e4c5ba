//! Reading a key around its signature, or behind a name.
//!
//! A key is looked for from its middle: backwards over as many characters as stand
//! before the signature, through the escapes that texts put on `+` and `/`, then
//! forwards to its end.

use std::ops::Range;

use super::form::Form;
use crate::assignment::value_after;
use crate::encoding::base64::{is_standard, is_url_safe};
use crate::encoding::escaped::{self, ends_with_escape};
use crate::extract::Window;

/// A key as it was read.
#[derive(Clone)]
pub(super) struct Key {
    /// Where it stands, padding included.
    pub(super) range: Range<usize>,
    /// Its characters, padding included.
    pub(super) value: Vec<u8>,
    /// How many of them are no padding.
    pub(super) chars: usize,
    /// Whether nothing that could belong to it stands before or behind it.
    pub(super) apart: bool,
}

impl Key {
    /// The characters without the padding.
    pub(super) fn body(&self) -> &[u8] {
        &self.value[..self.chars]
    }

    /// The value, if the bytes of the text differ from it.
    pub(super) fn decoded(&self, text: &[u8]) -> Option<Box<[u8]>> {
        (text[self.range.clone()] != *self.value).then(|| self.value.clone().into())
    }

    /// The key whose signature stands around the window's anchor. A few bytes are
    /// looked at before anything is read.
    pub(super) fn around(
        window: &Window<'_>,
        forms: &'static [Form],
    ) -> Option<(Self, &'static Form)> {
        let text = window.bytes;
        // The anchor is a signature, or one whose `+` is written as an escape.
        let hit = &text[window.hit()];
        let (signature, form) = if hit[0].eq_ignore_ascii_case(&b'2') {
            let start = [3, 5, 6].into_iter().find_map(|back| {
                let start = (window.hit_start + 2).checked_sub(back)?;
                matches!(escaped::character(&text[start..]), Some((b'+', n)) if n == back)
                    .then_some(start)
            })?;
            let form = forms.iter().find(|f| f.signature[1..] == hit[2..])?;
            (start, form)
        } else {
            (window.hit_start, forms.iter().find(|f| f.signature == hit)?)
        };
        let start = start_before(text, signature, form.offset)?;
        let key = Self::from(text, start, form.chars)?;
        form.fits(key.body()).then_some((key, form))
    }

    /// The key of so many characters that starts at `start`.
    pub(super) fn from(text: &[u8], start: usize, chars: usize) -> Option<Self> {
        let mut value = Vec::with_capacity(chars + 2);
        let mut at = start;
        while value.len() < chars {
            let (byte, next) = character(text, at)?;
            if !is_member(byte) {
                return None;
            }
            value.push(byte);
            at = next;
        }
        let mut end = at;
        while value.len() < chars.next_multiple_of(4)
            && let Some(next) = padding(text, end)
        {
            value.push(b'=');
            end = next;
        }
        let before = &text[..start];
        let joined =
            before.last().is_some_and(|b| is_member(*b) && *b != b'/') && !ends_with_escape(before);
        let padded = value.len() > chars;
        let goes_on = match text.get(end) {
            Some(b'=') => padding(text, end).is_some() && line_end(&text[end + 1..]).is_none(),
            Some(b'-') => !padded,
            Some(byte) => is_member(*byte),
            None => false,
        };
        Some(Self { range: start..end, value, chars, apart: !joined && !goes_on })
    }

    /// The key of so many characters that is assigned to the name whose end is at
    /// `name`.
    pub(super) fn assigned(text: &[u8], name: usize, chars: usize) -> Option<Self> {
        // An anchor may end with the sign itself.
        let name = if text[..name].ends_with(b"=3D") { name - 3 } else { name };
        let start = value_after(text, name, 64, is_member)?;
        let read = |start: usize| Self::from(text, start, chars).filter(|k| k.apart);
        // What writes the sign looks like the beginning of a value.
        let rest = &text[start..];
        let escape =
            [&b"3D"[..], b"%3D", b"%3d", b"%22", b"%253D", b"%253d", b"u003d", b"u003D", b"u0022"]
                .into_iter()
                .find(|e| rest.starts_with(e));
        let Some(escape) = escape else { return read(start) };
        let behind = start + escape.len();
        read(behind)
            .or_else(|| read(value_after(text, behind, 16, is_member)?))
            .or_else(|| read(start))
    }
}

/// Where a padding sign at `at` ends, however it is written.
fn padding(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at..)? {
        [b'=', b'3', b'D' | b'd', ..] => Some(at + 3),
        [b'\\', b'=', b'3', b'D', ..] => Some(at + 4),
        // A soft break between two of them.
        [b'=', rest @ ..]
            if line_end(rest).is_some_and(|n| {
                rest[n..].starts_with(b"=3D") || rest[n..].starts_with(b"\\=3D")
            }) =>
        {
            padding(text, at + 1 + line_end(rest)?)
        }
        [b'=', ..] => Some(at + 1),
        rest => match escaped::character(rest) {
            Some((b'=', len)) => Some(at + len),
            _ => None,
        },
    }
}

fn line_end(text: &[u8]) -> Option<usize> {
    match text {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// Characters of either base64 alphabet.
fn is_member(byte: u8) -> bool {
    is_standard(byte) || is_url_safe(byte)
}

/// The character at `at`, and where the next one starts: escapes, soft breaks of
/// quoted-printable and Markdown's backslashes undone.
pub(super) fn character(text: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += match text.get(at..)? {
            [b'=', b'\n', ..] => 2,
            [b'=', b'\r', b'\n', ..] => 3,
            _ => break,
        };
    }
    match text.get(at..)? {
        [b'=', b'3', b'D' | b'd', ..] => Some((b'=', at + 3)),
        [b'\\', byte @ (b'+' | b'-' | b'_' | b'~' | b'.'), ..] => Some((*byte, at + 2)),
        rest => escaped::character(rest).map(|(byte, len)| (byte, at + len)),
    }
}

/// Where the text starts that writes `count` characters of base64 before `at`.
pub(super) fn start_before(text: &[u8], at: usize, count: usize) -> Option<usize> {
    let mut at = at;
    for _ in 0..count {
        at = step_back(text, at)?;
    }
    Some(at)
}

/// Where the character before `at` starts.
fn step_back(text: &[u8], mut at: usize) -> Option<usize> {
    while text[..at].ends_with(b"=\n") || text[..at].ends_with(b"=\r\n") {
        at -= if text[..at].ends_with(b"=\n") { 2 } else { 3 };
    }
    let last = *text[..at].last()?;
    let written = |len: usize| {
        let start = at.checked_sub(len)?;
        let fits = matches!(text[start], b'%' | b'\\' | b'&')
            && matches!(character(text, start), Some((b, end)) if end == at && is_member(b));
        fits.then_some(start)
    };
    let escape = match last {
        b'b' | b'B' | b'f' | b'F' => [3, 5, 6, 4, 7].into_iter().find_map(written),
        b'/' => (2..=5).rev().find_map(written),
        b'+' | b'-' | b'_' => written(2),
        b';' => [5, 6].into_iter().find_map(written),
        _ => None,
    };
    match escape {
        Some(start) => Some(start),
        None => is_member(last).then_some(at - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::ACCOUNT;
    use super::*;

    /// Made for this test; the checksum fits.
    const KEY: &str = include_str!("../examples/azure_storage_key.txt");

    #[test]
    fn every_escape_gives_the_same_key() {
        let key = KEY.trim();
        let body = key.trim_end_matches('=');
        for text in [
            key.to_owned(),
            key.replace('/', "\\/"),
            key.replace('/', "\\u002f").replace('+', "\\u002B").replace('=', "\\u003d"),
            key.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
            key.replace('/', "%252F").replace('+', "%252B").replace('=', "%253D"),
            key.replace('+', "&#43;").replace('/', "&#x2F;"),
            key.replace('=', "=3D"),
            format!("{}=\n{}=\r\n{}", &key[..20], &key[20..70], key[70..].replace('=', "=3D")),
        ] {
            for (before, after) in [("", ""), ("k=\"", "\""), ("x%3D", "&y"), ("=3D", "\n")] {
                let text = format!("{before}{text}{after}");
                let start = start_before(
                    text.as_bytes(),
                    text.find("ASt").map(|at| step_back(text.as_bytes(), at).unwrap()).unwrap(),
                    76,
                );
                let key = Key::from(text.as_bytes(), start.unwrap(), 86).unwrap();
                assert_eq!(key.body(), body.as_bytes(), "{text}");
                assert!(key.apart && ACCOUNT[0].fits(key.body()), "{text}");
            }
        }
    }

    #[test]
    fn cut_text_is_no_trouble() {
        let text = format!("AccountKey={}", KEY.trim().replace('/', "%2F"));
        for end in 0..text.len() {
            let text = &text.as_bytes()[..end];
            let _ = Key::assigned(text, end.min(10), 86);
            for count in [1, 50, 76] {
                let _ = start_before(text, end, count);
            }
        }
    }
}
