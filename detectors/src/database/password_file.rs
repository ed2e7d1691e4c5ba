//! Files that hold passwords for database clients.
//!
//! A line of `.pgpass` has five fields between colons, `host:port:database:user:
//! password`, with `*` for any of the first four and backslashes before colons and
//! backslashes (PostgreSQL documentation, "The Password File"). It has no name and
//! no prefix; what finds it is the port. A MySQL option file has its password in the
//! section `[client]` or that of a program (MySQL Reference Manual, "Using Option
//! Files"). `pg_service.conf`, `odbc.ini` and `redis.conf` name their settings and
//! are read by [`super::config`].
//!
//! Not read: `.mylogin.cnf`, which is binary, and lines with an unusual port.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::config::{complete, judged};
use super::server::{Connection, Server};
use super::{config_block, config_escape, config_literal, config_value, kind};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::grade::Severity;
use crate::placeholder::password::is_reference;
use crate::url::host;

/// The longest field of a line.
const FIELD: usize = 128;

/// Sections of option files that clients read.
const PROGRAMS: &[&str] = &[
    "client",
    "client-server",
    "client-mariadb",
    "clientroot",
    "clientbackup",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlimport",
    "mysqlcheck",
    "mysqlshow",
    "mysqlpump",
    "mysqlbinlog",
    "mariadb",
    "mariadb-client",
    "mariadb-dump",
];

pub(super) static PASSWORD_FILE: Detector = Detector {
    id: text("database-password-file"),
    title: text("Database password in a client's password file"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact(":5432:"),
        Anchor::exact(":5433:"),
        Anchor::exact(":5439:"),
        Anchor::exact(":6432:"),
        Anchor::exact(":6543:"),
        Anchor::exact(":25060:"),
        Anchor::exact(":26257:"),
        Anchor::exact("*:*:*:"),
        Anchor::exact(":*:*:"),
        Anchor::exact("[client"),
        Anchor::exact("[mysql"),
        Anchor::exact("[mariadb"),
    ])),
    reach: Reach::new(1100, 2400),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(complete),
    severity: Severity::Critical,
    remedy: text(
        "Set a new password for the user on the database server (ALTER USER …), write it to the \
         file of those who need it, readable by them alone, and look through the server's log for \
         connections from strange addresses.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("db.acme.io:5432:shop:shop_rw:x7Qp-2mVr9\n"),
            text("# replica\n10.0.3.7:5432:*:replicator:mK4vx\\:81Zt\n"),
            text("[client]\nuser = backup\npassword = \"hG72k#Lq0zX\"\nhost = 10.1.0.9\n"),
            text("echo 'pg.acme.io:5432:crm:crm:Tz81-kwPq' >> ~/.pgpass"),
        ]),
        refuted: Borrowed(&[
            (text("localhost:5432:mydb:me:changeme\n"), Reason::Placeholder),
            (text("db.example.com:5432:shop:shop:x7Qp-2mVr9\n"), Reason::Documentation),
        ]),
        unmatched: Borrowed(&[
            text("hostname:port:database:username:password"),
            text("ports:\n  - \"127.0.0.1:5432:5432\"\n"),
            text("db:5432:shop:user"),
            text("listening on 0.0.0.0:5432: address already in use"),
            text("[client]\nport = 3306\nsocket = /run/mysqld/mysqld.sock\n"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if window.bytes[window.hit_start] == b'[' {
        section(window, out);
    } else {
        line(window, out);
    }
}

/// Reads a field up to the next colon that is not escaped.
fn field(text: &[u8], start: usize) -> Option<Range<usize>> {
    let mut at = start;
    while at < text.len().min(start + FIELD) {
        match text[at] {
            b':' => return Some(start..at),
            b'\\' if matches!(text.get(at + 1), Some(b':' | b'\\')) => at += 2,
            b if b.is_ascii_whitespace() || b < b' ' => return None,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'(' | b')' | b'{' | b'}' => return None,
            _ => at += 1,
        }
    }
    None
}

/// One line of `.pgpass`.
fn line(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    // The host ends at the first colon of the anchor.
    let Some(colon) = memchr::memchr(b':', &text[window.hit()]) else { return };
    let colon = window.hit_start + colon;
    let is_host = |b: &u8| b.is_ascii_alphanumeric() || b".-_*/@".contains(b);
    let len = text[..colon].iter().rev().take(FIELD).take_while(|b| is_host(b)).count();
    let mut start = colon - len;
    if start > 0 && text[start - 1] == b'\\' && text.get(start) == Some(&b'n') {
        start += 1;
    }
    let server = &text[start..colon];
    let boundary = start == 0
        || text[start - 1] <= b' '
        || text[..start].ends_with(b"\xef\xbb\xbf")
        || matches!(text[start - 1], b'"' | b'\'' | b'`' | b'+' | b'n' | b'>' | b';' | b'|' | b'=');
    if !boundary || server != b"*" && !host::is_valid(server) && server.first() != Some(&b'/') {
        return;
    }
    let Some(port) = field(text, colon + 1) else { return };
    let Some(database) = field(text, port.end + 1) else { return };
    let Some(user) = field(text, database.end + 1) else { return };
    let wild = |r: &Range<usize>| &text[r.clone()] == b"*";
    let number = std::str::from_utf8(&text[port.clone()]).ok().and_then(|p| p.parse::<u16>().ok());
    let is_name = |r: &Range<usize>| {
        !r.is_empty() && text[r.clone()].iter().any(|b| b.is_ascii_alphabetic() || *b == b'*')
    };
    if number.is_none() && !wild(&port) || !is_name(&database) || !is_name(&user) || wild(&user) {
        return;
    }
    // In a query, the next parameter is no part of it.
    let end = if start > 0 && text[start - 1] == b'=' { b'&' } else { b'|' };
    let Some((password, value)) = password(text, user.end + 1, end) else { return };
    if value.len() < 3
        || is_reference(&value)
        || value.iter().all(u8::is_ascii_digit) && value.len() < 6
    {
        return;
    }
    let named = |r: &Range<usize>| {
        (!wild(r)).then(|| String::from_utf8_lossy(&text[r.clone()]).into_owned())
    };
    let mut connection = Connection {
        kind: Some(kind::POSTGRESQL),
        user: named(&user),
        database: named(&database),
        ..Connection::default()
    };
    if server != b"*" {
        connection
            .servers
            .push(Server { host: String::from_utf8_lossy(server).into_owned(), port: number });
    }
    let evidence = vec![Evidence::Parsed];
    let mut candidate = judged(window, password.clone(), &value, &connection, Some(user), evidence);
    candidate.span.start = window.range(start..start).start;
    out.push(candidate);
}

/// The last field: to the end of the line, or of the string that it stands in, or to a
/// character that ends it there.
fn password(text: &[u8], start: usize, end: u8) -> Option<(Range<usize>, Vec<u8>)> {
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    let mut value = Vec::new();
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => match text.get(at + 1) {
                Some(next @ (b':' | b'\\')) if !matches!(text.get(at + 2), Some(b'n')) => {
                    value.push(*next);
                    at += 2;
                    continue;
                }
                // `\\:` inside a JSON string.
                Some(b'\\') if text.get(at + 2) == Some(&b':') => {
                    value.push(b':');
                    at += 3;
                    continue;
                }
                _ => break,
            },
            b':' => return None,
            b if b.is_ascii_whitespace() || quote(*b) || matches!(*b, b'<' | b'|') || *b == end => {
                break;
            }
            // Something of another kind goes on behind it.
            0 | 1 => break,
            b if *b < b' ' => return None,
            b => value.push(*b),
        }
        at += 1;
        if value.len() > FIELD {
            return None;
        }
    }
    (at > start).then_some((start..at, value))
}

/// The section of a MySQL option file.
fn section(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let head = text[window.hit_end..].iter().take(24).position(|b| *b == b']');
    let Some(start) = head.map(|n| window.hit_end + n + 1) else { return };
    let title = &text[window.hit_start + 1..start - 1];
    if !PROGRAMS.iter().any(|p| p.as_bytes() == title) {
        return;
    }
    let rest = &text[start..text.len().min(start + 800)];
    // A line end, plain or escaped, and not the index of an array.
    if !matches!(rest.first(), Some(b'\n' | b'\r' | b'\\' | b' ')) {
        return;
    }
    let end = memchr::memmem::find(rest, b"\n[").or(memchr::memmem::find(rest, b"\\n["));
    let rest = &rest[..end.unwrap_or(rest.len())];
    let Some(found) = memchr::memmem::find(rest, b"password") else { return };
    let name = start + found..start + found + b"password".len();
    let before = text[name.start - 1];
    if !(before.is_ascii_whitespace() || before == b'n' || before == b'+') {
        return;
    }
    let Some(literal) = config_value::after(text, &name) else { return };
    let value = config_escape::decoded(text, &literal);
    if literal.sign != config_literal::Sign::Equals || value.len() < 3 || is_reference(&value) {
        return;
    }
    let mut block = config_block::read(text, &name, &literal, true);
    block.connection.kind = Some(kind::MYSQL);
    let evidence = vec![Evidence::KeyName, Evidence::NamedService];
    let mut candidate =
        judged(window, literal.range, &value, &block.connection, block.user, evidence);
    candidate.name = Some(window.range(name));
    out.push(candidate);
}

#[cfg(test)]
mod tests {
    use super::super::command::COMMAND;
    use super::*;
    use crate::reference;

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for detector in [&PASSWORD_FILE, &COMMAND] {
            let detectors = std::slice::from_ref(detector);
            for text in detector.examples.reported.iter() {
                for end in 0..text.len() {
                    reference::candidates(detectors, &text.as_bytes()[..end]);
                    for byte in [b'\\', b'"', b'&', b':', b'\n', b'-', 0xff, 0] {
                        let mut changed = text.as_bytes().to_vec();
                        changed[end] = byte;
                        reference::candidates(detectors, &changed);
                    }
                }
            }
            for unit in
                [":5432:", "*:*:*:", "[client]\n", "mysql -p", "curl -u a:", "identified by ' "]
            {
                reference::candidates(detectors, unit.repeat(20_000 / unit.len()).as_bytes());
            }
        }
    }
}
