//! cpio: members one after the other, each behind a header and its name.
//!
//! Formats: cpio(5) of FreeBSD for the old binary and the octal one, Linux's
//! `buffer-format.rst` for the two hexadecimal ones and for archives that stand one
//! behind the other. The one with which rpm packs files of more than 4 GiB has no
//! sizes and is none of them: such a payload is scanned as it stands.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use super::peeked::Peeked;
use super::{HEAD, Members, damaged, refused};
use crate::input::open::Refused;

/// The most bytes of a name.
const LONG: u64 = 1 << 20;

/// The name of what ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";

/// What is needed of a header.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    /// Bytes of the header.
    len: usize,
    /// Bytes that names and data are filled up to a multiple of.
    align: u64,
    mode: u64,
    links: u64,
    /// With the zero at its end.
    name_size: u64,
    size: u64,
}

const KIND: u64 = 0o170_000;
const FILE: u64 = 0o100_000;
const DIRECTORY: u64 = 0o040_000;
const LINK: u64 = 0o120_000;

/// Whether these are the first bytes of a cpio archive: a header, and a name that is as
/// long as it says. No text holds the zero at its end.
pub(super) fn is(head: &[u8]) -> bool {
    let Some(header) = Header::parse(head) else { return false };
    let name = head.get(header.len..).and_then(|rest| {
        let (zero, name) = rest.get(..usize::try_from(header.name_size).ok()?)?.split_last()?;
        (*zero == 0).then_some(name)
    });
    let Some(name) = name.filter(|name| !name.is_empty()) else { return false };
    let is_usual = match header.mode & KIND {
        // Pipes, devices and sockets are the others.
        FILE | DIRECTORY | LINK | 0o010_000 | 0o020_000 | 0o060_000 | 0o140_000 => true,
        0 => name == TRAILER,
        _ => false,
    };
    is_usual && !name.iter().any(|b| *b < b' ')
}

impl Header {
    fn parse(head: &[u8]) -> Option<Self> {
        match head {
            [b'0', b'7', b'0', b'7', b'0', b'1' | b'2', ..] => {
                let fields = head.get(6..110)?;
                // Fields have eight digits; all of them must be numbers.
                let field = |i: usize| number(&fields[8 * i..8 * i + 8], 16);
                (0..13).all(|i| field(i).is_some()).then_some(())?;
                Some(Self {
                    len: 110,
                    align: 4,
                    mode: field(1)?,
                    links: field(4)?,
                    size: field(6)?,
                    name_size: field(11)?,
                })
            }
            [b'0', b'7', b'0', b'7', b'0', b'7', ..] => {
                let fields = head.get(6..76)?;
                fields.iter().all(|b| matches!(b, b'0'..=b'7')).then_some(())?;
                let field = |at: usize, len: usize| number(&fields[at..at + len], 8);
                Some(Self {
                    len: 76,
                    align: 1,
                    mode: field(12, 6)?,
                    links: field(30, 6)?,
                    name_size: field(53, 6)?,
                    size: field(59, 11)?,
                })
            }
            [0xc7, 0x71, ..] => Self::parse_binary(head, u16::from_le_bytes),
            [0x71, 0xc7, ..] => Self::parse_binary(head, u16::from_be_bytes),
            _ => None,
        }
    }

    /// Numbers of two bytes; of those with four, the upper two come first.
    fn parse_binary(head: &[u8], number: fn([u8; 2]) -> u16) -> Option<Self> {
        let head = head.get(..26)?;
        let field = |i: usize| u64::from(number([head[2 * i], head[2 * i + 1]]));
        Some(Self {
            len: 26,
            align: 2,
            mode: field(3),
            links: field(6),
            name_size: field(10),
            size: field(11) << 16 | field(12),
        })
    }

    /// Bytes that fill up what stands behind the header and is this long in all.
    fn padding(&self, len: u64) -> u64 {
        len.wrapping_neg() % self.align
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        number.checked_mul(radix.into())?.checked_add(digit.into())
    })
}

pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut content = Peeked::new(content);
    loop {
        let head = content.peek(HEAD).map_err(|e| refused(&e))?;
        if head.is_empty() {
            return Err(damaged("the archive ends without its last header"));
        }
        let Some(header) = Header::parse(head) else {
            // What cannot be told apart any more can still be scanned.
            return match members.member(b"", &mut content) {
                ControlFlow::Break(()) => Ok(ControlFlow::Break(())),
                ControlFlow::Continue(()) => Err(damaged("a header that is none")),
            };
        };
        if header.name_size > LONG {
            return Err(damaged("a name that is too long"));
        }
        content.consume(header.len);
        let mut name = content.piece(header.name_size as usize)?;
        name.truncate(name.iter().position(|b| *b == 0).unwrap_or(name.len()));
        let skip = |content: &mut Peeked<'_>, bytes| content.skip(bytes).map_err(|e| refused(&e));
        skip(&mut content, header.padding(header.len as u64 + header.name_size))?;
        if name == TRAILER {
            if next_archive(&mut content)? {
                continue;
            }
            return rest(&mut content, members);
        }
        // Of several links to a file, the last has its content.
        let is_empty_link = header.links > 1 && header.size == 0;
        if matches!(header.mode & KIND, DIRECTORY | LINK) || is_empty_link {
            if skip(&mut content, header.size)? < header.size {
                return Err(damaged("the archive ends within a member"));
            }
        } else if content.hand_on(&name, header.size, members)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        // Some programs leave out the last bytes.
        skip(&mut content, header.padding(header.size))?;
    }
}

/// Whether another archive stands behind the end of one, which may be filled up with
/// zeros.
fn next_archive(content: &mut Peeked<'_>) -> Result<bool, Refused> {
    content.skip_zeros().map_err(|e| refused(&e))?;
    content.peek(HEAD).map(is).map_err(|e| refused(&e))
}

/// Hands on what stands behind the last archive, such as the compressed one that has
/// the rest of a Linux system's files.
fn rest(content: &mut Peeked<'_>, members: &mut dyn Members) -> Result<ControlFlow<()>, Refused> {
    if content.peek(1).map_err(|e| refused(&e))?.is_empty() {
        return Ok(ControlFlow::Continue(()));
    }
    Ok(members.member(b"", content))
}

#[cfg(test)]
mod tests {
    use super::super::drained::drained;
    use super::super::{Format, HEAD};
    use crate::ledger::SkipKind;

    /// Forms, by how their headers are written.
    #[derive(Debug, Clone, Copy)]
    enum Form {
        Hexadecimal,
        WithSums,
        Octal,
        Binary,
        Swapped,
    }

    const FORMS: [Form; 5] =
        [Form::Hexadecimal, Form::WithSums, Form::Octal, Form::Binary, Form::Swapped];

    fn padded(mut bytes: Vec<u8>, align: usize) -> Vec<u8> {
        bytes.resize(bytes.len().next_multiple_of(align), 0);
        bytes
    }

    fn entry(form: Form, name: &str, mode: u32, links: u32, data: &[u8]) -> Vec<u8> {
        let (name_size, size) = (name.len() + 1, data.len());
        let (header, align) = match form {
            Form::Hexadecimal | Form::WithSums => {
                let magic = if matches!(form, Form::WithSums) { "070702" } else { "070701" };
                let sum: u32 = data.iter().map(|b| u32::from(*b)).sum();
                let fields = [7, mode, 0, 0, links, 1, size as u32, 8, 1, 0, 0, name_size as u32];
                let fields = fields.iter().map(|f| format!("{f:08X}")).collect::<String>();
                ((magic.to_owned() + &fields + &format!("{sum:08X}")).into_bytes(), 4)
            }
            Form::Octal => {
                let header = format!(
                    "070707{:06o}{:06o}{mode:06o}{:06o}{:06o}{links:06o}{:06o}{:011o}{name_size:06o}{size:011o}",
                    0o10, 7, 0, 0, 0, 0o14_000_000_000_u64
                );
                (header.into_bytes(), 1)
            }
            Form::Binary | Form::Swapped => {
                let fields = [0o070_707, 8, 7, mode as u16, 0, 0, links as u16, 0, 0, 1];
                let sizes = [name_size as u16, (size >> 16) as u16, size as u16];
                let bytes = |field: &u16| match form {
                    Form::Binary => field.to_le_bytes(),
                    _ => field.to_be_bytes(),
                };
                (fields.iter().chain(&sizes).flat_map(bytes).collect(), 2)
            }
        };
        let named = padded([&header, name.as_bytes(), &[0]].concat(), align);
        [named, padded(data.to_vec(), align)].concat()
    }

    fn file(form: Form, name: &str, data: &[u8]) -> Vec<u8> {
        entry(form, name, 0o100_644, 1, data)
    }

    fn trailer(form: Form) -> Vec<u8> {
        entry(form, "TRAILER!!!", 0, 1, b"")
    }

    fn member(name: &str, content: &[u8]) -> (String, Vec<u8>) {
        (name.to_owned(), content.to_vec())
    }

    #[test]
    fn files_of_all_forms_are_members() {
        for form in FORMS {
            let long = vec![b'x'; 70_001];
            let archive = [
                entry(form, ".", 0o040_755, 2, b""),
                file(form, "a", b"odd"),
                file(form, "../a", b"even"),
                file(form, "/a", b""),
                entry(form, "link", 0o120_777, 1, b"a"),
                file(form, "long", &long),
                trailer(form),
            ];
            let all = [
                member("a", b"odd"),
                member("../a", b"even"),
                member("/a", b""),
                member("long", &long),
            ];
            assert_eq!(drained(&archive.concat()), (all.to_vec(), None), "{form:?}");
        }
    }

    #[test]
    fn the_last_of_several_links_has_the_content() {
        let archive = [
            entry(Form::Hexadecimal, "one", 0o100_600, 2, b""),
            entry(Form::Hexadecimal, "two", 0o100_600, 2, b"shared"),
            trailer(Form::Hexadecimal),
        ];
        assert_eq!(drained(&archive.concat()), (vec![member("two", b"shared")], None));
    }

    #[test]
    fn archives_behind_archives_are_read_and_what_is_none_is_handed_on() {
        let archive = [
            file(Form::Hexadecimal, "early", b"1"),
            trailer(Form::Hexadecimal),
            vec![0; 100_000],
            file(Form::Octal, "late", b"2"),
            trailer(Form::Octal),
            vec![0; 512],
            b"\x1f\x8b\x08 and so on".to_vec(),
        ];
        let all =
            [member("early", b"1"), member("late", b"2"), member("", b"\x1f\x8b\x08 and so on")];
        assert_eq!(drained(&archive.concat()), (all.to_vec(), None));
    }

    #[test]
    fn what_is_cut_off_is_handed_on_before_the_damage_is_told() {
        for form in FORMS {
            let whole = [file(form, "a", b"kept"), file(form, "b", b"12345678")].concat();
            for len in 0..whole.len() {
                let Some(Format::Cpio) = Format::of(&whole[..len.min(HEAD)], b"") else { continue };
                let (members, end) = drained(&whole[..len]);
                assert_eq!(end.unwrap().0, SkipKind::DamagedArchive, "{form:?} {len}");
                if len > whole.len() - 3 {
                    assert_eq!(members[0], member("a", b"kept"), "{form:?} {len}");
                    assert!(members[1].1.len() > 4, "{form:?} {len}");
                }
            }
            let (members, end) = drained(&whole);
            assert_eq!((members.len(), end.unwrap().0), (2, SkipKind::DamagedArchive));
        }
    }

    #[test]
    fn what_follows_a_header_that_is_none_is_handed_on() {
        let archive = [file(Form::Octal, "a", b"1"), b"no header, but text".to_vec()];
        let (members, end) = drained(&archive.concat());
        assert_eq!(members, [member("a", b"1"), member("", b"no header, but text")]);
        assert_eq!(end.unwrap().1, "a header that is none");
    }

    #[test]
    fn names_have_a_limit() {
        let mut long = file(Form::Hexadecimal, "b", b"");
        long[94..102].copy_from_slice(b"FFFFFFFF");
        let archive = [file(Form::Hexadecimal, "a", b"1"), long];
        let (members, end) = drained(&archive.concat());
        assert_eq!((members.len(), end.unwrap().1.as_str()), (1, "a name that is too long"));
    }

    #[test]
    fn texts_are_no_archives() {
        let digits = "070701".to_owned() + &"0".repeat(506);
        let octal = "070707".to_owned() + &"000001".repeat(80);
        let big = String::from_utf8(file(Form::Hexadecimal, "07070X", b"")).unwrap();
        let by_rpm = big.replacen("070701", "07070X", 1);
        for text in ["070701", "070707 and more", &digits, &octal, &by_rpm, "\x71"] {
            assert_eq!(Format::of(text.as_bytes(), b""), None, "{text}");
        }
        // A name that is cut short, one that ends early, and a kind that there is not.
        let entry = file(Form::Binary, "name", b"");
        for (at, byte) in [(20, 9), (28, 1), (7, 0x30)] {
            let mut other = entry.clone();
            other[at] = byte;
            assert_eq!(Format::of(&other, b""), None, "{at}");
        }
        assert_eq!(Format::of(&entry, b""), Some(Format::Cpio));
    }
}
