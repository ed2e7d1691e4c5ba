//! Bundles: a git repository, or a part of one, in one file.
//!
//! Format: git's `gitformat-bundle(5)`: a header of text, an empty line, a pack. Every
//! blob, commit and tag in the pack is a member, each once. A blob is called after its id
//! and one path that a tree in the pack gives it, all else by its id.

mod names;
mod pack;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use super::{LimitHit, Members, damaged, refused};
use crate::input::git::{Kind, Oid};
use crate::input::open::Refused;
use crate::ledger::SkipKind;
use names::Names;
use pack::{Pack, Taker};

/// What the text before the pack is called: refs, and subjects of commits.
const HEADER: &[u8] = b"(header)";

/// Digits of an id before a path.
const SHORT: usize = 12;

/// Whether these are the first bytes of a bundle: its first line, and one that can follow.
pub(super) fn is(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"# v2 git bundle\n").or(head.strip_prefix(b"# v3 git bundle\n"));
    let Some(rest) = rest else { return false };
    let line = rest.strip_prefix(b"-").unwrap_or(rest);
    let is_id = line.len() >= 40 && line.iter().take(40).all(u8::is_ascii_hexdigit);
    is_id || rest.starts_with(b"@") || rest.starts_with(b"\nPACK")
}

/// Holds a bundle in memory, and reads it.
pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let most = members.most_held();
    let mut whole = Vec::new();
    content.take(most.saturating_add(1)).read_to_end(&mut whole).map_err(|e| refused(&e))?;
    if whole.len() as u64 > most {
        let hit = LimitHit(format!("more than {most} bytes, and it must be held in memory"));
        return Err(refused(&hit.into()));
    }
    let end = memchr::memmem::find(&whole, b"\n\n").map(|at| at + 1);
    let Some((header, pack)) = end.and_then(|at| whole.split_at_checked(at)) else {
        return Err(damaged("its header has no end"));
    };
    // With its first line it would be a bundle again.
    let lines = header.iter().position(|b| *b == b'\n').and_then(|end| header.get(end + 1..));
    if members.member(HEADER, &mut lines.unwrap_or_default()).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    let is_other =
        |line: &[u8]| line.strip_prefix(b"@object-format=").is_some_and(|format| format != b"sha1");
    if header.split(|b| *b == b'\n').any(is_other) {
        let detail = "a bundle of other ids than SHA-1".to_owned();
        return Err(Refused { kind: SkipKind::UnsupportedArchive, detail });
    }
    let pack = Pack::split(pack.get(1..).unwrap_or_default());
    let (mut names, mut tried) = (Names::default(), pack.none_tried());
    let trees = pack.walk(&|kind| kind == Kind::Tree, &mut names, &mut tried);
    let mut handed = Handed { members, names };
    let others = pack.walk(&|kind| kind != Kind::Tree, &mut handed, &mut tried);
    if others.is_ended {
        return Ok(ControlFlow::Break(()));
    }
    let damaged_objects = (trees.damaged + others.damaged, SkipKind::DamagedArchive, "damaged");
    let too_large = (trees.large + others.large, SkipKind::ArchiveLimit, "too large to be made");
    let untried = match pack.untried(&tried) {
        (count, true) => (count, SkipKind::MissingObject, "made from what it does not hold"),
        (count, false) if too_large.0 > 0 => (count, SkipKind::ArchiveLimit, "made from such"),
        (count, false) => (count, SkipKind::DamagedArchive, "made from what is damaged"),
    };
    for (count, kind, what) in [damaged_objects, too_large, untried] {
        let detail = match count {
            0 => continue,
            1 => format!("one object, {what}"),
            _ => format!("{count} objects, {what}"),
        };
        if handed.members.refused(b"", Refused { kind, detail }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    match pack.trouble {
        Some(trouble) => Err(damaged(trouble)),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// Hands objects on as members.
struct Handed<'m> {
    members: &'m mut dyn Members,
    names: Names,
}

impl Handed<'_> {
    fn name(&self, kind: Kind, id: &Oid) -> Vec<u8> {
        let hex = id.to_string();
        match self.names.path(id).filter(|_| kind == Kind::Blob) {
            Some(path) => [hex.as_bytes().get(..SHORT).unwrap_or_default(), b"/", &*path].concat(),
            None => hex.into_bytes(),
        }
    }
}

impl Taker for Handed<'_> {
    fn object(&mut self, kind: Kind, id: &Oid, object: &[u8]) -> ControlFlow<()> {
        let name = self.name(kind, id);
        self.members.member(&name, &mut Cursor::new(object))
    }

    fn large(&mut self, entry: u64, compressed: &[u8]) -> ControlFlow<()> {
        // Its id is known only when it was read.
        let name = format!("(object at {entry})");
        let mut content = flate2::bufread::ZlibDecoder::new(compressed);
        self.members.member(name.as_bytes(), &mut content)
    }
}
