//! The account of a scan of histories.

use std::path::PathBuf;

use super::Source;
use super::objects::{Failed, Scanned};
use crate::input::Origin;
use crate::input::git::{GitPlace, ObjectError, RefFilter, Refs, is_head, path_from_bytes};
use crate::ledger::{HistoryAccount, Ledger, Skip, SkipKind};

/// What was scanned and what was not.
#[derive(Debug, Default)]
pub(super) struct Account {
    ledger: Ledger,
    pub(super) history: HistoryAccount,
}

impl Account {
    pub(super) fn skip(&mut self, origin: Origin, kind: SkipKind, detail: String) {
        self.ledger.skip(Skip { origin, kind, detail });
    }

    /// Whether everything was scanned but what clones left out.
    pub(super) fn is_whole(&self) -> bool {
        !self.ledger.is_incomplete(&[SkipKind::PartialClone])
    }

    /// Enters what was scanned.
    pub(super) fn scanned(&mut self, scanned: &Scanned) {
        let history = &mut self.history;
        history.blobs += scanned.blobs;
        history.commits += scanned.commits;
        history.tags += scanned.tags;
        history.known += scanned.known;
        history.blob_bytes += scanned.blob_bytes.objects;
        history.searched_bytes += scanned.blob_bytes.looked_at;
        history.whole_bytes += scanned.blob_bytes.whole;
        self.ledger.objects += scanned.blobs + scanned.commits + scanned.tags;
        self.ledger.bytes += scanned.blob_bytes.objects + scanned.other_bytes;
    }

    /// Enters an object that was not scanned.
    pub(super) fn failed(&mut self, label: PathBuf, failed: Failed) {
        let kind = match &failed.error {
            ObjectError::Missing => SkipKind::MissingObject,
            ObjectError::TooLarge(_) => SkipKind::TooLarge,
            ObjectError::Damaged(_) => SkipKind::DamagedObject,
        };
        let detail = match (&*failed.place, &failed.error) {
            ("", error) => error.to_string(),
            (place, error) => format!("{place}: {error}"),
        };
        let place = GitPlace::of_object(label, failed.object);
        self.skip(Origin::Git(Box::new(place)), kind, detail);
    }

    /// Enters the refs whose files do not say where they lead.
    pub(super) fn damaged_refs(&mut self, source: &Source, refs: &Refs, filter: RefFilter) {
        let is_wanted = |name: &[u8]| is_head(name) || filter.takes(name);
        for name in refs.damaged.iter().filter(|name| is_wanted(name)) {
            let path = source.repository.common_dir().join(path_from_bytes(name));
            let detail = "it does not say where this ref leads".to_owned();
            self.skip(Origin::File(path), SkipKind::ReadFailed, detail);
        }
    }

    pub(super) fn into_ledger(mut self) -> Ledger {
        self.ledger.history = Some(self.history);
        self.ledger
    }
}
