//! Where a scan gets its objects from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leaksieve::Scanner;
use leaksieve::input::files::WalkOptions;
use leaksieve::input::git::{Scope, State};
use leaksieve::ledger::Ledger;
use leaksieve::run::history::{GitOptions, scan_repositories};
use leaksieve::run::{Located, Progress, Target, scan_targets};

use crate::failure::Failure;
use crate::git::{self, GitScope, GitSource};

/// What is scanned.
#[derive(Debug)]
pub(crate) enum Source {
    /// Files, directories and pipes.
    Files {
        targets: Vec<Target>,
        walk: WalkOptions,
        /// How the histories of targets that are repositories are scanned too.
        histories: Option<GitOptions>,
    },
    /// Git repositories.
    Git(GitSource),
}

/// A file of so many bytes is scanned before anyone could read anything.
const SHORT: u64 = 64 << 20;

impl Source {
    /// Scans it.
    pub(crate) fn scan(
        &self,
        scanner: &Scanner,
        state: Option<Arc<State>>,
        progress: &Progress,
        found: &(dyn Fn(Located) + Sync),
    ) -> Result<Ledger, Failure> {
        match self {
            Self::Files { targets, walk, histories } => {
                let mut ledger = scan_targets(scanner, targets, walk, progress, found)
                    .map_err(|error| Failure::new(error.to_string()))?;
                let Some(options) = histories else { return Ok(ledger) };
                let repositories = git::repositories(targets, &mut ledger);
                if !repositories.is_empty() {
                    let scanned =
                        scan_repositories(scanner, &repositories, options, progress, found);
                    ledger.merge(scanned.map_err(|error| Failure::new(error.to_string()))?);
                }
                Ok(ledger)
            }
            Self::Git(source) => source.scan(scanner, state, progress, found),
        }
    }

    /// The state file, and what else changes what is found.
    pub(crate) fn state(&self) -> Option<(&Path, String)> {
        match self {
            Self::Files { .. } => None,
            Self::Git(source) => {
                // A part of a history is scanned without it.
                match &source.scope {
                    GitScope::History(scope) if !matches!(**scope, Scope::Commits(_)) => {}
                    _ => return None,
                }
                let options = format!("{:?} {:?}", source.max_file_size, source.scope);
                Some((source.state.as_deref()?, options))
            }
        }
    }

    /// The paths that the user named.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let path = |target: &Target| match target {
            Target::Path(path) => Some(path.clone()),
            _ => None,
        };
        match self {
            Self::Files { targets, .. } => targets.iter().filter_map(path).collect(),
            Self::Git(source) => source.repositories.clone(),
        }
    }

    /// Whether it is over before anyone who sits at the terminal wonders.
    pub(crate) fn is_short(&self) -> bool {
        let is_short =
            |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() < SHORT);
        match self {
            Self::Files { targets, .. } => targets.iter().all(|target| match target {
                Target::Path(path) => is_short(path),
                _ => false,
            }),
            Self::Git(source) => source.is_staged(),
        }
    }
}
