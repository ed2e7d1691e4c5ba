//! Base64, in the standard and the URL-safe alphabet (RFC 4648 §4 and §5).

/// Value of a byte in the standard alphabet, with `-` and `_` accepted for `+`
/// and `/`; 0xff for every other byte.
const VALUES: [u8; 256] = {
    let mut table = [0xff; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut i = 0;
    while i < 64 {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// Whether the byte is in the standard alphabet (no padding).
pub const fn is_standard(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Whether the byte is in the URL-safe alphabet (no padding).
pub const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Decodes base64 in either alphabet, padded or not. ASCII white space between
/// the characters is skipped.
///
/// `None` if a byte is in neither alphabet, if the length cannot be (one
/// character over a multiple of four), if padding stands anywhere but at the
/// end or there is too much of it, or if the unused bits of the last character
/// are not zero: encoders write zeros, so other bits mean that the text was cut
/// or made up.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut held, mut padding, mut chars) = (0u32, 0u32, 0, 0usize);
    for byte in text {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => {}
        }
        let value = VALUES[usize::from(*byte)];
        if value == 0xff || padding > 0 {
            return None;
        }
        chars += 1;
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    let fits = match chars % 4 {
        0 => padding == 0,
        2 => padding == 0 || padding == 2,
        3 => padding <= 1,
        _ => false,
    };
    (fits && bits == 0).then_some(out)
}

/// Encodes in the standard alphabet with padding.
pub fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4648_vectors() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded.as_bytes()).unwrap(), plain.as_bytes());
            assert_eq!(decode(coded.trim_end_matches('=').as_bytes()).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        for text in ["Z", "Zg=", "Zg===", "Z=g=", "Zh==", "Zm9=", "Zm9v=", "Z*9v"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"-_+/").unwrap(), decode(b"+/-_").unwrap());
        assert_eq!(decode(b"Zm\r\n 9v").unwrap(), b"foo");
    }
}
