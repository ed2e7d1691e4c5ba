//! The data source names of Go's MySQL driver: `user:pass@tcp(host:3306)/db?tls=…`.
//!
//! The password is raw: it ends at the last `@` before the address and begins behind
//! the first colon. Source: go-sql-driver/mysql, README and `ParseDSN`.

use super::literal::{self, Literal, Sign, Writing};
use super::{Finding, judge, servers, tls};
use crate::database::kind;
use crate::database::server::{Connection, Server};
use crate::extract::{Extraction, Window};

/// The longest name of a user.
const USER: usize = 80;
/// How far before the address the user is looked for, and how far behind the
/// parenthesis the string is read: it is short, however long its literal is.
const BEFORE: usize = 512;
const AFTER: usize = 768;

pub(super) fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    if !window.before().last().is_some_and(|b| b.is_ascii_graphic() && *b != b'"' && *b != b'\'') {
        return;
    }
    let quoted_printable = literal::is_soft(text, window.hit_start);
    let sign = Sign { percent: 0, quoted_printable };
    let writing = Writing::before(text, window.hit_start, sign);
    let begins = writing.start(text, window.hit_start);
    let start = begins.max(window.hit_start.saturating_sub(BEFORE));
    let text = &text[..text.len().min(window.hit_end + AFTER)];
    let literal = Literal::read(text, start, writing);
    let plain = literal.bytes.as_slice();
    let at = literal.index_of(window.hit_start);
    if plain.get(at) != Some(&b'@') {
        return;
    }
    let head = &plain[..at];
    let mut from = head.iter().rposition(|b| b.is_ascii_whitespace()).map_or(0, |n| n + 1);
    let Some(colon) = memchr::memchr(b':', &head[from..]).map(|n| from + n) else { return };
    // The name that an open string is assigned to, and a scheme that some put before.
    let mut colon = colon;
    if head[colon..].starts_with(b"://") {
        from = colon + 3;
        let Some(next) = memchr::memchr(b':', &head[from..]) else { return };
        colon = from + next;
    }
    if let Some(sign) = memchr::memrchr(b'=', &head[from..colon]) {
        from += sign + 1;
    }
    // The user begins before what was read.
    if from == 0 && start > begins {
        return;
    }
    let user = from..colon;
    let password = colon + 1..at;
    let is_user = |b: &u8| b.is_ascii_graphic() && !b"/()<>,;".contains(b) || *b >= 0x80;
    if user.len() > USER || !plain[user.clone()].iter().all(is_user) || password.is_empty() {
        return;
    }
    let open = at + (window.hit_end - window.hit_start);
    let Some(tail) = plain.get(open..) else { return };
    let Some(close) = memchr::memchr(b')', tail) else { return };
    let Ok(address) = std::str::from_utf8(&tail[..close]) else { return };
    let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let mut connection = Connection {
        kind: Some(kind::MYSQL),
        user: name(&plain[user.clone()]),
        ..Connection::default()
    };
    connection.servers.push(match servers::one(address) {
        Some(server) => server,
        None if address.starts_with('/') => Server { host: address.into(), port: None },
        // A format's verb or a template stands for the address.
        None => Server { host: String::new(), port: None },
    });
    let rest = &tail[close + 1..];
    if let Some(rest) = rest.strip_prefix(b"/") {
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$' | b'.');
        let len = rest.iter().take(64).take_while(is_name).count();
        connection.database = name(&rest[..len]);
        connection.tls = parameter(&rest[len..], "tls").and_then(|v| tls(&v));
    }
    let value = &plain[password.clone()];
    let verdict = judge(value, &connection);
    let end = literal.place(open + close..open + close + 1).end;
    let finding = Finding {
        span: literal.place(user.clone()).start.min(literal.place(password.clone()).start)..end,
        password: literal.place(password.clone()),
        value,
        user: Some(literal.place(user)),
        connection,
        verdict,
    };
    if !finding.password.is_empty() {
        out.push(finding.candidate(window));
    }
}

/// The value of a parameter in a query.
fn parameter(query: &[u8], name: &str) -> Option<String> {
    let query = std::str::from_utf8(&query[..query.len().min(512)]).ok()?;
    let query = query.strip_prefix('?')?;
    query.split(['&', '"', ' ']).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}
