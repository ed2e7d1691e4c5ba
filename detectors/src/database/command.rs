//! Passwords on the command lines of database clients, and in the statements that
//! set them.
//!
//! Sources: the manuals of the programs for their options (`mysql`, `redis-cli`,
//! `sqlcmd`, `bcp`, `mongosh`, `cqlsh`, `clickhouse-client`, `cypher-shell`,
//! `rabbitmqadmin`, `sqlplus`, `expdp`, `db2`, `curl`), and of PostgreSQL, MySQL,
//! Oracle and SQL Server for `CREATE USER`, `ALTER ROLE` and `CREATE LOGIN`.
//!
//! What stands in a variable before a command (`PGPASSWORD=…`) is read by
//! [`super::config`], and URLs by the detectors of these.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::config::{complete, is_prose, judged};
use super::config_escape;
use super::config_literal;
use super::config_value;
use super::kind::{self, Kind};
use super::server::{Connection, Server};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped;
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::grade::Severity;
use crate::placeholder::password::is_reference;
use crate::url::host;

/// The longest command line that is read.
const LINE: usize = 640;
/// The most words of it.
const WORDS: usize = 48;

pub(super) static COMMAND: Detector = Detector {
    id: text("database-command"),
    title: text("Database password on a command line"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("mysql -"),
        Anchor::exact("mysqldump "),
        Anchor::exact("mysqladmin "),
        Anchor::exact("mysqlimport "),
        Anchor::exact("mariadb -"),
        Anchor::exact("mariadb-dump "),
        Anchor::exact("redis-cli "),
        Anchor::exact("valkey-cli "),
        Anchor::exact("sqlcmd "),
        Anchor::exact("osql -"),
        Anchor::exact("tsql -"),
        Anchor::exact("bcp "),
        Anchor::exact("mongo -"),
        Anchor::exact("mongosh "),
        Anchor::exact("mongodump "),
        Anchor::exact("mongorestore "),
        Anchor::exact("mongoexport "),
        Anchor::exact("mongoimport "),
        Anchor::exact("cqlsh "),
        Anchor::exact("clickhouse-client "),
        Anchor::exact("influx -"),
        Anchor::exact("cypher-shell "),
        Anchor::exact("rabbitmqadmin "),
        Anchor::exact("rabbitmqctl "),
        Anchor::exact("sqlplus "),
        Anchor::exact("expdp "),
        Anchor::exact("impdp "),
        Anchor::exact("db2 connect to "),
        Anchor::exact("curl -"),
        Anchor::any_case("identified by"),
        Anchor::any_case("with password"),
        Anchor::any_case("password '"),
    ])),
    reach: Reach::new(256, LINE as u32 + 320),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(complete),
    severity: Severity::Critical,
    remedy: text(
        "Set a new password for the user on the server, take the line out of the history, script \
         or log, and give the client its password in a file that only its user can read \
         (.pgpass, --defaults-extra-file) or in a secret store.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("mysql -u root -px7Qp2mVr9 -h db.acme.io shop\n"),
            text("mysqldump --user=backup --password='mK4;vx81' shop > shop.sql"),
            text("redis-cli -h cache.acme.io -a hG72kLq0zX ping"),
            text("sqlcmd -S sql.acme.io,1433 -U sa -P 'nB5v!C2xZ8m' -Q 'select 1'"),
            text("sqlplus scott/Tz81kwPq@//ora.acme.io:1521/crm"),
            text("curl -u elastic:yT7uJ4mN1b https://es.acme.io:9200/_cat/indices"),
            text("CREATE USER 'shop'@'%' IDENTIFIED BY 'wR3!xk90Lp';"),
            text("ALTER ROLE crm WITH LOGIN PASSWORD 'pQ8wE5rT1yU3';"),
            text("CREATE LOGIN app WITH PASSWORD = N'rF6tG9hY2j!';"),
        ]),
        refuted: Borrowed(&[
            (text("mysql -u root -pchangeme"), Reason::Placeholder),
            (text("redis-cli -h redis.example.com -a x7Qp2mVr9"), Reason::Documentation),
        ]),
        unmatched: Borrowed(&[
            text("mysql -u root -p shop"),
            text("mysql -uroot -p$MYSQL_ROOT_PASSWORD"),
            text("redis-cli -h cache -p 6379"),
            text("curl -u \"$USER:$PASS\" https://es.acme.io:9200"),
            text("curl -fsSL https://get.acme.io | sh"),
            text("ALTER USER x PASSWORD '%s'"),
            text("enter the password 'below'"),
            text("mongosh --host db.acme.io --port 27017"),
        ]),
    },
};

/// How a program takes its credentials.
struct Program {
    names: &'static [&'static str],
    kind: Option<Kind>,
    password: &'static [&'static str],
    user: &'static [&'static str],
    host: &'static [&'static str],
    port: &'static [&'static str],
    database: &'static [&'static str],
    /// Whether a short option for a password has its value glued on, and only so.
    glued: bool,
}

const PROGRAMS: &[Program] = &[
    Program {
        names: &["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump"],
        kind: Some(kind::MYSQL),
        password: &["-p", "--password"],
        user: &["-u", "--user"],
        host: &["-h", "--host"],
        port: &["-P", "--port"],
        database: &["-D", "--database"],
        glued: true,
    },
    Program {
        names: &["redis-cli", "valkey-cli"],
        kind: Some(kind::REDIS),
        password: &["-a", "--pass"],
        user: &["--user"],
        host: &["-h"],
        port: &["-p"],
        database: &["-n"],
        glued: false,
    },
    Program {
        names: &["sqlcmd", "osql", "tsql", "bcp"],
        kind: Some(kind::SQLSERVER),
        password: &["-P", "--password"],
        user: &["-U", "--user-name"],
        host: &["-S", "-H", "--server"],
        port: &["-p"],
        database: &["-d", "-D", "--database-name"],
        glued: false,
    },
    Program {
        names: &["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"],
        kind: Some(kind::MONGODB),
        password: &["-p", "--password"],
        user: &["-u", "--username"],
        host: &["-h", "--host"],
        port: &["--port"],
        database: &["-d", "--db"],
        glued: false,
    },
    Program {
        names: &["cqlsh"],
        kind: Some(kind::CASSANDRA),
        password: &["-p", "--password"],
        user: &["-u", "--username"],
        host: &[],
        port: &[],
        database: &["-k", "--keyspace"],
        glued: false,
    },
    Program {
        names: &["clickhouse-client"],
        kind: Some(kind::CLICKHOUSE),
        password: &["--password"],
        user: &["-u", "--user"],
        host: &["-h", "--host"],
        port: &["--port"],
        database: &["-d", "--database"],
        glued: false,
    },
    Program {
        names: &["influx"],
        kind: Some(kind::INFLUXDB),
        password: &["-password", "--password"],
        user: &["-username", "--username"],
        host: &["-host", "--host"],
        port: &["-port", "--port"],
        database: &["-database"],
        glued: false,
    },
    Program {
        names: &["cypher-shell"],
        kind: Some(kind::NEO4J),
        password: &["-p", "--password"],
        user: &["-u", "--username"],
        host: &["-a", "--address"],
        port: &[],
        database: &["-d", "--database"],
        glued: false,
    },
    Program {
        names: &["rabbitmqadmin"],
        kind: Some(kind::AMQP),
        password: &["-p", "--password"],
        user: &["-u", "--username"],
        host: &["-H", "--host"],
        port: &["-P", "--port"],
        database: &["-V", "--vhost"],
        glued: false,
    },
    Program {
        names: &["curl"],
        kind: None,
        password: &["-u", "--user"],
        user: &[],
        host: &[],
        port: &[],
        database: &[],
        glued: false,
    },
];

/// A word of a command line, without its quotes.
#[derive(Debug, Clone)]
struct Word {
    range: Range<usize>,
    /// Where its first character stands, a quote's included.
    start: usize,
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let hit = &window.bytes[window.hit()];
    if hit.len() >= 10
        && (hit[0] | 0x20 == b'i' && hit[1] | 0x20 == b'd'
            || hit[0] | 0x20 == b'w'
            || hit[0] | 0x20 == b'p')
    {
        statement(window, out);
        return;
    }
    let len = hit.iter().take_while(|b| **b != b' ').count();
    let name = window.hit_start..window.hit_start + len;
    let joined = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let escaped = name.start > 1 && &window.bytes[name.start - 2..name.start] == b"\\n";
    if window.byte_before(name.start).is_some_and(joined) && !escaped {
        return;
    }
    // The cheap test: some option for a password, or a slash.
    let words = words(window.bytes, name.clone());
    let program = &window.bytes[name];
    match program {
        b"sqlplus" | b"expdp" | b"impdp" => oracle(window, &words, out),
        b"rabbitmqctl" | b"db2" => positional(window, &words, out),
        _ => options(window, program, &words, out),
    }
}

/// The words behind a command, to the end of the line or of the string that it
/// stands in.
fn words(text: &[u8], name: Range<usize>) -> Vec<Word> {
    // An open quote before the command ends it.
    let line = memchr::memrchr(b'\n', &text[..name.start]).map_or(0, |n| n + 1);
    let line = line.max(name.start.saturating_sub(200));
    let mut around = None;
    for byte in &text[line..name.start] {
        match (around, *byte) {
            (None, b'"' | b'\'' | b'`') => around = Some(*byte),
            (Some(open), byte) if open == byte => around = None,
            _ => {}
        }
    }
    let end = text.len().min(name.end + LINE);
    let mut words = Vec::new();
    let mut at = name.end;
    while at < end && words.len() < WORDS {
        match text[at] {
            b' ' | b'\t' => at += 1,
            b'\\' if matches!(text.get(at + 1), Some(b'\n')) => at += 2,
            b'\\' if text[at..].starts_with(b"\\\r\n") => at += 3,
            // The same inside a string: `\\\n`.
            b'\\' if continues(&text[at..]).is_some() => {
                at += continues(&text[at..]).unwrap_or(1);
            }
            b'&' if quote(&text[at..end]).is_none() => break,
            b'\n' | b'\r' | b'|' | b';' | b')' | b'<' | b'>' | b'#' => break,
            byte if around == Some(byte) => break,
            _ => {
                let start = at;
                let Some((range, next)) = word(text, at, end, around) else { break };
                if next == start {
                    break;
                }
                words.push(Word { range, start });
                at = next;
            }
        }
    }
    words
}

/// The length of an escaped line end behind an escaped backslash.
fn continues(text: &[u8]) -> Option<usize> {
    let slashes = text.iter().take(16).take_while(|b| **b == b'\\').count();
    (slashes >= 3 && text.get(slashes) == Some(&b'n')).then_some(slashes + 1)
}

/// The quote that `text` starts with, as it is written: plain, behind the
/// backslashes of a string around it, or as an entity.
fn quote(text: &[u8]) -> Option<(u8, usize)> {
    let slashes = text.iter().take(7).take_while(|b| **b == b'\\').count();
    match text.get(slashes)? {
        byte @ (b'"' | b'\'') => Some((*byte, slashes + 1)),
        b'&' if slashes == 0 => match escaped::character(text)? {
            (byte @ (b'"' | b'\''), len @ 2..) => Some((byte, len)),
            _ => None,
        },
        _ => None,
    }
}

/// One word: plain, in quotes, or with a piece in quotes. Gives it without the
/// quotes around the whole, and where it ends.
fn word(
    text: &[u8],
    start: usize,
    end: usize,
    around: Option<u8>,
) -> Option<(Range<usize>, usize)> {
    let mut at = start;
    while at < end {
        let byte = text[at];
        if let Some((open, len)) = quote(&text[at..end])
            && (around != Some(open) || len > 1)
        {
            // Behind an option or a sign a piece in quotes begins; elsewhere the
            // string around the command ends.
            let option = at - start == 2 && text[start] == b'-';
            if at > start && !option && !matches!(text[at - 1], b'=' | b'/' | b':') {
                break;
            }
            let inside = at + len;
            let close = memchr::memmem::find(text.get(inside..end)?, &text[at..inside])?;
            let after = inside + close + len;
            if text[inside..inside + close].contains(&b'\n') {
                return None;
            }
            if at == start {
                let ends = text.get(after).is_none_or(|b| b" \t\n\r\"'`\\|;&)<,]".contains(b));
                return ends.then_some((inside..inside + close, after));
            }
            at = after;
            continue;
        }
        if byte == b'\\' {
            let slashes = text[at..end].iter().take(9).take_while(|b| **b == b'\\').count();
            if matches!(text.get(at + slashes), Some(b'n' | b'r' | b't' | b'\n') | None) {
                break;
            }
            at += slashes + 1;
            continue;
        }
        let entity = byte == b'&' && matches!(escaped::character(&text[at..]), Some((_, 2..)));
        if byte.is_ascii_whitespace()
            || matches!(byte, b'|' | b';' | b'<' | b'`')
            || around == Some(byte)
            || entity && at > start && quote(&text[at..end]).is_some()
            || byte == b')' && !text[start..at].contains(&b'(')
        {
            break;
        }
        if byte < b' ' {
            return None;
        }
        at += 1;
    }
    Some((start..at.min(end), at.min(end)))
}

/// The value of an option that is glued on behind `skip` bytes, its quotes off.
fn unquoted(text: &[u8], range: Range<usize>) -> Range<usize> {
    match quote(&text[range.clone()]) {
        Some((_, len)) if range.len() >= 2 * len => range.start + len..range.end - len,
        _ => range,
    }
}

/// The values of those of the options that are given.
fn option(text: &[u8], words: &[Word], names: &[&str], glued: bool) -> Option<Range<usize>> {
    for (i, word) in words.iter().enumerate() {
        let own = &text[word.range.clone()];
        for name in names {
            let name = name.as_bytes();
            let Some(rest) = own.strip_prefix(name) else { continue };
            let long = name.starts_with(b"--");
            let from = word.range.start + name.len();
            if rest.is_empty() {
                if glued {
                    continue;
                }
                let next = words.get(i + 1)?;
                let is_option = text[next.start] == b'-' && next.range.len() < 3;
                return (!is_option).then(|| next.range.clone());
            }
            if rest[0] == b'=' && (long || name.len() > 2) {
                return Some(unquoted(text, from + 1..word.range.end));
            }
            if !long && name.len() == 2 && !own.starts_with(b"--") {
                return Some(unquoted(text, from..word.range.end));
            }
        }
    }
    None
}

fn string(text: &[u8], range: &Range<usize>) -> Option<String> {
    let value = &text[range.clone()];
    (!value.is_empty() && value.len() <= 253 && !is_reference(value))
        .then(|| std::str::from_utf8(value).ok().map(str::to_owned))?
}

/// A host with what may stand around it: `tcp:`, a scheme, a port, an instance.
fn server(value: &str) -> Option<Server> {
    let value = value.strip_prefix("tcp:").unwrap_or(value);
    let value = value.split_once("://").map_or(value, |(_, v)| v);
    let value = value.split_once('@').map_or(value, |(_, v)| v);
    let value = value.split(['/', '\\', '?']).next()?;
    let (host, port) = match value.split_once([':', ',']) {
        Some((host, port)) => (host, port.parse().ok()),
        None => (value, None),
    };
    host::is_valid(host.as_bytes()).then(|| Server { host: host.to_owned(), port })
}

fn is_password(value: &[u8]) -> bool {
    (3..=128).contains(&value.len())
        && !is_reference(value)
        && !is_prose(value)
        && !value.contains(&b' ')
        && !value.starts_with(b"-")
        && !value.starts_with(b"$")
        && !value.iter().any(|b| matches!(b, b'\n' | b'`'))
}

fn push(
    window: &Window<'_>,
    range: Range<usize>,
    connection: &Connection,
    user: Option<Range<usize>>,
    out: &mut Extraction<'_>,
) {
    let value = &window.bytes[range.clone()];
    if !is_password(value) {
        return;
    }
    let layer = window.bytes.get(range.end) == Some(&b'\\');
    let value = if layer && value.contains(&b'\\') {
        let plain = config_literal::Literal {
            range: range.clone(),
            quote: config_literal::Quote::Bare,
            sign: config_literal::Sign::Space,
            layers: 1,
            spaced: true,
            quoted_printable: false,
        };
        config_escape::decoded(window.bytes, &plain)
    } else {
        value.to_vec()
    };
    let evidence = vec![Evidence::NamedService];
    out.push(judged(window, range, &value, connection, user, evidence));
}

fn options(window: &Window<'_>, program: &[u8], words: &[Word], out: &mut Extraction<'_>) {
    let text = window.bytes;
    let is = |p: &&Program| p.names.iter().any(|n| n.as_bytes() == program);
    let Some(program) = PROGRAMS.iter().find(is) else { return };
    // `-p` alone asks; `--password=` does not.
    let mut password = option(text, words, program.password, program.glued);
    // `mysqladmin -u root password new`
    if password.is_none() && program.glued {
        let at = words.iter().position(|w| &text[w.range.clone()] == b"password");
        password = at.and_then(|at| words.get(at + 1)).map(|w| w.range.clone());
    }
    let Some(mut password) = password else { return };
    let mut connection = Connection { kind: program.kind, ..Connection::default() };
    let mut user = option(text, words, program.user, false);
    if program.names == ["curl"] {
        let Some(colon) = memchr::memchr(b':', &text[password.clone()]) else { return };
        user = Some(password.start..password.start + colon);
        password.start += colon + 1;
        let url = words.iter().filter_map(|w| string(text, &w.range)).find(|w| w.contains("://"));
        let Some(server) = url.as_deref().and_then(server) else { return };
        connection.kind = match server.port {
            Some(9200 | 9243) => Some(kind::ELASTICSEARCH),
            Some(5984 | 6984) => Some(kind::COUCHDB),
            Some(8123) => Some(kind::CLICKHOUSE),
            Some(8086) => Some(kind::INFLUXDB),
            Some(15672) => Some(kind::AMQP),
            _ => Some(kind::HTTP),
        };
        connection.servers.push(server);
    } else {
        let host = option(text, words, program.host, false).and_then(|h| string(text, &h));
        // `cqlsh host 9042`
        let first = words.first().and_then(|w| string(text, &w.range));
        let host = host.or(first.filter(|f| program.host.is_empty() && !f.starts_with('-')));
        let mut server = host.as_deref().and_then(server);
        if let Some(server) = &mut server {
            let port = option(text, words, program.port, false).and_then(|p| string(text, &p));
            server.port = server.port.or(port.and_then(|p| p.parse().ok()));
        }
        connection.servers.extend(server);
        let database = option(text, words, program.database, false);
        connection.database = database.and_then(|d| string(text, &d));
    }
    connection.user = user.as_ref().and_then(|u| string(text, u));
    let user = user.filter(|_| connection.user.is_some());
    push(window, password, &connection, user, out);
}

/// `user/password@…`
fn oracle(window: &Window<'_>, words: &[Word], out: &mut Extraction<'_>) {
    let text = window.bytes;
    let Some(word) = words.iter().find(|w| text[w.start] != b'-' && w.range.len() > 2) else {
        return;
    };
    let mut range = word.range.clone();
    if text[range.clone()].starts_with(b"userid=") {
        range.start += 7;
        range = unquoted(text, range);
    }
    let Some(slash) = memchr::memchr(b'/', &text[range.clone()]) else { return };
    let user = range.start..range.start + slash;
    if user.is_empty()
        || !text[user.clone()].iter().all(|b| b.is_ascii_alphanumeric() || b"_$#".contains(b))
    {
        return;
    }
    let rest = user.end + 1..range.end;
    let at = memchr::memrchr(b'@', &text[rest.clone()]);
    // A path is no credential.
    if at.is_none() && text[rest.clone()].iter().any(|b| matches!(b, b'/' | b'.')) {
        return;
    }
    let password = rest.start..at.map_or(rest.end, |at| rest.start + at);
    let mut connection =
        Connection { kind: Some(kind::ORACLE), user: string(text, &user), ..Connection::default() };
    if let Some(target) = at.and_then(|at| string(text, &(rest.start + at + 1..rest.end))) {
        let target = target.trim_start_matches("//");
        if target.contains('.') || target.contains(':') || target.contains('/') {
            connection.servers.extend(server(target));
            connection.database = target.split_once('/').map(|(_, d)| d.to_owned());
        } else {
            connection.database = Some(target.to_owned());
        }
    }
    push(window, unquoted(text, password), &connection, Some(user), out);
}

/// `rabbitmqctl add_user u p`, `db2 connect to d user u using p`.
fn positional(window: &Window<'_>, words: &[Word], out: &mut Extraction<'_>) {
    let text = window.bytes;
    let behind = |word: &[u8], by: usize| {
        let at = words.iter().position(|w| text[w.range.clone()].eq_ignore_ascii_case(word))?;
        words.get(at + by).map(|w| w.range.clone())
    };
    let mut connection = Connection::default();
    let (user, password) = if let Some(password) = behind(b"using", 1) {
        connection.kind = Some(kind::DB2);
        connection.database = behind(b"to", 1).and_then(|d| string(text, &d));
        (behind(b"user", 1), password)
    } else {
        connection.kind = Some(kind::AMQP);
        let found = [&b"add_user"[..], b"change_password"]
            .into_iter()
            .find_map(|c| Some((behind(c, 1), behind(c, 2)?)));
        let Some(found) = found else { return };
        found
    };
    connection.user = user.as_ref().and_then(|u| string(text, u));
    push(window, password, &connection, user.filter(|_| connection.user.is_some()), out);
}

/// `CREATE USER … IDENTIFIED BY '…'`, `ALTER ROLE … PASSWORD '…'`, `CREATE LOGIN …
/// WITH PASSWORD = '…'`.
fn statement(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let mut hit = window.hit();
    // The quote of the last anchor belongs to the value.
    if text[hit.end - 1] == b'\'' {
        hit.end -= 2;
    }
    let Some(mut literal) = config_value::after(text, &hit) else { return };
    if !matches!(literal.sign, config_literal::Sign::Space | config_literal::Sign::Equals) {
        return;
    }
    match literal.quote {
        config_literal::Quote::Plain(b'\'' | b'"') => {}
        config_literal::Quote::Bare
            if text[hit.clone()].eq_ignore_ascii_case(b"identified by")
                && is_unquoted_password(&text[literal.range.clone()]) => {}
        _ => return,
    }
    // A doubled quote stands for itself.
    let single = literal.layers == 0 && literal.quote == config_literal::Quote::Plain(b'\'');
    while single
        && text[literal.range.end..].starts_with(b"''")
        && literal.range.len() < config_literal::LONGEST
    {
        let rest = &text[literal.range.end + 2..];
        let Some(more) = rest.iter().position(|b| matches!(b, b'\'' | b'\n')) else { return };
        if rest[more] == b'\n' {
            return;
        }
        literal.range.end += 2 + more;
    }
    let from = hit.start.saturating_sub(200);
    let before = &text[from..hit.start];
    let from = from + memchr::memrchr(b';', before).map_or(0, |n| n + 1);
    let before = &text[from..hit.start];
    let find = |word: &[u8]| {
        before
            .windows(word.len())
            .rposition(|w| w.eq_ignore_ascii_case(word))
            .map(|at| at + word.len())
    };
    let named = [&b"user "[..], b"role ", b"login ", b"to "].into_iter().find_map(find);
    let verb = [&b"create"[..], b"alter", b"grant", b"set "].into_iter().any(|v| find(v).is_some());
    let (Some(named), true) = (named, verb) else { return };
    let is_quote = |b: &u8| matches!(b, b'\'' | b'"' | b'`' | b'[' | b'\\' | b' ');
    let rest = &before[named..];
    // `create a user called "app" with password …` is prose that says the same.
    const SKIPPED: [&[u8]; 3] = [b"if not exists ", b"called ", b"named "];
    let skipped =
        SKIPPED.iter().find(|w| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w)));
    let start = from + named + skipped.map_or(0, |w| w.len());
    let start = start + text[start..hit.start].iter().take_while(|b| is_quote(b)).count();
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-.$#".contains(b);
    let len = text[start..hit.start].iter().take(64).take_while(|b| is_name(b)).count();
    let user = start..start + len;
    let mut value = config_escape::decoded(text, &literal);
    if single {
        let mut after_quote = false;
        value.retain(|b| {
            after_quote = *b == b'\'' && !after_quote;
            *b != b'\'' || after_quote
        });
    }
    if !is_password(&value) {
        return;
    }
    let connection = Connection { user: string(text, &user), ..Connection::default() };
    let user = connection.user.is_some().then_some(user);
    let evidence = vec![Evidence::KeyName];
    out.push(judged(window, literal.range, &value, &connection, user, evidence));
}

/// Whether it is a password as Oracle takes one without quotes: an identifier. One
/// without digits is a word of the statement or of a sentence.
fn is_unquoted_password(value: &[u8]) -> bool {
    value.len() >= 6
        && value[0].is_ascii_alphabetic()
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"_$#".contains(b))
        && value.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;
    use crate::fact::Fact;
    use crate::reference;

    fn found(text: &str) -> Vec<Candidate> {
        reference::candidates(std::slice::from_ref(&COMMAND), text.as_bytes())
    }

    #[test]
    fn passwords_in_every_quoting() {
        for text in [
            "mysql -uroot -px7Qp2mVr9",
            "mysql -uroot -p'x7Qp2mVr9' shop",
            "\"mysql -uroot -p'x7Qp2mVr9' shop\"",
            "{\"m\":\"mysql -uroot -p\\\"x7Qp2mVr9\\\" shop\"}",
            "{\"m\":\"{\\\"m\\\":\\\"mysql -uroot -px7Qp2mVr9\\\"}\"}",
            "<pre>mongodump --username root --password &quot;x7Qp2mVr9&quot; --out x</pre>",
            "mysqldump \\\n  --user=root \\\n  --password='x7Qp2mVr9' \\\n  shop",
            "sqlplus root/\"x7Qp2mVr9\"@db",
            "`redis-cli -a x7Qp2mVr9`",
            "sh -c 'redis-cli -a x7Qp2mVr9'",
        ] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}");
            let value = &text[found[0].value.start as usize..found[0].value.end as usize];
            assert_eq!(value, "x7Qp2mVr9", "{text}");
        }
    }

    #[test]
    fn statements_quote_in_their_own_way() {
        for (text, password) in [
            ("CREATE USER a WITH PASSWORD 'x7Q''p2mV';", Some("x7Q'p2mV")),
            ("CREATE LOGIN a WITH PASSWORD=N'x7Qp2''''mV''', CHECK_POLICY=OFF", Some("x7Qp2''mV'")),
            ("CREATE USER a IDENTIFIED BY x7Qp2mVr9;", Some("x7Qp2mVr9")),
            ("ALTER USER a IDENTIFIED BY \"x7Qp#2mV\" ACCOUNT UNLOCK", Some("x7Qp#2mV")),
            ("CREATE USER a IDENTIFIED BY VALUES 'S:0F'", None),
            ("CREATE USER a WITH PASSWORD 'x7Q''", None),
            ("the rows to be identified by name2string", None),
        ] {
            let found = found(text);
            let values: Vec<_> = found
                .iter()
                .map(|c| {
                    let raw = &text.as_bytes()[c.value.start as usize..c.value.end as usize];
                    String::from_utf8_lossy(c.decoded.as_deref().unwrap_or(raw)).into_owned()
                })
                .collect();
            // Two anchors read `WITH PASSWORD '…'` alike.
            assert_eq!(values.first().map(String::as_str), password, "{text}");
            assert!(values.iter().all(|v| Some(v.as_str()) == password), "{text}");
        }
        let found = found("# create a MYSQL user called \"jetty\" with password \"jetty\"");
        assert!(found.iter().all(Candidate::is_refuted));
    }

    #[test]
    fn hosts_and_users_are_read() {
        for (text, host, user, port) in [
            ("mysql -h db.acme.io -u shop -px7Qp2mVr9 -P 3307", "db.acme.io", "shop", 3307),
            ("sqlcmd -S tcp:sql.acme.io,1434 -U sa -P x7Qp2mVr9", "sql.acme.io", "sa", 1434),
            ("sqlplus crm/x7Qp2mVr9@//ora.acme.io:1522/crm", "ora.acme.io", "crm", 1522),
            ("curl -u elastic:x7Qp2mVr9 https://es.acme.io:9200", "es.acme.io", "elastic", 9200),
        ] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}");
            for fact in [Fact::Host(host.into()), Fact::User(user.into()), Fact::Port(port)] {
                assert!(found[0].facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
            }
        }
    }
}
