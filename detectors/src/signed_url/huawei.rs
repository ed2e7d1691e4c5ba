//! Signed URLs of Huawei Cloud's Object Storage Service (OBS).
//!
//! Source: Huawei Cloud OBS API Reference, "Authentication of Signature in a URL":
//! `AccessKeyId`, `Expires` in seconds, `Signature` of HMAC-SHA1 in base64; the
//! secret key has 40 characters. Other stores took the names over, so that a URL
//! is believed on Huawei's own hosts and held for possible elsewhere.

use std::borrow::Cow::Borrowed;

use super::proof::tell_method;
use super::query::{Query, base64_fault, begins_parameter, moment, verdict};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::verify::cloud_storage;

pub(super) static OBS: Detector = Detector {
    id: text("huawei-obs-url"),
    title: text("Huawei Cloud OBS signed URL"),
    provider: text("Huawei Cloud"),
    tags: Borrowed(&[text("huawei"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("AccessKeyId="),
        Anchor::exact("AccessKeyId%"),
        Anchor::exact("AccessKeyId\\"),
        Anchor::exact("Signature="),
    ])),
    reach: Reach::new(6144, 6144),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "A signed URL cannot be revoked by itself: disable or delete the access key that signed \
         it (My Credentials, Access Keys), or move the object. Then look through the bucket's \
         access logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text(
            "https://acme-rec.obs.cn-north-4.myhuaweicloud.com/calls/1.wav?AccessKeyId=\
             QTWAOY5BVKJZ7HDM3XNC&Expires=1893456000&Signature=wqQGvHbhsAnLIjPAkyWXvbfPfl0%3D",
        )]),
        refuted: Borrowed(&[(
            text(
                "https://acme-rec.obs.cn-north-4.myhuaweicloud.com/calls/1.wav?AccessKeyId=\
                 YOUR_ACCESS_KEY_ID&Expires=1893456000&Signature=wqQGvHbhsAnLIjPAkyWXvbfPfl0%3D",
            ),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("\"AccessKeyId\": \"QTWAOY5BVKJZ7HDM3XNC\""),
            text("https://a.io/b?AccessKeyId=QTWAOY5BVKJZ7HDM3XNC&SignatureMethod=HMAC-SHA1"),
            text("https://b.s3.amazonaws.com/o?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1"),
        ]),
    },
};

/// How far the parameters stand from each other, at most.
const APART: usize = 1024;

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !begins_parameter(window.bytes, window.hit_start) {
        return;
    }
    let start = window.hit_start.saturating_sub(APART);
    let end = window.bytes.len().min(window.hit_end + APART);
    let near = &window.bytes[start..end];
    // A line may end in the middle of either.
    if ![&b"xpires"[..], b"KeyId"].iter().any(|name| placeholder::contains(near, name)) {
        return;
    }
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = read(&query) {
        out.push(candidate);
    }
}

fn read(query: &Query<'_>) -> Option<Candidate> {
    let id = query.text("AccessKeyId")?;
    let expires = query.number("Expires")?;
    let signature = query.text("Signature")?;
    let host = query.url().host();
    let own =
        host.contains(".myhuaweicloud.") || host.starts_with("obs.") || host.contains(".obs.");
    let mut candidate = query.candidate("Signature")?;
    let fault = placeholder::refusal(id.as_bytes())
        .or_else(|| {
            let fits = (16..=40).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            (!fits).then_some(Reason::WrongAlphabet)
        })
        .or_else(|| base64_fault(&signature, &[20]))
        .or_else(|| moment(expires).is_none().then_some(Reason::ImpossibleTime));
    candidate.verdict = match verdict(fault) {
        Verdict::Supported if !own => Verdict::Neutral,
        verdict => verdict,
    };
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("obs".into()));
    facts.add(Fact::KeyId(id));
    if let Some(time) = moment(expires) {
        facts.add(Fact::ExpiresAt(time));
    }
    if let Some((bucket, rest)) = host.split_once(".obs.") {
        facts.add(Fact::Bucket(bucket.into()));
        if let Some((region, _)) = rest.split_once(".myhuaweicloud") {
            facts.add(Fact::Region(region.into()));
        }
    }
    let object = query.object();
    if !object.is_empty() {
        facts.add(Fact::Object(object));
    }
    let uploads = query.parameter("uploadId").is_some() || query.parameter("append").is_some();
    facts.add(Fact::Access(if uploads { Access::Write } else { Access::Read }));
    query.attach(&mut candidate, Role::SessionToken, "x-obs-security-token");
    Some(candidate)
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    if let Some(method) = prove(leak, neighbours) {
        leak.verdict = Verdict::Proven;
        tell_method(leak, method);
        leak.note(Evidence::Recomputed);
    }
}

/// The method for which one of the secrets nearby gives the signature.
fn prove(leak: &Leak, neighbours: &Neighbours<'_>) -> Option<&'static str> {
    let secrets = neighbours.nearest(Role::SecretKey, &leak.value);
    if secrets.is_empty() {
        return None;
    }
    let text = neighbours.passage.slice(leak.span.clone());
    let query = Query::again(text, &["AccessKeyId", "Signature", "Expires"])?;
    let host = query.url().host();
    let bucket = host.split_once(".obs.").map_or(&*host, |(bucket, _)| bucket);
    let path = String::from_utf8_lossy(query.url().path()).into_owned();
    let resource = if host.starts_with("obs.") { path } else { format!("/{bucket}{path}") };
    let (expires, signature) = (query.text("Expires")?, query.text("Signature")?);
    for secret in secrets {
        let value = secret.value_in(&neighbours.passage);
        for method in ["GET", "PUT", "HEAD", "DELETE"] {
            if !neighbours.budget.take(1) {
                return None;
            }
            let made = cloud_storage::signature_v2(&value, method, &expires, &resource);
            if made.trim_end_matches('=') == signature.trim_end_matches('=') {
                return Some(method);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&OBS), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        let text = &OBS.examples.reported[0];
        assert_eq!(leaks(text, 1_893_455_999)[0].severity, Severity::Medium);
        assert_eq!(leaks(text, 1_893_456_000)[0].severity, Severity::Info);
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let text = &OBS.examples.reported[0];
        for end in 0..text.len() {
            let _ = leaks(&text[..end], 0);
        }
        let _ = leaks(&"&Signature=xpires&AccessKeyId=".repeat(200), 0);
    }
}
