//! Directories, files and pipes, as they are scanned by default and otherwise.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use super::object::{LARGE, SMALL};
use super::samples::{Found, Numbers, generated, rendered, scanner, whole};
use super::*;
use crate::input::files::Ignored;
use crate::ledger::{Skip, SkipKind};
use crate::location::Location;

const LEAK: &str = "KEYIDabcdefghijkl\n";

fn tree(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, text) in files {
        write(dir.path(), path, text.as_bytes());
    }
    dir
}

fn write(dir: &Path, path: &str, bytes: &[u8]) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The names of the objects with findings, the skips, and the ledger.
struct Scanned {
    names: Vec<String>,
    skips: Vec<(String, SkipKind)>,
    ledger: Ledger,
}

fn scan(dir: &Path, options: &WalkOptions) -> Scanned {
    let found = Found::default();
    let progress = Progress::default();
    let ledger =
        scan_targets(&scanner(), &[Target::Path(dir.to_owned())], options, &progress, &|located| {
            found.take(located)
        })
        .unwrap();
    let relative = |name: &str| {
        let name = name.strip_prefix(&Origin::File(dir.to_owned()).name()).unwrap_or(name);
        name.trim_start_matches('/').to_owned()
    };
    let findings = found.sorted();
    assert_eq!(progress.findings.into_inner(), findings.len() as u64);
    assert_eq!(progress.objects.into_inner(), ledger.objects);
    assert_eq!(progress.bytes.into_inner(), ledger.bytes);
    let mut names: Vec<String> = findings.iter().map(|(name, _)| relative(name)).collect();
    names.dedup();
    let mut skips: Vec<_> =
        ledger.skips().iter().map(|s| (relative(&s.origin.name()), s.kind)).collect();
    skips.sort();
    Scanned { names, skips, ledger }
}

fn skips(expected: &[(&str, SkipKind)]) -> Vec<(String, SkipKind)> {
    expected.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
}

#[test]
fn hidden_and_ignored_files_are_scanned_and_listed_directories_are_not() {
    let dir = tree(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".git/info/exclude", "dist/\n"),
        (".gitignore", ".env\nnode_modules\n/target/\n!kept/node_modules/\nlogs/\n"),
        (".env", LEAK),
        (".hidden/deep", LEAK),
        ("dist/bundle", LEAK),
        ("kept/node_modules/a", LEAK),
        ("logs/venv/inside-an-ignored-directory", LEAK),
        ("node_modules/a", LEAK),
        ("src/target/not-anchored-here", LEAK),
        ("target/debug", LEAK),
        ("vendor/not-ignored", LEAK),
    ]);
    let scanned = scan(dir.path(), &WalkOptions::new());
    let expected = [
        ".env",
        ".hidden/deep",
        "kept/node_modules/a",
        "src/target/not-anchored-here",
        "vendor/not-ignored",
    ];
    assert_eq!(scanned.names, expected);
    use SkipKind::IgnoredDirectory;
    assert_eq!(
        scanned.skips,
        skips(&[
            ("dist", IgnoredDirectory),
            ("logs/venv", IgnoredDirectory),
            ("node_modules", IgnoredDirectory),
            ("target", IgnoredDirectory),
        ])
    );
    assert!(!scanned.ledger.is_incomplete(&[]));

    let scanned = scan(dir.path(), &WalkOptions::new().ignored(Ignored::Scan).threads(3));
    assert_eq!(scanned.names.len(), 9);
    assert!(scanned.skips.is_empty());

    let scanned = scan(dir.path(), &WalkOptions::new().ignored(Ignored::Skip));
    assert!(!scanned.names.contains(&".env".to_owned()), "{:?}", scanned.names);
    assert!(scanned.skips.contains(&(".env".to_owned(), SkipKind::Ignored)));
    assert!(scanned.skips.contains(&("logs".to_owned(), SkipKind::Ignored)));

    let scanned = scan(dir.path(), &WalkOptions::new().hidden(false));
    assert!(scanned.names.iter().all(|name| !name.starts_with('.')));
    assert!(scanned.skips.contains(&(".env".to_owned(), SkipKind::Hidden)));
}

#[test]
fn ignore_files_count_up_to_the_root_of_the_repository() {
    let dir = tree(&[
        (".gitignore", "vendor\n"),
        ("repository/.git/HEAD", ""),
        ("repository/.gitignore", "/sub/deeper/target\nsub/deeper/*.ignored\n"),
        ("repository/sub/deeper/target/a", LEAK),
        ("repository/sub/deeper/vendor/above-the-repository", LEAK),
        ("repository/sub/deeper/b.ignored", LEAK),
        ("repository/sub/deeper/.ignore", "!b.ignored\nc\n"),
        ("repository/sub/deeper/c", LEAK),
    ]);
    let target = dir.path().join("repository/sub/deeper");
    let scanned = scan(&target, &WalkOptions::new());
    assert_eq!(scanned.names, ["b.ignored", "c", "vendor/above-the-repository"]);
    assert_eq!(scanned.skips, skips(&[("target", SkipKind::IgnoredDirectory)]));
    let scanned = scan(&target, &WalkOptions::new().ignored(Ignored::Skip));
    assert_eq!(scanned.names, ["b.ignored", "vendor/above-the-repository"]);
}

#[test]
fn of_git_directories_the_text_files_are_scanned() {
    let dir = tree(&[
        (".git/HEAD", LEAK),
        (".git/config", LEAK),
        (".git/hooks/pre-commit", LEAK),
        (".git/index", LEAK),
        (".git/lfs/objects/aa/bb/large", LEAK),
        (".git/logs/HEAD", LEAK),
        (".git/modules/sub/HEAD", LEAK),
        (".git/modules/sub/objects/aa/bb", LEAK),
        (".git/modules/sub/refs/heads/main", ""),
        (".git/objects/aa/bb", LEAK),
        (".git/objects/ag/bb", LEAK),
        (".git/objects/info/packs", LEAK),
        (".git/objects/note", LEAK),
        (".git/refs/heads/main", ""),
        ("bare/HEAD", LEAK),
        ("bare/objects/pack/p", LEAK),
        ("bare/refs/heads/main", ""),
        ("src/index", LEAK),
        ("src/objects/a", LEAK),
    ]);
    let scanned = scan(dir.path(), &WalkOptions::new());
    let expected = [
        ".git/HEAD",
        ".git/config",
        ".git/hooks/pre-commit",
        ".git/logs/HEAD",
        ".git/modules/sub/HEAD",
        ".git/objects/ag/bb",
        ".git/objects/note",
        "bare/HEAD",
        "src/index",
        "src/objects/a",
    ];
    assert_eq!(scanned.names, expected);
    use SkipKind::GitObjects;
    assert_eq!(
        scanned.skips,
        skips(&[
            (".git/index", GitObjects),
            (".git/lfs/objects/aa", GitObjects),
            (".git/modules/sub/objects/aa", GitObjects),
            (".git/objects/aa", GitObjects),
            (".git/objects/info", GitObjects),
            ("bare/objects/pack", GitObjects),
        ])
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_on_demand_and_loops_end() {
    use std::os::unix::fs::symlink;
    let dir = tree(&[("a/leak", LEAK), ("b/other", LEAK)]);
    symlink("leak", dir.path().join("a/file")).unwrap();
    symlink("../b", dir.path().join("a/to-b")).unwrap();
    symlink("../a", dir.path().join("b/to-a")).unwrap();
    symlink(".", dir.path().join("a/self")).unwrap();
    symlink("nowhere", dir.path().join("a/dangling")).unwrap();

    let scanned = scan(dir.path(), &WalkOptions::new());
    assert_eq!(scanned.names, ["a/leak", "b/other"]);
    let counts: Vec<_> = scanned.ledger.counts().collect();
    assert_eq!(counts, [(SkipKind::SymbolicLink, 5)]);
    assert!(!scanned.ledger.is_incomplete(&[]));

    let scanned = scan(dir.path(), &WalkOptions::new().follow_links(true));
    let expected = ["a/file", "a/leak", "a/to-b/other", "b/other", "b/to-a/file", "b/to-a/leak"];
    assert_eq!(scanned.names, expected);
    use SkipKind::{LinkLoop, SymbolicLink};
    assert_eq!(
        scanned.skips,
        skips(&[
            ("a/dangling", SymbolicLink),
            ("a/self", LinkLoop),
            ("a/to-b/to-a", LinkLoop),
            ("b/to-a/dangling", SymbolicLink),
            ("b/to-a/self", LinkLoop),
            ("b/to-a/to-b", LinkLoop),
        ])
    );

    // The directory that a link leads to may contain the target.
    symlink("../..", dir.path().join("a/up")).unwrap();
    let scanned = scan(&dir.path().join("a"), &WalkOptions::new().follow_links(true));
    assert_eq!(scanned.names, ["file", "leak", "to-b/other"]);
    assert!(scanned.skips.contains(&("up".to_owned(), LinkLoop)));

    // A link that is named is followed.
    let scanned = scan(&dir.path().join("a/file"), &WalkOptions::new());
    assert_eq!(scanned.names.len(), 1);
    let scanned = scan(&dir.path().join("b/to-a"), &WalkOptions::new());
    assert_eq!(scanned.names, ["leak"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_opened() {
    let dir = tree(&[("leak", LEAK)]);
    make_pipe(&dir.path().join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    let scanned = scan(dir.path(), &WalkOptions::new());
    assert_eq!(scanned.names, ["leak"]);
    use SkipKind::SpecialFile;
    assert_eq!(scanned.skips, skips(&[("pipe", SpecialFile), ("socket", SpecialFile)]));
    assert!(scanned.ledger.is_incomplete(&[]));
    assert!(!scanned.ledger.is_incomplete(&[SpecialFile]));

    // Nor if it takes a file's place after that was listed.
    for (name, kind) in
        [("pipe", SpecialFile), ("socket", SpecialFile), ("gone", SkipKind::Vanished)]
    {
        let refused = crate::input::open::open(&dir.path().join(name), false).err().unwrap();
        assert_eq!(refused.kind, kind, "{name}");
    }
    std::os::unix::fs::symlink("leak", dir.path().join("link")).unwrap();
    let refused = crate::input::open::open(&dir.path().join("link"), false).err().unwrap();
    assert_eq!(refused.kind, SkipKind::SymbolicLink);
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_pipe_that_is_named_is_read() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("pipe");
    make_pipe(&path);
    let writer = {
        let path = path.clone();
        std::thread::spawn(move || {
            let mut pipe = fs::OpenOptions::new().write(true).open(path).unwrap();
            pipe.write_all(LEAK.as_bytes()).unwrap();
            pipe.write_all(&vec![b' '; 300_000]).unwrap();
            pipe.write_all(LEAK.as_bytes()).unwrap();
        })
    };
    let found = Found::default();
    let targets = [Target::Path(path)];
    let ledger =
        scan_targets(&scanner(), &targets, &WalkOptions::new(), &Progress::default(), &|l| {
            found.take(l);
        })
        .unwrap();
    writer.join().unwrap();
    assert_eq!((ledger.objects, ledger.bytes), (1, 300_000 + 2 * LEAK.len() as u64));
    assert_eq!(found.sorted().len(), 2);
}

#[test]
fn targets_do_not_concern_each_other() {
    let dir = tree(&[
        ("one/.git/HEAD", ""),
        ("one/.gitignore", "target\n"),
        ("one/sub/target/a", LEAK),
        ("two/sub/target/a", LEAK),
    ]);
    let mut targets = vec![dir.path().join("one"), dir.path().join("two")];
    // More than are scanned without threads.
    for i in 0..200 {
        let name = format!("file-{i}");
        write(dir.path(), &name, LEAK.as_bytes());
        targets.push(dir.path().join(name));
    }
    for threads in [1, 3] {
        let found = Found::default();
        let ledger = scan_targets(
            &scanner(),
            &targets.iter().cloned().map(Target::Path).collect::<Vec<_>>(),
            &WalkOptions::new().threads(threads),
            &Progress::default(),
            &|located| found.take(located),
        )
        .unwrap();
        assert_eq!(found.sorted().len(), 201);
        let skip = Skip {
            origin: Origin::File(dir.path().join("one/sub/target")),
            kind: SkipKind::IgnoredDirectory,
            detail: String::new(),
        };
        assert_eq!(ledger.skips(), [skip]);
    }
}

#[test]
fn a_target_that_does_not_exist_is_told_and_the_others_are_scanned() {
    let dir = tree(&[("leak", LEAK)]);
    let missing = [dir.path().join("missing"), dir.path().join("leak/below-a-file")];
    let scan = |targets: &[Target]| {
        let found = Found::default();
        scan_targets(&scanner(), targets, &WalkOptions::new(), &Progress::default(), &|located| {
            found.take(located)
        })
        .map(|ledger| (ledger, found.sorted().len()))
    };
    let [one, two] = missing.clone().map(Target::Path);
    let there = Target::Path(dir.path().to_owned());
    let (ledger, findings) = scan(&[one.clone(), there, two.clone()]).unwrap();
    assert_eq!((findings, ledger.objects), (1, 1));
    assert_eq!(ledger.counts().collect::<Vec<_>>(), [(SkipKind::NoSuchPath, 2)]);
    assert!(ledger.skips().iter().all(|s| !s.detail.is_empty()));
    assert!(ledger.is_incomplete(&[]) && !ledger.is_incomplete(&[SkipKind::NoSuchPath]));

    let error = scan(&[one, two]).unwrap_err();
    assert_eq!(error, RunError::NoSuchPath { paths: missing.to_vec() });
    assert!(error.to_string().ends_with("below-a-file"), "{error}");
    assert!(scan(&[]).is_ok());
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tree(&[("closed/a", LEAK), ("file", LEAK), ("open", LEAK)]);
    for name in ["closed", "file"] {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let is_root = fs::read(dir.path().join("file")).is_ok();
    let scanned = scan(dir.path(), &WalkOptions::new());
    fs::set_permissions(dir.path().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    if is_root {
        return;
    }
    assert_eq!(scanned.names, ["open"]);
    use SkipKind::NoPermission;
    assert_eq!(scanned.skips, skips(&[("closed", NoPermission), ("file", NoPermission)]));
    assert!(scanned.ledger.skips().iter().all(|s| s.detail == "permission denied"));
}

#[test]
fn what_vanishes_during_the_walk_is_told() {
    let dir = TempDir::new().unwrap();
    let scanner = scanner();
    let (options, progress) = (WalkOptions::new(), Progress::default());
    let run = Run {
        scanner: &scanner,
        options: &options,
        progress: &progress,
        found: &|_| {},
        large: Mutex::default(),
    };
    let ledger = Mutex::new(Ledger::default());
    let starts =
        vec![Start::Directory(dir.path().join("gone")), Start::File(dir.path().join("away"))];
    walk(starts, &options, Worker::new(&run), &|| Worker::new(&run), &|worker: Worker<'_>| {
        ledger.lock().unwrap().merge(worker.into_ledger());
    });
    let ledger = ledger.into_inner().unwrap();
    assert_eq!(ledger.counts().collect::<Vec<_>>(), [(SkipKind::Vanished, 2)]);
    assert!(ledger.skips().iter().all(|s| !s.detail.is_empty()));
    assert!(ledger.is_incomplete(&[]));
}

#[test]
fn a_file_that_shrinks_is_told_and_one_that_grows_is_cut() {
    let dir = tree(&[("file", LEAK)]);
    let path = dir.path().join("file");
    let len = LEAK.len() as u64;
    let scanner = scanner();
    let options = WalkOptions::new();
    for (size, objects, kind) in [
        (len, 1, None),
        (len - 3, 1, None),
        (len + 1, 0, Some(SkipKind::Shrunk)),
        (SMALL + 1, 0, Some(SkipKind::Shrunk)),
        (LARGE + 1, 0, Some(SkipKind::Shrunk)),
    ] {
        let found = Found::default();
        let progress = Progress::default();
        let take = |located| found.take(located);
        let run = Run {
            scanner: &scanner,
            options: &options,
            progress: &progress,
            found: &take,
            large: Mutex::default(),
        };
        let mut worker = Worker::new(&run);
        worker.opened(&path, File::open(&path).unwrap(), size);
        let ledger = worker.into_ledger();
        assert_eq!(ledger.objects, objects, "{size}");
        assert_eq!(ledger.bytes, size.min(len), "{size}");
        assert_eq!(ledger.skips().first().map(|s| s.kind), kind);
        assert_eq!(found.sorted().len(), usize::from(size >= len), "{size}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_report_no_size_or_a_wrong_one_are_read() {
    for path in
        ["/proc/self/environ", "/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled"]
    {
        if File::open(path).is_ok() {
            let scanned = scan(Path::new(path), &WalkOptions::new());
            assert_eq!(scanned.skips, [], "{path}");
            assert_eq!(scanned.ledger.objects, 1);
            assert!(path.ends_with("environ") || scanned.ledger.bytes > 0);
        }
    }
}

#[test]
fn files_over_the_limit_are_left_out() {
    let dir = tree(&[("large", &LEAK.repeat(3)), ("small", LEAK)]);
    let options = WalkOptions::new().max_file_size(Some(LEAK.len() as u64));
    let scanned = scan(dir.path(), &options);
    assert_eq!(scanned.names, ["small"]);
    assert_eq!(scanned.skips, skips(&[("large", SkipKind::TooLarge)]));
}

#[test]
fn every_number_of_threads_gives_the_same() {
    let dir = TempDir::new().unwrap();
    let mut numbers = Numbers(3);
    for i in 0..300 {
        let len = numbers.below(3000) as usize;
        let text = generated(&mut numbers, len, 30);
        // Some in one directory, more than are handed over at a time.
        let at = if i < 150 { format!("flat/{i}") } else { format!("{}/{}/{i}", i % 7, i % 3) };
        write(dir.path(), &at, &text);
    }
    for (name, len) in [("windows", SMALL as usize + 5), ("divided", LARGE as usize + 5)] {
        let text = generated(&mut numbers, len, 400);
        write(dir.path(), name, &text);
    }
    let scanner = scanner();
    let all = |threads: usize| {
        let found = Mutex::new(Vec::new());
        let ledger = scan_targets(
            &scanner,
            &[Target::Path(dir.path().to_owned())],
            &WalkOptions::new().threads(threads),
            &Progress::default(),
            &|l: Located| found.lock().unwrap().push((l.origin.clone(), rendered(&l.finding))),
        )
        .unwrap();
        let mut found = found.into_inner().unwrap();
        // Stable: those of one object stay in their order.
        found.sort_by(|a, b| a.0.cmp(&b.0));
        (found, ledger)
    };
    let one = all(1);
    assert_eq!(one.1.objects, 302);
    for name in ["windows", "divided"] {
        let path = dir.path().join(name);
        let expected = whole(&scanner, &fs::read(&path).unwrap());
        let origin = Origin::File(path);
        let found: Vec<String> =
            one.0.iter().filter(|f| f.0 == origin).map(|f| f.1.clone()).collect();
        assert!(found == expected, "{name}");
    }
    for threads in [0, 2, 7] {
        assert!(all(threads) == one, "{threads} threads");
    }
}

/// The one finding in a file with these bytes.
fn location(bytes: &[u8]) -> Location {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "file", bytes);
    let found = Mutex::new(Vec::new());
    let targets = [Target::Path(dir.path().join("file"))];
    let ledger = scan_targets(
        &scanner(),
        &targets,
        &WalkOptions::new(),
        &Progress::default(),
        &|located: Located| found.lock().unwrap().push(located.finding.location()),
    )
    .unwrap();
    assert_eq!((ledger.objects, ledger.bytes), (1, bytes.len() as u64));
    let found = found.into_inner().unwrap();
    assert_eq!(found.len(), 1);
    found[0]
}

#[test]
fn offsets_and_columns_are_those_of_the_file_in_every_encoding() {
    // Small, in windows, and large enough to be divided.
    for filler in [0, SMALL as usize, LARGE as usize] {
        let before = format!("{}é😀\r\nk€y😀 = ", "x".repeat(filler));
        let text = format!("{before}KEYIDabcdefghijkl z\r\n");
        for (mark, big_endian) in [(true, false), (true, true), (false, false), (false, true)] {
            let encoded = |text: &str| -> Vec<u8> {
                text.encode_utf16()
                    .flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() })
                    .collect()
            };
            let marked = if mark { format!("\u{feff}{text}") } else { text.clone() };
            let at = location(&encoded(&marked));
            let start = encoded(&before).len() as u64 + 2 * u64::from(mark) + 10;
            assert_eq!((at.offset, at.length), (start, 24));
            assert_eq!((at.line, at.column, at.byte_column), (2, 13, 27));
            assert_eq!((at.end_line, at.end_column, at.end_byte_column), (2, 25, 51));
        }
        for mark in ["", "\u{feff}"] {
            let at = location(format!("{mark}{text}").as_bytes());
            assert_eq!(at.offset as usize, mark.len() + before.len() + 5);
            assert_eq!((at.line, at.column, at.byte_column), (2, 13, 18));
        }
        let latin: Vec<u8> =
            [&b"x".repeat(filler)[..], b"\xe9\n\xe9\0 = KEYIDabcdefghijkl\0"].concat();
        let at = location(&latin);
        assert_eq!((at.offset as usize, at.line, at.column), (filler + 12, 2, 11));
    }
}

#[test]
fn what_has_arrived_is_scanned_before_more_is_waited_for() {
    struct Slow(mpsc::Receiver<Vec<u8>>, io::Cursor<Vec<u8>>);
    impl Read for Slow {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.1.position() == self.1.get_ref().len() as u64 {
                let Ok(bytes) = self.0.recv() else { return Ok(0) };
                self.1 = io::Cursor::new(bytes);
            }
            self.1.read(out)
        }
    }
    let (send, receive) = mpsc::channel();
    let (heard, hear) = mpsc::channel();
    let scan = std::thread::spawn(move || {
        let heard = Mutex::new(heard);
        scan_stream(
            &scanner(),
            Slow(receive, io::Cursor::default()),
            "slow",
            &WalkOptions::new(),
            &Progress::default(),
            &|located| heard.lock().unwrap().send(located).unwrap(),
        )
    });
    for i in 0..3 {
        send.send(LEAK.as_bytes().to_vec()).unwrap();
        // As much as detectors may reach, and partners may stand apart.
        send.send(vec![b'.'; 20_000]).unwrap();
        let located = hear.recv_timeout(Duration::from_secs(20)).unwrap();
        assert_eq!(located.origin, Origin::Stream("slow".to_owned()));
        assert_eq!(located.finding.location().line, i + 1);
    }
    drop(send);
    assert_eq!(scan.join().unwrap().objects, 1);
}

#[test]
fn a_stream_that_breaks_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("Cable cut"))
        }
    }
    let found = Found::default();
    let ledger = scan_stream(
        &scanner(),
        LEAK.as_bytes().chain(Broken),
        "pipe",
        &WalkOptions::new(),
        &Progress::default(),
        &|located| found.take(located),
    );
    let skip = Skip {
        origin: Origin::Stream("pipe".to_owned()),
        kind: SkipKind::ReadFailed,
        detail: "cable cut".to_owned(),
    };
    assert_eq!(ledger.skips(), [skip]);
    assert_eq!((ledger.objects, ledger.bytes), (0, LEAK.len() as u64));
    assert_eq!(found.sorted().len(), 1);
}

#[test]
fn a_scan_can_be_stopped() {
    let progress = Progress::default();
    let endless = LEAK.as_bytes().chain(io::repeat(b' '));
    let stop = |_| progress.stop.store(true, Ordering::Relaxed);
    let ledger = scan_stream(&scanner(), endless, "endless", &WalkOptions::new(), &progress, &stop);
    assert_eq!(ledger.objects, 0);

    let dir = tree(&[("a/leak", LEAK), ("b/leak", LEAK), ("c", LEAK)]);
    let targets = [Target::Path(dir.path().to_owned())];
    let progress = Progress::default();
    let stop = |_| progress.stop.store(true, Ordering::Relaxed);
    let ledger =
        scan_targets(&scanner(), &targets, &WalkOptions::new().threads(1), &progress, &stop)
            .unwrap();
    assert!(ledger.objects < 3);
    assert_eq!(progress.findings.into_inner(), 1);
}

#[test]
fn a_long_line_is_no_trouble() {
    let line = io::Read::chain(
        LEAK.trim_end().as_bytes().chain(io::repeat(b'.').take(1 << 30)),
        LEAK.as_bytes(),
    );
    let columns = Mutex::new(Vec::new());
    let ledger = scan_stream(
        &scanner(),
        line,
        "line",
        &WalkOptions::new(),
        &Progress::default(),
        &|located: Located| columns.lock().unwrap().push(located.finding.location().column),
    );
    assert_eq!(ledger.objects, 1);
    assert_eq!(columns.into_inner().unwrap(), [6, (1 << 30) + 17 + 6]);
}
