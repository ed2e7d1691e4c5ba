//! Mail: one message, or a mailbox of several (mbox).
//!
//! Formats: RFC 5322 (messages), RFC 2045 to 2047 and RFC 2231 (MIME), RFC 4155 (mbox).
//!
//! Mail is text and is scanned as it stands, which finds what is in its headers and in
//! parts that are not encoded, on the right lines. Only parts in base64 or
//! quoted-printable are members: decoded, under the name of the attachment or their
//! number in the message. As readers of mail do, this one makes something of any text,
//! so no mail is damaged.

mod header;
mod lines;
mod transfer;

use std::io::{self, Read};
use std::ops::ControlFlow;

use self::header::Header;
use self::lines::Lines;
use self::transfer::Transfer;
use super::peeked::Peeked;
use super::{HEAD, Members, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// How deep parts within parts are told apart.
const DEPTH: usize = 16;

/// Headers that hardly any text but mail begins with.
const TELLING: [&[u8]; 17] = [
    b"arc-authentication-results",
    b"arc-message-signature",
    b"arc-seal",
    b"authentication-results",
    b"delivered-to",
    b"dkim-signature",
    b"envelope-to",
    b"message-id",
    b"mime-version",
    b"received",
    b"return-path",
    b"x-apparently-to",
    b"x-gm-thrid",
    b"x-mozilla-keys",
    b"x-mozilla-status",
    b"x-original-to",
    b"x-received",
];

/// Headers of which three in one text make it mail.
const COMMON: [&[u8]; 7] = [b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender"];

/// Whether these are the first bytes of a message or a mailbox: nothing but lines of
/// headers, and such that mail has.
pub(super) fn is(head: &[u8]) -> bool {
    let mut lines = head.split_inclusive(|b| *b == b'\n').peekable();
    if let Some(first) = lines.next_if(|line| line.starts_with(b"From ")) {
        // Mailers put a quoted second one behind it.
        let next = lines.find(|line| !line.starts_with(b">From "));
        return is_from(first) && next.is_some_and(|line| header::name(line).is_some());
    }
    let mut common = [false; COMMON.len()];
    let mut is_first = true;
    for line in lines {
        // The last line may be cut off.
        let is_cut = head.len() >= HEAD && !line.ends_with(b"\n");
        if is_cut || line.trim_ascii().is_empty() {
            break;
        }
        let Some(name) = header::name(line) else {
            if is_first || !matches!(line, [b' ' | b'\t', ..]) {
                return false;
            }
            continue;
        };
        is_first = false;
        let name = name.to_ascii_lowercase();
        let value = line.get(name.len() + 1..).unwrap_or_default().trim_ascii_start();
        let is_multipart = name == b"content-type"
            && value.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/"));
        if is_multipart || TELLING.contains(&&name[..]) {
            return true;
        }
        if let Some(i) = COMMON.iter().position(|common| **common == name) {
            common[i] = true;
        }
    }
    common.iter().filter(|is_there| **is_there).count() >= 3
}

/// Whether a line begins a message in a mailbox: a sender and when it came.
fn is_from(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(1);
    let is_time = |word: &&[u8]| match word {
        [h, b':', m, n, rest @ ..] | [_, h, b':', m, n, rest @ ..] => {
            [h, m, n].into_iter().all(u8::is_ascii_digit) && matches!(rest, [] | [b':', _, _])
        }
        _ => false,
    };
    let is_year = |word: &[u8]| {
        matches!(word, [b'1' | b'2', b'9' | b'0', rest @ ..]
            if rest.len() == 2 && rest.iter().all(u8::is_ascii_digit))
    };
    words.any(|word| is_time(&word)) && words.take(4).any(is_year)
}

pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut content = Peeked::new(content);
    let is_mailbox = content.peek(HEAD).map_err(|e| refused(&e))?.starts_with(b"From ");
    let mut text = Text { lines: Lines::new(content), boundaries: Vec::new(), is_mailbox };
    let (mut message, mut part) = (0_u64, 0_u64);
    let mut in_header = !is_mailbox;
    loop {
        if in_header {
            in_header = false;
            let header = Header::read(&mut text).map_err(|e| refused(&e))?;
            let kind = header.kind();
            let name = |part: u64| {
                let mailbox =
                    if is_mailbox { format!("message {message}/") } else { String::new() };
                let name = header.file_name().unwrap_or_else(|| format!("part {part}").into());
                [mailbox.into_bytes(), name].concat()
            };
            if kind.starts_with(b"multipart/") {
                let Some(boundary) = header.boundary() else { continue };
                if text.boundaries.len() < DEPTH {
                    text.boundaries.push(boundary);
                } else if members.refused(&name(part + 1), too_deep()).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                continue;
            }
            let transfer = Transfer::of(&header.transfer);
            if kind.starts_with(b"message/") && transfer.is_none() {
                // A message that was forwarded, or what is told about one.
                in_header = true;
                continue;
            }
            part += 1;
            if let Some(transfer) = transfer {
                let name = name(part);
                if members.member(&name, &mut Body::new(&mut text, transfer)).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        if !text.lines.next().map_err(|e| refused(&e))? {
            return Ok(ControlFlow::Continue(()));
        }
        match text.edge() {
            None => {}
            Some(Edge::Message) => {
                text.boundaries.clear();
                (message, part) = (message + 1, 0);
                in_header = true;
            }
            Some(Edge::Part(depth)) => {
                text.boundaries.truncate(depth + 1);
                in_header = true;
            }
            Some(Edge::Last(depth)) => text.boundaries.truncate(depth),
        }
    }
}

fn too_deep() -> Refused {
    let detail = format!("parts more than {DEPTH} deep");
    Refused { kind: SkipKind::ArchiveLimit, detail }
}

/// A mailbox or a message, and where in it reading is.
struct Text<'c> {
    lines: Lines<'c>,
    /// What ends the parts that this is in, the outermost first.
    boundaries: Vec<Vec<u8>>,
    is_mailbox: bool,
}

/// What a line ends.
enum Edge {
    /// Everything; another message begins.
    Message,
    /// A part of the container so deep; another part begins.
    Part(usize),
    /// The last part of it.
    Last(usize),
}

impl Text<'_> {
    /// What the line that was read last ends.
    fn edge(&self) -> Option<Edge> {
        let line = self.lines.line();
        if !self.lines.begins() {
            return None;
        }
        if self.is_mailbox && is_from(line) {
            return Some(Edge::Message);
        }
        let line = line.strip_prefix(b"--")?.trim_ascii_end();
        let mut boundaries = self.boundaries.iter().enumerate().rev();
        boundaries.find_map(|(depth, boundary)| match line.strip_prefix(&boundary[..])? {
            b"" => Some(Edge::Part(depth)),
            b"--" => Some(Edge::Last(depth)),
            _ => None,
        })
    }

    /// Reads the next line of this part, if there is one.
    fn next_in_part(&mut self) -> io::Result<bool> {
        if !self.lines.next()? {
            return Ok(false);
        }
        if self.edge().is_some() {
            self.lines.put_back();
            return Ok(false);
        }
        Ok(true)
    }
}

/// The decoded body of a part.
struct Body<'t, 'c> {
    text: &'t mut Text<'c>,
    transfer: Transfer,
    /// What is decoded, and how much of it was read.
    decoded: Vec<u8>,
    read: usize,
    at_end: bool,
}

impl<'t, 'c> Body<'t, 'c> {
    fn new(text: &'t mut Text<'c>, transfer: Transfer) -> Self {
        Self { text, transfer, decoded: Vec::new(), read: 0, at_end: false }
    }
}

impl Read for Body<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read == self.decoded.len() && !self.at_end {
            self.decoded.clear();
            self.read = 0;
            if self.text.next_in_part()? {
                self.transfer.decode(self.text.lines.line(), &mut self.decoded);
            } else {
                self.at_end = true;
                self.transfer.finish(&mut self.decoded);
            }
        }
        let read = (&self.decoded[self.read..]).read(out)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
