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
            Self::NoPermission => "no-permission",
            Self::Vanished => "vanished",
            Self::Shrunk => "shrunk",
            Self::ReadFailed => "read-failed",
            Self::TooLarge => "too-large",
        }
    }

    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::IgnoredDirectory,
        Self::Ignored,
        Self::Hidden,
        Self::SymbolicLink,
        Self::GitObjects,
        Self::LinkLoop,
        Self::SpecialFile,
        Self::NoPermission,
        Self::Vanished,
        Self::Shrunk,
        Self::ReadFailed,
        Self::TooLarge,
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

/// The account of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Objects that were scanned to their end.
    pub objects: u64,
    /// Bytes that were scanned, those of incomplete objects included.
    pub bytes: u64,
    counts: BTreeMap<SkipKind, u64>,
    skips: Vec<Skip>,
}

/// How many skips of one kind are kept with their names. All are counted.
pub const NAMED_SKIPS: u64 = 1000;

impl Ledger {
    /// Enters something that was not scanned.
    pub fn skip(&mut self, skip: Skip) {
        let count = self.counts.entry(skip.kind).or_default();
        *count += 1;
        if *count <= NAMED_SKIPS {
            self.skips.push(skip);
        }
    }

    /// Adds another account to this one.
    pub fn merge(&mut self, other: Ledger) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        let named = other.skips.len() as u64;
        for (kind, count) in &other.counts {
            *self.counts.entry(*kind).or_default() += count;
        }
        debug_assert!(named <= other.counts.values().sum());
        for skip in other.skips {
            let kept = self.skips.iter().filter(|s| s.kind == skip.kind).count() as u64;
            if kept < NAMED_SKIPS {
                self.skips.push(skip);
            }
        }
        self.skips.sort_by(|a, b| (&a.origin, a.kind).cmp(&(&b.origin, b.kind)));
    }

    /// How often each kind occurred.
    pub fn counts(&self) -> impl Iterator<Item = (SkipKind, u64)> {
        self.counts.iter().map(|(k, n)| (*k, *n))
    }

    /// The skips that are known by name, at most [`NAMED_SKIPS`] of a kind.
    pub fn skips(&self) -> &[Skip] {
        &self.skips
    }

    /// Whether something asked for was not scanned, apart from the kinds that
    /// are accepted.
    pub fn is_incomplete(&self, accepted: &[SkipKind]) -> bool {
        self.counts.keys().any(|k| k.is_incomplete() && !accepted.contains(k))
    }
}
