//! One secret, many places: one record.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use leaksieve_detectors::grade::{Place, grade};
use leaksieve_detectors::{Detector, Facts, Severity, Verdict};
use rayon::prelude::*;

use super::fingerprint::{Fingerprint, Memory, hex};
use crate::Scanner;
use crate::finding::Finding;
use crate::input::Origin;
use crate::location::Location;
use crate::run::Located;

/// Places of one secret that are kept; all are counted. Those that are kept are
/// the first ones.
pub const MAX_PLACES: usize = 2000;

/// Collects findings, in any order, and joins those that have the same secret
/// under the same detector.
///
/// Memory grows with the number of secrets, not with that of their places.
#[derive(Debug, Default)]
pub struct Groups {
    groups: HashMap<Key, Group>,
    roots: Vec<PathBuf>,
    masking: Option<Scanner>,
}

/// What is refuted at one place may be believed at another; the two are kept
/// apart, so that showing what was refuted changes nothing else.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    detector: Box<str>,
    refuted: bool,
    secret: Box<[u8]>,
}

/// Position in a report: by origin, then by place in the object.
type Position = (Origin, u64, u64);

#[derive(Debug)]
struct Group {
    first: Finding,
    /// The finding that is believed most, if it is not the first.
    best: Option<(Position, Finding)>,
    places: BTreeMap<Position, (Location, Severity)>,
    count: u64,
    severity: Severity,
}

impl Groups {
    /// None yet. `roots` are the paths that the user named: of an absolute one
    /// only what lies below it tells whether a place is a test or a document,
    /// because a checkout in `/home/me/docs` is no document.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        Self { groups: HashMap::new(), roots, masking: None }
    }

    /// Masks in every shown line what this scanner finds too. A scan for some
    /// detectors only needs it: the lines that it shows may hold secrets of the
    /// others. Default: what the scan itself found is masked.
    pub fn mask_with(mut self, scanner: Scanner) -> Self {
        self.masking = Some(scanner);
        self
    }

    /// Adds a finding.
    pub fn add(&mut self, located: Located) {
        let Located { origin, finding } = located;
        let severity = self.severity(&origin, &finding);
        let location = finding.location();
        let position = (origin, location.offset, location.length);
        let key = Key {
            detector: finding.detector().id.as_ref().into(),
            refuted: is_refuted(&finding),
            secret: finding.secret().into(),
        };
        match self.groups.get_mut(&key) {
            Some(group) => group.add(position, finding, severity),
            None => {
                let group = Group {
                    first: finding,
                    best: None,
                    places: BTreeMap::from([(position, (location, severity))]),
                    count: 1,
                    severity,
                };
                self.groups.insert(key, group);
            }
        }
    }

    /// The records, in the order of their first places.
    pub fn finish(self) -> Vec<Record> {
        let fingerprints = fingerprints(&self.groups);
        let mut records: Vec<Record> = self
            .groups
            .into_values()
            .zip(fingerprints)
            .filter_map(|(group, fingerprint)| group.record(fingerprint))
            .collect();
        if let Some(scanner) = &self.masking {
            for record in &mut records {
                record.finding.excerpt.mask_also(scanner);
            }
        }
        records.sort_by(|a, b| {
            let order = |r: &Record| (r.first.location.offset, r.first.location.length);
            (&a.first.origin, order(a), &a.detector().id)
                .cmp(&(&b.first.origin, order(b), &b.detector().id))
                .then_with(|| a.id.cmp(&b.id))
        });
        records
    }

    fn severity(&self, origin: &Origin, finding: &Finding) -> Severity {
        let place = match origin {
            Origin::File(path) => {
                let below = self
                    .roots
                    .iter()
                    .filter(|root| root.is_absolute())
                    .filter_map(|root| path.strip_prefix(root).ok())
                    .min_by_key(|rest| rest.as_os_str().len())
                    .unwrap_or(path);
                Place::of_path(&below.to_string_lossy())
            }
            Origin::Stream(_) => Place::Ordinary,
        };
        let base = finding.detector().severity;
        grade(base, finding.facts(), finding.verdict(), finding.is_complete(), place)
    }
}

impl Group {
    fn add(&mut self, position: Position, finding: Finding, severity: Severity) {
        if self.places.contains_key(&position) {
            return;
        }
        self.count += 1;
        self.severity = self.severity.max(severity);
        let location = finding.location();
        let comes_first = self.places.first_key_value().is_none_or(|(first, _)| position < *first);
        let rank = finding.verdict().rank();
        if comes_first {
            let earlier = self.places.first_key_value().map(|(p, _)| p.clone());
            let first = std::mem::replace(&mut self.first, finding);
            let believed_more = match &self.best {
                Some((_, best)) => best.verdict().rank(),
                None => first.verdict().rank(),
            };
            if rank >= believed_more {
                self.best = None;
            } else if let (None, Some(earlier)) = (&self.best, earlier) {
                self.best = Some((earlier, first));
            }
        } else {
            let better = match &self.best {
                None => rank > self.first.verdict().rank(),
                Some((at, best)) => {
                    let known = best.verdict().rank();
                    rank > known || (rank == known && position < *at)
                }
            };
            if better {
                self.best = Some((position.clone(), finding));
            }
        }
        self.places.insert(position, (location, severity));
        if self.places.len() > MAX_PLACES {
            self.places.pop_last();
        }
    }

    fn record(self, fingerprint: Fingerprint) -> Option<Record> {
        let mut places = self
            .places
            .into_iter()
            .map(|((origin, ..), (location, severity))| Occurrence { origin, location, severity });
        let first = places.next()?;
        Some(Record {
            id: event_id(&fingerprint, &first),
            fingerprint,
            severity: self.severity,
            finding: self.first,
            believed: self.best.map(|(_, finding)| finding),
            others: places.collect(),
            count: self.count,
            first,
        })
    }
}

/// The fingerprints of all groups, in the map's order. Those of guessable
/// secrets are costly by intent and are shared among threads.
fn fingerprints(groups: &HashMap<Key, Group>) -> Vec<Fingerprint> {
    let groups: Vec<(&Key, &Group)> = groups.iter().collect();
    let of = |memory: &mut Memory, (key, group): &(&Key, &Group)| {
        if group.first.is_secret() {
            Fingerprint::with_memory(&key.detector, &key.secret, memory)
        } else {
            Fingerprint::of_identifier(&key.detector, &key.secret)
        }
    };
    let costly = |(key, group): &&(&Key, &Group)| {
        group.first.is_secret() && Fingerprint::is_costly(&key.secret)
    };
    let pool = (groups.iter().filter(costly).count() >= WORTH_THREADS)
        .then(|| rayon::ThreadPoolBuilder::new().num_threads(FINGERPRINT_THREADS).build());
    match pool {
        Some(Ok(pool)) => pool.install(|| {
            // One piece a thread, each with its own memory.
            let piece = groups.len().div_ceil(FINGERPRINT_THREADS);
            groups
                .par_chunks(piece)
                .map(|piece| {
                    let mut memory = Memory::default();
                    piece.iter().map(|g| of(&mut memory, g)).collect::<Vec<_>>()
                })
                .flatten()
                .collect()
        }),
        _ => {
            let mut memory = Memory::default();
            groups.iter().map(|g| of(&mut memory, g)).collect()
        }
    }
}

/// Costly fingerprints from which threads are worth their start.
const WORTH_THREADS: usize = 4;

/// Threads for fingerprints. Each needs 19 MiB, so more would break the bound on
/// memory.
const FINGERPRINT_THREADS: usize = 2;

fn is_refuted(finding: &Finding) -> bool {
    matches!(finding.verdict(), Verdict::Refuted(_))
}

/// Names a record: 64 bits of BLAKE3 over its fingerprint, the name of its
/// first place's object, and the line there.
fn event_id(fingerprint: &Fingerprint, first: &Occurrence) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("leaksieve record id v1");
    hasher.update(fingerprint.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(first.origin.name().as_bytes());
    hasher.update(b"\0");
    hasher.update(&first.location.line.to_le_bytes());
    hex(&hasher.finalize().as_bytes()[..8])
}

/// One place of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The object.
    pub origin: Origin,
    /// Where in the object.
    pub location: Location,
    /// Severity at this place.
    pub severity: Severity,
}

/// A leaked secret, with all its places: what a report has one of.
#[derive(Debug, Clone)]
pub struct Record {
    id: String,
    fingerprint: Fingerprint,
    severity: Severity,
    first: Occurrence,
    finding: Finding,
    believed: Option<Finding>,
    others: Vec<Occurrence>,
    count: u64,
}

impl Record {
    /// Names the event: this secret at this first place. 16 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Names the secret.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The highest severity among its places.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The detector that it belongs to.
    pub fn detector(&self) -> &Detector {
        self.finding.detector()
    }

    /// The first occurrence.
    pub fn first(&self) -> &Occurrence {
        &self.first
    }

    /// The finding at the first occurrence. What is known about the secret at
    /// any of its places is in [`Record::verdict`], [`Record::reason`] and
    /// [`Record::facts`].
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// The other occurrences, at most [`MAX_PLACES`] less one.
    pub fn others(&self) -> &[Occurrence] {
        &self.others
    }

    /// How many occurrences there are in all.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How sure it is where it is believed most.
    pub fn verdict(&self) -> Verdict {
        self.judged().verdict()
    }

    /// Why it is believed, or why not, there.
    pub fn reason(&self) -> String {
        self.judged().reason()
    }

    /// What is known about it there.
    pub fn facts(&self) -> &Facts {
        self.judged().facts()
    }

    /// Whether it was refuted at all its places.
    pub fn is_refuted(&self) -> bool {
        is_refuted(&self.finding)
    }

    fn judged(&self) -> &Finding {
        self.believed.as_ref().unwrap_or(&self.finding)
    }
}
