//! What commits bring in: the blobs that none of a commit's parents has.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::commits::{CommitGraph, Peeled};
use super::glob;
use super::object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
use super::oid::{ObjectFormat, Oid};
use super::scope::CommitSelection;
use super::select::Selected;
use super::tree::{Entries, EntryKind};

/// A blob that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewBlob {
    pub(crate) id: Oid,
    /// Empty if it was named itself.
    pub(crate) path: Box<[u8]>,
    /// The first of the commits that did; `None` if it was named itself, or is in a tree
    /// that was.
    pub(crate) commit: Option<u32>,
}

/// What commits brought in.
#[derive(Debug, Default)]
pub(crate) struct NewBlobs {
    /// Each once, in the order of the commits, then by path.
    pub(crate) blobs: Vec<NewBlob>,
    /// Trees that are not there.
    pub(crate) missing: Vec<Oid>,
    /// Trees that could not be read, or not to their end, and why.
    pub(crate) damaged: Vec<(Oid, String)>,
}

/// How deep directories are followed.
const MAX_DEPTH: usize = 512;

fn too_deep() -> String {
    format!("it stands below {MAX_DEPTH} directories")
}

/// Bytes of trees that are kept: the tree of a commit is that of its children's
/// parent.
const KEPT: usize = 32 << 20;

/// Lists the blobs that selected commits bring in, under the paths that were
/// selected. What a merge has from one of its parents, at the same path, it does
/// not bring in; nor does a commit what it only moves. Where only first parents are
/// followed, only the first counts.
pub(crate) fn new_blobs(
    graph: &CommitGraph,
    order: &[u32],
    objects: &impl Objects,
    format: ObjectFormat,
    selection: &CommitSelection,
) -> NewBlobs {
    let mut search = Search {
        objects,
        format,
        paths: &selection.paths,
        trees: HashMap::new(),
        kept: 0,
        known: HashSet::new(),
        gone: Vec::new(),
        commit: 0,
        path: Vec::new(),
        new: NewBlobs::default(),
    };
    for &commit in order {
        let Some(tree) = graph.tree(commit) else { continue };
        // Without a parent that is there everything is new.
        let parents = graph.parents(commit);
        let count = if selection.first_parent { parents.len().min(1) } else { parents.len() };
        let parents: Vec<Oid> =
            parents[..count].iter().filter_map(|p| graph.tree(*p).copied()).collect();
        search.commit = commit;
        let first = search.new.blobs.len();
        search.gone.clear();
        search.tree(tree, &parents, 0);
        search.leave_out_moved(first);
    }
    search.new
}

/// Lists the blobs that were named themselves or are in trees that were, each once,
/// without those that are in the trees of what is left out.
pub(crate) fn named_blobs(
    graph: &CommitGraph,
    selected: &Selected,
    objects: &impl Objects,
    format: ObjectFormat,
    selection: &CommitSelection,
) -> NewBlobs {
    let mut new = NewBlobs::default();
    if selected.named.is_empty() {
        return new;
    }
    let mut walk = Walk { objects, format, seen: HashSet::new() };
    let trees_of = |peeled: &Peeled| match peeled {
        Peeled::Commit(commit) => graph.tree(*commit).copied(),
        Peeled::Tree(tree) => Some(*tree),
        Peeled::Blob(_) => None,
    };
    for peeled in &selected.hidden {
        if let Peeled::Blob(id) = peeled {
            walk.seen.insert(*id);
        }
        // What they lack is their own matter.
        let mut ignored = NewBlobs::default();
        walk.files(trees_of(peeled), &[], &mut ignored);
    }
    for peeled in &selected.named {
        match peeled {
            Peeled::Blob(id) if walk.seen.insert(*id) && selection.paths.is_empty() => {
                new.blobs.push(NewBlob { id: *id, path: Box::default(), commit: None });
            }
            _ => walk.files(trees_of(peeled), &selection.paths, &mut new),
        }
    }
    new
}

/// A walk over whole trees, each object once.
struct Walk<'w, O> {
    objects: &'w O,
    format: ObjectFormat,
    seen: HashSet<Oid>,
}

impl<O: Objects> Walk<'_, O> {
    /// Adds the files below a tree that were not met yet, by path.
    fn files(&mut self, tree: Option<Oid>, paths: &[Vec<u8>], new: &mut NewBlobs) {
        let mut open: Vec<(Oid, Vec<u8>, usize)> = Vec::new();
        open.extend(tree.map(|id| (id, Vec::new(), 0)));
        let mut object = Vec::new();
        while let Some((id, path, depth)) = open.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            if depth > MAX_DEPTH {
                new.damaged.push((id, too_deep()));
                continue;
            }
            match self.objects.read(&id, STRUCTURE_LIMIT, &mut object) {
                Ok(Kind::Tree) => {}
                Ok(kind) => {
                    let message = format!("a {} stands where a tree should be", kind.name());
                    new.damaged.push((id, message));
                    continue;
                }
                Err(ObjectError::Missing) => {
                    new.missing.push(id);
                    continue;
                }
                Err(error) => {
                    new.damaged.push((id, error.to_string()));
                    continue;
                }
            }
            let mut below = Vec::new();
            let mut entries = Entries::new(&object, self.format);
            for entry in entries.by_ref() {
                let Some(id) = entry.oid() else { continue };
                let slash: &[u8] = if path.is_empty() { b"" } else { b"/" };
                let path = [&path, slash, entry.name].concat();
                match entry.kind {
                    EntryKind::Submodule => {}
                    EntryKind::Tree if glob::enters(paths, &path) => {
                        below.push((id, path, depth + 1));
                    }
                    EntryKind::Tree => {}
                    _ if glob::takes_path(paths, &path) && self.seen.insert(id) => {
                        new.blobs.push(NewBlob { id, path: path.into(), commit: None });
                    }
                    _ => {}
                }
            }
            if entries.is_damaged() {
                new.damaged.push((id, "the tree ends within an entry".to_owned()));
            }
            // The last is taken first.
            open.extend(below.into_iter().rev());
        }
    }
}

struct Search<'s, O> {
    objects: &'s O,
    format: ObjectFormat,
    paths: &'s [Vec<u8>],
    trees: HashMap<Oid, Rc<[u8]>>,
    kept: usize,
    known: HashSet<Oid>,
    /// What the commit's only parent has and it has not, at the same path.
    gone: Vec<(EntryKind, Oid)>,
    commit: u32,
    path: Vec<u8>,
    new: NewBlobs,
}

impl<O: Objects> Search<'_, O> {
    /// Compares a tree with those that stand at its place in the parents.
    fn tree(&mut self, id: &Oid, parents: &[Oid], depth: usize) {
        if parents.contains(id) {
            return;
        }
        if depth > MAX_DEPTH {
            return self.damaged(id, too_deep());
        }
        let tree = self.read(id);
        let others: Vec<Rc<[u8]>> = parents.iter().map(|parent| self.read(parent)).collect();
        let mut others: Vec<Cursor<'_>> =
            others.iter().map(|tree| Cursor::new(tree, self.format)).collect();
        let mut below = Vec::new();
        let mut entries = Entries::new(&tree, self.format);
        for entry in entries.by_ref() {
            if entry.kind == EntryKind::Submodule {
                continue;
            }
            let is_tree = entry.kind == EntryKind::Tree;
            below.clear();
            let mut is_known = false;
            for other in &mut others {
                let Some((kind, before)) = other.find(entry.name) else { continue };
                if before == entry.id && (kind == EntryKind::Tree) == is_tree {
                    is_known = true;
                    break;
                }
                if kind == EntryKind::Tree {
                    below.extend(Oid::from_bytes(before));
                }
            }
            let Some(oid) = entry.oid().filter(|_| !is_known) else { continue };
            let length = self.path.len();
            if length > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(entry.name);
            if is_tree {
                if glob::enters(self.paths, &self.path) {
                    self.tree(&oid, &below, depth + 1);
                }
            } else if glob::takes_path(self.paths, &self.path) && self.known.insert(oid) {
                let path = (*self.path).into();
                self.new.blobs.push(NewBlob { id: oid, path, commit: Some(self.commit) });
            }
            self.path.truncate(length);
        }
        if entries.is_damaged() {
            self.damaged(id, "the tree ends within an entry".to_owned());
        }
        if let [before] = parents {
            let before = self.read(before);
            let mut now = Cursor::new(&tree, self.format);
            for entry in Entries::new(&before, self.format) {
                let stays = match now.find(entry.name) {
                    // Trees at the same path were compared.
                    Some((EntryKind::Tree, _)) => entry.kind == EntryKind::Tree,
                    Some((_, id)) => id == entry.id,
                    None => false,
                };
                self.gone.extend(entry.oid().filter(|_| !stays).map(|oid| (entry.kind, oid)));
            }
        }
    }

    /// Takes the blobs from `first` on out again that only have another path now.
    fn leave_out_moved(&mut self, first: usize) {
        if self.new.blobs.len() == first {
            return;
        }
        let mut gone = HashSet::new();
        while let Some((kind, id)) = self.gone.pop() {
            if gone.insert(id) && kind == EntryKind::Tree {
                let tree = self.read(&id);
                let entries = Entries::new(&tree, self.format);
                self.gone.extend(entries.filter_map(|e| Some((e.kind, e.oid()?))));
            }
        }
        let new = self.new.blobs.split_off(first);
        self.new.blobs.extend(new.into_iter().filter(|blob| !gone.contains(&blob.id)));
    }

    fn read(&mut self, id: &Oid) -> Rc<[u8]> {
        if let Some(tree) = self.trees.get(id) {
            return Rc::clone(tree);
        }
        let mut tree = Vec::new();
        match self.objects.read(id, STRUCTURE_LIMIT, &mut tree) {
            Ok(Kind::Tree) => {}
            Ok(kind) => {
                tree.clear();
                self.damaged(id, format!("a {} stands where a tree should be", kind.name()));
            }
            Err(ObjectError::Missing) => {
                tree.clear();
                if !self.new.missing.contains(id) {
                    self.new.missing.push(*id);
                }
            }
            Err(error) => {
                tree.clear();
                self.damaged(id, error.to_string());
            }
        }
        let tree: Rc<[u8]> = tree.into();
        if self.kept > KEPT {
            self.trees.clear();
            self.kept = 0;
        }
        self.kept += tree.len() + 128;
        self.trees.insert(*id, Rc::clone(&tree));
        tree
    }

    fn damaged(&mut self, id: &Oid, message: String) {
        if self.new.damaged.iter().all(|(known, _)| known != id) {
            self.new.damaged.push((*id, message));
        }
    }
}

/// The kind and the id of an entry.
type Found<'t> = (EntryKind, &'t [u8]);

/// Finds entries by name in a tree. Two versions of a tree have most names in the
/// same order; one that does not come next is looked up in a table.
struct Cursor<'t> {
    tree: &'t [u8],
    format: ObjectFormat,
    rest: Entries<'t>,
    /// All entries, once a name did not come next.
    index: Option<HashMap<&'t [u8], Found<'t>>>,
}

impl<'t> Cursor<'t> {
    fn new(tree: &'t [u8], format: ObjectFormat) -> Self {
        Self { tree, format, rest: Entries::new(tree, format), index: None }
    }

    fn find(&mut self, name: &[u8]) -> Option<Found<'t>> {
        if self.index.is_none() {
            let mut ahead = self.rest.clone();
            for _ in 0..AHEAD {
                let Some(entry) = ahead.next() else { break };
                if entry.name == name {
                    self.rest = ahead;
                    return Some((entry.kind, entry.id));
                }
            }
            let entries = Entries::new(self.tree, self.format);
            self.index = Some(entries.map(|e| (e.name, (e.kind, e.id))).collect());
        }
        self.index.as_ref()?.get(name).copied()
    }
}

/// How many entries are looked at before all of a tree are put into a table.
const AHEAD: usize = 4;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::repository::Repository;
    use super::super::revision::Revisions;
    use super::super::select::select;
    use super::super::testing::Sandbox;
    use super::*;

    fn history() -> Sandbox {
        let mut sandbox = Sandbox::new(&[]);
        sandbox.commit("root", &[("a", "1"), ("d/x", "2"), ("d/e/y", "3"), ("same", "1")]);
        sandbox.git(&["checkout", "-q", "-b", "side"]);
        sandbox.commit("side", &[("d/x", "side"), ("d.file", "odd order"), ("d0", "7")]);
        sandbox.git(&["checkout", "-q", "main"]);
        sandbox.git(&["rm", "-q", "-r", "d/e"]);
        sandbox.commit("file for a directory", &[("d/e", "now a file"), ("z", "8")]);
        sandbox.git(&["merge", "-q", "--no-commit", "side"]);
        sandbox.commit("merge", &[("only/merge", "9"), ("a", "side")]);
        sandbox.git(&["mv", "z", "renamed"]);
        sandbox.git(&["rm", "-q", "same"]);
        sandbox.commit("later", &[("same/dir", "10"), ("d/x", "2")]);
        sandbox
    }

    fn load(sandbox: &Sandbox) -> (CommitGraph, Vec<u32>) {
        let mut graph = CommitGraph::new(HashSet::new());
        let objects = sandbox.objects();
        let head = graph.load(&sandbox.id("HEAD"), &objects, &mut Vec::new()).unwrap();
        graph.load_all(&[head], &objects);
        let order = graph.order(&graph.reachable([head]));
        (graph, order)
    }

    /// What of each commit is in none of its parents, as `git diff-tree -c` says.
    fn told_by_git(
        sandbox: &Sandbox,
        graph: &CommitGraph,
        order: &[u32],
    ) -> BTreeSet<(u32, String)> {
        let mut all = BTreeSet::new();
        for &commit in order {
            let id = graph.id(commit).to_string();
            let options = ["--root", "-r", "-c", "-M100%", "--no-commit-id"];
            let diff = sandbox.git(&[&["diff-tree"][..], &options, &[&id]].concat());
            for line in diff.lines() {
                let (fields, path) = line.split_once('\t').unwrap();
                if !fields.ends_with('D') && !fields.ends_with("R100") {
                    all.insert((commit, path.to_owned()));
                }
            }
        }
        all
    }

    #[test]
    fn what_is_new_is_what_git_tells() {
        let sandbox = history();
        let (graph, order) = load(&sandbox);
        let objects = sandbox.objects();
        let all = CommitSelection::default();
        let mut found = BTreeSet::new();
        for commit in &order {
            // One by one, so that what comes back is told again.
            let new = new_blobs(&graph, &[*commit], &objects, ObjectFormat::Sha1, &all);
            let paths = new.blobs.iter().map(|b| String::from_utf8_lossy(&b.path).into_owned());
            found.extend(paths.map(|path| (*commit, path)));
        }
        let mut told = told_by_git(&sandbox, &graph, &order);
        // Of two paths of one blob in a commit the first is told.
        let root = order[0];
        assert!(told.remove(&(root, "same".to_owned())));
        assert_eq!(found, told);

        let new = new_blobs(&graph, &order, &objects, ObjectFormat::Sha1, &all);
        let ids: HashSet<_> = new.blobs.iter().map(|b| b.id).collect();
        assert_eq!(ids.len(), new.blobs.len());
        let listed =
            sandbox.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]);
        assert_eq!(ids.len(), listed.lines().filter(|l| *l == "blob").count());

        let paths = vec![b"d".to_vec(), b"*merge".to_vec()];
        let some = CommitSelection { paths, ..CommitSelection::default() };
        let some = new_blobs(&graph, &order, &objects, ObjectFormat::Sha1, &some);
        let some: BTreeSet<_> = some.blobs.iter().map(|b| &*b.path).collect();
        let expected: [&[u8]; 4] = [b"d/e", b"d/e/y", b"d/x", b"only/merge"];
        assert_eq!(some, BTreeSet::from(expected));
    }

    /// The parents of selected commits are known, though they are not selected.
    #[test]
    fn what_is_older_is_not_new() {
        let mut sandbox = history();
        let day = 86_400;
        let date = format!("@{} +0000", 1_700_000_000 + 90 * day);
        sandbox.write("late", "11");
        sandbox.git(&["add", "-A"]);
        let mut commit = super::super::testing::command(&sandbox.dir());
        commit.args(["commit", "-q", "-m", "late"]).env("GIT_COMMITTER_DATE", date);
        super::super::testing::run(&mut commit);
        let repository = Repository::open(&sandbox.dir()).unwrap();
        let refs = repository.refs().unwrap();
        let objects = sandbox.objects();
        let revisions = Revisions { repository: &repository, refs: &refs, objects: &objects };
        let new = |options: &str| {
            let selection = CommitSelection::from_log_opts(options, 0).unwrap();
            let mut graph = CommitGraph::new(HashSet::new());
            let order = select(&selection, &revisions, &mut graph).unwrap().order;
            let new = new_blobs(&graph, &order, &objects, ObjectFormat::Sha1, &selection);
            let paths = new.blobs.into_iter().map(|b| String::from_utf8(b.path.into()).unwrap());
            paths.collect::<Vec<_>>()
        };
        let since = format!("--since=@{}", 1_700_000_000 + 80 * day);
        assert_eq!(new(&since), ["late"]);
        assert_eq!(new("-1"), ["late"]);
        assert_eq!(new("HEAD~2..HEAD~1 --first-parent"), ["d/x", "same/dir"]);
        // The merge and what it merged, against its first parent.
        let merged = new("HEAD~3..HEAD~2 --first-parent");
        assert_eq!(merged, ["a", "d.file", "d0", "only/merge"]);
        sandbox.commit("end", &[]);
    }

    #[test]
    fn trees_and_blobs_that_are_named() {
        let sandbox = history();
        let graph = CommitGraph::new(HashSet::new());
        let [d, tree, blob] = ["side:d", "main^{tree}", "main:z"];
        let [d, tree, blob] = [d, tree, &blob.replace('z', "renamed")].map(|r| sandbox.id(r));
        let objects = sandbox.objects();
        let new = |named: &[Peeled], hidden: &[Peeled], path: Option<&str>| {
            let selected =
                Selected { named: named.into(), hidden: hidden.into(), ..Selected::default() };
            let paths = path.map(|path| path.as_bytes().to_vec()).into_iter().collect();
            let selection = CommitSelection { paths, ..CommitSelection::default() };
            let new = named_blobs(&graph, &selected, &objects, ObjectFormat::Sha1, &selection);
            assert!(new.missing.is_empty() && new.damaged.is_empty());
            assert!(new.blobs.iter().all(|blob| blob.commit.is_none()));
            new.blobs
                .iter()
                .map(|b| String::from_utf8_lossy(&b.path).into_owned())
                .collect::<Vec<_>>()
        };
        let (d, tree, blob) = (Peeled::Tree(d), Peeled::Tree(tree), Peeled::Blob(blob));
        assert_eq!(new(&[d, d], &[], None), ["x", "e/y"]);
        assert_eq!(new(&[blob, blob], &[], None), [""]);
        assert!(new(&[tree, blob, d], &[], None).starts_with(&["a".to_owned()]));
        // What was there before is not new, wherever it stood.
        assert_eq!(new(&[d, blob], &[tree], None), ["e/y"]);
        assert_eq!(new(&[tree], &[blob], None).iter().filter(|p| *p == "renamed").count(), 0);
        assert_eq!(new(&[d, blob], &[], Some("e")), ["e/y"]);
        let gone = Oid::from_bytes(&[9; 20]).unwrap();
        let selected = Selected { named: vec![Peeled::Tree(gone)], ..Selected::default() };
        let all = CommitSelection::default();
        let new = named_blobs(&graph, &selected, &objects, ObjectFormat::Sha1, &all);
        assert_eq!(new.missing, [gone]);
    }

    #[test]
    fn missing_trees_are_told() {
        let sandbox = history();
        let (graph, order) = load(&sandbox);
        let tree = sandbox.git(&["rev-parse", "HEAD:only"]);
        let file = format!(".git/objects/{}/{}", &tree[..2], &tree[2..]);
        std::fs::remove_file(sandbox.dir().join(file)).unwrap();
        let objects = sandbox.objects();
        let all = CommitSelection::default();
        let new = new_blobs(&graph, &order, &objects, ObjectFormat::Sha1, &all);
        assert_eq!(new.missing.len(), 1);
        assert!(!new.blobs.is_empty());
    }
}
