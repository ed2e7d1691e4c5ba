//! One object on all processors.
//!
//! # How it works
//!
//! A [`Source`] behind a lock reads the object and hands out chunks that follow
//! one another. A chunk owns a range of the text: the anchors that start there
//! are its own. Around that range it holds as much text as detectors can reach,
//! so workers extract candidates from chunks without knowing of each other, and
//! count the lines besides.
//!
//! Relation is one function from left to right and is not divided: [`InOrder`]
//! takes the chunks back in the order of the text and settles their candidates,
//! exactly as a scan of the whole does. Most chunks hold no candidate and are
//! through in no time. Text is carried from one chunk to the next only while a
//! cluster of candidates is open.
//!
//! Memory is bounded by the chunks that there are: a worker must have an empty
//! one before it may read. It takes its place in the order after that, so the
//! chunk that comes next in the text is never the one that waits.
//!
//! A stream that sends little is not waited for: what came a while ago and is not settled
//! is reported [early](crate::StreamScanner::early), by the worker that would wait for
//! more.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use leaksieve_detectors::{Candidate, Passage};

use crate::input::live::{Arrivals, Live, PATIENCE};
use crate::location::{Stored, Stretch};
use crate::scanner::{
    Early, Outcome, Reconciling, Scanner, Scratch, Settling, StreamSink, Unsettled, read_waiting,
};

/// How an object is divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division {
    /// Bytes that a chunk reads.
    pub(super) chunk: usize,
    /// Bytes that are scanned before other threads are started.
    pub(super) alone: u64,
    /// The most threads.
    pub(super) threads: usize,
    /// How long a line waits at most until what it says is reported; `None` if it is
    /// reported once it is certain.
    pub(super) patience: Option<Duration>,
}

/// Chunks for each thread: one that it works on, one that waits for its turn.
const CHUNKS_PER_THREAD: usize = 2;

/// The most bytes in all chunks; the number of threads gives way to it.
const MOST_IN_FLIGHT: usize = 48 << 20;

impl Division {
    /// The division that is fastest: chunks that stay in a second-level cache
    /// while they are read and scanned.
    pub(super) fn new(threads: usize) -> Self {
        Self { chunk: 512 << 10, alone: 4 << 20, threads, patience: None }
    }

    /// The same, of a stream of which somebody wants to hear soon.
    pub(super) fn live(threads: usize) -> Self {
        Self { patience: Some(PATIENCE), ..Self::new(threads) }
    }
}

/// Bytes behind a finding, beyond the reach, until it is settled as a rule.
const SETTLING: u64 = leaksieve_detectors::relate::cluster::NEAR;

/// A piece of an object.
#[derive(Default)]
struct Chunk {
    number: u64,
    /// Offset of the first byte in the object.
    base: u64,
    /// Room; only the first `len` bytes are text.
    bytes: Vec<u8>,
    len: usize,
    /// The range whose anchors are the chunk's own.
    own: Range<u64>,
    /// The range whose lines the chunk counts: its own, moved back by what a
    /// candidate of the next chunk may reach.
    counted: Range<u64>,
    stretch: Stretch,
    last: bool,
    candidates: Vec<Candidate>,
}

impl Chunk {
    fn passage(&self) -> Passage<'_> {
        Passage { base: self.base, bytes: &self.bytes[..self.len] }
    }
}

/// Reads the object and divides it.
struct Source<R> {
    reader: R,
    size: usize,
    before: u64,
    after: u64,
    number: u64,
    /// The text that the next chunk begins with.
    tail: Vec<u8>,
    tail_base: u64,
    /// Offset of the first byte that no chunk owns yet.
    owned: u64,
    /// Set once there is no more to read.
    end: Option<Result<(), io::Error>>,
    patience: Option<Duration>,
    /// When the text came that is not settled.
    arrivals: Arrivals,
}

impl<R: Live> Source<R> {
    fn new(reader: R, scanner: &Scanner, division: Division) -> Self {
        Self {
            reader,
            size: division.chunk,
            patience: division.patience,
            arrivals: Arrivals::default(),
            before: scanner.margin_before(),
            after: scanner.margin_after(),
            number: 0,
            tail: Vec::new(),
            tail_base: 0,
            owned: 0,
            end: None,
        }
    }

    fn available(&self) -> u64 {
        self.tail_base + self.tail.len() as u64
    }

    /// Waits until there is something to read; calls `early` with what there is once that
    /// has waited long enough.
    fn wait(&mut self, chunk: &Chunk, early: &mut dyn FnMut(&Chunk)) {
        let Some(patience) = self.patience else { return };
        while let Some(waited) = self.arrivals.waited() {
            let left = patience.saturating_sub(waited);
            if left.is_zero() {
                early(chunk);
                self.arrivals.all_done();
            } else if self.reader.wait(left) {
                return;
            }
        }
    }

    /// Fills a chunk; `false` if there is no more. What is not certain and has waited is
    /// given to `early` in a chunk that owns nothing.
    fn next(&mut self, chunk: &mut Chunk, early: &mut dyn FnMut(&Chunk)) -> bool {
        if self.end.is_some() {
            return false;
        }
        let room = self.tail.len() + self.size;
        if chunk.bytes.len() < room {
            chunk.bytes.resize(room, 0);
        }
        chunk.bytes[..self.tail.len()].copy_from_slice(&self.tail);
        chunk.base = self.tail_base;
        chunk.len = self.tail.len();
        chunk.own = self.owned..self.owned;
        while self.end.is_none() && chunk.own.is_empty() {
            if chunk.bytes.len() - chunk.len < self.size {
                chunk.bytes.resize(chunk.len + self.size, 0);
            }
            self.wait(chunk, early);
            let room = &mut chunk.bytes[chunk.len..][..self.size];
            match read_waiting(&mut self.reader, room) {
                Ok(0) => self.end = Some(Ok(())),
                Ok(read) => chunk.len += read,
                Err(error) => self.end = Some(Err(error)),
            }
            let available = chunk.base + chunk.len as u64;
            if let Some(patience) = self.patience {
                self.arrivals.arrived(available, patience);
            }
            let upto = match self.end {
                Some(_) => available,
                None => available.saturating_sub(self.after),
            };
            chunk.own.end = upto.max(self.owned);
        }
        chunk.number = self.number;
        chunk.last = self.end.is_some();
        chunk.counted = self.counted_to(chunk.own.start)..self.counted_to(chunk.own.end);
        self.number += 1;
        self.owned = chunk.own.end;
        self.arrivals.done(self.owned.saturating_sub(self.before + SETTLING));
        self.tail_base = self.owned.saturating_sub(self.before).max(chunk.base);
        self.tail.clear();
        let kept = (self.tail_base - chunk.base) as usize..chunk.len;
        self.tail.extend_from_slice(&chunk.bytes[kept]);
        true
    }

    /// Where counting stands once everything before `owned` was extracted: the
    /// text from here on, and the three bytes before it, is in the next chunk.
    fn counted_to(&self, owned: u64) -> u64 {
        owned.saturating_sub(self.before - 3)
    }
}

/// Takes the chunks back in the order of the text.
struct InOrder<'a> {
    scanner: &'a Scanner,
    sink: &'a mut (dyn StreamSink + Send),
    reported: Early,
    next: u64,
    early: BTreeMap<u64, Chunk>,
    settling: Settling,
    pending: Vec<Candidate>,
    /// The text of the open cluster; empty if there is none.
    held: Vec<u8>,
    held_base: u64,
}

impl<'a> InOrder<'a> {
    fn new(scanner: &'a Scanner, sink: &'a mut (dyn StreamSink + Send)) -> Self {
        Self {
            scanner,
            sink,
            reported: Early::default(),
            next: 0,
            early: BTreeMap::new(),
            settling: Settling::new(Stored::AsIs),
            pending: Vec::new(),
            held: Vec::new(),
            held_base: 0,
        }
    }

    /// Settles what has its turn; gives back empty chunks. `false` if the sink
    /// ended the scan.
    fn take(&mut self, chunk: Chunk, mut give_back: impl FnMut(Chunk)) -> bool {
        self.early.insert(chunk.number, chunk);
        while let Some(mut chunk) = self.early.remove(&self.next) {
            self.next += 1;
            let goes_on = self.settle(&mut chunk);
            give_back(chunk);
            if !goes_on {
                return false;
            }
        }
        true
    }

    fn settle(&mut self, chunk: &mut Chunk) -> bool {
        if chunk.candidates.is_empty()
            && self.pending.is_empty()
            && self.settling.skip(chunk.counted.start, &chunk.stretch)
        {
            return !self.sink.interrupted();
        }
        self.pending.append(&mut chunk.candidates);
        let mut held = std::mem::take(&mut self.held);
        let passage = if held.is_empty() {
            chunk.passage()
        } else {
            held.truncate((chunk.base - self.held_base) as usize);
            held.extend_from_slice(&chunk.bytes[..chunk.len]);
            Passage { base: self.held_base, bytes: &held }
        };
        let watermark = if chunk.last { u64::MAX } else { self.scanner.watermark(chunk.own.end) };
        let mut certain = Reconciling { early: &mut self.reported, sink: self.sink };
        let pending = &mut self.pending;
        let flow = self.settling.settle(self.scanner, &passage, watermark, pending, &mut certain);
        let settled = Settling::settled(&self.pending, watermark);
        if flow.is_break()
            || self.reported.settle(settled, self.sink).is_break()
            || self.sink.interrupted()
        {
            return false;
        }
        let needed = Settling::needed_from(&self.pending, watermark).min(chunk.counted.end);
        let keep = self.settling.pass(&passage, needed).max(passage.base);
        if self.pending.is_empty() {
            held.clear();
        } else if held.is_empty() {
            held.extend_from_slice(&chunk.bytes[(keep - chunk.base) as usize..chunk.len]);
            self.held_base = keep;
        } else {
            held.drain(..(keep - self.held_base) as usize);
            self.held_base = keep;
        }
        self.held = held;
        true
    }

    /// Reports what the whole lines that there are say so far, if all that is owned has
    /// been settled. `false` if the sink ended the scan.
    fn foresee(&mut self, chunk: &Chunk, scratch: &mut Scratch) -> bool {
        let mut text = Vec::new();
        let base = if self.held.is_empty() {
            chunk.base
        } else {
            text.extend_from_slice(&self.held[..(chunk.base - self.held_base) as usize]);
            self.held_base
        };
        text.extend_from_slice(&chunk.bytes[..chunk.len]);
        let unsettled = Unsettled {
            settling: &self.settling,
            pending: &self.pending,
            extracted: chunk.own.start,
            watermark: self.scanner.watermark(chunk.own.start),
        };
        let passage = Passage { base, bytes: &text };
        self.reported.look(self.scanner, &unsettled, &passage, scratch, self.sink).is_continue()
    }
}

/// The scan of one object.
struct Scan<'a, R> {
    scanner: &'a Scanner,
    source: Mutex<Source<R>>,
    in_order: Mutex<InOrder<'a>>,
    empty: Receiver<Chunk>,
    give_back: Sender<Chunk>,
    /// The sink ended the scan, or a worker panicked.
    over: AtomicBool,
    read: &'a (dyn Fn(u64) + Sync),
}

impl<R: Live> Scan<'_, R> {
    /// Works until there is no more to read, or `enough` bytes were read.
    /// `true` if there is more.
    fn work(&self, scratch: &mut Scratch, enough: u64) -> bool {
        let guard = Abandon(self);
        let more = self.work_on(scratch, enough);
        std::mem::forget(guard);
        more
    }

    fn work_on(&self, scratch: &mut Scratch, enough: u64) -> bool {
        while !self.over.load(Ordering::Relaxed) {
            let Ok(mut chunk) = self.empty.recv() else { return false };
            if self.over.load(Ordering::Relaxed) {
                // Pass it on to the next who waits.
                self.put_back(chunk);
                return false;
            }
            let more = {
                let mut source = lock(&self.source);
                let number = source.number;
                let mut early = |chunk: &Chunk| self.foresee(number, chunk, scratch);
                source.owned < enough && source.next(&mut chunk, &mut early)
            };
            if !more {
                self.put_back(chunk);
                return lock(&self.source).end.is_none();
            }
            let passage = Passage { base: chunk.base, bytes: &chunk.bytes[..chunk.len] };
            let at = |offset: u64| (offset - chunk.base) as usize;
            self.scanner.extract(&passage, at(chunk.own.start)..at(chunk.own.end), scratch);
            chunk.stretch = Stretch::of(&passage, chunk.counted.clone(), Stored::AsIs);
            chunk.candidates.append(&mut scratch.candidates);
            (self.read)(chunk.own.end - chunk.own.start);
            if !lock(&self.in_order).take(chunk, |chunk| self.put_back(chunk)) {
                self.give_up();
            }
        }
        false
    }

    /// Reports early what is in the text that nobody owns, before the chunk with this
    /// number.
    fn foresee(&self, number: u64, chunk: &Chunk, scratch: &mut Scratch) {
        // The others are at work on the chunks before; nobody can take another meanwhile.
        while !self.over.load(Ordering::Relaxed) {
            let mut in_order = lock(&self.in_order);
            if in_order.next == number {
                if !in_order.foresee(chunk, scratch) {
                    drop(in_order);
                    self.give_up();
                }
                return;
            }
            drop(in_order);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn put_back(&self, chunk: Chunk) {
        // The channel has room for every chunk, and its receiver lives as long.
        let _ = self.give_back.try_send(chunk);
    }

    /// Ends the scan: whoever waits for a chunk gets one, and stops.
    fn give_up(&self) {
        self.over.store(true, Ordering::Relaxed);
        for chunk in std::mem::take(&mut lock(&self.in_order).early).into_values() {
            self.put_back(chunk);
        }
        self.put_back(Chunk::default());
    }
}

/// A worker that panics must not leave the others waiting for its chunk.
struct Abandon<'s, 'a, R: Live>(&'s Scan<'a, R>);

impl<R: Live> Drop for Abandon<'_, '_, R> {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What a panicking worker left behind is given up anyway.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Scans everything that `reader` yields, on several threads, in bounded
/// memory. The findings are those of a scan of the whole, in its order. `read`
/// hears of every piece that was searched.
pub(super) fn scan_divided<R: Live + Send>(
    scanner: &Scanner,
    reader: R,
    division: Division,
    scratch: &mut Scratch,
    sink: &mut (dyn StreamSink + Send),
    read: &(dyn Fn(u64) + Sync),
) -> Outcome {
    let margins = (scanner.margin_before() + scanner.margin_after()) as usize;
    let most = (MOST_IN_FLIGHT / (division.chunk + margins) / CHUNKS_PER_THREAD).max(1);
    let threads = division.threads.clamp(1, most);
    let (give_back, empty) = crossbeam_channel::bounded(threads * CHUNKS_PER_THREAD + threads);
    scratch.candidates.clear();
    let scan = Scan {
        scanner,
        source: Mutex::new(Source::new(reader, scanner, division)),
        in_order: Mutex::new(InOrder::new(scanner, sink)),
        empty,
        give_back,
        over: AtomicBool::new(false),
        read,
    };
    scan.put_back(Chunk::default());
    if scan.work(scratch, division.alone) {
        for _ in 1..threads * CHUNKS_PER_THREAD {
            scan.put_back(Chunk::default());
        }
        std::thread::scope(|scope| {
            for _ in 1..threads {
                let started = std::thread::Builder::new()
                    .name("leaksieve".to_owned())
                    .spawn_scoped(scope, || scan.work(&mut Scratch::new(), u64::MAX));
                if started.is_err() {
                    // Those that there are do the work.
                    break;
                }
            }
            scan.work(scratch, u64::MAX);
        });
    }
    let source = scan.source.into_inner().unwrap_or_else(PoisonError::into_inner);
    let available = source.available();
    match source.end {
        _ if scan.over.into_inner() => Outcome::Stopped,
        None | Some(Ok(())) => Outcome::Complete(available),
        Some(Err(error)) => Outcome::Failed(available, error),
    }
}

#[cfg(test)]
mod tests;
