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

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// The number of a block of a text, and a mask of its bytes, the first byte lowest.
pub(crate) type Masked = (usize, u64);

/// Characters in a row that make a run.
pub(crate) const RUN: usize = 16;

/// What in a text may be encoded, by blocks; most have none of it.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The blocks that digits may stand in that say ASCII, by their numbers; more than
    /// there are, and not the same on all back ends. Of digits in two blocks, either may
    /// be there.
    pub(crate) digits: Vec<usize>,
    /// Zero bytes.
    pub(crate) zeros: Vec<Masked>,
    /// Where an escape may begin, by the byte and the one behind it; see [`PAIRS`].
    pub(crate) escapes: Vec<Masked>,
    /// Quotes that nothing but space and signs that join strings stands before, back to
    /// another quote.
    pub(crate) joints: Vec<Masked>,
}

/// What a block depends on of those before it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Carry {
    number: usize,
    was_digits: bool,
    was_quote: u64,
    goes_on: bool,
}

/// The classes of 64 bytes of a text; the first byte is the lowest bit. Bytes behind
/// the text's end are in no class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Whether there may be digits, or some of those whose others are beside it, that say
    /// ASCII.
    pub(super) digits: bool,
    pub(super) zero: u64,
    /// What ends a string and begins one.
    pub(super) quote: u64,
    /// What may stand between two strings that are joined.
    pub(super) filler: u64,
    pub(super) escape: u64,
}

/// Alignments at which digits may be read: four of base64, two of hexadecimal digits.
pub(crate) const ALIGNMENTS: usize = 6;

/// A block of a text by its number, and for each alignment, those of its digits that say
/// no byte above 127.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Says {
    pub(crate) number: usize,
    pub(crate) ascii: [u64; ALIGNMENTS],
}

/// What the digits of a text say.
#[derive(Debug, Default)]
pub(crate) struct Digits {
    /// The blocks that some of a row of digits stands in that say ASCII: [`RUN`] or more
    /// in base64, twice as many hexadecimal ones, in whole groups. In their order; some
    /// may hold none, and of one that only begins a row, the second half counts.
    pub(crate) blocks: Vec<Says>,
}

/// Classes of the digits of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DigitClasses {
    /// Base64 characters.
    symbol: u64,
    /// Hexadecimal digits, and those of them below 8.
    hex: u64,
    octal: u64,
    /// Base64 characters whose values have bit 5, 3 and 1.
    bits: [u64; 3],
}

/// Classes of single bytes: those of [`Block`], then what begins a pair. The last one
/// is of bytes above 127, the others of ASCII.
pub(super) const CLASSES: usize = 6;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) const HIDDEN: usize = CLASSES - 1;

/// Classes of [`DigitClasses`].
pub(super) const DIGITS: usize = 6;

/// What an escape may begin with, and what may follow: percent-encoding, escapes of
/// languages, entities, quoted-printable, colours of terminals; and what compressed data
/// begins with, in base64 and hexadecimal.
const PAIRS: [(&[u8], &[u8]); 6] = [
    (b"%", b"0123456789abcdefABCDEFu"),
    (b"\\", b"\\uUxe/0123\r\n"),
    (b"&\x1b", b"#alqg["),
    (b"=", b"0123456789ABCDEF\r\n"),
    (b"He", b"4JNAF"),
    (b"1", b"fF"),
];

/// What characters without width, and others that writers put for plain ones, begin with
/// in UTF-8.
pub(super) const HIDDEN_FIRST: [u8; 3] = [0xc2, 0xe2, 0xef];
pub(super) const HIDDEN_NEXT: [u8; 5] = [0x80, 0x81, 0xa0, 0xad, 0xbb];

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

/// The bits of the pairs that a byte may begin, or may end.
const fn pairs(byte: u8, is_next: bool) -> u8 {
    let (mut bits, mut pair) = (0, 0);
    while pair < PAIRS.len() {
        if holds(if is_next { PAIRS[pair].1 } else { PAIRS[pair].0 }, byte) {
            bits |= 1 << (8 - PAIRS.len() + pair);
        }
        pair += 1;
    }
    bits
}

/// For each ASCII byte one bit for each pair that it may end.
pub(super) static NEXT: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte as usize] = pairs(byte, true);
        byte += 1;
    }
    table
};

/// Whether an escape may begin with these bytes. What follows ASCII counts without its
/// highest bit.
#[inline]
pub(crate) fn is_pair(first: u8, next: u8) -> bool {
    match first.is_ascii() {
        true => BITS[usize::from(first)] & NEXT[usize::from(next & 127)] != 0,
        false => HIDDEN_FIRST.contains(&first) && HIDDEN_NEXT.contains(&next),
    }
}

/// Whether a byte is a character of either alphabet of base64 (RFC 4648 §4 and §5).
pub(crate) const fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// What ends a string of a program and begins one.
const QUOTES: &[u8] = b"\"'`";

/// What may stand between two strings that are joined: space, and signs of languages.
pub(crate) const FILLERS: &[u8] = b" \t\r\n+.&\\_";

/// Whether a byte, without its highest bit, is in the class of that number.
const fn is_in(class: usize, byte: u8) -> bool {
    match class {
        0 => holds(QUOTES, byte),
        1 => holds(FILLERS, byte),
        2 => byte == 0,
        3 => pairs(byte, false) != 0,
        4 => is_symbol(byte),
        _ => holds(&HIDDEN_FIRST, byte | 0x80),
    }
}

/// The value of a character of either base64 alphabet (RFC 4648 §4 and §5); any other
/// byte gives any value below 64.
#[inline]
pub(crate) const fn sextet(symbol: u8) -> u8 {
    let (upper, lower) = (symbol.wrapping_sub(b'A'), symbol.wrapping_sub(b'a'));
    let digit = symbol.wrapping_sub(b'0');
    let sign = if symbol == b'+' || symbol == b'-' { 62 } else { 63 };
    // Plain choices, which compile to vector instructions.
    let value = if digit < 10 { digit + 52 } else { sign };
    let value = if lower < 26 { lower + 26 } else { value };
    if upper < 26 { upper } else { value }
}

/// Whether an ASCII byte is in the class of digits of that number.
const fn is_digit(class: usize, byte: u8) -> bool {
    match class {
        0 => is_symbol(byte),
        1 => byte.is_ascii_hexdigit(),
        2 => matches!(byte, b'0'..=b'7'),
        3 => is_symbol(byte) && sextet(byte) & 1 << 5 != 0,
        4 => is_symbol(byte) && sextet(byte) & 1 << 3 != 0,
        _ => is_symbol(byte) && sextet(byte) & 1 << 1 != 0,
    }
}

/// For each ASCII byte, one bit for each of the first two classes, and then for each pair
/// that it may begin.
pub(super) static BITS: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let classes = is_in(0, byte) as u8 | (is_in(1, byte) as u8) << 1;
        table[byte as usize] = classes | pairs(byte, false);
        byte += 1;
    }
    table
};

/// For each ASCII byte, one bit for each class but the last.
static CLASS_BITS: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let mut class = 0;
        while class < CLASSES - 1 {
            table[byte as usize] |= (is_in(class, byte) as u8) << class;
            class += 1;
        }
        byte += 1;
    }
    table
};

/// For each ASCII byte, one bit for each class of digits.
pub(super) static DIGIT_BITS: [u8; 128] = {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let mut class = 0;
        while class < DIGITS {
            table[byte as usize] |= (is_digit(class, byte) as u8) << class;
            class += 1;
        }
        byte += 1;
    }
    table
};

/// For each class and the low half of an ASCII byte, one bit for each upper half with
/// which it is in the class.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const fn low<const N: usize>(of_digits: bool) -> [[u8; 16]; N] {
    let mut table = [[0; 16]; N];
    let mut byte = 0;
    while byte < 128 {
        let mut class = 0;
        while class < N {
            if if of_digits { is_digit(class, byte) } else { is_in(class, byte) } {
                table[class][byte as usize & 15] |= 1 << (byte >> 4);
            }
            class += 1;
        }
        byte += 1;
    }
    table
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) static LOW: [[u8; 16]; CLASSES] = low(false);
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) static DIGIT_LOW: [[u8; 16]; DIGITS] = low(true);

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

/// For each bit, a mask of at most [`BLOCK`] bytes: which of them have it in a table for
/// ASCII bytes.
fn masks<const N: usize>(bytes: &[u8], table: &[u8; 128]) -> [u64; N] {
    /// The lowest bit of each byte, and what brings these bits together in the highest
    /// byte of a product.
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let bits = |byte: u8| if byte.is_ascii() { table[usize::from(byte)] } else { 0 };
    let mut masks = [0; N];
    for (number, eight) in bytes.chunks(8).enumerate() {
        let mut all = [0; 8];
        all.iter_mut().zip(eight).for_each(|(bits_of, byte)| *bits_of = bits(*byte));
        let all = u64::from_le_bytes(all);
        for (bit, mask) in masks.iter_mut().enumerate() {
            *mask |= ((all >> bit & LOWEST).wrapping_mul(GATHER) >> 56) << (8 * number);
        }
    }
    masks
}

impl Block {
    /// Looks every byte up; `bytes` are at most [`BLOCK`], `next` is the one behind them.
    fn of(bytes: &[u8], next: Option<u8>) -> Self {
        let [quote, filler, zero, begin, symbol] = masks(bytes, &CLASS_BITS);
        let mut begin = match bytes.is_ascii() {
            true => begin,
            false => u64::MAX,
        };
        let mut escape = 0;
        while begin != 0 {
            let at = begin.trailing_zeros() as usize;
            begin &= begin - 1;
            let Some(first) = bytes.get(at) else { break };
            let next = bytes.get(at + 1).copied().or(next);
            escape |= u64::from(next.is_some_and(|next| is_pair(*first, next))) << at;
        }
        Self { digits: may_be_digits(symbol), quote, filler, zero, escape }
    }

    /// Of masks in the order of the classes, the last of which tell what begins a pair.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[inline(always)]
    pub(super) fn new(masks: [u64; CLASSES], bytes: &[u8]) -> Self {
        let [quote, filler, zero, begin, symbol, hidden] = masks;
        let mut begin = begin | hidden;
        let mut escape = 0;
        while begin != 0 {
            let at = begin.trailing_zeros() as usize;
            begin &= begin - 1;
            let is_pair = bytes.get(at + 1).is_some_and(|next| is_pair(bytes[at], *next));
            escape |= u64::from(is_pair) << at;
        }
        Self { digits: may_be_digits(symbol), quote, filler, zero, escape }
    }
}

/// Whether a run stands among these base64 characters of a block, or half of one at an
/// end: of a run in two blocks, one has as much.
#[inline(always)]
const fn may_be_digits(symbol: u64) -> bool {
    const HALF: u32 = RUN as u32 / 2;
    in_a_row(symbol, RUN) != 0 || symbol.trailing_ones() >= HALF || symbol.leading_ones() >= HALF
}

/// Where so many ones in a row begin, a power of two.
#[inline(always)]
const fn in_a_row(mask: u64, len: usize) -> u64 {
    let (mut starts, mut have) = (mask, 1);
    while have < len {
        starts &= starts >> have;
        have *= 2;
    }
    starts
}

impl DigitClasses {
    /// Of masks in the order of the classes.
    #[inline(always)]
    pub(super) fn new(masks: [u64; DIGITS]) -> Self {
        let [symbol, hex, octal, bits @ ..] = masks;
        Self { symbol, hex, octal, bits }
    }

    /// Looks every byte up; `bytes` are at most [`BLOCK`].
    fn of(bytes: &[u8]) -> Self {
        Self::new(masks(bytes, &DIGIT_BITS))
    }

    /// Whether there are as many digits in a row as make a run that say ASCII.
    #[inline(always)]
    fn says_ascii(&self) -> bool {
        let [first, second, third] = self.bits;
        let run = in_a_row(self.symbol, RUN);
        // Where three bytes begin whose highest bits are zero, then six, then twelve.
        // Whether there are digits at all, the run tells.
        let three = !(first | second >> 1 | third >> 2);
        let six = three & three >> 4;
        let twelve = six & six >> 8;
        run & twelve != 0 || (run & run >> RUN != 0 && self.is_hex())
    }

    /// Whether there are so many hexadecimal digits that say ASCII.
    #[cold]
    fn is_hex(&self) -> bool {
        let mut first = self.octal;
        for by in [2, 4, 8, 16] {
            first &= first >> by;
        }
        in_a_row(self.hex, 2 * RUN) & first != 0
    }

    /// For each alignment, the digits that do not hold the highest bit of a byte, or
    /// hold it as zero.
    fn ascii(&self) -> [u64; ALIGNMENTS] {
        /// Every fourth bit, and every second.
        const FOURTH: u64 = 0x1111_1111_1111_1111;
        const SECOND: u64 = 0x5555_5555_5555_5555;
        let Self { symbol, hex, octal, bits: [first, second, third] } = *self;
        // Of the three bytes of four base64 characters.
        let base64 = |phase: u32| {
            let place = |k: u32| FOURTH << ((phase + k) % 4);
            symbol & !(first & place(0) | second & place(1) | third & place(2))
        };
        let hex = |phase: u32| hex & (octal | !(SECOND << phase));
        let mut base64 = [base64(0), base64(1), base64(2), base64(3)];
        if base64.contains(&u64::MAX) {
            // Where all say text at one alignment, it is chance what others say.
            base64 = base64.map(|mask| if mask == u64::MAX { mask } else { 0 });
        }
        let [a, b, c, d] = base64;
        [a, b, c, d, hex(0), hex(1)]
    }
}

impl Digits {
    /// Whether the window that ends with the first half of the next block must be known.
    #[inline(always)]
    pub(super) fn asks_before(&self, number: usize, own: &DigitClasses) -> bool {
        !own.says_ascii() || self.begins(number)
    }

    /// Takes the next block, and that window, if it was asked for.
    #[inline(always)]
    pub(super) fn block(&mut self, number: usize, own: DigitClasses, before: DigitClasses) {
        if own.says_ascii() || before.says_ascii() {
            if self.begins(number) {
                let ascii = before.ascii().map(|mask| mask << (BLOCK / 2));
                self.blocks.push(Says { number: number - 1, ascii });
            }
            self.blocks.push(Says { number, ascii: own.ascii() });
        }
    }

    /// Whether a block has one before it that was not taken.
    #[inline(always)]
    fn begins(&self, number: usize) -> bool {
        number > 0 && self.blocks.last().is_none_or(|last| last.number + 1 < number)
    }
}

impl Survey {
    fn clear(&mut self) {
        self.digits.clear();
        self.zeros.clear();
        self.escapes.clear();
        self.joints.clear();
    }

    /// Takes the next block.
    #[inline(always)]
    pub(super) fn block(&mut self, carry: Carry, block: Block) -> Carry {
        let Carry { number, was_digits, was_quote, goes_on } = carry;
        if block.digits | was_digits {
            self.digits.push(number);
        }
        if block.zero | block.escape != 0 {
            if block.zero != 0 {
                self.zeros.push((number, block.zero));
            }
            if block.escape != 0 {
                self.escapes.push((number, block.escape));
            }
        }
        // Adding a bit to the beginning of a row of others carries it to behind the row.
        let begins = (block.quote << 1 | was_quote) & block.filler;
        let (sum, over) = block.filler.overflowing_add(begins);
        let (sum, over_again) = sum.overflowing_add(u64::from(goes_on));
        let joints = sum & !block.filler & block.quote;
        if joints != 0 {
            self.joints.push((number, joints));
        }
        Carry {
            number: number + 1,
            was_digits: block.digits,
            was_quote: block.quote >> 63,
            goes_on: over | over_again,
        }
    }
}

impl Backend {
    /// Replaces `survey` by that of `text`. The back end must be available.
    pub(crate) fn survey(self, text: &[u8], survey: &mut Survey) {
        survey.clear();
        let mut carry = match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::survey(text, survey),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => x86_64::avx2::survey(text, survey),
            #[cfg(target_arch = "aarch64")]
            Self::Neon if self.is_available() => aarch64::neon::survey(text, survey),
            _ => Carry::default(),
        };
        // What the back end left, which needs the byte behind a block.
        for at in (carry.number * BLOCK..text.len()).step_by(BLOCK) {
            let end = text.len().min(at + BLOCK);
            carry = survey.block(carry, Block::of(&text[at..end], text.get(end).copied()));
        }
    }

    /// Replaces `digits` by what is said in some blocks of `text`. The back end must be
    /// available.
    pub(crate) fn digits(self, text: &[u8], blocks: &[usize], digits: &mut Digits) {
        digits.blocks.clear();
        // Only a text's last block may not be whole, and nothing stands before the first.
        let start = usize::from(blocks.first() == Some(&0));
        let is_cut = blocks.last().is_some_and(|last| (last + 1) * BLOCK > text.len());
        let end = (blocks.len() - usize::from(is_cut)).max(start);
        let (first, whole, last) = (&blocks[..start], &blocks[start..end], &blocks[end..]);
        first.iter().for_each(|number| digits.look_up(text, *number));
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::digits(text, whole, digits),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => x86_64::avx2::digits(text, whole, digits),
            #[cfg(target_arch = "aarch64")]
            Self::Neon if self.is_available() => aarch64::neon::digits(text, whole, digits),
            _ => whole.iter().for_each(|number| digits.look_up(text, *number)),
        }
        last.iter().for_each(|number| digits.look_up(text, *number));
    }

    /// Appends what the first of some base64 characters say, of either alphabet, and says
    /// how many these were: a number of whole groups. The back end must be available.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables))]
    pub(crate) fn base64(self, digits: &[u8], out: &mut Vec<u8>) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::base64(digits, out),
            _ => 0,
        }
    }

    /// Replaces `masks` by where base64 characters stand in `text`. The back end must be
    /// available.
    pub(crate) fn symbols(self, text: &[u8], masks: &mut Vec<u64>) {
        masks.clear();
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => x86_64::avx512::symbols(text, masks),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => x86_64::avx2::symbols(text, masks),
            #[cfg(target_arch = "aarch64")]
            Self::Neon if self.is_available() => aarch64::neon::symbols(text, masks),
            _ => {}
        }
        let rest = text[masks.len() * BLOCK..].chunks(BLOCK);
        masks.extend(rest.map(|bytes| self::masks::<1>(bytes, &DIGIT_BITS)[0]));
    }
}

impl Digits {
    /// Takes a block byte by byte.
    fn look_up(&mut self, text: &[u8], number: usize) {
        let at = number * BLOCK;
        let window = |at: usize| DigitClasses::of(&text[at..text.len().min(at + BLOCK)]);
        let before = at.checked_sub(BLOCK / 2).map_or(DigitClasses::default(), window);
        self.block(number, window(at), before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mask of at most [`BLOCK`] bytes.
    fn mask(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> u64 {
        bytes.iter().enumerate().fold(0, |mask, (i, byte)| mask | u64::from(is_in(*byte)) << i)
    }

    /// All that may be asked for, byte by byte.
    fn expected(text: &[u8]) -> Survey {
        let mut survey = Survey::default();
        let blocks = text.len().div_ceil(BLOCK);
        let masked = |is_in: &dyn Fn(usize) -> bool| -> Vec<Masked> {
            let mask = |number: usize| {
                let bytes = number * BLOCK..text.len().min((number + 1) * BLOCK);
                bytes.filter(|i| is_in(*i)).fold(0, |mask, i| mask | 1 << (i % BLOCK))
            };
            (0..blocks).map(|number| (number, mask(number))).filter(|(_, m)| *m != 0).collect()
        };
        survey.zeros = masked(&|i| text[i] == 0);
        survey.escapes = masked(&|i| text.get(i + 1).is_some_and(|next| is_pair(text[i], *next)));
        survey.joints = masked(&|i| {
            let before = text[..i].iter().rposition(|b| !FILLERS.contains(b));
            QUOTES.contains(&text[i])
                && before.is_some_and(|at| at + 1 < i && QUOTES.contains(&text[at]))
        });
        survey
    }

    fn parts(survey: &Survey) -> [&[Masked]; 3] {
        [&survey.zeros, &survey.escapes, &survey.joints]
    }

    /// What the digits of every block say, byte by byte, and whether it must be kept.
    fn said(text: &[u8]) -> Vec<(Says, bool)> {
        // Whether a digit, read at an alignment, may belong to ASCII.
        let is_ascii = |at: usize, alignment: usize| match alignment {
            0..4 if is_symbol(text[at]) => {
                let bit = [5, 3, 1].get((at + 4 - alignment) % 4);
                bit.is_none_or(|bit| sextet(text[at]) >> bit & 1 == 0)
            }
            4.. if text[at].is_ascii_hexdigit() => (at + alignment) % 2 == 1 || text[at] < b'8',
            _ => false,
        };
        let mut blocks: Vec<(Says, bool)> = (0..text.len().div_ceil(BLOCK))
            .map(|number| (Says { number, ascii: [0; ALIGNMENTS] }, false))
            .collect();
        for alignment in 0..ALIGNMENTS {
            let (phase, group) = if alignment < 4 { (alignment, 4) } else { (alignment - 4, 2) };
            let all: Vec<bool> = (0..text.len()).map(|at| is_ascii(at, alignment)).collect();
            let mut start = 0;
            for row in all.chunk_by(|a, b| a == b) {
                let end = start + row.len();
                let first = start + (phase + group - start % group) % group;
                let last = end.saturating_sub((end + group - phase) % group);
                let is_wanted = last >= first + if group == 4 { RUN } else { 2 * RUN };
                for at in (start..end).filter(|_| row[0]) {
                    let (says, is_kept) = &mut blocks[at / BLOCK];
                    says.ascii[alignment] |= 1 << (at % BLOCK);
                    *is_kept |= is_wanted && (first..last).contains(&at);
                }
                start = end;
            }
        }
        for (says, _) in &mut blocks {
            if says.ascii[..4].contains(&u64::MAX) {
                says.ascii[..4].iter_mut().filter(|mask| **mask != u64::MAX).for_each(|m| *m = 0);
            }
        }
        blocks
    }

    #[test]
    fn every_back_end_gives_what_a_look_up_gives() {
        let mut text: Vec<u8> = (0..=255).collect();
        for (first, next) in PAIRS {
            for first in first {
                text.extend(next.iter().flat_map(|next| [*first, *next]));
            }
        }
        for space in 0..150 {
            text.extend([b'\"'].iter().chain(&vec![FILLERS[space % 9]; space]).chain(b"'"));
        }
        for run in 10..90 {
            text.extend((0..run).map(|i| b"aZ09+/-_"[i % 8]).chain([b'.'; 20]));
        }
        text.extend((0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8));
        for backend in Backend::available() {
            for start in (0..70).chain([1000, 4000, 9000]) {
                for end in [start, start + 63, start + 64, start + 65, text.len()] {
                    if end == text.len() && start % 7 != 0 {
                        continue;
                    }
                    let text = &text[start..end];
                    let mut survey = Survey::default();
                    backend
                        .survey(b"to be forgotten: aaaaaaaaaaaaaaaaaaaaaaa%41\0' '", &mut survey);
                    backend.survey(text, &mut survey);
                    let is_same = parts(&survey) == parts(&expected(text));
                    assert!(is_same, "{backend} from {start} to {end}");
                    let mut digits = Digits::default();
                    backend.digits(text, &survey.digits, &mut digits);
                    let mut symbols = vec![1; 3];
                    backend.symbols(text, &mut symbols);
                    let expected = text.chunks(BLOCK).map(|bytes| mask(bytes, is_symbol));
                    assert!(symbols.into_iter().eq(expected), "{backend} from {start} to {end}");
                    let said = said(text);
                    for (says, is_kept) in &said {
                        let kept = digits.blocks.iter().find(|b| b.number == says.number);
                        let half = says.ascii.map(|mask| mask >> 32 << 32);
                        let fits = kept.map_or(!is_kept, |kept| kept == says || kept.ascii == half);
                        assert!(fits, "{backend} from {start} to {end}");
                    }
                    assert!(digits.blocks.is_sorted_by(|a, b| a.number < b.number));
                    let kept = said.iter().filter(|(_, is_kept)| *is_kept).count();
                    assert!(digits.blocks.len() <= 2 * kept);
                }
            }
        }
    }

    #[test]
    fn the_classes_are_what_they_are_called() {
        let block = Block::of(b"aZ9+/-_.%4 \\x&a=\n\x1b[\"+\0\xe2\x80 = \" x", None);
        let bits = |mask: u64| (0..BLOCK).filter(|i| mask >> i & 1 == 1).collect::<Vec<_>>();
        assert_eq!(bits(block.escape), [8, 11, 13, 15, 17, 22]);
        assert_eq!(bits(block.quote), [19, 27]);
        assert_eq!(block.zero, 1 << 21);
        assert_eq!(mask(b"aZ9+/-_.", is_symbol), 0b111_1111);
        let digits = DigitClasses::of(b"07 89aF gAQgCI");
        assert_eq!(bits(digits.hex), [0, 1, 3, 4, 5, 6, 9, 12]);
        assert_eq!(bits(digits.octal), [0, 1]);
        assert_eq!(bits(digits.bits[0]), [0, 1, 3, 4, 8, 11]);
    }
}
