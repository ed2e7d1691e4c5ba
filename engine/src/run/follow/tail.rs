//! One file that is followed: its text, and what is told of it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use leaksieve_detectors::Timestamp;
use leaksieve_detectors::relate::cluster::NEAR;

use super::checkpoint::Position;
use super::{FollowAccount, FollowSink};
use crate::finding::Finding;
use crate::input::Origin;
use crate::input::follow::Identity;
use crate::input::live::{Arrivals, PATIENCE};
use crate::input::log::{Joiner, LogContext, Place};
use crate::location::Location;
use crate::policy::{Live, Source, Told};
use crate::scanner::{EventId, Scanner, Scratch, StreamEvent, StreamScanner};

/// Bytes before a finding in which its entry is looked for.
const CONTEXT: u64 = 4096;

/// Bytes between two places where reading may be taken up again.
const APART: u64 = 8192;

/// The most of a file that is read only to count its lines.
const COUNTED: u64 = 1 << 30;

/// Bytes by which a file is told apart from others that had its name.
const BEGINNING: usize = 64;

/// One file that is followed.
pub(super) struct Tail {
    path: PathBuf,
    identity: Identity,
    generation: Generation,
    joiner: Joiner,
    stream: StreamScanner,
    /// Joined text, used again for each piece.
    text: Vec<u8>,
    heard: Vec<StreamEvent>,
    /// Where the file has been read to, and how many lines it has until there.
    read: Point,
    /// Where reading may be taken up again, the first one before all that matters.
    points: VecDeque<Point>,
    /// What begins before this offset has been told.
    told_to: u64,
    /// What begins before this offset has been counted, whether it was certain or not.
    counted_to: u64,
    arrivals: Arrivals,
    /// Bytes before what is not settled that it may depend on.
    margin: u64,
}

/// A place in a file.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// Offset in the joined text; no text behind it comes from before the place.
    text: u64,
    /// Offset in the file.
    raw: u64,
    /// Its line there, from 1.
    line: u64,
}

/// What tells a file apart from others that had its name.
enum Generation {
    Known(u64),
    /// The first line as far as it has come, of a file with this number.
    Beginning(Vec<u8>, u64),
}

impl Generation {
    /// Of a file of which the first line is not known.
    fn of(identity: &Identity, offset: u64) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&identity.device.to_le_bytes());
        hasher.update(&identity.inode.to_le_bytes());
        hasher.update(&offset.to_le_bytes());
        Self::Known(number(&hasher))
    }

    fn push(&mut self, bytes: &[u8]) {
        let Self::Beginning(line, _) = self else { return };
        let room = BEGINNING - line.len();
        line.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let end = memchr::memchr(b'\n', line);
        if end.is_some() || line.len() == BEGINNING {
            line.truncate(end.unwrap_or(BEGINNING));
            *self = Self::Known(self.number());
        }
    }

    fn number(&self) -> u64 {
        match self {
            Self::Known(number) => *number,
            // Logs may all begin alike, and the number be given again.
            Self::Beginning(line, inode) => {
                number(blake3::Hasher::new().update(&inode.to_le_bytes()).update(line))
            }
        }
    }
}

fn number(hasher: &blake3::Hasher) -> u64 {
    hasher.finalize().as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Tail {
    /// A file that is read from this offset on.
    pub(super) fn new(scanner: &Scanner, path: &Path, identity: Identity, offset: u64) -> Self {
        let line = 1 + lines_before(path, offset);
        let generation = match offset {
            0 => Generation::Beginning(Vec::new(), identity.inode),
            _ => Generation::of(&identity, offset),
        };
        Self::at(
            scanner,
            path.to_owned(),
            identity,
            generation,
            Point { text: 0, raw: offset, line },
        )
    }

    /// A file that an earlier run had read.
    pub(super) fn resumed(scanner: &Scanner, position: Position, identity: Identity) -> Self {
        let Position { path, offset, line, settled, counted, generation, .. } = position;
        let generation = Generation::Known(generation);
        let point = Point { text: 0, raw: offset, line };
        let mut tail = Self::at(scanner, path, identity, generation, point);
        tail.told_to = settled;
        tail.counted_to = counted;
        tail
    }

    fn at(
        scanner: &Scanner,
        path: PathBuf,
        identity: Identity,
        generation: Generation,
        read: Point,
    ) -> Self {
        Self {
            path,
            identity,
            generation,
            joiner: Joiner::starting_at(read.raw, read.line),
            stream: scanner.stream(),
            text: Vec::new(),
            heard: Vec::new(),
            read,
            points: [read].into(),
            told_to: read.raw,
            counted_to: read.raw,
            arrivals: Arrivals::default(),
            margin: scanner.margin_before() + NEAR,
        }
    }

    pub(super) fn identify(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// Where to go on after a restart.
    pub(super) fn position(&self) -> Position {
        let point = self.points.front().unwrap_or(&self.read);
        Position {
            path: self.path.clone(),
            identity: self.identity,
            offset: point.raw,
            line: point.line,
            settled: self.settled().max(self.told_to),
            counted: self.counted().max(self.counted_to),
            generation: self.generation.number(),
        }
    }

    /// The offset in the file to which it has been read.
    pub(super) fn read_to(&self) -> u64 {
        self.read.raw
    }

    /// The offset in the file before which everything has been told.
    fn settled(&self) -> u64 {
        let text = Place { offset: self.stream.settled(), line: 1, column: 1 };
        let raw = self.joiner.place(&text).offset;
        self.joiner.given_up_to().map_or(raw, |given| raw.min(given))
    }

    /// The offset in the file before which everything has been looked at.
    fn counted(&self) -> u64 {
        if self.arrivals.waited().is_some() { self.settled() } else { self.read.raw }
    }

    pub(super) fn memory(&self) -> usize {
        size_of::<Self>()
            + self.stream.memory()
            + self.text.capacity()
            + self.points.capacity() * size_of::<Point>()
    }

    /// How long the oldest text has waited that was not looked at early.
    pub(super) fn waited(&self) -> Option<Duration> {
        self.arrivals.waited()
    }

    /// Takes the next bytes; says how many lines end in them. What is heard of them waits
    /// to be [told](Tail::tell).
    pub(super) fn push(&mut self, raw: &[u8], scratch: &mut Scratch) -> u64 {
        self.generation.push(raw);
        let before = self.read;
        let lines = memchr::memchr_iter(b'\n', raw).count() as u64;
        self.read.raw += raw.len() as u64;
        self.read.line += lines;
        // A vector ends no stream.
        if self.joiner.is_plain() {
            let _ = self.stream.push(raw, scratch, &mut self.heard);
        } else {
            self.text.clear();
            self.joiner.push(raw, &mut self.text);
            let _ = self.stream.push(&self.text, scratch, &mut self.heard);
        }
        self.read.text = self.stream.len();
        self.note_point(&before, raw);
        self.arrivals.arrived(self.stream.len(), PATIENCE);
        self.arrivals.done(self.stream.settled());
        lines
    }

    /// Notes where reading may be taken up again, if that is worth it.
    fn note_point(&mut self, before: &Point, raw: &[u8]) {
        let last = self.points.back().map_or(0, |point| point.raw);
        let given = self.joiner.given_up_to();
        // Lines that begin there have their columns.
        let line_end = memchr::memrchr(b'\n', raw).map(|end| before.raw + end as u64 + 1);
        let at = match given {
            Some(given) => given,
            None => line_end.unwrap_or(self.read.raw),
        };
        if at < before.raw || at < last + APART {
            return;
        }
        let text = match given {
            Some(_) => self.read.text,
            None => self.read.text - (self.read.raw - at),
        };
        let lines = memchr::memchr_iter(b'\n', &raw[..(at - before.raw) as usize]).count() as u64;
        self.points.push_back(Point { text, raw: at, line: before.line + lines });
        let needed = self.stream.settled().saturating_sub(self.margin);
        while self.points.get(1).is_some_and(|next| next.text <= needed) {
            self.points.pop_front();
        }
    }

    /// Looks at what has come although more may follow.
    pub(super) fn early(&mut self, scratch: &mut Scratch) {
        self.arrivals.all_done();
        // A vector ends no stream.
        let _ = self.stream.early(scratch, &mut self.heard);
        self.text = Vec::new();
    }

    /// Ends the text.
    pub(super) fn end(&mut self, scratch: &mut Scratch) {
        self.text.clear();
        self.joiner.finish(&mut self.text);
        let _ = self.stream.push(&self.text, scratch, &mut self.heard);
        let _ = self.stream.end(scratch, &mut self.heard);
    }

    /// Tells what was heard.
    pub(super) fn tell(
        &mut self,
        live: &mut Live,
        account: &mut FollowAccount,
        now: Timestamp,
        sink: &mut dyn FollowSink,
    ) -> ControlFlow<()> {
        for event in std::mem::take(&mut self.heard) {
            let id = self.raw_id(event.id());
            let mut is_counted = false;
            let (event, at) = match event {
                StreamEvent::Certain(_, finding) => {
                    let at = finding.range().start;
                    let finding = self.relocated(finding);
                    if finding.location().offset < self.told_to {
                        continue;
                    }
                    is_counted = finding.location().offset < self.counted_to;
                    let detector = finding.detector().id.to_string();
                    *account.findings.entry(detector).or_default() += 1;
                    (StreamEvent::Certain(id, finding), at)
                }
                StreamEvent::Early(_, finding) => {
                    let at = finding.range().start;
                    let finding = self.relocated(finding);
                    if finding.location().offset < self.told_to {
                        continue;
                    }
                    is_counted = finding.location().offset < self.counted_to;
                    (StreamEvent::Early(id, finding), at)
                }
                StreamEvent::Withdrawn(_) => (StreamEvent::Withdrawn(id), 0),
            };
            let origin = Origin::File(self.path.clone());
            let source = Source { origin, generation: self.generation.number() };
            let told = match is_counted {
                true => live.hear_again(source, event, now),
                false => live.hear(source, event, now),
            };
            let Some(mut told) = told else { continue };
            if let Told::Found(record) | Told::Amended(record) = &mut told {
                live.describe(record, self.context(at));
            }
            sink.tell(&told)?;
        }
        let kept = self.stream.settled().saturating_sub(CONTEXT);
        self.joiner.forget(kept);
        self.stream.release(kept);
        ControlFlow::Continue(())
    }

    /// What the entry says in which the text at an offset stands.
    fn context(&self, at: u64) -> LogContext {
        let text = self.stream.text();
        let mut context = LogContext::of(text.bytes, at.saturating_sub(text.base) as usize);
        context.merge(&LogContext::of_path(&self.path));
        context
    }

    fn raw_id(&self, id: EventId) -> EventId {
        let place = Place { offset: id.start, line: 1, column: 1 };
        EventId { start: self.joiner.place(&place).offset, ..id }
    }

    /// A finding with its places in the file.
    fn relocated(&self, mut finding: Finding) -> Finding {
        finding.location = self.raw(finding.location);
        for part in &mut finding.parts {
            part.location = self.raw(part.location);
        }
        finding
    }

    fn raw(&self, text: Location) -> Location {
        let start = self.joiner.place(&Place::from(text));
        // Where the last byte stands, and behind that.
        let last = Place {
            offset: (text.offset + text.length).saturating_sub(1).max(text.offset),
            line: text.end_line,
            column: text.end_byte_column.saturating_sub(1).max(1),
        };
        let last = self.joiner.place(&last);
        let moved = |column: u64, from: u64, to: u64| (column + to).saturating_sub(from).max(1);
        let end_byte_column = last.column + 1;
        Location {
            offset: start.offset,
            length: if text.length == 0 {
                0
            } else {
                last.offset + 1 - start.offset.min(last.offset)
            },
            line: start.line,
            column: moved(text.column, text.byte_column, start.column),
            byte_column: start.column,
            end_line: last.line,
            end_column: moved(text.end_column, text.end_byte_column, end_byte_column),
            end_byte_column,
        }
    }
}

/// Line ends before an offset of a file; as many as can be counted.
fn lines_before(path: &Path, offset: u64) -> u64 {
    let Ok(file) = File::open(path) else { return 0 };
    if offset == 0 || offset > COUNTED {
        return 0;
    }
    let (mut file, mut lines) = (file.take(offset), 0);
    let mut room = vec![0; 256 << 10];
    while let Ok(read @ 1..) = file.read(&mut room) {
        lines += memchr::memchr_iter(b'\n', &room[..read]).count() as u64;
    }
    lines
}
