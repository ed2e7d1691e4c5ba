//! Writing what was found.
//!
//! A report is a sink: it is told what the scan was, then given the
//! [records](crate::policy::Record) one by one, then the summary. One file per
//! format. No report knows of terminals, files or colours that it was not told
//! of, and every one masks every secret unless it was made with
//! [`Disclosure::Revealed`].

#[cfg(feature = "git")]
mod history;
mod json;
mod jsonl;
mod record;
mod sarif;
mod summary;
mod text;

use std::io;
use std::time::Duration;

use leaksieve_detectors::{Detector, Severity};

use crate::decode::Coding;
use crate::finding::{Finding, FindingPart};
use crate::input::Origin;
use crate::ledger::{Ledger, Skip, SkipKind};
use crate::mask;
use crate::names::Names;
use crate::policy::{Occurrence, Record, Told, Unlisted};

pub use json::JsonReport;
pub use jsonl::JsonlReport;
pub use record::SCHEMA;
pub use sarif::SarifReport;
pub use summary::{write_skips, write_summary};
pub use text::{Style, TextReport};

/// Takes the records of a scan and writes them somewhere.
///
/// The calls come in this order: [`Report::begin`] once, [`Report::record`] any
/// number of times, [`Report::end`] once. After an error the report is
/// unfinished and no further call makes sense.
pub trait Report {
    /// Starts the report.
    ///
    /// # Errors
    ///
    /// If writing fails.
    fn begin(&mut self, scan: &Scan<'_>) -> io::Result<()>;

    /// Takes one record.
    ///
    /// # Errors
    ///
    /// If writing fails.
    fn record(&mut self, record: &Record) -> io::Result<()>;

    /// Ends the report and flushes it.
    ///
    /// # Errors
    ///
    /// If writing fails.
    fn end(&mut self, summary: &Summary<'_>) -> io::Result<()>;
}

/// A report that is read while the scan goes on.
pub trait LiveReport: Report {
    /// Tells of a stream, and hands everything to the reader.
    ///
    /// # Errors
    ///
    /// If writing fails.
    fn tell(&mut self, told: &Told) -> io::Result<()>;
}

/// What a report tells about the scan before its findings.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// Version of the program.
    pub version: &'a str,
    /// Where the program is described.
    pub information_uri: &'a str,
    /// The detectors that were searched for and that report.
    pub detectors: &'a [Detector],
}

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disclosure {
    /// Every secret is masked.
    #[default]
    Masked,
    /// Every secret is shown in full.
    Revealed,
}

impl Disclosure {
    fn secret(self, finding: &Finding) -> String {
        match self {
            Self::Masked => finding.masked(),
            Self::Revealed => String::from_utf8_lossy(finding.secret()).into_owned(),
        }
    }

    fn part(self, part: &FindingPart) -> String {
        match self {
            Self::Masked => part.masked(),
            Self::Revealed => String::from_utf8_lossy(part.value()).into_owned(),
        }
    }

    fn origin(self, place: &Occurrence) -> &Origin {
        match self {
            Self::Masked => place.shown(),
            Self::Revealed => &place.origin,
        }
    }

    fn line(self, finding: &Finding) -> crate::finding::ShownLine {
        match self {
            Self::Masked => finding.excerpt().masked(),
            Self::Revealed => finding.excerpt().revealed(),
        }
    }
}

/// What a scan came to.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// Records in the report by severity, lowest first; refuted ones are not
    /// among them.
    pub severities: [u64; Severity::ALL.len()],
    /// Places of those records.
    pub places: u64,
    /// Refuted records in the report.
    pub refuted: u64,
    /// Records that were left out because they are below the wanted severity.
    pub below: u64,
    /// Findings that are in no record, because there were too many.
    pub unlisted: Unlisted,
    /// What was scanned and what was not.
    pub ledger: &'a Ledger,
    /// Kinds of incompleteness that the user accepts.
    pub accepted: &'a [SkipKind],
    /// How long it took.
    pub elapsed: Duration,
    /// Whether secrets are shown in the names of what was not scanned. Default: no.
    pub disclosure: Disclosure,
}

impl<'a> Summary<'a> {
    /// Counts records; `below` of them were left out.
    pub fn of(
        records: &[Record],
        below: u64,
        ledger: &'a Ledger,
        accepted: &'a [SkipKind],
        elapsed: Duration,
    ) -> Self {
        let mut severities = [0; Severity::ALL.len()];
        let (mut places, mut refuted) = (0, 0);
        for record in records {
            if record.is_refuted() {
                refuted += 1;
            } else {
                let rank = Severity::ALL.iter().position(|s| *s == record.severity());
                severities[rank.unwrap_or(0)] += 1;
                places += record.count();
            }
        }
        let unlisted = Unlisted::default();
        let disclosure = Disclosure::Masked;
        Self { severities, places, refuted, below, unlisted, ledger, accepted, elapsed, disclosure }
    }

    /// Tells what is in no record. Default: nothing.
    pub fn unlisted(mut self, unlisted: Unlisted) -> Self {
        self.unlisted = unlisted;
        self
    }

    /// Says whether secrets are shown in names. Default: they are masked.
    pub fn disclosure(mut self, disclosure: Disclosure) -> Self {
        self.disclosure = disclosure;
        self
    }

    /// The skips that are known by name and that are wanted, as they may be shown.
    fn skips(&self, wanted: impl Fn(&Skip) -> bool, most: usize) -> Vec<Skip> {
        let skips = self.ledger.skips().iter().filter(|skip| wanted(skip)).take(most);
        let mut skips: Vec<Skip> = skips.cloned().collect();
        if self.disclosure == Disclosure::Masked && !skips.is_empty() {
            let mut names = Names::new(&[], None);
            for skip in &mut skips {
                if let Some(masked) = names.origin(&skip.origin) {
                    skip.origin = masked;
                }
                if let Some(masked) = names.text(&skip.detail) {
                    skip.detail = masked;
                }
            }
        }
        skips
    }

    /// Records in the report, without the refuted ones.
    pub fn findings(&self) -> u64 {
        self.severities.iter().sum()
    }

    /// Each severity that occurs, with its number of records, highest first.
    pub fn by_severity(&self) -> impl Iterator<Item = (Severity, u64)> {
        Severity::ALL.into_iter().zip(self.severities).rev().filter(|(_, n)| *n > 0)
    }

    /// Whether something that was asked for was not scanned, and that was not
    /// accepted.
    pub fn is_incomplete(&self) -> bool {
        self.ledger.is_incomplete(self.accepted)
    }
}

/// The layers of encoding that something was read through, the outermost first.
fn chain(decoded: &[Coding]) -> Option<String> {
    let names: Vec<&str> = decoded.iter().map(|coding| coding.name()).collect();
    (!names.is_empty()).then(|| names.join(" > "))
}

/// What is safe on a terminal: names of files and facts come from strangers.
fn safe(text: &str) -> String {
    mask::visible(text.as_bytes())
}
