//! Scanning the histories of repositories.
//!
//! Every object of all repositories is scanned once, without asking what it is
//! reachable from (`objects`). Only then is it asked where the objects stood in
//! which something was found (`input::git::provenance`), and what no wanted commit
//! reaches is dropped. What is left is joined by secret and file, and the first
//! version of each is read again for its findings (`places`).
//!
//! A range of commits is the other way round: first the commits, then what is new
//! in each, then only that is scanned (`range`).

mod absent;
mod account;
mod found;
mod objects;
mod options;
mod origin;
mod places;
mod range;
mod state;
mod whole;

pub use options::{GitOptions, GitTarget};
pub use state::state_digest;

use std::path::PathBuf;

use crate::input::Origin;
use crate::input::git::{GitError, ObjectFormat, RefFilter, Repository, Scope, Store};
use crate::ledger::{Ledger, SkipKind};
use crate::run::{Located, Progress};
use crate::scanner::Scanner;
use account::Account;
use objects::Keys;

/// A repository that is scanned.
struct Source {
    repository: Repository,
    /// What stands before its paths in reports.
    label: PathBuf,
}

/// Scans the histories of repositories, each object once over all of them.
///
/// `found` is called from one thread at a time, in no certain order. Origins are
/// [`Origin::Git`]; a secret in many versions of a file is found once, at the commit
/// that brought it there.
///
/// What could not be read is in the ledger and does not end the scan.
///
/// # Errors
///
/// If a target is no repository, or cannot be read as one.
pub fn scan_repositories(
    scanner: &Scanner,
    targets: &[GitTarget],
    options: &GitOptions,
    progress: &Progress,
    found: &(dyn Fn(Located) + Sync),
) -> Result<Ledger, GitError> {
    let mut account = Account::default();
    let sources = open(targets, options, &mut account)?;
    let keys = Keys::default();
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let sources: Vec<&Source> =
            sources.iter().filter(|s| s.repository.format() == format).collect();
        if sources.is_empty() {
            continue;
        }
        let mut directories: Vec<PathBuf> = Vec::new();
        for source in &sources {
            for directory in source.repository.object_dirs() {
                if !directories.contains(directory) {
                    directories.push(directory.clone());
                }
            }
        }
        // Refs first, then loose objects, then packs: what a push or `git gc` brings
        // meanwhile may be seen twice, and nothing is missed.
        let mut refs = Vec::new();
        let store = if let Scope::Commits(_) = options.scope {
            Store::open(&directories, format)
        } else {
            let filter = if options.is_all() { RefFilter::All } else { RefFilter::Usual };
            for source in &sources {
                let read = source.repository.refs()?;
                account.damaged_refs(source, &read, filter);
                refs.push(read);
            }
            Store::open_listed(&directories, format)
        };
        for (path, trouble) in &store.troubles {
            account.skip(Origin::File(path.clone()), SkipKind::DamagedPack, trouble.clone());
        }
        let found = |located: Located| {
            progress.findings.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            found(located);
        };
        let scan = whole::WholeScan {
            scanner,
            store: &store,
            sources: &sources,
            options,
            keys: &keys,
            progress,
            found: &found,
        };
        match &options.scope {
            Scope::Commits(selection) => scan.range(selection, &mut account)?,
            _ => scan.run(refs, &mut account)?,
        }
    }
    Ok(account.into_ledger())
}

/// Opens the targets, and the repositories of their submodules. Work trees of one
/// repository are one.
fn open(
    targets: &[GitTarget],
    options: &GitOptions,
    account: &mut Account,
) -> Result<Vec<Source>, GitError> {
    let mut sources: Vec<Source> = Vec::new();
    let mut add = |repository: Repository, label: PathBuf| {
        let known = |s: &Source| s.repository.common_dir() == repository.common_dir();
        if !sources.iter().any(known) {
            sources.push(Source { repository, label });
        }
    };
    for target in targets {
        let mut repository = match &target.git_dir {
            Some(git_dir) => Repository::open_git_dir(git_dir, None)?,
            None => Repository::open(&target.path)?,
        };
        repository.add_object_dirs(target.object_directories.iter().cloned());
        for absent in repository.absent_alternates() {
            let detail = "objects are borrowed from here, and it is not there";
            account.skip(Origin::File(absent.clone()), SkipKind::MissingObject, detail.to_owned());
        }
        let submodules = if options.submodules { repository.submodules() } else { Vec::new() };
        add(repository, target.label.clone());
        for (name, opened) in submodules {
            let label = target.label.join(&name);
            match opened {
                Ok(repository) => add(repository, label),
                Err(GitError::NotCloned) => {
                    account.skip(Origin::File(label), SkipKind::AbsentSubmodule, String::new());
                }
                Err(error) => {
                    account.skip(Origin::File(label), SkipKind::ReadFailed, error.to_string());
                }
            }
        }
    }
    Ok(sources)
}
