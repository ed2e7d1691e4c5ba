//! The grammars of keys and values: semicolons (ADO.NET, OLE DB, ODBC), spaces
//! (libpq), commas (StackExchange.Redis).
//!
//! Sources: Microsoft, `DbConnectionStringBuilder` and "Connection string syntax";
//! ODBC Programmer's Reference, `SQLDriverConnect`; PostgreSQL, "Connection
//! Strings"; StackExchange.Redis, "Configuration".

use std::ops::Range;

use super::keys::Key;

/// The most pairs that are read.
const MAX: usize = 64;

/// A key and its value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// What the key means.
    pub(super) key: Key,
    /// Where the key starts.
    pub(super) start: usize,
    /// Where the value stands, without its quotes.
    pub(super) range: Range<usize>,
    /// The value without the escapes of its quotes.
    pub(super) value: Vec<u8>,
    /// Whether the value was in braces.
    pub(super) braced: bool,
}

/// Pairs separated by semicolons. Text that is no pair is passed over. `enclosed`
/// tells whether the text has an end of its own.
pub(super) fn semicolons(text: &[u8], enclosed: bool) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut at = 0;
    while at < text.len() && pairs.len() < MAX {
        let piece = memchr::memchr(b';', &text[at..]).map_or(text.len(), |n| at + n);
        let pair = memchr::memchr_iter(b'=', &text[at..piece]).take(4).find_map(|sign| {
            let (key, start) = Key::ending(&text[at..at + sign])?;
            Some((key, at + start, at + sign + 1))
        });
        let Some((key, start, from)) = pair else {
            at = piece + 1;
            continue;
        };
        let skip = text[from..].iter().take_while(|b| **b == b' ').count();
        let open = from + skip;
        // Only ODBC knows braces; a template has two, and elsewhere one is a letter.
        let brace = text[open..].starts_with(b"{{")
            || text.get(open) == Some(&b'{') && doubled(&text[open + 1..], b'}').is_none();
        match text.get(open) {
            Some(quote @ (b'"' | b'\'' | b'{')) if !brace => {
                let close = if *quote == b'{' { b'}' } else { *quote };
                // What is never closed is no value: code goes on behind it.
                let Some((value, end)) = doubled(&text[open + 1..], close) else { break };
                let range = open + 1..open + 1 + end;
                at = memchr::memchr(b';', &text[range.end..]).map_or(text.len(), |n| range.end + n)
                    + 1;
                pairs.push(Pair { key, start, range, value, braced: close == b'}' });
            }
            _ => {
                let end =
                    memchr::memchr2(b';', b'\n', &text[open..]).map_or(text.len(), |n| open + n);
                let cut = if enclosed || is_continued(text, end) {
                    end
                } else {
                    word_end(text, open, end)
                };
                let value = text[open..cut].trim_ascii_end().to_vec();
                let range = open..open + value.len();
                pairs.push(Pair { key, start, range, value, braced: false });
                at = end + 1;
            }
        }
    }
    pairs
}

/// Whether a known key follows the semicolon at `end`.
fn is_continued(text: &[u8], end: usize) -> bool {
    let Some(rest) = text.get(end + 1..) else { return false };
    let rest = &rest[..rest.len().min(40)];
    memchr::memchr(b'=', rest).is_some_and(|sign| Key::ending(&rest[..sign]).is_some())
}

fn word_end(text: &[u8], from: usize, to: usize) -> usize {
    text[from..to].iter().position(u8::is_ascii_whitespace).map_or(to, |n| from + n)
}

/// Reads to `close`, which doubled stands for itself. Yields the value and where
/// it ends.
fn doubled(text: &[u8], close: u8) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::new();
    let mut at = 0;
    loop {
        let byte = *text.get(at)?;
        if byte == close {
            if text.get(at + 1) != Some(&close) {
                return Some((value, at));
            }
            at += 1;
        }
        value.push(byte);
        at += 1;
    }
}

/// Pairs separated by white space, as libpq reads them: spaces may stand around
/// the sign, values may stand in single quotes with backslashes.
pub(super) fn words(text: &[u8]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut at = 0;
    while let Some(sign) = memchr::memchr(b'=', text.get(at..).unwrap_or_default()).map(|n| at + n)
    {
        if pairs.len() == MAX {
            break;
        }
        let mut from = sign + 1;
        let name = text[at..sign].trim_ascii_end();
        let word =
            name.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let start = at + name.len() - word;
        let Some(key) = Key::named(&text[start..start + word]) else {
            at = from;
            continue;
        };
        from += text[from..].iter().take(4).take_while(|b| **b == b' ').count();
        let (value, range, end) = if text.get(from) == Some(&b'\'') {
            let Some((value, end)) = backslashed(&text[from + 1..]) else { break };
            let range = from + 1..from + 1 + end;
            let end = range.end + 1;
            (value, range, end)
        } else {
            let end = word_end(text, from, text.len());
            let mut value = Vec::with_capacity(end - from);
            let mut escaped = false;
            for byte in &text[from..end] {
                if *byte == b'\\' && !escaped {
                    escaped = true;
                    continue;
                }
                escaped = false;
                value.push(*byte);
            }
            (value, from..end, end)
        };
        pairs.push(Pair { key, start, range, value, braced: false });
        at = end;
    }
    pairs
}

fn backslashed(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::new();
    let mut at = 0;
    loop {
        match *text.get(at)? {
            b'\'' => return Some((value, at)),
            b'\\' => {
                value.push(*text.get(at + 1)?);
                at += 2;
            }
            byte => {
                value.push(byte);
                at += 1;
            }
        }
    }
}

/// A StackExchange.Redis configuration around the password whose name starts at
/// `hit`: its endpoints and its pairs.
pub(super) fn commas(text: &[u8], hit: usize) -> Option<(Vec<Range<usize>>, Vec<Pair>)> {
    let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b';');
    let start = text[..hit].iter().rposition(stop).map_or(0, |n| n + 1);
    let end = text[hit..].iter().position(stop).map_or(text.len(), |n| hit + n);
    let mut endpoints = Vec::new();
    let mut pairs = Vec::new();
    let mut at = start;
    while at < end && endpoints.len() + pairs.len() < MAX {
        let piece = memchr::memchr(b',', &text[at..end]).map_or(end, |n| at + n);
        let bytes = &text[at..piece];
        match memchr::memchr(b'=', bytes) {
            Some(sign) if at > start => {
                if let Some(key) = Key::named(&bytes[..sign]) {
                    let range = at + sign + 1..piece;
                    let value = text[range.clone()].to_vec();
                    pairs.push(Pair { key, start: at, range, value, braced: false });
                }
            }
            // The name that it is assigned to.
            Some(_) => {
                let sign = memchr::memrchr(b'=', bytes)?;
                endpoints.push(at + sign + 1..piece);
            }
            None => endpoints.push(at..piece),
        }
        at = piece + 1;
    }
    Some((endpoints, pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pairs: &[Pair]) -> Vec<(Key, String)> {
        pairs.iter().map(|p| (p.key, String::from_utf8(p.value.clone()).unwrap())).collect()
    }

    #[test]
    fn quoting_with_semicolons() {
        for (text, password) in [
            ("Server=a;Password=b", Some("b")),
            ("x = Server=a; Password = b ;", Some("b")),
            ("Server=a;Password=\"b;\"\"c\";Database=d", Some("b;\"c")),
            ("Server=a;Password='b;''c'", Some("b;'c")),
            ("Server=a;Pwd={b}}c;};Uid=d", Some("b}c;")),
            ("Server=a;Password=one;Password=two", Some("two")),
            ("Server=a;Password=p=q==;", Some("p=q==")),
            ("Server=a;Password=my pass;Uid=d", Some("my pass")),
            ("Server=a;Password='", None),
            ("Server=a;Password=\"never", None),
        ] {
            let pairs = semicolons(text.as_bytes(), true);
            let last = pairs.iter().rfind(|p| p.key == Key::Password);
            let value = last.map(|p| String::from_utf8(p.value.clone()).unwrap());
            assert_eq!(value.as_deref(), password, "{text}");
        }
        let open = semicolons(b"Server=a;Password=b and then", false);
        assert_eq!(open[1].value, b"b");
    }

    #[test]
    fn quoting_with_spaces() {
        let pairs = words(br"psql host=h dbname = 'my db' user=u password='it\'s \\ ok' port=5");
        assert_eq!(
            shown(&pairs),
            [
                (Key::Host, "h".to_owned()),
                (Key::Database, "my db".to_owned()),
                (Key::User, "u".to_owned()),
                (Key::Password, r"it's \ ok".to_owned()),
                (Key::Port, "5".to_owned()),
            ]
        );
        assert_eq!(words(b"host=h password='never").len(), 1);
    }

    #[test]
    fn endpoints_and_commas() {
        let text = b"REDIS=a.b:6380,c:6380,password=p=,ssl=True";
        let (endpoints, pairs) = commas(text, 22).unwrap();
        assert_eq!(endpoints.len(), 2);
        assert_eq!(&text[endpoints[0].clone()], b"a.b:6380");
        assert_eq!(shown(&pairs)[0], (Key::Password, "p=".to_owned()));
    }
}
