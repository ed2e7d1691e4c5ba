//! The engine finds what the reference scanner finds: with every back end, as a
//! slice in steps of any size, and from a reader.
#![allow(missing_docs, clippy::unwrap_used)]

use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Detector, Leak, Timestamp, builtin, reference};
use leaksieve::{Backend, Finding, Outcome, Scanner, Scratch};

const NOW: Timestamp = Timestamp(1_750_000_000);

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// An object in which the examples of all detectors stand among filler, whole
/// and damaged, near to each other and far.
fn object(detectors: &[Detector], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let examples: Vec<&str> = detectors
        .iter()
        .flat_map(|d| {
            let e = &d.examples;
            let refuted = e.refuted.iter().map(|(t, _)| &**t);
            e.reported.iter().map(|t| &**t).chain(refuted).chain(e.unmatched.iter().map(|t| &**t))
        })
        .collect();
    let mut text = Vec::new();
    for _ in 0..random.next(60) {
        let example = examples[random.next(examples.len())].as_bytes();
        match random.next(6) {
            0 => {
                let cut = random.next(example.len() + 1);
                text.extend_from_slice(&example[..cut]);
            }
            1 => text.extend_from_slice(&example[random.next(example.len())..]),
            _ => text.extend_from_slice(example),
        }
        match random.next(8) {
            0 => {}
            1 => text.extend(std::iter::repeat_n(b'.', random.next(9000))),
            2 => text.extend_from_slice("\r\n[profile é]\r\n".as_bytes()),
            3 => text.extend((0..random.next(300)).map(|_| random.next(256) as u8)),
            4 => text.extend_from_slice(b"\n\n"),
            5 => text.extend_from_slice(b"\",\n  \""),
            _ => text.push(b'\n'),
        }
    }
    text
}

fn leaks(findings: &[Finding]) -> Vec<Leak> {
    findings.iter().map(|f| comparable(f.leak().clone())).collect()
}

/// A leak without the facts that hold text as it stands: findings have the secrets
/// of others masked in them, leaks do not.
fn comparable(mut leak: Leak) -> Leak {
    leak.facts = leak.facts.without_free_text();
    leak.overlapped = leak.overlapped.into_iter().map(comparable).collect();
    leak
}

#[test]
fn every_way_to_scan_gives_what_the_reference_gives() {
    let detectors = builtin();
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    let scanners: Vec<Scanner> = Backend::available()
        .map(|b| {
            Scanner::builder()
                .detectors(builtin())
                .now(NOW)
                .keep_refuted(true)
                .max_decode_depth(0)
                .backend(b)
                .build()
                .unwrap()
        })
        .collect();
    let mut found = 0;
    for seed in 0..60 {
        let object = object(&detectors, seed);
        let expected: Vec<Leak> =
            reference::scan(&detectors, &object, &context).into_iter().map(comparable).collect();
        found += expected.len();
        let mut random = Random(seed + 1000);
        let whole = scanners[0].find_all(&object);
        for scanner in &scanners {
            let label = format!("seed {seed}, {}", scanner.backend());
            assert_eq!(leaks(&scanner.find_all(&object)), expected, "{label}");
            for _ in 0..4 {
                let size = [64, 5000, 70_000, 300_000][random.next(4)];
                let step = 1 + random.next(size);
                let mut scratch = Scratch::with_step(step);
                let mut findings = Vec::new();
                let _ = scanner.scan(&object, &mut scratch, &mut findings);
                assert_eq!(leaks(&findings), expected, "{label}, steps of {step}");
                if step < 500 && object.len() > 20_000 {
                    continue;
                }
                let mut findings = Vec::new();
                let outcome = scanner.scan_reader(&mut &object[..], &mut scratch, &mut findings);
                assert!(matches!(outcome, Outcome::Complete(n) if n == object.len() as u64));
                assert_eq!(leaks(&findings), expected, "{label}, reads of {step}");
                for (a, b) in findings.iter().zip(&whole) {
                    assert_eq!(a.location(), b.location(), "{label}, reads of {step}");
                    assert_eq!(a.secret(), b.secret(), "{label}, reads of {step}");
                    assert_eq!(
                        a.excerpt().revealed(),
                        b.excerpt().revealed(),
                        "{label}, reads of {step}"
                    );
                }
            }
        }
    }
    assert!(found > 500, "only {found} leaks: the objects test nothing");
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b));
        let bits = bits << (8 * (3 - three.len()));
        text.extend((0..=three.len()).map(|i| alphabet[(bits >> (18 - 6 * i)) as usize & 63]));
    }
    text
}

/// A text in some encoding, or as it is.
fn encoded(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let some = |random: &mut Random| random.next(4) == 0;
    match random.next(9) {
        0 => base64(text),
        1 => base64(text).chunks(30 + random.next(60)).collect::<Vec<_>>().join(&b"\n"[..]),
        2 => text.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect(),
        3 => text
            .iter()
            .flat_map(|b| if some(random) { format!("%{b:02X}").into() } else { vec![*b] })
            .collect(),
        4 => text
            .iter()
            .flat_map(|b| if some(random) { format!("\\u{b:04x}").into() } else { vec![*b] })
            .collect(),
        5 => text.iter().flat_map(|b| [*b, 0]).collect(),
        6 => {
            let between = [&b"\" + \""[..], b"\x1b[1m", "\u{200b}".as_bytes()][random.next(3)];
            text.chunks(1 + random.next(40)).collect::<Vec<_>>().join(between)
        }
        7 => {
            let inner = encoded(random, text);
            encoded(random, &inner)
        }
        _ => text.to_vec(),
    }
}

/// Examples, plain and encoded, near to each other and far.
fn encoded_object(detectors: &[Detector], seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut text = Vec::new();
    for _ in 0..1 + random.next(12) {
        let detector = &detectors[random.next(detectors.len())];
        let examples = &detector.examples.reported;
        let example = examples[random.next(examples.len())].as_bytes();
        text.extend(encoded(&mut random, example));
        match random.next(6) {
            0 => text.extend(base64(
                &(0..random.next(9000)).map(|_| random.next(256) as u8).collect::<Vec<_>>(),
            )),
            1 => text.extend(std::iter::repeat_n(b'.', random.next(9000))),
            2 => text.extend_from_slice(b"\", \""),
            3 => {}
            _ => text.push(b'\n'),
        }
    }
    text
}

#[test]
fn what_is_encoded_is_the_same_in_every_way_to_scan() {
    let detectors = builtin();
    let scanners: Vec<Scanner> = Backend::available()
        .map(|b| Scanner::builder().detectors(builtin()).now(NOW).backend(b).build().unwrap())
        .collect();
    let mut decoded = 0;
    for seed in 0..120 {
        let object = encoded_object(&detectors, seed);
        let mut random = Random(seed + 1000);
        let whole = scanners[0].find_all(&object);
        decoded += whole.iter().filter(|f| !f.decoded().is_empty()).count();
        let expected = leaks(&whole);
        for scanner in &scanners {
            let label = format!("seed {seed}, {}", scanner.backend());
            assert_eq!(leaks(&scanner.find_all(&object)), expected, "{label}");
            for _ in 0..3 {
                let size = [700, 5000, 70_000][random.next(3)];
                let step = 1 + random.next(size);
                let mut scratch = Scratch::with_step(step);
                let mut findings = Vec::new();
                let _ = scanner.scan(&object, &mut scratch, &mut findings);
                assert_eq!(leaks(&findings), expected, "{label}, steps of {step}");
                let mut findings = Vec::new();
                let _ = scanner.scan_reader(&mut &object[..], &mut scratch, &mut findings);
                assert_eq!(leaks(&findings), expected, "{label}, reads of {step}");
                for (a, b) in findings.iter().zip(&whole) {
                    assert_eq!(a.location(), b.location(), "{label}, reads of {step}");
                    assert_eq!(a.secret(), b.secret(), "{label}, reads of {step}");
                    assert_eq!(a.decoded(), b.decoded(), "{label}, reads of {step}");
                }
            }
        }
    }
    assert!(decoded > 300, "only {decoded} leaks were decoded");
}

#[test]
fn lines_and_columns_are_those_of_a_naive_count() {
    let detectors = builtin();
    let scanner = Scanner::builder().detectors(builtin()).now(NOW).build().unwrap();
    for seed in 100..120 {
        let mut object = object(&detectors, seed);
        object = String::from_utf8_lossy(&object).into_owned().into_bytes();
        for finding in scanner.find_all(&object) {
            let (range, at) = (finding.range(), finding.location());
            let before = std::str::from_utf8(&object[..range.start as usize]).unwrap();
            let line = before.rsplit('\n').next().unwrap();
            assert_eq!(at.line as usize, 1 + before.matches('\n').count());
            assert_eq!(at.column as usize, 1 + line.chars().count());
            assert_eq!(at.byte_column as usize, 1 + line.len());
            let upto = std::str::from_utf8(&object[..range.end as usize]).unwrap();
            let line = upto.rsplit('\n').next().unwrap();
            assert_eq!(at.end_line as usize, 1 + upto.matches('\n').count());
            assert_eq!(at.end_column as usize, 1 + line.chars().count());
        }
    }
}

#[test]
fn no_finding_shows_its_secret() {
    let detectors = builtin();
    let scanner = Scanner::builder().detectors(builtin()).now(NOW).build().unwrap();
    for seed in 200..230 {
        for finding in scanner.find_all(&object(&detectors, seed)) {
            let shown =
                format!("{finding:?} {:?} {}", finding.parts(), finding.excerpt().masked().text);
            let parts = finding.parts().iter().filter(|p| p.role().is_secret()).map(|p| p.value());
            let own = finding.is_secret().then(|| finding.secret());
            for secret in own.into_iter().chain(parts) {
                let secret = String::from_utf8_lossy(secret);
                assert!(!shown.contains(&*secret), "seed {seed}: {shown}");
            }
        }
    }
}

#[test]
fn every_secret_of_a_shown_line_is_masked() {
    let scanner = Scanner::builder().detectors(builtin()).now(NOW).build().unwrap();
    let keys =
        ["q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ", "Bv8Qm3/LzT5yWc1NfXk7+RjD2hGp9sVa4uEoI0tY"];
    let line = format!("aws_secret_key={} aws_secret_key={} end", keys[0], keys[1]);
    let findings = scanner.find_all(line.as_bytes());
    assert_eq!(findings.len(), 2);
    for finding in &findings {
        let shown = finding.excerpt().masked();
        assert_eq!(shown.text, "aws_secret_key=q7tG******** aws_secret_key=Bv8Q******** end");
        assert_eq!(&shown.text[shown.mark.clone()], finding.masked());
        assert_eq!(finding.excerpt().revealed().text, line);
    }
}

#[test]
fn redaction_leaves_no_secret() {
    let detectors = builtin();
    let scanner = Scanner::builder().detectors(builtin()).now(NOW).build().unwrap();
    for seed in 300..320 {
        let object = object(&detectors, seed);
        let clean = scanner.redact(&object, |f| format!("[{}]", f.detector().id).into_bytes());
        for secret in scanner.find_all(&object).iter().flat_map(|f| f.leak().secrets()) {
            let secret = &object[secret.start as usize..secret.end as usize];
            // Of shorter ones only the place is replaced.
            let left = secret.len() >= 16 && clean.windows(secret.len()).any(|w| w == secret);
            assert!(!left, "seed {seed}");
        }
    }
}

#[test]
fn a_sink_can_end_a_scan() {
    let scanner = Scanner::builder().detectors(builtin()).now(NOW).build().unwrap();
    let text = "AKIAVX4KZTQ2HJWNCO5M\n".repeat(10);
    let mut seen = 0;
    let mut sink = |_: Finding| {
        seen += 1;
        if seen == 3 {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    };
    assert!(scanner.scan(text.as_bytes(), &mut Scratch::new(), &mut sink).is_break());
    assert_eq!(seen, 3);
}
