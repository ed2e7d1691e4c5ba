//! What was scanned, what was not, and why.
//!
//! Nothing is skipped silently: every object that a scan meets is either
//! counted as scanned or stands here with a reason.

use std::collections::BTreeMap;

use crate::input::Origin;

/// Why something was not scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SkipKind {
    /// A directory of build products or dependencies that version control
    /// ignores as well.
    IgnoredDirectory,
    /// An ignored file or directory, where ignore files were to be respected.
    Ignored,
    /// A hidden file or directory, where those were to be left out.
    Hidden,
    /// A symbolic link, which is not followed by default.
    SymbolicLink,
    /// Objects of a git repository, which are compressed; `leaksieve git` reads
    /// them.
    GitObjects,
    /// A link that leads back to a directory that contains it.
    LinkLoop,
    /// Neither a file nor a directory: a socket, a pipe, a device.
    SpecialFile,
    /// It was named and does not exist.
    NoSuchPath,
    /// There is no permission.
    NoPermission,
    /// It was there and then was not.
    Vanished,
    /// It became shorter while it was read.
    Shrunk,
    /// Reading failed in another way.
    ReadFailed,
    /// It is larger than the limit that was set.
    TooLarge,
    /// A git object that another one needs is not in the repository.
    MissingObject,
    /// A git object cannot be read: flipped bits, a wrong size, a delta that does
    /// not fit its base.
    DamagedObject,
    /// A pack or its index cannot be read.
    DamagedPack,
    /// A partial clone lacks objects that its origin has; the detail tells how
    /// many. One for each repository.
    PartialClone,
    /// A shallow clone: its history ends where it was cut. One for each
    /// repository. Nothing that is there was left out.
    ShallowHistory,
    /// A submodule whose repository is not here. Nothing of it was asked for.
    AbsentSubmodule,
    /// A container, or a member of one, cannot be unpacked: it is damaged or cut off.
    DamagedArchive,
    /// A member is encrypted.
    EncryptedMember,
    /// It is compressed in a way, or in a container, that is not read.
    UnsupportedArchive,
    /// Unpacking ended at a limit: of depth, members, bytes, ratio or memory.
    ArchiveLimit,
}

impl SkipKind {
    /// The kind's name, as reports and `--accept-incomplete` spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IgnoredDirectory => "ignored-directory",
            Self::Ignored => "ignored",
            Self::Hidden => "hidden",
            Self::SymbolicLink => "symbolic-link",
            Self::GitObjects => "git-objects",
            Self::LinkLoop => "link-loop",
            Self::SpecialFile => "special-file",
            Self::NoSuchPath => "no-such-path",
            Self::NoPermission => "no-permission",
            Self::Vanished => "vanished",
            Self::Shrunk => "shrunk",
            Self::ReadFailed => "read-failed",
            Self::TooLarge => "too-large",
            Self::MissingObject => "missing-object",
            Self::DamagedObject => "damaged-object",
            Self::DamagedPack => "damaged-pack",
            Self::PartialClone => "partial-clone",
            Self::ShallowHistory => "shallow-history",
            Self::AbsentSubmodule => "absent-submodule",
            Self::DamagedArchive => "damaged-archive",
            Self::EncryptedMember => "encrypted-member",
            Self::UnsupportedArchive => "unsupported-archive",
            Self::ArchiveLimit => "archive-limit",
        }
    }

    /// All kinds.
    pub const ALL: [Self; 23] = [
        Self::IgnoredDirectory,
        Self::Ignored,
        Self::Hidden,
        Self::SymbolicLink,
        Self::GitObjects,
        Self::LinkLoop,
        Self::SpecialFile,
        Self::NoSuchPath,
        Self::NoPermission,
        Self::Vanished,
        Self::Shrunk,
        Self::ReadFailed,
        Self::TooLarge,
        Self::MissingObject,
        Self::DamagedObject,
        Self::DamagedPack,
        Self::PartialClone,
        Self::ShallowHistory,
        Self::AbsentSubmodule,
        Self::DamagedArchive,
        Self::EncryptedMember,
        Self::UnsupportedArchive,
        Self::ArchiveLimit,
    ];

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// Whether something was asked for and not scanned. What the rules of the
    /// walk leave out was not asked for.
    pub const fn is_incomplete(self) -> bool {
        !matches!(
            self,
            Self::IgnoredDirectory
                | Self::Ignored
                | Self::Hidden
                | Self::SymbolicLink
                | Self::GitObjects
                | Self::LinkLoop
                | Self::ShallowHistory
                | Self::AbsentSubmodule
        )
    }
}

/// Something that was not scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Where it stood.
    pub origin: Origin,
    /// Why it was not scanned.
    pub kind: SkipKind,
    /// What the system said, in lower case, without the path; may be empty.
    pub detail: String,
}

/// What was read of git histories. All counts are of distinct objects, over all
/// repositories of a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryAccount {
    /// Commits whose messages were scanned.
    pub commits: u64,
    /// Annotated tags whose messages were scanned.
    pub tags: u64,
    /// Blobs that were scanned.
    pub blobs: u64,
    /// Bytes of these blobs.
    pub blob_bytes: u64,
    /// Bytes that had to be searched to scan them: of a delta only what it brings
    /// in, and the seams.
    pub searched_bytes: u64,
    /// Bytes of the blobs that are stored as deltas and were searched as a whole,
    /// because their text allowed nothing less.
    pub whole_bytes: u64,
    /// Objects that an earlier run has scanned, the trees beside them included.
    pub known: u64,
    /// Objects that partial clones lack.
    pub absent: u64,
    /// Commits at which shallow clones were cut.
    pub cut: u64,
}

impl HistoryAccount {
    /// Adds another account to this one.
    pub fn merge(&mut self, other: &Self) {
        self.commits += other.commits;
        self.tags += other.tags;
        self.blobs += other.blobs;
        self.blob_bytes += other.blob_bytes;
        self.searched_bytes += other.searched_bytes;
        self.whole_bytes += other.whole_bytes;
        self.known += other.known;
        self.absent += other.absent;
        self.cut += other.cut;
    }

    /// Whether nothing was read, now or earlier.
    pub fn is_empty(&self) -> bool {
        self.commits + self.tags + self.blobs + self.known + self.absent == 0
    }

    /// The share of the blobs' bytes that fell back on a search of the whole, from
    /// 0 to 1.
    pub fn whole_share(&self) -> f64 {
        if self.blob_bytes == 0 { 0.0 } else { self.whole_bytes as f64 / self.blob_bytes as f64 }
    }
}

/// The account of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Objects that were scanned to their end.
    pub objects: u64,
    /// Bytes that were scanned, those of incomplete objects included.
    pub bytes: u64,
    /// What was read of git histories, if any was.
    pub history: Option<HistoryAccount>,
    counts: BTreeMap<SkipKind, u64>,
    skips: Vec<Skip>,
}

/// How many skips of one kind are kept with their names, the first by origin.
/// All are counted.
pub const NAMED_SKIPS: usize = 1000;

/// So many are kept until those beyond [`NAMED_SKIPS`] of a kind are dropped.
const GATHERED: usize = 2 * NAMED_SKIPS * SkipKind::ALL.len();

impl Ledger {
    /// Enters something that was not scanned.
    pub fn skip(&mut self, skip: Skip) {
        *self.counts.entry(skip.kind).or_default() += 1;
        self.skips.push(skip);
        if self.skips.len() >= GATHERED {
            self.settle();
        }
    }

    /// Adds another account to this one. The sum does not depend on the order
    /// in which accounts are added.
    pub fn merge(&mut self, other: Ledger) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        if let Some(history) = &other.history {
            self.history.get_or_insert_default().merge(history);
        }
        for (kind, count) in &other.counts {
            *self.counts.entry(*kind).or_default() += count;
        }
        self.skips.extend(other.skips);
        self.settle();
    }

    /// Orders the skips and drops the names that are too many.
    fn settle(&mut self) {
        self.skips.sort_unstable_by(|a, b| {
            (a.kind, &a.origin, &a.detail).cmp(&(b.kind, &b.origin, &b.detail))
        });
        let (mut kind, mut kept) = (None, 0);
        self.skips.retain(|skip| {
            kept = if kind == Some(skip.kind) { kept + 1 } else { 1 };
            kind = Some(skip.kind);
            kept <= NAMED_SKIPS
        });
    }

    /// How often each kind occurred.
    pub fn counts(&self) -> impl Iterator<Item = (SkipKind, u64)> {
        self.counts.iter().map(|(k, n)| (*k, *n))
    }

    /// The skips that are known by name, at least the first [`NAMED_SKIPS`] of
    /// a kind; after a [`Ledger::merge`] no more than these, by kind, then by
    /// origin.
    pub fn skips(&self) -> &[Skip] {
        &self.skips
    }

    /// Whether something asked for was not scanned, apart from the kinds that
    /// are accepted.
    pub fn is_incomplete(&self, accepted: &[SkipKind]) -> bool {
        self.counts.keys().any(|k| k.is_incomplete() && !accepted.contains(k))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str) -> Skip {
        Skip {
            origin: Origin::File(name.into()),
            kind: SkipKind::SymbolicLink,
            detail: String::new(),
        }
    }

    #[test]
    fn all_are_counted_and_the_first_are_named() {
        let mut halves = [Ledger::default(), Ledger::default()];
        for i in (0..3 * GATHERED).rev() {
            halves[i % 2].skip(link(&format!("{i:06}")));
        }
        halves[0].skip(Skip { kind: SkipKind::Vanished, ..link("gone") });
        let [a, b] = halves;
        let mut sum = Ledger::default();
        sum.merge(b.clone());
        sum.merge(a.clone());
        assert_eq!(
            sum.counts().collect::<Vec<_>>(),
            [(SkipKind::SymbolicLink, 3 * GATHERED as u64), (SkipKind::Vanished, 1)]
        );
        let expected: Vec<Skip> = (0..NAMED_SKIPS).map(|i| link(&format!("{i:06}"))).collect();
        assert_eq!(&sum.skips()[..NAMED_SKIPS], &expected);
        assert_eq!(sum.skips().len(), NAMED_SKIPS + 1);
        assert!(sum.is_incomplete(&[]) && !sum.is_incomplete(&[SkipKind::Vanished]));
        let mut other = Ledger::default();
        other.merge(a);
        other.merge(b);
        assert_eq!(sum, other);
    }
}
