//! The search on any processor: one table look-up a byte.
//!
//! A 32-bit state holds, for each of the last four bytes, the buckets that are
//! still possible: shift-and over four places at once.

use std::ops::Range;

use super::Passed;
use super::plan::{ByteTables, WINDOW};

/// The search.
#[derive(Debug)]
pub(super) struct Search {
    table: [u32; 256],
}

impl Search {
    pub(super) fn new(tables: &ByteTables) -> Self {
        let table = std::array::from_fn(|byte| {
            u32::from_le_bytes(std::array::from_fn(|place| tables[place][byte] as u8))
        });
        Self { table }
    }

    pub(super) fn run(&self, text: &[u8], range: Range<usize>, passed: &mut impl Passed) {
        // Place k of the state holds the buckets whose first k + 1 places fit.
        let mut state = 0u32;
        for (i, byte) in text[range.clone()].iter().enumerate() {
            state = (state << 8 | 0xff) & self.table[usize::from(*byte)];
            if state > 0x00ff_ffff {
                passed.passed(range.start + i + 1 - WINDOW);
            }
        }
    }
}
