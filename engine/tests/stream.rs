//! A stream has the findings of a scan of the whole, wherever it is cut and whatever was
//! reported of it early.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use leaksieve::detectors::{Leak, Timestamp, builtin};
use leaksieve::{EventId, Finding, Scanner, Scratch, StreamEvent, StreamScanner, StreamSink};

const NOW: Timestamp = Timestamp(1_750_000_000);

fn scanner() -> Scanner {
    Scanner::builder().detectors(builtin()).now(NOW).build().unwrap()
}

/// What a listener believes in the end.
#[derive(Default)]
struct Listener {
    known: BTreeMap<EventId, (Finding, bool)>,
    amended: u64,
    withdrawn: u64,
}

impl Listener {
    /// What is known once the stream has ended.
    fn certain(&self) -> impl Iterator<Item = &Finding> {
        self.known.iter().map(|(id, (finding, is_certain))| {
            assert!(is_certain, "{id:?} was left open");
            finding
        })
    }
}

impl StreamSink for Listener {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        let id = event.id();
        let is_certain = matches!(event, StreamEvent::Certain(..));
        match event {
            StreamEvent::Certain(_, finding) | StreamEvent::Early(_, finding) => {
                if let Some((before, was_certain)) = self.known.insert(id, (finding, is_certain)) {
                    assert!(!was_certain, "{id:?} was certain");
                    let after = &self.known[&id].0;
                    self.amended += u64::from(before.detector().id != after.detector().id);
                }
            }
            StreamEvent::Withdrawn(_) => {
                let known = self.known.remove(&id);
                assert!(known.is_some_and(|(_, is_certain)| !is_certain), "{id:?}");
                self.withdrawn += 1;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Everything that is told of findings, in the order of the text.
fn told<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<(Leak, String, u64, u64)> {
    let mut all: Vec<_> = findings
        .map(|finding| {
            let at = finding.location();
            let mut leak = finding.leak().clone();
            leak.overlapped.clear();
            leak.facts = leak.facts.without_free_text();
            // What speaks for it may be told again in another order.
            leak.evidence.clear();
            (leak, finding.masked(), at.line, at.column)
        })
        .collect();
    all.sort_by_key(|(leak, ..)| (leak.value.start, leak.value.end, leak.detector));
    all
}

fn feed(stream: &mut StreamScanner, piece: &[u8], scratch: &mut Scratch, to: &mut Listener) {
    assert!(stream.push(piece, scratch, to).is_continue());
}

/// All texts of the detectors' lists.
fn examples() -> Vec<String> {
    let detectors = builtin();
    let mut texts: Vec<String> = Vec::new();
    for examples in detectors.iter().map(|detector| &detector.examples) {
        texts.extend(examples.reported.iter().map(|text| text.to_string()));
        texts.extend(examples.refuted.iter().map(|(text, _)| text.to_string()));
        texts.extend(examples.unmatched.iter().map(|text| text.to_string()));
    }
    texts
}

#[test]
fn an_example_cut_anywhere_is_the_example() {
    let scanner = scanner();
    let mut scratch = Scratch::new();
    let (mut amended, mut withdrawn, mut found) = (0, 0, 0);
    for text in examples() {
        let text = text.as_bytes();
        let whole = scanner.find_all(text);
        let expected = told(whole.iter());
        found += expected.len();
        for cut in 0..=text.len() {
            let mut listener = Listener::default();
            let mut stream = scanner.stream();
            feed(&mut stream, &text[..cut], &mut scratch, &mut listener);
            assert!(stream.early(&mut scratch, &mut listener).is_continue());
            feed(&mut stream, &text[cut..], &mut scratch, &mut listener);
            assert!(stream.finish(&mut scratch, &mut listener).is_continue());
            let heard = told(listener.certain());
            assert_eq!(heard, expected, "cut at {cut}: {}", String::from_utf8_lossy(text));
            amended += listener.amended;
            withdrawn += listener.withdrawn;
        }
    }
    assert!(found > 200, "{found} found");
    assert!(amended > 100 && withdrawn > 20, "{amended} amended, {withdrawn} withdrawn");
}

/// The examples one behind the other, with so much text between them.
fn log(examples: &[String], between: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for (number, example) in examples.iter().enumerate() {
        text.extend_from_slice(example.as_bytes());
        text.push(b'\n');
        let until = text.len() + between * (number % 3);
        while text.len() < until {
            text.extend_from_slice(
                format!("{number} GET /index.html 200 {}\n", text.len()).as_bytes(),
            );
        }
    }
    text
}

#[test]
fn a_long_stream_in_small_pieces_is_the_whole() {
    let scanner = scanner();
    let examples = examples();
    for (between, count) in [(0, 150), (700, 150), (9000, 60)] {
        for part in examples.chunks(count) {
            let text = log(part, between);
            let expected = told(scanner.find_all(&text).iter());
            for (step, phase, quiet) in [(64, 0, 0), (64, 37, 0), (1000, 3, 1), (4096, 100, 5)] {
                let mut scratch = Scratch::with_step(step);
                let mut listener = Listener::default();
                let mut stream = scanner.stream();
                feed(&mut stream, &text[..phase], &mut scratch, &mut listener);
                for (number, piece) in text[phase..].chunks(step).enumerate() {
                    feed(&mut stream, piece, &mut scratch, &mut listener);
                    if quiet > 0 && number % quiet == 0 {
                        assert!(stream.early(&mut scratch, &mut listener).is_continue());
                    }
                    assert!(stream.memory() < 1 << 20, "{}", stream.memory());
                }
                assert_eq!(stream.len(), text.len() as u64);
                assert!(stream.finish(&mut scratch, &mut listener).is_continue());
                assert_eq!(told(listener.certain()), expected, "{step} {phase} {quiet}");
                let none = listener.amended + listener.withdrawn;
                assert!(quiet > 0 || none == 0, "only what was early is amended");
            }
        }
    }
}

#[test]
fn a_line_is_heard_of_before_the_next_one_comes() {
    let scanner = scanner();
    let mut scratch = Scratch::new();
    let mut stream = scanner.stream();
    let mut events: Vec<StreamEvent> = Vec::new();
    let id = b"nothing here\naws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\n";
    assert!(stream.push(id, &mut scratch, &mut events).is_continue());
    assert!(events.is_empty());
    assert!(stream.early(&mut scratch, &mut events).is_continue());
    let [StreamEvent::Early(first, finding)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&*finding.detector().id, finding.location().line), ("aws-access-key-id", 2));
    let first = *first;
    events.clear();
    let key = b"aws_secret_access_key = q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ\nand";
    assert!(stream.push(key, &mut scratch, &mut events).is_continue());
    assert!(stream.early(&mut scratch, &mut events).is_continue());
    let [StreamEvent::Early(again, finding)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((first, &*finding.detector().id), (*again, "aws-access-key"));
    events.clear();
    // Nothing new, nothing told.
    assert!(stream.early(&mut scratch, &mut events).is_continue());
    assert!(events.is_empty(), "{events:?}");
    assert!(stream.finish(&mut scratch, &mut events).is_continue());
    let [StreamEvent::Certain(again, _)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(first, *again);
}

#[test]
fn an_idle_stream_costs_little() {
    let scanner = scanner();
    let mut scratch = Scratch::new();
    let mut events: Vec<StreamEvent> = Vec::new();
    let mut stream = scanner.stream();
    assert!(stream.memory() < 1024, "{}", stream.memory());
    for number in 0..20_000 {
        let line = format!("{number} GET /index.html HTTP/1.1 200 {}\n", number * 7);
        assert!(stream.push(line.as_bytes(), &mut scratch, &mut events).is_continue());
    }
    assert!(stream.early(&mut scratch, &mut events).is_continue());
    assert!(events.is_empty());
    assert!(stream.memory() < 24 << 10, "{}", stream.memory());
}

#[test]
fn a_sink_can_end_a_stream() {
    let scanner = scanner();
    let mut scratch = Scratch::new();
    let mut seen = 0;
    let mut sink = |_: StreamEvent| {
        seen += 1;
        ControlFlow::Break(())
    };
    let mut stream = scanner.stream();
    let text = "AKIAVX4KZTQ2HJWNCO5M\n".repeat(3);
    assert!(stream.push(text.as_bytes(), &mut scratch, &mut sink).is_continue());
    assert!(stream.early(&mut scratch, &mut sink).is_break());
    assert_eq!(seen, 1);
}
