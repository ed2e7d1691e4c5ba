//! Oracle's EZConnect, `user/password@//host:1521/service`, and the same before a
//! descriptor, `user/password@(DESCRIPTION=…)`.
//!
//! The password may stand in double quotes. Source: Oracle Database Net Services
//! Administrator's Guide, "Understanding the Easy Connect naming method".

use super::literal::{self, Literal, Sign, Writing};
use super::{Finding, judge, servers};
use crate::candidate::Candidate;
use crate::database::kind;
use crate::database::server::Connection;
use crate::extract::{Extraction, Window};

/// The longest name of a user: 128 bytes since 12.2, 30 before.
const USER: usize = 128;
/// How far before the port a login begins.
const BEFORE: usize = 400;

pub(super) fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let before = window.before();
    let before = &before[before.len() - before.len().min(BEFORE)..];
    // Without an `@` and a slash before it there is no login.
    if memchr::memchr(b'/', before).is_none()
        || (text[window.hit_start] != b'@' && memchr::memchr(b'@', before).is_none())
    {
        return;
    }
    let line = memchr::memrchr(b'\n', before).map_or(before, |n| &before[n + 1..]);
    let quoted_printable = literal::is_soft(text, window.hit_start);
    let sign = Sign { percent: 0, quoted_printable };
    let line = if quoted_printable {
        literal::line_start(text, window.hit_start, true).max(window.hit_start - before.len())
    } else {
        window.hit_start - line.len()
    };
    // The nearest quotes may be the password's own.
    let mut at = window.hit_start;
    for _ in 0..6 {
        let writing = Writing::before(text, at, sign);
        if !writing.is_enclosed() {
            break;
        }
        let start = writing.start(text, at).max(line);
        if let Some(candidate) = read(window, &Literal::read(text, start, writing)) {
            return out.push(candidate);
        }
        if start <= line + 1 {
            break;
        }
        at = start - 1;
    }
    let candidate = read(window, &Literal::read(text, line, Writing::open(sign)));
    if let Some(candidate) = candidate {
        out.push(candidate);
    }
}

fn read(window: &Window<'_>, literal: &Literal) -> Option<Candidate> {
    let plain = literal.bytes.as_slice();
    // The colon's own escape begins before it.
    let slashes = window.before().iter().rev().take(8).take_while(|b| **b == b'\\').count();
    let from = window.hit_start - slashes;
    let hit = literal.index_of(from);
    if hit >= plain.len() || !(from..=window.hit_start).contains(&literal.place(hit..hit).start) {
        return None;
    }
    let at = if plain[hit] == b'@' { hit } else { memchr::memrchr(b'@', &plain[..hit])? };
    let head = &plain[..at];
    // A quoted password may hold anything; otherwise the login has no white space.
    let quoted = head.last() == Some(&b'"');
    let (password, user_end) = if quoted {
        let open = memchr::memrchr(b'"', &head[..at - 1])?;
        (open + 1..at - 1, open)
    } else {
        let word = head.iter().rposition(|b| b.is_ascii_whitespace()).map_or(0, |n| n + 1);
        let slash = memchr::memchr(b'/', &head[word..]).map(|n| word + n)?;
        (slash + 1..at, slash + 1)
    };
    let rest = head[..user_end].strip_suffix(b"/")?;
    let is_user =
        |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'#' | b'[' | b']');
    let len = rest.iter().rev().take(USER + 1).take_while(is_user).count();
    let user = rest.len() - len..rest.len();
    // What stands before the user ends something else; a URL's or a file's path is
    // no login.
    let begins = rest[..user.start]
        .last()
        .is_none_or(|b| matches!(b, b' ' | b'=' | b'"' | b'\'' | b'\t' | b'>' | b'('));
    let value = &plain[password.clone()];
    if len == 0 || len > USER || !begins || value.is_empty() {
        return None;
    }
    if !quoted && value.iter().any(|b| matches!(b, b'/' | b'<' | b'>' | b'(' | b')')) {
        return None;
    }
    let address = &plain[at + 1..];
    let descriptor = address.starts_with(b"(");
    let len = address
        .iter()
        .position(|b| {
            (b.is_ascii_whitespace() && !descriptor) || matches!(b, b'"' | b'\'' | b'`' | b';')
        })
        .unwrap_or(address.len());
    let address = std::str::from_utf8(&address[..len]).ok()?;
    let found = servers::read(address);
    if found.is_empty() {
        return None;
    }
    let name = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let database = if descriptor {
        let lower = address.to_ascii_lowercase().replace(' ', "");
        ["service_name=", "(sid="].iter().find_map(|k| {
            let rest = &lower[lower.find(k)? + k.len()..];
            rest.split(')').next().map(str::to_owned)
        })
    } else {
        let path = address.trim_start_matches('/');
        path.rsplit_once('/').map(|(_, s)| s.split(['?', ':']).next().unwrap_or(s).to_owned())
    };
    let connection = Connection {
        kind: Some(kind::ORACLE),
        servers: found,
        user: name(&plain[user.clone()]),
        database,
        ..Connection::default()
    };
    let verdict = judge(value, &connection);
    let finding = Finding {
        span: literal.place(user.clone()).start..literal.place(at..at + 1 + len).end,
        password: literal.place(password.clone()),
        value,
        user: Some(literal.place(user)),
        connection,
        verdict,
    };
    (!finding.password.is_empty()).then(|| finding.candidate(window))
}
