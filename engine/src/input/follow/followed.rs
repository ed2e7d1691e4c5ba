//! What there is under one followed name.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::identity::{Identity, Key, Stat};
use super::known::Entry;
use super::sibling::{is_related, is_rotation_of};
use super::stream::{Standing, Stream};

/// Names a followed name.
pub(super) type NameId = u64;

/// A followed name: the stream of the file that stands there, and before it those of the
/// files that stood there.
pub(super) struct Followed {
    pub(super) path: PathBuf,
    /// Where the file really stands, without links.
    pub(super) real: PathBuf,
    /// In the order in which they are read. The current one is the last.
    pub(super) streams: VecDeque<Stream>,
    /// Whether a file stands there.
    pub(super) is_there: bool,
    /// The file that stands there, if there is nothing to do about it until it changes.
    pub(super) settled: Option<Stat>,
    /// Siblings about which there is nothing to do until they change.
    pub(super) glanced: HashMap<Key, Stat>,
    /// Files that somebody may still be writing, and since when they are as they are.
    pub(super) unripe: HashMap<Key, (Stat, Instant)>,
    /// Whether the siblings that stood there before were met.
    pub(super) knows_siblings: bool,
    /// Whether it is a path, and not one of those that a glob stands for.
    pub(super) is_literal: bool,
    /// Whether more is known to be there to read.
    pub(super) is_behind: bool,
}

impl Followed {
    pub(super) fn new(path: PathBuf, is_literal: bool) -> Self {
        Self {
            real: path.clone(),
            path,
            // There is one for most of the time.
            streams: VecDeque::with_capacity(1),
            is_there: false,
            settled: None,
            glanced: HashMap::new(),
            unripe: HashMap::new(),
            knows_siblings: false,
            is_literal,
            is_behind: false,
        }
    }

    /// Whether a file at `path` may be a rotation of this one.
    pub(super) fn is_rotated_to(&self, path: &Path) -> bool {
        is_rotation_of(path, &self.path) || is_rotation_of(path, &self.real)
    }

    /// Whether a file at `path` may have been made from one that stood here.
    pub(super) fn is_related_to(&self, path: &Path) -> bool {
        is_related(path, &self.path) || is_related(path, &self.real)
    }

    /// What is remembered of a file that was read here as far as `offset`.
    pub(super) fn entry(&self, identity: Identity, offset: u64, is_whole: bool) -> Entry {
        let (path, real) = (self.path.clone(), self.real.clone());
        Entry { path, real, identity, offset, is_whole }
    }

    /// The stream of the file that stands under the name.
    pub(super) fn current(&mut self) -> Option<&mut Stream> {
        self.streams.iter_mut().rev().find(|stream| stream.is_current())
    }

    /// The file of the current stream does not stand there any more.
    pub(super) fn leave(&mut self) {
        self.settled = None;
        if let Some(stream) = self.current() {
            stream.standing = Standing::Left;
            stream.moved = Instant::now();
        }
    }

    /// A file stands under the name.
    pub(super) fn arrive(&mut self) {
        if !std::mem::replace(&mut self.is_there, true) {
            // Who writes the old one learns of it from now on.
            for stream in &mut self.streams {
                stream.moved = Instant::now();
            }
        }
    }

    /// Adds a stream; all others are read before the current one.
    pub(super) fn add(&mut self, stream: Stream) {
        let before = self.streams.iter().position(Stream::is_current);
        match before.filter(|_| !stream.is_current()) {
            Some(before) => self.streams.insert(before, stream),
            None => self.streams.push_back(stream),
        }
    }

    /// Whether a file that somebody may be writing is as it was for some time.
    pub(super) fn is_ripe(&mut self, stat: &Stat, grace: Duration) -> bool {
        let now = Instant::now();
        let (last, since) = self.unripe.entry(stat.key).or_insert((*stat, now));
        if !stat.is_unchanged(last) {
            (*last, *since) = (*stat, now);
        }
        let is_ripe = now.duration_since(*since) >= grace;
        if is_ripe {
            self.unripe.remove(&stat.key);
        }
        is_ripe
    }

    /// Whether it must be looked at although nothing is told of it.
    pub(super) fn is_restless(&self) -> bool {
        !self.unripe.is_empty() || self.streams.iter().any(|stream| !stream.is_current())
    }

    /// Whether nothing is left of it.
    pub(super) fn is_gone(&self) -> bool {
        !self.is_literal && !self.is_there && self.streams.is_empty() && self.unripe.is_empty()
    }
}
