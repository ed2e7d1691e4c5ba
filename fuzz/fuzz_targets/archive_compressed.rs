//! Compressed streams of any bytes, of the format that the last one chooses: no panic,
//! little memory and time.
#![no_main]

use leaksieve::input::archive::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::compressed(bytes));
