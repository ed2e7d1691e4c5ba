//! Deflate, with a state that serves one member after the other.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};

pub(super) struct Inflate<'i, R> {
    packed: R,
    state: &'i mut Decompress,
    ended: bool,
}

impl<'i, R: BufRead> Inflate<'i, R> {
    pub(super) fn new(packed: R, state: &'i mut Option<Decompress>) -> Self {
        let state = state.get_or_insert_with(|| Decompress::new(false));
        state.reset(false);
        Self { packed, state, ended: false }
    }
}

impl<R: BufRead> Read for Inflate<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.ended {
            return Ok(0);
        }
        loop {
            let input = self.packed.fill_buf()?;
            let at_end = input.is_empty();
            let before = (self.state.total_in(), self.state.total_out());
            let flush = if at_end { FlushDecompress::Finish } else { FlushDecompress::None };
            let status = self.state.decompress(input, out, flush)?;
            let taken = (self.state.total_in() - before.0) as usize;
            let read = (self.state.total_out() - before.1) as usize;
            self.packed.consume(taken);
            match status {
                Status::StreamEnd => self.ended = true,
                _ if read == 0 && at_end => {
                    let kind = io::ErrorKind::UnexpectedEof;
                    return Err(io::Error::new(kind, "its compressed data is cut off"));
                }
                _ if read == 0 && taken > 0 => continue,
                _ if read == 0 => return Err(io::Error::other("corrupt deflate stream")),
                _ => {}
            }
            return Ok(read);
        }
    }
}
