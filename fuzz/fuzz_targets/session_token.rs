//! Reading a session token never panics, in base64 as it comes and in base64
//! that the fuzzer's bytes were put into.
#![no_main]

use leaksieve::detectors::aws::session_token;
use libfuzzer_sys::fuzz_target;

const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fuzz_target!(|bytes: &[u8]| {
    let as_it_comes = session_token::parse(bytes);
    let mut token = Vec::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for i in 0..=group.len() {
            token.push(SYMBOLS[(bits >> (18 - 6 * i)) as usize & 63]);
        }
    }
    token.extend_from_slice(match bytes.len() % 3 {
        1 => b"==",
        2 => b"=",
        _ => b"",
    });
    let encoded = session_token::parse(&token);
    for facts in [as_it_comes, encoded].into_iter().flatten() {
        for fact in facts.iter() {
            let _ = (fact.name(), format!("{fact:?}"));
        }
    }
});
