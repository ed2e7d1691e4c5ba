//! Scanning what a range of commits brought in.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::Source;
use super::account::Account;
use super::found::FoundIn;
use super::objects::{Failed, SecretKey};
use super::places::{Answers, Now, Places, Stand};
use super::whole::WholeScan;
use crate::input::git::{
    CommitGraph, CommitSelection, Entries, GitError, Holder, Link, NewBlob, ObjectError, Objects,
    Oid, Peeled, RefFilter, Revisions, STRUCTURE_LIMIT, Store, TipKind, Tips, chain, named_blobs,
    new_blobs, select,
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
                let rank = by.and_then(|by| ranks.get(by as usize).copied()).unwrap_or(u32::MAX);
                let holder = match path.is_empty() {
                    true => Holder::Object,
                    false => Holder::File(path.clone()),
                };
                stands.insert(*id, Stand { holder, commit: by.and_then(commit), rank });
            }
            for (Link { id, name, .. }, commit) in &range.tags {
                let holder = Holder::Tag(name.clone());
                stands.insert(*id, Stand { holder, commit: *commit, rank: u32::MAX });
            }
            let mut ids: Vec<Oid> = stands.keys().copied().collect();
            ids.sort_unstable();
            let scanned = scan.each(&ids);
            for failed in &scanned.failed {
                account.failed(source.label.clone(), failed.clone());
            }
            account.scanned(&scanned);
            let mut found = scanned.found;
            found.settle();
            let before = range.before(found.objects());
            let mut bases: Vec<Oid> = before.values().flatten().copied().collect();
            bases.sort_unstable();
            bases.dedup();
            let bases = scan.each(&bases).found;
            let known: HashMap<Oid, HashSet<SecretKey>> =
                bases.objects().iter().map(|f| (f.object, bases.secrets(f).collect())).collect();
            for found_in in found.objects() {
                let Some(stand) = stands.get(&found_in.object) else { continue };
                let bases = before.get(&found_in.object).into_iter().flatten();
                let bases: Vec<_> = bases.filter_map(|base| known.get(base)).collect();
                // A file that is touched brings in what is new in it.
                let mut new =
                    found.secrets(found_in).filter(|k| bases.iter().all(|b| !b.contains(k)));
                if let Some(first) = new.next() {
                    let new = std::iter::once(first).chain(new);
                    places.add(found_in.object, new, number, stand.clone());
                }
            }
            ranges.push(range);
        }
        let labels: Vec<PathBuf> = self.sources.iter().map(|s| s.label.clone()).collect();
        let wanted = places.finish(self.store, &labels, &ranges);
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
        if selection.asks_refs() {
            account.damaged_refs(source, &refs, RefFilter::Usual);
        }
        let mut graph = CommitGraph::new(source.repository.shallow()?);
        let revisions =
            Revisions { repository: &source.repository, refs: &refs, objects: self.store };
        let selected = select(selection, &revisions, &mut graph)?;
        let mut fail = |object: Oid, error: ObjectError| {
            let failed = Failed { object, place: String::new(), error };
            account.failed(source.label.clone(), failed);
        };
        let format = source.repository.format();
        let new = new_blobs(&graph, &selected.order, self.store, format, selection);
        let named = named_blobs(&graph, &selected, self.store, format, selection);
        for id in [selected.missing, new.missing, named.missing].concat() {
            fail(id, ObjectError::Missing);
        }
        for (id, message) in [selected.damaged, new.damaged, named.damaged].concat() {
            fail(id, ObjectError::Damaged(message));
        }
        // What a commit brings is told with it.
        let brought: HashSet<Oid> = new.blobs.iter().map(|blob| blob.id).collect();
        let mut blobs = new.blobs;
        blobs.extend(named.blobs.into_iter().filter(|blob| !brought.contains(&blob.id)));
        // Tags that are pushed, and those of the commits.
        let is_commit = |id: &Oid| graph.find(id).is_some();
        let ids = selection.tips.iter().filter_map(|tip| Oid::from_hex(tip.as_bytes()));
        let ids = ids.chain(selection.objects.iter().copied());
        let mut tags: Vec<(Link, Option<Oid>)> = Vec::new();
        let mut add = |links: Vec<Link>| {
            let commit = links.last().map(|link| link.target).filter(is_commit);
            tags.extend(links.into_iter().map(|link| (link, commit)));
        };
        ids.for_each(|id| add(chain(self.store, id, is_commit)));
        let chosen: HashSet<Oid> = selected.order.iter().map(|c| *graph.id(*c)).collect();
        for r in refs.list.iter().filter(|r| r.name.starts_with(b"refs/tags/")) {
            let links = chain(self.store, r.target, is_commit);
            if links.last().is_some_and(|link| chosen.contains(&link.target)) {
                add(links);
            }
        }
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
            blobs,
            tags,
            first_parent: selection.first_parent,
            head,
        })
    }
}

/// The selected commits of a repository, and what they brought.
struct Range<'r> {
    store: &'r Store,
    graph: CommitGraph,
    order: Vec<u32>,
    blobs: Vec<NewBlob>,
    /// With the commits that they are of.
    tags: Vec<(Link, Option<Oid>)>,
    /// Whether commits are compared with their first parents only.
    first_parent: bool,
    /// The tree of `HEAD`.
    head: Option<Oid>,
}

impl Range<'_> {
    /// For each blob in which something was found, the versions of the file that the
    /// parents of its commit have.
    fn before(&self, found: &[FoundIn]) -> HashMap<Oid, Vec<Oid>> {
        let wanted: HashSet<Oid> = found.iter().map(|f| f.object).collect();
        let versions = |new: &NewBlob| {
            let parents = new.commit.map_or(&[][..], |commit| self.graph.parents(commit));
            let parents = parents.iter().take(if self.first_parent { 1 } else { usize::MAX });
            let trees = parents.filter_map(|parent| self.graph.tree(*parent).copied());
            trees.filter_map(|tree| self.at(tree, &new.path)).collect()
        };
        let new = self.blobs.iter().filter(|new| wanted.contains(&new.id));
        new.map(|new| (new.id, versions(new))).collect()
    }

    /// What stands at a path in the tree of `HEAD`.
    fn at_head(&self, path: &[u8]) -> Option<Oid> {
        self.at(self.head?, path)
    }

    /// What stands at a path in a tree.
    fn at(&self, tree: Oid, path: &[u8]) -> Option<Oid> {
        let mut at = tree;
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
    fn standing(&self, holder: &Holder, objects: &[Oid]) -> Now {
        let at_head = match holder {
            Holder::File(path) => self.at_head(path).is_some_and(|id| objects.contains(&id)),
            _ => false,
        };
        // Elsewhere is not looked.
        Now { at_head, is_known: false, ..Now::default() }
    }
}
