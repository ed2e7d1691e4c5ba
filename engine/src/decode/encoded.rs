//! Everything in a text that is encoded.

use super::escape::Escape;
use super::stretches;
use super::wide::{self, Wide};
use crate::prefilter::Backend;
use crate::prefilter::classes::{BLOCK, FILLERS, Masked, Survey};

/// What stands encoded in a text, each kind in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) survey: Survey,
    /// Where compressed data begins that is written in digits.
    pub(super) packed: Vec<usize>,
    pub(super) escapes: Vec<(usize, Escape)>,
    pub(super) wide: Vec<Wide>,
}

impl Encoded {
    /// Finds everything in `text` but what is written in digits, which stand in the
    /// survey.
    pub(super) fn find(&mut self, backend: Backend, text: &[u8]) {
        backend.survey(text, &mut self.survey);
        wide::find(text, &self.survey.zeros, &mut self.wide);
        self.packed.clear();
        self.escapes.clear();
        self.escapes.extend(joints(text, &self.survey.joints));
        let joints = self.escapes.len();
        let mut from = 0;
        for at in positions(&self.survey.escapes) {
            if at < from {
                continue;
            }
            if matches!(text[at], b'H' | b'e' | b'1') {
                self.packed.extend(stretches::is_packed(text, at).then_some(at));
            } else if let Some(escape) = Escape::read(text, at) {
                from = at + escape.len;
                self.escapes.push((at, escape));
            }
        }
        if joints > 0 {
            // Of what overlaps, the first.
            self.escapes.sort_by_key(|(at, _)| *at);
            let mut from = 0;
            self.escapes.retain(|(at, escape)| {
                let is_free = *at >= from;
                from = if is_free { at + escape.len } else { from };
                is_free
            });
        }
    }
}

/// The bytes whose bits are set.
fn positions(blocks: &[Masked]) -> impl Iterator<Item = usize> {
    blocks.iter().flat_map(|(number, mask)| {
        let mut mask = *mask;
        std::iter::from_fn(move || {
            let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
            mask &= mask - 1;
            Some(number * BLOCK + bit)
        })
    })
}

/// What joins strings: from a quote to one of those at which the next string may begin.
fn joints(text: &[u8], quotes: &[Masked]) -> impl Iterator<Item = (usize, Escape)> {
    positions(quotes).filter_map(|end| {
        let at = text[..end].iter().rposition(|byte| !FILLERS.contains(byte))?;
        let escape = Escape::read(text, at)?;
        (at + escape.len == end + 1).then_some((at, escape))
    })
}
