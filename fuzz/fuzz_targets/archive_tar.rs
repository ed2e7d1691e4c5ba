//! tar archives of any bytes: no panic, and no more comes out than is in them.
#![no_main]

use leaksieve::input::archive::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::tar(bytes));
