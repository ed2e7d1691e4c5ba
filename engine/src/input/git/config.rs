//! The few settings of a repository that say how it is to be read.
//!
//! Files that it includes are not read, as git does not read them for these
//! settings either, and everything that names a program is passed over.

use std::path::Path;

use super::error::GitError;
use super::read_file;

/// A repository's configuration: names in lower case, except for what stands
/// between the first and the last dot, with their values, in their order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Config {
    values: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Config {
    /// The settings of this file; none if there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Self, GitError> {
        let text = read_file(path)?.unwrap_or_default();
        Self::parse(&text).map_err(|line| GitError::damaged(path, format!("line {line}")))
    }

    /// Reads a configuration, or says in which line it is damaged.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, usize> {
        Parser { text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), at: 0, line: 1 }.run()
    }

    /// Adds the settings of another, which count more.
    pub(crate) fn extend(&mut self, other: Self) {
        self.values.extend(other.values);
    }

    /// The last value of a setting; `Some(None)` if it has no `=`, which means
    /// true.
    fn last(&self, name: &str) -> Option<Option<&[u8]>> {
        let mut values = self.values.iter().rev().filter(|(n, _)| n == name.as_bytes());
        values.next().map(|(_, value)| value.as_deref())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&[u8]> {
        self.last(name).flatten()
    }

    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        self.last(name).map(is_true)
    }

    /// The names and values of a section: what stands between the first and the
    /// last dot (nothing if there is one dot only), the last component, the value.
    pub(crate) fn section<'a>(
        &'a self,
        section: &'a str,
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8], Option<&'a [u8]>)> {
        self.values.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(section.as_bytes())?.strip_prefix(b".")?;
            let dot = memchr::memrchr(b'.', rest);
            let (sub, key) = match dot {
                Some(dot) => (&rest[..dot], &rest[dot + 1..]),
                None => (&b""[..], rest),
            };
            Some((sub, key, value.as_deref()))
        })
    }
}

/// Whether a value means true.
pub(crate) fn is_true(value: Option<&[u8]>) -> bool {
    let Some(value) = value else { return true };
    let number = || std::str::from_utf8(value).ok()?.parse::<i64>().ok();
    [&b"true"[..], b"yes", b"on"].iter().any(|t| value.eq_ignore_ascii_case(t))
        || number().is_some_and(|n| n != 0)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Parser<'_> {
    fn run(mut self) -> Result<Config, usize> {
        let mut config = Config::default();
        let mut section = Vec::new();
        while let Some(byte) = self.next() {
            match byte {
                b if b.is_ascii_whitespace() => {}
                b'#' | b';' => self.comment(),
                b'[' => section = self.section()?,
                b if b.is_ascii_alphabetic() && !section.is_empty() => {
                    let mut name = section.clone();
                    name.push(b.to_ascii_lowercase());
                    let value = self.setting(&mut name)?;
                    config.values.push((name, value));
                }
                _ => return Err(self.line),
            }
        }
        Ok(config)
    }

    /// The next byte; a carriage return before a line feed is none.
    fn next(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        self.at += 1;
        if byte == b'\r' && self.text.get(self.at) == Some(&b'\n') {
            return self.next();
        }
        self.line += usize::from(byte == b'\n');
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn comment(&mut self) {
        while self.next().is_some_and(|b| b != b'\n') {}
    }

    /// `[section]`, `[section.sub]` or `[section "sub"]`, with the dot behind it.
    fn section(&mut self) -> Result<Vec<u8>, usize> {
        let mut name = Vec::new();
        loop {
            match self.next().ok_or(self.line)? {
                b']' => break,
                b if b.is_ascii_alphanumeric() || b == b'-' || b == b'.' => {
                    name.push(b.to_ascii_lowercase());
                }
                b' ' | b'\t' => {
                    while matches!(self.peek(), Some(b' ' | b'\t')) {
                        self.at += 1;
                    }
                    if self.next() != Some(b'"') {
                        return Err(self.line);
                    }
                    name.push(b'.');
                    loop {
                        match self.next().ok_or(self.line)? {
                            b'"' => break,
                            b'\n' => return Err(self.line),
                            b'\\' => name.push(self.next().ok_or(self.line)?),
                            b => name.push(b),
                        }
                    }
                    if self.next() != Some(b']') {
                        return Err(self.line);
                    }
                    break;
                }
                _ => return Err(self.line),
            }
        }
        if name.is_empty() {
            return Err(self.line);
        }
        name.push(b'.');
        Ok(name)
    }

    /// The rest of a setting's name, and its value.
    fn setting(&mut self, name: &mut Vec<u8>) -> Result<Option<Vec<u8>>, usize> {
        while let Some(b) = self.peek().filter(|b| b.is_ascii_alphanumeric() || *b == b'-') {
            name.push(b.to_ascii_lowercase());
            self.at += 1;
        }
        loop {
            match self.next() {
                Some(b' ' | b'\t') => {}
                Some(b'=') => return self.value().map(Some),
                Some(b'\n') | None => return Ok(None),
                Some(b'#' | b';') => {
                    self.comment();
                    return Ok(None);
                }
                Some(_) => return Err(self.line),
            }
        }
    }

    fn value(&mut self) -> Result<Vec<u8>, usize> {
        let mut value = Vec::new();
        let mut quoted = false;
        // Where blanks at the end may be cut off.
        let mut kept = 0;
        loop {
            match self.next() {
                None | Some(b'\n') if quoted => return Err(self.line),
                None | Some(b'\n') => break,
                Some(b'#' | b';') if !quoted => {
                    self.comment();
                    break;
                }
                Some(b'"') => {
                    quoted = !quoted;
                    kept = value.len();
                }
                Some(b'\\') => {
                    match self.next().ok_or(self.line)? {
                        b'\n' => continue,
                        b'n' => value.push(b'\n'),
                        b't' => value.push(b'\t'),
                        b'b' => value.push(8),
                        b @ (b'\\' | b'"') => value.push(b),
                        _ => return Err(self.line),
                    }
                    kept = value.len();
                }
                Some(b' ' | b'\t') if !quoted => {
                    if !value.is_empty() {
                        value.push(b' ');
                    }
                }
                Some(b) => {
                    value.push(b);
                    kept = value.len();
                }
            }
        }
        value.truncate(kept);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_as_git_reads_them() {
        let config = Config::parse(
            b"\xef\xbb\xbf# head\r\n[core]\r\n\tbare = false ; no\r\n\
              worktree = \"a #b\" c\\\\d \\\ne  \n[Remote \"Or.i\\\"gin\"] Promisor\nurl=x\n\
              [extensions]objectFormat=sha256\n[core] bare = yes\n",
        )
        .unwrap();
        assert_eq!(config.truth("core.bare"), Some(true));
        assert_eq!(config.truth("core.none"), None);
        assert_eq!(config.text("core.worktree"), Some(&b"a #b c\\d e"[..]));
        assert_eq!(config.text("extensions.objectformat"), Some(&b"sha256"[..]));
        let remote: Vec<_> = config.section("remote").collect();
        assert_eq!(remote[0], (&b"Or.i\"gin"[..], &b"promisor"[..], None));
        assert_eq!(remote[1].2, Some(&b"x"[..]));
    }

    #[test]
    fn damage_has_a_line() {
        for (text, line) in [
            (&b"[core\n"[..], 2),
            (b"\n[core] a = \"b\n", 3),
            (b"a = b", 1),
            (b"[core]\n= 1", 2),
            (b"[core] a = \\x", 1),
            (b"[a \"b", 1),
            (b"[]", 1),
        ] {
            assert_eq!(Config::parse(text).unwrap_err(), line, "{text:?}");
        }
    }
}
