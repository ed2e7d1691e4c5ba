//! Logs of any bytes, cut anywhere: no panic, the text and the places are the same however
//! the log is cut, and what is read of entries is short.
#![no_main]

use arbitrary::Arbitrary;
use leaksieve::input::log::{Joiner, LogContext, Place};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    lines: Vec<(u8, &'a [u8])>,
    pieces: Vec<u8>,
    at: u16,
}

/// Lines of the forms that are read, of which the fuzzer writes the rest.
fn log(lines: &[(u8, &[u8])]) -> Vec<u8> {
    let mut log = Vec::new();
    for (form, rest) in lines {
        let (before, behind): (&[u8], &[u8]) = match form % 8 {
            0 => (b"2026-11-23T08:00:00.1Z stdout P ", b"\n"),
            1 => (b"2026-11-23T08:00:00.1Z stderr F ", b"\n"),
            2 => (b"{\"log\":\"", b"\",\"stream\":\"stdout\",\"time\":\"2026-11-23T08:00:00Z\"}\n"),
            3 => (
                b"{\"log\":\"",
                b"\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T08:00:00Z\"}\n",
            ),
            4 => (b"MESSAGE=", b"\n\n"),
            5 => (b"Nov 23 08:00:00 web-1 app[12]: ", b"\n"),
            6 => (b"{\"time\":\"t\",\"kubernetes\":{\"pod_name\":\"", b"\"}}\n"),
            _ => (b"", b"\n"),
        };
        log.extend_from_slice(before);
        log.extend_from_slice(rest);
        log.extend_from_slice(behind);
    }
    log
}

fn joined(log: &[u8], pieces: &[u8]) -> (Vec<u8>, Vec<u64>) {
    let (mut joiner, mut text) = (Joiner::new(), Vec::new());
    let mut rest = log;
    for piece in pieces.iter().copied().chain([u8::MAX]).cycle() {
        let piece = rest.len().min(1 + usize::from(piece));
        joiner.push(&rest[..piece], &mut text);
        rest = &rest[piece..];
        if rest.is_empty() {
            break;
        }
    }
    joiner.finish(&mut text);
    let raw = |offset| joiner.place(&Place { offset, line: 1, column: 1 }).offset;
    let places: Vec<u64> = (0..text.len() as u64).map(raw).collect();
    (text, places)
}

fuzz_target!(|input: Input<'_>| {
    let log = log(&input.lines);
    let (text, places) = joined(&log, &[]);
    for (byte, raw) in text.iter().zip(&places) {
        assert_eq!(log.get(*raw as usize), Some(byte), "a byte comes from nowhere");
    }
    assert!((text, places) == joined(&log, &input.pieces), "a cut changed the text");
    let context = LogContext::of(&log, usize::from(input.at));
    for (_, value) in context.fields() {
        assert!(value.len() <= 1024 && !value.contains(char::is_control), "too long");
    }
});
