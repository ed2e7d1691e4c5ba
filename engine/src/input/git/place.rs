//! Where something stood in a history.

use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;

use leaksieve_detectors::Timestamp;

use super::oid::Oid;

/// A place in a repository's history: an object, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitPlace {
    /// What stands before the path in reports: the repository, where several are
    /// scanned, or a submodule's directory; empty otherwise.
    pub repository: PathBuf,
    /// The object that holds it: the first one, if several versions of a file do.
    pub object: Oid,
    /// Where the object belongs.
    pub holder: Holder,
    /// The first commit with it, parents before children, then the oldest by
    /// date; `None` if no commit that was looked at has it.
    pub commit: Option<Arc<CommitInfo>>,
    /// Whether a version with it stands in the tree of `HEAD`.
    pub at_head: bool,
    /// Whether it was looked everywhere where it may stand now. A scan of a range looks
    /// for the same path at `HEAD` only, and knows no refs.
    pub is_standing_known: bool,
    /// Its path there, if that is another one: the file was renamed.
    pub head_path: Option<Box<[u8]>>,
    /// The refs in whose trees a version with it stands, the first
    /// [`NAMED_REFS`] by name.
    pub refs: Vec<Arc<str>>,
    /// How many refs these are in all.
    pub ref_count: u32,
    /// How many versions of the file hold it.
    pub versions: u32,
}

/// How many refs of a place are named.
pub const NAMED_REFS: usize = 10;

/// What an object of a history is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Holder {
    /// The content of a file, under this path: bytes, as git keeps it.
    File(Box<[u8]>),
    /// A commit; the text is its message or another field that people write.
    Commit,
    /// An annotated tag of this name.
    Tag(Box<str>),
    /// A note about the object with this id.
    Note(Box<str>),
    /// No tree that was looked at has it: what is left of something deleted.
    Unreachable,
    /// An object as such. The ledger names so what could not be read; nobody asked
    /// where it belongs.
    Object,
}

/// What is told of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CommitInfo {
    /// Its id.
    pub id: Oid,
    /// Its author's name; what is not Unicode is replaced.
    pub author: Box<str>,
    /// Its author's address.
    pub email: Box<str>,
    /// When it was written, in seconds since 1970.
    pub time: i64,
    /// The author's distance from UTC, in minutes.
    pub offset: i16,
    /// The first line of its message.
    pub subject: Box<str>,
}

impl Holder {
    /// The kind's name, as reports spell it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Commit => "commit",
            Self::Tag(_) => "tag",
            Self::Note(_) => "note",
            Self::Unreachable => "unreachable",
            Self::Object => "object",
        }
    }
}

impl CommitInfo {
    /// When it was written, in the author's own time and as RFC 3339 spells it;
    /// `None` for a year that it cannot spell.
    ///
    /// ```
    /// use leaksieve::input::git::{CommitInfo, Oid};
    ///
    /// let id = Oid::from_bytes(&[0; 20]).unwrap();
    /// let [author, email, subject] = ["Jane", "jane@example.org", "Begin"].map(Into::into);
    /// let commit = CommitInfo { id, author, email, subject, time: 1_551_657_600, offset: -330 };
    /// assert_eq!(commit.date().as_deref(), Some("2019-03-03T18:30:00-05:30"));
    /// ```
    pub fn date(&self) -> Option<String> {
        // No place on earth is a day away.
        let offset = if self.offset.unsigned_abs() < 24 * 60 { self.offset } else { 0 };
        let local = Timestamp(self.time.saturating_add(i64::from(offset) * 60)).to_string();
        let local = local.strip_suffix('Z')?;
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
        Some(format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60))
    }
}

impl GitPlace {
    /// The place of an object of which nothing more is known.
    pub fn of_object(repository: PathBuf, object: Oid) -> Self {
        Self {
            repository,
            object,
            holder: Holder::Object,
            commit: None,
            at_head: false,
            head_path: None,
            is_standing_known: true,
            refs: Vec::new(),
            ref_count: 0,
            versions: 1,
        }
    }

    /// The path as reports show it, or what stands for one.
    pub fn name(&self) -> String {
        let name = match &self.holder {
            Holder::File(path) => String::from_utf8_lossy(path).into_owned(),
            Holder::Commit => "<commit message>".to_owned(),
            Holder::Tag(name) => format!("<tag {name}>"),
            Holder::Note(about) => format!("<note on {about}>"),
            Holder::Unreachable => format!("<unreachable {}>", self.object),
            Holder::Object => format!("<object {}>", self.object),
        };
        if self.repository.as_os_str().is_empty() {
            name
        } else {
            format!("{}/{name}", self.repository.display())
        }
    }

    /// The file's path, if it is one.
    pub fn path(&self) -> Option<&[u8]> {
        match &self.holder {
            Holder::File(path) => Some(path),
            _ => None,
        }
    }

    fn key(&self) -> impl Ord + '_ {
        // What was never committed comes last.
        let commit = self.commit.as_ref();
        (
            &self.repository,
            commit.is_none(),
            commit.map(|c| (c.time, c.id)),
            &self.holder,
            self.object,
        )
    }
}

/// By repository, then the oldest first.
impl Ord for GitPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key()).then_with(|| {
            let rest = |p: &Self| (p.at_head, p.ref_count, p.versions);
            let names = |p: &Self| (p.head_path.clone(), p.refs.clone());
            rest(self).cmp(&rest(other)).then_with(|| names(self).cmp(&names(other)))
        })
    }
}

impl PartialOrd for GitPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
