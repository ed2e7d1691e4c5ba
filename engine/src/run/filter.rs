//! A stream without its secrets, as fast as it comes and as soon.

use std::io;
use std::ops::ControlFlow;

use crate::input::live::{Arrivals, Live, PATIENCE};
use crate::redact::Redaction;
use crate::scanner::{Scanner, Scratch};

/// Bytes that are read at once: what a pipe holds at most, as a rule.
const READ: usize = 256 << 10;

/// Replaces the secrets of a stream until it ends. Hands on what is certain; a line that
/// has waited for some 30 milliseconds is handed on as it is understood then.
///
/// Says how many bytes were read.
///
/// # Errors
///
/// If reading fails: what was read until then has been handed on.
pub fn filter(
    scanner: &Scanner,
    reader: &mut dyn Live,
    redaction: &mut dyn Redaction,
) -> io::Result<u64> {
    let mut scratch = Scratch::new();
    let mut stream = scanner.redact_stream();
    let mut room = vec![0; READ];
    let mut arrivals = Arrivals::default();
    let mut read = 0;
    let mut outcome = Ok(());
    loop {
        if let Some(waited) = arrivals.waited() {
            let left = PATIENCE.saturating_sub(waited);
            if left.is_zero() {
                arrivals.all_done();
                let flow = stream.flush(&mut scratch, redaction);
                if flow.is_break() || redaction.rest().is_break() {
                    return Ok(read);
                }
                continue;
            }
            if !reader.wait(left) {
                continue;
            }
        }
        let piece = match reader.read(&mut room) {
            Ok(0) => break,
            Ok(len) => &room[..len],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                outcome = Err(error);
                break;
            }
        };
        read += piece.len() as u64;
        if let ControlFlow::Break(()) = stream.push(piece, &mut scratch, redaction) {
            return Ok(read);
        }
        arrivals.arrived(read, PATIENCE);
        arrivals.done(stream.written());
    }
    // A sink that ends the stream now changes nothing.
    let _ = stream.finish(&mut scratch, redaction);
    outcome.map(|()| read)
}
