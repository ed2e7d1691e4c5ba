//! Packs of some kilobytes that are made to cost time and memory.

use std::path::PathBuf;

use libdeflater::{CompressionLvl, Compressor};

use super::*;
use crate::input::git::oid::ObjectFormat;
use crate::input::git::pack::{Bytes, Index};

/// Bytes of every object.
const SIZE: usize = 4096;

fn id(number: usize) -> [u8; 20] {
    let mut id = [0; 20];
    id[16..].copy_from_slice(&(number as u32).to_be_bytes());
    id
}

/// A chain of so many deltas. A second object is made from each link, after all that
/// follows in the chain.
fn chain(links: usize) -> Pack {
    let mut compressor = Compressor::new(CompressionLvl::fastest());
    let mut pack = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    let mut offsets = Vec::new();
    let mut entry = |kind: u8, base: usize, data: &[u8], offsets: &mut Vec<usize>| {
        let start = pack.len();
        let (low, high) = (data.len() & 15, data.len() >> 4);
        pack.extend([kind << 4 | low as u8 | 0x80, high as u8 | 0x80, (high >> 7) as u8]);
        if kind == 7 {
            pack.extend(id(base));
        }
        offsets.push(start);
        let mut room = vec![0; compressor.zlib_compress_bound(data.len())];
        let len = compressor.zlib_compress(data, &mut room).unwrap();
        pack.extend(&room[..len]);
    };
    // A number of its own, and all but the last four bytes of the base.
    let delta = |number: usize| {
        let number = (number as u32).to_be_bytes();
        [&[0x80, 0x20, 0x80, 0x20, 4][..], &number, &[0xb0, 0xfc, 0x0f]].concat()
    };
    entry(3, 0, &[b'x'; SIZE], &mut offsets);
    for number in 1..=links {
        let base = number - 1;
        entry(7, base, &delta(number), &mut offsets);
    }
    for number in (0..links).rev() {
        entry(7, number, &delta(links + 1 + number), &mut offsets);
    }
    pack.extend([7; 20]);

    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    let count = offsets.len() as u32;
    index.extend(std::iter::repeat_n(count.to_be_bytes(), 256).flatten());
    for number in 0..count {
        index.extend(id(number as usize));
    }
    index.extend(std::iter::repeat_n(0, 4 * offsets.len()));
    index.extend(offsets.iter().flat_map(|at| (*at as u32).to_be_bytes()));
    index.extend([7; 40]);
    let index = Index::open(Bytes::Held(index.into()), ObjectFormat::Sha1).unwrap();
    Pack::new(PathBuf::new(), Bytes::Held(pack.into()), index, ObjectFormat::Sha1, None)
}

/// Counts objects, and checks that each is what its delta makes.
#[derive(Default)]
struct Count {
    links: usize,
    seen: usize,
    forgotten: std::cell::Cell<usize>,
}

impl Visitor for Count {
    type Note = Vec<u8>;

    fn root(&mut self, _: u32, _: &[u8]) -> Vec<u8> {
        self.seen += 1;
        vec![0; 1 << 20]
    }

    fn delta(&mut self, child: &mut Child<'_>, _: &Vec<u8>) -> Vec<u8> {
        self.seen += 1;
        let number = |at: usize, object: &[u8]| -> usize {
            u32::from_be_bytes(object[at..at + 4].try_into().unwrap()) as usize
        };
        // The entry's own number, then that of its base.
        let object = child.object();
        let own = number(0, object);
        let base = if own > self.links { own - self.links - 1 } else { own - 1 };
        if base > 0 {
            assert_eq!(number(4, object), base);
        }
        vec![0; 1 << 20]
    }

    fn large(&mut self, _: u32, _: &[u8]) {}

    fn failed(&mut self, entry: u32, error: ObjectError) {
        panic!("{entry}: {error}");
    }

    fn stopped(&self) -> bool {
        false
    }

    fn room(&self, note: &Vec<u8>) -> usize {
        note.len()
    }

    fn forget(&self, note: &mut Vec<u8>) {
        self.forgotten.set(self.forgotten.get() + 1);
        *note = Vec::new();
    }
}

#[test]
fn a_long_chain_costs_neither_the_square_of_its_length_nor_its_notes() {
    const LINKS: usize = 2000;
    const KEPT: usize = 64 * SIZE;
    let pack = chain(LINKS);
    let forest = Forest::of(&pack, 1);
    assert!(forest.broken.is_empty(), "{:?}", forest.broken.first());
    let what = Walk { pack: &pack, forest: &forest, kind: Kind::Blob, limit: 1 << 20 };
    let visitor = Count { links: LINKS, ..Count::default() };
    let mut walker = Walker::new(&what, visitor);
    walker.most_kept = KEPT;
    let [root] = forest.roots(Kind::Blob) else { panic!("one root") };
    walker.family(root);
    assert_eq!(walker.visitor.seen, 2 * LINKS + 1);
    assert!(walker.again < 10 * LINKS, "{}", walker.again);
    assert!(walker.visitor.forgotten.get() > LINKS / 2);
    assert_eq!((walker.kept, walker.noted), (0, 0));
    assert!(walker.unused_room <= UNUSED);
}
