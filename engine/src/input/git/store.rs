//! The objects of a repository: its packs, its loose objects, and those of the
//! repositories that it borrows from.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::commit::Commit;
use super::loose::{self, Loose};
use super::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use super::oid::{ObjectFormat, Oid, folded};
use super::pack::{Bytes, Pack, PackReader, ReadError, multi};
use super::place::CommitInfo;

/// Bases that are read from other packs for one object.
const MOST_ELSEWHERE: usize = 64;

/// How often the packs are listed while they are being exchanged.
const MOST_LOOKS: usize = 6;
/// How long it takes to put a pack and its index in their places, or away.
const A_MOMENT: Duration = Duration::from_millis(15);

/// Where the objects of a repository are.
pub(crate) struct Store {
    format: ObjectFormat,
    directories: Vec<PathBuf>,
    /// Those that were there when the store was opened.
    packs: Vec<Arc<Pack>>,
    /// Those that came later, when what was here was packed anew.
    later: RwLock<Vec<Arc<Pack>>>,
    readers: Mutex<Vec<PackReader>>,
    /// Loose objects that were there before the packs were opened.
    early: Vec<(Oid, usize)>,
    /// What cannot be read, and why.
    pub(crate) troubles: Vec<(PathBuf, String)>,
}

impl Store {
    /// Opens the packs of object directories.
    pub(crate) fn open(directories: &[PathBuf], format: ObjectFormat) -> Self {
        let mut packs = Vec::new();
        let mut troubles = Vec::new();
        for _ in 0..MOST_LOOKS {
            packs.clear();
            troubles.clear();
            let mut settled = true;
            for directory in directories {
                // All are opened, also behind one that changes meanwhile.
                settled &= open_packs(&directory.join("pack"), format, &mut packs, &mut troubles);
            }
            if settled {
                break;
            }
            // Packs come and go within a moment, and all that one held may be in
            // another that was not there yet.
            std::thread::sleep(A_MOMENT);
        }
        for pack in &packs {
            if let Some(trouble) = &pack.trouble {
                troubles.push((pack.path.clone(), trouble.clone()));
            }
        }
        Self {
            format,
            directories: directories.to_vec(),
            packs,
            later: RwLock::default(),
            readers: Mutex::default(),
            early: Vec::new(),
            troubles,
        }
    }

    /// The same, with loose objects listed before the packs: those that `git gc` puts
    /// into a pack after that are still known.
    pub(crate) fn open_listed(directories: &[PathBuf], format: ObjectFormat) -> Self {
        let mut early = Vec::new();
        let mut troubles = Vec::new();
        for (number, directory) in directories.iter().enumerate() {
            let ids = loose::list(directory, format, &mut troubles);
            early.extend(ids.into_iter().map(|id| (id, number)));
        }
        let mut store = Self::open(directories, format);
        store.early = early;
        store.troubles.append(&mut troubles);
        store
    }

    /// The packs.
    pub(crate) fn packs(&self) -> &[Arc<Pack>] {
        &self.packs
    }

    /// How objects are named.
    pub(crate) fn format(&self) -> ObjectFormat {
        self.format
    }

    /// All loose objects, with the directory that each is in.
    pub(crate) fn loose(&self) -> Vec<(Oid, usize)> {
        let mut all = self.early.clone();
        for (number, directory) in self.directories.iter().enumerate() {
            // A directory that cannot be listed was named when it was opened.
            let ids = loose::list(directory, self.format, &mut Vec::new());
            all.extend(ids.into_iter().map(|id| (id, number)));
        }
        all.sort_unstable();
        all.dedup_by_key(|(id, _)| *id);
        all
    }

    /// Opens a loose object.
    pub(crate) fn open_loose(&self, id: &Oid) -> Result<Loose, ObjectError> {
        let mut error = ObjectError::Missing;
        for directory in &self.directories {
            match Loose::open(&loose::path_of(directory, id)) {
                Ok(loose) => return Ok(loose),
                Err(ObjectError::Missing) => {}
                Err(other) => error = other,
            }
        }
        Err(error)
    }

    /// Opens an object of any size, to be read in pieces: its kind, its size and its
    /// content. A delta must be made in memory, and is too large.
    pub(crate) fn open_stream(
        &self,
        id: &Oid,
    ) -> Result<(Kind, u64, Box<dyn io::Read + Send + '_>), ObjectError> {
        let mut error = match self.open_loose(id) {
            Ok(loose) => return Ok((loose.kind, loose.size, Box::new(loose.content()))),
            Err(error) => error,
        };
        for pack in &self.packs {
            let Some(position) = pack.index.find(id.as_bytes()) else { continue };
            match pack.open_stream(position) {
                Ok((kind, size, content)) => return Ok((kind, size, Box::new(content))),
                Err(other) => error = other,
            }
        }
        Err(error)
    }

    /// For each pack the positions of the objects that an earlier pack holds too.
    pub(crate) fn repeated(&self) -> Vec<Repeated> {
        let mut repeated: Vec<Repeated> =
            self.packs.iter().map(|pack| Repeated::new(pack.index.count())).collect();
        if self.packs.len() < 2 {
            return repeated;
        }
        // All ids in order; of equal ones that of the earliest pack comes first.
        let mut next: BinaryHeap<Reverse<(&[u8], usize, u32)>> = BinaryHeap::new();
        let push = |heap: &mut BinaryHeap<_>, number: usize, position: u32| {
            if position < self.packs[number].index.count() {
                heap.push(Reverse((self.packs[number].index.id(position), number, position)));
            }
        };
        for number in 0..self.packs.len() {
            push(&mut next, number, 0);
        }
        let mut last: &[u8] = &[];
        while let Some(Reverse((id, number, position))) = next.pop() {
            let index = &self.packs[number].index;
            if id == last {
                repeated[number].set(position);
            }
            last = index.id(position);
            push(&mut next, number, position + 1);
        }
        repeated
    }

    /// The object directory that holds an object.
    pub(crate) fn directory_of(&self, id: &Oid) -> Option<&Path> {
        let directory = |d: &PathBuf| loose::path_of(d, id).is_file();
        match self.find(id.as_bytes()) {
            Some((pack, _)) => self.packs[pack].path.parent()?.parent(),
            None => self.directories.iter().find(|d| directory(d)).map(PathBuf::as_path),
        }
    }

    /// What is told of a commit; `None` if it cannot be read as one.
    pub(crate) fn commit_info(&self, id: &Oid) -> Option<Arc<CommitInfo>> {
        let mut object = Vec::new();
        self.read(id, STRUCTURE_LIMIT, &mut object).ok()?;
        Some(Arc::new(Commit::parse(&object)?.info(*id)))
    }

    /// The first pack that holds an object, and its position there.
    pub(crate) fn find(&self, id: &[u8]) -> Option<(usize, u32)> {
        self.packs
            .iter()
            .enumerate()
            .find_map(|(number, pack)| Some((number, pack.index.find(id)?)))
    }

    /// Drops from [`folded`] ids, which are in order, those of objects that are there.
    pub(crate) fn retain_absent(&self, ids: &mut Vec<u128>) {
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner).clone();
        for pack in self.packs.iter().chain(&later) {
            if ids.is_empty() {
                return;
            }
            let index = &pack.index;
            retain_others(ids, (0..index.count()).map(|at| folded(index.id(at))));
        }
        if !ids.is_empty() {
            retain_others(ids, self.loose().iter().map(|(id, _)| folded(id.as_bytes())));
        }
    }

    fn read_nested(
        &self,
        id: &Oid,
        limit: usize,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<Kind, ObjectError> {
        let mut error = ObjectError::Missing;
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner).clone();
        for pack in self.packs.iter().chain(&later) {
            let Some(position) = pack.index.find(id.as_bytes()) else { continue };
            let mut reader = self.reader();
            let mut read = pack.read(position, limit, &mut reader);
            if let Err(ReadError::BaseElsewhere(base)) = read {
                if depth == MOST_ELSEWHERE {
                    return Err(ObjectError::damaged("a chain of deltas without an end"));
                }
                let mut object = Vec::new();
                let kind = self.read_nested(&base, limit, &mut object, depth + 1)?;
                reader.lend(base, kind, &object);
                read = pack.read(position, limit, &mut reader);
                reader.external = None;
            }
            match read {
                Ok(kind) => {
                    out.clear();
                    out.extend_from_slice(reader.object.bytes());
                    self.give_back(reader);
                    return Ok(kind);
                }
                Err(ReadError::Object(other)) => error = other,
                Err(ReadError::BaseElsewhere(_)) => {
                    error = ObjectError::damaged("its base is not in the pack");
                }
            }
            self.give_back(reader);
        }
        match self.open_loose(id).and_then(|loose| loose.read(limit, out)) {
            Err(ObjectError::Missing) => Err(error),
            other => other,
        }
    }

    fn reader(&self) -> PackReader {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.pop().unwrap_or_default()
    }

    fn give_back(&self, reader: PackReader) {
        if reader.object.room() <= 4 << 20 {
            self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        }
    }

    /// Looks for packs that were not there before; `true` if there are some.
    fn look_again(&self) -> bool {
        let mut later = self.later.write().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for directory in &self.directories {
            let _ = open_packs(&directory.join("pack"), self.format, &mut found, &mut Vec::new());
        }
        found.retain(|pack| {
            let same = |known: &Arc<Pack>| known.path == pack.path;
            !self.packs.iter().any(same) && !later.iter().any(same)
        });
        later.extend(found.iter().cloned());
        !found.is_empty()
    }
}

impl Objects for Store {
    fn read(&self, id: &Oid, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        match self.read_nested(id, limit, out, 0) {
            // It may have been packed meanwhile.
            Err(ObjectError::Missing) if self.look_again() => self.read_nested(id, limit, out, 0),
            read => read,
        }
    }

    fn contains(&self, id: &Oid) -> bool {
        let later = self.later.read().unwrap_or_else(PoisonError::into_inner);
        self.find(id.as_bytes()).is_some()
            || later.iter().any(|pack| pack.index.find(id.as_bytes()).is_some())
            || self.directories.iter().any(|d| loose::path_of(d, id).is_file())
    }

    fn with_prefix(&self, hex: &str) -> Vec<Oid> {
        let (digits, limit) = (hex.as_bytes(), 2);
        let mut padded = vec![b'0'; 2 * self.format.id_len()];
        let Some(room) = padded.get_mut(..digits.len()) else { return Vec::new() };
        room.copy_from_slice(digits);
        padded.make_ascii_lowercase();
        let Some(prefix) = Oid::from_hex(&padded) else { return Vec::new() };
        let mut found: Vec<Oid> = Vec::new();
        for pack in &self.packs {
            let range = pack.index.with_prefix(prefix.as_bytes(), digits.len());
            found.extend(range.take(limit).map(|position| pack.index.oid(position)));
        }
        let has_prefix = |id: &Oid| id.to_string().as_bytes().starts_with(&padded[..digits.len()]);
        found.extend(self.loose().into_iter().map(|(id, _)| id).filter(has_prefix));
        found.sort_unstable();
        found.dedup();
        found.truncate(limit);
        found
    }
}

/// Drops from folded ids those that are among `known`; both are in the order of ids. An
/// id that shares its leading bytes with another may stay.
fn retain_others(ids: &mut Vec<u128>, known: impl Iterator<Item = u128>) {
    let mut known = known.peekable();
    ids.retain(|id| {
        while known.next_if(|known| known >> 64 < id >> 64).is_some() {}
        known.peek() != Some(id)
    });
}

/// Objects of a pack that another one holds as well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repeated(Vec<u64>);

impl Repeated {
    fn new(count: u32) -> Self {
        Self(vec![0; (count as usize).div_ceil(64)])
    }

    fn set(&mut self, position: u32) {
        self.0[position as usize / 64] |= 1 << (position % 64);
    }

    /// Whether the object at this position is one.
    pub(crate) fn contains(&self, position: u32) -> bool {
        self.0[position as usize / 64] & (1 << (position % 64)) != 0
    }
}

/// Opens all packs of a directory. One that is not there has none. `false` if files
/// were missing beside others or went away, as they do while git packs anew.
fn open_packs(
    directory: &Path,
    format: ObjectFormat,
    packs: &mut Vec<Arc<Pack>>,
    troubles: &mut Vec<(PathBuf, String)>,
) -> bool {
    let mut names: Vec<String> = match fs::read_dir(directory) {
        Ok(files) => files
            .filter_map(|file| Some(file.ok()?.file_name().to_str()?.to_owned()))
            // What git is still writing.
            .filter(|name| !name.starts_with('.'))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return true,
        Err(error) => {
            troubles.push((directory.to_owned(), crate::input::open::message(&error)));
            return true;
        }
    };
    names.sort_unstable();
    let is_listed = |name: &String| names.binary_search(name).is_ok();
    let mut settled = true;
    let mut without_index: Vec<&str> = Vec::new();
    for name in &names {
        if let Some(stem) = name.strip_suffix(".idx") {
            if !is_listed(&format!("{stem}.pack")) {
                settled = false;
                troubles.push((directory.join(name), "the index has no pack".to_owned()));
            }
            continue;
        }
        let Some(stem) = name.strip_suffix(".pack") else { continue };
        let index = format!("{stem}.idx");
        if !is_listed(&index) {
            without_index.push(stem);
            continue;
        }
        match Pack::open(&directory.join(&index), format) {
            Ok(pack) => packs.push(Arc::new(pack)),
            Err(error) => {
                settled &= directory.join(&index).exists() && directory.join(name).exists();
                troubles.push((directory.join(name), error));
            }
        }
    }
    if without_index.is_empty() {
        return settled;
    }
    let known = Bytes::map(&directory.join("multi-pack-index"))
        .map_err(|e| crate::input::open::message(&e))
        .and_then(|bytes| Ok(multi(bytes, format)?));
    let mut known = known.unwrap_or_default();
    for stem in without_index {
        let path = directory.join(format!("{stem}.pack"));
        let index = format!("{stem}.idx");
        let opened = match known.iter().position(|(name, _)| *name == index) {
            Some(at) => Pack::open_indexed(&path, known.swap_remove(at).1, format),
            None => Err("the pack has no index".to_owned()),
        };
        match opened {
            Ok(pack) => packs.push(Arc::new(pack)),
            Err(error) => {
                settled = false;
                troubles.push((path, error));
            }
        }
    }
    settled
}
