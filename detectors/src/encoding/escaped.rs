//! Reading a run of characters through the escapes that text puts around them.
//!
//! A base64 value stands percent-encoded in a URL (`%2F`, `%252F`), with
//! escaped slashes in JSON (`\/`, `\u002f`), with entities in XML (`&#x2F;`).
//! The reader yields the value's own bytes and says where the run ends in the
//! text.

/// The character at the start of `text`, and how many bytes write it. A byte
/// that begins no known escape stands for itself.
pub fn character(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first()?;
    let escape = match first {
        b'%' => percent(text),
        b'\\' => backslash(text),
        b'&' => entity(text),
        _ => None,
    };
    Some(escape.unwrap_or((first, 1)))
}

fn hex(digits: &[u8]) -> Option<u8> {
    let mut value = 0u32;
    for digit in digits {
        value = value << 4 | char::from(*digit).to_digit(16)?;
    }
    u8::try_from(value).ok()
}

/// `%2F`, and `%252F` for text that was encoded twice.
fn percent(text: &[u8]) -> Option<(u8, usize)> {
    let byte = hex(text.get(1..3)?)?;
    if byte == b'%'
        && let Some(inner) = text.get(3..5).and_then(hex)
    {
        return Some((inner, 5));
    }
    Some((byte, 3))
}

/// `\/`, `\u002f` and `\x2f`, and `\=` and `\:` as Java properties write them,
/// with any number of backslashes before them as nested JSON has.
fn backslash(text: &[u8]) -> Option<(u8, usize)> {
    let slashes = text.iter().take(8).take_while(|b| **b == b'\\').count();
    let (byte, len) = match text.get(slashes)? {
        byte @ (b'/' | b'=' | b':') => (*byte, 1),
        b'u' => (hex(text.get(slashes + 1..slashes + 5)?)?, 5),
        b'x' => (hex(text.get(slashes + 1..slashes + 3)?)?, 3),
        _ => return None,
    };
    Some((byte, slashes + len))
}

/// `&#47;`, `&#x2F;` and `&amp;`.
fn entity(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().take(10).position(|b| *b == b';')?;
    let byte = match text.get(1..end)? {
        b"amp" => b'&',
        b"quot" => b'"',
        b"apos" => b'\'',
        b"lt" => b'<',
        b"gt" => b'>',
        [b'#', b'x' | b'X', digits @ ..] if !digits.is_empty() => hex(digits)?,
        [b'#', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let number = digits
                .iter()
                .try_fold(0u32, |n, d| n.checked_mul(10)?.checked_add(u32::from(d - b'0')))?;
            u8::try_from(number).ok()?
        }
        _ => return None,
    };
    Some((byte, end + 1))
}

/// Whether `text` ends with a whole escape, so that a value may begin after it
/// although the last byte is a letter or digit: `\n`, `\u0022`, `%3D`, `=3D`,
/// an ANSI colour.
pub fn ends_with_escape(text: &[u8]) -> bool {
    let n = text.len();
    let hex_tail = |len: usize| n > len && text[n - len..].iter().all(u8::is_ascii_hexdigit);
    (n >= 2 && text[n - 2] == b'\\' && matches!(text[n - 1], b'n' | b'r' | b't'))
        || (hex_tail(2) && matches!(text[n - 3], b'%' | b'='))
        || (hex_tail(4) && n >= 6 && &text[n - 6..n - 4] == b"\\u")
        || (text.last() == Some(&b'm')
            && text[..n - 1].iter().rev().take(12).find(|b| !(b.is_ascii_digit() || **b == b';'))
                == Some(&b'['))
}

/// The length of the ANSI colour that `text` starts with: `ESC [ digits m`, the
/// escape character plain or written as `\u001b`, `\x1b`, `\033` or `\e`.
pub fn control_sequence(text: &[u8]) -> Option<usize> {
    if !matches!(text.first(), Some(0x1b | b'\\' | b'%' | b'&')) {
        return None;
    }
    let start = match character(text) {
        Some((0x1b, len)) => len,
        _ if text.starts_with(b"\\033") => 4,
        _ if text.starts_with(b"\\e") => 2,
        _ => return None,
    };
    let rest = text.get(start..)?.strip_prefix(b"[")?;
    let digits = rest.iter().take(12).take_while(|b| b.is_ascii_digit() || **b == b';').count();
    (rest.get(digits) == Some(&b'm')).then_some(start + 1 + digits + 1)
}

/// Reads the longest run of characters of `class` at the start of `text`, but
/// no more than `max`, into `value`. Returns how many bytes of the text it
/// takes. `value` is cleared first; its capacity is reused.
pub fn read_run(text: &[u8], class: impl Fn(u8) -> bool, max: usize, value: &mut Vec<u8>) -> usize {
    value.clear();
    let mut at = 0;
    while value.len() < max {
        match character(&text[at..]) {
            Some((byte, len)) if class(byte) => {
                value.push(byte);
                at += len;
            }
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64::is_standard;

    fn run(text: &str) -> (String, usize) {
        let mut value = Vec::new();
        let len = read_run(text.as_bytes(), is_standard, 100, &mut value);
        (String::from_utf8(value).unwrap(), len)
    }

    #[test]
    fn escapes_of_a_slash_and_a_plus() {
        for text in [
            "a/b+c",
            "a%2Fb%2Bc",
            "a%2fb%2bc",
            "a%252Fb%252Bc",
            "a\\/b+c",
            "a\\\\/b\\u002bc",
            "a\\u002Fb\\x2bc",
            "a&#47;b&#x2B;c",
        ] {
            assert_eq!(run(text), ("a/b+c".to_owned(), text.len()), "{text}");
        }
    }

    #[test]
    fn escapes_of_java_properties() {
        for text in ["\\=", "\\\\=", "\\\\\\\\="] {
            assert_eq!(character(text.as_bytes()), Some((b'=', text.len())), "{text}");
        }
        assert_eq!(character(b"\\:x"), Some((b':', 2)));
    }

    #[test]
    fn colours() {
        for text in
            ["\x1b[33m", "\x1b[m", "\x1b[1;31m", "\\u001b[0m", "\\x1b[0m", "\\033[0m", "\\e[0m"]
        {
            assert_eq!(control_sequence(text.as_bytes()), Some(text.len()), "{text}");
        }
        for text in ["", "\x1b", "\x1b[", "\x1b[33", "\x1b[33x", "[33m", "\\n[33m"] {
            assert_eq!(control_sequence(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_run_ends_at_what_is_no_member() {
        assert_eq!(run("abc%3D%3Ddef"), ("abc".to_owned(), 3));
        assert_eq!(run("abc\\ndef"), ("abc".to_owned(), 3));
        assert_eq!(run("abc%"), ("abc".to_owned(), 3));
        assert_eq!(run("abc&#;"), ("abc".to_owned(), 3));
        assert_eq!(run("abc\\"), ("abc".to_owned(), 3));
    }
}
