//! Text whose lines quoted-printable broke, put together again.
//!
//! A soft break (`=` and the line end, RFC 2045 section 6.7) may stand anywhere, so
//! that a reader who knows no soft breaks fails at it. [`Joined`] is a window
//! without them; what is read from it is carried back to the text.

use std::ops::Range;

use crate::candidate::Candidate;
use crate::extract::Window;

/// A window's text without soft breaks.
pub struct Joined {
    bytes: Vec<u8>,
    /// Where each byte stood in the window, and where the last one ends.
    at: Vec<u32>,
    hit: Range<usize>,
    anchor: u16,
}

/// Shows its extent, never its text.
impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// The length of the soft break that `text` starts with.
pub fn soft_break(text: &[u8]) -> Option<usize> {
    match text {
        [b'=', b'\n', ..] => Some(2),
        [b'=', b'\r', b'\n', ..] => Some(3),
        _ => None,
    }
}

impl Joined {
    /// Joins the lines within `reach` bytes of the anchor; what lies farther is left
    /// out. `None`, at the cost of a search, if no soft break stands there.
    pub fn of(window: &Window<'_>, reach: usize) -> Option<Self> {
        let start = window.hit_start.saturating_sub(reach);
        let end = window.bytes.len().min(window.hit_end.saturating_add(reach));
        let text = &window.bytes[start..end];
        memchr::memchr_iter(b'\n', text)
            .find(|at| text[..*at].strip_suffix(b"\r").unwrap_or(&text[..*at]).ends_with(b"="))?;
        let mut joined =
            Self { bytes: Vec::new(), at: Vec::new(), hit: 0..0, anchor: window.anchor };
        let mut at = start;
        while at < end {
            if let Some(len) = soft_break(&window.bytes[at..end]) {
                at += len;
                continue;
            }
            if at <= window.hit_start {
                joined.hit.start = joined.bytes.len();
            }
            if at < window.hit_end {
                joined.hit.end = joined.bytes.len() + 1;
            }
            joined.bytes.push(window.bytes[at]);
            joined.at.push(at as u32);
            at += 1;
        }
        joined.at.push(end as u32);
        Some(joined)
    }

    /// The window to read.
    pub fn window(&self) -> Window<'_> {
        Window {
            bytes: &self.bytes,
            base: 0,
            hit_start: self.hit.start,
            hit_end: self.hit.end,
            anchor: self.anchor,
        }
    }

    /// Carries what was read from [`Joined::window`] back to the window that it was
    /// made of.
    pub fn restore(&self, candidate: &mut Candidate, window: &Window<'_>) {
        let carry = |range: &mut Range<u64>, decoded: Option<&mut Option<Box<[u8]>>>| {
            let (start, end) = (range.start as usize, range.end as usize);
            let first = self.at.get(start).map_or(0, |a| *a as usize);
            let last = match end.checked_sub(1).filter(|l| *l >= start) {
                Some(last) => self.at.get(last).map_or(first, |a| *a as usize + 1),
                None => first,
            };
            if let Some(decoded) = decoded
                && decoded.is_none()
                && last - first != end - start
            {
                *decoded = self.bytes.get(start..end).map(Into::into);
            }
            *range = window.range(first..last);
        };
        carry(&mut candidate.value, Some(&mut candidate.decoded));
        carry(&mut candidate.span, None);
        if let Some(name) = &mut candidate.name {
            carry(name, None);
        }
        for part in &mut candidate.parts {
            carry(&mut part.range, Some(&mut part.decoded));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Role;

    #[test]
    fn lines_are_joined_and_ranges_carried_back() {
        for soft in ["=\n", "=\r\n"] {
            let text = format!("x\na{soft}bcd{soft}ef\ny");
            let hit = text.find("cd").unwrap();
            let window = Window {
                bytes: text.as_bytes(),
                base: 100,
                hit_start: hit,
                hit_end: hit + 2,
                anchor: 0,
            };
            let joined = Joined::of(&window, 64).unwrap();
            let inner = joined.window();
            assert_eq!(inner.bytes, b"x\nabcdef\ny");
            assert_eq!(&inner.bytes[inner.hit()], b"cd");
            let mut candidate = Candidate::new(Role::Password, inner.range(3..8));
            joined.restore(&mut candidate, &window);
            let start = text.find('b').unwrap() as u64 + 100;
            assert_eq!(candidate.value, start..text.find('f').unwrap() as u64 + 101);
            assert_eq!(candidate.decoded.as_deref(), Some(&b"bcdef"[..]));
            assert_eq!(candidate.span, candidate.value);
            assert!(Joined::of(&window, 0).is_none());
        }
        let plain = Window { bytes: b"a=b\ncd", base: 0, hit_start: 1, hit_end: 2, anchor: 0 };
        assert!(Joined::of(&plain, 64).is_none());
    }
}
