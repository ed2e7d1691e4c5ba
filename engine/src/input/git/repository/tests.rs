use std::fs;

use super::super::testing::{self, Sandbox, oid};
use super::*;

fn open(path: &Path) -> Repository {
    Repository::open(path).unwrap()
}

#[test]
fn every_way_into_a_repository() {
    let mut sandbox = Sandbox::new(&[]);
    let first = sandbox.commit("one", &[("sub/dir/a", "1")]);
    sandbox.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let second = sandbox.commit("two", &[("b", "2")]);
    let (home, dir) = (sandbox.home(), sandbox.dir());
    for path in ["repo", "repo/sub/dir", "repo/.git", "repo/.git/refs"] {
        let repository = open(&home.join(path));
        assert_eq!(repository.git_dir(), dir.join(".git"), "{path}");
        assert_eq!(repository.common_dir(), dir.join(".git"), "{path}");
        assert_eq!(repository.work_tree(), Some(&*dir), "{path}");
        assert_eq!(repository.object_dirs(), [dir.join(".git/objects")], "{path}");
        assert!(!repository.is_partial());
    }
    for path in ["linked", "linked/sub", "linked/.git", "repo/.git/worktrees/linked"] {
        let repository = open(&home.join(path));
        assert_eq!(repository.git_dir(), dir.join(".git/worktrees/linked"), "{path}");
        assert_eq!(repository.common_dir(), dir.join(".git"), "{path}");
        assert_eq!(repository.work_tree(), Some(&*home.join("linked")), "{path}");
        let refs = repository.refs().unwrap();
        assert_eq!(refs.heads.len(), 2);
        assert_eq!(refs.heads[0].branch.as_deref(), Some(&b"refs/heads/main"[..]));
        assert_eq!(refs.heads[0].target, Some(second));
        let own = refs.head().unwrap();
        assert_eq!((own.target, own.branch.as_deref()), (Some(first), None));
        assert_eq!(own.worktree.as_deref(), Some(&b"linked"[..]));
    }
    testing::git(&home, &["clone", "-q", "--bare", "repo", "bare"]);
    let bare = open(&home.join("bare"));
    assert_eq!((bare.git_dir(), bare.work_tree()), (&*home.join("bare"), None));
    // An explicit work tree, as of GIT_WORK_TREE.
    let explicit = Repository::open_git_dir(&home.join("bare"), Some(&dir)).unwrap();
    assert_eq!(explicit.work_tree(), Some(&*dir));
    testing::git(&home, &["clone", "-q", "--separate-git-dir=apart", "repo", "clone"]);
    assert_eq!(open(&home.join("clone")).git_dir(), home.join("apart"));
}

#[test]
fn what_is_no_repository_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let error = |path: &Path| Repository::open(path).unwrap_err();
    assert!(matches!(error(&home), GitError::NotARepository(_)));
    assert!(matches!(error(&home.join("absent")), GitError::Unreadable { .. }));
    fs::write(home.join("file"), "gitdir: x").unwrap();
    assert!(matches!(error(&home.join("file")), GitError::NotARepository(_)));
    fs::create_dir_all(home.join("dead")).unwrap();
    fs::write(home.join("dead/.git"), "gitdir: ../nowhere\n").unwrap();
    assert!(matches!(error(&home.join("dead")), GitError::DeadLink { .. }));
    fs::write(home.join("dead/.git"), "junk").unwrap();
    assert!(matches!(error(&home.join("dead")), GitError::Damaged { .. }));

    // A damaged repository inside a good one is not the good one.
    let sandbox = Sandbox::new(&[]);
    sandbox.write("inner/.git/HEAD", "");
    fs::create_dir_all(sandbox.dir().join("inner/.git/objects")).unwrap();
    assert!(matches!(error(&sandbox.dir().join("inner")), GitError::Damaged { .. }));
    // An empty `.git` directory is nothing, as for git.
    fs::create_dir_all(sandbox.dir().join("other/.git")).unwrap();
    assert_eq!(open(&sandbox.dir().join("other")).git_dir(), sandbox.dir().join(".git"));
}

#[test]
fn formats() {
    let mut sandbox = Sandbox::new(&["--object-format=sha256"]);
    let commit = sandbox.commit("one", &[("a", "1")]);
    let repository = open(&sandbox.dir());
    assert_eq!(repository.format(), ObjectFormat::Sha256);
    assert_eq!(repository.refs().unwrap().list[0].target, commit);

    let config = sandbox.dir().join(".git/config");
    let set = |name: &str, value: &str| {
        let before = fs::read_to_string(&config).unwrap();
        fs::write(&config, format!("{before}[extensions]\n{name} = {value}\n")).unwrap();
    };
    set("partialClone", "origin");
    assert!(open(&sandbox.dir()).is_partial());
    set("refStorage", "reftable");
    let reftable = open(&sandbox.dir());
    let error = reftable.refs().unwrap_err();
    assert!(error.to_string().contains("reftable"), "{error}");
    set("strange", "1");
    let error = Repository::open(&sandbox.dir()).unwrap_err();
    assert!(matches!(error, GitError::Extension { ref name, .. } if name == "strange"), "{error}");

    let with = |text: &str| {
        fs::write(&config, text).unwrap();
        Repository::open(&sandbox.dir())
    };
    assert!(matches!(
        with("[core]\nrepositoryformatversion=2").unwrap_err(),
        GitError::Version { version: 2, .. }
    ));
    let error = with("[extensions]\nobjectformat=md5").unwrap_err();
    assert!(error.to_string().contains("md5"), "{error}");
    assert!(matches!(with("[core").unwrap_err(), GitError::Damaged { .. }));
    // Programs that it names are nothing to this reader.
    assert!(with("[core]\nfsmonitor=/bin/false\nworktree=/nowhere").is_ok());
    fs::remove_file(&config).unwrap();
    assert_eq!(open(&sandbox.dir()).format(), ObjectFormat::Sha1);
}

#[test]
fn refs_of_all_kinds() {
    let mut sandbox = Sandbox::new(&[]);
    let first = sandbox.commit("one", &[("a", "1")]);
    sandbox.git(&["tag", "-a", "-m", "a tag", "v1"]);
    sandbox.git(&["branch", "odd/näme"]);
    sandbox.git(&["pack-refs", "--all"]);
    let second = sandbox.commit("two", &[("a", "2")]);
    sandbox.write("a", "stashed");
    sandbox.dated(&["stash", "-q"]);
    let stash = sandbox.id("stash");
    sandbox.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main"]);
    sandbox.git(&["symbolic-ref", "refs/heads/x", "refs/heads/y"]);
    sandbox.git(&["symbolic-ref", "refs/heads/y", "refs/heads/x"]);
    sandbox.write(".git/refs/heads/empty", "");
    sandbox.write(".git/refs/heads/main.lock", "");
    sandbox.write(".git/refs/heads/zero", &"0".repeat(40));
    fs::create_dir_all(sandbox.dir().join(".git/refs/hidden/.x")).unwrap();
    #[cfg(unix)]
    {
        let link = |to: &str, at: &str| {
            std::os::unix::fs::symlink(to, sandbox.dir().join(".git/refs/heads").join(at)).unwrap();
        };
        link("refs/heads/main", "old-link");
        link(".", "loop");
    }
    let refs = open(&sandbox.dir()).refs().unwrap();
    let target = |name: &str| refs.find(name.as_bytes()).map(|r| r.target);
    assert_eq!(target("refs/heads/main"), Some(second));
    assert_eq!(target("refs/heads/odd/näme"), Some(first));
    assert_eq!(target("refs/remotes/origin/HEAD"), Some(second));
    assert_eq!(target("refs/stash"), Some(stash));
    let tag = refs.find(b"refs/tags/v1").unwrap();
    assert_eq!((tag.target, tag.peeled), (sandbox.id("v1"), Some(first)));
    #[cfg(unix)]
    assert_eq!(target("refs/heads/old-link"), Some(second));
    let broken: Vec<_> = refs.broken.iter().map(|n| String::from_utf8_lossy(n)).collect();
    let broken: Vec<_> = broken.iter().filter(|n| !n.contains("loop")).collect();
    assert_eq!(broken, ["refs/heads/empty", "refs/heads/x", "refs/heads/y", "refs/heads/zero"]);
    let damaged: Vec<_> = refs.damaged.iter().map(|n| String::from_utf8_lossy(n)).collect();
    let damaged: Vec<_> = damaged.iter().filter(|n| !n.contains("loop")).collect();
    assert_eq!(damaged, ["refs/heads/empty", "refs/heads/zero"]);
}

#[test]
fn borrowed_objects() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.commit("one", &[("a", "1")]);
    let home = sandbox.home();
    testing::git(&home, &["clone", "-q", "--shared", "repo", "second"]);
    testing::git(&home, &["clone", "-q", "--shared", "second", "third"]);
    let alternates = |name: &str| home.join(name).join(".git/objects/info/alternates");
    fs::create_dir_all(alternates("repo").parent().unwrap()).unwrap();
    // A circle, a relative path and one that leads nowhere.
    fs::write(alternates("repo"), "../../../third/.git/objects\n../nowhere\n").unwrap();
    let third = open(&home.join("third"));
    let expected = ["third", "second", "repo"].map(|name| home.join(name).join(".git/objects"));
    assert_eq!(third.object_dirs(), expected);
    assert_eq!(third.absent_alternates(), [home.join("repo/.git/objects/../nowhere")]);

    let mut second = open(&home.join("second"));
    let quarantine = home.join("second/.git/objects/incoming-x");
    fs::create_dir(&quarantine).unwrap();
    second.add_object_dirs([quarantine.clone()]);
    assert_eq!(second.object_dirs()[0], quarantine);
    assert_eq!(second.object_dirs().len(), 4);
}

#[test]
fn shallow_and_partial_clones() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.commit("one", &[("a", "1")]);
    let second = sandbox.commit("two", &[("a", "2")]);
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", sandbox.dir().display());
    testing::git(&sandbox.home(), &["clone", "-q", "--depth=1", &url, "shallow"]);
    let shallow = open(&sandbox.home().join("shallow"));
    assert_eq!(shallow.shallow().unwrap(), HashSet::from([second]));
    let clone = ["clone", "-q", "--bare", "--filter=blob:none", &url, "partial"];
    testing::git(&sandbox.home(), &clone);
    let partial = sandbox.home().join("partial");
    assert!(open(&partial).is_partial());
    // The mark of the pack is enough.
    fs::remove_file(partial.join("config")).unwrap();
    assert!(open(&partial).is_partial());
    assert_eq!(open(&partial).refs().unwrap().head().unwrap().target, Some(second));
}

#[test]
fn submodules_wherever_they_are() {
    let mut inner = Sandbox::new(&[]);
    inner.commit("inner", &[("x", "1")]);
    let mut middle = Sandbox::new(&[]);
    middle.commit("middle", &[("y", "1")]);
    let url = |s: &Sandbox| s.dir().display().to_string();
    middle.git(&["submodule", "--quiet", "add", "--name", "na/me", &url(&inner), "in/side"]);
    middle.commit("submodule", &[]);
    let mut outer = Sandbox::new(&[]);
    outer.commit("outer", &[("z", "1")]);
    outer.git(&["submodule", "--quiet", "add", &url(&middle), "mid"]);
    outer.git(&["submodule", "--quiet", "update", "--init", "--recursive"]);
    // Old style: a repository of its own in the work tree; and a hostile path.
    testing::git(&outer.dir(), &["clone", "-q", &url(&inner), "old"]);
    let modules = fs::read_to_string(outer.dir().join(".gitmodules")).unwrap();
    let more = "[submodule \"old\"]\npath = old\n[submodule \"out\"]\npath = ../x\n";
    outer.write(".gitmodules", &format!("{modules}{more}"));

    let repository = open(&outer.dir());
    let found: Vec<_> = repository
        .submodules()
        .into_iter()
        .map(|(path, opened)| (path.display().to_string(), opened.unwrap()))
        .collect();
    let names: Vec<_> = found.iter().map(|(path, _)| &**path).collect();
    assert_eq!(names, ["mid", "mid/in/side", "old"]);
    assert_eq!(found[1].1.work_tree(), Some(&*outer.dir().join("mid/in/side")));
    assert_eq!(found[2].1.git_dir(), outer.dir().join("old/.git"));
    // A submodule's directory is the submodule.
    assert_eq!(open(&outer.dir().join("mid/in/side")).git_dir(), found[1].1.git_dir());
    let head = oid(&testing::git(&outer.dir().join("mid/in/side"), &["rev-parse", "HEAD"]));
    assert_eq!(found[1].1.refs().unwrap().head().unwrap().target, Some(head));
}

/// What stands in place of files holds nobody up, and is told.
#[cfg(unix)]
#[test]
fn pipes_and_long_files_in_a_git_directory() {
    let mut sandbox = Sandbox::new(&[]);
    let commit = sandbox.commit("one", &[("a", "1")]);
    let pipe = |path: &str| {
        let path = sandbox.dir().join(".git").join(path);
        let _ = fs::remove_file(&path);
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        path
    };
    pipe("refs/heads/pipe");
    let repository = open(&sandbox.dir());
    let refs = repository.refs().unwrap();
    assert_eq!(refs.broken, [Box::from(&b"refs/heads/pipe"[..])]);
    assert_eq!(refs.find(b"refs/heads/main").unwrap().target, commit);

    let packed = pipe("packed-refs");
    assert!(matches!(repository.refs().unwrap_err(), GitError::Unreadable { .. }));
    fs::remove_file(&packed).unwrap();
    // Room is not made for what a size only claims.
    fs::File::create(&packed).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(repository.refs().unwrap_err(), GitError::Damaged { .. }));
    fs::write(&packed, format!("{commit} refs/heads/ok\n{commit}")).unwrap();
    let error = repository.refs().unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
    pipe("config");
    assert!(matches!(Repository::open(&sandbox.dir()), Err(GitError::Unreadable { .. })));
}
