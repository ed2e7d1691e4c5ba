//! The directories that a repository borrows objects from.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::{path_from_bytes, read_file};

/// No repository has that many; what is left out counts as absent.
const MAX_DIRS: usize = 1000;

/// Object directories, each followed by those that it borrows from.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) dirs: Vec<PathBuf>,
    pub(super) absent: Vec<PathBuf>,
    known: HashSet<PathBuf>,
}

impl Found {
    /// Adds directories and what they borrow from, which may be a cycle.
    pub(super) fn add(&mut self, dirs: impl IntoIterator<Item = PathBuf>) {
        let mut open: Vec<_> = dirs.into_iter().collect();
        open.reverse();
        while let Some(dir) = open.pop() {
            let found = fs::canonicalize(&dir).ok().filter(|d| d.is_dir());
            let Some(found) = found.filter(|_| self.dirs.len() < MAX_DIRS) else {
                self.absent.push(dir);
                continue;
            };
            if !self.known.insert(found.clone()) {
                continue;
            }
            let text = read_file(&found.join("info/alternates")).ok().flatten();
            let lines = parse(&text.unwrap_or_default());
            open.extend(lines.into_iter().rev().map(|line| found.join(path_from_bytes(&line))));
            self.dirs.push(found);
        }
    }
}

/// The paths in an `alternates` file: one a line, quoted as in C if they begin
/// with a quotation mark.
fn parse(text: &[u8]) -> Vec<Vec<u8>> {
    let lines = text.split(|b| *b == b'\n').filter(|l| !l.is_empty() && l[0] != b'#');
    lines.map(|line| unquoted(line).unwrap_or_else(|| line.to_owned())).take(MAX_DIRS).collect()
}

fn unquoted(line: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = line.strip_prefix(b"\"")?.iter().copied();
    let mut path = Vec::new();
    loop {
        let byte = match bytes.next()? {
            b'"' => return Some(path),
            b'\\' => match bytes.next()? {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                first @ b'0'..=b'3' => {
                    let digits = [first, bytes.next()?, bytes.next()?];
                    let text = std::str::from_utf8(&digits).ok()?;
                    u8::from_str_radix(text, 8).ok()?
                }
                other => other,
            },
            byte => byte,
        };
        path.push(byte);
    }
}

/// Whether a pack came from a partial clone, which marks it so.
pub(super) fn has_promisor_pack(objects: &Path) -> bool {
    fs::read_dir(objects.join("pack"))
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| Path::new(&entry.file_name()).extension().is_some_and(|e| e == "promisor"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_plain_and_quoted() {
        let text = b"# none\n/a b\n\n\"/c\\303\\251\\n\\\"\"\n\"open\n../d";
        assert_eq!(parse(text), [&b"/a b"[..], b"/c\xc3\xa9\n\"", b"\"open", b"../d"]);
    }
}
