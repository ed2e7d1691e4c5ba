//! Everything in a text that is encoded.

use std::ops::Range;

use super::escape::Escape;
use super::runs::{Run, Runs};
use super::wide::{self, Wide};
use super::{symbols, view::View};
use crate::prefilter::Backend;
use crate::prefilter::classes::{BLOCK, Block};

/// What stands encoded in a text, each kind in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    blocks: Vec<Block>,
    pub(super) runs: Runs,
    pub(super) escapes: Vec<(usize, Escape)>,
    pub(super) wide: Vec<Wide>,
}

impl Encoded {
    /// Finds everything in `text`.
    pub(super) fn find(&mut self, backend: Backend, text: &[u8]) {
        backend.classify(text, &mut self.blocks);
        self.runs.find(text, &self.blocks);
        wide::find(text, &self.blocks, &mut self.wide);
        self.escapes.clear();
        let mut from = 0;
        for (number, block) in self.blocks.iter().enumerate() {
            let mut leads = block.escape;
            while leads != 0 {
                let at = number * BLOCK + leads.trailing_zeros() as usize;
                leads &= leads - 1;
                if at < from {
                    continue;
                }
                if let Some(escape) = Escape::read(text, at) {
                    from = at + escape.len;
                    self.escapes.push((at, escape));
                }
            }
        }
    }

    /// Replaces `values` by those of a run's digits.
    pub(super) fn values(&self, text: &[u8], run: &Run, values: &mut Vec<u8>) {
        let lines = &self.runs.lines[run.lines.clone()];
        let joined: Vec<u8>;
        let digits = match lines {
            [line] => &text[line.clone()],
            lines => {
                joined = lines.iter().flat_map(|line| &text[line.clone()]).copied().collect();
                &joined
            }
        };
        if run.is_hex {
            symbols::nibbles(digits, values);
        } else {
            symbols::sextets(digits, values);
        }
    }

    /// Appends what a run says whose digits have these values, read from the digit with
    /// the number `phase` on.
    pub(super) fn decode(&self, run: &Run, phase: usize, values: &[u8], view: &mut View) {
        let values = values.get(phase..).unwrap_or_default();
        let lines = &self.runs.lines[run.lines.clone()];
        view.digits(run.range.clone(), if run.is_hex { 4 } else { 6 }, phase, lines, |out| {
            if run.is_hex {
                symbols::pack_nibbles(values, out);
            } else {
                symbols::pack_sextets(values, out);
            }
        });
    }

    /// The alignments at which a run may have been cut.
    pub(super) fn phases(run: &Run) -> Range<usize> {
        0..if run.is_hex { 2 } else { 4 }
    }
}

/// Whether nearly all bytes are those of text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|b| !matches!(b, b' '..=b'~' | b'\t' | b'\r' | b'\n')).count();
    bytes.len() >= 12 && odd * 20 <= bytes.len()
}
