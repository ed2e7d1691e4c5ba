//! The graph of commits: parents, trees and dates, without what people wrote.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::commit::Commit;
use super::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use super::oid::Oid;
use super::tag::Tag;

/// Commits, each named by a number in the order in which they were met.
#[derive(Debug, Default)]
pub(crate) struct CommitGraph {
    numbers: HashMap<Oid, u32>,
    nodes: Vec<Node>,
    parents: Vec<u32>,
    /// Commits whose parents a shallow clone left out.
    shallow: HashSet<Oid>,
}

#[derive(Debug)]
struct Node {
    id: Oid,
    /// None if only its children were met.
    tree: Option<Oid>,
    /// The committer's date.
    time: i64,
    first_parent: u32,
    parent_count: u32,
}

/// What the graph keeps of a commit.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    id: Oid,
    tree: Oid,
    parents: Vec<Oid>,
    /// The committer's date.
    time: i64,
}

impl Row {
    fn of(id: Oid, commit: &Commit<'_>) -> Self {
        let time = commit.committer.time;
        Self { id, tree: commit.tree, parents: commit.parents.clone(), time }
    }

    /// Reads a commit; `None` if the object is not one.
    pub(crate) fn parse(id: Oid, object: &[u8]) -> Option<Self> {
        let commit = Commit::parse(object)?;
        Some(Self::of(id, &commit))
    }
}

/// What an object is a name for, when tags are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peeled {
    Commit(u32),
    Tree(Oid),
    Blob(Oid),
}

/// How many tags of tags are followed.
pub(crate) const MAX_TAGS: usize = 64;

impl CommitGraph {
    /// A graph without commits; that of shallow clones ends at these.
    pub(crate) fn new(shallow: HashSet<Oid>) -> Self {
        Self { shallow, ..Self::default() }
    }

    /// A graph of commits that were read.
    pub(crate) fn with_rows(rows: &[Row]) -> Self {
        let mut graph = Self {
            numbers: HashMap::with_capacity(rows.len()),
            nodes: Vec::with_capacity(rows.len()),
            ..Self::default()
        };
        for row in rows {
            graph.add_row(row);
        }
        graph
    }

    /// How many numbers there are; a few may be of commits that are missing.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn id(&self, commit: u32) -> &Oid {
        &self.nodes[commit as usize].id
    }

    /// The commit's tree; `None` for one that is missing.
    pub(crate) fn tree(&self, commit: u32) -> Option<&Oid> {
        self.nodes[commit as usize].tree.as_ref()
    }

    /// The committer's date.
    pub(crate) fn time(&self, commit: u32) -> i64 {
        self.nodes[commit as usize].time
    }

    /// Its parents, those that are missing included.
    pub(crate) fn parents(&self, commit: u32) -> &[u32] {
        let node = &self.nodes[commit as usize];
        &self.parents[node.first_parent as usize..][..node.parent_count as usize]
    }

    /// Whether only its children were met.
    pub(crate) fn is_missing(&self, commit: u32) -> bool {
        self.nodes[commit as usize].tree.is_none()
    }

    /// The number of a commit that was met.
    pub(crate) fn find(&self, id: &Oid) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    fn number(&mut self, id: Oid) -> u32 {
        let next = self.nodes.len() as u32;
        *self.numbers.entry(id).or_insert_with(|| {
            self.nodes.push(Node { id, tree: None, time: 0, first_parent: 0, parent_count: 0 });
            next
        })
    }

    /// Adds a commit, once. `None` if the object is not one.
    pub(crate) fn insert(&mut self, id: Oid, object: &[u8]) -> Option<u32> {
        let commit = Commit::parse(object)?;
        Some(self.add(id, &commit))
    }

    /// Adds a commit that was read, once.
    pub(crate) fn add(&mut self, id: Oid, commit: &Commit<'_>) -> u32 {
        self.add_row(&Row::of(id, commit))
    }

    /// Adds what is kept of a commit, once.
    pub(crate) fn add_row(&mut self, commit: &Row) -> u32 {
        let id = commit.id;
        let number = self.number(id);
        if !self.is_missing(number) {
            return number;
        }
        let first_parent = self.parents.len() as u32;
        if !self.shallow.contains(&id) {
            for parent in &commit.parents {
                let parent = self.number(*parent);
                self.parents.push(parent);
            }
        }
        let node = &mut self.nodes[number as usize];
        node.tree = Some(commit.tree);
        node.time = commit.time;
        node.first_parent = first_parent;
        node.parent_count = self.parents.len() as u32 - first_parent;
        number
    }

    /// Reads a commit, unless it was read before.
    pub(crate) fn load(
        &mut self,
        id: &Oid,
        objects: &impl Objects,
        buffer: &mut Vec<u8>,
    ) -> Result<u32, ObjectError> {
        if let Some(number) = self.find(id).filter(|number| !self.is_missing(*number)) {
            return Ok(number);
        }
        let kind = objects.read(id, STRUCTURE_LIMIT, buffer)?;
        let number = (kind == Kind::Commit).then(|| self.insert(*id, buffer)).flatten();
        number.ok_or_else(|| ObjectError::damaged("not a commit"))
    }

    /// What an object is a name for; commits are read into the graph.
    pub(crate) fn peel(&mut self, id: &Oid, objects: &impl Objects) -> Result<Peeled, ObjectError> {
        let mut buffer = Vec::new();
        let mut id = *id;
        for _ in 0..MAX_TAGS {
            if let Some(number) = self.find(&id).filter(|number| !self.is_missing(*number)) {
                return Ok(Peeled::Commit(number));
            }
            match objects.read(&id, STRUCTURE_LIMIT, &mut buffer) {
                Ok(Kind::Commit) => {
                    let number = self.insert(id, &buffer);
                    let number = number.ok_or_else(|| ObjectError::damaged("not a commit"))?;
                    return Ok(Peeled::Commit(number));
                }
                Ok(Kind::Tree) => return Ok(Peeled::Tree(id)),
                // A blob need not be small.
                Ok(Kind::Blob) | Err(ObjectError::TooLarge(_)) => return Ok(Peeled::Blob(id)),
                Ok(Kind::Tag) => {
                    let tag = Tag::parse(&buffer);
                    id = tag.ok_or_else(|| ObjectError::damaged("not a tag"))?.target;
                }
                Err(error) => return Err(error),
            }
        }
        Err(ObjectError::damaged("too many tags of tags"))
    }

    /// Reads all that is reachable from these commits and not in the graph yet.
    /// What is missing stays so.
    pub(crate) fn load_all(&mut self, tips: &[u32], objects: &impl Objects) -> Vec<LoadError> {
        let mut buffer = Vec::new();
        let mut errors = Vec::new();
        let mut seen = vec![false; self.len()];
        let mut open = tips.to_vec();
        while let Some(commit) = open.pop() {
            seen.resize(self.len(), false);
            if std::mem::replace(&mut seen[commit as usize], true) {
                continue;
            }
            let id = *self.id(commit);
            match self.load(&id, objects, &mut buffer) {
                Ok(_) => open.extend_from_slice(self.parents(commit)),
                Err(ObjectError::Missing) => {}
                Err(error) => errors.push((id, error)),
            }
        }
        errors
    }

    /// Which commits these reach, themselves included; by number.
    pub(crate) fn reachable(&self, tips: impl IntoIterator<Item = u32>) -> Vec<bool> {
        self.reachable_before(tips, &HashSet::new())
    }

    /// The same, if the parents of some commits are left out.
    pub(crate) fn reachable_before(
        &self,
        tips: impl IntoIterator<Item = u32>,
        cut: &HashSet<Oid>,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut open: Vec<u32> = tips.into_iter().collect();
        while let Some(commit) = open.pop() {
            let is_new = !std::mem::replace(&mut reached[commit as usize], true);
            if is_new && !cut.contains(self.id(commit)) {
                open.extend_from_slice(self.parents(commit));
            }
        }
        reached
    }

    /// The selected commits: parents before children, and of those that might come
    /// next the oldest by the committer's date. Missing ones are left out.
    pub(crate) fn order(&self, selected: &[bool]) -> Vec<u32> {
        let is_selected =
            |c: u32| selected.get(c as usize).copied().unwrap_or(false) && !self.is_missing(c);
        let all: Vec<u32> = (0..self.len() as u32).filter(|c| is_selected(*c)).collect();
        // Children of each commit, as ranges of one list.
        let mut first = vec![0u32; self.len() + 1];
        let mut waiting = vec![0u32; self.len()];
        for &commit in &all {
            for &parent in self.parents(commit).iter().filter(|p| is_selected(**p)) {
                first[parent as usize + 1] += 1;
                waiting[commit as usize] += 1;
            }
        }
        for i in 0..self.len() {
            first[i + 1] += first[i];
        }
        let mut next = first.clone();
        let mut children = vec![0u32; first[self.len()] as usize];
        for &commit in &all {
            for &parent in self.parents(commit).iter().filter(|p| is_selected(**p)) {
                children[next[parent as usize] as usize] = commit;
                next[parent as usize] += 1;
            }
        }
        let key = |c: u32| Reverse((self.time(c), *self.id(c), c));
        let free = all.iter().copied().filter(|c| waiting[*c as usize] == 0);
        let mut heap: BinaryHeap<_> = free.map(key).collect();
        let mut order = Vec::with_capacity(all.len());
        while let Some(Reverse((_, _, commit))) = heap.pop() {
            order.push(commit);
            let range = first[commit as usize] as usize..first[commit as usize + 1] as usize;
            for &child in &children[range] {
                waiting[child as usize] -= 1;
                if waiting[child as usize] == 0 {
                    heap.push(key(child));
                }
            }
        }
        if order.len() < all.len() {
            // Commits that are ancestors of themselves: names that lie.
            let mut rest: Vec<_> = all.into_iter().filter(|c| waiting[*c as usize] > 0).collect();
            rest.sort_by_key(|c| Reverse(key(*c)));
            order.extend(rest);
        }
        order
    }

    /// Parents of selected commits that are not there, other than by the mark of a
    /// shallow clone.
    pub(crate) fn missing(&self, selected: &[bool]) -> usize {
        (0..self.len().min(selected.len()))
            .filter(|c| selected[*c] && self.is_missing(*c as u32))
            .count()
    }
}

/// A commit that could not be read, and why.
pub(crate) type LoadError = (Oid, ObjectError);

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Oid {
        Oid::from_bytes(&[n; 20]).unwrap()
    }

    fn graph(commits: &[(u8, i64, &[u8])]) -> CommitGraph {
        let mut graph = CommitGraph::new(HashSet::from([id(200)]));
        for (number, time, parents) in commits {
            let parents: String = parents.iter().map(|p| format!("parent {}\n", id(*p))).collect();
            let text = format!(
                "tree {}\n{parents}author a <a> 1 +0000\ncommitter a <a> {time} +0000\n\n",
                id(99)
            );
            graph.insert(id(*number), text.as_bytes()).unwrap();
        }
        graph
    }

    fn ordered(graph: &CommitGraph, tips: &[u8]) -> Vec<u8> {
        let tips: Vec<_> = tips.iter().map(|t| graph.find(&id(*t)).unwrap()).collect();
        let selected = graph.reachable(tips);
        graph.order(&selected).iter().map(|c| graph.id(*c).as_bytes()[0]).collect()
    }

    #[test]
    fn parents_first_then_the_oldest() {
        // 4 merges 2 and 3; the clock of 2 ran ahead, that of 5 behind.
        let graph =
            graph(&[(5, 0, &[4]), (4, 40, &[2, 3]), (3, 30, &[1]), (2, 90, &[1]), (1, 10, &[])]);
        assert_eq!(ordered(&graph, &[5]), [1, 3, 2, 4, 5]);
        assert_eq!(ordered(&graph, &[3]), [1, 3]);
    }

    #[test]
    fn what_is_missing_and_what_a_shallow_clone_cut() {
        let graph = graph(&[(3, 3, &[2, 200]), (200, 2, &[1])]);
        assert_eq!(ordered(&graph, &[3]), [200, 3]);
        let selected = graph.reachable([graph.find(&id(3)).unwrap()]);
        assert_eq!(graph.missing(&selected), 1);
        assert!(graph.parents(graph.find(&id(200)).unwrap()).is_empty());
    }

    #[test]
    fn circles_end() {
        let graph = graph(&[(1, 1, &[2]), (2, 2, &[1]), (3, 3, &[3]), (4, 0, &[])]);
        assert_eq!(ordered(&graph, &[1, 3, 4]), [4, 1, 2, 3]);
    }
}
