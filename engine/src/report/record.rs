//! The versioned record: one leaked secret as JSON.
//!
//! Fields are added, never changed or removed, under the same [`SCHEMA`].
//! Offsets and lengths count bytes of the stored object from 0; lines and
//! columns count from 1, `column` in characters and `byte_column` in bytes; an
//! end column is the one after the last character.
//!
//! A place in a repository's history has these fields too: `commit`, `author`,
//! `email`, `date`, `subject` (of the first commit with it), `object`, `holder`
//! (`file`, `commit`, `tag`, `note`, `unreachable` or `object`), `at_head`,
//! `head_path` (where a renamed file is there), `refs` (at most ten), `ref_count`,
//! `versions` (of the file, with the secret in it) and `repository` where it is told.
//! The entries of `places` have fewer of them.
//!
//! A finding in a followed log has a `log` with what its entry says: `timestamp`, `unit`,
//! `host`, `pod`, `namespace`, `container`, `level`, `process`.
//!
//! What is told of a stream while it goes on has an `event` besides. Events `withdrawn` and
//! `again` are no records: they name one by its `id`, and a place.

use std::collections::BTreeMap;

use leaksieve_detectors::{Fact, FactValue, Facts};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

#[cfg(feature = "git")]
use super::history::JsonHistoryPlace;
use super::{Disclosure, Summary};
use crate::decode::Coding;
use crate::input::log::LogContext;
use crate::ledger::HistoryAccount;
use crate::policy::{Occurrence, Record, Sightings, Unlisted, Withdrawn};

/// Names the form of the record.
pub const SCHEMA: &str = "leaksieve/1";

/// A record as it is written.
#[derive(Debug, Serialize)]
pub(super) struct JsonRecord<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    id: &'a str,
    detector: &'a str,
    title: &'a str,
    severity: &'static str,
    verdict: &'static str,
    reason: String,
    secret: String,
    fingerprint: &'a str,
    path: String,
    #[cfg(feature = "git")]
    #[serde(flatten)]
    history: Option<JsonHistoryPlace>,
    line: u64,
    column: u64,
    byte_column: u64,
    end_line: u64,
    end_column: u64,
    offset: u64,
    length: u64,
    /// The encodings that the secret was unwrapped from, outermost first.
    decoded: Vec<&'static str>,
    #[serde(serialize_with = "facts")]
    facts: &'a Facts,
    parts: Vec<JsonPart>,
    places: Vec<JsonPlace>,
    /// All places, the first one and those that were not kept included.
    place_count: u64,
    /// What the entry of a followed log says.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "log")]
    log: Option<&'a LogContext>,
    tags: &'a [std::borrow::Cow<'static, str>],
}

#[derive(Debug, Serialize)]
struct JsonPart {
    role: &'static str,
    value: String,
    line: u64,
    column: u64,
    offset: u64,
    length: u64,
}

#[derive(Debug, Serialize)]
struct JsonPlace {
    path: String,
    #[cfg(feature = "git")]
    #[serde(flatten)]
    history: Option<JsonHistoryPlace>,
    line: u64,
    column: u64,
    offset: u64,
    length: u64,
    /// As of the record, for this place.
    decoded: Vec<&'static str>,
    severity: &'static str,
}

impl<'a> JsonRecord<'a> {
    pub(super) fn new(record: &'a Record, disclosure: Disclosure) -> Self {
        let finding = record.finding();
        let location = record.first().location;
        let origin = disclosure.origin(record.first());
        let detector = record.detector();
        Self {
            schema: SCHEMA,
            event: None,
            id: record.id(),
            detector: &detector.id,
            title: &detector.title,
            severity: record.severity().name(),
            verdict: record.verdict().name(),
            reason: record.reason(),
            secret: disclosure.secret(finding),
            fingerprint: record.fingerprint().as_str(),
            path: origin.name(),
            #[cfg(feature = "git")]
            history: JsonHistoryPlace::whole(origin),
            line: location.line,
            column: location.column,
            byte_column: location.byte_column,
            end_line: location.end_line,
            end_column: location.end_column,
            offset: location.offset,
            length: location.length,
            decoded: names(finding.decoded()),
            facts: record.facts(),
            parts: finding
                .parts()
                .iter()
                .map(|part| {
                    let at = part.location();
                    JsonPart {
                        role: part.role().name(),
                        value: disclosure.part(part),
                        line: at.line,
                        column: at.column,
                        offset: at.offset,
                        length: at.length,
                    }
                })
                .collect(),
            places: record.others().iter().map(|p| JsonPlace::new(p, disclosure)).collect(),
            place_count: record.count(),
            log: record.log(),
            tags: &detector.tags,
        }
    }
}

impl JsonRecord<'_> {
    /// Says what has happened that it is written.
    pub(super) fn event(mut self, event: &'static str) -> Self {
        self.event = Some(event);
        self
    }
}

/// What was told and is no more.
#[derive(Debug, Serialize)]
pub(super) struct JsonWithdrawn<'a> {
    schema: &'static str,
    event: &'static str,
    id: &'a str,
    path: &'a str,
    line: u64,
}

impl<'a> JsonWithdrawn<'a> {
    pub(super) fn new(withdrawn: &'a Withdrawn) -> Self {
        let Withdrawn { id, path, line } = withdrawn;
        Self { schema: SCHEMA, event: "withdrawn", id, path, line: *line }
    }
}

/// A secret that stands again.
#[derive(Debug, Serialize)]
pub(super) struct JsonSightings<'a> {
    schema: &'static str,
    event: &'static str,
    id: &'a str,
    detector: &'a str,
    fingerprint: &'a str,
    count: u64,
    first_seen: String,
    last_seen: String,
    path: &'a str,
    line: u64,
}

impl<'a> JsonSightings<'a> {
    pub(super) fn new(sightings: &'a Sightings) -> Self {
        Self {
            schema: SCHEMA,
            event: "again",
            id: &sightings.id,
            detector: &sightings.detector,
            fingerprint: sightings.fingerprint.as_str(),
            count: sightings.count,
            first_seen: sightings.first.to_string(),
            last_seen: sightings.last.to_string(),
            path: &sightings.path,
            line: sightings.line,
        }
    }
}

impl JsonPlace {
    fn new(place: &Occurrence, disclosure: Disclosure) -> Self {
        let at = place.location;
        let origin = disclosure.origin(place);
        Self {
            path: origin.name(),
            #[cfg(feature = "git")]
            history: JsonHistoryPlace::short(origin),
            line: at.line,
            column: at.column,
            offset: at.offset,
            length: at.length,
            decoded: names(&place.decoded),
            severity: place.severity.name(),
        }
    }
}

/// A chain of encodings as it is written.
pub(super) fn names(decoded: &[Coding]) -> Vec<&'static str> {
    decoded.iter().map(|coding| coding.name()).collect()
}

fn log<S: Serializer>(log: &Option<&LogContext>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, value) in log.iter().flat_map(|log| log.fields()) {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

fn facts<S: Serializer>(facts: &Facts, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for fact in facts.iter() {
        map.serialize_entry(fact.name(), &JsonFact(fact))?;
    }
    map.end()
}

/// A fact's value.
struct JsonFact<'a>(&'a Fact);

impl Serialize for JsonFact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.value() {
            FactValue::Text(text) => serializer.serialize_str(&text),
            FactValue::Number(number) => serializer.serialize_u64(number),
            FactValue::Flag(flag) => serializer.serialize_bool(flag),
            FactValue::Time(time) => serializer.collect_str(&time),
        }
    }
}

/// All facts, for formats that nest them.
pub(super) struct JsonFacts<'a>(pub(super) &'a Facts);

impl Serialize for JsonFacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        facts(self.0, serializer)
    }
}

/// A summary as it is written.
#[derive(Debug, Serialize)]
pub(super) struct JsonSummary {
    findings: u64,
    places: u64,
    severities: BTreeMap<&'static str, u64>,
    refuted: u64,
    below_minimum: u64,
    /// Findings that are in no record, by severity.
    unlisted: BTreeMap<&'static str, u64>,
    objects: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<JsonHistory>,
    skipped: BTreeMap<&'static str, u64>,
    not_scanned: Vec<JsonSkip>,
    complete: bool,
    seconds: f64,
}

/// What was read of git histories.
#[derive(Debug, Serialize)]
pub(super) struct JsonHistory {
    commits: u64,
    tags: u64,
    blobs: u64,
    blob_bytes: u64,
    searched_bytes: u64,
    /// Bytes of deltas that were searched as a whole.
    whole_bytes: u64,
    /// Objects that an earlier run has scanned.
    known: u64,
    /// Objects that partial clones lack.
    absent: u64,
    /// Commits at which shallow clones were cut.
    cut: u64,
}

impl JsonHistory {
    pub(super) fn new(account: &HistoryAccount) -> Self {
        Self {
            commits: account.commits,
            tags: account.tags,
            blobs: account.blobs,
            blob_bytes: account.blob_bytes,
            searched_bytes: account.searched_bytes,
            whole_bytes: account.whole_bytes,
            known: account.known,
            absent: account.absent,
            cut: account.cut,
        }
    }
}

/// Findings that are not listed, by severity, refuted ones by that name.
pub(super) fn unlisted(unlisted: &Unlisted) -> BTreeMap<&'static str, u64> {
    let refuted = ("refuted", unlisted.refuted());
    let by_severity = unlisted.by_severity().map(|(s, n)| (s.name(), n));
    by_severity.chain([refuted].into_iter().filter(|(_, n)| *n > 0)).collect()
}

#[derive(Debug, Serialize)]
struct JsonSkip {
    path: String,
    kind: &'static str,
    detail: String,
}

impl JsonSummary {
    pub(super) fn new(summary: &Summary<'_>) -> Self {
        let ledger = summary.ledger;
        Self {
            findings: summary.findings(),
            places: summary.places,
            severities: summary.by_severity().map(|(s, n)| (s.name(), n)).collect(),
            refuted: summary.refuted,
            below_minimum: summary.below,
            unlisted: unlisted(&summary.unlisted),
            objects: ledger.objects,
            bytes: ledger.bytes,
            history: ledger.history.as_ref().map(JsonHistory::new),
            skipped: ledger.counts().map(|(k, n)| (k.name(), n)).collect(),
            not_scanned: summary
                .skips(|s| s.kind.is_incomplete(), usize::MAX)
                .into_iter()
                .map(|s| JsonSkip { path: s.origin.name(), kind: s.kind.name(), detail: s.detail })
                .collect(),
            complete: !ledger.is_incomplete(&[]),
            seconds: (summary.elapsed.as_secs_f64() * 1e6).round() / 1e6,
        }
    }
}
