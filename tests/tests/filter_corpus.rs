//! What passes a filter holds no planted secret, in whatever encoding it was planted.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};

use leaksieve::detectors::Timestamp;
use leaksieve::{Finding, Redaction, Scanner, Scratch, StreamEvent, StreamSink};
use leaksieve_corpus::{Chain, Label, Options, Plain, Role, Tree, Wrapping};

#[derive(Default)]
struct Clean(Vec<u8>);

impl StreamSink for Clean {
    fn event(&mut self, _: StreamEvent) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Redaction for Clean {
    fn replacement(&mut self, finding: &Finding) -> Vec<u8> {
        format!("[{}]", finding.detector().id).into_bytes()
    }

    fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
        self.0.extend_from_slice(text);
        ControlFlow::Continue(())
    }
}

fn filtered(scanner: &Scanner, text: &[u8], step: usize) -> Vec<u8> {
    let (mut scratch, mut clean) = (Scratch::with_step(step), Clean::default());
    let mut stream = scanner.redact_stream();
    for piece in text.chunks(step) {
        assert!(stream.push(piece, &mut scratch, &mut clean).is_continue());
    }
    assert!(stream.finish(&mut scratch, &mut clean).is_continue());
    clean.0
}

/// A shorter value may stand elsewhere by chance, or be part of a name.
const TELLING: usize = 10;

/// How many planted secrets were found in a file, and which of them passed.
fn passed<'l>(scanner: &Scanner, text: &[u8], labels: &'l [Label]) -> (usize, Vec<&'l Label>) {
    let found = scanner.find_all(text);
    let secrets: Vec<_> = found.iter().flat_map(|finding| finding.leak().secrets()).collect();
    let clean = filtered(scanner, text, 4096);
    let (mut planted, mut left) = (0, Vec::new());
    for label in labels.iter().filter(|label| label.role == Role::Plant) {
        let end = label.offset + label.length;
        let meets = |range: &&Range<u64>| range.start < end && label.offset < range.end;
        // Of a URL only a part is secret; nothing is of an identifier.
        let mut of_label = secrets.iter().filter(meets).peekable();
        planted += usize::from(of_label.peek().is_some());
        if of_label.any(|range| {
            let value = &text[range.start as usize..range.end as usize];
            // The first line of a key may stand elsewhere, without the others.
            let lines = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let line = lines.max_by_key(|line| line.len()).unwrap_or_default();
            line.len() >= TELLING && memchr::memmem::find(&clean, line).is_some()
        }) {
            left.push(label);
        }
    }
    let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines(text), lines(&clean));
    (planted, left)
}

#[test]
fn nothing_that_is_planted_passes() {
    let scanner = Scanner::builder().now(Timestamp(1_767_225_600)).build().unwrap();
    let options = Options { plants: 1, ..Options::new(31) };
    let files: Vec<Plain> = Tree::new(options)
        .map(|file| Plain { path: file.path, bytes: file.bytes, labels: file.labels })
        .collect();
    let mut planted = 0;
    let mut left: HashMap<String, Vec<String>> = HashMap::new();
    let mut take = |name: &str, bytes: &[u8], labels: &[Label]| {
        let (count, passed) = passed(&scanner, bytes, labels);
        planted += count;
        for label in passed {
            let place = format!("{}:{} {}", label.path, label.line, label.detector);
            left.entry(name.to_owned()).or_default().push(place);
        }
    };
    for file in &files {
        take("plain", &file.bytes, &file.labels);
    }
    for chain in Chain::all() {
        let wrapping = Wrapping { chain: Some(chain), lines: None, format: None };
        let wrapped = wrapping.wrap(31, &files).unwrap();
        let mut labels: HashMap<&str, Vec<Label>> = HashMap::new();
        for label in &wrapped.labels {
            labels.entry(&label.path).or_default().push(label.clone());
        }
        for (path, bytes) in &wrapped.files {
            let none = Vec::new();
            take(&wrapping.name(), bytes, labels.get(&**path).unwrap_or(&none));
        }
    }
    assert!(planted > 1000, "only {planted} are planted");
    assert!(left.is_empty(), "{left:#?}");
}
