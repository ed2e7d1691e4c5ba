//! The search by half bytes on AVX2.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_testz_si256,
};
use std::ops::Range;

use crate::prefilter::Passed;
use crate::prefilter::classes::{Carry, Digits, Survey};
use crate::prefilter::nibble::{self, Bytes, NibbleTables};
use crate::prefilter::plan::ByteTables;

/// The search. A value exists only where the processor has AVX2.
#[derive(Debug)]
pub(in crate::prefilter) struct Search {
    tables: NibbleTables,
}

impl Search {
    pub(in crate::prefilter) fn is_available() -> bool {
        std::is_x86_feature_detected!("avx2")
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
        // SAFETY: a `Search` exists only where AVX2 was detected.
        unsafe { run(&self.tables, text, range, passed) }
    }
}

#[target_feature(enable = "avx2")]
fn run(tables: &NibbleTables, text: &[u8], range: Range<usize>, passed: &mut impl Passed) {
    // SAFETY: this function is compiled for, and only reached with, AVX2.
    unsafe { nibble::run::<__m256i>(tables, text, range, passed) }
}

/// Takes the blocks of `text`, as far as they are whole.
///
/// # Panics
///
/// If the processor lacks AVX2.
pub(in crate::prefilter) fn survey(text: &[u8], survey: &mut Survey) -> Carry {
    assert!(Search::is_available(), "no AVX2");
    // SAFETY: AVX2 was detected.
    unsafe { survey_blocks(text, survey) }
}

#[target_feature(enable = "avx2")]
fn survey_blocks(text: &[u8], survey: &mut Survey) -> Carry {
    // SAFETY: this function is compiled for, and only reached with, AVX2.
    unsafe { nibble::survey::<__m256i>(text, survey) }
}

/// Takes the digits of these blocks of `text`, which are whole and have one before.
///
/// # Panics
///
/// If the processor lacks AVX2.
pub(in crate::prefilter) fn digits(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    assert!(Search::is_available(), "no AVX2");
    // SAFETY: AVX2 was detected.
    unsafe { digits_of_blocks(text, blocks, digits) }
}

#[target_feature(enable = "avx2")]
fn digits_of_blocks(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    // SAFETY: this function is compiled for, and only reached with, AVX2.
    unsafe { nibble::digits::<__m256i>(text, blocks, digits) }
}

/// Appends where base64 characters stand in the blocks of `text`, as far as they are
/// whole.
///
/// # Panics
///
/// If the processor lacks AVX2.
pub(in crate::prefilter) fn symbols(text: &[u8], symbols: &mut Vec<u64>) {
    assert!(Search::is_available(), "no AVX2");
    // SAFETY: AVX2 was detected.
    unsafe { symbols_of_blocks(text, symbols) }
}

#[target_feature(enable = "avx2")]
fn symbols_of_blocks(text: &[u8], symbols: &mut Vec<u64>) {
    // SAFETY: this function is compiled for, and only reached with, AVX2.
    unsafe { nibble::symbols::<__m256i>(text, symbols) }
}

impl Bytes for __m256i {
    const LEN: usize = 32;

    #[inline(always)]
    unsafe fn table(table: &[u8; 16]) -> Self {
        // SAFETY: the table has 16 bytes; the caller vouches for AVX2.
        unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast())) }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller vouches for 32 readable bytes and for AVX2.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    #[inline(always)]
    unsafe fn parts(self) -> (Self, Self) {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let four_bits = _mm256_set1_epi8(0x0f);
            let high = _mm256_and_si256(_mm256_srli_epi16::<3>(self), four_bits);
            (_mm256_and_si256(self, four_bits), high)
        }
    }

    #[inline(always)]
    unsafe fn look_up(self, table: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_shuffle_epi8(table, self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_and_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_or_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn any(self) -> bool {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_testz_si256(self, self) == 0 }
    }

    #[inline(always)]
    unsafe fn non_zero(self) -> u32 {
        // SAFETY: the caller vouches for AVX2.
        unsafe { !_mm256_movemask_epi8(_mm256_cmpeq_epi8(self, _mm256_setzero_si256())) as u32 }
    }

    #[inline(always)]
    unsafe fn high(self) -> u32 {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_movemask_epi8(self) as u32 }
    }
}
