//! Identifiers that are credentials by themselves: `ABIA` (an STS service
//! bearer token) and `ACCA` (a context-specific credential). Both are rare.
//!
//! Source: IAM User Guide, "Unique identifiers".

use std::borrow::Cow::Borrowed;

use crate::aws::account::{self, KeyBody};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, TokenForm, Trigger, text};
use crate::evidence::{Evidence, Inspection, Reason, Verdict};
use crate::extract::Match;
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{is_regular, refusal};
use crate::verify::base32;

/// `ABIA…` and `ACCA…`.
pub(super) static TOKEN: Detector = Detector {
    id: text("aws-service-token"),
    title: text("AWS service bearer token or context credential"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("token")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("ABIA"), Anchor::exact("ACCA")])),
    reach: Reach::new(16, 17),
    shape: Shape::Token {
        form: TokenForm {
            class: |b| base32::value(b).is_some(),
            min: 16,
            max: 16,
            boundary: |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_'),
        },
        inspect,
    },
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "Find the service that issued it in CloudTrail, end the session that it belongs to, \
             and revoke the role's sessions (IAM > Roles > the role > Revoke sessions).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("SERVICE_TOKEN=ABIATN6MB3YQRLXJZ2PE"),
            text("ACCATN6MB3YQRLXJZ2PE"),
        ]),
        refuted: Borrowed(&[
            (text("ABIAIOSFODNN7EXAMPLE"), Reason::Documentation),
            (text("ACCA7ZZZY2XKQ4PWLN3M"), Reason::ImpossibleAccount),
            (text("ABIARTX3GSDSQ2Y4KWLM"), Reason::FakeAccount),
        ]),
        unmatched: Borrowed(&[text("ABIATN6MB3YQRLXJZ2PEX"), text("ARABIATN6MB3YQRLXJZ2PE")]),
    },
};

fn inspect(found: &Match<'_>) -> Inspection {
    let token = found.secret();
    let body = &token[token.len() - 16..];
    if let Some(reason) = refusal(token) {
        return Inspection::refuted(reason);
    }
    if is_regular(body) {
        return Inspection::refuted(Reason::NotRandom);
    }
    match account::decode(body) {
        Some(KeyBody::New(account)) if account::is_documentation(account) => {
            Inspection::refuted(Reason::FakeAccount)
        }
        Some(KeyBody::New(account)) => Inspection {
            verdict: Verdict::Supported,
            evidence: vec![Evidence::Prefix, Evidence::AccountDecoded],
            facts: [Fact::Account(account)].into_iter().collect(),
        },
        // These kinds are younger than the old generation; without an account
        // it is more likely a word in capitals.
        Some(KeyBody::Old) if crate::verify::words::word_bits(body) > 0.0 => {
            Inspection::refuted(Reason::Words)
        }
        Some(KeyBody::Old) => {
            Inspection { evidence: vec![Evidence::Prefix], ..Inspection::of(Verdict::Doubtful) }
        }
        _ => Inspection::refuted(Reason::ImpossibleAccount),
    }
}
