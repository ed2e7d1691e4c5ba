//! Telling of a stream while it goes on.
//!
//! Findings go from the threads that make them to one that writes, in their order. A stream
//! that ends before anybody would have waited is not told of piece by piece: its report is
//! that of a file.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use leaksieve::detectors::{Severity, Timestamp};
use leaksieve::input::Origin;
use leaksieve::policy::{Live, Told};
use leaksieve::report::LiveReport;
use leaksieve::run::{Listener, Located, Progress};
use leaksieve::{EventId, StreamEvent};

/// How long a finding that is certain waits for the end of the stream.
pub(crate) const PATIENCE: Duration = Duration::from_millis(50);

/// Events that wait to be written; whoever makes more waits.
const WAITING: usize = 4096;

/// Counts of what stands again that are told at the end.
const MOST_AGAIN: usize = 20_000;

/// Who tells, and how.
pub(crate) struct Teller<'t> {
    pub(crate) live: &'t mut Live,
    pub(crate) report: &'t mut (dyn LiveReport + Send),
    /// Nothing below is told.
    pub(crate) least: Severity,
    pub(crate) patience: Duration,
    /// The worst that was told.
    pub(crate) worst: Option<Severity>,
}

/// How telling ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ended {
    /// Whether anything was told: if not, that is for others to do.
    pub(crate) is_told: bool,
    /// Nobody reads any more: so much was told until then, or tried to.
    pub(crate) unread: Option<Severity>,
}

type Item = (Instant, Origin, StreamEvent);

/// Runs a scan and tells of it meanwhile.
pub(crate) fn telling<T>(
    teller: Teller<'_>,
    progress: &Progress,
    collect: &(dyn Fn(Located) + Sync),
    scan: impl FnOnce(&dyn Listener) -> T,
) -> (T, io::Result<Ended>) {
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let telling = scope.spawn(|| teller.tell(receiver, progress));
        let scanned = {
            // The end of it tells the other thread to end.
            let listening = Listening { sender, collect };
            scan(&listening)
        };
        let told = telling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (scanned, told)
    })
}

/// Collects findings and passes them on.
struct Listening<'l> {
    sender: SyncSender<Item>,
    collect: &'l (dyn Fn(Located) + Sync),
}

impl Listener for Listening<'_> {
    fn found(&self, Located { origin, finding }: Located) {
        let id = EventId { start: finding.location().offset, number: 0 };
        self.heard(origin, StreamEvent::Certain(id, finding));
    }

    fn is_live(&self) -> bool {
        true
    }

    fn heard(&self, origin: Origin, event: StreamEvent) {
        if let StreamEvent::Certain(_, finding) = &event {
            (self.collect)(Located { origin: origin.clone(), finding: finding.clone() });
        }
        // Whoever does not listen any more has told why.
        let _ = self.sender.send((Instant::now(), origin, event));
    }
}

impl Teller<'_> {
    fn tell(mut self, events: Receiver<Item>, progress: &Progress) -> io::Result<Ended> {
        match self.tell_all(&events) {
            Ok(is_told) => Ok(Ended { is_told, unread: None }),
            Err(error) => {
                // Nobody reads: there is nothing more to do. What was found still counts.
                progress.stop.store(true, Ordering::Relaxed);
                if error.kind() == io::ErrorKind::BrokenPipe {
                    Ok(Ended { is_told: true, unread: self.worst })
                } else {
                    Err(error)
                }
            }
        }
    }

    fn tell_all(&mut self, events: &Receiver<Item>) -> io::Result<bool> {
        let mut waiting: VecDeque<Item> = VecDeque::new();
        let mut is_live = false;
        loop {
            let left = waiting.front().map(|(at, ..)| self.patience.saturating_sub(at.elapsed()));
            let next = match left {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(left) => events.recv_timeout(left),
            };
            match next {
                Ok(item) => waiting.push_back(item),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let is_quiet = !matches!(waiting.back(), Some((.., StreamEvent::Certain(..))) | None);
            let is_late = waiting.front().is_some_and(|(at, ..)| at.elapsed() >= self.patience);
            is_live |= is_quiet || is_late || waiting.len() >= WAITING;
            while is_live && let Some((_, origin, event)) = waiting.pop_front() {
                self.hear(origin, event)?;
            }
        }
        if is_live {
            for (_, origin, event) in waiting {
                self.hear(origin, event)?;
            }
            for told in self.live.again(MOST_AGAIN) {
                self.report.tell(&told)?;
            }
        }
        Ok(is_live)
    }

    fn hear(&mut self, origin: Origin, event: StreamEvent) -> io::Result<()> {
        match self.live.hear(origin.into(), event, now()) {
            Some(Told::Found(record) | Told::Amended(record))
                if !record.is_refuted() && record.severity() < self.least =>
            {
                Ok(())
            }
            Some(told) => {
                if let Told::Found(record) | Told::Amended(record) = &told
                    && !record.is_refuted()
                {
                    self.worst = self.worst.max(Some(record.severity()));
                }
                self.report.tell(&told)
            }
            None => Ok(()),
        }
    }
}

/// The time, for what is told of it.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| since.as_secs() as i64))
}
