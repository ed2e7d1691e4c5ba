//! A URL in a text, taken apart.
//!
//! [`Located::around`] is told a place inside the query and finds the URL's
//! beginning and end itself, through every [`Writing`]. URLs without a scheme and
//! bare query strings are read too. Every piece knows where it stood in the text.

use std::borrow::Cow;
use std::ops::Range;

use super::writing::{Plain, Writing, in_url, percent_decoded, run_start};

/// The most parameters that are looked at.
const MAX_PARAMETERS: usize = 128;

/// A URL with its writing undone.
#[derive(Clone)]
pub(crate) struct Located {
    plain: Plain,
    scheme: Range<usize>,
    host: Range<usize>,
    port: Option<u16>,
    path: Range<usize>,
    /// Where the query begins.
    query: usize,
    parameters: Vec<(Range<usize>, Range<usize>)>,
}

/// Shows its extent, never its text.
impl std::fmt::Debug for Located {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Located").field("span", &self.span()).finish_non_exhaustive()
    }
}

/// A parameter of a query.
#[derive(Clone)]
pub(crate) struct Parameter<'u> {
    /// Its value as the query has it, before percent-decoding.
    pub(crate) raw: &'u [u8],
    /// Where the value stands in the text.
    pub(crate) range: Range<usize>,
    plain: &'u Plain,
    /// Where the value starts in `plain`.
    start: usize,
}

impl Parameter<'_> {
    /// Where the first characters of the value stand in the text.
    pub(crate) fn head(&self, len: usize) -> Range<usize> {
        self.plain.place(self.start..self.start + len.min(self.raw.len()))
    }

    /// The value, percent-decoded. Where it still holds percent-encoding that a
    /// second layer left (`%252F`), [`Parameter::twice_decoded`] is meant.
    pub(crate) fn decoded(&self) -> Vec<u8> {
        percent_decoded(self.raw)
    }

    /// The value as text, percent-decoded; what is no UTF-8 is replaced.
    pub(crate) fn text(&self) -> Box<str> {
        String::from_utf8_lossy(&self.decoded()).into_owned().into()
    }

    /// The value as text, percent-decoded once, and once more if it still holds
    /// `%2F` or the like.
    pub(crate) fn twice_decoded(&self) -> Box<str> {
        let once = self.decoded();
        let twice = if once.contains(&b'%') { percent_decoded(&once) } else { once };
        String::from_utf8_lossy(&twice).into_owned().into()
    }
}

impl Located {
    /// Reads the URL (or schemeless URL, or bare query string) that has the name
    /// of a query parameter at `at`. `None` if the text there is no query.
    ///
    /// Linear in the URL's length; looks back to the start of `text` at most.
    pub(crate) fn around(text: &[u8], at: usize, writing: Writing) -> Option<Self> {
        let mut plain = Plain::default();
        let mut from = run_start(text, at, writing);
        // What stands before may be written otherwise and end elsewhere: begin
        // anew behind everything that no URL has.
        while from < at {
            let (byte, next) = writing.character(text, from)?;
            if in_url(byte) || byte >= 0x80 {
                plain.push(byte, from);
            } else {
                plain = Plain::default();
                if byte == b'\\' && matches!(text.get(next), Some(b'n' | b'r' | b't')) {
                    from = next + 1;
                    continue;
                }
            }
            from = next;
        }
        let mut name = plain.bytes.len();
        plain.extend(text, from.max(at), writing);
        trim_sentence(&mut plain);
        let head = plain.bytes.get(..name)?;
        let mut located = Self::empty();
        let mut start = 0;
        match scheme_of(head) {
            Some((scheme, authority)) => {
                start = scheme.start;
                located.scheme = scheme;
                name = located.split(&plain.bytes, authority, name)?;
            }
            None if head.contains(&b'?') => {
                let mark = memchr::memchr(b'?', head)?;
                // Fields of a list that stand before may be secrets with slashes.
                let from = if head[..mark].ends_with(b"=") {
                    mark
                } else {
                    memchr::memrchr(b';', &head[..mark]).map_or(0, |at| at + 1)
                };
                let slash = memchr::memchr(b'/', &head[from..mark]).map_or(mark, |at| from + at);
                let host = head[from..slash].iter().rposition(|b| b"=@,&".contains(b));
                start = host.map_or(from, |at| from + at + 1);
                name = located.split(&plain.bytes, start, name)?;
                located.doubt_host(&plain.bytes);
            }
            // A bare query string, behind a name perhaps.
            None => {
                while let Some(end) = name.checked_sub(1).filter(|e| plain.bytes[*e] == b'&') {
                    let previous = memchr::memrchr(b'&', &plain.bytes[..end]).map_or(0, |p| p + 1);
                    name = previous;
                    if previous == 0 {
                        break;
                    }
                }
                if name > 0 && head.last() != Some(&b'&') && head.last() != Some(&b'=') {
                    return None;
                }
                // `SAS=sv=1&…`: the name of the whole stands before the first.
                let first = &plain.bytes[name..];
                let first = &first[..memchr::memchr(b'&', first).unwrap_or(first.len())];
                name += assigned(first);
                start = start.max(name);
            }
        }
        located.collect(&plain.bytes, name);
        plain.trim_start(start);
        located.shift(start);
        located.plain = plain;
        Some(located)
    }

    /// Reads the query whose first parameter starts at `from`, whatever stands
    /// before it.
    pub(crate) fn of_query(text: &[u8], from: usize, writing: Writing) -> Self {
        let mut located = Self::empty();
        let mut plain = Plain::read(text, from, writing);
        trim_sentence(&mut plain);
        located.collect(&plain.bytes, 0);
        located.plain = plain;
        located
    }

    fn empty() -> Self {
        Self {
            scheme: 0..0,
            host: 0..0,
            port: None,
            path: 0..0,
            query: 0,
            parameters: Vec::new(),
            plain: Plain::default(),
        }
    }

    /// Splits the query that starts at `query`.
    fn collect(&mut self, bytes: &[u8], query: usize) {
        self.query = query;
        let mut from = query;
        for pair in bytes[query..].split(|b| *b == b'&').take(MAX_PARAMETERS) {
            // `&amp;` that stands where no entity is decoded.
            let cut = if pair.starts_with(b"amp;") { 4 } else { 0 };
            if let Some(equals) = memchr::memchr(b'=', pair)
                && cut <= equals
            {
                self.parameters
                    .push((from + cut..from + equals, from + equals + 1..from + pair.len()));
            }
            from += pair.len() + 1;
        }
    }

    /// Splits `host:port/path?` at `authority`; gives where the query begins.
    fn split(&mut self, bytes: &[u8], authority: usize, name: usize) -> Option<usize> {
        let mark = authority + memchr::memchr(b'?', bytes.get(authority..name)?)?;
        let slash = memchr::memchr(b'/', &bytes[authority..mark]).map_or(mark, |at| authority + at);
        let host_start = memchr::memrchr(b'@', &bytes[authority..slash])
            .map_or(authority, |at| authority + at + 1);
        let host = &bytes[host_start..slash];
        let digits = host.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let mut host_end = slash;
        if digits > 0 && host.len() > digits && host[host.len() - digits - 1] == b':' {
            self.port = std::str::from_utf8(&host[host.len() - digits..]).ok()?.parse().ok();
            host_end = slash - digits - 1;
        }
        self.host = host_start..host_end;
        self.path = slash..mark;
        Some(mark + 1)
    }

    /// Takes what has neither a dot nor a port, and no scheme before it, for the
    /// first directory of a path: `GET exports/users.csv?…`.
    fn doubt_host(&mut self, bytes: &[u8]) {
        let host = &bytes[self.host.clone()];
        if self.port.is_none() && !host.contains(&b'.') && host != b"localhost" {
            self.path.start = self.host.start;
            self.host.end = self.host.start;
        }
    }

    fn shift(&mut self, by: usize) {
        let moved = |r: &mut Range<usize>| {
            *r = r.start.saturating_sub(by)..r.end.saturating_sub(by);
        };
        moved(&mut self.scheme);
        moved(&mut self.host);
        moved(&mut self.path);
        self.query = self.query.saturating_sub(by);
        for (name, value) in &mut self.parameters {
            moved(name);
            moved(value);
        }
    }

    /// The characters, with the writing undone.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.plain.bytes
    }

    /// Where it stands in the text.
    pub(crate) fn span(&self) -> Range<usize> {
        self.plain.place(0..self.plain.bytes.len())
    }

    /// Its scheme, or nothing.
    pub(crate) fn scheme(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.plain.bytes[self.scheme.clone()])
    }

    /// Its host in lower case, or nothing.
    pub(crate) fn host(&self) -> String {
        String::from_utf8_lossy(&self.plain.bytes[self.host.clone()]).to_ascii_lowercase()
    }

    /// Its port, if it names one that can be.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Its path, still percent-encoded, from the first slash on; or nothing. Where it
    /// has no host the path may be a relative one.
    pub(crate) fn path(&self) -> &[u8] {
        &self.plain.bytes[self.path.clone()]
    }

    /// Its query, as it is, from behind the question mark to the end.
    pub(crate) fn query(&self) -> &[u8] {
        self.plain.bytes.get(self.query..).unwrap_or_default()
    }

    /// The first parameter of that name, in any case.
    pub(crate) fn parameter(&self, name: &str) -> Option<Parameter<'_>> {
        self.parameters
            .iter()
            .find(|(known, _)| {
                self.plain.bytes[known.clone()].eq_ignore_ascii_case(name.as_bytes())
            })
            .map(|(_, value)| self.value(value))
    }

    /// All parameters in their order: names and values.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&[u8], Parameter<'_>)> {
        self.parameters
            .iter()
            .map(|(name, value)| (&self.plain.bytes[name.clone()], self.value(value)))
    }

    /// The first parameter of that name, in any case, whose value ends before a
    /// byte that stands behind it in a list and not in it: `a=1;b=2`.
    pub(crate) fn parameter_until(&self, name: &str, stops: &[u8]) -> Option<Parameter<'_>> {
        let (_, value) = self.parameters.iter().find(|(known, _)| {
            self.plain.bytes[known.clone()].eq_ignore_ascii_case(name.as_bytes())
        })?;
        let bytes = &self.plain.bytes[value.clone()];
        let len = bytes.iter().position(|b| stops.contains(b)).unwrap_or(bytes.len());
        Some(self.value(&(value.start..value.start + len)))
    }

    fn value(&self, range: &Range<usize>) -> Parameter<'_> {
        Parameter {
            raw: &self.plain.bytes[range.clone()],
            range: self.plain.place(range.clone()),
            plain: &self.plain,
            start: range.start,
        }
    }
}

/// Takes off what belongs to the sentence that a URL stands in, as a full stop
/// behind it does, or the stars of bold print.
fn trim_sentence(plain: &mut Plain) {
    loop {
        // Three and more are a mask.
        let stars = plain.bytes.ends_with(b"**") && !plain.bytes.ends_with(b"***");
        if !stars && !plain.bytes.last().is_some_and(|b| b".,;:!?".contains(b)) {
            return;
        }
        for _ in 0..1 + usize::from(stars) {
            plain.pop();
        }
    }
}

/// Where the parameter itself begins in the first pair of a bare query: behind the
/// name that the query is assigned to, and all that stands before that.
fn assigned(pair: &[u8]) -> usize {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let mut end = pair.len();
    while let Some(equals) = memchr::memrchr(b'=', &pair[..end]) {
        let name = pair[..equals].iter().rev().take_while(|b| is_name(b)).count();
        let start = equals - name;
        let has_value = pair.get(equals + 1).is_some_and(|b| *b != b'=');
        if has_value && name > 0 && start > 0 && b"=,;:".contains(&pair[start - 1]) {
            return start;
        }
        end = start;
    }
    0
}

/// The scheme of the URL whose query `head` reaches into, and where its authority
/// begins: the last `://` that a `?` follows, because a URL may stand in the query
/// of another.
fn scheme_of(head: &[u8]) -> Option<(Range<usize>, usize)> {
    let mut end = memchr::memrchr(b'?', head)?;
    while let Some(at) = memchr::memmem::rfind(&head[..end], b"://") {
        let letters = head[..at]
            .iter()
            .rev()
            .take(24)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
            .count();
        if letters > 0 {
            return Some((at - letters..at, at + 3));
        }
        end = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://b.s3.amazonaws.com:443/a%2Fb/c?x=1&Sig=a%2Bb%3D&y=2";

    fn read(text: &str, anchor: &str) -> Option<Located> {
        let at = text.find(anchor).unwrap_or_else(|| panic!("no anchor in {text}"));
        Located::around(text.as_bytes(), at, Writing::of(text.as_bytes(), at)?)
    }

    #[test]
    fn a_directory_is_no_host() {
        for (text, host, path) in [
            ("GET exports/users.csv?Sig=1", "", "exports/users.csv"),
            ("GET /exports/users.csv?Sig=1", "", "/exports/users.csv"),
            ("b.s3.amazonaws.com/k?Sig=1", "b.s3.amazonaws.com", "/k"),
            ("db:5432/?Sig=1", "db", "/"),
            ("localhost/k?Sig=1", "localhost", "/k"),
            ("Key=ab/c+d/e==;Sas=?Sig=1", "", ""),
            ("Key=/ab/c+d/e==&Sas=?Sig=1", "", ""),
            ("Key=ab/c+d/e==;acme.io/k?Sig=1", "acme.io", "/k"),
            ("http://minio/k?Sig=1", "minio", "/k"),
        ] {
            let found = read(text, "Sig").unwrap();
            assert_eq!((&*found.host(), found.path()), (host, path.as_bytes()), "{text}");
        }
    }

    #[test]
    fn urls_are_found_in_every_writing() {
        let percent = |s: &str| {
            s.bytes()
                .map(|b| match b {
                    b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => {
                        char::from(b).to_string()
                    }
                    b => format!("%{b:02X}"),
                })
                .collect::<String>()
        };
        let once = percent(URL);
        let writings = [
            URL.to_owned(),
            URL.replace('&', "&amp;"),
            URL.replace('&', "&amp;amp;"),
            URL.replace('&', "&#38;"),
            URL.replace('&', "\\u0026").replace('=', "\\u003d"),
            URL.replace('&', "\\x26").replace('=', "\\x3d"),
            URL.replace('/', "\\/"),
            URL.replace('&', "\\\\u0026").replace('/', "\\\\\\/"),
            URL.replace('=', "=3D"),
            URL.replace('=', "=3D").replace("amazon", "ama=\r\nzon").replace("&y", "=\n&y"),
            URL.replace("amazon", "ama │\n│ zon").replace("&y", "│\r\n  │ &y"),
            once.clone(),
            percent(&once),
        ];
        for url in &writings {
            for (before, after) in [
                ("", ""),
                ("see ", "."),
                ("\"", "\""),
                ("x=\\\"", "\\\""),
                ("&quot;", "&quot;"),
                ("log\\n", "\\n"),
                ("<", "|file>"),
                ("(", ")"),
            ] {
                let text = format!("{before}{url}{after}");
                let Some(found) = read(&text, "Sig") else { panic!("{text}") };
                if text.contains("&quot;") && url.contains("%3") {
                    continue;
                }
                assert_eq!(found.bytes(), URL.as_bytes(), "{text}");
                assert_eq!(found.host(), "b.s3.amazonaws.com");
                assert_eq!((found.scheme().as_ref(), found.port()), ("https", Some(443)));
                assert_eq!(found.path(), b"/a%2Fb/c");
                assert_eq!(found.parameter("sig").unwrap().decoded(), b"a+b=");
                assert_eq!(&*found.parameter("y").unwrap().text(), "2");
                let span = found.span();
                assert_eq!(&text[span], url, "{text}");
            }
        }
    }

    #[test]
    fn a_url_may_lack_its_scheme_or_everything_but_its_query() {
        let found = read("TOKEN=db.acme.io:3306/?Action=connect&Sig=1", "Sig").unwrap();
        assert_eq!((found.host().as_str(), found.port()), ("db.acme.io", Some(3306)));
        assert_eq!(found.parameters().count(), 2);
        let found = read("query: \"a=1&Sig=2&b=3\"", "Sig").unwrap();
        assert_eq!((found.host().as_str(), found.parameters().count()), ("", 3));
        let found = read("QUERY_STRING=Sig=2&b=3", "Sig").unwrap();
        assert_eq!(&*found.parameter("b").unwrap().text(), "3");
        assert_eq!(found.span(), 13..22);
        let text = "Blob=https://a.b/;SAS=x=1&Sig=2%3D&b=3;End=4";
        let found = read(text, "Sig").unwrap();
        assert_eq!(&text[found.span()], "x=1&Sig=2%3D&b=3;End=4");
        assert_eq!(&*found.parameter("x").unwrap().text(), "1");
        assert_eq!(found.parameter_until("b", b";").unwrap().raw, b"3");
        let found = read("7,file,x=1&Sig=2,9", "Sig").unwrap();
        assert_eq!(&*found.parameter("x").unwrap().text(), "1");
        let found = read("Sig=ab==&b=3", "b=3").unwrap();
        assert_eq!(found.parameter("sig").unwrap().raw, b"ab==");
    }

    #[test]
    fn the_innermost_url_counts() {
        let found = read("https://a.b/c?next=https://d.e/f?Sig=1", "Sig").unwrap();
        assert_eq!((found.host().as_str(), found.path()), ("d.e", &b"/f"[..]));
        let found = read("https://a.b/c?next=https://d.e&Sig=1", "Sig").unwrap();
        assert_eq!((found.host().as_str(), found.path()), ("a.b", &b"/c"[..]));
    }

    #[test]
    fn a_list_is_taken_apart() {
        let text = "https://a.b/c?Sig=1&x=2,https://d.e/f?Sig=3&x=4;https://g.h/i?Sig=5\\nhttps://j.k/l?Sig=6";
        let found: Vec<_> = memchr::memmem::find_iter(text.as_bytes(), b"Sig")
            .map(|at| Located::around(text.as_bytes(), at, Writing::PLAIN).unwrap())
            .map(|l| String::from_utf8(l.bytes().to_vec()).unwrap())
            .collect();
        assert_eq!(
            found,
            [
                "https://a.b/c?Sig=1&x=2",
                "https://d.e/f?Sig=3&x=4",
                "https://g.h/i?Sig=5",
                "https://j.k/l?Sig=6"
            ]
        );
    }

    #[test]
    fn names_may_be_divided() {
        for text in [
            "https://a.b/c?Exp=3D1&Sig=\n=3Dab=\r\nc",
            "https://a.b/c?Exp=3D1&Si=\ng=3Dabc",
            "https://a.b/c?Exp=1&S │\n│ ig=abc",
        ] {
            for anchor in ["Exp", "&S"] {
                let at = text.find(anchor).unwrap() + usize::from(anchor.starts_with('&'));
                let writing = Writing::of(text.as_bytes(), at).unwrap();
                let found = Located::around(text.as_bytes(), at, writing).unwrap();
                assert_eq!(found.bytes(), b"https://a.b/c?Exp=1&Sig=abc", "{text}");
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for end in 0..URL.len() {
            for byte in [b'%', b'\\', b'?', b'&', b'=', b':', b'/', 0xe2, 0xff] {
                let mut text = URL.as_bytes().to_vec();
                text[end] = byte;
                for at in [0, end, text.len() / 2] {
                    if let Some(writing) = Writing::of(&text, at) {
                        let _ = Located::around(&text, at, writing);
                        let _ = Located::around(&text[..end.max(at)], at, writing);
                    }
                }
            }
        }
    }
}
