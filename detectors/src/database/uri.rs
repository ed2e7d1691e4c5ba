//! Connection URIs in text: where one begins and ends, however it is written down,
//! and what it says.
//!
//! A hit on (a piece of) the scheme is enough to read it. What its password is
//! worth, and what it means that there is none, is said elsewhere.

use std::cell::Cell;
use std::ops::Range;

use super::authority::Authority;
use super::kind;
use super::server::{Connection, Server};
use super::uri_scheme::Scheme;
use crate::assignment::name_before;
use crate::encoding::escaped::ends_with_escape;
use crate::extract::Window;
use crate::url::writing::{Plain, Writing, percent_decoded};

/// How far before the anchor a URI's scheme and the name that it is assigned to can
/// begin.
pub(super) const BEFORE: u32 = 192;

/// The longest URI that is read, as it is written: an IAM token of 2 KiB as its
/// password, percent-encoded twice.
pub(super) const AFTER: u32 = 8192;

/// How far before its port the URL of a database on the web can begin.
pub(super) const MAX_WEB: usize = 256;

/// The longest scheme behind the anchor: `+` and the name of a driver.
const MAX_DRIVER: usize = 24;

/// A URI with its writing undone.
pub(super) struct Uri {
    plain: Plain,
    /// The scheme's meaning.
    pub(super) scheme: Scheme,
    /// The scheme, as it stands there.
    pub(super) scheme_name: String,
    /// Where the scheme begins in the window.
    pub(super) start: usize,
    /// User, password, hosts.
    pub(super) authority: Authority,
    path: Range<usize>,
    parameters: Vec<(Range<usize>, Range<usize>)>,
    end: usize,
}

/// The place at which a URI's authority begins, told by little more than the bytes
/// next to the anchor.
pub(super) struct Beginning {
    name: Range<usize>,
    writing: Writing,
    authority: usize,
}

impl Beginning {
    /// Reads the rest of a scheme around the anchor and `://`. Costs little where
    /// there is none.
    pub(super) fn at(window: &Window<'_>) -> Option<Self> {
        let text = window.bytes;
        let in_scheme = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'-' | b'_');
        let most = text.len().min(window.hit_end + MAX_DRIVER);
        let rest = &text[window.hit_start..most];
        let mut name_end = window.hit_start + rest.iter().take_while(in_scheme).count();
        // `postgresql%2Basyncpg%3A//`
        for plus in [&b"%2B"[..], b"%2b", b"%252B", b"%252b"] {
            if text[name_end..].starts_with(plus) {
                let rest = &text[name_end + plus.len()..];
                name_end += plus.len() + rest.iter().take(MAX_DRIVER).take_while(in_scheme).count();
            }
        }
        // Most hits are words of a text.
        if !matches!(text.get(name_end), Some(b':' | b'\\' | b'%' | b'&' | b'=')) {
            return None;
        }
        let (writing, authority) = Writing::of_scheme(text, name_end)?;
        let before = &text[..window.hit_start];
        let len = before.iter().rev().take(16).take_while(in_scheme).count();
        let mut start = window.hit_start - len;
        // `\npostgres`, `%22postgres`, `\u0022postgres`, `=22postgres`.
        if len > 0 {
            let escape =
                (start + 1..=window.hit_start).rev().find(|at| ends_with_escape(&text[..*at]));
            start = escape.unwrap_or(start);
        }
        // A dash or an underline begins no scheme: `-redis://` is one behind a dash.
        while start < window.hit_start && !text[start].is_ascii_alphabetic() {
            start += 1;
        }
        Some(Self { name: start..name_end, writing, authority })
    }
}

impl Uri {
    /// Reads the URI that begins there. `None` if its scheme is none of ours or no
    /// host follows.
    pub(super) fn read(window: &Window<'_>, beginning: &Beginning) -> Option<Self> {
        let text = window.bytes;
        let written = std::str::from_utf8(&text[beginning.name.clone()]).ok()?;
        let name = if written.contains('%') {
            String::from_utf8(percent_decoded(&percent_decoded(written.as_bytes()))).ok()?
        } else {
            written.to_owned()
        };
        let (name, scheme) = match Scheme::named(&name) {
            Some(scheme) => (&*name, scheme),
            // `%253Dmysql%253A%252F%252F`
            None if beginning.writing.is_percent_encoded() => {
                let short =
                    std::str::from_utf8(&text[window.hit_start..beginning.name.end]).ok()?;
                (short, Scheme::named(short)?)
            }
            // `x-mysql://`
            None => {
                let short = name.rsplit(['-', '_']).next()?;
                (short, Scheme::named(short)?)
            }
        };
        let start = if written.contains('%') {
            beginning.name.start
        } else {
            beginning.name.end - name.len()
        };
        // JDBC has its own rules.
        let before = &text[..start];
        if [&b"jdbc:"[..], b"jdbc\\:", b"jdbc%3A", b"jdbc%3a", b"jdbc=3A", b"jdbc\\\\:"]
            .iter()
            .any(|p| before.ends_with(p) && !before.ends_with(b"r2dbc:"))
        {
            return None;
        }
        let mut writing = beginning.writing;
        let mut plain = characters(text, beginning.authority, writing);
        let read_end = plain.place(plain.bytes.len()..plain.bytes.len()).start;
        let refined = writing.refined(text, beginning.authority, read_end);
        if refined != writing {
            writing = refined;
            plain = characters(text, beginning.authority, writing);
        }
        let is_web = scheme.kind.name == kind::HTTP.name || name.contains("ssh");
        let authority = if is_web {
            Authority::cut_strictly(&plain.bytes)?
        } else {
            Authority::cut(&plain.bytes)?
        };
        let mut uri = Self {
            scheme,
            scheme_name: name.to_ascii_lowercase(),
            start,
            authority,
            path: 0..0,
            parameters: Vec::new(),
            end: 0,
            plain,
        };
        uri.split();
        Some(uri)
    }

    /// Finds the path, the parameters and the end behind the authority.
    fn split(&mut self) {
        let bytes = &self.plain.bytes;
        let from = self.authority.hosts.end;
        let stop = |b: &u8| matches!(b, b'\\' | b')' | b']' | b'}' | b'|' | b'"');
        let mut end = bytes[from..].iter().position(stop).map_or(bytes.len(), |at| from + at);
        while end > from && b".,;:!?*".contains(&bytes[end - 1]) {
            end -= 1;
        }
        self.end = end;
        let hash = memchr::memchr(b'#', &bytes[from..end]).map_or(end, |at| from + at);
        let mark = memchr::memchr(b'?', &bytes[from..hash]).map_or(hash, |at| from + at);
        if bytes.get(from) == Some(&b'/') && mark > from {
            self.path = from + 1..mark;
        }
        let mut at = (mark + 1).min(hash);
        for pair in bytes[at..hash].split(|b| matches!(b, b'&' | b';')).take(64) {
            if let Some(equals) = memchr::memchr(b'=', pair) {
                self.parameters.push((at..at + equals, at + equals + 1..at + pair.len()));
            }
            at += pair.len() + 1;
        }
    }

    /// The characters in that range.
    pub(super) fn raw(&self, range: &Range<usize>) -> &[u8] {
        &self.plain.bytes[range.clone()]
    }

    /// The characters in that range, percent-decoded.
    pub(super) fn decoded(&self, range: &Range<usize>) -> Vec<u8> {
        percent_decoded(self.raw(range))
    }

    /// The same as text.
    pub(super) fn text(&self, range: &Range<usize>) -> String {
        String::from_utf8_lossy(&self.decoded(range)).into_owned()
    }

    /// Where the characters stand in the window.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.plain.place(range.clone())
    }

    /// Everything, in the window.
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.place(&(0..self.end)).end.max(self.start)
    }

    /// The parameters: names in lower case, and where their values are.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (String, &Range<usize>)> {
        self.parameters.iter().map(|(name, value)| {
            (String::from_utf8_lossy(self.raw(name)).to_ascii_lowercase(), value)
        })
    }

    /// The value of the first parameter with one of these names.
    pub(super) fn parameter(&self, names: &[&str]) -> Option<&Range<usize>> {
        self.parameters().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value)
    }

    /// Whether the URI has a path that names something.
    pub(super) fn has_path(&self) -> bool {
        !self.path.is_empty()
    }

    /// What it tells about the server; `names` is the text before.
    pub(super) fn connection(&self, text: &[u8]) -> Connection {
        let plain = &self.plain.bytes;
        let mut servers = self.authority.servers(plain);
        if servers.iter().all(|s| s.host.is_empty())
            && let Some(host) = self.parameter(&["host", "hostaddr", "server", "unix_socket"])
        {
            let host = self.text(host);
            let port = self.parameter(&["port"]).and_then(|p| self.text(p).parse().ok());
            servers = host.split(',').map(|h| Server { host: h.to_owned(), port }).collect();
        }
        if self.scheme.kind == kind::SNOWFLAKE {
            for server in servers.iter_mut().filter(|s| !s.host.contains("snowflakecomputing")) {
                server.host.push_str(".snowflakecomputing.com");
            }
        }
        let user = self
            .authority
            .user
            .clone()
            .filter(|u| !u.is_empty())
            .or_else(|| self.parameter(&["user", "username", "uid", "u"]).cloned());
        let user = user.map(|u| self.text(&u));
        let port = servers.first().and_then(|s| s.port);
        let kind = self.scheme.over_http(port, user.as_deref()).unwrap_or(self.scheme.kind);
        let database = match self.parameter(&["database", "dbname", "db"]) {
            Some(named) => Some(self.text(named)),
            None if self.scheme.is_database && !self.path.is_empty() => Some(self.text(&self.path)),
            None => None,
        };
        let names = name_before(text, self.start)
            .map(|name| String::from_utf8_lossy(&text[name]).into_owned());
        Connection {
            kind: Some(kind),
            servers,
            user,
            database,
            tls: self.tls(),
            names: names.into_iter().collect(),
        }
    }

    fn tls(&self) -> Option<bool> {
        let named =
            ["sslmode", "ssl-mode", "ssl_mode", "ssl", "tls", "usessl", "encrypt", "secure"];
        let said = self.parameter(&named).and_then(|value| {
            match self.text(value).to_ascii_lowercase().as_str() {
                "disable" | "disabled" | "false" | "0" | "no" | "off" => Some(false),
                "allow" | "prefer" | "preferred" | "" => None,
                _ => Some(true),
            }
        });
        said.or(self.scheme.tls)
    }
}

/// The window moved back from a port or a user to the scheme of the web before it, if
/// one stands there and nothing that ends a URL between.
pub(super) fn web_scheme<'t>(window: &Window<'t>) -> Option<Window<'t>> {
    let before = window.before();
    let before = &before[before.len().saturating_sub(MAX_WEB)..];
    let at = memchr::memmem::rfind(before, b"http")?;
    let start = window.hit_start - before.len() + at;
    let between = &window.bytes[start..window.hit_start];
    if between.iter().any(|b| matches!(b, 0..=b' ' | b'"' | b'<' | b'>' | b'?')) {
        return None;
    }
    let mut moved = *window;
    moved.hit_start = start;
    moved.hit_end = start + 4 + usize::from(between.get(4) == Some(&b's'));
    Some(moved)
}

/// Reads the characters of a URI: up to white space, a quote, an angle bracket, or
/// the next URI.
fn characters(text: &[u8], from: usize, writing: Writing) -> Plain {
    let last = Cell::new([0u8; 2]);
    let second = Cell::new(false);
    let class = |byte: u8| {
        let [before, previous] = last.get();
        if [before, previous, byte] == *b"://" {
            second.set(true);
            return false;
        }
        last.set([previous, byte]);
        byte > b' ' && byte != 0x7f && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
    };
    let mut plain = Plain::default();
    plain.extend_while(text, from, writing, class);
    if second.get() {
        // Take `,redis:/` off again.
        let is_scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b':' | b'/');
        for _ in 0..2 {
            plain.pop_end();
        }
        let mut left = 32;
        while left > 0 && plain.bytes.last().is_some_and(|b| is_scheme(*b) && *b != b'/') {
            plain.pop_end();
            left -= 1;
        }
    }
    plain
}
