//! Where content went when it was encoded.

use std::ops::Range;

/// Where each byte of a content stands in its encoded form.
#[derive(Clone, Debug)]
pub(crate) enum Cover {
    /// For each byte the encoded bytes that hold any of its bits, in order.
    Bytes(Vec<Range<usize>>),
    /// Nobody can say where one of them went.
    Whole,
}

/// Content in its encoded form.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) cover: Cover,
}

impl Encoded {
    /// The encoded bytes that hold any bit of a range of the content; of all of the content
    /// everything, what only fills up included.
    pub(crate) fn range(&self, range: &Range<usize>) -> Range<usize> {
        let all = 0..self.bytes.len();
        match &self.cover {
            Cover::Whole => all,
            Cover::Bytes(covers) if *range == (0..covers.len()) => all,
            Cover::Bytes(covers) => {
                let first = covers.get(range.start).map_or(all.end, |cover| cover.start);
                let last =
                    covers.get(range.end.saturating_sub(1)).map_or(all.end, |cover| cover.end);
                first..last.max(first)
            }
        }
    }

    /// Writes each item of the content in turn; an item is a number of bytes of the
    /// content, which share what is written for them.
    pub(crate) fn written<T>(
        items: impl Iterator<Item = (T, usize)>,
        mut write: impl FnMut(T, &mut Vec<u8>),
    ) -> Self {
        let (mut bytes, mut covers) = (Vec::new(), Vec::new());
        for (item, len) in items {
            let start = bytes.len();
            write(item, &mut bytes);
            covers.extend(std::iter::repeat_n(start..bytes.len(), len));
        }
        Self { bytes, cover: Cover::Bytes(covers) }
    }

    /// Writes each byte of the content in turn.
    pub(crate) fn by_byte(content: &[u8], mut write: impl FnMut(u8, &mut Vec<u8>)) -> Self {
        Self::written(content.iter().map(|&byte| (byte, 1)), |byte, out| write(byte, out))
    }

    /// Writes each character of the content in turn.
    pub(crate) fn by_char(content: &str, write: impl FnMut(char, &mut Vec<u8>)) -> Self {
        Self::written(content.chars().map(|c| (c, c.len_utf8())), write)
    }
}
