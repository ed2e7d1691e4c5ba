//! From digits to bytes: base64 and hexadecimal.

use crate::prefilter::Backend;
use crate::prefilter::classes::sextet;

/// The values of base64 characters.
static SEXTETS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = sextet(byte as u8);
        byte += 1;
    }
    table
};

/// Appends what base64 characters say, of either alphabet. Bits that make no whole byte
/// are dropped; what others say is not defined.
pub(super) fn base64(backend: Backend, digits: &[u8], out: &mut Vec<u8>) {
    let rest = &digits[backend.base64(digits, out)..];
    let (fours, rest) = rest.as_chunks::<4>();
    let bits = |digits: &[u8]| -> u32 {
        digits.iter().fold(0, |bits, digit| bits << 6 | u32::from(SEXTETS[usize::from(*digit)]))
    };
    let at = out.len();
    out.resize(at + fours.len() * 3, 0);
    for (four, three) in fours.iter().zip(out[at..].as_chunks_mut::<3>().0) {
        let [_, bytes @ ..] = bits(four).to_be_bytes();
        *three = bytes;
    }
    let bytes = bits(rest) << (6 * (4 - rest.len()));
    out.extend_from_slice(&bytes.to_be_bytes()[1..][..rest.len() * 6 / 8]);
}

/// The value of a hexadecimal digit; any other byte gives any value.
#[inline]
fn nibble(digit: u8) -> u8 {
    let decimal = digit.wrapping_sub(b'0');
    let letter = (digit | 0x20).wrapping_sub(b'a').wrapping_add(10);
    (if decimal < 10 { decimal } else { letter }) & 15
}

/// Appends what pairs of hexadecimal digits say. A last one alone is dropped.
pub(super) fn hex(digits: &[u8], out: &mut Vec<u8>) {
    let pairs = digits.as_chunks::<2>().0.iter();
    out.extend(pairs.map(|[high, low]| nibble(*high) << 4 | nibble(*low)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        base64(Backend::Portable, text, &mut out);
        out
    }

    /// RFC 4648 §10.
    #[test]
    fn published_vectors() {
        let vectors = [
            ("", ""),
            ("Zg", "f"),
            ("Zm8", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("Zm9vYmE", "fooba"),
            ("Zm9vYmFy", "foobar"),
            ("Zm9vYmFyZm9vYmFyZm8", "foobarfoobarfo"),
        ];
        for (text, expected) in vectors {
            assert_eq!(said(text.as_bytes()), expected.as_bytes(), "{text}");
        }
        let mut out = Vec::new();
        hex(b"666F6f6261720", &mut out);
        assert_eq!(out, b"foobar");
    }

    #[test]
    fn every_character_has_its_value() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (value, symbol) in alphabet.iter().enumerate() {
            assert_eq!(usize::from(sextet(*symbol)), value);
        }
        assert_eq!((sextet(b'-'), sextet(b'_')), (62, 63));
        assert!((0..=255).all(|byte| sextet(byte) < 64 && nibble(byte) < 16));
    }

    #[test]
    fn as_the_decoder_of_values_on_every_back_end() {
        use leaksieve_detectors::encoding::base64::decode;
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
        let text: Vec<u8> = (0..2000u32)
            .map(|i| alphabet[(i.wrapping_mul(2_654_435_761) >> 20) as usize % 66])
            .collect();
        for len in (0..400).chain(1990..=2000) {
            let expected = said(&text[..len]);
            if len % 4 == 0 {
                assert_eq!(Some(&expected), decode(&text[..len]).as_ref());
            }
            for backend in Backend::available() {
                let mut out = b"kept".to_vec();
                base64(backend, &text[..len], &mut out);
                assert_eq!(out, [b"kept", &*expected].concat(), "{backend}, {len}");
            }
        }
    }
}
