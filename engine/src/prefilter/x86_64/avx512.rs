//! The search with whole byte tables on AVX-512 VBMI.
//!
//! `vpermi2b` looks 64 bytes up in a table of 128 entries at once, which holds
//! all of ASCII; it does not see a byte's highest bit. Windows with a byte above
//! 127 are masked out, unless some anchor has such bytes: then they share the
//! entries of ASCII, and too much passes.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_set1_epi8, _mm512_ternarylogic_epi64, _mm512_test_epi8_mask,
};
use std::ops::Range;

use crate::prefilter::Passed;
use crate::prefilter::classes::{ABOVE, BITS, BLOCK, Block, FIRST, NEXT};
use crate::prefilter::plan::{ByteTables, WINDOW};

/// The search. A value exists only where the processor has AVX-512 F, BW and
/// VBMI.
#[derive(Debug)]
pub(in crate::prefilter) struct Search {
    /// An entry has eight bits: one half for each eight buckets.
    halves: [[[u8; ASCII]; WINDOW]; 2],
    /// All ones if windows with a byte above 127 may pass, else zero.
    above: u64,
}

/// Entries of a table.
const ASCII: usize = 128;

/// Bytes in a register.
const LEN: usize = 64;

impl Search {
    pub(in crate::prefilter) fn is_available() -> bool {
        std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vbmi")
    }

    pub(in crate::prefilter) fn new(tables: &ByteTables) -> Option<Self> {
        let above = tables.iter().any(|table| table[ASCII..].iter().any(|entry| *entry != 0));
        Self::is_available().then(|| Self {
            halves: std::array::from_fn(|half| {
                std::array::from_fn(|place| {
                    std::array::from_fn(|byte| {
                        let bits = tables[place][byte] | tables[place][byte + ASCII];
                        bits.to_le_bytes()[half]
                    })
                })
            }),
            above: if above { u64::MAX } else { 0 },
        })
    }

    #[inline]
    pub(in crate::prefilter) fn run(
        &self,
        text: &[u8],
        range: Range<usize>,
        passed: &mut impl Passed,
    ) {
        // SAFETY: a `Search` exists only where the features were detected.
        unsafe { run(self, text, range, passed) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn run(search: &Search, text: &[u8], range: Range<usize>, passed: &mut impl Passed) {
    let Search { halves, above: keep } = search;
    let text = &text[..range.end];
    let base = text.as_ptr();
    let half = |half: usize| -> [(__m512i, __m512i); WINDOW] {
        std::array::from_fn(|k| {
            let table = halves[half][k].as_ptr();
            // SAFETY: both halves of a 128-byte table are read.
            unsafe { (_mm512_loadu_si512(table.cast()), _mm512_loadu_si512(table.add(LEN).cast())) }
        })
    };
    let (one, other) = (half(0), half(1));
    let step = |at: usize| -> u64 {
        // SAFETY: `at + 3 + LEN` is within `text` wherever this is called.
        let bytes: [__m512i; WINDOW] =
            unsafe { std::array::from_fn(|k| _mm512_loadu_si512(base.add(at + k).cast())) };
        let buckets = |tables: &[(__m512i, __m512i); WINDOW]| {
            let looked: [__m512i; WINDOW] = std::array::from_fn(|k| {
                _mm512_permutex2var_epi8(tables[k].0, bytes[k], tables[k].1)
            });
            // 0x80 is the truth table of a & b & c.
            let three = _mm512_ternarylogic_epi64::<0x80>(looked[0], looked[1], looked[2]);
            _mm512_and_si512(three, looked[3])
        };
        let all = _mm512_or_si512(buckets(&one), buckets(&other));
        // 0xfe is that of a | b | c.
        let above = _mm512_ternarylogic_epi64::<0xfe>(
            bytes[0],
            bytes[1],
            _mm512_or_si512(bytes[2], bytes[3]),
        );
        _mm512_test_epi8_mask(all, all) & (!_mm512_movepi8_mask(above) | keep)
    };
    let mut at = range.start;
    while at + 2 * LEN + WINDOW - 1 <= text.len() {
        let (first, second) = (step(at), step(at + LEN));
        if first | second != 0 {
            report(first, at, passed);
            report(second, at + LEN, passed);
        }
        at += 2 * LEN;
    }
    while at + LEN + WINDOW - 1 <= text.len() {
        report(step(at), at, passed);
        at += LEN;
    }
    // What is left is less than a step: one that reaches back over what was seen, or
    // stands before the range, takes it.
    if let Some(last) = text.len().checked_sub(LEN + WINDOW - 1)
        && at < last + LEN
    {
        report(step(last) & (u64::MAX << (at - last)), last, passed);
        return;
    }
    for at in at..text.len().saturating_sub(WINDOW - 1) {
        let passes = |tables: &[[u8; ASCII]; WINDOW]| {
            (0..WINDOW).fold(0xff, |bits, k| {
                let byte = usize::from(text[at + k]);
                bits & if byte < ASCII || *keep != 0 { tables[k][byte % ASCII] } else { 0 }
            }) != 0
        };
        if halves.iter().any(passes) {
            passed.passed(at);
        }
    }
}

#[inline(always)]
fn report(mut mask: u64, start: usize, passed: &mut impl Passed) {
    while mask != 0 {
        passed.passed(start + mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

/// Appends the classes of the blocks of `text`, as far as they are whole.
///
/// # Panics
///
/// If the processor lacks AVX-512 VBMI.
pub(in crate::prefilter) fn classify(text: &[u8], blocks: &mut Vec<Block>) {
    assert!(Search::is_available(), "no AVX-512 VBMI");
    // SAFETY: the features were detected.
    unsafe { classify_blocks(text, blocks) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn classify_blocks(text: &[u8], blocks: &mut Vec<Block>) {
    let table = |table: &[u8; ASCII]| -> (__m512i, __m512i) {
        let table = table.as_ptr();
        // SAFETY: both halves of a 128-byte table are read.
        unsafe { (_mm512_loadu_si512(table.cast()), _mm512_loadu_si512(table.add(LEN).cast())) }
    };
    let (bits, first, next) = (table(&BITS), table(&FIRST), table(&NEXT));
    let classes = [0, 1, 2, 3, 4].map(|class| _mm512_set1_epi8(1 << class));
    let (below, over) = (_mm512_set1_epi8(!ABOVE as i8), _mm512_set1_epi8(ABOVE as i8));
    // A block and the byte behind it.
    for chunk in text.windows(BLOCK + 1).step_by(BLOCK) {
        // SAFETY: a chunk has one byte more than a register.
        let (bytes, behind) = unsafe {
            let at = chunk.as_ptr();
            (_mm512_loadu_si512(at.cast()), _mm512_loadu_si512(at.add(1).cast()))
        };
        let (above, next_above) = (_mm512_movepi8_mask(bytes), _mm512_movepi8_mask(behind));
        let looked = _mm512_permutex2var_epi8(bits.0, bytes, bits.1);
        let [symbol, upper, lower, digit, zero] =
            classes.map(|class| _mm512_test_epi8_mask(looked, class) & !above);
        let pairs = _mm512_and_si512(
            _mm512_permutex2var_epi8(first.0, bytes, first.1),
            _mm512_permutex2var_epi8(next.0, behind, next.1),
        );
        let ascii = _mm512_test_epi8_mask(pairs, below) & !(above | next_above);
        let hidden = _mm512_test_epi8_mask(pairs, over) & above & next_above;
        blocks.push(Block { symbol, upper, lower, digit, zero, escape: ascii | hidden });
    }
}
