//! A walk over the protobuf wire format, without a schema.
//!
//! Source of the format: protobuf.dev, "Encoding". Groups (wire types 3 and 4)
//! are refused: no token uses them.

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: a string, bytes or a message.
    Bytes(&'a [u8]),
    /// Wire type 5.
    Fixed32(u32),
}

/// Walks the fields of a message. Yields an error once and then nothing if the
/// bytes are no message.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

/// The bytes are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Walks the fields of `message`.
pub fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        if shift == 63 && *byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(len)?;
    *rest = tail;
    Some(head)
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u32, Value<'a>)> {
        let key = varint(&mut self.rest)?;
        let number = u32::try_from(key >> 3).ok().filter(|n| *n > 0)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.rest)?),
            1 => Value::Fixed64(u64::from_le_bytes(take(&mut self.rest, 8)?.try_into().ok()?)),
            2 => {
                let len = usize::try_from(varint(&mut self.rest)?).ok()?;
                Value::Bytes(take(&mut self.rest, len)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(take(&mut self.rest, 4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((number, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.rest = &[];
        }
        Some(field.ok_or(Malformed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_examples() {
        // protobuf.dev: { 1: 150 } and { 2: "testing" }.
        let mut walk = fields(&[0x08, 0x96, 0x01]);
        assert_eq!(walk.next(), Some(Ok((1, Value::Varint(150)))));
        assert_eq!(walk.next(), None);
        let bytes = b"\x12\x07testing";
        assert_eq!(fields(bytes).next(), Some(Ok((2, Value::Bytes(b"testing")))));
    }

    #[test]
    fn malformed_ends_the_walk() {
        for bytes in [&[0x12u8, 0x7f][..], &[0x0b], &[0x00, 0x00], &[0xff; 11], &[0x08]] {
            let mut walk = fields(bytes);
            assert_eq!(walk.next(), Some(Err(Malformed)), "{bytes:?}");
            assert_eq!(walk.next(), None);
        }
    }
}
