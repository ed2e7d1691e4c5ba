//! Every way in which a repository can keep its objects.

use std::fs;
use std::path::Path;

use crate::history::{History, Ids};
use crate::repository::{self, Repository, copy_directory, writable};

/// A way to keep objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// Every object in a file of its own.
    Loose,
    /// One pack with long chains of deltas.
    OnePack,
    /// Several packs with many objects in two of them, none complete.
    ManyPacks,
    /// A pack, and loose objects, some of which are in the pack too.
    PackAndLoose,
    /// One pack with an idx of version 1.
    IndexV1,
    /// Several packs with a multi-pack-index.
    MultiPackIndex,
    /// The same without the idx files.
    MultiPackIndexOnly,
    /// One pack whose deltas name their bases by id.
    RefDelta,
    /// All objects in another repository.
    Alternate,
    /// All objects in the alternate of an alternate, by relative paths.
    AlternateOfAlternate,
    /// Half of the objects in an alternate, half here, some in both.
    HalfAlternate,
    /// With a work tree.
    WorkTree,
    /// All refs in one file.
    PackedRefs,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Loose,
        Self::OnePack,
        Self::ManyPacks,
        Self::PackAndLoose,
        Self::IndexV1,
        Self::MultiPackIndex,
        Self::MultiPackIndexOnly,
        Self::RefDelta,
        Self::Alternate,
        Self::AlternateOfAlternate,
        Self::HalfAlternate,
        Self::WorkTree,
        Self::PackedRefs,
    ];

    /// Makes a repository of `source`'s objects and refs at `path`. What
    /// alternates refer to stands beside it.
    pub fn make(self, source: &Repository, path: &Path) -> Repository {
        if matches!(self, Self::WorkTree) {
            let url = source.path.to_str().unwrap();
            return Repository::cloned(path, ["--no-local"], url);
        }
        let made = source.copy(path);
        let pack = made.files("pack").pop().unwrap();
        match self {
            Self::Loose => {
                take_packs(&made, &path.with_extension("old"));
                unpack(&made, &fs::read(pack_in(&path.with_extension("old"))).unwrap());
                fs::remove_dir_all(path.with_extension("old")).unwrap();
            }
            Self::OnePack | Self::WorkTree => {}
            Self::PackedRefs => drop(made.git(["pack-refs", "--all"])),
            Self::ManyPacks => divide(&made, &[(0, 40), (30, 80), (75, 100), (0, 10)]),
            Self::MultiPackIndex => {
                divide(&made, &[(0, 50), (40, 100), (90, 100)]);
                made.git(["multi-pack-index", "write"]);
            }
            Self::MultiPackIndexOnly => {
                divide(&made, &[(0, 60), (55, 100)]);
                made.git(["multi-pack-index", "write"]);
                made.files("idx").into_iter().for_each(|idx| fs::remove_file(idx).unwrap());
            }
            Self::PackAndLoose => {
                let all = fs::read(&pack).unwrap();
                let old = path.with_extension("old");
                take_packs(&made, &old);
                unpack(&made, &all);
                write_pack(&made, &ids(&made), (0, 60));
                // Half of what is packed stays loose as well.
                let packed = ids_in_packs(&made);
                for id in packed.iter().step_by(2) {
                    let file = made.git_dir.join("objects").join(&id[..2]).join(&id[2..]);
                    fs::remove_file(file).unwrap();
                }
                fs::remove_dir_all(old).unwrap();
            }
            Self::IndexV1 => {
                fs::remove_file(pack.with_extension("idx")).unwrap();
                made.git(["index-pack", "--index-version=1", pack.to_str().unwrap()]);
            }
            Self::RefDelta => {
                made.git(["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]);
            }
            Self::Alternate => {
                let store = path.with_extension("store");
                copy_directory(&made.git_dir.join("objects"), &store);
                take_packs(&made, &path.with_extension("old"));
                fs::remove_dir_all(path.with_extension("old")).unwrap();
                alternate(&made, store.to_str().unwrap());
            }
            Self::AlternateOfAlternate => {
                let name = path.file_name().unwrap().to_str().unwrap();
                let (one, two) = (path.with_extension("one"), path.with_extension("two"));
                let middle = Repository::init_bare(&one, "sha1");
                let last = Repository::init_bare(&two, "sha1");
                let old = path.with_extension("old");
                take_packs(&made, &old);
                fs::remove_dir(last.git_dir.join("objects/pack")).unwrap();
                fs::rename(old, last.git_dir.join("objects/pack")).unwrap();
                alternate(&made, &format!("../../{name}.one/objects"));
                alternate(&middle, &format!("../../{name}.two/objects"));
            }
            Self::HalfAlternate => {
                let store = path.with_extension("store");
                let other = made.copy(&store);
                divide(&other, &[(0, 55)]);
                divide(&made, &[(50, 100)]);
                alternate(&made, &format!("{}/objects", store.display()));
            }
        }
        made
    }
}

/// Writes a history into a new bare repository as one pack with long chains of
/// deltas.
pub fn import(history: &History, path: &Path, format: &str) -> (Repository, Ids) {
    let made = Repository::init_bare(path, format);
    let ids = history.import(&made);
    made.git(["repack", "-adfq", "--window=25", "--depth=50"]);
    (made, ids)
}

/// Names another directory of objects; a relative one begins at ours.
pub fn alternate(repository: &Repository, directory: &str) {
    let info = repository.git_dir.join("objects/info");
    fs::create_dir_all(&info).unwrap();
    fs::write(info.join("alternates"), format!("{directory}\n")).unwrap();
}

/// All ids of a repository, in their order.
pub fn ids(repository: &Repository) -> Vec<String> {
    let format = "--batch-check=%(objectname)";
    let text = repository.ask(["cat-file", "--batch-all-objects", format]);
    text.lines().map(str::to_owned).collect()
}

/// The ids in the packs alone.
pub fn ids_in_packs(repository: &Repository) -> Vec<String> {
    let packs = repository.files("idx");
    let indexes = packs.iter().map(|idx| {
        let mut show = repository::command(&repository.path);
        show.args(["show-index"]);
        let output = repository::output(show, &fs::read(idx).unwrap());
        String::from_utf8(output.stdout).unwrap()
    });
    let lines = indexes.collect::<String>();
    lines.lines().filter_map(|l| Some(l.split(' ').nth(1)?.to_owned())).collect()
}

/// Replaces the packs by some that each hold a range of the objects, in percent of
/// their order by id.
fn divide(repository: &Repository, ranges: &[(usize, usize)]) {
    let old = repository.files("pack");
    let all = ids(repository);
    for range in ranges {
        write_pack(repository, &all, *range);
    }
    for pack in old {
        for extension in ["pack", "idx", "rev"] {
            let _ = fs::remove_file(pack.with_extension(extension));
        }
    }
}

fn write_pack(repository: &Repository, ids: &[String], (from, to): (usize, usize)) {
    let chosen = &ids[ids.len() * from / 100..ids.len() * to / 100];
    let place = repository.git_dir.join("objects/pack/pack");
    let arguments =
        ["pack-objects", "-q", "--window=25", "--no-reuse-delta", place.to_str().unwrap()];
    repository.git_with(arguments, (chosen.join("\n") + "\n").as_bytes());
}

/// Moves the directory of packs away.
fn take_packs(repository: &Repository, to: &Path) {
    let packs = repository.git_dir.join("objects/pack");
    fs::rename(&packs, to).unwrap();
    fs::create_dir(packs).unwrap();
}

fn pack_in(directory: &Path) -> std::path::PathBuf {
    let mut files = fs::read_dir(directory).unwrap().flatten().map(|e| e.path());
    let pack = files.find(|p| p.extension().is_some_and(|e| e == "pack")).unwrap();
    writable(&pack);
    pack
}

fn unpack(repository: &Repository, pack: &[u8]) {
    repository.git_with(["unpack-objects", "-q"], pack);
}
