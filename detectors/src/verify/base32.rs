//! Base32 (RFC 4648 §6), as AWS identifiers use it.

/// Value of an upper-case base32 character.
pub const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// The number whose base32 digits these are, most significant first; at most 25
/// characters. `None` if a character is no digit or there are too many.
pub fn number(digits: &[u8]) -> Option<u128> {
    if digits.len() > 25 {
        return None;
    }
    digits.iter().try_fold(0u128, |n, d| Some(n << 5 | u128::from(value(*d)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count() {
        assert_eq!(number(b"BA"), Some(32));
        assert_eq!(number(b"77"), Some(1023));
        assert_eq!(number(b"A1"), None);
        assert_eq!(number(&[b'A'; 26]), None);
    }
}
