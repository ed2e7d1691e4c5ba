//! A stream without its secrets is a text without its secrets, line for line.
#![allow(missing_docs, clippy::unwrap_used)]

use std::ops::ControlFlow;

use leaksieve::detectors::{Timestamp, builtin};
use leaksieve::{Finding, Redaction, Scanner, Scratch, StreamEvent, StreamSink};

const NOW: Timestamp = Timestamp(1_750_000_000);

fn scanner() -> Scanner {
    Scanner::builder().detectors(builtin()).now(NOW).build().unwrap()
}

#[derive(Default)]
struct Clean {
    text: Vec<u8>,
    found: usize,
}

impl StreamSink for Clean {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        self.found += usize::from(matches!(event, StreamEvent::Certain(..)));
        ControlFlow::Continue(())
    }
}

impl Redaction for Clean {
    fn replacement(&mut self, finding: &Finding) -> Vec<u8> {
        format!("[{}]", finding.detector().id).into_bytes()
    }

    fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
        self.text.extend_from_slice(text);
        ControlFlow::Continue(())
    }
}

/// What is left of a text that comes in pieces of this size; after each of them the stream
/// is quiet, if it is.
fn filtered(scanner: &Scanner, text: &[u8], step: usize, is_quiet: bool) -> Clean {
    let mut scratch = Scratch::with_step(step);
    let mut clean = Clean::default();
    let mut stream = scanner.redact_stream();
    for piece in text.chunks(step) {
        assert!(stream.push(piece, &mut scratch, &mut clean).is_continue());
        if is_quiet {
            assert!(stream.flush(&mut scratch, &mut clean).is_continue());
        }
    }
    assert!(stream.finish(&mut scratch, &mut clean).is_continue());
    clean
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}

/// The examples of all detectors, with text between them.
fn examples() -> Vec<u8> {
    let mut text = Vec::new();
    for (number, detector) in builtin().iter().enumerate() {
        for example in detector.examples.reported.iter() {
            text.extend_from_slice(example.as_bytes());
            text.push(b'\n');
            for line in 0..[1, 4, 200][number % 3] {
                text.extend_from_slice(format!("{number} GET /{line} 200 €\r\n").as_bytes());
            }
        }
    }
    text
}

#[test]
fn no_secret_is_left_and_nothing_else_is_changed() {
    let scanner = scanner();
    let text = examples();
    let whole = scanner.find_all(&text);
    assert!(whole.len() > 200);
    let first = filtered(&scanner, &text, 64 << 10, false);
    for step in [100, 4096, 300_000] {
        assert_eq!(filtered(&scanner, &text, step, false).text, first.text, "steps of {step}");
    }
    assert_eq!(first.found, whole.len());
    assert_eq!(lines(&first.text), lines(&text));
    for finding in &whole {
        for range in finding.leak().secrets() {
            let secret = &text[range.start as usize..range.end as usize];
            let is_left = first.text.windows(secret.len()).any(|window| window == secret);
            assert!(!is_left || secret.len() < 16, "{finding:?}");
        }
    }
    // What is found in the rest are at most markers and names.
    let left = scanner.find_all(&first.text);
    let secrets = left.iter().filter(|finding| finding.is_secret()).count();
    assert!(secrets * 50 < whole.len(), "{left:#?}");
}

#[test]
fn text_without_leaks_is_the_same() {
    let scanner = scanner();
    let mut text = Vec::new();
    for number in 0..30_000u32 {
        let line = format!(
            "{number}\tGET /caf\u{e9} {:08x}\r\n\0\u{1}",
            number.wrapping_mul(2_654_435_761)
        );
        text.extend_from_slice(line.as_bytes());
    }
    text.extend((0..100_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    for (step, is_quiet) in [(1000, false), (1000, true), (1 << 20, false)] {
        assert!(filtered(&scanner, &text, step, is_quiet).text == text, "{step} {is_quiet}");
    }
}

#[test]
fn a_quiet_stream_is_not_held_up() {
    let scanner = scanner();
    let mut scratch = Scratch::new();
    let mut clean = Clean::default();
    let mut stream = scanner.redact_stream();
    let line = b"cache redis://x:vT7Pj2xLq9WzR4aK@db.shopfabrik.dev:6379/0\nhalf a li";
    assert!(stream.push(line, &mut scratch, &mut clean).is_continue());
    assert!(clean.text.is_empty());
    assert!(stream.flush(&mut scratch, &mut clean).is_continue());
    assert_eq!(
        String::from_utf8_lossy(&clean.text),
        "cache redis://x:[database-uri]@db.shopfabrik.dev:6379/0\n"
    );
    assert!(stream.push(b"ne vT7Pj2xLq9WzR4aK\n", &mut scratch, &mut clean).is_continue());
    assert!(stream.finish(&mut scratch, &mut clean).is_continue());
    assert!(clean.text.ends_with(b"0\nhalf a line [database-uri]\n"));
}

#[test]
fn every_line_of_a_secret_is_replaced() {
    let scanner = scanner();
    let key = builtin()
        .iter()
        .flat_map(|d| d.examples.reported.iter().map(|text| text.to_string()).collect::<Vec<_>>())
        .find(|text| {
            text.contains("-----BEGIN RSA PRIVATE KEY-----\n") && lines(text.as_bytes()) > 5
        })
        .unwrap();
    let text = format!("before\n{key}\nafter\n").replace('\n', "\r\n");
    for is_quiet in [false, true] {
        let clean =
            String::from_utf8(filtered(&scanner, text.as_bytes(), 40, is_quiet).text).unwrap();
        assert_eq!(lines(clean.as_bytes()), lines(text.as_bytes()));
        assert!(clean.starts_with("before\r\n") && clean.ends_with("after\r\n"), "{clean}");
        let body = text.lines().filter(|line| line.len() > 40 && !line.starts_with('-'));
        for line in body {
            assert!(!clean.contains(line), "quiet: {is_quiet}\n{clean}");
        }
    }
}

#[test]
fn the_run_that_hides_a_secret_is_replaced() {
    let scanner = scanner();
    // printf 'redis://x:vT7Pj2xLq9WzR4aK@db.shopfabrik.dev:6379/0' | base64
    let text = b"url: cmVkaXM6Ly94OnZUN1BqMnhMcTlXelI0YUtAZGIuc2hvcGZhYnJpay5kZXY6NjM3OS8w next\n";
    let clean = filtered(&scanner, text, 1000, false).text;
    assert_eq!(String::from_utf8_lossy(&clean), "url: [database-uri] next\n");
}
