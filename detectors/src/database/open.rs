//! Databases that anybody may open: connection strings without any credential to a
//! host that everybody can reach.
//!
//! Not reported: hosts of managed services, which let nobody in without a
//! credential, so that it must stand elsewhere; Atlas and everything else behind
//! `mongodb+srv` on a managed host; authentication by certificate, ticket or role;
//! a user without a password; a host that a variable gives; documentation. A URL of
//! the web counts only with a port at which databases speak HTTP without TLS: who
//! set up certificates set up users too.
//!
//! Source: the MongoDB and Elasticsearch ransoms of 2017 and the CloudPets case, all
//! of them servers without a password in reach of everybody.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::kind;
use super::uri::{AFTER, BEFORE, Beginning, Uri, web_scheme};
use super::uri_credential::database_anchors;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::grade::Severity;
use crate::placeholder::contains;
use crate::url::host::HostClass;

pub(super) static OPEN: Detector = Detector {
    id: text("open-database"),
    title: text("Unauthenticated connection string to a public host"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("exposure")]),
    trigger: Trigger::Anchor(Borrowed(database_anchors!(
        Anchor::exact(":9200"),
        Anchor::exact(":5984"),
        Anchor::exact(":8123"),
        Anchor::exact(":8086"),
        Anchor::exact("3A9200"),
        Anchor::exact("3A5984"),
        Anchor::exact("3A8123"),
        Anchor::exact("3A8086")
    ))),
    reach: Reach::new(BEFORE + 256, AFTER),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "If the server answers without a password, close its port to the internet now (firewall, \
         security group, bind address), switch authentication on, and take its contents for read \
         and perhaps changed by strangers.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("MONGO_URL=mongodb://54.23.1.9:27017/toys"),
            text("redis://cache.acme-shop.io:6379/0"),
            text("curl http://search.acme-shop.io:9200/customers/_search?q=x"),
            text("\"es\": \"http:\\/\\/search.acme-shop.io:9200\\/\""),
        ]),
        refuted: Borrowed(&[(text("mongodb://203.0.113.7:27017/toys"), Reason::Documentation)]),
        unmatched: Borrowed(&[
            text("mongodb+srv://cluster0.ab1cd.mongodb.net/toys"),
            text("mongodb://db.acme-shop.io/toys?authMechanism=MONGODB-X509"),
            text("redis://:x9Kq2mZw@cache.acme-shop.io:6379/0"),
            text("redis://cache:6379/0"),
            text("mongodb://10.0.0.7:27017/toys"),
            text("redis://${REDIS_HOST}:6379"),
            text("https://acme-shop.io/blog/:9200"),
            text("https://search.acme-shop.io:9200/x"),
            text("postgres://app@db.acme-shop.io/app"),
        ]),
    },
};

/// Parameters that give a credential or say that one stands elsewhere.
const CREDENTIALS: &[&str] = &[
    "user",
    "username",
    "uid",
    "u",
    "password",
    "passwd",
    "pass",
    "pwd",
    "p",
    "token",
    "api_key",
    "apikey",
    "auth",
    "authmechanism",
    "tlscertificatekeyfile",
    "sslcert",
    "sslkey",
    "ssl_cert",
    "private_key",
    "authenticator",
    "trusted_connection",
    "integrated security",
    "odbc_connect",
    "service",
    "passfile",
    "authentication",
];

/// Whether the kind lets strangers in if nobody forbids it.
fn may_be_open(name: &str) -> bool {
    [
        kind::MONGODB,
        kind::REDIS,
        kind::ELASTICSEARCH,
        kind::COUCHDB,
        kind::INFLUXDB,
        kind::CLICKHOUSE,
        kind::CASSANDRA,
        kind::NEO4J,
    ]
    .iter()
    .any(|k| k.name == name)
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !matches!(window.bytes[window.hit_start], b':' | b'3') {
        return read(window, out);
    }
    // Who set up certificates set up users too.
    match web_scheme(window) {
        Some(at_scheme) if at_scheme.hit().len() == b"http".len() => read(&at_scheme, out),
        _ => {}
    }
}

fn read(window: &Window<'_>, out: &mut Extraction<'_>) {
    let Some(beginning) = Beginning::at(window) else { return };
    let Some(uri) = Uri::read(window, &beginning) else { return };
    if uri.authority.user.is_some()
        || uri.parameters().any(|(name, _)| CREDENTIALS.contains(&name.as_str()))
    {
        return;
    }
    if beside_credentials(window.bytes, &uri.span()) {
        return;
    }
    let connection = uri.connection(window.bytes);
    let kind = connection.kind.unwrap_or(uri.scheme.kind);
    if !uri.scheme.is_database && kind.name == uri.scheme.kind.name {
        return;
    }
    // A word of a sentence has neither a port nor a path.
    let port = connection.servers.first().and_then(|s| s.port);
    if port.is_none() && !uri.has_path() {
        return;
    }
    let class = connection.host_class();
    let is_stand_in = connection.servers.iter().any(|s| is_stand_in(&s.host.to_ascii_lowercase()));
    if !is_stand_in && !matches!(class, HostClass::Public | HostClass::Documentation) {
        return;
    }
    let mut candidate = Candidate::new(Role::Endpoint, window.range(uri.span()));
    candidate.facts = connection.facts();
    candidate.verdict = if is_stand_in || class == HostClass::Documentation {
        Verdict::Refuted(Reason::Documentation)
    } else if may_be_open(kind.name) {
        Verdict::Neutral
    } else {
        // These ask for a password unless somebody took trouble that they do not.
        Verdict::Doubtful
    };
    if !candidate.is_refuted() {
        candidate.evidence.push(Evidence::Parsed);
    }
    out.push(candidate);
}

/// Whether the command line that holds the URI, or the call, gives a user or a
/// password beside it: `cypher-shell -a bolt://… -u neo4j -p …`, `curl -u …`,
/// `auth=(…)`.
fn beside_credentials(text: &[u8], uri: &Range<usize>) -> bool {
    const FAR: usize = 240;
    const OPTIONS: &[&str] = &[
        " -u",
        " -p",
        " -a ",
        " --user",
        " --pass",
        "auth=",
        "auth:",
        "basic_auth",
        "credentials",
    ];
    let line = |text: &[u8], back: bool| -> Range<usize> {
        if back {
            let from = text.len().saturating_sub(FAR);
            from + memchr::memrchr(b'\n', &text[from..]).map_or(0, |at| at + 1)..text.len()
        } else {
            let to = text.len().min(FAR);
            0..memchr::memchr(b'\n', &text[..to]).unwrap_or(to)
        }
    };
    let (before, after) = (&text[..uri.start], &text[uri.end..]);
    let has = |side: &[u8]| OPTIONS.iter().any(|o| contains(side, o.as_bytes()));
    has(&before[line(before, true)]) || has(&after[line(after, false)])
}

/// Whether the host is one that people write when they mean any: `foo.com`,
/// `my.host.com`, `db.domain.tld`; or no name that a registry has.
fn is_stand_in(host: &str) -> bool {
    const WORDS: &[&str] = &[
        "foo",
        "bar",
        "baz",
        "host",
        "hostname",
        "server",
        "domain",
        "mydomain",
        "yourdomain",
        "example",
        "company",
        "mycompany",
        "yourcompany",
        "myhost",
        "yourhost",
        "myserver",
        "yourserver",
        "somehost",
        "somewhere",
        "test",
        "url",
        "website",
        "site",
        "mysite",
        "acme",
        "placeholder",
        "address",
        "ip",
    ];
    if host.starts_with('[') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host.bytes().all(|b| b.is_ascii_digit() || b == b'.') && is_counting(host);
    }
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    let no_registry = top.is_ascii()
        && (top.len() < 2
            || top.bytes().any(|b| b.is_ascii_digit() || b == b'_') && !top.starts_with("xn--")
            || matches!(top, "tld" | "dev1" | "conf" | "json" | "yml" | "yaml" | "go" | "html"));
    no_registry || WORDS.contains(&second)
}

/// `1.2.3.4`, `1.1.1.1`, `4.3.2.1`.
fn is_counting(host: &str) -> bool {
    let octets: Vec<i32> = host.split('.').filter_map(|o| o.parse().ok()).collect();
    let step = |by: i32| octets.windows(2).all(|w| w[1] - w[0] == by);
    step(0) || step(1) || step(-1)
}
