//! Unpacking one file on several threads, where its format lets each read a part.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use super::{Spent, Unpacking};
use crate::input::archive::{Divided, PlaceOf, guarded};
use crate::ledger::Ledger;
use crate::run::object::{Ended, Name, Worker};

/// The most threads: each may need memory to unpack.
const THREADS: usize = 8;

/// Fewer members may be large, and are divided themselves.
const FEW: u64 = 64;

impl Worker<'_> {
    /// Unpacks a zip file, its members on all threads; `None`, and nothing is done, if
    /// that is no good.
    pub(in crate::run) fn unpack_zip(
        &mut self,
        name: &Name<'_>,
        file: &File,
        spent: &Spent,
    ) -> Option<Ended> {
        let limits = self.limits();
        let threads = self.threads().min(THREADS);
        let zip = guarded(|| Divided::new(file)).ok()?;
        if threads < 2 || zip.entries() < FEW || !cfg!(any(unix, windows)) {
            return None;
        }
        let work = |worker: &mut Worker<'_>| {
            let (mut place, mut none): (PlaceOf<'_>, _) = (zip.place(), None);
            let mut unpacking = Unpacking::new(worker, name, limits, spent, &mut none);
            unpacking.depth = 1;
            loop {
                match guarded(|| zip.read(&mut place, &mut unpacking)) {
                    Ok(Ok(())) => break,
                    Ok(Err(refused)) => {
                        unpacking.refuse(refused);
                        break;
                    }
                    // On it goes with the next member.
                    Err(refused) => {
                        unpacking.refuse(refused);
                        unpacking.depth = 1;
                        unpacking.inner.clear();
                    }
                }
            }
        };
        let ledgers = Mutex::new(Vec::<Ledger>::new());
        std::thread::scope(|scope| {
            for _ in 1..threads {
                let mut helper = self.another();
                let (work, ledgers) = (&work, &ledgers);
                let thread = std::thread::Builder::new().name("leaksieve".to_owned());
                let started = thread.spawn_scoped(scope, move || {
                    work(&mut helper);
                    let mut ledgers = ledgers.lock().unwrap_or_else(PoisonError::into_inner);
                    ledgers.push(helper.into_ledger());
                });
                if started.is_err() {
                    // Those that there are do it.
                    break;
                }
            }
            work(self);
        });
        for ledger in ledgers.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.merge(ledger);
        }
        let mut none = None;
        let mut unpacking = Unpacking::new(self, name, limits, spent, &mut none);
        unpacking.depth = 1;
        match guarded(|| zip.end(&mut unpacking)) {
            Ok(Ok(_)) => {}
            Ok(Err(refused)) | Err(refused) => {
                unpacking.inner.clear();
                unpacking.refuse(refused);
            }
        }
        Some(if self.is_stopped() { Ended::Stopped } else { Ended::Unpacked })
    }
}
