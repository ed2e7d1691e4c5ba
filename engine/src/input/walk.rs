//! Walking directories on several threads.
//!
//! The threads share a stack of directories and of batches of files. Whoever
//! lists a directory scans its files too, unless the others have nothing to do.
//! The last directory found is the next one listed, so the stack stays small;
//! of a directory with millions of files only a batch of names is held.
//!
//! The walk is our own, not that of the `ignore` crate, because everything that
//! is left out must be accounted for, and because whether ignore files matter is
//! known only once a listed directory is met.

use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};

use super::files::{Ignored, LISTED_DIRECTORIES, WalkOptions};
use super::ignored::{Folder, Sources};
use super::open::Refused;
use crate::ledger::SkipKind;

/// Files that are handed over at a time.
const BATCH: usize = 64;

/// Takes what a walk comes upon. There is one for each thread.
pub(crate) trait Visitor: Send {
    /// A file; `follow` if it may be a link.
    fn file(&mut self, path: &Path, follow: bool);

    /// Something that is not scanned.
    fn skip(&mut self, path: PathBuf, refused: Refused);

    /// Whether the walk should end.
    fn stopped(&self) -> bool;
}

/// What a walk begins with.
#[derive(Debug)]
pub(crate) enum Start {
    File(PathBuf),
    Directory(PathBuf),
}

/// Walks from `starts`. The calling thread is the first to work; others are
/// started, each with a visitor of its own from `another`, as soon as there is
/// something to do for them.
pub(crate) fn walk<V: Visitor>(
    starts: Vec<Start>,
    options: &WalkOptions,
    first: V,
    another: &(dyn Fn() -> V + Sync),
    done: &(dyn Fn(V) + Sync),
) {
    let mut jobs: Vec<Job> = Vec::new();
    for start in starts {
        match (start, jobs.last_mut()) {
            (Start::File(path), Some(Job::Named(files))) if files.len() < BATCH => files.push(path),
            (Start::File(path), _) => jobs.push(Job::Named(vec![path])),
            (Start::Directory(path), _) => {
                jobs.push(Job::Directory {
                    folder: Arc::new(Folder::target(&path)),
                    role: Role::Plain,
                });
            }
        }
    }
    jobs.reverse();
    let walk = Walk {
        options,
        state: Mutex::new(State { jobs, working: 0, over: false }),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        let mut crew = Crew { scope, walk: &walk, another, done, threads: None, started: 1 };
        walk.work(first, done, &mut |jobs| crew.start_for(jobs));
    });
}

/// Starts threads.
struct Crew<'scope, 'env, V: Visitor> {
    scope: &'scope Scope<'scope, 'env>,
    walk: &'env Walk<'env>,
    another: &'env (dyn Fn() -> V + Sync),
    done: &'env (dyn Fn(V) + Sync),
    /// Asked for once it is needed: it costs some system calls.
    threads: Option<usize>,
    started: usize,
}

impl<V: Visitor> Crew<'_, '_, V> {
    /// Starts threads for so many waiting jobs; says how many threads are
    /// wanted in all.
    fn start_for(&mut self, jobs: usize) -> usize {
        let options = self.walk.options;
        let threads = *self.threads.get_or_insert_with(|| options.thread_count());
        for _ in 0..jobs.min(threads.saturating_sub(self.started)) {
            // Only the first thread starts others; all hand over batches while
            // fewer jobs wait than there are threads, and no more, so that the
            // names of a huge directory are never all held.
            let (walk, another, done) = (self.walk, self.another, self.done);
            let started = Builder::new()
                .name("leaksieve".to_owned())
                .spawn_scoped(self.scope, move || walk.work(another(), done, &mut |_| threads));
            // Without another thread, those that there are do the work.
            self.started = if started.is_ok() { self.started + 1 } else { threads };
        }
        threads
    }
}

/// Something to do.
#[derive(Debug)]
enum Job {
    Directory {
        folder: Arc<Folder>,
        role: Role,
    },
    Files {
        folder: Arc<Folder>,
        names: Vec<Found>,
    },
    /// Files that were named as targets.
    Named(Vec<PathBuf>),
}

/// What a directory is to the repository that it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    /// `lfs` in a git directory.
    LargeFiles,
}

/// A file in a directory; `follow` if it may be a link.
#[derive(Debug)]
struct Found {
    name: OsString,
    follow: bool,
}

#[derive(Debug)]
struct State {
    jobs: Vec<Job>,
    /// Threads that have a job, and may yet find others.
    working: usize,
    over: bool,
}

#[derive(Debug)]
struct Walk<'a> {
    options: &'a WalkOptions,
    state: Mutex<State>,
    changed: Condvar,
}

/// Asks for threads for so many jobs, and says how many are wanted in all.
type Hire<'h> = &'h mut dyn FnMut(usize) -> usize;

impl Walk<'_> {
    fn work<V: Visitor>(&self, mut visitor: V, done: &(dyn Fn(V) + Sync), hire: Hire<'_>) {
        let mut path = PathBuf::new();
        while let Some(job) = self.next(&visitor) {
            // Lets the others go on even if this thread panics.
            let _working = Working(self);
            match job {
                Job::Directory { folder, role } => self.list(&folder, role, &mut visitor, hire),
                Job::Files { folder, names } => {
                    self.scan(&folder, &names, &mut path, &mut visitor);
                }
                Job::Named(files) => {
                    for path in files {
                        if !visitor.stopped() {
                            visitor.file(&path, true);
                        }
                    }
                }
            }
        }
        done(visitor);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next<V: Visitor>(&self, visitor: &V) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if visitor.stopped() {
                state.over = true;
            }
            if state.over {
                self.changed.notify_all();
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                state.working += 1;
                return Some(job);
            }
            if state.working == 0 {
                state.over = true;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn push(&self, jobs: Vec<Job>, hire: Hire<'_>) {
        if jobs.is_empty() {
            return;
        }
        let waiting = {
            let mut state = self.lock();
            state.jobs.extend(jobs);
            self.changed.notify_all();
            state.jobs.len()
        };
        hire(waiting);
    }

    fn scan<V: Visitor>(
        &self,
        folder: &Folder,
        files: &[Found],
        path: &mut PathBuf,
        visitor: &mut V,
    ) {
        path.clear();
        path.push(folder.path());
        for file in files {
            if visitor.stopped() {
                return;
            }
            path.push(&file.name);
            visitor.file(path, file.follow);
            path.pop();
        }
    }

    fn list<V: Visitor>(&self, folder: &Arc<Folder>, role: Role, visitor: &mut V, hire: Hire<'_>) {
        let entries = match std::fs::read_dir(folder.listed()) {
            Ok(entries) => entries,
            Err(error) => return visitor.skip(folder.listed().to_owned(), error.into()),
        };
        let mut path = PathBuf::new();
        let mut files: Vec<Found> = Vec::new();
        let mut listing = Listing::default();
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    visitor.skip(folder.listed().to_owned(), error.into());
                    // What cannot be listed further would fail for ever.
                    break;
                }
            };
            let name = entry.file_name();
            let kind = entry.file_type();
            match self.judge(folder, &name, kind, visitor) {
                Some(Entry::File { follow }) if name == "index" => {
                    listing.index = Some(Found { name, follow });
                }
                Some(Entry::File { follow }) => {
                    listing.has_head |= name == "HEAD";
                    files.push(Found { name, follow });
                }
                Some(Entry::Directory { real }) => {
                    listing.has_objects |= name == "objects";
                    listing.has_refs |= name == "refs";
                    listing.directories.push((name, real));
                }
                None => {}
            }
            if files.len() >= BATCH {
                let names = std::mem::take(&mut files);
                let wanted = hire(0);
                let others_idle = self.lock().jobs.len() < wanted;
                if wanted > 1 && others_idle {
                    let folder = Arc::clone(folder);
                    self.push(vec![Job::Files { folder, names }], hire);
                } else {
                    self.scan(folder, &names, &mut path, visitor);
                }
                if visitor.stopped() {
                    return;
                }
            }
        }
        let is_git = listing.is_git_directory();
        files.extend(listing.index.take().filter(|found| {
            if is_git {
                visitor.skip(folder.path().join(&found.name), Refused::new(SkipKind::GitObjects));
            }
            !is_git
        }));
        let mut jobs = Vec::with_capacity(listing.directories.len());
        for (name, real) in listing.directories {
            if name == "objects" && (is_git || role == Role::LargeFiles) {
                visitor.skip(folder.path().join(&name), Refused::new(SkipKind::GitObjects));
                continue;
            }
            let role = if is_git && name == "lfs" { Role::LargeFiles } else { Role::Plain };
            let child = match real {
                Some(real) => folder.linked(&name, real),
                None => folder.child(&name),
            };
            jobs.push(Job::Directory { folder: Arc::new(child), role });
        }
        self.push(jobs, hire);
        self.scan(folder, &files, &mut path, visitor);
    }

    /// What to do about an entry of a directory; `None` if it is left out, which
    /// the visitor has been told.
    fn judge<V: Visitor>(
        &self,
        folder: &Arc<Folder>,
        name: &OsStr,
        kind: std::io::Result<FileType>,
        visitor: &mut V,
    ) -> Option<Entry> {
        let path = || folder.path().join(name);
        let kind = match kind {
            Ok(kind) => kind,
            Err(error) => {
                visitor.skip(path(), error.into());
                return None;
            }
        };
        if !self.options.hidden && name.as_encoded_bytes().first() == Some(&b'.') {
            visitor.skip(path(), Refused::new(SkipKind::Hidden));
            return None;
        }
        let entry = if kind.is_file() {
            Entry::File { follow: false }
        } else if kind.is_dir() {
            Entry::Directory { real: None }
        } else if !kind.is_symlink() {
            visitor.skip(path(), Refused::new(SkipKind::SpecialFile));
            return None;
        } else if !self.options.follow_links {
            visitor.skip(path(), Refused::new(SkipKind::SymbolicLink));
            return None;
        } else {
            match follow(folder, &path()) {
                Ok(entry) => entry,
                Err(refused) => {
                    visitor.skip(path(), refused);
                    return None;
                }
            }
        };
        if let Some(kind) = self.leaves_out(folder, name, &entry) {
            visitor.skip(path(), Refused::new(kind));
            return None;
        }
        Some(entry)
    }

    /// Whether ignore files leave an entry out, as what.
    fn leaves_out(&self, folder: &Folder, name: &OsStr, entry: &Entry) -> Option<SkipKind> {
        let is_dir = matches!(entry, Entry::Directory { .. });
        match self.options.ignored {
            Ignored::Scan => None,
            Ignored::Skip => {
                folder.ignores(name, is_dir, Sources::All).then_some(SkipKind::Ignored)
            }
            Ignored::SkipListed => (is_dir
                && LISTED_DIRECTORIES.iter().any(|listed| name == *listed)
                && folder.ignores(name, true, Sources::Git))
            .then_some(SkipKind::IgnoredDirectory),
        }
    }
}

/// An entry of a directory that is scanned.
enum Entry {
    File {
        follow: bool,
    },
    /// With the path that a link led to.
    Directory {
        real: Option<PathBuf>,
    },
}

/// Where a link leads.
fn follow(folder: &Folder, path: &Path) -> Result<Entry, Refused> {
    // A link to nothing has nothing to scan.
    let dangling = |_| Refused {
        kind: SkipKind::SymbolicLink,
        detail: "leads to nothing that can be read".to_owned(),
    };
    let metadata = std::fs::metadata(path).map_err(dangling)?;
    if metadata.is_file() {
        return Ok(Entry::File { follow: true });
    }
    if !metadata.is_dir() {
        return Err(Refused::new(SkipKind::SpecialFile));
    }
    let real = std::fs::canonicalize(path).map_err(dangling)?;
    if folder.leads_through(&real) {
        return Err(Refused { kind: SkipKind::LinkLoop, detail: real.display().to_string() });
    }
    Ok(Entry::Directory { real: Some(real) })
}

/// What the listing of a directory has shown.
#[derive(Default)]
struct Listing {
    directories: Vec<(OsString, Option<PathBuf>)>,
    /// A file `index`, of which the whole listing tells what it is.
    index: Option<Found>,
    has_head: bool,
    has_objects: bool,
    has_refs: bool,
}

impl Listing {
    /// Whether this is what git takes for a repository: `.git`, a bare
    /// repository, or that of a submodule.
    fn is_git_directory(&self) -> bool {
        self.has_head && self.has_objects && self.has_refs
    }
}

/// A thread has a job.
struct Working<'w, 'a>(&'w Walk<'a>);

impl Drop for Working<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.working -= 1;
        if state.working == 0 && state.jobs.is_empty() {
            self.0.changed.notify_all();
        }
    }
}
