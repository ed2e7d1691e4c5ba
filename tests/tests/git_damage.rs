//! Damaged and hostile repositories: no panic, no hang, no memory without end; the
//! account says what was not scanned, and the rest is found.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use leaksieve::Scanner;
use leaksieve::run::history::GitOptions;
use leaksieve_tests::damage::{self, Packed};
use leaksieve_tests::draw::Draw;
use leaksieve_tests::expected::{self, Places, Scan, difference};
use leaksieve_tests::history::History;
use leaksieve_tests::layout::import;
use leaksieve_tests::oracle;
use leaksieve_tests::repository::{Repository, command, output, writable};

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(Scanner::new)
}

/// A scan that may not hang. `Err` is what the repository could not be opened for,
/// or that the scan did not end.
fn scan(path: &Path) -> Result<Scan, String> {
    let (done, wait) = mpsc::channel();
    let path = [path.to_owned()];
    thread::spawn(move || {
        let _ = done.send(expected::scan(scanner(), &path, &GitOptions::new()));
    });
    match wait.recv_timeout(Duration::from_secs(20)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(mpsc::RecvTimeoutError::Timeout) => Err("it hangs".to_owned()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err("it panics".to_owned()),
    }
}

#[test]
fn what_is_sound_is_found_and_the_rest_is_accounted_for() {
    let directory = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for made in damage::all(directory.path()) {
        let path = &made.repository.path;
        match scan(path) {
            Err(error) if made.refused && !error.starts_with("it ") => {}
            Err(error) => wrong.push(format!("{}: {error}", made.name)),
            Ok(_) if made.refused => wrong.push(format!("{}: scanned", made.name)),
            Ok(scan) => {
                let skips = scan.ledger.skips();
                if !scan.holds(&made.secret.value) {
                    wrong.push(format!("{}: the value is not found; {skips:?}", made.name));
                }
                if scan.ledger.is_incomplete(&[]) != made.incomplete {
                    let expected = made.incomplete;
                    wrong.push(format!("{}: incomplete {expected}? {skips:?}", made.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    #[cfg(target_os = "linux")]
    {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < 1 << 20, "{peak} KiB");
    }
}

/// A repository of one pack, what is in it, and copies with a file changed.
struct Sound {
    directory: tempfile::TempDir,
    repository: Repository,
    entries: Vec<Packed>,
    objects: std::collections::BTreeMap<String, oracle::Object>,
    seen: BTreeSet<oracle::Seen>,
    expected: Places,
}

impl Sound {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sound");
        let (repository, _) = import(&History::small(21, 6, 8), &path, "sha1");
        let objects = oracle::objects(&repository);
        let seen = oracle::findings(scanner(), &objects);
        let expected = expected::from(&repository, &objects, &seen);
        let entries = damage::packed(&repository);
        assert!(entries.iter().filter(|e| e.base.is_some()).count() > 20);
        Self { directory, repository, entries, objects, seen, expected }
    }

    /// A copy in which the pack or its idx was changed.
    fn changed(&self, extension: &str, change: impl FnOnce(&mut Vec<u8>)) -> Repository {
        let path = self.directory.path().join("changed");
        let _ = fs::remove_dir_all(&path);
        let copy = self.repository.copy(&path);
        let file = copy.files(extension).pop().unwrap();
        writable(&file);
        let mut content = fs::read(&file).unwrap();
        change(&mut content);
        fs::write(file, content).unwrap();
        copy
    }

    /// What stands at a byte of the pack.
    fn at(&self, byte: usize) -> String {
        let byte = byte as u64;
        let entry = self.entries.iter().find(|e| (e.start..e.end).contains(&byte));
        entry.map_or_else(String::new, |e| {
            let kind = &self.objects[&e.id].kind;
            let delta = if e.base.is_some() { "delta of a " } else { "" };
            format!("byte {} of a {delta}{kind}", byte - e.start)
        })
    }

    /// The secrets that stand in blobs which are sound, and whose commits and
    /// trees are, too.
    fn must_find(&self, damaged: Range<u64>) -> BTreeSet<u64> {
        let sound = damage::sound(&self.entries, damaged);
        let graph = |o: &(&String, &oracle::Object)| o.1.kind != "blob";
        if !self.objects.iter().filter(graph).all(|(id, _)| sound.contains(id)) {
            return BTreeSet::new();
        }
        self.seen.iter().filter(|s| sound.contains(&s.object)).map(|s| s.digest).collect()
    }
}

fn digests(scan: &Scan) -> BTreeSet<u64> {
    scan.found.iter().map(|(_, finding)| oracle::digest(finding.secret())).collect()
}

#[test]
fn a_pack_that_is_cut_off_gives_what_is_left() {
    let sound = Sound::new();
    let pack = sound.repository.files("pack").pop().unwrap();
    let length = fs::metadata(pack).unwrap().len();
    let mut draw = Draw::new(22);
    for _ in 0..12 {
        let keep = draw.below(length as usize) as u64;
        let copy = sound.changed("pack", |content| content.truncate(keep as usize));
        let scan = scan(&copy.path).unwrap_or_else(|error| panic!("{keep}: {error}"));
        assert!(scan.ledger.is_incomplete(&[]), "{keep} of {length}: {:?}", scan.ledger.skips());
        let missed = sound.must_find(keep..length).difference(&digests(&scan)).count();
        assert_eq!(missed, 0, "{keep} of {length}");
    }
}

#[test]
fn a_flipped_bit_in_a_pack_costs_no_more_than_its_family() {
    let sound = Sound::new();
    let mut draw = Draw::new(23);
    let mut wrong = Vec::new();
    for _ in 0..60 {
        let (mut at, bit) = (0, 1 << draw.below(8));
        let copy = sound.changed("pack", |content| {
            at = draw.below(content.len());
            content[at] ^= bit;
        });
        match scan(&copy.path) {
            Err(error) => wrong.push(format!("byte {at}, bit {bit}: {error}")),
            Ok(scan) => {
                let damaged = at as u64..at as u64 + 1;
                let missed = sound.must_find(damaged).difference(&digests(&scan)).count();
                if missed > 0 {
                    wrong.push(format!("byte {at}, bit {bit}: {missed} missed"));
                }
                let differs = difference(&sound.expected, &scan.places());
                if !scan.ledger.is_incomplete(&[]) && !differs.is_empty() {
                    let entry = sound.at(at);
                    wrong.push(format!("byte {at}, bit {bit}, {entry}: not a word; {differs}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_flipped_bit_in_an_idx_is_never_silent() {
    let sound = Sound::new();
    let mut draw = Draw::new(24);
    let mut wrong = Vec::new();
    for round in 0..60 {
        let (mut at, bit) = (0, 1 << draw.below(8));
        let copy = sound.changed("idx", |content| {
            // The fan-out is the half of a small one.
            at = if round % 3 == 0 { draw.below(1032) } else { draw.below(content.len()) };
            content[at] ^= bit;
        });
        match scan(&copy.path) {
            Err(error) => wrong.push(format!("byte {at}, bit {bit}: {error}")),
            Ok(scan) => {
                let same = difference(&sound.expected, &scan.places()).is_empty();
                if !scan.ledger.is_incomplete(&[]) && !same {
                    wrong.push(format!("byte {at}, bit {bit}: other findings, and not a word"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_damaged_copy_does_not_hide_a_sound_one() {
    let sound = Sound::new();
    let copy = sound.changed("pack", |content| {
        let half = content.len() / 2;
        content[half..].iter_mut().for_each(|b| *b = !*b);
    });
    // Another pack with everything, and one object loose.
    let other = sound.repository.git_dir.join("objects/pack");
    for entry in fs::read_dir(other).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().replace("pack-", "pack-f");
        fs::copy(entry.path(), copy.git_dir.join("objects/pack").join(name)).unwrap();
    }
    let scan = scan(&copy.path).unwrap();
    let differs = difference(&sound.expected, &scan.places());
    assert!(differs.is_empty(), "{differs}");
    assert!(scan.ledger.is_incomplete(&[]), "a damaged pack is worth a word");
}

#[test]
fn a_repository_that_is_packed_anew_meanwhile_gives_all_it_holds() {
    let sound = Sound::new();
    let copy = sound.repository.copy(&sound.directory.path().join("busy"));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let repack = scope.spawn(|| {
            let mut round = 0;
            while !stop.load(Ordering::Relaxed) {
                let window = format!("--window={}", 1 + round % 9);
                copy.git(["repack", "-adfq", &window]);
                if round % 4 == 3 {
                    let pack = fs::read(copy.files("pack").pop().unwrap()).unwrap();
                    let mut unpack = command(&copy.path);
                    unpack.args(["unpack-objects", "-q"]);
                    output(unpack, &pack);
                }
                round += 1;
            }
            round
        });
        let checked = (0..60).map(|_| {
            let scan = scan(&copy.path)?;
            let differs = difference(&sound.expected, &scan.places());
            let skips = scan.ledger.skips();
            if !differs.is_empty() && !scan.ledger.is_incomplete(&[]) {
                return Err(format!("not all, and not a word: {differs}"));
            }
            if scan.ledger.is_incomplete(&[]) { Err(format!("{skips:?}")) } else { Ok(()) }
        });
        let checked: Result<(), String> = checked.collect();
        stop.store(true, Ordering::Relaxed);
        assert!(repack.join().unwrap() > 0);
        checked.unwrap();
    });
}

#[test]
fn what_is_no_repository_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("empty")).unwrap();
    fs::write(at("file"), "text").unwrap();
    fs::create_dir(at("dead")).unwrap();
    fs::write(at("dead/.git"), "gitdir: ../nowhere\n").unwrap();
    fs::create_dir(at("noise")).unwrap();
    fs::write(at("noise/.git"), [0xff; 99]).unwrap();
    fs::create_dir_all(at("hollow/.git")).unwrap();
    for name in ["empty", "file", "dead", "noise", "hollow", "nothing"] {
        assert!(scan(&at(name)).is_err(), "{name}");
    }
    let newer: [(&str, &str, &str); 4] = [
        ("reftable", "extensions.refstorage", "reftable"),
        ("extension", "extensions.unheardof", "true"),
        ("ids", "extensions.objectformat", "sha512"),
        ("version", "core.repositoryformatversion", "2"),
    ];
    for (name, setting, value) in newer {
        let git = Repository::init(&at(name));
        git.commit("a.txt", "text", "Begin");
        let config = git.git_dir.join("config");
        let file = config.to_str().unwrap();
        git.git(["config", "--file", file, "core.repositoryformatversion", "1"]);
        git.git(["config", "--file", file, setting, value]);
        let Err(error) = scan(&git.path) else { panic!("{name}: no error") };
        assert!(error.contains(value) || error.contains("unheardof"), "{name}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else_is_read() {
    let sound = Sound::new();
    let mut paths: Vec<PathBuf> = vec![sound.repository.path.clone()];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().flatten().map(|e| e.path()));
        }
        if std::os::unix::fs::chown(&path, Some(12345), Some(12345)).is_err() {
            // Only root can make this test.
            return;
        }
    }
    let scan = scan(&sound.repository.path).unwrap();
    let differs = difference(&sound.expected, &scan.places());
    assert!(differs.is_empty(), "{differs}");
}

#[test]
fn clones_that_lack_objects_say_how_many() {
    let sound = Sound::new();
    let git = &sound.repository;
    git.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", git.path.display());
    let at = |name: &str| sound.directory.path().join(name);

    let shallow = Repository::cloned(&at("shallow"), ["--depth=3"], &url);
    let result = scan(&shallow.path).unwrap();
    let history = result.ledger.history.unwrap();
    assert_eq!((history.commits, history.cut, history.absent), (3, 1, 0));
    assert!(!result.found.is_empty());
    assert!(!result.ledger.is_incomplete(&[]), "{:?}", result.ledger.skips());

    let filters = ["--filter=blob:none", "--no-checkout", "--bare"];
    let partial = Repository::cloned(&at("partial"), filters, &url);
    let result = scan(&partial.path).unwrap();
    let blobs = sound.objects.values().filter(|o| o.kind == "blob").count() as u64;
    assert_eq!(result.ledger.history.unwrap().absent, blobs);
    assert!(result.ledger.is_incomplete(&[]));

    // Some of it was fetched, and not more than that is there.
    let partial = Repository::cloned(&at("some"), ["--filter=blob:none"], &url);
    let result = scan(&partial.path).unwrap();
    let here = partial.ask(["ls-tree", "-r", "--name-only", "HEAD"]).lines().count() as u64;
    assert_eq!(result.ledger.history.unwrap().absent, blobs - here);
    assert!(result.ledger.is_incomplete(&[]) && !result.found.is_empty());
}
