//! What the fuzz targets share: texts spliced from the examples of all
//! detectors, and the scanners that they are held against.
//!
//! Plain random bytes hold no anchor, so a target that reads them tests nothing
//! but the search. A [`Splice`] is a short list of pieces instead: the fuzzer
//! chooses the examples, where they are cut and what stands between them.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use leaksieve::detectors::{Detector, Timestamp, builtin};
use leaksieve::{Backend, Scanner};

/// The clock of all targets: some examples have expired by then, some not.
pub const NOW: Timestamp = Timestamp(1_750_000_000);

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

/// The detectors that read signed URLs of clouds other than AWS.
pub const CLOUD_URLS: &[&str] = &[
    "azure-storage-sas",
    "azure-servicebus-sas",
    "azure-logic-app-url",
    "gcs-signed-url",
    "firebase-download-url",
    "alibaba-oss-url",
    "tencent-cos-url",
    "huawei-obs-url",
    "volcengine-tos-url",
    "backblaze-download-token",
    "cdn-token-url",
    "public-object-url",
];

fn example(which: u16) -> &'static [u8] {
    EXAMPLES[usize::from(which) % EXAMPLES.len()].as_bytes()
}

/// A scanner of every back end that this processor can run.
pub fn scanners(keep_refuted: bool) -> &'static [Scanner] {
    static SCANNERS: [LazyLock<Vec<Scanner>>; 2] =
        [LazyLock::new(|| build(false)), LazyLock::new(|| build(true))];
    &SCANNERS[usize::from(keep_refuted)]
}

fn build(keep_refuted: bool) -> Vec<Scanner> {
    Backend::available()
        .filter_map(|b| {
            Scanner::builder().now(NOW).keep_refuted(keep_refuted).backend(b).build().ok()
        })
        .collect()
}
