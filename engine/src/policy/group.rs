//! One secret, many places: one record; and no more records than memory holds.
//!
//! # The bound
//!
//! A tree of logs may hold a million secrets. [`Groups`] keeps those that matter
//! most, and what it keeps does not depend on the order in which findings come,
//! which threads make random. That is so by this rule:
//!
//! > Findings are ranked by severity, then by place. Those are listed that rank
//! > no lower than the *limit*: the rank down to which there are as many
//! > secrets as may be kept. All others are counted.
//!
//! It can be kept without knowing the limit in advance. A group ranks as its
//! best finding does, so its rank only rises. A finding that ends above the
//! limit lifts its group above the limit as soon as it comes; from then on fewer
//! groups than may be kept stand before it, so the group is never dropped again
//! and misses nothing that comes later. What a group lost while it was dropped
//! ranks below the limit, and so does what other groups still have and would
//! not have in another order; in the end both are only counted.
//!
//! Exact, therefore: which secrets are listed, with which places (at most
//! [`MAX_PLACES`]), and how many findings of each severity are not. Below the
//! bound a record's count has all its places; above it, places beyond
//! [`MAX_PLACES`] that have the limit's own severity are among those not listed.
//! The same place scanned twice is one place where it is listed, and may count
//! twice where it is not.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::PathBuf;

use leaksieve_detectors::grade::{Place, grade};
use leaksieve_detectors::{Detector, Facts, Severity, Verdict};
use rayon::prelude::*;

use super::fingerprint::{Fingerprint, Memory, hex};
use crate::Scanner;
use crate::decode::Coding;
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::log::LogContext;
use crate::location::Location;
use crate::names::Names;
use crate::run::Located;

/// Places of one secret that are kept: the worst ones, of these the first. All
/// are counted.
pub const MAX_PLACES: usize = 2000;

/// Records that are kept by default: some 70 MB, with what is held on the way.
pub const MAX_RECORDS: usize = 20_000;

/// Collects findings, in any order, and joins those that have the same secret
/// under the same detector.
///
/// Memory is bounded by [`Groups::max_records`]: of more secrets, those of the
/// highest severity are kept, of these the first ones.
#[derive(Debug)]
pub struct Groups {
    groups: HashMap<Key, Box<Group>>,
    roots: Vec<PathBuf>,
    masking: Option<Scanner>,
    naming: Option<Scanner>,
    known: Option<Known>,
    max_records: usize,
    /// No finding that is listed ranks below; `None` while all are.
    limit: Option<Limit>,
    /// Findings that came, by severity, without those of a place that was known.
    seen: Counts,
    seen_refuted: u64,
}

/// Tells fingerprints that need not be computed again.
struct Known(Box<Lookup>);

type Lookup = dyn Fn(&str, &Origin, &Location) -> Option<Fingerprint> + Send + Sync;

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

/// Findings by severity, lowest first.
type Counts = [u64; Severity::ALL.len()];

/// What is refuted at one place may be believed at another; the two are kept
/// apart, so that showing what was refuted changes nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    detector: Box<str>,
    refuted: bool,
    secret: Box<[u8]>,
}

/// Position in a report: by origin, then by place in the object.
type Position = (Origin, u64, u64);

/// Rank in a group: the worst come first, then those that stand first.
type Standing = (Reverse<Severity>, Position);

/// Rank among all findings; those that matter more come first. What is refuted
/// matters less than anything believed. The key tells apart what stands at one
/// place.
type Rank<'g> = (bool, &'g Standing, &'g Key);

/// The rank down to which findings are listed.
type Limit = (Standing, Key);

fn rank<'g>(standing: &'g Standing, key: &'g Key) -> Rank<'g> {
    (key.refuted, standing, key)
}

#[derive(Debug)]
struct Group {
    /// The finding that stands first.
    first: (Standing, Finding),
    /// The finding that ranks best, if it is not the first.
    worst: Option<Box<(Standing, Finding)>>,
    /// The finding that is believed most, if it is not the first.
    best: Option<Box<(Position, Finding)>>,
    /// By standing. Most secrets have one place, for which a tree is too large.
    places: Vec<Spot>,
    counts: Counts,
}

/// A place of a group.
#[derive(Debug)]
struct Spot {
    standing: Standing,
    location: Location,
    decoded: Box<[Coding]>,
}

impl Spot {
    fn new(standing: Standing, finding: &Finding) -> Self {
        Self { standing, location: finding.location(), decoded: finding.decoded().into() }
    }
}

impl From<Spot> for Occurrence {
    fn from(Spot { standing, location, decoded }: Spot) -> Self {
        let (Reverse(severity), (origin, ..)) = standing;
        Self { origin, location, decoded, severity, shown: None }
    }
}

/// What was collected.
#[derive(Debug)]
pub struct Collected {
    /// The records, in the order of their first places.
    pub records: Vec<Record>,
    /// What there was beyond [`Groups::max_records`].
    pub unlisted: Unlisted,
}

/// Findings that are in no record, because there were more than could be kept.
/// None of them is of a higher severity than any that is in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unlisted {
    counts: Counts,
    refuted: u64,
}

impl Unlisted {
    /// Each severity that occurs, with its number of findings, highest first.
    pub fn by_severity(&self) -> impl Iterator<Item = (Severity, u64)> {
        Severity::ALL.into_iter().zip(self.counts).rev().filter(|(_, n)| *n > 0)
    }

    /// The highest severity that occurs.
    pub fn highest(&self) -> Option<Severity> {
        self.by_severity().next().map(|(severity, _)| severity)
    }

    /// How many there are in all, without the refuted ones.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many refuted ones there are.
    pub fn refuted(&self) -> u64 {
        self.refuted
    }

    /// Without those below a severity; refuted ones have none.
    pub fn at_least(mut self, least: Severity) -> Self {
        for (severity, count) in Severity::ALL.into_iter().zip(&mut self.counts) {
            if severity < least {
                *count = 0;
            }
        }
        self
    }
}

impl Default for Groups {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Groups {
    /// None yet. `roots` are the paths that the user named: of an absolute one
    /// only what lies below it tells whether a place is a test or a document,
    /// because a checkout in `/home/me/docs` is no document.
    pub fn new(roots: Vec<PathBuf>) -> Self {
        Self {
            groups: HashMap::new(),
            roots,
            masking: None,
            naming: None,
            known: None,
            max_records: MAX_RECORDS,
            limit: None,
            seen: Counts::default(),
            seen_refuted: 0,
        }
    }

    /// Masks in every shown line what this scanner finds too. A scan for some
    /// detectors only needs it: the lines that it shows may hold secrets of the
    /// others. Default: what the scan itself found is masked.
    pub fn mask_with(mut self, scanner: Scanner) -> Self {
        self.masking = Some(scanner);
        self
    }

    /// Searches the names of files and refs with this scanner, for which one is made
    /// otherwise. Every detector that reports by default must report in it.
    pub fn search_names_with(mut self, scanner: Scanner) -> Self {
        self.naming = Some(scanner);
        self
    }

    /// Asks `known`, before a costly fingerprint is computed, whether it is known what
    /// the fingerprint of this detector's finding at this place is. Whoever answers
    /// must be sure that the object is the same one. Default: nothing is known.
    pub fn known_fingerprints(
        mut self,
        known: impl Fn(&str, &Origin, &Location) -> Option<Fingerprint> + Send + Sync + 'static,
    ) -> Self {
        self.known = Some(Known(Box::new(known)));
        self
    }

    /// How many records are kept; at least one. Up to a quarter more are held
    /// on the way. Default: [`MAX_RECORDS`].
    pub fn max_records(mut self, max: usize) -> Self {
        self.max_records = max.max(1);
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
        let standing = (Reverse(severity), position);
        let is_new = match self.groups.get_mut(&key) {
            Some(group) => group.add(standing, finding),
            None => {
                if self.limit.as_ref().is_none_or(|(s, k)| rank(&standing, &key) <= rank(s, k)) {
                    self.groups.insert(key.clone(), Box::new(Group::new(standing, finding)));
                }
                true
            }
        };
        if is_new && key.refuted {
            self.seen_refuted += 1;
        } else if is_new {
            self.seen[index(severity)] += 1;
        }
        if self.groups.len() > self.max_records.saturating_add(self.max_records / 4) {
            self.drop_beyond_limit();
        }
    }

    /// Drops the groups that rank lowest until no more are left than may be kept,
    /// and finds the limit, which rises as groups do.
    fn drop_beyond_limit(&mut self) {
        // Once there is a limit, there are never fewer than may be kept.
        if self.groups.len() < self.max_records.saturating_add(self.limit.is_none().into()) {
            return;
        }
        let mut ranks: Vec<Rank<'_>> =
            self.groups.iter().map(|(key, group)| rank(group.worst(), key)).collect();
        let (_, (_, standing, key), _) = ranks.select_nth_unstable(self.max_records - 1);
        let (standing, key) = ((*standing).clone(), (*key).clone());
        let limit = rank(&standing, &key);
        self.groups.retain(|key, group| rank(group.worst(), key) <= limit);
        self.limit = Some((standing, key));
    }

    /// The records, and how many findings are in none of them.
    pub fn finish(mut self) -> Collected {
        self.drop_beyond_limit();
        if let Some(limit) = &self.limit {
            for (key, group) in &mut self.groups {
                group.cut(key, limit);
            }
        }
        let mut unlisted = Unlisted { counts: self.seen, refuted: self.seen_refuted };
        for (key, group) in &self.groups {
            let counts = unlisted.counts.iter_mut().zip(group.counts);
            if key.refuted {
                unlisted.refuted -= group.counts.iter().sum::<u64>();
            } else {
                counts.for_each(|(all, listed)| *all -= listed);
            }
        }
        let fingerprints = fingerprints(&self.groups, self.known.as_ref());
        let mut records: Vec<Record> = self
            .groups
            .into_values()
            .zip(fingerprints)
            .map(|(group, fingerprint)| group.record(fingerprint))
            .collect();
        if let Some(scanner) = &self.masking {
            for record in &mut records {
                record.finding.excerpt.mask_also(scanner);
            }
        }
        #[cfg(feature = "git")]
        super::commits::mask(&mut records, self.masking.as_ref());
        mask_names(&mut records, self.naming.or(self.masking));
        records.sort_by(|a, b| {
            let order = |r: &Record| (r.first.location.offset, r.first.location.length);
            (&a.first.origin, order(a), &a.detector().id)
                .cmp(&(&b.first.origin, order(b), &b.detector().id))
                .then_with(|| a.id.cmp(&b.id))
        });
        Collected { records, unlisted }
    }

    fn severity(&self, origin: &Origin, finding: &Finding) -> Severity {
        let place = self.place(origin);
        let base = finding.detector().severity;
        grade(base, finding.facts(), finding.verdict(), finding.is_complete(), place)
    }

    /// What kind of place an origin is, by its path.
    fn place(&self, origin: &Origin) -> Place {
        match origin {
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
            #[cfg(feature = "git")]
            Origin::Git(place) => match place.path() {
                Some(path) => Place::of_path(&String::from_utf8_lossy(path)),
                None => Place::Ordinary,
            },
            Origin::Stream(_) => Place::Ordinary,
            Origin::Member(member) => match self.place(member.outer()) {
                Place::Ordinary => Place::of_path(&member.path().replace('!', "/")),
                place => place,
            },
        }
    }
}

/// Where a severity's findings are counted.
fn index(severity: Severity) -> usize {
    Severity::ALL.iter().position(|s| *s == severity).unwrap_or(0)
}

impl Group {
    fn new(standing: Standing, finding: Finding) -> Self {
        let mut counts = Counts::default();
        counts[index(standing.0.0)] = 1;
        let places = vec![Spot::new(standing.clone(), &finding)];
        Self { first: (standing, finding), worst: None, best: None, places, counts }
    }

    /// The standing of the finding that ranks best.
    fn worst(&self) -> &Standing {
        self.worst.as_deref().map_or(&self.first.0, |(standing, _)| standing)
    }

    /// Adds a finding; `false` if its place is known.
    fn add(&mut self, standing: Standing, finding: Finding) -> bool {
        let Err(at) = self.places.binary_search_by(|known| known.standing.cmp(&standing)) else {
            return false;
        };
        self.counts[index(standing.0.0)] += 1;
        if at < MAX_PLACES {
            self.places.truncate(MAX_PLACES - 1);
            self.places.insert(at, Spot::new(standing.clone(), &finding));
        }
        let position = &standing.1;
        let rank = finding.verdict().rank();
        if *position < self.first.0.1 {
            let is_worst = standing < *self.worst();
            let earlier = std::mem::replace(&mut self.first, (standing, finding));
            let believed_more = match self.best.as_deref() {
                Some((_, best)) => best.verdict().rank(),
                None => earlier.1.verdict().rank(),
            };
            if rank >= believed_more {
                self.best = None;
            } else if self.best.is_none() {
                self.best = Some(Box::new((earlier.0.1.clone(), earlier.1.clone())));
            }
            if is_worst {
                self.worst = None;
            } else if self.worst.is_none() {
                self.worst = Some(Box::new(earlier));
            }
        } else {
            let is_better = match self.best.as_deref() {
                None => rank > self.first.1.verdict().rank(),
                Some((at, best)) => {
                    let known = best.verdict().rank();
                    rank > known || (rank == known && position < at)
                }
            };
            if is_better {
                self.best = Some(Box::new((position.clone(), finding.clone())));
            }
            if standing < *self.worst() {
                self.worst = Some(Box::new((standing, finding)));
            }
        }
        true
    }

    /// Leaves what ranks no lower than the limit. The finding that ranks best is
    /// the only one that is the same in every order.
    fn cut(&mut self, key: &Key, limit: &Limit) {
        if let Some(worst) = self.worst.take() {
            self.first = *worst;
        }
        self.best = None;
        let (lowest, last) = limit;
        self.places.retain(|spot| rank(&spot.standing, key) <= rank(lowest, last));
        let listed = |severity: Severity| {
            self.places.iter().filter(|spot| spot.standing.0.0 == severity).count() as u64
        };
        for (severity, count) in Severity::ALL.into_iter().zip(&mut self.counts) {
            // All above the limit's severity were kept, even beyond the places.
            if key.refuted == last.refuted && severity <= lowest.0.0 {
                *count = listed(severity);
            }
        }
    }

    fn record(mut self, fingerprint: Fingerprint) -> Record {
        let severity = self.worst().0.0;
        let (standing, finding) = self.first;
        self.places.retain(|spot| spot.standing != standing);
        let mut others = self.places;
        others.truncate(MAX_PLACES - 1);
        others.sort_by(|a, b| a.standing.1.cmp(&b.standing.1));
        let first = Occurrence::from(Spot::new(standing, &finding));
        Record {
            id: event_id(&fingerprint, &first),
            fingerprint,
            severity,
            finding,
            believed: self.best.map(|best| best.1),
            others: others.into_iter().map(Occurrence::from).collect(),
            count: self.counts.iter().sum(),
            log: None,
            first,
        }
    }
}

/// The fingerprints of all groups, in the map's order. Those of guessable
/// secrets are costly by intent and are shared among threads.
fn fingerprints(groups: &HashMap<Key, Box<Group>>, known: Option<&Known>) -> Vec<Fingerprint> {
    let known = |key: &Key, group: &Group| {
        let Known(known) = known?;
        let at = |spot: &Spot| known(&key.detector, &spot.standing.1.0, &spot.location);
        group.places.iter().take(ASKED_PLACES).find_map(at)
    };
    let groups: Vec<(&Key, &Group, Option<Fingerprint>)> = groups
        .iter()
        .map(|(key, group)| {
            let costly = group.first.1.is_secret() && Fingerprint::is_costly(&key.secret);
            (key, &**group, if costly { known(key, group) } else { None })
        })
        .collect();
    type Item<'g> = (&'g Key, &'g Group, Option<Fingerprint>);
    let of = |memory: &mut Memory, (key, group, known): &Item<'_>| {
        if let Some(known) = known {
            known.clone()
        } else if group.first.1.is_secret() {
            Fingerprint::with_memory(&key.detector, &key.secret, memory)
        } else {
            Fingerprint::of_identifier(&key.detector, &key.secret)
        }
    };
    let costly = |(key, group, known): &&Item<'_>| {
        known.is_none() && group.first.1.is_secret() && Fingerprint::is_costly(&key.secret)
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

/// Places of a secret that are asked for a known fingerprint. The first is known
/// unless history was rewritten.
const ASKED_PLACES: usize = 16;

/// Costly fingerprints from which threads are worth their start.
const WORTH_THREADS: usize = 4;

/// Threads for fingerprints. Each needs 8 MiB; more threads would break the bound
/// on memory.
const FINGERPRINT_THREADS: usize = 4;

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

/// Masks secrets in the names of what is shown.
fn mask_names(records: &mut [Record], scanner: Option<Scanner>) {
    if records.is_empty() {
        return;
    }
    let mut names = {
        let mut secrets: Vec<&[u8]> = records.iter().flat_map(values).collect();
        secrets.sort_unstable();
        secrets.dedup();
        Names::new(&secrets, scanner)
    };
    for place in records.iter_mut().flat_map(|r| [&mut r.first].into_iter().chain(&mut r.others)) {
        if let Some(masked) = names.origin(place.shown()) {
            *place.shown_mut() = masked;
        }
    }
}

/// What must not be shown of a record: its secrets, decoded and as they were written.
pub(super) fn values(record: &Record) -> impl Iterator<Item = &[u8]> {
    let finding = record.finding();
    let parts = finding.parts().iter().filter(|p| p.role().is_secret()).map(|p| p.value());
    let excerpt = finding.excerpt();
    let written = excerpt.secrets.iter().map(|range| &excerpt.text[range.clone()]);
    finding.is_secret().then(|| finding.secret()).into_iter().chain(parts).chain(written)
}

/// One place of a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The object. Its names and what is told of its commit may hold secrets.
    pub origin: Origin,
    /// Where in the object.
    pub location: Location,
    /// How it is encoded there, the outermost layer first; empty if it stands plainly.
    pub decoded: Box<[Coding]>,
    /// Severity at this place.
    pub severity: Severity,
    /// The origin without secrets, if it shows any.
    shown: Option<Box<Origin>>,
}

impl Occurrence {
    /// The object as it may be shown: secrets are masked in its names and in what is
    /// told of its commit.
    pub fn shown(&self) -> &Origin {
        self.shown.as_deref().unwrap_or(&self.origin)
    }

    #[cfg_attr(not(feature = "git"), allow(dead_code))]
    pub(super) fn shown_mut(&mut self) -> &mut Origin {
        self.shown.get_or_insert_with(|| Box::new(self.origin.clone()))
    }
}

impl std::fmt::Debug for Occurrence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Occurrence")
            .field("origin", self.shown())
            .field("location", &self.location)
            .field("decoded", &self.decoded)
            .field("severity", &self.severity)
            .finish_non_exhaustive()
    }
}

/// A leaked secret, with all its places: what a report has one of.
#[derive(Debug, Clone)]
pub struct Record {
    id: String,
    fingerprint: Fingerprint,
    severity: Severity,
    pub(super) first: Occurrence,
    finding: Finding,
    believed: Option<Finding>,
    pub(super) others: Vec<Occurrence>,
    count: u64,
    log: Option<Box<LogContext>>,
}

impl Record {
    /// Names the event: this secret at this first place, or, of what is told of a stream
    /// while it goes on, what begins at this place. 16 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn set_log(&mut self, log: LogContext) {
        self.log = Some(Box::new(log));
    }

    /// What the entry of a log says in which it was found, if that was looked for; secrets
    /// are masked.
    pub fn log(&self) -> Option<&LogContext> {
        self.log.as_deref()
    }

    pub(super) fn set_id(&mut self, id: String) {
        self.id = id;
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

    /// The first occurrence; the first of the worst ones if there were more
    /// findings than are listed.
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

    /// How many occurrences there are in all, without those that are
    /// [not listed](Unlisted).
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
