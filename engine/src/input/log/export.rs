//! Entries of the journal as `journalctl -o export` writes them: fields on lines, and an
//! empty line behind each entry.
//!
//! A field that holds a line end is written in another way: its name alone on a line, its
//! length in eight bytes, the lowest first, and its bytes.

use std::ops::Range;

use super::record::LONGEST;

/// What every entry begins with.
pub(super) const FIRST: &[u8] = b"__CURSOR=";

/// The longest name that the journal takes.
const LONGEST_NAME: usize = 64;

/// How far the beginning of an entry has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It ends before this offset.
    Whole(usize),
    /// Its end is not there yet.
    More,
    /// This is no entry; what stands before this offset is lines.
    Not(usize),
    /// Its end is too far away; what stands before this offset is lines.
    TooLong(usize),
}

/// Reads an entry on from the field at `at`.
pub(super) fn read(bytes: &[u8], at: &mut usize) -> Reading {
    let view = &bytes[..bytes.len().min(LONGEST)];
    loop {
        match field(view, *at) {
            Some(Line::Field { end, .. }) => *at = end,
            Some(Line::Empty) if *at > 0 => return Reading::Whole(*at + 1),
            None if bytes.len() < LONGEST => return Reading::More,
            None => return Reading::TooLong(*at),
            Some(Line::Empty | Line::Other) => return Reading::Not(*at),
        }
    }
}

/// A line of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Empty,
    Field {
        name: Range<usize>,
        value: Range<usize>,
        /// Behind the line end.
        end: usize,
    },
    Other,
}

/// The field at an offset, if all of it is there.
fn field(bytes: &[u8], at: usize) -> Option<Line> {
    let line_end = at + memchr::memchr(b'\n', bytes.get(at..)?)?;
    if line_end == at {
        return Some(Line::Empty);
    }
    let name = bytes[at..line_end].iter().take(LONGEST_NAME).take_while(|b| is_of_name(**b));
    let name = at..at + name.count();
    if name.is_empty() || bytes[name.start].is_ascii_digit() {
        return Some(Line::Other);
    }
    if bytes[name.end] == b'=' {
        let value = name.end + 1..line_end;
        return Some(Line::Field { name, value, end: line_end + 1 });
    }
    if name.end != line_end {
        return Some(Line::Other);
    }
    let start = line_end + 9;
    let length = bytes.get(line_end + 1..start)?.first_chunk::<8>().map(|b| u64::from_le_bytes(*b));
    // A length that no entry may have is none.
    let length = length.and_then(|length| usize::try_from(length).ok());
    let Some(length) = length.filter(|length| *length < LONGEST) else {
        return Some(Line::Other);
    };
    match bytes.get(start + length)? {
        b'\n' => Some(Line::Field { name, value: start..start + length, end: start + length + 1 }),
        _ => Some(Line::Other),
    }
}

fn is_of_name(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_')
}

/// The fields of an entry, names and places of values, as far as they can be read.
pub(super) fn fields(entry: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || match field(entry, at)? {
        Line::Field { name, value, end } => {
            at = end;
            Some((&entry[name], value))
        }
        Line::Empty | Line::Other => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Vec<u8> {
        let mut entry = b"__CURSOR=s=1;i=2\nMESSAGE\n".to_vec();
        entry.extend_from_slice(&5_u64.to_le_bytes());
        entry.extend_from_slice(b"a\n\nb=\n_PID=7\n\n");
        entry
    }

    #[test]
    fn an_entry_ends_at_its_empty_line_and_not_within_a_field() {
        let entry = entry();
        let more = [&entry[..], b"__CURSOR=next"].concat();
        assert_eq!(read(&more, &mut 0), Reading::Whole(entry.len()));
        let mut at = 0;
        for cut in 0..entry.len() {
            assert_eq!(read(&entry[..cut], &mut 0), Reading::More, "{cut}");
            assert_eq!(read(&entry[..cut], &mut at), Reading::More, "{cut}");
        }
        let names: Vec<_> = fields(&entry).map(|(name, value)| (name, &entry[value])).collect();
        let expected: [(&[u8], &[u8]); 3] =
            [(b"__CURSOR", b"s=1;i=2"), (b"MESSAGE", b"a\n\nb="), (b"_PID", b"7")];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_is_no_entry_is_told_with_the_place() {
        assert_eq!(read(b"__CURSOR=1\nno field\n", &mut 0), Reading::Not(11));
        assert_eq!(read(b"__CURSOR=1\nNAME\n\xff\xff\xff\xff\0\0\0\0", &mut 0), Reading::Not(11));
        let mut long = b"__CURSOR=1\nMESSAGE=".to_vec();
        long.resize(LONGEST + 5, b'x');
        assert_eq!(read(&long, &mut 0), Reading::TooLong(11));
    }
}
