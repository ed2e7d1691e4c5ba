//! Cutting an object's candidates into groups that do not concern each other.
//!
//! Two neighbouring candidates belong to one cluster if no more than [`NEAR`]
//! bytes lie between them. A cluster that grows over a limit is cut at its
//! widest gap. Both rules look only at the candidates and only from left to
//! right, so the clusters are the same however the object was read, and memory
//! stays bounded.

use std::cmp::Reverse;
use std::ops::Range;

use crate::candidate::Candidate;

/// The most bytes that may lie between two candidates that concern each other.
/// A session token of the usual thousand characters fits between a key id and
/// its secret, with room for a few more fields.
pub const NEAR: u64 = 4096;

/// The most candidates in a cluster.
pub const MAX_CANDIDATES: usize = 1024;

/// The most bytes from the start of a cluster's first candidate to the start of
/// its last.
pub const MAX_SPAN: u64 = 256 * 1024;

/// Orders candidates as relation wants them: by start, the longer first.
pub fn order(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| key(a).cmp(&key(b)));
}

fn key(c: &Candidate) -> impl Ord {
    (c.span.start, Reverse(c.span.end), c.value.start, c.detector, c.role)
}

/// Where the first cluster of `candidates` ends, if that is certain.
///
/// `candidates` is ordered; more may follow, but none that starts before
/// `watermark`. `None` if the cluster may still grow (or there is none).
pub fn first(candidates: &[Candidate], watermark: u64) -> Option<usize> {
    let start = candidates.first()?.span.start;
    let mut end = 0;
    for (i, candidate) in candidates.iter().enumerate() {
        if i > 0 && candidate.span.start > end + NEAR {
            // The gap is certain only if nothing can still fall into it.
            return (watermark > end + NEAR).then_some(i);
        }
        if i == MAX_CANDIDATES || candidate.span.start > start + MAX_SPAN {
            return (candidate.span.start < watermark).then(|| widest_gap(&candidates[..i]));
        }
        end = end.max(candidate.span.end);
    }
    (watermark > end + NEAR).then_some(candidates.len())
}

/// The index in the second half of an overgrown cluster before which the text
/// without candidates is longest.
fn widest_gap(candidates: &[Candidate]) -> usize {
    let mut best = (candidates.len(), 0);
    let mut end = 0;
    for (i, candidate) in candidates.iter().enumerate() {
        let gap = candidate.span.start.saturating_sub(end);
        if i > candidates.len() / 2 && gap > best.1 {
            best = (i, gap);
        }
        end = end.max(candidate.span.end);
    }
    best.0
}

/// The range of text that a cluster covers.
pub fn span(cluster: &[Candidate]) -> Range<u64> {
    let start = cluster.iter().map(|c| c.span.start).min().unwrap_or(0);
    let end = cluster.iter().map(|c| c.span.end).max().unwrap_or(start);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Role;

    fn at(starts: &[u64]) -> Vec<Candidate> {
        starts.iter().map(|s| Candidate::new(Role::Whole, *s..*s + 10)).collect()
    }

    #[test]
    fn a_gap_ends_a_cluster_once_it_is_certain() {
        let candidates = at(&[0, 20, 20 + 10 + NEAR + 1]);
        assert_eq!(first(&candidates, u64::MAX), Some(2));
        assert_eq!(first(&candidates, 30 + NEAR), None);
        assert_eq!(first(&candidates[..2], 30 + NEAR), None);
        assert_eq!(first(&candidates[..2], 31 + NEAR), Some(2));
        assert_eq!(first(&[], u64::MAX), None);
    }

    #[test]
    fn an_overgrown_cluster_is_cut_at_its_widest_gap() {
        let mut starts: Vec<u64> = (0..2000).map(|i| i * 100).collect();
        for s in &mut starts[700..] {
            *s += 500;
        }
        let candidates = at(&starts);
        assert_eq!(first(&candidates, u64::MAX), Some(700));
        assert_eq!(first(&candidates[..MAX_CANDIDATES], u64::MAX), Some(MAX_CANDIDATES));
    }
}
