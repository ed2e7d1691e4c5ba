//! AWS access key ids, and the pairs that they make with their secrets.
//!
//! An id is no secret. It becomes one half of a leak when its secret stands
//! nearby; without it, it is reported as information.

use std::borrow::Cow::Borrowed;

use crate::assignment::name_before;
use crate::aws::account::{self, KeyBody};
use crate::aws::secret_key;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Companion, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{contains, is_regular, refusal};
use crate::relate::{Leak, Neighbours};
use crate::signed_url::proof;
use crate::verify::words::word_bits;

/// Characters of an id after its prefix.
const BODY: usize = 16;

const REACH: Reach = Reach::new(1024, 1024);

/// How far from an id its account is looked for.
const ACCOUNT_NEAR: usize = 512;

/// How to withdraw a long-term key.
const ROTATE: &str = "Create a new key for the same user (`aws iam create-access-key`), switch its \
     users over, then `aws iam update-access-key --access-key-id ID --status Inactive` and, when \
     nothing breaks, `aws iam delete-access-key`. Look for uses of the old key in CloudTrail.";

/// A long-term id with its secret.
pub(super) static PAIR: Detector = Detector {
    id: text("aws-access-key"),
    title: text("AWS access key pair"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("key"), text("pair")]),
    trigger: Trigger::Parts,
    reach: Reach::new(0, 0),
    shape: Shape::None,
    companions: Borrowed(&[
        Companion { role: Role::KeyId, required: true, shared: false, accepts: |_, _| true },
        Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
    ]),
    relate: Some(judge_pair),
    severity: Severity::Critical,
    remedy: text(ROTATE),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "[default]\naws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\naws_secret_access_key = q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ\n",
            ),
            text(
                "Access key ID,Secret access key\r\nAKIAVX4KZTQ2HJWNCO5M,Bv8Qm3/LzT5yWc1NfXk7+RjD2hGp9sVa4uEoI0tY\r\n",
            ),
            text(
                "new BasicAWSCredentials(\"AKIAVX4KZTQ2HJWNCO5M\", \"hW2/nZ6bRq9LxV0cKd4TmPj7+Ys1GfUe8aAo3iQt\")",
            ),
            text(
                "s3a://AKIAVX4KZTQ2HJWNCO5M:a%2Fb7Zk1Xq9Rw3%2BLmT5vYc8NfJd2GhPs6UeQo0iVt@logs/2024",
            ),
            text(
                "{\"SecretAccessKey\":\"mC5xT0vQz8\\/rJh2WkPn6YbLd+E3sGf9uAa1oV7Ki\",\"AccessKeyId\":\"AKIAJ2QWERTYUIOPASDF\"}",
            ),
        ]),
        refuted: Borrowed(&[(
            text("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("AKIAVX4KZTQ2HJWNCO5M da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            text(
                "[a]\naws_access_key_id=AKIAVX4KZTQ2HJWNCO5M\n[b]\naws_secret_access_key=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\n",
            ),
        ]),
    },
};

/// A temporary id with its secret, and with its session token if that stands
/// nearby.
pub(super) static TEMPORARY: Detector = Detector {
    id: text("aws-temporary-key"),
    title: text("AWS temporary credentials"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("key"), text("temporary")]),
    trigger: Trigger::Parts,
    reach: Reach::new(0, 0),
    shape: Shape::None,
    companions: Borrowed(&[
        Companion {
            role: Role::TemporaryKeyId,
            required: true,
            shared: false,
            accepts: |_, _| true,
        },
        Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
        Companion {
            role: Role::SessionToken,
            required: false,
            shared: false,
            accepts: same_account,
        },
    ]),
    relate: Some(judge_temporary),
    severity: Severity::High,
    remedy: text(
        "Revoke the role's sessions (IAM > Roles > the role > Revoke sessions), or detach its \
             policies if that cannot wait; the credentials expire by themselves after at most 36 \
             hours. Find out what published them: it will publish the next ones too.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text(
            "export AWS_ACCESS_KEY_ID=ASIAVX4KZTQ2HJWNCO5M\nexport AWS_SECRET_ACCESS_KEY=q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ\n",
        )]),
        refuted: Borrowed(&[(
            text("ASIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[text(
            "aws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\naws_secret_access_key = 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\n",
        )]),
    },
};

/// A long-term id alone.
pub(super) static ID: Detector = Detector {
    id: text("aws-access-key-id"),
    title: text("AWS access key id without its secret"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("identifier")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("AKIA"),
        Anchor::any_case("awsaccesskeyid"),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse_long_term),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Info,
    remedy: text("An id alone opens nothing. Make sure that its secret was not published with it."),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("see AKIAVX4KZTQ2HJWNCO5M in CloudTrail"),
            text("AKIAJ2QWERTYUIOPASDF"),
            text("?AWSAccessKeyId=1QZ8X7C6V5B4N3M2L1K0&Expires=1"),
        ]),
        refuted: Borrowed(&[
            (text("AKIAIOSFODNN7EXAMPLE"), Reason::Documentation),
            (text("AKIAI44QH8DHBEXAMPLE"), Reason::Documentation),
            (text("AKIA6RVFFB77RE7OLMKI"), Reason::FakeAccount),
            (text("AKIA7ZZZY2XKQ4PWLN3M"), Reason::ImpossibleAccount),
            (text("AKIAVX4KZTQ2HJWNC01M"), Reason::WrongAlphabet),
            (text("AKIAXXXXXXXXXXXXXXXX"), Reason::Placeholder),
            (text("AKIAAAAAAAAAAAAAAAAA"), Reason::NotRandom),
        ]),
        unmatched: Borrowed(&[
            text("xAKIAVX4KZTQ2HJWNCO5M"),
            text("AKIAVX4KZTQ2HJWNCO5MX"),
            text("AKIA-VX4KZTQ2HJWNCO5M"),
            text("AIDAVX4KZTQ2HJWNCO5M"),
        ]),
    },
};

/// A temporary id alone.
pub(super) static TEMPORARY_ID: Detector = Detector {
    id: text("aws-temporary-key-id"),
    title: text("AWS temporary access key id without its secret"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("identifier"), text("temporary")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("ASIA")])),
    reach: REACH,
    shape: Shape::Parser(parse_temporary),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Info,
    remedy: text("An id alone opens nothing, and a temporary one is dead within 36 hours."),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text("accessKeyId: ASIAVX4KZTQ2HJWNCO5M")]),
        refuted: Borrowed(&[
            (text("ASIAIOSFODNN7EXAMPLE"), Reason::Documentation),
            (text("ASIARTX3GSDSQ2Y4KWLM"), Reason::FakeAccount),
        ]),
        unmatched: Borrowed(&[text("AUSTRALASIAVX4KZTQ2HJWNCO5M"), text("ASIA")]),
    },
};

fn parse_long_term(window: &Window<'_>, out: &mut Extraction<'_>) {
    if window.anchor == 1 {
        parse_named(window, out);
    } else {
        parse_id(window, Role::KeyId, out);
    }
}

fn parse_temporary(window: &Window<'_>, out: &mut Extraction<'_>) {
    parse_id(window, Role::TemporaryKeyId, out);
}

/// Reads an id with a prefix, then the keys around it.
fn parse_id(window: &Window<'_>, role: Role, out: &mut Extraction<'_>) {
    let end = window.hit_end + BODY;
    let Some(body) = window.bytes.get(window.hit_end..end) else { return };
    if !body.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return;
    }
    let id = window.hit_start..end;
    if window.bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
        || (window.byte_before(id.start).is_some_and(|b| b.is_ascii_alphanumeric())
            && !ends_with_escape(&window.bytes[..id.start]))
    {
        return;
    }
    let mut found = Candidate::new(role, window.range(id.clone()));
    found.verdict = judge_id(&window.bytes[id.clone()]);
    if !found.is_refuted() && inside_encoded(window.bytes, &id) {
        found.verdict = Verdict::Refuted(Reason::InsideEncodedBody);
    }
    if found.is_refuted() {
        // Documentation pairs are refused together, so that explaining them
        // tells of both.
        if found.verdict == Verdict::Refuted(Reason::Documentation) {
            secret_key::near_id(window, id, out);
        }
        out.push(found);
        return;
    }
    found.name = name_before(window.bytes, id.start).map(|n| window.range(n));
    found.evidence.push(Evidence::Prefix);
    describe(window, &id, &mut found);
    out.push(found);
    secret_key::near_id(window, id, out);
}

/// What an id says by itself.
fn judge_id(id: &[u8]) -> Verdict {
    if let Some(reason) = refusal(id) {
        return Verdict::Refuted(reason);
    }
    let body = &id[id.len() - BODY..];
    if is_regular(body) {
        return Verdict::Refuted(Reason::NotRandom);
    }
    match account::decode(body) {
        None => Verdict::Refuted(Reason::WrongAlphabet),
        Some(KeyBody::Impossible) => Verdict::Refuted(Reason::ImpossibleAccount),
        Some(KeyBody::New(account)) if account::is_documentation(account) => {
            Verdict::Refuted(Reason::FakeAccount)
        }
        Some(KeyBody::New(_)) => Verdict::Supported,
        // Nearly all old ids go on with I or J; others up to P were seen.
        Some(KeyBody::Old) if matches!(body[0], b'I' | b'J') => Verdict::Supported,
        Some(KeyBody::Old) => Verdict::Neutral,
    }
}

/// Adds the account and what the surroundings say of it.
fn describe(window: &Window<'_>, id: &std::ops::Range<usize>, found: &mut Candidate) {
    match account::decode(&window.bytes[id.end - BODY..id.end]) {
        Some(KeyBody::New(account)) => {
            found.facts.add(Fact::Account(account));
            found.facts.add(Fact::Generation(2));
            found.evidence.push(Evidence::AccountDecoded);
            let near = id.start.saturating_sub(ACCOUNT_NEAR)
                ..window.bytes.len().min(id.end + ACCOUNT_NEAR);
            match account_nearby(&window.bytes[near], account) {
                Some(true) => found.evidence.push(Evidence::AccountNearby),
                Some(false) => found.evidence.push(Evidence::OtherAccountNearby),
                None => {}
            }
        }
        _ => found.facts.add(Fact::Generation(1)),
    }
    found.facts.add(Fact::KeyId(String::from_utf8_lossy(&window.bytes[id.clone()]).into()));
}

/// Whether the account stands in the text; `Some(false)` if it does not but an
/// ARN names another one.
fn account_nearby(text: &[u8], account: u64) -> Option<bool> {
    let mut digits = [0; 12];
    let mut rest = account;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if contains(text, &digits) {
        return Some(true);
    }
    // arn:partition:service:region:account:resource
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"arn:aws") {
        rest = &rest[at + 7..];
        let field = rest.split(|b| *b == b':').nth(3).unwrap_or_default();
        if account::parse(field).is_some_and(|other| !account::is_documentation(other)) {
            return Some(false);
        }
    }
    None
}

/// Whether an id is a piece of base64: joined to more of it, on one side or on
/// both, by a character that stands between words only in base64.
fn inside_encoded(text: &[u8], id: &std::ops::Range<usize>) -> bool {
    let member = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'/' | b'_' | b'-');
    let before = text[..id.start].iter().rev().take(64).take_while(member).count();
    let after = text[id.end..].iter().take(64).take_while(member).count();
    if before + after < 24 {
        return false;
    }
    let (before, after) = (&text[id.start - before..id.start], &text[id.end..id.end + after]);
    let random = |side: &[u8]| {
        side.iter().any(u8::is_ascii_uppercase)
            && side.iter().any(u8::is_ascii_lowercase)
            && word_bits(side) < 0.0
    };
    // `id/secret` is a pair and not a body.
    let is_secret = after.len() == secret_key::LEN + 1 && after[0] == b'/';
    random(before) || (random(after) && !is_secret)
}

/// Reads an id of the years before prefixes (2006 to 2009), which only its name
/// tells: 20 upper-case letters and digits.
fn parse_named(window: &Window<'_>, out: &mut Extraction<'_>) {
    let tail = window.after();
    let skip = tail.iter().take(8).take_while(|b| b"=: \"'<>".contains(b)).count();
    let start = window.hit_end + skip;
    let Some(id) = window.bytes.get(start..start + BODY + 4) else { return };
    let closed = !window.bytes.get(start + BODY + 4).is_some_and(u8::is_ascii_alphanumeric);
    let shaped = id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && id.iter().filter(|b| b.is_ascii_digit()).count() >= 3
        && id.iter().any(u8::is_ascii_uppercase);
    let prefixed = [&b"AKIA"[..], b"ASIA", b"ABIA", b"ACCA", b"AIDA", b"AROA"]
        .iter()
        .any(|p| id.starts_with(p));
    if skip == 0 || !closed || !shaped || prefixed {
        return;
    }
    let mut found = Candidate::new(Role::KeyId, window.range(start..start + BODY + 4));
    found.verdict = match refusal(id) {
        Some(reason) => Verdict::Refuted(reason),
        None => Verdict::Neutral,
    };
    if !found.is_refuted() {
        found.evidence.push(Evidence::KeyName);
        found.facts.add(Fact::KeyId(String::from_utf8_lossy(id).into()));
    }
    out.push(found);
    secret_key::near_id(window, start..start + BODY + 4, out);
}

/// A pair is as sure as its better half; another account named nearby lowers
/// it. A URL nearby that the secret signed in the id's name proves it.
fn judge_pair(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    if leak.evidence.contains(&Evidence::OtherAccountNearby) {
        leak.verdict = leak.verdict.min(Verdict::Neutral);
    }
    prove_by_urls(leak, neighbours);
}

fn prove_by_urls(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    if proof::proves_pair(leak, neighbours) {
        leak.verdict = Verdict::Proven;
        leak.note(Evidence::Recomputed);
    }
}

/// A session token goes with an id of the same account.
fn same_account(id: &Candidate, token: &Candidate) -> bool {
    match (id.facts.account(), token.facts.account()) {
        (Some(id), Some(token)) => id == token,
        _ => true,
    }
}

/// Temporary credentials need all three parts. An account that the token and
/// the id agree on proves that they belong together.
fn judge_temporary(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    let part = |role: Role| leak.parts.iter().find(|p| p.role == role);
    let candidate = |role: Role| {
        let range = &part(role)?.range;
        neighbours.candidates.iter().find(|c| c.role == role && c.value == *range)
    };
    let id = candidate(Role::TemporaryKeyId).and_then(|c| c.facts.account());
    let token = candidate(Role::SessionToken);
    leak.complete = token.is_some();
    if let (Some(id), Some(token)) = (id, token.and_then(|t| t.facts.account()))
        && id == token
    {
        leak.verdict = Verdict::Proven;
        leak.note(Evidence::AccountsAgree);
    }
    prove_by_urls(leak, neighbours);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn keys_are_found_between_colours_and_among_other_ids() {
        let key = "q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ";
        for text in [
            format!("AKIAVX4KZTQ2HJWNCO5M \x1b[33m{key}\x1b[0m"),
            format!("\x1b[33m{key}\x1b[0m AKIAVX4KZTQ2HJWNCO5M"),
            format!("AKIAVX4KZTQ2HJWNCO5M \\u001b[33m{key}\\u001b[0m"),
            format!("AKIAJ2QWERTYUIOPASDF\nAKIAVX4KZTQ2HJWNCO5M\n{key}\n"),
            format!("{key}\nAKIAVX4KZTQ2HJWNCO5M\nAKIAJ2QWERTYUIOPASDF\n"),
        ] {
            let found = reference::candidates(std::slice::from_ref(&ID), text.as_bytes());
            let at = text.find(key).unwrap() as u64;
            let mut secrets: Vec<u64> =
                found.iter().filter(|c| c.role == Role::SecretKey).map(|c| c.value.start).collect();
            secrets.dedup();
            assert_eq!(secrets, [at], "{text}");
        }
    }
}
