//! Private keys in DER: PKCS#1 (RFC 8017 §A.1.2), PKCS#8 (RFC 5958), SEC 1
//! (RFC 5915), OpenSSL's form of DSA keys, and encrypted PKCS#8 (RFC 8018).
//!
//! What a block holds is told by its shape, not by its label: tools have
//! written most of these under most labels.

use super::elliptic::{self, Curve, Scalar};
use super::encryption;
use super::key::{Dsa, Key, Rsa};
use super::published;
use crate::evidence::{Reason, Verdict};
use crate::fact::Fact;
use crate::verify::der::{self, Reader};

/// rsaEncryption and id-RSASSA-PSS (RFC 8017 §A.1, §A.2.3).
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
/// id-ecPublicKey (RFC 5480 §2.1.1).
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// id-dsa (RFC 3279 §2.3.2).
const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";
/// dhKeyAgreement of PKCS#3 and dhpublicnumber of X9.42 (RFC 3279 §2.3.3).
const DH: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01";
const DHX: &[u8] = b"\x2a\x86\x48\xce\x3e\x02\x01";
/// TPM 2.0 key blobs of `tpm2-tss-engine`, under 2.23.133.10.1.
const TPM: &[u8] = b"\x67\x81\x05\x0a\x01";

/// RFC 8410 §3: the curves whose keys are byte strings, with their length.
const BYTE_STRINGS: &[(&[u8], &str, usize)] = &[
    (b"\x2b\x65\x6e", "x25519", 32),
    (b"\x2b\x65\x6f", "x448", 56),
    (b"\x2b\x65\x70", "ed25519", 32),
    (b"\x2b\x65\x71", "ed448", 57),
];

/// The most primes of an RSA key; OpenSSL allows five.
const MOST_PRIMES: usize = 8;

/// Reads exactly one key. The bytes may be anything.
pub(super) fn read(bytes: &[u8]) -> Result<Key, Reason> {
    match der::total_len(bytes) {
        Some(len) if len > bytes.len() => return Err(Reason::Truncated),
        Some(len) if len == bytes.len() => {}
        _ => return Err(Reason::BadStructure),
    }
    let outer = der::only_sequence(bytes).ok_or(Reason::BadStructure)?;
    let mut head = outer;
    match head.value().map(|v| v.tag) {
        Some(der::SEQUENCE) => encryption::encrypted_private_key(outer),
        Some(der::OBJECT_IDENTIFIER) => {
            let mut inner = outer;
            match inner.expect(der::OBJECT_IDENTIFIER) {
                Some(oid) if oid.starts_with(TPM) => Err(Reason::NoSecret),
                _ => unknown(outer),
            }
        }
        Some(der::INTEGER) => match head.peek() {
            Some(der::SEQUENCE) => pkcs8(outer),
            Some(der::OCTET_STRING) => sec1(outer, None, "sec1"),
            Some(der::INTEGER) => {
                let mut count = outer;
                let mut integers = 0;
                while count.natural().is_some() {
                    integers += 1;
                }
                if integers == 6 && count.is_empty() { dsa(outer) } else { pkcs1(outer, "pkcs1") }
            }
            _ => unknown(outer),
        },
        _ => unknown(outer),
    }
}

/// A structure that is whole, of a kind that is not known here.
fn unknown(mut inside: Reader<'_>) -> Result<Key, Reason> {
    let mut values = 0;
    while inside.value().is_some() {
        values += 1;
    }
    if values == 0 || !inside.is_empty() {
        return Err(Reason::BadStructure);
    }
    let mut key = Key::new("der", "unknown");
    key.verdict = Verdict::Neutral;
    Ok(key)
}

fn pkcs1(mut inside: Reader<'_>, format: &'static str) -> Result<Key, Reason> {
    let version = inside.small().ok_or(Reason::BadStructure)?;
    let mut next = || inside.natural().ok_or(Reason::BadStructure);
    let (n, e, d) = (next()?, next()?, next()?);
    let (p, q, dp, _dq, _inverse) = (next()?, next()?, next()?, next()?, next()?);
    let mut more = [&[][..]; MOST_PRIMES];
    let mut primes = 0;
    if version == 1 {
        let mut others = inside.sequence().ok_or(Reason::BadStructure)?;
        while let Some(mut other) = others.sequence() {
            let slot = more.get_mut(primes).ok_or(Reason::BadStructure)?;
            *slot = other.natural().ok_or(Reason::BadStructure)?;
            primes += 1;
        }
        if !others.is_empty() {
            return Err(Reason::BadStructure);
        }
    }
    if version > 1 || !inside.is_empty() {
        return Err(Reason::BadStructure);
    }
    if d.is_empty() && p.is_empty() {
        return Err(Reason::NoSecret);
    }
    Rsa { n, e, p, q, dp, more: &more[..primes] }.judge(format)
}

fn dsa(mut inside: Reader<'_>) -> Result<Key, Reason> {
    let version = inside.small().ok_or(Reason::BadStructure)?;
    let mut next = || inside.natural().ok_or(Reason::BadStructure);
    let (p, q, g, y, x) = (next()?, next()?, next()?, next()?, next()?);
    if version != 0 {
        return Err(Reason::BadStructure);
    }
    Dsa { p, q, g, y: Some(y), x }.judge("dsa")
}

/// `ECPrivateKey`. `curve` is the content of the parameters that stand outside.
fn sec1(
    mut inside: Reader<'_>,
    outside: Option<&'static Curve>,
    format: &'static str,
) -> Result<Key, Reason> {
    if inside.small() != Some(1) {
        return Err(Reason::BadStructure);
    }
    let secret = inside.expect(der::OCTET_STRING).ok_or(Reason::BadStructure)?;
    let mut curve = outside;
    if let Some(parameters) = inside.expect(der::context(0)) {
        let mut parameters = Reader::new(parameters);
        if let Some(oid) = parameters.expect(der::OBJECT_IDENTIFIER) {
            curve = elliptic::by_oid(oid).or(curve);
        } else if parameters.value().is_none() {
            return Err(Reason::BadStructure);
        }
        if !parameters.is_empty() {
            return Err(Reason::BadStructure);
        }
    }
    let point = match inside.expect(der::context(1)) {
        Some(point) => Some(Reader::new(point).bits().ok_or(Reason::BadStructure)?),
        None => None,
    };
    if !inside.is_empty() || !(14..=72).contains(&secret.len()) {
        return Err(Reason::BadStructure);
    }
    Scalar { curve, secret, point }.judge(format)
}

fn pkcs8(mut inside: Reader<'_>) -> Result<Key, Reason> {
    let version = inside.small().ok_or(Reason::BadStructure)?;
    let mut algorithm = inside.sequence().ok_or(Reason::BadStructure)?;
    let oid = algorithm.expect(der::OBJECT_IDENTIFIER).ok_or(Reason::BadStructure)?;
    let secret = inside.expect(der::OCTET_STRING).ok_or(Reason::BadStructure)?;
    // Attributes, and since version 1 the public key (RFC 5958 §2).
    inside.expect(der::context(0));
    let public = inside.expect(0x81).or_else(|| inside.expect(der::context(1)));
    if version > 1 || !inside.is_empty() {
        return Err(Reason::BadStructure);
    }
    match oid {
        RSA | RSA_PSS => {
            let key = der::only_sequence(secret).ok_or(Reason::BadStructure)?;
            pkcs1(key, "pkcs8")
        }
        EC => {
            let curve = algorithm.expect(der::OBJECT_IDENTIFIER).and_then(elliptic::by_oid);
            let key = der::only_sequence(secret).ok_or(Reason::BadStructure)?;
            sec1(key, curve, "pkcs8")
        }
        DSA => {
            let mut numbers = algorithm.sequence().ok_or(Reason::BadStructure)?;
            let mut next = || numbers.natural().ok_or(Reason::BadStructure);
            let (p, q, g) = (next()?, next()?, next()?);
            let x = Reader::new(secret).natural().ok_or(Reason::BadStructure)?;
            Dsa { p, q, g, y: None, x }.judge("pkcs8")
        }
        DH | DHX => {
            let mut numbers = algorithm.sequence().ok_or(Reason::BadStructure)?;
            let p = numbers.natural().ok_or(Reason::BadStructure)?;
            let x = Reader::new(secret).natural().ok_or(Reason::BadStructure)?;
            published::check(x)?;
            if x.is_empty() || x.len() > p.len() {
                return Err(Reason::InconsistentKey);
            }
            Ok(Key::new("pkcs8", "dh").with(Fact::Bits(8 * p.len() as u32)))
        }
        _ => match BYTE_STRINGS.iter().find(|(known, ..)| *known == oid) {
            Some((_, kind, len)) => byte_string(secret, public, kind, *len),
            None => {
                let mut key = Key::new("pkcs8", "unknown");
                key.verdict = Verdict::Neutral;
                Ok(key)
            }
        },
    }
}

/// RFC 8410 §7: an octet string inside the octet string.
fn byte_string(
    secret: &[u8],
    public: Option<&[u8]>,
    kind: &str,
    len: usize,
) -> Result<Key, Reason> {
    let mut inner = Reader::new(secret);
    let seed = inner.expect(der::OCTET_STRING).ok_or(Reason::BadStructure)?;
    if !inner.is_empty() || seed.len() != len {
        return Err(Reason::WrongLength);
    }
    published::check(seed)?;
    if crate::placeholder::is_regular(seed) {
        return Err(Reason::NotRandom);
    }
    let public = match public {
        Some([0, public @ ..]) if public.len() == len => Some(public),
        Some(_) => return Err(Reason::WrongLength),
        None => None,
    };
    if kind == "ed25519" {
        return elliptic::ed25519("pkcs8", seed, public);
    }
    let key = Key::new("pkcs8", kind);
    Ok(match public {
        Some(public) => key.with_public(public),
        None => key,
    })
}
