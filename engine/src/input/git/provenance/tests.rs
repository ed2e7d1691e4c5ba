use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use super::super::object::Kind;
use super::super::pack::{Child, Visitor, Walk, walk};
use super::super::repository::Repository;
use super::super::scope::{RefFilter, Tips};
use super::*;

/// Commits of the packs, as the run gathers them.
struct Gather<'g> {
    pack: &'g super::super::pack::Pack,
    forest: &'g Forest,
    graph: &'g std::sync::Mutex<CommitGraph>,
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

    fn failed(&mut self, _: u32, _: super::super::object::ObjectError) {}

    fn stopped(&self) -> bool {
        false
    }
}

/// What it takes on a real repository: `LEAKSIEVE_REPOSITORY=… cargo test --release
/// provenance::tests::real -- --ignored --nocapture`.
#[test]
#[ignore = "needs a large repository"]
fn real() {
    let path = std::env::var("LEAKSIEVE_REPOSITORY").unwrap();
    let step: usize = std::env::var("EVERY").map_or(300, |n| n.parse().unwrap());
    let filter = if std::env::var("ALL").is_ok() { RefFilter::All } else { RefFilter::Usual };
    let mut last = Instant::now();
    let mut lap = |what: &str| {
        println!("{:>8.1?} {what}", last.elapsed());
        last = Instant::now();
    };
    let repository = Repository::open(Path::new(&path)).unwrap();
    lap("open");
    let refs = repository.refs().unwrap();
    lap("refs");
    println!("{} refs, {} broken", refs.list.len(), refs.broken.len());
    let store = Store::open(repository.object_dirs(), repository.format());
    let forests: Vec<_> = store.packs().iter().map(|pack| Forest::of(pack, 2)).collect();
    lap("forests");
    let graph = std::sync::Mutex::new(CommitGraph::new(repository.shallow().unwrap()));
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
    let question = Question { graph: &graph, order: &order, tips: &tips.list, wanted: &blobs };
    let found = provenance(&store, &forests, &question, 2);
    lap("provenance");
    let count = blobs.iter().filter(|b| found.of(b).is_some()).count();
    println!(
        "{count} of {} blobs, {} missing, {:?}",
        blobs.len(),
        found.missing_trees,
        found.damaged_trees.len()
    );
    let _ = (HashMap::<u8, u8>::new(), HashSet::<u8>::new());
}
