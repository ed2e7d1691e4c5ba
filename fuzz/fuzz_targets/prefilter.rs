//! Every back end finds exactly the anchors that a naive search finds, for any
//! anchors, any text and any range of it.
#![no_main]

use arbitrary::Arbitrary;
use leaksieve::Backend;
use leaksieve::detectors::detector::Anchor;
use leaksieve::prefilter::{Hit, Prefilter};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    anchors: Vec<(&'a [u8], bool)>,
    text: Vec<Piece<'a>>,
    range: (u16, u16),
}

#[derive(Debug, Arbitrary)]
enum Piece<'a> {
    Bytes(&'a [u8]),
    /// An anchor, its letters turned to capitals where a bit is set.
    Anchor(u8, u64),
    /// An anchor without its last bytes.
    Cut(u8, u8),
    Run(u8, u8),
}

fuzz_target!(|input: Input<'_>| {
    let anchors: Vec<Anchor> = input
        .anchors
        .iter()
        .filter(|(bytes, _)| bytes.len() >= Anchor::MIN_LEN)
        .map(|(bytes, ignore_case)| {
            let mut literal = bytes[..bytes.len().min(Anchor::MAX_LEN)].to_vec();
            if *ignore_case {
                literal.make_ascii_lowercase();
            }
            Anchor { literal: literal.into(), ignore_case: *ignore_case }
        })
        .take(300)
        .collect();
    let text = text(&anchors, &input.text);
    let from = usize::from(input.range.0) % (text.len() + 1);
    let to = text.len() - usize::from(input.range.1) % (text.len() - from + 1);

    let mut expected = Vec::new();
    for at in from..to {
        for (index, anchor) in anchors.iter().enumerate() {
            if anchor.is_prefix_of(&text[at..]) {
                expected.push(Hit { at, anchor: index as u32 });
            }
        }
    }
    for backend in Backend::available() {
        let Some(prefilter) = Prefilter::with_backend(&anchors, backend) else { continue };
        let mut hits = Vec::new();
        prefilter.find(&text, from..to, &mut hits);
        assert_eq!(hits, expected, "{backend}, {from}..{to} of {} bytes", text.len());
    }
});

/// The text in an allocation of just its size, so that reads past it show.
fn text(anchors: &[Anchor], pieces: &[Piece<'_>]) -> Box<[u8]> {
    let anchor = |which: &u8| anchors.get(usize::from(*which) % anchors.len().max(1));
    let mut text = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => text.extend_from_slice(bytes),
            Piece::Anchor(which, capitals) => {
                let Some(anchor) = anchor(which) else { continue };
                text.extend(anchor.literal.iter().enumerate().map(|(i, b)| {
                    if capitals >> (i % 64) & 1 == 1 { b.to_ascii_uppercase() } else { *b }
                }));
            }
            Piece::Cut(which, cut) => {
                let Some(anchor) = anchor(which) else { continue };
                let len = anchor.literal.len();
                text.extend_from_slice(&anchor.literal[..len - usize::from(*cut) % len]);
            }
            Piece::Run(byte, n) => text.extend(std::iter::repeat_n(*byte, usize::from(*n))),
        }
    }
    text.into_boxed_slice()
}
