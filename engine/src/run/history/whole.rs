//! Scanning all that repositories hold.

use std::collections::HashSet;

use super::Source;
use super::account::Account;
use super::objects::{Failed, Found, How, Keys, ObjectScan, Scanned, Single};
use super::options::GitOptions;
use super::places::{PlaceSink, Places, Wanted};
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::git::{Forest, GitError, GitPlace, Oid, Store};
use crate::run::{Located, Progress};
use crate::scanner::Scanner;

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
        let found = self.objects(&scan, account);
        let mut places = Places::default();
        for (number, source) in self.sources.iter().enumerate() {
            let _ = (number, source, &found, &mut places);
        }
        let labels: Vec<_> = self.sources.iter().map(|s| s.label.clone()).collect();
        let wanted = places.finish(&labels, &|_, _| "".into());
        self.report(&scan, &wanted, account);
        Ok(())
    }

    /// Scans every object once; tells in which something was found.
    fn objects(&self, scan: &ObjectScan<'_>, account: &mut Account) -> Vec<Found> {
        let mut all = Scanned::default();
        let repeated = self.store.repeated();
        for (pack, repeated) in self.store.packs().iter().zip(&repeated) {
            let forest = Forest::of(pack, scan.how.threads);
            all.add(scan.pack(pack, &forest, &|position| repeated.contains(position)));
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
        found
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
