//! Azure keys (§5.2): identifiable ones with their checksum, older ones without.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::draw::{ALNUM, Draw};

/// Marvin32 over `data`, its halves folded.
fn marvin(label: &[u8; 8], data: &[u8]) -> u32 {
    let seed = u64::from_be_bytes(*label);
    let (mut a, mut b) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |word: u32| {
        a = a.wrapping_add(word);
        b ^= a;
        a = a.rotate_left(20).wrapping_add(b);
        b = b.rotate_left(9) ^ a;
        a = a.rotate_left(27).wrapping_add(b);
        b = b.rotate_left(19);
    };
    let mut padded = data.to_vec();
    padded.push(0x80);
    while !padded.len().is_multiple_of(4) {
        padded.push(0);
    }
    for word in padded.chunks(4) {
        mix(word.iter().rev().fold(0, |n, byte| n << 8 | u32::from(*byte)));
    }
    mix(0);
    a ^ b
}

/// A kind of identifiable key: signature, bytes in all, a label of its seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind(pub(crate) &'static str, usize, &'static [u8; 8]);

pub(crate) const STORAGE: Kind = Kind("+ASt", 64, b"Default0");
pub(crate) const COSMOS: Kind = Kind("ACDb", 64, b"MastRW00");
pub(crate) const BATCH: Kind = Kind("+ABa", 64, b"AbAcct00");
pub(crate) const MESSAGING: &[Kind] = &[
    Kind("+ASb", 32, b"Manage00"),
    Kind("+ASb", 32, b"Send0000"),
    Kind("+AEh", 32, b"Listen00"),
    Kind("+ARm", 32, b"Send0000"),
];
pub(crate) const IOT: Kind = Kind("AIoT", 32, b"IoTHub00");
pub(crate) const EVENT_GRID: Kind = Kind("AZEG", 32, b"Default0");
pub(crate) const SERVICE: &[Kind] = &[
    Kind("APIM", 64, b"Tenant00"),
    Kind("+AMC", 64, b"Classic0"),
    Kind("AzCa", 32, b"Access00"),
    Kind("AzSe", 39, b"PAdmin00"),
    Kind("+ACR", 39, b"ACRDflt0"),
    Kind("AzFu", 40, b"Functi00"),
];

/// A key of a kind: random, with the signature before the checksum.
pub(crate) fn identifiable(draw: &mut Draw, kind: Kind) -> String {
    let Kind(signature, bytes, label) = kind;
    // The signature ends at the last whole character before the checksum.
    let offset = (bytes - 4) * 8 / 6 - 4;
    let mut text = STANDARD.encode(draw.bytes(bytes));
    text.replace_range(offset..offset + 4, signature);
    let mut key = STANDARD.decode(&text).unwrap_or_default();
    let sum = marvin(label, &key[..bytes - 4]).to_le_bytes();
    key[bytes - 4..].copy_from_slice(&sum);
    STANDARD.encode(key)
}

/// The key of a function: in the URL-safe alphabet.
pub(crate) fn url_safe(key: &str) -> String {
    key.replace('+', "-").replace('/', "_")
}

/// A key from before signatures.
pub(crate) fn plain(draw: &mut Draw, bytes: usize) -> String {
    STANDARD.encode(draw.bytes(bytes))
}

/// A number's digits, highest first, padded on the right.
fn digits(mut number: u32, alphabet: &str) -> String {
    let letters = alphabet.as_bytes();
    let mut out = Vec::new();
    while number > 0 {
        out.insert(0, letters[number as usize % letters.len()]);
        number /= letters.len() as u32;
    }
    while out.len() < 6 {
        out.push(letters[0]);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A common annotated key of 2024 to 2026.
pub(crate) fn annotated(draw: &mut Draw) -> String {
    let provider = draw.text(&["ACOG", "AZDO", "AZAC", "AZEG", "AZMP", "AZCS"]);
    let year = draw.text(&["A", "B"]);
    let month = draw.word(b"ABCDEFGHIJKL", 1);
    let body =
        format!("{}JQQJ99{year}{month}{}{provider}", draw.word(ALNUM, 52), draw.word(ALNUM, 16));
    let bytes = STANDARD.decode(&body).unwrap_or_default();
    let sum = marvin(b"Default0", &bytes).swap_bytes();
    let sum = digits(sum, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    format!("{body}{}", &sum[..4])
}

/// A client secret of an Entra application.
pub(crate) fn client_secret(draw: &mut Draw) -> String {
    const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
    let body = format!("{}8Q~{}", draw.word(ALNUM, 3), draw.word(ALPHABET.as_bytes(), 31));
    let sum = digits(marvin(b"AadPwd00", body.as_bytes()), ALPHABET);
    format!("{body}{}", &sum[..3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_checksums() {
        // Microsoft's own test keys.
        for (key, label) in [
            (format!("{}+ASbHpHeAI=", "a".repeat(33)), b"Send0000"),
            (format!("{}+ASt5mnCaw==", "a".repeat(76)), b"Default0"),
            (format!("{}AzSeCjhzCu", "a".repeat(42)), b"Query000"),
        ] {
            let bytes = STANDARD.decode(key).unwrap();
            let (body, sum) = bytes.split_at(bytes.len() - 4);
            assert_eq!(marvin(label, body).to_le_bytes(), sum);
        }
    }
}
