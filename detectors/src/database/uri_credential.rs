//! Passwords inside connection URIs.
//!
//! Two detectors share the reading: databases, queues and caches, and everything
//! else that takes a password before its host. A URI of the web is the second's,
//! unless its port or user is that of a database.
//!
//! Not here: JDBC URLs, key–value strings, IAM tokens of RDS (they have a detector
//! of their own) and AWS pairs of `MONGODB-AWS`, which the AWS family reads.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::kind;
use super::uri::{AFTER, BEFORE, Beginning, MAX_WEB, Uri, web_scheme};
use super::uri_provider;
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{contains, password};
use crate::url::host::HostClass;

/// The most bytes of an authority of the web that are looked at for an `@`.
const MAX_AUTHORITY: usize = 512;

/// The longest password that is believed, decoded.
const MAX_PASSWORD: usize = 2048;

/// The anchors of databases: the part of the scheme that all of a family share, so
/// that a hit is a word of a text now and then and costs a look at the byte behind.
macro_rules! database_anchors {
    ($($more:expr),*) => {
        &[
            Anchor::any_case("postgres"),
            Anchor::exact("postgis"),
            Anchor::exact("cockroach"),
            Anchor::exact("timescaledb"),
            Anchor::exact("redshift"),
            Anchor::exact("yugabytedb"),
            Anchor::any_case("mysql"),
            Anchor::any_case("mariadb"),
            Anchor::any_case("mongodb"),
            // The word alone stands in whole books.
            Anchor::any_case("redis:"),
            Anchor::any_case("redis\\"),
            Anchor::any_case("redis%"),
            Anchor::any_case("redis&"),
            Anchor::any_case("redis="),
            Anchor::any_case("redis+"),
            Anchor::any_case("redis-s"),
            Anchor::any_case("rediss"),
            Anchor::exact("valkey"),
            Anchor::any_case("amqp"),
            Anchor::any_case("mssql"),
            Anchor::any_case("sqlserver"),
            Anchor::any_case("oracle"),
            Anchor::any_case("snowflake"),
            Anchor::any_case("clickhouse"),
            Anchor::exact("ch://"),
            Anchor::any_case("cassandra"),
            Anchor::any_case("couchdb"),
            Anchor::any_case("couchbase"),
            Anchor::exact("bolt:"),
            Anchor::exact("bolt+"),
            Anchor::exact("bolt%"),
            Anchor::any_case("neo4j"),
            Anchor::any_case("influxdb"),
            Anchor::any_case("elasticsearch"),
            $($more),*
        ]
    };
}
pub(super) use database_anchors;

pub(super) static DATABASE: Detector = Detector {
    id: text("database-uri"),
    title: text("Database connection URI with its password"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(database_anchors!(
        // The web's schemes are in every text; the ports are not.
        Anchor::exact(":9200"),
        Anchor::exact(":9243"),
        Anchor::exact(":5984"),
        Anchor::exact(":6984"),
        Anchor::exact(":8123"),
        Anchor::exact(":8443"),
        Anchor::exact(":8086"),
        Anchor::exact(":7474"),
        Anchor::exact("3A9200"),
        Anchor::exact("3A9243"),
        Anchor::exact("3A5984"),
        Anchor::exact("3A6984"),
        Anchor::exact("3A8123"),
        Anchor::exact("3A8086"),
        Anchor::exact("elastic:"),
        Anchor::exact("elastic\\:"),
        Anchor::exact("elastic%")
    ))),
    reach: Reach::new(BEFORE + MAX_WEB as u32, AFTER),
    shape: Shape::Parser(parse_database),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Critical,
    remedy: text(
        "Give the database user another password (`ALTER USER … PASSWORD`, `ACL SETUSER`, the \
         provider's console), put it where the application reads its secrets from, and look \
         through the server's log for connections that were not yours. Let only known networks \
         reach the port.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "DATABASE_URL=postgres://shop:vT7q-mKx2Lp@db.acme-shop.io:5432/shop_prod?sslmode=require",
            ),
            text("redis://:8fKq2zLw7Rt@cache.acme-shop.io:6379/0"),
            text(
                "{\"url\":\"mongodb+srv:\\/\\/app:w9KpX%40e7Lz@cluster0.ab1cd.mongodb.net\\/shop\"}",
            ),
            text("next=postgresql%2Basyncpg%3A%2F%2Fapp%3AvT7qmKx2Lp%40db.acme-shop.io%2Fshop"),
            text("jobs: amqps://worker:p@ss:w0rd/9x@[2a01:4f8::17]:5671/%2Fjobs"),
            text("sqlserver://db.acme-shop.io:1433?user=app&amp;password=Tq8xKv2mLw"),
            text("http://elastic:hQ7xLm2vKp9z@search.acme-shop.io:9200/_cat"),
            text("url=3Dmysql://app:vT7qm=\nKx2Lp@db.acme-shop.io/shop=\n_prod"),
        ]),
        refuted: Borrowed(&[
            (text("postgres://user:password@db.acme-shop.io/app"), Reason::Placeholder),
            (text("postgresql://app:${DB_PASS}@db.acme-shop.io/app"), Reason::Placeholder),
            (text("mysql://app:vT7qmKx2Lp@db.example.com/app"), Reason::Documentation),
            (text("amqp://guest:guest@rabbit:5672/"), Reason::Placeholder),
            (text("redis://:%(password)s@cache:6379"), Reason::Placeholder),
        ]),
        unmatched: Borrowed(&[
            text("postgres://db.acme-shop.io/app"),
            text("see redis://, mysql:// and mongodb+srv:// URIs"),
            text("postgres://\" + user + \":\" + password + \"@\" + host"),
            text("jdbc:mysql://app:vT7qmKx2Lp@db.acme-shop.io/shop"),
            text("https://app:vT7qmKx2Lp@git.acme-shop.io/x.git"),
            text(
                "mongodb://AKIAVX4KZTQ2HJWNCO5M:a%2Fb7Zk1Xq9Rw3%2BLmT5vYc8NfJd2GhPs6UeQo0iVt@db.acme-shop.io/?authMechanism=MONGODB-AWS",
            ),
        ]),
    },
};

pub(super) static OTHER: Detector = Detector {
    id: text("url-password"),
    title: text("URL with a password before its host"),
    provider: text("Generic"),
    tags: Borrowed(&[text("url"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("http:"),
        Anchor::any_case("https:"),
        Anchor::any_case("http\\"),
        Anchor::any_case("https\\"),
        Anchor::any_case("http%"),
        Anchor::any_case("https%"),
        Anchor::any_case("ftp:"),
        Anchor::any_case("ftps:"),
        Anchor::any_case("ftp\\"),
        Anchor::any_case("ftps\\"),
        Anchor::any_case("ftp%"),
        Anchor::any_case("ftps%"),
        Anchor::any_case("ldap"),
        Anchor::any_case("smtp"),
        Anchor::any_case("imap"),
        Anchor::any_case("mqtt"),
        Anchor::any_case("nats:"),
        Anchor::any_case("nats\\"),
        Anchor::any_case("nats%"),
        Anchor::any_case("kafka"),
        Anchor::any_case("pulsar"),
        Anchor::any_case("ssh:"),
        Anchor::any_case("ssh\\"),
        Anchor::any_case("ssh%"),
    ])),
    reach: Reach::new(BEFORE, AFTER),
    shape: Shape::Parser(parse_other),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Change the password, or revoke the token, at the service that the URL names. Look \
         through that service's log for uses that were not yours, and keep passwords out of URLs: \
         they end up in logs, histories and referrers.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("git clone https://deploy:vT7q-mKx2Lp@git.acme-shop.io/shop.git"),
            text(
                "https://x-access-token:ghs_4bV9xQ2mZt7KpL3wYc8RfJd5GhNs6UeQo0iT@github.com/acme/shop",
            ),
            text("https://ghp_4bV9xQ2mZt7KpL3wYc8RfJd5GhNs6UeQo0iT@github.com/acme/shop"),
            text("ftp://backup:Kx2-LpvT7q@files.acme-shop.io/dump.gz"),
            text("smtps:\\/\\/mailer:Kx2LpvT7q@smtp.acme-shop.io:465"),
            text("proxy=http%3A%2F%2Fproxy%3AvT7qmKx2Lp%40proxy.acme-shop.io%3A3128"),
            text("mqtt://sensor:b7Qk2LmZx9@broker.acme-shop.io:1883"),
        ]),
        refuted: Borrowed(&[
            (text("https://user:password@git.acme-shop.io/x"), Reason::Placeholder),
            (text("https://deploy:vT7qmKx2Lp@git.example.com/x"), Reason::Documentation),
            (text("ftp://anonymous:me@ftp.acme-shop.io/"), Reason::Placeholder),
        ]),
        unmatched: Borrowed(&[
            text("https://acme-shop.io/@user:name@x"),
            text("ssh://git@git.acme-shop.io:22/x.git"),
            text("https://user@acme-shop.io/"),
            text("http://acme-shop.io:9200/?q=a:b@c"),
            text("postgres://app:vT7qmKx2Lp@db.acme-shop.io/app"),
            text("http://elastic:hQ7xLm2vKp9z@search.acme-shop.io:9200/_cat"),
        ]),
    },
};

fn parse_database(window: &Window<'_>, out: &mut Extraction<'_>) {
    let anchor = &window.bytes[window.hit()];
    let is_user = anchor.starts_with(b"elastic") && !anchor.ends_with(b"search");
    if is_user || matches!(anchor[0], b':' | b'3') {
        if let Some(at_scheme) = web_scheme(window) {
            parse(&at_scheme, true, out);
        }
        return;
    }
    parse(window, true, out);
}

fn parse_other(window: &Window<'_>, out: &mut Extraction<'_>) {
    let is_web = window.bytes[window.hit_start..].starts_with_ignore_case(b"http");
    if !is_web || may_hold_password(window) {
        parse(window, false, out);
    }
}

fn parse(window: &Window<'_>, databases: bool, out: &mut Extraction<'_>) {
    let Some(beginning) = Beginning::at(window) else { return };
    let Some(uri) = Uri::read(window, &beginning) else { return };
    let connection = uri.connection(window.bytes);
    let is_database =
        uri.scheme.is_database || connection.kind.is_some_and(|k| k.name != uri.scheme.kind.name);
    if is_database != databases {
        return;
    }
    for secret in Secret::all(&uri, databases) {
        if let Some(candidate) = secret.judged(window, &uri, &connection) {
            out.push(candidate);
        }
    }
}

/// Compares the start of bytes without case.
trait StartsWith {
    fn starts_with_ignore_case(&self, prefix: &[u8]) -> bool;
}

impl StartsWith for [u8] {
    fn starts_with_ignore_case(&self, prefix: &[u8]) -> bool {
        self.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    }
}

/// Whether a URL of the web has an `@` before its path. Ends at the end of the host, so that an ordinary
/// URL costs a look at some twenty bytes.
fn may_hold_password(window: &Window<'_>) -> bool {
    let rest = window.after();
    let rest = &rest[..rest.len().min(MAX_AUTHORITY)];
    if window.bytes[window.hit_end - 1] == b'%' {
        let is_member = |b: &u8| b.is_ascii_alphanumeric() || b"%-_.~*+".contains(b);
        let len = rest.iter().take_while(|b| is_member(b)).count();
        let path = memchr::memmem::find(&rest[..len], b"%2F%2F").map_or(0, |at| at + 6);
        return memchr::memmem::find(&rest[path..len], b"40").is_some();
    }
    let slashes = rest.iter().take(24).take_while(|b| matches!(b, b'/' | b'\\' | b':')).count();
    let entity = rest.starts_with(b"&#") || rest.starts_with(b"\\u") || rest.starts_with(b"\\x");
    if slashes == 0 && !entity && !rest.starts_with(b"=") {
        return false;
    }
    let mut previous = 0;
    for byte in rest.iter().skip(slashes) {
        match byte {
            b'@' => return true,
            b'/' | b'?' if !entity => return false,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b' ' | b'#' if !(entity && *byte == b'#') => {
                return false;
            }
            b'\n' | b'\r' if matches!(previous, b'=' | b'\r') => {}
            0..=b' ' => return false,
            _ => {}
        }
        previous = *byte;
    }
    false
}

/// A password, and the user that it belongs to.
struct Secret {
    value: Range<usize>,
    user: Option<Range<usize>>,
}

/// Parameters that hold a password.
const PASSWORDS: &[&str] = &["password", "passwd", "pass", "pwd", "sslpassword"];

/// Prefixes of tokens that hosts of source code take in the user's place.
const TOKENS: &[&[u8]] =
    &[b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"ATBB", b"ATCTT"];

impl Secret {
    fn all(uri: &Uri, databases: bool) -> Vec<Self> {
        let mut all = Vec::new();
        let user = uri.authority.user.clone();
        let password = uri.authority.password.clone().filter(|p| !p.is_empty());
        let is_token =
            |r: &Range<usize>| r.len() >= 20 && TOKENS.iter().any(|t| uri.raw(r).starts_with(t));
        match (user.clone().filter(is_token), password) {
            (Some(token), _) if !databases => {
                all.push(Self { value: token, user: None });
            }
            (_, Some(value)) => all.push(Self { value, user }),
            _ => {}
        }
        if !databases {
            return all;
        }
        let named = uri.parameter(&["user", "username", "uid", "u"]).cloned();
        let user = named.or_else(|| uri.authority.user.clone().filter(|u| !u.is_empty()));
        for (name, value) in uri.parameters() {
            let is_short = name == "p" && uri.parameter(&["u"]).is_some();
            if (is_short || PASSWORDS.contains(&name.as_str())) && !value.is_empty() {
                all.push(Self { value: value.clone(), user: user.clone() });
            } else if name == "odbc_connect"
                && let Some(secret) = odbc_password(uri, value)
            {
                all.push(secret);
            }
        }
        all
    }

    /// The candidate; `None` for what another detector reads.
    fn judged(
        self,
        window: &Window<'_>,
        uri: &Uri,
        connection: &super::server::Connection,
    ) -> Option<Candidate> {
        let raw = uri.raw(&self.value);
        let decoded = uri.decoded(&self.value);
        if decoded.is_empty() || decoded.len() > MAX_PASSWORD {
            return None;
        }
        let user = self.user.as_ref().map(|u| uri.decoded(u)).unwrap_or_default();
        let host = connection.servers.first().map(|s| s.host.as_str()).unwrap_or_default();
        if is_iam_token(&decoded) || is_annotated(&decoded) || is_aws(&user, &decoded, host) {
            return None;
        }
        let place = uri.place(&self.value);
        let mut candidate = Candidate::new(Role::Password, window.range(uri.span()));
        candidate.value = window.range(place.clone());
        if decoded != window.bytes[place] {
            candidate.decoded = Some(decoded.clone().into());
        }
        let database = connection.database.as_deref().unwrap_or_default();
        let is_weak = password::is_weak(&decoded);
        let names: [&[u8]; 3] = [&user, database.as_bytes(), uri.scheme_name.as_bytes()];
        let refused = password::refusal(raw, &names)
            .or_else(|| password::refusal(&decoded, &names))
            .or_else(|| (decoded.len() < 3).then_some(Reason::Placeholder))
            .or_else(|| (is_weak && is_stand_in_user(&user)).then_some(Reason::Placeholder))
            .or_else(|| is_anonymous(uri, &user).then_some(Reason::Placeholder));
        candidate.facts = connection.facts();
        let class = connection.host_class();
        candidate.verdict = match refused {
            Some(reason) => Verdict::Refuted(reason),
            None if class == HostClass::Documentation => Verdict::Refuted(Reason::Documentation),
            // Anybody's own machine, and a word for a password: half of them are in
            // tutorials.
            None if is_weak && matches!(class, HostClass::Local | HostClass::ServiceName) => {
                Verdict::Doubtful
            }
            None if is_weak => Verdict::Neutral,
            None => Verdict::Supported,
        };
        if candidate.is_refuted() {
            return Some(candidate);
        }
        candidate.evidence.push(Evidence::Parsed);
        if is_weak {
            candidate.facts.add(Fact::WeakPassword(true));
        }
        if let Some(evidence) = uri_provider::describe(&decoded, host, &mut candidate.facts) {
            candidate.verdict = candidate.verdict.max(Verdict::Supported);
            candidate.evidence.push(evidence);
        }
        if let Some(range) = self.user.filter(|u| !u.is_empty()) {
            let place = uri.place(&range);
            let plain = window.bytes[place.clone()] == *user;
            candidate.parts.push(Part {
                role: Role::UserName,
                range: window.range(place),
                decoded: (!plain).then(|| user.into()),
            });
        }
        Some(candidate)
    }
}

/// The password inside a percent-encoded ODBC string.
fn odbc_password(uri: &Uri, value: &Range<usize>) -> Option<Secret> {
    let raw = uri.raw(value).to_ascii_lowercase();
    let (name, start) = [&b"pwd%3d"[..], b"password%3d", b"pwd=", b"password="]
        .iter()
        .find_map(|name| Some((name.len(), memchr::memmem::find(&raw, name)?)))?;
    let start = start + name;
    let rest = &raw[start..];
    let end = memchr::memmem::find(rest, b"%3b").or_else(|| memchr::memchr(b';', rest));
    let range = value.start + start..value.start + start + end.unwrap_or(rest.len());
    (!range.is_empty()).then_some(Secret { value: range, user: None })
}

/// Whether it is a signed URL that serves as a password.
fn is_iam_token(password: &[u8]) -> bool {
    password.len() > 200 && contains(password, b"X-Amz-") && contains(password, b"Action=")
}

/// Whether it is a key that Azure marks as its own, as `git clone` of Azure DevOps
/// takes it, which [`super::azure`] reads and proves.
fn is_annotated(password: &[u8]) -> bool {
    password.len() >= 84 && password.get(52..57) == Some(b"JQQJ9")
}

/// Whether it is a credential of AWS, which the detectors of that family read: a key
/// id with its secret or an SMTP password, a user of one service, a token.
fn is_aws(user: &[u8], password: &[u8], host: &str) -> bool {
    const HOSTS: &[&str] = &[".codeartifact.", "git-codecommit.", "email-smtp.", ".dkr.ecr."];
    let key_id = user.len() == 20 && (user.starts_with(b"AKIA") || user.starts_with(b"ASIA"));
    let service_user = memchr::memmem::rfind(user, b"-at-").is_some_and(|at| {
        let account = &user[at + 4..];
        account.len() == 12 && account.iter().all(u8::is_ascii_digit)
    });
    (key_id && matches!(password.len(), 40 | 44))
        || service_user
        || HOSTS.iter().any(|h| host.contains(h))
}

/// Whether the user is a word for a user, as examples have it.
fn is_stand_in_user(user: &[u8]) -> bool {
    const WORDS: &[&[u8]] =
        &[b"user", b"username", b"usr", b"login", b"name", b"foo", b"me", b"myuser", b"dbuser"];
    WORDS.iter().any(|w| w.eq_ignore_ascii_case(user))
}

/// Whether everybody is let in: an FTP server asks for any mail address.
fn is_anonymous(uri: &Uri, user: &[u8]) -> bool {
    uri.scheme.kind == kind::FTP && matches!(user, b"anonymous" | b"ftp" | b"guest")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Environment;
    use crate::reference;

    fn found(text: &str) -> Vec<Candidate> {
        let both = [DATABASE.clone(), OTHER.clone()];
        let mut found = reference::candidates(&both, text.as_bytes());
        // `mysql+pymysql` has the anchor twice and is read alike from both.
        found.dedup();
        found
    }

    /// The decoded password of the only candidate.
    fn read(text: &str) -> (String, Candidate) {
        let mut found = found(text);
        assert_eq!(found.len(), 1, "{text}");
        let found = found.remove(0);
        let raw = &text.as_bytes()[found.value.start as usize..found.value.end as usize];
        let value = found.decoded.as_deref().unwrap_or(raw).to_vec();
        (String::from_utf8(value).unwrap(), found)
    }

    #[test]
    fn every_writing_gives_the_same_password() {
        let uri = "postgresql://shop_app:vT7q%26mKx2Lp@db.acme-shop.io:5432/shop_prod?a=b&sslmode=require";
        let percent = |text: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
            let code =
                |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
            text.bytes().map(code).collect::<String>()
        };
        let broken: String = uri
            .chars()
            .collect::<Vec<_>>()
            .chunks(15)
            .map(|c| c.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join("=\n");
        for text in [
            uri.to_owned(),
            format!("url = \"{uri}\";"),
            format!("({uri})"),
            format!("\\n{uri}\\nNEXT=redis://cache:6379/0\\nMAIL=a@b.c"),
            format!("{{\"u\":\"{}\"}}", uri.replace('/', "\\/")),
            format!("{{\"u\":\"{}\"}}", uri.replace('&', "\\u0026").replace('=', "\\u003d")),
            format!("<u>{}</u>", uri.replace('&', "&amp;")),
            format!("&quot;{}&quot;", uri.replace('&', "&amp;")),
            uri.replace(':', "\\:").replace('=', "\\="),
            format!("?u={}&v=1", percent(uri)),
            format!("?u={}&v=1", percent(&percent(uri))),
            format!(
                "=22{}=22\n",
                broken.replace("=require", "=3Drequire").replace("?a=b", "?a=3Db")
            ),
        ] {
            let (password, found) = read(&text);
            assert_eq!(password, "vT7q&mKx2Lp", "{text}");
            assert_eq!(found.verdict, Verdict::Supported, "{text}");
            for fact in [
                Fact::DatabaseKind("postgresql"),
                Fact::User("shop_app".into()),
                Fact::Host("db.acme-shop.io".into()),
                Fact::Port(5432),
                Fact::Database("shop_prod".into()),
                Fact::Tls(true),
                Fact::HostClass(HostClass::Public),
                Fact::Environment(Environment::Production),
            ] {
                assert!(found.facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
            }
        }
    }

    #[test]
    fn passwords_are_cut_and_decoded() {
        for (text, password) in [
            ("redis://:b7Qk2LmZx9@cache:6379/0", "b7Qk2LmZx9"),
            ("mysql+pymysql://app:b7Qk@2Lm/Zx9@db.io/x", "b7Qk@2Lm/Zx9"),
            ("mysql://app:b7Qk2LmZx9@tcp(10.0.0.5:3306)/x", "b7Qk2LmZx9"),
            ("mongodb://app:b7Qk%2F%3AZx9@a.io:1,b.io:2/x?replicaSet=r@1", "b7Qk/:Zx9"),
            ("sqla+mysql://app:b7Qk2LmZx9@db/x", "b7Qk2LmZx9"),
            (
                "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BX%7D%3BSERVER%3Ddb.io%3BUID%3Dsa%3BPWD%3Db7Qk2LmZx9%3B",
                "b7Qk2LmZx9",
            ),
            ("http://db.acme.io:8086/query?u=app&p=b7Qk2LmZx9&q=x", "b7Qk2LmZx9"),
            ("http://db.acme.io:8123/?user=app&password=b7Qk2LmZx9", "b7Qk2LmZx9"),
            ("clickhouse://db.acme.io:9000/x?username=app&password=b7Qk2LmZx9", "b7Qk2LmZx9"),
            ("snowflake://app:b7Qk2LmZx9@org-acct/db/public?role=x", "b7Qk2LmZx9"),
            ("r2dbc:postgresql://app:b7Qk2LmZx9@db.io/x", "b7Qk2LmZx9"),
            ("redis://u:b7Qk2LmZx9@h.io,amqp://h2", "b7Qk2LmZx9"),
        ] {
            assert_eq!(read(text).0, password, "{text}");
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let text =
            "x=postgresql%2Bpg://u:p%40ss@[::1]:5432,h.io/db?password=a%20b&sslmode=require#x";
        for end in 0..text.len() {
            for byte in [b'%', b'\\', b'?', b'&', b'=', b':', b'/', b'@', b'\n', 0xe2, 0xff] {
                let mut changed = text.as_bytes().to_vec();
                changed[end] = byte;
                let both = [DATABASE.clone(), OTHER.clone()];
                let _ = reference::candidates(&both, &changed);
                let _ = reference::candidates(&both, &changed[..end]);
            }
        }
    }

    #[test]
    fn megabytes_of_near_matches_are_no_trouble() {
        let parse_all = |text: &[u8], anchor: &[u8]| {
            let mut candidates = Vec::new();
            for at in memchr::memmem::find_iter(text, anchor) {
                let passage = crate::candidate::Passage { base: 0, bytes: text };
                let hit = at..at + anchor.len();
                let window = Window::around(&DATABASE, &passage, hit, 0);
                parse_database(&window, &mut Extraction::new(0, &mut candidates));
            }
        };
        for (unit, anchor) in [
            ("redis://", "redis"),
            ("redis:\\/\\/", "redis"),
            ("redis:@", "redis"),
            ("redis%3A%2F%2F@", "redis"),
            ("redis://a:b@", "redis"),
            ("http:9200//@", ":9200"),
            ("http://a:9200/?", ":9200"),
        ] {
            parse_all(unit.repeat(200_000 / unit.len()).as_bytes(), anchor.as_bytes());
        }
    }
}
