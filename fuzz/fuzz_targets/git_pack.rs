//! Packs of any objects and deltas are read as a naive reader reads them, in every
//! way, and scanned by their deltas as if they were whole. Damaged ones cost no more
//! than what is damaged.
#![no_main]

use arbitrary::Arbitrary;
use leaksieve::input::git::fuzz;
use leaksieve_fuzz::git::{LIMIT, PackSpec};
use leaksieve_fuzz::scanners;
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    pack: PackSpec<'a>,
    flips: Vec<(u16, u8)>,
    index_flips: Vec<(u16, u8)>,
    cut: Option<u16>,
}

fn flip(bytes: &mut [u8], flips: &[(u16, u8)]) {
    for (at, mask) in flips {
        if let Some(len) = std::num::NonZeroUsize::new(bytes.len()) {
            bytes[usize::from(*at) % len] ^= mask;
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let mut packed = input.pack.build();
    let scanner = &scanners(false)[0];
    let made = fuzz::pack(&packed.pack, &packed.index, packed.format, LIMIT, scanner);
    assert_eq!(made.len(), packed.objects.len());
    for (id, object) in &packed.objects {
        // An odd entry may be an object by chance, and so what is made from it.
        if object.is_some() {
            assert!(made[id] == *object, "{id} is made otherwise");
        }
    }
    if input.cut.is_none() && input.flips.is_empty() && input.index_flips.is_empty() {
        return;
    }
    flip(&mut packed.pack, &input.flips);
    flip(&mut packed.index, &input.index_flips);
    let cut = input.cut.map_or(packed.pack.len(), usize::from);
    packed.pack.truncate(cut);
    fuzz::pack(&packed.pack, &packed.index, packed.format, LIMIT, scanner);
});
