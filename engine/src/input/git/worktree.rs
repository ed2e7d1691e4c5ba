//! What is staged, and what is changed and not staged.
//!
//! Two questions, answered with names of contents only: which files of the index
//! differ from the tree of `HEAD`, and which files of the work tree differ from
//! the index. Whose content is then scanned, and which of its lines are new, is
//! decided in [`crate::run`]. No filter of the configuration is applied: what
//! stands in a file is scanned as it stands there.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use super::commit::Commit;
use super::error::GitError;
use super::index::{COMMIT, Cached, Entry, Index, KIND, LINK, Stat, TREE};
use super::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use super::oid::{ObjectFormat, Oid};
use super::tree::{Entries, EntryKind};
use super::{Repository, path_from_bytes, path_to_bytes, read_file};
use crate::input::open::Refused;

#[cfg(test)]
mod tests;

/// Trees that are read to list what stood below a directory. A few trees that
/// name each other many times can stand for more files than there is room for.
const LISTED_TREES: usize = 10_000;

/// A file with content that was not there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Relative to the work tree, as git keeps it.
    pub(crate) path: Vec<u8>,
    pub(crate) content: Content,
    /// What stood at this path before.
    pub(crate) before: Option<Oid>,
}

/// Where the new content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// In the object database.
    Object(Oid),
    /// In the file.
    File,
    /// In the file, which is a symbolic link: where it leads.
    Link,
}

/// What differs.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) changes: Vec<Change>,
    /// Files that are no longer there, with what stood in them: content that
    /// only moved is not new.
    pub(crate) removed: Vec<(Vec<u8>, Oid)>,
    /// Trees that could not be read, with their directories. What is staged below
    /// them counts as new.
    pub(crate) unread: Vec<(Vec<u8>, ObjectError)>,
    /// What of the work tree could not be looked at.
    pub(crate) refused: Vec<(PathBuf, Refused)>,
}

/// When a file was written, in seconds and billionths of one, if the system can
/// say it.
pub(crate) type Written = Option<(u32, u32)>;

/// Reads the index, both halves of it if it is split, and when it was written.
pub(crate) fn read_index(
    repository: &Repository,
    file: &Path,
) -> Result<(Index, Written), GitError> {
    let read = |file: &Path| -> Result<Option<(Index, Written)>, GitError> {
        // Before it is read: a later one would be too late.
        let written = std::fs::metadata(file).ok().and_then(|m| modified(&m));
        let Some(bytes) = read_file(file)? else { return Ok(None) };
        let index = Index::parse(&bytes, repository.format())
            .map_err(|error| GitError::damaged(file, error.to_string()))?;
        Ok(Some((index, written)))
    };
    let Some((index, written)) = read(file)? else { return Ok((Index::default(), None)) };
    let Some(link) = index.link() else { return Ok((index, written)) };
    let base = if link.base.is_zero() {
        None
    } else {
        let name = format!("sharedindex.{}", link.base);
        let other = repository.git_dir().join(name);
        let (base, _) = read(&other)?
            .ok_or_else(|| GitError::damaged(file, format!("{} is missing", other.display())))?;
        Some(base)
    };
    let index = index.joined(base).map_err(|error| GitError::damaged(file, error.to_string()))?;
    Ok((index, written))
}

/// The tree of a commit.
pub(crate) fn tree_of(objects: &dyn Objects, commit: &Oid) -> Result<Oid, ObjectError> {
    let mut buffer = Vec::new();
    match objects.read(commit, STRUCTURE_LIMIT, &mut buffer)? {
        Kind::Commit => Commit::parse(&buffer)
            .map(|commit| commit.tree)
            .ok_or_else(|| ObjectError::damaged("a damaged commit")),
        other => Err(ObjectError::damaged(format!("a {} for a commit", other.name()))),
    }
}

/// What of the index is not in `head`, the tree of the last commit; everything
/// if there is none.
pub(crate) fn staged(
    objects: &dyn Objects,
    format: ObjectFormat,
    head: Option<Oid>,
    index: &Index,
) -> Changes {
    if index.entries().is_empty() {
        // Nothing can be staged, so the tree need not even be there.
        return Changes::default();
    }
    let mut comparison = Comparison {
        objects,
        format,
        index,
        buffer: Vec::new(),
        jobs: vec![Job {
            tree: head,
            from: 0,
            to: index.entries().len(),
            prefix: 0,
            cached: index.cached_root(),
        }],
        sparse: Vec::new(),
        removed_trees: Vec::new(),
        listed: 0,
        found: Changes::default(),
    };
    while let Some(job) = comparison.jobs.pop() {
        comparison.directory(job);
    }
    while let Some((path, now, before)) = comparison.sparse.pop() {
        comparison.trees(&path, now, before);
    }
    while let Some((path, tree)) = comparison.removed_trees.pop() {
        comparison.removed(&path, tree);
    }
    comparison.found
}

/// A directory of the index and its tree in `HEAD`.
struct Job<'i> {
    tree: Option<Oid>,
    /// Its entries.
    from: usize,
    to: usize,
    /// Bytes of their paths that name the directory, with the slash.
    prefix: usize,
    cached: Option<Cached<'i>>,
}

struct Comparison<'i> {
    objects: &'i dyn Objects,
    format: ObjectFormat,
    index: &'i Index,
    buffer: Vec<u8>,
    jobs: Vec<Job<'i>>,
    /// Directories that a sparse index holds as one: the path with a slash, the
    /// tree now and before.
    sparse: Vec<(Vec<u8>, Oid, Option<Oid>)>,
    removed_trees: Vec<(Vec<u8>, Oid)>,
    listed: usize,
    found: Changes,
}

/// The entries of a tree by name.
type Named = HashMap<Box<[u8]>, (EntryKind, Oid)>;

impl<'i> Comparison<'i> {
    fn directory(&mut self, job: Job<'i>) {
        let known = job.cached.and_then(|c| c.tree());
        if known.is_some() && known == job.tree.map(|tree| (job.to - job.from, tree)) {
            // Nothing was staged here since it was committed.
            return;
        }
        let index = self.index;
        let entries = &index.entries()[job.from..job.to];
        let directory = entries.first().map_or(&[][..], |e| &index.path(e)[..job.prefix]);
        let mut before = self.tree(job.tree, directory);
        let mut cached: HashMap<&[u8], Cached<'i>> =
            job.cached.into_iter().flat_map(Cached::children).collect();
        let rest = |e: &Entry| below(index, e, job.prefix);
        let mut at = 0;
        while let Some(entry) = entries.get(at) {
            let Some(slash) = memchr::memchr(b'/', rest(entry)) else {
                let name = rest(entry);
                let same = entries[at..].iter().take_while(|e| rest(e) == name).count();
                let was = take_blob(&mut before, name);
                for entry in &entries[at..at + same] {
                    self.entry(entry, was);
                }
                at += same;
                continue;
            };
            let (name, child) = (&rest(entry)[..slash], &rest(entry)[..=slash]);
            let tree = take_tree(&mut before, name);
            if entry.mode & KIND == TREE && child.len() == rest(entry).len() {
                if tree != Some(entry.oid) {
                    self.sparse.push((index.path(entry).to_vec(), entry.oid, tree));
                }
                at += 1;
                continue;
            }
            let len =
                entries[at..].partition_point(|e| below(index, e, job.prefix).starts_with(child));
            self.jobs.push(Job {
                tree,
                from: job.from + at,
                // The first is below it in any case.
                to: job.from + at + len.max(1),
                prefix: job.prefix + child.len(),
                cached: cached.remove(name),
            });
            at += len.max(1);
        }
        self.gone(directory, before);
    }

    fn entry(&mut self, entry: &Entry, before: Option<Oid>) {
        let committed = before == Some(entry.oid);
        // What is only announced is not in the next commit.
        if !committed && !entry.intent_to_add && entry.mode & KIND != COMMIT {
            self.found.changes.push(Change {
                path: self.index.path(entry).to_vec(),
                content: Content::Object(entry.oid),
                before,
            });
        }
    }

    /// What two trees differ in.
    fn trees(&mut self, path: &[u8], now: Oid, before: Option<Oid>) {
        self.listed += 1;
        if self.listed > LISTED_TREES {
            let error = ObjectError::TooLarge(LISTED_TREES as u64);
            self.found.unread.push((path.to_vec(), error));
            return;
        }
        let mut before = self.tree(before, path);
        let now = self.tree(Some(now), path);
        for (name, (kind, oid)) in now {
            let full = [path, &name].concat();
            match kind {
                EntryKind::Tree => {
                    let was = take_tree(&mut before, &name);
                    if was != Some(oid) {
                        self.sparse.push(([&full, &b"/"[..]].concat(), oid, was));
                    }
                }
                kind if kind.is_blob() => {
                    let was = take_blob(&mut before, &name);
                    if was != Some(oid) {
                        let content = Content::Object(oid);
                        self.found.changes.push(Change { path: full, content, before: was });
                    }
                }
                _ => {}
            }
        }
        self.gone(path, before);
    }

    /// Remembers what is left of a tree: it is no longer there.
    fn gone(&mut self, directory: &[u8], left: Named) {
        for (name, (kind, oid)) in left {
            let path = [directory, &name].concat();
            match kind {
                EntryKind::Tree => self.removed_trees.push((path, oid)),
                kind if kind.is_blob() => self.found.removed.push((path, oid)),
                _ => {}
            }
        }
    }

    /// Lists a tree that is no longer there, as far as it can be read: who misses
    /// a part of it takes for new what is not.
    fn removed(&mut self, path: &[u8], tree: Oid) {
        self.listed += 1;
        if self.listed <= LISTED_TREES && !self.found.changes.is_empty() {
            let unread = self.found.unread.len();
            let named = self.tree(Some(tree), path);
            self.found.unread.truncate(unread);
            self.gone(&[path, b"/"].concat(), named);
        }
    }

    fn tree(&mut self, tree: Option<Oid>, directory: &[u8]) -> Named {
        let Some(tree) = tree else { return Named::new() };
        let error = match self.objects.read(&tree, STRUCTURE_LIMIT, &mut self.buffer) {
            Ok(Kind::Tree) => None,
            Ok(other) => Some(ObjectError::damaged(format!("a {} for a tree", other.name()))),
            Err(error) => Some(error),
        };
        let mut named = Named::new();
        let error = error.or_else(|| {
            let mut entries = Entries::new(&self.buffer, self.format);
            for entry in entries.by_ref() {
                if let Some(oid) = entry.oid() {
                    named.insert(entry.name.into(), (entry.kind, oid));
                }
            }
            entries.is_damaged().then(|| ObjectError::damaged("a damaged tree"))
        });
        if let Some(error) = error {
            self.found.unread.push((directory.to_vec(), error));
        }
        named
    }
}

/// What of an entry's path stands behind so many bytes.
fn below<'i>(index: &'i Index, entry: &Entry, prefix: usize) -> &'i [u8] {
    index.path(entry).get(prefix..).unwrap_or_default()
}

fn take_blob(named: &mut Named, name: &[u8]) -> Option<Oid> {
    let (_, oid) = *named.get(name).filter(|(kind, _)| kind.is_blob())?;
    named.remove(name);
    Some(oid)
}

fn take_tree(named: &mut Named, name: &[u8]) -> Option<Oid> {
    let (_, oid) = *named.get(name).filter(|(kind, _)| *kind == EntryKind::Tree)?;
    named.remove(name);
    Some(oid)
}

/// What of the work tree at `root` is not in the index: changed files, and those
/// that are neither in it nor ignored. `written` is when the index was.
pub(crate) fn unstaged(root: &Path, index: &Index, written: Written) -> Changes {
    let mut found = Changes::default();
    let mut directories = Directories { root, known: HashMap::new() };
    let mut last: &[u8] = b"";
    for entry in index.entries() {
        let path = index.path(entry);
        let is_file = !matches!(entry.mode & KIND, COMMIT | TREE);
        if !is_file || entry.skip_worktree || entry.assume_valid || path == last {
            continue;
        }
        last = path;
        // Of a conflict, our side is what the file is compared with.
        let ours = match entry.stage {
            0 => entry,
            _ => index.sides(path).find(|e| e.stage == 2).unwrap_or(entry),
        };
        let before = (!ours.intent_to_add).then_some(ours.oid);
        let Some(metadata) = directories.metadata(path) else {
            found.removed.extend(before.map(|oid| (path.to_vec(), oid)));
            continue;
        };
        let content = if metadata.is_symlink() {
            Content::Link
        } else if metadata.is_file() {
            Content::File
        } else {
            // Only a directory can have come in its place without a word.
            continue;
        };
        let same_kind = metadata.is_symlink() == (entry.mode & KIND == LINK);
        let clean = entry.stage == 0 && same_kind && !entry.intent_to_add;
        if !(clean && is_unchanged(&metadata, entry.stat, written)) {
            found.changes.push(Change { path: path.to_vec(), content, before });
        }
    }
    untracked(root, index, &mut found);
    found
}

/// Whether a file is as it was when it was staged. A file that was changed when
/// the index was written, or later, may have been changed again in the same
/// moment.
fn is_unchanged(metadata: &Metadata, staged: Stat, written: Written) -> bool {
    let now = stat(metadata);
    now == Some(staged) && written.is_some_and(|written| staged.modified < written)
}

/// What the index keeps of a file.
#[cfg(unix)]
fn stat(metadata: &Metadata) -> Option<Stat> {
    use std::os::unix::fs::MetadataExt;
    Some(Stat {
        changed: (metadata.ctime() as u32, metadata.ctime_nsec() as u32),
        modified: (metadata.mtime() as u32, metadata.mtime_nsec() as u32),
        size: metadata.size() as u32,
    })
}

/// Elsewhere every file is looked into.
#[cfg(not(unix))]
fn stat(_: &Metadata) -> Option<Stat> {
    None
}

/// When a file was changed, as the index keeps it.
fn modified(metadata: &Metadata) -> Written {
    stat(metadata).map(|stat| stat.modified)
}

/// Looks at files without going through links: what is behind one is not in this
/// work tree.
struct Directories<'r> {
    root: &'r Path,
    /// Whether a directory is one, and no link.
    known: HashMap<Vec<u8>, bool>,
}

impl Directories<'_> {
    fn metadata(&mut self, path: &[u8]) -> Option<Metadata> {
        let directory = memchr::memrchr(b'/', path).map_or(&[][..], |slash| &path[..slash]);
        if !self.is_real(directory) {
            return None;
        }
        self.root.join(file_path(path)?).symlink_metadata().ok()
    }

    fn is_real(&mut self, directory: &[u8]) -> bool {
        if directory.is_empty() {
            return true;
        }
        if let Some(known) = self.known.get(directory) {
            return *known;
        }
        let ends = memchr::memchr_iter(b'/', directory).chain([directory.len()]);
        let mut real = true;
        for end in ends {
            let part = &directory[..end];
            real = real
                && match self.known.get(part) {
                    Some(known) => *known,
                    None => file_path(part)
                        .and_then(|p| self.root.join(p).symlink_metadata().ok())
                        .is_some_and(|m| m.is_dir()),
                };
            self.known.insert(part.to_vec(), real);
        }
        real
    }
}

/// Adds the files that are neither in the index nor ignored. As everywhere, the
/// user's own ignore file is not read.
fn untracked(root: &Path, index: &Index, found: &mut Changes) {
    let top = root.to_owned();
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .git_ignore(true)
        .git_exclude(true)
        .require_git(false)
        .filter_entry(move |entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            // A repository within is not a part of this one.
            let within = is_dir && entry.path() != top && entry.path().join(".git").exists();
            entry.file_name() != ".git" && !within
        })
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, refused) = crate::input::walk::refused(error);
                found.refused.push((path, refused));
                continue;
            }
        };
        let Some(kind) = entry.file_type() else { continue };
        let content = match (kind.is_file(), kind.is_symlink()) {
            (true, _) => Content::File,
            (_, true) => Content::Link,
            _ => continue,
        };
        let Ok(relative) = entry.path().strip_prefix(root) else { continue };
        let path = path_to_bytes(relative).into_owned();
        if index.sides(&path).next().is_none() {
            found.changes.push(Change { path, content, before: None });
        }
    }
}

/// A path as the system knows it; `None` if it leads out of the work tree.
pub(crate) fn file_path(path: &[u8]) -> Option<PathBuf> {
    use std::path::Component;
    let path = path_from_bytes(path);
    let within = path.components().all(|c| matches!(c, Component::Normal(_)));
    within.then_some(path)
}
