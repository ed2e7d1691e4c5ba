//! What was scanned: the file behind `leaksieve git --state FILE`.
//!
//! A scan of a history remembers the objects that it has scanned, so that the next
//! one reads only new objects and a scan that was killed goes on where it was. What
//! it remembers is worth having only if it is true: an object that is wrongly taken
//! for scanned hides its secrets for ever. So
//!
//! - everything belongs to a *digest* of the detectors and of all options that
//!   change findings; under another digest nothing is known;
//! - the file is a [journal]: what a crash tears is cut off, what is
//!   damaged is not believed, and neither is anything behind it;
//! - an object in which something was found is *leaky*: it is remembered only so
//!   that it is scanned again. Findings are not taken from here, because an expiry
//!   date passes, and because secrets do not stand here. What stands here are their
//!   fingerprints, which are costly to compute, and the places of leaky objects,
//!   which are costly to find.
//!
//! An object is remembered by the first 16 bytes of its id: nobody makes two
//! objects that agree in them at less cost than he finds a collision of SHA-1.

mod encode;
mod journal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::oid::Oid;
use super::place::{CommitInfo, GitPlace};
use encode::{Reader, Writer};
use journal::{Frame, Journal, MAX_FRAME};

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It is something else, and was left as it is.
    #[error("{} is not a state file of leaksieve; it was left as it is", path.display())]
    NotState {
        /// The file.
        path: PathBuf,
    },
    /// Another run is using it.
    #[error("{} is in use by another run", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} the state file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: a verb.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// A finding whose fingerprint is remembered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnownFinding {
    /// The object that it stands in.
    pub object: Oid,
    /// Id of its detector.
    pub detector: Box<str>,
    /// Where its value begins in the object, in bytes.
    pub offset: u64,
    /// How many bytes the value has there.
    pub length: u64,
}

/// A finding in the first version of a file, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPlace {
    /// What is found, and where in the object.
    pub finding: KnownFinding,
    /// Where the object stood.
    pub place: GitPlace,
}

/// A state file that is open and locked.
///
/// All methods may be called from any thread. What is marked is not asked for again
/// in the same run: [`State::contains`] and the like tell what earlier runs have
/// marked.
#[derive(Debug)]
pub struct State {
    earlier: Earlier,
    marks: Mutex<Marks>,
}

/// What earlier runs have marked.
#[derive(Debug, Default)]
struct Earlier {
    packs: HashSet<Box<[u8]>>,
    objects: Objects,
    leaky: BTreeSet<Oid>,
    known: HashMap<KnownFinding, Box<str>>,
    places: Option<Places>,
}

/// The places of all findings, as they are while the refs have this digest.
#[derive(Debug)]
struct Places {
    refs: [u8; 32],
    /// [`encode::places`], without the digest.
    encoded: Vec<u8>,
}

/// What this run has marked, and the file that it goes to.
#[derive(Debug)]
struct Marks {
    journal: Journal,
    /// Not written yet.
    pending: Pending,
}

#[derive(Debug, Default)]
struct Pending {
    leaky: BTreeSet<Oid>,
    known: HashMap<KnownFinding, Box<str>>,
    objects: Vec<u128>,
    packed: Vec<u128>,
    packs: Vec<Box<[u8]>>,
    places: Option<Vec<u8>>,
}

impl State {
    /// Opens a state file and locks it until the state is dropped; makes one, which
    /// only its owner may read, if there is none.
    ///
    /// `digest` names the detectors and all options that change findings. What the
    /// file holds under another digest is forgotten.
    ///
    /// # Errors
    ///
    /// If the file is something else, if another run uses it, and if the system
    /// refuses. The file is as it was then.
    pub fn open(path: &Path, digest: &[u8; 32]) -> Result<Self, StateError> {
        let mut earlier = Earlier::default();
        let journal = Journal::open(path, digest, &mut |frame| earlier.take(frame))?;
        earlier.objects.settle();
        let marks = Marks { journal, pending: Pending::default() };
        Ok(Self { earlier, marks: Mutex::new(marks) })
    }

    /// Whether every blob, commit and tag of the pack with this id, the hash at its
    /// end, was scanned.
    pub fn is_pack_done(&self, id: &[u8]) -> bool {
        self.earlier.packs.contains(id)
    }

    /// Whether an object was scanned. Some tens of nanoseconds.
    pub fn contains(&self, object: &Oid) -> bool {
        self.earlier.objects.contains(short(object))
    }

    /// How many objects are known one by one, without those of packs that are done.
    pub fn len(&self) -> usize {
        self.earlier.objects.ids.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.earlier.objects.ids.is_empty() && self.earlier.packs.is_empty()
    }

    /// The objects in which something was found, by id. They are to be scanned
    /// again; one that the repository no longer has is of no interest.
    pub fn leaky(&self) -> impl ExactSizeIterator<Item = &Oid> {
        self.earlier.leaky.iter()
    }

    /// The fingerprint of a finding.
    pub fn fingerprint(&self, finding: &KnownFinding) -> Option<&str> {
        self.earlier.known.get(finding).map(|text| &**text)
    }

    /// All findings whose fingerprints are known.
    pub fn fingerprints(&self) -> impl ExactSizeIterator<Item = (&KnownFinding, &str)> {
        self.earlier.known.iter().map(|(finding, text)| (finding, &**text))
    }

    /// The places of findings, and how many objects each repository lacks, if the refs still are what they were when the
    /// places were marked. `commit` reads a commit of that id again: what it says is
    /// not kept, because it may hold a secret. It is asked once for each; where it
    /// cannot tell, the places must be found anew.
    pub fn places(
        &self,
        refs: &[u8; 32],
        mut commit: impl FnMut(&Oid) -> Option<Arc<CommitInfo>>,
    ) -> Option<(Vec<KnownPlace>, Vec<u64>)> {
        let places = self.earlier.places.as_ref().filter(|p| p.refs == *refs)?;
        encode::read_places(&places.encoded, &mut commit)
    }

    /// Remembers objects in which something was found. It must come before the
    /// objects themselves and the packs that hold them are marked.
    pub fn mark_leaky<'o>(&self, objects: impl IntoIterator<Item = &'o Oid>) {
        let known = &self.earlier.leaky;
        let new = objects.into_iter().filter(|o| !known.contains(o));
        self.marks().pending.leaky.extend(new);
    }

    /// Remembers that objects were scanned to their end. One that was skipped, or
    /// that could not be read, must not be among them.
    pub fn mark_objects<'o>(&self, objects: impl IntoIterator<Item = &'o Oid>) {
        let known = &self.earlier.objects;
        let new = objects.into_iter().map(short).filter(|id| !known.contains(*id));
        self.marks().pending.objects.extend(new);
    }

    /// Remembers that objects of packs were scanned to their end, as
    /// [`State::mark_objects`] does. Once the packs are done, [`State::forget_packed`]
    /// spares the file what was not written yet.
    pub fn mark_packed<'o>(&self, objects: impl IntoIterator<Item = &'o Oid>) {
        let known = &self.earlier.objects;
        let new = objects.into_iter().map(short).filter(|id| !known.contains(*id));
        self.marks().pending.packed.extend(new);
    }

    /// Forgets the objects of packs that are not written yet, because all packs are
    /// done.
    pub fn forget_packed(&self) {
        self.marks().pending.packed.clear();
    }

    /// Remembers that every blob, commit and tag of the pack with this id was
    /// scanned to its end.
    pub fn mark_pack(&self, id: &[u8]) {
        if !self.is_pack_done(id) && id.len() <= MAX_ID {
            self.marks().pending.packs.push(id.into());
        }
    }

    /// Remembers a finding's fingerprint.
    pub fn mark_fingerprint(&self, finding: KnownFinding, fingerprint: &str) {
        let is_told = self.fingerprint(&finding) == Some(fingerprint);
        if !is_told && finding.detector.len() <= MAX_TEXT && fingerprint.len() <= MAX_TEXT {
            self.marks().pending.known.insert(finding, fingerprint.into());
        }
    }

    /// Remembers the places of all findings, and how many objects each repository of
    /// the run lacks as a partial clone, for as long as the refs have this
    /// digest, and forgets those of another. Too many to be worth it are not kept.
    pub fn mark_places(&self, refs: &[u8; 32], places: &[KnownPlace], absent: &[u64]) {
        if let Some(encoded) = encode::places(refs, places, absent) {
            self.marks().pending.places = Some(encoded);
        }
    }

    /// Writes what was marked and waits until it is on the disk. A run that is
    /// killed loses what it marked since the last time; once in some seconds is
    /// often enough.
    ///
    /// # Errors
    ///
    /// If writing fails. The file then holds what it held before, or a part of what
    /// was marked.
    pub fn flush(&self) -> Result<(), StateError> {
        self.marks().flush()
    }

    /// Writes what was marked and, if the file holds much that is out of date, the
    /// whole file anew. Where its directory does not allow that it stays as it is.
    ///
    /// # Errors
    ///
    /// If what was marked cannot be written.
    pub fn finish(self) -> Result<(), StateError> {
        let mut marks = self.marks.into_inner().unwrap_or_else(PoisonError::into_inner);
        marks.flush()?;
        let Marks { mut journal, .. } = marks;
        if journal.is_wordy() {
            // Read anew, so that what is written is what a later run believes.
            drop(self.earlier);
            let mut whole = Earlier::default();
            journal.replay(&mut |frame| whole.take(frame))?;
            whole.objects.settle();
            let _ = journal.replace(&whole.frames());
        }
        Ok(())
    }

    fn marks(&self) -> std::sync::MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads any bytes as a file, and any payloads as if their hashes were right. What is
/// read once is the same when it is written and read again.
#[cfg(feature = "fuzz")]
pub(super) fn fuzz(bytes: &[u8], payloads: &[(u8, &[u8])]) {
    let digest = [7; 32];
    let mut earlier = Earlier::default();
    journal::fuzz(bytes, &digest, &mut |frame| earlier.take(frame));
    for (kind, payload) in payloads {
        earlier.take(Frame { kind: *kind, payload });
    }
    earlier.objects.settle();
    let sizes =
        |e: &Earlier| (e.packs.clone(), e.objects.ids.clone(), e.leaky.clone(), e.known.clone());
    let known = sizes(&earlier);
    assert!(known.1.iter().all(|id| earlier.objects.contains(*id)));
    let mut commit = |id: &Oid| {
        let [author, email, subject] = ["a", "b", "c"].map(Into::into);
        Some(Arc::new(CommitInfo { id: *id, author, email, subject, time: 0, offset: 0 }))
    };
    let mut read = |e: &Earlier| {
        let places = e.places.as_ref()?;
        Some((places.refs, encode::read_places(&places.encoded, &mut commit)?))
    };
    let places = read(&earlier);
    if let Some((refs, (places, absent))) = &places
        && let Some(encoded) = encode::places(refs, places, absent)
    {
        let again = encode::read_places(&encoded[32..], &mut commit);
        assert_eq!(again, Some((places.clone(), absent.clone())));
    }
    let whole = journal::fuzz_file(&digest, &earlier.frames());
    let mut again = Earlier::default();
    journal::fuzz(&whole, &digest, &mut |frame| again.take(frame));
    again.objects.settle();
    assert_eq!(sizes(&again), known);
}

/// The longest id of a pack.
const MAX_ID: usize = 64;

/// The longest text that is remembered beside a finding.
const MAX_TEXT: usize = 1024;

/// What an object is remembered by.
fn short(object: &Oid) -> u128 {
    let mut head = [0; 16];
    head.copy_from_slice(&object.as_bytes()[..16]);
    u128::from_be_bytes(head)
}

/// Objects by the heads of their ids.
#[derive(Debug, Default)]
struct Objects {
    /// In order, once [`Objects::settle`] was called.
    ids: Vec<u128>,
    /// For each value of the first two bytes, where its ids end.
    ends: OnceLock<Vec<u32>>,
}

impl Objects {
    fn settle(&mut self) {
        if !self.ids.is_sorted() {
            // Runs that are in order, as frames are, are merged.
            self.ids.sort();
        }
        self.ids.dedup();
    }

    fn contains(&self, id: u128) -> bool {
        let ends = self.ends.get_or_init(|| {
            let mut ends = vec![0_u32; 1 << 16];
            self.ids.iter().for_each(|id| ends[(id >> 112) as usize] += 1);
            let mut sum = 0;
            for end in &mut ends {
                sum += *end;
                *end = sum;
            }
            ends
        });
        let head = (id >> 112) as usize;
        let start = if head == 0 { 0 } else { ends[head - 1] };
        self.ids[start as usize..ends[head] as usize].binary_search(&id).is_ok()
    }
}

impl Earlier {
    /// Takes what a frame says. What it cannot mean is ignored: nothing is known
    /// then that is not so.
    fn take(&mut self, frame: Frame<'_>) {
        let Frame { kind, payload } = frame;
        // More than this no repository has; the ends are counted in 32 bits.
        let room = (u32::MAX as usize).saturating_sub(self.objects.ids.len());
        match kind {
            kind::PACKS => {
                let mut reader = Reader::new(payload);
                while let Some(id) = reader.pack() {
                    self.packs.insert(id.into());
                }
            }
            kind::OBJECTS if payload.len() % 16 == 0 && payload.len() / 16 <= room => {
                let (ids, _) = payload.as_chunks::<16>();
                self.objects.ids.extend(ids.iter().map(|id| u128::from_be_bytes(*id)));
            }
            kind::LEAKY => {
                let mut reader = Reader::new(payload);
                while let Some(object) = reader.oid() {
                    self.leaky.insert(object);
                }
            }
            kind::KNOWN => {
                let mut reader = Reader::new(payload);
                while let Some((finding, fingerprint)) = reader.known() {
                    self.known.insert(finding, fingerprint.into());
                }
            }
            kind::PLACES => {
                self.places = payload
                    .split_first_chunk()
                    .map(|(refs, encoded)| Places { refs: *refs, encoded: encoded.to_vec() });
            }
            _ => {}
        }
    }

    /// All that is known, in frames.
    fn frames(self) -> Vec<(u8, Vec<u8>)> {
        let places = self.places.map(|p| [&p.refs[..], &p.encoded].concat());
        let mut packs: Vec<_> = self.packs.into_iter().collect();
        packs.sort_unstable();
        let (objects, packed) = (self.objects.ids, Vec::new());
        Pending { leaky: self.leaky, known: self.known, objects, packed, packs, places }
            .into_frames()
    }
}

/// Kinds of frames.
mod kind {
    pub(super) const PACKS: u8 = b'P';
    pub(super) const OBJECTS: u8 = b'O';
    pub(super) const LEAKY: u8 = b'L';
    pub(super) const KNOWN: u8 = b'K';
    pub(super) const PLACES: u8 = b'W';
}

/// Bytes of a frame from which a new one is begun: what a crash may cost.
const FULL: usize = 4 << 20;

const _: () = assert!(FULL + (1 << 16) < MAX_FRAME);

impl Pending {
    /// The frames, so that whatever a crash leaves of them is true: what is leaky
    /// stands before anything that says that it was scanned.
    fn into_frames(mut self) -> Vec<(u8, Vec<u8>)> {
        let mut frames = Vec::new();
        let mut leaky = Writer::default();
        for object in &self.leaky {
            leaky.oid(object);
            leaky.cut(FULL, |full| frames.push((kind::LEAKY, full)));
        }
        frames.push((kind::LEAKY, leaky.into_bytes()));

        let mut findings: Vec<_> = self.known.into_iter().collect();
        findings.sort_unstable();
        let mut known = Writer::default();
        for (finding, fingerprint) in &findings {
            known.known(finding, fingerprint);
            known.cut(FULL, |full| frames.push((kind::KNOWN, full)));
        }
        frames.push((kind::KNOWN, known.into_bytes()));

        self.objects.sort_unstable();
        self.objects.dedup();
        for ids in self.objects.chunks(FULL / 16) {
            let ids = ids.iter().flat_map(|id| id.to_be_bytes()).collect();
            frames.push((kind::OBJECTS, ids));
        }
        let mut packs = Writer::default();
        for id in &self.packs {
            packs.text(id);
            packs.cut(FULL, |full| frames.push((kind::PACKS, full)));
        }
        frames.push((kind::PACKS, packs.into_bytes()));
        frames.extend(self.places.map(|encoded| (kind::PLACES, encoded)));
        frames.retain(|(_, payload)| !payload.is_empty());
        frames
    }
}

impl Marks {
    fn flush(&mut self) -> Result<(), StateError> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.objects.append(&mut pending.packed);
        let frames = pending.into_frames();
        self.journal.append(&frames)
    }
}
