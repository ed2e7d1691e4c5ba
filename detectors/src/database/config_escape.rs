//! The value that a literal of a configuration stands for: its escapes undone.
//!
//! Where a literal begins and ends is [`super::config_value`]'s to say.

use super::config_literal::{Literal, Quote};
use crate::encoding::escaped;

/// The value that a literal in the text stands for, its escapes undone.
pub(super) fn decoded(text: &[u8], literal: &Literal) -> Vec<u8> {
    let mut value = text[literal.range.clone()].to_vec();
    let holds = |s: &[u8]| memchr::memmem::find(&value, s).is_some();
    if literal.quoted_printable || holds(b"=\n") || holds(b"=\r\n") || holds(b"=3D") {
        value = quoted_printable(&value);
    }
    for _ in 0..literal.layers {
        value = json(&value, b"\"/");
    }
    if value.contains(&b'&') {
        value = entities(&value);
    }
    match literal.quote {
        Quote::Plain(b'"') | Quote::Entity(b'"') => json(&value, b"\"/$"),
        Quote::Plain(q) | Quote::Entity(q) => json(&value, &[q]),
        Quote::Bare => json(&value, b"=:#! "),
    }
}

/// Undoes one layer of backslashes before themselves, the characters of `more`
/// and, in double quotes, code points.
fn json(value: &[u8], more: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        if *byte == b'\\'
            && let Some(next) = value.get(at + 1)
        {
            if *next == b'\\' || more.contains(next) {
                out.push(*next);
                at += 2;
                continue;
            }
            if more.contains(&b'"')
                && matches!(next, b'u' | b'x')
                && let Some((byte, len @ 2..)) = escaped::character(&value[at..])
            {
                out.push(byte);
                at += len;
                continue;
            }
        }
        out.push(*byte);
        at += 1;
    }
    out
}

fn entities(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        match escaped::character(&value[at..]) {
            Some((byte, len)) if value[at] == b'&' => {
                out.push(byte);
                at += len;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

fn quoted_printable(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    let digit = |at: usize| value.get(at).and_then(|b| char::from(*b).to_digit(16));
    while let Some(byte) = value.get(at) {
        if *byte == b'=' {
            if let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) {
                out.push((high << 4 | low) as u8);
                at += 3;
                continue;
            }
            let line_end = value[at + 1..].iter().take_while(|b| matches!(b, b'\r' | b'\n'));
            let len = line_end.count().min(2);
            if len > 0 {
                at += 1 + len;
                continue;
            }
        }
        out.push(*byte);
        at += 1;
    }
    out
}
