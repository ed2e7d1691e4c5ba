//! The scanner: from text to findings.
//!
//! A [`Scanner`] is immutable; share it between threads. A [`Scratch`] holds
//! the buffers of one scan at a time; keep one for each thread.
//!
//! Every way to scan is the same three steps over windows of the object: the
//! [prefilter](crate::prefilter) finds anchors, extraction reads candidates
//! around them, and settling relates candidates as soon as nothing can join
//! them any more. A slice is one window that is never dropped; a reader is a
//! buffer that moves, and so is a stream, which is pushed. So all give the same
//! findings.

mod builder;
#[cfg(feature = "git")]
pub(crate) mod delta;
mod early;
mod explain;
mod held;
mod reader;
mod settle;
mod stream;

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use leaksieve_detectors::detector::{Anchor, Trigger};
use leaksieve_detectors::extract::{Window, extract};
use leaksieve_detectors::relate::{Context, cluster};
use leaksieve_detectors::{Candidate, Detector, Passage, Role};

pub use builder::{BuildError, ScannerBuilder};
pub use early::{EventId, StreamEvent, StreamSink};
pub use explain::{Explained, SeenAnchor, Trace};
pub use reader::Outcome;
pub use stream::StreamScanner;

pub(crate) use early::Foreseen;
#[cfg(feature = "files")]
pub(crate) use early::{Early, Reconciling, Unsettled};
#[cfg(feature = "files")]
pub(crate) use held::read_waiting;
pub(crate) use settle::{LOOK_AHEAD, Relating, Settling};

use crate::decode;
use crate::finding::Finding;
use crate::location::Stored;
use crate::prefilter::{Backend, Hit, Prefilter};
use crate::sink::Sink;

/// Bytes between two looks at [`Sink::interrupted`], and the most that is
/// searched before its candidates are related. Half of a usual second-level
/// cache.
const STEP: usize = 256 * 1024;

/// The detector's number of a mark: a candidate that says nothing but that its span may
/// hold something encoded, and where that begins.
pub(crate) const ENCODED: u16 = u16::MAX;

/// Finds leaks in text. Immutable, cheap to clone and to share.
#[derive(Debug, Clone)]
pub struct Scanner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    detectors: Arc<[Detector]>,
    prefilter: Prefilter,
    /// For each anchor of the prefilter, the detectors it belongs to.
    routes: Vec<Vec<Route>>,
    /// For each anchor of the prefilter, its length and how far its detectors read
    /// before and behind it.
    reaches: Vec<AnchorReach>,
    reach_before: usize,
    /// Layers of encoding that are undone.
    decode_depth: usize,
    grams: decode::Grams,
    context: Context,
}

/// How far the detectors of an anchor read.
#[derive(Debug, Clone, Copy, Default)]
struct AnchorReach {
    len: usize,
    before: usize,
    /// From the anchor's end on.
    after: usize,
}

/// A detector that an anchor triggers.
#[derive(Debug, Clone, Copy)]
struct Route {
    detector: u16,
    /// Index of the anchor in the detector's own list.
    anchor: u16,
}

/// The buffers of a scan, reused from one to the next.
#[derive(Debug)]
pub struct Scratch {
    hits: Vec<Hit>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) buffer: Vec<u8>,
    pub(crate) step: usize,
    levels: decode::Levels,
    marks: Vec<decode::Mark>,
}

impl Scratch {
    /// Empty buffers; an object is scanned 256 KiB at a time.
    pub fn new() -> Self {
        Self::with_step(STEP)
    }

    /// Empty buffers; an object is scanned (and a reader read) `step` bytes at a
    /// time, but at least one. What is found does not depend on it.
    pub fn with_step(step: usize) -> Self {
        Self {
            hits: Vec::new(),
            candidates: Vec::new(),
            buffer: Vec::new(),
            step: step.max(1),
            levels: decode::Levels::default(),
            marks: Vec::new(),
        }
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scanner {
    /// A scanner of the built-in detectors, as [`ScannerBuilder`] makes it by
    /// default.
    pub fn new() -> Self {
        let detectors: Arc<[Detector]> = builder::reporting_by_default().into();
        let context = Context::at(builder::system_time());
        Self::assemble(detectors, None, context, decode::DEFAULT_DEPTH)
            .unwrap_or_else(|_| unreachable!("the portable back end is always there"))
    }

    /// Configures a scanner.
    pub fn builder() -> ScannerBuilder {
        ScannerBuilder::new()
    }

    fn assemble(
        detectors: Arc<[Detector]>,
        backend: Option<Backend>,
        context: Context,
        decode_depth: usize,
    ) -> Result<Self, BuildError> {
        let mut anchors: Vec<Anchor> = Vec::new();
        let mut routes: Vec<Vec<Route>> = Vec::new();
        for (index, detector) in detectors.iter().enumerate() {
            let Trigger::Anchor(list) = &detector.trigger else { continue };
            for (number, anchor) in list.iter().enumerate() {
                let route = Route { detector: index as u16, anchor: number as u16 };
                match anchors.iter().position(|a| a == anchor) {
                    Some(known) => routes[known].push(route),
                    None => {
                        anchors.push(anchor.clone());
                        routes.push(vec![route]);
                    }
                }
            }
        }
        let prefilter = match backend {
            None => Prefilter::new(&anchors),
            Some(backend) => Prefilter::with_backend(&anchors, backend)
                .ok_or(BuildError::BackendUnavailable(backend))?,
        };
        let reaches: Vec<AnchorReach> = anchors
            .iter()
            .zip(&routes)
            .map(|(anchor, routes)| {
                let reach = |side: fn(&Detector) -> u32| {
                    let detectors = routes.iter().map(|r| &detectors[usize::from(r.detector)]);
                    detectors.map(|d| side(d) as usize).max().unwrap_or(0)
                };
                AnchorReach {
                    len: anchor.literal.len(),
                    before: reach(|d| d.reach.before),
                    after: reach(|d| d.reach.after),
                }
            })
            .collect();
        let mut reach_before = reaches.iter().map(|reach| reach.before).max().unwrap_or(0);
        if decode_depth > 0 {
            reach_before = reach_before.max(decode::MOST_BEFORE);
        }
        Ok(Self {
            inner: Arc::new(Inner {
                reach_before,
                reaches,
                decode_depth,
                grams: decode::Grams::of(&anchors),
                detectors,
                prefilter,
                routes,
                context,
            }),
        })
    }

    /// The detectors that are searched for.
    pub fn detectors(&self) -> &[Detector] {
        &self.inner.detectors
    }

    /// The instructions that the search runs on.
    pub fn backend(&self) -> Backend {
        self.inner.prefilter.backend()
    }

    /// The prefilter, for measurements.
    pub fn prefilter(&self) -> &Prefilter {
        &self.inner.prefilter
    }

    /// Scans a whole object. Findings come in the order in which they stand.
    ///
    /// Returns [`ControlFlow::Break`] if the sink ended the scan.
    pub fn scan(
        &self,
        object: &[u8],
        scratch: &mut Scratch,
        sink: &mut dyn Sink,
    ) -> ControlFlow<()> {
        let passage = Passage { base: 0, bytes: object };
        let mut settling = Settling::new(Stored::AsIs);
        scratch.candidates.clear();
        let mut start = 0;
        while start < object.len() {
            let end = object.len().min(start + scratch.step);
            self.extract(&passage, start..end, scratch);
            let watermark = if end == object.len() { u64::MAX } else { self.watermark(end as u64) };
            settling.settle(self, &passage, watermark, &mut scratch.candidates, sink)?;
            if sink.interrupted() {
                return ControlFlow::Break(());
            }
            start = end;
        }
        ControlFlow::Continue(())
    }

    /// Scans a whole object and collects the findings.
    ///
    /// ```
    /// use leaksieve::Scanner;
    ///
    /// let findings = Scanner::new().find_all(b"nothing to see");
    /// assert!(findings.is_empty());
    /// ```
    pub fn find_all(&self, object: &[u8]) -> Vec<Finding> {
        let mut findings = Vec::new();
        // A vector never ends a scan.
        let _ = self.scan(object, &mut Scratch::new(), &mut findings);
        findings
    }

    /// Appends the candidates whose anchors start in `owned` (indexes into
    /// `passage.bytes`), and marks of what begins encoded there. The passage holds the
    /// reach around `owned`, as far as the object does.
    pub(crate) fn extract(
        &self,
        passage: &Passage<'_>,
        owned: Range<usize>,
        scratch: &mut Scratch,
    ) {
        self.extract_at(passage, owned, 0, scratch);
    }

    /// Extracts from a text to which so many layers of encoding were undone.
    pub(crate) fn extract_at(
        &self,
        passage: &Passage<'_>,
        owned: Range<usize>,
        depth: usize,
        scratch: &mut Scratch,
    ) {
        let inner = &*self.inner;
        let mut start = owned.start;
        while start < owned.end {
            let end = owned.end.min(start + STEP);
            scratch.hits.clear();
            inner.prefilter.find(passage.bytes, start..end, &mut scratch.hits);
            for hit in &scratch.hits {
                for route in &inner.routes[hit.anchor as usize] {
                    self.inspect(passage, hit, *route, &mut scratch.candidates);
                }
            }
            let mut hits = std::mem::take(&mut scratch.hits);
            self.mark(passage, start..end, depth, &mut hits, scratch);
            scratch.hits = hits;
            start = end;
        }
    }

    /// Extracts from the index `from` on as far as everything that anchors depend on is in
    /// the passage, behind which more may follow. Says how far that is.
    pub(crate) fn extract_complete(
        &self,
        passage: &Passage<'_>,
        from: usize,
        scratch: &mut Scratch,
    ) -> usize {
        let inner = &*self.inner;
        let len = passage.bytes.len();
        let is_cut_off = |at: usize, after: usize| at + after + LOOK_AHEAD as usize > len;
        // What anchors are made of, encoded or not.
        let end = len.saturating_sub(decode::SIGHT.max(self.longest_anchor()));
        let mut start = from;
        while start < end {
            let mut stop = end.min(start + STEP);
            scratch.hits.clear();
            inner.prefilter.find(passage.bytes, start..stop, &mut scratch.hits);
            let mut hits = std::mem::take(&mut scratch.hits);
            let first = scratch.candidates.len();
            self.mark(passage, start..stop, 0, &mut hits, scratch);
            let hit = hits.iter().find(|hit| is_cut_off(hit.at, self.reach(hit.anchor).1));
            let mark = scratch.marks.iter().find(|mark| is_cut_off(mark.at, mark.after));
            let cut = hit.map(|hit| hit.at).into_iter().chain(mark.map(|mark| mark.at)).min();
            if let Some(cut) = cut {
                let complete = scratch.marks.iter().take_while(|mark| mark.at < cut).count();
                scratch.candidates.truncate(first + complete);
                stop = cut;
            }
            for hit in hits.iter().take_while(|hit| hit.at < stop) {
                for route in &inner.routes[hit.anchor as usize] {
                    self.inspect(passage, hit, *route, &mut scratch.candidates);
                }
            }
            scratch.hits = hits;
            if cut.is_some() {
                return stop;
            }
            start = stop;
        }
        start
    }

    /// Appends a mark for everything encoded that begins in `owned`, to which `hits` are
    /// the plain anchors. The marks are in the scratch, too.
    pub(crate) fn mark(
        &self,
        passage: &Passage<'_>,
        owned: Range<usize>,
        depth: usize,
        hits: &mut [Hit],
        scratch: &mut Scratch,
    ) {
        scratch.marks.clear();
        if depth >= self.inner.decode_depth {
            return;
        }
        let from = owned.start.saturating_sub(decode::SIGHT);
        let to = owned.end.saturating_add(decode::SIGHT).min(passage.bytes.len());
        // The probe counts from the start of what it sees.
        hits.iter_mut().for_each(|hit| hit.at -= from);
        decode::probe(
            self,
            &passage.bytes[from..to],
            owned.start - from..owned.end - from,
            hits,
            depth,
            &mut scratch.levels,
            &mut scratch.marks,
        );
        hits.iter_mut().for_each(|hit| hit.at += from);
        let len = passage.bytes.len();
        for mark in &mut scratch.marks {
            mark.at += from;
            scratch.candidates.push(marked(passage.base, len, mark));
        }
    }

    /// Layers of encoding that are undone.
    pub(crate) fn decode_depth(&self) -> usize {
        self.inner.decode_depth
    }

    /// What anchors are made of.
    pub(crate) fn grams(&self) -> &decode::Grams {
        &self.inner.grams
    }

    /// Bytes of an anchor of the prefilter.
    pub(crate) fn anchor_len(&self, anchor: u32) -> usize {
        self.inner.reaches[anchor as usize].len
    }

    /// Bytes of the longest anchor.
    pub(crate) fn longest_anchor(&self) -> usize {
        self.inner.reaches.iter().map(|reach| reach.len).max().unwrap_or(0)
    }

    /// How far the detectors of an anchor read before its first byte, and from there on.
    pub(crate) fn reach(&self, anchor: u32) -> (usize, usize) {
        let reach = self.inner.reaches[anchor as usize];
        (reach.before, reach.len + reach.after)
    }

    fn inspect(&self, passage: &Passage<'_>, hit: &Hit, route: Route, out: &mut Vec<Candidate>) {
        let detector = &self.inner.detectors[usize::from(route.detector)];
        let Trigger::Anchor(anchors) = &detector.trigger else { return };
        let len = anchors[usize::from(route.anchor)].literal.len();
        let window = Window::around(detector, passage, hit.at..hit.at + len, route.anchor);
        extract(detector, route.detector, &window, out);
    }

    /// The offset before which no new candidate can start once all anchors
    /// before `extracted` were seen.
    pub(crate) fn watermark(&self, extracted: u64) -> u64 {
        extracted.saturating_sub(self.inner.reach_before as u64)
    }

    /// Bytes that a window must hold before the first byte whose anchors are
    /// extracted, as far as the object does.
    #[cfg(feature = "files")]
    pub(crate) fn margin_before(&self) -> u64 {
        self.inner.reach_before as u64 + settle::LOOK_BEHIND
    }

    /// Bytes that a window must hold after the last byte whose anchors are
    /// extracted, as far as the object does.
    #[cfg(feature = "files")]
    pub(crate) fn margin_after(&self) -> u64 {
        let reaches = self.inner.reaches.iter().map(|reach| reach.len + reach.after);
        let decoded = if self.inner.decode_depth > 0 { decode::MOST_AFTER } else { 0 };
        reaches.max().unwrap_or(0).max(decoded) as u64 + LOOK_AHEAD
    }

    pub(crate) fn context(&self) -> &Context {
        &self.inner.context
    }

    pub(crate) fn shared_detectors(&self) -> Arc<[Detector]> {
        Arc::clone(&self.inner.detectors)
    }

    /// All candidates of an object, ordered as relation wants them: what
    /// [`leaksieve_detectors::reference::candidates`] finds, at speed.
    pub fn candidates(&self, object: &[u8]) -> Vec<Candidate> {
        let mut scratch = Scratch::new();
        self.extract(&Passage { base: 0, bytes: object }, 0..object.len(), &mut scratch);
        scratch.candidates.retain(|candidate| candidate.detector != ENCODED);
        cluster::order(&mut scratch.candidates);
        scratch.candidates
    }
}

/// A mark as it stands among candidates, in a passage of so many bytes.
fn marked(base: u64, len: usize, mark: &decode::Mark) -> Candidate {
    let offset = |index: usize| base + index as u64;
    let end = mark.at.saturating_add(mark.after).min(len);
    let span = offset(mark.at.saturating_sub(mark.before))..offset(end);
    let mut candidate = Candidate::new(Role::Context, span);
    candidate.detector = ENCODED;
    candidate.value = offset(mark.at)..offset(mark.at);
    candidate.stands_alone = false;
    candidate
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}
