//! One escape: a few bytes that stand for one character, or for none.

use leaksieve_detectors::encoding::escaped;

use super::Coding;

/// An escape in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Escape {
    /// Bytes that it takes.
    pub(super) len: usize,
    pub(super) coding: Coding,
    text: [u8; 4],
    written: u8,
    /// Whether it is so common in ordinary text, or so doubtful, that it counts only
    /// beside an anchor that is plain to see.
    pub(super) is_weak: bool,
}

impl Escape {
    fn new(len: usize, coding: Coding, text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 4];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { len, coding, text: bytes, written: text.len() as u8, is_weak: false })
    }

    /// Bytes that stand for nothing.
    pub(super) fn nothing(len: usize, coding: Coding) -> Self {
        Self { len, coding, text: [0; 4], written: 0, is_weak: false }
    }

    fn weak(self) -> Self {
        Self { is_weak: true, ..self }
    }

    /// What it stands for.
    pub(super) fn text(&self) -> &[u8] {
        &self.text[..usize::from(self.written)]
    }

    pub(super) fn character(len: usize, coding: Coding, code: u32) -> Option<Self> {
        Self::new(len, coding, char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes())
    }

    /// Reads the escape that begins at `at`.
    pub(super) fn read(text: &[u8], at: usize) -> Option<Self> {
        let rest = &text[at..];
        let first = *rest.first()?;
        if matches!(first, 0x1b | b'\\' | b'%' | b'&')
            && let Some(len) = escaped::control_sequence(rest)
        {
            return Self::new(len, Coding::Markup, b"");
        }
        match first {
            0x1b => control(rest),
            b'%' => percent(rest),
            b'\\' => backslash(rest),
            b'&' => match escaped::character(rest)? {
                (byte, len) if len > 1 => Self::character(len, Coding::Html, u32::from(byte)),
                _ => reference(rest),
            },
            b'=' => quoted_printable(text, at),
            b'"' | b'\'' | b'`' => joint(rest),
            0xc2.. => hidden(rest),
            _ => None,
        }
    }
}

/// The value of hexadecimal digits, at most eight.
fn hex(digits: Option<&[u8]>) -> Option<u32> {
    digits?
        .iter()
        .try_fold(0u32, |n, d| n.checked_mul(16)?.checked_add(char::from(*d).to_digit(16)?))
}

fn percent(rest: &[u8]) -> Option<Escape> {
    match rest.get(1)? {
        // Not of any standard, but what old browsers wrote.
        b'u' => Escape::character(6, Coding::Percent, hex(rest.get(2..6))?),
        _ => Escape::new(3, Coding::Percent, &[hex(rest.get(1..3))? as u8]),
    }
}

/// Escapes of JSON, C, Java and their kin, with any number of backslashes, as nested
/// strings have; a line that goes on in the next.
fn backslash(rest: &[u8]) -> Option<Escape> {
    let slashes = rest.iter().take(8).take_while(|b| **b == b'\\').count();
    let digits = |from: usize, len: usize| hex(rest.get(slashes + from..slashes + from + len));
    let braced = || -> Option<(u32, usize)> {
        let inner = rest.get(slashes + 2..)?;
        let len = inner.iter().take(9).position(|b| *b == b'}')?;
        (len > 0).then_some((hex(inner.get(..len))?, slashes + 3 + len))
    };
    match rest.get(slashes)? {
        b'u' | b'x' if rest.get(slashes + 1) == Some(&b'{') => {
            let (code, len) = braced()?;
            Escape::character(len, Coding::Escapes, code)
        }
        b'u' => {
            let code = digits(1, 4)?;
            let low = || {
                let next = rest.get(slashes + 5..)?;
                let again = next.iter().take(8).take_while(|b| **b == b'\\').count();
                let next = next.get(again..)?.strip_prefix(b"u")?;
                let low = hex(next.get(..4)).filter(|low| (0xdc00..0xe000).contains(low))?;
                Some((slashes + 10 + again, low))
            };
            match (0xd800..0xdc00).contains(&code).then(low) {
                Some(pair) => {
                    let (len, low) = pair?;
                    let code = 0x1_0000 + ((code - 0xd800) << 10 | (low - 0xdc00));
                    Escape::character(len, Coding::Escapes, code)
                }
                None => Escape::character(slashes + 5, Coding::Escapes, code),
            }
        }
        b'U' => Escape::character(slashes + 9, Coding::Escapes, digits(1, 8)?),
        // A byte, not a character.
        b'x' => Escape::new(slashes + 3, Coding::Escapes, &[digits(1, 2)? as u8]),
        b'/' => Escape::new(slashes + 1, Coding::Escapes, b"/"),
        high @ b'0'..=b'3' => {
            let octal = |at: usize| rest.get(slashes + at).filter(|b| (b'0'..=b'7').contains(b));
            let byte = (high - b'0') << 6 | (octal(1)? - b'0') << 3 | (octal(2)? - b'0');
            Escape::new(slashes + 3, Coding::Escapes, &[byte])
        }
        b'\n' if slashes == 1 => Escape::new(2, Coding::Joined, b""),
        b'\r' if slashes == 1 && rest.get(2) == Some(&b'\n') => Escape::new(3, Coding::Joined, b""),
        _ => None,
    }
}

/// A numeric character reference of HTML beyond the first 256 characters: what tables are
/// drawn with.
fn reference(rest: &[u8]) -> Option<Escape> {
    let digits = rest.strip_prefix(b"&#")?;
    let (head, radix) = if matches!(digits.first(), Some(b'x' | b'X')) { (1, 16) } else { (0, 10) };
    let digits = &digits[head..];
    let len = digits.iter().take(8).position(|byte| *byte == b';')?;
    let value =
        |n: u32, digit: &u8| n.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?);
    let code = digits[..len].iter().try_fold(0, value).filter(|_| len > 0)?;
    Escape::character(head + len + 3, Coding::Html, code)
}

/// The shortest and the longest line that a soft break ends, the break included; RFC
/// 2045 allows 76 characters, and who writes them comes close: twelve for a character
/// that is not cut. What was coloured later is longer.
pub(super) const SOFT_LINE: std::ops::RangeInclusive<usize> = 62..=98;

/// The lines that are as long as they may be.
const FULL_LINE: std::ops::RangeInclusive<usize> = 73..=78;

/// What is to be seen of a line: without characters that have no width, and without what
/// colours it.
pub(super) struct Visible {
    text: [u8; 2 * *SOFT_LINE.end()],
    len: usize,
}

impl Visible {
    pub(super) fn of(line: &[u8]) -> Self {
        let mut visible = Self { text: [0; 2 * *SOFT_LINE.end()], len: 0 };
        let mut at = 0;
        while let Some(byte) = line.get(at) {
            if let Some(sequence) = (*byte == 0x1b).then(|| control(&line[at..])).flatten() {
                at += sequence.len;
                continue;
            }
            at += 1;
            if let Some(slot) = visible.text.get_mut(visible.len).filter(|_| byte.is_ascii()) {
                *slot = *byte;
                visible.len += 1;
            }
        }
        visible
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text[..self.len]
    }

    /// Whether a value in base64 ends it that wants one character of padding.
    fn is_padded(&self) -> bool {
        /// The shortest value.
        const SHORTEST: usize = 20;
        let is_symbol = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let len = self.text().iter().rev().take_while(is_symbol).count();
        len >= SHORTEST && len % 4 == 3
    }
}

/// Whether another escape of quoted-printable writes a byte beyond ASCII right before or
/// behind the one at `at`, or beyond a soft break: a character there takes several.
fn is_among_high(text: &[u8], at: usize) -> bool {
    let is_high = |escape: &[u8]| matches!(escape, [b'=', b'8'..=b'9' | b'A'..=b'F', ..]);
    let behind = text.get(at + 3..).unwrap_or_default();
    let behind =
        [&b"=\r\n"[..], b"=\n"].iter().find_map(|b| behind.strip_prefix(*b)).unwrap_or(behind);
    let before = &text[..at];
    let before =
        [&b"=\r\n"[..], b"=\n"].iter().find_map(|b| before.strip_suffix(*b)).unwrap_or(before);
    is_high(behind) || before.last_chunk::<3>().is_some_and(|escape| is_high(escape))
}

fn quoted_printable(text: &[u8], at: usize) -> Option<Escape> {
    let rest = &text[at..];
    let ending = match rest {
        [b'=', b'\n', ..] => 2,
        [b'=', b'\r', b'\n', ..] => 3,
        _ => 0,
    };
    if ending > 0 {
        let before = &text[at.saturating_sub(*SOFT_LINE.end())..at];
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let is_cut = start == 0 && at > *SOFT_LINE.end();
        let line = Visible::of(&before[start..]);
        // What goes on in the next line has something there; padding has not.
        let goes_on = rest.get(ending).is_some_and(|next| !matches!(next, b'\r' | b'\n'));
        let len = before.len() - start + 1;
        let is_full = FULL_LINE.contains(&(line.len + 1)) || !line.is_padded();
        let fits = goes_on && !is_cut && is_full && SOFT_LINE.contains(&len);
        return Escape::new(ending, Coding::QuotedPrintable, b"").filter(|_| fits);
    }
    let upper = |b: &u8| b.is_ascii_digit() || (b'A'..=b'F').contains(b);
    let digits = rest.get(1..3).filter(|digits| digits.iter().all(upper));
    let byte = hex(digits)? as u8;
    if !byte.is_ascii() && !is_among_high(text, at) {
        return None;
    }
    let escape = Escape::new(3, Coding::QuotedPrintable, &[byte])?;
    Some(if digits == Some(b"3D") { escape } else { escape.weak() })
}

/// Bytes of space, line ends included, on either side of the sign that joins strings.
const JOINT_SPACE: usize = 64;

/// What joins two strings of a program: a sign, or nothing but space.
fn joint(rest: &[u8]) -> Option<Escape> {
    let quote = rest.first()?;
    let space = |from: usize| {
        let blank = |b: &&u8| matches!(**b, b' ' | b'\t' | b'\r' | b'\n');
        rest.get(from..).map_or(0, |r| r.iter().take(JOINT_SPACE).take_while(blank).count())
    };
    // Most quotes are refused here.
    if !matches!(rest.get(1)?, b' ' | b'\t' | b'\r' | b'\n' | b'+' | b'.' | b'&' | b'\\') {
        return None;
    }
    let sign = 1 + space(1);
    let after = match rest.get(sign)? {
        // Visual Basic goes on in the next line behind an underscore.
        b'&' => match rest.get(sign + 1..sign + 3) {
            Some(b" _") => sign + 3,
            _ => sign + 1,
        },
        b'+' | b'\\' => sign + 1,
        b'.' => sign + rest[sign..].iter().take(2).take_while(|b| **b == b'.').count(),
        _ => sign,
    };
    let end = after + space(after);
    (end > 1 && rest.get(end) == Some(quote))
        .then(|| Escape::new(end + 1, Coding::Joined, b""))
        .flatten()
}

/// Any control sequence of a terminal (ECMA-48 §5.4): `ESC [`, parameters, one letter.
fn control(rest: &[u8]) -> Option<Escape> {
    let parameters = rest.strip_prefix(b"\x1b[")?;
    let len = parameters.iter().take(16).take_while(|b| (0x20..0x40).contains(*b)).count();
    let is_final = parameters.get(len).is_some_and(|b| (0x40..0x7f).contains(b));
    is_final.then(|| Escape::new(len + 3, Coding::Markup, b"")).flatten()
}

/// Characters without width, and those that writers put for others.
fn hidden(rest: &[u8]) -> Option<Escape> {
    let (len, text, is_weak): (usize, &[u8], bool) = match rest {
        // Spaces and joiners without width, marks of direction.
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..] => (3, b"", false),
        // Word joiner, invisible operators.
        [0xe2, 0x81, 0xa0..=0xa4, ..] => (3, b"", false),
        // Byte-order mark within a text.
        [0xef, 0xbb, 0xbf, ..] => (3, b"", false),
        // Soft hyphen.
        [0xc2, 0xad, ..] => (2, b"", false),
        [0xc2, 0xa0, ..] => (2, b" ", true),
        [0xe2, 0x80, 0x9c..=0x9e, ..] => (3, b"\"", true),
        [0xe2, 0x80, 0x98..=0x9a, ..] => (3, b"'", true),
        _ => return None,
    };
    let escape = Escape::new(len, Coding::Markup, text)?;
    Some(Escape { is_weak, ..escape })
}

#[cfg(test)]
mod tests {
    use super::super::encoded::Encoded;
    use super::*;

    fn read(text: &str) -> Option<(usize, String, bool)> {
        let escape = Escape::read(text.as_bytes(), 0)?;
        let mut encoded = Encoded::default();
        encoded.find(crate::Backend::Portable, text.as_bytes());
        assert_eq!(encoded.escapes.first(), Some(&(0, escape)), "{text:?} is not looked at");
        Some((escape.len, String::from_utf8_lossy(escape.text()).into_owned(), escape.is_weak))
    }

    fn says(text: &str, len: usize, plain: &str) {
        assert_eq!(read(text), Some((len, plain.to_owned(), false)), "{text:?}");
    }

    #[test]
    fn every_kind() {
        says("%41B", 3, "A");
        says("%u0041", 6, "A");
        says(r"\u0041", 6, "A");
        says(r"\\u0041", 7, "A");
        says(r"\ud83d\ude00", 12, "\u{1f600}");
        says(r"\u{41}", 6, "A");
        says(r"\x41", 4, "A");
        says(r"\U00000041", 10, "A");
        says(r"\101", 4, "A");
        says(r"\/", 2, "/");
        says("&amp;", 5, "&");
        says("&#65;", 5, "A");
        says("&#x41;", 6, "A");
        says("&#9474;", 7, "\u{2502}");
        says("&#x2502;", 8, "\u{2502}");
        says("=3D", 3, "=");
        says("\" + \"", 5, "");
        says("' .\n  '", 7, "");
        says("\"\n  \"", 5, "");
        says("\" \"", 3, "");
        says("\" & _\n  \"", 9, "");
        says("\\\n", 2, "");
        says("\x1b[31mA", 5, "");
        says("\x1b[K", 3, "");
        says(r"\u001b[0m", 9, "");
        says("\u{200b}", 3, "");
        says("\u{feff}", 3, "");
        says("\u{ad}", 2, "");
        assert_eq!(read("=41"), Some((3, "A".to_owned(), true)));
        assert_eq!(read("\u{201c}"), Some((3, "\"".to_owned(), true)));
    }

    #[test]
    fn what_is_none() {
        for text in [
            "%4",
            "%zz",
            r"\u00",
            r"\x4",
            r"\n",
            r"\",
            "&amp",
            "&name;",
            "&#;",
            "&#x;",
            "&#+65;",
            "&#xd800;",
            "=4",
            "=85x",
            "=ab",
            "\"\"",
            "\",\"",
            "\"+x",
            "\" and",
            "\u{20ac}",
            r"\ud83d",
            r"\u{}",
            r"\u{110000}",
            "",
            "é",
        ] {
            let found = (!text.is_empty()).then(|| Escape::read(text.as_bytes(), 0)).flatten();
            assert_eq!(found, None, "{text:?}");
        }
    }

    #[test]
    fn a_soft_break_ends_a_long_line() {
        let line = |len: usize| format!("x\n{}=\ny", "a".repeat(len));
        let at = |text: &str| Escape::read(text.as_bytes(), text.find('=').unwrap()).is_some();
        assert!(at(&line(75)) && at(&line(64)));
        let end = format!("{}\n", line(70).trim_end_matches('y'));
        assert!(!at(&end), "the padding of a value");
        let padded = format!("{} {}=\ny", "b".repeat(24), "a".repeat(43));
        assert!(!at(&padded), "the padding of a value");
        assert!(at(&padded.replace("a=", "aa=")), "one more, and there is nothing to pad");
        assert!(Escape::read(b"=E2=\n=94", 0).is_some() && Escape::read(b"=E2x", 0).is_none());
        assert!(!at(&line(44)) && !at(&line(99)));
    }
}
