//! Deltas of any bytes are applied as a naive reader applies them, or refused as he
//! refuses them.
#![no_main]

use leaksieve::input::git::fuzz;
use leaksieve_fuzz::git::{LIMIT, applied};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], bool, &[u8])| {
    let (base, sized, rest) = input;
    // Of random bytes hardly any declare the right size.
    let data = match (sized, u8::try_from(base.len())) {
        (true, Ok(len)) if len < 0x80 => [&[len], rest].concat(),
        _ => rest.to_vec(),
    };
    assert!(fuzz::delta(base, &data, LIMIT) == applied(base, &data, LIMIT));
});
