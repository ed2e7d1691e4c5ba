//! What was read to its end, or is never to be read: so that no file is read twice.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::content::Examined;
use super::identity::{Identity, Key};
use super::sibling::is_related;

/// How many files are remembered at least.
const MOST: usize = 4096;

/// How many more for each name that is followed.
const MOST_A_NAME: usize = 16;

/// A file that was read as far as `offset`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The name under which it was followed.
    pub(super) path: PathBuf,
    /// Where the file really stood, without links.
    pub(super) real: PathBuf,
    pub(super) identity: Identity,
    pub(super) offset: u64,
    /// Whether that was its end, as far as anybody knows.
    pub(super) is_whole: bool,
}

impl Entry {
    /// Of a file that was followed under a name that is not looked at now.
    pub(super) fn of_name(path: PathBuf, identity: Identity, offset: u64, is_whole: bool) -> Self {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        Self { path, real, identity, offset, is_whole }
    }
}

/// The files that are finished, the least lately met first.
#[derive(Default)]
pub(super) struct Known {
    entries: BTreeMap<u64, Entry>,
    by_key: HashMap<Key, Vec<u64>>,
    by_path: BTreeMap<PathBuf, BTreeSet<u64>>,
    next: u64,
}

impl Known {
    /// Remembers a file. Of one without content nothing is to be remembered. What is too
    /// much is forgotten of the name that has most: others may stand there for years.
    pub(super) fn remember(&mut self, entry: Entry, names: usize) {
        if entry.identity.head_len == 0 {
            return;
        }
        let most = names.saturating_mul(MOST_A_NAME).saturating_add(MOST);
        while self.entries.len() >= most {
            let longest = self.by_path.values().max_by_key(|numbers| numbers.len());
            let Some(first) = longest.and_then(|numbers| numbers.first()).copied() else { break };
            self.forget(first);
        }
        self.insert(entry);
    }

    fn insert(&mut self, entry: Entry) {
        let number = self.next;
        self.next += 1;
        self.by_key.entry(entry.identity.key()).or_default().push(number);
        self.by_path.entry(entry.path.clone()).or_default().insert(number);
        self.entries.insert(number, entry);
    }

    /// A file still stands there.
    pub(super) fn meet(&mut self, key: &Key) {
        for number in self.by_key.get(key).cloned().unwrap_or_default() {
            if let Some(entry) = self.forget(number) {
                self.insert(entry);
            }
        }
    }

    /// All of them, the least lately met first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    fn forget(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        let key = entry.identity.key();
        if let Some(numbers) = self.by_key.get_mut(&key) {
            numbers.retain(|n| *n != number);
            if numbers.is_empty() {
                self.by_key.remove(&key);
            }
        }
        if let Some(numbers) = self.by_path.get_mut(&entry.path) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_path.remove(&entry.path);
            }
        }
        Some(entry)
    }

    /// The entry of a file that is met as `path`, if it is known. It is taken out: who
    /// leaves the file alone remembers it anew.
    ///
    /// The same file is recognised by its number and its head. By the head alone is only
    /// recognised what was made from a known file under a name of its rotations, by
    /// compressing or copying it.
    pub(super) fn take(&mut self, file: &Examined, path: &Path) -> Option<Entry> {
        let same = self.by_key.get(&file.stat.key).into_iter().flatten().copied();
        let number = self.best(file, same).or_else(|| {
            let like = self.entries.iter().rev().filter(|(_, entry)| {
                // What stands under the name itself was made from no rotation of it.
                let is_seen = entry.offset == super::SEEN;
                (is_related(path, &entry.path) || is_related(path, &entry.real))
                    && !(is_seen && !file.is_packed() && path == entry.path)
                    && (file.is_packed() || file.stat.size >= known_size(entry))
            });
            self.best(file, like.map(|(number, _)| *number))
        })?;
        self.forget(number)
    }

    /// Whether the same file is known, by its number and its head.
    pub(super) fn knows(&self, file: &Examined) -> bool {
        let same = self.by_key.get(&file.stat.key).into_iter().flatten().copied();
        self.best(file, same).is_some()
    }

    fn best(&self, file: &Examined, numbers: impl Iterator<Item = u64>) -> Option<u64> {
        numbers
            .filter_map(|number| Some((number, self.entries.get(&number)?)))
            .filter(|(_, entry)| file.head.begins_as(&entry.identity))
            .max_by_key(|(number, entry)| (entry.identity.head_len, entry.offset, *number))
            .map(|(number, _)| number)
    }
}

/// How long a copy of the file is at least.
fn known_size(entry: &Entry) -> u64 {
    if entry.offset == super::SEEN { 0 } else { entry.offset }
}
