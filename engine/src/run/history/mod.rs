//! Scanning the histories of repositories.

mod objects;

use std::path::Path;

use crate::input::git::{Forest, ObjectFormat, Store};
use crate::run::Progress;
use crate::scanner::Scanner;
use objects::{How, Keys, ObjectScan};

/// For measuring.
pub fn measure(scanner: &Scanner, objects: &Path, whole: bool) {
    let start = std::time::Instant::now();
    let store = Store::open(&[objects.to_owned()], ObjectFormat::Sha1);
    let keys = Keys::default();
    let progress = Progress::default();
    let how = How { threads: 2, whole, max_size: None };
    let scan = ObjectScan::new(scanner, &store, how, &keys, &progress);
    for pack in store.packs() {
        let forest = Forest::of(pack, 2);
        let t = start.elapsed();
        let scanned = scan.pack(pack, &forest, &|_| false);
        let mut keys: Vec<_> = scanned.found.iter().map(|f| f.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut blobs: Vec<_> = scanned.found.iter().map(|f| f.object).collect();
        blobs.sort_unstable();
        blobs.dedup();
        panic!(
            "{:?} linked {t:?} all {:?} found {} keys {} in {} failed {} blobs {} commits {} tags {}",
            scanned.searched,
            start.elapsed(),
            scanned.found.len(),
            keys.len(),
            blobs.len(),
            scanned.failed.len(),
            scanned.blobs,
            scanned.commits,
            scanned.tags
        );
    }
}
