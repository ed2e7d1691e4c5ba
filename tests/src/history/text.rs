//! Texts that change from version to version.

use std::sync::OnceLock;

use leaksieve::detectors::builtin;
use leaksieve_corpus::{Kind, fill};

use crate::draw::Draw;

/// Ordinary source text in which nothing is planted.
pub(super) fn filler(draw: &mut Draw, bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    fill(&mut out, draw.bits(), Kind::Source, bytes as u64).unwrap();
    out
}

/// A text in lines that people edit: lines come, go, move and are changed.
#[derive(Clone)]
pub struct Lines {
    lines: Vec<Vec<u8>>,
}

impl Lines {
    /// Filler of about so many bytes.
    pub fn new(draw: &mut Draw, bytes: usize) -> Self {
        let text = filler(draw, bytes);
        Self { lines: text.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect() }
    }

    /// An edit or several.
    pub fn edit(&mut self, draw: &mut Draw) {
        for _ in 0..=draw.below(4) {
            let at = draw.below(self.lines.len());
            let end = (at + 1 + draw.below(20)).min(self.lines.len());
            match draw.below(5) {
                0 | 1 => {
                    let bytes = 1 + draw.below(300);
                    let new = Self::new(draw, bytes).lines;
                    self.lines.splice(at..at, new);
                }
                2 if self.lines.len() > 60 => drop(self.lines.drain(at..end)),
                3 => {
                    let block: Vec<_> = self.lines.drain(at..end).collect();
                    let to = draw.below(self.lines.len() + 1);
                    self.lines.splice(to..to, block);
                }
                _ => self.lines[at] = format!("value_{} = {}", draw.bits(), draw.bits()).into(),
            }
        }
    }

    /// The text with `text` as its lines from a third on.
    pub fn with(&self, text: &str) -> Vec<u8> {
        let at = self.lines.len() / 3;
        let (before, after) = self.lines.split_at(at);
        let middle = text.split('\n').map(|l| l.as_bytes().to_vec()).collect();
        [before.to_vec(), middle, after.to_vec()].concat().join(&b'\n')
    }

    /// The text alone.
    pub fn bytes(&self) -> Vec<u8> {
        self.lines.join(&b'\n')
    }
}

/// A text full of the detectors' examples, whole and in pieces, that is edited at
/// any byte: what makes every kind of seam.
#[derive(Clone)]
pub struct Churn {
    text: Vec<u8>,
}

impl Churn {
    /// About so many bytes.
    pub fn new(draw: &mut Draw, bytes: usize) -> Self {
        let mut made = Self { text: Vec::new() };
        while made.text.len() < bytes {
            made.text.extend(Self::piece(draw));
        }
        made
    }

    /// The text.
    pub fn bytes(&self) -> Vec<u8> {
        self.text.clone()
    }

    /// A few edits.
    pub fn edit(&mut self, draw: &mut Draw) {
        for _ in 0..=draw.below(6) {
            let at = draw.below(self.text.len());
            let longest = *draw.pick(&[3, 30, 300, 3000]);
            let end = (at + 1 + draw.below(longest)).min(self.text.len());
            match draw.below(6) {
                0 | 1 => drop(self.text.splice(at..at, Self::piece(draw))),
                2 if self.text.len() > 4000 => drop(self.text.drain(at..end)),
                3 => {
                    let block: Vec<u8> = self.text.drain(at..end).collect();
                    let to = draw.below(self.text.len() + 1);
                    self.text.splice(to..to, block);
                }
                4 if self.text.len() < 40_000 => {
                    let block = self.text[at..end].to_vec();
                    let to = draw.below(self.text.len() + 1);
                    self.text.splice(to..to, block);
                }
                _ => self.text[at] = *draw.pick(b"Az0/+=-_\"'\n .:@&?\\\0\xff"),
            }
        }
    }

    fn piece(draw: &mut Draw) -> Vec<u8> {
        let example = draw.pick(examples());
        let cut = draw.below(example.len() + 1);
        match draw.below(6) {
            0 => example[..cut].to_vec(),
            1 => example[cut..].to_vec(),
            2 => {
                let bytes = draw.below(1500);
                filler(draw, bytes)
            }
            3 => vec![*draw.pick(b"\n .\0"); 1 + draw.below(200)],
            _ => [&example[..], b"\n"].concat(),
        }
    }
}

/// The examples of all detectors: reported, refuted, not matched.
fn examples() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for detector in builtin() {
            let examples = &detector.examples;
            let refuted = examples.refuted.iter().map(|(text, _)| text);
            let texts = examples.reported.iter().chain(refuted).chain(examples.unmatched.iter());
            all.extend(texts.map(|text| text.as_bytes().to_vec()));
        }
        all
    })
}
