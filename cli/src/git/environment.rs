//! What git tells its hooks in the environment.

use std::path::PathBuf;

/// Where git says that a repository is. It counts where no repository is named
/// on the command line, as it does for git's own commands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `GIT_DIR`.
    pub(crate) git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub(crate) work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`.
    pub(crate) index_file: Option<PathBuf>,
    /// `GIT_QUARANTINE_PATH`, `GIT_OBJECT_DIRECTORY`,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    pub(crate) object_dirs: Vec<PathBuf>,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Self {
        let path = |name: &str| {
            std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        let mut object_dirs: Vec<PathBuf> =
            ["GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY"].into_iter().filter_map(path).collect();
        if let Some(list) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            object_dirs.extend(std::env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()));
        }
        object_dirs.dedup();
        Self {
            git_dir: path("GIT_DIR"),
            work_tree: path("GIT_WORK_TREE"),
            index_file: path("GIT_INDEX_FILE"),
            object_dirs,
        }
    }
}
