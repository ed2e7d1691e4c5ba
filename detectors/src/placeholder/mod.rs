//! Values that are no secrets: documentation, templates, fillers, masks.
//!
//! Rules come before lists: vendors mark their examples (`EXAMPLE`), templates
//! have delimiters, fillers repeat or count. The short list holds published
//! values that follow no rule.

pub mod password;

use crate::evidence::Reason;

/// Published values that follow no rule; each with its origin.
const PUBLISHED: &[&[u8]] = &[
    // Pair of the old Amazon S3 developer guide, in many test suites.
    b"0PN5J17HBGZHT7JJ3X82",
    b"uV3F3YluFJax1cknvbcGwgjvx4QpvB+leU8dUj2o",
    // Older S3 and EC2 guides.
    b"022QF06E7MXBSH9DHM02",
    b"44CF9590006BF252F707",
];

/// Words that stand in a value only if it is no value. Compared without case.
const MARKERS: &[&[u8]] = &[
    b"example",
    b"sample",
    b"placeholder",
    b"changeme",
    b"redacted",
    b"your_",
    b"your-",
    b"dummy",
    b"insert",
    b"replace",
    b"notreal",
    b"xxxxx",
    b"....",
    b"****",
];

/// Why a random-looking value is none, if it is none: a documentation value, a
/// template, a filler. For credentials of at least 16 characters; a random one
/// is refused about once in a million.
pub fn refusal(value: &[u8]) -> Option<Reason> {
    if PUBLISHED.contains(&value) || contains(value, b"EXAMPLE") {
        return Some(Reason::Documentation);
    }
    // `example` has 7 letters: in random base64 of length 40 any case of it
    // turns up once in 10^9.
    if MARKERS.iter().any(|m| contains_ignore_case(value, m)) || is_template(value) {
        return Some(Reason::Placeholder);
    }
    is_regular(value).then_some(Reason::NotRandom)
}

/// Whether a value is a reference to a value: `${X}`, `$X`, `{{ x }}`, `<x>`,
/// `%X%`, `#{x}`, `@X@`, `__X__`, `«x»`.
pub fn is_template(value: &[u8]) -> bool {
    let between = |open: &[u8], close: &[u8]| {
        value.len() > open.len() + close.len() && value.starts_with(open) && value.ends_with(close)
    };
    contains(value, b"${")
        || contains(value, b"{{")
        || contains(value, b"#{")
        || contains(value, b"$(")
        || contains(value, b"%(")
        || (contains(value, "«".as_bytes()) && contains(value, "»".as_bytes()))
        || between(b"<", b">")
        || between(b"[", b"]")
        || between(b"{", b"}")
        || between(b"%", b"%")
        || between(b"@", b"@")
        || between(b"__", b"__")
        || (value.first() == Some(&b'$')
            && value.len() > 1
            && value[1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_'))
}

/// Whether a value repeats a short unit, counts up or down through an alphabet,
/// or has one byte in most places.
pub fn is_regular(value: &[u8]) -> bool {
    let len = value.len();
    if len < 8 {
        return false;
    }
    let commonest = {
        let mut counts = [0usize; 256];
        for byte in value {
            counts[usize::from(*byte)] += 1;
        }
        counts.iter().copied().max().unwrap_or(0)
    };
    if commonest * 2 > len {
        return true;
    }
    let periodic =
        |period: usize| value.iter().zip(&value[period..]).filter(|(a, b)| a == b).count();
    if (1..=len / 3).any(|period| periodic(period) * 10 >= (len - period) * 9) {
        return true;
    }
    // Steps of the same size: `abcdef…`, `98765…`, `acegik…`.
    let steps = |by: i16| {
        value
            .windows(2)
            .filter(|two| {
                i16::from(two[1].to_ascii_lowercase()) - i16::from(two[0].to_ascii_lowercase())
                    == by
            })
            .count()
    };
    steps(1) * 2 > len || steps(-1) * 2 > len
}

/// Whether `value` holds `needle`.
pub fn contains(value: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(value, needle).is_some()
}

/// Whether `value` holds `needle`, which is in lower case, in any case.
pub fn contains_ignore_case(value: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let last_start = value.len().saturating_sub(needle.len() - 1);
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), &value[..last_start])
        .any(|at| value[at..at + needle.len()].eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_know_what_is_no_value() {
        for (value, reason) in [
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Reason::Documentation),
            ("uV3F3YluFJax1cknvbcGwgjvx4QpvB+leU8dUj2o", Reason::Documentation),
            ("AKIAXXXXXXXXXXXXXXXX", Reason::Placeholder),
            ("YOUR_SECRET_ACCESS_KEY_GOES_HERE", Reason::Placeholder),
            ("${AWS_SECRET_ACCESS_KEY}", Reason::Placeholder),
            ("{{ .Values.secretKey }}", Reason::Placeholder),
            ("<secret-access-key>", Reason::Placeholder),
            ("«secret-access-key»", Reason::Placeholder),
            ("%AWS_SECRET_ACCESS_KEY%", Reason::Placeholder),
            ("abcdefghijklmnopqrstuvwxyz0123456789ABCD", Reason::NotRandom),
            ("1234567890123456789012345678901234567890", Reason::NotRandom),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", Reason::NotRandom),
            ("deadbeefdeadbeefdeadbeefdeadbeef", Reason::NotRandom),
        ] {
            assert_eq!(refusal(value.as_bytes()), Some(reason), "{value}");
        }
        assert_eq!(refusal(b"9drTJvcXLB89EXRL9Fm5HmvzJ4dN1qkP3WnYbZ2c"), None);
    }

    #[test]
    fn words_are_found_in_any_case_at_both_ends() {
        for (value, expected) in [
            ("secret", true),
            ("xSECRET", true),
            ("SeCrEtx", true),
            ("ssecret", true),
            ("secre", false),
            ("sec ret", false),
            ("", false),
        ] {
            assert_eq!(contains_ignore_case(value.as_bytes(), b"secret"), expected, "{value}");
        }
    }
}
