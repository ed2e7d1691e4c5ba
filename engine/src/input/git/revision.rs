//! Names of commits as people write them: `main~3`, `v1.0^{}`, `HEAD`, `1a2b3c`.

use super::commits::{CommitGraph, Peeled};
use super::error::GitError;
use super::object::Objects;
use super::oid::Oid;
use super::refs::{self, Refs};
use super::repository::Repository;

/// Finds what revisions name.
pub(crate) struct Revisions<'r, O> {
    pub(crate) repository: &'r Repository,
    pub(crate) refs: &'r Refs,
    pub(crate) objects: &'r O,
}

/// Where git looks for a short name, in this order.
const PLACES: [(&str, &str); 6] = [
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

/// The fewest digits of an abbreviated id.
const SHORTEST: usize = 4;

impl<O: Objects> Revisions<'_, O> {
    /// The commit that a revision names, read into the graph.
    pub(crate) fn commit(&self, text: &str, graph: &mut CommitGraph) -> Result<u32, GitError> {
        let error = |message: &str| GitError::revision(text, message);
        let end = text.find(['^', '~', ':']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        let mut commit = self.peeled(text, &self.name(text, name)?, graph)?;
        let mut buffer = Vec::new();
        let mut parent = |graph: &mut CommitGraph, commit: u32, number: usize| {
            let parent = graph.parents(commit).get(number - 1).copied();
            let parent = parent.ok_or_else(|| error("a commit has no such parent"))?;
            let id = *graph.id(parent);
            let loaded = graph.load(&id, self.objects, &mut buffer);
            loaded.map_err(|e| error(&format!("commit {id}: {e}")))
        };
        while let Some(sign) = rest.chars().next() {
            rest = &rest[sign.len_utf8()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = match &rest[..digits] {
                "" => 1,
                number => number.parse().map_err(|_| error("a number is too large"))?,
            };
            match sign {
                '~' => {
                    for _ in 0..number {
                        commit = parent(graph, commit, 1)?;
                    }
                }
                '^' if rest.starts_with('{') => {
                    let end = rest.find('}').ok_or_else(|| error("a brace is not closed"))?;
                    if !matches!(&rest[1..end], "" | "commit" | "0") {
                        return Err(error("of ^{…} only ^{commit} and ^{} are understood"));
                    }
                    rest = &rest[end + 1..];
                    continue;
                }
                '^' if number == 0 => {}
                '^' => commit = parent(graph, commit, number)?,
                ':' => return Err(error("a commit is wanted, not a path in it")),
                _ => return Err(error("it has signs behind the name")),
            }
            rest = &rest[digits..];
        }
        Ok(commit)
    }

    fn peeled(&self, text: &str, id: &Oid, graph: &mut CommitGraph) -> Result<u32, GitError> {
        match graph.peel(id, self.objects) {
            Ok(Peeled::Commit(commit)) => Ok(commit),
            Ok(_) => Err(GitError::revision(text, "it does not name a commit")),
            Err(error) => Err(GitError::revision(text, &format!("object {id}: {error}"))),
        }
    }

    /// The object that a name without signs behind it names.
    fn name(&self, text: &str, name: &str) -> Result<Oid, GitError> {
        let error = |message: &str| GitError::revision(text, message);
        if name.contains("@{") {
            return Err(error("reflogs and upstreams are not understood"));
        }
        if name.is_empty() {
            return Err(error("it names nothing"));
        }
        let whole = Oid::from_hex(name.as_bytes());
        if let Some(id) = whole.filter(|id| id.format() == self.repository.format()) {
            return Ok(id);
        }
        let name = if name == "@" { "HEAD" } else { name };
        for (before, behind) in PLACES {
            let full = format!("{before}{name}{behind}");
            if let Some(id) = self.reference(&full) {
                return Ok(id);
            }
        }
        // What `git describe` prints ends in an id.
        let digits = name.rsplit_once("-g").map_or(name, |(_, digits)| digits);
        let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex && (SHORTEST..2 * self.repository.format().id_len()).contains(&digits.len()) {
            match *self.objects.with_prefix(&digits.to_ascii_lowercase()) {
                [] => {}
                [id] => return Ok(id),
                _ => return Err(error("several objects have an id that begins so")),
            }
        }
        Err(error("no ref and no object has this name"))
    }

    fn reference(&self, full: &str) -> Option<Oid> {
        if full == "HEAD" {
            return self.refs.head()?.target;
        }
        if let Some(found) = self.refs.find(full.as_bytes()) {
            return Some(found.target);
        }
        // `FETCH_HEAD`, `ORIG_HEAD` and the like are files beside `HEAD`.
        let is_file =
            full.ends_with("_HEAD") && full.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        is_file.then(|| refs::id_of_file(&self.repository.git_dir().join(full))).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::testing::{Sandbox, git};
    use super::*;

    #[test]
    fn revisions_as_git_resolves_them() {
        let mut sandbox = Sandbox::new(&[]);
        sandbox.commit("one", &[("a", "1")]);
        sandbox.git(&["branch", "both"]);
        sandbox.git(&["checkout", "-q", "-b", "side"]);
        sandbox.commit("two", &[("b", "2")]);
        sandbox.git(&["tag", "-a", "-m", "x", "v1"]);
        sandbox.git(&["tag", "-a", "-m", "y", "v2", "v1"]);
        sandbox.git(&["tag", "both"]);
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.commit("three", &[("c", "3")]);
        sandbox.dated(&["merge", "-q", "-m", "merge", "side"]);
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        let url = sandbox.dir().display().to_string();
        git(&sandbox.home(), &["clone", "-q", &url, "clone"]);
        let clone = sandbox.home().join("clone");
        git(&clone, &["fetch", "-q"]);

        let repository = Repository::open(&clone).unwrap();
        let refs = repository.refs().unwrap();
        let objects = super::super::testing::Program::new(&clone);
        let revisions = Revisions { repository: &repository, refs: &refs, objects: &objects };
        let mut graph = CommitGraph::new(HashSet::new());
        let mut commit = |text: &str| {
            let commit = revisions.commit(text, &mut graph)?;
            Ok(*graph.id(commit))
        };
        let short = &head[..8];
        let described = format!("v1-2-g{short}");
        for text in [
            "HEAD",
            "@",
            "@~1",
            "HEAD^2",
            "HEAD^2~1",
            "HEAD~~",
            "HEAD^^0",
            "main^{commit}~1",
            "v2",
            "v2^{}",
            "tags/v1",
            "refs/tags/v1",
            "both",
            "origin/side",
            "origin",
            "origin/both",
            "remotes/origin/side",
            "FETCH_HEAD",
            &head,
            short,
            &short.to_uppercase(),
            &described,
        ] {
            let expected = git(&clone, &["rev-parse", "--verify", &format!("{text}^0")]);
            let found: Result<Oid, GitError> = commit(text);
            assert_eq!(found.unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "",
            "nothing",
            "HEAD~9",
            "HEAD^3",
            "HEAD^{tree}",
            "HEAD:a",
            "@{u}",
            "HEAD^{",
            "HEAD~x",
            "HEAD^{tree}^",
            "~1",
            "HEAD~99999999999999999999",
            &"1".repeat(40),
            "0000",
        ] {
            let found: Result<Oid, GitError> = commit(text);
            assert!(matches!(found, Err(GitError::Revision { .. })), "{text}");
        }
    }
}
