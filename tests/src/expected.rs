//! What a scan of histories has to report, put together from what the git program
//! tells, and what it reports, in the same form.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;

use leaksieve::Scanner;
use leaksieve::input::Origin;
use leaksieve::input::git::{GitError, GitPlace, Holder};
use leaksieve::ledger::Ledger;
use leaksieve::run::history::{GitOptions, GitTarget, scan_repositories};
use leaksieve::run::{Located, Progress};

use crate::oracle::{self, Object, Seen, digest};
use crate::repository::Repository;

/// A secret in a file: the detector, a hash of the value, the path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The detector.
    pub detector: String,
    /// A hash of the value.
    pub digest: u64,
    /// Where the file stood when the first version came.
    pub path: String,
}

/// Where a secret in a file stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The first version.
    pub object: String,
    /// The commit that brought it.
    pub commit: String,
    /// How many versions hold it.
    pub versions: u32,
    /// Whether one stands at `HEAD`.
    pub at_head: bool,
    /// The full names of the refs in whose trees one stands.
    pub refs: BTreeSet<String>,
    /// Where it stands in the first version.
    pub offsets: Vec<u64>,
}

/// What there is to be reported.
pub type Places = BTreeMap<Key, Place>;

/// The places of everything that is found in the files of a repository's history;
/// of all refs that git knows.
pub fn places(scanner: &Scanner, repository: &Repository) -> Places {
    let objects = oracle::objects(repository);
    let seen = oracle::findings(scanner, &objects);
    from(repository, &objects, &seen)
}

/// The same from findings that are known.
pub fn from(
    repository: &Repository,
    objects: &BTreeMap<String, Object>,
    seen: &BTreeSet<Seen>,
) -> Places {
    let order = repository.ask(["rev-list", "--all", "--date-order", "--reverse"]);
    let rank: BTreeMap<&str, usize> = order.lines().enumerate().map(|(i, id)| (id, i)).collect();
    let brought = oracle::brought(repository);
    let heads = blobs_at(repository, "HEAD");
    let refs = repository.ask(["for-each-ref", "--format=%(refname)"]);
    let refs: Vec<(&str, BTreeSet<String>)> =
        refs.lines().map(|name| (name, blobs_at(repository, name))).collect();

    let mut places = Places::new();
    let mut versions: BTreeMap<Key, BTreeSet<&str>> = BTreeMap::new();
    for seen in seen.iter().filter(|seen| objects[&seen.object].kind == "blob") {
        let Some((commit, path)) = brought.get(&seen.object) else { continue };
        let path = String::from_utf8_lossy(path).into_owned();
        let key = Key { detector: seen.detector.clone(), digest: seen.digest, path };
        let place = Place {
            object: seen.object.clone(),
            commit: commit.clone(),
            versions: 0,
            at_head: false,
            refs: BTreeSet::new(),
            offsets: Vec::new(),
        };
        versions.entry(key.clone()).or_default().insert(&seen.object);
        let known = places.entry(key).or_insert_with(|| place.clone());
        let earlier = |p: &Place| (rank[p.commit.as_str()], p.object.clone());
        if earlier(&place) < earlier(known) {
            *known = Place { refs: std::mem::take(&mut known.refs), ..place };
        }
        if known.object == seen.object {
            known.offsets.push(seen.offset);
        }
    }
    for (key, place) in &mut places {
        let blobs = &versions[key];
        place.versions = blobs.len() as u32;
        place.at_head = blobs.iter().any(|blob| heads.contains(*blob));
        let holding = refs.iter().filter(|(_, tree)| blobs.iter().any(|b| tree.contains(*b)));
        place.refs = holding.map(|(name, _)| (*name).to_owned()).collect();
        place.offsets.sort_unstable();
    }
    places
}

/// The ids of everything in the tree of a revision.
fn blobs_at(repository: &Repository, revision: &str) -> BTreeSet<String> {
    let tree = format!("{revision}^{{tree}}");
    if !repository.succeeds(["rev-parse", "--quiet", "--verify", &tree]) {
        return BTreeSet::new();
    }
    let text = repository.git(["ls-tree", "-r", "-z", &tree]);
    let entries = text.split(|b| *b == 0).filter(|e| !e.is_empty());
    let id =
        |entry: &[u8]| String::from_utf8_lossy(entry).split([' ', '\t']).nth(2).map(str::to_owned);
    entries.filter_map(id).collect()
}

/// A scan of repositories: what was found, and the account.
pub struct Scan {
    /// The findings with their places.
    pub found: Vec<(GitPlace, leaksieve::Finding)>,
    /// The account.
    pub ledger: Ledger,
}

/// Scans repositories.
///
/// # Errors
///
/// If one of them is none.
pub fn scan(scanner: &Scanner, paths: &[PathBuf], options: &GitOptions) -> Result<Scan, GitError> {
    let targets: Vec<GitTarget> = paths.iter().map(GitTarget::new).collect();
    scan_targets(scanner, &targets, options)
}

/// The same with targets.
///
/// # Errors
///
/// If one of them is no repository.
pub fn scan_targets(
    scanner: &Scanner,
    targets: &[GitTarget],
    options: &GitOptions,
) -> Result<Scan, GitError> {
    let found = Mutex::new(Vec::new());
    let note = |located: Located| {
        let Origin::Git(place) = located.origin else { panic!("not in a history") };
        found.lock().unwrap().push((*place, located.finding));
    };
    let ledger = scan_repositories(scanner, targets, options, &Progress::default(), &note)?;
    Ok(Scan { found: found.into_inner().unwrap(), ledger })
}

impl Scan {
    /// The places in files, as [`places`] has them.
    pub fn places(&self) -> Places {
        let mut places = Places::new();
        for (place, finding) in &self.found {
            let Holder::File(path) = &place.holder else { continue };
            let key = Key {
                detector: finding.detector().id.to_string(),
                digest: digest(finding.secret()),
                path: String::from_utf8_lossy(path).into_owned(),
            };
            let entry = places.entry(key).or_insert_with(|| Place {
                object: place.object.to_string(),
                commit: place.commit.as_ref().map(|c| c.id.to_string()).unwrap_or_default(),
                versions: place.versions,
                at_head: place.at_head,
                refs: place.refs.iter().map(|name| name.to_string()).collect(),
                offsets: Vec::new(),
            });
            entry.offsets.push(finding.range().start);
            entry.offsets.sort_unstable();
        }
        places
    }

    /// Whether this value was found.
    pub fn holds(&self, value: &[u8]) -> bool {
        self.found.iter().any(|(_, finding)| finding.secret() == value)
    }
}

/// What two sets of places do not share, the first few, as text; empty if they are
/// the same.
pub fn difference(expected: &Places, found: &Places) -> String {
    let mut lines = Vec::new();
    for key in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let (a, b) = (expected.get(key), found.get(key));
        if a != b {
            lines.push(format!("{key:?}\n  expected {a:?}\n  found    {b:?}"));
        }
    }
    let count = lines.len();
    lines.truncate(5);
    if count > 0 { format!("{count} differ\n{}", lines.join("\n")) } else { String::new() }
}
