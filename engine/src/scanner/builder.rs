//! Configuring a scanner.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use leaksieve_detectors::detector::{Anchor, Trigger};
use leaksieve_detectors::relate::Context;
use leaksieve_detectors::{Detector, Timestamp};

use super::Scanner;
use crate::decode::{DEFAULT_DEPTH, MAX_DEPTH};
use crate::prefilter::Backend;

/// Why a scanner could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The forced back end needs instructions that the processor lacks.
    #[error("back end {0} is not available on this processor")]
    BackendUnavailable(Backend),
    /// Two detectors have the same id.
    #[error("two detectors have the id {0}")]
    DuplicateDetector(String),
    /// An anchor is too short or too long to be searched for.
    #[error("detector {detector}: an anchor has {len} bytes, not {min} to {max}", min = Anchor::MIN_LEN, max = Anchor::MAX_LEN)]
    AnchorLength {
        /// The detector's id.
        detector: String,
        /// The anchor's length.
        len: usize,
    },
    /// A detector is to report that is not among those to search for.
    #[error("no detector has the id {0}")]
    UnknownDetector(String),
    /// There are more detectors than can be numbered.
    #[error("more than 65,535 detectors")]
    TooManyDetectors,
}

/// Configures a [`Scanner`].
#[derive(Debug, Clone)]
pub struct ScannerBuilder {
    detectors: Option<Vec<Detector>>,
    backend: Option<Backend>,
    now: Option<Timestamp>,
    canary_accounts: Vec<u64>,
    keep_refuted: bool,
    report_only: Option<Vec<String>>,
    decode_depth: usize,
}

/// The built-in detectors that need not be asked for.
pub(super) fn reporting_by_default() -> Vec<Detector> {
    leaksieve_detectors::builtin().into_iter().filter(|d| !d.opt_in).collect()
}

/// The machine's clock; only the default of [`ScannerBuilder::now`] reads it.
pub(super) fn system_time() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

impl ScannerBuilder {
    pub(super) fn new() -> Self {
        Self {
            detectors: None,
            backend: None,
            now: None,
            canary_accounts: Vec::new(),
            keep_refuted: false,
            report_only: None,
            decode_depth: DEFAULT_DEPTH,
        }
    }

    /// The detectors to search for. Default: the built-in ones but those that
    /// want to be [asked for](Detector::opt_in).
    pub fn detectors(mut self, detectors: Vec<Detector>) -> Self {
        self.detectors = Some(detectors);
        self
    }

    /// How many layers of encoding are undone, such as base64 in percent-encoding; 0
    /// scans texts as they stand. Default: [`DEFAULT_DEPTH`]; more than [`MAX_DEPTH`]
    /// counts as that.
    pub fn max_decode_depth(mut self, layers: usize) -> Self {
        self.decode_depth = layers.min(MAX_DEPTH);
        self
    }

    /// Forces a back end. Default: the fastest one that the processor has.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = Some(backend);
        self
    }

    /// The time against which expiry is judged. Default: the machine's time
    /// when the scanner is built.
    pub fn now(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// AWS accounts whose keys raise an alarm when they are used; leaks of
    /// theirs carry the fact `canary`. Default: none.
    pub fn canary_accounts(mut self, accounts: impl IntoIterator<Item = u64>) -> Self {
        self.canary_accounts = accounts.into_iter().collect();
        self
    }

    /// Whether refuted candidates are reported too, with the verdict `refuted`.
    /// Default: no.
    pub fn keep_refuted(mut self, keep: bool) -> Self {
        self.keep_refuted = keep;
        self
    }

    /// The ids of the detectors that report. The others yield parts and proofs
    /// for these, and their secrets are masked in excerpts, but they neither
    /// appear nor hide anything. Default: all report.
    pub fn report_only<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.report_only = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Builds the scanner.
    ///
    /// # Errors
    ///
    /// If the forced back end is not available, or a detector's id or anchors
    /// do not do, or one is to report that is not searched for.
    pub fn build(self) -> Result<Scanner, BuildError> {
        let detectors = self.detectors.unwrap_or_else(reporting_by_default);
        if detectors.len() >= usize::from(u16::MAX) {
            return Err(BuildError::TooManyDetectors);
        }
        for (i, detector) in detectors.iter().enumerate() {
            if detectors[..i].iter().any(|d| d.id == detector.id) {
                return Err(BuildError::DuplicateDetector(detector.id.to_string()));
            }
            if let Trigger::Anchor(anchors) = &detector.trigger {
                for len in anchors.iter().map(|a| a.literal.len()) {
                    if !(Anchor::MIN_LEN..=Anchor::MAX_LEN).contains(&len) {
                        let detector = detector.id.to_string();
                        return Err(BuildError::AnchorLength { detector, len });
                    }
                }
            }
        }
        if let Some(unknown) =
            self.report_only.iter().flatten().find(|id| !detectors.iter().any(|d| d.id == **id))
        {
            return Err(BuildError::UnknownDetector(unknown.clone()));
        }
        let reported = self
            .report_only
            .map(|ids| detectors.iter().map(|d| ids.iter().any(|id| d.id == *id)).collect());
        let context = Context {
            now: self.now.unwrap_or_else(system_time),
            canary_accounts: self.canary_accounts,
            keep_refuted: self.keep_refuted,
            reported,
        };
        Scanner::assemble(Arc::from(detectors), self.backend, context, self.decode_depth)
    }
}
