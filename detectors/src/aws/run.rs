//! Finding a base64 value of a known length that has no mark of its own.
//!
//! Only maximal runs count: a piece of a longer body, a hash in another
//! alphabet or an identifier is none. Escapes inside the run are undone.

use std::ops::Range;

use crate::encoding::base64::is_standard;
use crate::encoding::escaped;

/// A maximal run of base64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// Where it stands, padding included.
    pub(super) range: Range<usize>,
    /// Its characters without escapes, padding included.
    pub(super) value: Vec<u8>,
}

impl Run {
    /// The value, if the bytes of the text differ from it.
    pub(super) fn decoded(&self, text: &[u8]) -> Option<Box<[u8]>> {
        (text[self.range.clone()] != *self.value).then(|| self.value.clone().into())
    }
}

/// The form of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Characters without padding.
    pub(super) chars: usize,
    /// `=` behind them.
    pub(super) padding: usize,
    /// Whether the first two characters fit; asked before the rest is read.
    pub(super) head: fn(u8, u8) -> bool,
}

/// The first run of this form that starts in `places`. Linear; allocates only
/// for what it yields.
pub(super) fn find(text: &[u8], places: Range<usize>, form: Form) -> Option<Run> {
    let mut at = places.start;
    // The rest of a run that began before is none.
    if text[..at.min(text.len())].last().is_some_and(|b| is_member(*b)) {
        at += text[at..].iter().take_while(|b| is_member(**b)).count();
    }
    while at < places.end.min(text.len()) {
        if text[at] == b'\\' && matches!(text.get(at + 1), Some(b'n' | b'r' | b't')) {
            at += 2;
            continue;
        }
        let (byte, len) = escaped::character(&text[at..])?;
        if !is_member(byte) {
            at += len;
            continue;
        }
        let start = at;
        let (chars, pure) = skip(text, &mut at);
        if chars != form.chars || !pure {
            continue;
        }
        let second = escaped::character(&text[start + len..]).map_or(0, |c| c.0);
        if !(form.head)(byte, second) {
            continue;
        }
        let (padding, end) = padding(text, at);
        if padding == form.padding {
            let mut value = Vec::with_capacity(chars + padding);
            let mut from = start;
            while from < end {
                let (byte, len) = escaped::character(&text[from..])?;
                value.push(byte);
                from += len;
            }
            return Some(Run { range: start..end, value });
        }
    }
    None
}

/// Moves over a run; counts its characters and says whether it is base64 all
/// through.
fn skip(text: &[u8], at: &mut usize) -> (usize, bool) {
    let (mut chars, mut pure) = (0, true);
    while let Some((byte, len)) = escaped::character(&text[*at..]) {
        if !is_member(byte) {
            break;
        }
        pure &= is_standard(byte);
        chars += 1;
        *at += len;
    }
    (chars, pure)
}

fn padding(text: &[u8], mut at: usize) -> (usize, usize) {
    let mut count = 0;
    while let Some((b'=', len)) = escaped::character(&text[at..]) {
        (count, at) = (count + 1, at + len);
    }
    (count, at)
}

/// Base64 characters of both alphabets: a run that goes on in the other one is
/// something else.
fn is_member(byte: u8) -> bool {
    is_standard(byte) || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(String, &str)> {
        let form = Form { chars: 7, padding: 1, head: |a, _| a == b'B' };
        let run = find(text.as_bytes(), 0..text.len(), form)?;
        Some((String::from_utf8(run.value).unwrap(), &text[run.range]))
    }

    #[test]
    fn whole_runs_of_the_right_length() {
        for text in ["k=Bb/d+fg=", "Bb/d+fg= x", "x\\nBb/d+fg=\"", "a Bb/d+fg g=,Bb/d+fg="] {
            assert_eq!(first(text).unwrap().0, "Bb/d+fg=", "{text}");
        }
        assert_eq!(first("u:Bb%2Fd%2Bfg%3D@h"), Some(("Bb/d+fg=".into(), "Bb%2Fd%2Bfg%3D")));
        for text in ["Bb/d+fg\\=", "Bb/d+fg\\\\="] {
            assert_eq!(first(&format!("k={text}")), Some(("Bb/d+fg=".into(), text)));
        }
        assert_eq!(first("u%3ABb%2Fd%2Bfg%3D%40h").unwrap().1, "Bb%2Fd%2Bfg%3D");
        for text in ["Bb/d+fg", "xBb/d+fg=", "Bb/d+fgh=", "Bb/d+fg==", "Bb-d+fg=", "Cb/d+fg=", ""] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
