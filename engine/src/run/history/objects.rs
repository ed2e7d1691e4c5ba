//! Scanning every object of a store once.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use leaksieve_detectors::Verdict;

use crate::finding::Finding;
use crate::input::git::walk;
use crate::input::git::{
    Child, Forest, Kind, ObjectError, Objects, Oid, Pack, Store, Visitor, Walk,
};
use crate::run::Progress;
use crate::scanner::Scanner;
use crate::scanner::delta::{DeltaScanner, Marks, Reaches, Searched};
use crate::sink::Sink;

/// The most bytes of an object that is held in memory: as much as the large hosts
/// take. Larger ones are read as streams, if they are no deltas.
pub(crate) const MOST_HELD: usize = 100 << 20;

/// How objects are scanned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    pub(crate) threads: usize,
    /// Scan every object as a whole.
    pub(crate) whole: bool,
    /// Leave out larger objects.
    pub(crate) max_size: Option<u64>,
}

/// A secret, without telling it, and what makes it another one for reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SecretKey(u128);

/// Makes keys of secrets that differ from run to run.
#[derive(Debug, Default)]
pub(crate) struct Keys(RandomState, RandomState);

impl Keys {
    pub(crate) fn of(&self, finding: &Finding) -> SecretKey {
        let refuted = matches!(finding.verdict(), Verdict::Refuted(_));
        let secret = (finding.leak().detector, refuted, finding.secret());
        let half = |state: &RandomState| u128::from(state.hash_one(secret));
        SecretKey(half(&self.0) << 64 | half(&self.1))
    }
}

/// Something was found in an object. What it is is read again once it is known
/// where the object stood: a secret that is in a thousand versions of a file is
/// kept in none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Found {
    pub(crate) object: Oid,
    pub(crate) kind: Kind,
    pub(crate) key: SecretKey,
}

/// An object that was not scanned.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) object: Oid,
    /// Where it was read from, and what was wrong.
    pub(crate) place: String,
    pub(crate) error: ObjectError,
}

/// What came of scanning objects.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) found: Vec<Found>,
    pub(crate) failed: Vec<Failed>,
    pub(crate) searched: Searched,
    pub(crate) blobs: u64,
    pub(crate) commits: u64,
    pub(crate) tags: u64,
}

impl Scanned {
    fn add(&mut self, other: Self) {
        self.found.extend(other.found);
        self.failed.extend(other.failed);
        self.searched.add(other.searched);
        self.blobs += other.blobs;
        self.commits += other.commits;
        self.tags += other.tags;
    }

    fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Blob => self.blobs += 1,
            Kind::Commit => self.commits += 1,
            Kind::Tag => self.tags += 1,
            Kind::Tree => {}
        }
    }
}

/// What the threads of a scan share.
pub(crate) struct ObjectScan<'a> {
    pub(crate) scanner: &'a Scanner,
    pub(crate) store: &'a Store,
    pub(crate) how: How,
    pub(crate) keys: &'a Keys,
    pub(crate) progress: &'a Progress,
    reaches: Reaches,
}

impl<'a> ObjectScan<'a> {
    pub(crate) fn new(
        scanner: &'a Scanner,
        store: &'a Store,
        how: How,
        keys: &'a Keys,
        progress: &'a Progress,
    ) -> Self {
        Self { scanner, store, how, keys, progress, reaches: Reaches::of(scanner) }
    }

    /// Scans a pack's blobs, commits and tags, those left out that `skip` says,
    /// by their positions in the index.
    pub(crate) fn pack(
        &self,
        pack: &Pack,
        forest: &Forest,
        skip: &(dyn Fn(u32) -> bool + Sync),
    ) -> Scanned {
        let mut all = Scanned::default();
        for kind in [Kind::Blob, Kind::Commit, Kind::Tag] {
            let what = Walk { pack, forest, kind, limit: MOST_HELD };
            let visitors = (0..self.how.threads).map(|_| PackVisitor {
                scan: self,
                pack,
                forest,
                kind,
                skip,
                delta: DeltaScanner::new(self.scanner, &self.reaches, self.how.whole),
                scanned: Scanned::default(),
                noted: 0,
            });
            for visitor in walk(&what, visitors.collect()) {
                all.add(visitor.finish());
            }
        }
        for (entry, error) in &forest.broken {
            all.failed.push(failed(pack, forest, *entry, error.clone()));
        }
        all
    }

    /// Scans objects one by one, each as a whole: loose ones, and those that a
    /// pack holds damaged and another place may hold whole.
    pub(crate) fn each(&self, objects: &[Oid]) -> Scanned {
        let next = AtomicUsize::new(0);
        let all = Mutex::new(Scanned::default());
        let work = || {
            let mut worker = Single::new(self);
            while let Some(id) = objects.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.progress.stop.load(Ordering::Relaxed) {
                    break;
                }
                worker.object(id);
            }
            all.lock().unwrap_or_else(PoisonError::into_inner).add(worker.finish());
        };
        std::thread::scope(|scope| {
            for _ in 1..self.how.threads.min(objects.len().div_ceil(16)) {
                scope.spawn(work);
            }
            work();
        });
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, objects: u64, bytes: u64) {
        self.progress.objects.fetch_add(objects, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

fn failed(pack: &Pack, forest: &Forest, entry: u32, error: ObjectError) -> Failed {
    let name = pack.path.file_name().unwrap_or_default().to_string_lossy();
    Failed {
        object: pack.index.oid(forest.position(entry)),
        place: format!("{name} at {}", forest.offset(entry)),
        error,
    }
}

/// One thread of a walk over a pack.
struct PackVisitor<'v, 'a> {
    scan: &'v ObjectScan<'a>,
    pack: &'v Pack,
    forest: &'v Forest,
    kind: Kind,
    skip: &'v (dyn Fn(u32) -> bool + Sync),
    delta: DeltaScanner<'v>,
    scanned: Scanned,
    /// Bytes that the progress does not know yet.
    noted: u64,
}

/// Progress is told after so many objects.
const TELL: u64 = 256;

impl PackVisitor<'_, '_> {
    fn finish(mut self) -> Scanned {
        self.scanned.searched = self.delta.searched;
        self.scanned
    }

    fn counted(&mut self, position: u32) -> bool {
        if (self.skip)(position) {
            return false;
        }
        self.scanned.count(self.kind);
        let objects = self.scanned.blobs + self.scanned.commits + self.scanned.tags;
        if objects % TELL == 0 {
            let bytes = self.delta.searched.objects;
            self.scan.note(TELL, bytes - self.noted);
            self.noted = bytes;
        }
        true
    }
}

impl Visitor for PackVisitor<'_, '_> {
    type Note = Marks;

    fn root(&mut self, entry: u32, object: &[u8]) -> Marks {
        let position = self.forest.position(entry);
        let wanted = self.counted(position);
        let mut sink = FoundSink {
            keys: self.scan.keys,
            object: wanted.then(|| self.pack.index.oid(position)),
            kind: self.kind,
            found: &mut self.scanned.found,
        };
        self.delta.root(object, &mut sink)
    }

    fn delta(&mut self, child: &mut Child<'_>, base: &Marks) -> Marks {
        let position = self.forest.position(child.entry);
        let wanted = self.counted(position);
        if !wanted && child.is_leaf {
            return Marks::default();
        }
        let mut sink = FoundSink {
            keys: self.scan.keys,
            object: wanted.then(|| self.pack.index.oid(position)),
            kind: self.kind,
            found: &mut self.scanned.found,
        };
        self.delta.delta(child, base, &mut sink)
    }

    fn large(&mut self, entry: u32, _: &[u8]) {
        // Read as a stream later on.
        self.failed(entry, ObjectError::TooLarge(u64::from(self.forest.size(entry))));
    }

    fn failed(&mut self, entry: u32, error: ObjectError) {
        if !(self.skip)(self.forest.position(entry)) {
            self.scanned.failed.push(failed(self.pack, self.forest, entry, error));
        }
    }

    fn stopped(&self) -> bool {
        self.scan.progress.stop.load(Ordering::Relaxed)
    }
}

/// Notes in which object something was found.
struct FoundSink<'f> {
    keys: &'f Keys,
    /// `None` if nobody wants to know.
    object: Option<Oid>,
    kind: Kind,
    found: &'f mut Vec<Found>,
}

impl Sink for FoundSink<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        if let Some(object) = self.object {
            let found = Found { object, kind: self.kind, key: self.keys.of(&finding) };
            // The same secret twice in an object is read again twice.
            if self.found.last() != Some(&found) {
                self.found.push(found);
            }
        }
        ControlFlow::Continue(())
    }
}

/// One thread that scans objects one by one.
struct Single<'v, 'a> {
    scan: &'v ObjectScan<'a>,
    delta: DeltaScanner<'v>,
    buffer: Vec<u8>,
    scanned: Scanned,
}

impl<'v, 'a> Single<'v, 'a> {
    fn new(scan: &'v ObjectScan<'a>) -> Self {
        let delta = DeltaScanner::new(scan.scanner, &scan.reaches, true);
        Self { scan, delta, buffer: Vec::new(), scanned: Scanned::default() }
    }

    fn finish(mut self) -> Scanned {
        self.scanned.searched.add(self.delta.searched);
        self.scanned
    }

    fn object(&mut self, id: &Oid) {
        match self.scan.store.read(id, MOST_HELD, &mut self.buffer) {
            Ok(Kind::Tree) => {}
            Ok(kind) => {
                let mut sink = FoundSink {
                    keys: self.scan.keys,
                    object: Some(*id),
                    kind,
                    found: &mut self.scanned.found,
                };
                self.delta.root(&self.buffer, &mut sink);
                self.scanned.count(kind);
                self.scan.note(1, self.buffer.len() as u64);
            }
            Err(error) => {
                self.scanned.failed.push(Failed { object: *id, place: String::new(), error })
            }
        }
        if self.buffer.capacity() > 1 << 20 {
            self.buffer = Vec::new();
        }
    }
}
