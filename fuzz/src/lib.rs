//! What the fuzz targets share: texts spliced from the examples of all
//! detectors, and the scanners that they are held against.
//!
//! Plain random bytes hold no anchor, so a target that reads them tests nothing
//! but the search. A [`Splice`] is a short list of pieces instead: the fuzzer
//! chooses the examples, where they are cut and what stands between them.

pub mod archive;
pub mod git;

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Detector, Timestamp, builtin, reference};
use leaksieve::{Backend, Scanner};

/// The clock of all targets: some examples have expired by then, some not.
pub const NOW: Timestamp = Timestamp(1_750_000_000);

/// The families that have a target of their own, and the detectors in each; `*` ends
/// what a detector's id begins with.
pub const FAMILIES: &[(&str, &[&str])] = &[
    ("seller", &["amazon-*", "aws-access-key", "aws-access-key-id", "aws-secret-key"]),
    (
        "signed_url",
        &[
            "aws-presigned-url",
            "aws-sigv2-url",
            "aws-post-policy",
            "aws-cloudfront-*",
            "aws-access-key",
            "aws-temporary-key",
            "aws-access-key-id",
            "aws-secret-key",
            "aws-rds-iam-token",
        ],
    ),
    (
        "cloud_url",
        &[
            "azure-*",
            "gcs-*",
            "firebase-*",
            "alibaba-*",
            "tencent-*",
            "huawei-*",
            "volcengine-*",
            "backblaze-*",
            "cdn-*",
            "public-*",
        ],
    ),
    ("database_uri", &["database-uri", "url-password", "open-database", "database-service-token"]),
    ("connection_string", &["database-connection-string", "jdbc-url", "kafka-jaas", "azure-*"]),
    ("database_settings", &["database-config", "database-password-file", "database-command"]),
];

/// Whether a detector belongs to the family of this name.
pub fn is_of(detector: &Detector, family: &str) -> bool {
    let patterns = FAMILIES.iter().find(|(name, _)| *name == family).map_or(&[][..], |(_, p)| p);
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(head) => detector.id.starts_with(head),
        None => detector.id == *pattern,
    })
}

/// The detectors of a family.
///
/// # Panics
///
/// If there are none.
pub fn family(name: &str) -> Vec<Detector> {
    let detectors: Vec<_> = DETECTORS.iter().filter(|d| is_of(d, name)).cloned().collect();
    assert!(!detectors.is_empty(), "no family is called {name}");
    detectors
}

/// Reads bytes as they come, and spliced from examples, with the reference scanner:
/// nothing panics, and all that is told of a leak lies in the text.
///
/// # Panics
///
/// If something does not.
pub fn read(detectors: &[Detector], bytes: &[u8]) {
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    let spliced = Splice::arbitrary(&mut Unstructured::new(bytes)).map(|s| s.text());
    for text in std::iter::once(bytes).chain(spliced.as_deref().ok()) {
        for leak in reference::scan(detectors, text, &context) {
            assert!(leak.value.start <= leak.value.end && leak.value.end <= text.len() as u64);
            assert!(leak.span.start <= leak.value.start && leak.value.end <= leak.span.end);
            for part in &leak.parts {
                assert!(leak.span.start <= part.range.start && part.range.end <= leak.span.end);
            }
            for fact in leak.facts.iter() {
                let _ = (fact.name(), fact.value());
            }
        }
    }
}

/// The longest text that a target builds: the reference scanner looks for every
/// anchor at every byte.
const LONGEST: usize = 12 * 1024;

/// A piece of a text.
#[derive(Debug, Arbitrary)]
pub enum Piece<'a> {
    /// An example of some detector.
    Whole(u16),
    /// Its bytes up to here.
    Head(u16, u16),
    /// Its bytes from here.
    Tail(u16, u16),
    /// An example with one byte replaced.
    Flipped(u16, u16, u8),
    /// Bytes as they come.
    Bytes(&'a [u8]),
    /// One byte many times: pushes the neighbours out of each other's reach.
    Run(u8, u16),
    /// The end of a line.
    Newline,
    /// What stands between two values in JSON.
    Comma,
    /// The head of a section.
    Section,
}

/// A text as a list of pieces.
#[derive(Debug, Arbitrary)]
pub struct Splice<'a> {
    /// The pieces, in order.
    pub pieces: Vec<Piece<'a>>,
}

impl Splice<'_> {
    /// The text, cut at twelve kilobytes.
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for piece in &self.pieces {
            match *piece {
                Piece::Whole(which) => text.extend_from_slice(example(which)),
                Piece::Head(which, cut) => {
                    let example = example(which);
                    text.extend_from_slice(&example[..usize::from(cut) % (example.len() + 1)]);
                }
                Piece::Tail(which, cut) => {
                    let example = example(which);
                    text.extend_from_slice(&example[usize::from(cut) % (example.len() + 1)..]);
                }
                Piece::Flipped(which, at, byte) => {
                    let (example, start) = (example(which), text.len());
                    text.extend_from_slice(example);
                    text[start + usize::from(at) % example.len()] = byte;
                }
                Piece::Bytes(bytes) => text.extend_from_slice(bytes),
                Piece::Run(byte, n) => text.extend(std::iter::repeat_n(byte, usize::from(n))),
                Piece::Newline => text.push(b'\n'),
                Piece::Comma => text.extend_from_slice(b"\",\n  \""),
                Piece::Section => text.extend_from_slice("\r\n[profile é]\r\n".as_bytes()),
            }
            if text.len() > LONGEST {
                text.truncate(LONGEST);
                break;
            }
        }
        text
    }
}

/// All built-in detectors.
pub static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(builtin);

/// The examples of all detectors, each not empty.
pub static EXAMPLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    DETECTORS
        .iter()
        .flat_map(|d| {
            let reported = d.examples.reported.iter();
            let refuted = d.examples.refuted.iter().map(|(text, _)| text);
            reported.chain(refuted).chain(d.examples.unmatched.iter())
        })
        .map(|text| &**text)
        .filter(|text| !text.is_empty())
        .collect()
});

fn example(which: u16) -> &'static [u8] {
    EXAMPLES[usize::from(which) % EXAMPLES.len()].as_bytes()
}

/// A scanner of every back end that this processor can run. They decode nothing, as the
/// reference scanner does not.
pub fn scanners(keep_refuted: bool) -> &'static [Scanner] {
    static SCANNERS: [LazyLock<Vec<Scanner>>; 2] =
        [LazyLock::new(|| build(false)), LazyLock::new(|| build(true))];
    &SCANNERS[usize::from(keep_refuted)]
}

fn build(keep_refuted: bool) -> Vec<Scanner> {
    Backend::available()
        .filter_map(|b| {
            let builder = Scanner::builder().detectors(builtin()).now(NOW);
            builder.keep_refuted(keep_refuted).max_decode_depth(0).backend(b).build().ok()
        })
        .collect()
}

/// A scanner of every back end that undoes as many layers of encoding as by default.
pub fn decoding() -> &'static [Scanner] {
    static SCANNERS: LazyLock<Vec<Scanner>> = LazyLock::new(|| {
        let scanner = |b| Scanner::builder().detectors(builtin()).now(NOW).backend(b).build();
        Backend::available().filter_map(|b| scanner(b).ok()).collect()
    });
    &SCANNERS
}
