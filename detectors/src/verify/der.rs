//! A walk over DER, the distinguished encoding of ASN.1 (ITU-T X.690).
//!
//! The reader borrows, goes one value at a time and never recurses; who needs
//! what is inside a value makes a reader of its content. Only what
//! certificates and keys use is read: tag numbers below 31 and definite,
//! minimal lengths.

/// `BOOLEAN`.
pub const BOOLEAN: u8 = 0x01;
/// `INTEGER`.
pub const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
pub const OCTET_STRING: u8 = 0x04;
/// `NULL`.
pub const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// `SEQUENCE`, which is constructed.
pub const SEQUENCE: u8 = 0x30;

/// The tag of a constructed, context-specific value such as `[0]`.
pub const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One value: its tag and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// The identifier octet: class, constructed bit and number.
    pub tag: u8,
    /// The content.
    pub content: &'a [u8],
}

/// Tag, length of the header and length of the content of the value at the
/// start of `bytes`, which may be cut after the header.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first < 0x80 {
        return Some((tag, 2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    if !(1..=4).contains(&count) {
        return None;
    }
    let digits = bytes.get(2..2 + count)?;
    let len = digits.iter().fold(0u32, |n, d| n << 8 | u32::from(*d));
    // X.690 §10.1: the fewest octets that can hold the length.
    if digits[0] == 0 || len < 0x80 {
        return None;
    }
    Some((tag, 2 + count, usize::try_from(len).ok()?))
}

/// How many bytes the value at the start of `bytes` takes, going by its header
/// alone; the bytes may be fewer. `None` if there is no whole header.
pub fn total_len(bytes: &[u8]) -> Option<usize> {
    let (_, head, content) = header(bytes)?;
    head.checked_add(content)
}

/// Reads values that stand one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value; `None` if it is cut or malformed, and then nothing is
    /// consumed.
    pub fn value(&mut self) -> Option<Value<'a>> {
        let (tag, head, len) = header(self.rest)?;
        let content = self.rest.get(head..head.checked_add(len)?)?;
        self.rest = &self.rest[head + len..];
        Some(Value { tag, content })
    }

    /// The content of the next value if it has this tag; otherwise nothing is
    /// consumed.
    pub fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.peek()? != tag { None } else { Some(self.value()?.content) }
    }

    /// A reader of the content of the next value, which must be a `SEQUENCE`.
    pub fn sequence(&mut self) -> Option<Reader<'a>> {
        self.expect(SEQUENCE).map(Reader::new)
    }

    /// The magnitude of the next value, which must be an `INTEGER` of the
    /// fewest octets and not negative: big-endian, without leading zeros,
    /// empty for zero.
    pub fn natural(&mut self) -> Option<&'a [u8]> {
        match self.expect(INTEGER)? {
            [] => None,
            [0] => Some(&[]),
            [0, next, ..] if *next < 0x80 => None,
            [0, rest @ ..] => Some(rest),
            [first, ..] if *first >= 0x80 => None,
            content => Some(content),
        }
    }

    /// The next value, a not negative `INTEGER` below 2³².
    pub fn small(&mut self) -> Option<u32> {
        let digits = self.natural()?;
        (digits.len() <= 4).then(|| digits.iter().fold(0, |n, d| n << 8 | u32::from(*d)))
    }

    /// The whole octets of the next value, which must be a `BIT STRING`
    /// without unused bits.
    pub fn bits(&mut self) -> Option<&'a [u8]> {
        match self.expect(BIT_STRING)? {
            [0, octets @ ..] => Some(octets),
            _ => None,
        }
    }
}

/// The only value in `bytes`, which must be a `SEQUENCE` and reach to the last
/// byte.
pub fn only_sequence(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader::new(bytes);
    let inside = reader.sequence()?;
    reader.is_empty().then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410 §10.3: an Ed25519 private key.
    const RFC_8410: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
        \xd4\xee\x72\xdb\xf9\x13\x58\x4a\xd5\xb6\xd8\xf1\xf7\x69\xf8\xad\
        \x3a\xfe\x7c\x28\xcb\xf1\xd4\xfb\xe0\x97\xa8\x8f\x44\x75\x58\x42";

    #[test]
    fn a_published_key_is_walked() {
        let mut key = only_sequence(RFC_8410).unwrap();
        assert_eq!(key.small(), Some(0));
        let mut algorithm = key.sequence().unwrap();
        assert_eq!(algorithm.expect(OBJECT_IDENTIFIER), Some(&b"\x2b\x65\x70"[..]));
        assert!(algorithm.is_empty());
        let inner = key.expect(OCTET_STRING).unwrap();
        assert_eq!(Reader::new(inner).expect(OCTET_STRING).unwrap().len(), 32);
        assert!(key.is_empty());
        assert_eq!(total_len(&RFC_8410[..2]), Some(RFC_8410.len()));
    }

    #[test]
    fn lengths_and_integers_are_the_shortest() {
        for bytes in [
            &b"\x30\x80\x00\x00"[..],
            b"\x04\x81\x05hello",
            b"\x04\x82\x00\x85",
            b"\x04\x85\x01\x01\x01\x01\x01",
            b"\x1f\x81\x00",
            b"\x04\x03ab",
            b"\x04",
            b"",
        ] {
            assert_eq!(Reader::new(bytes).value(), None, "{bytes:x?}");
        }
        // X.690 §8.3: 127, 128, zero; then not minimal, negative, empty.
        assert_eq!(Reader::new(b"\x02\x01\x7f").natural(), Some(&b"\x7f"[..]));
        assert_eq!(Reader::new(b"\x02\x02\x00\x80").natural(), Some(&b"\x80"[..]));
        assert_eq!(Reader::new(b"\x02\x01\x00").small(), Some(0));
        assert_eq!(Reader::new(b"\x02\x02\x00\x7f").natural(), None);
        assert_eq!(Reader::new(b"\x02\x01\x80").natural(), None);
        assert_eq!(Reader::new(b"\x02\x00").natural(), None);
        assert_eq!(Reader::new(b"\x02\x05\x01\x00\x00\x00\x00").small(), None);
    }

    #[test]
    fn cut_and_flipped_bytes_do_no_harm() {
        for cut in 0..RFC_8410.len() {
            assert!(only_sequence(&RFC_8410[..cut]).is_none());
            for bit in 0..8 {
                let mut bytes = RFC_8410.to_vec();
                bytes[cut] ^= 1 << bit;
                let mut reader = Reader::new(&bytes);
                while let Some(value) = reader.value() {
                    let mut inside = Reader::new(value.content);
                    while inside.natural().is_some() || inside.value().is_some() {}
                }
            }
        }
    }
}
