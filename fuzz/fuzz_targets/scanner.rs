//! A slice in steps of any size, a reader that yields what it likes and a stream that is
//! cut and looked at anywhere give the leaks of the reference scanner, with every back end.
#![no_main]

use std::collections::BTreeMap;
use std::io::{self, Read};

use arbitrary::Arbitrary;
use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Leak, reference};
use leaksieve::{Finding, Outcome, Scanner, Scratch, StreamEvent};
use leaksieve_fuzz::{DETECTORS, NOW, Splice, scanners};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    keep_refuted: bool,
    step: u16,
    reads: Vec<u16>,
    text: Splice<'a>,
}

/// Yields so many bytes at each call, and now and then an interruption.
struct Dribble<'t> {
    text: &'t [u8],
    reads: std::iter::Cycle<std::slice::Iter<'t, u16>>,
}

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = match self.reads.next() {
            None => self.text.len(),
            Some(n) if n % 7 == 6 => {
                self.reads = [].iter().cycle();
                return Err(io::ErrorKind::Interrupted.into());
            }
            Some(n) => 1 + usize::from(*n),
        };
        let len = wanted.min(buffer.len()).min(self.text.len());
        buffer[..len].copy_from_slice(&self.text[..len]);
        self.text = &self.text[len..];
        Ok(len)
    }
}

fn leaks(findings: &[Finding]) -> Vec<Leak> {
    findings.iter().map(|f| comparable(f.leak().clone())).collect()
}

/// A leak without the facts in which findings have the secrets of others masked.
fn comparable(mut leak: Leak) -> Leak {
    leak.facts = leak.facts.without_free_text();
    leak.overlapped = leak.overlapped.into_iter().map(comparable).collect();
    leak
}

/// What is known of a stream in the end that comes in such pieces; it is quiet for a moment
/// behind those of an odd length.
fn streamed(scanner: &Scanner, text: &[u8], reads: &[u16], scratch: &mut Scratch) -> Vec<Finding> {
    let mut events: Vec<StreamEvent> = Vec::new();
    let mut stream = scanner.stream();
    let mut rest = text;
    for read in reads.iter().copied().chain([u16::MAX]).cycle() {
        let piece;
        (piece, rest) = rest.split_at(rest.len().min(1 + usize::from(read)));
        let _ = stream.push(piece, scratch, &mut events);
        if read % 2 == 1 {
            let _ = stream.early(scratch, &mut events);
        }
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(stream.len(), text.len() as u64);
    let _ = stream.finish(scratch, &mut events);
    let mut known = BTreeMap::new();
    for event in events {
        let id = event.id();
        match event {
            StreamEvent::Certain(_, finding) => known.insert(id, (finding, true)),
            StreamEvent::Early(_, finding) => known.insert(id, (finding, false)),
            StreamEvent::Withdrawn(_) => Some(known.remove(&id).expect("it was told")),
        };
    }
    let certain = known.into_values().map(|(finding, is_certain)| {
        assert!(is_certain, "{finding:?} was left open");
        finding
    });
    let mut certain: Vec<Finding> = certain.collect();
    certain.sort_by_key(|f| (f.range().start, f.range().end, f.leak().detector));
    certain
}

fuzz_target!(|input: Input<'_>| {
    let text = input.text.text();
    let mut context = Context::at(NOW);
    context.keep_refuted = input.keep_refuted;
    let expected: Vec<Leak> =
        reference::scan(&DETECTORS, &text, &context).into_iter().map(comparable).collect();
    for scanner in scanners(input.keep_refuted) {
        let whole = scanner.find_all(&text);
        assert_eq!(leaks(&whole), expected, "{}, whole", scanner.backend());

        // Steps of a few bytes would take an iteration a second.
        let step = 64 + usize::from(input.step) % 16_384;
        let mut scratch = Scratch::with_step(step);
        let mut findings = Vec::new();
        let _ = scanner.scan(&text, &mut scratch, &mut findings);
        assert_eq!(leaks(&findings), expected, "{}, steps of {step}", scanner.backend());

        findings.clear();
        let mut reader = Dribble { text: &text, reads: input.reads.iter().cycle() };
        let outcome = scanner.scan_reader(&mut reader, &mut scratch, &mut findings);
        assert!(matches!(outcome, Outcome::Complete(n) if n == text.len() as u64));
        assert_eq!(leaks(&findings), expected, "{}, reads of {step}", scanner.backend());
        let mut heard = leaks(&streamed(scanner, &text, &input.reads, &mut scratch));
        let mut known = expected.clone();
        for leaks in [&mut heard, &mut known] {
            leaks.sort_by_key(|l| (l.value.start, l.value.end, l.detector));
        }
        assert_eq!(heard, known, "{}, a stream", scanner.backend());
        for (read, found) in findings.iter().zip(&whole) {
            assert_eq!(read.location(), found.location());
            assert_eq!(read.secret(), found.secret());
            assert_eq!(read.excerpt().revealed(), found.excerpt().revealed());
        }
    }
});
