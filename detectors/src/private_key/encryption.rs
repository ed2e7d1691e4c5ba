//! What protects an encrypted key: PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292 §C)
//! schemes by their object identifiers.

use super::key::Key;
use crate::evidence::Reason;
use crate::verify::der::{self, Reader};

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
/// RFC 7914 §7.
const SCRYPT: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";

/// Schemes that name cipher and derivation in one: PKCS#5 version 1 and
/// PKCS#12.
const SCHEMES: &[(&[u8], &str)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x01", "pbeWithMD2AndDES-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03", "pbeWithMD5AndDES-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x06", "pbeWithMD5AndRC2-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0a", "pbeWithSHA1AndDES-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0b", "pbeWithSHA1AndRC2-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01", "pbeWithSHAAnd128BitRC4"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x02", "pbeWithSHAAnd40BitRC4"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03", "pbeWithSHAAnd3-KeyTripleDES-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04", "pbeWithSHAAnd2-KeyTripleDES-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05", "pbeWithSHAAnd128BitRC2-CBC"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06", "pbeWithSHAAnd40BitRC2-CBC"),
];

/// Ciphers of PBES2, with the block length that divides the ciphertext (1 if
/// there is none).
const CIPHERS: &[(&[u8], &str, usize)] = &[
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x02", "aes-128-cbc", 16),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x16", "aes-192-cbc", 16),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", "aes-256-cbc", 16),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x06", "aes-128-gcm", 1),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x1a", "aes-192-gcm", 1),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2e", "aes-256-gcm", 1),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x07", "des-ede3-cbc", 8),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x02", "rc2-cbc", 8),
    (b"\x2b\x0e\x03\x02\x07", "des-cbc", 8),
    (b"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x02", "camellia-128-cbc", 16),
    (b"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x04", "camellia-256-cbc", 16),
];

/// Pseudo-random functions of PBKDF2, by the last octet after
/// `1.2.840.113549.2`.
const PRFS: &[(u8, &str)] =
    &[(7, "SHA1"), (8, "SHA224"), (9, "SHA256"), (10, "SHA384"), (11, "SHA512")];

/// `EncryptedPrivateKeyInfo`: an algorithm and an octet string.
pub(super) fn encrypted_private_key(mut inside: Reader<'_>) -> Result<Key, Reason> {
    let mut algorithm = inside.sequence().ok_or(Reason::BadStructure)?;
    let ciphertext = inside.expect(der::OCTET_STRING).ok_or(Reason::BadStructure)?;
    if !inside.is_empty() || ciphertext.is_empty() {
        return Err(Reason::BadStructure);
    }
    let oid = algorithm.expect(der::OBJECT_IDENTIFIER).ok_or(Reason::BadStructure)?;
    let (cipher, block) = if oid == PBES2 {
        pbes2(algorithm).ok_or(Reason::BadStructure)?
    } else {
        match SCHEMES.iter().find(|(known, _)| *known == oid) {
            Some((_, name)) if name.contains("RC4") => ((*name).to_owned(), 1),
            Some((_, name)) => ((*name).to_owned(), 8),
            None => ("unknown".to_owned(), 1),
        }
    };
    if ciphertext.len() % block != 0 {
        return Err(Reason::WrongLength);
    }
    Ok(Key::new("encrypted-pkcs8", "unknown").encrypted(&cipher))
}

/// The name of a PBES2 scheme and the block length of its cipher.
fn pbes2(mut parameters: Reader<'_>) -> Option<(String, usize)> {
    let mut both = parameters.sequence()?;
    let mut derivation = both.sequence()?;
    let mut cipher = both.sequence()?;
    let oid = cipher.expect(der::OBJECT_IDENTIFIER)?;
    let (name, block) = CIPHERS
        .iter()
        .find(|(known, ..)| *known == oid)
        .map_or(("unknown", 1), |(_, name, block)| (*name, *block));
    let oid = derivation.expect(der::OBJECT_IDENTIFIER)?;
    let derived = match oid {
        PBKDF2 => pbkdf2(derivation)?,
        SCRYPT => {
            let mut numbers = derivation.sequence()?;
            numbers.expect(der::OCTET_STRING)?;
            format!("scrypt N={} r={} p={}", numbers.small()?, numbers.small()?, numbers.small()?)
        }
        _ => "unknown derivation".to_owned(),
    };
    Some((format!("{name}, {derived}"), block))
}

fn pbkdf2(mut derivation: Reader<'_>) -> Option<String> {
    let mut fields = derivation.sequence()?;
    fields.expect(der::OCTET_STRING)?;
    let rounds = fields.small()?;
    // The length of the key is optional.
    fields.expect(der::INTEGER);
    let prf = fields
        .sequence()
        .and_then(|mut prf| prf.expect(der::OBJECT_IDENTIFIER))
        .and_then(|oid| oid.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x02"));
    let prf = match prf {
        None => "SHA1",
        Some(last) => PRFS.iter().find(|(known, _)| [*known] == last).map_or("?", |(_, name)| name),
    };
    Some(format!("pbkdf2-hmac-{} {rounds} rounds", prf.to_ascii_lowercase()))
}
