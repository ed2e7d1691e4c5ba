//! The search by parts of bytes, for processors whose shuffle has 16 entries.
//!
//! A byte table of 256 entries is split into one for the low and one for the
//! high [part](parts) of the byte; a bucket passes if it passes both. That lets
//! through a little more than the exact table (`low` of one member with `high` of
//! another). An entry has eight bits, so sixteen buckets take two such pairs. The
//! algorithm is written once over [`Bytes`]; what AVX2 and NEON bring is their
//! registers.

use std::ops::Range;

use super::Passed;
use super::classes::{
    BLOCK, Block, CLASSES, Carry, DIGIT_LOW, DIGITS, DigitClasses, Digits, HIDDEN, LOW, ROW, Survey,
};
use super::plan::{ByteTables, WINDOW, parts};

/// Tables for the low and the high parts at the four places, for eight buckets.
#[derive(Debug, Clone)]
struct Half {
    low: [[u8; 16]; WINDOW],
    high: [[u8; 16]; WINDOW],
}

/// Tables for sixteen buckets.
#[derive(Debug, Clone)]
pub(super) struct NibbleTables {
    halves: [Half; 2],
}

impl NibbleTables {
    pub(super) fn new(tables: &ByteTables) -> Self {
        let halves = std::array::from_fn(|half| {
            let mut split = Half { low: [[0; 16]; WINDOW], high: [[0; 16]; WINDOW] };
            for (place, table) in tables.iter().enumerate() {
                for (byte, bits) in table.iter().enumerate() {
                    let bits = bits.to_le_bytes()[half];
                    let (low, high) = parts(byte as u8);
                    split.low[place][low] |= bits;
                    split.high[place][high] |= bits;
                }
            }
            split
        });
        Self { halves }
    }
}

/// A register of bytes.
///
/// # Safety
///
/// The methods may only be called where the instructions of the implementing
/// type are available.
pub(super) trait Bytes: Copy {
    /// Bytes in the register.
    const LEN: usize;

    /// Repeats a 16-entry table over the register.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn table(table: &[u8; 16]) -> Self;

    /// Loads the bytes at `from`.
    ///
    /// # Safety
    ///
    /// See the trait; `from` is valid for reading [`Bytes::LEN`] bytes.
    unsafe fn load(from: *const u8) -> Self;

    /// The two [parts] of each byte, as indexes for [`Bytes::look_up`].
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn parts(self) -> (Self, Self);

    /// The entries of this table at the indexes in `self`, which are below 16.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn look_up(self, table: Self) -> Self;

    /// Bitwise and.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn and(self, other: Self) -> Self;

    /// Bitwise or.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn or(self, other: Self) -> Self;

    /// Whether any byte is not zero.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn any(self) -> bool;

    /// One bit for each byte that is not zero, the first byte lowest.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn non_zero(self) -> u32;

    /// One bit for each byte above 127, the first byte lowest.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn high(self) -> u32;
}

/// Runs the search over `text[range]`; windows that begin in the range's last
/// three bytes are not looked at.
///
/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
pub(super) unsafe fn run<V: Bytes>(
    tables: &NibbleTables,
    text: &[u8],
    range: Range<usize>,
    passed: &mut impl Passed,
) {
    let text = &text[..range.end];
    let mut at = range.start;
    // SAFETY: the caller vouches for the instructions. `step` reads LEN + 3 bytes
    // from its position, which the loop conditions keep within `text`.
    unsafe {
        let registers = [Registers::<V>::new(&tables.halves[0]), Registers::new(&tables.halves[1])];
        let base = text.as_ptr();
        while at + 2 * V::LEN + WINDOW - 1 <= text.len() {
            let first = step(&registers, base.add(at));
            let second = step(&registers, base.add(at + V::LEN));
            if first.or(second).any() {
                report(first.non_zero(), at, passed);
                report(second.non_zero(), at + V::LEN, passed);
            }
            at += 2 * V::LEN;
        }
        while at + V::LEN + WINDOW - 1 <= text.len() {
            report(step(&registers, base.add(at)).non_zero(), at, passed);
            at += V::LEN;
        }
    }
    tail(tables, text, at, passed);
}

/// The tables in registers. Plain functions and no closures: only what is
/// always inlined is compiled with the caller's instructions.
struct Registers<V> {
    low: [V; WINDOW],
    high: [V; WINDOW],
}

impl<V: Bytes> Registers<V> {
    /// # Safety
    ///
    /// The instructions of `V` must be available.
    #[inline(always)]
    unsafe fn new(tables: &Half) -> Self {
        let (low, high) = (&tables.low, &tables.high);
        // SAFETY: the caller vouches for the instructions.
        unsafe {
            Self {
                low: [V::table(&low[0]), V::table(&low[1]), V::table(&low[2]), V::table(&low[3])],
                high: [
                    V::table(&high[0]),
                    V::table(&high[1]),
                    V::table(&high[2]),
                    V::table(&high[3]),
                ],
            }
        }
    }

    /// The buckets whose place passes the bytes with these parts.
    ///
    /// # Safety
    ///
    /// The instructions of `V` must be available.
    #[inline(always)]
    unsafe fn at(&self, place: usize, (low, high): (V, V)) -> V {
        // SAFETY: the caller vouches for the instructions.
        unsafe { low.look_up(self.low[place]).and(high.look_up(self.high[place])) }
    }
}

/// What is not zero where the windows beginning at `from` pass a bucket.
///
/// # Safety
///
/// The instructions of `V` must be available, and `LEN + 3` bytes readable.
#[inline(always)]
unsafe fn step<V: Bytes>(registers: &[Registers<V>; 2], from: *const u8) -> V {
    // SAFETY: the caller vouches for the instructions and the bytes.
    unsafe {
        let first = V::load(from).parts();
        let second = V::load(from.add(1)).parts();
        let third = V::load(from.add(2)).parts();
        let fourth = V::load(from.add(3)).parts();
        let [one, other] = registers;
        let one =
            one.at(0, first).and(one.at(1, second)).and(one.at(2, third).and(one.at(3, fourth)));
        let other = other
            .at(0, first)
            .and(other.at(1, second))
            .and(other.at(2, third).and(other.at(3, fourth)));
        one.or(other)
    }
}

#[inline(always)]
fn report(mut mask: u32, start: usize, passed: &mut impl Passed) {
    while mask != 0 {
        passed.passed(start + mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

/// The positions that no whole register is left for.
fn tail(tables: &NibbleTables, text: &[u8], from: usize, passed: &mut impl Passed) {
    for at in from..text.len().saturating_sub(WINDOW - 1) {
        let passes = |half: &Half| {
            (0..WINDOW).fold(0xff, |bits, k| {
                let (low, high) = parts(text[at + k]);
                bits & half.low[k][low] & half.high[k][high]
            }) != 0
        };
        if tables.halves.iter().any(passes) {
            passed.passed(at);
        }
    }
}

/// Takes the blocks of `text` that are whole.
///
/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
pub(super) unsafe fn survey<V: Bytes>(text: &[u8], survey: &mut Survey) -> Carry {
    let mut carry = Carry::default();
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let (row, low) = (V::table(&ROW), tables::<V, CLASSES>(&LOW));
        for (number, chunk) in text.as_chunks::<BLOCK>().0.iter().enumerate() {
            let masks = masks(chunk, row, &low, HIDDEN);
            carry = survey.block(carry, Block::new(masks, &text[number * BLOCK..]));
        }
    }
    carry
}

/// Takes the digits of these blocks of `text`, which are whole and have one before.
///
/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
pub(super) unsafe fn digits<V: Bytes>(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let (row, low) = (V::table(&ROW), tables::<V, DIGITS>(&DIGIT_LOW));
        for number in blocks {
            let at = number * BLOCK;
            let (window, _) = text[at..][..BLOCK].as_chunks::<BLOCK>();
            let own = DigitClasses::new(masks(&window[0], row, &low, DIGITS));
            let mut before = DigitClasses::default();
            if digits.asks_before(*number, &own) {
                let (window, _) = text[at - BLOCK / 2..][..BLOCK].as_chunks::<BLOCK>();
                before = DigitClasses::new(masks(&window[0], row, &low, DIGITS));
            }
            digits.block(*number, own, before);
        }
    }
}

/// Appends where base64 characters stand in the blocks of `text` that are whole.
///
/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
pub(super) unsafe fn symbols<V: Bytes>(text: &[u8], symbols: &mut Vec<u64>) {
    // SAFETY: the caller vouches for the instructions.
    unsafe {
        let (row, low) = (V::table(&ROW), [V::table(&DIGIT_LOW[0])]);
        for chunk in text.as_chunks::<BLOCK>().0 {
            let [mask] = masks(chunk, row, &low, 1);
            symbols.push(mask);
        }
    }
}

/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
unsafe fn tables<V: Bytes, const N: usize>(low: &[[u8; 16]; N]) -> [V; N] {
    // SAFETY: the caller vouches for the instructions.
    let mut tables = [unsafe { V::table(&low[0]) }; N];
    let mut class = 1;
    while class < N {
        // SAFETY: likewise.
        tables[class] = unsafe { V::table(&low[class]) };
        class += 1;
    }
    tables
}

/// The classes of a block. The class `above` is of bytes above 127.
///
/// # Safety
///
/// The instructions of `V` must be available.
#[inline(always)]
unsafe fn masks<V: Bytes, const N: usize>(
    chunk: &[u8; BLOCK],
    row: V,
    low: &[V; N],
    above: usize,
) -> [u64; N] {
    let mut masks = [0; N];
    let mut at = 0;
    while at < BLOCK {
        // SAFETY: the caller vouches for the instructions; `LEN` divides `BLOCK`, so every
        // load is within the chunk.
        unsafe {
            let bytes = V::load(chunk.as_ptr().add(at));
            let is_above = u64::from(bytes.high());
            let (low_part, high_part) = bytes.parts();
            let row = high_part.look_up(row);
            let mut class = 0;
            while class < N {
                let found = u64::from(low_part.look_up(low[class]).and(row).non_zero());
                let fits = if class == above { is_above } else { !is_above };
                masks[class] |= (found & fits) << at;
                class += 1;
            }
        }
        at += V::LEN;
    }
    masks
}
