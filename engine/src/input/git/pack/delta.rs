//! Deltas: an object as pieces of another.

use std::ops::Range;

use crate::input::git::object::ObjectError;

/// A piece of an object that is made by a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where it begins in the object.
    pub(crate) at: u32,
    /// Its bytes.
    pub(crate) len: u32,
    /// Where they come from.
    pub(crate) source: Source,
}

/// Where a piece's bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The base, from this offset.
    Base(u32),
    /// The delta itself, from this offset.
    Delta(u32),
}

impl Span {
    /// The offset behind it.
    pub(crate) fn end(&self) -> u32 {
        self.at + self.len
    }
}

/// A delta that was checked: every copy lies in the base, and the pieces make an
/// object of the size that the delta declares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delta<'d> {
    data: &'d [u8],
    /// The pieces, in order, without a gap. Copies of neighbouring bytes are one.
    pub(crate) spans: &'d [Span],
    /// Bytes of the object.
    pub(crate) len: usize,
}

/// The sizes that a delta declares: of its base and of the object, and the rest.
pub(crate) fn sizes(data: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (base, rest) = size(data)?;
    let (object, rest) = size(rest)?;
    Some((base, object, rest))
}

/// A number in groups of seven bits, the lowest first.
fn size(data: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (i, byte) in data.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, &data[i + 1..]));
        }
    }
    None
}

impl<'d> Delta<'d> {
    /// Reads a delta against a base of `base_len` bytes. An object of more than
    /// `limit` bytes is refused.
    pub(crate) fn read(
        data: &'d [u8],
        base_len: usize,
        limit: usize,
        spans: &'d mut Vec<Span>,
    ) -> Result<Self, ObjectError> {
        let bad = |what: &str| ObjectError::damaged(format!("a delta {what}"));
        let (from, to, ops) = sizes(data).ok_or_else(|| bad("without its sizes"))?;
        if from != base_len as u64 {
            return Err(bad("of another base"));
        }
        let limit = limit.min(u32::MAX as usize / 2);
        if to > limit as u64 {
            return Err(ObjectError::TooLarge(to));
        }
        let len = to as usize;
        spans.clear();
        let mut at = 0usize;
        let mut i = data.len() - ops.len();
        while let Some(&op) = data.get(i) {
            i += 1;
            let (source, size) = if op & 0x80 != 0 {
                let mut number = |bits: u8, first: u8| {
                    let mut value = 0usize;
                    for b in 0..bits {
                        if op & (1 << (first + b)) != 0 {
                            value |= usize::from(*data.get(i)?) << (8 * b);
                            i += 1;
                        }
                    }
                    Some(value)
                };
                let offset = number(4, 0).ok_or_else(|| bad("that ends early"))?;
                let size = match number(3, 4).ok_or_else(|| bad("that ends early"))? {
                    0 => 0x10000,
                    size => size,
                };
                if offset + size > base_len {
                    return Err(bad("that copies beyond its base"));
                }
                (Source::Base(offset as u32), size)
            } else if op > 0 {
                let size = usize::from(op);
                if i + size > data.len() {
                    return Err(bad("that ends early"));
                }
                let source = Source::Delta(i as u32);
                i += size;
                (source, size)
            } else {
                return Err(bad("with an unknown instruction"));
            };
            if size > len - at {
                return Err(bad("that makes more than it declares"));
            }
            match (spans.last_mut(), source) {
                (Some(Span { len, source: Source::Base(from), .. }), Source::Base(offset))
                    if *from + *len == offset =>
                {
                    *len += size as u32;
                }
                _ => spans.push(Span { at: at as u32, len: size as u32, source }),
            }
            at += size;
        }
        if at != len {
            return Err(bad("that makes less than it declares"));
        }
        Ok(Self { data, spans, len })
    }

    /// A piece's bytes.
    pub(crate) fn bytes<'b>(&'b self, base: &'b [u8], span: &Span) -> &'b [u8] {
        let (from, at) = match span.source {
            Source::Base(at) => (base, at as usize),
            Source::Delta(at) => (self.data, at as usize),
        };
        &from[at..at + span.len as usize]
    }

    /// Makes the object; `out` has its size.
    pub(crate) fn apply(&self, base: &[u8], out: &mut [u8]) {
        for span in self.spans {
            out[span.at as usize..span.end() as usize].copy_from_slice(self.bytes(base, span));
        }
    }

    /// Appends the object's bytes from `start` to `end`; the piece of the number `first`,
    /// or one behind it, holds the first of them.
    pub(crate) fn append(
        &self,
        base: &[u8],
        first: usize,
        Range { start, end }: Range<usize>,
        out: &mut Vec<u8>,
    ) {
        let spans = self.spans.get(first..).unwrap_or_default();
        for span in spans.iter().skip_while(|span| span.end() as usize <= start) {
            let at = span.at as usize;
            if at >= end {
                break;
            }
            let bytes = self.bytes(base, span);
            out.extend_from_slice(&bytes[start.saturating_sub(at)..bytes.len().min(end - at)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &[u8] = b"0123456789abcdef";

    fn made(data: &[u8]) -> Result<Vec<u8>, ObjectError> {
        let mut spans = Vec::new();
        let delta = Delta::read(data, BASE.len(), 1000, &mut spans)?;
        let mut out = vec![0; delta.len];
        delta.apply(BASE, &mut out);
        for start in 0..=out.len() {
            let mut piece = Vec::new();
            delta.append(BASE, 0, start..out.len().min(start + 5), &mut piece);
            assert_eq!(piece, out[start..out.len().min(start + 5)]);
        }
        Ok(out)
    }

    #[test]
    fn pieces_make_the_object() {
        let delta = [16, 9, 0x91, 10, 4, 2, b'x', b'y', 0x90, 3];
        assert_eq!(made(&delta).unwrap(), b"abcdxy012");
        assert_eq!(made(&[16, 0]).unwrap(), b"");
    }

    #[test]
    fn neighbouring_copies_are_one() {
        let mut spans = Vec::new();
        let delta = [16, 8, 0x91, 2, 4, 0x91, 6, 4];
        let delta = Delta::read(&delta, 16, 100, &mut spans).unwrap();
        assert_eq!(delta.spans, [Span { at: 0, len: 8, source: Source::Base(2) }]);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for wrong in [
            &[][..],
            &[16],
            &[15, 1, 1, b'x'],
            &[16, 1, 0x91, 16, 1],
            &[16, 1, 0x91],
            &[16, 1, 3, b'x'],
            &[16, 1, 2, b'x', b'y'],
            &[16, 3, 2, b'x', b'y'],
            &[16, 1, 0],
            &[0xff; 30],
            &[16, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, b'x'],
        ] {
            assert!(made(wrong).is_err(), "{wrong:?}");
        }
    }
}
