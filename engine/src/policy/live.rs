//! What is told of streams while they go on.
//!
//! A secret is told once, as soon as it is heard of; told again under the same id when more
//! is known of it, because its other half came; taken back if it turned out to be nothing;
//! and counted where it stands again. What is remembered of a secret is a hash of it, and
//! only of the secrets that were heard of last, so a log with a leak in every line takes no
//! more memory than one with a few.

use std::collections::{HashMap, HashSet, VecDeque};

use leaksieve_detectors::Timestamp;

use super::fingerprint::hex;
use super::group::values;
use super::{Fingerprint, Groups, Record};
use crate::Scanner;
use crate::input::Origin;
use crate::input::log::LogContext;
use crate::names::Names;
use crate::run::Located;
use crate::scanner::{EventId, StreamEvent};

/// Secrets that are remembered; some 400 bytes each.
const REMEMBERED: usize = 20_000;

/// What is told.
#[derive(Debug)]
#[non_exhaustive]
pub enum Told {
    /// A secret that was not heard of before.
    Found(Record),
    /// More is known of what was told under the record's id; this takes its place.
    Amended(Record),
    /// What was told under an id is nothing, or part of another finding.
    Withdrawn(Withdrawn),
    /// A secret that was told stands again.
    Again(Sightings),
}

/// What was told and is no more.
#[derive(Debug, Clone)]
pub struct Withdrawn {
    /// As of the record.
    pub id: String,
    /// Where it seemed to stand.
    pub path: String,
    /// The line there.
    pub line: u64,
}

/// How often a secret was seen.
#[derive(Debug, Clone)]
pub struct Sightings {
    /// As of the record.
    pub id: String,
    /// As of the record.
    pub detector: String,
    /// As of the record.
    pub fingerprint: Fingerprint,
    /// How often, the first time included.
    pub count: u64,
    /// When it was seen first.
    pub first: Timestamp,
    /// When it was seen last.
    pub last: Timestamp,
    /// Where it was seen last.
    pub path: String,
    /// The line there.
    pub line: u64,
}

impl Sightings {
    fn again(&mut self, times: u64, now: Timestamp, path: String, line: u64) {
        if times == 0 {
            return;
        }
        self.count += times;
        self.last = now;
        self.path = path;
        self.line = line;
    }
}

/// Names a secret here: a hash of it and its detector.
type Digest = [u8; 16];

/// What events are heard of: an object, and what tells apart those that had its name one
/// after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Where the object stands.
    pub origin: Origin,
    /// Tells it apart from others that stood there; 0 where there are none.
    pub generation: u64,
}

impl From<Origin> for Source {
    fn from(origin: Origin) -> Self {
        Self { origin, generation: 0 }
    }
}

impl Source {
    /// Names what is heard of it: the same in every run that reads the same.
    fn record_id(&self, id: EventId) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("leaksieve stream record id v1");
        hasher.update(self.origin.name().as_bytes());
        hasher.update(b"\0");
        hasher.update(&self.generation.to_le_bytes());
        hasher.update(&id.start.to_le_bytes());
        hasher.update(&id.number.to_le_bytes());
        hex(&hasher.finalize().as_bytes()[..8])
    }
}

/// Decides what is told of streams.
#[derive(Debug)]
pub struct Live {
    masking: Option<Scanner>,
    naming: Option<Scanner>,
    secrets: HashMap<Digest, Seen>,
    /// In the order in which they were heard of.
    order: VecDeque<Digest>,
    /// What was told early and is not certain.
    open: HashMap<(Source, EventId), Open>,
    /// What an earlier run has told, by its fingerprint and by its id.
    known: HashMap<Fingerprint, Sightings>,
    known_ids: HashSet<String>,
}

#[derive(Debug)]
struct Seen {
    sightings: Sightings,
    /// How many were told of.
    told: u64,
}

#[derive(Debug)]
struct Open {
    secret: Digest,
    /// Whether it was told, and not only counted.
    told: Option<Withdrawn>,
}

impl Live {
    /// Tells everything. `naming` searches what is shown for names, see
    /// [`Groups::search_names_with`].
    pub fn new(naming: Option<Scanner>) -> Self {
        Self {
            masking: None,
            naming,
            secrets: HashMap::new(),
            order: VecDeque::new(),
            open: HashMap::new(),
            known: HashMap::new(),
            known_ids: HashSet::new(),
        }
    }

    /// See [`Groups::mask_with`].
    pub fn mask_with(mut self, scanner: Scanner) -> Self {
        self.masking = Some(scanner);
        self
    }

    /// Takes it that an earlier run has told of a secret. It is remembered until it is heard
    /// of; how many these are is the caller's business.
    pub fn know(&mut self, sightings: Sightings) {
        self.known_ids.insert(sightings.id.clone());
        self.known.insert(sightings.fingerprint.clone(), sightings);
    }

    /// Hears of a stream at a time, and says what is to be told.
    pub fn hear(&mut self, source: Source, event: StreamEvent, now: Timestamp) -> Option<Told> {
        self.heard(source, event, now, 1)
    }

    /// Hears of what an earlier run has counted: it is told if it was not, and counts for
    /// nothing if it was.
    pub fn hear_again(
        &mut self,
        source: Source,
        event: StreamEvent,
        now: Timestamp,
    ) -> Option<Told> {
        self.heard(source, event, now, 0)
    }

    fn heard(
        &mut self,
        source: Source,
        event: StreamEvent,
        now: Timestamp,
        times: u64,
    ) -> Option<Told> {
        let (id, finding, is_certain) = match event {
            StreamEvent::Certain(id, finding) => (id, finding, true),
            StreamEvent::Early(id, finding) => (id, finding, false),
            StreamEvent::Withdrawn(id) => {
                let open = self.open.remove(&(source, id))?;
                if open.told.is_some() {
                    self.forget(&open.secret);
                }
                return open.told.map(Told::Withdrawn);
            }
        };
        let secret = digest(&finding.detector().id, finding.secret());
        let place = (source, id);
        let mut was_told = false;
        if let Some(open) = self.open.remove(&place) {
            if open.secret == secret {
                // Where facts have changed, what was told of it is still true.
                if !is_certain {
                    self.open.insert(place, open);
                }
                return None;
            }
            was_told = open.told.is_some();
            if was_told {
                self.forget(&open.secret);
            }
        }
        let line = finding.location().line;
        if let (Some(seen), false) = (self.secrets.get_mut(&secret), was_told) {
            seen.sightings.again(times, now, place.0.origin.name(), line);
            if !is_certain {
                self.open.insert(place, Open { secret, told: None });
            }
            return None;
        }
        let record_id = place.0.record_id(id);
        let located = Located { origin: place.0.origin.clone(), finding };
        let mut record = self.record(located)?;
        record.set_id(record_id.clone());
        let path = record.first().shown().name();
        let known = self.known.remove(record.fingerprint());
        let is_known = known.is_some();
        if self.known_ids.contains(&record_id) {
            was_told = true;
        }
        let sightings = match known {
            Some(mut known) => {
                known.again(times, now, path.clone(), line);
                known
            }
            None => Sightings {
                id: record_id.clone(),
                detector: record.detector().id.to_string(),
                fingerprint: record.fingerprint().clone(),
                count: 1,
                first: now,
                last: now,
                path: path.clone(),
                line,
            },
        };
        if !is_certain {
            let is_told = !is_known || was_told;
            let told = is_told.then_some(Withdrawn { id: record_id, path, line });
            self.open.insert(place, Open { secret, told });
        }
        // What was known is told of with the others that stand again.
        let told = if is_known { sightings.count - times } else { sightings.count };
        self.remember(secret, Seen { sightings, told });
        match (is_known, was_told) {
            (true, _) => None,
            (false, true) => Some(Told::Amended(record)),
            (false, false) => Some(Told::Found(record)),
        }
    }

    /// What was seen more often than was told, at most so many.
    pub fn again(&mut self, most: usize) -> Vec<Told> {
        let mut again = Vec::new();
        for digest in &self.order {
            if again.len() == most {
                break;
            }
            if let Some(seen) = self.secrets.get_mut(digest)
                && seen.sightings.count > seen.told
            {
                seen.told = seen.sightings.count;
                again.push(Told::Again(seen.sightings.clone()));
            }
        }
        again
    }

    /// Adds to a record what its entry in a log says, with secrets masked.
    pub fn describe(&self, record: &mut Record, mut context: LogContext) {
        if context.is_empty() {
            return;
        }
        let secrets: Vec<&[u8]> = values(record).collect();
        let mut names = Names::new(&secrets, self.naming.clone().or(self.masking.clone()));
        for value in context.values_mut() {
            if let Some(masked) = names.text(value) {
                *value = masked.into();
            }
        }
        record.set_log(context);
    }

    fn remember(&mut self, secret: Digest, seen: Seen) {
        if self.secrets.insert(secret, seen).is_none() {
            self.order.push_back(secret);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.secrets.remove(&oldest);
        }
    }

    fn forget(&mut self, secret: &Digest) {
        self.secrets.remove(secret);
        self.order.retain(|known| known != secret);
    }

    fn record(&self, located: Located) -> Option<Record> {
        let mut groups = Groups::new(Vec::new());
        if let Some(scanner) = &self.masking {
            groups = groups.mask_with(scanner.clone());
        }
        if let Some(scanner) = &self.naming {
            groups = groups.search_names_with(scanner.clone());
        }
        groups.add(located);
        groups.finish().records.pop()
    }
}

fn digest(detector: &str, secret: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key("leaksieve seen secret v1");
    hasher.update(&(detector.len() as u64).to_le_bytes());
    hasher.update(detector.as_bytes());
    hasher.update(secret);
    let mut digest = Digest::default();
    hasher.finalize_xof().fill(&mut digest);
    digest
}
