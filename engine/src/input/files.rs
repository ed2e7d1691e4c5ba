//! Which files of a directory are scanned.
//!
//! By default almost everything is: hidden files too, and files that version
//! control ignores, because leaks live in `.env`. Left out, and entered in the
//! [ledger](crate::ledger), are
//!
//! - directories of products and dependencies ([`LISTED_DIRECTORIES`]), if
//!   version control ignores them as well;
//! - symbolic links, and what is neither file nor directory;
//! - the compressed objects and the index of git repositories, with a work tree
//!   or bare; the small text files beside them, such as `config`, are scanned.
//!
//! Only ignore files within the tree count, and those above it up to the root
//! of its repository with its `info/exclude`. The user's own git configuration
//! is not read: a scan gives the same findings on every machine.

/// Directories that are skipped if ignore files ignore them too: they hold what
/// was installed or built from what is scanned anyway.
pub const LISTED_DIRECTORIES: &[&str] = &[
    ".dart_tool",
    ".eggs",
    ".gradle",
    ".mypy_cache",
    ".next",
    ".nox",
    ".nuxt",
    ".parcel-cache",
    ".pytest_cache",
    ".ruff_cache",
    ".stack-work",
    ".svelte-kit",
    ".tox",
    ".turbo",
    ".venv",
    ".zig-cache",
    "DerivedData",
    "Pods",
    "__pycache__",
    "_build",
    "bower_components",
    "build",
    "dist",
    "dist-newstyle",
    "elm-stuff",
    "jspm_packages",
    "node_modules",
    "obj",
    "out",
    "target",
    "vendor",
    "venv",
    "virtualenv",
    "zig-cache",
];

/// What to do about files and directories that ignore files name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ignored {
    /// Scan them, apart from the directories of [`LISTED_DIRECTORIES`]. Only
    /// `.gitignore` and the repository's `info/exclude` are read.
    #[default]
    SkipListed,
    /// Scan them all.
    Scan,
    /// Scan none of them. `.ignore` is read too, and counts for more than
    /// `.gitignore`.
    Skip,
}

/// Which files of a directory are scanned, and on how many threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOptions {
    pub(crate) hidden: bool,
    pub(crate) ignored: Ignored,
    pub(crate) follow_links: bool,
    pub(crate) max_file_size: Option<u64>,
    pub(crate) threads: usize,
    #[cfg(feature = "archives")]
    pub(crate) archives: super::archive::Limits,
}

impl WalkOptions {
    /// The defaults, which each setter names.
    pub fn new() -> Self {
        Self {
            hidden: true,
            ignored: Ignored::default(),
            follow_links: false,
            max_file_size: None,
            threads: 0,
            #[cfg(feature = "archives")]
            archives: super::archive::Limits::default(),
        }
    }

    /// Whether files and directories are scanned whose name begins with a dot.
    /// Default: yes.
    pub fn hidden(mut self, scan: bool) -> Self {
        self.hidden = scan;
        self
    }

    /// What to do about what ignore files name. Default:
    /// [`Ignored::SkipListed`].
    pub fn ignored(mut self, ignored: Ignored) -> Self {
        self.ignored = ignored;
        self
    }

    /// Whether symbolic links within a tree are followed; a link that was named
    /// as a target always is. A link back to a directory that contains it is
    /// not. Default: no.
    pub fn follow_links(mut self, follow: bool) -> Self {
        self.follow_links = follow;
        self
    }

    /// The size in bytes over which a file is not scanned. Pipes have no size.
    /// Default: none, because memory stays bounded however large a file is.
    pub fn max_file_size(mut self, max: Option<u64>) -> Self {
        self.max_file_size = max;
        self
    }

    /// How many threads scan; 0 means as many as there are processors. Fewer
    /// are started where there is little to do. Default: 0.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// How far archives and compressed files are unpacked. Default: as
    /// [`Limits`](super::archive::Limits) says.
    #[cfg(feature = "archives")]
    pub fn archives(mut self, limits: super::archive::Limits) -> Self {
        self.archives = limits;
        self
    }

    pub(crate) fn thread_count(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self::new()
    }
}
