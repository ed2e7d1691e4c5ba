//! Scanning what is staged, or changed and not staged yet.
//!
//! Every changed file is scanned whole, so that what stands beside a secret is
//! seen, and of its findings those are reported that stand on a line that is
//! new, with any of their parts. Lines are compared only where there is a
//! finding.

use std::collections::HashSet;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::lines::{NewLines, Similarity};
use super::object::{Run, Worker, scan_object};
use super::{Located, Progress};
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::files::WalkOptions;
use crate::input::git::worktree::{self, Change, Changes, Content, file_path};
use crate::input::git::{GitError, Kind, ObjectError, Objects, Oid, Repository, Store};
use crate::input::open::{Refused, open};
use crate::ledger::{Ledger, Skip, SkipKind};
use crate::scanner::{Scanner, Scratch};
use crate::sink::Sink;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Staged {
    /// What the index holds and the last commit does not.
    Index,
    /// What the work tree holds and the index does not, with files that are
    /// neither in it nor ignored.
    WorkTree,
}

/// Bytes of a file or object that are held at once. Larger files are scanned in
/// windows, and count as new from their first line to the last; larger objects
/// are not scanned.
const WHOLE: u64 = 512 << 20;

/// So many changes are scanned without starting a thread.
const FEW: usize = 32;

/// A file that is new is looked for among so many that are gone.
const FORMER_FILES: usize = 200;

/// Bytes of an object that another may have come from.
const FORMER_BYTES: usize = 1 << 20;

/// Hundredths that a file must have in common with one that is gone to be the
/// same, as in git.
const SAME: usize = 50;

/// How what is staged is scanned, and where it is, if the environment of a hook
/// says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StagedOptions {
    walk: WalkOptions,
    git_dir: Option<PathBuf>,
    work_tree: Option<PathBuf>,
    index_file: Option<PathBuf>,
    object_dirs: Vec<PathBuf>,
}

impl StagedOptions {
    /// The defaults, which each setter names.
    pub fn new() -> Self {
        Self::default()
    }

    /// The size in bytes over which a file is not scanned. Default: none for
    /// files, half a gigabyte for objects.
    pub fn max_file_size(mut self, max: Option<u64>) -> Self {
        self.walk = self.walk.max_file_size(max);
        self
    }

    /// How many threads scan; 0 means as many as there are processors. Fewer
    /// are started where there is little to do. Default: 0.
    pub fn threads(mut self, threads: usize) -> Self {
        self.walk = self.walk.threads(threads);
        self
    }

    /// The git directory, instead of looking for one from the path that is
    /// scanned: `GIT_DIR`. Default: none.
    pub fn git_dir(mut self, dir: Option<PathBuf>) -> Self {
        self.git_dir = dir;
        self
    }

    /// The root of the work tree: `GIT_WORK_TREE`. Counts only beside a git
    /// directory. Default: what the repository says.
    pub fn work_tree(mut self, dir: Option<PathBuf>) -> Self {
        self.work_tree = dir;
        self
    }

    /// The index, instead of the repository's own: `GIT_INDEX_FILE`, which names
    /// another one while `git commit -a` or `git commit FILE` runs its hooks.
    /// Default: none.
    pub fn index_file(mut self, file: Option<PathBuf>) -> Self {
        self.index_file = file;
        self
    }

    /// Directories of objects beside those of the repository:
    /// `GIT_OBJECT_DIRECTORY` and `GIT_ALTERNATE_OBJECT_DIRECTORIES`. Default:
    /// none.
    pub fn object_dirs(mut self, dirs: Vec<PathBuf>) -> Self {
        self.object_dirs = dirs;
        self
    }
}

/// Scans what is staged in the repository that `path` is in, or what is changed
/// and not staged yet.
///
/// Files are scanned whole; a finding is reported if any part of it stands on a
/// line that was added or changed. A file that was only renamed has none. The
/// paths of origins are relative to the root of the work tree, behind `path`
/// unless that is `.`. A submodule is a repository of its own.
///
/// `found` may be called from several threads. What could not be scanned is in
/// the ledger, and does not end the scan. Nothing that the repository's
/// configuration names is run: what a filter would make of a file is not known
/// here, and the file counts as changed if it was written after it was staged.
///
/// # Errors
///
/// If there is no repository, it has no work tree, or its index cannot be read.
pub fn scan_staged(
    scanner: &Scanner,
    path: &Path,
    which: Staged,
    options: &StagedOptions,
    progress: &Progress,
    found: &(dyn Fn(Located) + Sync),
) -> Result<Ledger, GitError> {
    let mut repository = match &options.git_dir {
        Some(dir) => Repository::open_git_dir(dir, options.work_tree.as_deref())?,
        None => Repository::open(path)?,
    };
    if !options.object_dirs.is_empty() {
        repository.add_object_dirs(options.object_dirs.iter().cloned());
    }
    let format = repository.format();
    let file = match &options.index_file {
        Some(file) => file.clone(),
        None => repository.git_dir().join("index"),
    };
    let work_tree = repository.work_tree();
    // Whoever has an index has something to stage.
    if work_tree.is_none() && (which == Staged::WorkTree || !file.is_file()) {
        return Err(GitError::Bare(path.to_owned()));
    }
    let (index, written) = worktree::read_index(&repository, &file)?;
    let objects = Store::open(repository.object_dirs(), format);
    let changes = match (which, work_tree) {
        (Staged::WorkTree, Some(root)) => worktree::unstaged(root, &index, written),
        _ => {
            let head = repository.own_head()?;
            let (tree, error) = match head.map(|commit| worktree::tree_of(&objects, &commit)) {
                None => (None, None),
                Some(Ok(tree)) => (Some(tree), None),
                Some(Err(error)) => (None, Some(error)),
            };
            let mut changes = worktree::staged(&objects, format, tree, &index);
            changes.unread.extend(error.map(|error| (Vec::new(), error)));
            changes
        }
    };
    let prefix = if path == Path::new(".") { Path::new("") } else { path };
    let scan = ChangeScan {
        scanner,
        options: &options.walk,
        progress,
        found,
        objects: &objects,
        work_tree,
        prefix,
        which,
    };
    Ok(scan.run(changes))
}

/// Scans changes.
pub(super) struct ChangeScan<'a> {
    pub(super) scanner: &'a Scanner,
    pub(super) options: &'a WalkOptions,
    pub(super) progress: &'a Progress,
    pub(super) found: &'a (dyn Fn(Located) + Sync),
    pub(super) objects: &'a (dyn Objects + Sync),
    /// Where the files are.
    pub(super) work_tree: Option<&'a Path>,
    /// What stands before their paths in reports.
    pub(super) prefix: &'a Path,
    pub(super) which: Staged,
}

impl ChangeScan<'_> {
    pub(super) fn run(&self, changes: Changes) -> Ledger {
        let Changes { changes, removed, unread, refused } = changes;
        let mut ledger = Ledger::default();
        for (path, error) in unread {
            ledger.skip(self.skip(&path, error.into()));
        }
        for (path, refused) in refused {
            let path =
                self.work_tree.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(&path);
            let origin = Origin::File(self.prefix.join(path));
            ledger.skip(Skip { origin, kind: refused.kind, detail: refused.detail });
        }
        let removed = Removed::new(removed);
        let next = AtomicUsize::new(0);
        let total = Mutex::new(ledger);
        let work = || {
            let mut thread = Thread::new(self, &removed);
            while let Some(change) = changes.get(next.fetch_add(1, Ordering::Relaxed)) {
                if thread.change(change).is_break() {
                    break;
                }
            }
            total.lock().unwrap_or_else(PoisonError::into_inner).merge(thread.ledger);
        };
        std::thread::scope(|scope| {
            let threads = self.options.thread_count().min(changes.len() / FEW + 1);
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        total.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn origin(&self, path: &[u8]) -> Origin {
        if path.is_empty() && self.prefix.as_os_str().is_empty() {
            return Origin::File(PathBuf::from("."));
        }
        // What leads out of the work tree is a name and nothing else.
        let path = file_path(path)
            .unwrap_or_else(|| PathBuf::from(String::from_utf8_lossy(path).into_owned()));
        Origin::File(self.prefix.join(path))
    }

    fn skip(&self, path: &[u8], refused: Refused) -> Skip {
        Skip { origin: self.origin(path), kind: refused.kind, detail: refused.detail }
    }
}

impl From<ObjectError> for Refused {
    fn from(error: ObjectError) -> Self {
        let kind = match error {
            ObjectError::Missing => SkipKind::MissingObject,
            ObjectError::TooLarge(_) => SkipKind::TooLarge,
            ObjectError::Damaged(_) => SkipKind::DamagedObject,
        };
        // The kind says it.
        let said = error == ObjectError::Missing;
        Self { kind, detail: if said { String::new() } else { error.to_string() } }
    }
}

/// Files that are gone.
struct Removed {
    files: Vec<(Vec<u8>, Oid)>,
    contents: HashSet<Oid>,
}

impl Removed {
    fn new(files: Vec<(Vec<u8>, Oid)>) -> Self {
        let contents = files.iter().map(|(_, oid)| *oid).collect();
        Self { files, contents }
    }
}

/// What one thread scans changes with.
struct Thread<'a> {
    scan: &'a ChangeScan<'a>,
    removed: &'a Removed,
    scratch: Scratch,
    content: Vec<u8>,
    before: Vec<u8>,
    ledger: Ledger,
}

impl<'a> Thread<'a> {
    fn new(scan: &'a ChangeScan<'a>, removed: &'a Removed) -> Self {
        Self {
            scan,
            removed,
            scratch: Scratch::new(),
            content: Vec::new(),
            before: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// [`ControlFlow::Break`] if the scan was stopped.
    fn change(&mut self, change: &Change) -> ControlFlow<()> {
        let scan = self.scan;
        if scan.progress.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        if let Content::Object(oid) = change.content
            && change.before.is_none()
            && self.removed.contents.contains(&oid)
        {
            // It only moved.
            return ControlFlow::Continue(());
        }
        let mut content = std::mem::take(&mut self.content);
        let flow = match self.read(change, &mut content) {
            Ok(Taken::Whole) => self.scan(change, &content),
            Ok(Taken::Scanned) => ControlFlow::Continue(()),
            Err(refused) => {
                self.ledger.skip(scan.skip(&change.path, refused));
                ControlFlow::Continue(())
            }
        };
        self.content = content;
        flow
    }

    fn scan(&mut self, change: &Change, content: &[u8]) -> ControlFlow<()> {
        let scan = self.scan;
        let mut findings = Gathered { progress: scan.progress, findings: Vec::new() };
        let flow = scan_object(scan.scanner, content, &mut self.scratch, &mut findings);
        self.ledger.bytes += content.len() as u64;
        scan.progress.bytes.fetch_add(content.len() as u64, Ordering::Relaxed);
        flow?;
        self.ledger.objects += 1;
        scan.progress.objects.fetch_add(1, Ordering::Relaxed);
        let Gathered { mut findings, .. } = findings;
        if !findings.is_empty() {
            let new = self.new_lines(change, content);
            findings.retain(|finding| new.touch(finding));
        }
        scan.progress.findings.fetch_add(findings.len() as u64, Ordering::Relaxed);
        for finding in findings {
            (scan.found)(Located { origin: scan.origin(&change.path), finding });
        }
        ControlFlow::Continue(())
    }

    /// Reads what is new, or scans it if it is too large to be held.
    fn read(&mut self, change: &Change, out: &mut Vec<u8>) -> Result<Taken, Refused> {
        let scan = self.scan;
        let limit = scan.options.max_file_size.unwrap_or(WHOLE).min(WHOLE);
        if let Content::Object(oid) = change.content {
            return match scan.objects.read(&oid, limit as usize, out)? {
                Kind::Blob => Ok(Taken::Whole),
                other => Err(ObjectError::damaged(format!("a {} for a file", other.name())).into()),
            };
        }
        out.clear();
        let (Some(root), Some(path)) = (scan.work_tree, file_path(&change.path)) else {
            return Err(Refused::new(SkipKind::NoSuchPath));
        };
        let path = root.join(path);
        if change.content == Content::Link {
            let target = std::fs::read_link(&path)?;
            out.extend_from_slice(target.as_os_str().as_encoded_bytes());
            return Ok(Taken::Whole);
        }
        let opened = open(&path, false)?;
        if scan.options.max_file_size.is_some_and(|max| opened.size > max) {
            let detail = format!("{} bytes", opened.size);
            return Err(Refused { kind: SkipKind::TooLarge, detail });
        }
        if opened.size > WHOLE {
            self.large(change, opened.file, opened.size);
            return Ok(Taken::Scanned);
        }
        opened.file.take(opened.size).read_to_end(out)?;
        if (out.len() as u64) < opened.size {
            let detail = format!("from {} to {} bytes", opened.size, out.len());
            self.ledger.skip(scan.skip(&change.path, Refused { kind: SkipKind::Shrunk, detail }));
        }
        Ok(Taken::Whole)
    }

    /// Scans a file that is too large to be held; all of it counts as new.
    fn large(&mut self, change: &Change, file: std::fs::File, size: u64) {
        let scan = self.scan;
        let Origin::File(name) = scan.origin(&change.path) else { return };
        let run = Run {
            scanner: scan.scanner,
            options: scan.options,
            progress: scan.progress,
            found: &scan.found,
            large: Mutex::default(),
        };
        let mut worker = Worker::new(&run);
        worker.opened(&name, file, size);
        self.ledger.merge(worker.into_ledger());
    }

    fn new_lines(&mut self, change: &Change, content: &[u8]) -> NewLines {
        let former = match change.before {
            Some(oid) => oid,
            None => match self.former(change, content) {
                Some(oid) => oid,
                None => return NewLines::All,
            },
        };
        match self.scan.objects.read(&former, WHOLE as usize, &mut self.before) {
            // What git changes when it writes a file is not undone here, but
            // ends of lines are the most of it.
            Ok(Kind::Blob) => {
                NewLines::of(&self.before, content, self.scan.which == Staged::WorkTree)
            }
            // Whatever cannot be compared is new.
            _ => NewLines::All,
        }
    }

    /// Finds the file that this one was before it was renamed.
    fn former(&mut self, change: &Change, content: &[u8]) -> Option<Oid> {
        if self.removed.files.is_empty() {
            return None;
        }
        let name =
            |path: &[u8]| path[memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1)..].to_vec();
        let wanted = name(&change.path);
        // Those of the same name first, because not all may be compared.
        let (same, others): (Vec<_>, Vec<_>) =
            self.removed.files.iter().partition(|(path, _)| name(path) == wanted);
        let text = Similarity::to(content);
        let mut best = None;
        for (_, oid) in same.into_iter().chain(others).take(FORMER_FILES) {
            let read = self.scan.objects.read(oid, FORMER_BYTES, &mut self.before);
            let score = if read == Ok(Kind::Blob) { text.with(&self.before) } else { 0 };
            if score >= SAME && best.is_none_or(|(most, _)| score > most) {
                best = Some((score, *oid));
            }
        }
        best.map(|(_, oid)| oid)
    }
}

/// What became of content that was to be read.
enum Taken {
    /// It is all there.
    Whole,
    /// It was scanned on the way.
    Scanned,
}

/// Gathers the findings of one object.
struct Gathered<'a> {
    progress: &'a Progress,
    findings: Vec<Finding>,
}

impl Sink for Gathered<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.findings.push(finding);
        ControlFlow::Continue(())
    }

    fn interrupted(&mut self) -> bool {
        self.progress.stop.load(Ordering::Relaxed)
    }
}
