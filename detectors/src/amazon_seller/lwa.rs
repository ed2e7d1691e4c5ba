//! Clients of Login with Amazon: the client secret, and the three parts with
//! which a program enters the Selling Partner API for a seller.
//!
//! A client id is `amzn1.application-oa2-client.` and 32 hexadecimal digits, and
//! no secret. A secret is `amzn1.oa2-cs.v1.` and 64 digits; one made before 2023
//! is the 64 digits alone, which every SHA-256 is too, so that its name must say
//! what it is or a client must stand beside it.
//!
//! Secrets must be replaced every 180 days since 2023, so that old ones may have
//! died; nothing in them tells when they were made.
//!
//! Sources: Selling Partner API documentation, "Rotating LWA credentials",
//! "Connecting to the Selling Partner API"; forms observed.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::context;
use crate::assignment::{name_around, name_before, value_after};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Companion, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{self, contains_ignore_case};
use crate::relate::{Leak, Neighbours};
use crate::url::writing::{Plain, Writing};

/// Name of the service that gives these out.
pub(super) const LWA: &str = "login-with-amazon";

const CLIENT: &[u8] = b"amzn1.application-oa2-client.";
const SECRET_PREFIX: &[u8] = b"amzn1.oa2-cs.v1.";

/// Hexadecimal digits of a client id and of a secret.
const CLIENT_DIGITS: usize = 32;
const SECRET_DIGITS: usize = 64;

const ROTATE: &str = "Rotate the client secret now: Seller Central (or Solution Provider Portal), \
     Apps and Services, Develop Apps, LWA credentials, View, Rotate secret; the old one dies after \
     seven days at most, so deploy the new one and do not wait. For other uses of Login with Amazon \
     do it in the developer console's security profile. Rotation does not end refresh tokens: have \
     the seller revoke and repeat the authorisation if one was published too.";

/// A client of Login with Amazon with its secret, and with the refresh token of
/// a seller if that stands nearby.
pub(super) static CREDENTIALS: Detector = Detector {
    id: text("amazon-sp-api-credentials"),
    title: text("Amazon Selling Partner API credentials"),
    provider: text("Amazon Selling Partner API"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("oauth"), text("pair")]),
    trigger: Trigger::Parts,
    reach: Reach::new(0, 0),
    shape: Shape::None,
    companions: Borrowed(&[
        Companion {
            role: Role::ClientId,
            required: true,
            shared: false,
            accepts: |id, _| is_lwa(id),
        },
        Companion {
            role: Role::ClientSecret,
            required: true,
            shared: false,
            accepts: |id, secret| is_lwa(id) && is_lwa(secret),
        },
        Companion {
            role: Role::RefreshToken,
            required: false,
            shared: false,
            accepts: |id, token| is_lwa(id) && is_lwa(token),
        },
    ]),
    relate: Some(judge_credentials),
    severity: Severity::Critical,
    remedy: text(ROTATE),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/sp_api_env.txt")),
            text(include_str!("examples/sp_api_old.json")),
            text(
                "lwa = LWA('amzn1.application-oa2-client.8f0c4a7d19e35b62c7da90e1f6b3582c', '5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13')",
            ),
        ]),
        refuted: Borrowed(&[(
            text(
                "client_id=amzn1.application-oa2-client.EXAMPLE0a4a7d19e35b62c7da90e1f6b&client_secret=amzn1.oa2-cs.v1.EXAMPLEf7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8",
            ),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("LWA_APP_ID=amzn1.application-oa2-client.8f0c4a7d19e35b62c7da90e1f6b3582c"),
            // Cognito's.
            text(
                "CLIENT_ID=utzp0n0mb4v62n7plqy4zpktva\nCOGNITO_CLIENT_SECRET=md8jbbm6tx4l4iqdp0bfhcmgww4oyyhiykwcywgzonet0kvybte\n",
            ),
        ]),
    },
};

/// A client secret alone.
pub(super) static SECRET: Detector = Detector {
    id: text("amazon-lwa-client-secret"),
    title: text("Login with Amazon client secret"),
    provider: text("Login with Amazon"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("oauth")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("amzn1."),
        // Of both prefixes; a line break hides at most one of the two.
        Anchor::exact("oa2-c"),
        Anchor::any_case("client_secret"),
        Anchor::any_case("clientsecret"),
        Anchor::any_case("client-secret"),
        Anchor::any_case("client secret"),
        Anchor::any_case("client.secret"),
        Anchor::any_case("lwa_secret"),
        Anchor::any_case("lwasecret"),
        Anchor::any_case("lwa secret"),
        Anchor::any_case("lwa.secret"),
        Anchor::any_case("lwa-secret"),
        Anchor::any_case("lwa_app_secret"),
    ])),
    reach: Reach::new(1024, 1024),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(ROTATE),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "clientSecret: amzn1.oa2-cs.v1.5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13",
            ),
            text(
                "LWA_CLIENT_SECRET=5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13",
            ),
            text(
                "<p>Selling Partner API client secret:<br>5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13</p>",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "amzn1.oa2-cs.v1.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                ),
                Reason::Placeholder,
            ),
            (
                text(
                    "amzn1.oa2-cs.v1.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                ),
                Reason::NotRandom,
            ),
            (
                text(
                    "amzn1.oa2-cs.v1.5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8g13",
                ),
                Reason::WrongAlphabet,
            ),
        ]),
        unmatched: Borrowed(&[
            // Somebody else's client.
            text("client_secret=5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13"),
            text(
                "amzn1.application-oa2-client.8f0c4a7d19e35b62c7da90e1f6b3582c sha256=5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13",
            ),
            text(
                "commit in use, sha256 5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13\namzn1.application-oa2-client.8f0c4a7d19e35b62c7da90e1f6b3582c",
            ),
            text(
                "client_id=amzn1.application-oa2-client.8f0c4a7d19e35b62c7da90e1f6b3582c&code_verifier=5d0f7b3ae96c1284d7f02b6ea9c3581e4b7d90f2c6a8135e7f9b0d2c4a6e8f13",
            ),
            text("amzn1.oa2-cs.v1."),
            text("LWA_CLIENT_SECRET=${LWA_CLIENT_SECRET}"),
        ]),
    },
};

/// Whether a candidate is one of Login with Amazon; others have the same roles.
pub(super) fn is_lwa(candidate: &Candidate) -> bool {
    context::has_service(&candidate.facts, LWA)
}

/// Without a refresh token a client enters what needs no seller.
fn judge_credentials(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    leak.complete = leak.parts.iter().any(|p| p.role == Role::RefreshToken);
    context::describe(leak, neighbours);
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    match window.anchor {
        0 => read_prefixed(window, window.hit_start, out),
        1 => {
            // Where the prefix stands on one line its beginning is an anchor.
            let before = &window.bytes[window.hit_start.saturating_sub(48)..window.hit_start];
            if memchr::memchr(b'\n', before).is_some()
                && let Some(start) = (window.hit_start.saturating_sub(48)..window.hit_start)
                    .rev()
                    .find(|at| window.bytes[*at] == b'a' && writes_prefix(window.bytes, *at))
                && !window.bytes[start..].starts_with(b"amzn1.")
            {
                read_prefixed(window, start, out);
            }
        }
        _ => read_named(window, out),
    }
}

/// Reads the characters of an id or secret from `start` on, through line breaks
/// of quoted-printable.
fn characters(text: &[u8], start: usize) -> Plain {
    let member = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let mut plain = Plain::default();
    let end = text.len().min(start + 256);
    plain.extend_while(&text[..end], start, Writing::QUOTED_PRINTABLE, member);
    while plain.bytes.last() == Some(&b'.') {
        plain.pop();
    }
    plain
}

fn writes_prefix(text: &[u8], at: usize) -> bool {
    let plain = characters(&text[..text.len().min(at + 64)], at);
    plain.bytes.starts_with(b"amzn1.application-oa2-c") || plain.bytes.starts_with(b"amzn1.oa2-c")
}

/// Reads a client id, or a secret of the new form.
fn read_prefixed(window: &Window<'_>, start: usize, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let Some(next) = text.get(start + 6) else { return };
    let before = &text[..start];
    if !b"ao=\xe2 ".contains(next)
        || before.last().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
            && !ends_with_escape(before)
    {
        return;
    }
    let plain = characters(text, start);
    let place = plain.place(0..plain.bytes.len());
    let (role, digits, len) = if let Some(digits) = plain.bytes.strip_prefix(CLIENT) {
        (Role::ClientId, digits, CLIENT_DIGITS)
    } else if let Some(digits) = plain.bytes.strip_prefix(SECRET_PREFIX) {
        (Role::ClientSecret, digits, SECRET_DIGITS)
    } else {
        return;
    };
    if digits.len() != len {
        return;
    }
    let mut found = Candidate::new(role, window.range(place.clone()));
    if place.len() != plain.bytes.len() {
        found.decoded = Some(plain.bytes.as_slice().into());
    }
    found.stands_alone = role == Role::ClientSecret;
    found.verdict = judge(digits);
    if !found.is_refuted() {
        found.name = name_before(text, start).map(|n| window.range(n));
        found.evidence.push(Evidence::Prefix);
        found.facts.add(Fact::Service(LWA.into()));
    }
    let is_client = role == Role::ClientId && !found.is_refuted();
    out.push(found);
    if is_client {
        context::push_service(window, place.clone(), context::SP_API, out);
        near_client(window, place, out);
    }
}

/// What the digits say.
fn judge(digits: &[u8]) -> Verdict {
    if let Some(reason) = placeholder::refusal(digits) {
        return Verdict::Refuted(reason);
    }
    if !digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Verdict::Refuted(Reason::WrongAlphabet);
    }
    Verdict::Supported
}

/// How far from a client its secret may stand if no name says what it is, and how
/// many runs are looked at on each side.
const NEAR: usize = 384;
const NEAR_RUNS: usize = 2;

/// How far it may stand if it has no name at all: in the next argument, cell or
/// line.
const UNNAMED_WITHIN: usize = 64;

/// Pushes the runs of 64 digits near a client, unless they are named otherwise.
/// One without a name counts only where no other is named.
fn near_client(window: &Window<'_>, id: Range<usize>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let all = id.start.saturating_sub(NEAR)..text.len().min(id.end + NEAR);
    let mut found = Vec::new();
    for range in [id.end..all.end, all.start..id.start] {
        let mut at = range.start;
        let mut seen = 0;
        while at < range.end && seen < NEAR_RUNS {
            let run = text[at..].iter().take(256).take_while(|b| is_word(**b)).count();
            if let Some(value) = secret_at(text, at, run) {
                seen += 1;
                at = value.end;
                found.push(value);
            } else {
                at += run.max(1);
            }
        }
    }
    let name = |value: &Range<usize>| name_before(text, value.start);
    let says_secret = |value: &Range<usize>| name(value).is_some_and(|n| is_secret(&text[n]));
    let named = found.iter().any(says_secret) || placeholder::contains(&text[all], b"oa2-cs.v1.");
    for value in found {
        let own = name(&value);
        let is_other = own
            .as_ref()
            .is_some_and(|n| OTHERS.iter().any(|w| contains_ignore_case(&text[n.clone()], w)))
            || OTHERS.iter().any(|w| contains_ignore_case(said_before(text, value.start), w));
        let between = id.end.min(value.end)..id.start.max(value.start);
        let beside = between.len() <= UNNAMED_WITHIN
            && memchr::memchr_iter(b'\n', &text[between]).count() <= 1;
        if !is_other && (says_secret(&value) || (!named && beside)) {
            push_old(window, value, own, out);
        }
    }
}

/// The word that stands right before `at` on the same line, and what joins the two:
/// `sha256:`, `SHA-256 `.
fn said_before(text: &[u8], at: usize) -> &[u8] {
    let line = &text[at.saturating_sub(12)..at];
    let line = &line[memchr::memrchr(b'\n', line).map_or(0, |end| end + 1)..];
    let end = line.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1);
    let word = line[..end].iter().rev().take_while(|b| is_word(**b)).count();
    &line[end - word..end]
}

/// The secret of the old form that begins at `at` or, in quoted-printable, behind
/// the `3D` there; the run of word characters at `at` is `run` bytes long.
fn secret_at(text: &[u8], at: usize, run: usize) -> Option<Range<usize>> {
    for skip in [0, 2] {
        if skip > 0 && !matches!(text.get(at..at + 2), Some(b"3D" | b"3d")) {
            break;
        }
        let start = at + skip;
        let len = run.checked_sub(skip)?;
        if !digits(&text[start..start + len.min(SECRET_DIGITS)]) || len == 0 {
            continue;
        }
        if len == SECRET_DIGITS {
            return Some(start..start + len);
        }
        // A soft break in it.
        let broken = len < SECRET_DIGITS
            && matches!(text.get(start + len..), Some([b'=', b'\n' | b'\r', ..]));
        if broken {
            let plain = characters(text, start);
            if plain.bytes.len() == SECRET_DIGITS && digits(&plain.bytes) {
                return Some(plain.place(0..SECRET_DIGITS));
            }
        }
    }
    None
}

fn is_secret(name: &[u8]) -> bool {
    contains_ignore_case(name, b"secret")
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn digits(run: &[u8]) -> bool {
    run.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Names of what else has 64 digits.
const OTHERS: &[&[u8]] = &[
    b"sha",
    b"hash",
    b"digest",
    b"checksum",
    b"signature",
    b"commit",
    b"etag",
    b"nonce",
    b"state",
    b"request",
    b"integrity",
    b"fingerprint",
    b"challenge",
    b"verifier",
    b"csrf",
    b"session",
    b"revision",
    b"version",
    b"hmac",
    b"trace",
];

fn push_old(
    window: &Window<'_>,
    value: Range<usize>,
    name: Option<Range<usize>>,
    out: &mut Extraction<'_>,
) {
    let text = window.bytes;
    let decoded = (value.len() != SECRET_DIGITS).then(|| characters(text, value.start).bytes);
    let verdict = judge(decoded.as_deref().unwrap_or(&text[value.clone()]));
    if matches!(verdict, Verdict::Refuted(_)) {
        return;
    }
    let named = name.as_ref().is_some_and(|n| is_secret(&text[n.clone()]));
    let mut found = Candidate::new(Role::ClientSecret, window.range(value));
    found.decoded = decoded.map(Into::into);
    found.stands_alone = named;
    found.verdict = if named { Verdict::Supported } else { Verdict::Neutral };
    if named {
        found.evidence.push(Evidence::KeyName);
    }
    found.evidence.push(Evidence::NamedService);
    found.name = name.map(|n| window.range(n));
    found.facts.add(Fact::Service(LWA.into()));
    out.push(found);
}

/// The most bytes between a name and its secret.
const NAME_TO_VALUE: usize = 96;

/// Reads a secret of the old form behind `client secret`, if Login with Amazon or
/// the Selling Partner API is named in it or nearby.
fn read_named(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let name = name_around(text, window.hit());
    let Some(value) = run_after(text, name.end) else { return };
    if !SIGNS.iter().any(|s| contains_ignore_case(text, s)) {
        return;
    }
    push_old(window, value, Some(name), out);
}

/// What names Login with Amazon or its use by sellers.
const SIGNS: &[&[u8]] = &[
    b"amzn1.",
    b"lwa_",
    b"lwac",
    b"lwas",
    b"lwa ",
    b"lwa.",
    b"lwa-",
    b"lwar",
    b"lwaa",
    b"atzr|",
    b"atza|",
    b"login with amazon",
    b"loginwithamazon",
    b"login-with-amazon",
    b"sellingpartner",
    b"selling_partner",
    b"selling-partner",
    b"selling partner",
    b"selling.partner",
    b"sp_api",
    b"sp-api",
    b"sp.api",
    b"sp api",
    b"spapi",
    b"api.amazon.com",
];

/// The run of 64 digits behind a name.
fn run_after(text: &[u8], from: usize) -> Option<Range<usize>> {
    let limit = text.len().min(from + NAME_TO_VALUE);
    let mut at = from;
    for _ in 0..4 {
        at = value_after(text, at, limit.checked_sub(at)?, |b| b.is_ascii_alphanumeric())?;
        let len = text[at..].iter().take(256).take_while(|b| is_word(**b)).count();
        if let Some(value) = secret_at(text, at, len) {
            return Some(value);
        }
        if len > 32 || len == 0 {
            return None;
        }
        at += len;
    }
    None
}
