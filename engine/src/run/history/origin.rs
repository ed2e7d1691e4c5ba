//! Where the objects of a repository stood.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::objects::Found;
use super::places::{Answers, Now, Stand};
use crate::input::git::{
    Commit, CommitGraph, CommitInfo, Holder, Kind, MAX_TAGS, NAMED_REFS, Objects, Oid, Peeled,
    Provenance, Refs, STRUCTURE_LIMIT, Store, Tag, TipKind, Tips,
};

/// A rank behind all commits.
const NEVER: u32 = u32::MAX;

/// The history of one repository: which commits count, and what they brought.
pub(super) struct History<'h> {
    pub(super) store: &'h Store,
    pub(super) graph: &'h CommitGraph,
    pub(super) refs: &'h Refs,
    pub(super) tips: &'h Tips,
    /// The rank of each commit that counts, by number.
    pub(super) ranks: Vec<u32>,
    /// The commits that `HEAD` reaches.
    pub(super) head: Vec<bool>,
    pub(super) provenance: Provenance,
    /// The commits that count, in the order of their ranks.
    pub(super) order: &'h [u32],
    pub(super) infos: RefCell<HashMap<Oid, Option<Arc<CommitInfo>>>>,
}

impl<'h> History<'h> {
    /// The ranks of commits in an order.
    pub(super) fn ranks(graph: &CommitGraph, order: &[u32]) -> Vec<u32> {
        let mut ranks = vec![NEVER; graph.len()];
        for (rank, commit) in order.iter().enumerate() {
            ranks[*commit as usize] = rank as u32;
        }
        ranks
    }

    /// The commits that the heads reach.
    pub(super) fn head(graph: &CommitGraph, tips: &Tips) -> Vec<bool> {
        let heads = tips.list.iter().filter(|tip| tip.kind == TipKind::Head);
        graph.reachable(heads.filter_map(|tip| match tip.target {
            Peeled::Commit(commit) => Some(commit),
            _ => None,
        }))
    }

    /// Where an object stood; nothing if that does not count.
    pub(super) fn stands(&self, found: &Found) -> Vec<Stand> {
        match found.kind {
            Kind::Blob => self.blob(&found.object),
            Kind::Commit => self.commit_itself(&found.object).into_iter().collect(),
            Kind::Tag => self.tag(&found.object).into_iter().collect(),
            Kind::Tree => Vec::new(),
        }
    }

    /// What is told of an object that no commit has.
    pub(super) fn unreachable(found: &Found) -> Stand {
        let commit = (found.kind == Kind::Commit).then_some(found.object);
        let holder = if commit.is_some() { Holder::Commit } else { Holder::Unreachable };
        Stand { holder, commit, rank: NEVER }
    }

    fn commit_itself(&self, id: &Oid) -> Option<Stand> {
        let number = self.graph.find(id)?;
        let rank = self.ranks.get(number as usize).copied().filter(|rank| *rank != NEVER)?;
        Some(Stand { holder: Holder::Commit, commit: Some(*id), rank })
    }

    fn blob(&self, id: &Oid) -> Vec<Stand> {
        let Some(brought) = self.provenance.of(id) else { return Vec::new() };
        let commit = brought.commit.map(|number| *self.graph.id(number));
        let rank = brought.commit.map_or(NEVER, |number| self.ranks[number as usize]);
        let stand = |holder| Stand { holder, commit, rank };
        if let Some(about) = brought.note_about() {
            return vec![stand(Holder::Note(about))];
        }
        if brought.path.is_empty() {
            return vec![stand(Holder::Object)];
        }
        let others = brought.others.iter();
        [&brought.path].into_iter().chain(others).map(|p| stand(Holder::File(p.clone()))).collect()
    }

    /// A tag counts if a ref leads to it.
    fn tag(&self, id: &Oid) -> Option<Stand> {
        if !self.refs.list.iter().any(|r| self.leads_to(r.target, id)) {
            return None;
        }
        let (name, commit) = self.read_tag(id)?;
        let number = commit.and_then(|id| self.graph.find(&id));
        let rank = number.map_or(NEVER, |number| self.ranks[number as usize]);
        let holder = Holder::Tag(String::from_utf8_lossy(&name).into());
        Some(Stand { holder, commit: number.and(commit), rank })
    }

    /// Whether a ref's object is this tag, or a tag of it.
    fn leads_to(&self, target: Oid, tag: &Oid) -> bool {
        let mut at = target;
        for _ in 0..MAX_TAGS {
            if at == *tag {
                return true;
            }
            // Most refs are of commits, which the graph knows without a look.
            if self.graph.find(&at).is_some() {
                return false;
            }
            let mut object = Vec::new();
            match self.store.read(&at, STRUCTURE_LIMIT, &mut object) {
                Ok(Kind::Tag) => match Tag::parse(&object) {
                    Some(tag) => at = tag.target,
                    None => return false,
                },
                _ => return false,
            }
        }
        false
    }

    /// A tag's name, and the commit that it is of.
    fn read_tag(&self, id: &Oid) -> Option<(Vec<u8>, Option<Oid>)> {
        let mut object = Vec::new();
        self.store.read(id, STRUCTURE_LIMIT, &mut object).ok()?;
        let tag = Tag::parse(&object)?;
        let commit = (tag.kind == Some(Kind::Commit)).then_some(tag.target);
        Some((tag.name.to_vec(), commit))
    }

    fn ref_name(&self, tip: u32) -> Arc<str> {
        let name = String::from_utf8_lossy(&self.tips.list[tip as usize].name);
        name.as_ref().into()
    }
}

impl Answers for History<'_> {
    fn commit(&self, id: &Oid) -> Option<Arc<CommitInfo>> {
        if let Some(known) = self.infos.borrow().get(id) {
            return known.clone();
        }
        let mut object = Vec::new();
        let read = self.store.read(id, STRUCTURE_LIMIT, &mut object);
        let info = read.ok().and_then(|_| Commit::parse(&object)).map(|c| Arc::new(c.info(*id)));
        self.infos.borrow_mut().insert(*id, info.clone());
        info
    }

    fn standing(&self, holder: &Holder, objects: &[Oid]) -> Now {
        match holder {
            Holder::Commit => {
                let reached = |id: &Oid| {
                    let number = self.graph.find(id);
                    number.is_some_and(|n| self.head.get(n as usize).copied().unwrap_or(false))
                };
                Now { at_head: objects.iter().any(reached), is_known: true, ..Now::default() }
            }
            Holder::Tag(_) => {
                let refs = self.refs.list.iter().filter(|r| objects.contains(&r.target));
                let names: Vec<Arc<str>> =
                    refs.map(|r| String::from_utf8_lossy(&r.name).as_ref().into()).collect();
                let ref_count = names.len() as u32;
                Now {
                    at_head: false,
                    is_known: true,
                    head_path: None,
                    refs: names.into_iter().take(NAMED_REFS).collect(),
                    ref_count,
                }
            }
            _ => {
                let standing = self.provenance.standing(objects);
                let path = match holder {
                    Holder::File(path) => &**path,
                    _ => b"",
                };
                Now {
                    at_head: standing.at_head,
                    is_known: true,
                    head_path: self.provenance.head_path(objects, path).map(Into::into),
                    refs: standing.refs.iter().map(|tip| self.ref_name(*tip)).collect(),
                    ref_count: standing.ref_count,
                }
            }
        }
    }
}
