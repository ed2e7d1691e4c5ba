//! PDF: what is compressed in a document, and the text of its pages.
//!
//! Format: ISO 32000-2. A document is text too and is scanned as it stands. Its streams
//! are found by their words, from the first to the last, and not by its tables, so that
//! old versions of a page and damaged documents are read too. Each that is encoded is a
//! member, `object 12`; text that is set in pieces is put together, `object 12 (text)`.
//! Letters are taken for their codes: what a font maps otherwise is not known.

mod dictionary;
mod filter;
mod shown;
#[cfg(test)]
mod tests;
mod window;

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;

use super::source::{Buffer, Part, Source};
use super::{Members, ReadSeek, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;
use dictionary::{Filter, Object};
use shown::Shown;
use window::Window;

/// Whether these are the first bytes of a document.
pub(super) fn is(head: &[u8]) -> bool {
    matches!(head, [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', b'0'..=b'9', ..])
}

pub(super) fn read(
    whole: &mut dyn ReadSeek,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut source = Source::new(whole).map_err(|e| refused(&e))?;
    let mut window = Window::default();
    if is_encrypted(&mut source, &mut window).map_err(|e| refused(&e))? {
        return Err(Refused { kind: SkipKind::EncryptedMember, detail: String::new() });
    }
    let mut buffer = Buffer::default();
    let mut at = 0;
    loop {
        let found = next(&mut source, &mut window, at).map_err(|e| refused(&e))?;
        let Some(stream) = found else { return Ok(ControlFlow::Continue(())) };
        at = stream.end;
        let raw: Box<dyn BufRead + Send + '_> = match window.held(stream.start, stream.end) {
            held if held.len() as u64 == stream.end - stream.start => Box::new(held),
            _ => {
                let (source, buffer) = (&mut source, &mut buffer);
                Box::new(Part { source, buffer, at: stream.start, end: stream.end })
            }
        };
        if hand_on(&stream.object, raw, members).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

/// Whether a document is encrypted: the word for it stands before a reference.
fn is_encrypted(source: &mut Source<'_>, window: &mut Window) -> io::Result<bool> {
    let (word, mut at) = (b"/Encrypt", 0);
    while let Some(found) = window.find(source, word, at, u64::MAX)? {
        at = found + word.len() as u64;
        let text = window.at(source, at, 32)?;
        if text.first().is_some_and(|b| dictionary::is_blank(*b)) && dictionary::is_reference(text)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A stream, and where it stands.
struct Stream {
    object: Object,
    start: u64,
    end: u64,
}

/// The next stream from an offset on.
fn next(source: &mut Source<'_>, window: &mut Window, mut at: u64) -> io::Result<Option<Stream>> {
    let (word, end_word) = (b"stream", b"endstream");
    while let Some(found) = window.find(source, word, at, u64::MAX)? {
        at = found + word.len() as u64;
        let Some(object) = dictionary::read(window.before(found)) else { continue };
        // A line ends here, with one byte or two.
        let behind = window.find(source, b"\n", at, at + 2)?;
        let start = behind.map_or(at, |end| end + 1);
        if behind.is_none() && window.find(source, b"\r", at, at + 1)?.is_none() {
            continue;
        }
        let start = if behind.is_none() { start + 1 } else { start };
        let stated = object.len.and_then(|len| start.checked_add(len));
        let end = match stated.filter(|end| *end <= source.len) {
            // Where it says, if it ends there; else where it ends.
            Some(end) if window.find(source, end_word, end, end + 12)?.is_some() => Some(end),
            _ => window.find(source, end_word, start, u64::MAX)?,
        };
        let end = end.unwrap_or(source.len);
        return Ok(Some(Stream { object, start, end }));
    }
    Ok(None)
}

/// Hands a stream on, decoded, and the text that it shows.
fn hand_on(
    object: &Object,
    raw: Box<dyn BufRead + Send + '_>,
    members: &mut dyn Members,
) -> ControlFlow<()> {
    let name = format!("object {}", object.number).into_bytes();
    let other = object.filters.iter().find_map(|filter| match filter {
        Filter::Other(name) => Some(*name),
        _ => None,
    });
    if let Some(other) = other {
        let detail = format!("encoded by {other}, which is not read");
        return members.refused(&name, Refused { kind: SkipKind::UnsupportedArchive, detail });
    }
    if object.is_table || object.filters.contains(&Filter::Picture) {
        return ControlFlow::Continue(());
    }
    let is_encoded = object.filters.iter().any(|filter| *filter != Filter::Crypt);
    let content = match decoded(&object.filters, raw) {
        Ok(content) => content,
        Err(error) => return members.refused(&name, refused(&error)),
    };
    let mut both = Both { content, shown: object.may_show.then(Shown::default) };
    if is_encoded {
        members.member(&name, &mut both)?;
    } else if both.shown.is_some() {
        // What stands in the open was read with the document.
        let _ = io::copy(&mut both, &mut io::sink());
    }
    match both.shown.and_then(Shown::text) {
        Some(text) => {
            let name = [&*name, b" (text)"].concat();
            members.member(&name, &mut Cursor::new(text))
        }
        None => ControlFlow::Continue(()),
    }
}

/// Undoes the encodings.
fn decoded<'r>(
    filters: &[Filter],
    raw: Box<dyn BufRead + Send + 'r>,
) -> io::Result<Box<dyn BufRead + Send + 'r>> {
    let mut content = raw;
    for filter in filters {
        content = match filter {
            Filter::Hex => Box::new(BufReader::new(filter::Hex(content))),
            Filter::Base85 => Box::new(BufReader::new(filter::Base85::new(content))),
            Filter::Unknown if !super::compressed::is_zlib(content.fill_buf()?) => content,
            Filter::Flate | Filter::Unknown => {
                Box::new(BufReader::new(flate2::bufread::ZlibDecoder::new(content)))
            }
            Filter::Crypt | Filter::Picture | Filter::Other(_) => content,
        };
    }
    Ok(content)
}

/// Content that is read, and the text that it shows.
struct Both<R> {
    content: R,
    shown: Option<Shown>,
}

impl<R: Read> Read for Both<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(out)?;
        if let Some(shown) = &mut self.shown {
            shown.read(out.get(..read).unwrap_or_default());
        }
        Ok(read)
    }
}
