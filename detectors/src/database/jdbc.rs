//! JDBC URLs that hold a password.
//!
//! What follows `jdbc:` is each driver's own: properties behind `?` and `&`, behind
//! semicolons, behind a colon (Db2, Informix), in parentheses for each host
//! (MySQL), a login before `@` (Oracle, MySQL). All of these are read alike: a
//! property begins behind one of the separators, and ends where the separator that
//! it began with says.
//!
//! Sources: the drivers' documentation (pgJDBC, Connector/J, MariaDB Connector/J,
//! Microsoft JDBC Driver, Oracle JDBC Developer's Guide, Db2, Snowflake, Redshift,
//! jTDS, Informix, ClickHouse, Hive, Trino).

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::connection_string::literal::{self, Literal, Sign, Writing};
use super::connection_string::{Finding, judge, servers, tls};
use super::kind::{self, Kind};
use super::server::Connection;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::Reason;
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::url::writing::percent_decoded;

/// The longest URL that is read.
const AFTER: usize = 2048;

/// How far before the URL its quote and its name are looked for.
const BEFORE: usize = 160;

pub(super) static URL: Detector = Detector {
    id: text("jdbc-url"),
    title: text("JDBC URL with a password"),
    provider: text("database"),
    tags: Borrowed(&[text("database")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("jdbc:"),
        Anchor::any_case("jdbc\\"),
        Anchor::any_case("jdbc%3a"),
        Anchor::any_case("jdbc%253a"),
        Anchor::any_case("jdbc&#"),
    ])),
    reach: Reach::new(BEFORE as u32, AFTER as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Critical,
    remedy: text(
        "Change the password of this database user, then look at the server's log for sessions that \
         are not yours. Take user and password out of the URL: drivers print it in errors and logs. \
         Close the port to the public.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/jdbc_postgresql.txt")),
            text(include_str!("examples/jdbc_sqlserver.txt")),
            text(include_str!("examples/jdbc_oracle.txt")),
            text(include_str!("examples/jdbc_db2.txt")),
            text(include_str!("examples/jdbc_mysql.txt")),
            text(include_str!("examples/jdbc_snowflake.txt")),
        ]),
        refuted: Borrowed(&[
            (
                text("jdbc:postgresql://pg.fernhill.io/app?user=app&password=${DB_PASSWORD}"),
                Reason::Placeholder,
            ),
            (
                text("jdbc:mysql://db.example.com:3306/app?user=app&password=q8Zr2LmP"),
                Reason::Documentation,
            ),
            (text("jdbc:oracle:thin:scott/tiger@//db7:1521/ORCL"), Reason::Placeholder),
        ]),
        unmatched: Borrowed(&[
            text("jdbc:postgresql://pg.fernhill.io:5432/app"),
            text("import java.sql.*; // jdbc: drivers"),
            text("jdbc:oracle:thin:@//db7:1521/ORCL"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    // `jdbc:` in an import, a sentence or a heading is followed by no driver.
    let hit = window.hit_start;
    let first = text.get(window.hit_end);
    let percent = match window.anchor {
        2 => 1,
        3 => 2,
        _ => 0,
    };
    if window.anchor != 1 && window.anchor != 4 && !first.is_some_and(u8::is_ascii_alphabetic) {
        return;
    }
    if window.byte_before(hit).is_some_and(|b| b.is_ascii_alphabetic() || b == b'.')
        && !crate::encoding::escaped::ends_with_escape(window.before())
    {
        return;
    }
    // Another URL starts another string.
    let after = window.after();
    let end = memchr::memmem::find(after, b"jdbc:").map_or(text.len(), |n| window.hit_end + n);
    let text = &text[..end];
    // The name of a password or an `@` must follow; most URLs have neither.
    let rest = &text[window.hit_end..];
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let quoted_printable = is_quoted_printable(rest) || literal::is_soft(text, hit);
    let rest = if quoted_printable { rest } else { &rest[..line] };
    let named = memchr::memmem::find_iter(rest, b"@").next().is_some()
        || rest
            .windows(3)
            .any(|w| w.eq_ignore_ascii_case(b"pwd") || w.eq_ignore_ascii_case(b"swo"))
        || percent > 0
        || quoted_printable;
    if !named {
        return;
    }
    let sign = Sign { percent, quoted_printable };
    let writing = Writing::before(text, hit, sign);
    let literal = Literal::read(text, hit, writing);
    let plain = literal.bytes.as_slice();
    let Some(url) = Url::read(plain) else { return };
    let Some(password) = url.password else { return };
    let value = match password.written {
        Written::Query => percent_decoded(&plain[password.range.clone()]),
        Written::Braced => {
            let inner = String::from_utf8_lossy(&plain[password.range.clone()]).replace("}}", "}");
            inner.into_bytes()
        }
        Written::Plain => plain[password.range.clone()].to_vec(),
    };
    let place = literal.place(password.range);
    if value.is_empty() || place.is_empty() {
        return;
    }
    let verdict = judge(&value, &url.connection);
    let finding = Finding {
        span: hit..literal.place(0..url.end).end.max(place.end),
        password: place,
        value: &value,
        user: url.user.map(|u| literal.place(u)),
        connection: url.connection,
        verdict,
    };
    let mut candidate = finding.candidate(window);
    candidate.facts.add(Fact::Variant("jdbc"));
    out.push(candidate);
}

/// Whether the text is quoted-printable: the first signs in it are `=3D`.
fn is_quoted_printable(text: &[u8]) -> bool {
    let text = &text[..text.len().min(512)];
    let signs = memchr::memchr_iter(b'=', text).take(3);
    signs.map(|at| &text[at + 1..]).filter(|t| !t.starts_with(b"\n")).any(|t| t.starts_with(b"3D"))
}

/// How a value is written in the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Percent-encoded, as behind a question mark.
    Query,
    /// In braces.
    Braced,
    /// As it is.
    Plain,
}

/// A property's value.
#[derive(Debug, Clone)]
struct Value {
    range: Range<usize>,
    written: Written,
}

/// A JDBC URL, with places in its characters.
#[derive(Debug)]
struct Url {
    connection: Connection,
    user: Option<Range<usize>>,
    password: Option<Value>,
    /// Where it ends.
    end: usize,
}

/// The drivers by what stands in the URL's scheme, the more special first.
const DRIVERS: &[(&str, Kind)] = &[
    ("redshift", kind::REDSHIFT),
    ("cockroach", kind::COCKROACHDB),
    ("postgresql", kind::POSTGRESQL),
    ("pgsql", kind::POSTGRESQL),
    ("mariadb", kind::MARIADB),
    ("mysql", kind::MYSQL),
    ("sqlserver", kind::SQLSERVER),
    ("jtds", kind::SQLSERVER),
    ("sybase", kind::SYBASE),
    ("oracle", kind::ORACLE),
    ("db2", kind::DB2),
    ("as400", kind::DB2),
    ("snowflake", kind::SNOWFLAKE),
    ("clickhouse", kind::CLICKHOUSE),
    ("ch:", kind::CLICKHOUSE),
    ("cassandra", kind::CASSANDRA),
    ("mongodb", kind::MONGODB),
    ("informix", kind::INFORMIX),
    ("hive2", kind::HIVE),
    ("impala", kind::IMPALA),
    ("trino", kind::TRINO),
    ("presto", kind::PRESTO),
    ("databricks", kind::DATABRICKS),
    ("spark", kind::DATABRICKS),
    ("vertica", kind::VERTICA),
    ("teradata", kind::TERADATA),
    ("sap", kind::HANA),
    ("firebird", kind::FIREBIRD),
    ("exa", kind::EXASOL),
    ("neo4j", kind::NEO4J),
    ("elasticsearch", kind::ELASTICSEARCH),
    ("redis", kind::REDIS),
    ("h2", kind::H2),
    ("hsqldb", kind::HSQLDB),
    ("derby", kind::DERBY),
    ("sqlite", kind::SQLITE),
    ("odbc", kind::ODBC),
];

impl Url {
    fn read(text: &[u8]) -> Option<Self> {
        // The scheme ends before `//`, `@` or the first property.
        let body = text.get(5..)?;
        let head = body
            .iter()
            .take(64)
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'+')))
            .unwrap_or(body.len().min(64));
        let scheme = String::from_utf8_lossy(&body[..head]).to_ascii_lowercase();
        let kind = DRIVERS.iter().find(|(name, _)| scheme.contains(name)).map(|(_, k)| *k)?;
        let mut connection = Connection { kind: Some(kind), ..Connection::default() };
        if kind == kind::ORACLE {
            return Self::oracle(text, connection);
        }
        let end = end_of(text, kind);
        let text = &text[..end];
        let mut user = None;
        let mut password = None;
        let start = memchr::memmem::find(text, b"//").map_or(5 + head, |n| n + 2);
        // A login before the host. Slashes in the password do not end it if what
        // follows the last `@` before the query is a host.
        let query = text[start..]
            .iter()
            .position(|b| matches!(b, b'?' | b';'))
            .map_or(text.len(), |n| start + n);
        let mut authority = start;
        if let Some(at) = memchr::memrchr(b'@', &text[start..query]).map(|n| start + n) {
            let colon = memchr::memchr(b':', &text[start..at]).map(|n| start + n);
            if !text[start..at].contains(&b'(') {
                user = Some(start..colon.unwrap_or(at));
                password = colon.map(|c| Value { range: c + 1..at, written: Written::Query });
                authority = at + 1;
            }
        }
        let host_end = text[authority..]
            .iter()
            .position(|b| matches!(b, b'/' | b'?' | b';' | b' '))
            .map_or(text.len(), |n| authority + n);
        let hosts = &text[authority..host_end];
        if let Ok(hosts) = std::str::from_utf8(hosts) {
            connection.servers = if hosts.contains("address=(") || hosts.starts_with('(') {
                servers::read(&hosts[hosts.find('(').unwrap_or(0)..])
            } else {
                servers::read(hosts)
            };
        }
        if text.get(host_end) == Some(&b'/') {
            let rest = &text[host_end + 1..];
            let len = rest
                .iter()
                .position(|b| {
                    matches!(b, b'?' | b';' | b':' | b'&' | b'/') || b.is_ascii_whitespace()
                })
                .unwrap_or(rest.len());
            connection.database = String::from_utf8(rest[..len].to_vec()).ok();
        }
        for property in properties(text, authority) {
            let name = text[property.name.clone()].to_ascii_lowercase();
            let plain =
                || String::from_utf8(percent_decoded(&text[property.value.range.clone()])).ok();
            match name.as_slice() {
                b"user" | b"username" | b"uid" | b"userid" | b"usr" => {
                    user = Some(property.value.range.clone());
                }
                b"password" | b"pwd" | b"passwd" => password = Some(property.value),
                b"database" | b"databasename" | b"db" => connection.database = plain(),
                b"ssl" | b"usessl" | b"sslmode" | b"encrypt" => {
                    connection.tls = plain().and_then(|v| tls(&v));
                }
                b"servername" | b"server" if connection.servers.is_empty() => {
                    connection.servers = plain().map(|h| servers::read(&h)).unwrap_or_default();
                }
                _ => {}
            }
        }
        connection.user =
            user.clone().and_then(|u| String::from_utf8(percent_decoded(&text[u])).ok());
        Some(Self { connection, user, password, end })
    }

    /// `jdbc:oracle:thin:user/password@…`, the password perhaps in double quotes.
    fn oracle(text: &[u8], mut connection: Connection) -> Option<Self> {
        let lower = text[..text.len().min(40)].to_ascii_lowercase();
        let login = [&b"thin:"[..], b"oci:", b"oci8:"]
            .iter()
            .find_map(|d| memchr::memmem::find(&lower, d).map(|n| n + d.len()))?;
        let slash =
            login + text[login..].iter().take(130).position(|b| matches!(b, b'/' | b'@'))?;
        if text[slash] == b'@' {
            return None;
        }
        let (password, at) = if text.get(slash + 1) == Some(&b'"') {
            let close = slash + 2 + memchr::memchr(b'"', &text[slash + 2..])?;
            (slash + 2..close, close + 1)
        } else {
            // Raw: the last `@` behind which an address follows.
            let end = text[slash..]
                .iter()
                .position(|b| b.is_ascii_whitespace() || matches!(b, b'(' | b'"' | b'\'' | b'<'))
                .map_or(text.len(), |n| slash + n);
            let at = slash + memchr::memrchr(b'@', &text[slash..end])?;
            (slash + 1..at, at)
        };
        if text.get(at) != Some(&b'@') {
            return None;
        }
        let rest = &text[at + 1..];
        let descriptor = rest.starts_with(b"(");
        let len = rest
            .iter()
            .position(|b| {
                (b.is_ascii_whitespace() && !descriptor) || matches!(b, b'"' | b'\'' | b'<' | b'`')
            })
            .unwrap_or(rest.len());
        let address = std::str::from_utf8(&rest[..len]).ok()?;
        // `host:1521:SID` and `host:1521/service`.
        let bare = address.trim_start_matches("tcps:").trim_start_matches("//");
        if descriptor {
            connection.servers = servers::read(bare);
        } else {
            let mut pieces = bare.splitn(3, [':', '/']);
            let host = pieces.next().unwrap_or_default();
            let port = pieces.next().and_then(|p| p.split('/').next()).unwrap_or_default();
            let place =
                if port.parse::<u16>().is_ok() { format!("{host}:{port}") } else { host.into() };
            connection.servers = servers::read(&place);
            connection.database =
                pieces.next().map(|s| s.split('?').next().unwrap_or(s).to_owned());
        }
        let user = login..slash;
        connection.user = String::from_utf8(text[user.clone()].to_vec()).ok();
        Some(Self {
            connection,
            user: Some(user),
            password: Some(Value { range: password, written: Written::Plain }),
            end: at + 1 + len,
        })
    }
}

/// Where a URL ends at the latest. Properties behind semicolons may have spaces in
/// braces; elsewhere white space ends it.
fn end_of(text: &[u8], kind: Kind) -> usize {
    let mut braces = false;
    let semicolons = kind == kind::SQLSERVER || kind == kind::DB2;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'{' if text[..at].ends_with(b"=") => braces = true,
            b'}' => braces = false,
            b'<' | b'>' | b'"' | b'`' if !semicolons => return at,
            b' ' | b'\t' | b'\n' if !braces => {
                // `encrypt=true; password=…`
                let goes_on = semicolons && text[..at].ends_with(b";");
                if !goes_on {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// A name and its value.
struct Property {
    name: Range<usize>,
    value: Value,
}

/// The properties from `from` on.
fn properties(text: &[u8], from: usize) -> Vec<Property> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(sign) = memchr::memchr(b'=', &text[at..]).map(|n| at + n) {
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let head = text[at..sign].trim_ascii_end();
        let len = head.iter().rev().take_while(is_name).count();
        let name = at + head.len() - len..at + head.len();
        let start = sign + 1;
        let separator = text[..name.start].trim_ascii_end().last().copied().unwrap_or(b' ');
        let rest = &text[start..];
        let (range, written, next) = if rest.starts_with(b"{") && matches!(separator, b';' | b':') {
            let mut close = start + 1;
            loop {
                match memchr::memchr(b'}', &text[close.min(text.len())..]).map(|n| close + n) {
                    Some(n) if text.get(n + 1) == Some(&b'}') => close = n + 2,
                    Some(n) => break close = n,
                    None => break close = text.len(),
                }
            }
            (start + 1..close.max(start + 1), Written::Braced, (close + 1).min(text.len()))
        } else {
            let ends = |b: &u8| match separator {
                b'?' | b'&' => matches!(b, b'&' | b';' | b'\''),
                b'(' | b',' => matches!(b, b')' | b','),
                _ => *b == b';',
            };
            let end = rest.iter().position(ends).map_or(text.len(), |n| start + n);
            let written =
                if matches!(separator, b'?' | b'&') { Written::Query } else { Written::Plain };
            (start..end, written, end)
        };
        if len > 0
            && matches!(separator, b'?' | b'&' | b';' | b':' | b'(' | b',')
            && found.len() < 64
        {
            found.push(Property { name, value: Value { range, written } });
            at = next;
        } else {
            at = start;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;
    use crate::reference;

    fn found(text: &str) -> Vec<(String, Candidate)> {
        reference::candidates(std::slice::from_ref(&URL), text.as_bytes())
            .into_iter()
            .map(|c| {
                let raw = &text.as_bytes()[c.value.start as usize..c.value.end as usize];
                let value = c.decoded.as_deref().unwrap_or(raw).to_vec();
                (String::from_utf8_lossy(&value).into_owned(), c)
            })
            .collect()
    }

    #[test]
    fn drivers_write_passwords_in_many_places() {
        for (url, password, kind, user, host, port) in [
            (
                "jdbc:postgresql://pg.fernhill.io/app?user=a&password=p%40ss",
                "p@ss",
                "postgresql",
                "a",
                "pg.fernhill.io",
                5432,
            ),
            (
                "jdbc:postgresql://[::1]:5433/app?ssl=true&user=a&password=q8Zr",
                "q8Zr",
                "postgresql",
                "a",
                "[::1]",
                5433,
            ),
            (
                "jdbc:mysql://a:q8@Zr@db.fernhill.io:3307/app",
                "q8@Zr",
                "mysql",
                "a",
                "db.fernhill.io",
                3307,
            ),
            (
                "jdbc:mysql://address=(host=m1)(port=3308)(user=a)(password=q8Zr)/app",
                "q8Zr",
                "mysql",
                "a",
                "m1",
                3308,
            ),
            ("jdbc:mariadb://m1,m2/app?user=a&password=q8Zr", "q8Zr", "mariadb", "a", "m1", 3306),
            (
                "jdbc:sqlserver://s1\\INST:1450;databaseName=d;user=a;password={q;8}}Zr};encrypt=true",
                "q;8}Zr",
                "sqlserver",
                "a",
                "s1",
                1433,
            ),
            (
                "jdbc:jtds:sqlserver://s1:1450/d;user=a;password=q8Zr",
                "q8Zr",
                "sqlserver",
                "a",
                "s1",
                1450,
            ),
            ("jdbc:oracle:thin:a/q8@Zr@//o1:1522/svc", "q8@Zr", "oracle", "a", "o1", 1522),
            ("jdbc:oracle:thin:a/q8Zr@o1:1522:SID", "q8Zr", "oracle", "a", "o1", 1522),
            ("jdbc:oracle:thin:a/\"q8/@Zr\"@o1:1522:SID", "q8/@Zr", "oracle", "a", "o1", 1522),
            (
                "jdbc:oracle:thin:a/q8Zr@(DESCRIPTION=(ADDRESS=(HOST=o1)(PORT=1522)))",
                "q8Zr",
                "oracle",
                "a",
                "o1",
                1522,
            ),
            ("jdbc:db2://d1:50001/db:user=a;password=q8Zr;", "q8Zr", "db2", "a", "d1", 50001),
            (
                "jdbc:snowflake://acme.snowflakecomputing.com/?user=a&password=q8Zr&db=x",
                "q8Zr",
                "snowflake",
                "a",
                "acme.snowflakecomputing.com",
                443,
            ),
            ("jdbc:redshift://r1:5440/d?UID=a&PWD=q8Zr", "q8Zr", "redshift", "a", "r1", 5440),
            (
                "jdbc:clickhouse://c1:8123/d?user=a&password=q8Zr",
                "q8Zr",
                "clickhouse",
                "a",
                "c1",
                8123,
            ),
            ("jdbc:hive2://h1:10000/d;user=a;password=q8Zr", "q8Zr", "hive", "a", "h1", 10000),
            (
                "jdbc:informix-sqli://i1:9088/d:INFORMIXSERVER=x;user=a;password=q8Zr",
                "q8Zr",
                "informix",
                "a",
                "i1",
                9088,
            ),
            ("jdbc:sybase:Tds:s1:5000/d?USER=a&PASSWORD=q8Zr", "q8Zr", "sybase", "a", "", 5000),
            (
                "jdbc:trino://t1:443/c/s?user=a&password=q8Zr&SSL=true",
                "q8Zr",
                "trino",
                "a",
                "t1",
                443,
            ),
        ] {
            for text in [
                url.to_owned(),
                format!("spring.datasource.url={}\n", url.replace('=', "\\=").replace(':', "\\:")),
                format!(
                    "\"url\": \"{}\",",
                    url.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/")
                ),
                format!("<url>{}</url>", url.replace('&', "&amp;").replace('"', "&quot;")),
                format!(
                    "{{\"u\":\"{}\"}}",
                    url.replace('\\', "\\\\")
                        .replace('"', "\\\"")
                        .replace('&', "\\u0026")
                        .replace('=', "\\u003d")
                ),
                format!("url: {}\n", url.replace('=', "=3D").replace("pass", "pa=\nss")),
            ] {
                let all = found(&text);
                assert_eq!(all.len(), 1, "{text}");
                let (value, candidate) = &all[0];
                assert_eq!(value, password, "{text}");
                let has = |f: Fact| candidate.facts.iter().any(|g| *g == f);
                assert!(has(Fact::DatabaseKind(kind)), "{text}: {:?}", candidate.facts);
                assert!(has(Fact::User(user.into())), "{text}: {:?}", candidate.facts);
                if !host.is_empty() {
                    assert!(has(Fact::Host(host.into())), "{text}: {:?}", candidate.facts);
                    let instance = url.contains("INST");
                    assert!(instance || has(Fact::Port(port)), "{text}: {:?}", candidate.facts);
                }
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in [
            "x=\"jdbc:mysql://a:b@c:1/d?user=e&password=f%20g\"",
            "jdbc:sqlserver://s\\i;user=a;password={b}}c};",
            "jdbc:oracle:thin:a/\"b\"@(DESCRIPTION=(HOST=c)(PORT=1))",
            "jdbc%3Adb2%3A%2F%2Fh%2Fd%3Auser%3Da%3Bpassword%3Db",
        ] {
            for end in 0..text.len() {
                found(&text[..end]);
                for byte in ["%", "\\", "\"", "{", "}", "=", ";", "\u{e9}", "@", "("] {
                    found(&format!("{}{byte}{}", &text[..end], &text[end + 1..]));
                }
            }
        }
    }

    #[test]
    fn repeated_text_takes_linear_time() {
        for piece in [
            "jdbc:",
            "jdbc:mysql://@",
            "jdbc:x;password=",
            "jdbc%3amysql",
            "jdbc:mysql://a?password=b&",
        ] {
            found(&piece.repeat(200_000 / piece.len()));
        }
    }
}
