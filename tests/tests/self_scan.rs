//! A scan of this repository reports its own fixtures and nothing else.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use leaksieve::Scanner;
use leaksieve::input::files::WalkOptions;
use leaksieve::run::{Located, Progress, Target, scan_targets};

/// What is part of the repository; build products beside it are not.
const ROOTS: &[&str] = &[
    ".ci",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "benches",
    "cli",
    "corpus",
    "detectors",
    "docs",
    "engine",
    "fuzz/Cargo.toml",
    "fuzz/examples",
    "fuzz/fuzz_targets",
    "fuzz/src",
    "tests",
];

/// Where generated and published values stand, each a file or a folder.
const FIXTURES: &[&str] = &[
    // The examples of the detectors.
    "detectors/src/amazon_seller/",
    "detectors/src/aws/",
    "detectors/src/database/",
    "detectors/src/signed_url/",
    "detectors/tests/database_uri.rs",
    "detectors/src/private_key/examples/",
    "detectors/src/signed_url/",
    // Published vectors.
    "corpus/fixed/",
    "corpus/src/tests/formats.rs",
    "detectors/src/verify/sigv4.rs",
    // A published id in a sample of the output; generated values that show how to use
    // the program and the library.
    "README.md",
    "docs/streams.md",
    "engine/examples/embed.rs",
    "engine/src/redact/stream.rs",
    // Generated values.
    "cli/tests/command/stream.rs",
    "engine/src/decode/tests.rs",
    "engine/src/input/log/context/tests.rs",
    "engine/src/input/log/joiner/tests.rs",
    "engine/src/lib.rs",
    "engine/src/run/follow/tests.rs",
    "engine/tests/differential.rs",
    "engine/tests/history_reports.rs",
    "engine/tests/pairs.rs",
    "engine/tests/redact_stream.rs",
    "engine/tests/secrecy.rs",
    "engine/tests/stream.rs",
];

#[test]
fn the_repository_holds_no_leak_but_its_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let targets: Vec<Target> = ROOTS
        .iter()
        .map(|name| root.join(name))
        .filter(|path| path.exists())
        .map(Target::Path)
        .collect();
    assert!(targets.len() > 10, "the repository is not where it should be");
    let found: Mutex<Vec<(PathBuf, String, u64)>> = Mutex::default();
    let note = |located: Located| {
        let path = located.origin.path().unwrap().strip_prefix(&root).unwrap().to_owned();
        let finding = located.finding;
        let entry = (path, finding.detector().id.to_string(), finding.location().line);
        found.lock().unwrap().push(entry);
    };
    let progress = Progress::default();
    let ledger =
        scan_targets(&Scanner::new(), &targets, &WalkOptions::new(), &progress, &note).unwrap();
    assert!(!ledger.is_incomplete(&[]), "{:?}", ledger.skips());

    let found = found.into_inner().unwrap();
    let name = |path: &Path| path.to_string_lossy().replace('\\', "/");
    let strays: Vec<_> = found
        .iter()
        .filter(|(path, ..)| !FIXTURES.iter().any(|f| name(path).starts_with(f)))
        .collect();
    assert!(strays.is_empty(), "{strays:#?}");
    for fixture in FIXTURES {
        let used = found.iter().any(|(path, ..)| name(path).starts_with(fixture));
        assert!(used, "{fixture} is listed as a fixture and holds nothing");
    }
}
