//! Strings of keys and values that open a database: ADO.NET and OLE DB, ODBC,
//! libpq, StackExchange.Redis, the Go driver of MySQL, Oracle's EZConnect.
//!
//! A password by itself is no connection string: another key of the same string
//! has to name a server, a database or a driver. Bare settings (`password=…` in a
//! file of settings) are `database-config`'s, URIs `database-uri`'s, JDBC URLs
//! [`super::jdbc`]'s.

mod easy_connect;
mod go_mysql;
mod keys;
pub(super) mod literal;
mod pairs;
pub(super) mod servers;

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use self::keys::Key;
use self::literal::{Literal, Sign, Writing};
use self::pairs::Pair;
use super::kind::{self, Kind};
use super::server::Connection;
use crate::assignment;
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::soft::Joined;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::password;
use crate::url::host::HostClass;

/// How far a string is read before its password.
const BEFORE: usize = 1024;
/// How far behind it.
const AFTER: usize = 1024;

/// How far around the anchor lines that a mail broke are joined.
const JOINED: usize = 400;

/// How many delimiters before the password are tried as the string's beginning:
/// those nearer to it may quote values.
const TRIES: usize = 12;

/// How many passwords one line may have. More is a dump or made to cost time.
const MAX_PASSWORDS: usize = 8;

/// The anchors of a name that quoted-printable broke: before its last two letters,
/// or before its last.
const BROKEN: u16 = 5;
const BROKEN_LATE: u16 = 6;
/// The first anchor that is of the Go driver, and of EZConnect.
const GO_MYSQL: u16 = 10;
const EASY_CONNECT: u16 = 13;

pub(super) static STRING: Detector = Detector {
    id: text("database-connection-string"),
    title: text("database connection string"),
    provider: text("database"),
    tags: Borrowed(&[text("database")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("password"),
        Anchor::any_case("pwd="),
        Anchor::any_case("pwd%3d"),
        Anchor::any_case("pwd\\"),
        Anchor::any_case(";pwd "),
        Anchor::any_case("rd=3d"),
        Anchor::any_case("=\nd=3d"),
        Anchor::any_case("\r\nd=3d"),
        // Properties put a backslash before the sign.
        Anchor::any_case("=\nd\\=3d"),
        Anchor::any_case("rd\\=3d"),
        Anchor::exact("@tcp("),
        Anchor::exact("@unix("),
        Anchor::exact("@cloudsql("),
        Anchor::exact(":1521/"),
        Anchor::exact(":1521:"),
        Anchor::exact(":1521\\"),
        Anchor::any_case("@(description"),
    ])),
    reach: Reach::new(BEFORE as u32, AFTER as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Critical,
    remedy: text(
        "Change the password of this database user, then look at the server's log for sessions that \
         are not yours. Close the port to the public, and give programs their password through a \
         secret store or use identities without one.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/ado_net.txt")),
            text(include_str!("../examples/ado_net_config.txt")),
            text(include_str!("../examples/odbc_encoded.txt")),
            text(include_str!("../examples/libpq.txt")),
            text(include_str!("../examples/stackexchange_redis.txt")),
            text(include_str!("../examples/go_mysql.txt")),
            text(include_str!("../examples/easy_connect.txt")),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "Server=tcp:shop.database.windows.net,1433;Initial Catalog=shop;User ID=app;\
                     Password={your_password};Encrypt=True;",
                ),
                Reason::Placeholder,
            ),
            (
                text(
                    "Data Source=db.fernhill.io;Initial Catalog=x;Integrated Security=SSPI;\
                     Password=kV93hfQm;",
                ),
                Reason::NoSecret,
            ),
            (
                text("host=db.example.com dbname=app user=app password=kV93hfQm"),
                Reason::Documentation,
            ),
            (text("root:password@tcp(127.0.0.1:3306)/shop"), Reason::Placeholder),
        ]),
        unmatched: Borrowed(&[
            text("password=kV93hfQm"),
            text("the password = what you chose"),
            text("user=app password=kV93hfQm"),
            text("\"Server=db.fernhill.io;Password=\" + password + \";User ID=app\""),
            text("https://db.fernhill.io/?user=app&password=kV93hfQm"),
            text("connect(host=h, user=u, port=5, password=args.db_password1)"),
        ]),
    },
};

/// Reads a string as it stands, and where that gives nothing, with the lines joined
/// that a mail broke.
fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let mut found = Vec::new();
    read(window, &mut Extraction::new(0, &mut found));
    if found.is_empty()
        && let Some(joined) = Joined::of(window, JOINED)
    {
        read(&joined.window(), &mut Extraction::new(0, &mut found));
        found.iter_mut().for_each(|candidate| joined.restore(candidate, window));
    }
    for candidate in found {
        out.push(candidate);
    }
}

fn read(window: &Window<'_>, out: &mut Extraction<'_>) {
    match window.anchor {
        EASY_CONNECT.. => easy_connect::parse(window, out),
        GO_MYSQL.. => go_mysql::parse(window, out),
        _ => keyed(window, out),
    }
}

/// A password among keys and values.
fn keyed(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    // First what tells nearly all ordinary text apart: the byte before the name
    // and the sign behind it.
    let before = window.before();
    if !(BROKEN..GO_MYSQL).contains(&window.anchor)
        && !before.last().is_none_or(|b| may_precede(*b))
    {
        return;
    }
    let Some(name) = name(window) else { return };
    let Some(mut sign) = Sign::at(&text[name.end..]) else { return };
    sign.quoted_printable |= literal::is_soft(text, name.start);
    // The other keys of the string stand on the same line.
    let line = literal::line_start(text, name.start, sign.quoted_printable);
    let head = &text[line..name.start];
    let mark = match text.get(name.end) {
        Some(mark @ (b'\\' | b'&' | b'%')) => *mark,
        _ => b'=',
    };
    let tail = &text[name.end..];
    let tail = &tail[..memchr::memchr(b'\n', tail).unwrap_or(tail.len())];
    let signs =
        memchr::memchr(mark, head).is_some() || memchr::memchr_iter(mark, tail).nth(1).is_some();
    let commas = before.last() == Some(&b',');
    if !signs && !commas && !sign.quoted_printable {
        return;
    }
    let others = memchr::memmem::find_iter(head, &text[name.clone()]).take(MAX_PASSWORDS).count();
    if others == MAX_PASSWORDS {
        return;
    }
    let mut at = name.start;
    for _ in 0..TRIES {
        let writing = Writing::before(text, at, sign);
        let start = writing.start(text, at).max(line);
        let literal = Literal::read(text, start, writing);
        let hit = literal.index_of(name.start);
        let holds = literal.place(hit..hit).start == name.start && hit < literal.bytes.len();
        if holds && let Some(login) = Login::read(&literal, hit) {
            return push(window, out, &literal, start, login);
        }
        // Code puts the value together: what stands behind the quote is no value.
        let rest = literal.bytes.get(hit + name.len()..).unwrap_or_default().trim_ascii();
        if holds && writing.is_enclosed() && matches!(rest, b"=" | b"='" | b"=\"" | b"={") {
            return;
        }
        // An earlier delimiter may be the string's, and this one that of a value.
        if !writing.is_enclosed() || start <= line {
            break;
        }
        at = start - 1;
        if at <= line {
            break;
        }
    }
    // No delimiter belongs to the string.
    let writing = Writing::open(sign);
    let literal = Literal::read(text, line, writing);
    let hit = literal.index_of(name.start);
    if literal.place(hit..hit).start == name.start
        && let Some(login) = Login::read(&literal, hit)
    {
        push(window, out, &literal, line, login);
    }
}

/// Where the name of the password stands that the anchor is or ends.
fn name(window: &Window<'_>) -> Option<Range<usize>> {
    let start = window.hit_start;
    match window.anchor {
        0 => Some(start..start + 8),
        4 => Some(start + 1..start + 4),
        BROKEN..GO_MYSQL => {
            // `passwo`, with a soft break somewhere in it or behind it; or all of
            // `passwor`, and the break behind it.
            let anchor = &window.bytes[window.hit()];
            let last = anchor.iter().position(|b| b.eq_ignore_ascii_case(&b'd'))?;
            let end = start + last + 1;
            let late = window.anchor >= BROKEN_LATE && !anchor[0].eq_ignore_ascii_case(&b'r');
            let mut at = if late { end - 1 } else { start };
            let rest: &[u8] = if late { b"rowssap" } else { b"owssap" };
            for byte in rest {
                for soft in [&b"=\n"[..], b"=\r\n"] {
                    at -= if window.bytes[..at].ends_with(soft) { soft.len() } else { 0 };
                }
                at = at.checked_sub(1).filter(|a| window.bytes[*a].eq_ignore_ascii_case(byte))?;
            }
            (end - at > 8).then_some(at..end)
        }
        _ => Some(start..start + 3),
    }
}

/// Whether the byte may stand before a key: a separator, a quote, or the end of an
/// escape that writes one.
fn may_precede(byte: u8) -> bool {
    matches!(
        byte,
        b';' | b' '
            | b'"'
            | b'\''
            | b'`'
            | b','
            | b'\t'
            | b'\n'
            | b'>'
            | b'('
            | b'+'
            | b'B'
            | b'b'
            | b'0'
            | b'2'
    )
}

/// What a string says, with places in its plain characters.
struct Login {
    connection: Connection,
    user: Option<Range<usize>>,
    password: Range<usize>,
    value: Vec<u8>,
    /// The operating system's user is trusted.
    integrated: bool,
    /// The value stands in braces and may be a name in a template.
    braced: bool,
}

impl Login {
    /// The login whose password's name starts at `hit`.
    fn read(literal: &Literal, hit: usize) -> Option<Self> {
        let text = literal.bytes.as_slice();
        if is_url(&text[..hit]) {
            return None;
        }
        if text[..hit].last() == Some(&b',')
            && let Some(found) = Self::redis(text, hit)
        {
            return Some(found);
        }
        let pairs = pairs::semicolons(text, literal.enclosed);
        if let Some(found) = Self::of(&pairs, hit, None) {
            return Some(found);
        }
        let pairs = pairs::words(text);
        // A line of settings names a user or a host in other ways as well; these
        // two are what libpq cannot do without.
        let libpq = pairs.iter().any(|p| matches!(p.key, Key::Host | Key::Database | Key::Alias))
            && pairs.iter().filter(|p| p.key != Key::Other).count() > 2
            // The arguments of a call: `host=h, user=u, password=args.p)`.
            && !pairs.iter().any(|p| p.value.ends_with(b","));
        if libpq { Self::of(&pairs, hit, Some(kind::POSTGRESQL)) } else { None }
    }

    fn of(pairs: &[Pair], hit: usize, kind: Option<Kind>) -> Option<Self> {
        // The last one of a name counts.
        let password = pairs.iter().rfind(|p| p.key == Key::Password)?;
        if !(password.start..password.range.start).contains(&hit) || password.value.is_empty() {
            return None;
        }
        let last = |key: Key| pairs.iter().rfind(|p| p.key == key && !p.value.is_empty());
        let text = |key: Key| last(key).and_then(|p| String::from_utf8(p.value.clone()).ok());
        let opens = [Key::Host, Key::Database, Key::Driver, Key::Alias];
        if !opens.iter().any(|k| last(*k).is_some()) {
            return None;
        }
        let mut connection = Connection { user: text(Key::User), ..Connection::default() };
        connection.servers = text(Key::Host).map(|h| servers::read(&h)).unwrap_or_default();
        let port = text(Key::Port);
        let ports: Vec<u16> =
            port.iter().flat_map(|p| p.split(',')).filter_map(|p| p.trim().parse().ok()).collect();
        for (i, server) in connection.servers.iter_mut().enumerate() {
            server.port = server.port.or(ports.get(i).or(ports.last()).copied());
        }
        connection.database = text(Key::Database);
        connection.tls = text(Key::Tls).and_then(|v| tls(&v));
        connection.kind = kind.or_else(|| kind_of(pairs, &connection, text(Key::Driver)));
        let integrated = text(Key::Integrated)
            .is_some_and(|v| ["true", "yes", "sspi"].contains(&v.to_ascii_lowercase().as_str()));
        Some(Self {
            connection,
            user: last(Key::User).map(|p| p.range.clone()),
            password: password.range.clone(),
            value: password.value.clone(),
            integrated,
            braced: password.braced,
        })
    }

    /// `host:6380,password=…,ssl=True`.
    fn redis(text: &[u8], hit: usize) -> Option<Self> {
        let (endpoints, pairs) = pairs::commas(text, hit)?;
        let password = pairs.iter().find(|p| p.start == hit && !p.value.is_empty())?;
        let mut connection = Connection { kind: Some(kind::REDIS), ..Connection::default() };
        for endpoint in endpoints {
            let endpoint = std::str::from_utf8(&text[endpoint]).ok()?;
            connection.servers.push(servers::one(endpoint)?);
        }
        // A list of words is no configuration: its first item has a port, or a name
        // that only hosts have.
        let first = connection.servers.first()?;
        if first.port.is_none() && !first.host.contains('.') && first.host != "localhost" {
            return None;
        }
        let find = |key: Key| pairs.iter().find(|p| p.key == key);
        connection.tls =
            find(Key::Tls).and_then(|p| std::str::from_utf8(&p.value).ok()).and_then(tls);
        let user = find(Key::User);
        connection.user = user.and_then(|p| String::from_utf8(p.value.clone()).ok());
        Some(Self {
            connection,
            user: user.map(|p| p.range.clone()),
            password: password.range.clone(),
            value: password.value.clone(),
            integrated: false,
            braced: false,
        })
    }
}

/// Whether the text goes on with what stands in the query of a URL.
fn is_url(before: &[u8]) -> bool {
    before.last().is_some_and(|b| matches!(b, b'?' | b'&'))
        || memchr::memmem::find(before, b"jdbc:").is_some()
}

/// Whether a value of `Encrypt`, `sslmode` and the like encrypts.
pub(super) fn tls(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "require" | "required" | "verify-ca" | "verify-full" | "strict"
        | "mandatory" | "verifyca" | "verifyfull" | "skip-verify" | "on" => Some(true),
        "false" | "no" | "0" | "disable" | "disabled" | "none" | "optional" | "off" => Some(false),
        _ => None,
    }
}

/// Guesses the kind of database from the driver, the host, and what only one
/// driver's strings say.
fn kind_of(pairs: &[Pair], connection: &Connection, driver: Option<String>) -> Option<Kind> {
    let first = connection.servers.first();
    driver
        .and_then(|d| keys::driven(&d))
        .or_else(|| first.and_then(|s| keys::known_for(&s.host, s.port)))
        .or_else(|| {
            let sql_server = pairs.iter().any(|p| {
                matches!(p.key, Key::Integrated)
                    || (p.key == Key::Database && p.range.start - p.start >= 15)
            });
            sql_server.then_some(kind::SQLSERVER)
        })
}

/// Judges a password and its server as every kind of connection string does.
pub(super) fn judge(value: &[u8], connection: &Connection) -> Verdict {
    let names: Vec<&[u8]> = [&connection.user, &connection.database]
        .into_iter()
        .flatten()
        .map(|n| n.as_bytes())
        .collect();
    if let Some(reason) = password::refusal(value, &names) {
        return Verdict::Refuted(reason);
    }
    let documented =
        !connection.servers.is_empty() && connection.host_class() == HostClass::Documentation;
    if documented { Verdict::Refuted(Reason::Documentation) } else { Verdict::Supported }
}

/// A password that was read from a connection string, as a candidate.
pub(super) struct Finding<'a> {
    /// Everything it was read from.
    pub(super) span: Range<usize>,
    /// Where the password stands.
    pub(super) password: Range<usize>,
    /// The password.
    pub(super) value: &'a [u8],
    /// Where the user's name stands.
    pub(super) user: Option<Range<usize>>,
    /// What else is known.
    pub(super) connection: Connection,
    /// What it says of itself.
    pub(super) verdict: Verdict,
}

impl Finding<'_> {
    /// The candidate. Empty names of users are no parts.
    pub(super) fn candidate(mut self, window: &Window<'_>) -> Candidate {
        let text = window.bytes;
        if let Some(name) = assignment::name_before(text, self.span.start)
            && let Ok(name) = std::str::from_utf8(&text[name])
        {
            self.connection.names.push(name.to_owned());
        }
        let mut candidate = Candidate::new(Role::Password, window.range(self.password.clone()));
        candidate.span = window
            .range(self.span.start.min(self.password.start)..self.span.end.max(self.password.end));
        if text[self.password.clone()] != *self.value {
            candidate.decoded = Some(self.value.into());
        }
        if let Some(user) = self.user.filter(|u| !u.is_empty()) {
            candidate.parts.push(Part {
                role: Role::UserName,
                range: window.range(user),
                decoded: self.connection.user.as_deref().map(|u| u.as_bytes().into()),
            });
        }
        candidate.verdict = self.verdict;
        candidate.evidence.push(Evidence::Parsed);
        candidate.facts = self.connection.facts();
        if password::is_weak(self.value) {
            candidate.facts.add(Fact::WeakPassword(true));
        }
        candidate
    }
}

/// Whether a value in braces is the name of one: a word in one case, or one that
/// says what it stands for.
fn is_name(value: &[u8]) -> bool {
    let word = |b: &u8| {
        b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']' | b'(' | b')')
    };
    let lower = !value.iter().any(u8::is_ascii_uppercase);
    let upper = !value.iter().any(u8::is_ascii_lowercase);
    let telling = ["pass", "pwd", "secret", "config"]
        .iter()
        .any(|w| crate::placeholder::contains_ignore_case(value, w.as_bytes()));
    value.iter().all(word) && (lower || upper || telling)
}

fn push(
    window: &Window<'_>,
    out: &mut Extraction<'_>,
    literal: &Literal,
    start: usize,
    login: Login,
) {
    let verdict = if login.integrated {
        Verdict::Refuted(Reason::NoSecret)
    } else if login.braced && (is_name(&login.value) || login.value.iter().all(u8::is_ascii_digit))
    {
        Verdict::Refuted(Reason::Placeholder)
    } else {
        judge(&login.value, &login.connection)
    };
    let password = literal.place(login.password.clone());
    if password.is_empty() {
        return;
    }
    let finding = Finding {
        span: start.min(password.start)..password.end,
        password,
        value: &login.value,
        user: login.user.map(|u| literal.place(u)),
        connection: login.connection,
        verdict,
    };
    out.push(finding.candidate(window));
}

#[cfg(test)]
mod tests;
