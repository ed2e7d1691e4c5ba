//! IAM authentication tokens of databases: RDS, and of the same make ElastiCache,
//! MemoryDB and Aurora DSQL.
//!
//! A token is a presigned URL without its scheme, `host:port/?Action=connect&…`,
//! and is used as a password. It stands plainly in variables and logs, and
//! percent-encoded as a whole in connection strings.
//!
//! Sources: RDS User Guide, "Connecting to your DB instance using IAM
//! authentication"; botocore `generate_db_auth_token`; Aurora DSQL User Guide,
//! "Generating an authentication token".

use std::borrow::Cow::Borrowed;

use super::endpoint::boxed;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::signed_url::presign::{self, Presign};
use crate::url::writing::{Plain, Writing, query_start};

/// Longest host, port and punctuation before the query, percent-encoded, behind
/// the rest of a connection string that is not.
const BEFORE: usize = 320;

/// The longest query that is read, percent-encoded with a session token.
const AFTER: u32 = 8192;

/// How soon behind the action the signature's parameters begin: a user's name of
/// 63 characters, percent-encoded twice.
const HEAD: usize = 384;

/// RDS tokens open connections for 15 minutes (RDS User Guide).
const RDS_SECONDS: u64 = 900;
/// DSQL lets the caller choose, up to a week (Aurora DSQL User Guide).
const DSQL_SECONDS: u64 = 604_800;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-rds-iam-token"),
    title: text("AWS database IAM authentication token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("database")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("Action=connect"),
        Anchor::exact("Action%3Dconnect"),
        // Gson escapes the equals sign; so do quoted-printable and properties.
        Anchor::exact("Action\\=connect"),
        Anchor::exact("Action\\\\=connect"),
        Anchor::exact("Action\\u003dconnect"),
        Anchor::exact("Action=3Dconnect"),
        Anchor::exact("Action=DbConnect"),
        Anchor::exact("Action%3DDbConnect"),
    ])),
    reach: Reach::new(BEFORE as u32, AFTER),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(presign::doubt_future),
    severity: Severity::Medium,
    remedy: text(
        "It opens no new connection 15 minutes after it was made (Aurora DSQL: after the time it \
         names). If it may have been used, end the database user's sessions, revoke the sessions \
         of the role that signed it (IAM console, Roles, the role, Revoke sessions) or deactivate \
         the access key, and keep passwords out of logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/rds_token.txt")),
            text(include_str!("examples/rds_token_session.txt")),
            text(include_str!("examples/rds_token_dsn.txt")),
            text(include_str!("examples/rds_token_escaped.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("examples/rds_documentation.txt")),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("GET /api?Action=connect&DBUser=alice"),
            text("db.internal:3306/?Action=connect&DBUser=x&X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    // A query has one action. Ending before another keeps the reading of a text
    // that repeats it linear.
    let action = &window.bytes[window.hit()];
    let next = memchr::memmem::find(window.after(), action);
    let text = &window.bytes[..next.map_or(window.bytes.len(), |at| window.hit_end + at)];
    let after = &text[window.hit_end..];
    // The user's name stands between the action and the signature's parameters.
    let head = &after[..after.len().min(HEAD)];
    if memchr::memmem::find(head, b"X-Amz-").is_none() {
        return;
    }
    let Some(writing) = Writing::of(text, window.hit_start) else { return };
    // The signature comes last. A soft break may divide its name.
    if !writing.is_quoted_printable() && memchr::memmem::find(after, b"Signature").is_none() {
        return;
    }
    let Some(query) = query_start(text, window.hit_start, writing) else { return };
    let Some(host) = Host::before(text, query, writing) else { return };
    let Some(signed) = Presign::read(text, query, writing) else { return };
    let limit = match &*signed.service {
        "rds-db" | "elasticache" | "memorydb" => RDS_SECONDS,
        "dsql" => DSQL_SECONDS,
        _ => return,
    };
    let span = host.start..signed.end;
    let mut candidate = Candidate::new(Role::Password, window.range(span.clone()));
    let plain = Plain::read(text, host.start, writing);
    if plain.bytes != text[span] {
        candidate.decoded = Some(plain.bytes.into());
    }
    candidate.verdict = signed.verdict();
    if !matches!(candidate.verdict, Verdict::Refuted(_)) {
        candidate.evidence.push(Evidence::Parsed);
    }
    candidate.facts = signed.facts(limit);
    candidate.facts.add(Fact::Host(host.name));
    if let Some(port) = host.port {
        candidate.facts.add(Fact::Port(port));
    }
    if let Some(user) = signed.user {
        candidate.facts.add(Fact::User(user));
    }
    candidate.facts.add(Fact::Service(signed.service));
    out.push(candidate);
}

/// The host and port before a query.
struct Host {
    name: Box<str>,
    port: Option<u16>,
    /// Where the name starts in the text.
    start: usize,
}

impl Host {
    /// Reads `host:port/?` backwards from the start of the query.
    fn before(text: &[u8], query: usize, writing: Writing) -> Option<Self> {
        // Back over what can write a host and a port, in any escape, then
        // forward with the escapes undone.
        let run = text[..query]
            .iter()
            .rev()
            .take(BEFORE)
            .take_while(|b| b.is_ascii_alphanumeric() || b".-_:/?%\\".contains(b))
            .count();
        let start = query - run;
        let mut plain = Plain::default();
        let mut at = start;
        while at < query {
            let (byte, next) = writing.character(text, at)?;
            plain.push(byte, at);
            at = next;
        }
        let head = plain.bytes.strip_suffix(b"?")?;
        let head = head.strip_suffix(b"/").unwrap_or(head);
        let digits = head.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (head, port) = match head[..head.len() - digits].strip_suffix(b":") {
            Some(rest) if digits > 0 => {
                let port = std::str::from_utf8(&head[head.len() - digits..]).ok()?;
                (rest, Some(port.parse().ok()?))
            }
            _ => (head, None),
        };
        let len = head
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
            .count();
        if len == 0 {
            return None;
        }
        let name = head.len() - len;
        let start = plain.place(name..name).start;
        Some(Self { name: boxed(&head[name..]), port, start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;

    fn percent(text: &str) -> String {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
        let code = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
        text.bytes().map(code).collect()
    }

    #[test]
    fn every_writing_gives_the_same_token() {
        let line = include_str!("examples/rds_token.txt");
        let token = line.split('"').nth(1).unwrap();
        for text in [
            token.to_owned(),
            format!("{token}\n"),
            format!("postgres://app_writer:{}@db:5432/x", percent(token)),
            format!("PGPASSWORD={}", token.replace('&', "&amp;")),
            format!("\"{}\"", token.replace('&', "\\u0026")),
            format!("\"{}\"", token.replace('&', "\\u0026").replace('=', "\\u003d")),
            token.replace('=', "=3D"),
            token.replace('=', "\\=").replace(':', "\\:"),
            format!("{{\"text\": \"url = {}\"}}", token.replace('=', "\\\\=")),
        ] {
            let found = reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            let found = &found[0];
            let raw = &text[found.value.start as usize..found.value.end as usize];
            let value = found.decoded.as_deref().unwrap_or(raw.as_bytes());
            assert_eq!(value, token.as_bytes(), "{text}");
            assert_eq!(found.verdict, Verdict::Proven);
            for fact in [
                Fact::Host("orders-prod.c9x2k4mzq7wd.eu-west-1.rds.amazonaws.com".into()),
                Fact::Port(5432),
                Fact::User("app_writer".into()),
                Fact::Region("eu-west-1".into()),
                Fact::Account(958_317_426_603),
                Fact::Service("rds-db".into()),
                Fact::CreatedAt(Timestamp(1_749_999_600)),
                Fact::ExpiresAt(Timestamp(1_750_000_500)),
            ] {
                assert!(found.facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
            }
        }
    }

    #[test]
    fn other_databases_name_their_service() {
        let rds = include_str!("examples/rds_token.txt");
        let dsql = rds.replace("Action=connect", "Action=DbConnectAdmin").replace("rds-db", "dsql");
        let dsql = dsql.replace("Expires=900", "Expires=604800");
        for (text, service, seconds) in [
            (rds.replace("rds-db", "elasticache").replace("DBUser", "User"), "elasticache", 900),
            (dsql, "dsql", 604_800),
        ] {
            let found = reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            let facts = &found[0].facts;
            assert!(facts.iter().any(|f| *f == Fact::Service(service.into())));
            assert!(facts.iter().any(|f| *f == Fact::User("app_writer".into())));
            assert_eq!(facts.expires_at(), Some(Timestamp(1_749_999_600).plus(seconds)));
        }
        let s3 = rds.replace("rds-db", "s3");
        assert!(reference::candidates(std::slice::from_ref(&TOKEN), s3.as_bytes()).is_empty());
    }
}
