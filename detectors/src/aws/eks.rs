//! Amazon EKS bearer tokens: `k8s-aws-v1.` and the base64url of a presigned
//! `GetCallerIdentity` request.
//!
//! Source: aws-iam-authenticator, `pkg/token/token.go`: at most 4,096 bytes, the
//! header `x-k8s-aws-id` signed, valid for 15 minutes after it was signed
//! whatever it says itself.

use std::borrow::Cow::Borrowed;

use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::signed_url::presign::{self, Presign};

/// The most characters that the cluster's verifier takes.
const MAX_LEN: usize = 4096;

/// How long a token holds.
const SECONDS: i64 = 900;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-eks-token"),
    title: text("Amazon EKS authentication token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("kubernetes")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("k8s-aws-v1.")])),
    reach: Reach::new(1, MAX_LEN as u32 + 1),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(presign::doubt_future),
    severity: Severity::Medium,
    remedy: text(
        "It stops working 15 minutes after it was made. If it may have been used, look for its \
         key id in the cluster's audit log, and revoke the sessions of the role that signed it \
         (IAM console, Roles, the role, Revoke sessions) or remove its access entry (`aws eks \
         delete-access-entry`).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/eks_token.txt")),
            text(include_str!("examples/eks_token_session.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("examples/eks_documentation.txt")), Reason::FakeAccount),
            (text(include_str!("examples/eks_other.txt")), Reason::BadStructure),
            (text("k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8_QWN0"), Reason::BadStructure),
        ]),
        unmatched: Borrowed(&[
            text("const tokenPrefix = \"k8s-aws-v1.\""),
            text("k8s-aws-v1.<base64 of the URL>"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    // `https://`, in base64.
    if !window.after().starts_with(b"aHR0cHM6Ly") {
        return;
    }
    let len = window.after().iter().take_while(|b| base64::is_url_safe(**b)).count();
    if len > MAX_LEN {
        return;
    }
    let span = window.hit_start..window.hit_end + len;
    let mut candidate = Candidate::new(Role::Whole, window.range(span));
    candidate.evidence.push(Evidence::Prefix);
    match base64::decode(&window.after()[..len]).as_deref().and_then(caller_identity) {
        Some(query) => {
            candidate.verdict = query.verdict();
            candidate.evidence.push(Evidence::Parsed);
            if let Some(time) = query.signed_at() {
                candidate.facts.add(Fact::ExpiresAt(time.plus(SECONDS)));
            }
            candidate.facts.merge(&query.facts(SECONDS as u64));
        }
        None => candidate.verdict = Verdict::Refuted(Reason::BadStructure),
    }
    out.push(candidate);
}

/// The query of a URL that a cluster would call.
fn caller_identity(url: &[u8]) -> Option<Presign> {
    let host = url.strip_prefix(b"https://")?.split(|b| matches!(b, b'/' | b'?')).next()?;
    let sts = host.starts_with(b"sts.") || host.starts_with(b"sts-fips.");
    let aws = host.ends_with(b".amazonaws.com") || host.ends_with(b".amazonaws.com.cn");
    let query = Presign::of_url(url)?;
    let call = query.action.as_deref() == Some("GetCallerIdentity") && &*query.service == "sts";
    (sts && aws && call && query.signs("x-k8s-aws-id")).then_some(query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;

    #[test]
    fn a_token_holds_for_fifteen_minutes_whatever_it_says() {
        let text = include_str!("examples/eks_token.txt");
        let found = reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].verdict, Verdict::Proven);
        assert_eq!(found[0].facts.expires_at(), Some(Timestamp(1_749_999_600 + SECONDS)));
        assert_eq!(found[0].facts.region(), Some("eu-north-1"));
        assert_eq!(found[0].facts.account(), Some(402_913_857_264));
    }
}
