//! The data types of the SSH protocol (RFC 4251 §5), in which OpenSSH, PuTTY
//! and SSH2 keys are written.

/// Reads values that stand one after the other. Every method consumes nothing
/// if it yields `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// As many bytes.
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(len)?;
        self.rest = tail;
        Some(head)
    }

    /// `uint32`.
    pub(super) fn uint32(&mut self) -> Option<u32> {
        self.take(4).map(|b| b.iter().fold(0, |n, d| n << 8 | u32::from(*d)))
    }

    /// `string`.
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        let before = *self;
        let len = self.uint32()?;
        let taken = usize::try_from(len).ok().and_then(|len| self.take(len));
        if taken.is_none() {
            *self = before;
        }
        taken
    }

    /// `string` of printable ASCII, as names are.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let before = *self;
        let name = self.string().and_then(printable);
        if name.is_none() {
            *self = before;
        }
        name
    }

    /// A positive `mpint` or zero, without leading zeros.
    pub(super) fn mpint(&mut self) -> Option<&'a [u8]> {
        let before = *self;
        match self.string() {
            Some([0, rest @ ..]) => Some(rest),
            Some([first, ..]) if *first >= 0x80 => {
                *self = before;
                None
            }
            other => other,
        }
    }
}

/// The bytes as text, if they are printable ASCII.
pub(super) fn printable(bytes: &[u8]) -> Option<&str> {
    let fits = bytes.iter().all(|b| (b' '..=b'~').contains(b));
    if fits { std::str::from_utf8(bytes).ok() } else { None }
}

/// Appends a `string`.
pub(super) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}

/// Appends a positive `mpint`; `magnitude` is big-endian, without leading
/// zeros.
pub(super) fn put_mpint(out: &mut Vec<u8>, magnitude: &[u8]) {
    let sign = usize::from(magnitude.first().is_some_and(|b| *b >= 0x80));
    out.extend(((magnitude.len() + sign) as u32).to_be_bytes());
    out.extend(&[0][..sign]);
    out.extend(magnitude);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4251_examples() {
        let mut reader = Reader::new(b"\x29\xb7\xf4\xaa\x00\x00\x00\x07testing");
        assert_eq!(reader.uint32(), Some(699_921_578));
        assert_eq!(reader.name(), Some("testing"));
        assert!(reader.rest().is_empty());
        for (bytes, magnitude) in [
            (&b"\0\0\0\0"[..], &b""[..]),
            (b"\0\0\0\x08\x09\xa3\x78\xf9\xb2\xe3\x32\xa7", b"\x09\xa3\x78\xf9\xb2\xe3\x32\xa7"),
            (b"\0\0\0\x02\0\x80", b"\x80"),
        ] {
            assert_eq!(Reader::new(bytes).mpint(), Some(magnitude));
            let mut written = Vec::new();
            put_mpint(&mut written, magnitude);
            assert_eq!(written, bytes);
        }
        assert_eq!(Reader::new(b"\0\0\0\x02\xed\xcc").mpint(), None);
        assert_eq!(Reader::new(b"\xff\xff\xff\xffab").string(), None);
    }
}
