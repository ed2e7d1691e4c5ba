//! Detectors and texts for the tests of this crate's inputs.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Mutex;

use leaksieve_detectors::detector::{
    Anchor, Companion, Examples, Reach, Shape, TokenForm, Trigger, text,
};
use leaksieve_detectors::evidence::Inspection;
use leaksieve_detectors::extract::{Extraction, Window};
use leaksieve_detectors::{Candidate, Detector, Role, Severity, Timestamp, Verdict};

use super::Located;
use crate::finding::Finding;
use crate::scanner::{Scanner, Scratch, StreamEvent, StreamSink};
use crate::sink::Sink;

/// A token, a pair whose halves have anchors of their own, and a block that
/// reaches far.
pub(crate) fn scanner() -> Scanner {
    let detectors = vec![
        Detector {
            shape: Shape::Token {
                form: TokenForm { class: is_word, min: 20, max: 400, boundary: is_word },
                inspect: |_| Inspection::of(Verdict::Supported),
            },
            ..detector("token", Trigger::Anchor(Cow::Borrowed(&TOKEN)), Reach::new(8, 512))
        },
        Detector {
            shape: Shape::Parser(|w, out| read_run(w, out, 12, Role::KeyId, true)),
            ..detector("key-id", Trigger::Anchor(Cow::Borrowed(&KEY_ID)), Reach::new(1, 13))
        },
        Detector {
            shape: Shape::Parser(|w, out| read_run(w, out, 24, Role::SecretKey, false)),
            ..detector("secret-key", Trigger::Anchor(Cow::Borrowed(&SECRET)), Reach::new(16, 25))
        },
        Detector {
            companions: Cow::Borrowed(&PAIR),
            ..detector("pair", Trigger::Parts, Reach::new(0, 0))
        },
        Detector {
            shape: Shape::Parser(read_block),
            ..detector("block", Trigger::Anchor(Cow::Borrowed(&BLOCK)), Reach::new(0, 9000))
        },
    ];
    // Generated text is full of what might be encoded, and says nothing.
    let builder = Scanner::builder().detectors(detectors).max_decode_depth(0);
    builder.now(Timestamp(1_750_000_000)).build().unwrap()
}

static TOKEN: [Anchor; 1] = [Anchor::exact("tok_")];
static KEY_ID: [Anchor; 1] = [Anchor::exact("KEYID")];
static SECRET: [Anchor; 1] = [Anchor::any_case("secret=")];
static BLOCK: [Anchor; 1] = [Anchor::exact("<<<BEGIN")];
static PAIR: [Companion; 2] = [
    Companion { role: Role::KeyId, required: true, shared: false, accepts: |_, _| true },
    Companion { role: Role::SecretKey, required: true, shared: false, accepts: |_, _| true },
];

fn detector(id: &'static str, trigger: Trigger, reach: Reach) -> Detector {
    Detector {
        id: text(id),
        title: text("a sample"),
        provider: text("tests"),
        tags: Cow::Borrowed(&[]),
        trigger,
        reach,
        shape: Shape::None,
        companions: Cow::Borrowed(&[]),
        relate: None,
        severity: Severity::High,
        remedy: text(""),
        opt_in: false,
        examples: Examples::default(),
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Reads so many word characters behind the anchor.
fn read_run(w: &Window<'_>, out: &mut Extraction<'_>, len: usize, role: Role, alone: bool) {
    let run = w.after().iter().take_while(|b| is_word(**b)).count();
    if run == len {
        let mut start = w.hit_start;
        // The name before it belongs to the candidate.
        while w.byte_before(start).is_some_and(is_word) {
            start -= 1;
        }
        let mut candidate = Candidate::new(role, w.range(start..w.hit_end + len));
        candidate.value = w.range(w.hit_end..w.hit_end + len);
        candidate.stands_alone = alone;
        out.push(candidate);
    }
}

fn read_block(w: &Window<'_>, out: &mut Extraction<'_>) {
    if let Some(end) = memchr::memmem::find(w.after(), b"END>>>") {
        out.push(Candidate::new(Role::Whole, w.range(w.hit_start..w.hit_end + end + 6)));
    }
}

/// A finding as the tests compare it: everything that a report could show.
pub(crate) fn rendered(finding: &Finding) -> String {
    let mut line = format!(
        "{} {} {:?} {:?}",
        finding.detector().id,
        String::from_utf8_lossy(finding.secret()),
        finding.location(),
        finding.excerpt().revealed(),
    );
    for part in finding.parts() {
        write!(line, " {:?}", (part.role(), part.value(), part.location())).unwrap();
    }
    line
}

/// Collects findings, from any number of threads.
#[derive(Debug, Default)]
pub(crate) struct Found(pub(crate) Mutex<Vec<(String, String)>>);

impl Found {
    pub(crate) fn take(&self, located: Located) {
        let finding = (located.origin.name(), rendered(&located.finding));
        self.0.lock().unwrap().push(finding);
    }

    /// Names of objects and what was found in them, ordered.
    pub(crate) fn sorted(self) -> Vec<(String, String)> {
        let mut all = self.0.into_inner().unwrap();
        all.sort();
        all
    }
}

#[derive(Debug, Default)]
pub(crate) struct Rendered(pub(crate) Vec<String>);

impl Sink for Rendered {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.0.push(rendered(&finding));
        ControlFlow::Continue(())
    }
}

impl StreamSink for Rendered {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        match event {
            StreamEvent::Certain(_, finding) => Sink::finding(self, finding),
            StreamEvent::Early(..) | StreamEvent::Withdrawn(_) => panic!("nobody is in a hurry"),
        }
    }
}

/// What a scan of the whole finds.
pub(crate) fn whole(scanner: &Scanner, object: &[u8]) -> Vec<String> {
    let mut sink = Rendered::default();
    assert!(scanner.scan(object, &mut Scratch::new(), &mut sink).is_continue());
    sink.0
}

/// Numbers without chance (xorshift).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn word(&mut self, len: usize) -> String {
        (0..len)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[self.below(36) as usize]))
            .collect()
    }
}

/// Text with plants in it; between two stand at most `gap` pieces of filler.
pub(crate) fn generated(numbers: &mut Numbers, len: usize, gap: u64) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    if numbers.below(2) == 0 {
        out.extend("\u{feff}".as_bytes());
    }
    while out.len() < len {
        for _ in 0..numbers.below(gap + 1) {
            let piece: &[u8] = match numbers.below(12) {
                0 => b"\n",
                1 => b"\r\n",
                2 => "é€😀 ".as_bytes(),
                3 => b"\xff\x80\x80\xe2\x82 ",
                4 => b"\0\0 ",
                5 => b"tok_short secret=no ",
                _ => b"let filler = text + 17; ",
            };
            out.extend_from_slice(piece);
        }
        let plant = match numbers.below(6) {
            0 => {
                let len = 20 + numbers.below(380) as usize;
                format!("tok_{} ", numbers.word(len))
            }
            1 => format!("id KEYID{} ", numbers.word(12)),
            2 => format!("my_Secret={} ", numbers.word(24)),
            3 => format!("KEYID{}\nprod_secret={}\n", numbers.word(12), numbers.word(24)),
            4 => {
                let len = numbers.below(9500) as usize;
                format!("<<<BEGIN {} tok_{} END>>>\n", numbers.word(len), numbers.word(30))
            }
            _ => format!("KEYID{}KEYID{} ", numbers.word(12), numbers.word(12)),
        };
        out.extend_from_slice(plant.as_bytes());
    }
    out
}
