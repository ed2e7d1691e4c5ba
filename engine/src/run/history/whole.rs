//! Scanning all that repositories hold.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;

use super::Source;
use super::account::Account;
use super::objects::{Failed, Found, How, Keys, ObjectScan, Scanned, Single};
use super::options::GitOptions;
use super::origin::History;
use super::places::{PlaceSink, Places, Wanted};
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::git::{
    CommitGraph, Forest, GitError, GitPlace, Kind, Oid, Question, RefFilter, Row, Store, Tips,
    provenance,
};
use crate::run::{Located, Progress};
use crate::scanner::Scanner;

/// What is known once all objects were scanned.
struct Objects {
    found: Vec<Found>,
    rows: Vec<Row>,
    forests: Vec<Forest>,
}

/// A scan of all objects of a store.
pub(super) struct WholeScan<'a> {
    pub(super) scanner: &'a Scanner,
    pub(super) store: &'a Store,
    pub(super) sources: &'a [&'a Source],
    pub(super) options: &'a GitOptions,
    pub(super) keys: &'a Keys,
    pub(super) progress: &'a Progress,
    pub(super) found: &'a dyn Fn(Located),
}

impl WholeScan<'_> {
    pub(super) fn run(&self, account: &mut Account) -> Result<(), GitError> {
        let how = How {
            threads: self.options.thread_count(),
            whole: self.options.whole_objects,
            max_size: self.options.max_object_size,
        };
        let scan = ObjectScan::new(self.scanner, self.store, how, self.keys, self.progress);
        let objects = self.objects(&scan, account);
        let mut graph = self.graph(objects.rows)?;
        let mut repositories = Vec::new();
        for source in self.sources {
            let refs = source.repository.refs()?;
            let filter = if self.options.all_objects { RefFilter::All } else { RefFilter::Usual };
            let tips = Tips::of(&refs, filter, &mut graph, self.store);
            self.tell_unresolved(source, &tips, account);
            repositories.push((refs, tips));
        }
        let starts: Vec<u32> = repositories.iter().flat_map(|(_, tips)| tips.commits()).collect();
        for (id, error) in graph.load_all(&starts, self.store) {
            account.failed(PathBuf::new(), Failed { object: id, place: String::new(), error });
        }
        let mut wanted: Vec<Oid> =
            objects.found.iter().filter(|f| f.kind == Kind::Blob).map(|f| f.object).collect();
        wanted.dedup();
        let mut histories = Vec::new();
        for (number, (refs, tips)) in repositories.iter().enumerate() {
            let selected = self.selected(number, &graph, tips);
            let order = graph.order(&selected);
            let question =
                Question { graph: &graph, order: &order, tips: &tips.list, wanted: &wanted };
            let provenance =
                provenance(self.store, &objects.forests, &question, self.options.thread_count());
            histories.push(History {
                store: self.store,
                graph: &graph,
                refs,
                tips,
                ranks: History::ranks(&graph, &order),
                head: History::head(&graph, tips),
                provenance,
                unreachable: self.options.all_objects,
                infos: RefCell::default(),
            });
        }
        let mut places = Places::default();
        for found in &objects.found {
            for (number, history) in histories.iter().enumerate() {
                for stand in history.stands(found) {
                    places.add(found, number, stand);
                }
            }
        }
        let labels: Vec<_> = self.sources.iter().map(|s| s.label.clone()).collect();
        let wanted = places.finish(&labels, &histories);
        self.report(&scan, &wanted, account);
        Ok(())
    }

    /// The commits that were read, as a graph.
    fn graph(&self, rows: Vec<Row>) -> Result<CommitGraph, GitError> {
        let mut shallow = HashSet::new();
        for source in self.sources {
            shallow.extend(source.repository.shallow()?);
        }
        let mut graph = CommitGraph::new(shallow);
        for row in &rows {
            graph.add_row(row);
        }
        Ok(graph)
    }

    /// The commits of a repository that count.
    fn selected(&self, number: usize, graph: &CommitGraph, tips: &Tips) -> Vec<bool> {
        let _ = number;
        if self.options.all_objects {
            return vec![true; graph.len()];
        }
        graph.reachable(tips.commits())
    }

    fn tell_unresolved(&self, source: &Source, tips: &Tips, account: &mut Account) {
        for (name, id, error) in &tips.unresolved {
            let place = String::from_utf8_lossy(name).into_owned();
            let failed = Failed { object: *id, place, error: error.clone() };
            account.failed(source.label.clone(), failed);
        }
    }

    /// Scans every object once; tells in which something was found.
    fn objects(&self, scan: &ObjectScan<'_>, account: &mut Account) -> Objects {
        let mut all = Scanned::default();
        let mut forests = Vec::new();
        let repeated = self.store.repeated();
        for (pack, repeated) in self.store.packs().iter().zip(&repeated) {
            let forest = Forest::of(pack, scan.how.threads);
            all.add(scan.pack(pack, &forest, &|position| repeated.contains(position)));
            forests.push(forest);
        }
        let in_a_pack = |id: &Oid| self.store.find(id.as_bytes()).is_some();
        let loose = self.store.loose().into_iter().map(|(id, _)| id);
        let loose: Vec<Oid> = loose.filter(|id| !in_a_pack(id)).collect();
        all.add(scan.each(&loose));

        // What one pack holds damaged another may hold whole; what is too large to be
        // held may be read as a stream; and what is a delta of something elsewhere is
        // made one by one.
        let failed = std::mem::take(&mut all.failed);
        let mut again: Vec<Oid> = failed.iter().map(|f| f.object).collect();
        again.sort_unstable();
        again.dedup();
        let retried = scan.each(&again);
        let lost: HashSet<Oid> = retried.failed.iter().map(|f| f.object).collect();
        all.add(Scanned { failed: Vec::new(), ..retried });
        let mut named = HashSet::new();
        for failed in failed.into_iter().filter(|f| lost.contains(&f.object)) {
            if named.insert(failed.object) {
                account.failed(Default::default(), failed);
            }
        }
        account.scanned(&all);
        let mut found = all.found;
        found.sort_unstable();
        found.dedup();
        Objects { found, rows: all.rows, forests }
    }

    /// Reads again where something was found, for the findings.
    fn report(&self, scan: &ObjectScan<'_>, wanted: &[Wanted], account: &mut Account) {
        let mut reader = Single::new(scan);
        for wanted in wanted {
            let mut found = |place: &GitPlace, finding: Finding| {
                (self.found)(Located { origin: Origin::Git(Box::new(place.clone())), finding });
            };
            let mut sink = PlaceSink { keys: self.keys, wanted, found: &mut found };
            if let Err(error) = reader.again(&wanted.object, &mut sink) {
                let failed = Failed { object: wanted.object, place: String::new(), error };
                account.failed(Default::default(), failed);
            }
        }
    }
}
