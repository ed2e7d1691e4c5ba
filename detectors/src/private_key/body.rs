//! The base64 body of a key, wherever the key stands.
//!
//! The body is read twice: once to see whether it is one, which allocates
//! nothing, and once to decode it.

use super::text::{Symbol, Symbols};
use crate::encoding::base64;
use crate::evidence::Reason;
use crate::placeholder;

/// Why a body ended where it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The closing line follows.
    Closing,
    /// Another block begins.
    Opening,
    /// As many characters were read as were asked for.
    Enough,
    /// The text or the detector's reach ends.
    OutOfText,
    /// Dots, asterisks, `[snip]`: something was left out.
    Elided,
    /// The delimiters of a template or of a description.
    Template,
    /// Something that no body has.
    Foreign,
}

/// What was read of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    /// Base64 characters.
    pub(super) chars: usize,
    /// Characters `=` after them.
    pub(super) padding: usize,
    /// Characters after the padding: the checksum of an OpenPGP block.
    pub(super) tail: [u8; 4],
    /// How many of them there are.
    pub(super) tail_len: usize,
    /// Where the last character that counts ends.
    pub(super) end: usize,
    /// Where the reading stopped.
    pub(super) stopped_at: usize,
    /// Why it did.
    pub(super) stop: Stop,
}

/// Reads the body at `symbols` up to `closing`, such as `-----END`, but no more
/// than `max` characters, and hands each base64 character to `take`.
pub(super) fn read(
    mut symbols: Symbols<'_>,
    closing: &[u8],
    max: usize,
    mut take: impl FnMut(u8),
) -> Body {
    let mut body = Body {
        chars: 0,
        padding: 0,
        tail: [0; 4],
        tail_len: 0,
        end: symbols.at,
        stopped_at: symbols.at,
        stop: Stop::OutOfText,
    };
    let mut line_start = true;
    loop {
        let start = symbols.at;
        body.stopped_at = start;
        let Some(symbol) = symbols.next() else { return body };
        let byte = match symbol {
            Symbol::Space => continue,
            Symbol::LineEnd => {
                line_start = true;
                continue;
            }
            Symbol::Quote => {
                // Dashes without a quote before them are looked at next.
                if !symbols.cross_gap() && !symbols.rest().starts_with(b"-----") {
                    body.stop = Stop::Foreign;
                    return body;
                }
                line_start = true;
                continue;
            }
            Symbol::Byte(byte) => byte,
        };
        if base64::is_standard(byte) && body.padding == 0 {
            if body.chars == max {
                body.stop = Stop::Enough;
                return body;
            }
            body.chars += 1;
            take(byte);
        } else if base64::is_standard(byte) && body.tail_len < 4 {
            body.tail[body.tail_len] = byte;
            body.tail_len += 1;
        } else if byte == b'=' && body.tail_len == 0 && body.padding < 4 {
            body.padding += 1;
        } else if line_start && byte == b'-' && symbols.peek() == Some(Symbol::Space) {
            // An item of a YAML list.
            continue;
        } else {
            body.stop = stop_at(&symbols.text[start..], closing);
            return body;
        }
        line_start = false;
        body.end = symbols.at;
    }
}

fn stop_at(text: &[u8], closing: &[u8]) -> Stop {
    let near = &text[..text.len().min(32)];
    let says = |word: &[u8]| placeholder::contains_ignore_case(near, word);
    match text {
        _ if text.starts_with(closing) => Stop::Closing,
        _ if text.starts_with(b"-----BEGIN") => Stop::Opening,
        // Dots, asterisks, an ellipsis, a bullet.
        [b'.', b'.', ..] | [b'*', b'*', ..] | [0xe2, 0x80, 0xa6 | 0xa2, ..] => Stop::Elided,
        [b'<' | b'[' | b'(' | b'{', ..]
            if ["snip", "trunc", "omit", "cut ", "..", "\u{2026}"]
                .iter()
                .any(|word| says(word.as_bytes())) =>
        {
            Stop::Elided
        }
        [b'<', next, ..] if next.is_ascii_alphabetic() => Stop::Template,
        [b'[', next, ..] if next.is_ascii_alphabetic() && near.contains(&b']') => Stop::Template,
        [b'{', b'{' | b'%', ..] | [b'$' | b'#', b'{' | b'(', ..] | [b'_', b'_', ..] => {
            Stop::Template
        }
        _ => Stop::Foreign,
    }
}

/// Value of a base64 character.
fn value(byte: u8) -> u32 {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    u32::from(value)
}

/// Decodes the first `chars` characters of the body at `symbols`. Bits that
/// make no whole byte are dropped.
pub(super) fn decode(symbols: Symbols<'_>, closing: &[u8], chars: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(chars / 4 * 3 + 3);
    let (mut bits, mut held) = (0u32, 0);
    read(symbols, closing, chars, |byte| {
        bits = bits << 6 | value(byte);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    });
    bytes
}

/// Words that stand where a body should be, if it is none. All but `xxxx` are
/// longer than what random base64 has by chance.
const FILLERS: &[&[u8]] = &[
    b"your",
    b"example",
    b"placeholder",
    b"redacted",
    b"insert",
    b"replace",
    b"sample",
    b"dummy",
    b"private",
    b"secret",
    b"content",
    b"goeshere",
    b"goes here",
    b"xxxx",
    b"fake",
];

/// The reason to give for a body that does not hold what it should: words of a
/// placeholder say more than the `reason` that the parser found. Looks only at
/// the first bytes.
pub(super) fn excuse(raw: &[u8], reason: Reason) -> Reason {
    let head = &raw[..raw.len().min(256)];
    let words = || FILLERS.iter().any(|word| placeholder::contains_ignore_case(head, word));
    let regular = || raw.len() > 16 && placeholder::is_regular(&head[..head.len().min(64)]);
    match reason {
        Reason::BadStructure if words() || regular() => Reason::Placeholder,
        Reason::Truncated if words() => Reason::Placeholder,
        _ => reason,
    }
}

/// The reason that goes with a body that ends before its closing line. `rest`
/// is the text where it stopped.
pub(super) fn refusal(body: &Body, rest: &[u8], closing: &[u8]) -> Reason {
    match body.stop {
        Stop::Template => Reason::Placeholder,
        Stop::Foreign if memchr::memmem::find(rest, closing).is_some() => Reason::BadStructure,
        _ => Reason::Truncated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> (String, Stop) {
        let mut found = String::new();
        let symbols = Symbols::new(text.as_bytes(), 0, 0, false);
        let body = read(symbols, b"-----END", usize::MAX, |b| found.push(char::from(b)));
        assert_eq!(found.len(), body.chars);
        (found, body.stop)
    }

    #[test]
    fn bodies_are_the_same_in_every_dress() {
        for text in [
            "ABCD\nEF/+\nGH==\n-----END",
            "ABCD EF/+ GH== -----END",
            "ABCD\\nEF\\/+\\nGH\\u003d=\\n-----END",
            "    ABCD\r\n    EF/+\r\n    GH==\r\n    -----END",
            "\\n\" +\n  \"ABCD\\n\" +\n  \"EF/+\\n\" +\n  \"GH==\\n\" +\n  \"-----END",
            "\",\n  \"ABCD\",\n  \"EF/+\",\n  \"GH==\",\n  \"-----END",
            "\\n\\\n  ABCD\\n\\\n  EF/+\\n\\\n  GH==\\n\\\n  -----END",
            "%0AABCD%0AEF%2F%2B%0AGH%3D%3D%0A-----END",
            "&#10;ABCD&#xA;EF/&#43;&#10;GH==&#10;-----END",
            "\n- ABCD\n- EF/+\n- GH==\n-----END",
            "';\n$key .= 'ABCD';\n$key .= 'EF/+';\n$key .= 'GH==';\n$key .= '-----END",
        ] {
            assert_eq!(body(text), ("ABCDEF/+GH".to_owned(), Stop::Closing), "{text}");
        }
    }

    #[test]
    fn bodies_end_at_what_is_none() {
        for (text, stop) in [
            ("AB...", Stop::Elided),
            ("AB\u{2026}", Stop::Elided),
            ("AB\n*****", Stop::Elided),
            ("AB\n<snip>\n", Stop::Elided),
            ("AB\n[...]", Stop::Elided),
            ("AB\n<your key>", Stop::Template),
            ("AB{{ key }}", Stop::Template),
            ("AB${key}", Stop::Template),
            ("AB-----BEGIN X", Stop::Opening),
            ("AB", Stop::OutOfText),
            ("AB)", Stop::Foreign),
            ("AB=\nCDEFG", Stop::Foreign),
        ] {
            assert_eq!(body(text).1, stop, "{text}");
        }
    }

    #[test]
    fn decoding_stops_where_it_is_told() {
        let symbols = Symbols::new(b"Zm9v\nYmFy\n-----END", 0, 0, false);
        assert_eq!(decode(symbols, b"-----END", 8), b"foobar");
        assert_eq!(decode(symbols, b"-----END", 4), b"foo");
        assert_eq!(read(symbols, b"-----END", 4, |_| {}).stop, Stop::Enough);
    }
}
