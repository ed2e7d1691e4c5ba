//! Unpacking containers, and scanning what they hold.
//!
//! A container's members are looked at as files are: one that is a container itself is
//! unpacked in turn, everything else is scanned. Nothing is written to disk, and of a
//! member no more is in memory than the windows of a scan, but where a format can only
//! be read from anywhere ([`Format::needs_whole`]).
//!
//! All that is unpacked of one file counts against the same [`Limits`], however deep.

mod batch;
mod divided;

use std::io::{self, Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use self::batch::Batches;
use super::object::{Ended, LARGE, Name, Worker, read_all};
use crate::input::archive::{
    Content, Format, HEAD, LimitHit, Limits, Members, RATIO_COUNTS, guarded, is_program, program,
    refused, unguarded, unpack,
};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// What was unpacked of a file, and how large that file is.
#[derive(Debug, Default)]
pub(super) struct Spent {
    members: AtomicU64,
    bytes: AtomicU64,
    /// Bytes of the file, or those of a pipe that were read.
    pub(super) outer: AtomicU64,
    /// Whether a limit on all of it was hit.
    is_over: AtomicBool,
    /// Whether that was told.
    is_told: AtomicBool,
}

impl Spent {
    pub(super) fn of(outer: u64) -> Self {
        Self { outer: AtomicU64::new(outer), ..Self::default() }
    }

    fn add(&self, bytes: u64, limits: &Limits) -> Result<(), LimitHit> {
        let sum = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if sum > limits.bytes {
            self.is_over.store(true, Ordering::Relaxed);
            return Err(LimitHit(format!("more than {} bytes are unpacked", limits.bytes)));
        }
        let outer = self.outer.load(Ordering::Relaxed).max(1);
        if sum > RATIO_COUNTS && sum / outer > limits.ratio {
            self.is_over.store(true, Ordering::Relaxed);
            return Err(LimitHit(format!(
                "it unpacks to more than {} times its size",
                limits.ratio
            )));
        }
        Ok(())
    }
}

impl Worker<'_> {
    /// Unpacks a container and scans what it holds. `divide` says that other threads
    /// have nothing else to do.
    pub(super) fn unpack(
        &mut self,
        name: &Name<'_>,
        format: Format,
        content: Content<'_>,
        spent: &Spent,
        divide: bool,
    ) -> Ended {
        let threads = self.threads();
        if divide && threads > 1 {
            let unpack = |worker: &mut Self, batches: &mut Option<Batches>| {
                worker.unpack_with(name, format, content, spent, divide, batches)
            };
            return batch::divided(self, name, threads, unpack);
        }
        self.unpack_with(name, format, content, spent, divide, &mut None)
    }

    fn unpack_with(
        &mut self,
        name: &Name<'_>,
        format: Format,
        content: Content<'_>,
        spent: &Spent,
        divide: bool,
        batches: &mut Option<Batches>,
    ) -> Ended {
        let limits = self.limits();
        let mut unpacking =
            Unpacking { divide, ..Unpacking::new(self, name, limits, spent, batches) };
        let _ = unpacking.container(format, content);
        if unpacking.stopped { Ended::Stopped } else { Ended::Unpacked }
    }

    /// Scans a program, and unpacks the archive behind it; `None`, and nothing of it is
    /// read, if there is none.
    pub(super) fn program(
        &mut self,
        name: &Name<'_>,
        head: &[u8],
        mut file: impl Read + Seek + Send,
        size: u64,
    ) -> Option<Ended> {
        if self.limits().depth == 0 || !is_program(head) {
            return None;
        }
        let found = guarded(|| program(&mut file));
        let Ok(Ok(Some(program))) = found else {
            // What fails now fails again, and is told then.
            file.rewind().ok()?;
            return None;
        };
        file.rewind().ok()?;
        let divide = size > LARGE;
        match self.reader(name, &mut (&mut file).take(program), divide) {
            Ended::Complete => {}
            ended => return Some(ended),
        }
        let content = Content::Whole(&mut file);
        Some(match self.unpack(name, Format::Zip, content, &Spent::of(size), divide) {
            // The program is an object itself.
            Ended::Unpacked => Ended::Complete,
            ended => ended,
        })
    }
}

/// A file that is being unpacked.
struct Unpacking<'u, 'a> {
    worker: &'u mut Worker<'a>,
    name: &'u Name<'u>,
    limits: &'u Limits,
    spent: &'u Spent,
    /// The path within the file, `!` between containers; empty for the file itself.
    inner: String,
    /// How many containers there are around.
    depth: usize,
    divide: bool,
    /// Where members go that others may scan.
    batches: &'u mut Option<Batches>,
    /// What was refused last, and where.
    told: Option<(String, Refused)>,
    stopped: bool,
}

impl<'u, 'a> Unpacking<'u, 'a> {
    fn new(
        worker: &'u mut Worker<'a>,
        name: &'u Name<'u>,
        limits: &'u Limits,
        spent: &'u Spent,
        batches: &'u mut Option<Batches>,
    ) -> Self {
        Self {
            worker,
            name,
            limits,
            spent,
            inner: String::new(),
            depth: 0,
            divide: false,
            batches,
            told: None,
            stopped: false,
        }
    }
}

impl Unpacking<'_, '_> {
    fn container(&mut self, format: Format, content: Content<'_>) -> ControlFlow<()> {
        let (depth, len) = (self.depth, self.inner.len());
        self.depth += 1;
        let unpacked = guarded(|| unpack(format, content, self));
        // After a panic it is still where that was.
        self.depth = depth;
        self.inner.truncate(len);
        match unpacked {
            Ok(Ok(flow)) => flow,
            Ok(Err(refused)) | Err(refused) => {
                self.refuse(refused);
                ControlFlow::Continue(())
            }
        }
    }

    /// Names what is not scanned. Containers pass on what went wrong in them, and where a
    /// limit on all of it was hit nothing that follows is read: that is told once.
    fn refuse(&mut self, refused: Refused) {
        let is_told = self.told.as_ref().is_some_and(|(path, told)| {
            let is_passed_on = path.starts_with(&self.inner) && told.detail == refused.detail;
            told.kind == refused.kind && is_passed_on
        });
        let is_over = self.spent.is_over.load(Ordering::Relaxed);
        let is_told = if is_over && refused.kind == SkipKind::ArchiveLimit {
            self.spent.is_told.swap(true, Ordering::Relaxed)
        } else {
            is_told
        };
        if !is_told {
            let name = self.name.within(&self.inner);
            self.worker.refuse(&name, Refused { detail: refused.detail.clone(), ..refused });
            self.told = Some((self.inner.clone(), refused));
        }
    }

    /// Scans what is in a member, or unpacks it.
    fn content(&mut self, content: &mut (dyn Read + Send), file_name: &[u8]) -> ControlFlow<()> {
        let mut metered =
            Metered { inner: content, spent: self.spent, limits: self.limits, failed: None };
        let mut buffer = self.worker.take_buffer();
        buffer.resize(buffer.len().max(HEAD), 0);
        let (head, mut error) = read_all(&mut metered, &mut buffer[..HEAD]);
        let format = Format::of(&buffer[..head], file_name);
        let flow = match format {
            Some(_) if self.depth >= self.limits.depth => {
                let detail = format!("containers in containers, more than {} deep", self.depth);
                self.refuse(Refused { kind: SkipKind::ArchiveLimit, detail });
                ControlFlow::Continue(())
            }
            Some(format) if format.needs_whole() || format.is_text() => {
                let mut whole = (&buffer[..head]).chain(&mut metered);
                match hold(&mut whole, self.limits) {
                    Ok(held) => self.held(format, held),
                    Err((held, refused)) => {
                        self.refuse(refused);
                        if format.is_text() {
                            let name = self.name.within(&self.inner);
                            let mut text = (&*held).chain(metered);
                            let ended = self.worker.reader(&name, &mut text, self.divide);
                            self.ended(ended)
                        } else {
                            ControlFlow::Continue(())
                        }
                    }
                }
            }
            Some(format) => {
                let mut whole = (&buffer[..head]).chain(metered);
                self.container(format, Content::Stream(&mut whole))
            }
            None => {
                let name = self.name.within(&self.inner);
                let mut head = head;
                if let Some(batches) = self.batches.as_mut()
                    && error.is_none()
                {
                    buffer.resize(buffer.len().max(batch::MEMBER), 0);
                    let (more, failed) = read_all(&mut metered, &mut buffer[head..batch::MEMBER]);
                    head += more;
                    if failed.is_none() && head < batch::MEMBER {
                        let content = &buffer[..head];
                        let flow = batches.add(self.worker, self.name, &self.inner, content);
                        self.worker.keep_buffer(buffer);
                        self.stopped |= flow.is_break();
                        return flow;
                    }
                    error = failed;
                }
                let ended = match error {
                    Some(error) => match self.worker.slice(&name, &buffer[..head]) {
                        Ended::Complete => Ended::Failed(error),
                        ended => ended,
                    },
                    None => {
                        let divide = self.divide;
                        self.worker.member(&name, &mut buffer, head, &mut metered, divide)
                    }
                };
                self.ended(ended)
            }
        };
        self.worker.keep_buffer(buffer);
        flow
    }

    /// Unpacks a member that is held in memory, and scans it if it is text as well.
    fn held(&mut self, format: Format, held: Vec<u8>) -> ControlFlow<()> {
        if format.is_text() {
            let name = self.name.within(&self.inner);
            let ended = self.worker.slice(&name, &held);
            self.ended(ended)?;
        }
        self.container(format, Content::Whole(&mut Cursor::new(held)))
    }

    fn ended(&mut self, ended: Ended) -> ControlFlow<()> {
        match ended {
            Ended::Complete => self.worker.complete(),
            Ended::Unpacked => {}
            Ended::Failed(error) => self.refuse(refused(&error)),
            Ended::Stopped => {
                self.stopped = true;
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}

/// Reads what must be read from anywhere into memory. What was read of it until it was
/// too much, or failed, is given back.
pub(super) fn hold(content: &mut dyn Read, limits: &Limits) -> Result<Vec<u8>, (Vec<u8>, Refused)> {
    let mut held = Vec::new();
    let room = limits.held.saturating_add(1);
    if let Err(error) = content.take(room).read_to_end(&mut held) {
        return Err((held, refused(&error)));
    }
    if held.len() as u64 > limits.held {
        let detail = format!("more than {} bytes, and it must be held in memory", limits.held);
        return Err((held, Refused { kind: SkipKind::ArchiveLimit, detail }));
    }
    Ok(held)
}

impl Members for Unpacking<'_, '_> {
    fn member(&mut self, name: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()> {
        unguarded(|| self.scan_member(name, content))
    }

    fn refused(&mut self, name: &[u8], why: Refused) -> ControlFlow<()> {
        let len = self.enter(name);
        self.refuse(why);
        self.inner.truncate(len);
        ControlFlow::Continue(())
    }

    fn threads(&self) -> usize {
        if self.divide { self.worker.threads() } else { 1 }
    }

    #[cfg(feature = "git")]
    fn most_held(&self) -> u64 {
        self.limits.held
    }
}

impl Unpacking<'_, '_> {
    fn scan_member(&mut self, name: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()> {
        if self.worker.is_stopped() {
            self.stopped = true;
            return ControlFlow::Break(());
        }
        if self.spent.members.fetch_add(1, Ordering::Relaxed) >= self.limits.members {
            let detail = format!("more than {} members", self.limits.members);
            self.spent.is_over.store(true, Ordering::Relaxed);
            self.refuse(Refused { kind: SkipKind::ArchiveLimit, detail });
            // Others are not read either, of this container and of those around it.
            return ControlFlow::Break(());
        }
        let len = self.enter(name);
        let flow = if name.is_empty() {
            // Compressed data has its file's name but for the last suffix, `x.tar` for
            // `x.tar.br`.
            let inner = self.inner.clone();
            let outer = if inner.is_empty() { self.name.file_name() } else { inner.as_bytes() };
            let end = outer.iter().rposition(|b| *b == b'.').unwrap_or(outer.len());
            self.content(content, &outer[..end])
        } else {
            self.content(content, name)
        };
        self.inner.truncate(len);
        flow
    }

    /// Adds a member's name to the path; gives the length of what was there.
    fn enter(&mut self, name: &[u8]) -> usize {
        let len = self.inner.len();
        if !name.is_empty() {
            if len > 0 {
                self.inner.push('!');
            }
            self.inner.push_str(&String::from_utf8_lossy(name));
        }
        len
    }
}

/// Counts what is unpacked, and ends it at the limits. A decoder that panicked is not
/// asked again.
struct Metered<'m> {
    inner: &'m mut (dyn Read + Send),
    spent: &'m Spent,
    limits: &'m Limits,
    /// Why nothing more is read.
    failed: Option<String>,
}

impl Read for Metered<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(why) = &self.failed {
            return Err(io::Error::other(why.clone()));
        }
        let read = match guarded(|| self.inner.read(out)) {
            Ok(read) => read?,
            Err(Refused { detail, .. }) => {
                self.failed = Some(detail.clone());
                return Err(io::Error::other(detail));
            }
        };
        self.spent.add(read as u64, self.limits)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
