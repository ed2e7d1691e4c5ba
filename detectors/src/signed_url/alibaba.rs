//! Signed URLs of Alibaba Cloud's Object Storage Service, of the first and the
//! fourth version.
//!
//! Source: Alibaba Cloud OSS API Reference, "Add signatures to URLs" (V1) and
//! "Include a V4 signature in a URL". The key's secret has no form by which it
//! could be found, so that no signature is recomputed.

use std::borrow::Cow::Borrowed;

use super::presign::doubt_future;
use super::query::{Query, base64_fault, begins_parameter, moment, verdict};
use super::scoped::{Scheme, Scoped};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;

/// A security token of a kilobyte and a long object name, percent-encoded.
const REACH: Reach = Reach::new(8192, 8192);

pub(super) static OSS: Detector = Detector {
    id: text("alibaba-oss-url"),
    title: text("Alibaba Cloud OSS signed URL"),
    provider: text("Alibaba Cloud"),
    tags: Borrowed(&[text("alibaba"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("OSSAccessKeyId"),
        Anchor::exact("x-oss-credential"),
        Anchor::exact("x-oss-expires"),
        Anchor::exact("x-oss-date"),
        Anchor::exact("Signature="),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(doubt_future),
    severity: Severity::Medium,
    remedy: text(
        "A signed URL cannot be revoked by itself: disable or delete the AccessKey that signed it \
         in the RAM console, or move the object. Then look through the bucket's access logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://acme-rec.oss-cn-hangzhou.aliyuncs.com/2025/call.wav?OSSAccessKeyId=\
                 LTAI5tQm7VbZp2KxRd9TfWgN&Expires=1893456000&\
                 Signature=wqQGvHbhsAnLIjPAkyWXvbfPfl0%3D",
            ),
            text(
                "\"url\":\"https://acme-rec.oss-cn-hangzhou.aliyuncs.com/a.zip?\
                 x-oss-signature-version=OSS4-HMAC-SHA256\\u0026x-oss-credential=\
                 LTAI5tQm7VbZp2KxRd9TfWgN%2F20250615%2Fcn-hangzhou%2Foss%2Faliyun_v4_request\
                 \\u0026x-oss-date=20250615T120000Z\\u0026x-oss-expires=3600\\u0026x-oss-signature=\
                 7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5\"",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/o?OSSAccessKeyId=\
                     LTAI****************&Expires=1893456000&\
                     Signature=wqQGvHbhsAnLIjPAkyWXvbfPfl0%3D",
                ),
                Reason::Placeholder,
            ),
            (
                text(
                    "https://b.oss-cn-hangzhou.aliyuncs.com/o?x-oss-signature-version=\
                     OSS4-HMAC-SHA256&x-oss-credential=LTAI5tQm7VbZp2KxRd9TfWgN%2F20250615%2F\
                     cn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20250616T120000Z&\
                     x-oss-expires=3600&x-oss-signature=\
                     7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5",
                ),
                Reason::ImpossibleTime,
            ),
        ]),
        unmatched: Borrowed(&[
            text("params: OSSAccessKeyId, Expires, Signature"),
            text("https://b.oss-cn-hangzhou.aliyuncs.com/o?x-oss-process=image/resize,w_100"),
        ]),
    },
};

/// The fourth version. It came in 2023.
const V4: Scheme = Scheme {
    prefix: "x-oss-",
    algorithm: "signature-version",
    algorithms: &[("OSS4-HMAC-SHA256", &[64])],
    service: "oss",
    terminator: "aliyun_v4_request",
    since: 1_640_995_200,
};

/// How far from `Signature=` the key id stands, at most.
const APART: usize = 4096;

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !begins_parameter(window.bytes, window.hit_start) {
        return;
    }
    if window.bytes[window.hit_start] == b'S' {
        let start = window.hit_start.saturating_sub(APART);
        let end = window.bytes.len().min(window.hit_end + APART);
        // Even a divided name leaves one of its ends whole.
        let near = &window.bytes[start..end];
        if !(placeholder::contains(near, b"OSSAcc") || placeholder::contains(near, b"KeyId")) {
            return;
        }
    }
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = fourth(&query).or_else(|| first(&query)) {
        out.push(candidate);
    }
}

fn fourth(query: &Query<'_>) -> Option<Candidate> {
    let scoped = Scoped::read(query, &V4)?;
    let mut candidate = query.candidate("x-oss-signature")?;
    candidate.verdict = verdict(scoped.fault());
    candidate.facts.add(Fact::Variant("v4"));
    scoped.tell(&mut candidate.facts);
    describe(query, &scoped.signer, &mut candidate);
    query.attach(&mut candidate, Role::SessionToken, "x-oss-security-token");
    Some(candidate)
}

fn first(query: &Query<'_>) -> Option<Candidate> {
    let id = query.text("OSSAccessKeyId")?;
    let expires = query.number("Expires")?;
    let signature = query.text("Signature")?;
    let mut candidate = query.candidate("Signature")?;
    let fault = (id.len() > 4)
        .then(|| placeholder::refusal(id.as_bytes()))
        .flatten()
        .or_else(|| base64_fault(&signature, &[20]))
        .or_else(|| moment(expires).is_none().then_some(Reason::ImpossibleTime));
    candidate.verdict = verdict(fault);
    candidate.facts.add(Fact::Variant("v1"));
    if let Some(time) = moment(expires) {
        candidate.facts.add(Fact::ExpiresAt(time));
    }
    describe(query, &id, &mut candidate);
    query.attach(&mut candidate, Role::SessionToken, "security-token");
    Some(candidate)
}

fn describe(query: &Query<'_>, id: &str, candidate: &mut Candidate) {
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("oss".into()));
    facts.add(Fact::KeyId(id.into()));
    let host = query.url().host();
    if let Some((bucket, rest)) = host.split_once(".oss-") {
        facts.add(Fact::Bucket(bucket.into()));
        if let Some(region) = rest.strip_suffix(".aliyuncs.com") {
            facts.add(Fact::Region(region.trim_end_matches("-internal").into()));
        }
    }
    let object = query.object();
    if !object.is_empty() {
        facts.add(Fact::Object(object));
    }
    let uploads = ["uploadId", "partNumber", "append"].iter().any(|n| query.parameter(n).is_some());
    facts.add(Fact::Access(if uploads { Access::Write } else { Access::Read }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&OSS), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        for (example, end) in [(0, 1_893_456_000), (1, 1_749_992_400)] {
            let text = &OSS.examples.reported[example];
            assert_eq!(leaks(text, end - 1)[0].severity, Severity::Medium);
            assert_eq!(leaks(text, end)[0].severity, Severity::Info);
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in OSS.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
        let _ = leaks(&"&Signature=KeyId&OSSAccessKeyId=".repeat(200), 0);
    }
}
