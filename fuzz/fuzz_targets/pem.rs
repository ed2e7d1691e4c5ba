//! Reading a private key never panics, and what is read lies in the text.
#![no_main]

use leaksieve::detectors::private_key::pem;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    if let Some(Ok(parsed)) = pem::parse(text) {
        assert!(parsed.span.start < parsed.span.end && parsed.span.end <= text.len());
        assert!(parsed.bytes.len() <= text.len());
    }
});
