//! Following files, and telling what is found in them.
//!
//! ```text
//!  Follower ──bytes──▶ Joiner ──text──▶ StreamScanner ──events──▶ Live ──▶ what is told
//!  (which file,        (lines that      (findings, early          (each secret
//!   rotation)           were cut)        and certain)              once)
//! ```
//!
//! All of it runs on one thread: what grows as one reads is not large. What is remembered
//! over a restart is a [`Checkpoint`]: of each file the place before which everything is
//! settled, and one before that from which on it must be read again, for what it says about
//! the text behind. Keeping it, and what was told, is left to the caller.

mod checkpoint;
mod tail;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use leaksieve_detectors::Timestamp;

pub use checkpoint::{Checkpoint, CheckpointError, ReportMark};

use crate::input::Origin;
use crate::input::follow::{
    End, Finished, FollowError, FollowOptions, Follower, Identity, Resumed, StreamId, Taker, Waker,
};
use crate::input::live::PATIENCE;
use crate::ledger::{Skip, SkipKind};
use crate::policy::{Live, Told};
use crate::scanner::{Scanner, Scratch};
use checkpoint::Position;
use tail::Tail;

/// Takes what is told of followed files.
pub trait FollowSink {
    /// Takes what is told. [`ControlFlow::Break`] ends the turn; what it had read is told
    /// after a restart only.
    fn tell(&mut self, told: &Told) -> ControlFlow<()>;

    /// Hears of something that is not read.
    fn skipped(&mut self, skip: Skip);
}

/// What has been done since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowAccount {
    /// Bytes that were read, after decompression.
    pub bytes: u64,
    /// Lines that ended in them.
    pub lines: u64,
    /// Findings that are certain, by detector. Repetitions count.
    pub findings: BTreeMap<String, u64>,
    /// Files that are being followed.
    pub files: u64,
    /// Files that were rotated away.
    pub rotated: u64,
    /// Files that were made shorter, or written anew.
    pub truncated: u64,
    /// What could not be read, or not to its end.
    pub skipped: u64,
}

/// Follows files and tells what is found in them.
pub struct Follow {
    follower: Follower,
    state: State,
}

/// Everything but the follower, which hands bytes to it.
struct State {
    scanner: Scanner,
    scratch: Scratch,
    live: Live,
    tails: BTreeMap<StreamId, Tail>,
    /// What an earlier run had read of files that were not met yet.
    resumed: Vec<Position>,
    account: FollowAccount,
    flow: ControlFlow<()>,
}

impl std::fmt::Debug for Follow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follow").field("account", &self.state.account).finish_non_exhaustive()
    }
}

impl Follow {
    /// Follows the files that `patterns` name or stand for, and goes on where `checkpoint`
    /// says, if there is one.
    ///
    /// # Errors
    ///
    /// If a pattern is no glob, or can be no file.
    pub fn new(
        scanner: Scanner,
        patterns: &[PathBuf],
        options: FollowOptions,
        live: Live,
        checkpoint: Option<Checkpoint>,
    ) -> Result<Self, FollowError> {
        let mut follower = Follower::new(patterns, options)?;
        let mut resumed = Vec::new();
        if let Some(Checkpoint { patterns, positions, finished, .. }) = checkpoint {
            follower.resume(patterns, positions.iter().map(Position::resumed).collect(), finished);
            resumed = positions;
            // Of what had no content nothing is known, not even the first line.
            resumed.retain(|position| position.identity.head_len > 0);
        }
        let state = State {
            scanner,
            scratch: Scratch::new(),
            live,
            tails: BTreeMap::new(),
            resumed,
            account: FollowAccount::default(),
            flow: ControlFlow::Continue(()),
        };
        Ok(Self { follower, state })
    }

    /// Waits up to `timeout` for something to be written, scans it, and tells what there is
    /// to tell at this time. Returns [`ControlFlow::Break`] if the sink did.
    pub fn turn(
        &mut self,
        timeout: Duration,
        now: Timestamp,
        sink: &mut dyn FollowSink,
    ) -> ControlFlow<()> {
        let waited = self.state.tails.values().filter_map(Tail::waited).max();
        let left = waited.map_or(timeout, |waited| PATIENCE.saturating_sub(waited).min(timeout));
        self.follower.turn(left, &mut Taking { state: &mut self.state, now, sink });
        self.state.flow?;
        self.state.early(now, sink)
    }

    /// Tells how often secrets were seen again, at most so many of them.
    pub fn again(&mut self, most: usize, sink: &mut dyn FollowSink) -> ControlFlow<()> {
        for told in self.state.live.again(most) {
            sink.tell(&told)?;
        }
        ControlFlow::Continue(())
    }

    /// Reads what is there to its end and tells the rest. Where to go on after that is what
    /// [`Follow::checkpoint`] says then.
    pub fn stop(&mut self, now: Timestamp, sink: &mut dyn FollowSink) -> ControlFlow<()> {
        self.follower.stopping(&mut Taking { state: &mut self.state, now, sink });
        self.state.flow
    }

    /// Where to go on after a restart. What was told until now is not told again then, but
    /// for what is not certain yet.
    pub fn checkpoint(&self) -> Checkpoint {
        let State { tails, resumed, .. } = &self.state;
        let open = tails.values().map(Tail::position);
        // What was read and not told is read again.
        let is_told = |finished: &Finished| {
            resumed.iter().all(|position| position.identity != finished.identity)
        };
        Checkpoint {
            report: None,
            patterns: self.follower.patterns().map(Path::to_owned).collect(),
            positions: resumed.iter().cloned().chain(open).collect(),
            finished: self.follower.finished().filter(is_told).collect(),
        }
    }

    /// What has been done since the start.
    pub fn account(&self) -> &FollowAccount {
        &self.state.account
    }

    /// Bytes that are known to be written and were not read yet.
    pub fn lag(&self) -> u64 {
        self.follower.lag()
    }

    /// What ends the waiting of a turn from another thread.
    pub fn waker(&self) -> Waker {
        self.follower.waker()
    }

    /// Bytes of memory that the scans of all followed files take.
    pub fn memory(&self) -> usize {
        self.state.tails.values().map(Tail::memory).sum()
    }
}

impl State {
    /// Tells early of what has waited.
    fn early(&mut self, now: Timestamp, sink: &mut dyn FollowSink) -> ControlFlow<()> {
        for tail in self.tails.values_mut() {
            if tail.waited().is_some_and(|waited| waited >= PATIENCE) {
                tail.early(&mut self.scratch);
                tail.tell(&mut self.live, &mut self.account, now, sink)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Takes the bytes of a turn.
struct Taking<'t> {
    state: &'t mut State,
    now: Timestamp,
    sink: &'t mut dyn FollowSink,
}

impl Taker for Taking<'_> {
    fn opened(&mut self, stream: StreamId, path: &Path, identity: &Identity, offset: u64) {
        let state = &mut *self.state;
        // More than one may be read under a name, the oldest first.
        let positions = state.resumed.iter().enumerate();
        let known = positions
            .filter(|(_, position)| position.path == path && position.offset == offset)
            .filter_map(|(at, position)| Some((position.likeness(identity)?, at)))
            .min();
        let tail = match known {
            Some((_, known)) => {
                let position = state.resumed.remove(known);
                Tail::resumed(&state.scanner, position, *identity)
            }
            None => Tail::new(&state.scanner, path, *identity, offset),
        };
        state.tails.insert(stream, tail);
        state.account.files = state.tails.len() as u64;
    }

    fn bytes(&mut self, stream: StreamId, bytes: &[u8]) {
        let state = &mut *self.state;
        let Some(tail) = state.tails.get_mut(&stream) else { return };
        // What is not told is read again.
        if state.flow.is_break() {
            return;
        }
        state.account.bytes += bytes.len() as u64;
        state.account.lines += tail.push(bytes, &mut state.scratch);
        state.flow = tail.tell(&mut state.live, &mut state.account, self.now, self.sink);
    }

    fn identified(&mut self, stream: StreamId, identity: &Identity) {
        if let Some(tail) = self.state.tails.get_mut(&stream) {
            tail.identify(*identity);
        }
    }

    fn ended(&mut self, stream: StreamId, end: End) {
        let state = &mut *self.state;
        let Some(mut tail) = state.tails.remove(&stream) else { return };
        let mut position = tail.position();
        if state.flow.is_continue() {
            tail.end(&mut state.scratch);
            state.flow = tail.tell(&mut state.live, &mut state.account, self.now, self.sink);
        }
        if state.flow.is_continue() {
            position.counted = position.counted.max(tail.read_to());
        }
        match end {
            _ if state.flow.is_break() => state.resumed.push(position),
            End::Stopped => state.resumed.push(position),
            End::Truncated => state.account.truncated += 1,
            End::Rotated => state.account.rotated += 1,
            End::Removed | End::Failed => {}
        }
        state.account.files = state.tails.len() as u64;
    }

    fn skipped(&mut self, path: &Path, kind: SkipKind, detail: String) {
        self.state.account.skipped += u64::from(kind.is_incomplete());
        self.sink.skipped(Skip { origin: Origin::File(path.to_owned()), kind, detail });
    }
}

impl Position {
    fn resumed(&self) -> Resumed {
        Resumed { path: self.path.clone(), identity: self.identity, offset: self.offset }
    }
}
