//! Signed URLs, and the same in `Authorization` headers, of Tencent Cloud's
//! Object Storage (COS).
//!
//! Source: Tencent Cloud COS API documentation, "Request Signature":
//! `q-sign-time` and `q-key-time` are `start;end` in seconds, the signature is
//! HMAC-SHA1 in hexadecimal. The secret has no form by which it could be found.

use std::borrow::Cow::Borrowed;

use super::presign::doubt_future;
use super::query::{Query, hex_fault, moment, verdict};
use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;

pub(super) static COS: Detector = Detector {
    id: text("tencent-cos-url"),
    title: text("Tencent Cloud COS signed URL"),
    provider: text("Tencent Cloud"),
    tags: Borrowed(&[text("tencent"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("q-sign-algorithm"),
        Anchor::exact("q-signature"),
        Anchor::exact("q-key-time"),
    ])),
    reach: Reach::new(6144, 6144),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(doubt_future),
    severity: Severity::Medium,
    remedy: text(
        "A signed URL cannot be revoked by itself: disable or delete the SecretId that signed it \
         in Cloud Access Management, or move the object. Then look through the bucket's logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://acme-1250000000.cos.ap-guangzhou.myqcloud.com/a/b.mp4?q-sign-algorithm=\
                 sha1&q-ak=AKIDm7VbZp2KxRd9TfWgNqYc5Js8Lh3EuA6o&q-sign-time=\
                 1749988800;1893456000&q-key-time=1749988800;1893456000&q-header-list=host&\
                 q-url-param-list=&q-signature=905ebc13f78a426d1093ce5bf2a8476ed03f95b1",
            ),
            text(
                "Authorization: q-sign-algorithm=sha1&q-ak=AKIDm7VbZp2KxRd9TfWgNqYc5Js8Lh3EuA6o&\
                 q-sign-time=1749988800;1749992400&q-key-time=1749988800;1749992400&q-header-list=\
                 &q-url-param-list=&q-signature=905ebc13f78a426d1093ce5bf2a8476ed03f95b1",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "q-sign-algorithm=sha1&q-ak=AKIDm7VbZp2KxRd9TfWgNqYc5Js8Lh3EuA6o&q-sign-time=\
                     1749992400;1749988800&q-key-time=1749992400;1749988800&q-header-list=&\
                     q-url-param-list=&q-signature=905ebc13f78a426d1093ce5bf2a8476ed03f95b1",
                ),
                Reason::ImpossibleTime,
            ),
            (
                text(
                    "q-sign-algorithm=sha1&q-ak=AKIDxxxxxxxxxxxxxxxx&q-sign-time=\
                     1749988800;1749992400&q-key-time=1749988800;1749992400&q-header-list=&\
                     q-url-param-list=&q-signature=905ebc13f78a426d1093ce5bf2a8476ed03f95b1",
                ),
                Reason::Placeholder,
            ),
        ]),
        unmatched: Borrowed(&[
            text("q-sign-algorithm=sha1&q-ak={id}"),
            text("fields: q-signature, q-ak"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = read(&query) {
        out.push(candidate);
    }
}

/// The two moments of `start;end`.
fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (start, end) = text.split_once(';')?;
    Some((moment(start.parse().ok()?)?, moment(end.parse().ok()?)?))
}

fn read(query: &Query<'_>) -> Option<Candidate> {
    if &*query.text("q-sign-algorithm")? != "sha1" {
        return None;
    }
    let id = query.text("q-ak")?;
    let signature = query.text("q-signature")?;
    // A `;` belongs to this value.
    let time = |name| query.url().parameter(name).map(|p| p.twice_decoded());
    let (signed, key) = (time("q-sign-time")?, time("q-key-time"));
    let mut candidate = query.candidate("q-signature")?;
    let times = span(&signed);
    let fault = (id.len() > 8)
        .then(|| placeholder::refusal(id.as_bytes()))
        .flatten()
        .or_else(|| hex_fault(&signature, &[40]))
        .or_else(|| times.is_none_or(|(s, e)| s >= e).then_some(Reason::ImpossibleTime));
    candidate.verdict = verdict(fault);
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("cos".into()));
    facts.add(Fact::KeyId(id));
    if let Some((start, end)) = times {
        facts.add(Fact::CreatedAt(start));
        let key_end = key.as_deref().and_then(span).map_or(end, |(_, end)| end);
        facts.add(Fact::ExpiresAt(end.min(key_end)));
    }
    if let Some((bucket, rest)) = query.url().host().split_once(".cos.") {
        facts.add(Fact::Bucket(bucket.into()));
        if let Some(region) = rest.strip_suffix(".myqcloud.com") {
            facts.add(Fact::Region(region.into()));
        }
    }
    let object = query.object();
    if !object.is_empty() {
        facts.add(Fact::Object(object));
    }
    let headers = query.url().parameter("q-header-list").map(|p| p.twice_decoded());
    let uploads = query.parameter("uploadId").is_some()
        || headers.is_some_and(|h| {
            h.split(';').any(|h| matches!(h, "content-type" | "content-length" | "content-md5"))
        });
    facts.add(Fact::Access(if uploads { Access::Write } else { Access::Read }));
    query.attach(&mut candidate, Role::SessionToken, "x-cos-security-token");
    Some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&COS), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        for (example, end) in [(0, 1_893_456_000), (1, 1_749_992_400)] {
            let text = &COS.examples.reported[example];
            assert_eq!(leaks(text, end - 1)[0].severity, Severity::Medium);
            assert_eq!(leaks(text, end)[0].severity, Severity::Info);
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in COS.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
    }
}
