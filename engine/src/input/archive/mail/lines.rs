//! Text line by line, in bounded memory.

use std::io::{self, BufRead};

use super::super::peeked::Peeked;

/// Longer lines are read in pieces.
const LONGEST: usize = 8 << 10;

/// Lines, with what ends them.
pub(super) struct Lines<'c> {
    content: Peeked<'c>,
    line: Vec<u8>,
    begins: bool,
    /// Whether the line is to be read once more.
    again: bool,
}

impl<'c> Lines<'c> {
    pub(super) fn new(content: Peeked<'c>) -> Self {
        // As if a line had ended before the first.
        Self { content, line: vec![b'\n'], begins: true, again: false }
    }

    /// Reads the next line, or the next piece of one; tells whether there is one.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        if std::mem::take(&mut self.again) {
            return Ok(true);
        }
        self.begins = self.line.ends_with(b"\n");
        self.line.clear();
        while self.line.len() < LONGEST && !self.line.ends_with(b"\n") {
            let next = self.content.fill_buf()?;
            if next.is_empty() {
                break;
            }
            let next = &next[..next.len().min(LONGEST - self.line.len())];
            let len = memchr::memchr(b'\n', next).map_or(next.len(), |end| end + 1);
            self.line.extend_from_slice(&next[..len]);
            self.content.consume(len);
        }
        Ok(!self.line.is_empty())
    }

    /// The line that was read.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Whether it is a line, or its first piece.
    pub(super) fn begins(&self) -> bool {
        self.begins
    }

    /// Lets the line be read once more.
    pub(super) fn put_back(&mut self) {
        self.again = true;
    }
}
