//! The scorer: recall and precision of a report against the labels.
//!
//! A record claims a label if the detectors and the files are equal and the
//! record's range, or that of another of its places, overlaps the label's.
//! Recall is the share of plants that some record claims; precision is the
//! share of a detector's records that claim a plant or a permitted place.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use serde::Deserialize;

use crate::label::{Label, Role};

/// One record of a report in JSON lines; what scoring does not need is left out.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// The id of the detector.
    pub detector: String,
    /// The file of the first occurrence.
    pub path: String,
    /// The first byte of the secret in the file.
    #[serde(default)]
    pub offset: u64,
    /// The number of bytes of the secret in the file.
    #[serde(default)]
    pub length: u64,
    /// The line of the first byte.
    #[serde(default)]
    pub line: u64,
    /// All other occurrences.
    #[serde(default)]
    pub places: Vec<Place>,
}

/// A further occurrence of a record's secret.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    /// The file; that of the record where it is absent.
    #[serde(default)]
    pub path: Option<String>,
    /// The first byte of the secret in the file.
    #[serde(default)]
    pub offset: u64,
    /// The number of bytes of the secret in the file.
    #[serde(default)]
    pub length: u64,
}

/// A line of labels or of a report that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of {what} is not what it should be: {source}")]
pub struct ReadError {
    what: &'static str,
    line: usize,
    source: serde_json::Error,
}

/// Reads labels, one JSON object a line.
///
/// # Errors
///
/// If a line is not a label.
pub fn read_labels(text: &str) -> Result<Vec<Label>, ReadError> {
    read(text, "the labels")
}

/// Reads the records of a report in JSON lines; lines without a detector, such
/// as a summary, are passed over.
///
/// # Errors
///
/// If a line is not JSON or is a record without a place.
pub fn read_report(text: &str) -> Result<Vec<Record>, ReadError> {
    let lines: Vec<serde_json::Value> = read(text, "the report")?;
    let records = lines.into_iter().enumerate().filter(|(_, line)| line.get("detector").is_some());
    records
        .map(|(line, value)| {
            serde_json::from_value(value).map_err(|source| ReadError {
                what: "the report",
                line: line + 1,
                source,
            })
        })
        .collect()
}

fn read<T: serde::de::DeserializeOwned>(
    text: &str,
    what: &'static str,
) -> Result<Vec<T>, ReadError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(line, text)| {
            serde_json::from_str(text).map_err(|source| ReadError { what, line: line + 1, source })
        })
        .collect()
}

/// A share of a whole, with what is known of it from a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// How many.
    pub hits: usize,
    /// Out of how many.
    pub total: usize,
}

impl Ratio {
    /// The share; 1 where there was nothing to count.
    pub fn value(self) -> f64 {
        if self.total == 0 { 1.0 } else { self.hits as f64 / self.total as f64 }
    }

    /// The Wilson interval at 95 %; all from 0 to 1 where there was nothing.
    pub fn interval(self) -> (f64, f64) {
        if self.total == 0 {
            return (0.0, 1.0);
        }
        // The 97.5 % point of the normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (self.total as f64, self.value());
        let scale = 1.0 + Z * Z / n;
        let middle = (p + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        let share = 100.0 * self.value();
        write!(f, "{share:7.3} % [{:6.2}, {:6.2}]", 100.0 * low, 100.0 * high)
    }
}

/// The score of one detector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Plants claimed out of plants.
    pub recall: Ratio,
    /// Records that claim a label out of records.
    pub precision: Ratio,
    /// Whether the corpus has labels for the detector at all.
    pub labelled: bool,
}

/// A place to look at: a plant that was missed, or a finding where nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The id of the detector.
    pub detector: String,
    /// The file, relative to the tree.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
    /// The first byte.
    pub offset: u64,
    /// The container of the plant; the first labels that the finding touches, of
    /// other detectors, for a false one.
    pub container: String,
}

/// The outcome of scoring.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// By detector.
    pub detectors: BTreeMap<String, Score>,
    /// The plants that no record claims.
    pub missed: Vec<Fault>,
    /// The records that claim nothing.
    pub wrong: Vec<Fault>,
    /// How each label is claimed, in the order of the labels.
    pub claimed: Vec<Claim>,
    /// The number of the record that claims each label best.
    pub claimed_by: Vec<Option<usize>>,
}

/// How well the place of a record fits a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// No record claims the label.
    #[default]
    None,
    /// A record has a place in something that is unpacked of the label's file.
    Within,
    /// A record's range and the label's have bytes in common.
    Overlap,
    /// A record's range is the label's.
    Exact,
}

impl Scores {
    fn claim(&mut self, index: usize, claim: Claim, record: usize) {
        if claim > self.claimed[index] {
            self.claimed[index] = claim;
            self.claimed_by[index] = Some(record);
        }
    }

    /// Whether recall and precision of every labelled detector reach a least share.
    pub fn reach(&self, least: f64) -> bool {
        self.detectors
            .values()
            .filter(|score| score.labelled)
            .all(|score| score.recall.value() >= least && score.precision.value() >= least)
    }
}

/// How many labels of other detectors are named at the places of a wrong record: a tree
/// that is wrapped in many ways has one in each.
const TOUCHED: usize = 3;

/// Scores the records of a report. The paths of records may have `root` before
/// them.
///
/// A place in what is unpacked of a labelled file, which the labels do not know by its
/// path, says by its offset nothing of that file. Of these a record claims as many labels
/// of its detector in the file as it has more such places than others there, among those
/// that no record claims by its place. Of labels that have the same range, that of a run
/// which cannot be mapped byte by byte, a place claims one.
pub fn score(labels: &[Label], records: &[Record], root: &str) -> Scores {
    let by_file = ByFile::new(labels);
    let mut scores = Scores {
        claimed: vec![Claim::None; labels.len()],
        claimed_by: vec![None; labels.len()],
        ..Scores::default()
    };
    let claims: Vec<Claims<'_>> =
        records.iter().map(|record| by_file.claims(labels, record, root)).collect();
    for (number, claims) in claims.iter().enumerate() {
        claims.placed.iter().for_each(|&(index, claim)| scores.claim(index, claim, number));
    }
    for (number, (record, claims)) in records.iter().zip(claims).enumerate() {
        let mut right = !claims.placed.is_empty() || !claims.shared.is_empty();
        for (indices, claim) in &claims.shared {
            let open = indices.iter().find(|&&index| scores.claimed[index] == Claim::None);
            if let Some(&index) = open {
                scores.claim(index, *claim, number);
            }
        }
        for (file, places) in &claims.within {
            let indices = by_file.0.get(file).map(Vec::as_slice).unwrap_or_default();
            let is_of_it = |index: &&usize| labels[**index].detector == record.detector;
            let is_open = |index: &&usize| scores.claimed[**index] == Claim::None;
            let open = indices.iter().filter(is_of_it).filter(is_open);
            let more = places.saturating_sub(claims.places_in(labels, file));
            for index in open.take(more).copied().collect::<Vec<_>>() {
                scores.claim(index, Claim::Within, number);
            }
            right |= indices.iter().any(|index| is_of_it(&index));
        }
        let score = scores.detectors.entry(record.detector.clone()).or_default();
        score.precision.total += 1;
        score.precision.hits += usize::from(right);
        if !right {
            let touched = claims.touched.get(..TOUCHED).unwrap_or(&claims.touched).join("; ");
            scores.wrong.push(Fault {
                detector: record.detector.clone(),
                path: relative(&record.path, root),
                line: record.line,
                offset: record.offset,
                container: if touched.is_empty() { "-".into() } else { touched },
            });
        }
    }
    for (label, &claimed) in labels.iter().zip(&scores.claimed) {
        let score = scores.detectors.entry(label.detector.clone()).or_default();
        if label.role == Role::Permitted {
            continue;
        }
        score.labelled = true;
        score.recall.total += 1;
        score.recall.hits += usize::from(claimed > Claim::None);
        if claimed == Claim::None {
            scores.missed.push(Fault::missed(label));
        }
    }
    scores
}

impl Fault {
    /// A plant that no record claims.
    pub(crate) fn missed(label: &Label) -> Self {
        Self {
            detector: label.detector.clone(),
            path: label.path.clone(),
            line: label.line,
            offset: label.offset,
            container: label.container.clone(),
        }
    }
}

/// The labels of each file, by their numbers.
struct ByFile<'l>(HashMap<&'l str, Vec<usize>>);

/// What a record claims.
#[derive(Default)]
struct Claims<'l> {
    /// The labels at its places.
    placed: Vec<(usize, Claim)>,
    /// For a place at which several labels have the same range, all of them: it claims one.
    shared: Vec<(Vec<usize>, Claim)>,
    /// Labelled files in which it has places that are in something unpacked, and how many.
    within: BTreeMap<&'l str, usize>,
    /// Labels of other detectors at its places.
    touched: Vec<String>,
}

impl Claims<'_> {
    /// How many labels of a file the record claims by its places there.
    fn places_in(&self, labels: &[Label], file: &str) -> usize {
        let placed = self.placed.iter().map(|(index, _)| index);
        let shared = self.shared.iter().filter_map(|(indices, _)| indices.first());
        placed.chain(shared).filter(|index| labels[**index].path == file).count()
    }
}

impl<'l> ByFile<'l> {
    fn new(labels: &'l [Label]) -> Self {
        let mut by_file: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, label) in labels.iter().enumerate() {
            by_file.entry(&label.path).or_default().push(index);
        }
        Self(by_file)
    }

    fn claims(&self, labels: &[Label], record: &Record, root: &str) -> Claims<'l> {
        let path = relative(&record.path, root);
        let first = (path.clone(), record.offset, record.length);
        let rest = record.places.iter().map(|place| {
            let path =
                place.path.as_ref().map_or_else(|| path.clone(), |path| relative(path, root));
            (path, place.offset, place.length)
        });
        let mut claims = Claims::default();
        for (path, offset, length) in std::iter::once(first).chain(rest) {
            let Some(file) = self.0.get(path.as_str()) else {
                if let Some(outer) = self.around(&path) {
                    *claims.within.entry(outer).or_default() += 1;
                }
                continue;
            };
            let mut at: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
            for &index in file {
                let label = &labels[index];
                if offset >= label.offset + label.length || label.offset >= offset + length {
                    continue;
                }
                if label.detector == record.detector {
                    at.entry((label.offset, label.length)).or_default().push(index);
                } else {
                    claims.touched.push(format!("{} {}", label.detector, label.container));
                }
            }
            for (range, indices) in at {
                let claim = if range == (offset, length) { Claim::Exact } else { Claim::Overlap };
                match indices[..] {
                    [index] => claims.placed.push((index, claim)),
                    _ => claims.shared.push((indices, claim)),
                }
            }
        }
        claims
    }

    /// The innermost labelled file that a member is in.
    fn around(&self, path: &str) -> Option<&'l str> {
        let outers = path.rmatch_indices('!').filter_map(|(at, _)| path.get(..at));
        outers.filter_map(|outer| self.0.get_key_value(outer)).map(|(outer, _)| *outer).next()
    }
}

/// A path of a report as the labels write it.
fn relative(path: &str, root: &str) -> String {
    let clean = |path: &str| {
        let path = path.replace('\\', "/");
        path.trim_start_matches("./").to_owned()
    };
    let (path, root) = (clean(path), clean(root));
    let root = root.trim_end_matches('/');
    match path.strip_prefix(root).map(|rest| rest.strip_prefix('/')) {
        Some(Some(rest)) if !root.is_empty() => rest.to_owned(),
        _ => path,
    }
}
