//! Readers that can be asked whether anything has come.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// A reader whose next read may have to wait for somebody to write.
pub trait Live: Read {
    /// Waits until there is something to read, or the end, but not longer than `timeout`.
    /// Says whether the next read will return at once; it does so where that cannot be
    /// told.
    fn wait(&mut self, timeout: Duration) -> bool;
}

/// A pipe, a terminal, a device: whatever can be polled.
#[derive(Debug)]
pub struct Pipe(File);

impl Pipe {
    /// Reads a file that may be no regular one.
    pub fn new(file: File) -> Self {
        Self(file)
    }

    /// Standard input, without a buffer: what stands in one cannot be waited for.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[cfg(unix)]
    pub fn stdin() -> io::Result<Self> {
        use std::os::fd::AsFd;
        Ok(Self(File::from(io::stdin().as_fd().try_clone_to_owned()?)))
    }

    /// As on Unix.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[cfg(windows)]
    pub fn stdin() -> io::Result<Self> {
        use std::os::windows::io::AsHandle;
        Ok(Self(File::from(io::stdin().as_handle().try_clone_to_owned()?)))
    }
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl Live for Pipe {
    #[cfg(unix)]
    fn wait(&mut self, timeout: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let timeout = Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        // An error is told by the read.
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&timeout)) != Ok(0)
    }

    #[cfg(not(unix))]
    fn wait(&mut self, _: Duration) -> bool {
        true
    }
}

/// A reader of which the beginning was read already.
pub(crate) struct Headed<'h, L: ?Sized> {
    pub(crate) head: &'h [u8],
    pub(crate) rest: &'h mut L,
}

impl<L: Read + ?Sized> Read for Headed<'_, L> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.head.is_empty() { self.rest.read(out) } else { self.head.read(out) }
    }
}

impl<L: Live + ?Sized> Live for Headed<'_, L> {
    fn wait(&mut self, timeout: Duration) -> bool {
        !self.head.is_empty() || self.rest.wait(timeout)
    }
}

/// A reader that is not waited for: a file.
pub(crate) struct Ready<R>(pub(crate) R);

impl<R: Read> Read for Ready<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

impl<R: Read> Live for Ready<R> {
    fn wait(&mut self, _: Duration) -> bool {
        true
    }
}

/// How long a line of a stream waits for others. With as much again to scan and to write,
/// it is less than a person notices.
pub(crate) const PATIENCE: Duration = Duration::from_millis(30);

/// When the text came that nothing was made of yet.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Offsets, and when the text before them had come, the earliest first.
    times: VecDeque<(u64, Instant)>,
}

impl Arrivals {
    /// Notes that text has come up to an offset. Of what comes soon behind other text the
    /// time is not told apart.
    pub(crate) fn arrived(&mut self, upto: u64, patience: Duration) {
        let now = Instant::now();
        match self.times.back_mut() {
            Some((last, at)) if now.duration_since(*at) < patience / 4 => *last = upto,
            _ => self.times.push_back((upto, now)),
        }
    }

    /// Forgets the text before an offset.
    pub(crate) fn done(&mut self, upto: u64) {
        while self.times.front().is_some_and(|(offset, _)| *offset <= upto) {
            self.times.pop_front();
        }
    }

    /// Forgets everything.
    pub(crate) fn all_done(&mut self) {
        self.times.clear();
    }

    /// How long the oldest text has waited; `None` if there is none.
    pub(crate) fn waited(&self) -> Option<Duration> {
        self.times.front().map(|(_, at)| at.elapsed())
    }
}
