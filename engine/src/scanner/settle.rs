//! Settling: relating candidates once nothing can join them any more, and
//! giving their leaks a place.

use std::ops::{ControlFlow, Range};

use leaksieve_detectors::relate::{Budget, Context, cluster, relate};
use leaksieve_detectors::{Candidate, Leak, Passage};

use super::{ENCODED, Scanner};
use crate::decode::{self, Read};
use crate::finding::{Excerpt, Finding, FindingPart};
#[cfg(feature = "files")]
use crate::location::Stretch;
use crate::location::{Lines, Stored};
use crate::sink::Sink;

/// Bytes of a line that are kept before and after a finding's value.
const EXCERPT_BEFORE: u64 = 160;
const EXCERPT_AFTER: u64 = 96;

/// Bytes of the value itself that an excerpt holds.
const EXCERPT_VALUE: u64 = 512;

/// The most bytes of a character before its last.
const CHARACTER: u64 = 3;

/// Bytes before a window's first anchor, beyond the detectors' reach, that
/// settling looks at.
#[cfg(feature = "files")]
pub(crate) const LOOK_BEHIND: u64 = EXCERPT_BEFORE + CHARACTER;

/// Bytes after the end of what a detector can reach that settling looks at.
pub(crate) const LOOK_AHEAD: u64 = EXCERPT_AFTER;

/// What lasts from one window of an object to the next.
#[derive(Debug, Clone)]
pub(crate) struct Settling {
    lines: Lines,
    budget: Budget,
    /// Where what was decoded has been reported.
    decoded_to: u64,
    /// Where the last cluster ended.
    shown: u64,
}

impl Settling {
    pub(crate) fn new(stored: Stored) -> Self {
        Self { lines: Lines::new(stored), budget: Budget::default(), decoded_to: 0, shown: 0 }
    }

    /// The offset before which no text is looked at any more: neither for the pending
    /// candidates, nor for those that may still come behind `watermark`.
    pub(crate) fn needed_from(pending: &[Candidate], watermark: u64) -> u64 {
        Self::settled(pending, watermark).saturating_sub(EXCERPT_BEFORE)
    }

    /// The offset before which everything is reported.
    pub(crate) fn settled(pending: &[Candidate], watermark: u64) -> u64 {
        let first = pending.iter().map(|c| c.span.start).min().unwrap_or(u64::MAX);
        first.min(watermark)
    }

    /// Counts the lines before `to`, which is not behind
    /// [`Settling::needed_from`], and says from where on the text must be kept:
    /// a little before it, because a character may begin there.
    pub(crate) fn pass(&mut self, passage: &Passage<'_>, to: u64) -> u64 {
        self.lines.advance(passage, to);
        to.saturating_sub(CHARACTER)
    }

    /// Counts a stretch of text that was counted elsewhere, if it begins where
    /// counting stands.
    #[cfg(feature = "files")]
    pub(crate) fn skip(&mut self, start: u64, stretch: &Stretch) -> bool {
        let fits = self.lines.counted_to() == start;
        if fits {
            self.lines.skip(stretch);
        }
        fits
    }

    /// Reports the leaks of every cluster that is certain, and removes its
    /// candidates from `pending`.
    pub(crate) fn settle(
        &mut self,
        scanner: &Scanner,
        passage: &Passage<'_>,
        watermark: u64,
        pending: &mut Vec<Candidate>,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        if pending.is_empty() {
            return ControlFlow::Continue(());
        }
        cluster::order(pending);
        let budget = std::mem::take(&mut self.budget);
        let mut relating = Relating::new(scanner, scanner.context(), &budget, 0);
        relating.decoded_to = self.decoded_to;
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue()
            && let Some(Related { span, secrets, leaks }) =
                relating.next(passage, watermark, pending)
        {
            // What lies beyond a cut is not masked, so it is not shown.
            let limits = self.shown..pending.first().map_or(u64::MAX, |next| next.span.start);
            self.shown = span.end;
            flow = self.report(scanner, passage, limits, secrets, leaks, sink);
        }
        self.decoded_to = relating.decoded_to;
        self.budget = budget;
        flow
    }

    fn report(
        &mut self,
        scanner: &Scanner,
        passage: &Passage<'_>,
        limits: Range<u64>,
        mut secrets: Vec<Range<u64>>,
        leaks: Vec<Read>,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        if leaks.is_empty() {
            return ControlFlow::Continue(());
        }
        // Leaks of a cluster that was cut may reach back behind the cut.
        let start = leaks.iter().flat_map(|r| ranges(&r.leak)).map(|r| r.start).min().unwrap_or(0);
        self.lines.advance(passage, start);
        let wanted: Vec<Range<u64>> = leaks.iter().flat_map(|r| ranges(&r.leak)).collect();
        let mut locations = self.lines.locate(passage, &wanted).into_iter();
        for Read { leak, .. } in &leaks {
            secrets.extend(leak.secrets());
            secrets.extend(leak.overlapped.iter().flat_map(Leak::secrets));
        }
        secrets.sort_by_key(|r| (r.start, r.end));
        let decoded = leaks.iter().filter(|read| !read.codings.is_empty());
        let decoded: Vec<Box<[u8]>> =
            decoded.flat_map(|read| secret_values(&read.leak, passage)).map(Into::into).collect();
        let mut known: Vec<&[u8]> = secrets.iter().map(|r| passage.slice(r.clone())).collect();
        known.extend(decoded.iter().map(|secret| &**secret));
        known.retain(|secret| secret.len() >= SHORTEST_IN_A_FACT);
        let secrets = joined(secrets);
        for Read { mut leak, codings } in leaks {
            leak.facts.mask(&known, crate::mask::masked);
            let Some(location) = locations.next() else { break };
            let parts = leak
                .parts
                .iter()
                .zip(&mut locations)
                .map(|(part, location)| FindingPart {
                    role: part.role,
                    value: part.value_in(passage).into(),
                    location,
                })
                .collect();
            // It was needed for its secrets, which no excerpt shows.
            if !scanner.context().reports(leak.detector) {
                continue;
            }
            let finding = Finding {
                detectors: scanner.shared_detectors(),
                secret: leak.value_in(passage).into(),
                excerpt: excerpt(passage, &leak, &limits, &secrets),
                location,
                parts,
                codings: codings.into(),
                leak,
            };
            sink.finding(finding)?;
        }
        ControlFlow::Continue(())
    }
}

/// The shortest secret that is looked for in facts; a shorter one may be an
/// ordinary word.
const SHORTEST_IN_A_FACT: usize = 8;

/// The ranges of all secrets among candidates, of those too that will not be
/// reported because they found no partner.
fn secrets_of(candidates: &[Candidate]) -> Vec<Range<u64>> {
    let believed = candidates.iter().filter(|c| !c.is_refuted());
    believed
        .flat_map(|c| {
            let parts = c.parts.iter().map(|p| (p.role, &p.range));
            std::iter::once((c.role, &c.value)).chain(parts)
        })
        .filter(|(role, _)| role.is_secret())
        .map(|(_, range)| range.clone())
        .collect()
}

/// A cluster that was related.
pub(crate) struct Related {
    span: Range<u64>,
    /// Where secrets stand in it, reported or not.
    secrets: Vec<Range<u64>>,
    pub(crate) leaks: Vec<Read>,
}

/// Relates the clusters of a text, from left to right.
pub(crate) struct Relating<'s> {
    scanner: &'s Scanner,
    context: &'s Context,
    budget: &'s Budget,
    /// Layers of encoding that were undone to come to the text.
    depth: usize,
    /// What stands encoded before this was told with an earlier cluster, whose text
    /// reaches into the next where a cluster was cut.
    decoded_to: u64,
}

impl<'s> Relating<'s> {
    pub(crate) fn new(
        scanner: &'s Scanner,
        context: &'s Context,
        budget: &'s Budget,
        depth: usize,
    ) -> Self {
        Self { scanner, context, budget, depth, decoded_to: 0 }
    }

    /// Relates the first cluster of `pending`, which is ordered, and removes its
    /// candidates; `None` if none is certain.
    pub(crate) fn next(
        &mut self,
        passage: &Passage<'_>,
        watermark: u64,
        pending: &mut Vec<Candidate>,
    ) -> Option<Related> {
        let len = cluster::first(pending, watermark)?;
        let rest = pending.split_off(len);
        let mut members = std::mem::replace(pending, rest);
        let span = cluster::span(&members);
        let all = members.len();
        members.retain(|c| c.detector != ENCODED);
        let secrets = secrets_of(&members);
        if members.len() == all {
            let leaks = self.relate(passage, members).into_iter().map(Read::from).collect();
            return Some(Related { span, secrets, leaks });
        }
        // Marks join what would be apart without them, which concerns only what is
        // encoded.
        let mut leaks = Vec::new();
        while let Some(len) = cluster::first(&members, u64::MAX) {
            let rest = members.split_off(len);
            let related = self.relate(passage, std::mem::replace(&mut members, rest));
            leaks.extend(related.into_iter().map(Read::from));
        }
        let text = Passage { base: span.start, bytes: passage.slice(span.clone()) };
        let mut decoded = decode::read(self.scanner, &text, self.context, self.budget, self.depth);
        let from = self.decoded_to;
        let to = pending.first().filter(|next| next.span.start < span.end);
        let to = to.map_or(u64::MAX, |next| next.value.start);
        decoded.retain(|read| (from..to).contains(&read.leak.value.start));
        self.decoded_to = if to == u64::MAX { from } else { to };
        let leaks = decode::join(&text, leaks, decoded);
        Some(Related { span, secrets, leaks })
    }

    /// Relation sees the text of the cluster and no more, even where more is at hand, so
    /// that every mode of scanning relates the same.
    fn relate(&self, passage: &Passage<'_>, members: Vec<Candidate>) -> Vec<Leak> {
        let span = cluster::span(&members);
        let text = Passage { base: span.start, bytes: passage.slice(span) };
        relate(self.scanner.detectors(), members, text, self.context, self.budget)
    }
}

/// The secrets of a leak as they are, decoded.
fn secret_values<'t>(leak: &'t Leak, passage: &'t Passage<'t>) -> impl Iterator<Item = &'t [u8]> {
    let own = leak.role.is_secret().then(|| leak.value_in(passage));
    let parts = leak.parts.iter().filter(|part| part.role.is_secret());
    own.into_iter().chain(parts.map(|part| part.value_in(passage)))
}

/// The ranges of a leak that get a location: the value, then the parts.
fn ranges(leak: &Leak) -> impl Iterator<Item = Range<u64>> {
    std::iter::once(leak.value.clone()).chain(leak.parts.iter().map(|p| p.range.clone()))
}

/// Joins ordered ranges that touch.
fn joined(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut all: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match all.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

/// The line of a leak's value, cut to a width that a person can read and to
/// `limits`.
fn excerpt(
    passage: &Passage<'_>,
    leak: &Leak,
    limits: &Range<u64>,
    secrets: &[Range<u64>],
) -> Excerpt {
    let value = &leak.value;
    let floor = value.start.saturating_sub(EXCERPT_BEFORE).max(limits.start).min(value.start);
    let before = passage.slice(floor..value.start);
    let own = passage.slice(value.start..value.end.min(value.start + EXCERPT_VALUE));
    let own_line = memchr::memchr(b'\n', own).map_or(own, |end| &own[..end]);
    let one_line = own_line.len() as u64 == value.end - value.start;
    let line_start = memchr::memrchr(b'\n', before);
    let start = value.start - (before.len() - line_start.map_or(0, |at| at + 1)) as u64;
    let (end, ends_line) = if one_line {
        let ceiling = (value.end + EXCERPT_AFTER).min(limits.end).max(value.end);
        let after = passage.slice(value.end..ceiling);
        match memchr::memchr(b'\n', after) {
            Some(at) => (value.end + at as u64, true),
            None => {
                let at_end = value.end + (after.len() as u64) < ceiling;
                (value.end + after.len() as u64, at_end)
            }
        }
    } else {
        (value.start + own_line.len() as u64, own_line.len() < own.len())
    };
    let text = passage.slice(start..end);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let clip = |range: &Range<u64>| -> Option<Range<usize>> {
        let clip = |at: u64| at.saturating_sub(start).min(text.len() as u64) as usize;
        let clipped = clip(range.start)..clip(range.end);
        (clipped.start < clipped.end).then_some(clipped)
    };
    Excerpt {
        mark: clip(value).unwrap_or(0..0),
        secrets: secrets.iter().filter_map(clip).collect(),
        starts_line: line_start.is_some() || start == 0,
        ends_line,
        text: text.into(),
    }
}
