//! Where a repository is, and how it is laid out.
//!
//! The git program and libgit2 refuse repositories that belong to somebody else,
//! and libgit2 refuses partial clones and SHA-256 too; these have secrets like
//! all others, so the layout is read here. Nothing but the settings that say how
//! to read the rest is taken from the configuration.

mod alternates;
mod submodules;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::config::{Config, is_true};
use super::error::GitError;
use super::oid::{ObjectFormat, Oid};
use super::refs::{self, Refs};
use super::{path_from_bytes, read_file};

/// A git repository: a directory, and what is known of it without a look at its
/// objects.
#[derive(Debug, Clone)]
pub struct Repository {
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    format: ObjectFormat,
    /// How refs are kept, if not in files.
    ref_storage: Option<String>,
    partial: bool,
    object_dirs: Vec<PathBuf>,
    absent_alternates: Vec<PathBuf>,
}

impl Repository {
    /// Opens the repository of a path: the root of a work tree or a directory in
    /// it, a bare repository, a `.git` directory or file, a linked work tree, a
    /// submodule. As git does, directories above it are tried up to the border
    /// of the file system. Whoever owns the repository, it is opened.
    ///
    /// # Errors
    ///
    /// If there is none, or its format is not understood.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        let start = canonical(path)?;
        if !start.is_dir() {
            let named = start.file_name().is_some_and(|n| n == ".git");
            let dir = start.parent().filter(|_| named);
            let dir = dir.ok_or_else(|| GitError::NotARepository(path.to_owned()))?;
            return Self::open_link(&start, dir);
        }
        for dir in start.ancestors() {
            if dir != start && device(dir) != device(&start) {
                break;
            }
            let dot_git = dir.join(".git");
            if dot_git.is_file() {
                return Self::open_link(&dot_git, dir);
            }
            if is_git_dir(&dot_git) {
                return Self::open_found(&dot_git, Some(dir));
            }
            if is_git_dir(dir) {
                return Self::open_found(dir, None);
            }
            // Whoever names a damaged repository does not mean the one around it.
            if dir == start && dot_git.join("objects").is_dir() {
                let message = "it lacks a readable HEAD, or refs";
                return Err(GitError::damaged(dot_git, message));
            }
        }
        Err(GitError::NotARepository(path.to_owned()))
    }

    /// Opens a git directory, as `GIT_DIR` names it, with the work tree that is
    /// given or that it is known to have.
    ///
    /// # Errors
    ///
    /// If it is none, or its format is not understood.
    pub fn open_git_dir(git_dir: &Path, work_tree: Option<&Path>) -> Result<Self, GitError> {
        let dir = canonical(git_dir)?;
        if dir.is_file() {
            return Self::open_link(&dir, work_tree.or(dir.parent()).unwrap_or(&dir));
        }
        if !is_git_dir(&dir) {
            return Err(GitError::NotARepository(git_dir.to_owned()));
        }
        let mut repository = Self::open_found(&dir, None)?;
        if let Some(work_tree) = work_tree {
            repository.work_tree = Some(canonical(work_tree)?);
        }
        Ok(repository)
    }

    /// Opens what a `.git` file in this directory points to.
    fn open_link(file: &Path, dir: &Path) -> Result<Self, GitError> {
        let text = read_file(file)?.unwrap_or_default();
        let target = text
            .strip_prefix(b"gitdir:")
            .map(<[u8]>::trim_ascii)
            .filter(|target| !target.is_empty())
            .ok_or_else(|| GitError::damaged(file, "it does not name a git directory"))?;
        let target = dir.join(path_from_bytes(target));
        match canonical(&target) {
            Ok(found) if is_git_dir(&found) => Self::open_found(&found, Some(dir)),
            _ => Err(GitError::DeadLink { file: file.to_owned(), target }),
        }
    }

    fn open_found(git_dir: &Path, around: Option<&Path>) -> Result<Self, GitError> {
        let git_dir = canonical(git_dir)?;
        let common_dir = match common_dir(&git_dir) {
            Some(dir) => canonical(&dir)?,
            None => git_dir.clone(),
        };
        let mut config = Config::read(&common_dir.join("config"))?;
        if config.truth("extensions.worktreeconfig") == Some(true) {
            config.extend(Config::read(&git_dir.join("config.worktree"))?);
        }
        let mut repository = Self {
            work_tree: work_tree(&git_dir, &common_dir, &config, around),
            format: ObjectFormat::Sha1,
            ref_storage: None,
            partial: has_promisor(&config),
            object_dirs: Vec::new(),
            absent_alternates: Vec::new(),
            git_dir,
            common_dir,
        };
        repository.read_format(&config)?;
        repository.add_object_dirs([repository.common_dir.join("objects")]);
        Ok(repository)
    }

    /// Takes over what the configuration says of the format.
    fn read_format(&mut self, config: &Config) -> Result<(), GitError> {
        let path = || self.git_dir.clone();
        if let Some(version) = config.text("core.repositoryformatversion") {
            let version = std::str::from_utf8(version).ok().and_then(|v| v.parse().ok());
            match version {
                Some(0 | 1) => {}
                version => {
                    let version = version.unwrap_or(-1);
                    return Err(GitError::Version { path: path(), version });
                }
            }
        }
        let (mut format, mut ref_storage) = (ObjectFormat::Sha1, None);
        for (sub, name, value) in config.section("extensions") {
            let value = value.unwrap_or_default();
            let name = if sub.is_empty() { name } else { sub };
            match name {
                b"objectformat" => {
                    format = [ObjectFormat::Sha1, ObjectFormat::Sha256]
                        .into_iter()
                        .find(|f| f.name().as_bytes() == value)
                        .ok_or_else(|| GitError::ObjectFormat {
                            path: path(),
                            name: lossy(value),
                        })?
                }
                b"refstorage" => ref_storage = (value != b"files").then(|| lossy(value)),
                b"noop"
                | b"noop-v1"
                | b"preciousobjects"
                | b"partialclone"
                | b"worktreeconfig"
                | b"relativeworktrees"
                | b"compatobjectformat" => {}
                _ => return Err(GitError::Extension { path: path(), name: lossy(name) }),
            }
        }
        // What migrating tools leave is told by the files too.
        if ref_storage.is_none() && self.common_dir.join("reftable/tables.list").is_file() {
            ref_storage = Some("reftable".to_owned());
        }
        (self.format, self.ref_storage) = (format, ref_storage);
        Ok(())
    }

    /// Adds directories of objects, and those that they borrow from, before the
    /// ones that are known: a quarantine of pushed objects, for example.
    pub fn add_object_dirs(&mut self, dirs: impl IntoIterator<Item = PathBuf>) {
        let mut found = alternates::Found::default();
        let known = std::mem::take(&mut self.object_dirs);
        found.add(dirs);
        found.add(known);
        self.partial |= found.dirs.iter().any(|dir| alternates::has_promisor_pack(dir));
        self.object_dirs = found.dirs;
        for dir in found.absent {
            if !self.absent_alternates.contains(&dir) {
                self.absent_alternates.push(dir);
            }
        }
    }

    /// The git directory; that of a linked work tree is its own.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The directory with what all work trees share: objects and refs.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The work tree, unless the repository is bare.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// How object ids are made.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Whether objects may be absent because a clone left them out.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// Where objects are: its own directory, then those that it borrows from.
    pub fn object_dirs(&self) -> &[PathBuf] {
        &self.object_dirs
    }

    /// Directories that it borrows objects from and that are not there.
    pub fn absent_alternates(&self) -> &[PathBuf] {
        &self.absent_alternates
    }

    /// The commits whose parents a shallow clone left out.
    pub(crate) fn shallow(&self) -> Result<HashSet<Oid>, GitError> {
        let path = self.common_dir.join("shallow");
        let text = read_file(&path)?.unwrap_or_default();
        let lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty());
        lines
            .map(|line| Oid::from_hex(line).ok_or(line))
            .collect::<Result<_, _>>()
            .map_err(|_| GitError::damaged(&path, "a line is no object id"))
    }

    /// All refs, and the heads of all work trees.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or are not kept in files.
    pub(crate) fn refs(&self) -> Result<Refs, GitError> {
        self.check_ref_storage()?;
        Refs::read(self)
    }

    /// The commit that its work tree is at; `None` if the branch has none yet.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or refs are not kept in files.
    pub(crate) fn own_head(&self) -> Result<Option<Oid>, GitError> {
        self.check_ref_storage()?;
        refs::own_head(self)
    }

    fn check_ref_storage(&self) -> Result<(), GitError> {
        match &self.ref_storage {
            None => Ok(()),
            Some(name) => {
                Err(GitError::RefStorage { path: self.git_dir.clone(), name: name.clone() })
            }
        }
    }

    /// The git directories of linked work trees, by name.
    pub(crate) fn linked_git_dirs(&self) -> Vec<PathBuf> {
        let mut dirs: Vec<_> = fs::read_dir(self.common_dir.join("worktrees"))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|dir| dir.join("HEAD").is_file())
            .collect();
        dirs.sort();
        dirs
    }

    /// The repositories of submodules, and of theirs, with the directories under
    /// which reports show them. What cannot be opened stands there with its error.
    pub fn submodules(&self) -> Vec<(PathBuf, Result<Repository, GitError>)> {
        submodules::of(self)
    }
}

/// Whether git would take this directory for a git directory.
fn is_git_dir(dir: &Path) -> bool {
    let common = common_dir(dir).unwrap_or_else(|| dir.to_owned());
    common.join("objects").is_dir()
        && common.join("refs").is_dir()
        && refs::is_head(&dir.join("HEAD"))
}

fn common_dir(git_dir: &Path) -> Option<PathBuf> {
    let text = read_file(&git_dir.join("commondir")).ok()??;
    Some(git_dir.join(path_from_bytes(text.trim_ascii())))
}

/// The work tree of a git directory that was found in `around`.
fn work_tree(
    git_dir: &Path,
    common_dir: &Path,
    config: &Config,
    around: Option<&Path>,
) -> Option<PathBuf> {
    if git_dir != common_dir {
        // A linked work tree: its git directory says where its `.git` is.
        return around.map(Path::to_owned).or_else(|| {
            let text = read_file(&git_dir.join("gitdir")).ok()??;
            let file = git_dir.join(path_from_bytes(text.trim_ascii()));
            canonical(file.parent()?).ok()
        });
    }
    if config.truth("core.bare") == Some(true) {
        return None;
    }
    if let Some(named) = config.text("core.worktree") {
        return canonical(&git_dir.join(path_from_bytes(named))).ok();
    }
    around
        .or_else(|| git_dir.parent().filter(|_| git_dir.file_name().is_some_and(|n| n == ".git")))
        .map(Path::to_owned)
}

/// Whether a remote has promised the objects that are absent.
fn has_promisor(config: &Config) -> bool {
    config.text("extensions.partialclone").is_some()
        || config.section("remote").any(|(_, name, value)| match name {
            b"promisor" => is_true(value),
            b"partialclonefilter" => true,
            _ => false,
        })
}

fn canonical(path: &Path) -> Result<PathBuf, GitError> {
    fs::canonicalize(path).map_err(|error| GitError::unreadable(path, &error))
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// The file system that a directory is on.
fn device(dir: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(dir).ok().map(|m| m.dev())
    }
    #[cfg(not(unix))]
    {
        let _ = dir;
        None
    }
}

#[cfg(test)]
mod tests;
