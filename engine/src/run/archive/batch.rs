//! Scanning members on other threads than the one that unpacks them.
//!
//! The thread that unpacks gathers small members, and hands them on in batches: one
//! member alone is not worth the way. While others are busy it scans what it gathered
//! itself, so that neither unpacking nor scanning waits for the other, whichever costs
//! more. Large members are scanned where they are unpacked, on all threads.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::ledger::Ledger;
use crate::run::object::{Ended, Name, Worker};

/// The most bytes of a member that is gathered.
pub(super) const MEMBER: usize = 1 << 20;

/// Bytes that are worth handing on: they fit into a cache, with room for the scan's.
const WORTH: usize = 256 << 10;

/// Members that are as many bytes' worth.
const MANY: usize = 1_000;

/// Batches that wait.
const WAITING: usize = 4;

/// The most threads that scan. One that unpacks has no work for more.
const THREADS: usize = 4;

/// Members that are whole.
#[derive(Default)]
struct Batch {
    contents: Vec<u8>,
    names: String,
    /// Where the name and the content of each end.
    ends: Vec<(usize, usize)>,
}

impl Batch {
    fn members(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut start = (0, 0);
        self.ends.iter().map(move |end| {
            let (name, content) = (start.0..end.0, start.1..end.1);
            start = *end;
            let name = self.names.get(name).unwrap_or_default();
            (name, self.contents.get(content).unwrap_or_default())
        })
    }

    fn clear(&mut self) {
        self.contents.clear();
        self.names.clear();
        self.ends.clear();
    }
}

/// Members on their way to be scanned.
pub(super) struct Batches {
    gathered: Batch,
    full: Sender<Batch>,
    /// The other end, for when nobody else takes them.
    queue: Receiver<Batch>,
    empty: Receiver<Batch>,
}

impl Batches {
    /// Takes a member, and scans what was gathered if all others are busy.
    pub(super) fn add(
        &mut self,
        worker: &mut Worker<'_>,
        file: &Name<'_>,
        inner: &str,
        content: &[u8],
    ) -> ControlFlow<()> {
        let batch = &mut self.gathered;
        batch.contents.extend_from_slice(content);
        batch.names.push_str(inner);
        batch.ends.push((batch.names.len(), batch.contents.len()));
        if batch.contents.len() < WORTH && batch.ends.len() < MANY {
            return ControlFlow::Continue(());
        }
        let batch = std::mem::take(batch);
        match self.full.try_send(batch) {
            Ok(()) => {
                self.gathered = self.empty.try_recv().unwrap_or_default();
                ControlFlow::Continue(())
            }
            Err(refused) => {
                self.gathered = refused.into_inner();
                let flow = scan(worker, file, &self.gathered);
                self.gathered.clear();
                flow
            }
        }
    }

    /// Scans what is left.
    fn end(self, worker: &mut Worker<'_>, file: &Name<'_>) {
        let waiting = std::iter::once(self.gathered).chain(self.queue.try_iter());
        for batch in waiting {
            if scan(worker, file, &batch).is_break() {
                break;
            }
        }
    }
}

/// Scans members of a file.
fn scan(worker: &mut Worker<'_>, file: &Name<'_>, batch: &Batch) -> ControlFlow<()> {
    for (inner, content) in batch.members() {
        if worker.is_stopped() {
            return ControlFlow::Break(());
        }
        match worker.slice(&file.within(inner), content) {
            Ended::Complete => worker.complete(),
            _ => return ControlFlow::Break(()),
        }
    }
    ControlFlow::Continue(())
}

/// Unpacks a file while so many threads, this one among them, scan its members.
pub(super) fn divided<'a, T>(
    worker: &mut Worker<'a>,
    file: &Name<'_>,
    threads: usize,
    unpack: impl FnOnce(&mut Worker<'a>, &mut Option<Batches>) -> T,
) -> T {
    let (full, queue) = bounded::<Batch>(WAITING);
    let (give_back, empty) = bounded::<Batch>(WAITING + THREADS);
    let ledgers = Mutex::new(Vec::<Ledger>::new());
    let unpacked = std::thread::scope(|scope| {
        for _ in 1..threads.min(THREADS) {
            let (queue, give_back) = (queue.clone(), give_back.clone());
            let mut helper = worker.another();
            let ledgers = &ledgers;
            let work = move || {
                for mut batch in queue {
                    // Once the scan is stopped, what waits is only taken away.
                    let _ = scan(&mut helper, file, &batch);
                    batch.clear();
                    let _ = give_back.try_send(batch);
                }
                let mut ledgers = ledgers.lock().unwrap_or_else(PoisonError::into_inner);
                ledgers.push(helper.into_ledger());
            };
            let thread = std::thread::Builder::new().name("leaksieve".to_owned());
            if thread.spawn_scoped(scope, work).is_err() {
                // Those that there are do it.
                break;
            }
        }
        let mut batches = Some(Batches { gathered: Batch::default(), full, queue, empty });
        let unpacked = unpack(worker, &mut batches);
        if let Some(batches) = batches {
            batches.end(worker, file);
        }
        unpacked
    });
    for ledger in ledgers.into_inner().unwrap_or_else(PoisonError::into_inner) {
        worker.merge(ledger);
    }
    unpacked
}
