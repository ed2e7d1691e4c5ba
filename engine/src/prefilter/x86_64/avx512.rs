//! The search with whole byte tables on AVX-512 VBMI.
//!
//! `vpermi2b` looks 64 bytes up in a table of 128 entries at once, which holds
//! all of ASCII; it does not see a byte's highest bit. Windows with a byte above
//! 127 are masked out, unless some anchor has such bytes: then they share the
//! entries of ASCII, and too much passes.

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_madd_epi16,
    _mm512_maddubs_epi16, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_or_si512,
    _mm512_permutex2var_epi8, _mm512_permutexvar_epi8, _mm512_set1_epi8, _mm512_set1_epi32,
    _mm512_storeu_si512, _mm512_ternarylogic_epi64, _mm512_test_epi8_mask, _mm512_testn_epi8_mask,
    _mm512_testn_epi32_mask,
};
use std::ops::Range;

use crate::prefilter::Passed;
use crate::prefilter::classes::{
    BITS, BLOCK, Block, Carry, DIGIT_BITS, DIGITS, DigitClasses, Digits, HIDDEN_FIRST, HIDDEN_NEXT,
    NEXT, Survey, sextet,
};
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

/// Takes the blocks of `text`, as far as they are whole and a byte follows.
///
/// # Panics
///
/// If the processor lacks AVX-512 VBMI.
pub(in crate::prefilter) fn survey(text: &[u8], survey: &mut Survey) -> Carry {
    assert!(Search::is_available(), "no AVX-512 VBMI");
    // SAFETY: the features were detected.
    unsafe { survey_blocks(text, survey) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn survey_blocks(text: &[u8], survey: &mut Survey) -> Carry {
    let (bits, next) = (ascii_table(&BITS), ascii_table(&NEXT));
    let (unfit, shapes) = (ascii_table(&UNFIT), SHAPES.map(|shape| _mm512_set1_epi32(shape)));
    let (quote, filler) = (_mm512_set1_epi8(1), _mm512_set1_epi8(2));
    let highest = _mm512_set1_epi8(i8::MIN);
    let mut carry = Carry::default();
    // A block and the byte behind it.
    for chunk in text.windows(BLOCK + 1).step_by(BLOCK) {
        // SAFETY: a chunk has one byte more than a register.
        let (bytes, behind) = unsafe {
            let at = chunk.as_ptr();
            (_mm512_loadu_si512(at.cast()), _mm512_loadu_si512(at.add(1).cast()))
        };
        let above = _mm512_movepi8_mask(bytes);
        let looked = _mm512_maskz_permutex2var_epi8(!above, bits.0, bytes, bits.1);
        let next = _mm512_permutex2var_epi8(next.0, behind, next.1);
        let quote = _mm512_test_epi8_mask(looked, quote);
        let filler = _mm512_test_epi8_mask(looked, filler);
        let mut escape = _mm512_test_epi8_mask(looked, next);
        if above != 0 {
            escape |= hidden(bytes, behind);
        }
        let zero = _mm512_testn_epi8_mask(bytes, bytes);
        let unfit = _mm512_permutex2var_epi8(unfit.0, bytes, unfit.1);
        let unfit = _mm512_or_si512(unfit, _mm512_and_si512(bytes, highest));
        let [a, b, c, d, hex] = shapes.map(|shape| _mm512_testn_epi32_mask(unfit, shape));
        let digits = may_say_ascii([a, b, c, d], hex);
        carry = survey.block(carry, Block { digits, quote, filler, zero, escape });
    }
    carry
}

/// For each ASCII byte, one bit each if it is no base64 character, no hexadecimal digit,
/// and if its value as a base64 character has bit 5, 3 and 1. The highest bit is for
/// bytes that are not ASCII.
static UNFIT: [u8; ASCII] = {
    let mut table = [0; ASCII];
    let mut byte = 0;
    while byte < ASCII {
        let classes = DIGIT_BITS[byte];
        let is_symbol = classes & 1;
        let is_hex = classes >> 1 & 1;
        table[byte] = (1 ^ is_symbol) | (1 ^ is_hex) << 1 | (classes >> 3) << 2;
        byte += 1;
    }
    table
};

/// For the four alignments of base64, what four bytes must not have; then for hexadecimal
/// digits. A group of digits may begin at any byte of the four, but the others in the row
/// fill them up.
static SHAPES: [i32; 5] = {
    const NO_SYMBOL: u8 = 0x81;
    let mut shapes = [0; 5];
    let mut phase = 0;
    while phase < 4 {
        let mut bytes = [NO_SYMBOL; 4];
        bytes[phase] |= 1 << 2;
        bytes[(phase + 1) % 4] |= 1 << 3;
        bytes[(phase + 2) % 4] |= 1 << 4;
        shapes[phase] = i32::from_le_bytes(bytes);
        phase += 1;
    }
    shapes[4] = i32::from_le_bytes([0x82; 4]);
    shapes
};

/// Whether digits that say ASCII may stand in a block, by which of its sixteen fours have
/// a shape. A row of sixteen digits fills three fours, or two here and one beside; a row
/// of hexadecimal ones fills four of them here or beside.
#[inline(always)]
fn may_say_ascii([a, b, c, d]: [u16; 4], hex: u16) -> bool {
    /// The first two and the last two fours of a block.
    const ENDS: u64 = 0x4001_4001_4001_4001;
    // All in one word; where two of them meet, chance may add a row.
    let both = |low: u16, high: u16| u32::from(low) | u32::from(high) << 16;
    let all = u64::from(both(a, b)) | u64::from(both(c, d)) << 32;
    let two = all & all >> 1;
    let hex = hex & hex >> 1;
    (two & (all >> 2 | ENDS)) | u64::from(hex & hex >> 2) != 0
}

/// Where characters may begin that are not seen.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn hidden(bytes: __m512i, behind: __m512i) -> u64 {
    let any = |bytes: __m512i, of: &[u8]| {
        of.iter().fold(0, |mask, byte| {
            mask | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(*byte as i8))
        })
    };
    any(bytes, &HIDDEN_FIRST) & any(behind, &HIDDEN_NEXT)
}

/// Takes the digits of these blocks of `text`, which are whole and have one before.
///
/// # Panics
///
/// If the processor lacks AVX-512 VBMI.
pub(in crate::prefilter) fn digits(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    assert!(Search::is_available(), "no AVX-512 VBMI");
    // SAFETY: the features were detected.
    unsafe { digits_of_blocks(text, blocks, digits) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn digits_of_blocks(text: &[u8], blocks: &[usize], digits: &mut Digits) {
    let table = ascii_table(&DIGIT_BITS);
    let bits = [0, 1, 2, 3, 4, 5].map(|class| _mm512_set1_epi8(1 << class));
    for number in blocks {
        let at = number * BLOCK;
        let own = classes(&text[at..at + BLOCK], table, &bits);
        let before = if digits.asks_before(*number, &own) {
            classes(&text[at - BLOCK / 2..at + BLOCK / 2], table, &bits)
        } else {
            DigitClasses::default()
        };
        digits.block(*number, own, before);
    }
}

/// The classes of the digits in a block.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
#[inline]
fn classes(window: &[u8], table: (__m512i, __m512i), bits: &[__m512i; DIGITS]) -> DigitClasses {
    assert!(window.len() == BLOCK);
    // SAFETY: a window has as many bytes as a register.
    let bytes = unsafe { _mm512_loadu_si512(window.as_ptr().cast()) };
    let ascii = !_mm512_movepi8_mask(bytes);
    let looked = _mm512_maskz_permutex2var_epi8(ascii, table.0, bytes, table.1);
    DigitClasses::new(bits.map(|bit| _mm512_test_epi8_mask(looked, bit)))
}

/// Appends where base64 characters stand in the blocks of `text`, as far as they are
/// whole.
///
/// # Panics
///
/// If the processor lacks AVX-512 VBMI.
pub(in crate::prefilter) fn symbols(text: &[u8], symbols: &mut Vec<u64>) {
    assert!(Search::is_available(), "no AVX-512 VBMI");
    // SAFETY: the features were detected.
    unsafe { symbols_of_blocks(text, symbols) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn symbols_of_blocks(text: &[u8], symbols: &mut Vec<u64>) {
    let table = ascii_table(&DIGIT_BITS);
    for chunk in text.as_chunks::<BLOCK>().0 {
        // SAFETY: a chunk has as many bytes as a register.
        let bytes = unsafe { _mm512_loadu_si512(chunk.as_ptr().cast()) };
        let looked = _mm512_permutex2var_epi8(table.0, bytes, table.1);
        let symbol = _mm512_test_epi8_mask(looked, _mm512_set1_epi8(1));
        symbols.push(symbol & !_mm512_movepi8_mask(bytes));
    }
}

/// Bytes that a register of base64 characters says.
const SAID: usize = LEN / 4 * 3;

/// For each ASCII byte, its value as a base64 character.
static SEXTETS: [u8; ASCII] = {
    let mut table = [0; ASCII];
    let mut byte = 0;
    while byte < ASCII {
        table[byte] = sextet(byte as u8);
        byte += 1;
    }
    table
};

/// Where the bytes that are said stand once each group is joined: three of each four, the
/// last first.
static JOINED: [u8; LEN] = {
    let mut places = [0; LEN];
    let mut at = 0;
    while at < SAID {
        places[at] = (at / 3 * 4 + 2 - at % 3) as u8;
        at += 1;
    }
    places
};

/// Appends what base64 characters say, as far as they fill registers, and says how many
/// these are.
///
/// # Panics
///
/// If the processor lacks AVX-512 VBMI.
pub(in crate::prefilter) fn base64(digits: &[u8], out: &mut Vec<u8>) -> usize {
    assert!(Search::is_available(), "no AVX-512 VBMI");
    // SAFETY: the features were detected.
    unsafe { base64_of_blocks(digits, out) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn base64_of_blocks(digits: &[u8], out: &mut Vec<u8>) -> usize {
    let table = ascii_table(&SEXTETS);
    // SAFETY: as many bytes as a register has.
    let joined = unsafe { _mm512_loadu_si512(JOINED.as_ptr().cast()) };
    let (blocks, _) = digits.as_chunks::<LEN>();
    let start = out.len();
    // The last store is longer than what it says.
    out.resize(start + blocks.len() * SAID + (LEN - SAID), 0);
    for (number, block) in blocks.iter().enumerate() {
        let place = &mut out[start + number * SAID..][..LEN];
        // SAFETY: the block and the place have as many bytes as a register.
        unsafe {
            let bytes = _mm512_loadu_si512(block.as_ptr().cast());
            let values = _mm512_permutex2var_epi8(table.0, bytes, table.1);
            // Twelve bits of two characters each, then twenty-four.
            let twos = _mm512_maddubs_epi16(values, _mm512_set1_epi32(0x0140_0140));
            let fours = _mm512_madd_epi16(twos, _mm512_set1_epi32(0x0001_1000));
            let said = _mm512_permutexvar_epi8(joined, fours);
            _mm512_storeu_si512(place.as_mut_ptr().cast(), said);
        }
    }
    out.truncate(start + blocks.len() * SAID);
    blocks.len() * LEN
}

/// A table for ASCII bytes in two registers.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn ascii_table(table: &[u8; ASCII]) -> (__m512i, __m512i) {
    let table = table.as_ptr();
    // SAFETY: both halves of a 128-byte table are read.
    unsafe { (_mm512_loadu_si512(table.cast()), _mm512_loadu_si512(table.add(LEN).cast())) }
}
