//! Presigned URLs of AWS, with Signature Version 4 in their query.
//!
//! Amazon S3 and all the stores that copied it, and every other service whose
//! requests can be signed in a query. The tokens that databases, EKS and Bedrock
//! take are the same thing; they belong to their own detectors, and what those
//! read is left to them.
//!
//! Sources: Amazon S3 API Reference, "Authenticating Requests: Using Query
//! Parameters"; IAM User Guide, "Create a signed AWS API request"; operations in
//! `x-id`: the AWS SDKs for JavaScript and Go. Who hands such URLs out by design
//! was read off public URLs.

use std::borrow::Cow::Borrowed;

use super::presign::{self, Algorithm, Presign};
use super::proof::{self, Claim, METHODS, Message, Scheme};
use super::store::Place;
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::host::classify;
use crate::url::located::Located;
use crate::url::writing::{Writing, has_before, percent_decoded};
use crate::verify::sigv4::{EMPTY_PAYLOAD, PresignedRequest, UNSIGNED_PAYLOAD, encoded_path};

/// The name of the kind in [`Fact::Variant`].
pub(super) const VARIANT: &str = "sigv4";

/// The longest path and parameters before the first that is looked for.
const BEFORE: u32 = 8192;
/// The longest query: a session token, percent-encoded twice, and the rest.
const AFTER: u32 = 16 * 1024;

/// What all the names of a signature's parameters begin with.
const ANCHOR: &[u8] = b"x-amz-";

/// The longest validity in seconds: a week (Amazon S3 API Reference).
const LIMIT: u64 = 604_800;

pub(super) static URL: Detector = Detector {
    id: text("aws-presigned-url"),
    title: text("AWS presigned URL"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("url"), text("signed")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::any_case("x-amz-")])),
    reach: Reach::new(BEFORE, AFTER),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "It does what it says until it expires, a week at the most. If that cannot wait, \
         deactivate the access key that signed it (`aws iam update-access-key --status \
         Inactive`), revoke the sessions of the role (IAM console, Roles, the role, Revoke \
         sessions), or move the object. Then look for its use in the bucket's access log.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/sigv4_get.txt")),
            text(include_str!("examples/sigv4_html.txt")),
            text(include_str!("examples/sigv4_mail.txt")),
            text(include_str!("examples/sigv4_session.txt")),
            text(include_str!("examples/sigv4a.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("examples/sigv4_documentation.txt")), Reason::Documentation),
            (text(include_str!("examples/sigv4_edited.txt")), Reason::ImpossibleTime),
        ]),
        unmatched: Borrowed(&[
            text("x-amz-date: 20250613T120000Z\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n"),
            text("https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60"),
            text("if (url.includes('X-Amz-Signature=')) {"),
        ]),
    },
};

/// Whether a parameter's name begins at `at`, going by the bytes around it: in
/// headers a colon follows, and a letter before it makes it another name.
fn is_parameter(text: &[u8], at: usize) -> bool {
    let Some(rest) = text.get(at + ANCHOR.len()..) else { return false };
    if !rest.first().is_some_and(|b| b"acdersACDERS".contains(b)) {
        return false;
    }
    let name =
        rest.iter().take(24).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    is_assigned(&rest[name..]) && begins_name(&text[..at])
}

/// Whether an equals sign may begin here, in any writing, or a bar that divides the
/// name.
pub(crate) fn is_assigned(rest: &[u8]) -> bool {
    matches!(
        rest,
        [b'=' | 0xe2, ..]
            | [b' ', 0xe2, ..]
            | [b'%', b'2' | b'3', ..]
            | [b'\\', b'u' | b'x' | b'=' | b'\\', ..]
            | [b'&', b'#', ..]
    )
}

/// Whether a name may begin behind `before`: no name goes on there, unless its
/// last letters are those of an escape.
pub(crate) fn begins_name(before: &[u8]) -> bool {
    match before.last() {
        Some(b'-' | b'_') => false,
        Some(b) if b.is_ascii_alphanumeric() => {
            [&b"26"[..], b"3F", b"3f", b"\\n", b"\\t", b"\\r"].iter().any(|e| before.ends_with(e))
        }
        _ => true,
    }
}

fn is_anchor(text: &[u8], at: usize, writing: Writing) -> bool {
    text[at..].get(..ANCHOR.len()).is_some_and(|t| t.eq_ignore_ascii_case(ANCHOR))
        && is_parameter(text, at)
        && Writing::of(text, at) == Some(writing)
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let (text, at) = (window.bytes, window.hit_start);
    if !is_parameter(text, at) {
        return;
    }
    let Some(writing) = Writing::of(text, at) else { return };
    // A URL is read once, at the first of its parameters.
    if has_before(text, at, writing, |i| is_anchor(text, i, writing)) {
        return;
    }
    let Some(url) = Located::around(text, at, writing) else { return };
    let Some(signed) = Presign::of(&url) else { return };
    if is_database_token(&signed) {
        return;
    }
    out.push(candidate(window, &url, signed));
}

/// Whether it is a password of a database, which a detector of its own reads.
fn is_database_token(signed: &Presign) -> bool {
    matches!(&*signed.service, "rds-db" | "elasticache" | "memorydb" | "dsql")
        && signed.action.as_deref().is_some_and(|a| a == "connect" || a.starts_with("DbConnect"))
}

fn candidate(window: &Window<'_>, url: &Located, signed: Presign) -> Candidate {
    let mut found = Candidate::new(Role::Signature, window.range(url.span()));
    found.value = window.range(signed.signature_at.clone());
    if window.bytes[signed.signature_at.clone()] != *signed.signature.as_bytes() {
        found.decoded = Some(signed.signature.as_bytes().into());
    }
    found.facts = facts(url, &signed);
    let part = |role, at: &std::ops::Range<usize>, value: &[u8]| Part {
        role,
        range: window.range(at.clone()),
        decoded: (window.bytes[at.clone()] != *value).then(|| value.into()),
    };
    let temporary = signed.key_id.starts_with("ASIA");
    let role = if temporary { Role::TemporaryKeyId } else { Role::KeyId };
    found.parts.push(part(role, &signed.key_id_at, signed.key_id.as_bytes()));
    if let Some(token) = &signed.session_token {
        found.parts.push(part(Role::SessionToken, &signed.session_token_at, token));
    }
    let (verdict, evidence) = judge(&signed);
    found.verdict = verdict;
    found.evidence = evidence;
    found
}

fn facts(url: &Located, signed: &Presign) -> Facts {
    let mut facts = signed.facts(LIMIT);
    facts.add(Fact::Variant(match signed.algorithm {
        Algorithm::Hmac => VARIANT,
        Algorithm::Ecdsa => "sigv4a",
    }));
    facts.add(Fact::Service(signed.service.clone()));
    tell_host(url, &mut facts);
    if is_store(&signed.service) {
        Place::of_url(url).tell(&mut facts);
    }
    let (method, access) = operation(url, signed);
    if let Some(method) = method {
        facts.add(Fact::Method(method.into()));
    }
    facts.add(Fact::Access(access));
    if let Some(issuer) = issuer(url, &signed.key_id) {
        facts.add(Fact::Issuer(issuer));
    }
    facts
}

/// Adds the host and who can reach it.
pub(super) fn tell_host(url: &Located, facts: &mut Facts) {
    let host = url.host();
    if host.is_empty() {
        return;
    }
    facts.add(Fact::HostClass(classify(&host)));
    facts.add(Fact::Host(host.into()));
    if let Some(port) = url.port() {
        facts.add(Fact::Port(port));
    }
}

/// Whether a service of AWS is a store of objects.
pub(super) fn is_store(service: &str) -> bool {
    matches!(service, "s3" | "s3-object-lambda" | "s3-outposts" | "s3express")
}

fn judge(signed: &Presign) -> (Verdict, Vec<Evidence>) {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let region = signed.region.as_deref().unwrap_or_default();
    let shaped = region.bytes().all(|b| is_name(b) || matches!(b, b',' | b'*'))
        && !signed.service.is_empty()
        && signed
            .service
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let reason = signed.contradiction().or((!shaped).then_some(Reason::BadStructure));
    let reason = reason.or_else(|| {
        let token = signed.session_token.as_deref().unwrap_or_default();
        placeholder::contains(token, b"EXAMPLE").then_some(Reason::Documentation)
    });
    if let Some(reason) = reason {
        return (Verdict::Refuted(reason), Vec::new());
    }
    let mut evidence = vec![Evidence::Parsed];
    if signed.account().is_some() {
        evidence.push(Evidence::AccountDecoded);
    }
    let mut verdict = signed.verdict();
    let owner = signed.session().and_then(|facts| facts.account());
    if let (Some(own), Some(owner)) = (signed.account(), owner) {
        if own == owner {
            evidence.push(Evidence::AccountsAgree);
        } else {
            evidence.push(Evidence::AccountsDiffer);
            verdict = Verdict::Doubtful;
        }
    }
    (verdict, evidence)
}

/// The method that the URL is good for, if it tells, and whether it writes.
///
/// Nothing but the signature knows the method for sure; SDKs name the operation in
/// `x-id`, and some parameters and signed headers go with one only.
fn operation(url: &Located, signed: &Presign) -> (Option<&'static str>, Access) {
    let has = |name: &str| url.parameter(name).is_some();
    if let Some(operation) = url.parameter("x-id") {
        return named_operation(&operation.text());
    }
    if !is_store(&signed.service) {
        let reads = signed.action.as_deref().is_none_or(|action| {
            ["Get", "List", "Describe", "Assume"].iter().any(|verb| action.starts_with(verb))
        });
        return (None, if reads { Access::Read } else { Access::Write });
    }
    if has("uploadId") && has("partNumber") {
        return (Some("PUT"), Access::Write);
    }
    if has("uploadId") || url.query().starts_with(b"uploads") || has("uploads") || has("delete") {
        return (None, Access::Write);
    }
    let sends = ["content-type", "content-length", "content-md5", "x-amz-acl"]
        .iter()
        .any(|header| signed.signs(header))
        || has("x-amz-acl")
        || has("x-amz-sdk-checksum-algorithm")
        || has("x-amz-storage-class")
        || signed.signed_headers.contains("x-amz-meta-")
        || signed.signed_headers.contains("x-amz-server-side-encryption");
    if sends {
        return (Some("PUT"), Access::Write);
    }
    let receives = url
        .parameters()
        .any(|(name, _)| name.len() > 9 && name[..9].eq_ignore_ascii_case(b"response-"))
        || has("x-amz-checksum-mode")
        || has("versionId");
    if has("list-type") || has("prefix") || has("delimiter") {
        return (Some("GET"), Access::Read);
    }
    (receives.then_some("GET"), Access::Read)
}

/// The method of an operation of S3.
fn named_operation(name: &str) -> (Option<&'static str>, Access) {
    let method = |prefix: &str| match prefix {
        "Get" | "List" => ("GET", Access::Read),
        "Head" => ("HEAD", Access::Read),
        "Put" | "Upload" | "Copy" => ("PUT", Access::Write),
        "Delete" | "Abort" => ("DELETE", Access::Write),
        _ => ("POST", Access::Write),
    };
    let known = ["Get", "List", "Head", "Put", "Upload", "Copy", "Delete", "Abort", "Create"];
    match known.iter().find(|verb| name.starts_with(**verb)) {
        Some(verb) => {
            let (method, access) = method(verb);
            (Some(method), access)
        }
        None => (None, Access::Write),
    }
}

/// The service that hands the URL out to whoever opens its pages, and for minutes
/// or an hour.
pub(super) fn issuer(url: &Located, key_id: &str) -> Option<&'static str> {
    let host = url.host();
    // A bucket may begin as those of GitHub and Notion do.
    let assets = host.strip_suffix(".s3.amazonaws.com").is_some_and(|bucket| {
        let number = bucket.rsplit('-').next().unwrap_or_default();
        bucket.starts_with("github-production-")
            && number.len() == 6
            && number.bytes().all(|b| b.is_ascii_hexdigit())
    });
    if key_id == "AKIAVCODYLSA53PQK4ZA" || assets || host.ends_with(".githubusercontent.com") {
        Some("GitHub")
    } else if key_id == "cas" {
        Some("Hugging Face")
    } else if host.ends_with(".amazonaws.com")
        && (host.starts_with("prod-files-secure.s3.")
            || (host.starts_with("s3.") && url.path().starts_with(b"/prod-files-secure/")))
    {
        Some("Notion")
    } else {
        None
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    presign::doubt_future(leak, neighbours);
    proof::seek(leak, neighbours);
}

/// What the URL in `text` says to have been signed; `None` if not all of it shows:
/// no host, or other headers.
pub(super) fn claim(text: &[u8]) -> Option<Claim> {
    let at = (0..text.len().saturating_sub(ANCHOR.len())).find(|at| {
        text[*at..*at + ANCHOR.len()].eq_ignore_ascii_case(ANCHOR) && is_parameter(text, *at)
    })?;
    let url = Located::around(text, at, Writing::of(text, at)?)?;
    let signed = Presign::of(&url)?;
    let mut host = url.host();
    if signed.algorithm != Algorithm::Hmac || &*signed.signed_headers != "host" || host.is_empty() {
        return None;
    }
    let usual = match &*url.scheme() {
        "http" | "ws" => 80,
        _ => 443,
    };
    if let Some(port) = url.port().filter(|port| *port != usual) {
        host = format!("{host}:{port}");
    }
    let query = pairs(url.query());
    let store = is_store(&signed.service);
    // Only stores take a path as it is; elsewhere it is encoded once more.
    let path = if store { percent_decoded(url.path()) } else { url.path().to_vec() };
    let payload = url.parameter("X-Amz-Content-Sha256").map(|p| p.text());
    let payload =
        payload.as_deref().unwrap_or(if store { UNSIGNED_PAYLOAD } else { EMPTY_PAYLOAD });
    let request =
        PresignedRequest { host: &host, path: &encoded_path(&path), query: &query, payload };
    let region = signed.region?;
    let scope = format!("{}/{region}/{}/aws4_request", signed.scope_date, signed.service);
    let message = |method: &'static str| Message {
        method: Some(method),
        text: request.string_to_sign(method, "AWS4-HMAC-SHA256", &signed.date, &scope),
    };
    Some(Claim {
        messages: METHODS.into_iter().map(message).collect(),
        scheme: Scheme::V4 { date: signed.scope_date, region, service: signed.service },
        signature: signed.signature,
    })
}

/// The names and values of a query but for the signature, decoded.
fn pairs(query: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = query.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let value = pair.get(equals + 1..).unwrap_or_default();
        (percent_decoded(&pair[..equals]), percent_decoded(value))
    });
    pairs.filter(|(name, _)| !name.eq_ignore_ascii_case(b"X-Amz-Signature")).collect()
}

#[cfg(test)]
#[path = "sigv4_tests.rs"]
mod tests;
