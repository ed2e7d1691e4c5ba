//! How files are followed.

use std::time::Duration;

/// Where the reading of files begins that are there at the start and were never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Start {
    /// At their first byte.
    Beginning,
    /// At their end, as it is at the first look.
    #[default]
    End,
}

/// How files are followed. Each setter names its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowOptions {
    pub(super) start: Start,
    pub(super) read_at_once: u64,
    pub(super) poll: Option<Duration>,
    pub(super) grace: Duration,
    pub(super) handles: usize,
    pub(super) unpacked: u64,
    pub(super) watches: bool,
}

impl FollowOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            start: Start::default(),
            read_at_once: 1 << 20,
            poll: None,
            grace: Duration::from_secs(2),
            handles: 4096,
            unpacked: 16 << 30,
            watches: true,
        }
    }

    /// Where the reading of existing files begins. Files that appear later are read from
    /// their beginning, and so are files that appeared before a restart: a name that is
    /// not among what is resumed, under a pattern of which something is. Default:
    /// [`Start::End`].
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// The most bytes that are read under one name in one turn, so that one busy file does
    /// not hold up the others. Default: 1 MiB.
    pub fn read_at_once(mut self, bytes: u64) -> Self {
        self.read_at_once = bytes.max(1);
        self
    }

    /// How often everything is looked at, whatever the system tells; at 0, in every turn.
    /// Default: 2 seconds, or 250 milliseconds where the system tells nothing.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = Some(poll);
        self
    }

    /// How long a file that was rotated away must be quiet until it is let go, and one
    /// that is being copied or compressed until it is taken as it is. Default: 2 seconds.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How many idle files are kept open. Others are opened when they grow; if such a file
    /// is rotated in that moment, it must be found under another name. Where the system
    /// allows fewer, fewer are kept open. Default: 4,096.
    pub fn handles(mut self, handles: usize) -> Self {
        self.handles = handles.max(1);
        self
    }

    /// How many bytes are read of the content of one compressed file. Default: 16 GiB.
    pub fn unpacked(mut self, bytes: u64) -> Self {
        self.unpacked = bytes;
        self
    }

    /// Whether the system is asked to tell of changes. Default: yes.
    pub fn watches(mut self, watches: bool) -> Self {
        self.watches = watches;
        self
    }
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self::new()
    }
}
