//! Scanning every object of a store once.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use leaksieve_detectors::Verdict;

use super::found::{Finds, FoundIn};
use crate::finding::Finding;
use crate::input::encoding::{Encoding, HEAD, Utf16Reader};
use crate::input::git::walk;
use crate::input::git::{
    Child, Forest, Kind, ObjectError, Objects, Oid, Pack, Row, State, Store, Visitor, Walk,
};
use crate::input::open::message;
use crate::run::Progress;
use crate::scanner::delta::{DeltaScanner, Marks, Searched};
use crate::scanner::{Outcome, Scanner, Scratch};
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

#[cfg(test)]
impl SecretKey {
    pub(crate) fn of_number(number: u128) -> Self {
        Self(number)
    }
}

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
    pub(crate) found: Finds,
    pub(crate) failed: Vec<Failed>,
    /// Of blobs.
    pub(crate) blob_bytes: Searched,
    /// Of commits and tags.
    pub(crate) other_bytes: u64,
    /// The commits of packs.
    pub(crate) rows: Vec<Row>,
    pub(crate) blobs: u64,
    pub(crate) commits: u64,
    pub(crate) tags: u64,
    /// Objects that an earlier run has scanned.
    pub(crate) known: u64,
}

impl Scanned {
    pub(crate) fn add(&mut self, other: Self) {
        self.found.merge(other.found);
        self.failed.extend(other.failed);
        self.rows.extend(other.rows);
        self.blob_bytes.add(other.blob_bytes);
        self.other_bytes += other.other_bytes;
        self.blobs += other.blobs;
        self.commits += other.commits;
        self.tags += other.tags;
        self.known += other.known;
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
    /// Where is remembered what was scanned.
    pub(crate) state: Option<&'a State>,
    saved: Mutex<Instant>,
}

/// The state is written so often.
const SAVE_EVERY: Duration = Duration::from_secs(2);

/// Objects that are remembered at a time.
const REMEMBERED: usize = 4096;

impl<'a> ObjectScan<'a> {
    pub(crate) fn new(
        scanner: &'a Scanner,
        store: &'a Store,
        how: How,
        keys: &'a Keys,
        progress: &'a Progress,
        state: Option<&'a State>,
    ) -> Self {
        let saved = Mutex::new(Instant::now());
        Self { scanner, store, how, keys, progress, state, saved }
    }

    /// Whether an earlier run has scanned an object.
    fn knows(&self, id: &Oid) -> bool {
        self.state.is_some_and(|state| state.contains(id))
    }

    /// Remembers objects that were scanned; what was found in them comes first.
    fn remember(&self, found: &[FoundIn], done: &mut Vec<Oid>, packed: bool) {
        if let Some(state) = self.state {
            state.mark_leaky(found.iter().map(|f| &f.object));
            if packed {
                state.mark_packed(done.iter());
            } else {
                state.mark_objects(done.iter());
            }
            if let Ok(mut saved) = self.saved.try_lock()
                && saved.elapsed() > SAVE_EVERY
            {
                // What cannot be written now is written at the end, or named then.
                let _ = state.flush();
                *saved = Instant::now();
            }
        }
        done.clear();
    }

    /// Scans a pack's objects of these kinds, those left out that `skip` says, by
    /// their positions in the index.
    pub(crate) fn pack(
        &self,
        pack: &Pack,
        forest: &Forest,
        kinds: &[Kind],
        skip: &(dyn Fn(u32) -> bool + Sync),
    ) -> Scanned {
        let mut all = Scanned::default();
        for &kind in kinds {
            let what = Walk { pack, forest, kind, limit: MOST_HELD };
            let visitors = (0..self.how.threads).map(|_| PackVisitor {
                scan: self,
                pack,
                forest,
                kind,
                skip,
                delta: DeltaScanner::new(self.scanner, self.how.whole),
                scanned: Scanned::default(),
                found: Vec::new(),
                noted: 0,
                done: Vec::new(),
                told: 0,
            });
            for visitor in walk(&what, visitors.collect()) {
                all.add(visitor.finish());
            }
        }
        for (entry, error) in &forest.broken {
            all.failed.push(failed(pack, forest, *entry, error.clone()));
        }
        for position in &forest.unplaced {
            all.failed.push(Failed {
                object: pack.index.oid(*position),
                place: name(pack),
                error: ObjectError::damaged("the index has no place of its own for it"),
            });
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
    Failed {
        object: pack.index.oid(forest.position(entry)),
        place: format!("{} at {}", name(pack), forest.offset(entry)),
        error,
    }
}

fn name(pack: &Pack) -> String {
    pack.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
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
    /// What was found in the object that is being scanned.
    found: Vec<SecretKey>,
    /// Bytes that the progress does not know yet.
    noted: u64,
    /// Objects that were scanned and are not remembered yet, and how much of what was
    /// found is.
    done: Vec<Oid>,
    told: usize,
}

/// Progress is told after so many objects.
const TELL: u64 = 256;

impl PackVisitor<'_, '_> {
    fn finish(mut self) -> Scanned {
        self.remember();
        match self.kind {
            Kind::Blob => self.scanned.blob_bytes = self.delta.searched,
            _ => self.scanned.other_bytes = self.delta.searched.objects,
        }
        self.scanned
    }

    /// Remembers what was scanned.
    fn remember(&mut self) {
        let found = self.scanned.found.objects();
        self.scan.remember(&found[self.told..], &mut self.done, true);
        self.told = found.len();
    }

    /// Notes that an object was scanned to its end, and what was found in it.
    fn done(&mut self, position: u32) {
        if !self.found.is_empty() {
            let object = self.pack.index.oid(position);
            self.scanned.found.add(object, self.kind, &mut self.found);
        }
        if self.scan.state.is_some() && !self.scan.progress.stop.load(Ordering::Relaxed) {
            self.done.push(self.pack.index.oid(position));
            if self.done.len() >= REMEMBERED {
                self.remember();
            }
        }
    }

    /// Keeps what the graph needs of a commit.
    fn keep(&mut self, position: u32, object: &[u8]) {
        if self.kind == Kind::Commit {
            let row = Row::parse(self.pack.index.oid(position), object);
            self.scanned.rows.extend(row);
        }
    }

    /// Whether an object is wanted; counts it if so.
    fn counted(&mut self, entry: u32, len: usize) -> bool {
        let position = self.forest.position(entry);
        if (self.skip)(position) {
            return false;
        }
        if self.scan.state.is_some() && self.scan.knows(&self.pack.index.oid(position)) {
            self.scanned.known += 1;
            return false;
        }
        if self.scan.how.max_size.is_some_and(|max| len as u64 > max) {
            self.failed(entry, ObjectError::TooLarge(len as u64));
            return false;
        }
        self.scanned.count(self.kind);
        let objects = self.scanned.blobs + self.scanned.commits + self.scanned.tags;
        if objects.is_multiple_of(TELL) {
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
        let wanted = self.counted(entry, object.len());
        self.keep(position, object);
        let mut sink = FoundSink { keys: self.scan.keys, wanted, found: &mut self.found };
        let marks = self.delta.root(object, &mut sink);
        if wanted {
            self.done(position);
        }
        marks
    }

    fn delta(&mut self, child: &mut Child<'_>, base: &Marks) -> Marks {
        let position = self.forest.position(child.entry);
        let wanted = self.counted(child.entry, child.delta.len);
        if self.kind == Kind::Commit {
            self.keep(position, child.object());
        }
        if !wanted && child.is_leaf {
            return Marks::default();
        }
        let mut sink = FoundSink { keys: self.scan.keys, wanted, found: &mut self.found };
        let marks = self.delta.delta(child, base, &mut sink);
        if wanted {
            self.done(position);
        }
        marks
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

    fn room(&self, note: &Marks) -> usize {
        note.room()
    }

    fn forget(&self, note: &mut Marks) {
        note.forget();
    }

    fn stopped(&self) -> bool {
        self.scan.progress.stop.load(Ordering::Relaxed)
    }
}

/// Notes what is found in an object.
struct FoundSink<'f> {
    keys: &'f Keys,
    /// Whether anybody wants to know.
    wanted: bool,
    found: &'f mut Vec<SecretKey>,
}

impl Sink for FoundSink<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        if self.wanted {
            let key = self.keys.of(&finding);
            // A line that repeats one secret is a file of gigabytes somewhere.
            if self.found.last() != Some(&key) {
                self.found.push(key);
            }
        }
        ControlFlow::Continue(())
    }
}

/// One thread that scans objects one by one.
pub(crate) struct Single<'v, 'a> {
    scan: &'v ObjectScan<'a>,
    delta: DeltaScanner<'v>,
    scratch: Scratch,
    buffer: Vec<u8>,
    scanned: Scanned,
    done: Vec<Oid>,
}

impl<'v, 'a> Single<'v, 'a> {
    pub(crate) fn new(scan: &'v ObjectScan<'a>) -> Self {
        Self {
            scan,
            delta: DeltaScanner::new(scan.scanner, true),
            scratch: Scratch::new(),
            buffer: Vec::new(),
            scanned: Scanned::default(),
            done: Vec::new(),
        }
    }

    fn finish(mut self) -> Scanned {
        self.scan.remember(self.scanned.found.objects(), &mut self.done, false);
        self.scanned
    }

    /// Scans an object and notes what is found.
    fn object(&mut self, id: &Oid) {
        let mut found = Vec::new();
        let mut sink = FoundSink { keys: self.scan.keys, wanted: true, found: &mut found };
        match self.again(id, &mut sink) {
            // There is nothing to scan in it; that too is remembered.
            Ok((Kind::Tree, _)) => self.done(id),
            Ok((kind, bytes)) => {
                self.scanned.found.add(*id, kind, &mut found);
                self.scanned.count(kind);
                if kind == Kind::Blob {
                    self.scanned.blob_bytes.objects += bytes;
                    self.scanned.blob_bytes.looked_at += bytes;
                } else {
                    self.scanned.other_bytes += bytes;
                }
                self.scan.note(1, bytes);
                self.done(id);
            }
            Err(error) => {
                self.scanned.failed.push(Failed { object: *id, place: String::new(), error });
            }
        }
    }

    fn done(&mut self, id: &Oid) {
        if self.scan.state.is_some() && !self.scan.progress.stop.load(Ordering::Relaxed) {
            self.done.push(*id);
        }
    }

    /// Scans an object, unless it is a tree. Gives its kind and its size.
    pub(crate) fn again(
        &mut self,
        id: &Oid,
        sink: &mut dyn Sink,
    ) -> Result<(Kind, u64), ObjectError> {
        let read = self.scan.store.read(id, self.limit(), &mut self.buffer);
        let bytes = self.buffer.len() as u64;
        match read {
            Ok(Kind::Tree) => Ok((Kind::Tree, bytes)),
            Ok(kind) => {
                self.delta.root(&self.buffer, sink);
                if self.buffer.capacity() > 1 << 20 {
                    self.buffer = Vec::new();
                }
                Ok((kind, bytes))
            }
            Err(ObjectError::TooLarge(size)) => self.stream(id, size, sink),
            Err(error) => Err(error),
        }
    }

    fn limit(&self) -> usize {
        let max = self.scan.how.max_size.unwrap_or(u64::MAX);
        MOST_HELD.min(usize::try_from(max).unwrap_or(usize::MAX))
    }

    /// Scans an object that is too large to be held, in pieces.
    fn stream(
        &mut self,
        id: &Oid,
        size: u64,
        sink: &mut dyn Sink,
    ) -> Result<(Kind, u64), ObjectError> {
        if self.scan.how.max_size.is_some_and(|max| size > max) {
            return Err(ObjectError::TooLarge(size));
        }
        let (kind, size, content) = self.scan.store.open_stream(id)?;
        if kind == Kind::Tree {
            return Ok((kind, size));
        }
        let mut content = content.take(size);
        match scan_stream(self.scan.scanner, &mut content, &mut self.scratch, sink) {
            Outcome::Complete(_) | Outcome::Stopped if content.limit() == 0 => Ok((kind, size)),
            Outcome::Stopped => Ok((kind, size)),
            Outcome::Complete(_) => {
                Err(ObjectError::damaged("data of another size than it claims"))
            }
            Outcome::Failed(_, error) => Err(ObjectError::damaged(message(&error))),
        }
    }
}

/// Scans what a reader yields, UTF-16 or not.
fn scan_stream(
    scanner: &Scanner,
    reader: &mut (dyn Read + Send),
    scratch: &mut Scratch,
    sink: &mut dyn Sink,
) -> Outcome {
    let mut head = Vec::with_capacity(HEAD);
    // What fails now fails again.
    let _ = reader.take(HEAD as u64).read_to_end(&mut head);
    let encoding = Encoding::of(&head);
    let mut whole = head.chain(reader);
    match encoding {
        Encoding::Bytes => scanner.scan_reader(&mut whole, scratch, sink),
        Encoding::Utf16 { big_endian, mark } => {
            let mut text = Utf16Reader::new(whole, big_endian, mark);
            scanner.scan_stored(&mut text, encoding.stored(), scratch, sink)
        }
    }
}
