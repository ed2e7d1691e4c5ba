//! Values are found in every place that a repository has for text, with what is to
//! be told of them.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::OnceLock;

use leaksieve::Scanner;
use leaksieve::input::git::{GitPlace, Holder, Scope};
use leaksieve::run::history::GitOptions;
use leaksieve_tests::expected::{Scan, scan};
use leaksieve_tests::places::{At, Placed, Places};
use tempfile::TempDir;

struct Made {
    _directory: TempDir,
    places: Places,
}

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(Scanner::new)
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let places = Places::new(&directory.path().join("main"), 31);
        Made { _directory: directory, places }
    })
}

/// What is wrong with the place of a value, if anything is.
fn fault(scan: &Scan, placed: &Placed) -> Option<String> {
    let found: Vec<&GitPlace> = scan
        .found
        .iter()
        .filter(|(_, finding)| finding.secret() == placed.secret.value)
        .map(|(place, _)| place)
        .collect();
    let fits = |place: &&GitPlace| {
        let holder = match (&place.holder, &placed.at) {
            (Holder::File(path), At::File(name)) => **path == *name.as_bytes(),
            (Holder::Commit, At::Commit)
            | (Holder::Unreachable, At::Unreachable)
            | (Holder::Object, At::Object) => true,
            (Holder::Tag(name), At::Tag(wanted)) => **name == **wanted,
            (Holder::Note(about), At::Note(wanted)) => **about == **wanted,
            // To know more than that nothing reaches it is no fault.
            (Holder::File(_), At::Unreachable) => true,
            _ => false,
        };
        let commit = place.commit.as_ref().map(|c| c.id.to_string());
        let commit = placed.commit.is_none() || commit == placed.commit;
        holder && commit && place.repository.as_os_str() == placed.submodule
    };
    (!found.iter().any(fits)).then(|| format!("{}: {found:#?}", placed.name))
}

#[test]
fn what_refs_reach_is_found_by_default() {
    let made = made();
    let scan =
        scan(scanner(), std::slice::from_ref(&made.places.repository.path), &GitOptions::new())
            .unwrap();
    assert!(!scan.ledger.is_incomplete(&[]), "{:?}", scan.ledger.skips());
    let placed = &made.places.placed;
    let mut faults: Vec<String> =
        placed.iter().filter(|p| p.reached).filter_map(|p| fault(&scan, p)).collect();
    let beyond = placed.iter().filter(|p| !p.reached && scan.holds(&p.secret.value));
    faults.extend(beyond.map(|p| format!("{}: found, and nothing reaches it", p.name)));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn all_objects_are_all() {
    let made = made();
    let options = GitOptions::new().scope(Scope::all_objects());
    let scan =
        scan(scanner(), std::slice::from_ref(&made.places.repository.path), &options).unwrap();
    assert!(!scan.ledger.is_incomplete(&[]), "{:?}", scan.ledger.skips());
    let faults: Vec<String> =
        made.places.placed.iter().filter_map(|placed| fault(&scan, placed)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn submodules_can_be_left_out() {
    let made = made();
    let options = GitOptions::new().submodules(false);
    let scan =
        scan(scanner(), std::slice::from_ref(&made.places.repository.path), &options).unwrap();
    for placed in made.places.placed.iter().filter(|p| p.reached) {
        assert_eq!(
            scan.holds(&placed.secret.value),
            placed.submodule.is_empty(),
            "{}",
            placed.name
        );
    }
}

#[test]
fn every_door_leads_to_the_same_repository() {
    let made = made();
    let git = &made.places.repository;
    let linked = git.path.with_extension("linked");
    // Its own HEAD stands elsewhere; refs and objects are the same.
    let doors = [git.git_dir.clone(), git.path.join("vendor"), linked.clone(), linked.join(".git")];
    for door in doors {
        let scan = scan(scanner(), std::slice::from_ref(&door), &GitOptions::new()).unwrap();
        for placed in made.places.placed.iter().filter(|p| p.reached && p.submodule.is_empty()) {
            assert!(scan.holds(&placed.secret.value), "{}: {}", door.display(), placed.name);
        }
    }
    // Both at once are still one.
    let both = [git.path.clone(), linked];
    let both = scan(scanner(), &both, &GitOptions::new()).unwrap();
    let once = scan(scanner(), std::slice::from_ref(&git.path), &GitOptions::new()).unwrap();
    assert_eq!(both.found.len(), once.found.len());
    assert_eq!(both.ledger.history, once.ledger.history);
}
