//! Relation: from an object's ordered candidates to its leaks.
//!
//! One deterministic, left-to-right function, the same in every mode of
//! scanning. The candidates are cut into [`cluster`]s that lie too far apart to
//! concern each other; in each, halves find each other (`pair`), neighbours
//! prove or contradict each other (the detectors' own `relate` functions), and
//! of leaks that overlap one remains.
//!
//! What depends on a path or on the user's policy is decided later.

pub mod cluster;
mod pair;

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use crate::candidate::{Candidate, Part, Passage, Role};
use crate::clock::Timestamp;
use crate::detector::{Detector, Trigger};
use crate::evidence::{Evidence, Verdict};
use crate::fact::{Fact, Facts};
use crate::grade::{Place, Severity, grade};
use crate::relate::pair::Assembly;

/// A judged leak, in the offsets of its object.
#[derive(Clone, PartialEq)]
pub struct Leak {
    /// Index of its detector in the set that was searched for.
    pub detector: u16,
    /// Everything it was read from, parts included.
    pub span: Range<u64>,
    /// Where the secret stands; for a leak that is no secret, the identifier.
    pub value: Range<u64>,
    /// The secret, if it is not just the bytes at `value`.
    pub decoded: Option<Box<[u8]>>,
    /// What the value is.
    pub role: Role,
    /// All the parts, the one with the value included, in the order of the
    /// text. Empty if there is only the value.
    pub parts: Vec<Part>,
    /// How sure it is.
    pub verdict: Verdict,
    /// Why it is believed.
    pub evidence: Vec<Evidence>,
    /// What is known about it.
    pub facts: Facts,
    /// Whether all the parts are there that make it usable.
    pub complete: bool,
    /// Severity in an ordinary place.
    pub severity: Severity,
    /// Leaks that read the same bytes and were believed less, and repeats of a
    /// part elsewhere.
    pub overlapped: Vec<Leak>,
}

/// Shows where it stands, never what it holds.
impl fmt::Debug for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leak")
            .field("detector", &self.detector)
            .field("role", &self.role)
            .field("span", &self.span)
            .field("value", &self.value)
            .field("parts", &self.parts)
            .field("verdict", &self.verdict)
            .field("evidence", &self.evidence)
            .field("facts", &self.facts)
            .field("complete", &self.complete)
            .field("severity", &self.severity)
            .field("overlapped", &self.overlapped)
            .finish_non_exhaustive()
    }
}

impl Leak {
    fn from_candidate(candidate: &Candidate, severity: Severity) -> Self {
        Self {
            detector: candidate.detector,
            span: candidate.span.clone(),
            value: candidate.value.clone(),
            decoded: candidate.decoded.clone(),
            role: candidate.role,
            parts: candidate.parts.clone(),
            verdict: candidate.verdict,
            evidence: candidate.evidence.clone(),
            facts: candidate.facts.clone(),
            complete: true,
            severity,
            overlapped: Vec::new(),
        }
    }

    /// The secret, from the object's text.
    pub fn value_in<'t>(&'t self, passage: &Passage<'t>) -> &'t [u8] {
        match &self.decoded {
            Some(bytes) => bytes,
            None => passage.slice(self.value.clone()),
        }
    }

    /// Adds evidence that is not there yet.
    pub fn note(&mut self, evidence: Evidence) {
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    /// Adds a part and widens the span to hold it.
    pub fn attach(&mut self, part: Part) {
        self.span.start = self.span.start.min(part.range.start);
        self.span.end = self.span.end.max(part.range.end);
        let at = self.parts.partition_point(|p| p.range.start <= part.range.start);
        self.parts.insert(at, part);
    }

    /// The ranges of everything that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = Range<u64>> {
        let own = self.role.is_secret().then(|| self.value.clone());
        own.into_iter()
            .chain(self.parts.iter().filter(|p| p.role.is_secret()).map(|p| p.range.clone()))
    }

    /// Whether `other` stands within what this secret was decoded from and is no
    /// piece of the secret.
    fn is_around(&self, other: &Leak, passage: &Passage<'_>) -> bool {
        let holds = |r: &Range<u64>| self.value.start <= r.start && r.end <= self.value.end;
        let Some(decoded) = self.decoded.as_deref().filter(|_| self.role.is_secret()) else {
            return false;
        };
        self.value != other.value
            && holds(&other.value)
            && other.parts.iter().all(|p| holds(&p.range))
            && memchr::memmem::find(decoded, other.value_in(passage)).is_none()
    }
}

/// What relation is told about the scan.
#[derive(Debug, Clone)]
pub struct Context {
    /// The time of the scan.
    pub now: Timestamp,
    /// Accounts whose keys raise an alarm when they are used.
    pub canary_accounts: Vec<u64>,
    /// Whether refuted candidates are wanted too, as leaks with the verdict
    /// [`Verdict::Refuted`].
    pub keep_refuted: bool,
    /// For each detector whether its leaks are reported; `None` if all are.
    /// Those of the others lend their parts and their proofs, but hide nothing.
    pub reported: Option<Vec<bool>>,
}

impl Context {
    /// A context at this time, without canaries, that drops what is refuted.
    pub fn at(now: Timestamp) -> Self {
        Self { now, canary_accounts: Vec::new(), keep_refuted: false, reported: None }
    }

    /// Whether the leaks of the detector with this index are reported.
    pub fn reports(&self, detector: u16) -> bool {
        let is_reported = |all: &Vec<bool>| all.get(usize::from(detector)).is_some_and(|r| *r);
        self.reported.as_ref().is_none_or(is_reported)
    }
}

/// How many recomputations one object may cost. An SES password beside a key
/// pair takes one for each region; an object that asks for more than a hundred
/// such is hostile or a test suite.
pub const PROOFS_PER_OBJECT: u32 = 4096;

/// What lasts from one cluster of an object to the next.
#[derive(Debug, Clone)]
pub struct Budget {
    proofs: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { proofs: Cell::new(PROOFS_PER_OBJECT) }
    }
}

impl Budget {
    /// Takes `count` recomputations from what is left; `false` if there are
    /// not so many.
    pub fn take(&self, count: u32) -> bool {
        match self.proofs.get().checked_sub(count) {
            Some(left) => {
                self.proofs.set(left);
                true
            }
            None => false,
        }
    }
}

/// What stands around a leak.
#[derive(Debug)]
pub struct Neighbours<'a> {
    /// The text of the cluster.
    pub passage: Passage<'a>,
    /// The cluster's candidates, by their start.
    pub candidates: &'a [Candidate],
    /// What is known about the scan.
    pub context: &'a Context,
    /// The recomputations that are left.
    pub budget: &'a Budget,
    roles: BTreeMap<Role, Places<'a>>,
}

/// The believed candidates in one role.
#[derive(Debug, Default)]
struct Places<'a> {
    /// By the start of their values.
    candidates: Vec<&'a Candidate>,
    /// The length of the longest value.
    longest: u64,
}

impl<'a> Neighbours<'a> {
    /// The most candidates that [`Neighbours::nearest`] gives. What lies behind
    /// as many of its kind belongs to another.
    pub const NEAREST: usize = 8;

    fn new(
        passage: Passage<'a>,
        candidates: &'a [Candidate],
        context: &'a Context,
        budget: &'a Budget,
    ) -> Self {
        let mut roles: BTreeMap<Role, Places<'a>> = BTreeMap::new();
        for candidate in candidates.iter().filter(|c| !c.is_refuted()) {
            let places = roles.entry(candidate.role).or_default();
            places.candidates.push(candidate);
            places.longest = places.longest.max(candidate.value.end - candidate.value.start);
        }
        for places in roles.values_mut() {
            places.candidates.sort_by_key(|c| c.value.start);
        }
        Self { passage, candidates, context, budget, roles }
    }

    /// The believed candidates in this role, nearest to `place` first, at most
    /// [`Neighbours::NEAREST`]; equally near ones in the order of the text.
    ///
    /// Costs a search and a walk to both sides, as far as something nearer may
    /// still come.
    pub fn nearest(&self, role: Role, place: &Range<u64>) -> Vec<&'a Candidate> {
        let Some(Places { candidates, longest }) = self.roles.get(&role) else {
            return Vec::new();
        };
        let far = |c: &Candidate| (gap(&c.value, place), c.value.start);
        let (before, after) =
            candidates.split_at(candidates.partition_point(|c| c.value.start < place.start));
        // Behind the place what starts later is no nearer. Before it a long
        // value may end later than those which start after it.
        let mut found: Vec<&Candidate> = after.iter().take(Self::NEAREST).copied().collect();
        for candidate in before.iter().rev() {
            let least = place.start.saturating_sub(candidate.value.start.saturating_add(*longest));
            if found.get(Self::NEAREST - 1).is_some_and(|c| far(c).0 < least) {
                break;
            }
            let at = found.partition_point(|c| far(c) < far(candidate));
            found.insert(at, candidate);
            found.truncate(Self::NEAREST);
        }
        found
    }
}

/// The bytes between two ranges; 0 if they touch.
pub(crate) fn gap(a: &Range<u64>, b: &Range<u64>) -> u64 {
    if a.end <= b.start { b.start - a.end } else { a.start.saturating_sub(b.end) }
}

/// The leaks of one cluster of candidates, by the start of their value.
///
/// Leaks of detectors that [do not report](Context::reports) are among them,
/// because what they cover is secret all the same.
///
/// `candidates` is ordered as [`cluster::order`] says; `passage` holds at least
/// the text of the cluster.
pub fn relate(
    detectors: &[Detector],
    candidates: Vec<Candidate>,
    passage: Passage<'_>,
    context: &Context,
    budget: &Budget,
) -> Vec<Leak> {
    let candidates = merge_same(candidates, context);
    let neighbours = Neighbours::new(passage, &candidates, context, budget);
    let mut used = vec![false; candidates.len()];
    let mut leaks = Vec::new();

    for index in composed(detectors) {
        let detector = &detectors[index];
        for assembly in pair::assemble(&detector.companions, &candidates, &used, &passage) {
            for member in &assembly.members {
                used[*member] = true;
            }
            leaks.push(assembled(index as u16, detector, &assembly, &candidates));
        }
    }
    for (candidate, used) in candidates.iter().zip(&used) {
        let reported = candidate.stands_alone && candidate.role != Role::Context && !used;
        if reported && !candidate.is_refuted() {
            let severity = detectors[usize::from(candidate.detector)].severity;
            leaks.push(Leak::from_candidate(candidate, severity));
        }
    }
    for leak in &mut leaks {
        let detector = &detectors[usize::from(leak.detector)];
        if let Some(judge) = detector.relate {
            judge(leak, &neighbours);
        }
        if !leak.parts.is_empty() && !leak.parts.iter().any(|p| p.range == leak.value) {
            leak.attach(Part {
                role: leak.role,
                range: leak.value.clone(),
                decoded: leak.decoded.clone(),
            });
        }
        tell_time(leak, context.now);
        if leak.facts.account().is_some_and(|a| context.canary_accounts.contains(&a)) {
            leak.facts.add(Fact::Canary(true));
        }
        leak.severity =
            grade(detector.severity, &leak.facts, leak.verdict, leak.complete, Place::Ordinary);
    }
    let (refuted, believed): (Vec<_>, Vec<_>) =
        leaks.into_iter().partition(|l| matches!(l.verdict, Verdict::Refuted(_)));
    let leaks = resolve_overlaps(believed, &passage, context);
    let mut leaks = join_repeats(leaks, detectors, &passage, context);
    if context.keep_refuted {
        leaks.extend(refuted);
        leaks.extend(
            candidates
                .iter()
                .filter(|c| c.is_refuted())
                .map(|c| Leak::from_candidate(c, Severity::Info)),
        );
    }
    leaks.sort_by(|a, b| {
        (a.value.start, a.value.end, a.detector).cmp(&(b.value.start, b.value.end, b.detector))
    });
    leaks
}

/// Says whether a leak still works at the time of the scan, and whether it will
/// for more than a month. What expires at a second is dead in that second.
fn tell_time(leak: &mut Leak, now: Timestamp) {
    /// How much life is long, in seconds: 30 days.
    const LONG: i64 = 30 * 86_400;
    match leak.facts.expires_at() {
        Some(expires) => {
            leak.facts.add(Fact::Expired(expires <= now));
            if expires > now.plus(LONG) {
                leak.facts.add(Fact::LongLived(true));
            }
        }
        None if leak.facts.iter().any(|f| *f == Fact::Unlimited(true)) => {
            leak.facts.add(Fact::LongLived(true));
        }
        None => {}
    }
}

/// Joins candidates that read the same bytes in the same role: a secret found
/// behind its name and again beside its key id is one. It belongs to the first
/// detector that reports it.
fn merge_same(candidates: Vec<Candidate>, context: &Context) -> Vec<Candidate> {
    let mut merged: Vec<Candidate> = Vec::with_capacity(candidates.len());
    let mut places: HashMap<(Role, Range<u64>, bool), usize> = HashMap::new();
    for candidate in candidates {
        let place = (candidate.role, candidate.value.clone(), candidate.is_refuted());
        let known = places.get(&place).and_then(|at| merged.get_mut(*at));
        match known {
            Some(twin) => {
                let is_reported = |c: &Candidate| c.stands_alone && context.reports(c.detector);
                if (candidate.stands_alone && !twin.stands_alone)
                    || (is_reported(&candidate) && !is_reported(twin))
                {
                    twin.detector = candidate.detector;
                    twin.stands_alone = true;
                } else if is_reported(&candidate)
                    && is_reported(twin)
                    && candidate.detector < twin.detector
                {
                    // The more specific detectors are listed first, wherever in
                    // the text they begin to read; what they say goes before.
                    twin.detector = candidate.detector;
                    let known = std::mem::replace(&mut twin.facts, candidate.facts.clone());
                    twin.facts.merge(&known);
                    if !candidate.parts.is_empty() {
                        twin.parts.clone_from(&candidate.parts);
                    }
                }
                twin.verdict = twin.verdict.max(candidate.verdict);
                twin.span.start = twin.span.start.min(candidate.span.start);
                twin.span.end = twin.span.end.max(candidate.span.end);
                if twin.name.is_none() {
                    twin.name = candidate.name;
                }
                for evidence in candidate.evidence {
                    if !twin.evidence.contains(&evidence) {
                        twin.evidence.push(evidence);
                    }
                }
                twin.facts.merge(&candidate.facts);
                if twin.parts.is_empty() {
                    twin.parts = candidate.parts;
                }
            }
            None => {
                places.insert(place, merged.len());
                merged.push(candidate);
            }
        }
    }
    merged
}

/// The detectors with [`Trigger::Parts`], in the order in which they take their
/// parts: who asks for more parts goes first, then who asks for more around them,
/// so that the particular comes before the general. Otherwise in the order of the
/// list.
fn composed(detectors: &[Detector]) -> Vec<usize> {
    let asks = |shared: bool, index: usize| {
        let companions = detectors[index].companions.iter();
        companions.filter(|c| c.required && c.shared == shared).count()
    };
    let mut order: Vec<usize> =
        (0..detectors.len()).filter(|i| matches!(detectors[*i].trigger, Trigger::Parts)).collect();
    order.sort_by_key(|i| Reverse((asks(false, *i), asks(true, *i))));
    order
}

/// Builds the leak of a detector with [`Trigger::Parts`]. The value is that of
/// the first required secret part.
fn assembled(
    index: u16,
    detector: &Detector,
    assembly: &Assembly,
    candidates: &[Candidate],
) -> Leak {
    let members = &assembly.members;
    let lead = &candidates[members[0]];
    let core = members.iter().map(|m| &candidates[*m]).find(|c| c.role.is_secret()).unwrap_or(lead);
    let mut leak = Leak::from_candidate(core, detector.severity);
    leak.detector = index;
    leak.parts.clear();
    leak.facts = Facts::default();
    for member in members {
        let candidate = &candidates[*member];
        leak.attach(Part {
            role: candidate.role,
            range: candidate.value.clone(),
            decoded: candidate.decoded.clone(),
        });
        leak.span.start = leak.span.start.min(candidate.span.start);
        leak.span.end = leak.span.end.max(candidate.span.end);
        leak.verdict = leak.verdict.max(candidate.verdict);
        for evidence in &candidate.evidence {
            leak.note(*evidence);
        }
        leak.facts.merge(&candidate.facts);
    }
    if members.len() > 1 {
        leak.note(Evidence::Paired);
    }
    for beside in &assembly.beside {
        leak.facts.merge(&candidates[*beside].facts);
        leak.note(Evidence::NamedService);
    }
    leak
}

/// Of leaks that read the same bytes keeps the one that says most: the one with
/// more parts, then the better proven, then the longer, then the earlier. The
/// others stay with it. A leak that is not reported says nothing beside one that
/// is.
///
/// A decoded secret around another leak that is not in it, such as a private key
/// with a key pair in its comment, does not read the same bytes: both are kept.
fn resolve_overlaps(mut leaks: Vec<Leak>, passage: &Passage<'_>, context: &Context) -> Vec<Leak> {
    leaks.sort_by(|a, b| {
        let key = |l: &Leak| {
            (
                context.reports(l.detector),
                l.role.is_secret(),
                l.parts.len().min(2),
                l.verdict.rank(),
                l.value.end - l.value.start,
            )
        };
        key(b)
            .cmp(&key(a))
            .then(a.value.start.cmp(&b.value.start))
            .then(a.detector.cmp(&b.detector))
    });
    let mut kept: Vec<Leak> = Vec::with_capacity(leaks.len());
    let mut taken = Taken::default();
    for leak in leaks {
        let winner =
            taken.by(&leak.value).into_iter().find(|k| !leak.is_around(&kept[*k], passage));
        match winner {
            Some(winner) => kept[winner].overlapped.push(leak),
            None => {
                taken.take(&leak.value, kept.len());
                for part in &leak.parts {
                    taken.take(&part.range, kept.len());
                }
                kept.push(leak);
            }
        }
    }
    kept
}

/// Joins what stands alone with the leak that was put together from the same
/// value in the same role: a key named again behind its pair is no second leak.
/// It stays with the pair, so that it is masked where it stands.
fn join_repeats(
    leaks: Vec<Leak>,
    detectors: &[Detector],
    passage: &Passage<'_>,
    context: &Context,
) -> Vec<Leak> {
    let is_whole = |l: &Leak| matches!(detectors[usize::from(l.detector)].trigger, Trigger::Parts);
    let (mut whole, rest): (Vec<_>, Vec<_>) = leaks.into_iter().partition(is_whole);
    let mut known: HashMap<(Role, Box<[u8]>), usize> = HashMap::new();
    for (at, leak) in whole.iter().enumerate() {
        for part in &leak.parts {
            let owner = known.entry((part.role, part.value_in(passage).into())).or_insert(at);
            // What is not reported hides nothing.
            if !context.reports(whole[*owner].detector) {
                *owner = at;
            }
        }
    }
    let mut apart = Vec::with_capacity(rest.len());
    for mut leak in rest {
        let owner = if leak.parts.is_empty() {
            known.get(&(leak.role, leak.value_in(passage).into())).copied()
        } else {
            None
        };
        match owner.map(|at| &mut whole[at]) {
            Some(owner) if context.reports(owner.detector) || !context.reports(leak.detector) => {
                owner.overlapped.append(&mut leak.overlapped);
                owner.overlapped.push(leak);
            }
            _ => apart.push(leak),
        }
    }
    whole.append(&mut apart);
    whole
}

/// Which bytes are read by which of the leaks that are kept: for disjoint ranges,
/// by their start, the end and the first leak that took them.
#[derive(Debug, Default)]
struct Taken(BTreeMap<u64, (u64, usize)>);

impl Taken {
    /// The ranges that meet `range`, the last first.
    fn meeting(&self, range: &Range<u64>) -> impl Iterator<Item = (Range<u64>, usize)> {
        let start = range.start;
        self.0
            .range(..range.end)
            .rev()
            .map(|(start, (end, leak))| (*start..*end, *leak))
            .take_while(move |(taken, _)| taken.end > start)
    }

    /// The leaks that took bytes of `range`, the first to be kept first.
    fn by(&self, range: &Range<u64>) -> BTreeSet<usize> {
        self.meeting(range).map(|(_, leak)| leak).collect()
    }

    /// Gives `leak` what nobody took of `range`.
    fn take(&mut self, range: &Range<u64>, leak: usize) {
        let mut end = range.end;
        let mut free = Vec::new();
        for (taken, _) in self.meeting(range) {
            free.push(taken.end..end);
            end = taken.start;
        }
        free.push(range.start..end);
        for range in free.into_iter().filter(|r| r.start < r.end) {
            self.0.insert(range.start, (range.end, leak));
        }
    }
}
