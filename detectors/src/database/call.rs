//! Passwords that a call takes by position: `new mysqli(host, user, password, name)`,
//! `new PDO(dsn, user, password)`, `DriverManager.getConnection(url, user, password)`.
//!
//! Only calls that nothing else is named like, and only where the password is a
//! string literal that stands alone between its commas. What arguments say by name
//! (`password="…"`) is read by [`super::config`].
//!
//! Sources: the PHP manual (`mysqli`, `PDO`, `OCI8`), `java.sql.DriverManager`, PEP
//! 249 with the manuals of mysqlclient, PyMySQL and python-oracledb, Sequelize's.

use std::ops::Range;

use super::config::{is_prose, judged};
use super::config_block;
use super::config_escape;
use super::config_literal::{self, Literal, Quote};
use super::config_name::database_in;
use super::kind::{self, Kind};
use super::server::Connection;
use crate::evidence::Evidence;
use crate::extract::{Extraction, Window};
use crate::placeholder::password::is_reference;

/// The longest call that is read.
const LONGEST: usize = 1024;
/// The most arguments of it; no password stands behind these.
const ARGUMENTS: usize = 5;

/// What the arguments of a call are.
#[derive(Clone, Copy)]
enum Form {
    /// Host, user, password, database; behind so many others.
    Host(usize),
    /// A data source name of PDO or a URL of JDBC, user, password.
    Source,
    /// Database, user, password.
    Database,
    /// User, password, service.
    User,
}

/// The calls, in lower case, with what opens them.
const CALLS: &[(&[u8], Form, Option<Kind>)] = &[
    (b"new mysqli(", Form::Host(0), Some(kind::MYSQL)),
    (b"mysqli_connect(", Form::Host(0), Some(kind::MYSQL)),
    (b"mysql_connect(", Form::Host(0), Some(kind::MYSQL)),
    (b"mysqli_real_connect(", Form::Host(1), Some(kind::MYSQL)),
    (b"->real_connect(", Form::Host(0), Some(kind::MYSQL)),
    (b"mysqldb.connect(", Form::Host(0), Some(kind::MYSQL)),
    (b"pymysql.connect(", Form::Host(0), Some(kind::MYSQL)),
    (b"new pdo(", Form::Source, None),
    (b"new \\pdo(", Form::Source, None),
    (b"drivermanager.getconnection(", Form::Source, None),
    (b"new sequelize(", Form::Database, None),
    (b"cx_oracle.connect(", Form::User, Some(kind::ORACLE)),
    (b"oracledb.connect(", Form::User, Some(kind::ORACLE)),
    (b"oci_connect(", Form::User, Some(kind::ORACLE)),
];

/// Reads the call that the anchor names.
pub(super) fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let name = &window.bytes[window.hit()];
    let Some((_, form, kind)) = CALLS.iter().find(|(n, ..)| n.eq_ignore_ascii_case(name)) else {
        return;
    };
    let text = window.bytes;
    let text = &text[..text.len().min(window.hit_end + LONGEST)];
    let arguments = arguments(text, window.hit_end);
    let (place, user, password, database) = match *form {
        Form::Host(skip) => (Some(skip), skip + 1, skip + 2, Some(skip + 3)),
        Form::Source => (Some(0), 1, 2, None),
        Form::Database => (None, 1, 2, Some(0)),
        Form::User => (Some(2), 0, 1, None),
    };
    let argument = |at: usize| arguments.get(at).and_then(Option::as_ref);
    let Some(password) = argument(password) else { return };
    let value = config_escape::decoded(text, password);
    if !(3..=128).contains(&value.len()) || is_reference(&value) || is_prose(&value) {
        return;
    }
    // PHP puts variables into such strings.
    let first = value.get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    if value[0] == b'$' && first && !matches!(password.quote, Quote::Plain(b'\'')) {
        return;
    }
    let read = |literal: &Literal| String::from_utf8(config_escape::decoded(text, literal)).ok();
    let name = |literal: &Literal| {
        read(literal).filter(|n| !n.is_empty() && n.len() <= 128 && !is_reference(n.as_bytes()))
    };
    let mut connection = Connection { kind: *kind, ..Connection::default() };
    connection.database = database.and_then(argument).and_then(name);
    if let Some(place) = place.and_then(argument).and_then(read) {
        match form {
            Form::Source => source(&place, &mut connection),
            Form::Host(_) | Form::Database => host(&place, &mut connection),
            Form::User => {
                let (server, service) = place.rsplit_once('/').unwrap_or((&place, ""));
                host(server.trim_start_matches('/'), &mut connection);
                connection.database = (!service.is_empty()).then(|| service.to_owned());
            }
        }
    }
    let user = argument(user);
    connection.user = user.and_then(name);
    let user: Option<Range<usize>> =
        user.filter(|_| connection.user.is_some()).map(|u| u.range.clone());
    let evidence = vec![Evidence::NamedService];
    out.push(judged(window, password.range.clone(), &value, &connection, user, evidence));
}

fn host(value: &str, connection: &mut Connection) {
    // `p:` asks PHP for a persistent connection.
    let value = value.strip_prefix("p:").unwrap_or(value);
    if let Some((servers, _)) = config_block::servers(value.as_bytes()) {
        connection.servers = servers;
    }
}

/// `mysql:host=…;port=…;dbname=…` of PDO, `jdbc:…`.
fn source(value: &str, connection: &mut Connection) {
    if value.starts_with("jdbc:") {
        if let Some((kind, server, database)) = config_block::url(value.as_bytes()) {
            connection.kind = kind;
            connection.servers.push(server);
            connection.database = database;
        }
        return;
    }
    let Some((driver, rest)) = value.split_once(':') else { return };
    connection.kind = database_in(driver.as_bytes()).flatten();
    if driver == "oci" {
        connection.kind = Some(kind::ORACLE);
    }
    let mut port = None;
    for (key, value) in rest.split(';').filter_map(|pair| pair.split_once('=')) {
        if value.is_empty() || is_reference(value.as_bytes()) {
            continue;
        }
        match key.trim().to_ascii_lowercase().as_str() {
            // `Server=host,port` of SQL Server.
            "host" | "server" => host(&value.replacen(',', ":", 1), connection),
            "port" => port = value.trim().parse().ok(),
            "dbname" | "database" if !value.contains('$') => {
                connection.database = Some(value.trim().to_owned());
            }
            _ => {}
        }
    }
    if let Some(server) = connection.servers.first_mut() {
        server.port = server.port.or(port);
    }
}

/// The arguments from `from` on: the string of each that is one and nothing else.
fn arguments(text: &[u8], from: usize) -> Vec<Option<Literal>> {
    let mut all = Vec::new();
    let mut at = from;
    while all.len() < ARGUMENTS {
        at = skip_blank(text, at);
        let string = config_literal::string_at(text, at);
        if let Some((literal, end)) = string {
            let end = skip_blank(text, end);
            match text.get(end) {
                Some(b',') => {
                    all.push(Some(literal));
                    at = end + 1;
                    continue;
                }
                Some(b')') => {
                    all.push(Some(literal));
                    break;
                }
                _ => {}
            }
        }
        // An expression: to its comma.
        let Some(end) = expression_end(text, at) else { break };
        all.push(None);
        if text[end] != b',' {
            break;
        }
        at = end + 1;
    }
    all
}

/// Passes white space and the line ends of a string around the code.
fn skip_blank(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        let slashes = rest.iter().take(8).take_while(|b| **b == b'\\').count();
        match rest.get(slashes) {
            Some(b'n' | b'r' | b't') if slashes > 0 => at += slashes + 1,
            Some(byte) if slashes == 0 && byte.is_ascii_whitespace() => at += 1,
            _ => return at,
        }
    }
}

/// Where the comma or the parenthesis stands that ends an expression.
fn expression_end(text: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' | b'\'' | b'\\' | b'&' => {
                if let Some((_, end)) = config_literal::string_at(text, at) {
                    at = end;
                    continue;
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b',' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::candidate::Candidate;
    use crate::database::config::CONFIG;
    use crate::fact::Fact;
    use crate::reference;

    fn found(text: &str) -> Vec<Candidate> {
        reference::candidates(std::slice::from_ref(&CONFIG), text.as_bytes())
    }

    #[test]
    fn passwords_by_position() {
        for (text, host, database) in [
            ("new mysqli(\"db.acme.io\", \"web\", \"vK7-mq2Lx9\", \"shop\")", true, true),
            ("new mysqli('db.acme.io', $user, 'vK7-mq2Lx9', 'shop')", true, true),
            ("mysqli_connect('db.acme.io','web','vK7-mq2Lx9')", true, false),
            ("mysqli_real_connect($l, 'p:db.acme.io','web','vK7-mq2Lx9','shop')", true, true),
            (
                "new PDO('mysql:host=db.acme.io;port=3307;dbname=shop', 'web', 'vK7-mq2Lx9')",
                true,
                true,
            ),
            (
                "new \\PDO(\"mysql:host=$host;dbname=$d\", 'web', 'vK7-mq2Lx9', [1, 2])",
                false,
                false,
            ),
            ("new PDO($this->dsn(['a', 'b']), 'web', 'vK7-mq2Lx9')", false, false),
            (
                "DriverManager.getConnection(\n  \"jdbc:mysql://db.acme.io:3306/shop\",\n  \"web\",\n  \"vK7-mq2Lx9\");",
                true,
                true,
            ),
            ("DriverManager.getConnection(URL + \"/x\", \"web\", \"vK7-mq2Lx9\")", false, false),
            ("MySQLdb.connect('db.acme.io', 'web', 'vK7-mq2Lx9', 'shop')", true, true),
            ("cx_Oracle.connect('web', 'vK7-mq2Lx9', 'db.acme.io:1521/shop')", true, true),
            ("new Sequelize('shop', 'web', 'vK7-mq2Lx9', {host: 'db.acme.io'})", false, true),
            (
                "{\"m\":\"new mysqli(\\\"db.acme.io\\\",\\n \\\"web\\\", \\\"vK7-mq2Lx9\\\", \\\"shop\\\")\"}",
                true,
                true,
            ),
            (
                "new mysqli(&quot;db.acme.io&quot;, &quot;web&quot;, &quot;vK7-mq2Lx9&quot;)",
                true,
                false,
            ),
        ] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}");
            let value = &text[found[0].value.start as usize..found[0].value.end as usize];
            assert_eq!(value, "vK7-mq2Lx9", "{text}");
            let has = |fact: Fact| found[0].facts.iter().any(|f| *f == fact);
            assert_eq!(has(Fact::Host("db.acme.io".into())), host, "{text}");
            assert_eq!(has(Fact::Database("shop".into())), database, "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_no_password() {
        for text in [
            "new mysqli($h, $u, $p, $d)",
            "new mysqli('localhost', 'web', '', 'shop')",
            "new mysqli('localhost', 'web', \"$pass\", 'shop')",
            "new mysqli('localhost', 'web', 'vK7' . $x, 'shop')",
            "new PDO($dsn, 'web', getenv('DB_PW1'))",
            "new PDO('sqlite:/var/x.db')",
            "DriverManager.getConnection(\"jdbc:h2:mem:x\", \"sa\", \"\")",
            "DriverManager.getConnection(url, user, password); f(\"a\", \"b\", \"vK7-mq2Lx9\")",
            "MySQLdb.connect(host='db.acme.io', user='web')",
            "new mysqli(",
            "new mysqli('",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
