//! STS session tokens: base64 of a version byte and a protobuf message.
//!
//! The message names the region, the account and the time of creation, so a
//! token can be told from any other base64 and its age is known offline. The
//! layouts were read off published tokens by the sts-token-decoder project of
//! T. Be'ery and decoded again; AWS does not document them.

use std::borrow::Cow::Borrowed;

use crate::aws::account;
use crate::aws::region::is_region;
use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64::{decode, is_standard};
use crate::encoding::escaped::{character, ends_with_escape, read_run};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder::contains;
use crate::signed_url::presign;
use crate::verify::protobuf::{Value, fields};

/// The longest token that is read. AWS promises no limit; 1,304 characters were
/// seen.
const MAX_LEN: usize = 8192;

/// The shortest text that is more than the start of a token.
const MIN_LEN: usize = 40;

/// The longest that a token can be valid: GetSessionToken and
/// GetFederationToken allow 36 hours, every other call less.
const LIFETIME: i64 = 36 * 3600;

/// AWS STS did not exist before.
const EARLIEST: Timestamp = Timestamp(1_293_840_000); // 2011-01-01

/// No clock runs so far ahead.
const LATEST: Timestamp = Timestamp(4_102_444_800); // 2100-01-01

/// A session token without the keys that it belongs to.
pub(super) static TOKEN: Detector = Detector {
    id: text("aws-session-token"),
    title: text("AWS session token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("token"), text("temporary")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("IQoJb3JpZ2luX2Vj"),
        Anchor::exact("AgoJb3JpZ2luX2Vj"),
        Anchor::exact("AgoGb3JpZ2lu"),
        Anchor::exact("FwoGZXIvYXdz"),
        Anchor::exact("FQoGZXIvYXdz"),
        Anchor::exact("FQoDYXdz"),
        Anchor::exact("AQoDYXdz"),
    ])),
    reach: Reach::new(8, (MAX_LEN + MAX_LEN / 4) as u32),
    shape: Shape::Parser(parse_window),
    companions: Borrowed(&[]),
    // The clock that is wrong may be that of the scan, and what a scan refutes a later one
    // with a state never sees again.
    relate: Some(presign::doubt_future),
    severity: Severity::Low,
    remedy: text(
        "A token opens nothing without its secret key. If both were published, revoke the \
             role's sessions (IAM > Roles > the role > Revoke sessions).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/session-token-33.txt")),
            text(include_str!("examples/session-token-23-url.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("examples/session-token-documentation.txt")), Reason::FakeAccount),
            (
                text(
                    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
                ),
                Reason::Documentation,
            ),
            (text("IQoJb3JpZ2luX2VjEDoaCXVzLWVhc3QtMSJGMEQCIBERERE"), Reason::BadStructure),
        ]),
        unmatched: Borrowed(&[
            text("prefix IQoJb3JpZ2luX2Vj"),
            text("AAAAIQoJb3JpZ2luX2VjEDoaCXVzLWVhc3QtMSJGMEQCIBERERE"),
        ]),
    },
};

fn parse_window(window: &Window<'_>, out: &mut Extraction<'_>) {
    let before = window.before();
    if before.last().is_some_and(|b| is_standard(*b) && *b != b'/') && !ends_with_escape(before) {
        return;
    }
    // A token does not hold the start of another. Ending there keeps the reading
    // of a run that repeats the start linear.
    let prefix = &window.bytes[window.hit()];
    let next = memchr::memmem::find(window.after(), prefix);
    let end = next.map_or(window.bytes.len(), |at| window.hit_end + at);
    let text = &window.bytes[window.hit_start..end];
    if text.len() < MIN_LEN {
        return;
    }
    let mut value = Vec::new();
    let mut len = read_run(text, is_standard, MAX_LEN, &mut value);
    for _ in 0..2 {
        if let Some((b'=', width)) = text.get(len..).and_then(character) {
            value.push(b'=');
            len += width;
        }
    }
    // A prefix alone is the start of a pattern, not a token.
    if value.len() < MIN_LEN {
        return;
    }
    let mut found =
        Candidate::new(Role::SessionToken, window.range(window.hit_start..window.hit_start + len));
    match parse(&value) {
        Ok(facts) => {
            found.verdict = match value[0] {
                // The layout of the oldest kind is not known.
                b'A' if facts.created_at().is_none() => Verdict::Neutral,
                _ => Verdict::Proven,
            };
            found.evidence = vec![Evidence::Prefix, Evidence::Parsed];
            found.facts = facts;
        }
        Err(reason) => found.verdict = Verdict::Refuted(reason),
    }
    if len != value.len() {
        found.decoded = Some(value.into());
    }
    out.push(found);
}

/// Reads a session token, in base64.
///
/// # Errors
///
/// Why it is none: not base64, an unknown version, fields missing or left over,
/// an account or a time that cannot be, or a documentation value.
pub fn parse(token: &[u8]) -> Result<Facts, Reason> {
    if contains(token, b"EXAMPLE") {
        return Err(Reason::Documentation);
    }
    let bytes = decode(token).ok_or(Reason::BadStructure)?;
    let (version, message) = bytes.split_first().ok_or(Reason::BadStructure)?;
    let facts = match version {
        0x21 | 0x02 => signed(message),
        0x17 | 0x15 => sealed(message),
        0x01 => Ok(Facts::default()),
        _ => Err(Reason::BadStructure),
    }?;
    if facts.account().is_some_and(account::is_documentation) {
        return Err(Reason::FakeAccount);
    }
    match facts.created_at() {
        Some(created) if !(EARLIEST..LATEST).contains(&created) => Err(Reason::ImpossibleTime),
        _ => Ok(facts),
    }
}

fn created(seconds: u64, facts: &mut Facts) {
    let created = Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX));
    facts.add(Fact::CreatedAt(created));
    facts.add(Fact::ExpiresAt(created.plus(LIFETIME)));
}

/// Versions 33 and 2: name, key id, region, signature, body, creation time.
fn signed(message: &[u8]) -> Result<Facts, Reason> {
    let mut facts = Facts::default();
    let mut seen = 0u8;
    for field in fields(message) {
        let (number, value) = field.map_err(|_| Reason::BadStructure)?;
        match (number, value) {
            (1, Value::Bytes(name)) if name.starts_with(b"origin") => {}
            (3, Value::Bytes(region)) if is_region(region) => {
                facts.add(Fact::Region(String::from_utf8_lossy(region).into()));
            }
            (4, Value::Bytes(signature)) if is_ecdsa_signature(signature) => {}
            (5, Value::Bytes(body)) => facts.add(Fact::Account(body_account(body)?)),
            (6, Value::Varint(seconds)) => created(seconds, &mut facts),
            (2, Value::Varint(_)) | (7.., _) => {}
            _ => return Err(Reason::BadStructure),
        }
        seen |= 1u8.checked_shl(number).unwrap_or(0);
    }
    let required = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6;
    if seen & required == required { Ok(facts) } else { Err(Reason::BadStructure) }
}

/// The body of a signed token: key id, flags, account, nonce, ciphertext.
fn body_account(body: &[u8]) -> Result<u64, Reason> {
    let mut found = None;
    for field in fields(body) {
        if let (3, Value::Bytes(digits)) = field.map_err(|_| Reason::BadStructure)? {
            found = account::parse(digits);
        }
    }
    found.ok_or(Reason::BadStructure)
}

/// A DER sequence of two integers of at most 33 bytes.
fn is_ecdsa_signature(bytes: &[u8]) -> bool {
    (8..=72).contains(&bytes.len())
        && bytes[0] == 0x30
        && usize::from(bytes[1]) == bytes.len() - 2
        && bytes[2] == 0x02
}

/// Versions 23 and 21: name, key id, nonce, ciphertext, creation time.
fn sealed(message: &[u8]) -> Result<Facts, Reason> {
    let mut facts = Facts::default();
    let mut seen = 0u8;
    for field in fields(message) {
        let (number, value) = field.map_err(|_| Reason::BadStructure)?;
        match (number, value) {
            (1, Value::Bytes(b"er/aws" | b"aws")) => {}
            (5, Value::Varint(seconds)) => created(seconds, &mut facts),
            (2, Value::Varint(_)) | (3 | 4, Value::Bytes(_)) | (6.., _) => {}
            _ => return Err(Reason::BadStructure),
        }
        seen |= 1u8.checked_shl(number).unwrap_or(0);
    }
    let required = 1 << 1 | 1 << 4 | 1 << 5;
    if seen & required == required { Ok(facts) } else { Err(Reason::BadStructure) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64::encode;

    #[test]
    fn the_synthetic_vector_parses() {
        let token = include_str!("examples/session-token-documentation.txt").trim().as_bytes();
        let bytes = decode(token).unwrap();
        assert_eq!(bytes.len(), 709);
        let facts = signed(&bytes[1..]).unwrap();
        assert_eq!(facts.account(), Some(123_456_789_012));
        assert_eq!(facts.region(), Some("us-east-1"));
        assert_eq!(facts.created_at(), Some(Timestamp(1_700_000_000)));
        assert_eq!(parse(token), Err(Reason::FakeAccount));
    }

    #[test]
    fn times_that_no_clock_tells() {
        // Name, ciphertext, and the time as a number of five bytes.
        let token = |last: u8| {
            let message = b"\x17\x0a\x06er/aws\x22\x01\x00\x28\xff\xff\xff\xff";
            parse(encode(&[&message[..], &[last]].concat()).as_bytes())
        };
        assert_eq!(token(0x0e).unwrap().created_at(), Some(Timestamp(4_026_531_839)));
        assert_eq!(token(0x0f), Err(Reason::ImpossibleTime));
        assert_eq!(token(0x01), Err(Reason::ImpossibleTime));
    }

    #[test]
    fn damage_is_noticed_or_harmless() {
        let token = include_str!("examples/session-token-33.txt");
        let token = token.trim().trim_start_matches("AWS_SESSION_TOKEN=").as_bytes();
        assert!(parse(token).is_ok());
        for cut in 0..token.len() {
            assert!(parse(&token[..cut]).is_err(), "cut at {cut}");
            let mut changed = token.to_vec();
            changed[cut] ^= 1;
            let _ = parse(&changed);
        }
    }
}
