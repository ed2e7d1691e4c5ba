//! How much is unpacked.

/// How much is unpacked of what is in one file, pipe or object. What lies beyond is
/// named in the [ledger](crate::ledger) as
/// [`SkipKind::ArchiveLimit`](crate::ledger::SkipKind::ArchiveLimit).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub(crate) depth: usize,
    pub(crate) members: u64,
    pub(crate) bytes: u64,
    pub(crate) ratio: u64,
    pub(crate) held: u64,
}

/// A ratio counts only from here on: small files of nothing but zeros are common.
pub(crate) const RATIO_COUNTS: u64 = 256 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: Self::DEPTH,
            members: Self::MEMBERS,
            bytes: Self::BYTES,
            ratio: Self::RATIO,
            held: Self::HELD,
        }
    }
}

impl Limits {
    /// [`Limits::depth`] by default.
    pub const DEPTH: usize = 8;
    /// [`Limits::members`] by default.
    pub const MEMBERS: u64 = 1_000_000;
    /// [`Limits::bytes`] by default.
    pub const BYTES: u64 = 64_000_000_000;
    /// [`Limits::ratio`] by default.
    pub const RATIO: u64 = 2_000;
    /// [`Limits::held`] by default.
    pub const HELD: u64 = 64_000_000;

    /// How deep containers within containers are unpacked; 0 for not at all. 8 by
    /// default.
    ///
    /// A compressed archive, such as `.tar.gz`, is two deep.
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// How many members are read, those of all containers within it together. A million
    /// by default.
    pub fn members(mut self, members: u64) -> Self {
        self.members = members;
        self
    }

    /// How many bytes are unpacked, of all containers within it together. 64 GB by
    /// default.
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// How many times as large as itself what is unpacked may become, once it is more
    /// than 256 MiB. 2,000 by default.
    pub fn ratio(mut self, ratio: u64) -> Self {
        self.ratio = ratio;
        self
    }

    /// How many bytes of a member are held in memory that can only be read as a whole,
    /// such as a zip file in another archive. 64 MB by default.
    pub fn held(mut self, held: u64) -> Self {
        self.held = held;
        self
    }
}
