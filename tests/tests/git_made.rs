//! The repositories that tests are made with are what they claim to be.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use leaksieve::Scanner;
use leaksieve_tests::history::History;
use leaksieve_tests::layout::{self, Layout, import};
use leaksieve_tests::oracle;
use leaksieve_tests::pack::{self, Body, Entry, Op};
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
        let kept = layout::ids(&made);
        assert_eq!(kept.iter().collect::<BTreeSet<_>>(), all, "{layout:?}");
        let (loose, packs) = made.counts();
        let expected = match layout {
            Layout::Loose => (all.len(), 0),
            Layout::PackAndLoose => (all.len() - all.len() * 60 / 100 / 2, 1),
            Layout::ManyPacks => (0, 4),
            Layout::MultiPackIndex => (0, 3),
            Layout::MultiPackIndexOnly => (0, 2),
            Layout::HalfAlternate => (0, 2),
            _ => (0, 1),
        };
        assert!(loose.abs_diff(expected.0) < 2 && packs == expected.1, "{layout:?}: {loose} {packs}");
        assert!(made.succeeds(["fsck", "--connectivity-only"]), "{layout:?}");
    }
    // Chains are long, and deltas copy.
    let idx = source.files("idx").pop().unwrap();
    let chains = source.ask(["verify-pack", "-sv", idx.to_str().unwrap()]);
    let longest = chains.lines().filter_map(|l| l.strip_prefix("chain length = ")?.split(':').next());
    let longest: usize = longest.filter_map(|n| n.parse().ok()).max().unwrap();
    assert!(longest >= 20, "{chains}");
}

#[test]
fn plants_stand_where_the_history_says() {
    let directory = tempfile::tempdir().unwrap();
    let history = History::standard(2);
    let (source, ids) = import(&history, &directory.path().join("source"), "sha256");
    let objects = oracle::objects(&source);
    let seen = oracle::findings(&Scanner::new(), &objects);
    let mut wrong = Vec::new();
    for plant in &history.plants {
        let digest = oracle::digest(plant.secret.value.as_bytes());
        let wanted = |s: &&oracle::Seen| s.digest == digest && s.detector == plant.secret.detector;
        let blobs: BTreeSet<&String> = seen.iter().filter(wanted).map(|s| &s.object).collect();
        let first = blobs.iter().any(|blob| {
            let brought = oracle::brought_by(&source, blob);
            let (commit, paths) = &brought[0];
            *commit == ids[plant.commit] && paths.contains(&plant.path)
        });
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
