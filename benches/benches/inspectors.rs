//! The time that one anchor costs: what an inspector needs to refuse the words
//! that ordinary text is full of, and to read a leak.
//!
//! `cargo bench -p leaksieve-benches --bench inspectors`
//!
//! A case that does not give its expected number of candidates fails the bench.

use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use leaksieve::detectors::candidate::Passage;
use leaksieve::detectors::detector::Trigger;
use leaksieve::detectors::extract::{Window, extract};
use leaksieve::detectors::{Candidate, Detector, builtin};
use leaksieve_corpus::{Kind, fill};

/// A text at whose anchors one detector is measured.
struct Case {
    name: &'static str,
    detector: &'static str,
    text: Text,
    /// Candidates, refuted ones too, that the detector must read at the anchors.
    candidates: usize,
}

enum Text {
    /// This text.
    Own(&'static str),
    /// The detector's own example of this number, of those that it reports.
    Example(usize),
}

const CASES: [Case; 15] = [
    Case {
        name: "secret, in a sentence",
        detector: "aws-secret-key",
        text: Text::Own("the secret of a good bench is to measure what users do"),
        candidates: 0,
    },
    Case {
        name: "secret, a call",
        detector: "aws-secret-key",
        text: Text::Own("let client_secret = settings.get(\"client_secret\").cloned();"),
        candidates: 0,
    },
    Case {
        name: "secret, a reference",
        detector: "aws-secret-key",
        text: Text::Own("aws_secret_access_key = ${AWS_SECRET_ACCESS_KEY}"),
        candidates: 0,
    },
    Case {
        name: "secret, a key",
        detector: "aws-secret-key",
        text: Text::Example(0),
        candidates: 1,
    },
    Case {
        name: "key id, alone",
        detector: "aws-access-key-id",
        text: Text::Example(0),
        candidates: 1,
    },
    Case {
        name: "key id, in base64",
        detector: "aws-access-key-id",
        text: Text::Own("data:image/png;base64,iVBORw0KGgoAKIAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),
        candidates: 0,
    },
    Case {
        name: "key id, in a name",
        detector: "aws-temporary-key-id",
        text: Text::Own("regions: EUROPE, ASIA, AUSTRALASIA"),
        candidates: 0,
    },
    Case {
        name: "session token",
        detector: "aws-session-token",
        text: Text::Example(0),
        candidates: 1,
    },
    Case {
        name: "smtp, a host",
        detector: "aws-ses-smtp-password",
        text: Text::Own("mailer = smtplib.SMTP(\"smtp.example.com\", 587)"),
        candidates: 0,
    },
    Case {
        name: "client secret, a call",
        detector: "aws-cognito-client-secret",
        text: Text::Own("let client_secret = settings.get(\"client_secret\").cloned();"),
        candidates: 0,
    },
    Case {
        name: "-at-, in a slug",
        detector: "aws-codecommit-credential",
        text: Text::Own("/posts/2026/01/a-look-at-the-year-at-large.html"),
        candidates: 0,
    },
    Case { name: "ECR token", detector: "aws-ecr-token", text: Text::Example(0), candidates: 1 },
    Case {
        name: "PEM, a mention",
        detector: "private-key",
        text: Text::Own("if !text.contains(\"-----BEGIN RSA PRIVATE KEY-----\") {"),
        candidates: 1,
    },
    Case { name: "PEM, a key", detector: "private-key", text: Text::Example(0), candidates: 1 },
    Case {
        name: "OpenSSH, a key",
        detector: "openssh-private-key",
        text: Text::Example(0),
        candidates: 1,
    },
];

/// Ordinary text on either side of a case, so that its windows are as long as
/// they are in a file.
const PADDING: u64 = 4096;

/// A case put among ordinary text, with its anchors found.
struct Prepared {
    text: Vec<u8>,
    hits: Vec<(Range<usize>, u16)>,
}

fn prepare(case: &Case, detector: &Detector) -> Prepared {
    let own = match case.text {
        Text::Own(text) => text,
        Text::Example(number) => &detector.examples.reported[number],
    };
    let mut text = Vec::new();
    let padded = fill(&mut text, 1, Kind::Source, PADDING);
    let start = text.len();
    text.extend_from_slice(b"\n\n");
    text.extend_from_slice(own.as_bytes());
    let end = text.len();
    text.extend_from_slice(b"\n\n");
    padded.and_then(|()| fill(&mut text, 2, Kind::Source, PADDING)).expect("a vector takes all");

    let Trigger::Anchor(anchors) = &detector.trigger else {
        panic!("{} has no anchors", detector.id)
    };
    let mut hits = Vec::new();
    for at in start..end {
        for (number, anchor) in anchors.iter().enumerate() {
            if anchor.is_prefix_of(&text[at..]) {
                hits.push((at..at + anchor.literal.len(), number as u16));
            }
        }
    }
    assert!(!hits.is_empty(), "{}: no anchor", case.name);
    Prepared { text, hits }
}

fn inspect(detector: &Detector, prepared: &Prepared, out: &mut Vec<Candidate>) {
    out.clear();
    let passage = Passage { base: 0, bytes: &prepared.text };
    for (hit, anchor) in &prepared.hits {
        let window = Window::around(detector, &passage, hit.clone(), *anchor);
        extract(detector, 0, black_box(&window), out);
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(1))
        .warm_up_time(Duration::from_millis(300))
        .sample_size(30)
        .configure_from_args();
    let detectors = builtin();
    let mut group = criterion.benchmark_group("inspectors");
    let mut out = Vec::new();
    for case in &CASES {
        let detector = detectors.iter().find(|d| d.id == case.detector);
        let detector = detector.unwrap_or_else(|| panic!("no detector {}", case.detector));
        let prepared = prepare(case, detector);
        group.throughput(Throughput::Elements(prepared.hits.len() as u64));
        group.bench_function(case.name, |b| {
            inspect(detector, &prepared, &mut out);
            assert_eq!(out.len(), case.candidates, "candidates");
            b.iter(|| inspect(detector, &prepared, &mut out));
        });
    }
    group.finish();
    criterion.final_summary();
}
