//! Reading commits, tags, trees, refs and settings never panics, and what is read
//! lies in the text.
#![no_main]

use leaksieve::input::git::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::text(bytes));
