//! What wrapping a tree costs: plants that are found in the plain tree and not in the
//! wrapped one.

use std::collections::{BTreeMap, HashSet};

use crate::{
    label::{Label, Role},
    score::{Fault, Ratio},
};

/// Plants of a wrapped tree that are wrapped alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Plants found in the wrapped tree out of all that are in it.
    pub recall: Ratio,
    /// Plants that are found in the plain tree and not here, out of those found there.
    pub lost: Ratio,
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
/// with the labels comes whether each was found.
pub fn loss(plain: (&[Label], &[bool]), wrapped: (&[Label], &[bool])) -> Loss {
    let at =
        |label: &Label| (label.path.clone(), label.detector.clone(), label.offset, label.length);
    let known: HashSet<_> = plain.0.iter().map(at).collect();
    let found_plain: HashSet<_> = plain
        .0
        .iter()
        .zip(plain.1)
        .filter(|(_, found)| **found)
        .map(|(label, _)| at(label))
        .collect();
    let mut out = Loss::default();
    for (label, &found) in wrapped.0.iter().zip(wrapped.1) {
        if label.role == Role::Permitted {
            continue;
        }
        let Some(origin) = &label.origin else {
            out.strangers += 1;
            continue;
        };
        let place = (origin.path.clone(), label.detector.clone(), origin.offset, origin.length);
        if !known.contains(&place) {
            out.strangers += 1;
            continue;
        }
        let was_found = found_plain.contains(&place);
        let encoding = origin.encoding.join("+");
        let mut names = vec![encoding.as_str(), origin.format.as_deref().unwrap_or_default()];
        names.retain(|name| !name.is_empty());
        let wrapping = if names.is_empty() { "(plain)".into() } else { names.join(" ") };
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
        }
        if was_found && !found {
            out.lost.push(Fault::missed(label));
        }
    }
    out
}
