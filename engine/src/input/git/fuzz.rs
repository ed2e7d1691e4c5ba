//! Doors for the fuzz targets to what is private; see `fuzz/README.md`. No part of
//! the library's interface.
#![allow(missing_docs, clippy::missing_panics_doc)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use leaksieve_detectors::Leak;

use super::object::{Kind, ObjectError, Objects};
use super::oid::{ObjectFormat, Oid};
use super::pack::{Bytes, Delta, PackReader, ReadError, multi};
use super::pack::{Child, Forest, Index, Pack, Visitor, Walk, walk};
use super::{commit, config, index, refs, state, tag, tree, worktree};
use crate::scanner::delta::{DeltaScanner, Marks};
use crate::{Finding, Location, Scanner};

/// What became of an object: its bytes, or `None` if it could not be made.
pub type Made = BTreeMap<Oid, Option<(&'static str, Vec<u8>)>>;

/// Opens a pack and its index, walks it, scans what can be made of it by deltas and
/// as wholes, and reads each object alone.
///
/// # Panics
///
/// If the ways do not agree, or an entry is told twice or not at all. Reading one
/// object knows of fewer errors in others, so where it succeeds the walk may fail.
pub fn pack(
    pack: &[u8],
    index: &[u8],
    format: ObjectFormat,
    limit: usize,
    scanner: &Scanner,
) -> Made {
    let trailer = index.len().checked_sub(2 * format.id_len());
    let trailer = trailer.map(|at| index[at..at + format.id_len()].to_vec());
    let Ok(index) = Index::open(Bytes::Held(index.into()), format) else { return Made::new() };
    let data = Bytes::Held(pack.into());
    let pack = Pack::new(PathBuf::new(), data, index, format, trailer.as_deref());
    let forest = Forest::of(&pack, 2);
    let mut told: Vec<Option<Told>> = (0..forest.len()).map(|_| None).collect();
    let mut tell = |entry: u32, what: Told| {
        let known = told[entry as usize].replace(what);
        assert!(known.is_none(), "entry {entry} is told twice");
    };
    for (entry, _) in &forest.broken {
        tell(*entry, Told::Failed);
    }
    for kind in [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag] {
        let visitor = || Judge {
            by_deltas: DeltaScanner::new(scanner, false),
            as_wholes: DeltaScanner::new(scanner, true),
            kind,
            told: Vec::new(),
        };
        let what = Walk { pack: &pack, forest: &forest, kind, limit };
        for visitor in walk(&what, vec![visitor(), visitor()]) {
            visitor.told.into_iter().for_each(|(entry, what)| tell(entry, what));
        }
    }
    let mut made = Made::new();
    let mut reader = PackReader::default();
    for (entry, what) in told.into_iter().enumerate() {
        let what = what.unwrap_or_else(|| panic!("entry {entry} is not told"));
        let position = forest.position(entry as u32);
        let alone = pack.read(position, limit, &mut reader);
        let object = match (what, alone) {
            (Told::Made(kind, object), alone) => {
                match alone {
                    Ok(read) => {
                        assert_eq!(read, kind, "entry {entry}");
                        assert!(reader.object.bytes() == object, "entry {entry} is read otherwise");
                    }
                    // A chain may be too long for the one and not for the other.
                    Err(ReadError::Object(ObjectError::Damaged(what)))
                        if what.contains("without an end") => {}
                    Err(error) => panic!("entry {entry} cannot be read alone: {error:?}"),
                }
                Some((kind.name(), object))
            }
            (Told::Failed, _) => None,
        };
        made.insert(pack.index.oid(position), object);
    }
    made
}

enum Told {
    Made(Kind, Vec<u8>),
    Failed,
}

/// Scans every object twice.
struct Judge<'s> {
    by_deltas: DeltaScanner<'s>,
    as_wholes: DeltaScanner<'s>,
    kind: Kind,
    told: Vec<(u32, Told)>,
}

impl Judge<'_> {
    fn judge(&mut self, entry: u32, object: &[u8], found: &[Finding]) {
        let mut whole: Vec<Finding> = Vec::new();
        let _ = self.as_wholes.root(object, &mut whole);
        assert_eq!(comparable(found), comparable(&whole), "entry {entry}");
        self.told.push((entry, Told::Made(self.kind, object.to_vec())));
    }
}

fn comparable(findings: &[Finding]) -> Vec<(Leak, Location, Vec<u8>, String)> {
    let one = |f: &Finding| {
        (f.leak().clone(), f.location(), f.secret().to_vec(), f.excerpt().revealed().text)
    };
    findings.iter().map(one).collect()
}

impl Visitor for Judge<'_> {
    type Note = Marks;

    fn root(&mut self, entry: u32, object: &[u8]) -> Marks {
        let mut found: Vec<Finding> = Vec::new();
        let marks = self.by_deltas.root(object, &mut found);
        self.judge(entry, object, &found);
        marks
    }

    fn delta(&mut self, child: &mut Child<'_>, base: &Marks) -> Marks {
        let mut found: Vec<Finding> = Vec::new();
        let marks = self.by_deltas.delta(child, base, &mut found);
        let entry = child.entry;
        self.judge(entry, child.object(), &found);
        marks
    }

    fn large(&mut self, entry: u32, _: &[u8]) {
        self.told.push((entry, Told::Failed));
    }

    fn failed(&mut self, entry: u32, _: ObjectError) {
        self.told.push((entry, Told::Failed));
    }

    fn room(&self, note: &Marks) -> usize {
        note.room()
    }

    fn forget(&self, note: &mut Marks) {
        note.forget();
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// Applies a delta: all at once, and piece by piece.
pub fn delta(base: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut spans = Vec::new();
    let delta = Delta::read(data, base.len(), limit, &mut spans).ok()?;
    assert!(delta.len <= limit);
    let mut whole = vec![0; delta.len];
    delta.apply(base, &mut whole);
    let mut end = 0;
    for (i, span) in delta.spans.iter().enumerate() {
        assert_eq!(span.at, end, "piece {i}");
        end = span.end();
    }
    assert_eq!(end as usize, delta.len);
    for (start, len) in [(0, 7), (delta.len / 3, 100), (delta.len / 2, delta.len)] {
        let end = delta.len.min(start + len);
        let mut piece = Vec::new();
        delta.append(base, 0, start..end, &mut piece);
        assert!(piece == whole[start..end]);
    }
    Some(whole)
}

/// Reads an index, and a multi-pack-index, of any bytes.
pub fn index(bytes: &[u8], format: ObjectFormat) {
    let held = || Bytes::Held(bytes.into());
    let one = Index::open(held(), format).ok();
    let many = multi(held(), format).unwrap_or_default();
    for index in one.into_iter().chain(many.into_iter().map(|(_, index)| index)) {
        let count = index.count();
        assert!(count as usize <= bytes.len());
        let mut last = None;
        for position in 0..count {
            let id = index.id(position).to_vec();
            let _ = (index.offset(position), index.oid(position));
            if let Some(found) = index.find(&id) {
                assert_eq!(index.id(found), id);
            }
            for digits in [0, 1, 7, 2 * id.len()] {
                let range = index.with_prefix(&id, digits);
                assert!(range.end <= count);
            }
            last = Some(id);
        }
        for absent in [&[0; 20][..], &[0xff; 32], b"", &last.unwrap_or_default()] {
            let _ = index.find(absent);
        }
    }
}

/// Reads objects and files of any bytes.
pub fn text(bytes: &[u8]) {
    let within = |piece: &[u8]| {
        let (start, end) = (bytes.as_ptr() as usize, bytes.as_ptr() as usize + bytes.len());
        let at = piece.as_ptr() as usize;
        assert!(piece.is_empty() || (start <= at && at + piece.len() <= end));
    };
    if let Some(commit) = commit::Commit::parse(bytes) {
        within(commit.message);
        within(commit.subject());
        let info = commit.info(commit.tree);
        // Told with every commit that a report names.
        let _ = info.date();
    }
    if let Some(tag) = tag::Tag::parse(bytes) {
        within(tag.message);
        within(tag.name);
    }
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let mut entries = tree::Entries::new(bytes, format);
        let mut read = 0;
        for entry in entries.by_ref() {
            assert!(!entry.name.is_empty() && entry.oid().is_some());
            read += entry.name.len() + entry.id.len();
        }
        assert!(read <= bytes.len());
        assert!(entries.is_damaged() || entries.next().is_none());
        staging_area(bytes, format);
    }
    let _ = config::Config::parse(bytes);
    refs::fuzz(bytes);
}

/// Compares the file `index` of any bytes, alone and as both halves of a split one,
/// with a commit that cannot be read.
fn staging_area(bytes: &[u8], format: ObjectFormat) {
    struct Nothing;
    impl Objects for Nothing {
        fn read(&self, _: &Oid, _: usize, _: &mut Vec<u8>) -> Result<Kind, ObjectError> {
            Err(ObjectError::Missing)
        }

        fn contains(&self, _: &Oid) -> bool {
            false
        }

        fn with_prefix(&self, _: &str) -> Vec<Oid> {
            Vec::new()
        }
    }
    let read = || index::Index::parse(bytes, format).ok();
    let Some(file) = read() else { return };
    let Ok(joined) = file.joined(read()) else { return };
    let head = Oid::from_bytes(&[1; 32][..format.id_len()]);
    for head in [None, head] {
        let found = worktree::staged(&Nothing, format, head, &joined);
        assert!(found.changes.len() <= joined.entries().len());
    }
}

/// Reads the frames of a state file.
pub fn state(bytes: &[u8], payloads: &[(u8, &[u8])]) {
    state::fuzz(bytes, payloads);
}
