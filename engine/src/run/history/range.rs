//! Scanning what a range of commits brought in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Source;
use super::account::Account;
use super::objects::Failed;
use super::places::{Answers, Now, Places, Stand};
use super::whole::WholeScan;
use crate::input::git::{
    Commit, CommitGraph, CommitInfo, CommitSelection, Entries, GitError, Holder, Kind, NewBlob,
    ObjectError, Objects, Oid, Peeled, RefFilter, Revisions, STRUCTURE_LIMIT, Store, Tag, TipKind,
    Tips, new_blobs, select,
};

impl WholeScan<'_> {
    /// Scans what the selected commits of each repository brought in: their messages,
    /// and the content that none of their parents has.
    pub(super) fn range(
        &self,
        selection: &CommitSelection,
        account: &mut Account,
    ) -> Result<(), GitError> {
        let scan = self.object_scan(None);
        let mut places = Places::default();
        let mut ranges = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            let range = self.select(source, selection, account)?;
            let mut stands: HashMap<Oid, Stand> = HashMap::new();
            let commit = |number: u32| Some(*range.graph.id(number));
            for (rank, number) in range.order.iter().enumerate() {
                let id = *range.graph.id(*number);
                let stand = Stand { holder: Holder::Commit, commit: Some(id), rank: rank as u32 };
                stands.insert(id, stand);
            }
            let ranks = super::origin::History::ranks(&range.graph, &range.order);
            for NewBlob { id, path, commit: by } in &range.blobs {
                let rank = ranks.get(*by as usize).copied().unwrap_or(u32::MAX);
                let holder = Holder::File(path.clone());
                stands.insert(*id, Stand { holder, commit: commit(*by), rank });
            }
            for (id, name, target) in &range.tags {
                let holder = Holder::Tag(name.clone());
                stands.insert(*id, Stand { holder, commit: Some(*target), rank: u32::MAX });
            }
            let mut ids: Vec<Oid> = stands.keys().copied().collect();
            ids.sort_unstable();
            let scanned = scan.each(&ids);
            for failed in &scanned.failed {
                account.failed(source.label.clone(), failed.clone());
            }
            account.scanned(&scanned);
            for found in &scanned.found {
                if let Some(stand) = stands.get(&found.object) {
                    places.add(found, number, stand.clone());
                }
            }
            ranges.push(range);
        }
        let labels: Vec<PathBuf> = self.sources.iter().map(|s| s.label.clone()).collect();
        let wanted = places.finish(&labels, &ranges);
        self.report(&scan, &wanted, account);
        Ok(())
    }

    fn select(
        &self,
        source: &Source,
        selection: &CommitSelection,
        account: &mut Account,
    ) -> Result<Range<'_>, GitError> {
        let refs = source.repository.refs()?;
        let mut graph = CommitGraph::new(source.repository.shallow()?);
        let revisions =
            Revisions { repository: &source.repository, refs: &refs, objects: self.store };
        let selected = select(selection, &revisions, &mut graph)?;
        let mut fail = |object: Oid, error: ObjectError| {
            let failed = Failed { object, place: String::new(), error };
            account.failed(source.label.clone(), failed);
        };
        for id in selected.missing {
            fail(id, ObjectError::Missing);
        }
        for (id, message) in selected.damaged {
            fail(id, ObjectError::Damaged(message));
        }
        let format = source.repository.format();
        let new = new_blobs(&graph, &selected.order, self.store, format, selection);
        for id in new.missing {
            fail(id, ObjectError::Missing);
        }
        for (id, message) in new.damaged {
            fail(id, ObjectError::Damaged(message));
        }
        let tags = selection.tips.iter().filter_map(|tip| self.tag(tip)).collect();
        let tips = Tips::of(&refs, RefFilter::Usual, &mut graph, self.store);
        let head = tips.list.iter().find(|tip| tip.kind == TipKind::Head);
        let head = head.and_then(|tip| match tip.target {
            Peeled::Commit(commit) => graph.tree(commit).copied(),
            Peeled::Tree(tree) => Some(tree),
            Peeled::Blob(_) => None,
        });
        Ok(Range {
            store: self.store,
            graph,
            order: selected.order,
            blobs: new.blobs,
            tags,
            head,
            infos: RefCell::default(),
        })
    }

    /// The annotated tag that this id names: its id, its name, and what it is of.
    fn tag(&self, tip: &str) -> Option<(Oid, Box<str>, Oid)> {
        let id = Oid::from_hex(tip.as_bytes())?;
        let mut object = Vec::new();
        let kind = self.store.read(&id, STRUCTURE_LIMIT, &mut object).ok()?;
        let tag = Tag::parse(&object).filter(|_| kind == Kind::Tag)?;
        Some((id, String::from_utf8_lossy(tag.name).into(), tag.target))
    }
}

/// The selected commits of a repository, and what they brought.
struct Range<'r> {
    store: &'r Store,
    graph: CommitGraph,
    order: Vec<u32>,
    blobs: Vec<NewBlob>,
    tags: Vec<(Oid, Box<str>, Oid)>,
    /// The tree of `HEAD`.
    head: Option<Oid>,
    infos: RefCell<HashMap<Oid, Option<Arc<CommitInfo>>>>,
}

impl Range<'_> {
    /// What stands at a path in the tree of `HEAD`.
    fn at_head(&self, path: &[u8]) -> Option<Oid> {
        let mut at = self.head?;
        let mut tree = Vec::new();
        for name in path.split(|b| *b == b'/') {
            self.store.read(&at, STRUCTURE_LIMIT, &mut tree).ok()?;
            let entry = Entries::new(&tree, self.store.format()).find(|e| e.name == name)?;
            at = entry.oid()?;
        }
        Some(at)
    }
}

impl Answers for Range<'_> {
    fn commit(&self, id: &Oid) -> Option<Arc<CommitInfo>> {
        let mut infos = self.infos.borrow_mut();
        let read = || {
            let mut object = Vec::new();
            self.store.read(id, STRUCTURE_LIMIT, &mut object).ok()?;
            Some(Arc::new(Commit::parse(&object)?.info(*id)))
        };
        infos.entry(*id).or_insert_with(read).clone()
    }

    fn standing(&self, holder: &Holder, objects: &[Oid]) -> Now {
        let at_head = match holder {
            Holder::File(path) => self.at_head(path).is_some_and(|id| objects.contains(&id)),
            _ => false,
        };
        Now { at_head, ..Now::default() }
    }
}
