//! The repositories of submodules.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::super::config::Config;
use super::super::error::GitError;
use super::super::{path_from_bytes, read_file};
use super::{Repository, canonical, is_git_dir};

/// How deep names of submodules, and submodules in submodules, may be nested.
const MAX_DEPTH: usize = 32;

/// How many submodules are looked at. Chromium has some hundreds.
const MAX_COUNT: usize = 10_000;

pub(super) fn of(repository: &Repository) -> Vec<(PathBuf, Result<Repository, GitError>)> {
    let mut search = Search::default();
    search.known.insert(repository.git_dir.clone());
    search.known.insert(repository.common_dir.clone());
    search.of(repository, Path::new(""), 0);
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<(PathBuf, Result<Repository, GitError>)>,
    known: HashSet<PathBuf>,
}

impl Search {
    fn of(&mut self, repository: &Repository, shown: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let paths = repository.work_tree().map(named_paths).unwrap_or_default();
        // Where git keeps them since 2012, those of linked work trees with these.
        let mut homes = vec![repository.common_dir.join("modules")];
        homes.extend(repository.linked_git_dirs().into_iter().map(|dir| dir.join("modules")));
        let mut cloned: HashSet<PathBuf> = HashSet::new();
        for home in homes {
            let mut dirs = Vec::new();
            git_dirs(&home, 0, &mut dirs);
            for dir in dirs {
                let name = dir.strip_prefix(&home).unwrap_or(&dir).to_owned();
                cloned.insert(name.clone());
                let path = paths.get(&name).cloned().unwrap_or(name);
                self.add(Repository::open_git_dir(&dir, None), &shown.join(path), depth);
            }
        }
        // Where git kept them before, and what was cloned by hand.
        for (name, path) in &paths {
            let Some(dir) = repository.work_tree().and_then(|root| inside(root, path)) else {
                if !cloned.contains(name) {
                    self.add(Err(GitError::NotCloned), &shown.join(path), depth);
                }
                continue;
            };
            let dot_git = dir.join(".git");
            if dot_git.is_file() || is_git_dir(&dot_git) {
                self.add(Repository::open(&dir), &shown.join(path), depth);
            } else if !cloned.contains(name) {
                self.add(Err(GitError::NotCloned), &shown.join(path), depth);
            }
        }
    }

    fn add(&mut self, opened: Result<Repository, GitError>, shown: &Path, depth: usize) {
        if self.found.len() >= MAX_COUNT {
            return;
        }
        match opened {
            Ok(repository) => {
                if self.known.insert(repository.common_dir.clone()) {
                    self.found.push((shown.to_owned(), Ok(repository.clone())));
                    self.of(&repository, shown, depth + 1);
                }
            }
            Err(error) => self.found.push((shown.to_owned(), Err(error))),
        }
    }
}

/// The git directories under `modules`: names of submodules may have slashes.
fn git_dirs(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth > MAX_DEPTH || found.len() >= MAX_COUNT {
        return;
    }
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    // Links are not followed: git makes none here.
    let dirs = entries.filter(|entry| entry.file_type().is_ok_and(|t| t.is_dir()));
    let mut dirs: Vec<_> = dirs.map(|entry| entry.path()).collect();
    dirs.sort();
    for dir in dirs {
        if is_git_dir(&dir) {
            found.push(dir);
        } else {
            git_dirs(&dir, depth + 1, found);
        }
    }
}

/// The submodules that the work tree's `.gitmodules` names: name and path.
fn named_paths(work_tree: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let text = read_file(&work_tree.join(".gitmodules")).ok().flatten().unwrap_or_default();
    let config = Config::parse(&text).unwrap_or_default();
    let entries = config.section("submodule").filter(|(_, key, _)| *key == b"path");
    entries
        .filter_map(|(name, _, path)| Some((path_from_bytes(name), path_from_bytes(path?))))
        .filter(|(_, path)| path.components().all(|c| matches!(c, Component::Normal(_))))
        .collect()
}

/// A directory of the work tree, unless a link leads out of it.
fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let root = canonical(root).ok()?;
    canonical(&root.join(path)).ok().filter(|dir| dir.starts_with(&root) && *dir != root)
}
