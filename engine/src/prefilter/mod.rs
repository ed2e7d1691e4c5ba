//! The prefilter: finds every anchor of every detector in one pass.
//!
//! # How it works
//!
//! The plan picks a window of four bytes for each anchor and spreads the windows
//! over eight buckets. A back end runs over the text and yields the positions
//! whose four bytes pass the buckets' tables; most text never does. Each such
//! position is looked up by its exact (case-folded) four bytes in a bit map and
//! a small table, and what is left is compared with the whole anchor. So the
//! back ends may let through too much but never too little, and all of them
//! report exactly what a naive search would.
//!
//! Which back end runs is decided when the prefilter is built, by what the
//! processor has; tests and benches force each of them in turn.
//!
//! Unsafe code of the engine lives in the back ends below and nowhere else.

#[cfg(target_arch = "aarch64")]
mod aarch64;
pub(crate) mod classes;
mod frequency;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod nibble;
mod plan;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use std::fmt;
use std::ops::Range;

use leaksieve_detectors::detector::Anchor;

use plan::{Focus, Literal, Lookup, Plan, WINDOW, fold};

/// The instructions that a search runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// AVX-512 with VBMI: 64 positions a step, exact byte tables.
    Avx512,
    /// AVX2: 32 positions a step, tables by half bytes.
    Avx2,
    /// NEON: 16 positions a step, tables by half bytes.
    Neon,
    /// One position a step, on any processor.
    Portable,
}

impl Backend {
    /// All back ends, the fastest first.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable];

    /// The back end's name, as `--backend` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// The back end of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }

    /// Whether this processor has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => x86_64::avx512::Search::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86_64::avx2::Search::is_available(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => aarch64::neon::Search::is_available(),
            Self::Portable => true,
            _ => false,
        }
    }

    /// The back ends that this processor can run, the fastest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|b| b.is_available())
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An anchor found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where the anchor starts.
    pub at: usize,
    /// Index of the anchor among those the prefilter was built from.
    pub anchor: u32,
}

/// Counts what a search did; see [`Prefilter::find_counting`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Positions that passed the back end's tables.
    pub passed: u64,
    /// Of these, positions whose four bytes are some anchor's window.
    pub windows: u64,
    /// Anchors found.
    pub hits: u64,
}

/// A compiled search for many anchors. Immutable and cheap to share.
#[derive(Debug)]
pub struct Prefilter {
    plan: Plan,
    verify: Verify,
    search: Search,
    backend: Backend,
}

#[derive(Debug)]
enum Search {
    #[cfg(target_arch = "x86_64")]
    Avx512(Box<x86_64::avx512::Search>),
    #[cfg(target_arch = "x86_64")]
    Avx2(Box<x86_64::avx2::Search>),
    #[cfg(target_arch = "aarch64")]
    Neon(Box<aarch64::neon::Search>),
    Portable(Box<portable::Search>),
}

/// Takes the positions that a back end lets through.
trait Passed {
    /// The four bytes at `at` passed; `at + 4` is within the text.
    fn passed(&mut self, at: usize);
}

impl Prefilter {
    /// Compiles a search for `anchors` with the fastest back end there is.
    pub fn new(anchors: &[Anchor]) -> Self {
        let best = Backend::available().next().unwrap_or(Backend::Portable);
        Self::with_backend(anchors, best).unwrap_or_else(|| Self::portable(anchors))
    }

    /// Compiles a search with this back end; `None` if the processor lacks its
    /// instructions.
    pub fn with_backend(anchors: &[Anchor], backend: Backend) -> Option<Self> {
        let plan = plan(anchors, backend);
        let search = match backend {
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 => Search::Avx512(Box::new(x86_64::avx512::Search::new(&plan.tables)?)),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => Search::Avx2(Box::new(x86_64::avx2::Search::new(&plan.tables)?)),
            #[cfg(target_arch = "aarch64")]
            Backend::Neon => Search::Neon(Box::new(aarch64::neon::Search::new(&plan.tables)?)),
            Backend::Portable => Search::Portable(Box::new(portable::Search::new(&plan.tables))),
            #[allow(unreachable_patterns)]
            _ => return None,
        };
        Some(Self { verify: Verify::new(&plan), plan, search, backend })
    }

    fn portable(anchors: &[Anchor]) -> Self {
        let plan = plan(anchors, Backend::Portable);
        let search = Search::Portable(Box::new(portable::Search::new(&plan.tables)));
        Self { verify: Verify::new(&plan), plan, search, backend: Backend::Portable }
    }

    /// The back end that runs.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Appends to `hits` every anchor that starts in `range` and lies wholly in
    /// `text`, by position, then by index.
    ///
    /// # Panics
    ///
    /// If `range` does not lie in `text`.
    pub fn find(&self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
        self.run(text, range, hits);
    }

    /// Like [`Prefilter::find`], and says how many positions each step let
    /// through.
    pub fn find_counting(&self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) -> Counts {
        self.run(text, range, hits)
    }

    fn run(&self, text: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) -> Counts {
        assert!(range.start <= range.end && range.end <= text.len(), "range outside the text");
        let first = hits.len();
        let mut check = Check {
            plan: &self.plan,
            verify: &self.verify,
            text,
            range: range.clone(),
            hits,
            counts: Counts::default(),
        };
        // A window may begin after its anchor's start, at most so far.
        let end = range
            .end
            .saturating_add(self.verify.longest_offset)
            .saturating_add(WINDOW - 1)
            .min(text.len());
        let window = range.start..end;
        match &self.search {
            #[cfg(target_arch = "x86_64")]
            Search::Avx512(search) => search.run(text, window, &mut check),
            #[cfg(target_arch = "x86_64")]
            Search::Avx2(search) => search.run(text, window, &mut check),
            #[cfg(target_arch = "aarch64")]
            Search::Neon(search) => search.run(text, window, &mut check),
            Search::Portable(search) => search.run(text, window, &mut check),
        }
        let mut counts = check.counts;
        hits[first..].sort_unstable();
        counts.hits = (hits.len() - first) as u64;
        counts
    }
}

fn plan(anchors: &[Anchor], backend: Backend) -> Plan {
    let lookup = match backend {
        Backend::Avx512 => Lookup::Bytes(16),
        Backend::Portable => Lookup::Bytes(8),
        Backend::Avx2 | Backend::Neon => Lookup::Parts,
    };
    let literals = anchors
        .iter()
        .map(|a| Literal { bytes: a.literal.to_vec().into(), ignore_case: a.ignore_case })
        .collect();
    Plan::new(literals, lookup)
}

/// The second check: is this window some anchor's window at all, and whose?
#[derive(Debug)]
struct Verify {
    /// One bit for each 16-bit hash of a folded window.
    bitmap: Box<[u64; 1024]>,
    /// For the upper bits of the hash, where the plan's foci begin that have
    /// them; one more entry for where the last end.
    starts: Box<[u32]>,
    longest_offset: usize,
}

/// Spreads folded windows over 16 bits (a multiplicative hash, Knuth's
/// constant).
#[inline(always)]
const fn hash(folded: u32) -> usize {
    (folded.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// The lower bits of a hash that [`Verify::starts`] leaves out: 4,096 entries
/// keep two windows apart nearly always.
const COARSE: usize = 4;

impl Verify {
    /// The plan's foci are ordered by the hash of their windows.
    fn new(plan: &Plan) -> Self {
        let mut bitmap = Box::new([0; 1024]);
        for focus in &plan.foci {
            let h = hash(focus.folded);
            bitmap[h / 64] |= 1 << (h % 64);
        }
        let mut first = 0;
        let starts = (0..=1usize << (16 - COARSE))
            .map(|h| {
                let rest = &plan.foci[first..];
                first += rest.iter().take_while(|f| hash(f.folded) >> COARSE < h).count();
                first as u32
            })
            .collect();
        let longest_offset = plan.foci.iter().map(|f| f.offset as usize).max().unwrap_or(0);
        Self { bitmap, starts, longest_offset }
    }

    /// The foci among which those with this window are.
    #[inline]
    fn candidates<'p>(&self, plan: &'p Plan, folded: u32) -> &'p [Focus] {
        let h = hash(folded) >> COARSE;
        &plan.foci[self.starts[h] as usize..self.starts[h + 1] as usize]
    }
}

/// Checks the positions that a back end lets through and keeps the hits.
struct Check<'a> {
    plan: &'a Plan,
    verify: &'a Verify,
    text: &'a [u8],
    range: Range<usize>,
    hits: &'a mut Vec<Hit>,
    counts: Counts,
}

impl Passed for Check<'_> {
    #[inline(always)]
    fn passed(&mut self, at: usize) {
        self.counts.passed += 1;
        let Some(window) = self.text.get(at..at + WINDOW) else { return };
        let mut bytes = [0; WINDOW];
        bytes.copy_from_slice(window);
        let folded = fold(u32::from_le_bytes(bytes));
        let h = hash(folded);
        if self.verify.bitmap[h / 64] >> (h % 64) & 1 == 1 {
            self.compare(at, folded);
        }
    }
}

impl Check<'_> {
    #[inline(never)]
    fn compare(&mut self, at: usize, folded: u32) {
        let mut known = false;
        for focus in self.verify.candidates(self.plan, folded) {
            if focus.folded != folded {
                continue;
            }
            known = true;
            let literal = &self.plan.literals[focus.literal as usize];
            let Some(start) = at.checked_sub(focus.offset as usize) else { continue };
            if !self.range.contains(&start) {
                continue;
            }
            if literal.stands_at(self.text, start) {
                self.hits.push(Hit { at: start, anchor: focus.literal });
            }
        }
        self.counts.windows += u64::from(known);
    }
}

#[cfg(test)]
mod tests;
