//! What reports tell of a place in a repository's history.
//!
//! Names, subjects and refs were written by strangers: they are cut to a length,
//! and whatever goes to a terminal passes [`safe`].

use serde::Serialize;

use super::safe;
use super::text::keep_head;
use crate::input::Origin;
use crate::input::git::{CommitInfo, GitPlace, Holder};

/// Characters of a subject line that are told; few are longer than 72.
const SUBJECT: usize = 500;

/// Characters of a name, an address or a ref that are told.
const NAME: usize = 250;

/// Columns of a subject line and of a name in text that is not verbose.
const SHORT_SUBJECT: usize = 72;
const SHORT_NAME: usize = 40;

/// Hexadecimal digits of a commit in text: enough in repositories of a million
/// objects.
const SHORT_ID: usize = 10;

/// Refs that text names unless it is verbose.
const SHORT_REFS: usize = 2;

fn git_place(origin: &Origin) -> Option<&GitPlace> {
    match origin {
        Origin::Git(place) => Some(place),
        _ => None,
    }
}

/// A place of a history as a record tells it.
#[derive(Debug, Serialize)]
pub(super) struct JsonHistoryPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// When the commit was written, in the author's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    object: String,
    holder: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_head: Option<bool>,
    /// The path at `HEAD`, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    head_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refs: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ref_count: Option<u32>,
    versions: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
}

impl JsonHistoryPlace {
    /// All that is known of the place, if it is one of a history.
    pub(super) fn whole(origin: &Origin) -> Option<Self> {
        let place = git_place(origin)?;
        let commit = place.commit.as_deref();
        Some(Self {
            email: commit.map(|c| cut(&c.email, NAME)),
            subject: commit.map(|c| cut(&c.subject, SUBJECT)),
            refs: place
                .is_standing_known
                .then(|| place.refs.iter().map(|r| cut(r, NAME)).collect()),
            ref_count: place.is_standing_known.then_some(place.ref_count),
            ..Self::short(origin)?
        })
    }

    /// What tells it apart from others.
    pub(super) fn short(origin: &Origin) -> Option<Self> {
        let place = git_place(origin)?;
        let commit = place.commit.as_deref();
        let repository = place.repository.to_string_lossy();
        Some(Self {
            commit: commit.map(|c| c.id.to_string()),
            author: commit.map(|c| cut(&c.author, NAME)),
            email: None,
            date: commit.and_then(CommitInfo::date),
            subject: None,
            object: place.object.to_string(),
            holder: place.holder.kind(),
            at_head: (place.at_head || place.is_standing_known).then_some(place.at_head),
            head_path: place.head_path.as_deref().map(|p| String::from_utf8_lossy(p).into_owned()),
            refs: None,
            ref_count: None,
            versions: place.versions,
            repository: (!repository.is_empty()).then(|| repository.into_owned()),
        })
    }
}

/// The rows that text has of a record's first place.
pub(super) fn rows(origin: &Origin, verbose: bool) -> Vec<(String, String)> {
    let Some(place) = git_place(origin) else { return Vec::new() };
    let mut rows = Vec::new();
    if let Some(commit) = &place.commit {
        rows.push(("commit".to_owned(), with_standing(&told(commit, verbose), place)));
    } else if let Some(standing) = standing(place) {
        rows.push(("stands".to_owned(), standing));
    }
    if verbose {
        let mut object = place.object.to_string();
        if place.versions > 1 {
            object.push_str(&format!("  (first of {} versions)", place.versions));
        }
        rows.push(("object".to_owned(), object));
        if !place.refs.is_empty() {
            rows.push(("refs".to_owned(), refs(place, place.refs.len())));
        }
    }
    rows
}

/// What text adds to another place.
pub(super) fn suffix(origin: &Origin, verbose: bool) -> String {
    let Some(place) = git_place(origin) else { return String::new() };
    match &place.commit {
        None => String::new(),
        Some(commit) if verbose => {
            format!("  {}", with_standing(&told(commit, false), place))
        }
        Some(commit) => format!("  ({})", short_id(commit)),
    }
}

fn short_id(commit: &CommitInfo) -> String {
    let mut id = commit.id.to_string();
    id.truncate(SHORT_ID);
    id
}

/// A commit in one line.
fn told(commit: &CommitInfo, verbose: bool) -> String {
    let (id, author, subject) = if verbose {
        let author = format!("{} <{}>", cut(&commit.author, NAME), cut(&commit.email, NAME));
        (commit.id.to_string(), author, cut(&commit.subject, SUBJECT))
    } else {
        let author = keep_head(&commit.author, SHORT_NAME).0;
        (short_id(commit), author, keep_head(&commit.subject, SHORT_SUBJECT).0)
    };
    let date = commit.date();
    let day = date.as_deref().and_then(|d| d.get(..10)).unwrap_or("at an odd time");
    format!("{id} {day} {}: {}", safe(author.trim()), safe(subject.trim()))
}

fn with_standing(text: &str, place: &GitPlace) -> String {
    match standing(place) {
        Some(standing) => format!("{text}  ({standing})"),
        None => text.to_owned(),
    }
}

/// Whether it is still there.
fn standing(place: &GitPlace) -> Option<String> {
    let named = !place.refs.is_empty();
    let refs = || refs(place, SHORT_REFS);
    if !place.is_standing_known && !place.at_head {
        return None;
    }
    match &place.holder {
        Holder::Unreachable => Some("reachable from no ref that was looked at".to_owned()),
        Holder::File(_) | Holder::Note(_) => Some(match (place.at_head, named) {
            (true, false) => format!("still at HEAD{}", as_path(place)),
            (true, true) => format!("still at HEAD{}; {}", as_path(place), refs()),
            (false, true) => format!("gone from HEAD, still on {}", refs()),
            (false, false) => "gone from HEAD".to_owned(),
        }),
        // A message is never at the tip: it is in the history or not.
        Holder::Commit | Holder::Tag(_) => match (place.at_head, named) {
            (true, false) => Some("in the history of HEAD".to_owned()),
            (true, true) => Some(format!("in the history of HEAD; {}", refs())),
            (false, true) => Some(format!("in the history of {}", refs())),
            (false, false) => None,
        },
        Holder::Object => None,
    }
}

/// Under which other path.
fn as_path(place: &GitPlace) -> String {
    match &place.head_path {
        Some(path) => format!(" as {}", safe(&cut(&String::from_utf8_lossy(path), SUBJECT))),
        None => String::new(),
    }
}

/// The first refs, and how many more there are.
fn refs(place: &GitPlace, most: usize) -> String {
    let named: Vec<String> =
        place.refs.iter().take(most).map(|r| safe(&cut(short_ref(r), NAME))).collect();
    let text = named.join(", ");
    match (place.ref_count as usize).saturating_sub(named.len()) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn short_ref(name: &str) -> &str {
    let kinds = ["refs/heads/", "refs/tags/", "refs/remotes/"];
    kinds.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

/// The first characters of a text.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::input::git::Oid;

    fn place() -> GitPlace {
        let commit = CommitInfo {
            id: Oid::from_hex(b"4b825dc642cb6eb9a060e54bf8d69288fbee4904").unwrap(),
            author: "Jane \x1b[2J Doe".into(),
            email: "jane@example.org".into(),
            time: 1_551_657_600,
            offset: 330,
            subject: "Add importer".into(),
        };
        GitPlace {
            holder: Holder::File(b"src/a.rs"[..].into()),
            commit: Some(Arc::new(commit)),
            refs: ["refs/heads/main", "refs/heads/release-2", "refs/tags/v1"]
                .map(Into::into)
                .into(),
            ref_count: 12,
            at_head: true,
            ..GitPlace::of_object("".into(), Oid::from_bytes(&[1; 20]).unwrap())
        }
    }

    fn row(place: GitPlace, verbose: bool) -> String {
        rows(&Origin::Git(Box::new(place)), verbose).remove(0).1
    }

    #[test]
    fn a_commit_is_told_in_one_line() {
        let commit = "4b825dc642 2019-03-04 Jane \u{fffd}[2J Doe: Add importer";
        let still = format!("{commit}  (still at HEAD; main, release-2 and 10 more)");
        assert_eq!(row(place(), false), still);
        let renamed = GitPlace { head_path: Some(b"b/c.rs"[..].into()), ..place() };
        assert!(row(renamed, false).contains("(still at HEAD as b/c.rs; main"));
        let gone = GitPlace { at_head: false, refs: Vec::new(), ref_count: 0, ..place() };
        assert_eq!(row(gone, false), format!("{commit}  (gone from HEAD)"));
        let elsewhere = GitPlace { at_head: false, ref_count: 1, ..place() };
        assert!(row(elsewhere, true).contains("gone from HEAD, still on main, release-2)"));
        let unreachable = GitPlace { holder: Holder::Unreachable, commit: None, ..place() };
        assert_eq!(row(unreachable, false), "reachable from no ref that was looked at");
    }

    #[test]
    fn what_strangers_wrote_is_cut() {
        let long = "é".repeat(100_000);
        let commit = CommitInfo {
            author: long.as_str().into(),
            email: long.as_str().into(),
            subject: long.as_str().into(),
            ..CommitInfo::clone(place().commit.as_deref().unwrap())
        };
        let place = GitPlace {
            commit: Some(Arc::new(commit)),
            refs: vec![long.as_str().into(); 10],
            ..place()
        };
        assert!(row(place.clone(), true).len() < 10_000);
        let json = JsonHistoryPlace::whole(&Origin::Git(Box::new(place))).unwrap();
        assert!(serde_json::to_string(&json).unwrap().len() < 20_000);
    }
}
