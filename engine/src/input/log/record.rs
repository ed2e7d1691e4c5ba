//! What a container's log is made of: lines of runtimes and of loggers that carry pieces,
//! and entries of the journal.
//!
//! What a record is depends on its own first bytes and on nothing before it, so that a log
//! that was begun in the middle, or that changes its format, is understood from its next
//! record on.

use std::ops::Range;

use super::export::{self, Reading};
use super::{cri, json};

/// The longest record that is understood. A piece has 16 KiB, each byte of which may take
/// six in JSON.
pub(super) const LONGEST: usize = 256 << 10;

/// By so many bytes it must be plain that a line of JSON is a record.
const HEAD: usize = 4096;

/// A record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Whose output it is a piece of; that of nobody is never joined.
    pub(super) source: Option<Source<'a>>,
    /// What the program wrote.
    pub(super) value: Range<usize>,
    /// Whether the line goes on in the next record of this source.
    pub(super) continued: bool,
}

/// Whose output a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source<'a> {
    pub(super) format: Format,
    /// The container, where a log has several.
    pub(super) container: &'a [u8],
    pub(super) stream: &'a [u8],
}

/// The formats that carry pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Cri,
    /// The files of Docker's logging driver `json-file`.
    DockerFile,
    /// What Docker's driver `fluentd` sends, written as lines of JSON.
    Fluentd,
    /// `journalctl -o json`.
    JournalJson,
    /// `journalctl -o export`.
    JournalExport,
}

/// What the bytes at the beginning of a record are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Examined<'a> {
    /// A record of so many bytes.
    Record(usize, Record<'a>),
    /// More bytes are needed to tell.
    More,
    /// No record: so many bytes, and the line behind them.
    Other(usize),
    /// A record that is too long to be held: so many bytes, and the line behind them.
    TooLong(usize),
}

/// How far the bytes that are examined have been read, for when there are more of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// No line ends before this, or of an entry the next field begins here.
    read: usize,
    /// Enough of a line was there to tell that it may be a record.
    promising: bool,
}

/// Tells what begins here. `progress` is what was made with fewer of the same bytes.
pub(super) fn examine<'a>(bytes: &'a [u8], progress: &mut Progress) -> Examined<'a> {
    match bytes.first() {
        None => Examined::More,
        Some(b'{' | b'0'..=b'9') => examine_line(bytes, progress),
        Some(_) if bytes.starts_with(export::FIRST) => {
            match export::read(bytes, &mut progress.read) {
                Reading::Whole(end) => match entry(&bytes[..end]) {
                    Some(record) => Examined::Record(end, record),
                    None => Examined::Other(end - 1),
                },
                Reading::More => Examined::More,
                Reading::Not(before) => Examined::Other(before),
                Reading::TooLong(before) => Examined::TooLong(before),
            }
        }
        Some(_) if export::FIRST.starts_with(bytes) => Examined::More,
        Some(_) => Examined::Other(0),
    }
}

fn examine_line<'a>(bytes: &'a [u8], progress: &mut Progress) -> Examined<'a> {
    let view = &bytes[..bytes.len().min(LONGEST)];
    let line = memchr::memchr(b'\n', &view[progress.read..]).map(|end| progress.read + end);
    if let Some(end) = line {
        return match of_line(&bytes[..end]) {
            Some(record) => Examined::Record(end + 1, record),
            None => Examined::Other(0),
        };
    }
    progress.read = view.len();
    if !progress.promising && !may_be_line(view) {
        return Examined::Other(0);
    }
    progress.promising = view.len() >= HEAD;
    if view.len() == LONGEST { Examined::TooLong(0) } else { Examined::More }
}

/// Whether a line that begins like this may be a record. What this says of the first bytes
/// of a line holds of the whole.
fn may_be_line(begun: &[u8]) -> bool {
    if begun.first() != Some(&b'{') {
        return match begun.len() < cri::LONGEST {
            true => cri::may_be(begun),
            false => cri::Prefix::of(begun).is_some(),
        };
    }
    if begun.len() < HEAD {
        return true;
    }
    json::Fields::of(&begun[..HEAD]).any(|field| {
        matches!(
            field.name,
            b"log" | b"container_id" | b"CONTAINER_ID_FULL" | b"__CURSOR" | b"__REALTIME_TIMESTAMP"
        )
    })
}

/// The record that a line, without its end, is.
pub(super) fn of_line(line: &[u8]) -> Option<Record<'_>> {
    if line.first() == Some(&b'{') {
        return if may_be_line(line) { of_json(line) } else { None };
    }
    let prefix = cri::Prefix::of(line)?;
    Some(Record {
        source: Some(Source { format: Format::Cri, container: b"", stream: prefix.stream }),
        value: prefix.length..line.len(),
        continued: prefix.continued,
    })
}

/// The fields of a line of JSON that tell pieces.
#[derive(Default)]
struct Told<'a> {
    log: Option<Range<usize>>,
    message: Option<Range<usize>>,
    stream: Option<&'a [u8]>,
    time: bool,
    container: Option<&'a [u8]>,
    source: Option<&'a [u8]>,
    journal: bool,
    journal_container: Option<&'a [u8]>,
    priority: Option<&'a [u8]>,
    partial: bool,
    last: bool,
    others: bool,
}

fn of_json(line: &[u8]) -> Option<Record<'_>> {
    let mut told = Told::default();
    let mut fields = json::Fields::of(line);
    for field in fields.by_ref() {
        let value = &line[field.value.clone()];
        let is_text = field.kind == json::Kind::Text;
        match field.name {
            b"log" if is_text && told.log.is_none() => told.log = Some(field.value),
            b"MESSAGE" if is_text && told.message.is_none() => told.message = Some(field.value),
            b"stream" if is_text => told.stream = Some(value),
            b"time" if is_text => told.time = true,
            b"attrs" => {}
            b"container_id" if is_text => told.container = Some(value),
            b"source" if is_text => told.source = Some(value),
            b"partial_message" | b"CONTAINER_PARTIAL_MESSAGE" => told.partial = value == b"true",
            b"partial_last" => told.last = value == b"true",
            b"__REALTIME_TIMESTAMP" => told.journal = true,
            b"CONTAINER_ID_FULL" => told.journal_container = Some(value),
            b"PRIORITY" => told.priority = Some(value),
            // What stands twice would be lost where lines are joined.
            b"log" if told.log.is_some() => return None,
            b"MESSAGE" if told.message.is_some() => return None,
            _ => told.others = true,
        }
    }
    if !fields.complete() {
        return None;
    }
    let continued = told.partial && !told.last;
    if let (Some(stream), Some(value), true) = (told.stream, &told.log, told.time)
        && !told.others
        && told.container.is_none()
    {
        let continued = !json::ends_a_line(&line[value.clone()]);
        let source = Source { format: Format::DockerFile, container: b"", stream };
        return Some(Record { source: Some(source), value: value.clone(), continued });
    }
    if let (Some(container), Some(value)) = (told.container, &told.log) {
        let stream = told.source.unwrap_or_default();
        let source = Source { format: Format::Fluentd, container, stream };
        return Some(Record { source: Some(source), value: value.clone(), continued });
    }
    if !told.journal {
        return None;
    }
    let source = told.journal_container.map(|container| Source {
        format: Format::JournalJson,
        container,
        stream: told.priority.unwrap_or_default(),
    });
    // A message that is no text is written as numbers, or is missing.
    Some(match told.message {
        Some(value) => Record { source, value, continued },
        None => Record { source: None, value: 0..0, continued: false },
    })
}

/// The record that an entry of the journal is.
fn entry(entry: &[u8]) -> Option<Record<'_>> {
    let (mut message, mut container, mut stream) = (None, None, &b""[..]);
    let mut continued = false;
    for (name, value) in export::fields(entry) {
        let text = &entry[value.clone()];
        match name {
            b"MESSAGE" if message.is_none() => message = Some(value),
            b"MESSAGE" => return None,
            b"CONTAINER_ID_FULL" => container = Some(text),
            b"PRIORITY" => stream = text,
            b"CONTAINER_PARTIAL_MESSAGE" => continued = text == b"true",
            _ => {}
        }
    }
    let source =
        container.map(|container| Source { format: Format::JournalExport, container, stream });
    Some(match message {
        Some(value) => Record { source, value, continued },
        None => Record { source: None, value: 0..0, continued: false },
    })
}
