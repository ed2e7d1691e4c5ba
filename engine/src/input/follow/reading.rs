//! Reading the streams under a name, and ending them.

use std::io::ErrorKind;
use std::mem;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Instant;

use super::End;
use super::followed::{Followed, NameId};
use super::follower::{Follower, Told};
use super::identity::Stat;
use super::packed::{DECODERS, Packed, Unpacked};
use super::stream::{Glance, Standing, Stream};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// How many files that were rotated away are kept open under one name.
const MOST_LEFT: usize = 64;

/// How often in one turn a file is begun anew because it was written anew.
const MOST_RENEWED: usize = 16;

/// What came of reading a stream.
pub(super) enum Step {
    /// There is more to read.
    Behind,
    /// There is more to read as soon as others give a decoder back.
    Waiting,
    /// Everything was read; more may come.
    AtEnd,
    /// Everything was read, or nothing more can be.
    Over(End),
    /// It is empty, but something stood in it meanwhile.
    Emptied,
    /// The file holds something else now.
    Lost,
    /// It turned out to be compressed before anything was read.
    IsPacked,
}

impl Follower {
    /// Reads on under a name, the streams one after the other.
    pub(super) fn read(&mut self, id: NameId, followed: &mut Followed, told: &mut Told<'_>) {
        if !self.is_stopping {
            self.revisit(id, followed, told);
        }
        let mut budget = self.options.read_at_once;
        let was_behind = mem::replace(&mut followed.is_behind, false);
        let (mut at, mut renewed) = (0, 0);
        while at < followed.streams.len() {
            let step = match followed.streams[at].packed {
                Some(_) => self.unpack(followed, at, &mut budget, told),
                None => self.read_plain(followed, at, &mut budget, was_behind, told),
            };
            match step {
                Step::AtEnd => at += 1,
                Step::Over(end) => {
                    let stream = self.end(followed, at, end, told);
                    self.remember(followed, stream, end);
                }
                Step::Behind => {
                    followed.is_behind = true;
                    break;
                }
                Step::Waiting => {
                    followed.is_behind = true;
                    // The one that is waited for may stand behind it.
                    let has_decoder =
                        |s: &Stream| s.packed.as_ref().is_some_and(Packed::has_decoder);
                    if !followed.streams.iter().any(has_decoder) {
                        break;
                    }
                    at += 1;
                }
                Step::Emptied => {
                    // What stood in it may have been copied. That is read first.
                    self.renew(id, followed, told);
                    self.missed(id, followed, None, told);
                    followed.is_behind = true;
                    break;
                }
                Step::Lost | Step::IsPacked if renewed == MOST_RENEWED => {
                    followed.is_behind = true;
                    break;
                }
                Step::Lost => {
                    renewed += 1;
                    self.truncated(id, followed, at, told);
                }
                Step::IsPacked => {
                    renewed += 1;
                    self.end(followed, at, End::Rotated, told);
                    self.adopt(id, followed, None, told);
                }
            }
        }
        let left = followed.streams.iter().filter(|stream| stream.standing == Standing::Left);
        let too_many = left.count().saturating_sub(MOST_LEFT);
        for _ in 0..too_many {
            let at = followed
                .streams
                .iter()
                .position(|stream| stream.standing == Standing::Left && stream.lag() == 0);
            let Some(at) = at else { break };
            let stream = self.end(followed, at, End::Rotated, told);
            self.remember(followed, stream, End::Rotated);
        }
    }

    fn read_plain(
        &mut self,
        followed: &mut Followed,
        at: usize,
        budget: &mut u64,
        was_behind: bool,
        told: &mut Told<'_>,
    ) -> Step {
        let stream = &mut followed.streams[at];
        let was_open = stream.file.is_some();
        if !was_open && stream.is_current() && !was_behind {
            return Step::AtEnd;
        }
        let Some(file) = stream.handle().map(Arc::clone) else {
            return self.astray(followed, at, told);
        };
        if !was_open {
            self.handles += 1;
            self.close_idle();
        }
        let stream = &mut followed.streams[at];
        if !self.is_stopping {
            match stream.glance(&file) {
                Ok(Glance::Fine) => {}
                Ok(Glance::Emptied) => return Step::Emptied,
                Ok(Glance::Identified) => told.taker().identified(stream.id, &stream.identity),
                Ok(Glance::Unclear) if stream.moved.elapsed() < self.options.grace => {
                    return Step::AtEnd;
                }
                Ok(Glance::Unclear) => {}
                Ok(Glance::IsPacked) => return Step::IsPacked,
                Ok(Glance::Lost) => return Step::Lost,
                Err(error) => return self.failed(followed, at, Refused::from(&error), told),
            }
        }
        let most = if self.is_stopping { stream.stat.size } else { u64::MAX };
        loop {
            if stream.offset >= most {
                break;
            }
            if *budget == 0 {
                return Step::Behind;
            }
            let room = (*budget).min(most - stream.offset);
            let room =
                usize::try_from(room).map_or(self.buffer.len(), |n| n.min(self.buffer.len()));
            match file.read_at(&mut self.buffer[..room], stream.offset) {
                Ok(0) => break,
                Ok(read) => {
                    told.taker().bytes(stream.id, &self.buffer[..read]);
                    stream.offset += read as u64;
                    stream.moved = Instant::now();
                    *budget -= read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.failed(followed, at, Refused::from(&error), told),
            }
        }
        match stream.standing {
            Standing::Current => Step::AtEnd,
            Standing::Rest(end) => Step::Over(end),
            Standing::Left => {
                let is_quiet = stream.moved.elapsed() >= self.options.grace;
                match (followed.is_there, stream.stat.is_linked) {
                    _ if self.is_stopping || !is_quiet => Step::AtEnd,
                    (true, _) => Step::Over(End::Rotated),
                    (false, false) => Step::Over(End::Removed),
                    // It was moved, and who writes it has not begun another.
                    (false, true) => Step::AtEnd,
                }
            }
        }
    }

    fn unpack(
        &mut self,
        followed: &mut Followed,
        at: usize,
        budget: &mut u64,
        told: &mut Told<'_>,
    ) -> Step {
        let key = followed.streams[at].stat.key;
        let Some(file) = followed.streams[at].file.clone() else { return Step::Over(End::Failed) };
        let was_unripe = followed.unripe.contains_key(&key);
        if was_unripe {
            if self.is_stopping {
                return Step::AtEnd;
            }
            let stat = match file.metadata() {
                Ok(metadata) => Stat::of(&metadata),
                Err(error) => return self.failed(followed, at, Refused::from(&error), told),
            };
            if !followed.is_ripe(&stat, self.options.grace) {
                return Step::AtEnd;
            }
        }
        let stream = &mut followed.streams[at];
        let Some(packed) = &mut stream.packed else { return Step::AtEnd };
        let had_decoder = packed.has_decoder();
        if !had_decoder && self.decoders >= DECODERS {
            return Step::Waiting;
        }
        let step = loop {
            if stream.offset >= self.options.unpacked {
                let detail = format!("its content is more than {} bytes", self.options.unpacked);
                break Err(Refused { kind: SkipKind::ArchiveLimit, detail });
            }
            if *budget == 0 {
                break Ok(Step::Behind);
            }
            let room = (*budget).min(self.options.unpacked - stream.offset);
            let room =
                usize::try_from(room).map_or(self.buffer.len(), |n| n.min(self.buffer.len()));
            match packed.read(&file, stream.offset, &mut self.buffer[..room]) {
                Unpacked::Bytes(read) => {
                    told.taker().bytes(stream.id, &self.buffer[..read]);
                    stream.offset += read as u64;
                    *budget -= read as u64;
                }
                Unpacked::Passed(read) => *budget -= read as u64,
                Unpacked::End => {
                    break Ok(match stream.standing {
                        Standing::Rest(end) => Step::Over(end),
                        Standing::Current | Standing::Left => Step::Over(End::Rotated),
                    });
                }
                Unpacked::Refused(_) if self.is_stopping => break Ok(Step::AtEnd),
                Unpacked::Refused(refused) => break Err(refused),
            }
        };
        let has_decoder = packed.has_decoder();
        self.decoders += usize::from(has_decoder);
        self.decoders -= usize::from(had_decoder);
        match step {
            Ok(step) => step,
            Err(refused) => {
                // It may not be whole yet.
                let may_be_written = refused.kind == SkipKind::DamagedArchive && !was_unripe;
                if may_be_written
                    && let Ok(metadata) = file.metadata()
                    && !followed.is_ripe(&Stat::of(&metadata), self.options.grace)
                {
                    return Step::AtEnd;
                }
                self.failed(followed, at, refused, told)
            }
        }
    }

    fn failed(
        &mut self,
        followed: &mut Followed,
        at: usize,
        refused: Refused,
        told: &mut Told<'_>,
    ) -> Step {
        let stream = &followed.streams[at];
        if stream.is_current() {
            followed.settled = Some(stream.stat);
        }
        // It is tried again when it changes.
        followed.glanced.insert(stream.stat.key, stream.stat);
        let path = stream.at.clone();
        self.complain(&path, refused, told);
        Step::Over(End::Failed)
    }

    /// Ends a stream, and gives it back.
    pub(super) fn end(
        &mut self,
        followed: &mut Followed,
        at: usize,
        end: End,
        told: &mut Told<'_>,
    ) -> Option<Stream> {
        let stream = followed.streams.remove(at)?;
        self.live.remove(&stream.stat.key);
        followed.unripe.remove(&stream.stat.key);
        self.handles -= usize::from(stream.file.is_some());
        let has_decoder = stream.packed.as_ref().is_some_and(Packed::has_decoder);
        self.decoders -= usize::from(has_decoder);
        told.taker().ended(stream.id, end);
        Some(stream)
    }

    /// Remembers what was read to its end.
    pub(super) fn remember(&mut self, followed: &Followed, stream: Option<Stream>, end: End) {
        if let Some(Stream { identity, offset, .. }) = stream {
            let is_whole = matches!(end, End::Rotated | End::Removed);
            let entry = followed.entry(identity, offset, is_whole);
            self.known.remember(entry, self.names.len());
        }
    }

    /// Closes files if too many are open: idle ones first, the longest idle before others.
    /// Only those that stand under their name can be opened again.
    pub(super) fn close_idle(&mut self) {
        if self.handles <= self.options.handles {
            return;
        }
        // Some more, so that this is not done for each file.
        let too_many = self.handles - self.options.handles + self.options.handles / 16;
        let streams = self.followed.values_mut().flat_map(|followed| &mut followed.streams);
        let mut open: Vec<&mut Stream> =
            streams.filter(|s| s.is_current() && s.packed.is_none() && s.file.is_some()).collect();
        open.sort_by_key(|stream| (stream.lag() > 0, stream.moved));
        for stream in open.into_iter().take(too_many) {
            stream.file = None;
            self.handles -= 1;
        }
    }
}
