//! SQLite databases of any bytes: no panic, no page is read twice.
#![no_main]

use leaksieve::input::archive::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::sqlite(bytes));
