//! Asking ignore files about a path.
//!
//! By default this is asked for the rare directories alone whose name is
//! listed, so nothing is read until it is asked. Each thread of a walk knows the
//! directories on the way to the one it asked for last, and no others: a tree of
//! a million directories costs no more than a deep one.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::open::open;

/// The largest ignore file that is read; a larger one is cut there.
const MOST: u64 = 1 << 20;

/// A directory, with what its ignore files say.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The path as reports name it; empty for the working directory.
    path: PathBuf,
    /// The last component, by which the parent's ignore files know it.
    name: OsString,
    parent: Parent,
    /// The path without links, which only the way up from a target and the
    /// search for loops ask for.
    real: OnceLock<Option<PathBuf>>,
    repository: OnceLock<bool>,
    rules: OnceLock<Option<Box<Rules>>>,
    ignored: OnceLock<bool>,
}

#[derive(Debug)]
enum Parent {
    Known(Arc<Folder>),
    /// A target of the scan: its parents are looked up once they are asked for.
    Above(OnceLock<Option<Arc<Folder>>>),
    /// The root of a repository.
    None,
}

#[derive(Debug)]
struct Rules {
    /// The directory's own, and at the root of a repository its `info/exclude`,
    /// which counts for less.
    own: Gitignore,
    exclude: Gitignore,
}

impl Folder {
    /// A directory that was named as a target.
    fn target(path: &Path) -> Self {
        // `.` is left out of the paths below it.
        let path = if path == Path::new(".") { Path::new("") } else { path };
        Self::new(path.to_owned(), OsString::new(), Parent::Above(OnceLock::new()))
    }

    /// A directory in another.
    fn child(self: &Arc<Self>, name: &OsStr) -> Self {
        Self::new(self.path.join(name), name.to_owned(), Parent::Known(Arc::clone(self)))
    }

    fn new(path: PathBuf, name: OsString, parent: Parent) -> Self {
        Self {
            path,
            name,
            parent,
            real: OnceLock::new(),
            repository: OnceLock::new(),
            rules: OnceLock::new(),
            ignored: OnceLock::new(),
        }
    }

    /// The path without links; `None` if it cannot be told.
    fn real(&self) -> Option<&Path> {
        let real = self.real.get_or_init(|| {
            let empty = self.path.as_os_str().is_empty();
            std::fs::canonicalize(if empty { Path::new(".") } else { &self.path }).ok()
        });
        real.as_deref()
    }

    /// Whether `real` is a directory that contains this one, or that the way to
    /// this one led through.
    pub(crate) fn leads_through(&self, real: &Path) -> bool {
        let mut folder = self;
        loop {
            if folder.real().is_none_or(|own| own.starts_with(real)) {
                return true;
            }
            match &folder.parent {
                Parent::Known(parent) => folder = parent,
                _ => return false,
            }
        }
    }

    /// Whether ignore files ignore what is here under this name.
    pub(crate) fn ignores(&self, name: &OsStr, is_dir: bool, sources: Sources) -> bool {
        self.is_ignored(sources) || self.matches(name, is_dir, sources)
    }

    fn is_ignored(&self, sources: Sources) -> bool {
        *self.ignored.get_or_init(|| match self.parent() {
            Some(parent) => parent.ignores(&self.own_name(), true, sources),
            None => false,
        })
    }

    fn matches(&self, name: &OsStr, is_dir: bool, sources: Sources) -> bool {
        let mut path = PathBuf::from(name);
        let mut folder = self;
        let mut excluded = false;
        loop {
            if let Some(rules) = folder.rules(sources) {
                match rules.own.matched(&path, is_dir) {
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                    Match::None => {}
                }
                excluded |= rules.exclude.matched(&path, is_dir).is_ignore();
            }
            let Some(parent) = folder.parent() else { return excluded };
            path = Path::new(&folder.own_name()).join(path);
            folder = parent;
        }
    }

    fn is_repository(&self) -> bool {
        *self.repository.get_or_init(|| self.path.join(".git").exists())
    }

    fn own_name(&self) -> OsString {
        if self.name.is_empty() {
            self.real().and_then(Path::file_name).unwrap_or_default().to_owned()
        } else {
            self.name.clone()
        }
    }

    /// The directory above, up to the root of the repository. There is none
    /// above a target that is in no repository.
    fn parent(&self) -> Option<&Folder> {
        match &self.parent {
            Parent::None => None,
            _ if self.is_repository() => None,
            Parent::Known(parent) => Some(parent),
            Parent::Above(above) => above
                .get_or_init(|| {
                    let mut way: Vec<&Path> = Vec::new();
                    for path in self.real()?.ancestors().skip(1) {
                        way.push(path);
                        if path.join(".git").exists() {
                            break;
                        }
                    }
                    let root = *way.last()?;
                    if !root.join(".git").exists() {
                        return None;
                    }
                    let mut folder: Option<Arc<Folder>> = None;
                    for path in way.into_iter().rev() {
                        let name = path.file_name().unwrap_or_default().to_owned();
                        let parent = folder.take().map_or(Parent::None, Parent::Known);
                        folder = Some(Arc::new(Self::new(path.to_owned(), name, parent)));
                    }
                    folder
                })
                .as_deref(),
        }
    }

    fn rules(&self, sources: Sources) -> Option<&Rules> {
        let rules = self.rules.get_or_init(|| {
            let names: &[&str] = match sources {
                Sources::Git => &[".gitignore"],
                Sources::All => &[".gitignore", ".ignore"],
            };
            let own = read(names.iter().map(|name| self.path.join(name)));
            let exclude = read([self.path.join(".git/info/exclude")].into_iter());
            (!own.is_empty() || !exclude.is_empty()).then(|| Box::new(Rules { own, exclude }))
        });
        rules.as_deref()
    }
}

/// The directories on the way from a target to one below it.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    folders: Vec<Arc<Folder>>,
}

impl Trail {
    /// The directory that holds the entry at `path`, which is `depth` levels
    /// below its target; `None` for the target itself.
    pub(crate) fn folder_of(&mut self, path: &Path, depth: usize) -> Option<&Folder> {
        let root = path.ancestors().nth(depth)?;
        let way = path.parent()?.strip_prefix(root).ok()?;
        let target = Folder::target(root);
        if self.folders.first().is_none_or(|known| known.path != target.path) {
            self.folders = vec![Arc::new(target)];
        }
        let mut known = 1;
        for name in way.iter() {
            if self.folders.get(known).is_none_or(|folder| folder.name != name) {
                self.folders.truncate(known);
                let child = self.folders[known - 1].child(name);
                self.folders.push(Arc::new(child));
            }
            known += 1;
        }
        self.folders.truncate(known);
        self.folders.last().map(|folder| &**folder)
    }
}

/// Which files are asked. One scan asks the same all the way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sources {
    /// `.gitignore` and `info/exclude`.
    Git,
    /// `.ignore` too.
    All,
}

/// Reads ignore files; what cannot be read or understood ignores nothing.
fn read(paths: impl Iterator<Item = PathBuf>) -> Gitignore {
    let mut builder = GitignoreBuilder::new(".");
    for path in paths {
        let Ok(opened) = open(&path, true) else { continue };
        let mut text = Vec::new();
        // What was read before an error counts.
        let _ = opened.file.take(MOST).read_to_end(&mut text);
        for line in String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').lines() {
            // A line that is no pattern is no rule; git takes it so too.
            let _ = builder.add_line(None, line);
        }
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}
