//! The search by half bytes, for processors whose shuffle has 16 entries.
//!
//! A byte table of 256 entries is split into one for the low and one for the
//! high half of the byte; a bucket passes if it passes both. That lets through
//! a little more than the exact table (`low` of one member with `high` of
//! another). The algorithm is written once over [`Bytes`]; what AVX2 and NEON
//! bring is their registers.

use std::ops::Range;

use super::Passed;
use super::plan::{ByteTables, WINDOW};

/// Half-byte tables for the four places: low halves, high halves.
#[derive(Debug, Clone)]
pub(super) struct NibbleTables {
    pub(super) low: [[u8; 16]; WINDOW],
    pub(super) high: [[u8; 16]; WINDOW],
}

impl NibbleTables {
    pub(super) fn new(tables: &ByteTables) -> Self {
        let mut split = Self { low: [[0; 16]; WINDOW], high: [[0; 16]; WINDOW] };
        for (place, table) in tables.iter().enumerate() {
            for (byte, bits) in table.iter().enumerate() {
                split.low[place][byte & 15] |= bits;
                split.high[place][byte >> 4] |= bits;
            }
        }
        split
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

    /// Looks both halves of each byte of `self` up and joins the results with
    /// `and`.
    ///
    /// # Safety
    ///
    /// See the trait.
    unsafe fn look_up(self, low: Self, high: Self) -> Self;

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
        let registers = Registers::<V>::new(tables);
        let base = text.as_ptr();
        while at + 2 * V::LEN + WINDOW - 1 <= text.len() {
            let first = registers.step(base.add(at));
            let second = registers.step(base.add(at + V::LEN));
            if first.or(second).any() {
                report(first.non_zero(), at, passed);
                report(second.non_zero(), at + V::LEN, passed);
            }
            at += 2 * V::LEN;
        }
        while at + V::LEN + WINDOW - 1 <= text.len() {
            report(registers.step(base.add(at)).non_zero(), at, passed);
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
    unsafe fn new(tables: &NibbleTables) -> Self {
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

    /// The buckets that the windows beginning at `from` pass.
    ///
    /// # Safety
    ///
    /// The instructions of `V` must be available, and `LEN + 3` bytes readable.
    #[inline(always)]
    unsafe fn step(&self, from: *const u8) -> V {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            let first = V::load(from).look_up(self.low[0], self.high[0]);
            let second = V::load(from.add(1)).look_up(self.low[1], self.high[1]);
            let third = V::load(from.add(2)).look_up(self.low[2], self.high[2]);
            let fourth = V::load(from.add(3)).look_up(self.low[3], self.high[3]);
            first.and(second).and(third.and(fourth))
        }
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
        let bits = (0..WINDOW).fold(0xff, |bits, k| {
            let byte = usize::from(text[at + k]);
            bits & tables.low[k][byte & 15] & tables.high[k][byte >> 4]
        });
        if bits != 0 {
            passed.passed(at);
        }
    }
}
