//! Repositories that are damaged or hostile, each with a value in an object that
//! nothing is wrong with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::draw::Draw;
use crate::layout::alternate;
use crate::pack::{self, Body, Entry, Op, deflated, delta, hex};
use crate::repository::Repository;
use crate::secret::{self, Secret};

/// A repository with something wrong.
pub struct Damaged {
    /// What is wrong.
    pub name: &'static str,
    /// The repository.
    pub repository: Repository,
    /// What must be found in it, at `kept.txt`.
    pub secret: Secret,
    /// Whether the account of a scan has to say that something was not scanned.
    pub incomplete: bool,
    /// Whether nothing can be scanned, as git can do nothing with it.
    pub refused: bool,
}

/// Makes them below one directory.
pub struct Maker<'a> {
    directory: &'a Path,
    draw: Draw,
    made: Vec<Damaged>,
}

/// From a file's length to what is kept of it.
type Cut = fn(usize) -> usize;
/// Files below the git directory, and what stands in them.
type Contents = &'static [(&'static str, &'static str)];

/// All damaged repositories.
pub fn all(directory: &Path) -> Vec<Damaged> {
    let mut maker = Maker { directory, draw: Draw::new(4), made: Vec::new() };
    maker.packs();
    maker.bombs();
    maker.files_of_packs();
    maker.loose();
    maker.graphs();
    maker.refs();
    maker.made
}

impl Maker<'_> {
    /// A sound repository with the value in a pack.
    fn sound(&mut self, name: &'static str, incomplete: bool) -> Repository {
        self.with_pack(name, Vec::new(), incomplete)
    }

    /// A repository with these entries in its pack, and the value in another one of
    /// the same pack; all of them in the tree of `main`.
    fn with_pack(&mut self, name: &'static str, entries: Vec<Entry>, bad: bool) -> Repository {
        let secret = secret::database_uri(&mut self.draw);
        let path = self.directory.join(self.made.len().to_string());
        let repository = Repository::init_bare(&path, "sha1");
        let mut tree = String::new();
        for (number, entry) in entries.iter().enumerate() {
            if !matches!(entry.body, Body::Whole(kind, _) if kind != pack::BLOB) {
                tree += &format!("100644 blob {}\tbad{number}.bin\n", hex(&entry.id));
            }
        }
        let kept = Entry::blob(format!("{}\n", secret.text).as_bytes());
        tree += &format!("100644 blob {}\tkept.txt\n", hex(&kept.id));
        // In this order: git itself gets lost in some of what follows.
        commit(&repository, &tree, "main");
        pack::write(&packs(&repository), &[entries, vec![kept]].concat());
        let made = Damaged {
            name,
            repository: repository.clone(),
            secret,
            incomplete: bad,
            refused: false,
        };
        self.made.push(made);
        repository
    }

    /// Deltas that cannot be applied.
    fn packs(&mut self) {
        let base = Entry::blob(&b"something to be copied\n".repeat(40));
        let size = 23 * 40;
        let result = |text: &str| text.as_bytes().to_vec();
        let reference = |id: [u8; 20], ops: &[Op], name: &str| {
            Entry::delta(Body::Reference(id, delta(size, 30, ops)), &result(name))
        };
        let copy = [Op::Copy(0, 30)];
        let (one, two) = (pack::blob_id(b"one"), pack::blob_id(b"two"));

        self.with_pack("a base that is not there", vec![reference([7; 20], &copy, "x")], true);
        let cycle = vec![reference(two, &copy, "one"), reference(one, &copy, "two")];
        self.with_pack("a cycle of deltas", cycle, true);
        self.with_pack("a delta on itself", vec![reference(one, &copy, "one")], true);
        let cycle = vec![
            reference(two, &copy, "one"),
            reference(one, &copy, "two"),
            reference(one, &copy, "three"),
        ];
        self.with_pack("a delta on a cycle", cycle, true);

        let wrong: [(&str, &[Op]); 6] = [
            ("a delta that copies beyond its base", &[Op::Copy(900, 30)]),
            ("a delta that copies from far away", &[Op::Copy(u32::MAX, 30)]),
            ("a delta with more than it says", &[Op::Copy(0, 31)]),
            ("a delta with less than it says", &[Op::Copy(0, 29)]),
            ("a delta with the reserved instruction", &[Op::Raw(vec![0]), Op::Copy(0, 30)]),
            ("a delta that ends in an instruction", &[Op::Copy(0, 20), Op::Raw(vec![9, 1])]),
        ];
        for (name, ops) in wrong {
            let bad = Entry::delta(Body::Offset(0, delta(size, 30, ops)), &result("x"));
            self.with_pack(name, vec![base.clone(), bad], true);
        }
        let other_size = delta(size + 1, 30, &copy);
        let bad = Entry::delta(Body::Offset(0, other_size), &result("x"));
        self.with_pack("a delta for another base", vec![base.clone(), bad], true);
        let bad = Entry::delta(Body::Offset(9, delta(size, 30, &copy)), &result("x"));
        self.with_pack("a base before the pack's first entry", vec![base.clone(), bad], true);
        let bad = Entry::delta(Body::Offset(0, Vec::new()), &result("x"));
        self.with_pack("an empty delta", vec![base.clone(), bad], true);
        let mut bad = Entry::blob(b"x");
        bad.body = Body::Whole(5, b"x".to_vec());
        self.with_pack("an entry of a kind that is not used", vec![bad], true);
        let mut bad = Entry::blob(b"text");
        bad.stream = Some(b"no stream at all, but some other text".to_vec());
        self.with_pack("an entry that is not compressed", vec![bad], true);
        let mut bad = Entry::blob(b"some text that is cut off in the middle");
        let stream = deflated(b"some text that is cut off in the middle");
        bad.stream = Some(stream[..stream.len() - 9].to_vec());
        self.with_pack("a stream that is cut off", vec![bad], true);
    }

    /// Sizes that nobody should believe.
    fn bombs(&mut self) {
        for (name, size) in [("a blob of a terabyte", 1 << 40), ("a blob of 2^64", u64::MAX)] {
            let mut bad = Entry::blob(b"small");
            bad.declared = Some(size);
            self.with_pack(name, vec![bad], true);
        }
        let mut bad = Entry::blob(b"small");
        bad.stream = Some(deflated(&vec![0; 64 << 20]));
        self.with_pack("a stream of more than it says", vec![bad], true);

        let base = Entry::blob(&vec![b'x'; 1 << 16]);
        let huge = |result: u64, ops: &[Op], name: &[u8]| {
            Entry::delta(Body::Offset(0, delta(1 << 16, result, ops)), name)
        };
        let copy = [Op::Copy(0, 100)];
        let bad = huge(1 << 50, &copy, b"one");
        self.with_pack("a delta that says it makes a petabyte", vec![base.clone(), bad], true);
        // A size that has no end.
        let mut bad = delta(1 << 16, 0, &[]);
        bad.splice(3.., [0xff; 30]);
        let bad = Entry::delta(Body::Offset(0, bad), b"two");
        self.with_pack("a delta with a size of 200 bits", vec![base.clone(), bad], true);
        let ops = vec![Op::Copy(0, 1 << 16); 1 << 16];
        let bad = huge(1 << 32, &ops, b"three");
        self.with_pack("a delta that makes 4 GiB of copies", vec![base.clone(), bad], true);
        // Each of them doubles its base.
        let mut entries = vec![Entry::blob(&vec![b'y'; 1 << 20])];
        for step in 0..40_u64 {
            let size = 1_u64 << (20 + step).min(31);
            let ops = [Op::Copy(0, size as u32 / 2), Op::Copy(0, size as u32 / 2)];
            let body = Body::Offset(step as usize, delta(size, size * 2, &ops));
            entries.push(Entry::delta(body, format!("doubled {step}").as_bytes()));
        }
        self.with_pack("a chain in which each doubles", entries, true);
    }

    /// Files beside each other that should not be.
    fn files_of_packs(&mut self) {
        let git = self.sound("a pack without objects", false);
        pack::write(&packs(&git), &[]);

        let git = self.sound("a pack without an idx", true);
        let extra = pack::write(&packs(&git), &[Entry::blob(b"one")]);
        fs::remove_file(extra.with_extension("idx")).unwrap();

        let git = self.sound("an idx without a pack", true);
        let extra = pack::write(&packs(&git), &[Entry::blob(b"one")]);
        fs::remove_file(extra).unwrap();

        let cuts: [(&str, &str, Cut); 7] = [
            ("an empty pack file", "pack", |_| 0),
            ("a pack of its head", "pack", |_| 12),
            ("a pack without its end", "pack", |length| length - 25),
            ("an empty idx file", "idx", |_| 0),
            ("an idx of its head", "idx", |_| 8),
            ("an idx without its ids", "idx", |_| 8 + 1024),
            ("an idx without its end", "idx", |length| length - 30),
        ];
        for (name, extension, keep) in cuts {
            let git = self.sound(name, true);
            let entries = [Entry::blob(b"one"), Entry::blob(&b"two".repeat(50))];
            let path = pack::write(&packs(&git), &entries).with_extension(extension);
            let content = fs::read(&path).unwrap();
            fs::write(&path, &content[..keep(content.len())]).unwrap();
        }
        let changes: [(&str, &str, usize, u8); 6] = [
            ("a pack that is none", "pack", 0, 1),
            ("a pack of version 66", "pack", 7, 0x40),
            ("a pack that counts wrong", "pack", 11, 0x40),
            ("an idx with a fan-out that falls", "idx", 8 + 4 * 255, 0x80),
            ("an idx of version 66", "idx", 7, 0x40),
            ("an idx with an offset beyond the pack", "idx", 8 + 1024 + 48, 0x7f),
        ];
        for (name, extension, at, bits) in changes {
            let git = self.sound(name, true);
            let entries = [Entry::blob(b"one"), Entry::blob(&b"two".repeat(50))];
            let path = pack::write(&packs(&git), &entries).with_extension(extension);
            let mut content = fs::read(&path).unwrap();
            content[at] ^= bits;
            fs::write(&path, content).unwrap();
        }
        let git = self.sound("other files among the objects", false);
        let objects = git.git_dir.join("objects");
        fs::create_dir_all(objects.join("ab")).unwrap();
        fs::create_dir_all(objects.join("zz")).unwrap();
        for name in ["pack/tmp_pack_x1", "pack/notes.txt", "ab/tmp_obj_1", "zz/file", "README"] {
            fs::write(objects.join(name), "no object").unwrap();
        }
        let git = self.sound("a multi-pack-index that is none", false);
        fs::write(packs(&git).join("multi-pack-index"), "MIDX and no more").unwrap();
    }

    /// Loose objects with something wrong.
    fn loose(&mut self) {
        let objects: [(&str, Vec<u8>); 10] = [
            ("an empty loose object", Vec::new()),
            ("a loose object that is not compressed", b"blob 4\0text".to_vec()),
            ("a loose object without a header", deflated(b"some text, nothing else at all")),
            ("a loose object of no kind", deflated(b"glob 4\0text")),
            ("a loose object with no size", deflated(b"blob x\0text")),
            ("a loose object that is short", deflated(b"blob 400\0text")),
            ("a loose object that is long", deflated(b"blob 4\0text and more")),
            ("a loose object of 2^64", deflated(b"blob 18446744073709551616\0text")),
            ("a loose object of a terabyte", deflated(b"blob 1099511627776\0text")),
            ("a loose object that is a bomb", {
                deflated(&[b"blob 10\0".to_vec(), vec![b' '; 64 << 20]].concat())
            }),
        ];
        for (name, content) in objects {
            let git = self.sound(name, true);
            write_loose(&git, &hex(&[0xab; 20]), &content);
        }
        let git = self.sound("a loose object that is cut off", true);
        let stream = deflated(&[&b"blob 4000\0"[..], &Draw::new(1).bytes(4000)].concat());
        write_loose(&git, &hex(&[0xab; 20]), &stream[..2000]);
        let git = self.sound("a directory in place of a loose object", true);
        fs::create_dir_all(git.git_dir.join("objects/ab").join(&hex(&[0xab; 20])[2..])).unwrap();
        #[cfg(unix)]
        for (name, place) in [
            ("a pipe in place of a loose object", format!("ab/{}", &hex(&[0xab; 20])[2..])),
            ("a pipe in place of a pack", format!("pack/pack-{}.pack", hex(&[0xab; 20]))),
            ("a pipe in place of an idx", format!("pack/pack-{}.idx", hex(&[0xab; 20]))),
        ] {
            let git = self.sound(name, true);
            let extra = pack::write(&packs(&git), &[Entry::blob(b"one")]);
            for extension in ["pack", "idx"] {
                let name = format!("pack/pack-{}.{extension}", hex(&[0xab; 20]));
                let kept = if place.starts_with("ab") {
                    continue;
                } else {
                    extra.with_extension(extension)
                };
                fs::rename(kept, git.git_dir.join("objects").join(name)).unwrap();
            }
            pipe(&git.git_dir.join("objects").join(place));
        }
    }

    /// Commits and trees that make no sense. An idx may claim any id, so that even
    /// cycles can be made.
    fn graphs(&mut self) {
        let entry = |id: [u8; 20], kind: u8, content: &[u8]| {
            let body = Body::Whole(kind, content.to_vec());
            Entry { id, body, declared: None, stream: None }
        };
        let tree = |entries: &[(&str, [u8; 20])]| -> Vec<u8> {
            entries.iter().flat_map(|(name, id)| [name.as_bytes(), b"\0", id].concat()).collect()
        };
        let person = "A <a@acme-corp.net> 1700000000 +0000";
        let text = |tree: &[u8], parents: &[[u8; 20]]| {
            let parents: String = parents.iter().map(|p| format!("parent {}\n", hex(p))).collect();
            let tree = hex(tree);
            format!("tree {tree}\n{parents}author {person}\ncommitter {person}\n\nx\n").into_bytes()
        };
        let extra = |maker: &mut Self, name, entries: &[Entry], tip: [u8; 20], bad| {
            let git = maker.sound(name, bad);
            pack::write(&packs(&git), entries);
            // git would ask whether it is there.
            fs::write(git.git_dir.join("refs/heads/bad"), hex(&tip) + "\n").unwrap();
        };

        let (a, b, c) = ([0xa1; 20], [0xb2; 20], [0xc3; 20]);
        let inside = entry(a, 2, &tree(&[("40000 again", a)]));
        extra(self, "a tree in itself", &[inside, entry(c, 1, &text(&a, &[]))], c, false);
        let one = entry(a, 2, &tree(&[("40000 b", b)]));
        let two = entry(b, 2, &tree(&[("40000 a", a)]));
        extra(self, "a cycle of trees", &[one, two, entry(c, 1, &text(&a, &[]))], c, false);
        let empty = entry(a, 2, b"");
        let own = entry(c, 1, &text(&a, &[c]));
        extra(self, "a commit that is its own parent", &[empty.clone(), own], c, false);
        let cycle = [empty.clone(), entry(b, 1, &text(&a, &[c])), entry(c, 1, &text(&a, &[b]))];
        extra(self, "a cycle of commits", &cycle, c, false);
        let tag = format!("object {}\ntype tag\ntag t\ntagger {person}\n\nx\n", hex(&c));
        extra(self, "a tag of itself", &[entry(c, 4, tag.as_bytes())], c, true);
        extra(self, "a commit that is empty", &[entry(c, 1, b"")], c, true);
        extra(self, "a commit of noise", &[entry(c, 1, &Draw::new(9).bytes(300))], c, true);
        let bad = [entry(a, 2, b"100644 no end"), entry(c, 1, &text(&a, &[]))];
        extra(self, "a tree that is cut off", &bad, c, true);
        extra(self, "a tree that is not there", &[entry(c, 1, &text(&a, &[]))], c, true);
        let lost = entry(c, 1, &text(&a, &[b]));
        extra(self, "a parent that is not there", &[empty.clone(), lost], c, true);
        let blob = entry(a, 3, b"no tree");
        extra(self, "a blob in place of a tree", &[blob, entry(c, 1, &text(&a, &[]))], c, true);

        // Ten trees deep and ten wide: 10^10 paths.
        let mut bomb = vec![empty.clone()];
        let mut last = a;
        for level in 0..10_u8 {
            let id = [level + 1; 20];
            let names: Vec<String> = (0..10).map(|n| format!("40000 {n}")).collect();
            let all: Vec<_> = names.iter().map(|name| (name.as_str(), last)).collect();
            bomb.push(entry(id, 2, &tree(&all)));
            last = id;
        }
        bomb.push(entry(c, 1, &text(&last, &[])));
        extra(self, "a tree with 10^10 paths", &bomb, c, false);
        let mut deep = vec![entry(number(0), 2, b"")];
        for level in 1..40_000_u32 {
            deep.push(entry(number(level), 2, &tree(&[("40000 d", number(level - 1))])));
        }
        deep.push(entry(c, 1, &text(&number(39_999), &[])));
        extra(self, "a tree of 40,000 levels", &deep, c, false);
    }

    /// Refs and what else stands in files that people can write.
    fn refs(&mut self) {
        let files: [(&str, Contents, bool); 9] = [
            (
                "a cycle of symbolic refs",
                &[("refs/heads/a", "ref: refs/heads/b\n"), ("refs/heads/b", "ref: refs/heads/a\n")],
                false,
            ),
            ("a symbolic ref to itself", &[("refs/heads/a", "ref: refs/heads/a\n")], false),
            (
                "a symbolic ref that leads out",
                &[("refs/heads/a", "ref: ../../../etc/passwd\n")],
                false,
            ),
            ("a ref of noise", &[("refs/heads/a", "\u{1}\u{2}no id\n")], true),
            (
                "a ref to nothing",
                &[("refs/heads/a", "8888888888888888888888888888888888888888\n")],
                true,
            ),
            ("packed refs of noise", &[("packed-refs", "^\n# x\n \nabc def\n^^^^\n")], false),
            ("a reflog of noise", &[("logs/HEAD", "0 1 2\n\n\t\t\n")], false),
            (
                "alternates to nothing",
                &[("objects/info/alternates", "/nonexistent/objects\n\n#\n\"\n")],
                true,
            ),
            ("a shallow file of noise", &[("shallow", "zz\n\n")], false),
        ];
        for (name, contents, incomplete) in files {
            let git = self.sound(name, incomplete);
            for (path, content) in contents {
                let path = git.git_dir.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
            self.made.last_mut().unwrap().refused =
                ["packed-refs", "shallow"].contains(&contents[0].0);
        }
        let git = self.sound("an alternate that is the repository itself", false);
        alternate(&git, git.git_dir.join("objects").to_str().unwrap());
        let git = self.sound("odd names of refs", false);
        let head = git.ask(["rev-parse", "main"]);
        for name in ["refs/heads/-x", "refs/heads/@x", "refs/heads/ü/ö", "refs/tags/a'b\"c$(id)"]
        {
            git.git(["update-ref", name, &head]);
        }
        fs::write(git.git_dir.join("refs/heads/with space~^:"), head.clone() + "\n").unwrap();
        fs::write(git.git_dir.join("refs/heads/x.lock"), head + "\n").unwrap();
        #[cfg(unix)]
        for (name, place) in [
            ("a pipe in place of a ref", "refs/heads/pipe"),
            ("a pipe in place of packed refs", "packed-refs"),
            ("a pipe in place of alternates", "objects/info/alternates"),
            ("a pipe in place of the shallow file", "shallow"),
            ("a pipe in place of a reflog", "logs/HEAD"),
        ] {
            let git = self.sound(name, place.starts_with("refs/"));
            pipe(&git.git_dir.join(place));
            self.made.last_mut().unwrap().refused = ["packed-refs", "shallow"].contains(&place);
        }
    }
}

/// An entry of a pack that git made.
pub struct Packed {
    /// The object's id.
    pub id: String,
    /// Where it begins in the pack.
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// The object that it is made from.
    pub base: Option<String>,
}

/// The entries of a repository's only pack, by `git verify-pack`.
pub fn packed(repository: &Repository) -> Vec<Packed> {
    let idx = repository.files("idx").pop().unwrap();
    let text = repository.ask(["verify-pack", "-v", idx.to_str().unwrap()]);
    let entries = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let start: u64 = words.get(4)?.parse().ok()?;
        let end = start + words[3].parse::<u64>().ok()?;
        let base = words.get(6).map(|id| (*id).to_owned());
        Some(Packed { id: words[0].to_owned(), start, end, base })
    });
    entries.collect()
}

/// The objects that are still sound when some bytes of a pack are not.
pub fn sound(entries: &[Packed], damaged: std::ops::Range<u64>) -> BTreeSet<String> {
    let bases: BTreeMap<&str, &Packed> = entries.iter().map(|e| (e.id.as_str(), e)).collect();
    let is_sound = |entry: &&Packed| {
        let mut next = Some(*entry);
        while let Some(entry) = next {
            if entry.start < damaged.end && damaged.start < entry.end {
                return false;
            }
            next = entry.base.as_ref().map(|base| bases[base.as_str()]);
        }
        true
    };
    entries.iter().filter(is_sound).map(|entry| entry.id.clone()).collect()
}

/// An id that stands for a number.
fn number(number: u32) -> [u8; 20] {
    let mut id = [0xee; 20];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

fn packs(repository: &Repository) -> PathBuf {
    repository.git_dir.join("objects/pack")
}

fn write_loose(repository: &Repository, id: &str, content: &[u8]) {
    let path = repository.git_dir.join("objects").join(&id[..2]).join(&id[2..]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Commits a tree whose objects need not be there, as the tip of a branch.
fn commit(repository: &Repository, tree: &str, branch: &str) {
    let tree = repository.git_with(["mktree", "--missing"], tree.as_bytes());
    let tree = String::from_utf8(tree).unwrap();
    let id = repository.ask(["commit-tree", "-m", "Begin", tree.trim()]);
    repository.git(["update-ref", &format!("refs/heads/{branch}"), &id]);
}

#[cfg(unix)]
fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = fs::remove_file(path);
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}
