//! From digits to bytes: base64 and hexadecimal.

/// The value of a character of either base64 alphabet (RFC 4648 §4 and §5); any other
/// byte gives any value below 64.
#[inline]
fn sextet(symbol: u8) -> u8 {
    let (upper, lower) = (symbol.wrapping_sub(b'A'), symbol.wrapping_sub(b'a'));
    let digit = symbol.wrapping_sub(b'0');
    let sign = if symbol == b'+' || symbol == b'-' { 62 } else { 63 };
    // Plain choices, which compile to vector instructions.
    let value = if digit < 10 { digit + 52 } else { sign };
    let value = if lower < 26 { lower + 26 } else { value };
    if upper < 26 { upper } else { value }
}

/// The value of a hexadecimal digit; any other byte gives any value.
#[inline]
fn nibble(digit: u8) -> u8 {
    let decimal = digit.wrapping_sub(b'0');
    let letter = (digit | 0x20).wrapping_sub(b'a').wrapping_add(10);
    (if decimal < 10 { decimal } else { letter }) & 15
}

/// Replaces `values` by those of base64 characters.
pub(super) fn sextets(symbols: &[u8], values: &mut Vec<u8>) {
    values.clear();
    values.extend(symbols.iter().map(|symbol| sextet(*symbol)));
}

/// Replaces `values` by those of hexadecimal digits.
pub(super) fn nibbles(digits: &[u8], values: &mut Vec<u8>) {
    values.clear();
    values.extend(digits.iter().map(|digit| nibble(*digit)));
}

/// Appends the bytes that sextets say. Bits that make no whole byte are dropped.
pub(super) fn pack_sextets(values: &[u8], out: &mut Vec<u8>) {
    let (eights, rest) = values.as_chunks::<8>();
    let at = out.len();
    out.resize(at + eights.len() * 6, 0);
    for (eight, six) in eights.iter().zip(out[at..].as_chunks_mut::<6>().0) {
        let x = u64::from_be_bytes(*eight);
        // Six bits of eight each, joined in pairs three times.
        let x = (x & 0x3f00_3f00_3f00_3f00) >> 2 | x & 0x003f_003f_003f_003f;
        let x = (x & 0x0fff_0000_0fff_0000) >> 4 | x & 0x0000_0fff_0000_0fff;
        let x = (x & 0x00ff_ffff_0000_0000) >> 8 | x & 0x0000_0000_00ff_ffff;
        let [_, _, bytes @ ..] = x.to_be_bytes();
        *six = bytes;
    }
    for four in rest.chunks(4) {
        let bits = four.iter().fold(0u32, |bits, value| bits << 6 | u32::from(*value));
        let bits = bits << (6 * (4 - four.len()));
        out.extend_from_slice(&bits.to_be_bytes()[1..][..four.len() * 6 / 8]);
    }
}

/// Fewer base64 characters say nothing worth looking at unless they say text.
pub(super) const SHORT: usize = 64;

/// Whether of what sextets say, no more than a third is above ASCII. Compressed or
/// scrambled data has half of its bytes there.
pub(super) fn may_be_text(values: &[u8]) -> bool {
    // The highest bits of the three bytes of four sextets.
    let above = |four: &[u8; 4]| {
        u32::from(four[0] >> 5 & 1) + u32::from(four[1] >> 3 & 1) + u32::from(four[2] >> 1 & 1)
    };
    let fours = values.as_chunks::<4>().0;
    fours.iter().map(above).sum::<u32>() as usize <= fours.len()
}

/// Appends the bytes that pairs of nibbles say. A last one alone is dropped.
pub(super) fn pack_nibbles(values: &[u8], out: &mut Vec<u8>) {
    out.extend(values.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base64(text: &[u8]) -> Vec<u8> {
        let (mut values, mut out) = (Vec::new(), Vec::new());
        sextets(text, &mut values);
        pack_sextets(&values, &mut out);
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
            assert_eq!(base64(text.as_bytes()), expected.as_bytes(), "{text}");
        }
        let (mut values, mut out) = (Vec::new(), Vec::new());
        nibbles(b"666F6f6261720", &mut values);
        pack_nibbles(&values, &mut out);
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
    fn text_in_any_language_may_be_text() {
        let mut values = Vec::new();
        for (text, is_text) in [
            ("cGFzc3dvcmQ9aHVudGVyMg", true),
            ("TcO8bmNoZW46IHDDpHNzd29ydA", true),
            ("nP3k8bWc7uKUvZ3o1crKyw", false),
        ] {
            sextets(text.as_bytes(), &mut values);
            assert_eq!(may_be_text(&values), is_text, "{text}");
        }
    }

    #[test]
    fn as_the_decoder_of_values() {
        use leaksieve_detectors::encoding::base64::decode;
        let text = b"Gk8_tX-qLwZ0b3VjaHN0b25lc0FCQ0RFRkdISQ";
        for len in (0..=text.len()).filter(|len| len % 4 == 0) {
            assert_eq!(Some(base64(&text[..len])), decode(&text[..len]));
        }
    }
}
