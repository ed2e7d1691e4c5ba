//! Signed URLs of Volcengine's object storage (TOS).
//!
//! Source: Volcengine TOS documentation, "Include the signature in a URL":
//! Signature Version 4 under the names `X-Tos-…`. The secret has no form by which
//! it could be found.

use std::borrow::Cow::Borrowed;

use super::presign::doubt_future;
use super::query::{Query, verdict};
use super::scoped::{Scheme, Scoped};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;

pub(super) static TOS: Detector = Detector {
    id: text("volcengine-tos-url"),
    title: text("Volcengine TOS signed URL"),
    provider: text("Volcengine"),
    tags: Borrowed(&[text("volcengine"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("x-tos-credential"),
        Anchor::any_case("x-tos-signature"),
        // A line may end in the middle of any name.
        Anchor::any_case("x-tos-algorithm"),
        Anchor::any_case("x-tos-expires"),
    ])),
    reach: Reach::new(8192, 8192),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(doubt_future),
    severity: Severity::Medium,
    remedy: text(
        "A signed URL cannot be revoked by itself: disable or delete the access key that signed \
         it in the console's key management, or move the object. It ends after a week at the \
         latest.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text(
            "https://acme.tos-cn-beijing.volces.com/v/1.mp4?X-Tos-Algorithm=TOS4-HMAC-SHA256&\
             X-Tos-Credential=AKLTm7VbZp2KxRd9TfWgNqYc5Js8Lh3EuA6o1PvB4tXiQwS%2F20250615%2F\
             cn-beijing%2Ftos%2Frequest&X-Tos-Date=20250615T120000Z&X-Tos-Expires=3600&\
             X-Tos-SignedHeaders=host&X-Tos-Signature=\
             7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5",
        )]),
        refuted: Borrowed(&[(
            text(
                "https://acme.tos-cn-beijing.volces.com/v/1.mp4?X-Tos-Algorithm=TOS4-HMAC-SHA256&\
                 X-Tos-Credential=AKLTm7VbZp2KxRd9TfWgNqYc5Js8Lh3EuA6o1PvB4tXiQwS%2F20250615%2F\
                 cn-beijing%2Ftos%2Frequest&X-Tos-Date=20250615T120000Z&X-Tos-Expires=3600&\
                 X-Tos-SignedHeaders=host&X-Tos-Signature=***",
            ),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[text("X-Tos-Signature: header"), text("?X-Tos-Credential=a/b/c")]),
    },
};

/// TOS opened in 2021.
const V4: Scheme = Scheme {
    prefix: "X-Tos-",
    algorithm: "Algorithm",
    algorithms: &[("TOS4-HMAC-SHA256", &[64])],
    service: "tos",
    terminator: "request",
    since: 1_577_836_800,
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = read(&query) {
        out.push(candidate);
    }
}

fn read(query: &Query<'_>) -> Option<Candidate> {
    let scoped = Scoped::read(query, &V4)?;
    let mut candidate = query.candidate("X-Tos-Signature")?;
    candidate.verdict = verdict(scoped.fault());
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("tos".into()));
    facts.add(Fact::KeyId(scoped.signer.clone()));
    scoped.tell(facts);
    if let Some((bucket, _)) = query.url().host().split_once(".tos-") {
        facts.add(Fact::Bucket(bucket.into()));
    }
    let object = query.object();
    if !object.is_empty() {
        facts.add(Fact::Object(object));
    }
    let uploads = query.parameter("uploadId").is_some()
        || query.text("X-Tos-SignedHeaders").is_some_and(|h| h.contains("content-type"));
    facts.add(Fact::Access(if uploads { Access::Write } else { Access::Read }));
    query.attach(&mut candidate, Role::SessionToken, "X-Tos-Security-Token");
    Some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&TOS), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        let text = &TOS.examples.reported[0];
        assert_eq!(leaks(text, 1_749_992_399)[0].severity, Severity::Medium);
        assert_eq!(leaks(text, 1_749_992_400)[0].severity, Severity::Info);
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let text = &TOS.examples.reported[0];
        for end in 0..text.len() {
            let _ = leaks(&text[..end], 0);
        }
    }
}
