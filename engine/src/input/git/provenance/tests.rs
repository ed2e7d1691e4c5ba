use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use super::super::object::{Kind, ObjectError};
use super::super::pack::{Child, Pack, Visitor, Walk, walk};
use super::super::repository::Repository;
use super::super::scope::{RefFilter, Tips};
use super::super::testing::{Sandbox, oid};
use super::*;

/// A history with branches, merges that bring something themselves, files that
/// move, vanish, come back and stand in several places.
fn history(options: &[&str]) -> Sandbox {
    let mut sandbox = Sandbox::new(options);
    let mut state = 1u32;
    let mut random = move |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % n
    };
    // Enough neighbours for deltas of trees to copy.
    let many: Vec<_> = (0..40)
        .map(|i| (format!("src/module{}/file{i}.rs", i % 4), format!("file {i}\n")))
        .collect();
    let many: Vec<_> = many.iter().map(|(path, text)| (&**path, &**text)).collect();
    sandbox.commit("start", &many);
    for round in 0..12 {
        sandbox.git(&["checkout", "-q", "-b", &format!("branch{round}")]);
        for step in 0..2 {
            let path = format!("src/module{}/file{}.rs", random(4), random(60));
            let deep = format!("a/b{}/c/d{}/e", random(3), random(3));
            // Few texts, so that they come back.
            let text = format!("text {}\n", random(25));
            sandbox.commit(&format!("{round}.{step}"), &[(&path, &text), (&deep, &text)]);
        }
        sandbox.git(&["checkout", "-q", "main"]);
        let path = format!("main{}", random(5));
        sandbox.commit("main", &[(&path, &format!("main {}\n", random(8)))]);
        if round % 3 != 1 {
            let name = format!("branch{round}");
            sandbox.git(&["merge", "-q", "--no-ff", "--no-commit", "-s", "ours", &name]);
            sandbox.git(&["checkout", "-q", &name, "--", "src"]);
            sandbox.commit("merge", &[("merged", &format!("only in merge {}\n", round / 2))]);
        }
        if round == 6 {
            sandbox.git(&["mv", "src/module1", "moved"]);
            sandbox.git(&["rm", "-q", "-r", "src/module2"]);
            sandbox.commit("move", &[]);
        }
    }
    sandbox
}

struct Asked {
    graph: CommitGraph,
    order: Vec<u32>,
    tips: Tips,
}

fn asked(repository: &Repository, objects: &impl Objects) -> Asked {
    let mut graph = CommitGraph::new(repository.shallow().unwrap());
    let tips = Tips::of(&repository.refs().unwrap(), RefFilter::Usual, &mut graph, objects);
    let commits: Vec<_> = tips.commits().collect();
    assert!(graph.load_all(&commits, objects).is_empty());
    let order = graph.order(&graph.reachable(commits));
    Asked { graph, order, tips }
}

fn blobs(sandbox: &Sandbox) -> Vec<Oid> {
    let format = "--batch-check=%(objectname) %(objecttype)";
    let all = sandbox.git(&["cat-file", "--batch-all-objects", format]);
    all.lines().filter_map(|line| line.strip_suffix(" blob")).map(oid).collect()
}

/// Asks in the fast way and in the plain one, which must agree.
fn told(sandbox: &Sandbox, wanted: &[Oid]) -> (Asked, Provenance) {
    let repository = Repository::open(&sandbox.dir()).unwrap();
    let store = Store::open(repository.object_dirs(), repository.format());
    let asked = asked(&repository, &store);
    let question = Question { graph: &asked.graph, order: &asked.order, tips: &asked.tips.list };
    let fast = WantedTrees::read(&store, &[], wanted, 2).provenance(&question);
    let wanted = Arc::new(Wanted::new(wanted));
    let objects = sandbox.objects();
    let trees = TreeGraph::of_objects(&objects, repository.format(), Arc::clone(&wanted));
    let plain = WantedTrees { wanted, trees, states: Vec::new() }.provenance(&question);
    assert_eq!(fast.brought, plain.brought);
    assert_eq!(fast.standing, plain.standing);
    assert_eq!(fast.damaged_trees, Vec::new());
    (asked, fast)
}

fn agrees_with_git(sandbox: &Sandbox) {
    let wanted = blobs(sandbox);
    let (asked, told) = told(sandbox, &wanted);
    for blob in &wanted {
        let find = format!("--find-object={blob}");
        let log = sandbox.git(&["log", "-m", &find, "--all", "--reverse", "--format=%H"]);
        let brought = told.of(blob).unwrap();
        let commit = *asked.graph.id(brought.commit.unwrap());
        assert_eq!(log.lines().next().map(oid), Some(commit), "{blob}");
        let tree =
            sandbox.git(&["ls-tree", "-r", "--format=%(objectname) %(path)", &commit.to_string()]);
        let mut paths = tree.lines().filter_map(|l| l.strip_prefix(&format!("{blob} ")));
        assert_eq!(paths.next().map(str::as_bytes), Some(&*brought.path));
        let others: Vec<_> = paths.take(MAX_OTHERS).map(str::as_bytes).collect();
        assert_eq!(brought.others.iter().map(|p| &**p).collect::<Vec<_>>(), others);
    }
    // Where they stand.
    for (number, tip) in asked.tips.list.iter().enumerate() {
        let name = String::from_utf8_lossy(&tip.name).into_owned();
        let tree = sandbox.git(&["ls-tree", "-r", "--format=%(objectname)", &name]);
        for blob in &wanted {
            let standing = told.standing([blob]);
            let here = tree.contains(&blob.to_string());
            match tip.kind {
                TipKind::Head => assert_eq!(standing.at_head, here),
                _ if standing.ref_count as usize == standing.refs.len() => {
                    assert_eq!(standing.refs.contains(&(number as u32)), here, "{name} {blob}");
                }
                _ => assert!(standing.refs.len() == NAMED_REFS),
            }
        }
    }
}

#[test]
fn first_commits_paths_and_refs_are_those_that_git_tells() {
    let sandbox = history(&[]);
    assert!(blobs(&sandbox).len() > 60);
    // Loose, then packed with long chains of deltas, then with some loose on top.
    agrees_with_git(&sandbox);
    sandbox.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
    let deltas = sandbox.git(&[
        "cat-file",
        "--batch-all-objects",
        "--batch-check=%(deltabase) %(objecttype)",
    ]);
    let deltas = deltas.lines().filter(|l| l.ends_with("tree") && !l.starts_with("0000")).count();
    assert!(deltas > 20, "{deltas}");
    agrees_with_git(&sandbox);
}

#[test]
fn packs_and_loose_objects_together_in_sha256() {
    let mut sandbox = history(&["--object-format=sha256"]);
    sandbox.git(&["repack", "-q", "-a", "-d"]);
    sandbox.commit("later", &[("src/module0/new", "new\n"), ("a/new", "new\n")]);
    sandbox.git(&["repack", "-q", "-d"]);
    sandbox.commit("last", &[("src/module0/newer", "newer\n")]);
    agrees_with_git(&sandbox);
}

#[test]
fn notes_and_tags_of_other_objects() {
    let mut sandbox = Sandbox::new(&[]);
    let commit = sandbox.commit("one", &[("a", "1"), ("d/b", "2")]);
    sandbox.dated(&["notes", "add", "-m", "a note"]);
    let note = oid(&sandbox.git(&["notes", "list"])[..40]);
    sandbox.write("x", "tagged blob");
    let blob = oid(&sandbox.git(&["hash-object", "-w", "x"]));
    sandbox.git(&["tag", "-a", "-m", "of a blob", "blob", &blob.to_string()]);
    sandbox.write("x", "in a tagged tree");
    sandbox.git(&["add", "x"]);
    let in_tree = sandbox.id(":x");
    let tree = sandbox.git(&["write-tree"]);
    sandbox.git(&["tag", "tree", &tree]);
    let wanted = [note, blob, in_tree, sandbox.id("HEAD:a")];
    let (_, told) = told(&sandbox, &wanted);
    let note = told.of(&note).unwrap();
    assert_eq!(note.note_about().as_deref(), Some(&*commit.to_string()));
    let blob_brought = told.of(&blob).unwrap();
    assert_eq!((blob_brought.commit, &*blob_brought.path), (None, &b""[..]));
    let in_tree = told.of(&in_tree).unwrap();
    assert_eq!((in_tree.commit, &*in_tree.path), (None, &b"x"[..]));
    assert_eq!(told.of(&wanted[3]).unwrap().note_about(), None);
    assert_eq!(told.standing(&wanted[1..2]).ref_count, 1);
    assert!(told.standing(&wanted[2..]).at_head);
}

#[test]
fn trees_with_more_paths_than_can_be_counted() {
    let mut sandbox = Sandbox::new(&[]);
    sandbox.write("file", "bomb");
    let blob = sandbox.git(&["hash-object", "-w", "file"]);
    let make = |lines: String| {
        let path = sandbox.dir().join("list");
        std::fs::write(&path, lines).unwrap();
        let mut command = super::super::testing::command(&sandbox.dir());
        command.arg("mktree").stdin(std::fs::File::open(&path).unwrap());
        super::super::testing::run(&mut command)
    };
    let mut tree = make(format!("100644 blob {blob}\tf\n"));
    for _ in 0..30 {
        let lines = (0..10).map(|i| format!("040000 tree {tree}\td{i}\n"));
        tree = make(lines.collect());
    }
    let commit = sandbox.dated(&["commit-tree", "-m", "bomb", &tree]);
    sandbox.git(&["update-ref", "refs/heads/main", &commit]);
    let (_, told) = told(&sandbox, &[oid(&blob)]);
    let brought = told.of(&oid(&blob)).unwrap();
    assert_eq!(&*brought.path, [&b"d0/".repeat(30)[..], b"f"].concat());
    assert_eq!(brought.others.len(), MAX_OTHERS);
}

/// Commits of the packs, as the run gathers them.
struct Gather<'g> {
    pack: &'g Pack,
    forest: &'g Forest,
    graph: &'g Mutex<CommitGraph>,
}

impl Visitor for Gather<'_> {
    type Note = ();

    fn root(&mut self, entry: u32, object: &[u8]) {
        let id = self.pack.index.oid(self.forest.position(entry));
        self.graph.lock().unwrap().insert(id, object);
    }

    fn delta(&mut self, child: &mut Child<'_>, _: &()) {
        let entry = child.entry;
        self.root(entry, child.object());
    }

    fn large(&mut self, _: u32, _: &[u8]) {}

    fn failed(&mut self, _: u32, _: ObjectError) {}

    fn stopped(&self) -> bool {
        false
    }
}

/// What it takes on a real repository: `LEAKSIEVE_REPOSITORY=… cargo test --release
/// provenance::tests::real -- --ignored --nocapture`, and `EVERY=300`, `ALL=1`,
/// `LIST=file`.
#[test]
#[ignore = "needs a large repository"]
#[allow(clippy::print_stdout)]
fn real() {
    let path = std::env::var("LEAKSIEVE_REPOSITORY").unwrap();
    let step: usize = std::env::var("EVERY").map_or(300, |n| n.parse().unwrap());
    let filter = if std::env::var("ALL").is_ok() { RefFilter::All } else { RefFilter::Usual };
    // The processors' time too, which other programs do not stretch.
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let ticks = stat.split(' ').skip(13).take(2).filter_map(|n| n.parse::<u64>().ok());
        ticks.sum::<u64>() * 10
    };
    let mut last = (Instant::now(), ticks());
    let mut lap = |what: &str| {
        println!("{:>8.1?} wall {:>5} ms cpu {what}", last.0.elapsed(), ticks() - last.1);
        last = (Instant::now(), ticks());
    };
    let repository = Repository::open(Path::new(&path)).unwrap();
    lap("open");
    let refs = repository.refs().unwrap();
    lap("refs");
    println!("{} refs, {} broken", refs.list.len(), refs.broken.len());
    let store = Store::open(repository.object_dirs(), repository.format());
    let forests: Vec<_> = store.packs().iter().map(|pack| Forest::of(pack, 2)).collect();
    lap("forests");
    let graph = Mutex::new(CommitGraph::new(repository.shallow().unwrap()));
    let mut blobs = Vec::new();
    for (pack, forest) in store.packs().iter().zip(&forests) {
        let visitor = || Gather { pack, forest, graph: &graph };
        let what = Walk { pack, forest, kind: Kind::Commit, limit: 1 << 20 };
        walk(&what, vec![visitor(), visitor()]);
        let all = (0..forest.len() as u32).filter(|e| forest.kind(*e) == Some(Kind::Blob));
        blobs.extend(all.step_by(step).map(|e| pack.index.oid(forest.position(e))));
    }
    lap("commits");
    let mut graph = graph.into_inner().unwrap();
    let tips = Tips::of(&refs, filter, &mut graph, &store);
    lap("tips");
    let selected = graph.reachable(tips.commits());
    let order = graph.order(&selected);
    lap("order");
    println!(
        "{} commits of {}, {} tips, {} unresolved",
        order.len(),
        graph.len(),
        tips.list.len(),
        tips.unresolved.len()
    );
    let question = Question { graph: &graph, order: &order, tips: &tips.list };
    let mut trees = WantedTrees::read(&store, &forests, &blobs, 2);
    lap("trees");
    let found = trees.provenance(&question);
    lap("visit");
    if let Ok(list) = std::env::var("LIST") {
        let line = |b: &Oid| {
            let brought = found.of(b)?;
            let path = String::from_utf8_lossy(&brought.path);
            Some(format!("{b} {} {path}\n", graph.id(brought.commit?)))
        };
        std::fs::write(list, blobs.iter().filter_map(line).collect::<String>()).unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default());
    let count = blobs.iter().filter(|b| found.of(b).is_some()).count();
    println!("{count} of {} blobs, {:?}", blobs.len(), found.damaged_trees.len());
}
