//! Forms with which a browser uploads into Amazon S3: a policy, and its signature.
//!
//! The policy is JSON in base64 and says until when, into which bucket and under
//! which keys anything may be uploaded. What is signed is its base64, so that a
//! secret nearby proves a form without more. The fields stand in HTML forms, in
//! the answers of servers (`fields`), in code and in logs; the nearest to the
//! policy count.
//!
//! Sources: Amazon S3 API Reference, "Creating an HTML form (Using AWS Signature
//! Version 4)", "POST policy"; for version 2 the Amazon S3 User Guide,
//! "Browser-based uploads using POST".

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::proof::{self, Claim, Message, Scheme};
use crate::assignment::value_after;
use crate::aws::account::{self, KeyBody};
use crate::aws::session_token;
use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::encoding::escaped::{ends_with_escape, read_run};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::verify::json;

/// The name of the kind in [`Fact::Variant`].
pub(super) const VARIANT: &str = "post-policy";

/// The longest policy, in base64: one with a session token in it.
const MAX_LEN: usize = 8192;

/// How far from the policy its fields stand: a session token may be between.
const NEAR: usize = 4096;

/// When Amazon S3 began to take forms, 2007-12.
const FIRST: Timestamp = Timestamp(1_196_467_200);

/// `{"expiration"` and `{"conditions"` in base64, with the white space that
/// serialisers put between.
const ANCHORS: &[Anchor] = &[
    Anchor::exact("eyJleHBpcmF0aW9uIj"),
    Anchor::exact("eyJjb25kaXRpb25zIj"),
    Anchor::exact("eyAiZXhwaXJhdGlvbiI"),
    Anchor::exact("eyAiY29uZGl0aW9ucyI"),
    Anchor::exact("ewogICJleHBpcmF0aW9uIj"),
    Anchor::exact("ewogICAgImV4cGlyYXRpb24i"),
    Anchor::exact("ewogICJjb25kaXRpb25zIj"),
    Anchor::exact("eyJFeHBpcmF0aW9uIj"),
];

pub(super) static FORM: Detector = Detector {
    id: text("aws-post-policy"),
    title: text("Signed Amazon S3 upload form"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("upload"), text("signed")]),
    trigger: Trigger::Anchor(Borrowed(ANCHORS)),
    reach: Reach::new(NEAR as u32, (MAX_LEN + NEAR) as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::High,
    remedy: text(
        "Whoever has the fields uploads into the bucket until the policy expires. If that cannot \
         wait, deactivate the access key that signed it (`aws iam update-access-key --status \
         Inactive`) or deny `s3:PutObject` for the prefix. Look for objects that are not yours, \
         and bound `content-length-range`, the key's prefix and the time of new policies.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/post_policy.txt")),
            text(include_str!("examples/post_policy_v2.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("examples/post_policy_documentation.txt")),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("eyJleHBpcmF0aW9uIjogIjIwMjUtMDYtMTVUMTY6MDA6MDBaIn0="),
            text("policy: eyJjb25kaXRpb25zIj…"),
        ]),
    },
};

fn is_anchor(text: &[u8]) -> bool {
    ANCHORS.iter().any(|anchor| anchor.is_prefix_of(text))
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let before = window.before();
    if before.last().is_some_and(|b| base64::is_standard(*b) && *b != b'/')
        && !ends_with_escape(before)
    {
        return;
    }
    // The fields of another form stand beyond its policy.
    let next = (window.hit_end..window.bytes.len())
        .find(|at| window.bytes[*at] == b'e' && is_anchor(&window.bytes[*at..]));
    let text = &window.bytes[..next.unwrap_or(window.bytes.len())];
    if let Some(form) = Form::read(text, window.hit_start) {
        out.push(form.candidate(window));
    }
}

/// A value and where it stands.
struct Field {
    value: Vec<u8>,
    range: Range<usize>,
}

/// A signed form.
struct Form {
    /// The policy in base64.
    policy: Field,
    /// The policy.
    json: Vec<u8>,
    signature: Field,
    /// The credential's field: the key id, in version 4 with its scope.
    credential: Option<Field>,
    is_v4: bool,
}

impl Form {
    /// Reads the form whose policy starts at `at`.
    fn read(text: &[u8], at: usize) -> Option<Self> {
        let policy = run(text, at, MAX_LEN);
        let json = base64::decode(&policy.value)?;
        json::text(&json, "expiration").or(json::text(&json, "Expiration"))?;
        memchr::memmem::find(&json, b"onditions\"")?;
        let place = policy.range.clone();
        // What stands before the policy of another form belongs to that.
        let floor = at.saturating_sub(NEAR);
        let floor = (floor..at)
            .rev()
            .find(|at| text[*at] == b'e' && is_anchor(&text[*at..]))
            .map_or(floor, |at| at + 1);
        let around = floor..text.len().min(place.end + NEAR);
        let near = |name: &str, fits: fn(&[u8]) -> bool| field(text, &around, &place, name, fits);
        let hex = |v: &[u8]| v.len() >= 16 && v.iter().all(u8::is_ascii_hexdigit);
        let is_id = |v: &[u8]| v.len() >= 8;
        let coded = |v: &[u8]| v.len() >= 27 && v.len() <= 28;
        // Fields of another form may stand nearby; the policy knows which it has.
        let names = |name: &[u8]| memchr::memmem::find(&json, name).is_some();
        let is_v4 = names(b"x-amz-credential") || names(b"x-amz-algorithm");
        let v4 = || Some((near("x-amz-signature", hex)?, near("x-amz-credential", is_id), true));
        let v2 = || Some((near("signature", coded)?, Some(near("awsaccesskeyid", is_id)?), false));
        let fields = if is_v4 { v4().or_else(v2) } else { v2().or_else(v4) };
        let (signature, credential, is_v4) = fields?;
        let form = Self { policy, json, signature, credential, is_v4 };
        (!is_v4 || form.scope().is_some()).then_some(form)
    }

    /// The credential of version 4: in a condition, or in its field.
    fn scope(&self) -> Option<(String, [String; 3])> {
        let own = self.condition("x-amz-credential");
        let field = self.credential.as_ref().map(|f| String::from_utf8_lossy(&f.value).into());
        let credential: String = own.or(field)?;
        let mut scope = credential.rsplitn(5, '/');
        if scope.next()? != "aws4_request" {
            return None;
        }
        let (service, region, date) = (scope.next()?, scope.next()?, scope.next()?);
        Some((scope.next()?.into(), [date.into(), region.into(), service.into()]))
    }

    fn key_id(&self) -> String {
        match self.scope().filter(|_| self.is_v4) {
            Some((id, _)) => id,
            None => self
                .credential
                .as_ref()
                .map_or(String::new(), |f| String::from_utf8_lossy(&f.value).into()),
        }
    }

    /// What the policy asks of a field: `{"name": "value"}`, or an array of an
    /// operator, `"$name"` and the value.
    fn condition(&self, name: &str) -> Option<String> {
        let string = |text: &[u8]| String::from_utf8_lossy(text).replace("\\/", "/");
        if let Some(value) = json::text(&self.json, name) {
            return Some(string(value));
        }
        let name = format!("\"${name}\"");
        let at = memchr::memmem::find(&self.json, name.as_bytes())? + name.len();
        let rest = self.json[at..].trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"")?;
        Some(string(&rest[..memchr::memchr(b'"', rest)?]))
    }

    /// When it expires; the session that signed it may end before.
    fn expires_at(&self) -> Option<Timestamp> {
        let text = json::text(&self.json, "expiration").or(json::text(&self.json, "Expiration"))?;
        let own = Timestamp::parse_rfc3339(std::str::from_utf8(text).ok()?)?;
        let session = self
            .condition("x-amz-security-token")
            .and_then(|token| session_token::parse(token.as_bytes()).ok()?.expires_at());
        Some(session.map_or(own, |session| session.min(own)))
    }

    fn candidate(&self, window: &Window<'_>) -> Candidate {
        let mut span = self.policy.range.clone();
        for field in [Some(&self.signature), self.credential.as_ref()].into_iter().flatten() {
            span = span.start.min(field.range.start)..span.end.max(field.range.end);
        }
        // The names of the fields too, from which it can be read once more.
        let head = &window.bytes[span.start.saturating_sub(64)..span.start];
        let line = head.iter().rev().take_while(|b| **b != b'\n').count();
        span.start -= line;
        let mut found = Candidate::new(Role::Signature, window.range(span));
        found.value = window.range(self.signature.range.clone());
        if window.bytes[self.signature.range.clone()] != self.signature.value[..] {
            found.decoded = Some(self.signature.value.clone().into());
        }
        let key_id = self.key_id();
        if let Some(field) = &self.credential {
            let start = field.range.start;
            let plain = window.bytes[field.range.clone()].starts_with(key_id.as_bytes());
            let range = if plain { start..start + key_id.len() } else { field.range.clone() };
            let temporary = key_id.starts_with("ASIA");
            found.parts.push(Part {
                role: if temporary { Role::TemporaryKeyId } else { Role::KeyId },
                range: window.range(range),
                decoded: (!plain).then(|| key_id.as_bytes().into()),
            });
        }
        found.facts = self.facts(&key_id);
        found.verdict = self.judge(&key_id);
        if !found.is_refuted() {
            found.evidence.push(Evidence::Parsed);
            if found.facts.account().is_some() {
                found.evidence.push(Evidence::AccountDecoded);
            }
        }
        found
    }

    fn facts(&self, key_id: &str) -> Facts {
        let mut facts = Facts::default();
        if !key_id.is_empty() {
            facts.add(Fact::KeyId(key_id.into()));
        }
        if let Some(KeyBody::New(account)) = key_body(key_id) {
            facts.add(Fact::Account(account));
        }
        if let Some((_, [_, region, _])) = self.scope() {
            facts.add(Fact::Region(region.into()));
        }
        let date = self.condition("x-amz-date");
        if let Some(created) = date.as_deref().and_then(Timestamp::parse_basic) {
            facts.add(Fact::CreatedAt(created));
        }
        if let Some(expires) = self.expires_at() {
            facts.add(Fact::ExpiresAt(expires));
        }
        facts.add(Fact::Variant(VARIANT));
        facts.add(Fact::Service("s3".into()));
        if let Some(bucket) = self.condition("bucket") {
            facts.add(Fact::Bucket(bucket.into()));
        }
        if let Some(key) = self.condition("key").filter(|key| !key.is_empty()) {
            facts.add(Fact::Object(key.into()));
        }
        facts.add(Fact::Method("POST".into()));
        facts.add(Fact::Access(Access::Write));
        facts
    }

    fn judge(&self, key_id: &str) -> Verdict {
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
        let signature = &self.signature.value;
        if let Some(reason) = placeholder::refusal(signature) {
            return refuted(reason);
        }
        if self.expires_at().is_none_or(|at| at < FIRST) {
            return refuted(Reason::ImpossibleTime);
        }
        if self.is_v4 {
            match signature.len() {
                64 => {}
                0..64 => return refuted(Reason::Truncated),
                _ => return refuted(Reason::WrongLength),
            }
            let date = self.condition("x-amz-date");
            let day = self.scope().map(|(_, [date, ..])| date).unwrap_or_default();
            if date.is_some_and(|date| !date.starts_with(&day)) {
                return refuted(Reason::ImpossibleTime);
            }
        } else if base64::decode(signature).is_none_or(|bytes| bytes.len() != 20) {
            return refuted(Reason::WrongLength);
        }
        // A policy parsed, and a signature of the right form is named so.
        Verdict::Proven
    }

    fn claim(self) -> Option<Claim> {
        let signature = String::from_utf8(self.signature.value.clone()).ok()?.into();
        let scheme = if self.is_v4 {
            let [date, region, service] = self.scope()?.1;
            Scheme::V4 { date: date.into(), region: region.into(), service: service.into() }
        } else {
            Scheme::V2
        };
        Some(Claim {
            scheme,
            messages: vec![Message { method: None, text: self.policy.value }],
            signature,
        })
    }
}

fn key_body(key_id: &str) -> Option<KeyBody> {
    let body = key_id.strip_prefix("AKIA").or(key_id.strip_prefix("ASIA"))?;
    account::decode(body.as_bytes())
}

/// Reads base64 with its padding at `at`, through escapes.
fn run(text: &[u8], at: usize, max: usize) -> Field {
    let mut value = Vec::new();
    let is_part = |b| base64::is_standard(b) || b == b'=';
    let len = read_run(&text[at..], is_part, max, &mut value);
    Field { value, range: at..at + len }
}

/// The field of that name, in any case, that stands nearest to the policy at
/// `place` and whose value fits.
fn field(
    text: &[u8],
    around: &Range<usize>,
    place: &Range<usize>,
    name: &str,
    fits: fn(&[u8]) -> bool,
) -> Option<Field> {
    let name = name.as_bytes();
    let at = |from: usize, to: usize| {
        let to = to.min(text.len());
        (from..to.saturating_sub(name.len())).filter(move |at| {
            text[*at..*at + name.len()].eq_ignore_ascii_case(name)
                && !at.checked_sub(1).is_some_and(|i| {
                    text[i].is_ascii_alphanumeric() && !ends_with_escape(&text[..*at])
                        || matches!(text[i], b'-' | b'$')
                })
                && !text
                    .get(*at + name.len())
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-')
        })
    };
    let read = |at: usize| {
        let mut from = at + name.len();
        // `type="hidden"` and `id="policy"` may stand between a name and its value.
        for _ in 0..4 {
            let start = value_after(text, from, 96, base64::is_standard)?;
            let mut found = run(text, start, 160);
            // The credential's slashes are of the alphabet, its hyphens are not.
            while text.get(found.range.end) == Some(&b'-')
                || text.get(found.range.end) == Some(&b'_')
            {
                let more = run(text, found.range.end + 1, 160);
                found.value.push(text[found.range.end]);
                found.value.extend(more.value);
                found.range.end = more.range.end;
                if found.value.len() > 200 {
                    break;
                }
            }
            if fits(&found.value) && found.value != b"hidden" {
                return Some(found);
            }
            from = found.range.end.max(from + 1);
        }
        None
    };
    let after = at(place.end, around.end).take(4).find_map(read);
    let before = at(around.start, place.start).rev().take(4).find_map(read);
    match (before, after) {
        (Some(before), Some(after)) => {
            let behind = place.start.saturating_sub(before.range.end);
            Some(if behind < after.range.start - place.end { before } else { after })
        }
        (before, after) => before.or(after),
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    proof::seek(leak, neighbours);
}

/// What the form in `text` says to have been signed.
pub(super) fn claim(text: &[u8]) -> Option<Claim> {
    let at = (0..text.len()).find(|at| text[*at] == b'e' && is_anchor(&text[*at..]))?;
    Form::read(text, at)?.claim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::Context;

    const V4: &str = include_str!("examples/post_policy.txt");
    const V2: &str = include_str!("examples/post_policy_v2.txt");

    fn found(text: &str) -> Vec<Candidate> {
        let mut all = reference::candidates(std::slice::from_ref(&FORM), text.as_bytes());
        all.dedup();
        all
    }

    #[test]
    fn forms_are_read_wherever_they_stand() {
        let python = V4.replace('"', "'");
        let nested = V4.replace('"', "\\\"");
        let camel = V4.replace("x-amz", "X-Amz").replace("policy", "Policy");
        let slashes = V4.replace('/', "\\/");
        let ids = V2.replace("value=", "type=\"hidden\" id=\"x\" value=");
        for text in [V4, &python, &nested, &camel, &slashes, V2, &ids] {
            let all = found(text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(all[0].verdict, Verdict::Proven, "{text}");
            let facts = &all[0].facts;
            assert_eq!(facts.expires_at(), Some(Timestamp(1_750_003_200)), "{text}");
            for fact in [
                Fact::KeyId("AKIAVX4KZTQ2HJWNCO5M".into()),
                Fact::Bucket("acme-uploads".into()),
                Fact::Access(Access::Write),
            ] {
                assert!(facts.iter().any(|f| *f == fact), "{fact:?} in {text}");
            }
        }
        assert_eq!(found(&format!("{V4}{V2}{V4}")).len(), 3);
    }

    #[test]
    fn a_form_is_dead_in_the_second_in_which_it_expires() {
        let detectors = crate::builtin();
        for text in [V4, V2] {
            for (now, expired) in [(1_750_003_199, false), (1_750_003_200, true)] {
                let context = Context::at(Timestamp(now));
                let all = reference::scan(&detectors, text.as_bytes(), &context);
                assert_eq!(all.len(), 1, "{all:#?}");
                assert!(all[0].facts.iter().any(|f| *f == Fact::Expired(expired)), "{text}");
            }
        }
    }

    #[test]
    fn a_form_and_the_pair_that_signed_it_prove_each_other() {
        let (id, secret) = ("AKIAVX4KZTQ2HJWNCO5M", "q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ");
        let detectors = crate::builtin();
        for form in [V4, V2] {
            let text = format!("aws_access_key_id={id}\naws_secret_access_key={secret}\n\n{form}");
            let context = Context::at(Timestamp(1_750_000_000));
            let all = reference::scan(&detectors, text.as_bytes(), &context);
            assert_eq!(all.len(), 2, "{all:#?}");
            for leak in all {
                assert_eq!(leak.verdict, Verdict::Proven);
                assert!(leak.evidence.contains(&Evidence::Recomputed), "{leak:#?}");
            }
        }
    }

    #[test]
    fn megabytes_of_near_matches_take_no_time() {
        let policy = "eyJleHBpcmF0aW9uIjoiIiwiY29uZGl0aW9ucyI6IiJ9 ";
        for unit in ["eyJleHBpcmF0aW9uIj", policy, "eyJjb25kaXRpb25zIj signature="] {
            let text = unit.repeat((1 << 18) / unit.len());
            let passage = crate::candidate::Passage { base: 0, bytes: text.as_bytes() };
            for at in memchr::memmem::find_iter(text.as_bytes(), &unit[..18]) {
                let window = Window::around(&FORM, &passage, at..at + 18, 0);
                let mut out = Vec::new();
                parse(&window, &mut Extraction::new(0, &mut out));
                assert!(out.is_empty());
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in [V4, V2] {
            for at in 0..text.len() {
                found(&text[..at]);
                let mut changed = text.as_bytes().to_vec();
                for byte in [b'%', b'\\', b'"', b'=', b'-', 0xff] {
                    changed[at] = byte;
                    if at % 3 == 0 {
                        let all = reference::candidates(std::slice::from_ref(&FORM), &changed);
                        for c in all {
                            let _ = claim(&changed[c.span.start as usize..c.span.end as usize]);
                        }
                    }
                }
            }
        }
    }
}
