//! Containers as real programs make them: alone, and in each other.
//!
//! Programs that are not installed are left out, which is told; with
//! `LEAKSIEVE_ALL_TOOLS` set, as in CI, they must be there.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use leaksieve::Scanner;
use leaksieve::input::files::WalkOptions;
use leaksieve::ledger::SkipKind;
use leaksieve::run::{Located, Progress, Target, scan_targets};
use leaksieve_tests::draw::Draw;
use leaksieve_tests::secret::aws_pair;
use tempfile::TempDir;

/// How a program makes a container of the directory `in`: a shell line, run where that
/// stands, and the path of the planted file in what it makes.
struct Recipe {
    /// The suffix of the file.
    suffix: &'static str,
    programs: &'static [&'static str],
    /// `$out` is the file to make.
    line: &'static str,
    /// Where the leak stands in it; empty where only the leak itself is compressed.
    inner: &'static str,
}

const fn recipe(
    suffix: &'static str,
    programs: &'static [&'static str],
    line: &'static str,
    inner: &'static str,
) -> Recipe {
    Recipe { suffix, programs, line, inner }
}

const PLANTED: &str = "in/deep/app.env";

const RECIPES: &[Recipe] = &[
    recipe("tar", &["tar"], "tar cf $out in", PLANTED),
    recipe("v7.tar", &["tar"], "tar --format=v7 -cf $out in", PLANTED),
    recipe("pax.tar", &["tar"], "tar --format=posix -cf $out in", PLANTED),
    recipe("tar.gz", &["tar", "gzip"], "tar cf - in | gzip > $out", PLANTED),
    recipe("tar.bz2", &["tar", "bzip2"], "tar cf - in | bzip2 > $out", PLANTED),
    recipe("tar.xz", &["tar", "xz"], "tar cf - in | xz > $out", PLANTED),
    recipe("tar.lzma", &["tar", "xz"], "tar cf - in | xz --format=lzma > $out", PLANTED),
    recipe("tar.zst", &["tar", "zstd"], "tar cf - in | zstd -q > $out", PLANTED),
    recipe("tar.lz4", &["tar", "lz4"], "tar cf - in | lz4 -q > $out", PLANTED),
    recipe("env.gz", &["gzip"], "gzip < in/deep/app.env > $out", ""),
    recipe("env.zst", &["zstd"], "zstd -q < in/deep/app.env > $out", ""),
    recipe("zip", &["zip"], "zip -q -r - in > $out", PLANTED),
    recipe("stored.jar", &["zip"], "zip -q -0 -r $out.zip in && mv $out.zip $out", PLANTED),
    recipe("cpio", &["cpio"], "find in | cpio -o -H newc --quiet > $out", PLANTED),
    recipe("old.cpio", &["cpio"], "find in | cpio -o --quiet > $out", PLANTED),
    recipe("odc.cpio", &["cpio"], "find in | cpio -o -H odc --quiet > $out", PLANTED),
    recipe("a", &["ar"], "ar cr $out in/deep/app.env", "app.env"),
    recipe(
        "deb",
        &["dpkg-deb"],
        "mkdir -p deb/DEBIAN deb/usr && cp -r in deb/usr && printf 'Package: x\\nVersion: 1\\n\
         Architecture: all\\nMaintainer: a <a@example.com>\\nDescription: x\\n' > deb/DEBIAN/control \
         && dpkg-deb -b deb $out >/dev/null",
        "data.tar.xz!./usr/in/deep/app.env",
    ),
    recipe(
        "rpm",
        &["rpmbuild"],
        "printf 'Name: x\\nVersion: 1\\nRelease: 1\\nSummary: x\\nLicense: x\\nBuildArch: noarch\\n\
         %%description\\nx\\n%%install\\nmkdir -p %%{buildroot}/usr\\ncp -r '$PWD'/in %%{buildroot}/usr\\n\
         %%files\\n/usr/in\\n' > x.spec && rpmbuild -bb --quiet --define \"_topdir $PWD/rpm\" \
         --define \"_rpmfilename x.rpm\" x.spec >/dev/null 2>&1 && mv rpm/RPMS/x.rpm $out",
        "./usr/in/deep/app.env",
    ),
    recipe("7z", &["7z"], "7z a -bd $out in >/dev/null", PLANTED),
];

/// Runs a line in a directory; the container that it makes.
fn made(recipe: &Recipe, dir: &Path) -> Option<Vec<u8>> {
    for program in recipe.programs {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        if !found.unwrap().status.success() {
            assert!(std::env::var_os("LEAKSIEVE_ALL_TOOLS").is_none(), "no {program}");
            eprintln!("left out: {}: no {program}", recipe.suffix);
            return None;
        }
    }
    let out = dir.join(format!("made.{}", recipe.suffix));
    let mut command = Command::new("sh");
    command.args(["-c", recipe.line]).current_dir(dir).env("out", &out).env("LC_ALL", "C");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", recipe.suffix);
    let bytes = fs::read(&out).unwrap();
    fs::remove_file(out).unwrap();
    Some(bytes)
}

/// A directory with the file in which something is planted, on its third line.
fn planted(content: &[u8]) -> TempDir {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "in/beside.txt", b"nothing\n");
    write(dir.path(), PLANTED, content);
    dir
}

fn write(dir: &Path, path: &str, content: &[u8]) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(content).unwrap();
}

/// A finding: its name and its line.
type At = (String, u64);

/// Findings, and what was not scanned.
fn scan(path: PathBuf) -> (Vec<At>, Vec<(SkipKind, String)>) {
    let found = Mutex::new(Vec::new());
    let progress = Progress::default();
    let take = |located: Located| {
        let line = located.finding.location().line;
        found.lock().unwrap().push((located.origin.name(), line));
    };
    let scanner = Scanner::builder().build().unwrap();
    let options = WalkOptions::new().threads(2);
    let ledger = scan_targets(&scanner, &[Target::Path(path)], &options, &progress, &take).unwrap();
    let skips = ledger.skips().iter().map(|s| (s.kind, s.detail.clone())).collect();
    (found.into_inner().unwrap(), skips)
}

#[test]
fn every_container_alone_and_in_every_other() {
    let leak = format!("# production\n{}\n", aws_pair(&mut Draw::new(5)).text);
    let alone = planted(leak.as_bytes());
    let mut containers = Vec::new();
    for recipe in RECIPES {
        containers.extend(made(recipe, alone.path()).map(|bytes| (recipe, bytes)));
    }
    assert!(containers.len() > 5, "hardly any program is there");
    let dir = TempDir::new().unwrap();
    for (recipe, bytes) in &containers {
        let file = dir.path().join(format!("x.{}", recipe.suffix));
        fs::write(&file, bytes).unwrap();
        let inner =
            if recipe.inner.is_empty() { String::new() } else { format!("!{}", recipe.inner) };
        let expected = format!("{}{inner}", file.display());
        let (found, skips) = scan(file);
        assert_eq!(skips, [], "{}", recipe.suffix);
        assert_eq!(found, [(expected, 3)], "{}", recipe.suffix);
    }
    // Two deep: this in that, under a name that says nothing.
    for (inner, bytes) in &containers {
        let nested = planted(bytes);
        for outer in RECIPES {
            if outer.programs.contains(&"rpmbuild") || outer.programs.contains(&"dpkg-deb") {
                // Slow, and no other than what is in them.
                continue;
            }
            let Some(bytes) = made(outer, nested.path()) else { continue };
            let file = dir.path().join(format!("x.{}", outer.suffix));
            fs::write(&file, bytes).unwrap();
            let parts = [file.to_str().unwrap(), outer.inner, inner.inner];
            let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            let (found, skips) = scan(file.clone());
            assert_eq!(skips, [], "{} in {}", inner.suffix, outer.suffix);
            let expected = [(parts.join("!"), 3)];
            assert_eq!(found, expected, "{} in {}", inner.suffix, outer.suffix);
        }
    }
}

#[test]
fn archives_behind_programs_are_read_and_the_programs_are() {
    let leak = format!("# production\n{}\n", aws_pair(&mut Draw::new(6)).text);
    let dir = planted(leak.as_bytes());
    let recipes = [
        recipe(
            "run",
            &["zip"],
            "zip -q -r $out.zip in && (printf '#!/bin/sh\\nexit\\n'; cat $out.zip) > $out",
            PLANTED,
        ),
        recipe(
            "adjusted.exe",
            &["zip"],
            "zip -q -0 -r $out.zip in && (printf 'MZ\\0\\0'; cat $out.zip) > $out && zip -q -A $out",
            PLANTED,
        ),
        recipe(
            "pyz",
            &["python3"],
            "mkdir -p app && cp -r in app && python3 -m zipapp -p /usr/bin/python3 -m a:b -o $out app",
            PLANTED,
        ),
    ];
    for recipe in &recipes {
        let Some(bytes) = made(recipe, dir.path()) else { continue };
        let file = dir.path().join(format!("x.{}", recipe.suffix));
        fs::write(&file, bytes).unwrap();
        let (found, skips) = scan(file.clone());
        assert_eq!(skips, [], "{}", recipe.suffix);
        let expected = format!("{}!{}", file.display(), recipe.inner);
        assert_eq!(found, [(expected, 3)], "{}", recipe.suffix);
    }
}

#[test]
fn holes_of_sparse_files_cost_nothing() {
    let leak = format!("# production\n{}\n", aws_pair(&mut Draw::new(7)).text);
    for (format, suffix) in [("gnu", "tar"), ("posix", "pax.tar")] {
        let dir = planted(leak.as_bytes());
        let line = match format {
            "gnu" => {
                "truncate -s 90G in/hole && cat in/deep/app.env >> in/hole \
                 && tar -S --format=gnu -cf $out in"
            }
            _ => {
                "truncate -s 90G in/hole && cat in/deep/app.env >> in/hole \
                 && tar -S --format=posix -cf $out in"
            }
        };
        let recipe = recipe(suffix, &["tar", "truncate"], line, "");
        let Some(bytes) = made(&recipe, dir.path()) else { continue };
        assert!(bytes.len() < 1 << 20);
        let file = dir.path().join("x.tar");
        fs::write(&file, bytes).unwrap();
        let (found, skips) = scan(file.clone());
        assert_eq!(skips, [], "{format}");
        assert_eq!(found.len(), 2, "{format}: {found:?}");
    }
}

#[test]
fn what_is_encrypted_is_named() {
    let dir = planted(b"nothing\n");
    let recipe = recipe("zip", &["zip"], "zip -q -r -P password - in > $out", "");
    let Some(bytes) = made(&recipe, dir.path()) else { return };
    let file = dir.path().join("x.zip");
    fs::write(&file, bytes).unwrap();
    let (_, skips) = scan(file);
    let kinds: Vec<SkipKind> = skips.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [SkipKind::EncryptedMember; 2]);
}
