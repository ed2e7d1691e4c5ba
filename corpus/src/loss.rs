//! What wrapping a tree costs: plants that are found in the plain tree and not in the
//! wrapped one.

use std::collections::{BTreeMap, HashMap};

use crate::{
    label::{Label, Origin, Role},
    score::{Claim, Fault, Ratio},
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

/// Compares the plants of a wrapped tree with those of the plain tree that it was made of;
/// with the labels comes how each was claimed.
pub fn loss(plain: (&[Label], &[Claim]), wrapped: (&[Label], &[Claim])) -> Loss {
    let at =
        |label: &Label| (label.path.clone(), label.detector.clone(), label.offset, label.length);
    let mut known: HashMap<_, Claim> = HashMap::new();
    for (label, claim) in plain.0.iter().zip(plain.1) {
        let before = known.entry(at(label)).or_default();
        *before = (*before).max(*claim);
    }
    let mut out = Loss::default();
    for (label, &claim) in wrapped.0.iter().zip(wrapped.1) {
        if label.role == Role::Permitted {
            continue;
        }
        let Some(origin) = &label.origin else {
            out.strangers += 1;
            continue;
        };
        let place = (origin.path.clone(), label.detector.clone(), origin.offset, origin.length);
        let Some(before) = known.get(&place) else {
            out.strangers += 1;
            continue;
        };
        let (was_found, found) = (*before > Claim::None, claim > Claim::None);
        let is_moved = *before == Claim::Exact && claim == Claim::Overlap;
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
