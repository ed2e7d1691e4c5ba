//! Scanning many objects on all processors.
//!
//! Directories are walked in parallel and their files scanned by the threads
//! that walk; large files are put off and then scanned one after the other, each
//! on all threads, and so are pipes. The set of findings does not depend on the
//! number of threads, nor does the [ledger](crate::ledger).

#[cfg(feature = "archives")]
mod archive;
mod chunks;
mod filter;
#[cfg(all(unix, feature = "follow", feature = "report"))]
pub mod follow;
#[cfg(feature = "git")]
pub mod history;
#[cfg(feature = "git")]
mod lines;
mod object;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(feature = "git")]
mod staged;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::finding::Finding;
use crate::input::Origin;
use crate::input::files::WalkOptions;
use crate::input::live::{Pipe, Ready};
use crate::input::open::Refused;
use crate::input::walk::{Start, Visitor, walk};
use crate::ledger::{Ledger, SkipKind};
use crate::scanner::{Scanner, StreamEvent};
pub use filter::filter;
use object::{Run, Worker};
#[cfg(feature = "git")]
pub use staged::{Staged, StagedOptions, scan_staged};

/// A finding, and the object that it stands in.
#[derive(Debug, Clone)]
pub struct Located {
    /// Where the object stood.
    pub origin: Origin,
    /// What was found in it.
    pub finding: Finding,
}

/// Hears what a scan finds, from several threads.
///
/// Any `Fn(Located)` is one that hears of what is certain.
pub trait Listener: Sync {
    /// Hears of a finding that nothing can change any more.
    fn found(&self, located: Located);

    /// Whether to report of a stream soon what it says so far, with
    /// [`Listener::heard`]. Default: no.
    fn is_live(&self) -> bool {
        false
    }

    /// Hears of a stream. Default: passes on what is certain.
    fn heard(&self, origin: Origin, event: StreamEvent) {
        if let StreamEvent::Certain(_, finding) = event {
            self.found(Located { origin, finding });
        }
    }
}

impl<F: Fn(Located) + Sync> Listener for F {
    fn found(&self, located: Located) {
        self(located);
    }
}

/// How far a scan is; read it from another thread.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects scanned.
    pub objects: AtomicU64,
    /// Bytes scanned.
    pub bytes: AtomicU64,
    /// Findings made.
    pub findings: AtomicU64,
    /// Set this to end the scan: objects under way are given up, no others are
    /// begun.
    pub stop: AtomicBool,
}

/// Something to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// A file, a directory with all that is in it, or a named pipe. A link is
    /// followed.
    Path(PathBuf),
    /// Standard input, under this name.
    Stdin(String),
}

/// Why a scan could not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// None of the targets exists.
    #[error("no such file or directory: {}", listed(paths))]
    NoSuchPath {
        /// The targets.
        paths: Vec<PathBuf>,
    },
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What a target turned out to be.
enum Kind {
    Walked(Start),
    /// A pipe or a device, or what is behind `/dev/stdin`.
    Stream(PathBuf),
    Stdin(String),
    Refused(PathBuf, Refused),
}

impl Kind {
    /// The target, if it does not exist.
    fn missing(&self) -> Option<&PathBuf> {
        match self {
            Self::Refused(path, refused) if refused.kind == SkipKind::NoSuchPath => Some(path),
            _ => None,
        }
    }
}

/// Scans targets, and everything in those that are directories.
///
/// `found` is called from several threads, and with what is certain unless it
/// [is live](Listener::is_live). The findings of one object come in
/// the order in which they stand; objects come in any order. The paths of
/// origins begin with the target's, as it was given; below `.` they are relative.
///
/// What could not be scanned is in the ledger, and does not end the scan; a
/// target that does not exist is there as [`SkipKind::NoSuchPath`]. If
/// [`Progress::stop`] is set, the ledger tells what was scanned until then.
///
/// A file is scanned up to the size that it had when it was opened. Files that
/// report no size, as those of `/proc`, are read to their end, at most 64 MiB.
///
/// # Errors
///
/// If no target exists.
pub fn scan_targets(
    scanner: &Scanner,
    targets: &[Target],
    options: &WalkOptions,
    progress: &Progress,
    found: &dyn Listener,
) -> Result<Ledger, RunError> {
    let kinds: Vec<Kind> = targets.iter().map(kind).collect();
    let missing: Vec<PathBuf> = kinds.iter().filter_map(Kind::missing).cloned().collect();
    if !kinds.is_empty() && missing.len() == kinds.len() {
        return Err(RunError::NoSuchPath { paths: missing });
    }
    let run = Run { scanner, options, progress, found, large: Mutex::new(Vec::new()) };
    let mut first = Worker::new(&run);
    let mut starts = Vec::new();
    let mut streams = Vec::new();
    for kind in kinds {
        match kind {
            Kind::Walked(start) => starts.push(start),
            Kind::Refused(path, refused) => first.skip(path, refused),
            stream => streams.push(stream),
        }
    }
    let ledger = Mutex::new(Ledger::default());
    let enter = |worker: Worker<'_>| {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).merge(worker.into_ledger());
    };
    walk(starts, options, first, &|| Worker::new(&run), &enter);

    let mut large = std::mem::take(&mut *run.large.lock().unwrap_or_else(PoisonError::into_inner));
    large.sort();
    let mut worker = Worker::new(&run);
    for (path, follow) in large {
        if !progress.stop.load(Ordering::Relaxed) {
            worker.large_file(&path, follow);
        }
    }
    for stream in streams {
        if progress.stop.load(Ordering::Relaxed) {
            break;
        }
        match stream {
            Kind::Stdin(label) => match Pipe::stdin() {
                Ok(mut pipe) => worker.stream(&label, &mut pipe),
                // Closed: there is nothing in it.
                Err(_) => worker.stream(&label, &mut Ready(io::empty())),
            },
            Kind::Stream(path) => match File::open(&path) {
                Ok(file) => worker.stream(&path.to_string_lossy(), &mut Pipe::new(file)),
                Err(error) => worker.skip(path, error.into()),
            },
            Kind::Walked(_) | Kind::Refused(..) => {}
        }
    }
    enter(worker);
    Ok(ledger.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn kind(target: &Target) -> Kind {
    let path = match target {
        Target::Stdin(label) => return Kind::Stdin(label.clone()),
        Target::Path(path) => path.clone(),
    };
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Kind::Walked(Start::Directory(path)),
        Ok(metadata) if metadata.is_file() => Kind::Walked(Start::File(path)),
        Ok(_) => Kind::Stream(path),
        Err(error) => {
            let mut refused = Refused::from(error);
            // It has not been seen yet, so it cannot have vanished.
            if refused.kind == SkipKind::Vanished {
                refused.kind = SkipKind::NoSuchPath;
            }
            Kind::Refused(path, refused)
        }
    }
}

/// Scans what `reader` yields, under the name `name`: a pipe of any length, in
/// bounded memory. What has arrived is scanned before more is waited for.
///
/// Of the options, only [`WalkOptions::threads`] counts. If reading fails, what
/// was read until then has been scanned, and the ledger says so.
pub fn scan_stream(
    scanner: &Scanner,
    reader: impl Read + Send,
    name: &str,
    options: &WalkOptions,
    progress: &Progress,
    found: &dyn Listener,
) -> Ledger {
    let run = Run { scanner, options, progress, found, large: Mutex::new(Vec::new()) };
    let mut worker = Worker::new(&run);
    worker.stream(name, &mut Ready(reader));
    let mut ledger = Ledger::default();
    ledger.merge(worker.into_ledger());
    ledger
}
