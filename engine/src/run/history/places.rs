//! From objects in which something was found to places that a person can go to.
//!
//! A secret that is in a thousand versions of a file has one place: the commit
//! that brought it into that file. So what was found is joined by secret and file
//! first, as keys that tell nothing; then the first version of each is read again,
//! and gives the finding.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::objects::{Found, Keys, SecretKey};
use crate::finding::Finding;
use crate::input::git::{CommitInfo, GitPlace, Holder, NAMED_REFS, Oid};
use crate::sink::Sink;

/// How an object came into a repository's history.
#[derive(Debug, Clone)]
pub(crate) struct Stand {
    pub(crate) holder: Holder,
    /// The first commit with it.
    pub(crate) commit: Option<Arc<CommitInfo>>,
    /// The commit's rank among all: parents first, then the oldest.
    pub(crate) rank: u32,
    pub(crate) at_head: bool,
    /// The refs in whose trees it stands: ordered indexes of names.
    pub(crate) refs: Arc<[u32]>,
}

/// A place of a secret, put together from the versions of a file.
#[derive(Debug)]
struct Joined {
    /// The first version.
    object: Oid,
    rank: u32,
    commit: Option<Arc<CommitInfo>>,
    at_head: bool,
    refs: Vec<u32>,
    versions: u32,
}

/// The places of secrets in repositories.
#[derive(Debug, Default)]
pub(crate) struct Places {
    joined: HashMap<(SecretKey, usize, Holder), Joined>,
}

impl Places {
    /// Adds an object in which a secret was found, of the repository with this
    /// number.
    pub(crate) fn add(&mut self, found: &Found, repository: usize, stand: Stand) {
        let Stand { holder, commit, rank, at_head, refs } = stand;
        match self.joined.entry((found.key, repository, holder)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                let object = found.object;
                let refs = refs.to_vec();
                entry.insert(Joined { object, rank, commit, at_head, refs, versions: 1 });
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let joined = entry.get_mut();
                joined.versions += 1;
                joined.at_head |= at_head;
                if !refs.is_empty() && *joined.refs != *refs {
                    joined.refs.extend_from_slice(&refs);
                    joined.refs.sort_unstable();
                    joined.refs.dedup();
                }
                if (rank, found.object) < (joined.rank, joined.object) {
                    (joined.rank, joined.object, joined.commit) = (rank, found.object, commit);
                }
            }
        }
    }

    /// What is to be read again: for each object its secrets and their places.
    /// `labels` are what stands before paths, `names` the names of refs, by
    /// repository.
    pub(crate) fn finish(
        self,
        labels: &[std::path::PathBuf],
        names: &dyn Fn(usize, u32) -> Arc<str>,
    ) -> Vec<Wanted> {
        let mut by_object: HashMap<Oid, Vec<(SecretKey, GitPlace)>> = HashMap::new();
        for ((key, repository, holder), joined) in self.joined {
            let named = joined.refs.iter().take(NAMED_REFS);
            let place = GitPlace {
                repository: labels[repository].clone(),
                object: joined.object,
                holder,
                commit: joined.commit,
                at_head: joined.at_head,
                refs: named.map(|number| names(repository, *number)).collect(),
                ref_count: joined.refs.len() as u32,
                versions: joined.versions,
            };
            by_object.entry(joined.object).or_default().push((key, place));
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
