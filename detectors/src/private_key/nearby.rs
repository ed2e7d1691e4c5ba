//! What stands beside a key: its public half, or the id that CloudFront knows
//! it by.

use std::ops::Range;

use super::body;
use super::key::Key;
use super::text::Symbols;
use crate::evidence::Evidence;
use crate::extract::Window;
use crate::fact::Fact;

/// How far from the key its public half is looked for.
const NEAR: usize = 4096;

/// How far from the key an id is looked for.
const ID_NEAR: usize = 1024;

/// The most public keys and certificates that are decoded for one private key.
const MOST: usize = 8;

/// The most base64 characters that are read of each: a certificate with a
/// 4096-bit key and many names.
const LONGEST: usize = 8192;

/// Words after which the base64 of a public key begins: the first bytes of its
/// SSH form, or the end of the opening line of PEM.
const LEADS: &[&[u8]] = &[b"PUBLIC KEY-----", b"CERTIFICATE-----", b"ssh-", b"ecdsa-sha2-"];

/// Adds what the text around the key at `span` tells about it.
pub(super) fn judge(window: &Window<'_>, span: &Range<usize>, key: &mut Key) {
    let text = window.bytes;
    if let Some(public) = key.public.take() {
        let before = span.start.saturating_sub(NEAR)..span.start;
        let after = span.end..text.len().min(span.end.saturating_add(NEAR));
        let mut left = MOST;
        if [before, after].into_iter().any(|part| holds(&text[part], &public, &mut left)) {
            key.evidence.push(Evidence::PublicHalfNearby);
        }
        key.public = Some(public);
    }
    let before = &text[span.start.saturating_sub(ID_NEAR)..span.start];
    let after = &text[span.end..text.len().min(span.end.saturating_add(ID_NEAR))];
    if let Some(id) = key_pair_id(before).or_else(|| key_pair_id(after)) {
        key.facts.add(Fact::KeyId(id.into()));
        key.facts.add(Fact::Service("cloudfront".into()));
    }
}

/// Whether a public key or certificate in `text` has the number `public` in it.
fn holds(text: &[u8], public: &[u8], left: &mut usize) -> bool {
    for lead in LEADS {
        for at in memchr::memmem::find_iter(text, lead) {
            let mut start = at + lead.len();
            if lead.ends_with(b"-") && !lead.ends_with(b"--") {
                // `ssh-rsa AAAA`: the rest of the name and a space.
                let name = &text[start..text.len().min(start + 48)];
                match memchr::memchr(b' ', name) {
                    Some(space) => start += space,
                    None => continue,
                }
            } else if memchr::memmem::rfind(&text[at.saturating_sub(32)..at], b"BEGIN").is_none() {
                continue;
            }
            if *left == 0 {
                return false;
            }
            *left -= 1;
            let symbols = Symbols::new(text, at, start, false);
            let found = body::decode(symbols, b"-----END", LONGEST);
            if memchr::memmem::find(&found, public).is_some() {
                return true;
            }
        }
    }
    false
}

/// An id of a CloudFront key pair: `APKA` and 16 base32 digits (IAM user guide,
/// unique identifiers).
fn key_pair_id(text: &[u8]) -> Option<&str> {
    let is_digit = |b: &u8| b.is_ascii_uppercase() || (b'2'..=b'7').contains(b);
    memchr::memmem::find_iter(text, b"APKA").find_map(|at| {
        let id = text.get(at..at + 20)?;
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let alone = !edge(at.checked_sub(1).and_then(|i| text.get(i))) && !edge(text.get(at + 20));
        if alone && id.iter().all(is_digit) { std::str::from_utf8(id).ok() } else { None }
    })
}
