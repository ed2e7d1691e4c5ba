//! ar: members one after the other, each behind a header of 60 bytes of text.
//!
//! Formats: ar(5) of FreeBSD, which tells BSD's long names from those of System V and
//! GNU; deb(5). Thin archives hold names of files and nothing of them, so they are no
//! containers.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use super::peeked::Peeked;
use super::{Members, damaged, refused};
use crate::input::open::Refused;

const MAGIC: &[u8] = b"!<arch>\n";

/// Bytes of a header.
const HEADER: usize = 60;

/// The most bytes of a long name, before the data and in the table. There, any number of
/// members may have the same one.
const LONG: u64 = 1 << 20;
const LONG_IN_TABLE: usize = 4 << 10;

/// The most bytes that are kept of the table of long names; what is named beyond it
/// has its place there for a name.
const TABLE: u64 = 16 << 20;

/// Whether these are the first bytes of an ar archive with a member.
pub(super) fn is(head: &[u8]) -> bool {
    head.strip_prefix(MAGIC).is_some_and(|rest| Header::parse(rest).is_some())
}

struct Header {
    /// Without the blanks at its end.
    name: Vec<u8>,
    size: u64,
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        let (name, fields) = head.get(..HEADER)?.split_at_checked(16)?;
        // Date, owner, group, mode, then the size.
        let (size, end) = fields.get(32..)?.split_at_checked(10)?;
        if end != b"`\n" {
            return None;
        }
        Some(Self { name: name.trim_ascii_end().to_vec(), size: number(size.trim_ascii_end())? })
    }
}

/// A number in decimal digits and nothing else.
fn number(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut content = Peeked::new(content);
    content.skip(MAGIC.len() as u64).map_err(|e| refused(&e))?;
    let mut table = Vec::new();
    loop {
        let head = content.peek(HEADER).map_err(|e| refused(&e))?;
        if head.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(Header { name, mut size }) = Header::parse(head) else {
            // What cannot be told apart any more can still be scanned.
            return match members.member(b"", &mut content) {
                ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                ControlFlow::Continue(()) => Err(damaged("a header that is none")),
            };
        };
        content.consume(HEADER);
        let is_odd = size % 2 == 1;
        let name = match name.strip_prefix(b"#1/").and_then(number) {
            Some(len) => {
                if len > size || len > LONG {
                    return Err(damaged("a name that is too long"));
                }
                size -= len;
                let name = content.piece(len as usize)?;
                let end = name.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                name[..end].to_vec()
            }
            None if name == b"//" => {
                let kept = size.min(TABLE);
                table = content.piece(kept as usize)?;
                size -= kept;
                name
            }
            None => match name.strip_prefix(b"/").and_then(number) {
                Some(at) => long_name(&table, at).map_or(name, <[u8]>::to_vec),
                // A slash ends names, so that blanks can be in them.
                None if name.len() > 1 && !is_table(&name) => {
                    name.strip_suffix(b"/").map_or(name.clone(), <[u8]>::to_vec)
                }
                None => name,
            },
        };
        if is_table(&name) {
            if content.skip(size).map_err(|e| refused(&e))? < size {
                return Err(damaged("the archive ends within a member"));
            }
        } else if content.hand_on(&name, size, members)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        // Some programs leave out what fills up an odd member.
        if is_odd && matches!(content.peek(1).map_err(|e| refused(&e))?, [b'\n' | 0, ..]) {
            content.consume(1);
        }
    }
}

/// Whether a member is about the others: their symbols or their names.
fn is_table(name: &[u8]) -> bool {
    matches!(
        name,
        b"/" | b"//"
            | b"/SYM64/"
            | b"__.SYMDEF"
            | b"__.SYMDEF SORTED"
            | b"__.SYMDEF_64"
            | b"__.SYMDEF_64 SORTED"
    )
}

/// The name at a place in the table, which a slash and the end of a line end, or, in
/// libraries for Windows, a zero.
fn long_name(table: &[u8], at: u64) -> Option<&[u8]> {
    let name = table.get(usize::try_from(at).ok()?..)?;
    let name = &name[..name.len().min(LONG_IN_TABLE)];
    let name = &name[..name.iter().position(|b| matches!(b, b'\n' | 0))?];
    Some(name.strip_suffix(b"/").unwrap_or(name)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::drained::drained;
    use crate::ledger::SkipKind;

    fn entry(name: &str, data: &[u8]) -> Vec<u8> {
        let fields =
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8o}{:<10}`\n", 0, 0, 0, 0o644, data.len());
        let mut entry = [fields.as_bytes(), data].concat();
        if data.len() % 2 == 1 {
            entry.push(b'\n');
        }
        entry
    }

    fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
        [b"!<arch>\n", &entries.concat()[..]].concat()
    }

    fn member(name: &str, content: &[u8]) -> (String, Vec<u8>) {
        (name.to_owned(), content.to_vec())
    }

    #[test]
    fn long_names_of_gnu_stand_in_a_table() {
        let bytes = archive(&[
            entry("/", b"\0\0\0\0"),
            entry("//", b"a_long_name_of_an_object.o/\nanother one that is long/\n"),
            entry("/0", b"odd"),
            entry("/28", b"even"),
            entry("with blank.o/", b"1"),
            entry("/999", b"beyond"),
        ]);
        let all = [
            member("a_long_name_of_an_object.o", b"odd"),
            member("another one that is long", b"even"),
            member("with blank.o", b"1"),
            member("/999", b"beyond"),
        ];
        assert_eq!(drained(&bytes), (all.to_vec(), None));
    }

    #[test]
    fn long_names_of_bsd_stand_before_the_data() {
        let bytes = archive(&[
            entry("#1/12", b"__.SYMDEF\0\0\0symbols"),
            entry("#1/20", b"an object's name.o\0\0data"),
            entry("short.o", b"more"),
        ]);
        let all = [member("an object's name.o", b"data"), member("short.o", b"more")];
        assert_eq!(drained(&bytes), (all.to_vec(), None));
    }

    #[test]
    fn packages_of_debian_are_archives() {
        let bytes = archive(&[
            entry("debian-binary", b"2.0\n"),
            entry("control.tar.xz", b"c"),
            entry("data.tar.xz/", b"d"),
        ]);
        let all = [
            member("debian-binary", b"2.0\n"),
            member("control.tar.xz", b"c"),
            member("data.tar.xz", b"d"),
        ];
        assert_eq!(drained(&bytes), (all.to_vec(), None));
    }

    #[test]
    fn what_fills_up_a_member_may_be_missing() {
        let mut bytes = archive(&[entry("a", b"1"), entry("b", b"2")]);
        bytes.remove(8 + 61);
        bytes.pop();
        assert_eq!(drained(&bytes), (vec![member("a", b"1"), member("b", b"2")], None));
    }

    #[test]
    fn what_is_cut_off_is_handed_on_before_the_damage_is_told() {
        let whole = archive(&[entry("a", b"kept"), entry("b", b"12345678")]);
        for len in 68..whole.len() {
            // Between two members it is an archive that has fewer.
            let is_whole = len == 8 + 64;
            let (members, end) = drained(&whole[..len]);
            assert_eq!(end.is_none(), is_whole, "{len}");
            assert!(end.is_none_or(|(kind, _)| kind == SkipKind::DamagedArchive));
            assert_eq!(members[0].1, b"kept"[..(len - 68).min(4)], "{len}");
        }
    }

    #[test]
    fn names_are_no_longer_than_the_member() {
        for name in ["#1/5", "#1/2000000"] {
            let (members, end) = drained(&archive(&[entry("a", b"1"), entry(name, b"1234")]));
            assert_eq!((members.len(), end.unwrap().1.as_str()), (1, "a name that is too long"));
        }
    }

    #[test]
    fn texts_and_thin_archives_are_none() {
        let thin = [b"!<thin>\n", &entry("/0", b"")[..]].concat();
        let mut other = archive(&[entry("a", b"1")]);
        other[8 + 50] = b'-';
        for bytes in [&b"!<arch>\n"[..], b"!<arch>\nis how archives begin\n", &thin, &other] {
            assert_eq!(Format::of(bytes, b"lib.a"), None);
        }
    }
}
