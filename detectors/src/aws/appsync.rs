//! AWS AppSync API keys: `da2-` and 26 lower-case letters and digits.
//!
//! Source: observed; the AppSync Developer Guide shows `da2-` keys without
//! saying how they are made. There is nothing inside to check.

use std::borrow::Cow::Borrowed;

use super::endpoint;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, TokenForm, Trigger, text};
use crate::evidence::{Evidence, Inspection, Reason, Verdict};
use crate::extract::Match;
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;
use crate::verify::words::word_bits;

/// Bits from which a body is words: of random ones less than one in a hundred
/// thousand.
const WORDS: f64 = 12.0;

pub(super) static KEY: Detector = Detector {
    id: text("aws-appsync-key"),
    title: text("AWS AppSync API key"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("da2-")])),
    // The endpoint stands beside the key in generated configurations
    // (aws-exports.js, amplify outputs).
    reach: Reach::new(512, 512),
    shape: Shape::Token {
        form: TokenForm {
            class: |b| b.is_ascii_lowercase() || b.is_ascii_digit(),
            min: 26,
            max: 26,
            boundary: |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'),
        },
        inspect,
    },
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "Delete the key in the AppSync console (the API, Settings, API keys) or with `aws appsync \
         delete-api-key --api-id API --id KEY`, and make a new one. A key that web pages carry is \
         public by design: restrict what it may do with other authorization modes.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("\"aws_appsync_apiKey\": \"da2-qjid9b8rvzrcqdrk4o61fyb9or\",\n"),
            text(
                "endpoint: https://e2iif4re1qka3zpq2bjql85j66.appsync-api.eu-west-1.amazonaws.com/\
                 graphql\nx-api-key: da2-dh3o7afg4nwri0ib3lm64a5xhc\n",
            ),
        ]),
        refuted: Borrowed(&[
            (text("da2-xxxxxxxxxxxxxxxxxxxxxxxxxx"), Reason::Placeholder),
            (text("da2-abcdefghijklmnopqrstuvwxyz"), Reason::NotRandom),
            (text("da2-thisisthekeyofourapiserver"), Reason::Words),
        ]),
        unmatched: Borrowed(&[
            text("da2-tlq7tk36cenzrmnfsckomfoz8"),
            text("da2-tlq7tk36cenzrmnfsckomfoz8l5"),
            text("4f6b1c5e-3da2-tlq7tk36cenzrmnfsckomfoz8l"),
            text("3da2-4c1f-9e0b-aa10f3b2c4d5"),
        ]),
    },
};

fn inspect(found: &Match<'_>) -> Inspection {
    let body = &found.secret()[b"da2-".len()..];
    if let Some(reason) = placeholder::refusal(body) {
        return Inspection::refuted(reason);
    }
    if word_bits(body) > WORDS {
        return Inspection::refuted(Reason::Words);
    }
    let mut inspection = Inspection::of(Verdict::Neutral);
    inspection.evidence.push(Evidence::Prefix);
    // One random body in five thousand has no digit.
    if !body.iter().any(u8::is_ascii_digit) {
        inspection.verdict = Verdict::Doubtful;
        inspection.evidence.push(Evidence::UnlikelyStatistics);
    }
    if let Some(api) = endpoint::nearest(found.window.bytes, ".appsync-api.", &found.secret) {
        inspection.verdict = inspection.verdict.max(Verdict::Supported);
        inspection.evidence.push(Evidence::NamedService);
        inspection.facts.add(api.region_fact());
        if let Ok(id) = std::str::from_utf8(api.label) {
            let region = api.region;
            inspection
                .facts
                .add(Fact::Host(format!("{id}.appsync-api.{region}.amazonaws.com").into()));
        }
    }
    inspection
}
