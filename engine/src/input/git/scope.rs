//! Which part of a history is looked at.

use super::commits::{CommitGraph, Peeled};
use super::object::{ObjectError, Objects};
use super::oid::Oid;
use super::refs::{Head, Refs};

/// Which objects of a repository are scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// What `HEAD`, of every work tree, branches, remotes, tags and notes reach;
    /// the default.
    #[default]
    Reachable,
    /// Every object that is there: all refs, stashes and reflogs, and what nothing
    /// reaches any more.
    AllObjects,
    /// What some commits brought in.
    Commits(Box<CommitSelection>),
}

impl Scope {
    /// Every object that is there.
    pub fn all_objects() -> Self {
        Self::AllObjects
    }

    /// What some commits brought in.
    pub fn commits(selection: CommitSelection) -> Self {
        Self::Commits(Box::new(selection))
    }
}

/// Commits, chosen as `git log` chooses them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitSelection {
    /// Revisions whose history is taken. If there are none, and nothing in
    /// `objects`, `symmetric` and `refs`, it is that of [`Scope::Reachable`].
    pub tips: Vec<String>,
    /// Ids of objects that are taken, whatever they are: the history of commits, the
    /// messages of annotated tags and what these are of, files, and the files of trees
    /// that are in no tree of a tip that is left out.
    pub objects: Vec<Oid>,
    /// Revisions whose history is left out.
    pub hidden: Vec<String>,
    /// Ids of commits whose history is left out where the repository has them.
    pub hidden_if_known: Vec<Oid>,
    /// Pairs of revisions: what one of them reaches, and not both.
    pub symmetric: Vec<(String, String)>,
    /// Full names or patterns of refs whose history is taken: `refs/heads/*`. One
    /// that ends before a slash takes what is under it; `refs/*` takes `HEAD` too.
    pub refs: Vec<String>,
    /// Full names or patterns of refs whose history is left out.
    pub hidden_refs: Vec<String>,
    /// Only commits that were committed at this second or later, since 1970.
    pub since: Option<i64>,
    /// Only commits that were committed at this second or earlier.
    pub until: Option<i64>,
    /// At most so many commits, the newest.
    pub max_count: Option<u64>,
    /// Leaves out so many of the newest first.
    pub skip: u64,
    /// Leaves out merges.
    pub no_merges: bool,
    /// Takes merges only.
    pub only_merges: bool,
    /// Follows only the first parents of merges.
    pub first_parent: bool,
    /// Only commits whose author, as `Name <address>`, contains one of these.
    pub authors: Vec<String>,
    /// Only files that are, or are under, one of these paths or patterns. Commits are
    /// counted before this.
    pub paths: Vec<Vec<u8>>,
}

impl CommitSelection {
    /// Takes the history of a branch, or of the branches of a pattern.
    #[must_use]
    pub fn branch(mut self, pattern: &str) -> Self {
        self.refs.push(format!("refs/heads/{pattern}"));
        self
    }

    /// Whether nothing is named, so that the refs say what is taken.
    pub(crate) fn is_default(&self) -> bool {
        self.tips.is_empty()
            && self.objects.is_empty()
            && self.symmetric.is_empty()
            && self.refs.is_empty()
    }

    /// Whether what is taken depends on which refs there are.
    pub(crate) fn asks_refs(&self) -> bool {
        self.is_default() || !self.refs.is_empty()
    }
}

/// A ref or a head, and what it leads to when tags are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tip {
    /// The ref's full name, in bytes; `HEAD`.
    pub(crate) name: Box<[u8]>,
    pub(crate) kind: TipKind,
    pub(crate) target: Peeled,
}

/// What a tip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TipKind {
    /// What the work tree that was opened is at.
    Head,
    /// A ref, or what another work tree is at without a branch.
    Ref,
    /// A ref under which notes are kept.
    Notes,
}

/// Tips, and refs that lead to nothing.
#[derive(Debug, Default)]
pub(crate) struct Tips {
    /// Heads, then refs by name.
    pub(crate) list: Vec<Tip>,
    /// Those whose object is missing or damaged.
    pub(crate) unresolved: Vec<(Box<[u8]>, Oid, ObjectError)>,
}

/// Which refs count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefFilter {
    /// Branches, remotes, tags and notes.
    Usual,
    /// All, stashes included.
    All,
}

impl RefFilter {
    pub(crate) fn takes(self, name: &[u8]) -> bool {
        const USUAL: [&[u8]; 4] = [b"refs/heads/", b"refs/remotes/", b"refs/tags/", b"refs/notes/"];
        self == Self::All || USUAL.iter().any(|prefix| name.starts_with(prefix))
    }
}

impl Tips {
    /// Follows heads and refs to what they lead to. Commits that the graph has not
    /// are read into it.
    pub(crate) fn of(
        refs: &Refs,
        filter: RefFilter,
        graph: &mut CommitGraph,
        objects: &impl Objects,
    ) -> Self {
        let takes = |name: &[u8]| is_head(name) || filter.takes(name);
        Self::named(refs, takes, graph, objects)
    }

    /// The same for heads and refs of some names.
    pub(crate) fn named(
        refs: &Refs,
        takes: impl Fn(&[u8]) -> bool,
        graph: &mut CommitGraph,
        objects: &impl Objects,
    ) -> Self {
        let mut tips = Self::default();
        for head in &refs.heads {
            let kind = if head.is_own { TipKind::Head } else { TipKind::Ref };
            let name = head_name(head);
            // Other work trees are told by their branches, unless they have none.
            let target = head.target.filter(|_| head.is_own || head.branch.is_none());
            if let Some(target) = target.filter(|_| takes(&name)) {
                tips.add(name, kind, target, target, graph, objects);
            }
        }
        for r in refs.list.iter().filter(|r| takes(&r.name)) {
            let is_notes = r.name.starts_with(b"refs/notes/");
            let kind = if is_notes { TipKind::Notes } else { TipKind::Ref };
            let peeled = r.peeled.unwrap_or(r.target);
            tips.add(r.name.clone(), kind, r.target, peeled, graph, objects);
        }
        tips
    }

    fn add(
        &mut self,
        name: Box<[u8]>,
        kind: TipKind,
        target: Oid,
        peeled: Oid,
        graph: &mut CommitGraph,
        objects: &impl Objects,
    ) {
        match graph.peel(&peeled, objects) {
            Ok(target) => self.list.push(Tip { name, kind, target }),
            Err(error) => self.unresolved.push((name, target, error)),
        }
    }

    /// The commits among them.
    pub(crate) fn commits(&self) -> impl Iterator<Item = u32> + '_ {
        self.list.iter().filter_map(|tip| match tip.target {
            Peeled::Commit(commit) => Some(commit),
            _ => None,
        })
    }
}

/// Whether this is the name of a head, and not of a ref.
pub(crate) fn is_head(name: &[u8]) -> bool {
    !name.starts_with(b"refs/") && name.ends_with(b"HEAD")
}

fn head_name(head: &Head) -> Box<[u8]> {
    match &head.worktree {
        Some(name) => [b"worktrees/", &**name, b"/HEAD"].concat().into(),
        None => b"HEAD"[..].into(),
    }
}
