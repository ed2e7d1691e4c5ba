//! Amazon Bedrock API keys, long-lived and short-lived.
//!
//! A long-lived key is `ABSK` and the base64 of `<user>-at-<account>:<secret>`,
//! where the secret is base64 of 44 random bytes (observed on public samples).
//! The console makes users called `BedrockAPIKey-xxxx`; other users keep their
//! name. A short-lived key is `bedrock-api-key-` and the base64 of a query
//! signed with SigV4 (aws-bedrock-token-generator).

use std::borrow::Cow::Borrowed;

use super::{account, endpoint};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::{base64, escaped};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::signed_url::presign::{self, Presign};

/// Fewest and most characters behind `ABSK`: a secret of 60 characters behind a
/// user name of 1 to 64 characters, which may be longer by a `+` and a number.
/// (gitleaks takes 109 to 269, which loses short user names.)
const KEY_LEN: std::ops::RangeInclusive<usize> = 96..=288;

/// Most characters behind `bedrock-api-key-`: a signed query with a session
/// token of 2 KiB, percent-encoded, in base64.
const TOKEN_LEN: usize = 6144;

/// The longest validity of a short-lived key: twelve hours.
const TOKEN_SECONDS: u64 = 43_200;

pub(super) static KEY: Detector = Detector {
    id: text("aws-bedrock-key"),
    title: text("Amazon Bedrock API key"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("ai")]),
    // Every character may be escaped, three bytes for one.
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("ABSK")])),
    reach: Reach::new(1, 512),
    shape: Shape::Parser(parse_key),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Delete the key in the IAM console (Users, the user, Security credentials, API keys for \
         Amazon Bedrock) or with `aws iam delete-service-specific-credential --user-name USER \
         --service-specific-credential-id ID`, then look for its use in CloudTrail \
         (CallWithBearerToken).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/bedrock_key.txt")),
            text(include_str!("examples/bedrock_key_user.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("examples/bedrock_key_documentation.txt")),
            Reason::FakeAccount,
        )]),
        unmatched: Borrowed(&[
            text("ABSKQmVkcm9ja0FQSUtleS1hYmNkLWF0LTEyMzQ1Njc4OTAxMjpBQUVD"),
            text("the ABSK prefix marks a long-lived key"),
        ]),
    },
};

fn is_key(byte: u8) -> bool {
    base64::is_standard(byte) || byte == b'='
}

fn parse_key(window: &Window<'_>, out: &mut Extraction<'_>) {
    let plain = window.after().iter().take(60).take_while(|b| is_key(**b) || **b == b'%').count();
    if plain < 60 || window.byte_before(window.hit_start).is_some_and(is_key_boundary) {
        return;
    }
    let mut body = Vec::new();
    let len = escaped::read_run(window.after(), is_key, KEY_LEN.end() + 1, &mut body);
    if !KEY_LEN.contains(&body.len()) {
        return;
    }
    let Some((user, owner, secret)) = base64::decode(&body).as_deref().and_then(owner) else {
        return;
    };
    let mut candidate =
        Candidate::new(Role::Whole, window.range(window.hit_start..window.hit_end + len));
    if len != body.len() {
        candidate.decoded = Some([b"ABSK", &body[..]].concat().into());
    }
    candidate.evidence = vec![Evidence::Prefix, Evidence::Parsed, Evidence::AccountDecoded];
    candidate.facts =
        [Fact::Account(owner), Fact::User(user), Fact::Variant("long-lived")].into_iter().collect();
    candidate.verdict = if account::is_documentation(owner) {
        Verdict::Refuted(Reason::FakeAccount)
    } else {
        secret.map_or(Verdict::Proven, Verdict::Refuted)
    };
    out.push(candidate);
}

fn is_key_boundary(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+'
}

/// User and account of a decoded key, and why its secret is none.
fn owner(decoded: &[u8]) -> Option<(Box<str>, u64, Option<Reason>)> {
    let colon = memchr::memchr(b':', decoded)?;
    let (owner, secret) = (&decoded[..colon], &decoded[colon + 1..]);
    let name = owner.len().checked_sub(12 + b"-at-".len())?;
    let user = owner[..name + 4].strip_suffix(b"-at-")?;
    let account = account::parse(&owner[name + 4..])?;
    if user.is_empty() || !user.iter().all(u8::is_ascii_graphic) || secret.len() < 16 {
        return None;
    }
    Some((endpoint::boxed(user), account, placeholder::refusal(secret)))
}

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-bedrock-token"),
    title: text("Amazon Bedrock short-lived API key"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("ai")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("bedrock-api-key-")])),
    reach: Reach::new(1, TOKEN_LEN as u32 + 2),
    shape: Shape::Parser(parse_token),
    companions: Borrowed(&[]),
    relate: Some(presign::doubt_future),
    severity: Severity::High,
    remedy: text(
        "It stops working twelve hours after it was made at the latest. Until then revoke the \
         sessions of the role that signed it (IAM console, Roles, the role, Revoke sessions) or \
         deactivate the signing access key (`aws iam update-access-key --status Inactive`).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/bedrock_token.txt")),
            text(include_str!("examples/bedrock_token_old.txt")),
        ]),
        refuted: Borrowed(&[(
            text("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tLz9BY3Rpb249Q2Fs"),
            Reason::BadStructure,
        )]),
        unmatched: Borrowed(&[
            text("--output bedrock-api-key-file.txt"),
            text("bedrock-api-key-YOUR-KEY-HERE"),
        ]),
    },
};

fn parse_token(window: &Window<'_>, out: &mut Extraction<'_>) {
    // `bedrock.amazonaws.com`, in base64 (gitleaks, rule
    // `aws-amazon-bedrock-api-key-short-lived`).
    if !window.after().starts_with(b"YmVkcm9jay5hbWF6b25hd3MuY29t") {
        return;
    }
    let len = window.after().iter().take_while(|b| is_key(**b) || base64::is_url_safe(**b)).count();
    if len > TOKEN_LEN {
        return;
    }
    let span = window.hit_start..window.hit_end + len;
    let mut candidate = Candidate::new(Role::Whole, window.range(span));
    let query = base64::decode(&window.after()[..len]).and_then(|url| Presign::of_url(&url));
    candidate.evidence.push(Evidence::Prefix);
    match query.filter(|q| &*q.service == "bedrock") {
        Some(query) => {
            candidate.evidence.push(Evidence::Parsed);
            candidate.verdict = query.verdict();
            candidate.facts = query.facts(TOKEN_SECONDS);
            candidate.facts.add(Fact::Variant("short-lived"));
        }
        None => {
            candidate.verdict = Verdict::Refuted(Reason::BadStructure);
            candidate.facts = Facts::default();
        }
    }
    out.push(candidate);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;

    fn found(detector: &Detector, text: &str) -> Candidate {
        let all = reference::candidates(std::slice::from_ref(detector), text.as_bytes());
        assert_eq!(all.len(), 1, "{text}");
        all.into_iter().next().unwrap()
    }

    #[test]
    fn keys_name_their_user() {
        let text = include_str!("examples/bedrock_key.txt");
        let plain = found(&KEY, text);
        assert_eq!(plain.verdict, Verdict::Proven);
        assert_eq!(plain.facts.account(), Some(402_913_857_264));
        assert!(plain.facts.iter().any(|f| *f == Fact::User("BedrockAPIKey-q7x2".into())));
        assert_eq!(plain.value.end - plain.value.start, 132);
        let escaped = found(&KEY, &text.replace('=', "%3D").replace("BEDROCK%3D", "BEDROCK="));
        let value = text.trim_end().split_once('=').unwrap().1;
        assert_eq!(escaped.decoded.as_deref(), Some(value.as_bytes()));
    }

    #[test]
    fn owners_end_in_an_account() {
        let secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQh";
        for (text, user) in [
            (format!("a-at-b-at-402913857264:{secret}"), Some("a-at-b")),
            (format!("-at-402913857264:{secret}"), None),
            (format!("a-at-40291385726:{secret}"), None),
            (format!("a-at-402913857264{secret}"), None),
            ("a-at-402913857264:short".to_owned(), None),
            (":".to_owned(), None),
        ] {
            let found = owner(text.as_bytes()).map(|(user, ..)| user);
            assert_eq!(found.as_deref(), user, "{text}");
        }
    }

    #[test]
    fn tokens_tell_their_end() {
        let token = found(&TOKEN, include_str!("examples/bedrock_token.txt"));
        assert_eq!(token.verdict, Verdict::Proven);
        assert_eq!(token.facts.region(), Some("us-west-2"));
        assert_eq!(token.facts.expires_at(), Some(Timestamp(1_749_988_800 + 43_200)));
    }
}
