//! Classes of bytes: for every byte of a text, which of a few classes it is in, as
//! one bit in a mask of 64.
//!
//! [`decode`](crate::decode) looks for encoded text by these masks. Every back end
//! gives exactly what a look-up of each byte gives.

use super::Backend;
#[cfg(target_arch = "aarch64")]
use super::aarch64;
#[cfg(target_arch = "x86_64")]
use super::x86_64;

/// The classes of 64 bytes of a text; the first byte is the lowest bit. Bytes behind
/// the text's end are in no class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// What base64 is made of: letters, digits, `+`, `/`, `-` and `_`.
    pub(crate) symbol: u64,
    /// Upper-case letters.
    pub(crate) upper: u64,
    /// Lower-case letters.
    pub(crate) lower: u64,
    /// Decimal digits.
    pub(crate) digit: u64,
    /// Zero bytes.
    pub(crate) zero: u64,
    /// Where an escape may begin, by the byte and the one behind it; see [`PAIRS`].
    pub(crate) escape: u64,
}

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// Classes of single bytes: those of [`Block`], then what begins a pair. The last one
/// is of bytes above 127, the others of ASCII.
pub(super) const CLASSES: usize = 7;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) const HIDDEN: usize = CLASSES - 1;

/// What an escape may begin with, and what may follow: percent-encoding, escapes of
/// languages, entities, quoted-printable, colours of terminals, ends of strings that
/// others may be joined to, and at last, all above 127, what characters without width
/// and others that writers put for plain ones begin with in UTF-8.
const PAIRS: [(&[u8], &[u8]); 7] = [
    (b"%", b"0123456789abcdefABCDEFu"),
    (b"\\", b"\\uUxe/0123\r\n"),
    (b"&", b"#alqg"),
    (b"=", b"0123456789ABCDEF\r\n"),
    (b"\x1b", b"["),
    (b"\"'`", b" \t\r\n+.&\\"),
    (b"\xc2\xe2\xef", b"\x80\x81\xa0\xad\xbb"),
];

/// The pair above 127 in [`FIRST`] and [`NEXT`].
pub(super) const ABOVE: u8 = 1 << (PAIRS.len() - 1);

const fn holds(bytes: &[u8], byte: u8) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == byte {
            return true;
        }
        i += 1;
    }
    false
}

/// For each byte without its highest bit, one bit for each pair that it may begin, or
/// that it may end.
const fn pairs(next: bool) -> [u8; 128] {
    let mut table = [0; 128];
    let mut pair = 0;
    while pair < PAIRS.len() {
        let bytes = if next { PAIRS[pair].1 } else { PAIRS[pair].0 };
        let mut i = 0;
        while i < bytes.len() {
            table[(bytes[i] & 127) as usize] |= 1 << pair;
            i += 1;
        }
        pair += 1;
    }
    table
}

pub(super) static FIRST: [u8; 128] = pairs(false);
pub(super) static NEXT: [u8; 128] = pairs(true);

/// Whether an escape may begin with these bytes.
#[inline]
fn is_pair(first: u8, next: u8) -> bool {
    let both = FIRST[usize::from(first & 127)] & NEXT[usize::from(next & 127)];
    match (first < 128, next < 128) {
        (true, true) => both & !ABOVE != 0,
        (false, false) => both & ABOVE != 0,
        _ => false,
    }
}

/// Whether a byte, without its highest bit, is in the class of that number.
const fn is_in(class: usize, byte: u8) -> bool {
    match class {
        0 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'),
        1 => byte.is_ascii_uppercase(),
        2 => byte.is_ascii_lowercase(),
        3 => byte.is_ascii_digit(),
        4 => byte == 0,
        5 => {
            let mut pair = 0;
            while pair + 1 < PAIRS.len() {
                if holds(PAIRS[pair].0, byte) {
                    return true;
                }
                pair += 1;
            }
            false
        }
        _ => holds(PAIRS[PAIRS.len() - 1].0, byte | 0x80),
    }
}

/// For each byte without its highest bit, one bit for each class.
pub(super) static BITS: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let mut class = 0;
        while class < CLASSES {
            if is_in(class, byte) {
                table[byte as usize] |= 1 << class;
            }
            class += 1;
        }
        byte += 1;
    }
    table
};

/// For each class and the low half of an ASCII byte, one bit for each upper half with
/// which it is in the class.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) static LOW: [[u8; 16]; CLASSES] = {
    let mut table = [[0; 16]; CLASSES];
    let mut byte = 0;
    while byte < 128 {
        let mut class = 0;
        while class < CLASSES {
            if is_in(class, byte) {
                table[class][byte as usize & 15] |= 1 << (byte >> 4);
            }
            class += 1;
        }
        byte += 1;
    }
    table
};

/// The bit of [`LOW`] for the upper [part](super::plan::parts) of a byte.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) static ROW: [u8; 16] = {
    let mut table = [0; 16];
    let mut part = 0;
    while part < 16 {
        table[part] = 1 << (part >> 1);
        part += 1;
    }
    table
};

impl Block {
    /// Looks every byte up; `bytes` are at most [`BLOCK`], `next` is the one behind them.
    pub(super) fn of(bytes: &[u8], next: Option<u8>) -> Self {
        let mut masks = [0u64; CLASSES - 2];
        let mut escape = 0;
        for (i, byte) in bytes.iter().enumerate() {
            if *byte < 128 {
                let bits = BITS[usize::from(*byte)];
                for (class, mask) in masks.iter_mut().enumerate() {
                    *mask |= u64::from(bits >> class & 1) << i;
                }
            }
            let next = bytes.get(i + 1).copied().or(next);
            escape |= u64::from(next.is_some_and(|next| is_pair(*byte, next))) << i;
        }
        let [symbol, upper, lower, digit, zero] = masks;
        Self { symbol, upper, lower, digit, zero, escape }
    }

    /// Of masks in the order of the classes, the last of which tell what begins a pair.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[inline(always)]
    pub(super) fn new(masks: [u64; CLASSES], bytes: &[u8]) -> Self {
        let [symbol, upper, lower, digit, zero, begin, hidden] = masks;
        let mut begin = begin | hidden;
        let mut escape = 0;
        while begin != 0 {
            let at = begin.trailing_zeros() as usize;
            begin &= begin - 1;
            let is_pair = bytes.get(at + 1).is_some_and(|next| is_pair(bytes[at], *next));
            escape |= u64::from(is_pair) << at;
        }
        Self { symbol, upper, lower, digit, zero, escape }
    }
}

impl Backend {
    /// Replaces `blocks` by the classes of `text`. The back end must be available.
    pub(crate) fn classify(self, text: &[u8], blocks: &mut Vec<Block>) {
        blocks.clear();
        blocks.reserve(text.len().div_ceil(BLOCK));
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::classify(text, blocks),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => x86_64::avx2::classify(text, blocks),
            #[cfg(target_arch = "aarch64")]
            Self::Neon if self.is_available() => aarch64::neon::classify(text, blocks),
            _ => {}
        }
        // What the back end left, which needs the byte behind a block.
        for at in (blocks.len() * BLOCK..text.len()).step_by(BLOCK) {
            let end = text.len().min(at + BLOCK);
            blocks.push(Block::of(&text[at..end], text.get(end).copied()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(text: &[u8]) -> Vec<Block> {
        let next = |i: usize| text.get((i + 1) * BLOCK).copied();
        text.chunks(BLOCK).enumerate().map(|(i, chunk)| Block::of(chunk, next(i))).collect()
    }

    #[test]
    fn every_back_end_gives_what_a_look_up_gives() {
        let mut text: Vec<u8> = (0..=255).collect();
        for (first, next) in PAIRS {
            for first in first {
                text.extend(next.iter().flat_map(|next| [*first, *next]));
            }
        }
        text.extend((0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8));
        for backend in Backend::available() {
            for start in 0..70 {
                for end in [start, start + 63, start + 64, start + 65, text.len()] {
                    let text = &text[start..end];
                    let mut blocks = vec![Block::default(); 3];
                    backend.classify(text, &mut blocks);
                    assert_eq!(blocks, expected(text), "{backend} from {start} to {end}");
                }
            }
        }
    }

    #[test]
    fn the_classes_are_what_they_are_called() {
        let block = Block::of(b"aZ9+/-_.%4 \\x&a=\n\x1b[\"+\0\xe2\x80 = \" x", None);
        assert_eq!(block.symbol & 0xff, 0b111_1111);
        assert_eq!((block.upper, block.lower & 7, block.digit & 15), (0b10, 0b1, 0b100));
        let at = |i: usize| block.escape >> i & 1 == 1;
        let escapes: Vec<usize> = (0..BLOCK).filter(|i| at(*i)).collect();
        assert_eq!(escapes, [8, 11, 13, 15, 17, 19, 22, 27]);
        assert_eq!(block.zero, 1 << 21);
    }
}
