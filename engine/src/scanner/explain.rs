//! Why something was or was not reported.

use std::ops::Range;

use leaksieve_detectors::relate::{Budget, Context, cluster};
use leaksieve_detectors::{Candidate, Leak, Passage, Reason, Role, Verdict};

use super::{ENCODED, Relating, Scanner, Scratch};
use crate::decode::{Coding, Read};
use crate::location::{Lines, Location, Stored};
use crate::prefilter::Hit;

/// Candidates before another among which it may stand already: those of one
/// value are not far apart.
const TWINS: usize = 8;

/// Everything a scan saw in a range of an object.
#[derive(Debug)]
pub struct Trace {
    /// The anchors, in the order of the text.
    pub anchors: Vec<SeenAnchor>,
    /// The candidates, in the order of the text, and what became of each.
    pub candidates: Vec<Explained>,
}

/// An anchor that the prefilter found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenAnchor {
    /// The anchor's literal.
    pub literal: String,
    /// Where it stands.
    pub location: Location,
    /// Ids of the detectors that it triggers.
    pub detectors: Vec<String>,
}

/// A candidate, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Ids of the detectors that read it.
    pub detectors: Vec<String>,
    /// What it is.
    pub role: Role,
    /// Where its value stands.
    pub location: Location,
    /// The value as it may be shown.
    pub masked: String,
    /// What its own text says of it.
    pub verdict: Verdict,
    /// What became of it, as a sentence fragment.
    pub outcome: String,
    /// How it is encoded, the outermost layer first; empty if it stands plainly.
    pub decoded: Box<[Coding]>,
}

impl Explained {
    /// Whether two detectors read the same, and the same became of it.
    fn is_as(&self, other: &Self) -> bool {
        (self.role, self.location, &self.masked, &self.outcome, &self.decoded)
            == (other.role, other.location, &other.masked, &other.outcome, &other.decoded)
    }
}

impl Scanner {
    /// Scans a whole object and tells everything that touches `range`.
    pub fn trace(&self, object: &[u8], range: Range<u64>) -> Trace {
        let touches = |r: &Range<u64>| r.start < range.end && range.start <= r.end;
        let passage = Passage { base: 0, bytes: object };
        let lines = Lines::new(Stored::AsIs);

        let mut hits: Vec<Hit> = Vec::new();
        self.inner.prefilter.find(object, 0..object.len(), &mut hits);
        let anchors = hits
            .iter()
            .filter_map(|hit| {
                let routes = &self.inner.routes[hit.anchor as usize];
                let anchor = routes.first().and_then(|r| self.anchor(r))?;
                let place = hit.at as u64..(hit.at + anchor.len()) as u64;
                touches(&place).then(|| SeenAnchor {
                    literal: String::from_utf8_lossy(anchor).into_owned(),
                    location: lines.locate(&passage, &[place])[0],
                    detectors: routes
                        .iter()
                        .map(|r| self.detectors()[usize::from(r.detector)].id.to_string())
                        .collect(),
                })
            })
            .collect();

        let mut scratch = Scratch::new();
        self.extract(&passage, 0..object.len(), &mut scratch);
        let mut rest = scratch.candidates;
        cluster::order(&mut rest);
        let all = rest.clone();
        let context = Context { keep_refuted: false, ..self.context().clone() };
        let budget = Budget::default();
        let mut leaks = Vec::new();
        let mut relating = Relating::new(self, &context, &budget, 0);
        while let Some(cluster) = relating.next(&passage, u64::MAX, &mut rest) {
            leaks.extend(cluster.leaks.into_iter().map(|read| read.leak));
        }
        let mut candidates: Vec<Explained> = Vec::new();
        for candidate in all.iter().filter(|c| c.detector != ENCODED && touches(&c.span)) {
            let id = self.detectors()[usize::from(candidate.detector)].id.to_string();
            let explained = Explained {
                detectors: vec![id],
                role: candidate.role,
                location: lines.locate(&passage, std::slice::from_ref(&candidate.value))[0],
                masked: shown(candidate.role, candidate.verdict, &candidate.value_in(&passage)),
                verdict: candidate.verdict,
                outcome: self.outcome(candidate, &leaks),
                decoded: Box::default(),
            };
            match candidates.iter_mut().rev().take(TWINS).find(|known| explained.is_as(known)) {
                Some(twin) => {
                    twin.verdict = twin.verdict.max(explained.verdict);
                    let new = explained.detectors.into_iter();
                    let new: Vec<_> = new.filter(|id| !twin.detectors.contains(id)).collect();
                    twin.detectors.extend(new);
                }
                None => candidates.push(explained),
            }
        }
        candidates.extend(self.decoded(&passage, all, range, &lines));
        candidates.sort_by_key(|c| (c.location.offset, c.location.length));
        Trace { anchors, candidates }
    }

    /// What is read in a range once it is decoded, refuted or not.
    fn decoded(
        &self,
        passage: &Passage<'_>,
        mut candidates: Vec<Candidate>,
        range: Range<u64>,
        lines: &Lines,
    ) -> Vec<Explained> {
        let context = Context { keep_refuted: true, ..self.context().clone() };
        let budget = Budget::default();
        let mut relating = Relating::new(self, &context, &budget, 0);
        let mut found = Vec::new();
        while let Some(cluster) = relating.next(passage, u64::MAX, &mut candidates) {
            for Read { leak, codings } in cluster.leaks {
                let touches = leak.span.start < range.end && range.start <= leak.span.end;
                if codings.is_empty() || !touches {
                    continue;
                }
                let id = self.detectors()[usize::from(leak.detector)].id.to_string();
                let outcome = match leak.verdict {
                    Verdict::Refuted(reason) => reason.to_string(),
                    _ if self.context().reports(leak.detector) => {
                        format!("reported as {id} ({})", leak.severity.name())
                    }
                    _ => format!("would be {id}, which does not report"),
                };
                found.push(Explained {
                    role: leak.role,
                    location: lines.locate(passage, std::slice::from_ref(&leak.value))[0],
                    masked: shown(leak.role, leak.verdict, leak.value_in(passage)),
                    verdict: leak.verdict,
                    outcome,
                    detectors: vec![id],
                    decoded: codings.into(),
                });
            }
        }
        found
    }

    fn anchor(&self, route: &super::Route) -> Option<&[u8]> {
        match &self.detectors()[usize::from(route.detector)].trigger {
            leaksieve_detectors::detector::Trigger::Anchor(list) => {
                list.get(usize::from(route.anchor)).map(|a| &*a.literal)
            }
            leaksieve_detectors::detector::Trigger::Parts => None,
        }
    }

    fn outcome(&self, candidate: &Candidate, leaks: &[Leak]) -> String {
        let id = |leak: &Leak| &self.detectors()[usize::from(leak.detector)].id;
        if let Verdict::Refuted(reason) = candidate.verdict {
            return reason.to_string();
        }
        let covers =
            |r: &Range<u64>| r.start < candidate.value.end && candidate.value.start < r.end;
        for leak in leaks {
            if !self.context().reports(leak.detector) && leak.value == candidate.value {
                return format!("would be {}, which does not report", id(leak));
            }
            if leak.value == candidate.value {
                return format!("reported as {} ({})", id(leak), leak.severity.name());
            }
            if leak.parts.iter().any(|p| p.range == candidate.value) {
                return format!("part of {} ({})", id(leak), leak.severity.name());
            }
        }
        for leak in leaks {
            if covers(&leak.value) || leak.parts.iter().any(|p| covers(&p.range)) {
                return format!("covered by {}", id(leak));
            }
        }
        if candidate.role == Role::Context {
            "context for its neighbours".to_owned()
        } else if !candidate.stands_alone {
            "dropped: no partner was found, and nothing names it".to_owned()
        } else {
            "dropped: a better leak explains it".to_owned()
        }
    }
}

/// A value as it may be shown. Of secrets, only keys and tokens that are known to
/// be none are told in full: a real password may stand in a placeholder's place
/// or beside a documentation account.
fn shown(role: Role, verdict: Verdict, value: &[u8]) -> String {
    let public = matches!(verdict, Verdict::Refuted(Reason::Documentation | Reason::Placeholder))
        && matches!(
            role,
            Role::Whole
                | Role::SecretKey
                | Role::SessionToken
                | Role::AccessToken
                | Role::RefreshToken
        );
    if role.is_secret() && !public {
        crate::mask::masked(value)
    } else {
        crate::mask::visible(value)
    }
}
