//! Scanning all that repositories hold.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::thread::ScopedJoinHandle;

use super::account::Account;
use super::found::Finds;
use super::objects::{Failed, How, Keys, ObjectScan, Scanned, Single};
use super::options::GitOptions;
use super::origin::History;
use super::places::{PlaceSink, Places, Wanted};
use super::{Source, absent, state};
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::git::{
    CommitGraph, Forest, GitError, GitPlace, Kind, KnownPlace, ObjectError, Oid, Question,
    RefFilter, Refs, Row, State, Store, Tips, WantedTrees,
};
use crate::ledger::SkipKind;
use crate::names::Names;
use crate::run::{Located, Progress};
use crate::scanner::Scanner;

/// What is known once all objects were scanned.
struct Objects {
    found: Finds,
    rows: Vec<Row>,
    forests: Vec<Forest>,
}

/// All commits, and those of each repository.
struct Commits {
    graph: CommitGraph,
    repositories: Vec<Selected>,
}

/// The refs of a repository and the commits of it that count.
struct Selected {
    refs: Refs,
    tips: Tips,
    /// By number.
    selected: Vec<bool>,
    /// In the order in which they are visited.
    order: Vec<u32>,
}

/// A scan of the objects of a store.
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
    /// A scan of single objects.
    pub(super) fn object_scan<'s>(&'s self, state: Option<&'s State>) -> ObjectScan<'s> {
        let how = How {
            threads: self.options.thread_count(),
            whole: self.options.whole_objects,
            max_size: self.options.max_object_size,
        };
        ObjectScan::new(self.scanner, self.store, how, self.keys, self.progress, state)
    }

    /// `refs` are those of the sources, read before the store was opened.
    pub(super) fn run(&self, refs: Vec<Refs>, account: &mut Account) -> Result<(), GitError> {
        let state = self.options.state.as_deref();
        let scan = self.object_scan(state);
        let digest = state::refs_digest(self.sources, &refs, self.options.is_all(), self.store);
        if let Some(state) = state
            && let Some(places) = self.nothing_new(state, &digest, account)
        {
            let (places, absent) = places;
            for (source, absent) in self.sources.iter().zip(absent) {
                self.tell_clone(source, absent, account);
            }
            self.report_known(&scan, places, account);
            return Ok(());
        }
        let mut objects = self.objects(&scan, account);
        let rows = std::mem::take(&mut objects.rows);
        let blobs = objects.found.objects().iter().filter(|f| f.kind == Kind::Blob);
        let wanted: Vec<Oid> = blobs.map(|f| f.object).collect();
        let (store, threads) = (self.store, self.options.thread_count());
        let read = || WantedTrees::read(store, &objects.forests, &wanted, threads);
        // Commits and trees need nothing of each other.
        let (mut trees, commits) = std::thread::scope(|scope| {
            let trees = std::thread::Builder::new().spawn_scoped(scope, read);
            let commits = self.commits(rows, refs, account);
            let trees = match trees.map(ScopedJoinHandle::join) {
                Ok(Ok(trees)) => trees,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                // Without another thread this one does the work.
                Err(_) => read(),
            };
            (trees, commits)
        });
        let Commits { graph, repositories } = commits?;
        let mut histories = Vec::new();
        for Selected { refs, tips, order, .. } in &repositories {
            let question = Question { graph: &graph, order, tips: &tips.list };
            let provenance = trees.provenance(&question);
            histories.push(History {
                store: self.store,
                graph: &graph,
                refs,
                tips,
                ranks: History::ranks(&graph, order),
                head: History::head(&graph, tips),
                provenance,
                tags: OnceCell::new(),
                order,
            });
        }
        let absent = self.tell_absent(&mut trees, &graph, &repositories, &histories, account);
        let mut places = Places::default();
        for found in objects.found.objects() {
            let secrets = || objects.found.secrets(found);
            let mut is_known = false;
            for (number, history) in histories.iter().enumerate() {
                for stand in history.stands(found) {
                    is_known = true;
                    places.add(found.object, secrets(), number, stand);
                }
            }
            if !is_known && self.options.is_all() {
                let owner = self.owner(&found.object);
                places.add(found.object, secrets(), owner, History::unreachable(found));
            }
        }
        let labels: Vec<_> = self.sources.iter().map(|s| s.label.clone()).collect();
        let wanted = places.finish(self.store, &labels, &histories);
        let known = self.report(&scan, &wanted, account);
        if let Some(state) = state
            && !self.stopped()
            // What could not be read is tried again, and told again.
            && account.is_whole()
        {
            // A name that is a secret is not written down; such places are found anew.
            let mut names = None;
            let mut is_secret = |known: &KnownPlace| {
                names.get_or_insert_with(|| Names::new(&[], None)).is_secret(&known.place)
            };
            if !known.iter().any(&mut is_secret) {
                state.mark_places(&digest, &known, &absent);
            }
        }
        Ok(())
    }

    /// Puts commits in their order: those that count, in each repository.
    fn commits(
        &self,
        rows: Vec<Row>,
        refs: Vec<Refs>,
        account: &mut Account,
    ) -> Result<Commits, GitError> {
        let mut graph = CommitGraph::with_rows(&rows);
        drop(rows);
        let mut repositories = Vec::new();
        let filter = if self.options.is_all() { RefFilter::All } else { RefFilter::Usual };
        for (source, refs) in self.sources.iter().zip(refs) {
            let tips = Tips::of(&refs, filter, &mut graph, self.store);
            self.tell_unresolved(source, &tips, account);
            repositories.push((refs, tips));
        }
        if self.options.is_all() {
            // Commits of packs are known; loose ones that nothing leads to are not.
            let mut buffer = Vec::new();
            for (id, _) in self.store.loose() {
                let _ = graph.load(&id, self.store, &mut buffer);
            }
        }
        let starts: Vec<u32> = repositories.iter().flat_map(|(_, tips)| tips.commits()).collect();
        for (id, error) in graph.load_all(&starts, self.store) {
            account.failed(PathBuf::new(), Failed { object: id, place: String::new(), error });
        }
        let selections = self.selections(&graph, &repositories)?;
        let repositories = repositories.into_iter().zip(selections);
        let repositories = repositories.map(|((refs, tips), selected)| {
            let order = graph.order(&selected);
            Selected { refs, tips, selected, order }
        });
        Ok(Commits { repositories: repositories.collect(), graph })
    }

    /// The places of all findings, if earlier runs have scanned all that is there and
    /// the refs are what they were.
    fn nothing_new(
        &self,
        state: &State,
        digest: &[u8; 32],
        account: &mut Account,
    ) -> Option<(Vec<KnownPlace>, Vec<u64>)> {
        let packs = self.store.packs();
        if !packs.iter().all(|pack| state.is_pack_done(pack.id())) {
            return None;
        }
        let loose = self.store.loose();
        let is_known = |id: &Oid| state.contains(id) || self.store.find(id.as_bytes()).is_some();
        if !loose.iter().all(|(id, _)| is_known(id)) {
            return None;
        }
        let places = state.places(digest, |id| self.store.commit_info(id))?;
        let packed: u64 = packs.iter().map(|pack| u64::from(pack.index.count())).sum();
        account.history.known += packed + loose.len() as u64;
        Some(places)
    }

    /// The commits of each repository that count. Where one is cut another may go on.
    fn selections(
        &self,
        graph: &CommitGraph,
        repositories: &[(Refs, Tips)],
    ) -> Result<Vec<Vec<bool>>, GitError> {
        let mut all: Vec<Vec<bool>> = Vec::new();
        let mut beyond: HashSet<u32> = HashSet::new();
        for (source, (_, tips)) in self.sources.iter().zip(repositories) {
            let cut = source.repository.shallow()?;
            all.push(graph.reachable_before(tips.commits(), &cut));
            let cut = cut.iter().filter_map(|id| graph.find(id));
            beyond.extend(cut.flat_map(|commit| graph.parents(commit)));
        }
        if self.options.is_all() {
            // What nothing leads to belongs to the repository that has it.
            for commit in 0..graph.len() as u32 {
                let is_cut_off = graph.is_missing(commit) && beyond.contains(&commit);
                if !is_cut_off && all.iter().all(|selected| !selected[commit as usize]) {
                    all[self.owner(graph.id(commit))][commit as usize] = true;
                }
            }
        }
        Ok(all)
    }

    /// The repository in whose own directory an object is.
    fn owner(&self, id: &Oid) -> usize {
        if self.sources.len() == 1 {
            return 0;
        }
        let Some(directory) = self.store.directory_of(id) else { return 0 };
        let owns = |s: &&Source| s.repository.object_dirs().first().is_some_and(|d| d == directory);
        self.sources.iter().position(owns).unwrap_or(0)
    }

    /// Tells what the histories name and do not have; gives for each repository how
    /// many objects it lacks as a partial clone.
    fn tell_absent(
        &self,
        trees: &mut WantedTrees<'_>,
        graph: &CommitGraph,
        repositories: &[Selected],
        histories: &[History<'_>],
        account: &mut Account,
    ) -> Vec<u64> {
        let mut counts = Vec::new();
        let absent = trees.absent();
        for (source, (repository, history)) in
            self.sources.iter().zip(repositories.iter().zip(histories))
        {
            let selected = &repository.selected;
            let repository = &source.repository;
            let place = || Origin::File(repository.git_dir().to_owned());
            for (id, error) in &history.provenance.damaged_trees {
                let error = ObjectError::Damaged(error.clone());
                let failed = Failed { object: *id, place: String::new(), error };
                account.failed(source.label.clone(), failed);
            }
            let commits = graph.missing(selected);
            let count = (absent.len() + commits) as u64;
            counts.push(if repository.is_partial() { count } else { 0 });
            self.tell_clone(source, *counts.last().unwrap_or(&0), account);
            if repository.is_partial() {
                continue;
            }
            if commits > 0 {
                let detail = format!("{commits} commits are not in the repository");
                account.skip(place(), SkipKind::MissingObject, detail);
            }
            if !absent.is_empty() {
                for id in absent::reached(self.store, graph, history.order, &absent) {
                    let error = ObjectError::Missing;
                    let failed = Failed { object: id, place: String::new(), error };
                    account.failed(source.label.clone(), failed);
                }
            }
        }
        counts
    }

    /// Tells what a shallow or partial clone left out.
    fn tell_clone(&self, source: &Source, absent: u64, account: &mut Account) {
        let place = || Origin::File(source.repository.git_dir().to_owned());
        let cut = source.repository.shallow().map_or(0, |shallow| shallow.len());
        if cut > 0 {
            account.history.cut += cut as u64;
            let detail = format!("the history is cut at {cut} commits");
            account.skip(place(), SkipKind::ShallowHistory, detail);
        }
        if absent > 0 {
            account.history.absent += absent;
            let detail = format!("{absent} objects are not in this partial clone");
            account.skip(place(), SkipKind::PartialClone, detail);
        }
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
        let state = self.options.state.as_deref();
        for (pack, repeated) in self.store.packs().iter().zip(&repeated) {
            let forest = Forest::of(pack, scan.how.threads);
            if state.is_some_and(|state| state.is_pack_done(pack.id())) {
                // What its commits are is needed still.
                all.add(scan.pack(pack, &forest, &[Kind::Commit], &|_| true));
                all.known += u64::from(pack.index.count());
            } else {
                let kinds = [Kind::Blob, Kind::Commit, Kind::Tag];
                all.add(scan.pack(pack, &forest, &kinds, &|position| repeated.contains(position)));
            }
            forests.push(forest);
        }
        let in_a_pack = |id: &Oid| self.store.find(id.as_bytes()).is_some();
        let loose = self.store.loose().into_iter().map(|(id, _)| id);
        let (known, loose): (Vec<Oid>, Vec<Oid>) = loose
            .filter(|id| !in_a_pack(id))
            .partition(|id| state.is_some_and(|state| state.contains(id)));
        all.known += known.len() as u64;
        let mut loose = scan.each(&loose);
        // What was pruned meanwhile nothing leads to; if something does, the trees tell.
        loose.failed.retain(|f| f.error != ObjectError::Missing);
        all.add(loose);

        // What one pack holds damaged another may hold whole; what is too large to be
        // held may be read as a stream; and what is a delta of something elsewhere is
        // made one by one.
        let mut failed = std::mem::take(&mut all.failed);
        let mut again: Vec<Oid> = failed.iter().map(|f| f.object).collect();
        again.sort_unstable();
        again.dedup();
        let retried = scan.each(&again);
        let mut lost: HashSet<Oid> = retried.failed.iter().map(|f| f.object).collect();
        // Where something was found earlier, it is found again.
        if let Some(state) = state {
            let new: HashSet<Oid> = all.found.objects().iter().map(|f| f.object).collect();
            let earlier: Vec<Oid> = state.leaky().filter(|id| !new.contains(id)).copied().collect();
            let earlier = scan.each(&earlier);
            all.found.merge(earlier.found);
            // An object that is gone is no longer part of the history.
            let damaged = earlier.failed.into_iter().filter(|f| f.error != ObjectError::Missing);
            failed.extend(damaged.inspect(|f| {
                lost.insert(f.object);
            }));
        }
        all.add(Scanned { failed: Vec::new(), ..retried });
        if let Some(state) = state {
            state.mark_leaky(all.found.objects().iter().map(|f| &f.object));
            let is_whole = lost.is_empty() && self.store.troubles.is_empty();
            for pack in self.store.packs().iter().filter(|_| is_whole && !self.stopped()) {
                state.mark_pack(pack.id());
            }
            if is_whole && !self.stopped() {
                state.forget_packed();
            }
        }
        let mut named = HashSet::new();
        for failed in failed.into_iter().filter(|f| lost.contains(&f.object)) {
            if named.insert(failed.object) {
                account.failed(Default::default(), failed);
            }
        }
        account.scanned(&all);
        let mut found = all.found;
        found.settle();
        Objects { found, rows: all.rows, forests }
    }

    fn stopped(&self) -> bool {
        self.progress.stop.load(Ordering::Relaxed)
    }

    /// Reads again where something was found, for the findings. Tells which there
    /// were.
    pub(super) fn report(
        &self,
        scan: &ObjectScan<'_>,
        wanted: &[Wanted],
        account: &mut Account,
    ) -> Vec<KnownPlace> {
        let mut known = Vec::new();
        let mut reader = Single::new(scan);
        for wanted in wanted {
            let mut found = |place: &GitPlace, finding: Finding| {
                if self.options.state.is_some() {
                    let finding = state::known(place.object, &finding);
                    known.push(KnownPlace { finding, place: place.clone() });
                }
                (self.found)(Located { origin: Origin::Git(Box::new(place.clone())), finding });
            };
            let mut sink = PlaceSink { keys: self.keys, wanted, found: &mut found };
            if let Err(error) = reader.again(&wanted.object, &mut sink) {
                let failed = Failed { object: wanted.object, place: String::new(), error };
                account.failed(Default::default(), failed);
            }
        }
        known
    }

    /// Reads again where an earlier run found something.
    fn report_known(
        &self,
        scan: &ObjectScan<'_>,
        mut places: Vec<KnownPlace>,
        account: &mut Account,
    ) {
        places.sort_by(|a, b| a.finding.cmp(&b.finding));
        let mut reader = Single::new(scan);
        for same in places.chunk_by(|a, b| a.finding.object == b.finding.object) {
            let object = same[0].finding.object;
            let mut sink = |finding: Finding| {
                let known = state::known(object, &finding);
                for place in same.iter().filter(|place| place.finding == known) {
                    let origin = Origin::Git(Box::new(place.place.clone()));
                    (self.found)(Located { origin, finding: finding.clone() });
                }
                ControlFlow::Continue(())
            };
            if let Err(error) = reader.again(&object, &mut sink) {
                let failed = Failed { object, place: String::new(), error };
                account.failed(PathBuf::new(), failed);
            }
        }
    }
}
