//! What a search looks for: one window of four bytes for each anchor, and the
//! bucket that the window is searched in.
//!
//! The back ends test four neighbouring bytes at every position: each byte is
//! looked up in a table whose entry has one bit for each bucket, and a position
//! passes if some bucket's bit is set four times. A bucket's windows mix: it
//! passes whatever has a first byte of one of them, a second byte of another, and
//! so on; and back ends whose tables are indexed by parts of a byte pass a little
//! more. So the plan picks for each anchor the window, and for each window the
//! bucket, that add least to the expected number of positions that pass by
//! accident, as the back end's [`Lookup`] will let them.

use super::frequency::Frequencies;

/// Bytes in a window.
pub(super) const WINDOW: usize = 4;

/// The most buckets: the bits of a table entry.
pub(super) const MAX_BUCKETS: usize = 16;

/// How a back end looks bytes up, which decides what passes by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// Whole bytes, so many buckets.
    Bytes(usize),
    /// Sixteen buckets, two overlapping parts of a byte: see [`parts`].
    Parts,
}

impl Lookup {
    fn buckets(self) -> usize {
        match self {
            Self::Bytes(buckets) => buckets.min(MAX_BUCKETS),
            Self::Parts => MAX_BUCKETS,
        }
    }
}

/// The two parts of a byte that tables of 16 entries are indexed by: its bits 0 to
/// 3, and its bits 3 to 6. They share a bit, and leave the highest out: of ASCII
/// that tells more than the two halves do, whose upper one has eight values only.
#[inline(always)]
pub(super) const fn parts(byte: u8) -> (usize, usize) {
    ((byte & 15) as usize, (byte >> 3 & 15) as usize)
}

/// A literal to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    /// The bytes, in lower case if `ignore_case`.
    pub(super) bytes: Box<[u8]>,
    pub(super) ignore_case: bool,
}

impl Literal {
    /// Whether it stands at `at`.
    #[inline]
    pub(super) fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let Some(text) = text.get(at..at + self.bytes.len()) else { return false };
        // Literals with a common beginning share a window, but seldom an end.
        let (Some(last), Some(own)) = (text.last(), self.bytes.last()) else { return false };
        if (last ^ own) & 0xdf != 0 {
            return false;
        }
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
pub(super) type ByteTables = [[u16; 256]; WINDOW];

/// A compiled search.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) literals: Box<[Literal]>,
    /// Ordered by the hash of their folded window.
    pub(super) foci: Box<[Focus]>,
    pub(super) tables: Box<ByteTables>,
}

impl Plan {
    pub(super) fn new(literals: Vec<Literal>, lookup: Lookup) -> Self {
        let frequencies = Frequencies::new();
        let (mut foci, tables) = spread(&literals, lookup, &frequencies);
        foci.sort_by_key(|f| (super::hash(f.folded), f.folded, f.literal));
        Self { literals: literals.into(), foci: foci.into(), tables: Box::new(tables) }
    }

    /// Expected share of positions that pass all four tables.
    #[cfg(test)]
    fn expected_share(&self) -> f64 {
        let frequencies = Frequencies::new();
        (0..MAX_BUCKETS)
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

/// The most windows of a literal that are tried, the rarest ones.
const TRIED: usize = 8;

/// What it costs that a window really stands in the text, against a position that
/// passes by accident: it is compared with the whole literal. Some 20 ns against
/// 4 ns were measured; it counts for more, because texts that are full of a word
/// (URLs of `http`, forms of `password`) should not cost much more than others.
const COMPARISON: f64 = 20.0;

/// Picks for every literal a window and a bucket, those with the fewest windows to
/// choose from first.
fn spread(
    literals: &[Literal],
    lookup: Lookup,
    frequencies: &Frequencies,
) -> (Vec<Focus>, ByteTables) {
    let weights = Weights::new(frequencies);
    let mut buckets: Vec<Bucket> = (0..lookup.buckets()).map(|_| Bucket::new(lookup)).collect();
    let mut tables = [[0u16; 256]; WINDOW];
    let mut order: Vec<usize> = (0..literals.len()).collect();
    order.sort_by_key(|l| (literals[*l].bytes.len().min(WINDOW + TRIED), *l));
    let mut foci = Vec::with_capacity(literals.len());
    for index in order {
        let literal = &literals[index];
        let share = |offset: usize| {
            frequencies.window(&literal.bytes[offset..offset + WINDOW], literal.ignore_case)
        };
        let mut tried: Vec<(f64, usize)> =
            (0..=literal.bytes.len() - WINDOW).map(|o| (share(o), o)).collect();
        tried.sort_by(|a, b| a.0.total_cmp(&b.0));
        tried.truncate(TRIED);
        let mut best = (f64::INFINITY, 0, 0);
        for (share, offset) in tried {
            let window: [Members; WINDOW] =
                std::array::from_fn(|place| Members::of(literal, offset + place));
            for (number, bucket) in buckets.iter().enumerate() {
                let cost = bucket.added(&window, &weights) + share * COMPARISON;
                if cost < best.0 {
                    best = (cost, offset, number);
                }
            }
        }
        let (_, offset, number) = best;
        let mut bytes = [0; WINDOW];
        bytes.copy_from_slice(&literal.bytes[offset..offset + WINDOW]);
        for (place, table) in tables.iter_mut().enumerate() {
            let members = Members::of(literal, offset + place);
            buckets[number].places[place].add(&members, &weights);
            for byte in members.iter() {
                table[usize::from(byte)] |= 1 << number;
            }
        }
        foci.push(Focus {
            literal: index as u32,
            offset: offset as u32,
            folded: fold(u32::from_le_bytes(bytes)),
        });
    }
    (foci, tables)
}

/// The byte values that a place of a window matches: one, or a letter's two cases.
#[derive(Debug, Clone, Copy)]
struct Members {
    byte: u8,
    other: Option<u8>,
}

impl Members {
    fn of(literal: &Literal, at: usize) -> Self {
        let byte = literal.bytes[at];
        let other = literal.ignore_case && byte.is_ascii_alphabetic();
        Self { byte, other: other.then(|| byte.to_ascii_uppercase()) }
    }

    fn iter(self) -> impl Iterator<Item = u8> {
        [Some(self.byte), self.other].into_iter().flatten()
    }
}

/// Shares of text bytes, by value and by parts.
struct Weights {
    bytes: [f64; 256],
    parts: [[f64; 16]; 16],
}

impl Weights {
    fn new(frequencies: &Frequencies) -> Self {
        let bytes = std::array::from_fn(|b| frequencies.byte(b as u8));
        let mut by_parts = [[0.0; 16]; 16];
        for (byte, share) in bytes.iter().enumerate() {
            let (low, high) = parts(byte as u8);
            by_parts[low][high] += share;
        }
        Self { bytes, parts: by_parts }
    }
}

/// What a bucket accepts.
struct Bucket {
    places: [Place; WINDOW],
}

impl Bucket {
    fn new(lookup: Lookup) -> Self {
        Self { places: std::array::from_fn(|_| Place::new(lookup)) }
    }

    /// By how much the expected share of passing positions grows with a window.
    fn added(&self, window: &[Members; WINDOW], weights: &Weights) -> f64 {
        let (mut now, mut then) = (1.0, 1.0);
        for (place, members) in self.places.iter().zip(window) {
            now *= place.share();
            then *= place.grown(members, weights);
        }
        then - now
    }
}

/// What one place of a bucket accepts, and the share of text bytes that it does.
#[expect(clippy::large_enum_variant, reason = "64 of them live while a plan is made")]
enum Place {
    Bytes {
        set: [u64; 4],
        share: f64,
    },
    /// Whatever has one of the low parts and one of the high parts. `rows` and
    /// `columns` are the sums of weights over the accepted high and low parts.
    Parts {
        low: u16,
        high: u16,
        share: f64,
        rows: [f64; 16],
        columns: [f64; 16],
    },
}

impl Place {
    fn new(lookup: Lookup) -> Self {
        match lookup {
            Lookup::Bytes(_) => Self::Bytes { set: [0; 4], share: 0.0 },
            Lookup::Parts => {
                Self::Parts { low: 0, high: 0, share: 0.0, rows: [0.0; 16], columns: [0.0; 16] }
            }
        }
    }

    fn share(&self) -> f64 {
        match self {
            Self::Bytes { share, .. } | Self::Parts { share, .. } => *share,
        }
    }

    /// The share with these members added.
    fn grown(&self, members: &Members, weights: &Weights) -> f64 {
        match self {
            Self::Bytes { set, share } => members
                .iter()
                .filter(|b| set[usize::from(b / 64)] >> (b % 64) & 1 == 0)
                .fold(*share, |sum, b| sum + weights.bytes[usize::from(b)]),
            Self::Parts { low, high, share, rows, columns } => {
                // The cases of a letter have one low part.
                let (row, _) = parts(members.byte);
                let new_row = low >> row & 1 == 0;
                let mut sum = share + if new_row { rows[row] } else { 0.0 };
                for (_, column) in members.iter().map(parts) {
                    if high >> column & 1 == 0 {
                        sum += columns[column];
                        sum += if new_row { weights.parts[row][column] } else { 0.0 };
                    }
                }
                sum
            }
        }
    }

    fn add(&mut self, members: &Members, weights: &Weights) {
        let grown = self.grown(members, weights);
        match self {
            Self::Bytes { set, share } => {
                *share = grown;
                for b in members.iter() {
                    set[usize::from(b / 64)] |= 1 << (b % 64);
                }
            }
            Self::Parts { low, high, share, rows, columns } => {
                *share = grown;
                for (row, column) in members.iter().map(parts) {
                    if *low >> row & 1 == 0 {
                        *low |= 1 << row;
                        (0..16).for_each(|c| columns[c] += weights.parts[row][c]);
                    }
                    if *high >> column & 1 == 0 {
                        *high |= 1 << column;
                        (0..16).for_each(|r| rows[r] += weights.parts[r][column]);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str, ignore_case: bool) -> Literal {
        Literal { bytes: text.as_bytes().into(), ignore_case }
    }

    #[test]
    fn the_rarest_window_is_chosen() {
        let plan = Plan::new(vec![literal("accesskeyq7zj", true)], Lookup::Bytes(8));
        assert!(plan.foci[0].offset >= 7, "{:?}", plan.foci);
    }

    #[test]
    fn every_window_passes_its_own_bucket_and_little_else_does() {
        let words = ["AKIA", "ASIA", "secret", "smtp", "DBUser", "k8s-aws-v1.", "PRIVATE KEY"];
        for lookup in [Lookup::Bytes(8), Lookup::Bytes(16), Lookup::Parts] {
            let plan = Plan::new(words.iter().map(|w| literal(w, false)).collect(), lookup);
            for focus in &plan.foci {
                let at = focus.offset as usize;
                let bytes = &plan.literals[focus.literal as usize].bytes[at..at + WINDOW];
                let bits = bytes
                    .iter()
                    .enumerate()
                    .fold(u16::MAX, |m, (i, b)| m & plan.tables[i][usize::from(*b)]);
                assert_ne!(bits, 0);
                assert!(u32::from(bits) < 1 << lookup.buckets());
            }
            assert!(plan.expected_share() < 1e-4, "{}", plan.expected_share());
        }
    }
}
