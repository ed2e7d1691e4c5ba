//! What wrapping a tree costs: plants that are found in the plain tree and not in the
//! wrapped one.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    label::{Label, Origin, Role},
    score::{Claim, Fault, Ratio, Scores},
};

/// Plants of a wrapped tree that are wrapped alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Plants found in the wrapped tree out of all that are in it.
    pub recall: Ratio,
    /// Plants that are found in the plain tree and not here, out of those found there.
    pub lost: Ratio,
    /// Plants of which the range is the label's in the plain tree and not here.
    pub moved: usize,
}

/// A wrapped tree beside the plain one.
#[derive(Clone, Debug, Default)]
pub struct Loss {
    /// All together.
    pub all: Share,
    /// By encoding and format, `base64+gzip tar.xz`.
    pub wrappings: BTreeMap<String, Share>,
    /// By the kind of container that the value was planted in: the host and the template.
    pub containers: BTreeMap<String, Share>,
    /// The plants that are lost.
    pub lost: Vec<Fault>,
    /// Plants that no label of the plain tree belongs to.
    pub strangers: usize,
}

/// Compares the plants of a wrapped tree with those of the plain tree that it was made of.
///
/// Where several values have one range, the same secret in it twice is one place of it: all
/// are found if the range has as many claims as secrets, otherwise those of a secret of which
/// one is. What is the same secret tells the plain report.
pub fn loss(plain: (&[Label], &Scores), wrapped: (&[Label], &Scores)) -> Loss {
    let mut known: HashMap<Key<'_>, (Claim, Option<usize>)> = HashMap::new();
    let plain_claims = plain.1.claimed.iter().zip(&plain.1.claimed_by);
    for (label, (&claim, &record)) in plain.0.iter().zip(plain_claims) {
        known.insert(place(label), (claim, record));
    }
    let before = |label: &Label| {
        let origin = label.origin.as_ref()?;
        known.get(&(&*origin.path, &*label.detector, origin.offset, origin.length)).copied()
    };
    // The secrets at each place, by the numbers of the plain records, and its claims.
    let mut secrets: HashMap<Key<'_>, (HashSet<usize>, usize)> = HashMap::new();
    let mut found_secrets: HashSet<(Key<'_>, usize)> = HashSet::new();
    for (label, &claim) in wrapped.0.iter().zip(&wrapped.1.claimed) {
        let (known, claims) = secrets.entry(place(label)).or_default();
        let record = before(label).and_then(|(_, record)| record);
        known.extend(record);
        if claim > Claim::None {
            *claims += 1;
            found_secrets.extend(record.map(|record| (place(label), record)));
        }
    }
    let mut out = Loss::default();
    for (label, &claim) in wrapped.0.iter().zip(&wrapped.1.claimed) {
        if label.role == Role::Permitted {
            continue;
        }
        let (Some(origin), Some((before, record))) = (&label.origin, before(label)) else {
            out.strangers += 1;
            continue;
        };
        let is_twin = record.is_some_and(|record| found_secrets.contains(&(place(label), record)));
        let all_are =
            secrets.get(&place(label)).is_some_and(|(known, n)| (1..=*n).contains(&known.len()));
        let was_found = before > Claim::None;
        let found = claim > Claim::None || is_twin || all_are;
        let is_moved = before == Claim::Exact && claim == Claim::Overlap;
        let wrapping = wrapping(origin);
        let container = label.container.split(['@', '!']).next().unwrap_or_default().to_owned();
        let shares = [
            &mut out.all,
            out.wrappings.entry(wrapping).or_default(),
            out.containers.entry(container).or_default(),
        ];
        for share in shares {
            share.recall.total += 1;
            share.recall.hits += usize::from(found);
            share.lost.total += usize::from(was_found);
            share.lost.hits += usize::from(was_found && !found);
            share.moved += usize::from(is_moved);
        }
        if was_found && !found {
            out.lost.push(Fault::missed(label));
        }
    }
    out
}

/// A label in a plain tree.
type Key<'l> = (&'l str, &'l str, u64, u64);

/// Where a label is.
fn place(label: &Label) -> Key<'_> {
    (&label.path, &label.detector, label.offset, label.length)
}

/// What a label's file was wrapped in, for people.
fn wrapping(origin: &Origin) -> String {
    let mut names = Vec::new();
    if !origin.encoding.is_empty() {
        names.push(origin.encoding.join("+"));
        names.extend(origin.lines.map(|around| format!("lines-{around}")));
    }
    names.extend(origin.format.clone());
    if names.is_empty() { "(plain)".into() } else { names.join(" ") }
}
