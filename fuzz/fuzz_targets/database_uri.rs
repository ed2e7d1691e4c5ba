//! Connection URIs: read from any text without panics, and all that is told of them lies in it.
#![no_main]

use std::sync::LazyLock;

use leaksieve::detectors::Detector;
use leaksieve_fuzz::{family, read};
use libfuzzer_sys::fuzz_target;

static FAMILY: LazyLock<Vec<Detector>> = LazyLock::new(|| family("database_uri"));

fuzz_target!(|bytes: &[u8]| read(&FAMILY, bytes));
