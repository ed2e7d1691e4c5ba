use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;

use super::*;
use crate::input::git::store::Store;
use crate::input::git::testing::{Sandbox, command, run};

/// Paths and new contents.
type Names = BTreeSet<(String, String)>;

fn index_of(repository: &Repository) -> (Index, Written) {
    read_index(repository, &repository.git_dir().join("index")).unwrap()
}

fn head_of(repository: &Repository, objects: &dyn Objects) -> Option<Oid> {
    let head = repository.own_head().unwrap();
    assert_eq!(head, repository.refs().unwrap().head().and_then(|head| head.target));
    head.map(|commit| tree_of(objects, &commit).unwrap())
}

fn ours(sandbox: &Sandbox) -> Names {
    let repository = Repository::open(&sandbox.dir()).unwrap();
    let store = Store::open(repository.object_dirs(), repository.format());
    let (index, _) = index_of(&repository);
    let head = head_of(&repository, &store);
    let found = staged(&store, repository.format(), head, &index);
    assert!(found.unread.is_empty(), "{:?}", found.unread);
    let name = |change: &Change| {
        let Content::Object(oid) = change.content else { panic!("{change:?}") };
        (String::from_utf8(change.path.clone()).unwrap(), oid.to_string())
    };
    found.changes.iter().map(name).collect()
}

/// What git says is staged, and has content.
fn theirs(sandbox: &Sandbox) -> Names {
    let raw =
        sandbox.git(&["diff", "--cached", "--raw", "--no-renames", "--no-abbrev", "--no-color"]);
    let line = |line: &str| {
        let (meta, path) = line.split_once('\t').unwrap();
        let meta: Vec<&str> = meta.split(' ').collect();
        let [_, mode, old, new, kind] = meta[..] else { panic!("{line}") };
        let content = kind != "D" && mode != "160000" && old != new;
        content.then(|| (path.to_owned(), new.to_owned()))
    };
    raw.lines().filter_map(line).collect()
}

/// A commit, and on top of it everything that can be staged.
fn everything(options: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::new(options);
    let files = [
        ("a", "1"),
        ("dir-x", "2"),
        ("dir.x", "3"),
        ("dir/b", "4"),
        ("dir/deep/c", "5"),
        ("dir/deep/er/d", "6"),
        ("folder/e", "7"),
        ("folder/f", "8"),
        ("kind", "9"),
        ("mode", "10"),
        ("was/g", "11"),
        ("quiet/h", "12"),
        ("quiet/er/i", "13"),
    ];
    sandbox.commit("one", &files);
    sandbox.git(&["rm", "-q", "--cached", "a"]);
    sandbox.write("dir/b", "4, changed");
    sandbox.write("dir/deep/er/j", "new");
    sandbox.write("new/k", "new");
    sandbox.git(&["add", "dir", "new"]);
    sandbox.git(&["mv", "was", "is"]);
    // A directory becomes a file, a file a directory, another one a link.
    fs::remove_dir_all(sandbox.dir().join("folder")).unwrap();
    sandbox.write("folder", "a file");
    fs::remove_file(sandbox.dir().join("dir-x")).unwrap();
    sandbox.write("dir-x/l", "in a directory");
    sandbox.git(&["add", "-A", "folder", "dir-x"]);
    let id = sandbox.git(&["rev-parse", ":mode"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{id},kind")]);
    sandbox.git(&["update-index", "--chmod=+x", "mode"]);
    // A submodule's commit is no content, and what is only announced is none yet.
    let commit = sandbox.git(&["rev-parse", "HEAD"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
    sandbox.write("announced", "later");
    sandbox.git(&["add", "-N", "announced"]);
    sandbox
}

#[test]
fn what_is_staged_is_what_git_says() {
    for (options, settings) in [
        (&[][..], &[][..]),
        (&[], &["index.version=4", "core.untrackedCache=true"][..]),
        (&[], &["core.splitIndex=true", "splitIndex.maxPercentChange=100"]),
        (&["--object-format=sha256"], &[]),
    ] {
        let sandbox = everything(options);
        for setting in settings {
            let (name, value) = setting.split_once('=').unwrap();
            sandbox.git(&["config", name, value]);
        }
        if settings.contains(&"index.version=4") {
            sandbox.git(&["update-index", "--index-version=4"]);
        }
        if settings.contains(&"core.splitIndex=true") {
            sandbox.git(&["update-index", "--split-index"]);
            // What is in the other half is replaced, deleted and added to.
            sandbox.write("dir/b", "4, changed again");
            sandbox.write("dir/deep/c", "5, changed");
            sandbox.write("zz", "new");
            sandbox.git(&["add", "dir/b", "dir/deep/c", "zz"]);
            sandbox.git(&["rm", "-q", "--cached", "quiet/h"]);
        }
        let expected = theirs(&sandbox);
        assert!(expected.len() >= 7, "{expected:?}");
        assert_eq!(ours(&sandbox), expected, "{options:?} {settings:?}");
    }
}

#[test]
fn a_sparse_index_is_looked_through() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.commit("one", &[("dir/a", "1"), ("far/b", "2"), ("far/off/c", "3")]);
    sandbox.commit("two", &[("far/off/m", "14"), ("far/n", "15"), ("far/b", "changed")]);
    sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "dir"]);
    assert_eq!(ours(&sandbox), Names::new());
    sandbox.git(&["reset", "-q", "--soft", "HEAD~1"]);
    let repository = Repository::open(&sandbox.dir()).unwrap();
    let (index, _) = index_of(&repository);
    assert!(index.entries().iter().any(|e| e.mode & KIND == TREE), "the index is not sparse");
    let found = ours(&sandbox);
    let expected = theirs(&sandbox);
    assert!(expected.iter().any(|(path, _)| path == "far/off/m"), "{expected:?}");
    assert_eq!(found, expected);
}

#[test]
fn before_the_first_commit_everything_is_staged() {
    let sandbox = Sandbox::new(&[]);
    assert_eq!(ours(&sandbox), Names::new());
    sandbox.write("a", "1");
    sandbox.write("b/c", "2");
    sandbox.git(&["add", "."]);
    assert_eq!(ours(&sandbox), theirs(&sandbox));
    assert_eq!(ours(&sandbox).len(), 2);
}

#[test]
fn the_head_is_found_wherever_refs_are() {
    let mut sandbox = Sandbox::new(&[]);
    let first = sandbox.commit("one", &[("a", "1")]);
    let second = sandbox.commit("two", &[("a", "2")]);
    sandbox.git(&["branch", "main-and-more", "HEAD~1"]);
    sandbox.git(&["branch", "and/main", "HEAD~1"]);
    let head = || Repository::open(&sandbox.dir()).unwrap().own_head().unwrap();
    assert_eq!(head(), Some(second));
    sandbox.git(&["pack-refs", "--all", "--prune"]);
    assert_eq!(head(), Some(second));
    sandbox.git(&["symbolic-ref", "refs/heads/link", "refs/heads/main"]);
    sandbox.git(&["symbolic-ref", "HEAD", "refs/heads/link"]);
    assert_eq!(head(), Some(second));
    sandbox.git(&["checkout", "-q", "--detach", "HEAD~1"]);
    assert_eq!(head(), Some(first));
    for lost in ["refs/heads/none", "refs/heads/HEAD", "refs/../../x"] {
        fs::write(sandbox.dir().join(".git/HEAD"), format!("ref: {lost}\n")).unwrap();
        assert_eq!(head(), None, "{lost}");
    }
    // A link to itself.
    fs::write(sandbox.dir().join(".git/HEAD"), "ref: refs/heads/loop\n").unwrap();
    fs::write(sandbox.dir().join(".git/refs/heads/loop"), "ref: refs/heads/loop\n").unwrap();
    assert_eq!(head(), None);
}

#[test]
fn all_sides_of_a_conflict_count() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.commit("base", &[("a", "1\n")]);
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.commit("side", &[("a", "2\n")]);
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("main", &[("a", "3\n")]);
    let merged = command(&sandbox.dir()).args(["merge", "-q", "side"]).output().unwrap();
    assert!(!merged.status.success());
    // Ours is committed already.
    let sides = [sandbox.git(&["rev-parse", ":1:a"]), sandbox.git(&["rev-parse", ":3:a"])];
    assert_eq!(ours(&sandbox), sides.map(|id| ("a".to_owned(), id)).into());
}

/// Counts what is read.
struct Counting<'a>(&'a Store, Cell<usize>);

// Only one thread reads in this test.
struct Shared<'a>(std::sync::Mutex<Counting<'a>>);

impl Objects for Shared<'_> {
    fn read(&self, id: &Oid, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        let inner = self.0.lock().unwrap();
        inner.1.set(inner.1.get() + 1);
        inner.0.read(id, limit, out)
    }

    fn contains(&self, id: &Oid) -> bool {
        self.0.lock().unwrap().0.contains(id)
    }

    fn with_prefix(&self, hex: &str) -> Vec<Oid> {
        self.0.lock().unwrap().0.with_prefix(hex)
    }
}

#[test]
fn directories_in_which_nothing_was_staged_are_not_read() {
    let mut sandbox = Sandbox::new(&[]);
    let names: Vec<String> = (0..200).map(|n| format!("d{}/e{}/f{n}", n / 20, n / 5)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), n.as_str())).collect();
    sandbox.commit("one", &files);
    sandbox.write("d3/e12/f60", "changed");
    // `-A` would stage anew what is as young as the index.
    sandbox.git(&["add", "d3/e12/f60"]);
    let repository = Repository::open(&sandbox.dir()).unwrap();
    let store = Store::open(repository.object_dirs(), repository.format());
    let (index, _) = index_of(&repository);
    let head = head_of(&repository, &store);
    let counting = Shared(std::sync::Mutex::new(Counting(&store, Cell::new(0))));
    let found = staged(&counting, repository.format(), head, &index);
    assert_eq!(found.changes.len(), 1);
    // The root, the directory and the one in it.
    assert_eq!(counting.0.into_inner().unwrap().1.get(), 3);
}

#[test]
fn what_is_not_staged_is_what_git_says() {
    let sandbox = everything(&[]);
    sandbox.write("dir/deep/c", "5, changed");
    sandbox.write(".gitignore", "*.log\n/quiet/built/\n");
    sandbox.write("x.log", "ignored");
    sandbox.write("quiet/built/y", "ignored");
    sandbox.write("quiet/z", "untracked");
    sandbox.write("inner/.git/HEAD", "ref: refs/heads/main");
    sandbox.write("inner/q", "of another repository");
    let dir = sandbox.dir();
    // What lies behind a link is not in this work tree.
    fs::remove_dir_all(dir.join("dir/deep/er")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(sandbox.home(), dir.join("dir/deep/er")).unwrap();
    let repository = Repository::open(&dir).unwrap();
    let (index, written) = index_of(&repository);
    let found = unstaged(repository.work_tree().unwrap(), &index, written);
    let mut names: Vec<String> = found
        .changes
        .iter()
        // Files as old as the index may have been changed, so they are looked into.
        .filter(|c| c.before.is_none_or(|id| sandbox_id(&sandbox, c) != Some(id)))
        .map(|c| String::from_utf8(c.path.clone()).unwrap())
        .collect();
    names.sort();
    let mut expected = run(command(&dir).args(["diff-files", "--name-only", "--diff-filter=d"]));
    expected.push('\n');
    expected += &sandbox.git(&["ls-files", "--others", "--exclude-standard"]);
    let mut expected: Vec<&str> =
        expected.lines().filter(|n| *n != "module" && !n.starts_with("inner")).collect();
    // A mode is no content.
    expected.retain(|n| *n != "mode");
    expected.sort_unstable();
    assert_eq!(names, expected);
}

/// The id that a file's content would have.
fn sandbox_id(sandbox: &Sandbox, change: &Change) -> Option<Oid> {
    let path = String::from_utf8(change.path.clone()).unwrap();
    match change.content {
        Content::File => {
            let id = sandbox.git(&["hash-object", "--no-filters", "--", &path]);
            Oid::from_hex(id.as_bytes())
        }
        _ => None,
    }
}

#[test]
fn a_file_that_was_not_touched_is_not_looked_into() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.commit("one", &[("a", "1"), ("b/c", "2")]);
    let dir = sandbox.dir();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(100);
    for name in ["a", "b/c"] {
        let file = fs::File::options().write(true).open(dir.join(name)).unwrap();
        file.set_modified(old).unwrap();
    }
    sandbox.git(&["add", "-u"]);
    sandbox.git(&["update-index", "--really-refresh"]);
    let repository = Repository::open(&dir).unwrap();
    let (index, written) = index_of(&repository);
    assert_eq!(unstaged(&dir, &index, written).changes, []);
    sandbox.write("a", "3");
    let names: Vec<_> =
        unstaged(&dir, &index, written).changes.into_iter().map(|c| c.path).collect();
    assert_eq!(names, [b"a"]);
}

#[test]
fn a_damaged_index_is_refused_or_read_and_never_worse() {
    let sandbox = everything(&[]);
    let repository = Repository::open(&sandbox.dir()).unwrap();
    let store = Store::open(repository.object_dirs(), repository.format());
    let head = head_of(&repository, &store);
    let file = repository.git_dir().join("index");
    let mut files = vec![fs::read(&file).unwrap()];
    sandbox.git(&["update-index", "--index-version=4"]);
    files.push(fs::read(&file).unwrap());
    sandbox.git(&["update-index", "--split-index"]);
    files.push(fs::read(&file).unwrap());
    for good in files {
        for cut in 0..good.len() {
            let _ = Index::parse(&good[..cut], repository.format());
        }
        for at in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                let Ok(index) = Index::parse(&bad, repository.format()) else { continue };
                let Ok(index) = index.joined(None) else { continue };
                let _ = staged(&store, repository.format(), head, &index);
            }
        }
    }
    assert_eq!(
        Index::parse(b"not an index, but as long as one", repository.format()).err(),
        Some(crate::input::git::index::IndexError::Damaged)
    );
}
