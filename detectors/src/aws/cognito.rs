//! Client secrets of Amazon Cognito user pools.
//!
//! A secret is 51 or 52 lower-case letters and digits, the id of its client 26
//! of the same, a pool's id `<region>_<9 letters and digits>` (observed).
//! Nothing in a secret says that it is one, so a name must, and Cognito, a pool
//! or a client of that form must be named nearby.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::region::REGIONS;
use crate::assignment;
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{self, contains_ignore_case};

/// The most bytes between the name and its secret.
const NAME_TO_VALUE: usize = 48;

/// How far Cognito may be named from the secret.
const REACH: u32 = 512;

pub(super) static CLIENT_SECRET: Detector = Detector {
    id: text("aws-cognito-client-secret"),
    title: text("Amazon Cognito app client secret"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("oauth")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("clientsecret"),
        Anchor::any_case("client_secret"),
        Anchor::any_case("client-secret"),
        Anchor::any_case("client secret"),
        Anchor::any_case("client.secret"),
    ])),
    reach: Reach::new(REACH, REACH),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "Add a new secret to the app client and delete this one (Cognito console, the user pool, \
         App clients; or `aws cognito-idp add-user-pool-client-secret` and \
         `delete-user-pool-client-secret`). Where that is not offered, make a new app client with \
         `aws cognito-idp create-user-pool-client --generate-secret`, move applications to it and \
         delete this one.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "COGNITO_CLIENT_ID=utzp0n0mb4v62n7plqy4zpktva\n\
                 COGNITO_CLIENT_SECRET=md8jbbm6tx4l4iqdp0bfhcmgww4oyyhiykwcywgzonet0kvybte\n",
            ),
            text(
                "app.client.id=utzp0n0mb4v62n7plqy4zpktva\n\
                 app.client.secret=md8jbbm6tx4l4iqdp0bfhcmgww4oyyhiykwcywgzonet0kvybte\n",
            ),
            text(
                "{\"UserPoolId\": \"eu-west-1_sork92f9J\", \"ClientId\": \"utzp0n0mb4v62n7plqy4zpktva\", \
                 \"ClientSecret\": \"vambqyyzkb5g1s7cgvu89h4hjm5ftiqfa5wz9agtgf6obedpaxbk\"}",
            ),
            text(
                "issuer: https://auth.acme.auth.us-east-1.amazoncognito.com\nclient-secret: \
                 'eo21e7xff0ty130dhlgv236k1es7hazn43ilxjxfqm2act8byqh'\n",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text("cognito client_secret=0placeholder0000111122223333444455556666777788889999"),
                Reason::Placeholder,
            ),
            (
                text("cognito client_secret=1234567890abcdefghijklmnopqrstuvwxyz1234567890abcde"),
                Reason::NotRandom,
            ),
            (
                text("cognito client_secret=3f786850e387550fdab836ed7e6dc881de23001b7c9d41a3f20"),
                Reason::HexDigest,
            ),
        ]),
        unmatched: Borrowed(&[
            text("client_secret=md8jbbm6tx4l4iqdp0bfhcmgww4oyyhiykwcywgzonet0kvybte"),
            text("cognito client_secret=md8jbbm6tx4l4iqdp0bfhcmgww4oyyhiykwcywgzonet0kv"),
            text("cognito client_secret=thisisnotaclientsecretbutalongwordwithoutanydigitsa"),
        ]),
    },
};

fn is_secret(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_open(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/')
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let name = assignment::name_around(text, window.hit());
    let Some(value) = value_after(text, name.end) else { return };
    let secret = &text[value.clone()];
    let mixed = secret.iter().any(u8::is_ascii_digit) && secret.iter().any(u8::is_ascii_lowercase);
    if !mixed {
        return;
    }
    let pool = pool(text);
    let client = client_id(text, &value);
    if pool.is_none() && client.is_none() && !contains_ignore_case(text, b"cognito") {
        return;
    }
    let mut candidate = Candidate::new(Role::ClientSecret, window.range(value.clone()));
    candidate.name = Some(window.range(name));
    candidate.evidence = vec![Evidence::KeyName, Evidence::NamedService];
    let hex = secret.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    candidate.verdict = match placeholder::refusal(secret) {
        Some(reason) => Verdict::Refuted(reason),
        None if hex => Verdict::Refuted(Reason::HexDigest),
        None => Verdict::Supported,
    };
    if let Some((region, id)) = pool {
        candidate.facts.add(Fact::Region(region.into()));
        candidate.facts.add(Fact::Resource(id.into()));
    }
    if let Some(client) = client {
        candidate.parts.push(Part {
            role: Role::ClientId,
            range: window.range(client),
            decoded: None,
        });
    }
    out.push(candidate);
}

/// The first run of a secret's length behind a name, whatever markup stands
/// between.
fn value_after(text: &[u8], name: usize) -> Option<Range<usize>> {
    let mut at = name;
    while at < text.len().min(name + NAME_TO_VALUE) {
        let run = text[at..].iter().take(256).take_while(|b| is_open(**b)).count();
        let value = at..at + run;
        if (51..=52).contains(&run) && text[value.clone()].iter().copied().all(is_secret) {
            return Some(value);
        }
        at += run.max(1);
    }
    None
}

/// Region and text of the first user pool id.
fn pool(text: &[u8]) -> Option<(&'static str, &str)> {
    memchr::memchr_iter(b'_', text).find_map(|at| {
        let len = text[at + 1..].iter().take(10).take_while(|b| b.is_ascii_alphanumeric()).count();
        if len != 9 {
            return None;
        }
        let region = REGIONS.iter().find(|r| text[..at].ends_with(r.as_bytes()))?;
        let start = at - region.len();
        let open = start.checked_sub(1).is_some_and(|i| is_open(text[i]));
        if open && text[start - 1] != b'/' {
            return None;
        }
        Some((*region, std::str::from_utf8(&text[start..at + 10]).ok()?))
    })
}

/// The client id nearest to the secret: a whole run of 26.
fn client_id(text: &[u8], secret: &Range<usize>) -> Option<Range<usize>> {
    let (mut best, mut at) = (None, 0);
    while at < text.len() {
        let run = text[at..].iter().take_while(|b| is_open(**b)).count();
        let id = &text[at..at + run];
        let fits = run == 26
            && id.iter().copied().all(is_secret)
            && id.iter().any(u8::is_ascii_digit)
            && id.iter().any(u8::is_ascii_lowercase);
        let distance = at.abs_diff(secret.start);
        if fits && best.as_ref().is_none_or(|(nearest, _)| distance < *nearest) {
            best = Some((distance, at..at + run));
        }
        at += run.max(1);
    }
    best.map(|(_, range)| range)
}
