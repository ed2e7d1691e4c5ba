//! Where the bytes of a joined text stood in the raw log.
//!
//! Text that is byte for byte what the log has, however long, is one segment. So the map
//! grows with the lines that were joined, and with nothing else.

use std::collections::VecDeque;

use crate::location::Location;

/// A place in the text that a [`Joiner`](super::Joiner) gave, or in its raw log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// Bytes before it.
    pub offset: u64,
    /// Its line, from 1.
    pub line: u64,
    /// Its column in bytes, from 1.
    pub column: u64,
}

/// Where a finding in the text begins.
impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self { offset: location.offset, line: location.line, column: location.byte_column }
    }
}

/// From here on the text is what the log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// Offset in the text.
    pub(super) at: u64,
    /// Line of the text.
    pub(super) line: u64,
    /// Offset in the raw log.
    pub(super) raw: u64,
    /// Line of the raw log.
    pub(super) raw_line: u64,
    /// The raw offset at which that line begins, where columns of the text and of the log
    /// differ.
    pub(super) line_start: Option<u64>,
}

impl Segment {
    fn goes_on_as(&self, next: &Self) -> bool {
        next.raw.wrapping_sub(self.raw) == next.at.wrapping_sub(self.at)
            && next.raw_line.wrapping_sub(self.raw_line) == next.line.wrapping_sub(self.line)
    }
}

/// The segments of a text, in order.
#[derive(Debug)]
pub(super) struct Places(VecDeque<Segment>);

impl Places {
    /// A text that begins at this place of the raw log.
    pub(super) fn from(raw: u64, raw_line: u64) -> Self {
        Self([Segment { at: 0, line: 1, raw, raw_line, line_start: None }].into())
    }

    /// Goes on with a segment, which begins behind all others.
    pub(super) fn begin(&mut self, segment: Segment) {
        if !self.0.back().is_some_and(|last| last.goes_on_as(&segment)) {
            self.0.push_back(segment);
        }
    }

    /// Where a place of the text stood.
    pub(super) fn raw(&self, text: &Place) -> Place {
        let behind = self.0.partition_point(|segment| segment.at <= text.offset);
        let Some(segment) = self.0.get(behind.saturating_sub(1)) else {
            return *text;
        };
        let offset = segment.raw.saturating_add(text.offset.saturating_sub(segment.at));
        let lines = text.line.saturating_sub(segment.line);
        Place {
            offset,
            line: segment.raw_line.saturating_add(lines),
            column: match segment.line_start {
                Some(start) if lines == 0 => offset.saturating_sub(start).saturating_add(1),
                _ => text.column,
            },
        }
    }

    /// Forgets what concerns only text before this offset.
    pub(super) fn forget(&mut self, before: u64) {
        while self.0.get(1).is_some_and(|next| next.at <= before) {
            self.0.pop_front();
        }
    }

    /// How many segments are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
