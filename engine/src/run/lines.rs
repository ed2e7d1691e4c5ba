//! Which lines of a text are new.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;

use git2::{DiffOptions, Patch};

use crate::finding::Finding;
use crate::input::decoded;

/// Bytes in which git looks for a zero byte to tell binary files from text.
const BINARY_HEAD: usize = 8000;

/// Lines of a text that are new, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NewLines {
    /// All of them.
    All,
    /// These, in order.
    Some(Vec<RangeInclusive<u64>>),
}

impl NewLines {
    /// The lines that `now` has and `before` had not. A binary file is new as a
    /// whole. `loose` takes lines for the same that end in another way.
    pub(super) fn of(before: &[u8], now: &[u8], loose: bool) -> Self {
        let (before, now) = (decoded(before), decoded(now));
        if is_binary(&before) || is_binary(&now) {
            return Self::All;
        }
        let mut options = DiffOptions::new();
        options.context_lines(0).interhunk_lines(0).force_text(true);
        options.ignore_whitespace_eol(loose);
        let hunks = Patch::from_buffers(&before, None, &now, None, Some(&mut options))
            .and_then(|patch| (0..patch.num_hunks()).map(|i| lines(&patch, i)).collect());
        // A text too large for a comparison is new.
        hunks.map_or(Self::All, |hunks: Vec<_>| {
            Self::Some(hunks.into_iter().filter(|lines| !lines.is_empty()).collect())
        })
    }

    /// Whether any part of a finding stands on one of the lines.
    pub(super) fn touch(&self, finding: &Finding) -> bool {
        let Self::Some(new) = self else { return true };
        let parts = finding.parts().iter().map(|part| part.location());
        parts.chain([finding.location()]).any(|location| {
            let after = new.partition_point(|lines| *lines.end() < location.line);
            new.get(after).is_some_and(|lines| *lines.start() <= location.end_line)
        })
    }
}

/// The new lines of a hunk.
fn lines(patch: &Patch<'_>, hunk: usize) -> Result<RangeInclusive<u64>, git2::Error> {
    let (hunk, _) = patch.hunk(hunk)?;
    let (start, len) = (u64::from(hunk.new_start()), u64::from(hunk.new_lines()));
    // Of a hunk that only removes lines nothing is left.
    Ok(if len == 0 { RangeInclusive::new(1, 0) } else { start..=start + len - 1 })
}

fn is_binary(text: &[u8]) -> bool {
    memchr::memchr(0, &text[..text.len().min(BINARY_HEAD)]).is_some()
}

/// Tells how much of a text stands in another one, line by line.
pub(super) struct Similarity {
    len: usize,
    /// How often each line of the text occurs.
    lines: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Similarity {
    pub(super) fn to(text: &[u8]) -> Self {
        let hasher = RandomState::new();
        let mut lines = HashMap::new();
        for line in text.split_inclusive(|b| *b == b'\n') {
            *lines.entry(hasher.hash_one(line)).or_default() += 1;
        }
        Self { len: text.len(), lines, hasher }
    }

    /// Hundredths of the larger text that both have.
    pub(super) fn with(&self, other: &[u8]) -> usize {
        let mut seen: HashMap<u64, u32> = HashMap::new();
        let mut common = 0;
        for line in other.split_inclusive(|b| *b == b'\n') {
            let hash = self.hasher.hash_one(line);
            let seen = seen.entry(hash).or_default();
            *seen += 1;
            if self.lines.get(&hash).is_some_and(|n| n >= seen) {
                common += line.len();
            }
        }
        common * 100 / self.len.max(other.len()).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_added_or_changed_are_new() {
        let of = |before: &str, now: &str| NewLines::of(before.as_bytes(), now.as_bytes(), false);
        assert_eq!(of("a\nb\nc\n", "a\nb\nc\n"), NewLines::Some(vec![]));
        assert_eq!(of("a\nb\nc\n", "a\nx\nc\nd\ne\n"), NewLines::Some(vec![2..=2, 4..=5]));
        assert_eq!(of("a\nb\nc\n", "a\nc\n"), NewLines::Some(vec![]));
        assert_eq!(of("", "a\nb"), NewLines::Some(vec![1..=2]));
        assert_eq!(of("a\r\nb\r\n", "a\nb\n"), NewLines::Some(vec![1..=2]));
        assert_eq!(NewLines::of(b"a\r\nb\r\n", b"a\nx\n", true), NewLines::Some(vec![2..=2]));
        assert_eq!(of("a\0b\nc", "a\0b\nd"), NewLines::All);
    }

    #[test]
    fn wide_text_is_compared_by_its_lines() {
        let wide = |text: &str| -> Vec<u8> {
            [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        let new = NewLines::of(&wide("a\nb\nc\n"), &wide("a\nb\nx\n"), false);
        assert_eq!(new, NewLines::Some(vec![3..=3]));
    }

    #[test]
    fn texts_are_similar_by_the_lines_they_share() {
        let text = Similarity::to(b"one\ntwo\nthree\n");
        assert_eq!(text.with(b"one\ntwo\nthree\n"), 100);
        assert_eq!(text.with(b"three\none\n"), 71);
        assert_eq!(text.with(b"one\none\none\n"), 28);
        assert_eq!(text.with(b"four\n"), 0);
    }
}
