//! The follower: when what is looked at and read.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::complaint::Complaints;
use super::followed::{Followed, NameId};
use super::identity::{Identity, Key};
use super::known::{Entry, Known};
use super::pattern::{Found, Pattern};
use super::watch::{Waker, Watch};
use super::{End, Finished, FollowError, FollowOptions, Resumed, StreamId, Taker};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// How often everything is looked at where the system tells of changes.
const POLL: Duration = Duration::from_secs(2);

/// And where it does not.
const POLL_ALONE: Duration = Duration::from_millis(250);

/// Directories are listed so many times as long apart as listing takes, at most.
const LISTING_SHARE: u32 = 4;

/// Bytes that are read at a time.
const BUFFER: usize = 256 << 10;

/// Follows files; the [module](super) says how.
pub struct Follower {
    pub(super) patterns: Vec<Pattern>,
    pub(super) options: FollowOptions,
    pub(super) watch: Watch,
    pub(super) followed: BTreeMap<NameId, Followed>,
    pub(super) names: HashMap<PathBuf, NameId>,
    /// Where the system says that something changed, and under which name that is followed.
    places: HashMap<PathBuf, NameId>,
    /// The files that are being read, and under which name.
    pub(super) live: HashMap<Key, NameId>,
    pub(super) known: Known,
    pub(super) resumed: Vec<Resumed>,
    /// The patterns that an earlier follower had.
    pub(super) continued: HashSet<PathBuf>,
    pub(super) complaints: Complaints,
    /// When the first look was, in seconds as files have them.
    pub(super) began: i64,
    is_started: bool,
    /// Whether no more is read than was there when stopping began.
    pub(super) is_stopping: bool,
    next_stream: u64,
    next_name: NameId,
    /// Names of which more is to be read.
    pub(super) ready: BTreeSet<NameId>,
    /// Names that must be looked at although nothing is told of them.
    pub(super) restless: BTreeSet<NameId>,
    look_due: Option<Instant>,
    /// There may be new names, and since when they may be looked for.
    listing_due: Option<Instant>,
    listed: Option<(Instant, Duration)>,
    /// Handles of streams.
    pub(super) handles: usize,
    pub(super) decoders: usize,
    pub(super) buffer: Vec<u8>,
}

/// A taker, and whether it was told anything.
pub(super) struct Told<'t> {
    taker: &'t mut dyn Taker,
    is_any: bool,
}

impl<'t> Told<'t> {
    pub(super) fn new(taker: &'t mut dyn Taker) -> Self {
        Self { taker, is_any: false }
    }

    pub(super) fn taker(&mut self) -> &mut dyn Taker {
        self.is_any = true;
        self.taker
    }
}

impl Follower {
    /// A follower of the files that `patterns` name or stand for. A pattern of which there
    /// is no file is waited for.
    ///
    /// # Errors
    ///
    /// If a pattern is no glob, or can be no file.
    pub fn new(patterns: &[PathBuf], options: FollowOptions) -> Result<Self, FollowError> {
        let patterns = patterns.iter().map(|path| Pattern::new(path));
        let mut options = options;
        options.handles = options.handles.min(most_handles());
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
            watch: Watch::new(options.watches),
            options,
            followed: BTreeMap::new(),
            names: HashMap::new(),
            places: HashMap::new(),
            live: HashMap::new(),
            known: Known::default(),
            resumed: Vec::new(),
            continued: HashSet::new(),
            complaints: Complaints::default(),
            began: 0,
            is_started: false,
            is_stopping: false,
            next_stream: 0,
            next_name: 0,
            ready: BTreeSet::new(),
            restless: BTreeSet::new(),
            look_due: None,
            listing_due: None,
            listed: None,
            handles: 0,
            decoders: 0,
            buffer: vec![0; BUFFER],
        })
    }

    /// Goes on where an earlier follower of `patterns` stopped. It has an effect before the
    /// first turn only. What is of no pattern is left out, and what a pattern of both stands
    /// for that is not known appeared since, and is read from its beginning.
    ///
    /// The first turn tells of every stream of which there was anything, in new streams. Of a
    /// file that is not found any more, [`SkipKind::Vanished`] is told, and its stream ends at
    /// once.
    pub fn resume(
        &mut self,
        patterns: Vec<PathBuf>,
        streams: Vec<Resumed>,
        finished: Vec<Finished>,
    ) {
        self.continued = patterns.into_iter().collect();
        self.resumed = streams;
        // How many names there will be is not known yet.
        let names = finished.len();
        for Finished { path, identity, offset, is_whole } in finished {
            self.known.remember(Entry::of_name(path, identity, offset, is_whole), names);
        }
    }

    /// The patterns.
    pub fn patterns(&self) -> impl Iterator<Item = &Path> {
        self.patterns.iter().map(Pattern::whole)
    }

    /// The files that need not be read again, the last few thousand that were met.
    pub fn finished(&self) -> impl Iterator<Item = Finished> {
        self.known.iter().map(|entry| {
            let Entry { path, identity, offset, is_whole, .. } = entry.clone();
            Finished { path, identity, offset, is_whole }
        })
    }

    /// Waits up to `timeout` for something to happen, then hands on what there is, no more
    /// than [`FollowOptions::read_at_once`] of each name. Returns whether anything was
    /// handed on or told.
    pub fn turn(&mut self, timeout: Duration, taker: &mut dyn Taker) -> bool {
        // A time beyond all clocks never comes.
        let end = Instant::now().checked_add(timeout);
        let mut told = Told::new(taker);
        let is_first = self.begin(&mut told);
        loop {
            let now = Instant::now();
            let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(now));
            let wait = match told.is_any || is_first || !self.ready.is_empty() {
                true => Duration::ZERO,
                false => left.min(self.pause(now)),
            };
            let is_woken = self.round(wait, &mut told);
            if told.is_any || is_woken || left.is_zero() {
                return told.is_any;
            }
        }
    }

    /// Bytes that are known to be in followed files and were not read yet; of compressed
    /// files, those that are stored.
    pub fn lag(&self) -> u64 {
        let streams = self.followed.values().flat_map(|followed| &followed.streams);
        streams.map(super::stream::Stream::lag).sum()
    }

    /// Looks once more, reads what is there to its end, and ends all streams with
    /// [`End::Stopped`]. Nothing is followed after that.
    pub fn stopping(&mut self, taker: &mut dyn Taker) {
        let mut told = Told::new(taker);
        self.begin(&mut told);
        self.look_everywhere(&mut told);
        self.is_stopping = true;
        // All of them in turn: one may wait for another to give its decoder back.
        while !self.ready.is_empty() {
            for id in mem::take(&mut self.ready) {
                self.visit(id, false, &mut told);
            }
        }
        for (_, followed) in mem::take(&mut self.followed) {
            for stream in followed.streams {
                told.taker().ended(stream.id, End::Stopped);
            }
        }
        self.names.clear();
        self.places.clear();
        self.live.clear();
        self.restless.clear();
    }

    /// What ends the waiting of a turn from elsewhere.
    pub fn waker(&self) -> Waker {
        self.watch.waker()
    }

    fn begin(&mut self, told: &mut Told<'_>) -> bool {
        if mem::replace(&mut self.is_started, true) {
            return false;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.began = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        self.list(told);
        self.start(told);
        true
    }

    /// How long nothing needs to be done unless something is told.
    fn pause(&self, now: Instant) -> Duration {
        let due = |due: Option<Instant>| match due {
            Some(due) => due.saturating_duration_since(now),
            None => Duration::MAX,
        };
        let restless = match self.restless.is_empty() {
            true => Duration::MAX,
            false => {
                let step = self.options.grace / 4;
                step.clamp(Duration::from_millis(5), Duration::from_millis(500))
            }
        };
        due(self.look_due).min(due(self.listing_due)).min(restless).max(Duration::from_millis(1))
    }

    /// Waits, looks and reads once. Returns whether somebody ended the waiting.
    fn round(&mut self, wait: Duration, told: &mut Told<'_>) -> bool {
        let news = self.watch.wait(wait);
        let now = Instant::now();
        let mut changed = mem::take(&mut self.restless);
        for (path, is_another) in news.paths {
            match self.places.get(&path) {
                Some(id) => {
                    changed.insert(*id);
                }
                None if is_another => {
                    self.watch.forget(&path);
                    self.want_listing(now);
                }
                None => {}
            }
        }
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        if news.everything || self.look_due.is_none() || is_due(self.look_due) {
            self.look_everywhere(told);
        } else {
            if is_due(self.listing_due) {
                changed.extend(self.list(told));
            }
            let ready = mem::take(&mut self.ready);
            for id in &changed {
                self.visit(*id, true, told);
            }
            for id in ready.difference(&changed) {
                self.visit(*id, false, told);
            }
        }
        news.is_woken
    }

    fn want_listing(&mut self, now: Instant) {
        let at = self.listed.map_or(now, |(at, took)| at + took * LISTING_SHARE);
        self.listing_due.get_or_insert(at.max(now));
    }

    /// Looks at everything, and reads.
    fn look_everywhere(&mut self, told: &mut Told<'_>) {
        self.list(told);
        let ids: Vec<NameId> = self.followed.keys().copied().collect();
        for id in ids {
            self.visit(id, true, told);
        }
        let poll = match self.watch.is_complete() {
            true => POLL,
            false => POLL_ALONE,
        };
        self.look_due = Instant::now().checked_add(self.options.poll.unwrap_or(poll));
    }

    /// Finds the names there are, watches their directories, and returns the names that
    /// are new.
    fn list(&mut self, told: &mut Told<'_>) -> Vec<NameId> {
        let started = Instant::now();
        let mut found = Found::default();
        for pattern in &self.patterns {
            pattern.find(&mut found);
        }
        let mut new = Vec::new();
        for (path, is_literal) in found.names {
            if !self.names.contains_key(&path) {
                new.push(self.follow(path, is_literal));
            }
        }
        for (path, refused) in found.refused {
            self.complain(&path, refused, told);
        }
        let mut directories: HashSet<PathBuf> =
            found.directories.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let real = self.followed.values().filter_map(|followed| followed.real.parent());
        directories.extend(real.filter(|path| path.is_absolute()).map(Path::to_owned));
        self.listing_due = None;
        self.listed = Some((started, started.elapsed()));
        if self.watch.watch(&directories) {
            // Something may have appeared before it was watched.
            self.want_listing(Instant::now());
        }
        new
    }

    /// Follows a name.
    pub(super) fn follow(&mut self, path: PathBuf, is_literal: bool) -> NameId {
        let id = self.next_name;
        self.next_name += 1;
        self.names.insert(path.clone(), id);
        let mut followed = Followed::new(path, is_literal);
        self.locate(id, &mut followed);
        self.followed.insert(id, followed);
        id
    }

    /// Whether what stands at `path` is followed under a name of its own.
    pub(super) fn is_followed(&self, path: &Path) -> bool {
        self.names.contains_key(path) || self.places.contains_key(path)
    }

    /// Finds out where a name really stands, and so what the system will tell of it.
    pub(super) fn locate(&mut self, id: NameId, followed: &mut Followed) {
        if let Some(place) = place(&followed.path) {
            self.places.insert(place, id);
        }
        if let Ok(real) = followed.path.canonicalize() {
            if followed.real != real
                && self.places.get(&followed.real) == Some(&id)
                && place(&followed.path).as_ref() != Some(&followed.real)
            {
                self.places.remove(&followed.real);
            }
            // A link to elsewhere: that directory has to be watched, too.
            if followed.real.parent() != real.parent() {
                self.want_listing(Instant::now());
            }
            self.places.insert(real.clone(), id);
            followed.real = real;
        }
    }

    /// Looks at a name, if it must be, and reads on under it.
    pub(super) fn visit(&mut self, id: NameId, must_look: bool, told: &mut Told<'_>) {
        let Some(mut followed) = self.followed.remove(&id) else { return };
        if must_look {
            self.look(id, &mut followed, told);
        }
        self.read(id, &mut followed, told);
        if followed.is_gone() {
            self.names.remove(&followed.path);
            self.places.retain(|_, of| *of != id);
        } else {
            self.followed.insert(id, followed);
        }
        self.note(id);
    }

    /// Notes what is to be done about a name next.
    pub(super) fn note(&mut self, id: NameId) {
        let followed = self.followed.get(&id);
        if followed.is_some_and(|followed| followed.is_behind) {
            self.ready.insert(id);
        } else {
            self.ready.remove(&id);
        }
        if followed.is_some_and(Followed::is_restless) {
            self.restless.insert(id);
        } else {
            self.restless.remove(&id);
        }
    }

    pub(super) fn stream_id(&mut self) -> StreamId {
        let id = StreamId(self.next_stream);
        self.next_stream += 1;
        id
    }

    /// Tells what is not read, once.
    pub(super) fn complain(&mut self, path: &Path, refused: Refused, told: &mut Told<'_>) {
        if self.complaints.is_new(path, refused.kind) {
            told.taker().skipped(path, refused.kind, refused.detail);
        }
    }

    /// Tells of a stream that was rotated out of sight.
    pub(super) fn lost(
        &mut self,
        path: &Path,
        identity: &Identity,
        offset: u64,
        told: &mut Told<'_>,
    ) {
        let id = self.stream_id();
        let detail =
            format!("not found any more; what it held from byte {offset} on may be missed");
        let taker = told.taker();
        taker.opened(id, path, identity, offset);
        taker.skipped(path, SkipKind::Vanished, detail);
        taker.ended(id, End::Removed);
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower").field("followed", &self.followed.len()).finish_non_exhaustive()
    }
}

/// The path under which the system tells of changes.
fn place(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    Some(parent.canonicalize().ok()?.join(path.file_name()?))
}

/// How many handles may be kept: half of what the system allows the program.
fn most_handles() -> usize {
    // Where nothing is told, the least that is usual.
    const USUAL: usize = 256;
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let most = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let most = most.and_then(|line| line.split_ascii_whitespace().next());
    let most = match most {
        Some("unlimited") => usize::MAX,
        Some(number) => number.parse().unwrap_or(USUAL),
        None => USUAL,
    };
    (most / 2).max(1)
}
