//! What a state is asked for, and what it is told.

use super::Source;
use crate::Scanner;
use crate::finding::Finding;
use crate::input::git::{KnownFinding, Oid, Refs, Store};

/// Names a scanner and all that changes what it finds, for
/// [`State::open`](crate::input::git::State::open). `program` is what else may change
/// it: the program's own digest, its options.
pub fn state_digest(scanner: &Scanner, program: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("leaksieve state v1");
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(program);
    for detector in scanner.detectors() {
        add(detector.id.as_bytes());
        add(format!("{:?} {:?}", detector.trigger, detector.reach).as_bytes());
    }
    let context = scanner.context();
    add(&[u8::from(context.keep_refuted)]);
    add(&[scanner.decode_depth() as u8]);
    let reported = (0..scanner.detectors().len() as u16).map(|d| context.reports(d));
    add(&reported.map(u8::from).collect::<Vec<u8>>());
    for account in &context.canary_accounts {
        add(&account.to_le_bytes());
    }
    hasher.finalize().into()
}

/// Names what places depend on: the repositories and all that leads into them.
pub(super) fn refs_digest(
    sources: &[&Source],
    refs: &[Refs],
    all_objects: bool,
    store: &Store,
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("leaksieve refs v1");
    let mut add = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(&[u8::from(all_objects)]);
    if all_objects {
        // What nothing leads to counts as well.
        for pack in store.packs() {
            add(pack.id());
        }
        for (id, _) in store.loose() {
            add(id.as_bytes());
        }
    }
    for (source, refs) in sources.iter().zip(refs) {
        add(source.label.as_os_str().as_encoded_bytes());
        add(source.repository.common_dir().as_os_str().as_encoded_bytes());
        for head in &refs.heads {
            add(head.worktree.as_deref().unwrap_or_default());
            add(head.target.as_ref().map_or(&[][..], Oid::as_bytes));
            add(&[u8::from(head.is_own), u8::from(head.branch.is_some())]);
        }
        for r in &refs.list {
            add(&r.name);
            add(r.target.as_bytes());
        }
    }
    hasher.finalize().into()
}

/// What is remembered of a finding.
pub(super) fn known(object: Oid, finding: &Finding) -> KnownFinding {
    let location = finding.location();
    KnownFinding {
        object,
        detector: finding.detector().id.as_ref().into(),
        offset: location.offset,
        length: location.length,
    }
}
