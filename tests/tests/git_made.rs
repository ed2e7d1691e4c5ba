//! The repositories that tests are made with are what they claim to be.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use leaksieve::Scanner;
use leaksieve_tests::history::History;
use leaksieve_tests::layout::{self, Layout, import};
use leaksieve_tests::oracle;
use leaksieve_tests::pack::{self, Body, Entry, Op};
use leaksieve_tests::places::{At, Places};
use leaksieve_tests::repository::Repository;

#[test]
fn every_layout_keeps_the_same_objects_in_its_own_way() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::standard(1);
    let (source, ids) = import(&history, &directory.path().join("source"), "sha1");
    assert_eq!(ids.len(), history.commits.len());
    let objects = oracle::objects(&source);
    let all: BTreeSet<&String> = objects.keys().collect();
    for layout in Layout::ALL {
        let path = directory.path().join(format!("{layout:?}"));
        let made = layout.make(&source, &path);
        if layout == Layout::MultiPackIndexOnly {
            // git itself needs the idx files.
            let index = made.git_dir.join("objects/pack/multi-pack-index");
            assert!(made.files("idx").is_empty() && index.exists());
            continue;
        }
        assert!(layout::ids(&made).iter().eq(all.iter().copied()), "{layout:?}");
        let (loose, packs) = made.counts();
        let expected = match layout {
            Layout::Loose => (all.len(), 0),
            Layout::PackAndLoose => (all.len() - all.len() * 60 / 100 / 2, 1),
            Layout::ManyPacks => (0, 4),
            Layout::MultiPackIndex => (0, 3),
            Layout::Alternate | Layout::AlternateOfAlternate => (0, 0),
            _ => (0, 1),
        };
        assert!(
            loose.abs_diff(expected.0) < 2 && packs == expected.1,
            "{layout:?}: {loose} {packs}"
        );
        assert!(made.succeeds(["fsck", "--connectivity-only"]), "{layout:?}");
    }
    // Chains are long, and deltas copy.
    let idx = source.files("idx").pop().unwrap();
    let chains = source.ask(["verify-pack", "-sv", idx.to_str().unwrap()]);
    let longest =
        chains.lines().filter_map(|l| l.strip_prefix("chain length = ")?.split(':').next());
    let longest: usize = longest.filter_map(|n| n.parse().ok()).max().unwrap();
    assert!(longest >= 10, "{chains}");
}

#[test]
fn plants_stand_where_the_history_says() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::standard(2);
    let (source, ids) = import(&history, &directory.path().join("source"), "sha256");
    let objects = oracle::objects(&source);
    let seen = oracle::findings(&Scanner::new(), &objects);
    let brought = oracle::brought(&source);
    let mut wrong = Vec::new();
    for plant in &history.plants {
        let digest = oracle::digest(&plant.secret.value);
        let wanted = |s: &&oracle::Seen| s.digest == digest && s.detector == plant.secret.detector;
        let blobs: BTreeSet<&String> = seen.iter().filter(wanted).map(|s| &s.object).collect();
        let first = (ids[plant.commit].clone(), plant.path.clone());
        let first = blobs.iter().any(|blob| brought[*blob] == first);
        if !first {
            wrong.push((plant.name, plant.secret.detector, blobs.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(history.plants.len() > 50, "{}", history.plants.len());
}

#[test]
fn packs_written_by_hand_are_packs() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init_bare(directory.path(), "sha1");
    let base = b"a text that is long enough to be copied from".repeat(9);
    let result = [&base[7..300], b"!", &base[..20]].concat();
    let ops = [Op::Copy(7, 293), Op::Insert(b"!".to_vec()), Op::Copy(0, 20)];
    let changes = pack::delta(base.len() as u64, result.len() as u64, &ops);
    let again = [&result[..], b"?"].concat();
    let one_more = pack::delta(
        result.len() as u64,
        again.len() as u64,
        &[Op::Copy(0, result.len() as u32), Op::Insert(b"?".to_vec())],
    );
    let entries = [
        Entry::delta(Body::Reference(pack::blob_id(&result), one_more), &again),
        Entry::blob(&base),
        Entry::delta(Body::Offset(1, changes), &result),
    ];
    pack::write(&made.git_dir.join("objects/pack"), &entries);
    assert!(made.succeeds(["fsck", "--full", "--strict"]));
    let objects = oracle::objects(&made);
    assert_eq!(objects[&pack::hex(&pack::blob_id(&again))].content, again);
}

#[test]
fn every_place_of_a_repository_has_its_value() {
    let directory = tempfile::tempdir().unwrap();
    let places = Places::new(&directory.path().join("main"), 3);
    let git = &places.repository;
    assert!(git.path.join("vendor/lib/.git").is_file() && git.path.join("old/.git").is_dir());
    let revisions = ["log", "--branches", "--tags", "--remotes", "--format=%H"];
    let mut reached = git.ask(revisions);
    reached +=
        &Repository::work_tree(&git.path.with_extension("linked")).ask(["rev-parse", "HEAD"]);
    for placed in places.placed.iter().filter(|p| p.submodule.is_empty()) {
        let Some(commit) = &placed.commit else { continue };
        assert_eq!(reached.contains(commit.as_str()), placed.reached, "{}", placed.name);
        if let At::File(path) = &placed.at {
            let text = git.ask(["show", &format!("{commit}:{path}")]);
            assert!(text.contains(&placed.secret.text), "{}", placed.name);
        }
    }
}
