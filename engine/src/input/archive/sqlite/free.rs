//! What belongs to no row: free pages, and what is unused of the others.

use std::io::{self, Read};

use super::file::{Database, Encoding, Page, u16_at};
use super::tree::Head;

/// Unused pieces one after the other, a line each.
pub(super) struct Free<'d, 'c> {
    database: &'d mut Database<'c>,
    /// The page to go on with.
    page: u32,
    bytes: Vec<u8>,
    /// What is ready, and how much of it was read.
    text: Vec<u8>,
    read: usize,
}

impl<'d, 'c> Free<'d, 'c> {
    pub(super) fn new(database: &'d mut Database<'c>) -> Self {
        Self { database, page: 1, bytes: Vec::new(), text: Vec::new(), read: 0 }
    }

    /// Makes some text ready; tells whether there is any.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.read == self.text.len() {
            self.text.clear();
            self.read = 0;
        }
        while self.read == self.text.len() && self.page <= self.database.pages {
            let page = self.page;
            self.page += 1;
            let seen = self.database.seen(page);
            if seen == Page::Overflow {
                continue;
            }
            self.database.page(page, &mut self.bytes)?;
            match Head::parse(&self.bytes, page) {
                Some(head) if seen == Page::Tree => self.unused(&head),
                _ => self.piece(0, self.bytes.len()),
            }
        }
        Ok(self.read < self.text.len())
    }

    /// What is unused of a page of a tree: between the cells' places and the cells, and
    /// the pieces that deleted cells left.
    fn unused(&mut self, head: &Head) {
        self.piece(head.cells + 2 * head.count, head.content);
        let mut at = usize::from(head.free);
        while at > 0 {
            let next = u16_at(&self.bytes, at).map_or(0, usize::from);
            let len = u16_at(&self.bytes, at + 2).map_or(0, usize::from);
            // Four bytes of it are about the piece.
            self.piece(at + 4, at + len);
            at = if next > at { next } else { 0 };
        }
    }

    /// Makes a piece ready, unless there is nothing in it.
    fn piece(&mut self, start: usize, end: usize) {
        let piece = self.bytes.get(start..end.min(self.bytes.len())).unwrap_or_default();
        let is_zero = |b: &u8| *b == 0;
        let (Some(first), Some(last)) =
            (piece.iter().position(|b| !is_zero(b)), piece.iter().rposition(|b| !is_zero(b)))
        else {
            return;
        };
        let piece = &piece[first..=last];
        match self.database.encoding {
            Encoding::Utf8 => self.text.extend_from_slice(piece),
            // Where characters begin is not known, but ASCII is what lies between zeros.
            Encoding::Utf16 { .. } => self.text.extend(piece.iter().filter(|b| !is_zero(b))),
        }
        self.text.push(b'\n');
    }
}

impl Read for Free<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() && !self.fill()? {
            return Ok(0);
        }
        let read = (&self.text[self.read..]).read(out)?;
        self.read += read;
        Ok(read)
    }
}
