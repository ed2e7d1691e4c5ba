//! Walking directories on several threads.
//!
//! The walk is that of the `ignore` crate, with all its filters off: what is
//! left out is decided here, entry by entry, because everything that is left out
//! must be accounted for, and because whether ignore files matter is known only
//! once a listed directory is met.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use ignore::{
    DirEntry, Error, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkParallel, WalkState,
};

use super::files::{Ignored, LISTED_DIRECTORIES, WalkOptions};
use super::ignored::{Sources, Trail};
use super::open::Refused;
use crate::ledger::SkipKind;

/// Files named as targets that are scanned without starting a thread. The names
/// of more come from a program, and are worth threads.
const FEW: usize = 64;

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

/// Walks from `starts`: first the files on the calling thread, then the
/// directories on threads that are started for them, each with a visitor of its
/// own from `another`. Every visitor is handed to `done` in the end.
pub(crate) fn walk<V: Visitor>(
    starts: Vec<Start>,
    options: &WalkOptions,
    mut first: V,
    another: &(dyn Fn() -> V + Sync),
    done: &(dyn Fn(V) + Sync),
) {
    let files = starts.iter().filter(|s| matches!(s, Start::File(_))).count();
    let mut roots = Vec::new();
    for start in starts {
        match start {
            Start::File(path) if files <= FEW || path == Path::new("-") => {
                if !first.stopped() {
                    first.file(&path, true);
                }
            }
            // The `ignore` crate takes `-` for standard input.
            Start::Directory(path) if path == Path::new("-") => roots.push("./-".into()),
            Start::File(path) | Start::Directory(path) => roots.push(path),
        }
    }
    let stopped = first.stopped();
    done(first);
    if !stopped && let Some(walk) = parallel(roots, options) {
        walk.visit(&mut Crew { options, another, done });
    }
}

/// The library's walk over everything below `roots`; `None` if there are none.
fn parallel(roots: Vec<PathBuf>, options: &WalkOptions) -> Option<WalkParallel> {
    let mut roots = roots.into_iter();
    let mut builder = WalkBuilder::new(roots.next()?);
    for root in roots {
        builder.add(root);
    }
    builder
        .standard_filters(false)
        .follow_links(options.follow_links)
        .threads(options.thread_count());
    Some(builder.build_parallel())
}

/// Gives each thread its visitor.
struct Crew<'w, V> {
    options: &'w WalkOptions,
    another: &'w (dyn Fn() -> V + Sync),
    done: &'w (dyn Fn(V) + Sync),
}

impl<'w, V: Visitor> ParallelVisitorBuilder<'w> for Crew<'w, V> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'w> {
        Box::new(Judge {
            options: self.options,
            visitor: Some((self.another)()),
            done: self.done,
            trail: Trail::default(),
        })
    }
}

/// Decides for one thread what is scanned.
struct Judge<'w, V: Visitor> {
    options: &'w WalkOptions,
    /// There until the end.
    visitor: Option<V>,
    done: &'w (dyn Fn(V) + Sync),
    trail: Trail,
}

impl<V: Visitor> Drop for Judge<'_, V> {
    fn drop(&mut self) {
        if let Some(visitor) = self.visitor.take() {
            (self.done)(visitor);
        }
    }
}

impl<V: Visitor> ParallelVisitor for Judge<'_, V> {
    fn visit(&mut self, entry: Result<DirEntry, Error>) -> WalkState {
        let Some(mut visitor) = self.visitor.take() else { return WalkState::Quit };
        let state = if visitor.stopped() {
            WalkState::Quit
        } else {
            match entry {
                Ok(entry) => self.entry(&entry, &mut visitor),
                Err(error) => {
                    self.failed(error, &mut visitor);
                    WalkState::Continue
                }
            }
        };
        self.visitor = Some(visitor);
        state
    }
}

impl<V: Visitor> Judge<'_, V> {
    fn entry(&mut self, entry: &DirEntry, visitor: &mut V) -> WalkState {
        let path = reported(entry.path(), entry.depth());
        if let Err(refused) = self.judge(entry) {
            visitor.skip(path.to_owned(), refused);
            return WalkState::Skip;
        }
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            // A target may be a link.
            visitor.file(path, entry.path_is_symlink() || entry.depth() == 0);
        }
        WalkState::Continue
    }

    /// Whether an entry is scanned.
    fn judge(&mut self, entry: &DirEntry) -> Result<(), Refused> {
        let leave_out = |kind| Err(Refused::new(kind));
        if entry.depth() == 0 {
            return Ok(());
        }
        if !self.options.hidden && is_hidden(entry.path()) {
            return leave_out(SkipKind::Hidden);
        }
        let is_dir = match entry.file_type() {
            Some(kind) if kind.is_dir() => true,
            Some(kind) if kind.is_file() => false,
            Some(kind) if kind.is_symlink() => return leave_out(SkipKind::SymbolicLink),
            _ => return leave_out(SkipKind::SpecialFile),
        };
        if is_dir && entry.path_is_symlink() {
            self.check_loop(entry)?;
        }
        match self.ignored_as(entry, is_dir) {
            Some(kind) => leave_out(kind),
            None if is_git_object(entry, is_dir) => leave_out(SkipKind::GitObjects),
            None => Ok(()),
        }
    }

    /// Whether ignore files leave an entry out, as what.
    fn ignored_as(&mut self, entry: &DirEntry, is_dir: bool) -> Option<SkipKind> {
        let name = entry.file_name();
        match self.options.ignored {
            Ignored::Scan => None,
            Ignored::Skip => {
                let folder = self.trail.folder_of(entry.path(), entry.depth())?;
                folder.ignores(name, is_dir, Sources::All).then_some(SkipKind::Ignored)
            }
            Ignored::SkipListed => {
                if !is_dir || !LISTED_DIRECTORIES.iter().any(|listed| name == *listed) {
                    return None;
                }
                let folder = self.trail.folder_of(entry.path(), entry.depth())?;
                folder.ignores(name, true, Sources::Git).then_some(SkipKind::IgnoredDirectory)
            }
        }
    }

    /// Refuses a link to a directory that contains one on the way to it. The
    /// library knows only those that the walk came through, not what is above
    /// its target.
    fn check_loop(&mut self, entry: &DirEntry) -> Result<(), Refused> {
        let real = std::fs::canonicalize(entry.path())?;
        match self.trail.folder_of(entry.path(), entry.depth()) {
            Some(folder) if folder.leads_through(&real) => Err(link_loop(&real)),
            _ => Ok(()),
        }
    }

    /// Accounts for what the library could not walk.
    fn failed(&self, error: Error, visitor: &mut V) {
        let Failure { path, depth, cause } = Failure::from(error);
        let is_link = || {
            // A target is never refused for being a link.
            depth > 0 && path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
        };
        let refused = if depth > 0 && !self.options.hidden && is_hidden(&path) {
            Refused::new(SkipKind::Hidden)
        } else {
            match cause {
                Cause::Loop => match std::fs::canonicalize(&path) {
                    Ok(real) => link_loop(&real),
                    Err(error) => error.into(),
                },
                // A link to nothing has nothing to scan.
                Cause::Io(_) if is_link() && path.metadata().is_err() => Refused {
                    kind: SkipKind::SymbolicLink,
                    detail: "leads to nothing that can be read".to_owned(),
                },
                Cause::Io(error) => error.into(),
                Cause::Other(detail) => Refused { kind: SkipKind::ReadFailed, detail },
            }
        };
        visitor.skip(reported(&path, depth).to_owned(), refused);
    }
}

/// The path as reports name it: below `.` it is relative.
fn reported(path: &Path, depth: usize) -> &Path {
    match path.ancestors().nth(depth) {
        Some(root) if depth > 0 && root == Path::new(".") => path.strip_prefix(".").unwrap_or(path),
        _ => path,
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().first() == Some(&b'.'))
}

fn link_loop(real: &Path) -> Refused {
    Refused { kind: SkipKind::LinkLoop, detail: real.display().to_string() }
}

/// Whether an entry is what a repository keeps compressed: the index of a git
/// directory, its objects, and the large files that git-lfs keeps in it. Of what
/// is in `objects`, only the directories that git makes there are: others are
/// somebody's own.
fn is_git_object(entry: &DirEntry, is_dir: bool) -> bool {
    let Some(parent) = entry.path().parent() else { return false };
    if is_dir {
        // A target named `objects` is scanned, as all targets are.
        entry.depth() > 1
            && is_object_directory(entry.file_name())
            && parent.file_name().is_some_and(|name| name == "objects")
            && parent.parent().is_some_and(|above| {
                let in_lfs = || above.file_name().is_some_and(|name| name == "lfs");
                is_git_directory(above) || in_lfs() && above.parent().is_some_and(is_git_directory)
            })
    } else {
        entry.file_name() == "index" && is_git_directory(parent)
    }
}

/// Whether git keeps objects in a directory of that name: `pack`, `info`, or the
/// first byte of their ids.
fn is_object_directory(name: &OsStr) -> bool {
    let is_hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    match name.as_encoded_bytes() {
        b"pack" | b"info" => true,
        name => name.len() == 2 && name.iter().all(is_hex),
    }
}

/// Whether this is what git takes for a repository: `.git`, a bare repository,
/// or that of a submodule.
fn is_git_directory(path: &Path) -> bool {
    path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir()
}

/// What could not be walked by a walk that follows no links, and why.
#[cfg(feature = "git")]
pub(crate) fn refused(error: Error) -> (PathBuf, Refused) {
    let Failure { path, cause, .. } = Failure::from(error);
    let refused = match cause {
        Cause::Io(error) => error.into(),
        Cause::Loop => Refused::new(SkipKind::LinkLoop),
        Cause::Other(detail) => Refused { kind: SkipKind::ReadFailed, detail },
    };
    (path, refused)
}

/// An error of the library, taken apart.
struct Failure {
    path: PathBuf,
    depth: usize,
    cause: Cause,
}

enum Cause {
    Loop,
    Io(io::Error),
    Other(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (mut path, mut depth) = (PathBuf::new(), 0);
        let mut error = error;
        let cause = loop {
            error = match error {
                Error::WithPath { path: at, err } => {
                    path = at;
                    *err
                }
                Error::WithDepth { depth: at, err } => {
                    depth = at;
                    *err
                }
                Error::WithLineNumber { err, .. } => *err,
                Error::Loop { child, .. } => {
                    path = child;
                    break Cause::Loop;
                }
                Error::Io(error) => break Cause::Io(error),
                other => break Cause::Other(other.to_string()),
            };
        };
        Self { path, depth, cause }
    }
}
