//! Scanning one object: a file or a stream.

use std::fs::File;
#[cfg(feature = "archives")]
use std::io::Seek;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "archives")]
use super::archive::{Spent, hold};
use super::chunks::{Division, scan_divided};
use super::{Listener, Located, Progress};
use crate::finding::Finding;
#[cfg(feature = "archives")]
use crate::input::archive::{self, Content, Format, Limits};
use crate::input::encoding::{Encoding, HEAD, Utf16Reader};
use crate::input::files::WalkOptions;
use crate::input::live::{Headed, Live, PATIENCE, Ready};
use crate::input::open::{Opened, Refused, message, open};
use crate::input::walk::Visitor;
use crate::input::{Member, Origin};
use crate::ledger::{Ledger, Skip, SkipKind};
use crate::scanner::{Outcome, Scanner, Scratch, StreamEvent, StreamSink};
use crate::sink::Sink;

/// Files up to this size are read at once; larger ones in windows.
pub(super) const SMALL: u64 = 256 << 10;

/// Files over this size are put off until the walk is over, and then scanned on
/// all threads.
pub(super) const LARGE: u64 = 8 << 20;

/// The most that is read of a file that reports no size, such as those of
/// `/proc`.
const UNSIZED: u64 = 64 << 20;

/// Bytes at the start of a stream that are waited for to tell its encoding;
/// fewer hold no finding that is certain yet.
const WORTH_WAITING: usize = 64;

/// What all threads of a scan share.
pub(super) struct Run<'a> {
    pub(super) scanner: &'a Scanner,
    pub(super) options: &'a WalkOptions,
    pub(super) progress: &'a Progress,
    pub(super) found: &'a dyn Listener,
    /// Files that were put off.
    pub(super) large: Mutex<Vec<(PathBuf, bool)>>,
}

/// What one thread scans objects with.
pub(super) struct Worker<'a> {
    run: &'a Run<'a>,
    scratch: Scratch,
    /// Buffers that are not in use: a container in another needs one of its own.
    buffers: Vec<Vec<u8>>,
    ledger: Ledger,
}

impl Visitor for Worker<'_> {
    fn file(&mut self, path: &Path, follow: bool) {
        self.open(path, follow, true);
    }

    fn skip(&mut self, path: PathBuf, refused: Refused) {
        let Refused { kind, detail } = refused;
        self.ledger.skip(Skip { origin: Origin::File(path), kind, detail });
    }

    fn stopped(&self) -> bool {
        self.run.progress.stop.load(Ordering::Relaxed)
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(run: &'a Run<'a>) -> Self {
        Self { run, scratch: Scratch::new(), buffers: Vec::new(), ledger: Ledger::default() }
    }

    /// A buffer with whatever is in it.
    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Gives a buffer back for the next use.
    pub(super) fn keep_buffer(&mut self, buffer: Vec<u8>) {
        self.buffers.push(buffer);
    }

    pub(super) fn into_ledger(self) -> Ledger {
        self.ledger
    }

    /// Scans a file that was put off.
    pub(super) fn large_file(&mut self, path: &Path, follow: bool) {
        self.open(path, follow, false);
    }

    fn open(&mut self, path: &Path, follow: bool, put_off: bool) {
        let Opened { file, size } = match open(path, follow) {
            Ok(opened) => opened,
            Err(refused) => return self.skip(path.to_owned(), refused),
        };
        if self.run.options.max_file_size.is_some_and(|max| size > max) {
            let detail = format!("{size} bytes");
            return self.skip(path.to_owned(), Refused { kind: SkipKind::TooLarge, detail });
        }
        if put_off && size > LARGE {
            let mut large = self.run.large.lock().unwrap_or_else(|e| e.into_inner());
            large.push((path.to_owned(), follow));
            return;
        }
        self.opened(path, file, size);
    }

    pub(super) fn opened(&mut self, path: &Path, mut file: File, size: u64) {
        // What is appended from now on is not waited for: it might be our own
        // report.
        let limit = if size > 0 {
            size
        } else {
            self.run.options.max_file_size.map_or(UNSIZED, |max| max.min(UNSIZED))
        };
        let name = Name::of(Outer::File(path));
        let (read, ended) = if size <= SMALL {
            self.small(&name, &mut file, limit)
        } else if let Some(ended) = self.container(&name, &mut file, size) {
            (size, ended)
        } else {
            let mut rest = Tally { inner: (&mut file).take(limit), read: 0 };
            let ended = self.reader(&name, &mut rest, size > LARGE);
            (rest.read, ended)
        };
        let refused = match ended {
            Ended::Stopped | Ended::Unpacked => return,
            Ended::Failed(error) => Some(Refused::from(&error)),
            Ended::Complete if size == 0 && read == limit => Some(Refused {
                kind: SkipKind::TooLarge,
                detail: format!("reports no size; the first {read} bytes were scanned"),
            }),
            // A file that is generated as it is read may report any size, and
            // still does.
            Ended::Complete if read < size && file.metadata().is_ok_and(|m| m.len() <= read) => {
                Some(Refused {
                    kind: SkipKind::Shrunk,
                    detail: format!("from {size} to {read} bytes"),
                })
            }
            Ended::Complete => None,
        };
        match refused {
            Some(refused) => self.skip(path.to_owned(), refused),
            None => self.complete(),
        }
    }

    /// Reads a small file at once.
    fn small(&mut self, name: &Name<'_>, file: &mut File, limit: u64) -> (u64, Ended) {
        let mut buffer = self.take_buffer();
        let room = limit.min(SMALL) as usize;
        if buffer.len() < room {
            // Room that is never used is never touched.
            buffer = vec![0; SMALL as usize];
        }
        let (read, error) = read_all(file, &mut buffer[..room]);
        let more_may_follow = error.is_none() && read == room && limit > SMALL;
        let ended = if more_may_follow {
            // It reported no size.
            let mut rest = Tally { inner: file.take(limit - read as u64), read: 0 };
            let ended = self.reader(name, &mut (&buffer[..read]).chain(&mut rest), false);
            let read = read as u64 + rest.read;
            self.keep_buffer(buffer);
            return (read, ended);
        } else {
            self.whole(name, &buffer[..read])
        };
        self.keep_buffer(buffer);
        match (ended, error) {
            (Ended::Complete, Some(error)) => (read as u64, Ended::Failed(error)),
            (ended, _) => (read as u64, ended),
        }
    }

    /// Unpacks or scans a whole small file.
    fn whole(&mut self, name: &Name<'_>, file: &[u8]) -> Ended {
        #[cfg(feature = "archives")]
        if let Some(ended) = self.program(name, file, io::Cursor::new(file), file.len() as u64) {
            return ended;
        }
        #[cfg(feature = "archives")]
        if let Some(format) = self.format(file, name) {
            let spent = Spent::of(file.len() as u64);
            let content = Content::Whole(&mut io::Cursor::new(file));
            if !format.is_text() {
                return self.unpack(name, format, content, &spent, false);
            }
            return match self.slice(name, file) {
                Ended::Complete => self.also(name, format, content, &spent),
                ended => ended,
            };
        }
        self.slice(name, file)
    }

    pub(super) fn slice(&mut self, name: &Name<'_>, object: &[u8]) -> Ended {
        let mut sink = ObjectSink { run: self.run, name };
        let flow = scan_object(self.run.scanner, object, &mut self.scratch, &mut sink);
        self.scanned(object.len() as u64);
        if flow.is_break() { Ended::Stopped } else { Ended::Complete }
    }

    /// Scans what a reader yields, on all threads if that is worth it.
    pub(super) fn reader(
        &mut self,
        name: &Name<'_>,
        reader: &mut (dyn Read + Send),
        divide: bool,
    ) -> Ended {
        let mut head = [0; HEAD];
        let mut known = 0;
        // More tells more, but is not waited for.
        while known < WORTH_WAITING {
            match reader.read(&mut head[known..]) {
                Ok(0) => break,
                Ok(read) => known += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // It will come again.
                Err(_) => break,
            }
        }
        let head = &head[..known];
        let encoding = Encoding::of(head);
        let whole = head.chain(reader);
        let run = self.run;
        let mut sink = ObjectSink { run, name };
        let outcome = match encoding {
            Encoding::Bytes if divide => {
                let division = Division::new(run.options.thread_count());
                return self.divided(Ready(whole), division, &mut sink);
            }
            Encoding::Bytes => {
                let mut watched = Watched { inner: whole, total: &run.progress.bytes, read: 0 };
                let outcome = run.scanner.scan_reader(&mut watched, &mut self.scratch, &mut sink);
                self.ledger.bytes += watched.read;
                outcome
            }
            Encoding::Utf16 { big_endian, mark } => {
                let mut watched = Watched { inner: whole, total: &run.progress.bytes, read: 0 };
                let mut text = Utf16Reader::new(&mut watched, big_endian, mark);
                let outcome = run.scanner.scan_stored(
                    &mut text,
                    encoding.stored(),
                    &mut self.scratch,
                    &mut sink,
                );
                drop(text);
                self.ledger.bytes += watched.read;
                outcome
            }
        };
        outcome.into()
    }

    /// Scans text that comes as somebody writes it, of which the beginning is known.
    fn live(&mut self, name: &Name<'_>, head: &[u8], reader: &mut (dyn Live + Send)) -> Ended {
        let run = self.run;
        if !run.found.is_live() || Encoding::of(head) != Encoding::Bytes {
            return self.reader(name, &mut head.chain(reader), true);
        }
        let division = Division::live(run.options.thread_count());
        let mut sink = ObjectSink { run, name };
        let whole = Headed { head, rest: reader };
        self.divided(whole, division, &mut sink)
    }

    /// Scans a pipe whose beginning is known, or was all that could be read.
    fn begun(
        &mut self,
        name: &Name<'_>,
        head: &[u8],
        error: Option<io::Error>,
        reader: &mut (dyn Live + Send),
    ) -> Ended {
        match error {
            Some(error) => match self.slice(name, head) {
                Ended::Complete => Ended::Failed(error),
                ended => ended,
            },
            None => self.live(name, head, reader),
        }
    }

    fn divided(
        &mut self,
        reader: impl Live + Send,
        division: Division,
        sink: &mut ObjectSink<'_>,
    ) -> Ended {
        let scanned = AtomicU64::new(0);
        let progress = self.run.progress;
        let observe = |read: u64| {
            scanned.fetch_add(read, Ordering::Relaxed);
            progress.bytes.fetch_add(read, Ordering::Relaxed);
        };
        let scratch = &mut self.scratch;
        let outcome = scan_divided(self.run.scanner, reader, division, scratch, sink, &observe);
        self.ledger.bytes += scanned.into_inner();
        outcome.into()
    }

    /// Scans a stream to its end.
    pub(super) fn stream(&mut self, label: &str, reader: &mut (dyn Live + Send)) {
        let name = Name::of(Outer::Stream(label));
        match self.piped(&name, reader) {
            Ended::Complete => self.complete(),
            Ended::Stopped | Ended::Unpacked => {}
            Ended::Failed(error) => self.ledger.skip(Skip {
                origin: name.origin(),
                kind: SkipKind::ReadFailed,
                detail: message(&error),
            }),
        }
    }

    #[cfg(not(feature = "archives"))]
    fn container(&mut self, _: &Name<'_>, _: &mut File, _: u64) -> Option<Ended> {
        None
    }

    #[cfg(not(feature = "archives"))]
    fn piped(&mut self, name: &Name<'_>, reader: &mut (dyn Live + Send)) -> Ended {
        let (head, known, error) = first_bytes(reader);
        self.begun(name, &head[..known], error, reader)
    }

    fn scanned(&mut self, bytes: u64) {
        self.ledger.bytes += bytes;
        self.run.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn complete(&mut self) {
        self.ledger.objects += 1;
        self.run.progress.objects.fetch_add(1, Ordering::Relaxed);
    }
}

/// Scans a whole object, as what its first bytes say that it is.
/// [`ControlFlow::Break`] if the sink ended the scan.
pub(super) fn scan_object(
    scanner: &Scanner,
    object: &[u8],
    scratch: &mut Scratch,
    sink: &mut dyn Sink,
) -> ControlFlow<()> {
    let encoding = Encoding::of(object);
    match encoding {
        Encoding::Bytes => scanner.scan(object, scratch, sink),
        Encoding::Utf16 { big_endian, mark } => {
            let mut text = Utf16Reader::new(object, big_endian, mark);
            scanner.scan_stored(&mut text, encoding.stored(), scratch, sink).flow()
        }
    }
}

#[cfg(feature = "archives")]
impl<'a> Worker<'a> {
    pub(super) fn limits(&self) -> &'a Limits {
        &self.run.options.archives
    }

    pub(super) fn threads(&self) -> usize {
        self.run.options.thread_count()
    }

    /// A worker of the same scan, for another thread.
    pub(super) fn another(&self) -> Self {
        Self::new(self.run)
    }

    /// Adds what another worker did.
    pub(super) fn merge(&mut self, ledger: Ledger) {
        self.ledger.merge(ledger);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.run.progress.stop.load(Ordering::Relaxed)
    }

    /// Names what is not scanned, under its name in a file.
    pub(super) fn refuse(&mut self, name: &Name<'_>, refused: Refused) {
        let Refused { kind, detail } = refused;
        self.ledger.skip(Skip { origin: name.origin(), kind, detail });
    }

    /// The format of a file that begins so, if containers are to be unpacked.
    fn format(&self, head: &[u8], name: &Name<'_>) -> Option<Format> {
        if self.limits().depth == 0 {
            return None;
        }
        Format::of(head, name.file_name())
    }

    /// Unpacks a file that is a container, from its beginning on. A file that is none
    /// is where it was.
    fn container(&mut self, name: &Name<'_>, file: &mut File, size: u64) -> Option<Ended> {
        let mut head = [0; archive::HEAD];
        let (read, error) = read_all(file, &mut head);
        // What fails now fails again.
        if file.rewind().is_err() || error.is_some() {
            return None;
        }
        let Some(format) = self.format(&head[..read], name) else {
            let content = io::BufReader::with_capacity(READ_AT_ONCE, &mut *file);
            return self.program(name, &head[..read], content, size);
        };
        let spent = Spent::of(size);
        let divide = size > LARGE;
        let mut content = io::BufReader::with_capacity(READ_AT_ONCE, file);
        Some(if format.is_text() {
            // What is appended from now on is not waited for.
            let ended = self.reader(name, &mut (&mut content).take(size), divide);
            if !matches!(ended, Ended::Complete) || content.rewind().is_err() {
                return Some(ended);
            }
            if format.needs_whole() {
                return Some(self.also(name, format, Content::Whole(&mut content), &spent));
            }
            self.also(name, format, Content::Stream(&mut content.take(size)), &spent)
        } else if format == Format::Zip
            && divide
            && let Some(ended) = self.unpack_zip(name, content.get_ref(), &spent)
        {
            ended
        } else if format.needs_whole() {
            self.unpack(name, format, Content::Whole(&mut content), &spent, divide)
        } else {
            self.unpack(name, format, Content::Stream(&mut content.take(size)), &spent, divide)
        })
    }

    /// Unpacks or scans a pipe.
    fn piped(&mut self, name: &Name<'_>, reader: &mut (dyn Live + Send)) -> Ended {
        let (head, known, error) = first_bytes(reader);
        let head = &head[..known];
        let Some(format) = self.format(head, name) else {
            return self.begun(name, head, error, reader);
        };
        let spent = Spent::of(0);
        let mut whole = head.chain(Counted { inner: reader, spent: &spent });
        if !format.needs_whole() && !format.is_text() {
            let mut whole = io::BufReader::with_capacity(READ_AT_ONCE, whole);
            return self.unpack(name, format, Content::Stream(&mut whole), &spent, true);
        }
        match hold(&mut whole, self.limits()) {
            Ok(held) if format.is_text() => match self.slice(name, &held) {
                Ended::Complete => {
                    self.also(name, format, Content::Whole(&mut io::Cursor::new(held)), &spent)
                }
                ended => ended,
            },
            Ok(held) => {
                let content = Content::Whole(&mut io::Cursor::new(held));
                self.unpack(name, format, content, &spent, true)
            }
            Err((held, refused)) => {
                self.refuse(name, refused);
                if format.is_text() {
                    return self.reader(name, &mut (&*held).chain(whole), true);
                }
                Ended::Unpacked
            }
        }
    }

    /// Unpacks what is encoded in a text that was scanned.
    fn also(
        &mut self,
        name: &Name<'_>,
        format: Format,
        content: Content<'_>,
        spent: &Spent,
    ) -> Ended {
        match self.unpack(name, format, content, spent, false) {
            // The text is an object itself.
            Ended::Unpacked => Ended::Complete,
            ended => ended,
        }
    }

    /// Scans a member of a container, whose first `head` bytes stand in `buffer`.
    pub(super) fn member(
        &mut self,
        name: &Name<'_>,
        buffer: &mut Vec<u8>,
        head: usize,
        rest: &mut (dyn Read + Send),
        divide: bool,
    ) -> Ended {
        let room = head.max(SMALL as usize);
        buffer.resize(buffer.len().max(room), 0);
        let (more, error) = read_all(rest, &mut buffer[head..room]);
        let read = head + more;
        let ended = if read < SMALL as usize || error.is_some() {
            self.slice(name, &buffer[..read])
        } else {
            return self.reader(name, &mut (&buffer[..read]).chain(rest), divide);
        };
        match (ended, error) {
            (Ended::Complete, Some(error)) => Ended::Failed(error),
            (ended, _) => ended,
        }
    }
}

/// Bytes that are read of a container at once.
#[cfg(feature = "archives")]
const READ_AT_ONCE: usize = 128 << 10;

/// Counts what is read of a pipe that is unpacked.
#[cfg(feature = "archives")]
struct Counted<'c, R> {
    inner: R,
    spent: &'c Spent,
}

#[cfg(feature = "archives")]
impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.spent.outer.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// How the scan of an object ended.
pub(super) enum Ended {
    Complete,
    /// It was a container: its members were scanned, and what could not be was named.
    #[cfg_attr(not(feature = "archives"), expect(dead_code))]
    Unpacked,
    Stopped,
    Failed(io::Error),
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Complete(_) => Self::Complete,
            Outcome::Stopped => Self::Stopped,
            Outcome::Failed(_, error) => Self::Failed(error),
        }
    }
}

/// Reads until `room` is full or the file ends.
pub(super) fn read_all(
    file: &mut (impl Read + ?Sized),
    room: &mut [u8],
) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while filled < room.len() {
        match file.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Counts what is read.
struct Tally<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// Counts what is read, for all to see.
struct Watched<'p, R> {
    inner: R,
    total: &'p AtomicU64,
    read: u64,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.read += read as u64;
        self.total.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// What is opened.
#[derive(Clone, Copy)]
pub(super) enum Outer<'n> {
    File(&'n Path),
    Stream(&'n str),
}

/// An object's origin, which is made only for a finding.
#[derive(Clone, Copy)]
pub(super) struct Name<'n> {
    outer: Outer<'n>,
    /// The path within a container; empty for what is in none.
    inner: &'n str,
}

impl<'n> Name<'n> {
    pub(super) fn of(outer: Outer<'n>) -> Self {
        Self { outer, inner: "" }
    }

    /// The name of a member.
    #[cfg(feature = "archives")]
    pub(super) fn within<'m>(&self, inner: &'m str) -> Name<'m>
    where
        'n: 'm,
    {
        Name { outer: self.outer, inner }
    }

    /// The name of what is opened, without directories.
    #[cfg(feature = "archives")]
    pub(super) fn file_name(&self) -> &'n [u8] {
        match self.outer {
            Outer::File(path) => path.file_name().unwrap_or_default().as_encoded_bytes(),
            Outer::Stream(name) => name.as_bytes(),
        }
    }

    fn origin(&self) -> Origin {
        let outer = match self.outer {
            Outer::File(path) => Origin::File(path.to_owned()),
            Outer::Stream(name) => Origin::Stream(name.to_owned()),
        };
        match self.inner {
            "" => outer,
            inner => Origin::Member(Box::new(Member { outer, path: inner.into() })),
        }
    }
}

/// Bytes that tell what a pipe holds.
#[cfg(feature = "archives")]
const PIPE_HEAD: usize = archive::HEAD;
#[cfg(not(feature = "archives"))]
const PIPE_HEAD: usize = HEAD;

/// Reads the beginning of a pipe, how much that is, and why it is not more.
fn first_bytes(reader: &mut dyn Live) -> ([u8; PIPE_HEAD], usize, Option<io::Error>) {
    let mut head = [0; PIPE_HEAD];
    let mut known = 0;
    // Text is not waited for. A tar archive's header is longer, and has zeros.
    while known < WORTH_WAITING || known < head.len() && head[..known].contains(&0) {
        // A line that is followed by nothing is text.
        if head[..known].ends_with(b"\n") && !reader.wait(PATIENCE) {
            break;
        }
        match reader.read(&mut head[known..]) {
            Ok(0) => break,
            Ok(read) => known += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (head, known, Some(e)),
        }
    }
    (head, known, None)
}

/// Hands on the findings of one object.
struct ObjectSink<'s> {
    run: &'s Run<'s>,
    name: &'s Name<'s>,
}

impl Sink for ObjectSink<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.run.progress.findings.fetch_add(1, Ordering::Relaxed);
        self.run.found.found(Located { origin: self.name.origin(), finding });
        ControlFlow::Continue(())
    }

    fn interrupted(&mut self) -> bool {
        self.run.progress.stop.load(Ordering::Relaxed)
    }
}

impl StreamSink for ObjectSink<'_> {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        if let StreamEvent::Certain(..) = event {
            self.run.progress.findings.fetch_add(1, Ordering::Relaxed);
        }
        self.run.found.heard(self.name.origin(), event);
        ControlFlow::Continue(())
    }

    fn interrupted(&mut self) -> bool {
        self.run.progress.stop.load(Ordering::Relaxed)
    }
}
