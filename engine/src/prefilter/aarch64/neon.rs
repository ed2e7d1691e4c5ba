//! The search by half bytes on NEON.

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vdupq_n_u8, vget_lane_u64, vld1q_u8, vmaxvq_u8, vorrq_u8, vqtbl1q_u8,
    vreinterpret_u64_u8, vreinterpretq_u16_u8, vshrn_n_u16, vshrq_n_u8, vtstq_u8,
};
use std::ops::Range;

use crate::prefilter::Passed;
use crate::prefilter::classes::{Carry, Digits, Survey};
use crate::prefilter::nibble::{self, Bytes, NibbleTables};
use crate::prefilter::plan::ByteTables;

/// The search. A value exists only where the processor has NEON.
#[derive(Debug)]
pub(in crate::prefilter) struct Search {
    tables: NibbleTables,
}

impl Search {
    pub(in crate::prefilter) fn is_available() -> bool {
        std::arch::is_aarch64_feature_detected!("neon")
    }

    pub(in crate::prefilter) fn new(tables: &ByteTables) -> Option<Self> {
        Self::is_available().then(|| Self { tables: NibbleTables::new(tables) })
    }

    #[inline]
    pub(in crate::prefilter) fn run(
        &self,
        text: &[u8],
        range: Range<usize>,
        passed: &mut impl Passed,
    ) {
        // SAFETY: a `Search` exists only where NEON was detected.
        unsafe { run(&self.tables, text, range, passed) }
    }
}

#[target_feature(enable = "neon")]
fn run(tables: &NibbleTables, text: &[u8], range: Range<usize>, passed: &mut impl Passed) {
    // SAFETY: this function is compiled for, and only reached with, NEON.
    unsafe { nibble::run::<uint8x16_t>(tables, text, range, passed) }
}

/// Takes the blocks of `text`, as far as they are whole.
///
/// # Panics
///
/// If the processor lacks NEON.
pub(in crate::prefilter) fn survey(text: &[u8], survey: &mut Survey) -> Carry {
    assert!(Search::is_available(), "no NEON");
    // SAFETY: NEON was detected.
    unsafe { survey_blocks(text, survey) }
}

#[target_feature(enable = "neon")]
fn survey_blocks(text: &[u8], survey: &mut Survey) -> Carry {
    // SAFETY: this function is compiled for, and only reached with, NEON.
    unsafe { nibble::survey::<uint8x16_t>(text, survey) }
}

/// Takes the digits of these blocks of `text`, which are whole and have one before.
///
/// # Panics
///
/// If the processor lacks NEON.
pub(in crate::prefilter) fn digits(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    assert!(Search::is_available(), "no NEON");
    // SAFETY: NEON was detected.
    unsafe { digits_of_blocks(text, blocks, digits) }
}

#[target_feature(enable = "neon")]
fn digits_of_blocks(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    // SAFETY: this function is compiled for, and only reached with, NEON.
    unsafe { nibble::digits::<uint8x16_t>(text, blocks, digits) }
}

/// Appends where base64 characters stand in the blocks of `text`, as far as they are
/// whole.
///
/// # Panics
///
/// If the processor lacks NEON.
pub(in crate::prefilter) fn symbols(text: &[u8], symbols: &mut Vec<u64>) {
    assert!(Search::is_available(), "no NEON");
    // SAFETY: NEON was detected.
    unsafe { symbols_of_blocks(text, symbols) }
}

#[target_feature(enable = "neon")]
fn symbols_of_blocks(text: &[u8], symbols: &mut Vec<u64>) {
    // SAFETY: this function is compiled for, and only reached with, NEON.
    unsafe { nibble::symbols::<uint8x16_t>(text, symbols) }
}

impl Bytes for uint8x16_t {
    const LEN: usize = 16;

    #[inline(always)]
    unsafe fn table(table: &[u8; 16]) -> Self {
        // SAFETY: the table has 16 bytes; the caller vouches for NEON.
        unsafe { vld1q_u8(table.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller vouches for 16 readable bytes and for NEON.
        unsafe { vld1q_u8(from) }
    }

    #[inline(always)]
    unsafe fn parts(self) -> (Self, Self) {
        // SAFETY: the caller vouches for NEON.
        unsafe {
            let four_bits = vdupq_n_u8(0x0f);
            (vandq_u8(self, four_bits), vandq_u8(vshrq_n_u8::<3>(self), four_bits))
        }
    }

    #[inline(always)]
    unsafe fn look_up(self, table: Self) -> Self {
        // SAFETY: the caller vouches for NEON.
        unsafe { vqtbl1q_u8(table, self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: the caller vouches for NEON.
        unsafe { vandq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: the caller vouches for NEON.
        unsafe { vorrq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn any(self) -> bool {
        // SAFETY: the caller vouches for NEON.
        unsafe { vmaxvq_u8(self) != 0 }
    }

    #[inline(always)]
    unsafe fn non_zero(self) -> u32 {
        // NEON has no move-mask: narrow every byte to half a byte of a 64-bit
        // number, then gather one bit of each half.
        // SAFETY: the caller vouches for NEON.
        let halves = unsafe {
            let set = vtstq_u8(self, self);
            vget_lane_u64::<0>(vreinterpret_u64_u8(vshrn_n_u16::<4>(vreinterpretq_u16_u8(set))))
        };
        (0..16).fold(0, |mask, i| mask | ((halves >> (4 * i) & 1) as u32) << i)
    }

    #[inline(always)]
    unsafe fn high(self) -> u32 {
        // SAFETY: the caller vouches for NEON.
        unsafe { vshrq_n_u8::<7>(self).non_zero() }
    }
}
