//! The string around a place, with what its container put on it undone.
//!
//! A connection string stands in a string literal, in an attribute, on a line of
//! its own, percent-encoded in a URL. What begins it (a quote with the
//! backslashes before it, an entity) tells how it is written and what ends it.
//! The grammar of the string itself is read from the plain characters by the
//! families.

use std::ops::Range;

use crate::encoding::escaped;

/// The most characters of a string that are read on either side.
pub(crate) const MAX_LEN: usize = 2048;

/// How a string is written down, and what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writing<'t> {
    /// What begins and ends the string; empty if nothing does.
    delimiter: &'t [u8],
    /// In how many literals the string stands: as many times backslashes were
    /// doubled.
    level: u8,
    /// How often the whole is percent-encoded.
    percent: u8,
    /// Whether it is quoted-printable.
    quoted_printable: bool,
}

/// What writes the `=` behind a name: nothing, percent-encoding, quoted-printable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sign {
    /// How often it is percent-encoded.
    pub(crate) percent: u8,
    /// Whether it is quoted-printable.
    pub(crate) quoted_printable: bool,
}

impl Sign {
    /// The sign at the start of `text`, behind spaces if there are any. Refuses
    /// most texts by their first byte.
    pub(crate) fn at(text: &[u8]) -> Option<Self> {
        Self::read(text).map(|(sign, _)| sign)
    }

    /// The sign at the start of `text`, and how many bytes write it.
    pub(crate) fn read(text: &[u8]) -> Option<(Self, usize)> {
        let mut at = 0;
        let mut broken = false;
        loop {
            let rest = text.get(at..)?;
            match rest.first()? {
                b' ' | b'+' if at < 2 => at += 1,
                b'%' if rest.starts_with(b"%20") && at < 12 => at += 3,
                b'=' => {
                    if let Some(len) = line_end(&rest[1..]) {
                        if broken {
                            return None;
                        }
                        broken = true;
                        at += 1 + len;
                        continue;
                    }
                    // `=3D` is the sign of quoted-printable; a password that begins so
                    // is rarer.
                    let quoted_printable = rest.starts_with(b"=3D") || rest.starts_with(b"=3d");
                    let len = if quoted_printable { 3 } else { 1 };
                    let quoted_printable = quoted_printable || broken;
                    return Some((Self { percent: 0, quoted_printable }, at + len));
                }
                b'%' => {
                    let is = |code: &[u8]| {
                        rest.get(..code.len()).is_some_and(|h| h.eq_ignore_ascii_case(code))
                    };
                    let (percent, len) = match () {
                        () if is(b"%3D") => (1, 3),
                        () if is(b"%253D") => (2, 5),
                        () => return None,
                    };
                    return Some((Self { percent, quoted_printable: broken }, at + len));
                }
                b'\\' | b'&' => {
                    let Some((b'=', len)) = escaped::character(rest) else { return None };
                    // A property in quoted-printable: `\=3D`.
                    let quoted_printable =
                        rest[..len].ends_with(b"=") && rest[len..].starts_with(b"3D");
                    let len = if quoted_printable { len + 2 } else { len };
                    return Some((Self { percent: 0, quoted_printable }, at + len));
                }
                _ => return None,
            }
        }
    }
}

/// Whether the line that holds `at`, or the one before it, ends with a soft break
/// of quoted-printable: with a sign, and as long as such lines are.
pub(crate) fn is_soft(text: &[u8], at: usize) -> bool {
    let is_broken = |end: usize| {
        let line = &text[..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let len = line.iter().rev().take(80).take_while(|b| **b != b'\n').count();
        (60..=76).contains(&len) && line.ends_with(b"=") && !line.ends_with(b"==")
    };
    let near = |n: usize| text.len().min(at + n);
    let next = memchr::memchr(b'\n', &text[at..near(80)]).map(|n| at + n);
    let last =
        memchr::memrchr(b'\n', &text[at.saturating_sub(80)..at]).map(|n| at.saturating_sub(80) + n);
    next.is_some_and(is_broken) || last.is_some_and(is_broken)
}

impl<'t> Writing<'t> {
    /// The writing of a string that holds `at` and whose sign of assignment is
    /// known; what stands before tells the rest.
    pub(crate) fn before(text: &'t [u8], at: usize, sign: Sign) -> Self {
        let found = if sign.percent > 0 { at..at } else { delimiter_before(text, at) };
        let delimiter = &text[found.clone()];
        let slashes = delimiter.iter().take_while(|b| **b == b'\\').count();
        let literal = match delimiter {
            [] => 0,
            [b'>'] => 0,
            _ if is_raw(text, found.start) => 0,
            _ => 1 + (slashes + 1).ilog2() as u8,
        };
        Self {
            delimiter,
            level: literal.min(3),
            percent: sign.percent,
            quoted_printable: sign.quoted_printable,
        }
    }

    /// The writing of what stands between two of these quotes.
    pub(crate) fn quoted(quote: &'t [u8], sign: Sign) -> Self {
        let slashes = quote.iter().take_while(|b| **b == b'\\').count();
        Self {
            delimiter: quote,
            level: (1 + (slashes + 1).ilog2() as u8).min(3),
            percent: sign.percent,
            quoted_printable: sign.quoted_printable,
        }
    }

    /// The writing of a string that nothing encloses.
    pub(crate) fn open(sign: Sign) -> Self {
        Self {
            delimiter: &[],
            level: 0,
            percent: sign.percent,
            quoted_printable: sign.quoted_printable,
        }
    }

    /// Where the string begins that holds `at`, going by what stands before: behind
    /// its delimiter, or where the line or what is percent-encoded begins.
    pub(crate) fn start(&self, text: &[u8], at: usize) -> usize {
        if self.percent > 0 {
            let run = text[..at].iter().rev().take(MAX_LEN).take_while(|b| is_encoded(**b));
            return at - run.count();
        }
        if self.delimiter.is_empty() {
            return line_start(text, at, self.quoted_printable);
        }
        delimiter_before(text, at).end
    }

    /// Whether something marks where the string ends.
    pub(crate) fn is_enclosed(&self) -> bool {
        !self.delimiter.is_empty()
    }

    /// Whether the string ends at `at`.
    fn ends(&self, text: &[u8], at: usize) -> bool {
        let rest = &text[at..];
        match rest.first() {
            None | Some(b'\n' | b'\r') => true,
            Some(b'<') if self.delimiter.is_empty() => {
                rest.starts_with(b"</") || rest.starts_with(b"<br")
            }
            Some(b'<') => self.delimiter == b">",
            Some(b'`') if self.delimiter.is_empty() => true,
            Some(byte) if self.percent > 0 => !is_encoded(*byte),
            // A doubled quote writes one, in SQL, VB, CSV and verbatim strings.
            Some(byte) => {
                !self.delimiter.is_empty()
                    && rest.starts_with(self.delimiter)
                    && !(*byte == b'"'
                        && self.delimiter == b"\""
                        && rest.get(1) == Some(&b'"')
                        && (self.level == 0
                            || rest.get(2).is_some_and(|b| !b",;)\r\n ".contains(b))))
            }
        }
    }

    /// The character at `at`, and where the next one starts.
    pub(crate) fn character(&self, text: &[u8], at: usize) -> Option<(u8, usize)> {
        if self.delimiter == b"\"" && text.get(at..)?.starts_with(b"\"\"") {
            return Some((b'"', at + 2));
        }
        self.unquoted(text, at, self.level)
    }

    /// Undoes the backslashes of so many literals.
    fn unquoted(&self, text: &[u8], at: usize, level: u8) -> Option<(u8, usize)> {
        let Some(below) = level.checked_sub(1) else { return self.peeled(text, at, self.percent) };
        let (byte, next) = self.unquoted(text, at, below)?;
        if byte != b'\\' {
            return Some((byte, next));
        }
        let Some((escaped, after)) = self.unquoted(text, next, below) else {
            return Some((byte, next));
        };
        match escaped {
            b'\\' | b'"' | b'\'' | b'/' | b'$' | b'`' => Some((escaped, after)),
            b'n' | b'r' | b't' => Some((b'\n', after)),
            b'u' | b'x' => {
                let digits = if escaped == b'u' { 4 } else { 2 };
                let code =
                    text.get(after..after + digits).and_then(|d| std::str::from_utf8(d).ok());
                match code.and_then(|d| u32::from_str_radix(d, 16).ok()) {
                    Some(code @ 0x20..0x7f) => Some((code as u8, after + digits)),
                    _ => Some((byte, next)),
                }
            }
            _ => Some((byte, next)),
        }
    }

    fn peeled(&self, text: &[u8], at: usize, layers: u8) -> Option<(u8, usize)> {
        let Some(below) = layers.checked_sub(1) else { return self.markup(text, at) };
        let (byte, next) = self.peeled(text, at, below)?;
        match byte {
            b'+' => Some((b' ', next)),
            b'%' => {
                let hex = self.peeled(text, next, below).and_then(|(high, after)| {
                    let (low, after) = self.peeled(text, after, below)?;
                    let digit = |b: u8| char::from(b).to_digit(16);
                    Some(((digit(high)? << 4 | digit(low)?) as u8, after))
                });
                Some(hex.unwrap_or((byte, next)))
            }
            _ => Some((byte, next)),
        }
    }

    fn markup(&self, text: &[u8], mut at: usize) -> Option<(u8, usize)> {
        if self.quoted_printable {
            while let [b'=', rest @ ..] = text.get(at..)?
                && let Some(len) = line_end(rest)
            {
                at += 1 + len;
            }
            if let [b'=', high, low, ..] = text.get(at..)?
                && let (Some(high), Some(low)) =
                    (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
            {
                return Some(((high << 4 | low) as u8, at + 3));
            }
        }
        let first = *text.get(at)?;
        // A property's escape before a sign that is written as `=3D`.
        if self.quoted_printable
            && first == b'\\'
            && text.get(at + 1) == Some(&b'=')
            && let Some((b'=', next)) = self.markup(text, at + 1)
        {
            return Some((b'=', next));
        }
        let escape = match first {
            b'&' => escaped::character(&text[at..]),
            // Properties write these so whatever they stand in; JSON and scripts
            // write what XML would trip over by its number.
            b'\\' if self.level == 0 || is_property(&text[at..]) => {
                match text.get(at + 1) {
                    Some(b'=' | b':' | b'u' | b'x' | b'\\') => escaped::character(&text[at..]),
                    // Markdown.
                    Some(byte @ (b'_' | b'*' | b'~' | b'+' | b'!' | b'#'))
                        if self.delimiter.is_empty() =>
                    {
                        return Some((*byte, at + 2));
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((byte, len)) = escape else { return Some((first, at + 1)) };
        let mut next = at + len;
        while byte == b'&' && text[next..].starts_with(b"amp;") {
            next += 4;
        }
        // `&amp;quot;`
        if byte == b'&' && next > at + 1 {
            let mut inner = Vec::with_capacity(12);
            inner.push(b'&');
            inner.extend(text[next..].iter().take(9));
            if let Some((byte, len @ 2..)) = escaped::character(&inner) {
                return Some((byte, next + len - 1));
            }
        }
        Some((byte, next))
    }
}

/// Whether backslashes stand before a sign that properties escape.
fn is_property(text: &[u8]) -> bool {
    let slashes = text.iter().take(8).take_while(|b| **b == b'\\').count();
    matches!(text.get(slashes), Some(b'=' | b':'))
}

/// Whether a byte may stand in what is percent-encoded as a whole.
fn is_encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"%-_.~*+!()".contains(&byte)
}

fn line_end(text: &[u8]) -> Option<usize> {
    match text {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => None,
    }
}

/// What begins the string at `start`: a quote with its backslashes, an entity, the
/// end of a tag. Empty if nothing does.
fn delimiter_before(text: &[u8], start: usize) -> Range<usize> {
    let floor = start.saturating_sub(MAX_LEN);
    let mut end = start;
    while end > floor {
        let byte = text[end - 1];
        match byte {
            b'\n' => return start..start,
            b'"' | b'\'' | b'`' => {
                let slashes =
                    text[floor..end - 1].iter().rev().take(7).take_while(|b| **b == b'\\').count();
                return end - 1 - slashes..end;
            }
            b'>' => return end - 1..end,
            b';' => {
                for entity in
                    [&b"&quot;"[..], b"&#34;", b"&apos;", b"&#39;", b"&#x27;", b"&amp;quot;"]
                {
                    if text[floor..end].ends_with(entity) {
                        return end - entity.len()..end;
                    }
                }
            }
            b'2' if text[floor..end].ends_with(b"\\u0022") => return end - 6..end,
            _ => {}
        }
        end -= 1;
    }
    start..start
}

/// Whether the literal that begins at `quote` has no escapes: a verbatim or raw
/// string, an attribute.
fn is_raw(text: &[u8], quote: usize) -> bool {
    let before = &text[..quote];
    match before.last() {
        Some(b'@' | b'r' | b'R') => {
            !before[..before.len() - 1].last().is_some_and(u8::is_ascii_alphanumeric)
        }
        Some(b'$') => before.ends_with(b"@$"),
        // `name="…"` in a tag.
        Some(b'=') => {
            let tag = before.iter().rev().take(512).position(|b| matches!(b, b'<' | b'>'));
            tag.is_some_and(|back| before[before.len() - 1 - back] == b'<')
        }
        _ => text[quote] == b'`',
    }
}

/// The characters of a string, and where each stood.
#[derive(Clone, Default)]
pub(crate) struct Literal {
    /// The characters.
    pub(crate) bytes: Vec<u8>,
    /// Where each starts in the text, and where the last ends.
    at: Vec<u32>,
    /// Whether the string has an end of its own.
    pub(crate) enclosed: bool,
}

/// Shows its size, never its text.
impl std::fmt::Debug for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Literal({} characters)", self.bytes.len())
    }
}

impl Literal {
    /// Reads from `start` to the end of the string.
    pub(crate) fn read(text: &[u8], start: usize, writing: Writing<'_>) -> Self {
        let mut literal = Self { enclosed: writing.is_enclosed(), ..Self::default() };
        let mut at = start;
        while literal.bytes.len() < 2 * MAX_LEN && at < text.len() {
            // A soft break is no end of a line.
            let soft =
                writing.quoted_printable && text[at] == b'=' && line_end(&text[at + 1..]).is_some();
            if !soft && writing.ends(text, at) {
                break;
            }
            let Some((byte, next)) = writing.character(text, at) else { break };
            literal.bytes.push(byte);
            literal.at.push(at as u32);
            at = next;
        }
        literal.at.push(at as u32);
        literal
    }

    /// Where the characters in `range` stand in the text.
    pub(crate) fn place(&self, range: Range<usize>) -> Range<usize> {
        let at = |i: usize| self.at.get(i).map_or(0, |a| *a as usize);
        at(range.start)..at(range.end)
    }

    /// The character that stands at or behind a place in the text.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        self.at.partition_point(|a| (*a as usize) < at)
    }
}

/// Where the string that holds `at` begins at the earliest: behind the line end
/// before it, soft breaks aside, at most [`MAX_LEN`] bytes away.
pub(crate) fn line_start(text: &[u8], at: usize, quoted_printable: bool) -> usize {
    let floor = at.saturating_sub(MAX_LEN);
    let mut end = at;
    while let Some(back) = memchr::memrchr(b'\n', &text[floor..end]) {
        let newline = floor + back;
        let before = text[..newline].strip_suffix(b"\r").unwrap_or(&text[..newline]);
        if quoted_printable && before.ends_with(b"=") {
            end = newline;
        } else {
            return newline + 1;
        }
    }
    floor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, from: &str) -> String {
        let start = text.find(from).unwrap();
        let hit = text.to_ascii_lowercase().find("pwd").unwrap() + 3;
        let sign = Sign::at(&text.as_bytes()[hit..]).unwrap();
        let writing = Writing::before(text.as_bytes(), start, sign);
        let literal = Literal::read(text.as_bytes(), start, writing);
        for i in 0..literal.bytes.len() {
            assert!(!literal.place(i..i + 1).is_empty());
        }
        String::from_utf8(literal.bytes).unwrap()
    }

    #[test]
    fn every_container_gives_the_same_string() {
        let plain = r#"Server=a\b;Pwd="x;y/z""#;
        for text in [
            r#"c = @"Server=a\b;Pwd=""x;y/z""";"#,
            r#"c = "Server=a\\b;Pwd=\"x;y/z\"";"#,
            r#"{"c": "Server=a\\b;Pwd=\"x;y\/z\"", "d": 1}"#,
            r#"{"m": "{\"c\": \"Server=a\\\\b;Pwd=\\\"x;y/z\\\"\"}"}"#,
            r#"<add connectionString="Server=a\b;Pwd=&quot;x;y/z&quot;" />"#,
            r#"<c>Server=a\b;Pwd=&quot;x;y/z&quot;</c>"#,
            r#"c='Server=a\\b;Pwd="x;y/z"'"#,
            r#"&quot;Server=a\\b;Pwd=\&quot;x;y/z\&quot;&quot;"#,
            r#"c = Server\=a\b;Pwd\="x;y/z""#,
            "url?odbc_connect=Server%3Da%5Cb%3BPwd%3D%22x%3By%2Fz%22&x=y",
        ] {
            assert_eq!(read(text, "Server"), plain, "{text}");
        }
        assert_eq!(read("Server=3Da\\b;Pwd=3D\"x;=\ny/z\"\n", "Server"), plain);
        assert_eq!(read("`Server=a\\b;Pwd=\"x;y/z\"`", "Server"), plain);
    }

    #[test]
    fn signs_are_told() {
        for (text, percent, quoted_printable) in [
            ("=x", 0, false),
            (" = x", 0, false),
            ("\\=x", 0, false),
            ("\\u003dx", 0, false),
            ("=3Dx", 0, true),
            ("%3Dx", 1, false),
            ("%253dx", 2, false),
        ] {
            assert_eq!(
                Sign::at(text.as_bytes()),
                Some(Sign { percent, quoted_printable }),
                "{text}"
            );
        }
        for text in ["", ":", "%", "%3", "s=", "   =", "&quot;"] {
            assert_eq!(Sign::at(text.as_bytes()), None, "{text}");
        }
    }
}
