//! Signed URLs of Amazon S3 in Signature Version 2, which old buckets and most
//! stores that copied S3 still take.
//!
//! Nothing bounds how long such a URL lives: times decades away are common. The
//! requests of other services in this version (`SignatureMethod`, `Action`) are
//! not read here: they are good for minutes, and those to Amazon's Marketplace
//! Web Service belong to a family of their own.
//!
//! Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS
//! signature version 2)".

use std::borrow::Cow::Borrowed;

use super::presign;
use super::proof::{self, Claim, METHODS, Message, Scheme};
use super::sigv4::{begins_name, is_assigned, issuer, tell_host};
use super::store::Place;
use crate::aws::account::{self, KeyBody};
use crate::aws::session_token;
use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::located::{Located, Parameter};
use crate::url::writing::{Writing, has_before, percent_decoded};
use crate::verify::sigv2::string_to_sign;

/// The name of the kind in [`Fact::Variant`].
pub(super) const VARIANT: &str = "sigv2";

/// When Amazon S3 opened, 2006-03-14.
const FIRST: Timestamp = Timestamp(1_142_294_400);

/// The anchors: the second for mails where a soft break divides the first.
const KEY_ID: &[u8] = b"AWSAccessKeyId";
const SIGNATURE: &[u8] = b"Signature";

/// The parameters that are signed with the path, in their order (Amazon S3 User
/// Guide, "Constructing the CanonicalizedResource element").
const SUBRESOURCES: &[&str] = &[
    "acl",
    "cors",
    "delete",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "partNumber",
    "policy",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

pub(super) static URL: Detector = Detector {
    id: text("aws-sigv2-url"),
    title: text("Signed URL of Amazon S3 (version 2)"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("url"), text("signed")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("awsaccesskeyid"),
        Anchor::exact("Signature"),
    ])),
    reach: Reach::new(4096, 6144),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "It does what it says until the time in `Expires`, which may be years away. Deactivate \
         the access key that signed it (`aws iam update-access-key --status Inactive`), which \
         ends all its URLs, or move the object. Sign anew with version 4, which allows a week at \
         the most.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/sigv2_get.txt")),
            text(include_str!("examples/sigv2_far.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("examples/sigv2_documentation.txt")), Reason::Documentation),
            (
                text(
                    "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&Expires=1750003600&Signature=vjbyPxybdZaNmGa%2ByT272YEAiv",
                ),
                Reason::Truncated,
            ),
        ]),
        unmatched: Borrowed(&[
            text("?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&Expires=1750003600"),
            text(
                "https://mws.amazonservices.com/Orders/2013-09-01?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&Action=ListOrders&SignatureMethod=HmacSHA256&SignatureVersion=2&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1750003600",
            ),
            text("String Signature = sign(AWSAccessKeyId, Expires);"),
        ]),
    },
};

/// Whether a parameter of this name begins at `at`.
fn is_parameter(text: &[u8], at: usize, name: &[u8]) -> bool {
    let rest = text.get(at + name.len()..).unwrap_or_default();
    is_assigned(rest) && begins_name(&text[..at])
}

/// The name of the anchor at `at`, if one stands there.
fn anchor(text: &[u8], at: usize) -> Option<&'static [u8]> {
    let stands = |name: &[u8]| text.get(at..at + name.len());
    if stands(SIGNATURE) == Some(SIGNATURE) {
        Some(SIGNATURE)
    } else if stands(KEY_ID).is_some_and(|t| t.eq_ignore_ascii_case(KEY_ID)) {
        Some(KEY_ID)
    } else {
        None
    }
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let (text, at) = (window.bytes, window.hit_start);
    if !is_parameter(text, at, &text[window.hit()]) {
        return;
    }
    let Some(writing) = Writing::of(text, at) else { return };
    // A URL is read once, at the first of the two names.
    let is_anchor = |i| {
        matches!(text[i], b'S' | b'A' | b'a')
            && anchor(text, i).is_some_and(|name| is_parameter(text, i, name))
            && Writing::of(text, i) == Some(writing)
    };
    if has_before(text, at, writing, is_anchor) {
        return;
    }
    let Some(url) = Located::around(text, at, writing) else { return };
    let Some(signed) = Signed::of(&url) else { return };
    out.push(signed.candidate(window, &url));
}

/// A query signed with version 2, taken apart.
struct Signed<'u> {
    key_id: Parameter<'u>,
    /// `Expires`, as written.
    expires: Box<str>,
    signature: Parameter<'u>,
    token: Option<Parameter<'u>>,
}

impl<'u> Signed<'u> {
    fn of(url: &'u Located) -> Option<Self> {
        let others = ["SignatureMethod", "SignatureVersion", "Action", "SellerId", "Merchant"];
        if others.iter().any(|name| url.parameter(name).is_some()) {
            return None;
        }
        Some(Self {
            key_id: url.parameter("AWSAccessKeyId")?,
            expires: seconds(url.parameter("Expires")?.raw),
            signature: url.parameter("Signature")?,
            token: url.parameter("x-amz-security-token"),
        })
    }

    /// The signature in base64, and how many characters of the value it takes:
    /// what follows it in a sentence is none of it.
    fn signature(&self) -> (Box<str>, usize) {
        let raw = self.signature.raw;
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+/=%".contains(b);
        let mut len = raw.iter().take_while(|b| is_part(b)).count();
        // A quote that is percent-encoded.
        for end in ["%22", "%27", "%5C", "%0A", "%3E"] {
            if let Some(at) = memchr::memmem::find(&raw[..len], end.as_bytes()) {
                len = at;
            }
        }
        let once = percent_decoded(&raw[..len]);
        let text = if once.contains(&b'%') { percent_decoded(&once) } else { once };
        (String::from_utf8_lossy(&text).into(), len)
    }

    fn candidate(&self, window: &Window<'_>, url: &Located) -> Candidate {
        let (signature, len) = self.signature();
        let mut found = Candidate::new(Role::Signature, window.range(url.span()));
        let at = self.signature.head(len);
        if window.bytes[at.clone()] != *signature.as_bytes() {
            found.decoded = Some(signature.as_bytes().into());
        }
        found.value = window.range(at);
        let key_id = self.key_id.text();
        let mut part = |role, value: &Parameter<'_>| {
            let decoded = value.twice_decoded();
            let written = window.bytes[value.range.clone()] == *decoded.as_bytes();
            found.parts.push(Part {
                role,
                range: window.range(value.range.clone()),
                decoded: (!written).then(|| decoded.as_bytes().into()),
            });
        };
        let temporary = key_id.starts_with("ASIA");
        part(if temporary { Role::TemporaryKeyId } else { Role::KeyId }, &self.key_id);
        if let Some(token) = &self.token {
            part(Role::SessionToken, token);
        }
        found.facts = self.facts(url, &key_id);
        found.verdict = self.judge(&key_id, &signature, &found.facts);
        if !found.is_refuted() {
            found.evidence.push(Evidence::KeyName);
            if found.facts.account().is_some() {
                found.evidence.push(Evidence::AccountDecoded);
            }
        }
        found
    }

    /// When it expires; the session that signed it may end before.
    fn expires_at(&self) -> Option<Timestamp> {
        let own = Timestamp(self.expires.parse().ok()?);
        let session = self.token.as_ref().and_then(|token| {
            session_token::parse(token.twice_decoded().as_bytes()).ok()?.expires_at()
        });
        Some(session.map_or(own, |session| session.min(own)))
    }

    fn facts(&self, url: &Located, key_id: &str) -> Facts {
        let mut facts = Facts::default();
        facts.add(Fact::KeyId(key_id.into()));
        if let Some(KeyBody::New(account)) = key_body(key_id) {
            facts.add(Fact::Account(account));
        }
        if let Some(expires) = self.expires_at() {
            facts.add(Fact::ExpiresAt(expires));
        }
        facts.add(Fact::Variant(VARIANT));
        facts.add(Fact::Service("s3".into()));
        tell_host(url, &mut facts);
        Place::of_url(url).tell(&mut facts);
        let writes = ["uploadId", "uploads", "delete"].iter().any(|p| url.parameter(p).is_some());
        let reads = url.parameters().any(|(name, _)| name.starts_with(b"response-"));
        if reads {
            facts.add(Fact::Method("GET".into()));
        }
        facts.add(Fact::Access(if writes { Access::Write } else { Access::Read }));
        if let Some(issuer) = issuer(url, key_id) {
            facts.add(Fact::Issuer(issuer));
        }
        facts
    }

    fn judge(&self, key_id: &str, signature: &str, facts: &Facts) -> Verdict {
        let refuted = Verdict::Refuted;
        if let Some(reason) = placeholder::refusal(key_id.as_bytes()) {
            return refuted(reason);
        }
        match key_body(key_id) {
            Some(KeyBody::Impossible) => return refuted(Reason::ImpossibleAccount),
            Some(KeyBody::New(account)) if account::is_documentation(account) => {
                return refuted(Reason::FakeAccount);
            }
            _ => {}
        }
        if facts.expires_at().is_none_or(|at| at < FIRST) {
            return refuted(Reason::ImpossibleTime);
        }
        if let Some(reason) = placeholder::refusal(signature.as_bytes()) {
            return refuted(reason);
        }
        match base64::decode(signature.as_bytes()) {
            Some(bytes) if bytes.len() == 20 => {}
            _ if signature.trim_end_matches('=').len() < 27 => return refuted(Reason::Truncated),
            _ => return refuted(Reason::WrongLength),
        }
        if key_id.starts_with("ASIA") && self.token.is_none() {
            return Verdict::Doubtful;
        }
        Verdict::Supported
    }
}

/// The number that a value begins with; nothing if a word goes on behind it.
pub(super) fn seconds(value: &[u8]) -> Box<str> {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = !value.get(digits).is_some_and(u8::is_ascii_alphanumeric);
    String::from_utf8_lossy(&value[..if whole { digits } else { 0 }]).into()
}

fn key_body(key_id: &str) -> Option<KeyBody> {
    let body = key_id.strip_prefix("AKIA").or(key_id.strip_prefix("ASIA"))?;
    account::decode(body.as_bytes())
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    presign::doubt_future(leak, neighbours);
    proof::seek(leak, neighbours);
}

/// What the URL in `text` says to have been signed; `None` if it does not show
/// where it goes.
pub(super) fn claim(text: &[u8]) -> Option<Claim> {
    let at = (0..text.len())
        .find(|at| anchor(text, *at).is_some_and(|name| is_parameter(text, *at, name)))?;
    let url = Located::around(text, at, Writing::of(text, at)?)?;
    let signed = Signed::of(&url)?;
    let host = url.host();
    if host.is_empty() {
        return None;
    }
    let (signature, _) = signed.signature();
    let token = signed.token.as_ref().map(|t| t.twice_decoded());
    let mut messages = Vec::new();
    for resource in resources(&url, &host) {
        for method in METHODS {
            let token = token.as_deref().map(str::as_bytes);
            messages.push(Message {
                method: Some(method),
                text: string_to_sign(method, &signed.expires, token, &resource),
            });
        }
    }
    Some(Claim { scheme: Scheme::V2, messages, signature })
}

/// The resources that a URL may mean: with the bucket of its host before the path,
/// the path alone, or the whole host as the bucket's name.
fn resources(url: &Located, host: &str) -> Vec<Vec<u8>> {
    let mut tail = url.path().to_vec();
    let mut joint = b'?';
    for name in SUBRESOURCES {
        let given = url.query().split(|b| *b == b'&').find(|pair| {
            let own = pair.split(|b| *b == b'=').next().unwrap_or_default();
            own == name.as_bytes()
        });
        let Some(pair) = given else { continue };
        tail.push(joint);
        joint = b'&';
        tail.extend_from_slice(name.as_bytes());
        if let Some(equals) = memchr::memchr(b'=', pair) {
            tail.push(b'=');
            // The values that replace headers are signed as they will be sent.
            tail.extend_from_slice(&percent_decoded(&pair[equals + 1..]));
        }
    }
    let with = |bucket: &str| [b"/", bucket.as_bytes(), &tail].concat();
    let place = Place::of(host, url.port(), b"/");
    match place.bucket {
        Some(bucket) => vec![with(&bucket)],
        None => vec![tail.clone(), with(host)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::Context;

    const GET: &str = include_str!("examples/sigv2_get.txt");

    fn url() -> &'static str {
        GET.trim_start_matches("see ").trim_end()
    }

    fn found(text: &str) -> Vec<Candidate> {
        let mut all = reference::candidates(std::slice::from_ref(&URL), text.as_bytes());
        all.dedup();
        all
    }

    #[test]
    fn every_order_and_writing_gives_the_same() {
        let (head, query) = url().split_once('?').unwrap();
        let mut parts: Vec<_> = query.split('&').collect();
        parts.rotate_left(2);
        let turned = format!("{head}?{}", parts.join("&"));
        let percent = |s: &str| s.replace('%', "%25").replace('&', "%26").replace('=', "%3D");
        let encoded = percent(url()).replace(':', "%3A").replace('/', "%2F").replace('?', "%3F");
        for url in [url(), &turned] {
            for text in [
                url.to_owned(),
                url.replace('&', "&amp;"),
                url.replace('&', "\\u0026").replace('=', "\\u003d"),
                url.replace('&', "\\x26").replace('=', "\\x3d"),
                url.replace('=', "=3D"),
                url.replace('=', "=3D").replace("AccessKey", "Acc=\nessKey"),
                url.replace('=', "=3D").replace("Signature", "Signa=\r\nture"),
                url.replace("https", "https\\").replace('=', "\\="),
                format!("https://p.acme.io/?u={encoded}"),
            ] {
                for (before, after) in [("", ""), ("'", "'"), ("**", "**"), ("log\\n", "\\n")] {
                    let text = format!("{before}{text}{after}");
                    let all = found(&text);
                    assert_eq!(all.len(), 1, "{text}");
                    assert_eq!(all[0].verdict, Verdict::Supported, "{text}");
                    let facts = &all[0].facts;
                    assert_eq!(facts.expires_at(), Some(Timestamp(1_750_003_600)), "{text}");
                    for fact in [
                        Fact::KeyId("AKIAVX4KZTQ2HJWNCO5M".into()),
                        Fact::Bucket("acme-exports".into()),
                        Fact::Object("q2/orders.csv".into()),
                    ] {
                        assert!(facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn it_is_dead_in_the_second_in_which_it_expires() {
        let detectors = crate::builtin();
        for (now, expired) in [(1_750_003_599, false), (1_750_003_600, true)] {
            let context = Context::at(Timestamp(now));
            let all = reference::scan(&detectors, GET.as_bytes(), &context);
            assert_eq!(all.len(), 1, "{all:#?}");
            assert!(all[0].facts.iter().any(|f| *f == Fact::Expired(expired)));
        }
    }

    #[test]
    fn a_url_and_the_pair_that_signed_it_prove_each_other() {
        let far = include_str!("examples/sigv2_far.txt");
        for (url, id, secret) in [
            (GET, "AKIAVX4KZTQ2HJWNCO5M", "q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ"),
            (far, "AKIAJ2QWERTYUIOPASDF", "mC5xT0vQz8/rJh2WkPn6YbLd+E3sGf9uAa1oV7Ki"),
        ] {
            let detectors = crate::builtin();
            let text = format!("access_key={id}\nsecret_key={secret}\n{url}");
            let context = Context::at(Timestamp(1_750_000_000));
            let all = reference::scan(&detectors, text.as_bytes(), &context);
            assert_eq!(all.len(), 2, "{all:#?}");
            for leak in all {
                assert_eq!(leak.verdict, Verdict::Proven);
                assert!(leak.evidence.contains(&Evidence::Recomputed));
            }
        }
    }

    #[test]
    fn the_vector_of_the_documentation_holds() {
        let text = include_str!("examples/sigv2_documentation.txt");
        let url = text.split(' ').nth(1).unwrap();
        let claim = claim(format!("http://johnsmith.s3.amazonaws.com{url}").as_bytes()).unwrap();
        let secret = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let mac = crate::verify::sigv2::hmac_sha1(secret, &claim.messages[0].text);
        assert_eq!(base64::encode(&mac), *claim.signature);
        assert_eq!(&*claim.signature, "NpgCjnDzrM+WFzoENXmpNDUsSn8=");
    }

    #[test]
    fn megabytes_of_near_matches_take_no_time() {
        for unit in [
            "Signature=",
            "AWSAccessKeyId=",
            ",https://a?Signature=",
            "&Signature%3D",
            "Signature=",
        ] {
            let text = unit.repeat((1 << 18) / unit.len());
            let passage = crate::candidate::Passage { base: 0, bytes: text.as_bytes() };
            let name =
                if unit.contains("Signature") { "Signature" } else { unit.trim_end_matches('=') };
            for at in memchr::memmem::find_iter(text.as_bytes(), name) {
                let window = Window::around(&URL, &passage, at..at + name.len(), 0);
                let mut out = Vec::new();
                parse(&window, &mut Extraction::new(0, &mut out));
                assert!(out.is_empty());
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for at in 0..GET.len() {
            found(&GET[..at]);
            for byte in [b'%', b'\\', b'&', b'=', b'?', b'9', 0xff] {
                let mut changed = GET.as_bytes().to_vec();
                changed[at] = byte;
                for c in reference::candidates(std::slice::from_ref(&URL), &changed) {
                    let _ = claim(&changed[c.span.start as usize..c.span.end as usize]);
                }
            }
        }
    }
}
