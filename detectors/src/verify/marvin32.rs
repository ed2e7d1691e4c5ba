//! Marvin32, the checksum inside Microsoft's identifiable keys, and the forms in
//! which keys carry it.
//!
//! A key's last four decoded bytes are the checksum of all before them, under a
//! seed that is an ASCII label of eight characters and differs from service to
//! service. Client secrets of Entra and "common annotated" keys write it in
//! letters and digits.
//!
//! Sources: SymCrypt (algorithm and known answers); microsoft/security-utilities,
//! `IdentifiableSecrets.cs`, `IdentifiableMetadata.cs` and its published test keys.

/// Marvin32 under a seed of 64 bits, its two halves folded to 32 bits.
pub fn checksum(seed: u64, data: &[u8]) -> u32 {
    let (low, high) = halves(seed, data);
    low ^ high
}

/// The two halves of Marvin32, the low one first.
fn halves(seed: u64, data: &[u8]) -> (u32, u32) {
    let mut low = seed as u32;
    let mut high = (seed >> 32) as u32;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        low = low.wrapping_add(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        block(&mut low, &mut high);
    }
    let rest = words.remainder();
    let mut last = [0u8; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    low = low.wrapping_add(u32::from_le_bytes(last));
    block(&mut low, &mut high);
    block(&mut low, &mut high);
    (low, high)
}

fn block(low: &mut u32, high: &mut u32) {
    *high ^= *low;
    *low = low.rotate_left(20).wrapping_add(*high);
    *high = high.rotate_left(9) ^ *low;
    *low = low.rotate_left(27).wrapping_add(*high);
    *high = high.rotate_left(19);
}

/// The seed that a label names.
pub const fn seed(label: &[u8; 8]) -> u64 {
    u64::from_be_bytes(*label)
}

/// Whether the last four bytes of a decoded key are the checksum of the others
/// under one of the labels.
pub fn ends_with_checksum(key: &[u8], labels: &[&[u8; 8]]) -> bool {
    let Some((body, sum)) = key.split_last_chunk::<4>() else { return false };
    let sum = u32::from_le_bytes(*sum);
    labels.iter().any(|label| checksum(seed(label), body) == sum)
}

/// The alphabet in which client secrets write their checksum.
const CLIENT_SECRET: &[u8; 66] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// The characters of a client secret before its checksum.
pub const CLIENT_SECRET_BODY: usize = 37;

/// The last three characters of the Entra client secret that starts with `body`.
pub fn client_secret_tail(body: &[u8; CLIENT_SECRET_BODY]) -> [u8; 3] {
    let digits = in_digits(checksum(seed(b"AadPwd00"), body), CLIENT_SECRET);
    [digits[0], digits[1], digits[2]]
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number's digits in an alphabet, the highest first, padded with the
/// alphabet's first character to six on the right.
fn in_digits(mut number: u32, alphabet: &[u8]) -> [u8; 6] {
    let base = alphabet.len() as u32;
    let mut digits = Vec::with_capacity(6);
    while number > 0 && digits.len() < 6 {
        digits.push(alphabet[(number % base) as usize]);
        number /= base;
    }
    digits.reverse();
    digits.resize(6, alphabet[0]);
    let mut out = [alphabet[0]; 6];
    out.copy_from_slice(&digits);
    out
}

/// The first four characters of the checksum of a common annotated key, from its
/// first 60 decoded bytes: as it is written today, and as older issues wrote it.
pub fn annotated_tails(body: &[u8; 60]) -> [[u8; 4]; 2] {
    let sum = checksum(seed(b"Default0"), body).to_le_bytes();
    let digits = in_digits(u32::from_be_bytes(sum), BASE62);
    let raw = crate::encoding::base64::encode(&sum);
    let mut old = [0; 4];
    old.copy_from_slice(&raw.as_bytes()[..4]);
    [[digits[0], digits[1], digits[2], digits[3]], old]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64;

    #[test]
    fn known_answers() {
        let joined = |seed, data: &[u8]| {
            let (low, high) = halves(seed, data);
            u64::from(high) << 32 | u64::from(low)
        };
        assert_eq!(joined(0xD53C_D9CE_CD08_93B7, b"abc"), 0x22C7_4339_4927_69BF);
        assert_eq!(
            joined(0x0DDD_DEEE_EFFF_F000, b"abcdefghijklmnopqrstuvwxyz"),
            0xA128_EB7E_7260_ACA2
        );
        assert_eq!(joined(0x004F_B61A_001B_DBCC, b""), 0x30ED_35C1_00CD_3C7D);
        assert_eq!(seed(b"Default0"), 0x4465_6661_756C_7430);
    }

    #[test]
    fn published_keys() {
        let long = "a".repeat(76);
        let short = "a".repeat(33);
        for (key, label) in [
            (format!("{short}+ASbHpHeAI="), b"Send0000"),
            (format!("{long}+ASt5mnCaw=="), b"Default0"),
            (format!("{long}+ABa13FZVQ=="), b"AbAcct00"),
            (format!("{long}APIMHbKhsQ=="), b"Tenant00"),
            (format!("{short}AIoTOumzco="), b"IoTHub00"),
            (format!("{}AZEGLiQbng=", "b".repeat(33)), b"Default0"),
            (format!("{}AzSeCjhzCu", "a".repeat(42)), b"Query000"),
            (format!("{}+ACRCUDxQE", "d".repeat(42)), b"ACRDflt0"),
            (format!("{}AzFu182vhA==", "d".repeat(44)), b"System00"),
        ] {
            let bytes = base64::decode(key.as_bytes()).unwrap();
            assert!(ends_with_checksum(&bytes, &[label]), "{key}");
            assert!(ends_with_checksum(&bytes, &[b"Unknown0", label]), "{key}");
            assert!(!ends_with_checksum(&bytes, &[b"Unknown0"]), "{key}");
        }
        assert!(!ends_with_checksum(b"abc", &[b"Default0"]));
    }

    #[test]
    fn client_secrets() {
        let text = format!("zzz8Q~{}", "z".repeat(31));
        let body: [u8; 37] = text.as_bytes().try_into().unwrap();
        assert_eq!(&client_secret_tail(&body), b"blP");
    }

    #[test]
    fn annotated_keys() {
        for tail in ["AZDO4IOp", "ACOG4XMg", "AZCS1fmH", "AZEG1oEX"] {
            let text = format!("{}JQQJ99BA{}{tail}", "A".repeat(52), "A".repeat(16));
            let bytes = base64::decode(&text.as_bytes()[..80]).unwrap();
            let tails = annotated_tails(bytes.as_slice().try_into().unwrap());
            assert_eq!(tails[0], text.as_bytes()[80..], "{tail}");
        }
    }
}
