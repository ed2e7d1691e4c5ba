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
    /// What an escape begins with: `%`, `\`, `&`, `=` and ESC.
    pub(crate) lead: u64,
    /// Quotes of strings: `"`, `'` and `` ` ``.
    pub(crate) quote: u64,
    /// Zero bytes.
    pub(crate) zero: u64,
    /// What characters without width, and others that writers put for plain ones, begin
    /// with in UTF-8: 0xC2, 0xE2 and 0xEF.
    pub(crate) hidden: u64,
}

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// Classes; the last one is of bytes above 127, the others of ASCII.
pub(super) const CLASSES: usize = 8;
pub(super) const HIDDEN: usize = CLASSES - 1;

/// Whether a byte, without its highest bit, is in the class of that number, in the order
/// of [`Block`].
const fn is_in(class: usize, byte: u8) -> bool {
    match class {
        0 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'),
        1 => byte.is_ascii_uppercase(),
        2 => byte.is_ascii_lowercase(),
        3 => byte.is_ascii_digit(),
        4 => matches!(byte, b'%' | b'\\' | b'&' | b'=' | 0x1b),
        5 => matches!(byte, b'"' | b'\'' | b'`'),
        6 => byte == 0,
        _ => matches!(byte | 0x80, 0xc2 | 0xe2 | 0xef),
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
    pub(super) fn new(masks: [u64; CLASSES]) -> Self {
        let [symbol, upper, lower, digit, lead, quote, zero, hidden] = masks;
        Self { symbol, upper, lower, digit, lead, quote, zero, hidden }
    }

    /// Looks every byte up. At most [`BLOCK`] bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut masks = [0; CLASSES];
        for (i, byte) in bytes.iter().enumerate() {
            let above = if *byte < 128 { !(1 << HIDDEN) } else { 1 << HIDDEN };
            let bits = BITS[usize::from(byte & 127)] & above;
            for (class, mask) in masks.iter_mut().enumerate() {
                *mask |= u64::from(bits >> class & 1) << i;
            }
        }
        Self::new(masks)
    }
}

impl Backend {
    /// Replaces `blocks` by the classes of `text`. The back end must be available.
    pub(crate) fn classify(self, text: &[u8], blocks: &mut Vec<Block>) {
        blocks.clear();
        blocks.reserve(text.len().div_ceil(BLOCK));
        let whole = text.len() / BLOCK * BLOCK;
        let (full, rest) = text.split_at(whole);
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::classify(full, blocks),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => x86_64::avx2::classify(full, blocks),
            #[cfg(target_arch = "aarch64")]
            Self::Neon if self.is_available() => aarch64::neon::classify(full, blocks),
            _ => blocks.extend(full.chunks_exact(BLOCK).map(Block::of)),
        }
        if !rest.is_empty() {
            blocks.push(Block::of(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_back_end_gives_what_a_look_up_gives() {
        let mut text: Vec<u8> = (0..=255).collect();
        text.extend((0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8));
        for backend in Backend::available() {
            for start in 0..70 {
                for end in [start, start + 63, start + 64, start + 65, text.len()] {
                    let text = &text[start..end];
                    let expected: Vec<Block> = text.chunks(BLOCK).map(Block::of).collect();
                    let mut blocks = vec![Block::default(); 3];
                    backend.classify(text, &mut blocks);
                    assert_eq!(blocks, expected, "{backend} from {start} to {end}");
                }
            }
        }
    }

    #[test]
    fn the_classes_are_what_they_are_called() {
        let block = Block::of(b"aZ9+/-_= %\\&\x1b\"'`\0\xe2.");
        assert_eq!(block.symbol, 0b111_1111);
        assert_eq!((block.upper, block.lower), (0b10, 0b1));
        assert_eq!(block.lead, 1 << 7 | 0b1111 << 9);
        assert_eq!(block.quote, 0b111 << 13);
        assert_eq!(block.digit, 0b100);
        assert_eq!((block.zero, block.hidden), (1 << 16, 1 << 17));
    }
}
