//! A literal of a configuration: where it ends, by its quotes or without them.
//!
//! Which name it belongs to is [`super::config_value`]'s to find, what its escapes
//! stand for [`super::config_escape`]'s.

use std::ops::Range;

use crate::encoding::escaped;

/// The longest value that is read.
pub(super) const LONGEST: usize = 256;

/// How a value is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// Not at all.
    Bare,
    /// By this quote.
    Plain(u8),
    /// By this quote, written as an entity.
    Entity(u8),
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `=`, `:=`.
    Equals,
    /// `:`.
    Colon,
    /// `=>`.
    Arrow,
    /// The end of an element or of a cell.
    Tag,
    /// A comma between arguments, or an opening parenthesis.
    Argument,
    /// Nothing but white space.
    Space,
    /// `is`, `||`, `?:`.
    Word,
}

/// A value as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// Without its quotes.
    pub(super) range: Range<usize>,
    pub(super) quote: Quote,
    pub(super) sign: Sign,
    /// In how many JSON strings, one in the other, all of it stands.
    pub(super) layers: u8,
    /// Whether white space stood around the sign.
    pub(super) spaced: bool,
    /// Whether the text is quoted-printable.
    pub(super) quoted_printable: bool,
}

/// How many strings a quote stands in that has so many backslashes before it.
pub(super) fn layers(backslashes: usize) -> Option<u8> {
    match backslashes {
        0 => Some(0),
        1 => Some(1),
        3 => Some(2),
        7 => Some(3),
        _ => None,
    }
}

pub(super) fn run(text: &[u8], at: usize, byte: u8) -> usize {
    text[at..].iter().take(9).take_while(|b| **b == byte).count()
}

pub(super) const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// The string literal whose quote stands at `at`, plain, behind the backslashes of
/// strings around it or as an entity; and where it ends.
pub(super) fn string_at(text: &[u8], at: usize) -> Option<(Literal, usize)> {
    let slashes = run(text, at, b'\\');
    let open = at + slashes;
    let quote = *text.get(open)?;
    if is_quote(quote) {
        let found = quoted(text, open + 1, quote, layers(slashes)?, Sign::Argument, true)?;
        let end = found.range.end + slashes + 1;
        return Some((found, end));
    }
    match escaped::character(&text[at..])? {
        (byte @ (b'"' | b'\''), len @ 2..) if quote == b'&' => {
            let entity = &text[at..at + len];
            let found = entity_quoted(text, at + len, entity, byte, Sign::Argument, true)?;
            let end = found.range.end + len;
            Some((found, end))
        }
        _ => None,
    }
}

/// Reads to the quote that closes what begins at `start`.
pub(super) fn quoted(
    text: &[u8],
    start: usize,
    quote: u8,
    layers: u8,
    sign: Sign,
    spaced: bool,
) -> Option<Literal> {
    let own = (1usize << layers) - 1;
    let limit = text.len().min(start + LONGEST);
    let mut at = start;
    while at < limit {
        let byte = text[at];
        if byte == b'\\' {
            let slashes = run(text, at, b'\\');
            if text.get(at + slashes) == Some(&quote) && slashes % (2 * (own + 1)) == own {
                // Backslashes of the value stand before those of the quote.
                let end = at + slashes - own;
                return Some(literal(start..end, Quote::Plain(quote), sign, layers, spaced));
            }
            at += slashes + 1;
        } else if byte == quote {
            // Fewer backslashes end a string around this one.
            return (layers == 0)
                .then(|| literal(start..at, Quote::Plain(quote), sign, layers, spaced));
        } else if byte < b' ' && !soft_break(text, at) {
            return None;
        } else {
            at += 1;
        }
    }
    None
}

/// Whether a value without quotes goes on behind a soft break: the line is as long
/// as those lines are (76 at most, RFC 2045), and what stands before the sign is no
/// base64 that ends with it.
fn is_divided(text: &[u8], start: usize, at: usize) -> bool {
    let line = memchr::memrchr(b'\n', &text[..start]).map_or(0, |n| n + 1);
    let value = text[start..at].trim_ascii_end();
    let body = value.strip_suffix(b"=").unwrap_or(value);
    let encoded = value.len().is_multiple_of(4)
        && body.len() >= 20
        && body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    (70..=77).contains(&(at - line)) && !body.is_empty() && !encoded
}

/// Whether the line end at `at` is a soft one, of quoted-printable.
fn soft_break(text: &[u8], at: usize) -> bool {
    let before = &text[..at];
    match text[at] {
        b'\n' => before.ends_with(b"=") || before.ends_with(b"=\r"),
        b'\r' => before.ends_with(b"=") && text.get(at + 1) == Some(&b'\n'),
        _ => false,
    }
}

pub(super) fn entity_quoted(
    text: &[u8],
    start: usize,
    entity: &[u8],
    quote: u8,
    sign: Sign,
    spaced: bool,
) -> Option<Literal> {
    let rest = &text[start..text.len().min(start + LONGEST)];
    let end = memchr::memmem::find(rest, entity)?;
    let inside = &rest[..end];
    if inside.iter().any(|b| *b < b' ' || *b == b'<') {
        return None;
    }
    Some(literal(start..start + end, Quote::Entity(quote), sign, 0, spaced))
}

fn literal(range: Range<usize>, quote: Quote, sign: Sign, layers: u8, spaced: bool) -> Literal {
    Literal { range, quote, sign, layers, spaced, quoted_printable: false }
}

/// Reads a value that has no quotes.
pub(super) fn bare(
    text: &[u8],
    start: usize,
    sign: Sign,
    spaced: bool,
    seen: u8,
    element: bool,
) -> Option<Literal> {
    let limit = text.len().min(start + LONGEST);
    let mut layers = seen;
    let mut at = start;
    loop {
        if at >= limit {
            if limit < text.len() {
                return None;
            }
            break;
        }
        let byte = text[at];
        match byte {
            b'"' | b'\'' | b'`' | b'>' | b'}' | b')' | b']' if element => at += 1,
            // Behind one character at least: `KEY=⏎` is empty.
            b'\r' | b'\n' if soft_break(text, at) && is_divided(text, start, at) => at += 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'<' | b'>' | 0x1b => break,
            0..=0x1f | 0x7f => return None,
            b'\\' => {
                let slashes = run(text, at, b'\\');
                match text.get(at + slashes) {
                    // An escaped line end or quote belongs to the text around.
                    Some(b'n' | b'r' | b't') if slashes.is_power_of_two() => {
                        layers = layers.max(slashes.trailing_zeros() as u8 + 1);
                        break;
                    }
                    Some(b'"') => {
                        layers = layers.max(self::layers(slashes)?);
                        break;
                    }
                    None | Some(b'\n' | b' ') => break,
                    Some(_) => at += slashes + 1,
                }
            }
            b'&' => {
                if !element
                    && let Some((b'"' | b'\'' | b'<' | b'>', 2..)) = escaped::character(&text[at..])
                {
                    break;
                }
                at += 1;
            }
            // The cell of a table ends.
            b'|' if sign == Sign::Word => break,
            // What says a default: `${DB_PASSWORD:x}`.
            b'}' if !text[start..at].contains(&b'{') => break,
            b')' if !text[start..at].contains(&b'(') => break,
            b']' if !text[start..at].contains(&b'[') => break,
            _ => at += 1,
        }
    }
    let mut end = at;
    while end > start && matches!(text[end - 1], b',' | b';') {
        end -= 1;
    }
    // The end of a sentence.
    if matches!(sign, Sign::Word) && end > start && text[end - 1] == b'.' {
        end -= 1;
    }
    (end > start).then(|| literal(start..end, Quote::Bare, sign, layers, spaced))
}
