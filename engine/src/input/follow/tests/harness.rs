//! A directory, a follower of files in it, and what it tells.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::follower::Told;
use super::super::{End, Finished, FollowOptions, Follower, Identity, Resumed, StreamId, Taker};
use crate::ledger::SkipKind;

/// Options for tests: little patience.
pub(super) fn options() -> FollowOptions {
    FollowOptions::new().grace(Duration::from_millis(40))
}

/// A stream as it was told.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) id: StreamId,
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    pub(super) offset: u64,
    pub(super) content: Vec<u8>,
    pub(super) end: Option<End>,
}

/// Keeps what it is told.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) records: Vec<Record>,
    pub(super) skipped: Vec<(PathBuf, SkipKind)>,
    /// All bytes in the order in which they came.
    all: Vec<u8>,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Record { id, path, offset, content, end, .. } in &self.records {
            let text = String::from_utf8_lossy(content);
            let name = path.file_name();
            let first = text.lines().next().map(|line| line.chars().take(10).collect::<String>());
            let last = text.lines().last().map(|line| line.chars().take(10).collect::<String>());
            writeln!(f, "{} {name:?} {offset}+{} {end:?} {first:?} {last:?}", id.0, content.len())?;
        }
        let start: String = self.text().chars().take(500).collect();
        write!(f, "{:?}\n{start}", self.skipped)
    }
}

impl Heard {
    fn record(&mut self, stream: StreamId) -> &mut Record {
        let record = self.records.iter_mut().find(|record| record.id == stream).unwrap();
        assert_eq!(record.end, None, "told of a stream that ended");
        record
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.all).into_owned()
    }

    pub(super) fn ends(&self) -> Vec<Option<End>> {
        self.records.iter().map(|record| record.end).collect()
    }

    /// What was read, and where it stands in its stream.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (u64, Vec<u8>)> + '_ {
        self.records.iter().map(|record| (record.offset, record.content.clone()))
    }

    /// Takes back what was read of a line that was not read to its end.
    pub(super) fn cut_to_lines(&mut self) {
        for record in &mut self.records {
            if record.end.is_none_or(|end| end == End::Stopped) {
                let end = record.content.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
                record.content.truncate(end);
            }
        }
    }

    /// The streams with which a next follower is to go on.
    pub(super) fn resumed(&self) -> Vec<Resumed> {
        let is_open = |record: &&Record| record.end.is_none_or(|end| end == End::Stopped);
        let open = self.records.iter().filter(is_open);
        open.map(|record| Resumed {
            path: record.path.clone(),
            identity: record.identity,
            offset: record.offset + record.content.len() as u64,
        })
        .collect()
    }
}

impl Taker for Heard {
    fn opened(&mut self, stream: StreamId, path: &Path, identity: &Identity, offset: u64) {
        assert!(self.records.iter().all(|record| record.id != stream));
        self.records.push(Record {
            id: stream,
            path: path.to_owned(),
            identity: *identity,
            offset,
            content: Vec::new(),
            end: None,
        });
    }

    fn bytes(&mut self, stream: StreamId, bytes: &[u8]) {
        self.record(stream).content.extend(bytes);
        self.all.extend(bytes);
    }

    fn identified(&mut self, stream: StreamId, identity: &Identity) {
        self.record(stream).identity = *identity;
    }

    fn ended(&mut self, stream: StreamId, end: End) {
        self.record(stream).end = Some(end);
    }

    fn skipped(&mut self, path: &Path, kind: SkipKind, _detail: String) {
        self.skipped.push((path.to_owned(), kind));
    }
}

/// A directory and its follower.
pub(super) struct Scene {
    dir: tempfile::TempDir,
    follower: Option<Follower>,
    patterns: Vec<PathBuf>,
    options: FollowOptions,
    pub(super) told: Heard,
    /// What earlier followers read.
    pub(super) memory: Vec<Resumed>,
    pub(super) finished: Vec<Finished>,
    continued: Vec<PathBuf>,
    has_turned: bool,
}

impl Scene {
    pub(super) fn empty() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            follower: None,
            patterns: Vec::new(),
            options: options(),
            told: Heard::default(),
            memory: Vec::new(),
            finished: Vec::new(),
            continued: Vec::new(),
            has_turned: false,
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn append(&self, name: &str, text: &str) {
        let mut file = File::options().create(true).append(true).open(self.path(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Compresses a file as gzip does: the new one appears, then the old one goes.
    pub(super) fn gzip(&self, from: &str, to: &str) {
        let content = fs::read(self.path(from)).unwrap();
        let modified = fs::metadata(self.path(from)).unwrap().modified().unwrap();
        let packed = File::create(self.path(to)).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
        encoder.write_all(&content).unwrap();
        encoder.finish().unwrap().set_modified(modified).unwrap();
        self.remove(from);
    }

    /// What a turn comes to that looks at the name just before it becomes another file, and
    /// at the siblings just after that.
    pub(super) fn look_at_siblings_only(&mut self, name: &str) {
        let path = self.path(name);
        let follower = self.follower.as_mut().unwrap();
        let id = follower.names[&path];
        let mut followed = follower.followed.remove(&id).unwrap();
        let mut told = Told::new(&mut self.told);
        follower.missed(id, &mut followed, None, &mut told);
        follower.followed.insert(id, followed);
        follower.note(id);
    }

    pub(super) fn follow(&mut self, patterns: &[&str], options: FollowOptions) {
        self.patterns = patterns.iter().map(|name| self.path(name)).collect();
        self.options = options;
        self.follow_again();
    }

    fn follow_again(&mut self) {
        self.memory.extend(self.told.resumed());
        self.told = Heard::default();
        let mut follower = Follower::new(&self.patterns, self.options.clone()).unwrap();
        let Self { memory, finished, continued, .. } = &*self;
        follower.resume(continued.clone(), memory.clone(), finished.clone());
        self.has_turned = false;
        self.follower = Some(follower);
    }

    /// The follower is no more, as if it had been killed, or after it read to the end.
    pub(super) fn pause(&mut self, reads_on: bool) {
        if reads_on {
            self.stop();
        }
        let follower = self.follower.take().unwrap();
        self.finished = follower.finished().collect();
        self.continued = follower.patterns().map(Path::to_owned).collect();
    }

    /// A new follower goes on.
    pub(super) fn go_on(&mut self) {
        assert!(self.follower.is_none());
        self.follow_again();
    }

    /// What is not finished is told anew in the first turn.
    fn has_begun(&mut self) {
        if !std::mem::replace(&mut self.has_turned, true) {
            self.memory.clear();
        }
    }

    pub(super) fn stop(&mut self) {
        self.has_begun();
        self.follower.as_mut().unwrap().stopping(&mut self.told);
    }

    pub(super) fn follower(&self) -> &Follower {
        self.follower.as_ref().unwrap()
    }

    pub(super) fn turn(&mut self, timeout: Duration) -> bool {
        self.has_begun();
        self.follower.as_mut().unwrap().turn(timeout, &mut self.told)
    }

    /// Turns until nothing happens any more.
    pub(super) fn turns(&mut self) {
        while self.turn(Duration::from_millis(60)) {}
    }

    pub(super) fn text(&self) -> String {
        self.told.text()
    }

    pub(super) fn until(&mut self, is_so: impl Fn(&Heard) -> bool) {
        let end = Instant::now() + Duration::from_secs(5);
        while !is_so(&self.told) {
            assert!(Instant::now() < end, "{:?} {:?}", self.told, self.follower);
            self.turn(Duration::from_millis(50));
        }
    }

    /// Turns until the text is there, and makes sure that nothing more comes.
    #[track_caller]
    pub(super) fn until_text(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(5);
        while self.text() != text && self.text().len() <= text.len() && Instant::now() < end {
            self.turn(Duration::from_millis(50));
        }
        assert_eq!(self.text(), text, "{:?}", self.told.skipped);
    }
}
