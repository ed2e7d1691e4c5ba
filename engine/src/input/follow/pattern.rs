//! Which files are meant.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobMatcher};

use super::FollowError;
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// How deep `**` goes.
const DEEPEST: usize = 64;

/// The most files that are followed.
const MOST: usize = 65_536;

/// A path, or a glob.
pub(super) struct Pattern {
    whole: PathBuf,
    /// `None` for a path.
    parts: Option<Vec<Part>>,
}

/// A component of a glob.
enum Part {
    Name(OsString),
    /// What a component must match, and whether it may begin with a dot.
    Wild(GlobMatcher, bool),
    /// `**`: any directories, none too.
    Deep,
}

/// What patterns stand for at present.
#[derive(Default)]
pub(super) struct Found {
    /// The files, and whether they were named as they are.
    pub(super) names: BTreeSet<(PathBuf, bool)>,
    /// The directories in which others may appear.
    pub(super) directories: HashSet<PathBuf>,
    /// What could not be looked at.
    pub(super) refused: Vec<(PathBuf, Refused)>,
}

impl Pattern {
    pub(super) fn new(whole: &Path) -> Result<Self, FollowError> {
        let error =
            |detail: &str| FollowError { pattern: whole.to_owned(), detail: detail.to_owned() };
        if whole.file_name().is_none() {
            return Err(error("it names no file"));
        }
        let is_wild = whole.as_os_str().as_bytes().iter().any(|b| b"*?[{".contains(b));
        // A file may be called like that.
        if !is_wild || whole.symlink_metadata().is_ok() {
            return Ok(Self { whole: whole.to_owned(), parts: None });
        }
        let mut parts = Vec::new();
        for component in whole.components() {
            parts.push(match component {
                Component::Normal(name) => Part::new(name).map_err(|detail| error(&detail))?,
                other => Part::Name(other.as_os_str().to_owned()),
            });
        }
        if matches!(parts.last(), Some(Part::Deep)) {
            parts.extend(Part::new(OsStr::new("*")).ok());
        }
        Ok(Self { whole: whole.to_owned(), parts: Some(parts) })
    }

    /// Whether a path is meant, whether it is there or not.
    pub(super) fn whole(&self) -> &Path {
        &self.whole
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        let Some(parts) = &self.parts else { return self.whole == path };
        let names: Vec<&OsStr> = path.components().map(Component::as_os_str).collect();
        match_all(parts, &names)
    }

    /// Finds what there is.
    pub(super) fn find(&self, found: &mut Found) {
        match &self.parts {
            None => {
                found.names.insert((self.whole.clone(), true));
                found.directories.insert(nearest(self.whole.parent().unwrap_or(Path::new(""))));
            }
            Some(parts) => find(Path::new(""), parts, 0, found),
        }
    }
}

impl Part {
    fn new(name: &OsStr) -> Result<Self, String> {
        if name == "**" {
            return Ok(Self::Deep);
        }
        if !name.as_bytes().iter().any(|b| b"*?[{}\\".contains(b)) {
            return Ok(Self::Name(name.to_owned()));
        }
        let text = name.to_str().ok_or("a glob must be Unicode")?;
        let glob = Glob::new(text).map_err(|error| error.kind().to_string())?;
        Ok(Self::Wild(glob.compile_matcher(), text.starts_with('.')))
    }

    fn matches(&self, name: &OsStr) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Wild(glob, may_hide) => {
                (*may_hide || !name.as_bytes().starts_with(b".")) && glob.is_match(name)
            }
            Self::Deep => true,
        }
    }
}

fn match_all(parts: &[Part], names: &[&OsStr]) -> bool {
    match (parts, names) {
        ([], []) => true,
        ([Part::Deep, rest @ ..], _) => {
            match_all(rest, names) || matches!(names, [_, behind @ ..] if match_all(parts, behind))
        }
        ([part, rest @ ..], [name, behind @ ..]) => part.matches(name) && match_all(rest, behind),
        _ => false,
    }
}

/// The directory itself, or the nearest above it that is there.
fn nearest(directory: &Path) -> PathBuf {
    directory
        .ancestors()
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .find(|path| path.is_dir())
        .unwrap_or(Path::new("."))
        .to_owned()
}

fn find(directory: &Path, parts: &[Part], depth: usize, found: &mut Found) {
    let Some((part, rest)) = parts.split_first() else { return };
    if let Part::Name(name) = part {
        let path = directory.join(name);
        if !rest.is_empty() {
            find(&path, rest, depth, found);
        } else {
            found.directories.insert(nearest(directory));
            if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_dir()) {
                found.file(path);
            }
        }
        return;
    }
    found.directories.insert(nearest(directory));
    if let Part::Deep = part {
        find(directory, rest, depth, found);
    }
    for entry in found.listed(directory) {
        let name = entry.file_name();
        let path = directory.join(&name);
        let Ok(kind) = entry.file_type() else { continue };
        if let Part::Deep = part {
            // Links are not followed downwards, for they may lead back.
            if kind.is_dir() && depth < DEEPEST {
                find(&path, parts, depth + 1, found);
            }
            continue;
        }
        if !part.matches(&name) {
            continue;
        }
        let is_directory = kind.is_dir()
            || kind.is_symlink() && fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        match (is_directory, rest.is_empty()) {
            (false, true) => found.file(path),
            (true, false) => find(&path, rest, depth, found),
            _ => {}
        }
    }
}

impl Found {
    fn file(&mut self, path: PathBuf) {
        if self.names.len() < MOST {
            // If it was named as well, it is that.
            if !self.names.contains(&(path.clone(), true)) {
                self.names.insert((path, false));
            }
        } else if self.refused.iter().all(|(_, refused)| refused.kind != SkipKind::TooLarge) {
            let detail =
                format!("this and others are more than the {MOST} files that are followed");
            self.refused.push((path, Refused { kind: SkipKind::TooLarge, detail }));
        }
    }

    fn listed(&mut self, directory: &Path) -> Vec<fs::DirEntry> {
        let listed = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let entries = fs::read_dir(listed).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        entries.unwrap_or_else(|error| {
            let refused = Refused::from(&error);
            if refused.kind != SkipKind::Vanished {
                self.refused.push((directory.to_owned(), refused));
            }
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, path, is_meant) in [
            ("/var/log/*.log", "/var/log/a.log", true),
            ("/var/log/*.log", "/var/log/b/a.log", false),
            ("/var/log/*.log", "/var/log/.a.log", false),
            ("/var/**/*.log", "/var/a.log", true),
            ("/var/**/*.log", "/var/log/b/a.log", true),
            ("/var/**", "/var/log/b/a", true),
            ("/var/[ab]?/x", "/var/b1/x", true),
            ("x/{a,b}.log", "x/b.log", true),
        ] {
            let pattern = Pattern::new(Path::new(pattern)).unwrap();
            assert_eq!(pattern.matches(Path::new(path)), is_meant, "{path}");
        }
        for pattern in ["/x/[a", "", "/", "/x/{a"] {
            assert!(Pattern::new(Path::new(pattern)).is_err(), "{pattern}");
        }
    }
}
