//! Trees: the entries of a directory.

use super::oid::{ObjectFormat, Oid};

/// What a tree's entry is, by its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EntryKind {
    Tree,
    Blob,
    /// A symbolic link: a blob that holds its target.
    Link,
    /// A commit of a submodule, which is in another repository.
    Submodule,
}

impl EntryKind {
    /// As git judges: by the bits of the file type, everything unknown a blob.
    fn of(mode: u32) -> Self {
        match mode & 0o170000 {
            0o040000 => Self::Tree,
            0o120000 => Self::Link,
            0o160000 => Self::Submodule,
            _ => Self::Blob,
        }
    }

    /// Whether it is content: a file or the target of a link.
    pub(crate) fn is_blob(self) -> bool {
        matches!(self, Self::Blob | Self::Link)
    }
}

/// An entry of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) kind: EntryKind,
    /// One component of a path, as bytes; never empty.
    pub(crate) name: &'a [u8],
    /// The id's bytes.
    pub(crate) id: &'a [u8],
}

impl Entry<'_> {
    pub(crate) fn oid(&self) -> Option<Oid> {
        Oid::from_bytes(self.id)
    }
}

/// The entries of a tree, in its order; ends at the first that is damaged.
#[derive(Debug, Clone)]
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
    id_len: usize,
    damaged: bool,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(tree: &'a [u8], format: ObjectFormat) -> Self {
        Self { rest: tree, id_len: format.id_len(), damaged: false }
    }

    /// Whether the entries ended before the tree did.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }
}

/// A mode has six digits at most; older programs wrote a leading zero.
const MODE_DIGITS: usize = 7;

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        if self.rest.is_empty() || self.damaged {
            return None;
        }
        let entry = parse(self.rest, self.id_len);
        match entry {
            Some((entry, rest)) => {
                self.rest = rest;
                Some(entry)
            }
            None => {
                self.damaged = true;
                None
            }
        }
    }
}

#[inline]
fn parse(tree: &[u8], id_len: usize) -> Option<(Entry<'_>, &[u8])> {
    let mut mode = 0;
    let mut at = 0;
    loop {
        match *tree.get(at)? {
            digit @ b'0'..=b'7' if at < MODE_DIGITS => mode = mode << 3 | u32::from(digit - b'0'),
            b' ' if at > 0 => break,
            _ => return None,
        }
        at += 1;
    }
    let rest = &tree[at + 1..];
    let end = memchr::memchr(0, rest)?;
    if end == 0 {
        return None;
    }
    let id = rest.get(end + 1..end + 1 + id_len)?;
    let entry = Entry { kind: EntryKind::of(mode), name: &rest[..end], id };
    Some((entry, &rest[end + 1 + id_len..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &[u8], id: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name, b"\0", &[id; 20]].concat()
    }

    #[test]
    fn entries_of_all_kinds() {
        let tree = [
            entry("100644", b"a", 1),
            entry("100755", b"b\xff", 2),
            entry("120000", b"c", 3),
            entry("160000", b"d", 4),
            entry("40000", b"e", 0),
            entry("040000", b"f", b' '),
            entry("100664", b"g", 5),
        ]
        .concat();
        let entries: Vec<_> =
            Entries::new(&tree, ObjectFormat::Sha1).map(|e| (e.kind, e.name, e.id[0])).collect();
        assert_eq!(
            entries,
            [
                (EntryKind::Blob, &b"a"[..], 1),
                (EntryKind::Blob, b"b\xff", 2),
                (EntryKind::Link, b"c", 3),
                (EntryKind::Submodule, b"d", 4),
                (EntryKind::Tree, b"e", 0),
                (EntryKind::Tree, b"f", b' '),
                (EntryKind::Blob, b"g", 5),
            ]
        );
    }

    #[test]
    fn what_is_damaged_ends_the_entries() {
        let good = entry("100644", b"a", 1);
        for cut in 1..good.len() {
            let tree = [&good[..], &good[..cut]].concat();
            let mut entries = Entries::new(&tree, ObjectFormat::Sha1);
            assert_eq!(entries.by_ref().count(), 1, "{cut}");
            assert!(entries.is_damaged(), "{cut}");
        }
        for bad in [entry("", b"a", 1), entry("100644", b"", 1), entry("10000000644", b"a", 1)] {
            let mut entries = Entries::new(&bad, ObjectFormat::Sha1);
            assert_eq!(entries.next(), None);
            assert!(entries.is_damaged());
        }
    }
}
