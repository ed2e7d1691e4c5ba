//! A container's content, of which the next bytes can be looked at.

use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

use super::{Members, damaged, refused};
use crate::input::open::Refused;

/// The most bytes that can be looked at.
const ROOM: usize = 64 << 10;

/// A stream with a buffer of its own.
pub(super) struct Peeked<'c> {
    content: &'c mut (dyn Read + Send),
    held: Box<[u8]>,
    /// What of `held` is still to be read.
    start: usize,
    end: usize,
}

impl<'c> Peeked<'c> {
    pub(super) fn new(content: &'c mut (dyn Read + Send)) -> Self {
        Self { content, held: vec![0; ROOM].into(), start: 0, end: 0 }
    }

    /// The next bytes, at least as many as these, if there are.
    pub(super) fn peek(&mut self, least: usize) -> io::Result<&[u8]> {
        let least = least.min(ROOM);
        if self.end - self.start < least {
            self.held.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        while self.end - self.start < least {
            match self.content.read(&mut self.held[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.held[self.start..self.end])
    }

    /// Skips bytes; tells how many there were.
    pub(super) fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        io::copy(&mut self.by_ref().take(bytes), &mut io::sink())
    }

    /// Skips zeros; tells whether anything stands behind them.
    pub(super) fn skip_zeros(&mut self) -> io::Result<bool> {
        loop {
            let next = self.peek(1)?;
            if next.is_empty() {
                return Ok(false);
            }
            match next.iter().position(|b| *b != 0) {
                Some(zeros) => {
                    self.consume(zeros);
                    return Ok(true);
                }
                None => {
                    let zeros = next.len();
                    self.consume(zeros);
                }
            }
        }
    }

    /// The next bytes; room is made for those only that are there.
    pub(super) fn piece(&mut self, len: usize) -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::new();
        let read = self.by_ref().take(len as u64).read_to_end(&mut bytes);
        match read.map_err(|e| refused(&e))? {
            read if read == len => Ok(bytes),
            _ => Err(damaged("the archive ends within a header")),
        }
    }

    /// Hands on the next bytes as a member, and skips what is not taken of them.
    pub(super) fn hand_on(
        &mut self,
        name: &[u8],
        size: u64,
        members: &mut dyn Members,
    ) -> Result<ControlFlow<()>, Refused> {
        let mut data = self.take(size);
        if members.member(name, &mut data).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        io::copy(&mut data, &mut io::sink()).map_err(|e| refused(&e))?;
        if data.limit() > 0 {
            return Err(damaged("the archive ends within a member"));
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Large reads need no second copy.
        if self.start == self.end && out.len() >= ROOM {
            return self.content.read(out);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Peeked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, bytes: usize) {
        self.start = self.end.min(self.start + bytes);
    }
}
