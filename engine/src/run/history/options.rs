//! What a scan of histories is told.

use std::path::PathBuf;
use std::sync::Arc;

use crate::input::git::{Scope, State};

/// A repository to scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitTarget {
    /// A path in its work tree, or the repository itself.
    pub path: PathBuf,
    /// Its git directory, where that is known; `path` is not looked at then.
    pub git_dir: Option<PathBuf>,
    /// What stands before its paths in reports; empty for nothing.
    pub label: PathBuf,
    /// Directories of objects to look in first, such as the quarantine in which a
    /// server keeps what is being pushed.
    pub object_directories: Vec<PathBuf>,
}

impl GitTarget {
    /// The repository at a path; nothing stands before its paths.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// Puts `label` before its paths in reports.
    pub fn label(mut self, label: impl Into<PathBuf>) -> Self {
        self.label = label.into();
        self
    }
}

/// How histories are scanned.
#[derive(Debug, Clone)]
pub struct GitOptions {
    pub(crate) threads: Option<usize>,
    pub(crate) max_object_size: Option<u64>,
    pub(crate) whole_objects: bool,
    pub(crate) submodules: bool,
    pub(crate) scope: Scope,
    pub(crate) state: Option<Arc<State>>,
}

impl Default for GitOptions {
    fn default() -> Self {
        Self {
            threads: None,
            max_object_size: None,
            whole_objects: false,
            submodules: true,
            scope: Scope::Reachable,
            state: None,
        }
    }
}

impl GitOptions {
    /// Everything that `HEAD`, branches, remotes, tags and notes reach, submodules
    /// included.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many threads work. Default: one a processor.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Leaves out objects of more bytes. Default: none.
    pub fn max_object_size(mut self, bytes: Option<u64>) -> Self {
        self.max_object_size = bytes;
        self
    }

    /// Scans every object as a whole, also where it is stored as a change of
    /// another. The findings are the same. Default: no.
    pub fn whole_objects(mut self, whole: bool) -> Self {
        self.whole_objects = whole;
        self
    }

    /// Whether the repositories of submodules are scanned too. Default: yes.
    pub fn submodules(mut self, submodules: bool) -> Self {
        self.submodules = submodules;
        self
    }

    /// Which objects are scanned. Default: [`Scope::Reachable`].
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether objects count that nothing leads to.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self.scope, Scope::AllObjects)
    }

    /// Reads only objects that this state does not know, and remembers there what
    /// was scanned. The findings are those of a scan of everything. It must have
    /// been opened with [`state_digest`](super::state_digest). Ranges of commits do not
    /// ask it. Default: none.
    pub fn state(mut self, state: Option<Arc<State>>) -> Self {
        self.state = state;
        self
    }

    pub(crate) fn thread_count(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(available)
    }
}
