use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::input::git::object::Objects;
use crate::input::git::oid::{ObjectFormat, Oid};
use crate::input::git::store::Store;

fn git(directory: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut child = Command::new("git")
        .args(["-c", "gc.auto=0", "-C"])
        .arg(directory)
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    output.stdout
}

/// A repository with versions of a file, each packed as deltas of others.
fn repository(options: &[&str], repack: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    git(at, &[&["init", "-q"], options].concat(), b"");
    let mut import = Vec::new();
    let mut text: Vec<u8> = (0..400).flat_map(|i| format!("line {i}\n").into_bytes()).collect();
    for version in 0..40usize {
        let at = version * 83 % text.len();
        text.splice(at..at + 3, format!("<change {version}>").into_bytes());
        if version % 7 == 0 {
            let block: Vec<u8> = text.drain(100..900).collect();
            text.extend(block);
        }
        import.extend(format!("blob\ndata {}\n", text.len()).into_bytes());
        import.extend(&text);
        import.push(b'\n');
    }
    git(at, &["fast-import", "--quiet"], &import);
    let ids = git(at, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname) f"], b"");
    let arguments = [&["pack-objects", "-q"][..], repack, &[".git/objects/pack/pack"]].concat();
    git(at, &arguments, &ids);
    git(at, &["prune-packed"], b"");
    directory
}

struct Collect {
    made: BTreeMap<u32, Vec<u8>>,
    failed: Vec<u32>,
}

impl Visitor for Collect {
    type Note = Vec<u8>;

    fn root(&mut self, entry: u32, object: &[u8]) -> Vec<u8> {
        self.made.insert(entry, object.to_vec());
        object.to_vec()
    }

    fn delta(&mut self, child: &mut Child<'_>, base: &Vec<u8>) -> Vec<u8> {
        assert_eq!(child.base, base);
        let object = child.object().to_vec();
        self.made.insert(child.entry, object.clone());
        object
    }

    fn large(&mut self, _: u32, _: &[u8]) {}

    fn failed(&mut self, entry: u32, _: ObjectError) {
        self.failed.push(entry);
    }

    fn stopped(&self) -> bool {
        false
    }
}

fn collected(store: &Store, limit: usize) -> (BTreeMap<Oid, Vec<u8>>, usize) {
    let mut made = BTreeMap::new();
    let mut failed = 0;
    for pack in store.packs() {
        let forest = Forest::of(pack, 2);
        assert!(forest.broken.is_empty(), "{:?}", forest.broken);
        let what = Walk { pack, forest: &forest, kind: Kind::Blob, limit };
        let visitor = || Collect { made: BTreeMap::new(), failed: Vec::new() };
        for visitor in walk(&what, vec![visitor(), visitor()]) {
            failed += visitor.failed.len();
            made.extend(
                visitor
                    .made
                    .into_iter()
                    .map(|(entry, object)| (pack.index.oid(forest.position(entry)), object)),
            );
        }
    }
    (made, failed)
}

#[test]
fn every_object_is_made_once_whatever_the_layout() {
    let layouts: [(&[&str], &[&str]); 4] = [
        (&[], &["--delta-base-offset"]),
        (&[], &["--no-delta-base-offset"]),
        (&[], &["--delta-base-offset", "--index-version=1"]),
        (&["--object-format=sha256"], &["--delta-base-offset"]),
    ];
    for (number, (options, repack)) in layouts.into_iter().enumerate() {
        let directory = repository(options, repack);
        let format = if options.is_empty() { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 };
        let store = Store::open(&[directory.path().join(".git/objects")], format);
        assert!(store.troubles.is_empty(), "{:?}", store.troubles);
        let (made, failed) = collected(&store, 1 << 20);
        assert_eq!((made.len() >= 40, failed), (true, 0), "layout {number}");
        let mut whole = Vec::new();
        for (id, object) in &made {
            assert_eq!(store.read(id, 1 << 20, &mut whole), Ok(Kind::Blob));
            assert_eq!(&whole, object);
            let told = git(directory.path(), &["cat-file", "blob", &id.to_string()], b"");
            assert_eq!(&told, object);
        }
        let (_, failed) = collected(&store, 3000);
        assert!(failed > 0);
    }
}
