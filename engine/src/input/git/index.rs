//! The index: what the next commit will hold.
//!
//! Own code reads it, because libgit2 refuses what it does not know (SHA-256,
//! split and sparse indexes, repositories of other people), and because the
//! cached tree ids in it say which directories need no look at all. Versions 2,
//! 3 and 4; <https://git-scm.com/docs/index-format>.

use std::ops::Range;

use super::oid::{ObjectFormat, Oid};

/// The longest path that is believed; systems have 4,096.
const MAX_PATH: usize = 1 << 16;

/// Bytes that all paths may take together: in version 4 a few bytes of the file
/// can stand for a long path.
const MAX_PATHS: usize = 1 << 30;

/// Entries that the other half of a split index may have.
const MAX_BITS: usize = 1 << 27;

/// What is wrong with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("is damaged")]
    Damaged,
    #[error("has version {0}, which is not known")]
    Version(u32),
    #[error("has an extension that is not known, {0:?}")]
    Extension([char; 4]),
    #[error("names more paths than can be held")]
    TooLarge,
}

/// How a path stands in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    path: Range<usize>,
    pub(crate) oid: Oid,
    pub(crate) mode: u32,
    /// 0, or 1 to 3 for the sides of a conflict.
    pub(crate) stage: u8,
    /// It was only announced, with `git add --intent-to-add`.
    pub(crate) intent_to_add: bool,
    /// The work tree need not have it.
    pub(crate) skip_worktree: bool,
    /// The user promised not to change it.
    pub(crate) assume_valid: bool,
    pub(crate) stat: Stat,
}

/// What the file looked like when it was staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stat {
    pub(crate) changed: (u32, u32),
    pub(crate) modified: (u32, u32),
    pub(crate) size: u32,
}

/// Mode bits of a directory, which only a sparse index holds.
pub(crate) const TREE: u32 = 0o040000;
/// Mode bits of a symbolic link.
pub(crate) const LINK: u32 = 0o120000;
/// Mode bits of a submodule's commit.
pub(crate) const COMMIT: u32 = 0o160000;
/// The bits that tell the kind.
pub(crate) const KIND: u32 = 0o170000;

/// An index, read.
#[derive(Debug, Default)]
pub(crate) struct Index {
    paths: Vec<u8>,
    /// By path, then by stage.
    entries: Vec<Entry>,
    cached: Vec<CachedTree>,
    names: Vec<u8>,
    link: Option<Link>,
}

/// A directory whose tree is known; in preorder.
#[derive(Debug, Clone)]
struct CachedTree {
    name: Range<usize>,
    /// Entries of the index below it, and the tree that they make; `None` if
    /// something was staged there.
    tree: Option<(usize, Oid)>,
    children: usize,
    /// The next one that is not below this.
    next: usize,
}

/// A split index's other half, and what of it is not true any more.
#[derive(Debug)]
pub(crate) struct Link {
    /// The other half's name; zero if there is none.
    pub(crate) base: Oid,
    deleted: Vec<u64>,
    replaced: Vec<u64>,
}

impl Index {
    /// Reads the index file's bytes.
    pub(crate) fn parse(bytes: &[u8], format: ObjectFormat) -> Result<Self, IndexError> {
        let mut index = Self::default();
        let end = bytes.len().checked_sub(format.id_len()).ok_or(IndexError::Damaged)?;
        let mut input = Input { bytes: &bytes[..end], at: 0 };
        if input.take(4)? != b"DIRC" {
            return Err(IndexError::Damaged);
        }
        let version = input.number()?;
        if !(2..=4).contains(&version) {
            return Err(IndexError::Version(version));
        }
        let count = input.number()? as usize;
        let least = 40 + format.id_len() + 2 + 1;
        if count > input.bytes.len() / least {
            return Err(IndexError::Damaged);
        }
        index.entries.reserve_exact(count);
        for _ in 0..count {
            index.entry(&mut input, version, format)?;
        }
        while input.at < input.bytes.len() {
            let signature = <[u8; 4]>::try_from(input.take(4)?).map_err(|_| IndexError::Damaged)?;
            let len = input.number()? as usize;
            let content = input.take(len)?;
            match &signature {
                // It only saves work.
                b"TREE" => index.read_cached(content, format).unwrap_or_else(|_| {
                    index.cached.clear();
                    index.names.clear();
                }),
                b"link" => index.link = Some(Link::parse(content, format)?),
                b"sdir" => {}
                [first, ..] if first.is_ascii_uppercase() => {}
                other => return Err(IndexError::Extension(other.map(char::from))),
            }
        }
        if index.link.is_none() { index.ordered() } else { Ok(index) }
    }

    fn entry(
        &mut self,
        input: &mut Input<'_>,
        version: u32,
        format: ObjectFormat,
    ) -> Result<(), IndexError> {
        let start = input.at;
        let mut words = [0; 10];
        for word in &mut words {
            *word = input.number()?;
        }
        let [ctime, ctime_ns, mtime, mtime_ns, _, _, mode, _, _, size] = words;
        let oid = Oid::from_bytes(input.take(format.id_len())?).ok_or(IndexError::Damaged)?;
        let flags = input.short()?;
        let more = if flags & 0x4000 != 0 && version > 2 { input.short()? } else { 0 };
        let path = if version == 4 {
            let kept = self.entries.last().map_or(0..0, |e| e.path.clone());
            let len = kept.len().checked_sub(input.varint()?).ok_or(IndexError::Damaged)?;
            let kept = kept.start..kept.start + len;
            let rest = input.until_nul()?;
            let from = self.paths.len();
            if kept.len() + rest.len() > MAX_PATH || from + kept.len() + rest.len() > MAX_PATHS {
                return Err(IndexError::TooLarge);
            }
            self.paths.extend_from_within(kept);
            self.paths.extend_from_slice(rest);
            from..self.paths.len()
        } else {
            let rest = input.until_nul()?;
            if rest.len() > MAX_PATH {
                return Err(IndexError::TooLarge);
            }
            let from = self.paths.len();
            self.paths.extend_from_slice(rest);
            // With its zero bytes an entry is a multiple of eight.
            let padded = (input.at - start).next_multiple_of(8);
            input.take(start + padded - input.at)?;
            from..self.paths.len()
        };
        self.entries.push(Entry {
            path,
            oid,
            mode,
            stage: (flags >> 12 & 3) as u8,
            intent_to_add: more & 0x2000 != 0,
            skip_worktree: more & 0x4000 != 0,
            assume_valid: flags & 0x8000 != 0,
            stat: Stat { changed: (ctime, ctime_ns), modified: (mtime, mtime_ns), size },
        });
        Ok(())
    }

    /// Checks the order, on which every search relies.
    fn ordered(self) -> Result<Self, IndexError> {
        let key = |e: &Entry| (&self.paths[e.path.clone()], e.stage);
        let ordered = self.entries.is_sorted_by(|a, b| key(a) < key(b));
        let named = self.entries.iter().all(|e| !e.path.is_empty());
        if ordered && named { Ok(self) } else { Err(IndexError::Damaged) }
    }

    /// The other half of a split index that must be read, if there is one.
    pub(crate) fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// Puts the halves of a split index together.
    pub(crate) fn joined(self, base: Option<Index>) -> Result<Self, IndexError> {
        let Some(link) = &self.link else { return Ok(self) };
        let base = base.unwrap_or_default();
        let mut joined = Index { cached: self.cached, names: self.names, ..Index::default() };
        let mut put = |from: &[u8], path: Range<usize>, entry: &Entry| {
            let start = joined.paths.len();
            joined.paths.extend_from_slice(&from[path]);
            joined.entries.push(Entry { path: start..joined.paths.len(), ..entry.clone() });
        };
        // What replaces comes first, without names, in the order of the base.
        let mut own = self.entries.iter().peekable();
        for (number, entry) in base.entries.iter().enumerate() {
            if is_set(&link.deleted, number) {
                continue;
            }
            match own.next_if(|e| e.path.is_empty() && is_set(&link.replaced, number)) {
                Some(replacing) => put(&base.paths, entry.path.clone(), replacing),
                None => put(&base.paths, entry.path.clone(), entry),
            }
        }
        for entry in own {
            put(&self.paths, entry.path.clone(), entry);
        }
        let paths = &joined.paths;
        joined.entries.sort_by(|a, b| {
            (&paths[a.path.clone()], a.stage).cmp(&(&paths[b.path.clone()], b.stage))
        });
        joined.ordered()
    }

    fn read_cached(&mut self, content: &[u8], format: ObjectFormat) -> Result<(), IndexError> {
        let mut input = Input { bytes: content, at: 0 };
        // The directories above, with how many of their children are still to
        // come.
        let mut above: Vec<(usize, usize)> = Vec::new();
        while input.at < content.len() {
            let name = input.until_nul()?;
            let count = input.decimal(b' ')?;
            let children = input.decimal(b'\n')?;
            let children = usize::try_from(children).map_err(|_| IndexError::Damaged)?;
            let tree = match usize::try_from(count) {
                Ok(count) => {
                    let id = input.take(format.id_len())?;
                    Some((count, Oid::from_bytes(id).ok_or(IndexError::Damaged)?))
                }
                Err(_) => None,
            };
            let start = self.names.len();
            self.names.extend_from_slice(name);
            let number = self.cached.len();
            self.cached.push(CachedTree {
                name: start..self.names.len(),
                tree,
                children,
                next: number + 1,
            });
            if number > 0 {
                match above.last_mut() {
                    Some((_, left)) => *left -= 1,
                    None => return Err(IndexError::Damaged),
                }
            }
            above.push((number, children));
            while let Some((done, 0)) = above.last() {
                self.cached[*done].next = self.cached.len();
                above.pop();
            }
        }
        if above.is_empty() { Ok(()) } else { Err(IndexError::Damaged) }
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The path of an entry.
    pub(crate) fn path(&self, entry: &Entry) -> &[u8] {
        &self.paths[entry.path.clone()]
    }

    /// The entries of a path: one, or the sides of a conflict.
    pub(crate) fn sides(&self, path: &[u8]) -> impl Iterator<Item = &Entry> {
        let at = self.entries.partition_point(|e| self.path(e) < path);
        self.entries[at..].iter().take_while(move |e| self.path(e) == path)
    }

    /// The root's cached tree.
    pub(crate) fn cached_root(&self) -> Option<Cached<'_>> {
        (!self.cached.is_empty()).then_some(Cached { index: self, number: 0 })
    }
}

/// A directory whose tree may be known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cached<'i> {
    index: &'i Index,
    number: usize,
}

impl<'i> Cached<'i> {
    /// The tree that so many entries below this directory make.
    pub(crate) fn tree(&self) -> Option<(usize, Oid)> {
        self.index.cached[self.number].tree
    }

    /// The directories in it.
    pub(crate) fn children(self) -> impl Iterator<Item = (&'i [u8], Cached<'i>)> {
        let mut number = self.number + 1;
        (0..self.index.cached[self.number].children).map(move |_| {
            let child = Cached { index: self.index, number };
            let node = &self.index.cached[number];
            number = node.next;
            (&self.index.names[node.name.clone()], child)
        })
    }
}

impl Link {
    fn parse(content: &[u8], format: ObjectFormat) -> Result<Self, IndexError> {
        let mut input = Input { bytes: content, at: 0 };
        let base = Oid::from_bytes(input.take(format.id_len())?).ok_or(IndexError::Damaged)?;
        if input.at == content.len() {
            return Ok(Self { base, deleted: Vec::new(), replaced: Vec::new() });
        }
        Ok(Self { base, deleted: input.bitmap()?, replaced: input.bitmap()? })
    }
}

fn is_set(bitmap: &[u64], number: usize) -> bool {
    bitmap.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
}

/// Bytes that are read from left to right.
struct Input<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Input<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], IndexError> {
        let taken = self.bytes.get(self.at..).and_then(|b| b.get(..len));
        self.at += len.min(self.bytes.len());
        taken.ok_or(IndexError::Damaged)
    }

    fn number(&mut self) -> Result<u32, IndexError> {
        self.take(4)?.try_into().map(u32::from_be_bytes).map_err(|_| IndexError::Damaged)
    }

    fn long(&mut self) -> Result<u64, IndexError> {
        self.take(8)?.try_into().map(u64::from_be_bytes).map_err(|_| IndexError::Damaged)
    }

    fn short(&mut self) -> Result<u16, IndexError> {
        self.take(2)?.try_into().map(u16::from_be_bytes).map_err(|_| IndexError::Damaged)
    }

    fn until_nul(&mut self) -> Result<&'b [u8], IndexError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = memchr::memchr(0, rest).ok_or(IndexError::Damaged)?;
        self.at += len + 1;
        Ok(&rest[..len])
    }

    /// A number as deltas write offsets: each byte but the last stands for one
    /// more than its seven bits.
    fn varint(&mut self) -> Result<usize, IndexError> {
        let mut value = 0usize;
        loop {
            let byte = self.take(1)?[0];
            value = value << 7 | usize::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            value += 1;
            if value > MAX_PATH {
                return Err(IndexError::Damaged);
            }
        }
    }

    fn decimal(&mut self, end: u8) -> Result<i64, IndexError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest.iter().take(21).position(|b| *b == end).ok_or(IndexError::Damaged)?;
        self.at += len + 1;
        let text = std::str::from_utf8(&rest[..len]).map_err(|_| IndexError::Damaged)?;
        text.parse().map_err(|_| IndexError::Damaged)
    }

    /// A bitmap in the EWAH form: words that say how many equal words follow
    /// and how many literal ones.
    fn bitmap(&mut self) -> Result<Vec<u64>, IndexError> {
        let bits = self.number()? as usize;
        let words = self.number()? as usize;
        if bits > MAX_BITS {
            return Err(IndexError::TooLarge);
        }
        let wanted = bits.div_ceil(64);
        let mut out = Vec::new();
        let mut left = words;
        while left > 0 {
            let marker = self.long()?;
            let run = (marker >> 1 & 0xffff_ffff) as usize;
            let literals = (marker >> 33) as usize;
            left = (left - 1).checked_sub(literals).ok_or(IndexError::Damaged)?;
            // The writer rounds up, never by much.
            if run + literals > (wanted + 1).saturating_sub(out.len()) {
                return Err(IndexError::Damaged);
            }
            out.resize(out.len() + run, if marker & 1 != 0 { u64::MAX } else { 0 });
            for _ in 0..literals {
                out.push(self.long()?);
            }
        }
        // Where the last marker stands matters only to writers.
        self.number()?;
        Ok(out)
    }
}
