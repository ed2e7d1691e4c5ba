//! Where the password of a connection string ends.
//!
//! People paste passwords raw, with every character that a URI gives a meaning, and
//! each client library cuts such strings in its own way: at the first `@`, at the
//! last one, at the first slash. What all of them agree on is that a list of hosts
//! follows the password. So the cut is made at the right-most `@` that a list of
//! hosts follows, unless an earlier one explains the rest better: as a path, a query
//! with an `@` in a value, a second address in the same line.
//!
//! Everything here works on characters with their writing undone (see
//! [`crate::url::writing`]) and leaves percent-encoding alone; whether a family
//! decodes it is for the family to say. Linear in the length of the text.
//!
//! Sources: RFC 3986 3.2; libpq `conninfo_uri_parse_options`; MongoDB connection
//! string specification; go-sql-driver/mysql `ParseDSN`.

use std::ops::Range;

use crate::database::server::Server;
use crate::url::host;
use crate::url::writing::percent_decoded;

/// The most hosts of one list.
const MAX_HOSTS: usize = 64;

/// A host of a list, with its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where the name or address stands; empty if none is named.
    pub(crate) host: Range<usize>,
    /// The port, if there is one.
    pub(crate) port: Option<u16>,
}

/// The hosts that a connection string names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hosts {
    /// They, in their order.
    pub(crate) places: Vec<Place>,
    /// Where the list ends.
    pub(crate) end: usize,
}

/// The part of a URI between `://` and the path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Authority {
    /// The user, up to the first colon; may be empty.
    pub(crate) user: Option<Range<usize>>,
    /// What is behind the colon; may be empty.
    pub(crate) password: Option<Range<usize>>,
    /// The hosts and where they end.
    pub(crate) hosts: Hosts,
}

impl Authority {
    /// Takes the authority at the start of `text` apart, which goes on to the end
    /// of the URI or beyond. Raw characters in the password are allowed for, slashes
    /// too. `None` if there is no list of hosts in it.
    pub(crate) fn cut(text: &[u8]) -> Option<Self> {
        let bare = Hosts::read(text, 0);
        if let Some(hosts) = &bare
            && is_explained(text, hosts.end)
        {
            return Some(Self { hosts: hosts.clone(), ..Self::default() });
        }
        let slash = memchr::memchr(b'/', text).unwrap_or(text.len());
        let users_end = users_end(text);
        let mut before_path: Option<(usize, Hosts)> = None;
        let mut last = None;
        for at in memchr::memchr_iter(b'@', text) {
            if at > users_end {
                break;
            }
            let Some(hosts) = Hosts::read(text, at + 1) else { continue };
            if is_explained(text, hosts.end) {
                return Some(Self::with(text, at, hosts));
            }
            if at < slash {
                before_path = Some((at, hosts));
            } else {
                last = Some((at, hosts));
            }
        }
        let chosen = match (before_path, last) {
            // `p@ss/word@db`: of two, the one that is more of an address.
            (Some(first), Some(second)) if !first.1.is_certain(text) => Some(second),
            (Some(first), _) => Some(first),
            (None, second) => second,
        };
        match chosen {
            Some((at, hosts)) => Some(Self::with(text, at, hosts)),
            None => bare.map(|hosts| Self { hosts, ..Self::default() }),
        }
    }

    /// Takes the authority at the start of `text` apart as the URL standard does:
    /// it ends before the first of `/`, `?` and `#`, and its last `@` divides it.
    pub(crate) fn cut_strictly(text: &[u8]) -> Option<Self> {
        let end = text.iter().position(|b| b"/?#\\".contains(b)).unwrap_or(text.len());
        match memchr::memrchr(b'@', &text[..end]) {
            Some(at) => Hosts::read(text, at + 1).map(|hosts| Self::with(text, at, hosts)),
            None => Hosts::read(text, 0).map(|hosts| Self { hosts, ..Self::default() }),
        }
    }

    /// With the user and the password before the `@` at `at`.
    fn with(text: &[u8], at: usize, hosts: Hosts) -> Self {
        let head = &text[..at];
        let colon = memchr::memchr(b':', head);
        Self {
            user: Some(0..colon.unwrap_or(at)),
            password: colon.map(|colon| colon + 1..at),
            hosts,
        }
    }

    /// The servers, their names percent-decoded.
    pub(crate) fn servers(&self, text: &[u8]) -> Vec<Server> {
        self.hosts.servers(text)
    }
}

impl Hosts {
    /// Reads a list of hosts at `from`, up to what ends one. `None` if there is
    /// none, or if what follows belongs to no URI.
    pub(crate) fn read(text: &[u8], from: usize) -> Option<Self> {
        let mut places = Vec::new();
        let mut end = from;
        while places.len() < MAX_HOSTS {
            // A comma behind the list may belong to the sentence.
            let Some((place, next)) = place(text, end) else { break };
            places.push(place);
            end = next;
            if text.get(end) != Some(&b',') {
                break;
            }
            end += 1;
        }
        if places.is_empty() {
            // `user:password@/name`: the server is the default or in the query.
            let name = text.get(from + 1);
            let goes_on = name.is_none_or(|b| b.is_ascii_alphanumeric() || b"_?%".contains(b));
            if text.get(from) != Some(&b'/') || !goes_on {
                return None;
            }
            return Some(Self { places: vec![Place { host: from..from, port: None }], end: from });
        }
        if end > from && text[end - 1] == b',' {
            end -= 1;
        }
        ends_authority(text, end).then_some(Self { places, end })
    }

    /// Whether this is the address of a server and hardly a piece of a password: it
    /// has a port, a domain, brackets, or is one of several.
    fn is_certain(&self, text: &[u8]) -> bool {
        self.places.len() > 1
            || self.places.iter().any(|p| {
                let host = &text[p.host.clone()];
                p.port.is_some()
                    || host == b"localhost"
                    || host.iter().any(|b| matches!(b, b'.' | b'[' | b'%' | b'('))
            })
    }

    /// The servers, their names percent-decoded.
    pub(crate) fn servers(&self, text: &[u8]) -> Vec<Server> {
        let decoded = |p: &Place| {
            let host = String::from_utf8_lossy(&percent_decoded(&text[p.host.clone()])).into();
            Server { host, port: p.port }
        };
        self.places.iter().map(decoded).collect()
    }
}

/// The first place at which an `@` no longer divides user and hosts: behind a path
/// or a query that no colon stands before.
fn users_end(text: &[u8]) -> usize {
    let first = text.iter().position(|b| matches!(b, b':' | b'/' | b'?' | b'#' | b','));
    first.filter(|at| text[*at] != b':').unwrap_or(text.len())
}

/// Whether a path and a query, or a path and the end, follow the hosts in such a
/// way that no `@` behind belongs to a password: `/name?key=`, `?key=`, `/name,`.
fn is_explained(text: &[u8], end: usize) -> bool {
    let name = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let len =
            rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.$%".contains(b)).count();
        from + len
    };
    let mut at = end;
    if text.get(at) == Some(&b'/') {
        at = name(at + 1);
        if matches!(text.get(at), Some(b',' | b';')) {
            return true;
        }
    }
    // The next line of a string.
    if matches!(text.get(at..at + 2), Some([b'\\', b'n' | b'r' | b't'])) {
        return true;
    }
    if text.get(at) != Some(&b'?') {
        return false;
    }
    let key = name(at + 1);
    key > at + 1 && text.get(key) == Some(&b'=')
}

/// Whether an authority may end at `end`: the end of the text, a path, a query, or
/// punctuation of the text around.
fn ends_authority(text: &[u8], end: usize) -> bool {
    match text.get(end) {
        None => true,
        Some(b':') => !text.get(end + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'@'),
        Some(b) => {
            matches!(
                b,
                b'/' | b'?'
                    | b'#'
                    | b';'
                    | b','
                    | b')'
                    | b']'
                    | b'}'
                    | b'|'
                    | b'\\'
                    | b'!'
                    | b'*'
                    | b'&'
                    | b'~'
            ) || *b >= 0x80
        }
    }
}

/// Reads one host and its port; gives where they end.
fn place(text: &[u8], from: usize) -> Option<(Place, usize)> {
    let rest = text.get(from..)?;
    let letters = rest.iter().take(12).take_while(|b| b.is_ascii_alphanumeric()).count();
    if letters > 0 && rest.get(letters) == Some(&b'(') {
        return within_protocol(text, from + letters);
    }
    let end = from + host_len(rest);
    let mut host = from..end;
    // The full stop of a sentence. A name may end with one, and its port follow.
    if text[host.clone()].ends_with(b".") && text.get(end) != Some(&b':') {
        host.end -= 1;
    }
    if !is_host(&text[host.clone()]) {
        return None;
    }
    match port(text, end)? {
        Some((port, next)) => Some((Place { host, port: Some(port) }, next)),
        None => Some((Place { host, port: None }, end)),
    }
}

/// Reads `(host:port)` or `(/path/of/socket)` behind the protocol's name, as Go's
/// drivers have it; `open` is where the parenthesis stands.
fn within_protocol(text: &[u8], open: usize) -> Option<(Place, usize)> {
    let inner = text[open + 1..].iter().take(256).position(|b| b"()@".contains(b))?;
    let close = open + 1 + inner;
    if text[close] != b')' || inner == 0 {
        return None;
    }
    if text[open + 1] == b'/' {
        return Some((Place { host: open + 1..close, port: None }, close + 1));
    }
    let end = open + 1 + host_len(&text[open + 1..close]);
    // `cloudsql(project:region:instance)` names no host.
    let (port, next) = match port(text, end) {
        Some(Some((port, next))) => (Some(port), next),
        _ => (None, end),
    };
    if next != close {
        return Some((Place { host: open + 1..close, port: None }, close + 1));
    }
    is_host(&text[open + 1..end]).then_some((Place { host: open + 1..end, port }, close + 1))
}

/// Reads `:port`. `None` if what follows the colon is no port; `Some(None)` if
/// there is no colon or nothing behind it.
#[expect(clippy::option_option, reason = "no port and a wrong one are not the same")]
fn port(text: &[u8], colon: usize) -> Option<Option<(u16, usize)>> {
    if text.get(colon) != Some(&b':') {
        return Some(None);
    }
    let rest = &text[colon + 1..];
    let digits = rest.iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return Some(None);
    }
    let port: u16 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let ends = !rest.get(digits).is_some_and(u8::is_ascii_alphanumeric);
    (ends && port > 0).then_some(Some((port, colon + 1 + digits)))
}

/// How many bytes at the start can write a host: an address in brackets, or a run
/// of the characters of names. A percent sign counts with two digits behind it.
fn host_len(rest: &[u8]) -> usize {
    if rest.first() == Some(&b'[') {
        return rest.iter().take(64).position(|b| *b == b']').map_or(0, |at| at + 1);
    }
    let mut len = 0;
    while len < 512 {
        len += match rest[len..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => 3,
            [b, ..] if b.is_ascii_alphanumeric() || b"-_.".contains(&b) => 1,
            [b, ..] if b >= 0x80 => match letter(&rest[len..]) {
                0 => break,
                bytes => bytes,
            },
            _ => break,
        };
    }
    len
}

/// The length of the letter at the start, which is none of ASCII; 0 if there is
/// none. A byte that begins no character of UTF-8 may be a letter of Latin-1.
fn letter(rest: &[u8]) -> usize {
    let is_latin = !matches!(rest.get(1), Some(0x80..=0xbf));
    if is_latin && rest.first().is_some_and(|b| *b >= 0xc0) {
        return 1;
    }
    (2..=4)
        .find_map(|len| std::str::from_utf8(rest.get(..len)?).ok())
        .filter(|s| s.chars().next().is_some_and(char::is_alphanumeric))
        .map_or(0, str::len)
}

/// Whether it is a host, or a percent-encoded path of a socket.
fn is_host(host: &[u8]) -> bool {
    let is_valid = |host: &[u8]| {
        host::is_valid(host)
            || (std::str::from_utf8(host).is_err() && {
                let latin: String = host.iter().map(|b| char::from(*b)).collect();
                host::is_valid(latin.as_bytes())
            })
    };
    if !host.contains(&b'%') || host.first() == Some(&b'[') {
        return is_valid(host);
    }
    let decoded = percent_decoded(host);
    decoded.first() == Some(&b'/') || is_valid(&decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pieces<'t> = (Option<&'t str>, Option<&'t str>, Vec<(&'t str, Option<u16>)>);

    /// User, password and hosts of the text, as text.
    fn cut(text: &str) -> Option<Pieces<'_>> {
        let found = Authority::cut(text.as_bytes())?;
        let hosts = found.hosts.places.iter().map(|p| (&text[p.host.clone()], p.port)).collect();
        Some((found.user.map(|r| &text[r]), found.password.map(|r| &text[r]), hosts))
    }

    #[test]
    fn hard_passwords_end_where_the_hosts_begin() {
        let cosmos = "C8tZx1q/Vb3+Kd==";
        for (text, user, password, host, port) in [
            ("u:p@h.io:5432/db", "u", "p", "h.io", Some(5432)),
            ("u:p@h/db", "u", "p", "h", None),
            ("u:p@h", "u", "p", "h", None),
            (":pw@cache:6379/0", "", "pw", "cache", Some(6379)),
            ("u:p@ss@h.io/db", "u", "p@ss", "h.io", None),
            ("u:p@@ss@h/db", "u", "p@@ss", "h", None),
            ("u:p@h1@h2/db", "u", "p@h1", "h2", None),
            ("u:a:b:c@h/db", "u", "a:b:c", "h", None),
            ("u:a/b@h.io/db", "u", "a/b", "h.io", None),
            ("u:a/b/c@h/db", "u", "a/b/c", "h", None),
            ("u:p@ss/w@db.io:1/x", "u", "p@ss/w", "db.io", Some(1)),
            ("u:a?b@h/db", "u", "a?b", "h", None),
            ("u:a#b@h/db", "u", "a#b", "h", None),
            ("u:a&b=c%d@h/db", "u", "a&b=c%d", "h", None),
            ("u:a%40b@h/db", "u", "a%40b", "h", None),
            ("u:a;b,c@h/db", "u", "a;b,c", "h", None),
            (
                "acct:C8tZx1q/Vb3+Kd==@acct.mongo.cosmos.azure.com:10255/?ssl=true",
                "acct",
                cosmos,
                "acct.mongo.cosmos.azure.com",
                Some(10255),
            ),
            ("u:p@h/db?replicaset=my@rs", "u", "p", "h", None),
            ("u:p@h?options=a@b.c", "u", "p", "h", None),
            ("u:p@h.io/db,root@acme.io", "u", "p", "h.io", None),
            ("u:p@h.io/db/x@y", "u", "p", "h.io", None),
            (
                "app@srv:pw@srv.postgres.database.azure.com/db",
                "app@srv",
                "pw",
                "srv.postgres.database.azure.com",
                None,
            ),
            ("app%40srv:pw@srv.io/db", "app%40srv", "pw", "srv.io", None),
            ("u:p@[2a01:4f8::1]:5432/db", "u", "p", "[2a01:4f8::1]", Some(5432)),
            ("u:p@[fe80::1%25eth0]/db", "u", "p", "[fe80::1%25eth0]", None),
            ("u:p@%2Fvar%2Frun%2Fpostgresql/db", "u", "p", "%2Fvar%2Frun%2Fpostgresql", None),
            ("u:p@bücher.de:3306/db", "u", "p", "bücher.de", Some(3306)),
            ("u:p@データ.jp/db", "u", "p", "データ.jp", None),
            ("u:p@xn--bcher-kva.de/db", "u", "p", "xn--bcher-kva.de", None),
            ("u:p@tcp(10.0.0.5:3306)/db?parseTime=true", "u", "p", "10.0.0.5", Some(3306)),
            ("u:p@ss@unix(/tmp/mysql.sock)/db", "u", "p@ss", "/tmp/mysql.sock", None),
            ("u:p@/db?host=/run", "u", "p", "", None),
            ("u:pÄß™@h/db", "u", "pÄß™", "h", None),
            ("u:@h/db", "u", "", "h", None),
            ("u:p@h.io.", "u", "p", "h.io", None),
            ("u:p@h.io)", "u", "p", "h.io", None),
            ("u:p@h.io;database=x", "u", "p", "h.io", None),
            ("u:p@h.io:/db", "u", "p", "h.io", None),
        ] {
            let (found, secret, hosts) = cut(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found, secret), (Some(user), Some(password)), "{text}");
            assert_eq!(hosts, [(host, port)], "{text}");
        }
    }

    #[test]
    fn lists_of_hosts() {
        for (text, hosts) in [
            ("u:p@a:1,b:2,c:3/db", vec![("a", Some(1)), ("b", Some(2)), ("c", Some(3))]),
            ("u:p@a,[::1]:2/?x=y", vec![("a", None), ("[::1]", Some(2))]),
            ("a.io,b.io:2", vec![("a.io", None), ("b.io", Some(2))]),
            ("u:p@a.io, and", vec![("a.io", None)]),
        ] {
            assert_eq!(cut(text).unwrap().2, hosts, "{text}");
        }
    }

    #[test]
    fn no_credentials() {
        for text in [
            "h.io:5432/db",
            "h.io/db?user=a@b.c&password=x",
            "h:5432/db?user=a@b.c",
            "h.io/a@b",
            "/db?host=h.io",
            "h.io?a=b:c@d",
            "[::1]/x",
        ] {
            let (user, password, hosts) = cut(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((user, password, hosts.len()), (None, None, 1), "{text}");
        }
        for (text, user) in [("token@h.io/x", "token"), ("@h", "")] {
            let (found, password, _) = cut(text).unwrap();
            assert_eq!((found, password), (Some(user), None), "{text}");
        }
    }

    #[test]
    fn what_has_no_hosts_is_none() {
        for text in [
            "",
            "@",
            "@@@@",
            ":",
            "u:p@",
            "u:p@:1",
            "u:p@h:0/db",
            "u:p@h:65536/",
            "u:p@h:x/",
            "u:p@-h/",
            "u:p@h..i/",
            "u:p@1.2.3/",
            "u:p@1.2.3.400/",
            "u:p@[::1",
            "u:p@[zz]/",
            "u:p@${HOST}/db",
            "u:p@{host}/db",
            "u:p@%s/db",
            "u:p@$HOST/db",
            "u:p@//x",
            "u:p@tcp(h",
            "u:p@tcp()",
        ] {
            assert_eq!(cut(text), None, "{text}");
        }
    }

    #[test]
    fn the_url_standard_ends_at_the_path() {
        let found = |text: &str| {
            let a = Authority::cut_strictly(text.as_bytes())?;
            Some((a.password.map(|r| text[r].to_owned()), a.hosts.end))
        };
        assert_eq!(found("u:p@h.io/o/r@v1"), Some((Some("p".into()), 8)));
        assert_eq!(found("u:p@ss@h/x"), Some((Some("p@ss".into()), 8)));
        assert_eq!(found("h.io/u:p@x"), Some((None, 4)));
        assert_eq!(found("h.io?u:p@x"), Some((None, 4)));
        assert_eq!(found("u:p@${X}/a@b"), None);
    }

    /// All places after an `@`, from the right; all ends; lists of one
    /// host. Only for text without slashes and question marks.
    fn naive(text: &str) -> Option<usize> {
        let is_place = |part: &str| match part.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                let port_fits = port.bytes().all(|b| b.is_ascii_digit())
                    && port.parse::<u16>().is_ok_and(|p| p > 0);
                host::is_valid(host.as_bytes()) && port_fits
            }
            _ => host::is_valid(part.as_bytes()),
        };
        let fits = |at: usize| {
            let rest = &text[at + 1..];
            at <= users_end(text.as_bytes())
                && (1..=rest.len()).any(|end| {
                    let ended = end == rest.len()
                        || match &rest.as_bytes()[end..] {
                            [b')', ..] => true,
                            [b':', next @ ..] => !next
                                .first()
                                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'@'),
                            _ => false,
                        };
                    ended && rest[..end].split(',').all(is_place)
                })
        };
        (0..text.len()).rev().find(|at| text.as_bytes()[*at] == b'@' && fits(*at))
    }

    /// Texts of these characters, a fixed stream of them.
    struct Stream(u64);

    impl Stream {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) as usize % bound
        }

        fn text(&mut self, alphabet: &[u8], most: usize) -> String {
            let len = self.below(most + 1);
            (0..len).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
        }
    }

    #[test]
    fn the_naive_rule_agrees() {
        let mut stream = Stream(7);
        for _ in 0..20_000 {
            let text = stream.text(b"abc1:@)-", 24);
            let found = Authority::cut(text.as_bytes());
            let end = found.and_then(|a| Some(a.password.or(a.user)?.end));
            assert_eq!(end, naive(&text), "{text}");
        }
    }

    #[test]
    fn a_password_is_cut_as_it_was_put_in() {
        let mut stream = Stream(3);
        let raw = b"abcXYZ019!$%&'*+-.:;=?^_|~#/@(){}[],";
        for _ in 0..20_000 {
            let password = format!("k{}", stream.text(raw, 16));
            let host = ["db.acme.io", "10.0.0.9", "[::1]", "localhost"][stream.below(4)];
            let tail = ["", "/", "/app", "/app?tls=true", "?a=b@c", "/app?a=b@c"][stream.below(6)];
            let text = format!("u:{password}@{host}:5432{tail}");
            // What follows an `@` inside must be no host, nor the start an address.
            let inner = |at: usize| Hosts::read(text.as_bytes(), at + 1).is_some();
            if password.match_indices('@').any(|(at, _)| inner(at + 2)) {
                continue;
            }
            let found = Authority::cut(text.as_bytes()).unwrap();
            assert_eq!(&text[found.password.unwrap()], password, "{text}");
            assert_eq!(found.hosts.places[0].port, Some(5432));
        }
    }

    #[test]
    fn any_bytes_are_no_trouble() {
        let mut stream = Stream(11);
        for _ in 0..5_000 {
            let text: Vec<u8> = (0..stream.below(80)).map(|_| stream.below(256) as u8).collect();
            let _ = Authority::cut(&text);
            let _ = Authority::cut_strictly(&text);
        }
    }

    #[test]
    fn megabytes_of_near_matches_are_no_trouble() {
        for unit in ["@", "u:p@", "a,", "@a:", "%2F", "/@", "@tcp(", "@[", "é", "@a.b,c?d="] {
            let text = unit.repeat(1_000_000 / unit.len());
            let _ = Authority::cut(text.as_bytes());
            let _ = Authority::cut_strictly(text.as_bytes());
        }
    }
}
