//! What is encoded is found the same in slices of any steps and by readers, with every
//! back end.
#![no_main]

use std::ops::Range;

use arbitrary::Arbitrary;
use leaksieve::{Coding, Finding, Location, Scratch};
use leaksieve_fuzz::{Splice, decoding};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    step: u16,
    pieces: Vec<Piece<'a>>,
}

#[derive(Debug, Arbitrary)]
struct Piece<'a> {
    layers: Vec<Layer>,
    text: Splice<'a>,
}

#[derive(Debug, Arbitrary)]
enum Layer {
    Base64 {
        wrapped: u8,
    },
    Hex,
    /// Every so many bytes.
    Percent(u8),
    Escapes(u8),
    Entities(u8),
    Wide {
        bytes: u8,
    },
    /// Put between pieces of so many bytes.
    Joined(u8, u8),
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn every(text: &[u8], n: u8, write: impl Fn(u8) -> String) -> Vec<u8> {
    let is_one = |i: usize| i % (usize::from(n) + 1) == 0;
    let one = |(i, b): (usize, &u8)| if is_one(i) { write(*b).into_bytes() } else { vec![*b] };
    text.iter().enumerate().flat_map(one).collect()
}

fn encode(text: &[u8], layer: &Layer) -> Vec<u8> {
    match layer {
        Layer::Base64 { wrapped } => {
            let digits: Vec<u8> = text
                .chunks(3)
                .flat_map(|three| {
                    let bits = three.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b));
                    let bits = bits << (8 * (3 - three.len()));
                    (0..=three.len()).map(move |i| ALPHABET[(bits >> (18 - 6 * i)) as usize & 63])
                })
                .collect();
            digits.chunks(16 + usize::from(*wrapped)).collect::<Vec<_>>().join(&b"\n"[..])
        }
        Layer::Hex => every(text, 0, |b| format!("{b:02x}")),
        Layer::Percent(n) => every(text, *n, |b| format!("%{b:02X}")),
        Layer::Escapes(n) => every(text, *n, |b| format!("\\u{b:04x}")),
        Layer::Entities(n) => every(text, *n, |b| format!("&#{b};")),
        Layer::Wide { bytes } => {
            let bytes = if bytes % 2 == 0 { 2 } else { 4 };
            text.iter().flat_map(|b| std::iter::once(*b).chain(vec![0; bytes - 1])).collect()
        }
        Layer::Joined(len, kind) => {
            let between: &[u8] = match kind % 4 {
                0 => b"\" + \"",
                1 => b"\x1b[0m",
                2 => b"\\\n",
                _ => "\u{200b}".as_bytes(),
            };
            text.chunks(usize::from(*len) + 1).collect::<Vec<_>>().join(between)
        }
    }
}

/// What must not depend on how a text is read.
type Told = (String, Range<u64>, Vec<u8>, Location, Vec<Coding>);

fn told(findings: &[Finding]) -> Vec<Told> {
    let one = |f: &Finding| {
        let detector = f.detector().id.to_string();
        (detector, f.range(), f.secret().to_vec(), f.location(), f.decoded().to_vec())
    };
    findings.iter().map(one).collect()
}

fuzz_target!(|input: Input<'_>| {
    let mut text = Vec::new();
    for piece in &input.pieces {
        let mut encoded = piece.text.text();
        for layer in piece.layers.iter().take(6) {
            encoded = encode(&encoded, layer);
            encoded.truncate(64 << 10);
        }
        text.extend(encoded);
        text.truncate(128 << 10);
    }
    let expected = told(&decoding()[0].find_all(&text));
    for scanner in decoding() {
        let step = 256 + usize::from(input.step) % 32_768;
        let mut scratch = Scratch::with_step(step);
        let mut findings = Vec::new();
        let _ = scanner.scan(&text, &mut scratch, &mut findings);
        assert!(told(&findings) == expected, "{}, steps of {step}", scanner.backend());
        findings.clear();
        let _ = scanner.scan_reader(&mut &*text, &mut scratch, &mut findings);
        assert!(told(&findings) == expected, "{}, reads of {step}", scanner.backend());
        for finding in &findings {
            let range = finding.range();
            assert!(range.start <= range.end && range.end <= text.len() as u64);
            let _ = finding.excerpt().masked();
        }
    }
});
