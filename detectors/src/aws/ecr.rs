//! Amazon ECR authorization tokens.
//!
//! The token is base64 of a JSON object, `{"payload":"…","datakey":"…",
//! "version":"2","type":"DATA_KEY","expiration":<seconds>}` (observed). It is
//! the password of the user `AWS`, so it stands alone behind `docker login -p`
//! and, with `AWS:` before it, in base64 again in Docker configurations.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::endpoint;
use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::verify::json;

/// `AWS:eyJwYXlsb2FkIjoi`, as far as its base64 is certain.
const OUTER: &str = "QVdTOmV5SndZWGxzYjJGa0lqb2";
/// `{"payload":"`, in base64.
const INNER: &str = "eyJwYXlsb2FkIjoi";

/// The most characters behind an anchor. Tokens of 2026 have some 2,900.
const MAX_LEN: usize = 6144;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-ecr-token"),
    title: text("Amazon ECR authorization token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("registry")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact(OUTER), Anchor::exact(INNER)])),
    // The registry's name stands before the token in configurations, behind it
    // in commands.
    reach: Reach::new(256, MAX_LEN as u32 + 256),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "It stops working twelve hours after it was made and cannot be revoked by itself. Until \
         then revoke the sessions of the role it was made with (IAM console, Roles, the role, \
         Revoke sessions) or deactivate the access key, then run `aws ecr get-login-password` \
         again. Keep registry passwords out of files with a credential helper \
         (amazon-ecr-credential-helper).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/ecr_config.txt")),
            text(include_str!("examples/ecr_login.txt")),
        ]),
        refuted: Borrowed(&[(text(include_str!("examples/ecr_bad.txt")), Reason::BadStructure)]),
        unmatched: Borrowed(&[text("-p eyJwYXlsb2FkIjoiaGVsbG8ifQ=="), text("QVdTOnBhc3N3b3Jk")]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let part = |b: &u8| base64::is_standard(*b) || *b == b'=';
    if window.byte_before(window.hit_start).is_some_and(|b| base64::is_standard(b) && b != b'/') {
        return;
    }
    let len = window.after().iter().take(MAX_LEN + 1).take_while(|b| part(b)).count();
    if len > MAX_LEN {
        return;
    }
    let span = window.hit_start..window.hit_end + len;
    let outer = window.anchor == 0;
    let token = base64::decode(&window.bytes[span.clone()]);
    let object =
        if outer { token.and_then(|t| base64::decode(t.strip_prefix(b"AWS:")?)) } else { token };
    let expires = object.as_deref().and_then(expiration);
    let whole =
        object.as_deref().is_some_and(|o| o.starts_with(b"{\"payload\":\"") && o.ends_with(b"}"));
    if expires.is_none() && !outer {
        // Many things are JSON with a payload.
        return;
    }
    let mut candidate = Candidate::new(Role::Password, window.range(span.clone()));
    candidate.evidence.push(Evidence::Prefix);
    candidate.verdict = match expires {
        Some(time) => {
            candidate.evidence.push(Evidence::Parsed);
            candidate.facts.add(Fact::ExpiresAt(time));
            Verdict::Proven
        }
        None if whole => Verdict::Supported,
        None => Verdict::Refuted(Reason::BadStructure),
    };
    registry(window, &span, &mut candidate);
    out.push(candidate);
}

/// The time in an object that has all that ECR's have.
fn expiration(object: &[u8]) -> Option<Timestamp> {
    json::text(object, "payload").filter(|p| !p.is_empty())?;
    json::text(object, "datakey")?;
    let seconds = i64::try_from(json::number(object, "expiration")?).ok()?;
    object.ends_with(b"}").then_some(Timestamp(seconds))
}

fn registry(window: &Window<'_>, span: &Range<usize>, candidate: &mut Candidate) {
    let Some(host) = endpoint::nearest(window.bytes, ".dkr.ecr.", span) else { return };
    candidate.evidence.push(Evidence::NamedService);
    candidate.facts.add(host.region_fact());
    if let Some(account) = host.account() {
        candidate.facts.add(Fact::Account(account));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn tokens_tell_their_end_and_the_registry_its_owner() {
        for (text, account, region, expires) in [
            (
                include_str!("examples/ecr_config.txt"),
                286_490_173_358,
                "eu-central-1",
                1_750_030_000,
            ),
            (include_str!("examples/ecr_login.txt"), 731_846_205_917, "us-east-2", 1_700_000_000),
        ] {
            let found = reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
            assert_eq!(found.len(), 1);
            let facts = &found[0].facts;
            assert_eq!(found[0].verdict, Verdict::Proven);
            assert_eq!((facts.account(), facts.region()), (Some(account), Some(region)));
            assert_eq!(facts.expires_at(), Some(Timestamp(expires)));
        }
    }

    #[test]
    fn a_token_without_a_time_is_still_one() {
        let inner = base64::encode(b"{\"payload\":\"c2VjcmV0IGJ5dGVz\",\"version\":\"3\"}");
        let text = base64::encode(format!("AWS:{inner}").as_bytes());
        let found = reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
        assert_eq!(found[0].verdict, Verdict::Supported);
        // Without the user name nothing says that it is ECR's.
        assert!(reference::candidates(std::slice::from_ref(&TOKEN), inner.as_bytes()).is_empty());
    }
}
