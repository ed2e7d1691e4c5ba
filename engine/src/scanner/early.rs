//! What is reported of a stream before it is certain, and what becomes of it.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use leaksieve_detectors::evidence::Reason;
use leaksieve_detectors::{Candidate, Leak, Passage, Verdict};

use super::{Scanner, Scratch, Settling};
use crate::finding::Finding;
use crate::sink::Sink;

/// Names a finding of a stream: where the first of what it is made of begins. The same
/// whether it is reported early or not, and however the stream was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// Bytes from the start of the stream.
    pub start: u64,
    /// Tells apart findings that begin at one place; 0 as a rule.
    pub number: u32,
}

/// What is heard of a stream.
#[derive(Debug, Clone)]
pub enum StreamEvent {
    /// A finding that nothing can change any more; what was reported early under the same
    /// id, it replaces.
    Certain(EventId, Finding),
    /// What the stream says so far; replaces what was reported under the same id.
    Early(EventId, Finding),
    /// What was reported early turned out to be nothing, or part of another finding.
    Withdrawn(EventId),
}

impl StreamEvent {
    /// The finding that it is about.
    pub fn id(&self) -> EventId {
        match self {
            Self::Certain(id, _) | Self::Early(id, _) | Self::Withdrawn(id) => *id,
        }
    }
}

/// Takes what is heard of a stream.
pub trait StreamSink {
    /// Takes one event. [`ControlFlow::Break`] ends the scan of the stream.
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()>;

    /// As [`Sink::interrupted`].
    fn interrupted(&mut self) -> bool {
        false
    }
}

impl<F: FnMut(StreamEvent) -> ControlFlow<()>> StreamSink for F {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        self(event)
    }
}

/// Collects events.
impl StreamSink for Vec<StreamEvent> {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        self.push(event);
        ControlFlow::Continue(())
    }
}

/// What was reported and may change.
#[derive(Debug, Default)]
pub(crate) struct Early {
    /// In the order in which they were reported, which is about that of the text.
    open: Vec<Open>,
    /// Where the one stands that was met last.
    cursor: usize,
    /// How many ids were given for findings that begin at a place where others may.
    given: BTreeMap<u64, u32>,
    /// Where the text ended that was reported early.
    seen_to: u64,
    /// Where something began in it whose end had not come.
    cut_off: Option<u64>,
}

/// What is known of a text that is not settled.
#[derive(Clone, Copy)]
pub(crate) struct Unsettled<'u> {
    pub(crate) settling: &'u Settling,
    pub(crate) pending: &'u [Candidate],
    /// All anchors before this offset were looked for.
    pub(crate) extracted: u64,
    pub(crate) watermark: u64,
}

/// What the text at hand says so far.
#[derive(Debug, Default)]
pub(crate) struct Foreseen {
    pub(crate) found: Vec<Finding>,
    /// Where something begins whose end has not come: a private key.
    pub(crate) cut_off: Option<u64>,
}

/// The offset behind the last whole line of a text; where it begins, if it has none.
pub(crate) fn lines_end(text: &Passage<'_>) -> u64 {
    text.base + memchr::memrchr(b'\n', text.bytes).map_or(0, |newline| newline as u64 + 1)
}

/// A finding that was reported early.
#[derive(Debug)]
struct Open {
    id: EventId,
    leak: Leak,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// It is among those that are just being reported.
    Met,
    Certain,
}

impl Early {
    pub(crate) fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Open>() + self.given.len() * size_of::<(u64, u32)>()
    }

    /// Reports what the whole lines of a text say if nothing follows them. Finds nothing
    /// if no line has come since the last time.
    pub(crate) fn look(
        &mut self,
        scanner: &Scanner,
        unsettled: &Unsettled<'_>,
        text: &Passage<'_>,
        scratch: &mut Scratch,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<(), Foreseen> {
        let Unsettled { settling, pending, extracted, watermark } = *unsettled;
        let settled = Settling::settled(pending, watermark);
        let lines_end = lines_end(text);
        if lines_end <= self.seen_to.max(settled) {
            return ControlFlow::Continue(Foreseen { found: Vec::new(), cut_off: self.cut_off });
        }
        // What is known of a line that has not ended depends on nothing that follows.
        let len =
            if lines_end < extracted { text.bytes.len() } else { (lines_end - text.base) as usize };
        let lines = Passage { base: text.base, bytes: &text.bytes[..len] };
        scratch.candidates.clear();
        scratch.candidates.extend(pending.iter().cloned());
        scanner.extract(&lines, ((extracted - text.base) as usize).min(len)..len, scratch);
        let mut candidates = std::mem::take(&mut scratch.candidates);
        let is_last = |c: &&Candidate| lines.slice(c.span.end..lines_end).trim_ascii().is_empty();
        let is_cut = |c: &&Candidate| c.verdict == Verdict::Refuted(Reason::Truncated);
        let cut_off = candidates.iter().filter(is_cut).filter(is_last);
        self.cut_off = cut_off.map(|c| c.span.start).min();
        let mut found: Vec<Finding> = Vec::new();
        let mut settling = settling.clone();
        // A vector never ends a scan.
        let _ = settling.settle(scanner, &lines, u64::MAX, &mut candidates, &mut found);
        candidates.clear();
        scratch.candidates = candidates;
        self.seen_to = lines_end;
        for finding in &found {
            self.meet(finding.clone(), State::Met, sink)?;
        }
        let is_gone = |open: &Open| open.state == State::Open && open.leak.value.start >= settled;
        self.withdraw(is_gone, sink)?;
        self.open.iter_mut().for_each(|open| open.state = State::Open);
        ControlFlow::Continue(Foreseen { found, cut_off: self.cut_off })
    }

    /// Takes back what has not become certain although the text before `settled` is.
    pub(crate) fn settle(&mut self, settled: u64, sink: &mut dyn StreamSink) -> ControlFlow<()> {
        self.given = self.given.split_off(&settled);
        self.open.retain(|open| open.state != State::Certain);
        self.withdraw(|open| open.leak.value.start < settled, sink)
    }

    fn withdraw(
        &mut self,
        is_gone: impl Fn(&Open) -> bool,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        self.cursor = 0;
        self.open.retain(|open| {
            let goes = is_gone(open);
            if goes && flow.is_continue() {
                flow = sink.event(StreamEvent::Withdrawn(open.id));
            }
            !goes
        });
        flow
    }

    /// Reports a finding as what it is: new, or what was reported before.
    fn meet(
        &mut self,
        finding: Finding,
        state: State,
        sink: &mut dyn StreamSink,
    ) -> ControlFlow<()> {
        let leak = bare(finding.leak());
        let known = self.find(&leak);
        let id = match known {
            Some(known) => self.open[known].id,
            None => self.new_id(start(&leak)),
        };
        let is_told = known.is_some_and(|known| says_same(&self.open[known].leak, &leak));
        match known {
            Some(known) => self.open[known] = Open { id, leak, state },
            None if state == State::Met => self.open.push(Open { id, leak, state }),
            None => {}
        }
        match state {
            State::Certain => sink.event(StreamEvent::Certain(id, finding)),
            _ if is_told => ControlFlow::Continue(()),
            _ => sink.event(StreamEvent::Early(id, finding)),
        }
    }

    /// The open one that a leak is. Those that come one after the other were reported so.
    fn find(&mut self, leak: &Leak) -> Option<usize> {
        let (before, after) = self.open.split_at(self.cursor.min(self.open.len()));
        let is_it = |open: &Open| open.state == State::Open && is_same(&open.leak, leak);
        let behind = after.iter().position(is_it).map(|at| before.len() + at);
        let found = behind.or_else(|| before.iter().position(is_it));
        self.cursor = found.map_or(self.cursor, |at| at + 1);
        found
    }

    fn new_id(&mut self, start: u64) -> EventId {
        let number = self.given.entry(start).or_insert(0);
        *number += 1;
        EventId { start, number: *number - 1 }
    }
}

/// Hands on what is certain.
pub(crate) struct Reconciling<'r> {
    pub(crate) early: &'r mut Early,
    pub(crate) sink: &'r mut dyn StreamSink,
}

impl Sink for Reconciling<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.early.meet(finding, State::Certain, self.sink)
    }

    fn interrupted(&mut self) -> bool {
        self.sink.interrupted()
    }
}

/// Where the first of what a leak is made of begins.
fn start(leak: &Leak) -> u64 {
    ranges(leak).map(|range| range.start).min().unwrap_or(leak.value.start)
}

fn ranges(leak: &Leak) -> impl Iterator<Item = &Range<u64>> {
    std::iter::once(&leak.value).chain(leak.parts.iter().map(|part| &part.range))
}

/// Whether a leak is one that was known before, of which there may be more now: they
/// share what one of them is named by. The value of a token whose line goes on is longer.
fn is_same(known: &Leak, leak: &Leak) -> bool {
    ranges(leak).any(|range| range.start == known.value.start)
        || ranges(known).any(|range| range.start == leak.value.start)
}

/// A leak without what only excerpts need.
fn bare(leak: &Leak) -> Leak {
    Leak {
        decoded: None,
        overlapped: Vec::new(),
        facts: leak.facts.without_free_text(),
        ..leak.clone()
    }
}

/// Whether nothing is told of one that is not of the other.
fn says_same(a: &Leak, b: &Leak) -> bool {
    let parts =
        |leak: &Leak| leak.parts.iter().map(|p| (p.role, p.range.clone())).collect::<Vec<_>>();
    (a.detector, a.role, &a.value, a.verdict, a.complete, a.severity)
        == (b.detector, b.role, &b.value, b.verdict, b.complete, b.severity)
        && a.facts == b.facts
        && parts(a) == parts(b)
}
