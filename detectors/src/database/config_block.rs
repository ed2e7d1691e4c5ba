//! What stands beside a password: the other settings of its block.
//!
//! A block is what a pair of brackets, a section, an indentation or a paragraph
//! holds together. It is read with the escapes of the text around it undone, so
//! that a configuration inside a JSON string reads like one in a file.

use std::borrow::Cow;
use std::ops::Range;

use super::config_escape;
use super::config_literal::{Literal, Quote, Sign};
use super::config_name::{Head, Setting, Words, database_in, database_word, kind_of, setting};
use super::config_value;
use super::kind::{self, Kind};
use super::server::{Connection, Server};
use crate::assignment::is_name;
use crate::encoding::escaped;
use crate::placeholder::password::is_reference;
use crate::url::host;

/// How far on each side of a password its block may reach.
pub(super) const REACH: usize = 1024;
/// The most settings of a block that are read on each side.
const SETTINGS: usize = 24;
/// The most passwords of a block that are passed.
const PASSWORDS: usize = 4;

/// Text with the escapes of the strings around it undone.
struct Unescaped<'t> {
    bytes: Cow<'t, [u8]>,
    /// Where it starts in the text.
    start: usize,
    /// Where each character starts in the text, and where the last ends; empty if
    /// nothing was escaped. Then they stand one behind the other.
    at: Vec<u32>,
}

impl<'t> Unescaped<'t> {
    fn of(text: &'t [u8], range: Range<usize>, literal: &Literal) -> Self {
        let start = range.start;
        let raw = &text[range.clone()];
        // Most text is as it is written, and a file of passwords is read once for
        // each of them.
        if literal.layers == 0 && !literal.quoted_printable && memchr::memchr(b'&', raw).is_none() {
            return Self { bytes: Cow::Borrowed(raw), start, at: Vec::new() };
        }
        let mut bytes = Vec::with_capacity(range.len());
        let mut places = Vec::with_capacity(range.len() + 1);
        let mut push = |byte: u8, at: usize| {
            bytes.push(byte);
            places.push(at as u32);
        };
        let mut at = range.start;
        while at < range.end {
            let Some((byte, next)) = character(text, at, literal.layers) else { break };
            if literal.quoted_printable && byte == b'=' {
                let digit = |i: usize| text.get(at + i).and_then(|b| char::from(*b).to_digit(16));
                if let (Some(high), Some(low)) = (digit(1), digit(2)) {
                    push((high << 4 | low) as u8, at);
                    at += 3;
                    continue;
                }
                if text.get(at + 1) == Some(&b'\n') {
                    at += 2;
                    continue;
                }
            }
            push(byte, at);
            at = next;
        }
        places.push(range.end as u32);
        Self { bytes: Cow::Owned(bytes), start, at: places }
    }

    fn index(&self, place: usize) -> usize {
        let index = match self.bytes {
            Cow::Borrowed(_) => place.saturating_sub(self.start),
            Cow::Owned(_) => self.at.partition_point(|a| (*a as usize) < place),
        };
        index.min(self.bytes.len())
    }

    fn place(&self, range: &Range<usize>) -> Range<usize> {
        match self.bytes {
            Cow::Borrowed(_) => self.start + range.start..self.start + range.end,
            Cow::Owned(_) => self.at[range.start] as usize..self.at[range.end] as usize,
        }
    }
}

/// The character at `at` below so many layers of JSON, and where the next starts.
fn character(text: &[u8], at: usize, layers: u8) -> Option<(u8, usize)> {
    let first = *text.get(at)?;
    if layers == 0 {
        if first == b'&'
            && let Some((byte @ (b'"' | b'\'' | b'<' | b'>' | b'&'), len @ 2..)) =
                escaped::character(&text[at..])
        {
            return Some((byte, at + len));
        }
        return Some((first, at + 1));
    }
    let (byte, next) = character(text, at, layers - 1)?;
    if byte != b'\\' {
        return Some((byte, next));
    }
    let Some((escape, after)) = character(text, next, layers - 1) else {
        return Some((byte, next));
    };
    Some(match escape {
        b'n' => (b'\n', after),
        b'r' => (b'\r', after),
        b't' => (b'\t', after),
        b'"' | b'\\' | b'/' => (escape, after),
        b'u' => match escaped::character(&text[at..]) {
            Some((byte, len @ 6..)) => (byte, at + len),
            _ => (byte, next),
        },
        _ => (byte, next),
    })
}

/// What a block tells.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The connection, as far as it is named.
    pub(super) connection: Connection,
    /// Whether it is a database's, going by what stands in it.
    pub(super) is_database: bool,
    /// Whether a host is named that can be one and is no word of code.
    pub(super) plain_host: bool,
    /// Where the user stands.
    pub(super) user: Option<Range<usize>>,
}

/// One setting.
struct Found {
    setting: Setting,
    value: Vec<u8>,
    /// Where the value stands in the unescaped text.
    at: Range<usize>,
    name: Range<usize>,
    near: usize,
    in_block: bool,
    same_head: bool,
}

/// Reads the block around the password that `literal` holds and `name` names.
pub(super) fn read(text: &[u8], name: &Range<usize>, literal: &Literal, open: bool) -> Block {
    let from = name.start.saturating_sub(REACH);
    let to = text.len().min(literal.range.end + REACH);
    let plain = Unescaped::of(text, from..to, literal);
    let (key, end) = (plain.index(name.start), plain.index(literal.range.end));
    let name_end = plain.index(name.end);
    let bytes = &plain.bytes[..];
    let mut headers = Vec::new();
    let start = before(bytes, key, &mut headers);
    let stop = behind(bytes, end, start.bracketed, start.indent);
    let mut block = Block::default();
    for header in &headers {
        if let Some(kind) = database_in(&bytes[header.clone()]) {
            block.is_database = true;
            block.connection.kind = block.connection.kind.or(kind);
        }
        block.connection.names.extend(names_of(&bytes[header.clone()]));
    }
    let own = &bytes[key..name_end];
    block.connection.names.extend(names_of(own));
    let head = Head::of(own);
    let all = if open { start.at..stop } else { 0..bytes.len() };
    let mut found = Vec::new();
    settings(bytes, all.start.min(key)..key, key, true, &mut found);
    settings(bytes, end.min(all.end)..all.end, key, false, &mut found);
    for setting in &mut found {
        setting.in_block = (start.at..stop).contains(&setting.name.start);
        setting.same_head = Head::of(&bytes[setting.name.clone()]) == head;
    }
    found.retain(|f| {
        f.in_block && (open || f.same_head || Head::of(&bytes[f.name.clone()]).is_empty())
            || (!open && f.same_head && !head.is_empty())
    });
    found.sort_by_key(|f| (!f.same_head, !f.in_block, f.near));
    fill(&mut block, bytes, &plain, &found);
    block
}

/// Words of a text that may tell the environment.
fn names_of(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let name: String = text.chars().take(120).collect();
    super::server::environment(&name).map(|_| name)
}

/// Where a block starts.
struct Start {
    at: usize,
    bracketed: bool,
    indent: Option<usize>,
}

/// White space and marks of lists, patches and citations at the start of a line.
fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'+' | b'-' | b'>' | b'|')).count()
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |n| n + 1)
}

/// The `[name]` that a line ends with, if it heads a section. Before it stands
/// nothing, or what a log or a string puts there.
fn section(line: &[u8]) -> Option<&[u8]> {
    let inside = line.strip_suffix(b"]")?;
    let open = memchr::memrchr(b'[', inside)?;
    let name = &inside[open + 1..];
    let named = !name.is_empty()
        && name.len() < 64
        && name.iter().all(|b| is_name(*b) || matches!(b, b' ' | b':' | b'"'))
        && name.iter().any(u8::is_ascii_alphabetic);
    let free = open == 0 || !(is_name(line[open - 1]) || b")]=,([".contains(&line[open - 1]));
    (named && free).then_some(&line[open..])
}

/// Walks back from a key to the start of its block, and notes what heads it.
fn before(text: &[u8], key: usize, headers: &mut Vec<Range<usize>>) -> Start {
    let own_line = line_start(text, key);
    let own = &text[own_line..key];
    let own_indent = indent(own);
    // `password:` of YAML, perhaps in quotes, stands alone at its indentation.
    let alone = own[own_indent..].iter().all(|b| matches!(b, b'"' | b'\''));
    // An index, an object: `$config['db']['password']`, `config.db.password`.
    let expression = own
        .iter()
        .rev()
        .take_while(|b| is_name(**b) || matches!(b, b'[' | b']' | b'\'' | b'"' | b'$' | b'>'))
        .count();
    let mut at = key - expression;
    if at < key {
        headers.push(at..key);
    }
    // A chain of calls: `PgConnectOptions::new().username("x").password("…")`.
    if own.ends_with(b")") || own.ends_with(b").") {
        headers.push(own_line..own_line + own.len().min(80));
    }
    // Words of prose before it: `DB password: …`.
    let words = text[own_line..key]
        .iter()
        .rev()
        .take(24)
        .take_while(|b| is_name(**b) || matches!(b, b' ' | b'\'' | b'"' | b'*' | b'`'));
    let prose = words.count();
    if prose > 0 && text[key - prose..key].iter().any(u8::is_ascii_alphabetic) {
        headers.push(key - prose..key);
    }
    let mut depth = 0usize;
    let mut brackets = 0;
    let (mut paragraph, mut bracket) = (None, None);
    let mut indentation = own_indent;
    let mut parent = None;
    while at > 0 {
        at -= 1;
        match text[at] {
            b')' | b'}' | b']' => depth += 1,
            b'(' | b'{' | b'[' if depth > 0 => depth -= 1,
            b'(' | b'{' | b'[' => {
                bracket.get_or_insert(at + 1);
                let head = line_start(text, at).max(at.saturating_sub(80));
                headers.push(head..at);
                brackets += 1;
                if brackets == 3 {
                    break;
                }
                // What stood on this line has been taken.
                at = head;
            }
            b'\n' => {
                // The line that ends here may head a section.
                let above = text[line_start(text, at)..at].trim_ascii_end();
                if bracket.is_none()
                    && let Some(section) = section(above)
                {
                    let end = line_start(text, at) + above.len();
                    headers.push(end - section.len()..end);
                    return Start { at, bracketed: false, indent: None };
                }
                let line = &text[at + 1..];
                let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
                let trimmed = line.trim_ascii();
                if trimmed.is_empty() && at + 1 < own_line {
                    paragraph.get_or_insert(at + 1);
                    if bracket.is_some() {
                        break;
                    }
                } else if alone
                    && bracket.is_none()
                    && at + 1 < own_line
                    && indent(line) < indentation
                    && trimmed.first() != Some(&b'#')
                {
                    indentation = indent(line);
                    headers.push(at + 1..at + 1 + line.len().min(80));
                    parent.get_or_insert(at + 1 + line.len());
                    if indentation == 0 {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    let deep = parent.is_some().then_some(own_indent);
    match (bracket, parent) {
        (Some(bracket), None) => Start { at: bracket, bracketed: true, indent: None },
        (_, Some(parent)) => Start { at: parent, bracketed: false, indent: deep },
        (None, None) => Start { at: paragraph.unwrap_or(0), bracketed: false, indent: None },
    }
}

/// Walks on from a value to the end of its block.
fn behind(text: &[u8], end: usize, bracketed: bool, deep: Option<usize>) -> usize {
    let mut depth = 0usize;
    let mut at = end;
    while at < text.len() {
        match text[at] {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' if depth > 0 => depth -= 1,
            // What closed the brackets of an index or of a call.
            b')' | b'}' | b']' if bracketed => return at,
            b'\n' => {
                let line = &text[at + 1..];
                let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
                let trimmed = line.trim_ascii();
                if trimmed.is_empty() {
                    if !bracketed {
                        return at;
                    }
                } else if !bracketed
                    && (section(trimmed).is_some() || deep.is_some_and(|deep| indent(line) < deep))
                {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The names in a range of the text, none longer than 64.
fn names(text: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = range.start;
    std::iter::from_fn(move || {
        at += text[at..range.end].iter().position(|b| is_name(*b))?;
        let len = text[at..range.end].iter().take_while(|b| is_name(**b)).count();
        at += len;
        Some(at - len..at)
    })
    .filter(|name| name.len() <= 64)
}

/// The same, the last one first.
fn names_back(text: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut end = range.end;
    std::iter::from_fn(move || {
        end = range.start + text[range.start..end].iter().rposition(|b| is_name(*b))? + 1;
        let len = text[range.start..end].iter().rev().take_while(|b| is_name(**b)).count();
        end -= len;
        Some(end..end + len)
    })
    .filter(|name| name.len() <= 64)
}

/// Reads the settings that are named in a range of the text, from the password at
/// `key` outwards: the nearest ones count.
fn settings(text: &[u8], range: Range<usize>, key: usize, back: bool, found: &mut Vec<Found>) {
    let (mut count, mut passwords) = (0, 0);
    let mut read = |name: Range<usize>| -> bool {
        let Some(setting) = setting(&text[name.clone()]) else { return true };
        let Some(literal) = config_value::after(text, &name) else { return true };
        let bare = literal.quote == Quote::Bare;
        let number = text[literal.range.clone()].iter().all(u8::is_ascii_digit);
        let upper = !text[name.clone()].iter().any(u8::is_ascii_lowercase);
        if bare && literal.sign == Sign::Argument && !number
            || literal.sign == Sign::Space && !upper
        {
            return true;
        }
        if setting == Setting::Password {
            passwords += 1;
            return passwords < PASSWORDS;
        }
        count += 1;
        found.push(Found {
            setting,
            value: config_escape::decoded(text, &literal),
            at: literal.range,
            near: name.start.abs_diff(key),
            name,
            in_block: true,
            same_head: false,
        });
        count < SETTINGS
    };
    if back {
        let _ = names_back(text, range).all(&mut read);
    } else {
        let _ = names(text, range).all(&mut read);
    }
}

fn text_of(value: &[u8]) -> Option<String> {
    (value.len() <= 253 && !value.is_empty() && !is_reference(value))
        .then(|| std::str::from_utf8(value).ok().map(str::to_owned))?
}

/// Fills in what the settings say, the best of each kind first.
fn fill(block: &mut Block, text: &[u8], plain: &Unescaped<'_>, found: &[Found]) {
    let mut named = false;
    let connection = &mut block.connection;
    let mut port = None;
    for found in found {
        let value = &found.value[..];
        let name = &text[found.name.clone()];
        match found.setting {
            Setting::Host if connection.servers.is_empty() => {
                if let Some((servers, plain)) = servers(value) {
                    block.plain_host |= plain;
                    connection.servers = servers;
                }
            }
            Setting::Port if port.is_none() => {
                port = std::str::from_utf8(value).ok().and_then(|p| p.parse::<u16>().ok());
            }
            Setting::User if connection.user.is_none() => {
                let user = text_of(value).filter(|u| u.len() <= 128 && !u.contains(['\n', ' ']));
                if let Some(user) = user {
                    connection.user = Some(user);
                    block.user = Some(plain.place(&found.at));
                }
            }
            Setting::Database if connection.database.is_none() => {
                if let Some(database) =
                    text_of(value).filter(|d| d.len() <= 128 && !d.contains('\n'))
                {
                    connection.database = Some(database);
                    let words = Words::of(name);
                    named |= words.reversed().any(|w| {
                        database_word(w).is_some()
                            || [&b"dbname"[..], b"keyspace", b"vhost", b"pgdatabase", b"catalog"]
                                .iter()
                                .any(|k| k.eq_ignore_ascii_case(w))
                    });
                }
            }
            Setting::Adapter => {
                if let Some(kind) = database_in(value) {
                    block.is_database = true;
                    connection.kind = connection.kind.or(kind);
                }
            }
            Setting::Url => {
                if let Some((kind, server, database)) = url(value) {
                    block.is_database = true;
                    connection.kind = connection.kind.or(kind);
                    if connection.servers.is_empty() {
                        block.plain_host |= server.host.contains('.');
                        connection.servers.push(server);
                    }
                    connection.database = connection.database.take().or(database);
                }
            }
            Setting::Tls if connection.tls.is_none() => {
                let is = |s: &str| value.eq_ignore_ascii_case(s.as_bytes());
                if ["true", "1", "yes", "on", "require", "required", "verify-full", "verify-ca"]
                    .iter()
                    .any(|s| is(s))
                {
                    connection.tls = Some(true);
                } else if ["false", "0", "no", "off", "disable", "disabled"].iter().any(|s| is(s)) {
                    connection.tls = Some(false);
                }
            }
            _ => {}
        }
        // `db_host`, `MYSQL_USER`: the neighbours' names tell.
        if let Some(kind) = head_word(name) {
            block.is_database = true;
            connection.kind = connection.kind.or(kind);
        }
    }
    if let Some(first) = connection.servers.first_mut() {
        first.port = first.port.or(port);
    }
    if connection.kind.is_none() {
        connection.kind = port.and_then(kind_by_port);
        block.is_database |= connection.kind.is_some();
    }
    let complete = !connection.servers.is_empty() || connection.user.is_some();
    block.is_database |= named && complete;
}

/// The database that a neighbour's name tells by a word before the setting.
fn head_word(name: &[u8]) -> Option<Option<Kind>> {
    let words = Words::of(name);
    words.reversed().skip(1).find_map(database_word)
}

fn kind_by_port(port: u16) -> Option<Kind> {
    [
        kind::POSTGRESQL,
        kind::MYSQL,
        kind::MONGODB,
        kind::REDIS,
        kind::AMQP,
        kind::SQLSERVER,
        kind::ORACLE,
        kind::CASSANDRA,
        kind::REDSHIFT,
        kind::COCKROACHDB,
        kind::NEO4J,
    ]
    .into_iter()
    .find(|k| k.port == port)
}

/// Hosts, separated by commas, each perhaps with a port; and whether the first is
/// certainly one.
pub(super) fn servers(value: &[u8]) -> Option<(Vec<Server>, bool)> {
    let mut value = text_of(value)?;
    if let Some(at) = value.find("://") {
        value.drain(..at + 3);
    }
    let mut servers = Vec::new();
    for one in value.split(',').take(8) {
        let one = one.trim().trim_start_matches("tcp:").trim_end_matches('/');
        let one = one.split(['\\', '/']).next().unwrap_or(one);
        let (host, port) = match one.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') && host.matches(':').count() < 2 => {
                (host, port.parse().ok())
            }
            _ => (one, None),
        };
        if !host::is_valid(host.as_bytes()) {
            return None;
        }
        servers.push(Server { host: host.to_owned(), port });
    }
    let first = &servers.first()?.host;
    let plain = first.eq_ignore_ascii_case("localhost")
        || first.contains('.') && !first.starts_with(char::is_uppercase)
        || first.contains('-')
        || kind_of(first.as_bytes()).is_some()
        || first == "db";
    Some((servers, plain))
}

/// Kind, server and database of a URL without a password: `jdbc:…` and the like.
pub(super) fn url(value: &[u8]) -> Option<(Option<Kind>, Server, Option<String>)> {
    let value = std::str::from_utf8(value).ok()?;
    let rest = value.strip_prefix("jdbc:").or_else(|| value.strip_prefix("r2dbc:"));
    let jdbc = rest.is_some();
    let rest = rest.unwrap_or(value);
    let (scheme, tail) = match rest.split_once("//") {
        Some((scheme, tail)) => (scheme, tail),
        None => rest.split_once('@').filter(|_| jdbc)?,
    };
    let kind = database_in(scheme.as_bytes());
    if !jdbc && kind.is_none() {
        return None;
    }
    let tail = tail.rsplit_once('@').map_or(tail, |(_, t)| t);
    let authority = tail.split(['/', ';', '?', ',']).next().unwrap_or(tail);
    let rest = tail.get(authority.len() + 1..).unwrap_or_default();
    let database = rest.split(['/', '?', ';', '&', ',']).next().filter(|d| !d.is_empty());
    let database = database.map(|d| d.rsplit_once('=').map_or(d, |(_, d)| d).to_owned());
    let mut parts = authority.split(':');
    let host = parts.next().unwrap_or_default();
    let port = parts.next().and_then(|p| p.parse().ok());
    if !host::is_valid(host.as_bytes()) {
        return None;
    }
    Some((kind.flatten(), Server { host: host.to_owned(), port }, database))
}
