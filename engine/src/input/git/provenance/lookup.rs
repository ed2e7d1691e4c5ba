//! Finding objects by their ids, a million times a second.

use crate::input::git::oid::{Oid, leading};
use crate::input::git::pack::Pack;

/// The blobs that are looked for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Sorted, once each.
    ids: Vec<Oid>,
    /// A bit for each value that the first bits of an id may have.
    filter: Vec<u64>,
}

const FILTER_BITS: usize = 20;

impl Wanted {
    pub(super) fn new(ids: &[Oid]) -> Self {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut filter = vec![0u64; (1 << FILTER_BITS) / 64];
        for id in &ids {
            let bit = Self::bit(id.as_bytes());
            filter[bit / 64] |= 1 << (bit % 64);
        }
        Self { ids, filter }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    #[inline]
    fn bit(id: &[u8]) -> usize {
        (usize::from(id[0]) << 16 | usize::from(id[1]) << 8 | usize::from(id[2]))
            >> (24 - FILTER_BITS)
    }

    /// The number of an id that is wanted.
    #[inline]
    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        let bit = Self::bit(id);
        if self.filter.get(bit / 64)? & 1 << (bit % 64) == 0 {
            return None;
        }
        self.ids.binary_search_by(|wanted| wanted.as_bytes().cmp(id)).ok().map(|at| at as u32)
    }
}

/// How many objects of packs have numbers; the others are read one by one.
const MAX_NUMBERED: u32 = 1 << 30;

/// Packs whose objects have numbers: the position in the index, behind those of the
/// packs before.
#[derive(Default)]
pub(super) struct Numbered<'s> {
    /// Each with its first number.
    packs: Vec<(u32, &'s Pack)>,
    pub(super) count: u32,
    /// How far to shift the first bytes of an id for its bucket.
    shift: u32,
    /// Where each bucket begins.
    starts: Vec<u32>,
    /// The numbers in the buckets, in the order of the packs; none for one pack,
    /// whose index is in this order.
    numbers: Vec<u32>,
}

impl<'s> Numbered<'s> {
    /// Adds a pack; `false` if there are too many objects.
    pub(super) fn add(&mut self, pack: &'s Pack) -> bool {
        let count = self.count.checked_add(pack.index.count()).filter(|n| *n <= MAX_NUMBERED);
        let Some(count) = count else { return false };
        self.packs.push((self.count, pack));
        self.count = count;
        true
    }

    /// The packs, each with its first number.
    pub(super) fn packs(&self) -> &[(u32, &'s Pack)] {
        &self.packs
    }

    /// Makes objects findable, once all packs are there. About four ids share a
    /// bucket, so that to find one costs two cache misses and not twelve.
    pub(super) fn sort(&mut self) {
        let bits = (self.count / 4).max(2).ilog2().clamp(1, 24);
        self.shift = 64 - bits;
        let mut starts = vec![0u32; (1 << bits) + 1];
        let mut is_ordered = self.packs.len() == 1;
        let mut last = 0;
        self.each(|_, bucket| {
            is_ordered &= bucket >= last;
            last = bucket;
            starts[bucket + 1] += 1;
        });
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        if !is_ordered {
            let mut next = starts.clone();
            let mut numbers = vec![0; self.count as usize];
            self.each(|number, bucket| {
                numbers[next[bucket] as usize] = number;
                next[bucket] += 1;
            });
            self.numbers = numbers;
        }
        self.starts = starts;
    }

    fn each(&self, mut take: impl FnMut(u32, usize)) {
        for (first, pack) in &self.packs {
            for position in 0..pack.index.count() {
                let bucket = leading(pack.index.id(position)) >> self.shift;
                take(first + position, bucket as usize);
            }
        }
    }

    /// The number of an object; the first, if several packs hold it.
    #[inline]
    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        let bucket = (leading(id) >> self.shift.min(63)) as usize;
        let &[start, end] = self.starts.get(bucket..bucket + 2)? else { return None };
        if self.numbers.is_empty() {
            let (_, pack) = self.packs.first()?;
            // Two numbers are compared faster than two pieces of text.
            let first = leading(id);
            let is_it = |at: u32| {
                let other = pack.index.id(at);
                leading(other) == first && other == id
            };
            return (start..end).find(|at| is_it(*at));
        }
        let numbers = &self.numbers[start as usize..end as usize];
        numbers.iter().copied().find(|number| {
            let (first, pack) = self.pack(*number);
            pack.index.id(number - first) == id
        })
    }

    fn pack(&self, number: u32) -> (u32, &'s Pack) {
        self.packs[self.packs.partition_point(|(first, _)| *first <= number) - 1]
    }

    pub(super) fn oid(&self, number: u32) -> Oid {
        let (first, pack) = self.pack(number);
        pack.index.oid(number - first)
    }
}
