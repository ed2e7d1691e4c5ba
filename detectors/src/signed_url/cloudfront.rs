//! Signed URLs and cookies of Amazon CloudFront.
//!
//! Both carry an RSA or ECDSA signature of a policy: a canned one, of which only
//! the time is sent, or one of one's own, which is sent as base64 JSON and may
//! hold for whatever a wildcard matches. Nothing bounds how long they last. The
//! base64 has `-`, `_` and `~` for `+`, `=` and `/`, so that `_` is padding.
//! The signature cannot be made again: who signs has a private key.
//!
//! Source: Amazon CloudFront Developer Guide, "Use signed URLs", "Use signed
//! cookies".

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::sigv2::seconds;
use super::sigv4::{begins_name, is_assigned, tell_host};
use crate::assignment::value_after;
use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::url::located::Located;
use crate::url::writing::{Plain, Writing, has_before};
use crate::verify::json;

/// When CloudFront began to serve private content, 2009-11.
const FIRST: Timestamp = Timestamp(1_257_033_600);

const REMEDY: &str = "It holds until the time in its policy, which may be years away. Make a new \
     key, sign with that, and take the old one out of the distribution's key group (CloudFront \
     console, Public keys and Key groups; for an APKA key: Security credentials of the root user): \
     that ends everything it signed.";

pub(super) static URL: Detector = Detector {
    id: text("aws-cloudfront-url"),
    title: text("Signed CloudFront URL"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cdn"), text("url"), text("signed")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("Key-Pair-Id"), Anchor::exact("Signature")])),
    reach: Reach::new(6144, 6144),
    shape: Shape::Parser(parse_url),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(REMEDY),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/cloudfront_canned.txt")),
            text(include_str!("examples/cloudfront_custom.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("examples/cloudfront_documentation.txt")), Reason::Documentation),
            (
                text(
                    "https://cdn.acme.io/a?Expires=1750003600&Signature=Jx0mVq7~tZ&Key-Pair-Id=K2QX7MZT4LPW3V",
                ),
                Reason::Truncated,
            ),
        ]),
        unmatched: Borrowed(&[
            text("https://cdn.acme.io/a?Expires=1750003600&Key-Pair-Id=K2QX7MZT4LPW3V"),
            text("`Signature=` and `Key-Pair-Id=` come last"),
        ]),
    },
};

pub(super) static COOKIES: Detector = Detector {
    id: text("aws-cloudfront-cookies"),
    title: text("Signed CloudFront cookies"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cdn"), text("cookie"), text("signed")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("CloudFront-Signature")])),
    reach: Reach::new(NEAR as u32, 2 * NEAR as u32),
    shape: Shape::Parser(parse_cookies),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(REMEDY),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/cloudfront_header.txt")),
            text(include_str!("examples/cloudfront_json.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("examples/cloudfront_cookies_documentation.txt")),
            Reason::Truncated,
        )]),
        unmatched: Borrowed(&[
            text("CloudFront-Viewer-Country: DE"),
            text("res.cookie('CloudFront-Signature', cookies['CloudFront-Signature'])"),
        ]),
    },
};

/// Whether the name of one of the anchors stands at `at` and a value follows it.
fn is_parameter(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let name = match rest.first() {
        Some(b'K') if rest.starts_with(b"Key-Pair-Id") => 11,
        Some(b'S') if rest.starts_with(b"Signature") => 9,
        _ => return false,
    };
    is_assigned(&rest[name..]) && begins_name(&text[..at])
}

fn parse_url(window: &Window<'_>, out: &mut Extraction<'_>) {
    let (text, at) = (window.bytes, window.hit_start);
    if !is_parameter(text, at) {
        return;
    }
    let Some(writing) = Writing::of(text, at) else { return };
    // A URL is read once, at the first of the two names.
    if has_before(text, at, writing, |i| {
        is_parameter(text, i) && Writing::of(text, i) == Some(writing)
    }) {
        return;
    }
    let Some(url) = Located::around(text, at, writing) else { return };
    let (Some(key), Some(signature)) = (url.parameter("Key-Pair-Id"), url.parameter("Signature"))
    else {
        return;
    };
    let key_len = key.raw.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let signature_len = signature.raw.iter().take_while(|b| is_symbol(**b)).count();
    let mut grant = Grant {
        key_id: &key.raw[..key_len],
        signature: &signature.raw[..signature_len],
        policy: None,
        expires: None,
    };
    let policy = url.parameter("Policy");
    let expires = url.parameter("Expires");
    match (&policy, &expires) {
        (Some(policy), _) => {
            let len = policy.raw.iter().take_while(|b| is_symbol(**b)).count();
            grant.policy = Policy::read(&policy.raw[..len]);
        }
        (None, Some(expires)) => grant.expires = seconds(expires.raw).parse().ok(),
        (None, None) => return,
    }
    let mut found = grant.candidate(window, url.span(), signature.head(signature_len));
    found.parts.push(Part {
        role: Role::PublicKey,
        range: window.range(key.head(key_len)),
        decoded: None,
    });
    tell_host(&url, &mut found.facts);
    let object = crate::url::writing::percent_decoded(url.path());
    let object = object.strip_prefix(b"/").unwrap_or(&object);
    if !object.is_empty() {
        found.facts.add(Fact::Object(String::from_utf8_lossy(object).into()));
    }
    out.push(found);
}

/// How far the cookies of one set stand from each other: a policy with a few
/// addresses, and the attributes of each.
const NEAR: usize = 2048;

fn parse_cookies(window: &Window<'_>, out: &mut Extraction<'_>) {
    // The other cookies of the set stand nearer than those of another.
    let name = &window.bytes[window.hit()];
    let from = memchr::memmem::rfind(window.before(), name).map_or(0, |at| at + name.len());
    let to = memchr::memmem::find(window.after(), name);
    let text = &window.bytes[..to.map_or(window.bytes.len(), |i| window.hit_end + i)];
    let Some(signature) = value(text, window.hit_end) else { return };
    let around = from..text.len();
    let near = |name: &str| nearest(text, &around, name, &(window.hit_start..signature.end));
    let Some(key) = near("CloudFront-Key-Pair-Id") else { return };
    let policy = near("CloudFront-Policy");
    let expires = near("CloudFront-Expires");
    let mut grant = Grant {
        key_id: &key.bytes,
        signature: &signature.bytes,
        policy: policy.as_ref().and_then(|policy| Policy::read(&policy.bytes)),
        expires: None,
    };
    if policy.is_none() {
        let Some(expires) = &expires else { return };
        grant.expires = seconds(&expires.bytes).parse().ok();
    }
    let ends = [Some(&key), policy.as_ref(), expires.as_ref().filter(|_| policy.is_none())];
    let mut span = window.hit_start..signature.end;
    for value in ends.into_iter().flatten() {
        span = span.start.min(value.start)..span.end.max(value.end);
    }
    let mut found = grant.candidate(window, span, signature.start..signature.end);
    if signature.bytes != text[signature.start..signature.end] {
        found.decoded = Some(signature.bytes.clone().into());
    }
    if let Some(policy) = policy {
        found.parts.push(Part {
            role: Role::Context,
            range: window.range(policy.start..policy.end),
            decoded: None,
        });
    }
    found.parts.push(Part {
        role: Role::PublicKey,
        range: window.range(key.start..key.end),
        decoded: None,
    });
    out.push(found);
}

/// The value of a cookie, and where it stands.
struct Value {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

/// The value behind a cookie's name that ends at `from`.
fn value(text: &[u8], from: usize) -> Option<Value> {
    let start = value_after(text, from, 48, |b| b.is_ascii_alphanumeric())?;
    // What a value begins with may look like punctuation, or like a word before it.
    let joined = text[from..start].iter().rev().take_while(|b| is_symbol(**b)).count();
    let start = start - joined;
    let mut plain = Plain::default();
    plain.extend_while(text, start, Writing::PLAIN, is_symbol);
    let end = plain.place(0..plain.bytes.len()).end;
    (plain.bytes.len() > 4).then_some(Value { bytes: plain.bytes, start, end })
}

/// The value of the cookie of that name that stands nearest to `place`.
fn nearest(text: &[u8], around: &Range<usize>, name: &str, place: &Range<usize>) -> Option<Value> {
    let before = memchr::memmem::rfind(&text[around.start..place.start], name.as_bytes())
        .map(|i| around.start + i);
    let after =
        memchr::memmem::find(&text[place.end..around.end], name.as_bytes()).map(|i| place.end + i);
    let read = |at: usize| value(text, at + name.len());
    match (before.and_then(read), after.and_then(read)) {
        (Some(before), Some(after)) => {
            let behind = place.start.saturating_sub(before.end);
            Some(if behind <= after.start - place.end { before } else { after })
        }
        (before, after) => before.or(after),
    }
}

/// A character of CloudFront's base64.
fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~')
}

/// Undoes CloudFront's base64.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let standard: Vec<u8> = text
        .iter()
        .map(|b| match b {
            b'-' => b'+',
            b'_' => b'=',
            b'~' => b'/',
            b => *b,
        })
        .collect();
    base64::decode(&standard)
}

/// A policy of one's own.
struct Policy {
    resource: Option<Box<str>>,
    expires: Option<i64>,
    /// The addresses that may use it.
    address: Option<Box<str>>,
}

impl Policy {
    /// Reads a policy in CloudFront's base64; `None` if it is none.
    fn read(text: &[u8]) -> Option<Self> {
        let policy = decode(text)?;
        memchr::memmem::find(&policy, b"\"Statement\"")?;
        let inside = |name: &str, key: &str| {
            let at = memchr::memmem::find(&policy, name.as_bytes())?;
            json::member(&policy[at..], key)
        };
        let string = |value| match value {
            Some(json::Value::Text(text)) => {
                Some(String::from_utf8_lossy(text).replace("\\/", "/").into())
            }
            _ => None,
        };
        Some(Self {
            resource: string(json::member(&policy, "Resource")),
            expires: match inside("\"DateLessThan\"", "AWS:EpochTime")? {
                json::Value::Number(seconds) => i64::try_from(seconds).ok(),
                _ => None,
            },
            address: string(inside("\"IpAddress\"", "AWS:SourceIp")),
        })
    }
}

/// What a URL or a set of cookies grants.
struct Grant<'t> {
    key_id: &'t [u8],
    signature: &'t [u8],
    policy: Option<Policy>,
    /// The time of a canned policy.
    expires: Option<i64>,
}

impl Grant<'_> {
    fn candidate(
        &self,
        window: &Window<'_>,
        span: Range<usize>,
        signature: Range<usize>,
    ) -> Candidate {
        let mut found = Candidate::new(Role::Signature, window.range(span));
        if window.bytes[signature.clone()] != *self.signature {
            found.decoded = Some(self.signature.into());
        }
        found.value = window.range(signature);
        found.verdict = self.judge();
        if !found.is_refuted() {
            found.evidence.push(Evidence::KeyName);
            if self.policy.is_some() {
                found.evidence.push(Evidence::Parsed);
            }
        }
        found.facts = self.facts();
        found
    }

    fn expires_at(&self) -> Option<Timestamp> {
        self.policy.as_ref().map_or(self.expires, |p| p.expires).map(Timestamp)
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.add(Fact::KeyId(String::from_utf8_lossy(self.key_id).into()));
        facts.add(Fact::Service("cloudfront".into()));
        facts.add(Fact::Variant(if self.policy.is_some() { "custom-policy" } else { "canned" }));
        if let Some(expires) = self.expires_at() {
            facts.add(Fact::ExpiresAt(expires));
        }
        let resource = self.policy.as_ref().and_then(|p| p.resource.as_deref());
        let all = resource.is_some_and(opens_everything);
        facts.add(Fact::Access(if all { Access::ReadAll } else { Access::Read }));
        if let Some(policy) = &self.policy {
            if let Some(resource) = &policy.resource {
                facts.add(Fact::Resource(resource.clone()));
            }
            if let Some(address) = policy.address.as_deref().filter(|a| !a.starts_with("0.0.0.0/0"))
            {
                facts.add(Fact::Permissions(format!("IpAddress={address}").into()));
            }
        }
        facts
    }

    fn judge(&self) -> Verdict {
        let refuted = Verdict::Refuted;
        let id = self.key_id;
        let known = match id.first() {
            Some(b'K') => (12..=16).contains(&id.len()),
            Some(b'A') => id.starts_with(b"APKA") && (16..=24).contains(&id.len()),
            _ => false,
        };
        let capitals = id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if let Some(reason) = placeholder::refusal(self.signature).or(placeholder::refusal(id)) {
            return refuted(reason);
        }
        if !known || !capitals {
            return refuted(if capitals { Reason::WrongLength } else { Reason::WrongAlphabet });
        }
        if self.expires_at().is_none_or(|at| at < FIRST) {
            return refuted(Reason::ImpossibleTime);
        }
        let Some(bytes) = decode(self.signature) else {
            let short = self.signature.len() < 90;
            return refuted(if short { Reason::Truncated } else { Reason::BadStructure });
        };
        // RSA of 1024, 2048 and 4096 bits, or ECDSA on P-256: a sequence of two
        // integers.
        let ecdsa = (66..=72).contains(&bytes.len())
            && bytes[0] == 0x30
            && usize::from(bytes[1]) == bytes.len() - 2;
        match bytes.len() {
            128 | 256 | 512 => Verdict::Supported,
            _ if ecdsa => Verdict::Proven,
            0..128 => refuted(Reason::Truncated),
            _ => refuted(Reason::WrongLength),
        }
    }
}

/// Whether a policy's resource is everything that a distribution serves: `*`,
/// `https://*`, `http*://cdn.acme.io/*`.
fn opens_everything(resource: &str) -> bool {
    let rest = resource.split_once("://").map_or(resource, |(_, rest)| rest);
    rest == "*" || rest.split_once('/').is_some_and(|(_, path)| path == "*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::Context;

    const CANNED: &str = include_str!("examples/cloudfront_canned.txt");
    const CUSTOM: &str = include_str!("examples/cloudfront_custom.txt");
    const HEADER: &str = include_str!("examples/cloudfront_header.txt");
    const JSON: &str = include_str!("examples/cloudfront_json.txt");

    fn found(detector: &Detector, text: &str) -> Vec<Candidate> {
        let mut all = reference::candidates(std::slice::from_ref(detector), text.as_bytes());
        all.dedup();
        all
    }

    #[test]
    fn urls_are_read_in_every_writing() {
        let url = CANNED.trim_end();
        for text in [
            url.to_owned(),
            url.replace('&', "&amp;"),
            url.replace('&', "\\u0026").replace('=', "\\u003d"),
            url.replace('=', "=3D"),
            url.replace('=', "=3D").replace("Signature", "Signa=\nture"),
            url.replace('=', "=3D").replace("Key-Pair", "Key=\r\n-Pair"),
            url.replace('_', "\\_").replace('~', "\\~"),
        ] {
            let all = found(&URL, &text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(all[0].verdict, Verdict::Supported, "{text}");
            assert_eq!(all[0].facts.expires_at(), Some(Timestamp(1_750_003_600)), "{text}");
            for fact in
                [Fact::KeyId("K2QX7MZT4LPW3V".into()), Fact::Object("course/7/intro.mp4".into())]
            {
                assert!(all[0].facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
            }
        }
        let custom = &found(&URL, CUSTOM)[0];
        assert_eq!(custom.facts.expires_at(), Some(Timestamp(1_781_539_200)));
        let resource = Fact::Resource("https://cdn.acme.io/private/*".into());
        assert!(custom.facts.iter().any(|f| *f == resource));
    }

    #[test]
    fn policies_for_everything_are_told() {
        for (resource, all) in [
            ("*", true),
            ("https://*", true),
            ("http*://cdn.acme.io/*", true),
            ("https://cdn.acme.io/private/*", false),
            ("https://cdn.acme.io/a.mp4", false),
        ] {
            assert_eq!(opens_everything(resource), all, "{resource}");
        }
    }

    #[test]
    fn cookies_are_read_wherever_they_stand() {
        let lines = HEADER.replace("; ", "\nSet-Cookie: ");
        let attributes = HEADER.replace("; C", "; Domain=.acme.io; Path=/; Secure\nSet-Cookie: C");
        let jar = HEADER
            .replace("Cookie: sid=1; ", ".acme.io\tTRUE\t/\tTRUE\t0\t")
            .replace("; ", "\n.acme.io\tTRUE\t/\tTRUE\t0\t")
            .replace('=', "\t");
        let array = HEADER
            .replace("Cookie: sid=1; ", "[{\"name\": \"")
            .replace("; ", "\"}, {\"name\": \"")
            .replace('=', "\", \"value\": \"");
        for text in [
            HEADER.to_owned(),
            format!("curl -b '{}' https://media.acme.io/a", HEADER.trim_end()),
            lines,
            attributes,
            jar,
            array,
            HEADER.replace('_', "\\_"),
        ] {
            let all = found(&COOKIES, &text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(all[0].verdict, Verdict::Supported, "{text}");
            assert_eq!(all[0].facts.expires_at(), Some(Timestamp(1_750_003_600)), "{text}");
            let key = Fact::KeyId("K3TZ7QMX2LPW4V".into());
            assert!(all[0].facts.iter().any(|f| *f == key), "{text}");
        }
        assert!(found(&COOKIES, &"CloudFront-Signature=".repeat(9)).is_empty());
        let twice = format!("{HEADER}{}", HEADER.replace("K3T", "K4T"));
        let all = found(&COOKIES, &twice);
        assert_eq!(all.len(), 2);
        let key = Fact::KeyId("K4TZ7QMX2LPW4V".into());
        assert!(all[1].facts.iter().any(|f| *f == key));
    }

    #[test]
    fn they_are_dead_in_the_second_in_which_they_expire() {
        let detectors = crate::builtin();
        for text in [CANNED, HEADER, JSON] {
            for (now, expired) in [(1_750_003_599, false), (1_750_003_600, true)] {
                let context = Context::at(Timestamp(now));
                let all = reference::scan(&detectors, text.as_bytes(), &context);
                assert_eq!(all.len(), 1, "{all:#?}");
                assert!(all[0].facts.iter().any(|f| *f == Fact::Expired(expired)), "{text}");
            }
        }
    }

    #[test]
    fn megabytes_of_near_matches_take_no_time() {
        for unit in ["Signature=", "Key-Pair-Id=", "&Signature\\u003d", ";https://a?Signature="] {
            let text = unit.repeat((1 << 18) / unit.len());
            let passage = crate::candidate::Passage { base: 0, bytes: text.as_bytes() };
            let name =
                if unit.contains("Signature") { "Signature" } else { unit.trim_end_matches('=') };
            for at in memchr::memmem::find_iter(text.as_bytes(), name) {
                let window = Window::around(&URL, &passage, at..at + name.len(), 0);
                let mut out = Vec::new();
                parse_url(&window, &mut Extraction::new(0, &mut out));
                assert!(out.is_empty());
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in [CANNED, CUSTOM, HEADER, JSON] {
            for at in 0..text.len() {
                for detector in [&URL, &COOKIES] {
                    found(detector, &text[..at]);
                    let mut changed = text.as_bytes().to_vec();
                    for byte in [b'%', b'\\', b'&', b'=', 0xff] {
                        changed[at] = byte;
                        if at % 5 == 0 {
                            reference::candidates(std::slice::from_ref(detector), &changed);
                        }
                    }
                }
            }
        }
    }
}
