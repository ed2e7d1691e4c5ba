//! Where the objects of a repository stood.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::found::FoundIn;
use super::places::{Answers, Now, Stand};
use crate::input::git::{
    CommitGraph, Holder, Kind, NAMED_REFS, Oid, Peeled, Provenance, Refs, Store, TipKind, Tips,
    chain,
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
    /// The annotated tags that refs lead to, once they are asked for.
    pub(super) tags: OnceCell<HashMap<Oid, Tagged>>,
}

/// An annotated tag that refs lead to.
#[derive(Debug)]
pub(super) struct Tagged {
    name: Box<str>,
    /// What it is of, behind all tags of tags.
    end: Oid,
    /// The refs that lead to it, by their numbers.
    refs: Vec<u32>,
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
    pub(super) fn stands(&self, found: &FoundIn) -> Vec<Stand> {
        match found.kind {
            Kind::Blob => self.blob(&found.object),
            Kind::Commit => self.commit_itself(&found.object).into_iter().collect(),
            Kind::Tag => self.tag(&found.object).into_iter().collect(),
            Kind::Tree => Vec::new(),
        }
    }

    /// What is told of an object that no commit has.
    pub(super) fn unreachable(found: &FoundIn) -> Stand {
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
        let tag = self.tags().get(id)?;
        let number = self.graph.find(&tag.end);
        let rank = number.map_or(NEVER, |number| self.ranks[number as usize]);
        Some(Stand {
            holder: Holder::Tag(tag.name.clone()),
            commit: number.and(Some(tag.end)),
            rank,
        })
    }

    /// The annotated tags that refs lead to. They are read when the first is asked for:
    /// most histories have no finding in any.
    fn tags(&self) -> &HashMap<Oid, Tagged> {
        self.tags.get_or_init(|| {
            let mut tags: HashMap<Oid, Tagged> = HashMap::new();
            for (number, r) in self.refs.list.iter().enumerate() {
                // Most refs are of commits, which the graph knows without a look.
                let links = chain(self.store, r.target, |id| self.graph.find(id).is_some());
                let Some(end) = links.last().map(|link| link.target) else { continue };
                for link in links {
                    let new = || Tagged { name: link.name, end, refs: Vec::new() };
                    let refs = &mut tags.entry(link.id).or_insert_with(new).refs;
                    if refs.last() != Some(&(number as u32)) {
                        refs.push(number as u32);
                    }
                }
            }
            tags
        })
    }

    fn ref_name(&self, tip: u32) -> Arc<str> {
        let name = String::from_utf8_lossy(&self.tips.list[tip as usize].name);
        name.as_ref().into()
    }
}

impl Answers for History<'_> {
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
                let tags = objects.iter().filter_map(|id| self.tags().get(id));
                let mut numbers: Vec<u32> = tags.flat_map(|tag| tag.refs.iter().copied()).collect();
                numbers.sort_unstable();
                numbers.dedup();
                let name = |number: &u32| -> Arc<str> {
                    let name = &self.refs.list[*number as usize].name;
                    String::from_utf8_lossy(name).as_ref().into()
                };
                Now {
                    at_head: false,
                    is_known: true,
                    head_path: None,
                    refs: numbers.iter().take(NAMED_REFS).map(name).collect(),
                    ref_count: numbers.len() as u32,
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
