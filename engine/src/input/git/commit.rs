//! Commits, read where they lie.

use std::borrow::Cow;

use super::oid::Oid;
use super::place::CommitInfo;

/// Calls `header` with the name and value of each header line of a commit or
/// tag, and returns what stands behind the empty line that ends them. Lines that
/// continue a header, as of signatures, are left out.
pub(crate) fn headers<'a>(
    object: &'a [u8],
    mut header: impl FnMut(&'a [u8], &'a [u8]),
) -> &'a [u8] {
    let mut rest = object;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        if let Some(space) = memchr::memchr(b' ', line).filter(|at| *at > 0) {
            header(&line[..space], &line[space + 1..]);
        }
    }
    rest
}

/// Who did something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Person<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) email: &'a [u8],
    /// Seconds since 1970; 0 if there is none that can be read.
    pub(crate) time: i64,
    /// Minutes from UTC.
    pub(crate) offset: i16,
}

impl<'a> Person<'a> {
    /// Reads `Name <address> seconds zone`, of which everything may be missing.
    /// As git does, the date stands behind the last `>`.
    pub(crate) fn parse(line: &'a [u8]) -> Self {
        let Some(open) = memchr::memchr(b'<', line) else {
            return Self { name: line.trim_ascii(), ..Self::default() };
        };
        let address = &line[open + 1..];
        let close = memchr::memchr(b'>', address).unwrap_or(address.len());
        let date = memchr::memrchr(b'>', line).map_or(&b""[..], |at| &line[at + 1..]);
        let mut words = date.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty());
        Self {
            name: line[..open].trim_ascii(),
            email: address[..close].trim_ascii(),
            time: words.next().and_then(number).unwrap_or(0),
            offset: words.next().and_then(offset).unwrap_or(0),
        }
    }
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// `+hhmm` in minutes.
fn offset(zone: &[u8]) -> Option<i16> {
    let (sign, digits) = zone.split_first()?;
    if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = number(digits)?;
    let minutes = (number / 100 * 60 + number % 100) as i16;
    match sign {
        b'+' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}

/// A commit, read from its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit<'a> {
    pub(crate) tree: Oid,
    pub(crate) parents: Vec<Oid>,
    pub(crate) author: Person<'a>,
    pub(crate) committer: Person<'a>,
    /// The encoding that it names, if not UTF-8.
    pub(crate) encoding: Option<&'a [u8]>,
    pub(crate) message: &'a [u8],
}

impl<'a> Commit<'a> {
    /// Reads a commit; `None` if it names no tree.
    pub(crate) fn parse(object: &'a [u8]) -> Option<Self> {
        let mut tree = None;
        let mut parents = Vec::new();
        let mut author = None;
        let mut committer = None;
        let mut encoding = None;
        let message = headers(object, |name, value| match name {
            b"tree" if tree.is_none() => tree = Oid::from_hex(value),
            b"parent" => parents.extend(Oid::from_hex(value)),
            // Merges of damaged tools have several; the first counts.
            b"author" if author.is_none() => author = Some(Person::parse(value)),
            b"committer" if committer.is_none() => committer = Some(Person::parse(value)),
            b"encoding" => encoding = Some(value),
            _ => {}
        });
        Some(Self {
            tree: tree?,
            parents,
            author: author.unwrap_or_default(),
            committer: committer.unwrap_or_default(),
            encoding,
            message,
        })
    }

    /// The first line of the message that is not empty.
    pub(crate) fn subject(&self) -> &'a [u8] {
        let mut lines = self.message.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// What is told of it.
    pub(crate) fn info(&self, id: Oid) -> CommitInfo {
        CommitInfo {
            id,
            author: self.text(self.author.name),
            email: self.text(self.author.email),
            time: self.author.time,
            offset: self.author.offset,
            subject: self.text(self.subject()),
        }
    }

    /// Text of it as Unicode: of the other encodings only Latin-1 is known,
    /// which is what old histories have.
    fn text(&self, bytes: &[u8]) -> Box<str> {
        let latin = self.encoding.is_some_and(|e| {
            [&b"ISO-8859-1"[..], b"ISO8859-1", b"latin1", b"latin-1", b"ISO-8859-15"]
                .iter()
                .any(|name| e.eq_ignore_ascii_case(name))
        });
        if latin && std::str::from_utf8(bytes).is_err() {
            return bytes.iter().map(|b| char::from(*b)).collect();
        }
        match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    #[test]
    fn a_signed_merge_in_another_encoding() {
        let text = [
            format!("tree {TREE}\nparent {}\nparent {}\n", "1".repeat(40), "2".repeat(40))
                .as_bytes(),
            b"author J\xf6rg <j@example.org> 1700000000 +0530\n",
            b"committer C O Mitter <c@example.org> 1700000001 -0100\n",
            b"encoding ISO-8859-1\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n tree 1\n -----END\n",
            b"\n\n  Subject \nmore\n\nparent 1\n",
        ]
        .concat();
        let commit = Commit::parse(&text).unwrap();
        assert_eq!(commit.parents.len(), 2);
        assert_eq!(commit.committer.time, 1_700_000_001);
        assert_eq!(commit.committer.offset, -60);
        let info = commit.info(commit.tree);
        assert_eq!((&*info.author, &*info.subject), ("Jörg", "Subject"));
        assert_eq!((&*info.email, info.time, info.offset), ("j@example.org", 1_700_000_000, 330));
        assert_eq!(commit.message, b"\n  Subject \nmore\n\nparent 1\n");
    }

    #[test]
    fn odd_commits_are_read_as_far_as_they_go() {
        assert_eq!(Commit::parse(b""), None);
        assert_eq!(Commit::parse(b"tree 12\n\nmessage"), None);
        let text = format!("tree {TREE}\nauthor nobody\ncommitter <a>b> 99999999999999999999 +9\n");
        let commit = Commit::parse(text.as_bytes()).unwrap();
        assert_eq!(commit.author.name, b"nobody");
        assert_eq!((commit.committer.email, commit.committer.time), (&b"a"[..], 0));
        assert_eq!((commit.message, commit.subject()), (&b""[..], &b""[..]));
        for cut in 0..text.len() {
            let _ = Commit::parse(&text.as_bytes()[..cut]);
        }
        assert_eq!(Person::parse(b"a < b > x <c> 5 -0000").time, 5);
        assert_eq!(Person::parse(b"a < ").time, 0);
        assert_eq!(Person::parse(b"<"), Person::default());
    }
}
