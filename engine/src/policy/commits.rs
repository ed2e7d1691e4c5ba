//! What people wrote about a commit is shown beside a leak, and may hold it: the
//! subject of a commit whose message leaks a key, or one that tells which password
//! the commit adds.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::group::{Record, values};
use crate::input::Origin;
use crate::input::git::{CommitInfo, Holder};
use crate::{Scanner, names};

/// The shortest secret that is masked wherever it stands. A shorter one may be any
/// word; stars in its place would tell which. It is masked where it was found.
const SEARCHED: usize = 8;

/// Masks the records' secrets, and what `scanner` finds, in all that is told of
/// their commits.
pub(super) fn mask(records: &mut [Record], scanner: Option<&Scanner>) {
    let commits = |record: &Record| {
        [&record.first].into_iter().chain(&record.others).any(|p| commit(&p.origin).is_some())
    };
    if !records.iter().any(commits) {
        return;
    }
    let secrets = Secrets::of(records, scanner);
    // Records share commits; each is read once.
    let mut read: HashMap<*const CommitInfo, (Arc<CommitInfo>, Option<Arc<CommitInfo>>)> =
        HashMap::new();
    for record in records {
        let own: Vec<Box<[u8]>> =
            values(record).filter(|v| v.len() < SEARCHED).map(Into::into).collect();
        let short: Vec<&[u8]> = own.iter().map(|v| &**v).collect();
        for place in [&mut record.first].into_iter().chain(&mut record.others) {
            let Origin::Git(git) = &place.origin else { continue };
            let Some(commit) = &git.commit else { continue };
            let known = read
                .entry(Arc::as_ptr(commit))
                // The key stays in use as long as the commit is held.
                .or_insert_with(|| (commit.clone(), secrets.without(commit).map(Arc::new)));
            let mut masked = known.1.clone();
            // Where it was found even a short one is masked.
            if !short.is_empty() && !matches!(git.holder, Holder::File(_)) {
                let commit = masked.as_ref().unwrap_or(commit);
                let more = Secrets::new(&short, None).without(commit).map(Arc::new);
                masked = more.or(masked);
            }
            if let Some(masked) = masked
                && let Origin::Git(git) = place.shown_mut()
            {
                git.commit = Some(masked);
            }
        }
    }
}

fn commit(origin: &Origin) -> Option<&CommitInfo> {
    match origin {
        Origin::Git(place) => place.commit.as_deref(),
        _ => None,
    }
}

struct Secrets<'s> {
    /// `None` if there are too many, or none.
    values: Option<AhoCorasick>,
    scanner: Option<&'s Scanner>,
}

impl<'s> Secrets<'s> {
    fn of(records: &[Record], scanner: Option<&'s Scanner>) -> Self {
        let mut all: Vec<&[u8]> =
            records.iter().flat_map(values).filter(|v| v.len() >= SEARCHED).collect();
        all.sort_unstable();
        all.dedup();
        Self::new(&all, scanner)
    }

    fn new(values: &[&[u8]], scanner: Option<&'s Scanner>) -> Self {
        let values: Vec<&[u8]> = values.iter().copied().filter(|v| !v.is_empty()).collect();
        let values = if values.is_empty() { None } else { AhoCorasick::new(values).ok() };
        Self { values, scanner }
    }

    /// The commit with every secret masked; `None` if it shows none.
    fn without(&self, commit: &CommitInfo) -> Option<CommitInfo> {
        let [author, email, subject] =
            [&commit.author, &commit.email, &commit.subject].map(|text| self.masked(text));
        if author.is_none() && email.is_none() && subject.is_none() {
            return None;
        }
        let or = |masked: Option<Box<str>>, text: &str| masked.unwrap_or_else(|| text.into());
        Some(CommitInfo {
            author: or(author, &commit.author),
            email: or(email, &commit.email),
            subject: or(subject, &commit.subject),
            ..commit.clone()
        })
    }

    fn masked(&self, text: &str) -> Option<Box<str>> {
        let mut hidden: Vec<Range<usize>> = Vec::new();
        if let Some(values) = &self.values {
            hidden.extend(values.find_overlapping_iter(text).map(|m| m.range()));
        }
        if let Some(scanner) = self.scanner {
            for finding in scanner.find_all(text.as_bytes()) {
                hidden.extend(names::secrets(&finding));
            }
        }
        let masked = names::without(text.as_bytes(), hidden)?;
        Some(String::from_utf8_lossy(&masked).into())
    }
}
