//! Git repositories: from what was written to what is scanned.

pub(crate) mod date;
mod environment;
mod log_options;
mod pushed;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use leaksieve::Scanner;
use leaksieve::input::git::{Repository, State};
use leaksieve::ledger::Ledger;
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
    /// Everything, or everything that the usual refs reach.
    History { all_objects: bool },
    /// The commits of a range.
    Commits(Commits),
}

/// A choice of commits, as `git log` makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Commits {
    /// What git understands as one: `A`, `A..B`, `A...B`, `^A`. `HEAD`, if there
    /// are none and no refs.
    pub(crate) revisions: Vec<String>,
    /// Names of branches.
    pub(crate) branches: Vec<String>,
    /// Whether all refs count, `HEAD` included.
    pub(crate) all: bool,
    /// What names of refs begin with that count.
    pub(crate) ref_prefixes: Vec<String>,
    /// Ids whose commits do not count, with all before them. One that is not
    /// there hides nothing: it is known elsewhere only.
    pub(crate) hidden: Vec<String>,
    /// Whether what any ref reaches does not count.
    pub(crate) hide_all: bool,
    /// What the names of refs begin with whose commits do not count.
    pub(crate) hidden_prefixes: Vec<String>,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
    pub(crate) max_count: Option<u64>,
    pub(crate) skip: u64,
    pub(crate) no_merges: bool,
    pub(crate) first_parent: bool,
    pub(crate) paths: Vec<String>,
    /// Whether there may be no commits at all: nothing new was pushed.
    pub(crate) may_be_empty: bool,
}

impl Commits {
    fn revision(&mut self, revision: &str, hidden: bool) {
        self.revisions.push(match (hidden, revision.strip_prefix('^')) {
            (false, _) => revision.to_owned(),
            (true, None) => format!("^{revision}"),
            (true, Some(shown)) => shown.to_owned(),
        });
    }

    fn refs(&mut self, prefix: Option<&str>, hidden: bool) {
        match (prefix, hidden) {
            (None, false) => self.all = true,
            (None, true) => self.hide_all = true,
            (Some(prefix), false) => self.ref_prefixes.push(prefix.to_owned()),
            (Some(prefix), true) => self.hidden_prefixes.push(prefix.to_owned()),
        }
    }

    /// What a push brings: what its refs will reach and those that are there do
    /// not.
    fn pushed(refs: Vec<PushedRef>, form: Form, remote: &str) -> Self {
        let mut commits = Self { may_be_empty: true, ..Self::default() };
        for PushedRef { old, new, .. } in refs {
            commits.revisions.extend(new);
            commits.hidden.extend(old);
        }
        match form {
            // All that is in the repository already.
            Form::PreReceive => commits.hide_all = true,
            // What the remote was last seen to have; of one without a name,
            // nothing is known.
            Form::PrePush if remote.is_empty() => {}
            Form::PrePush => commits.hidden_prefixes.push(format!("refs/remotes/{remote}/")),
        }
        commits
    }
}

impl GitScope {
    pub(crate) fn new(args: ScopeArgs) -> Result<Self, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
        let pushed = |form, remote: &str| {
            let refs = pushed::from_stdin(form)?;
            Ok(Self::Commits(Commits::pushed(refs, form, remote)))
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
        if let Some(options) = &args.log_opts {
            return Ok(Self::Commits(log_options::parse(options, now)?));
        }
        if args.range.is_some() || args.since.is_some() || !args.branch.is_empty() {
            let all = args.range.is_none() && args.branch.is_empty();
            return Ok(Self::Commits(Commits {
                revisions: args.range.into_iter().collect(),
                branches: args.branch,
                all,
                since: args.since,
                ..Commits::default()
            }));
        }
        Ok(Self::History { all_objects: args.all_objects })
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
            state: history.state,
            submodules: !history.no_submodules,
            whole_objects: history.whole_objects,
            max_file_size: history.max_target_megabytes.map(|n| u64::from(n) * 1_000_000),
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
            ledger.merge(scanned.map_err(|error| failure(error.to_string(), repository))?);
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
        let GitScope::History { all_objects } = &self.scope else {
            return Err(Failure::new("ranges cannot be scanned yet"));
        };
        let mut options = GitOptions::new()
            .all_objects(*all_objects)
            .submodules(self.submodules)
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
        scan_repositories(scanner, &targets, &options, progress, found).map_err(|error| {
            failure(error.to_string(), self.repositories.first().map_or(Path::new("."), |p| p))
        })
    }
}

/// The targets that are repositories themselves, as their work trees' roots or bare
/// ones; a directory within a work tree is not.
pub(crate) fn repositories(targets: &[Target]) -> Vec<GitTarget> {
    let repository = |target: &Target| {
        let Target::Path(path) = target else { return None };
        let repository = Repository::open(path).ok()?;
        let own = std::fs::canonicalize(path).ok()?;
        let is_root = repository.work_tree() == Some(&own) || repository.git_dir() == own;
        let label = if path == Path::new(".") { Path::new("") } else { path };
        is_root.then(|| GitTarget::new(path).label(label))
    };
    targets.iter().filter_map(repository).collect()
}

fn failure(message: String, repository: &Path) -> Failure {
    let failure = Failure::new(message);
    if repository.is_dir() {
        failure.hint("`leaksieve dir` scans directories that are no repository")
    } else {
        failure
    }
}
