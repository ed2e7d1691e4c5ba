//! Passwords and tokens of database providers that say themselves whose they are.
//!
//! Not here: where they stand in a connection string; that finding has the host.
//!
//! Sources: PlanetScale, Neon, Aiven and DataStax documentation; lengths as other
//! scanners have them. `AVNS_` and `npg_` are short prefixes of which constants in
//! code are made too, so that letters of both cases and digits must follow.

use std::borrow::Cow::Borrowed;

use super::kind;
use crate::assignment::name_before;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped::{character, ends_with_escape};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::refusal;

pub(super) static TOKEN: Detector = Detector {
    id: text("database-service-token"),
    title: text("Password or token of a database provider"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("token")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("pscale_"),
        Anchor::exact("npg_"),
        Anchor::exact("AVNS_"),
        Anchor::exact("AstraCS"),
    ])),
    reach: Reach::new(128, 192),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Critical,
    remedy: text(
        "Revoke it in the provider's console: PlanetScale, Settings, Passwords or Service tokens; \
         Neon, Roles, Reset password; Aiven or DigitalOcean, Users, Reset password; DataStax \
         Astra, Tokens, Delete. Then look through the database's log.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("PASSWORD=pscale_pw_b7Qk2LmZx9PwRt4YcVd8NfJh3GsUeAo6iTnKq5MzBrX"),
            text("\"token\": \"pscale_tkn_Zx9PwRt4YcVd8NfJh3GsUeAo6iTnKq5MzBrXb7Qk2Lm\""),
            text("PGPASSWORD='npg_a8Kd02LmQx7Z'"),
            text("password: AVNS_b7Qk2LmZx9PwRt4YcVd"),
            text(
                "AstraCS:bQkLmZxPwRtYcVdNfJhGsUeA:0f3a9c17d2e84b65a1c0937fe5d82b46c9e0137a5d8f42b6e1709ac3d54f8b2e",
            ),
        ]),
        refuted: Borrowed(&[(
            text("pscale_pw_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("AVNS_ERROR_CONNECTION_LOST"),
            text("npg_connection_pool_size"),
            text("pscale_pw_short"),
            text("AstraCS:token"),
            text("xnpg_a8Kd02LmQx7Z"),
        ]),
    },
};

/// Whether a value begins as the tokens do that this detector reports.
pub(super) fn begins(value: &[u8]) -> bool {
    [&b"pscale_"[..], b"npg_", b"AVNS_", b"AstraCS:"].iter().any(|head| value.starts_with(head))
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let in_token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let start = window.hit_start;
    if window.byte_before(start).is_some_and(in_token) && !ends_with_escape(&text[..start]) {
        return;
    }
    let run = window.after().iter().take(80).take_while(|b| in_token(**b)).count();
    let end = window.hit_end + run;
    let body = &text[window.hit_end..end];
    let (end, variant, kind, role) = match window.anchor {
        0 => {
            let secret = body.strip_prefix(b"pw_").or_else(|| body.strip_prefix(b"tkn_"));
            let is_password = body.starts_with(b"pw_");
            if !secret.is_some_and(|s| (32..=64).contains(&s.len())) {
                return;
            }
            let role = if is_password { Role::Password } else { Role::Whole };
            (end, "planetscale", Some(kind::MYSQL), role)
        }
        1 if (12..=24).contains(&run)
            && body.iter().all(u8::is_ascii_alphanumeric)
            && is_mixed(body) =>
        {
            (end, "neon", Some(kind::POSTGRESQL), Role::Password)
        }
        2 if (16..=24).contains(&run) && is_mixed(body) => (end, "aiven", None, Role::Password),
        3 => match astra(window) {
            Some(end) => (end, "astra", Some(kind::CASSANDRA), Role::Whole),
            None => return,
        },
        _ => return,
    };
    let mut candidate = Candidate::new(role, window.range(start..end));
    candidate.verdict = match refusal(&text[start..end]) {
        Some(reason) => Verdict::Refuted(reason),
        None => Verdict::Supported,
    };
    candidate.name = name_before(text, start).map(|n| window.range(n));
    candidate.evidence.push(Evidence::Prefix);
    candidate.facts.add(Fact::Variant(variant));
    if let Some(kind) = kind {
        candidate.facts.add(Fact::DatabaseKind(kind.name));
    }
    out.push(candidate);
}

/// Small and capital letters and digits.
fn is_mixed(body: &[u8]) -> bool {
    body.iter().any(u8::is_ascii_lowercase)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_digit)
}

/// The end of `:client:secret` behind the prefix: 20 letters and digits at least, and
/// 64 hexadecimal digits. The colons may be escaped.
fn astra(window: &Window<'_>) -> Option<usize> {
    let text = window.bytes;
    let colon = |at: usize| match character(text.get(at..)?)? {
        (b':', len) => Some(at + len),
        _ => None,
    };
    let client = colon(window.hit_end)?;
    let len = text[client..].iter().take(48).take_while(|b| b.is_ascii_alphanumeric()).count();
    let secret = colon(client + len).filter(|_| (20..=40).contains(&len))?;
    let digits = text[secret..].iter().take(65).take_while(|b| b.is_ascii_hexdigit()).count();
    let ends = !text.get(secret + digits).is_some_and(u8::is_ascii_alphanumeric);
    (digits == 64 && ends).then_some(secret + digits)
}
