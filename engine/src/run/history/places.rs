//! From objects in which something was found to places that a person can go to.
//!
//! A secret that is in a thousand versions of a file has one place: the commit
//! that brought it into that file. So what was found is joined by secret and file
//! first, as keys that tell nothing; then the first version of each is read again,
//! and gives the finding.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::objects::{Keys, SecretKey};
use crate::finding::Finding;
use crate::input::git::{CommitInfo, GitPlace, Holder, Oid, Store};
use crate::sink::Sink;

/// How an object came into a repository's history.
#[derive(Debug, Clone)]
pub(crate) struct Stand {
    pub(crate) holder: Holder,
    /// The first commit with it, and that commit's rank among all: parents first,
    /// then the oldest.
    pub(crate) commit: Option<Oid>,
    pub(crate) rank: u32,
}

/// A place of a secret, put together from the versions of a file.
#[derive(Debug)]
struct Joined {
    /// The first version.
    rank: u32,
    commit: Option<Oid>,
    /// All versions, by their numbers, the first one first.
    versions: Vec<u32>,
}

/// What is asked of a repository about its places.
pub(crate) trait Answers {
    /// Where any of these objects stands now.
    fn standing(&self, holder: &Holder, objects: &[Oid]) -> Now;
}

/// Where something stands now.
#[derive(Debug, Default)]
pub(crate) struct Now {
    pub(crate) at_head: bool,
    /// Whether it was asked for every path and ref.
    pub(crate) is_known: bool,
    /// Under which path it stands there, if under another.
    pub(crate) head_path: Option<Box<[u8]>>,
    /// The first [`NAMED_REFS`](crate::input::git::NAMED_REFS) refs, and how many
    /// these are in all.
    pub(crate) refs: Vec<Arc<str>>,
    pub(crate) ref_count: u32,
}

/// The places of secrets in repositories.
#[derive(Debug, Default)]
pub(crate) struct Places {
    joined: HashMap<(SecretKey, u32), Joined>,
    /// Files and what else holds objects, each of the repository with this number.
    holders: Vec<(usize, Holder)>,
    holder_numbers: HashMap<(usize, Holder), u32>,
    objects: Vec<Oid>,
}

impl Places {
    /// Adds an object in which secrets were found, of the repository with this number.
    pub(crate) fn add(
        &mut self,
        object: Oid,
        secrets: impl Iterator<Item = SecretKey>,
        repository: usize,
        stand: Stand,
    ) {
        let Stand { holder, commit, rank } = stand;
        let number = self.objects.len() as u32;
        self.objects.push(object);
        let holder = match self.holder_numbers.entry((repository, holder)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.holders.push(new.key().clone());
                *new.insert(self.holders.len() as u32 - 1)
            }
        };
        for key in secrets {
            let new = || Joined { rank, commit, versions: Vec::new() };
            let joined = self.joined.entry((key, holder)).or_insert_with(new);
            joined.versions.push(number);
            let last = joined.versions.len() - 1;
            let first = self.objects[joined.versions[0] as usize];
            if (rank, object) < (joined.rank, first) {
                (joined.rank, joined.commit) = (rank, commit);
                joined.versions.swap(0, last);
            }
        }
    }

    /// What is to be read again: for each object its secrets and their places.
    /// `labels` are what stands before paths, by repository, as are the answers.
    pub(crate) fn finish(
        self,
        store: &Store,
        labels: &[PathBuf],
        answers: &[impl Answers],
    ) -> Vec<Wanted> {
        let mut commits: HashMap<Oid, Option<Arc<CommitInfo>>> = HashMap::new();
        let mut commit =
            |id: Oid| commits.entry(id).or_insert_with(|| store.commit_info(&id)).clone();
        let mut by_object: HashMap<Oid, Vec<(SecretKey, GitPlace)>> = HashMap::new();
        for ((key, holder), joined) in self.joined {
            let (repository, holder) = self.holders[holder as usize].clone();
            let answers = &answers[repository];
            let versions: Vec<Oid> =
                joined.versions.iter().map(|number| self.objects[*number as usize]).collect();
            let object = versions[0];
            let now = answers.standing(&holder, &versions);
            let place = GitPlace {
                repository: labels[repository].clone(),
                object,
                holder,
                commit: joined.commit.and_then(&mut commit),
                at_head: now.at_head,
                is_standing_known: now.is_known,
                head_path: now.head_path,
                refs: now.refs,
                ref_count: now.ref_count,
                versions: joined.versions.len() as u32,
            };
            by_object.entry(object).or_default().push((key, place));
        }
        let mut wanted: Vec<Wanted> =
            by_object.into_iter().map(|(object, places)| Wanted { object, places }).collect();
        wanted.sort_unstable_by_key(|w| w.object);
        wanted
    }
}

/// An object that is read again, for its findings.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) object: Oid,
    pub(crate) places: Vec<(SecretKey, GitPlace)>,
}

/// Takes the findings of an object that is read again.
pub(crate) struct PlaceSink<'s> {
    pub(crate) keys: &'s Keys,
    pub(crate) wanted: &'s Wanted,
    pub(crate) found: &'s mut dyn FnMut(&GitPlace, Finding),
}

impl Sink for PlaceSink<'_> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        let key = self.keys.of(&finding);
        for (_, place) in self.wanted.places.iter().filter(|(wanted, _)| *wanted == key) {
            (self.found)(place, finding.clone());
        }
        ControlFlow::Continue(())
    }
}
