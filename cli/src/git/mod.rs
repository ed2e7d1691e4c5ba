//! Git repositories: from what was written to what is scanned.

mod environment;
mod pushed;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use leaksieve::Scanner;
use leaksieve::input::Origin;
use leaksieve::input::git::{
    CommitSelection, GitError, LogOptsError, Oid, Repository, Scope, State,
};
use leaksieve::ledger::{Ledger, Skip, SkipKind};
use leaksieve::run::history::{GitOptions, GitTarget, scan_repositories};
use leaksieve::run::{Located, Progress, Staged, StagedOptions, Target, scan_staged};

use crate::args::{HistoryArgs, ScopeArgs};
use crate::failure::Failure;
pub(crate) use environment::Environment;
use pushed::{Form, PushedRef};

/// What is scanned of which repositories.
#[derive(Debug)]
pub(crate) struct GitSource {
    /// As the user named them.
    pub(crate) repositories: Vec<PathBuf>,
    /// What git says where they are, unless the user does.
    pub(crate) environment: Environment,
    pub(crate) scope: GitScope,
    pub(crate) state: Option<PathBuf>,
    pub(crate) submodules: bool,
    pub(crate) whole_objects: bool,
    pub(crate) max_file_size: Option<u64>,
    pub(crate) threads: usize,
}

/// Which part of a repository is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GitScope {
    /// What the next commit will hold, or what is not staged yet.
    Staged(Staged),
    /// A history, or a part of it.
    History(Box<Scope>),
    /// Nothing: a push that only deletes.
    Nothing,
}

/// What a push brings: what its refs will reach and those that are there do not.
fn pushed(refs: Vec<PushedRef>, form: Form, remote: &str) -> CommitSelection {
    let mut selection = CommitSelection::default();
    for PushedRef { old, new, .. } in refs {
        selection.objects.extend(new.and_then(|new| Oid::from_hex(new.as_bytes())));
        // An id that is not here is of commits that only the other side has.
        let old = old.and_then(|old| Oid::from_hex(old.as_bytes()));
        selection.hidden_if_known.extend(old);
    }
    match form {
        // All that is in the repository already.
        Form::PreReceive => selection.hidden_refs.push("refs/*".to_owned()),
        // What the remote was last seen to have; of one without a name, nothing is
        // known.
        Form::PrePush if remote.is_empty() => {}
        Form::PrePush => selection.hidden_refs.push(format!("refs/remotes/{remote}")),
    }
    selection
}

impl GitScope {
    pub(crate) fn new(args: ScopeArgs) -> Result<Self, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
        let pushed = |form, remote: &str| {
            let selection = pushed(pushed::from_stdin(form)?, form, remote);
            if selection.objects.is_empty() {
                return Ok(Self::Nothing);
            }
            Ok(Self::History(Box::new(Scope::commits(selection))))
        };
        if args.staged || args.pre_commit {
            return Ok(Self::Staged(Staged::Index));
        }
        if args.unstaged {
            return Ok(Self::Staged(Staged::WorkTree));
        }
        if let Some(remote) = &args.pre_push {
            return pushed(Form::PrePush, remote);
        }
        if args.pre_receive {
            return pushed(Form::PreReceive, "");
        }
        let understood = |selection: Result<CommitSelection, LogOptsError>| {
            selection.map_err(|error| Failure::new(error.to_string()))
        };
        if let Some(options) = &args.log_opts {
            let selection = understood(CommitSelection::from_log_opts(options, now))?;
            return Ok(Self::History(Box::new(Scope::commits(selection))));
        }
        if args.range.is_some() || args.since.is_some() || !args.branch.is_empty() {
            let mut selection = match &args.range {
                Some(range) => understood(CommitSelection::from_range(range))?,
                None => CommitSelection::default(),
            };
            for branch in args.branch {
                if branch.contains(['*', '?', '[']) {
                    selection = selection.branch(&branch);
                } else {
                    // One that is not there is an error, and no empty history.
                    selection.tips.push(branch);
                }
            }
            selection.since = args.since;
            return Ok(Self::History(Box::new(Scope::commits(selection))));
        }
        let all = args.all_objects;
        let scope = if all { Scope::all_objects() } else { Scope::default() };
        Ok(Self::History(Box::new(scope)))
    }
}

impl GitSource {
    pub(crate) fn new(
        repositories: Vec<PathBuf>,
        scope: ScopeArgs,
        history: HistoryArgs,
        threads: Option<u16>,
    ) -> Result<Self, Failure> {
        let environment =
            if repositories.is_empty() { Environment::read() } else { Environment::default() };
        let repositories =
            if repositories.is_empty() { vec![PathBuf::from(".")] } else { repositories };
        Ok(Self {
            repositories,
            environment,
            scope: GitScope::new(scope)?,
            state: history.repository.state,
            submodules: !history.repository.no_submodules,
            whole_objects: history.whole_objects,
            max_file_size: history
                .max_target_megabytes
                .filter(|n| *n > 0)
                .map(|n| u64::from(n) * 1_000_000),
            threads: threads.map_or(0, usize::from),
        })
    }

    /// Whether it is what a commit brings, and no history.
    pub(crate) fn is_staged(&self) -> bool {
        matches!(self.scope, GitScope::Staged(_))
    }

    /// Scans it.
    pub(crate) fn scan(
        &self,
        scanner: &Scanner,
        state: Option<Arc<State>>,
        progress: &Progress,
        found: &(dyn Fn(Located) + Sync),
    ) -> Result<Ledger, Failure> {
        let which = match &self.scope {
            GitScope::Staged(which) => *which,
            _ => return self.scan_history(scanner, state, progress, found),
        };
        let environment = self.environment.clone();
        let options = StagedOptions::new()
            .max_file_size(self.max_file_size)
            .threads(self.threads)
            .git_dir(environment.git_dir)
            .work_tree(environment.work_tree)
            .index_file(environment.index_file)
            .object_dirs(environment.object_dirs);
        let mut ledger = Ledger::default();
        for repository in &self.repositories {
            let scanned = scan_staged(scanner, repository, which, &options, progress, found);
            ledger.merge(scanned.map_err(failure)?);
        }
        Ok(ledger)
    }

    fn scan_history(
        &self,
        scanner: &Scanner,
        state: Option<Arc<State>>,
        progress: &Progress,
        found: &(dyn Fn(Located) + Sync),
    ) -> Result<Ledger, Failure> {
        let GitScope::History(scope) = &self.scope else { return Ok(Ledger::default()) };
        let mut options = GitOptions::new()
            .scope(Scope::clone(scope))
            // Revisions are those of one repository.
            .submodules(self.submodules && !matches!(**scope, Scope::Commits(_)))
            .whole_objects(self.whole_objects)
            .max_object_size(self.max_file_size)
            .state(state);
        if self.threads > 0 {
            options = options.threads(self.threads);
        }
        let several = self.repositories.len() > 1;
        let targets: Vec<GitTarget> = self
            .repositories
            .iter()
            .map(|path| {
                let mut target = GitTarget::new(path);
                if several {
                    target = target.label(path);
                }
                target.git_dir = self.environment.git_dir.clone();
                target.object_directories = self.environment.object_dirs.clone();
                target
            })
            .collect();
        scan_repositories(scanner, &targets, &options, progress, found).map_err(failure)
    }
}

/// The targets that are repositories themselves, as their work trees' roots or bare
/// ones; a directory within a work tree is not. One that cannot be opened stands in the
/// ledger.
pub(crate) fn repositories(targets: &[Target], ledger: &mut Ledger) -> Vec<GitTarget> {
    let repository = |target: &Target| {
        let Target::Path(path) = target else { return None };
        let repository = match Repository::open(path) {
            Ok(repository) => repository,
            Err(error) => {
                let origin = Origin::File(path.join(".git"));
                if !matches!(error, GitError::NotARepository(_)) && path.join(".git").exists() {
                    let (kind, detail) = (SkipKind::ReadFailed, error.to_string());
                    ledger.skip(Skip { origin, kind, detail });
                }
                return None;
            }
        };
        let own = std::fs::canonicalize(path).ok()?;
        let is_root = repository.work_tree() == Some(&own) || repository.git_dir() == own;
        let label = if path == Path::new(".") { Path::new("") } else { path };
        is_root.then(|| GitTarget::new(path).label(label))
    };
    targets.iter().filter_map(repository).collect()
}

fn failure(error: GitError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        GitError::NotARepository(path) if path.is_dir() => {
            failure.hint("`leaksieve dir` scans directories that are no repository")
        }
        _ => failure,
    }
}
