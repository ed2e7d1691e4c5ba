//! What gets into the middle of a value without being part of it: colours of a terminal,
//! characters without a width, the seams of a concatenation.

use std::ops::Range;

use super::super::cover::{Cover, Encoded};
use crate::draw::Draw;

/// A kind of text put into values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insertion {
    /// Escape sequences that colour text (ECMA-48, SGR), as logs and `grep` write them.
    Ansi,
    /// A zero-width space, a word joiner or a soft hyphen.
    ZeroWidth,
    /// The end of one string literal, an operator, and the beginning of the next.
    Split,
}

/// Sequences that begin a colour, and those that end it.
const COLOURS: [&[u8]; 4] = [b"\x1b[31m", b"\x1b[1;32m", b"\x1b[01;31m\x1b[K", b"\x1b[38;5;208m"];
const PLAIN: [&[u8]; 3] = [b"\x1b[0m", b"\x1b[m", b"\x1b[m\x1b[K"];
const ZERO_WIDTH: [char; 3] = ['\u{200b}', '\u{2060}', '\u{ad}'];

/// The operators between two literals that are joined, by the suffix of the file.
const OPERATORS: [(&[&str], &str); 3] = [
    (&["py", "js", "mjs", "ts", "tsx", "jsx", "java", "kt", "go", "cs", "rb", "ps1"], " + "),
    (&["php"], " . "),
    (&["c", "h", "cc", "cpp", "hpp"], " "),
];

impl Insertion {
    /// Puts something into each of the values of a file, which stand in the given ranges;
    /// for each value says whether that could be done. `None` if it could for none.
    pub(super) fn put(
        self,
        path: &str,
        content: &str,
        values: &[Range<usize>],
        draw: &mut Draw,
    ) -> Option<(Encoded, Vec<bool>)> {
        let mut pieces: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut done = Vec::with_capacity(values.len());
        for value in values {
            let taken = |at: usize| pieces.iter().any(|(other, _)| *other == at);
            let seams = self.seams(path, content, value);
            if seams.is_empty() {
                done.push(false);
                continue;
            }
            // Values within values have what was put into these.
            let has_one = seams.iter().any(|(at, _)| taken(*at));
            done.push(true);
            if has_one {
                continue;
            }
            let mut chosen: Vec<usize> =
                (0..1 + draw.below(3)).map(|_| draw.below(seams.len())).collect();
            chosen.sort_unstable();
            chosen.dedup();
            let is_around = self == Self::Ansi && draw.chance(0.5);
            if is_around {
                pieces.push((value.start, draw.pick(&COLOURS).to_vec()));
                pieces.push((value.end, draw.pick(&PLAIN).to_vec()));
            }
            for (number, seam) in chosen.into_iter().enumerate() {
                let Some((at, joint)) = seams.get(seam) else { continue };
                let text = match self {
                    Self::Ansi if (number % 2 == 0) != is_around => draw.pick(&COLOURS).to_vec(),
                    Self::Ansi => draw.pick(&PLAIN).to_vec(),
                    Self::ZeroWidth => draw.pick(&ZERO_WIDTH).to_string().into_bytes(),
                    Self::Split => joint.clone().into_bytes(),
                };
                pieces.push((*at, text));
            }
        }
        if !done.contains(&true) {
            return None;
        }
        pieces.sort_by_key(|(at, _)| *at);
        let mut pieces = pieces.into_iter().peekable();
        let (mut bytes, mut covers) = (Vec::new(), Vec::with_capacity(content.len()));
        for (at, byte) in content.bytes().enumerate() {
            while let Some((_, text)) = pieces.next_if(|(piece, _)| *piece <= at) {
                bytes.extend(text);
            }
            covers.push(bytes.len()..bytes.len() + 1);
            bytes.push(byte);
        }
        pieces.for_each(|(_, text)| bytes.extend(text));
        Some((Encoded { bytes, cover: Cover::Bytes(covers) }, done))
    }

    /// Where in a value something can be put, and what stands there in a concatenation.
    fn seams(self, path: &str, content: &str, value: &Range<usize>) -> Vec<(usize, String)> {
        let Some(text) = content.get(value.clone()) else { return Vec::new() };
        let within = text.char_indices().skip(1).filter(|(at, character)| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            !character.is_whitespace() && before.is_some_and(|c| !c.is_whitespace())
        });
        let places = within.map(|(at, _)| at + value.start);
        match self {
            Self::Ansi | Self::ZeroWidth => places.map(|at| (at, String::new())).collect(),
            Self::Split => {
                let Some(joint) = joint(path, content, value) else { return Vec::new() };
                // Not within an escape, the longest of which is `\u0041`.
                let is_escape = |at: usize| {
                    let from = at.saturating_sub(6).max(value.start);
                    content.as_bytes().get(from..at).is_none_or(|near| near.contains(&b'\\'))
                };
                places.filter(|at| !is_escape(*at)).map(|at| (at, joint.clone())).collect()
            }
        }
    }
}

/// What ends a literal and begins the next, if the value stands in one of a language that
/// joins them.
fn joint(path: &str, content: &str, value: &Range<usize>) -> Option<String> {
    let (_, suffix) = path.rsplit_once('.')?;
    let (_, operator) = OPERATORS.iter().find(|(suffixes, _)| suffixes.contains(&suffix))?;
    if content.get(value.clone())?.contains('\n') {
        return None;
    }
    let before = content.get(..value.start)?.rsplit('\n').next()?;
    let after = content.get(value.end..)?.split('\n').next()?;
    // Of the quotes that are open at the value the last one counts.
    let mut open = None;
    let mut is_escaped = false;
    for character in before.chars().chain(content.get(value.clone())?.chars()) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' | '\'' if open.is_none() => open = Some(character),
            _ if open == Some(character) => open = None,
            _ => {}
        }
    }
    let quote = open?;
    // Opened before the value, and not in it.
    let is_before = before.contains(quote) && !content.get(value.clone())?.contains(quote);
    (is_before && after.contains(quote)).then(|| format!("{quote}{operator}{quote}"))
}
