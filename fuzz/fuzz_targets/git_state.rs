//! Reading a state file never panics, and what is read is the same when it is written
//! and read again.
#![no_main]

use leaksieve::input::git::fuzz;
use libfuzzer_sys::fuzz_target;

/// Kinds of frames.
const KINDS: &[u8] = b"POLKW";

fuzz_target!(|input: (&[u8], Vec<(u8, &[u8])>)| {
    let (bytes, payloads) = input;
    let payloads: Vec<(u8, &[u8])> =
        payloads.into_iter().map(|(kind, p)| (KINDS[usize::from(kind) % KINDS.len()], p)).collect();
    fuzz::state(bytes, &payloads);
});
