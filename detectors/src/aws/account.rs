//! AWS account numbers, and the ones inside access key ids.

use crate::verify::base32;

/// Account numbers that documentation and emulators use.
const DOCUMENTATION: &[u64] = &[
    0,
    111_111_111_111,
    111_122_223_333,
    123_456_789_012,
    210_987_654_321,
    444_455_556_666,
    999_999_999_999,
];

/// The greatest account number: twelve digits.
const MAX: u64 = 999_999_999_999;

/// Whether only documentation and emulators use this account.
pub(crate) fn is_documentation(account: u64) -> bool {
    DOCUMENTATION.contains(&account)
}

/// What the body of an access key id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyBody {
    /// Made before 2019; no account inside.
    Old,
    /// Made since; belongs to this account.
    New(u64),
    /// Decodes to a number above twelve digits.
    Impossible,
}

/// Decodes the 16 characters after the prefix of an access key id.
///
/// They are 80 bits in base32: the first tells the generation, the next 40 are
/// the account number in the new one. Source: A. Steele, "AWS Access Key ID
/// formats" (2020) and WithSecure's analysis of 3,000 ids; verified with the
/// published vectors in the tests. `None` if a character is not base32.
pub(crate) fn decode(body: &[u8]) -> Option<KeyBody> {
    if body.len() != 16 {
        return None;
    }
    let bits = base32::number(body)?;
    if bits >> 79 == 0 {
        return Some(KeyBody::Old);
    }
    let account = (bits >> 39) as u64 & ((1 << 40) - 1);
    Some(if account > MAX { KeyBody::Impossible } else { KeyBody::New(account) })
}

/// Twelve digits as an account number.
pub(crate) fn parse(digits: &[u8]) -> Option<u64> {
    if digits.len() != 12 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |n, d| n * 10 + u64::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ids_decode() {
        for (id, account) in [
            ("ASIAY34FZKBOKMUTVV7A", 609_629_065_308),
            ("ASIAQNZGKIQY56JQ7WML", 29_608_264_753),
            ("AKIA6RVFFB77RE7OLMKI", 999_999_999_999),
            ("AKIARZPUZDIKGEXAMPLE", 123_456_789_012),
            ("ASIARTX3GSDSQEXAMPLE", 111_122_223_333),
        ] {
            assert_eq!(decode(&id.as_bytes()[4..]), Some(KeyBody::New(account)), "{id}");
        }
        assert_eq!(decode(b"IOSFODNN7EXAMPLE"), Some(KeyBody::Old));
        assert_eq!(decode(b"I44QH8DHBEXAMPLE"), None);
        assert_eq!(decode(b"7777777777777777"), Some(KeyBody::Impossible));
    }

    #[test]
    fn ranges_of_known_accounts() {
        // Account 0 is `QAAAAAAA[A-P]…`; the last bit of the eighth character
        // after that belongs to the rest.
        assert_eq!(decode(b"QAAAAAAAA2222222"), Some(KeyBody::New(0)));
        assert_eq!(decode(b"QAAAAAAAP2222222"), Some(KeyBody::New(0)));
        assert_eq!(decode(b"QAAAAAAAQ2222222"), Some(KeyBody::New(1)));
    }
}
