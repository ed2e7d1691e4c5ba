//! What a search looks for: one window of four bytes for each anchor, and the
//! bucket that the window is searched in.
//!
//! The back ends test four neighbouring bytes at every position: each byte is
//! looked up in a table whose entry has one bit for each of the eight buckets,
//! and a position passes if some bucket's bit is set four times. A bucket's
//! windows mix: it passes whatever has a first byte of one of them, a second
//! byte of another, and so on. So the plan does two things. It picks for each
//! anchor the window that is rarest in ordinary text, and it spreads the windows
//! so that the expected number of positions that pass by accident is least.

use super::frequency::Frequencies;

/// Bytes in a window.
pub(super) const WINDOW: usize = 4;

/// Buckets: the bits of a table entry.
pub(super) const BUCKETS: usize = 8;

/// A literal to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// The bytes, in lower case if `ignore_case`.
    pub(super) bytes: Box<[u8]>,
    pub(super) ignore_case: bool,
}

impl Literal {
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        if self.ignore_case { text.eq_ignore_ascii_case(&self.bytes) } else { text == &*self.bytes }
    }
}

/// The window of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Focus {
    /// Index of the literal.
    pub(super) literal: u32,
    /// Where in the literal the window begins.
    pub(super) offset: u32,
    /// The window's bytes, letters folded as [`fold`] does.
    pub(super) folded: u32,
}

/// Folds four bytes so that letters of both cases become equal. Other bytes may
/// become equal too; the literal is compared exactly later.
#[inline(always)]
pub(super) const fn fold(window: u32) -> u32 {
    window | 0x2020_2020
}

/// Bits for each byte value and each of the four places.
pub(super) type ByteTables = [[u8; 256]; WINDOW];

/// A compiled search.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) literals: Box<[Literal]>,
    /// Ordered by their folded window.
    pub(super) foci: Box<[Focus]>,
    pub(super) tables: Box<ByteTables>,
}

impl Plan {
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let frequencies = Frequencies::new();
        let mut foci: Vec<Focus> = literals
            .iter()
            .enumerate()
            .map(|(i, literal)| focus(i as u32, literal, &frequencies))
            .collect();
        foci.sort_by_key(|f| (f.folded, f.literal));
        let tables = spread(&literals, &foci, &frequencies);
        Self { literals: literals.into(), foci: foci.into(), tables: Box::new(tables) }
    }

    /// Expected share of positions that pass all four tables.
    #[cfg(test)]
    fn expected_share(&self) -> f64 {
        let frequencies = Frequencies::new();
        (0..BUCKETS)
            .map(|bucket| {
                self.tables
                    .iter()
                    .map(|table| {
                        (0..=255u8)
                            .filter(|b| table[usize::from(*b)] >> bucket & 1 == 1)
                            .map(|b| frequencies.byte(b))
                            .sum::<f64>()
                    })
                    .product::<f64>()
            })
            .sum()
    }
}

fn focus(index: u32, literal: &Literal, frequencies: &Frequencies) -> Focus {
    let share = |offset: usize| {
        frequencies.window(&literal.bytes[offset..offset + WINDOW], literal.ignore_case)
    };
    let offset = (0..=literal.bytes.len() - WINDOW)
        .min_by(|a, b| share(*a).total_cmp(&share(*b)))
        .unwrap_or(0);
    let mut window = [0; WINDOW];
    window.copy_from_slice(&literal.bytes[offset..offset + WINDOW]);
    Focus { literal: index, offset: offset as u32, folded: fold(u32::from_le_bytes(window)) }
}

/// The byte values that a place of a window matches.
fn members(literal: &Literal, at: usize) -> [Option<u8>; 2] {
    let byte = literal.bytes[at];
    if literal.ignore_case && byte.is_ascii_alphabetic() {
        [Some(byte), Some(byte.to_ascii_uppercase())]
    } else {
        [Some(byte), None]
    }
}

/// Puts every window into the bucket where it adds least to the expected number
/// of accidental passes, the commonest windows first. Identical windows go
/// together at no cost.
fn spread(literals: &[Literal], foci: &[Focus], frequencies: &Frequencies) -> ByteTables {
    let mut tables = [[0u8; 256]; WINDOW];
    // Share of text bytes that each bucket's place accepts.
    let mut shares = [[0.0f64; WINDOW]; BUCKETS];
    let mut order: Vec<(f64, &Focus)> = foci
        .iter()
        .map(|f| {
            let literal = &literals[f.literal as usize];
            let at = f.offset as usize;
            (frequencies.window(&literal.bytes[at..at + WINDOW], literal.ignore_case), f)
        })
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.literal.cmp(&b.1.literal)));
    for (_, focus) in order {
        let literal = &literals[focus.literal as usize];
        let new_share = |tables: &ByteTables, bucket: usize, place: usize| -> f64 {
            members(literal, focus.offset as usize + place)
                .into_iter()
                .flatten()
                .filter(|b| tables[place][usize::from(*b)] >> bucket & 1 == 0)
                .map(|b| frequencies.byte(b))
                .sum()
        };
        let grown = |bucket: usize| -> [f64; WINDOW] {
            std::array::from_fn(|place| shares[bucket][place] + new_share(&tables, bucket, place))
        };
        let cost = |bucket: usize| -> f64 {
            grown(bucket).iter().product::<f64>() - shares[bucket].iter().product::<f64>()
        };
        let best = (0..BUCKETS).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0);
        shares[best] = grown(best);
        for (place, table) in tables.iter_mut().enumerate() {
            for byte in members(literal, focus.offset as usize + place).into_iter().flatten() {
                table[usize::from(byte)] |= 1 << best;
            }
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str, ignore_case: bool) -> Literal {
        Literal { bytes: text.as_bytes().into(), ignore_case }
    }

    #[test]
    fn the_rarest_window_is_chosen() {
        let plan = Plan::new(vec![literal("accesskeyq7zj", true)]);
        assert!(plan.foci[0].offset >= 7, "{:?}", plan.foci);
    }

    #[test]
    fn every_window_passes_its_own_bucket_and_little_else_does() {
        let words = ["AKIA", "ASIA", "secret", "smtp", "DBUser", "k8s-aws-v1.", "PRIVATE KEY"];
        let plan = Plan::new(words.iter().map(|w| literal(w, false)).collect());
        for focus in &plan.foci {
            let at = focus.offset as usize;
            let bytes = &plan.literals[focus.literal as usize].bytes[at..at + WINDOW];
            let bits = bytes
                .iter()
                .enumerate()
                .fold(0xff, |m, (i, b)| m & plan.tables[i][usize::from(*b)]);
            assert_ne!(bits, 0);
        }
        assert!(plan.expected_share() < 1e-4, "{}", plan.expected_share());
    }
}
