//! Refs: names for commits and tags, loose and packed.
//!
//! Their logs are not read: what these name and refs do not is found among all
//! objects.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::error::GitError;
use super::oid::Oid;
use super::repository::Repository;
use super::{path_from_bytes, path_to_bytes, read_file};

/// A ref that leads to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ref {
    /// Its full name, as bytes: `refs/heads/main`.
    pub(crate) name: Box<[u8]>,
    pub(crate) target: Oid,
    /// What is left when tags are followed, where the file says it.
    pub(crate) peeled: Option<Oid>,
}

/// What a work tree is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The linked work tree's name; none for the main one.
    pub(crate) worktree: Option<Box<[u8]>>,
    /// The branch, unless it is detached.
    pub(crate) branch: Option<Box<[u8]>>,
    /// The commit, unless the branch has none yet.
    pub(crate) target: Option<Oid>,
    /// Whether it is that of the work tree that was opened.
    pub(crate) is_own: bool,
}

/// The refs of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refs {
    /// By name.
    pub(crate) list: Vec<Ref>,
    pub(crate) heads: Vec<Head>,
    /// The names of those that lead nowhere, as git says: broken.
    pub(crate) broken: Vec<Box<[u8]>>,
    /// Those of them whose file does not say where they lead. The others are links to
    /// what is not there, as a clone has when the other side renamed a branch.
    pub(crate) damaged: Vec<Box<[u8]>>,
}

/// As many links are followed from one ref to the next, as git does.
const MAX_LINKS: usize = 5;

/// How deep directories of refs may be nested.
const MAX_DEPTH: usize = 128;

type Name = Box<[u8]>;

/// What a file of a ref says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Id(Oid),
    Link(Box<[u8]>),
}

fn parse(text: &[u8]) -> Option<Value> {
    if let Some(name) = text.strip_prefix(b"ref:") {
        let name = name.trim_ascii();
        return (!name.is_empty()).then(|| Value::Link(name.into()));
    }
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    Oid::from_hex(&text[..end]).filter(|id| !id.is_zero()).map(Value::Id)
}

/// What the file of a ref says; the oldest links between refs are those of the
/// file system.
fn read(path: &Path) -> Option<Value> {
    if let Ok(target) = fs::read_link(path) {
        let target = path_to_bytes(&target);
        if target.starts_with(b"refs/") {
            return Some(Value::Link(target.into()));
        }
    }
    parse(&read_file(path).ok()??)
}

/// The id that a file of a ref says, if it is no link.
pub(super) fn id_of_file(path: &Path) -> Option<Oid> {
    match read(path)? {
        Value::Id(id) => Some(id),
        Value::Link(_) => None,
    }
}

/// Whether this file is one that git takes for `HEAD`.
pub(super) fn is_head(path: &Path) -> bool {
    match read(path) {
        Some(Value::Id(_)) => true,
        Some(Value::Link(name)) => name.starts_with(b"refs/"),
        None => false,
    }
}

/// The commit that the work tree is at that was opened, without a look at any ref
/// that does not lead there; `None` if the branch has none yet.
pub(super) fn own_head(repository: &Repository) -> Result<Option<Oid>, GitError> {
    let mut value = read(&repository.git_dir().join("HEAD"));
    for _ in 0..=MAX_LINKS {
        let name = match value {
            Some(Value::Id(id)) => return Ok(Some(id)),
            Some(Value::Link(name)) => name,
            None => return Ok(None),
        };
        let is_own = [&b"refs/worktree/"[..], b"refs/bisect/", b"refs/rewritten/"]
            .iter()
            .any(|own| name.starts_with(own));
        let dir = if is_own { repository.git_dir() } else { repository.common_dir() };
        let path = path_from_bytes(&name);
        if !path.components().all(|c| matches!(c, Component::Normal(_))) {
            return Ok(None);
        }
        value = read(&dir.join(path));
        if value.is_none() {
            let path = repository.common_dir().join("packed-refs");
            let packed = read_file(&path)?.unwrap_or_default();
            return Ok(find_packed(&packed, &name));
        }
    }
    Ok(None)
}

/// The id behind which this name stands.
fn find_packed(text: &[u8], name: &[u8]) -> Option<Oid> {
    let behind = [b" ", name].concat();
    memchr::memmem::find_iter(text, &behind).find_map(|at| {
        let ends = matches!(text.get(at + behind.len()), None | Some(b'\n' | b'\r'));
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1);
        Oid::from_hex(&text[start..at]).filter(|_| ends)
    })
}

impl Refs {
    pub(super) fn read(repository: &Repository) -> Result<Self, GitError> {
        let mut loose = Loose::default();
        // Loose refs come first: one that is being packed is in both places before
        // it is in one.
        loose.walk(&repository.common_dir().join("refs"), &mut b"refs".to_vec(), 0)?;
        let linked = repository.linked_git_dirs();
        for dir in &linked {
            let name = path_to_bytes(Path::new(dir.file_name().unwrap_or_default()));
            let mut name = [b"worktrees/", &*name, b"/refs"].concat();
            loose.walk(&dir.join("refs"), &mut name, 0)?;
        }
        let mut list: Vec<_> = loose
            .ids
            .into_iter()
            .map(|(name, target)| Ref { name, target, peeled: None })
            .collect();
        let path = repository.common_dir().join("packed-refs");
        let packed = read_file(&path)?.unwrap_or_default();
        parse_packed(&packed, &mut list)
            .map_err(|line| GitError::damaged(&path, format!("line {line}")))?;
        // A stable sort: of one name the loose ref stays, which came first.
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list.dedup_by(|b, a| a.name == b.name);

        let damaged = loose.broken.clone();
        let mut refs = Self { list, heads: Vec::new(), broken: loose.broken, damaged };
        refs.follow(loose.links);
        let own = repository.git_dir();
        refs.add_head(repository.common_dir(), None, own);
        for dir in &linked {
            let name = path_to_bytes(Path::new(dir.file_name().unwrap_or_default()));
            refs.add_head(dir, Some(name.into()), own);
        }
        refs.broken.sort();
        refs.damaged.sort();
        Ok(refs)
    }

    /// The ref of this full name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&Ref> {
        self.list.binary_search_by(|r| (*r.name).cmp(name)).ok().map(|at| &self.list[at])
    }

    /// The head of the work tree that was opened.
    pub(crate) fn head(&self) -> Option<&Head> {
        self.heads.iter().find(|head| head.is_own)
    }

    /// Adds the refs that are links to others. Links may be long or in a circle.
    fn follow(&mut self, mut links: Vec<(Name, Name)>) {
        links.sort();
        links.dedup_by(|b, a| a.0 == b.0);
        let mut added = Vec::new();
        for (name, first) in &links {
            let mut at = first;
            let mut found = None;
            for _ in 0..MAX_LINKS {
                // A link counts before a packed ref of its name.
                match links.binary_search_by(|(n, _)| n.cmp(at)) {
                    Ok(next) => at = &links[next].1,
                    Err(_) => {
                        found = self.find(at);
                        break;
                    }
                }
            }
            match found {
                Some(to) => added.push(Ref { name: name.clone(), ..to.clone() }),
                None => self.broken.push(name.clone()),
            }
        }
        if !added.is_empty() {
            added.append(&mut self.list);
            added.sort_by(|a, b| a.name.cmp(&b.name));
            added.dedup_by(|b, a| a.name == b.name);
            self.list = added;
        }
    }

    fn add_head(&mut self, dir: &Path, worktree: Option<Box<[u8]>>, own: &Path) {
        let is_own = dir == own;
        match read(&dir.join("HEAD")) {
            Some(Value::Id(id)) => {
                self.heads.push(Head { worktree, branch: None, target: Some(id), is_own });
            }
            Some(Value::Link(name)) => {
                let target = self.find(&name).map(|r| r.target);
                self.heads.push(Head { worktree, branch: Some(name), target, is_own });
            }
            None => {
                let name = worktree.map(|w| [b"worktrees/", &*w, b"/HEAD"].concat());
                let name: Name = name.unwrap_or_else(|| b"HEAD".to_vec()).into();
                self.damaged.push(name.clone());
                self.broken.push(name);
            }
        }
    }
}

/// Adds the refs of a `packed-refs` file, or says in which line it is damaged.
fn parse_packed(text: &[u8], list: &mut Vec<Ref>) -> Result<(), usize> {
    // What the header says of refs without a line of their peeled id.
    let (mut all_peeled, mut tags_peeled) = (false, false);
    let mut rest = text;
    let mut line_number = 0;
    let mut may_peel = false;
    while !rest.is_empty() {
        line_number += 1;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        match line.first() {
            None => continue,
            Some(b'#') => {
                let mut words = line.split(|b| *b == b' ');
                all_peeled |= words.clone().any(|w| w == b"fully-peeled");
                tags_peeled |= words.any(|w| w == b"peeled");
            }
            Some(b'^') => {
                let peeled = Oid::from_hex(&line[1..]).ok_or(line_number)?;
                let of = list.last_mut().filter(|_| may_peel).ok_or(line_number)?;
                of.peeled = Some(peeled);
                may_peel = false;
            }
            Some(_) => {
                let space = memchr::memchr(b' ', line).ok_or(line_number)?;
                let target = Oid::from_hex(&line[..space]).ok_or(line_number)?;
                let name: Box<[u8]> = line[space + 1..].into();
                if name.is_empty() {
                    return Err(line_number);
                }
                let peeled = all_peeled || tags_peeled && name.starts_with(b"refs/tags/");
                list.push(Ref { name, target, peeled: peeled.then_some(target) });
                may_peel = true;
            }
        }
    }
    Ok(())
}

/// Reads any bytes as a file of a ref and as a `packed-refs` file.
#[cfg(feature = "fuzz")]
pub(super) fn fuzz(bytes: &[u8]) {
    if let Some(Value::Link(name)) = parse(bytes) {
        assert!(!name.is_empty());
    }
    let mut list = Vec::new();
    let _ = parse_packed(bytes, &mut list);
    assert!(list.iter().all(|r| !r.name.is_empty()));
    assert!(list.len() <= bytes.len());
}

/// Refs that have a file each.
#[derive(Default)]
struct Loose {
    ids: Vec<(Box<[u8]>, Oid)>,
    links: Vec<(Name, Name)>,
    broken: Vec<Box<[u8]>>,
    /// Directories that links of the file system led to.
    linked: HashSet<PathBuf>,
}

impl Loose {
    fn walk(&mut self, dir: &Path, name: &mut Vec<u8>, depth: usize) -> Result<(), GitError> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(GitError::unreadable(dir, &e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| GitError::unreadable(dir, &e))?;
            let file_name = entry.file_name();
            let component = path_to_bytes(Path::new(&file_name));
            if component.starts_with(b".") || component.ends_with(b".lock") {
                continue;
            }
            let length = name.len();
            name.push(b'/');
            name.extend_from_slice(&component);
            self.entry(&entry, name, depth)?;
            name.truncate(length);
        }
        Ok(())
    }

    fn entry(
        &mut self,
        entry: &fs::DirEntry,
        name: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), GitError> {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { return Ok(()) };
        let is_dir = kind.is_dir()
            || kind.is_symlink()
                && path.is_dir()
                && fs::canonicalize(&path).is_ok_and(|real| self.linked.insert(real));
        if is_dir {
            if depth >= MAX_DEPTH {
                self.broken.push((**name).into());
                return Ok(());
            }
            return self.walk(&path, name, depth + 1);
        }
        match read(&path) {
            Some(Value::Id(id)) => self.ids.push(((**name).into(), id)),
            Some(Value::Link(to)) => self.links.push(((**name).into(), to)),
            // It was packed or deleted in the meantime, or it is broken.
            None if fs::symlink_metadata(&path).is_err() => {}
            None => self.broken.push((**name).into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: char) -> Oid {
        Oid::from_hex(digit.to_string().repeat(40).as_bytes()).unwrap()
    }

    #[test]
    fn packed_refs_with_and_without_peeled_ids() {
        let text = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{a} refs/heads/a bä\n\
             {b} refs/tags/t\n^{c}\n",
            a = id('a'),
            b = id('b'),
            c = id('c'),
        );
        let mut list = Vec::new();
        parse_packed(text.as_bytes(), &mut list).unwrap();
        assert_eq!(list[0].peeled, Some(id('a')));
        assert_eq!((list[1].target, list[1].peeled), (id('b'), Some(id('c'))));
        list.clear();
        let bare = &text.as_bytes()[text.find('\n').unwrap() + 1..];
        parse_packed(bare, &mut list).unwrap();
        assert_eq!((list[0].peeled, list[1].peeled), (None, Some(id('c'))));
        for (bad, line) in [
            ("^11\n", 1),
            ("\nxyz\n", 2),
            (&format!("{} \n", id('1')), 1),
            (&format!("{0} a\n^{0}\n^{0}\n", id('1')), 3),
        ] {
            assert_eq!(parse_packed(bad.as_bytes(), &mut Vec::new()), Err(line), "{bad}");
        }
    }

    #[test]
    fn files_of_refs() {
        assert_eq!(
            parse(b"ref:  refs/heads/a b \n"),
            Some(Value::Link(b"refs/heads/a b"[..].into()))
        );
        assert_eq!(parse(format!("{}\n", id('a')).as_bytes()), Some(Value::Id(id('a'))));
        assert_eq!(parse(format!("{}\tbranch 'x'", id('a')).as_bytes()), Some(Value::Id(id('a'))));
        for bad in ["", "ref:", "ref: \n", &"0".repeat(40), &"a".repeat(41)] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
