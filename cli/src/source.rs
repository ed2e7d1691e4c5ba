//! Where a scan gets its objects from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use leaksieve::Scanner;
use leaksieve::input::files::WalkOptions;
use leaksieve::input::git::{Scope, State};
use leaksieve::ledger::Ledger;
use leaksieve::run::history::{GitOptions, scan_repositories};
use leaksieve::run::{Listener, Progress, Target, scan_targets};

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
        histories: Option<Box<Histories>>,
    },
    /// Git repositories.
    Git(GitSource),
}

/// How the histories of targets that are repositories are scanned.
#[derive(Debug)]
pub(crate) struct Histories {
    pub(crate) options: GitOptions,
    pub(crate) state: Option<PathBuf>,
    /// What else changes what a state is for.
    pub(crate) state_options: String,
    /// A flag that makes no sense without a repository.
    pub(crate) asked: Option<&'static str>,
}

/// The options that change what a state is for.
pub(crate) fn state_options(max_size: Option<u64>, scope: &Scope) -> String {
    format!("{max_size:?} {scope:?}")
}

/// A file of so many bytes is scanned before anyone could read anything.
const SHORT: u64 = 64 << 20;

impl Source {
    /// Refuses what makes no sense for it.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Self::Files { targets, histories: Some(histories), .. } = self else { return Ok(()) };
        match histories.asked {
            // What cannot be opened as one is told by the scan.
            Some(flag) if git::repositories(targets, &mut Ledger::default()).is_empty() => {
                let message = format!("{flag} is about histories, and no target is a repository");
                let hint = "a repository is named by its root; `leaksieve git` finds that";
                Err(Failure::new(message).hint(hint))
            }
            _ => Ok(()),
        }
    }

    /// Scans it.
    pub(crate) fn scan(
        &self,
        scanner: &Scanner,
        state: Option<Arc<State>>,
        progress: &Progress,
        found: &dyn Listener,
    ) -> Result<Ledger, Failure> {
        let certain = |located| found.found(located);
        match self {
            Self::Files { targets, walk, histories } => {
                let mut untold = Ledger::default();
                let repositories = match histories {
                    Some(_) => git::repositories(targets, &mut untold),
                    None => Vec::new(),
                };
                let mut ledger = scan_targets(scanner, targets, walk, progress, found)
                    .map_err(|error| Failure::new(error.to_string()))?;
                ledger.merge(untold);
                if let Some(histories) = histories.as_ref().filter(|_| !repositories.is_empty()) {
                    let options = &histories.options.clone().state(state);
                    let scanned =
                        scan_repositories(scanner, &repositories, options, progress, &certain);
                    ledger.merge(scanned.map_err(|error| Failure::new(error.to_string()))?);
                }
                Ok(ledger)
            }
            Self::Git(source) => source.scan(scanner, state, progress, &certain),
        }
    }

    /// The state file, and what else changes what is found.
    pub(crate) fn state(&self) -> Option<(&Path, String)> {
        match self {
            Self::Files { histories, .. } => {
                let histories = histories.as_ref()?;
                Some((histories.state.as_deref()?, histories.state_options.clone()))
            }
            Self::Git(source) => {
                // A part of a history is scanned without it.
                let scope = match &source.scope {
                    GitScope::History(scope) if !matches!(**scope, Scope::Commits(_)) => scope,
                    _ => return None,
                };
                Some((source.state.as_deref()?, state_options(source.max_file_size, scope)))
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

    /// Whether it is standard input and nothing else.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Files { targets, .. } if matches!(targets[..], [Target::Stdin(_)]))
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
