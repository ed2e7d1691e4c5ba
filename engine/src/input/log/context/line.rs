//! What a line of a log, or an entry of the journal, says of where it came from.
//!
//! A line is read from outside in: what a runtime or syslog wrote before the program's own
//! words, and then these.

use super::LONGEST;
use super::found::{Found, Kind, is_scope};
use super::stamp::{self, Stamp};
use crate::input::log::{cri, export, json};

/// How much of a field is read, escapes included: six bytes may stand for one.
const FIELD: usize = 6 * LONGEST;

/// How much of what a program wrote is read where it stands in a field.
const INNER: usize = 4096;

/// How deep objects are looked into.
const DEEPEST: usize = 4;

/// The most pairs of logfmt that are read.
const PAIRS: usize = 64;

/// How far into a line the time of an access may stand.
const ACCESS: usize = 512;

/// Reads a line.
pub(super) fn read(line: &[u8], found: &mut Found) {
    if let Some(prefix) = cri::Prefix::of(line) {
        found.is_record = true;
        found.set(Kind::Time, 0, prefix.time);
        found.inner(|found| read(&line[prefix.length..], found));
    } else if line.first() == Some(&b'{') {
        object(line, b"", found, 0);
    } else {
        plain(line, found);
    }
}

/// Reads the end of a line whose beginning is too far away: Docker writes the time there.
pub(super) fn read_end(line: &[u8], found: &mut Found) {
    const TIME: &[u8] = b"\",\"time\":\"";
    let end = &line[line.len().saturating_sub(LONGEST)..];
    if let Some(start) = memchr::memmem::rfind(end, TIME)
        && let Some(time) = end[start + TIME.len()..].strip_suffix(b"\"}")
        && memchr::memchr2(b'"', b'\\', time).is_none()
    {
        found.set(Kind::Time, 0, time);
    }
}

/// Reads an entry of the journal, or the rest of one.
pub(super) fn read_entry(entry: &[u8], found: &mut Found) {
    for (name, value) in export::fields(entry) {
        let value = &entry[value];
        found.field(name, &value[..value.len().min(FIELD)]);
        if name == b"MESSAGE" {
            found.inner(|found| read(first_line(&value[..value.len().min(INNER)]), found));
        }
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', text).map_or(text, |end| &text[..end])
}

/// Reads an object, whose name among the objects around it is `scope`.
fn object(text: &[u8], scope: &[u8], found: &mut Found, depth: usize) {
    for field in json::Fields::of(text) {
        let name = match scope {
            b"" => field.name.to_vec(),
            _ => [scope, b"_", field.name].concat(),
        };
        found.is_record = true;
        let value = &text[field.value];
        match field.kind {
            json::Kind::Text => {
                let start = &value[..value.len().min(FIELD)];
                found.field(&name, &json::unescaped(start, LONGEST));
                // What the program wrote, as runtimes and the journal have it.
                if matches!(&name[..], b"log" | b"MESSAGE") {
                    let inner = json::unescaped(&value[..value.len().min(INNER)], INNER);
                    found.inner(|found| read(first_line(&inner), found));
                }
            }
            json::Kind::Bare if !matches!(value, b"true" | b"false") => found.field(&name, value),
            json::Kind::Object if depth < DEEPEST && is_scope(&name) => {
                object(value, &name, found, depth + 1);
            }
            json::Kind::Bare | json::Kind::Object | json::Kind::Array => {}
        }
    }
}

/// Reads a line that is no object.
fn plain(line: &[u8], found: &mut Found) {
    let line = match priority(line) {
        Some(rest) => match rest.strip_prefix(b"1 ") {
            Some(rest) => return syslog_5424(rest, found),
            None => rest,
        },
        None => line,
    };
    let Some(Stamp { kind, time, behind }) = stamp::leading(line) else {
        if !logfmt(line, found)
            && let Some(time) = stamp::common_log(&line[..line.len().min(ACCESS)])
        {
            found.set(Kind::Time, 0, &line[time]);
        }
        return;
    };
    let rest = line[behind..].trim_ascii_start();
    if kind == stamp::Kind::Klog {
        found.set(Kind::Level, 0, &line[time.start - 1..time.start]);
    }
    found.set(Kind::Time, 0, &line[time]);
    if rest.first() == Some(&b'{') {
        found.inner(|found| object(rest, b"", found, 0));
    } else if kind == stamp::Kind::Klog || !syslog_3164(rest, kind, found) {
        level(rest, found);
        found.inner(|found| {
            if !logfmt(rest, found) {
                tagged(rest, found);
            }
        });
    }
}

/// What stands behind the priority that syslog sends, `<34>`.
fn priority(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"<")?;
    let digits = rest.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 { None } else { rest[digits..].strip_prefix(b">") }
}

/// `time host tag procid msgid …`, each of which may be a hyphen.
fn syslog_5424(line: &[u8], found: &mut Found) {
    let mut words = line.splitn(6, |b| *b == b' ');
    let mut word = || words.next().unwrap_or_default();
    let (time, host, tag, number) = (word(), word(), word(), word());
    if time != b"-" && stamp::leading(time).is_none() {
        return;
    }
    found.set(Kind::Time, 0, time);
    found.set(Kind::Host, 0, host);
    found.set(Kind::Unit, 0, tag);
    found.set(Kind::Process, 0, tag);
    found.set(Kind::Pid, 0, number);
}

/// `host tag[number]: …`, as it stands behind a time; whether it does.
fn syslog_3164(line: &[u8], kind: stamp::Kind, found: &mut Found) -> bool {
    let (first, behind) = word(line);
    let (second, message) = word(behind);
    let (host, tag, message) = match (tag(first), tag(second)) {
        // Behind a time that begins with the year, most loggers write something else.
        (Some(tag), _) if kind == stamp::Kind::Syslog => (None, tag, behind),
        (None, Some(tag)) if kind == stamp::Kind::Syslog || tag.1.is_some() => {
            (Some(first), tag, message)
        }
        (None, Some(tag)) if tag.0 == b"kernel" => (Some(first), tag, message),
        _ => return false,
    };
    let (name, number) = tag;
    if let Some(host) = host {
        found.set(Kind::Host, 0, host);
    }
    found.set(Kind::Unit, 0, name);
    found.set(Kind::Process, 0, name);
    if let Some(number) = number {
        found.set(Kind::Pid, 0, number);
    }
    found.inner(|found| read(message, found));
    true
}

/// The first word of a text, and what stands behind it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim_ascii_start())
}

/// The name and the number in `name[number]:` or `name:`.
fn tag(word: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let word = word.strip_suffix(b":")?;
    let (name, number) = match word.strip_suffix(b"]") {
        Some(word) => {
            let open = memchr::memrchr(b'[', word)?;
            (&word[..open], Some(&word[open + 1..]))
        }
        None => (word, None),
    };
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"-_./@()".contains(b);
    let known = !name.is_empty()
        && name.iter().all(is_name)
        && number.is_none_or(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
    known.then_some((name, number))
}

/// Fluentd's files have the tag and an object behind the time, with tabulators between.
fn tagged(rest: &[u8], found: &mut Found) {
    let (name, behind) = word(rest);
    if behind.first() == Some(&b'{') && !name.is_empty() {
        found.set(Kind::Unit, 3, name);
        object(behind, b"", found, 0);
    }
}

/// Reads the word for a level, which stands soon behind the time.
fn level(text: &[u8], found: &mut Found) {
    const LEVELS: [&[u8]; 13] = [
        b"trace",
        b"debug",
        b"info",
        b"notice",
        b"warn",
        b"warning",
        b"error",
        b"err",
        b"fatal",
        b"critical",
        b"crit",
        b"severe",
        b"panic",
    ];
    let mut rest = text;
    for _ in 0..4 {
        let (written, behind) = word(rest);
        rest = behind;
        let drawn = |b: &u8| b"[](){}<>:,|-".contains(b);
        let Some(start) = written.iter().position(|b| !drawn(b)) else {
            continue;
        };
        let end = written.iter().rposition(|b| !drawn(b)).map_or(start, |last| last + 1);
        let bare = &written[start..end];
        let marked = bare.len() < written.len() || bare.iter().all(u8::is_ascii_uppercase);
        if marked && LEVELS.iter().any(|level| level.eq_ignore_ascii_case(bare)) {
            return found.set(Kind::Level, 0, bare);
        }
    }
}

/// Reads `name=value name="value" …`; whether it is that. A line that has pairs and neither
/// time nor level nor message is something else, whose host is not that of the log.
fn logfmt(line: &[u8], found: &mut Found) -> bool {
    let pairs: Vec<(&[u8], &[u8])> = Pairs { rest: line }.take(PAIRS).collect();
    let (Some((first, _)), Some(written)) = (pairs.first(), line.first()) else {
        return false;
    };
    let says = |name: &&[u8]| {
        matches!(*name, b"time" | b"ts" | b"timestamp" | b"t" | b"level" | b"lvl" | b"msg")
    };
    if first.first() != Some(written) || !line.starts_with(first) {
        return false;
    }
    if !pairs.iter().any(|(name, _)| says(name)) {
        return false;
    }
    for (name, value) in pairs {
        // Quoted values have the escapes of JSON.
        found.field(name, &json::unescaped(&value[..value.len().min(FIELD)], LONGEST));
    }
    true
}

/// The pairs of a line of logfmt.
struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = self.rest.trim_ascii_start();
            if text.is_empty() {
                return None;
            }
            let is_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_.@/-".contains(b);
            let length = text.iter().take_while(is_name).count();
            let (name, rest) = text.split_at(length);
            let Some(value) = rest.strip_prefix(b"=").filter(|_| length > 0) else {
                // A word that is no pair.
                self.rest = word(text).1;
                continue;
            };
            let Some(quoted) = value.strip_prefix(b"\"") else {
                let (value, rest) = match value.first() {
                    Some(first) if !first.is_ascii_whitespace() => word(value),
                    _ => (&value[..0], value),
                };
                self.rest = rest;
                return Some((name, value));
            };
            let end = end_of_quoted(quoted);
            self.rest = quoted.get(end + 1..).unwrap_or_default();
            return Some((name, &quoted[..end]));
        }
    }
}

/// Where the quote that closes a value stands, or the end of what is there.
fn end_of_quoted(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if text[at] == b'"' {
            return at;
        }
        at += 2;
    }
    text.len()
}
