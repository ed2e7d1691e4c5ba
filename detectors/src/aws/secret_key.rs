//! AWS secret access keys: 40 characters of base64 without a prefix.
//!
//! They are 30 random bytes, so they never end in `=` and have known
//! statistics. What no random key has refutes a candidate; what few have lowers
//! it. The share of true keys that each rule costs was computed for 40 uniform
//! base64 characters and stands beside it.
//!
//! A key is read in two ways: behind a name that says what it is
//! (`aws_secret_access_key = …`), and, by [`near_id`], anywhere close to an
//! access key id.

use std::borrow::Cow::Borrowed;

use crate::assignment::{name_around, name_before, value_after};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64::is_standard;
use crate::encoding::escaped::{character, control_sequence, ends_with_escape};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::grade::Severity;
use crate::placeholder::{contains_ignore_case, refusal};
use crate::verify::statistics::statistics;
use crate::verify::words::word_bits;

/// Characters of a secret access key.
pub(super) const LEN: usize = 40;

/// A lone secret access key.
pub(super) static SECRET: Detector = Detector {
    id: text("aws-secret-key"),
    title: text("AWS secret access key"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("cloud"), text("key")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::any_case("secret")])),
    reach: Reach::new(1024, 1024),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "Find the access key that this secret belongs to (IAM > Users > Security credentials, \
             by creation date or in the same file's history), create a new key, switch its users \
             over, then `aws iam update-access-key --status Inactive` and `aws iam \
             delete-access-key`.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("aws_secret_access_key = q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ"),
            text("<AWSSecretKey>Bv8Qm3/LzT5yWc1NfXk7+RjD2hGp9sVa4uEoI0tY</AWSSecretKey>"),
            text(
                "- name: AWS_SECRET_ACCESS_KEY\n  value: \"mC5xT0vQz8/rJh2WkPn6YbLd+E3sGf9uAa1oV7Ki\"\n",
            ),
            text("s3: { secretKey: 'hW2/nZ6bRq9LxV0cKd4TmPj7+Ys1GfUe8aAo3iQt' }"),
            text("AWS_SECRET_KEY=a%2Fb7Zk1Xq9Rw3%2BLmT5vYc8NfJd2GhPs6UeQo0iVt"),
            text("Secret access key: Uo9+Ls3Vk7/Qp1Xe5Tz8Mc2Wn6Rb4Hy0Jd3Gf9Aa"),
        ]),
        refuted: Borrowed(&[
            (
                text("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                Reason::Documentation,
            ),
            (
                text("aws_secret_access_key=da39a3ee5e6b4b0d3255bfef95601890afd80709"),
                Reason::HexDigest,
            ),
            (text("AWS_SECRET_KEY=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), Reason::Placeholder),
            (
                text("aws_secret_access_key: getSecretAccessKeyFromEnvironmentDefault"),
                Reason::Words,
            ),
            (
                text(
                    "aws_secret_key: ENC[AES256_GCM,data:q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ,iv:",
                ),
                Reason::Encrypted,
            ),
        ]),
        unmatched: Borrowed(&[
            text("aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}"),
            text("aws_secret_access_key=sha512-q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ=="),
            text("client_secret = \"q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ\""),
            text("the secret of q7tG"),
        ]),
    },
};

/// A run of exactly 40 base64 characters in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
    value: [u8; LEN],
}

/// Reads the maximal run of base64 characters at `at`, through escapes. `Ok` is
/// a run of exactly 40 that may stand for a key; `Err` says where to go on.
fn run_at(text: &[u8], at: usize) -> Result<Run, usize> {
    let mut value = [0; LEN];
    let (mut len, mut end) = (0, at);
    while let Some((byte, width)) = text.get(end..).and_then(character) {
        if !is_standard(byte) {
            break;
        }
        if len == LEN {
            // Too long: leave the rest of the run behind.
            let rest = text[end..].iter().take_while(|b| is_standard(**b)).count();
            return Err(end + rest.max(1));
        }
        value[len] = byte;
        len += 1;
        end += width;
    }
    let next = text.get(end..).and_then(character).map(|(byte, _)| byte);
    let before = &text[..at];
    let joined = before.last().is_some_and(|b| matches!(b, b'-' | b'_') || is_standard(*b));
    let open = joined && !ends_with_escape(before);
    if len < LEN || open || matches!(next, Some(b'=' | b'-' | b'_')) {
        return Err(end.max(at + 1));
    }
    Ok(Run { start: at, end, value })
}

/// What the statistics of 40 characters say.
fn judge(value: &[u8; LEN]) -> (Verdict, Evidence) {
    let refuted = |reason| (Verdict::Refuted(reason), Evidence::UnlikelyStatistics);
    if let Some(reason) = refusal(value) {
        return refuted(reason);
    }
    let s = statistics(value);
    // All hexadecimal digits: 8 × 10⁻²⁵.
    if value.iter().all(u8::is_ascii_hexdigit) {
        return refuted(Reason::HexDigest);
    }
    let words = word_bits(value);
    // Of 200,000 random keys none scored above 12.
    if words > 20.0 {
        return refuted(Reason::Words);
    }
    // No upper-case or no lower-case letter: 1.8 × 10⁻⁹. Entropy below 4: none
    // of 200,000.
    if s.upper == 0 || s.lower == 0 || s.entropy < 4.0 {
        return refuted(Reason::NotRandom);
    }
    let doubts = [
        s.digits == 0,      // 0.11 %
        s.slashes >= 4,     // 0.35 %
        s.transitions < 15, // 0.1 %
        s.lower_run >= 10,  // 0.23 %
        s.commonest >= 7,   // 0.016 %
        s.distinct <= 22,   // 0.027 %
        s.entropy < 4.25,   // 0.011 %
        words > 0.0,        // 0.01 %
    ];
    match doubts.iter().filter(|d| **d).count() {
        0 => (Verdict::Supported, Evidence::RandomLooking),
        1 => (Verdict::Doubtful, Evidence::UnlikelyStatistics),
        // Two at once, of rules that measure the same thing in part: about
        // 0.01 %.
        2 if s.digits > 0 && words < 0.0 => (Verdict::Doubtful, Evidence::UnlikelyStatistics),
        _ => refuted(Reason::Words),
    }
}

/// Whether the run is one line of a wrapped base64 body: alone on its line, with
/// more of the kind on the line before or after.
fn is_wrapped(text: &[u8], run: &Run) -> bool {
    let alone = |line: &[u8]| {
        let line = line.trim_ascii();
        line.len() >= LEN - 8 && line.iter().all(|b| is_standard(*b) || *b == b'=')
    };
    let before = &text[..run.start];
    let line_start = before.iter().rposition(|b| *b == b'\n');
    let own_head = &before[line_start.map_or(0, |at| at + 1)..];
    let after = &text[run.end..];
    let line_end = after.iter().position(|b| *b == b'\n');
    let own_tail = &after[..line_end.unwrap_or(after.len())];
    if !own_head.trim_ascii().is_empty() || !own_tail.trim_ascii().is_empty() {
        return false;
    }
    let previous = line_start.map(|at| {
        let start = before[..at].iter().rposition(|b| *b == b'\n').map_or(0, |s| s + 1);
        &before[start..at]
    });
    let next = line_end.map(|at| {
        let rest = &after[at + 1..];
        &rest[..rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())]
    });
    previous.is_some_and(alone) || next.is_some_and(alone)
}

fn candidate(window: &Window<'_>, run: &Run, verdict: Verdict, evidence: Evidence) -> Candidate {
    let mut found = Candidate::new(Role::SecretKey, window.range(run.start..run.end));
    if run.end - run.start != LEN {
        found.decoded = Some(run.value.as_slice().into());
    }
    found.verdict = verdict;
    if !found.is_refuted() {
        found.evidence.push(evidence);
    }
    found
}

/// How sure a name is that its value is an AWS secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// The name belongs to AWS.
    Aws,
    /// `secret_key` or `secret`: whose, the surroundings must tell.
    Generic,
    /// The secret of something else.
    Other,
}

/// Classes the name that holds the word "secret".
fn naming(name: &[u8], context: &[u8]) -> Naming {
    let mut folded = [0u8; 128];
    let mut len = 0;
    for byte in name.iter().filter(|b| b.is_ascii_alphanumeric()).take(folded.len()) {
        folded[len] = byte.to_ascii_lowercase();
        len += 1;
    }
    let folded = &folded[..len];
    let holds = |word: &[u8]| folded.windows(word.len()).any(|w| w == word);
    if [
        &b"aws"[..],
        b"amazon",
        b"amz",
        b"s3",
        b"mws",
        b"spapi",
        b"secretaccesskey",
        b"dynamodb",
        b"as3cf",
    ]
    .iter()
    .any(|w| holds(w))
    {
        return Naming::Aws;
    }
    // `Secret access key`, `AWS secret`: the words of the name stand apart.
    if contains_ignore_case(context, b"access key") || contains_ignore_case(context, b"aws") {
        return Naming::Aws;
    }
    let generic = [&b"secret"[..], b"secretkey", b"accesssecret", b"keysecret", b"accesskeysecret"];
    // A qualifier may stand before the name: `prod_secret_key`, but what comes
    // after "secret" and what kind of secret it is decide.
    let foreign = [
        &b"client"[..],
        b"app",
        b"consumer",
        b"api",
        b"jwt",
        b"webhook",
        b"oauth",
        b"session",
        b"cookie",
        b"shared",
        b"signing",
        b"stripe",
        b"github",
        b"slack",
        b"google",
        b"azure",
        b"twilio",
        b"captcha",
        b"django",
        b"base",
        b"token",
        b"hash",
        b"name",
        b"manager",
    ];
    if generic.iter().any(|g| folded.ends_with(g)) && !foreign.iter().any(|f| holds(f)) {
        Naming::Generic
    } else {
        Naming::Other
    }
}

/// Whether AWS is named around.
fn mentions_aws(text: &[u8]) -> bool {
    let words = [&b"aws"[..], b"amazon", b"boto", b"akia"];
    let s3 = |(at, two): (usize, &[u8])| {
        two.eq_ignore_ascii_case(b"s3")
            && !at.checked_sub(1).is_some_and(|i| text[i].is_ascii_alphanumeric())
            && !text.get(at + 2).is_some_and(u8::is_ascii_digit)
    };
    words.iter().any(|w| contains_ignore_case(text, w)) || text.windows(2).enumerate().any(s3)
}

/// Whether the run is the data of a value that SOPS encrypted.
/// Source: the SOPS README, "Encrypting using …": `ENC[AES256_GCM,data:…`.
fn is_encrypted(text: &[u8], run: &Run) -> bool {
    text[..run.start].ends_with(b"ENC[AES256_GCM,data:")
}

/// Reads the value behind a name that holds "secret".
fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let name = name_around(text, window.hit());
    let Some(run) = value_run(text, name.end) else { return };
    let line_start = text[..name.start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let context = &text[name.start.saturating_sub(24).max(line_start)..run.start];
    let naming = naming(&text[name.clone()], context);
    if naming == Naming::Other {
        return;
    }
    let (mut verdict, evidence) = judge(&run.value);
    if !matches!(verdict, Verdict::Refuted(_)) {
        if is_wrapped(text, &run) {
            verdict = Verdict::Refuted(Reason::InsideEncodedBody);
        } else if is_encrypted(text, &run) {
            verdict = Verdict::Refuted(Reason::Encrypted);
        }
    }
    let mut found = candidate(window, &run, verdict, evidence);
    found.span.start = found.span.start.min(window.range(name.clone()).start);
    found.name = Some(window.range(name));
    if !found.is_refuted() {
        match naming {
            Naming::Aws => found.evidence.push(Evidence::KeyName),
            _ if mentions_aws(text) => {
                found.verdict = found.verdict.min(Verdict::Neutral);
                found.evidence.extend([Evidence::KeyName, Evidence::NamedService]);
            }
            _ => {
                found.evidence.push(Evidence::KeyName);
                found.stands_alone = false;
            }
        }
    }
    out.push(found);
}

/// How far behind its name a value may stand, and how many words may stand
/// between that are no fillers known by name.
const VALUE_WITHIN: usize = 160;
const STRANGE_WORDS: usize = 3;

/// The first run of 40 behind a name. Words of code and markup in between are
/// passed over; another value is not.
fn value_run(text: &[u8], from: usize) -> Option<Run> {
    let limit = from.saturating_add(VALUE_WITHIN).min(text.len());
    let mut at = from;
    for _ in 0..=STRANGE_WORDS {
        at = value_after(text, at, limit.checked_sub(at)?, |b| is_standard(b) || b == b'%')?;
        match run_at(text, at) {
            Ok(run) => return Some(run),
            Err(next) => {
                let word = &text[at..next.min(text.len())];
                if word.len() > 32 || word.iter().any(u8::is_ascii_digit) && word.len() > 20 {
                    return None;
                }
                at = next;
            }
        }
    }
    None
}

/// How far from an access key id a key without a name may stand.
const NEAR_AFTER: usize = 512;
const NEAR_BEFORE: usize = 256;

/// The most runs looked at on each side of an id.
const NEAR_RUNS: usize = 4;

/// Characters of an access key id.
const ID_LEN: usize = 20;

/// Whether an access key id stands at `at`.
fn is_id(text: &[u8], at: usize) -> bool {
    text.get(at..at + ID_LEN).is_some_and(|id| {
        (id.starts_with(b"AKIA") || id.starts_with(b"ASIA"))
            && id.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }) && !text.get(at + ID_LEN).is_some_and(u8::is_ascii_alphanumeric)
        && !at.checked_sub(1).is_some_and(|i| text[i].is_ascii_alphanumeric())
}

/// Pushes the runs of 40 near an access key id that stands at `id`. They are
/// nothing by themselves.
pub(super) fn near_id(window: &Window<'_>, id: std::ops::Range<usize>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    // What stands beyond another id is read from there.
    let after = id.end..text.len().min(id.end + NEAR_AFTER);
    let next = memchr::memchr_iter(b'A', &text[after.clone()])
        .map(|i| after.start + i)
        .find(|at| is_id(text, *at));
    let after = after.start..next.unwrap_or(after.end);
    let before = id.start.saturating_sub(NEAR_BEFORE)..id.start;
    let previous = memchr::memrchr_iter(b'A', &text[before.clone()])
        .map(|i| before.start + i)
        .find(|at| is_id(text, *at) && at + ID_LEN <= id.start);
    let before = previous.map_or(before.start, |at| at + ID_LEN)..before.end;
    for range in [after, before] {
        let mut at = range.start;
        // A run that begins before the range is cut, not read.
        if at > 0 && at != id.end {
            at += text[at..range.end].iter().take_while(|b| is_standard(**b)).count();
        }
        // `id/secret` and `id:secret` divide alike.
        if at == id.end && text.get(at) == Some(&b'/') {
            at += 1;
        }
        let mut seen = 0;
        while at < range.end && seen < NEAR_RUNS {
            if let Some(len) = control_sequence(&text[at..]) {
                at += len;
                continue;
            }
            let Some((byte, width)) = text.get(at..).and_then(character) else { break };
            if byte == b'\\' {
                at += 2;
                continue;
            }
            if !is_standard(byte) {
                at += width;
                continue;
            }
            // The slash of a path or of `id/secret` is no part of the key.
            match run_at(text, at) {
                Ok(run) if run.end <= range.end => {
                    at = run.end;
                    seen += 1;
                    push_unnamed(window, &run, out);
                }
                Ok(_) => break,
                Err(next) => at = next,
            }
        }
    }
}

fn push_unnamed(window: &Window<'_>, run: &Run, out: &mut Extraction<'_>) {
    let name = name_before(window.bytes, run.start);
    if let Some(name) = &name
        && names_something_else(&window.bytes[name.clone()])
    {
        return;
    }
    let (verdict, evidence) = judge(&run.value);
    // A refuted run without a name was never claimed to be a key.
    if matches!(verdict, Verdict::Refuted(r) if r != Reason::Documentation)
        || is_wrapped(window.bytes, run)
        || is_encrypted(window.bytes, run)
    {
        return;
    }
    let mut found = candidate(window, run, verdict, evidence);
    found.stands_alone = false;
    found.name = name.map(|n| window.range(n));
    out.push(found);
}

/// Whether a name says that its value is something other than a secret key.
fn names_something_else(name: &[u8]) -> bool {
    let holds = |word: &[u8]| contains_ignore_case(name, word);
    let secret = [&b"secret"[..], b"aws", b"password", b"passwd"].iter().any(|w| holds(w));
    !secret
        && [
            &b"hash"[..],
            b"sha1",
            b"sha-1",
            b"digest",
            b"signature",
            b"etag",
            b"nonce",
            b"integrity",
            b"commit",
            b"api-key",
            b"api_key",
            b"apikey",
            b"uuid",
            b"token",
            b"checksum",
            b"path",
            b"url",
            b"uri",
            b"bucket",
        ]
        .iter()
        .any(|w| holds(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_keys_are_lost_as_rarely_as_stated() {
        // A fixed generator (SplitMix64), so that the figure is repeatable.
        let mut state = 7u64;
        let mut next = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut refuted, mut doubtful) = (0, 0);
        const ROUNDS: usize = 50_000;
        for _ in 0..ROUNDS {
            let value: [u8; LEN] = std::array::from_fn(|_| ALPHABET[(next() % 64) as usize]);
            match judge(&value).0 {
                Verdict::Refuted(_) => refuted += 1,
                Verdict::Doubtful => doubtful += 1,
                _ => {}
            }
        }
        // 0.01 % and 1 %, with room for the sample.
        assert!(refuted <= ROUNDS / 2500, "{refuted} of {ROUNDS} refuted");
        assert!(doubtful <= ROUNDS / 66, "{doubtful} of {ROUNDS} doubtful");
    }

    #[test]
    fn runs_are_maximal() {
        let key = "q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ";
        assert!(run_at(format!("{key}\"").as_bytes(), 0).is_ok());
        assert!(run_at(format!("{key}=").as_bytes(), 0).is_err());
        assert!(run_at(format!("{key}A").as_bytes(), 0).is_err());
        assert!(run_at(format!("-{key}").as_bytes(), 1).is_err());
        assert!(run_at(format!("\\n{key}").as_bytes(), 2).is_ok());
        assert_eq!(
            run_at(key.replace('/', "%2F").as_bytes(), 0).map(|r| r.value.to_vec()),
            Ok(key.into())
        );
    }

    #[test]
    fn names_are_classed() {
        for (name, class) in [
            ("AWS_SECRET_ACCESS_KEY", Naming::Aws),
            ("fs.s3a.secret.key", Naming::Aws),
            ("SecretAccessKey", Naming::Aws),
            ("MWS_SECRET_KEY", Naming::Aws),
            ("secretKey", Naming::Generic),
            ("prod_secret_key", Naming::Generic),
            ("client_secret", Naming::Other),
            ("secret_key_base", Naming::Other),
            ("secretName", Naming::Other),
        ] {
            assert_eq!(naming(name.as_bytes(), b""), class, "{name}");
        }
    }
}
