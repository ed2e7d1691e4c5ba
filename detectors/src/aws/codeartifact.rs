//! AWS CodeArtifact authorization tokens.
//!
//! A token is made like an encrypted JWT: base64url parts between dots, the
//! first of them a JSON object `{"ver":1,"isu":<seconds>,…,"exp":<seconds>,…}`
//! (observed; a token without `exp` is taken to hold as long as any may). It ends up in `.npmrc`, `pip.conf` and `settings.xml`.

use std::borrow::Cow::Borrowed;

use super::account;
use super::endpoint;
use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::verify::{json, jwt};

/// The most characters behind the anchor. Tokens of 2026 have some 1,200.
const MAX_LEN: usize = 4096;

/// A token holds for twelve hours at most (CodeArtifact User Guide, "AWS
/// CodeArtifact authentication and tokens").
const MAX_SECONDS: u64 = 43_200;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-codeartifact-token"),
    title: text("AWS CodeArtifact authorization token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("registry")]),
    // `{"ver":1,"isu":`, in base64.
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("eyJ2ZXIiOjEsImlzdSI6")])),
    // The repository's name stands before the token, or behind it in URLs.
    reach: Reach::new(256, MAX_LEN as u32 + 256),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "It stops working twelve hours after it was made at the latest and cannot be revoked by \
         itself. Until then revoke the sessions of the role it was made with (IAM console, Roles, \
         the role, Revoke sessions), then run `aws codeartifact login` again. Put the token into \
         an environment variable instead of the file.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/codeartifact_npmrc.txt")),
            text(include_str!("examples/codeartifact_pip.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("examples/codeartifact_cut.txt")),
            Reason::Truncated,
        )]),
        unmatched: Borrowed(&[
            text("the header eyJ2ZXIiOjEsImlzdSI6 is fixed"),
            text("_authToken=${CODEARTIFACT_AUTH_TOKEN}"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let part = |b: &u8| base64::is_url_safe(*b) || *b == b'.';
    if window.byte_before(window.hit_start).is_some_and(|b| part(&b)) {
        return;
    }
    let len = window.after().iter().take(MAX_LEN + 1).take_while(|b| part(b)).count();
    if !(16..=MAX_LEN).contains(&len) {
        return;
    }
    let mut span = window.hit_start..window.hit_end + len;
    // A full stop behind a token belongs to the sentence.
    while window.bytes[..span.end].last() == Some(&b'.') {
        span.end -= 1;
    }
    let token = &window.bytes[span.clone()];
    let mut candidate = Candidate::new(Role::Whole, window.range(span.clone()));
    candidate.evidence.push(Evidence::Prefix);
    candidate.verdict = match facts(token) {
        Ok(facts) => {
            candidate.facts = facts;
            candidate.evidence.push(Evidence::Parsed);
            Verdict::Proven
        }
        Err(reason) => Verdict::Refuted(reason),
    };
    // The domain and its owner: `<domain>-<account>.d.codeartifact.<region>…`.
    if let Some(host) = endpoint::nearest(window.bytes, ".d.codeartifact.", &span) {
        candidate.evidence.push(Evidence::NamedService);
        candidate.facts.add(host.region_fact());
        let digits = host.label.len().saturating_sub(12);
        if let Some(account) = account::parse(&host.label[digits..]) {
            candidate.facts.add(Fact::Account(account));
        }
    }
    out.push(candidate);
}

fn facts(token: &[u8]) -> Result<Facts, Reason> {
    let mut parts = token.split(|b| *b == b'.');
    let header = parts.next().unwrap_or_default();
    let (mut count, mut shortest) = (0, usize::MAX);
    for part in parts {
        (count, shortest) = (count + 1, shortest.min(part.len()));
    }
    if count < 2 || shortest < 8 {
        return Err(Reason::Truncated);
    }
    let header = jwt::object(header).ok_or(Reason::BadStructure)?;
    let time = |key| json::number(&header, key).map(seconds);
    let issued = time("isu").ok_or(Reason::BadStructure)?;
    let expires = time("exp").unwrap_or(issued.saturating_add(MAX_SECONDS));
    if count > 4 {
        return Err(Reason::BadStructure);
    }
    // Twice the longest, to be lenient to clocks.
    if expires < issued || expires - issued > 2 * MAX_SECONDS {
        return Err(Reason::ImpossibleTime);
    }
    let at = |t: u64| i64::try_from(t).map(Timestamp).map_err(|_| Reason::ImpossibleTime);
    Ok([Fact::CreatedAt(at(issued)?), Fact::ExpiresAt(at(expires)?)].into_iter().collect())
}

/// Seconds since 1970 of a time in seconds or milliseconds.
fn seconds(time: u64) -> u64 {
    if time > 100_000_000_000 { time / 1000 } else { time }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        let header = base64::encode(header.as_bytes()).replace('=', "");
        format!("{header}.AAAAAAAAAAA.BBBBBBBBBBB.CCCCCCCCCCC.DDDDDDDDDDD")
    }

    #[test]
    fn headers_tell_when_a_token_ends() {
        for (header, expires) in [
            ("{\"ver\":1,\"isu\":1749990000,\"exp\":1749993600}", Ok(1_749_993_600)),
            ("{\"ver\":1,\"isu\":1749990000}", Ok(1_749_990_000 + 43_200)),
            ("{\"ver\":1,\"isu\":1749990000000}", Ok(1_749_990_000 + 43_200)),
            ("{\"ver\":1,\"isu\":1749990000,\"exp\":1849993600}", Err(Reason::ImpossibleTime)),
            ("{\"ver\":1,\"isu\":1749990000,\"exp\":1}", Err(Reason::ImpossibleTime)),
            ("{\"ver\":1,\"isu\":\"today\"}", Err(Reason::BadStructure)),
            ("{\"ver\":1,\"isu\":1749990000", Err(Reason::BadStructure)),
        ] {
            let found = facts(token(header).as_bytes()).map(|f| f.expires_at());
            assert_eq!(found, expires.map(|t| Some(Timestamp(t))), "{header}");
        }
        assert_eq!(facts(b"e30.AAAAAAAAAAA").err(), Some(Reason::Truncated));
    }
}
