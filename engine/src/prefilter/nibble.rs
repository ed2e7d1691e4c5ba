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
    #[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
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
#[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
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
#[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), allow(dead_code))]
#[inline(always)]
pub(super) unsafe fn run<V: Bytes>(
    tables: &NibbleTables,
    text: &[u8],
    range: Range<usize>,
    passed: &mut impl Passed,
) {
    let text = &text[..range.end];
    let mut at = range.start;
    // SAFETY: the caller vouches for the instructions. Every load reads LEN
    // bytes from `at + k` (k < 4) or from `at + LEN + k`, and the loop conditions
    // keep `at + 2 * LEN + 3` and `at + LEN + 3` within `text`.
    unsafe {
        let low: [V; WINDOW] = std::array::from_fn(|k| V::table(&tables.low[k]));
        let high: [V; WINDOW] = std::array::from_fn(|k| V::table(&tables.high[k]));
        let base = text.as_ptr();
        let step = |at: usize| -> V {
            let place = |k: usize| V::load(base.add(at + k)).look_up(low[k], high[k]);
            place(0).and(place(1)).and(place(2).and(place(3)))
        };
        while at + 2 * V::LEN + WINDOW - 1 <= text.len() {
            let (first, second) = (step(at), step(at + V::LEN));
            if first.or(second).any() {
                for (register, start) in [(first, at), (second, at + V::LEN)] {
                    report(register.non_zero(), start, passed);
                }
            }
            at += 2 * V::LEN;
        }
        while at + V::LEN + WINDOW - 1 <= text.len() {
            report(step(at).non_zero(), at, passed);
            at += V::LEN;
        }
    }
    tail(tables, text, at, passed);
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
