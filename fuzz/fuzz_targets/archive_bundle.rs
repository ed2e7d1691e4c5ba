//! Git bundles of any bytes: no panic, little memory and time.
#![no_main]

use leaksieve::input::archive::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::bundle(bytes));
