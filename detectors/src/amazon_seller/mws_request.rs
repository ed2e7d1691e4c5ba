//! Signed requests to Marketplace Web Service, as URLs and as form bodies.
//!
//! A request names its access key, its seller, when it was signed, and carries an
//! HMAC over all of it (`crate::verify::query_signature`). It is good for a
//! quarter of an hour, so that it is mostly information: who called what for whom.
//! A secret nearby that gives the same signature proves the request and the pair.
//!
//! The same form of signature serves other old services of AWS. A request is
//! Marketplace Web Service's if its host or one of its parameters says so.
//!
//! The token in a request outlives it and stays a finding of its own
//! ([`super::mws_token`]).
//!
//! Source: Amazon MWS Developer Guide, "Required request parameters", "Signing the
//! query request".

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::{context, marketplace};
use crate::aws::account::{self, KeyBody};
use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::signed_url::presign::doubt_future;
use crate::signed_url::sigv4::{begins_name, is_assigned};
use crate::url::located::Located;
use crate::url::writing::{Writing, has_before};
use crate::verify::query_signature::{Method, string_to_sign};

/// How long a request is good, in seconds.
const LIFE: i64 = 15 * 60;

pub(super) static REQUEST: Detector = Detector {
    id: text("amazon-mws-request-url"),
    title: text("signed request to Amazon MWS"),
    provider: text("Amazon Marketplace Web Service"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("url")]),
    trigger: Trigger::Anchor(ANCHORS),
    reach: Reach::new(4096, 4096),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(judge),
    severity: Severity::Medium,
    remedy: text(
        "The request itself is good for fifteen minutes. Rotate the key that it names if its \
         secret may be where the request was, and keep queries out of logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://mws-eu.amazonservices.com/Orders/2013-09-01?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&Action=ListOrders&MarketplaceId.Id.1=A1PA6795UKMFR9&SellerId=A2K9PX4QW7MZ3T&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2023-05-17T09%3A12%3A44Z&Version=2013-09-01&Signature=3q0XhvJkZ2sYw8L%2BbT5nRfQe7UaGmK1cDp9VxIoSi4E%3D",
            ),
            text(
                "body: AWSAccessKeyId=1QZ8X7C6V5B4N3M2L1K0&Action=SubmitFeed&Merchant=A2K9PX4QW7MZ3T&SignatureMethod=HmacSHA1&SignatureVersion=2&Timestamp=2011-05-17T09%3A12%3A44Z&Version=2009-01-01&Signature=3q0XhvJkZ2sYw8L%2BbT5nRfQe7UY%3D",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "https://mws.amazonservices.com/?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&SellerId=A2NEXAMPLETF53&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2013-05-17T09%3A12%3A44Z&Signature=3q0XhvJkZ2sYw8L%2BbT5nRfQe7UaGmK1cDp9VxIoSi4E%3D",
                ),
                Reason::Documentation,
            ),
            (
                text(
                    "https://mws.amazonservices.com/?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&SellerId=A2K9PX4QW7MZ3T&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2013-05-17T09%3A12%3A44Z&Signature=3q0XhvJkZ2sY",
                ),
                Reason::WrongLength,
            ),
        ]),
        unmatched: Borrowed(&[
            // Another service.
            text(
                "https://sqs.eu-west-1.amazonaws.com/?AWSAccessKeyId=AKIAVX4KZTQ2HJWNCO5M&Action=ReceiveMessage&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2013-05-17T09%3A12%3A44Z&Signature=3q0XhvJkZ2sYw8L%2BbT5nRfQe7UaGmK1cDp9VxIoSi4E%3D",
            ),
            text("params[\"SignatureMethod\"] = \"HmacSHA256\""),
        ]),
    },
};

/// Every request has both: a soft break hides at most one of them.
const ANCHORS: crate::detector::List<Anchor> =
    Borrowed(&[Anchor::exact("SignatureMethod"), Anchor::exact("SignatureVersion")]);

/// A request, taken apart. Ranges are places in the text that was read.
struct Request {
    span: Range<usize>,
    host: String,
    path: String,
    method: Method,
    /// All parameters but the signature, decoded.
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
    signature: Vec<u8>,
    signature_at: Range<usize>,
    key_id: Vec<u8>,
    key_id_at: Range<usize>,
}

impl Request {
    /// Reads the request that has a parameter's name at `at`; `None` if it is
    /// none or one to another service.
    fn read(text: &[u8], at: usize) -> Option<Self> {
        let url = Located::around(text, at, Writing::of(text, at)?)?;
        let signature = url.parameter("Signature")?;
        let key_id = url.parameter("AWSAccessKeyId")?;
        let host = url.host();
        let has = |name: &str| url.parameter(name).is_some();
        let ours = host.contains("amazonservices")
            || has("MWSAuthToken")
            || has("SellerId")
            || has("Merchant")
            || has("MarketplaceId");
        if !ours {
            return None;
        }
        let method = url.parameter("SignatureMethod").map(|m| m.decoded());
        let parameters = url
            .parameters()
            .filter(|(name, _)| *name != b"Signature")
            .map(|(name, value)| (crate::url::writing::percent_decoded(name), value.decoded()))
            .collect();
        let mut decoded = signature.decoded();
        // A log may have the signature encoded twice.
        if decoded.contains(&b'%') {
            decoded = crate::url::writing::percent_decoded(&decoded);
        }
        Some(Self {
            span: url.span(),
            path: String::from_utf8_lossy(url.path()).into_owned(),
            method: method.and_then(|m| Method::named(&m)).unwrap_or(Method::Sha256),
            parameters,
            signature: decoded,
            signature_at: signature.range.clone(),
            key_id: key_id.decoded(),
            key_id_at: key_id.range.clone(),
            host,
        })
    }

    fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(n, _)| n == name.as_bytes()).map(|(_, v)| v.as_slice())
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        let boxed = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned().into_boxed_str();
        facts.add(Fact::Service(context::MWS.into()));
        facts.add(Fact::KeyId(boxed(&self.key_id)));
        let body = self.key_id.strip_prefix(b"AKIA");
        if let Some(KeyBody::New(account)) = body.and_then(account::decode) {
            facts.add(Fact::Account(account));
        }
        for name in ["SellerId", "Merchant"] {
            if let Some(seller) = self.parameter(name).filter(|s| marketplace::is_seller(s)) {
                facts.add(Fact::SellerId(boxed(seller)));
            }
        }
        let mut places = self.parameters.iter().filter(|(n, _)| n.starts_with(b"Marketplace"));
        if let Some(country) = places.find_map(|(_, id)| marketplace::country(id)) {
            facts.add(Fact::Marketplace(country.into()));
        }
        if !self.host.is_empty() {
            facts.add(Fact::Host(self.host.as_str().into()));
        }
        if !self.path.is_empty() {
            facts.add(Fact::Object(self.path.as_str().into()));
        }
        if let Some(signed) = self.signed_at() {
            facts.add(Fact::CreatedAt(signed));
            facts.add(Fact::ExpiresAt(signed.plus(LIFE)));
        }
        facts
    }

    /// When it was signed. A time without a zone is in UTC.
    fn signed_at(&self) -> Option<Timestamp> {
        let text = std::str::from_utf8(self.parameter("Timestamp")?).ok()?;
        Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}Z")))
    }

    fn verdict(&self) -> Verdict {
        let id_shaped = self.key_id.len() == 20
            && self.key_id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if let Some(reason) =
            placeholder::refusal(&self.key_id).or_else(|| placeholder::refusal(&self.signature))
        {
            return Verdict::Refuted(reason);
        }
        match base64::decode(&self.signature) {
            None if self.signature.iter().any(|b| !base64::is_standard(*b) && *b != b'=') => {
                Verdict::Refuted(Reason::WrongAlphabet)
            }
            None => Verdict::Refuted(Reason::WrongLength),
            Some(bytes) if bytes.len() != self.method.len() => {
                Verdict::Refuted(Reason::WrongLength)
            }
            Some(_) if !id_shaped => Verdict::Refuted(Reason::BadStructure),
            Some(_) if self.signed_at().is_none() => Verdict::Doubtful,
            Some(_) => Verdict::Supported,
        }
    }

    /// Whether this secret gives the signature. `host` and `path` are for a body
    /// that was sent without them.
    fn is_signed_by(&self, secret: &[u8]) -> bool {
        let Some(signature) = base64::decode(&self.signature) else { return false };
        let hosts = [self.host.as_str()];
        let hosts: &[&str] = if self.host.is_empty() { HOSTS } else { &hosts };
        let from_version = self.path_of_version();
        let paths = [self.path.as_str(), from_version.as_str()];
        let paths = if self.host.is_empty() { &paths[..] } else { &paths[..1] };
        ["GET", "POST"].iter().any(|verb| {
            hosts.iter().any(|host| {
                paths.iter().any(|path| {
                    let text = string_to_sign(verb, host, path, &self.parameters);
                    self.method.sign(secret, &text) == signature
                })
            })
        })
    }

    /// The path that a body was sent to, going by its action: `/Orders/2013-09-01`.
    fn path_of_version(&self) -> String {
        let action = self.parameter("Action").unwrap_or_default();
        let version = self.parameter("Version").unwrap_or_default();
        let holds = |word: &str| memchr::memmem::find(action, word.as_bytes()).is_some();
        let section = if holds("Feed") || holds("Report") {
            return "/".into();
        } else if holds("Order") {
            "Orders"
        } else if holds("Inventory") {
            "FulfillmentInventory"
        } else if holds("Financial") {
            "Finances"
        } else if holds("Participation") {
            "Sellers"
        } else {
            "Products"
        };
        format!("/{section}/{}", String::from_utf8_lossy(version))
    }

    /// What [`Request::is_signed_by`] costs at most.
    fn cost(&self) -> u32 {
        if self.host.is_empty() { 4 * HOSTS.len() as u32 } else { 2 }
    }
}

/// The hosts of Marketplace Web Service.
const HOSTS: &[&str] = &[
    "mws.amazonservices.com",
    "mws-eu.amazonservices.com",
    "mws.amazonservices.jp",
    "mws.amazonservices.in",
    "mws.amazonservices.com.au",
    "mws.amazonservices.ca",
    "mws.amazonservices.com.cn",
];

/// Whether one of the [`ANCHORS`] stands at `at` as the name of a parameter.
fn names_anchor(text: &[u8], at: usize) -> bool {
    let rest = &text[at..];
    rest.first() == Some(&b'S')
        && [&b"SignatureMethod"[..], b"SignatureVersion"]
            .iter()
            .any(|name| rest.strip_prefix(*name).is_some_and(is_assigned))
        && begins_name(&text[..at])
}

/// Whether another anchor stands before the one at `at` in the same text: a request
/// is read once, at the first of them.
fn follows(text: &[u8], at: usize, writing: Writing) -> bool {
    let same = |at| names_anchor(text, at) && Writing::of(text, at) == Some(writing);
    has_before(text, at, writing, same)
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    // `=`, `%3D`, `=3D`, `\u003d`; in code a quote or a bracket follows.
    if !text.get(window.hit_end).is_some_and(|b| matches!(b, b'=' | b'%' | b'\\' | b'&')) {
        return;
    }
    let Some(writing) = Writing::of(text, window.hit_start) else { return };
    if follows(text, window.hit_start, writing) {
        return;
    }
    let Some(request) = Request::read(text, window.hit_start) else { return };
    let mut found = Candidate::new(Role::Signature, window.range(request.span.clone()));
    found.value = window.range(request.signature_at.clone());
    if text.get(request.signature_at.clone()) != Some(request.signature.as_slice()) {
        found.decoded = Some(request.signature.as_slice().into());
    }
    found.verdict = request.verdict();
    if !found.is_refuted() {
        found.evidence.extend([Evidence::KeyName, Evidence::Parsed]);
        found.facts = request.facts();
        let written = text.get(request.key_id_at.clone()) == Some(request.key_id.as_slice());
        found.parts.push(Part {
            role: Role::KeyId,
            range: window.range(request.key_id_at.clone()),
            decoded: (!written).then(|| request.key_id.as_slice().into()),
        });
    }
    out.push(found);
}

/// The request that a candidate or leak was read from, read again.
fn again(span: &Range<u64>, neighbours: &Neighbours<'_>) -> Option<Request> {
    let text = neighbours.passage.slice(span.clone());
    let at = memchr::memmem::find(text, b"SignatureMethod")
        .or_else(|| memchr::memmem::find(text, b"SignatureVersion"))?;
    Request::read(text, at)
}

/// Looks for the secret that made the signature.
fn judge(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    doubt_future(leak, neighbours);
    let secrets = neighbours.nearest(Role::SecretKey, &leak.value);
    if secrets.is_empty() {
        return;
    }
    let Some(request) = again(&leak.span, neighbours) else { return };
    for secret in secrets {
        if !neighbours.budget.take(request.cost()) {
            return;
        }
        if request.is_signed_by(&secret.value_in(&neighbours.passage)) {
            leak.verdict = Verdict::Proven;
            leak.note(Evidence::Recomputed);
            return;
        }
    }
}

/// Whether a request nearby names the pair's key and was signed with its secret.
pub(super) fn was_signed_by(pair: &Leak, neighbours: &Neighbours<'_>) -> bool {
    let secret = pair.value_in(&neighbours.passage);
    let key_id = |facts: &Facts| {
        facts.iter().find_map(|f| if let Fact::KeyId(id) = f { Some(id.clone()) } else { None })
    };
    let Some(id) = key_id(&pair.facts) else { return false };
    neighbours
        .nearest(Role::Signature, &pair.value)
        .into_iter()
        .filter(|c| context::has_service(&c.facts, context::MWS))
        .filter(|c| key_id(&c.facts).as_ref() == Some(&id))
        .any(|c| {
            again(&c.span, neighbours)
                .is_some_and(|r| neighbours.budget.take(r.cost()) && r.is_signed_by(secret))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relate::Context;
    use crate::{builtin, reference};

    const ID: &str = "AKIAVX4KZTQ2HJWNCO5M";
    const SECRET: &str = "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";

    /// A body that [`SECRET`] signed for `host` and `path`.
    fn body(verb: &str, host: &str, path: &str, method: Method) -> String {
        let name = if method == Method::Sha1 { "HmacSHA1" } else { "HmacSHA256" };
        let parameters: Vec<(Vec<u8>, Vec<u8>)> = [
            ("AWSAccessKeyId", ID),
            ("Action", "ListOrders"),
            ("SellerId", "A2K9PX4QW7MZ3T"),
            ("MarketplaceId.Id.1", "A1PA6795UKMFR9"),
            ("SignatureMethod", name),
            ("SignatureVersion", "2"),
            ("Timestamp", "2025-06-15T15:06:40Z"),
            ("Version", "2013-09-01"),
        ]
        .map(|(n, v)| (n.into(), v.into()))
        .into();
        let text = string_to_sign(verb, host, path, &parameters);
        let signature = base64::encode(&method.sign(SECRET.as_bytes(), &text));
        let query = String::from_utf8(text).unwrap();
        let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        format!("{}&Signature={signature}", query.rsplit('\n').next().unwrap())
    }

    fn url(method: Method) -> String {
        let host = "mws-eu.amazonservices.com";
        format!(
            "https://{host}/Orders/2013-09-01?{}",
            body("GET", host, "/Orders/2013-09-01", method)
        )
    }

    fn scan(text: &str, now: i64) -> Vec<(String, Leak)> {
        let detectors = builtin();
        let found = reference::scan(&detectors, text.as_bytes(), &Context::at(Timestamp(now)));
        found.into_iter().map(|l| (detectors[usize::from(l.detector)].id.to_string(), l)).collect()
    }

    fn leak(text: &str, id: &str) -> Leak {
        let found = scan(text, 1_750_000_000);
        let own: Vec<_> = found.iter().filter(|(d, _)| d == id).collect();
        assert_eq!(own.len(), 1, "{text}\n{found:#?}");
        own[0].1.clone()
    }

    #[test]
    fn a_secret_nearby_proves_request_and_pair() {
        let post = body("POST", "mws.amazonservices.com", "/Orders/2013-09-01", Method::Sha256);
        for request in [url(Method::Sha256), url(Method::Sha1), post] {
            let text = format!("mws access_key={ID} secret_key={SECRET}\nGET {request}\n");
            for id in ["amazon-mws-request-url", "amazon-mws-key"] {
                let found = leak(&text, id);
                assert_eq!(found.verdict, Verdict::Proven, "{id}: {text}");
                assert!(found.evidence.contains(&Evidence::Recomputed));
            }
            let other = text.replacen("q7tG", "q7tH", 1);
            assert_eq!(leak(&other, "amazon-mws-request-url").verdict, Verdict::Supported);
            assert_eq!(leak(&other, "amazon-mws-key").verdict, Verdict::Supported);
        }
    }

    #[test]
    fn a_request_ends_after_a_quarter_of_an_hour() {
        let text = url(Method::Sha256);
        for (now, expired) in [(1_750_000_899, false), (1_750_000_900, true)] {
            let found = scan(&text, now);
            assert_eq!(found.len(), 1, "{found:#?}");
            let leak = &found[0].1;
            assert!(leak.facts.iter().any(|f| *f == Fact::Expired(expired)));
            assert!(leak.facts.iter().any(|f| *f == Fact::SellerId("A2K9PX4QW7MZ3T".into())));
            assert!(leak.facts.iter().any(|f| *f == Fact::Marketplace("DE".into())));
            assert_eq!(leak.severity == Severity::Info, expired);
        }
    }

    #[test]
    fn every_writing_reads_the_same() {
        let plain = url(Method::Sha256);
        let percent: String = plain
            .bytes()
            .map(|b| match b {
                b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect();
        // Encoders break between characters, not inside `=3D`.
        let soft: String = plain
            .bytes()
            .enumerate()
            .map(|(at, b)| {
                let written = if b == b'=' { "=3D".to_owned() } else { char::from(b).to_string() };
                if at % 61 == 60 { format!("{written}=\r\n") } else { written }
            })
            .collect();
        for text in [
            plain.clone(),
            plain.replace('&', "&amp;"),
            plain.replace('&', "&amp;amp;"),
            plain.replace('&', "\\u0026").replace('=', "\\u003d"),
            plain.replace('/', "\\/"),
            format!("x?u={percent}"),
            soft,
        ] {
            let text = format!("GET {text}\nkey {ID} secret_key={SECRET}\n");
            let found = leak(&text, "amazon-mws-request-url");
            assert_eq!(found.verdict, Verdict::Proven, "{text}");
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let url = url(Method::Sha256);
        let detectors = std::slice::from_ref(&REQUEST);
        for end in 0..url.len() {
            reference::candidates(detectors, &url.as_bytes()[..end]);
            for byte in [b'%', b'&', b'=', b'?', b'\\', 0xff] {
                let mut text = url.clone().into_bytes();
                text[end] = byte;
                reference::candidates(detectors, &text);
            }
        }
    }

    #[test]
    fn requests_are_read_once_and_near_matches_hardly() {
        let text = url(Method::Sha256);
        let once = reference::candidates(std::slice::from_ref(&REQUEST), text.as_bytes());
        assert_eq!(once.len(), 1);
        for unit in ["SignatureVersion=2&", "&SignatureMethod=HmacSHA256&AWSAccessKeyId="] {
            let text = unit.repeat((1 << 18) / unit.len());
            let passage = crate::candidate::Passage { base: 0, bytes: text.as_bytes() };
            let name =
                if unit.contains("Version") { "SignatureVersion" } else { "SignatureMethod" };
            let mut read = 0;
            for at in memchr::memmem::find_iter(text.as_bytes(), name) {
                let window = Window::around(&REQUEST, &passage, at..at + name.len(), 0);
                let writing = Writing::of(window.bytes, window.hit_start).unwrap();
                read += usize::from(!follows(window.bytes, window.hit_start, writing));
            }
            assert_eq!(read, 1, "{unit}");
        }
    }
}
