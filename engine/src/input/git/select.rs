//! Which commits a selection takes.

use std::collections::BinaryHeap;

use super::commit::Commit;
use super::commits::{CommitGraph, Peeled};
use super::error::GitError;
use super::glob;
use super::object::{ObjectError, Objects, STRUCTURE_LIMIT};
use super::oid::Oid;
use super::range::new_blobs;
use super::revision::Revisions;
use super::scope::{CommitSelection, RefFilter, Tips, is_head};

/// Selected commits.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    /// Parents before children, then the oldest first.
    pub(crate) order: Vec<u32>,
    /// What was named and is no commit: trees and blobs.
    pub(crate) named: Vec<Peeled>,
    /// The tips whose history is left out, if anything stands in `named`.
    pub(crate) hidden: Vec<Peeled>,
    /// Commits that the walk met and that are not there.
    pub(crate) missing: Vec<Oid>,
    /// Commits that could not be read, and why.
    pub(crate) damaged: Vec<(Oid, String)>,
}

/// Clocks run wrong: so much before `since` a commit's ancestors are looked at
/// still.
const CLOCK_ERROR: i64 = 30 * 86_400;

/// How many commits that are left out are followed after the last one that is
/// not, as git does, because clocks run wrong.
const SLOP: u32 = 5;

const SEEN: u8 = 1;
const HIDDEN: u8 = 2;
const QUEUED: u8 = 4;
const TAKEN: u8 = 8;

/// Selects commits. Of the history only so much is read as is needed.
pub(crate) fn select<O: Objects>(
    selection: &CommitSelection,
    revisions: &Revisions<'_, O>,
    graph: &mut CommitGraph,
) -> Result<Selected, GitError> {
    let objects = revisions.objects;
    let mut walk = Walk {
        selection,
        graph,
        objects,
        flags: Vec::new(),
        queue: BinaryHeap::new(),
        open: 0,
        buffer: Vec::new(),
        selected: Selected::default(),
    };
    walk.roots(revisions)?;
    walk.run();
    let Walk { flags, mut selected, .. } = walk;
    let taken: Vec<bool> = flags.iter().map(|f| f & (TAKEN | HIDDEN) == TAKEN).collect();
    selected.order = graph.order(&taken);
    filter(selection, objects, graph, &mut selected.order);
    // What is new in them is told by their parents, selected or not.
    let mut buffer = Vec::new();
    for &commit in &selected.order {
        for parent in graph.parents(commit).to_vec() {
            let id = *graph.id(parent);
            match graph.load(&id, objects, &mut buffer) {
                Ok(_) => {}
                Err(ObjectError::Missing) => selected.missing.push(id),
                Err(error) => selected.damaged.push((id, error.to_string())),
            }
        }
    }
    selected.missing.sort_unstable();
    selected.missing.dedup();
    selected.damaged.sort_unstable();
    selected.damaged.dedup();
    Ok(selected)
}

struct Walk<'w, O> {
    selection: &'w CommitSelection,
    graph: &'w mut CommitGraph,
    objects: &'w O,
    flags: Vec<u8>,
    /// By date, the newest first.
    queue: BinaryHeap<(i64, u32)>,
    /// How many in the queue are not hidden.
    open: usize,
    buffer: Vec<u8>,
    selected: Selected,
}

impl<O: Objects> Walk<'_, O> {
    fn roots(&mut self, revisions: &Revisions<'_, O>) -> Result<(), GitError> {
        let selection = self.selection;
        for tip in &selection.hidden {
            let commit = revisions.commit(tip, self.graph)?;
            self.hide_tip(Peeled::Commit(commit));
        }
        for id in selection.hidden_if_known.iter().filter(|id| self.objects.contains(id)) {
            if let Ok(peeled) = self.graph.peel(id, self.objects) {
                self.hide_tip(peeled);
            }
        }
        for id in &selection.objects {
            match self.graph.peel(id, self.objects) {
                Ok(Peeled::Commit(commit)) => self.add(commit),
                Ok(other) => self.selected.named.push(other),
                Err(ObjectError::Missing) => self.selected.missing.push(*id),
                Err(error) => self.selected.damaged.push((*id, error.to_string())),
            }
        }
        for tip in &selection.tips {
            let commit = revisions.commit(tip, self.graph)?;
            self.add(commit);
        }
        for (a, b) in &selection.symmetric {
            let a = revisions.commit(a, self.graph)?;
            let b = revisions.commit(b, self.graph)?;
            for base in self.common(a, b) {
                self.hide(base);
            }
            self.add(a);
            self.add(b);
        }
        let is_default = selection.is_default();
        if selection.asks_refs() || !selection.hidden_refs.is_empty() {
            let is_of = |patterns: &[String], name: &[u8]| {
                let all = is_head(name) && patterns.iter().any(|p| p == "refs/*");
                all || patterns.iter().any(|p| is_ref_of(p, name))
            };
            let is_hidden = |name: &[u8]| is_of(&selection.hidden_refs, name);
            let is_shown = |name: &[u8]| {
                let is_usual = is_head(name) || RefFilter::Usual.takes(name);
                is_default && is_usual || is_of(&selection.refs, name)
            };
            let takes = |name: &[u8]| is_hidden(name) || is_shown(name);
            let tips = Tips::named(revisions.refs, takes, self.graph, self.objects);
            for tip in &tips.list {
                if is_hidden(&tip.name) {
                    self.hide_tip(tip.target);
                }
                if let Peeled::Commit(commit) = tip.target
                    && is_shown(&tip.name)
                {
                    self.add(commit);
                }
            }
            for (name, id, error) in tips.unresolved {
                let text = format!("{}: {error}", String::from_utf8_lossy(&name));
                self.selected.damaged.push((id, text));
            }
        }
        Ok(())
    }

    fn flags(&mut self, commit: u32) -> &mut u8 {
        if self.flags.len() <= commit as usize {
            self.flags.resize(self.graph.len().max(commit as usize + 1), 0);
        }
        &mut self.flags[commit as usize]
    }

    /// Puts a commit into the queue, once; its date is read for that.
    fn add(&mut self, commit: u32) {
        if *self.flags(commit) & SEEN != 0 {
            return;
        }
        *self.flags(commit) |= SEEN;
        let id = *self.graph.id(commit);
        match self.graph.load(&id, self.objects, &mut self.buffer) {
            Ok(_) => {
                let hidden = *self.flags(commit) & HIDDEN != 0;
                *self.flags(commit) |= QUEUED;
                self.open += usize::from(!hidden);
                self.queue.push((self.graph.time(commit), commit));
            }
            Err(_) if *self.flags(commit) & HIDDEN != 0 => {}
            Err(ObjectError::Missing) => self.selected.missing.push(id),
            Err(error) => self.selected.damaged.push((id, error.to_string())),
        }
    }

    /// Hides what a tip leads to.
    fn hide_tip(&mut self, tip: Peeled) {
        self.selected.hidden.push(tip);
        if let Peeled::Commit(commit) = tip {
            self.hide(commit);
        }
    }

    /// Hides a commit and what is known of its history.
    fn hide(&mut self, commit: u32) {
        let mut hidden = vec![commit];
        while let Some(commit) = hidden.pop() {
            let flags = self.flags(commit);
            if *flags & HIDDEN != 0 {
                continue;
            }
            *flags |= HIDDEN;
            if *flags & QUEUED != 0 {
                self.open -= 1;
            }
            hidden.extend_from_slice(self.graph.parents(commit));
        }
        self.add(commit);
    }

    fn run(&mut self) {
        let limit = self.selection.since.map(|since| since.saturating_sub(CLOCK_ERROR));
        let mut oldest = i64::MAX;
        let mut slop = SLOP;
        while let Some((time, commit)) = self.queue.pop() {
            let flags = self.flags(commit);
            *flags &= !QUEUED;
            let is_hidden = *flags & HIDDEN != 0;
            if is_hidden {
                if self.open == 0 && time < oldest {
                    slop -= 1;
                    if slop == 0 {
                        break;
                    }
                }
            } else {
                *flags |= TAKEN;
                self.open -= 1;
                oldest = oldest.min(time);
                slop = SLOP;
            }
            if limit.is_some_and(|limit| time < limit) && !is_hidden {
                continue;
            }
            let first_only = self.selection.first_parent && !is_hidden;
            let parents = self.graph.parents(commit);
            let count = if first_only { parents.len().min(1) } else { parents.len() };
            for i in 0..count {
                let parent = self.graph.parents(commit)[i];
                if is_hidden {
                    self.hide(parent);
                } else {
                    self.add(parent);
                }
            }
        }
    }

    /// The last commits that two have in common, and perhaps some of their
    /// ancestors.
    fn common(&mut self, a: u32, b: u32) -> Vec<u32> {
        const A: u8 = 1;
        const B: u8 = 2;
        const STALE: u8 = 4;
        const WAITING: u8 = 8;
        let mut marks = vec![0u8; self.graph.len()];
        let mut queue = BinaryHeap::new();
        let mut found = Vec::new();
        // How many in the queue are not stale.
        let mut open = 0usize;
        let mut next = vec![(a, A), (b, B)];
        loop {
            for (commit, new) in next.drain(..) {
                let id = *self.graph.id(commit);
                if self.graph.load(&id, self.objects, &mut self.buffer).is_err() {
                    continue;
                }
                marks.resize(self.graph.len(), 0);
                let before = marks[commit as usize];
                let after = before | new;
                if after == before {
                    continue;
                }
                let was_open = before & WAITING != 0 && before & STALE == 0;
                let is_open = after & STALE == 0;
                open = open + usize::from(is_open) - usize::from(was_open);
                if before & WAITING == 0 {
                    queue.push((self.graph.time(commit), commit));
                }
                marks[commit as usize] = after | WAITING;
            }
            if open == 0 {
                return found;
            }
            let Some((_, commit)) = queue.pop() else { return found };
            let mark = &mut marks[commit as usize];
            *mark &= !WAITING;
            if *mark & STALE == 0 {
                open -= 1;
                if *mark & (A | B) == A | B {
                    found.push(commit);
                    *mark |= STALE;
                }
            }
            let mark = *mark;
            next.extend(self.graph.parents(commit).iter().map(|parent| (*parent, mark)));
        }
    }
}

/// Whether a ref is named by a pattern or stands under it.
fn is_ref_of(pattern: &str, name: &[u8]) -> bool {
    let pattern = pattern.as_bytes();
    if glob::is_pattern(pattern) {
        return glob::matches(pattern, name);
    }
    let rest = name.strip_prefix(pattern.strip_suffix(b"/").unwrap_or(pattern));
    rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// Leaves out what the other conditions do not take; the newest count first.
fn filter(
    selection: &CommitSelection,
    objects: &impl Objects,
    graph: &CommitGraph,
    order: &mut Vec<u32>,
) {
    let mut buffer = Vec::new();
    order.retain(|&commit| {
        let time = graph.time(commit);
        let parents = graph.parents(commit).len();
        selection.since.is_none_or(|since| time >= since)
            && selection.until.is_none_or(|until| time <= until)
            && !(selection.no_merges && parents > 1)
            && !(selection.only_merges && parents < 2)
            && has_author(&selection.authors, objects, graph.id(commit), &mut buffer)
    });
    if !selection.paths.is_empty() {
        touching(selection, objects, graph, order);
    }
    let skip = usize::try_from(selection.skip).unwrap_or(usize::MAX);
    order.truncate(order.len().saturating_sub(skip));
    if let Some(count) = selection.max_count {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        order.drain(..order.len().saturating_sub(count));
    }
}

/// Leaves the commits that bring something in under the selected paths: as many of
/// the newest as count.
fn touching(
    selection: &CommitSelection,
    objects: &impl Objects,
    graph: &CommitGraph,
    order: &mut Vec<u32>,
) {
    let most = selection.max_count.map_or(u64::MAX, |count| count.saturating_add(selection.skip));
    let mut left = usize::try_from(most).unwrap_or(usize::MAX);
    let mut taken = Vec::new();
    for &commit in order.iter().rev() {
        if left == 0 {
            break;
        }
        let format = graph.id(commit).format();
        if !new_blobs(graph, &[commit], objects, format, selection).blobs.is_empty() {
            taken.push(commit);
            left -= 1;
        }
    }
    taken.reverse();
    *order = taken;
}

fn has_author(authors: &[String], objects: &impl Objects, id: &Oid, buffer: &mut Vec<u8>) -> bool {
    if authors.is_empty() {
        return true;
    }
    if objects.read(id, STRUCTURE_LIMIT, buffer).is_err() {
        return false;
    }
    let Some(commit) = Commit::parse(buffer) else { return false };
    let person = [commit.author.name, b" <", commit.author.email, b">"].concat();
    authors.iter().any(|author| memchr::memmem::find(&person, author.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::log_opts;
    use super::super::repository::Repository;
    use super::super::testing::{self, Sandbox};
    use super::*;

    /// A history with two long branches that were merged now and then.
    fn history() -> Sandbox {
        let mut sandbox = Sandbox::new(&[]);
        sandbox.commit("root", &[("root", "0")]);
        sandbox.git(&["branch", "side"]);
        sandbox.git(&["tag", "-a", "-m", "t", "v0"]);
        for round in 0..6 {
            for branch in ["main", "side"] {
                sandbox.git(&["checkout", "-q", branch]);
                sandbox.commit("c", &[(&format!("{branch}{round}"), "x")]);
            }
            if round == 2 {
                sandbox.git(&["config", "user.name", "Somebody"]);
                sandbox.dated(&["merge", "-q", "-m", "merge", "main"]);
                sandbox.dated(&["tag", "-a", "-m", "t", "v1"]);
            }
        }
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.dated(&["merge", "-q", "-m", "merge", "side~2"]);
        sandbox.dated(&[
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
            "--author=O Ther <o@example.org>",
        ]);
        sandbox.git(&["update-ref", "refs/remotes/origin/main", "main~2"]);
        sandbox
    }

    fn selected(sandbox: &Sandbox, selection: &CommitSelection) -> Result<Vec<String>, GitError> {
        let repository = Repository::open(&sandbox.dir()).unwrap();
        let refs = repository.refs().unwrap();
        let objects = sandbox.objects();
        let revisions = Revisions { repository: &repository, refs: &refs, objects: &objects };
        let mut graph = CommitGraph::new(HashSet::new());
        let selected = select(selection, &revisions, &mut graph)?;
        assert_eq!((&selected.missing, &selected.damaged), (&Vec::new(), &Vec::new()));
        Ok(selected.order.iter().map(|c| graph.id(*c).to_string()).collect())
    }

    #[test]
    fn selections_are_those_of_git_log() {
        let sandbox = history();
        for options in [
            "",
            "--all",
            "main..side",
            "side..",
            "main...side",
            "side~3...main~1",
            "^v1 --branches",
            "main --not --remotes=origin",
            "main side --not v0 v1",
            "--not --all",
            "main~3..main",
            "--tags",
            "--remotes=or*",
            "-n 3 --all",
            "--skip=2 -4 side",
            "--no-merges --all",
            "--merges --all",
            "--first-parent main",
            "--first-parent side..main",
            "--since=@1700000600 --all",
            "--until=@1700000600 --all",
            "--author=Ther --all",
            "--author='thor <auth' side",
            "side --not main~1 --not side~2",
        ] {
            let selection = CommitSelection::from_log_opts(options, 0).unwrap();
            let mut found = selected(&sandbox, &selection).unwrap();
            found.reverse();
            let mut command = testing::command(&sandbox.dir());
            command.args(["log", "--date-order", "--format=%H"]);
            let log = testing::run(command.args(log_opts::words(options).unwrap()));
            assert_eq!(found, log.lines().collect::<Vec<_>>(), "{options}");
        }
        // Without a tip all branches, remotes and tags.
        let since = CommitSelection { since: Some(0), ..CommitSelection::default() };
        let all = sandbox.git(&["rev-list", "--all"]);
        assert_eq!(selected(&sandbox, &since).unwrap().len(), all.lines().count());
        let branch = CommitSelection::default().branch("side");
        let log = sandbox.git(&["rev-list", "side"]);
        assert_eq!(selected(&sandbox, &branch).unwrap().len(), log.lines().count());
        let wrong = CommitSelection::from_range("main..nothing").unwrap();
        let error = selected(&sandbox, &wrong).unwrap_err();
        assert!(error.to_string().contains("nothing"), "{error}");
    }
}
