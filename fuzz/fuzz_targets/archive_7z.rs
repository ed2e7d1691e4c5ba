//! Reading a 7z archive of any bytes never panics, and takes little memory and time. The
//! last two bytes of the input say how many before them are the directory.
#![no_main]

use leaksieve::input::archive::fuzz;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((bytes, directory)) = bytes.split_last_chunk() {
        fuzz::seven_zip(bytes, u16::from_le_bytes(*directory));
    }
});
