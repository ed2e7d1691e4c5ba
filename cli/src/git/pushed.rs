//! What hooks are told on standard input about a push.

use std::io::{self, BufRead, IsTerminal};

use crate::failure::{Failure, reason};

/// A ref that is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PushedRef {
    /// What it pointed to where it is pushed to; `None` if it is new there.
    pub(crate) old: Option<String>,
    /// What it will point to; `None` if it is deleted.
    pub(crate) new: Option<String>,
    /// Its name there.
    pub(crate) name: String,
}

/// How the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `<local ref> <local id> <remote ref> <remote id>`
    PrePush,
    /// `<old id> <new id> <ref>`
    PreReceive,
}

/// Longest line that is read; a ref's name has at most a few hundred bytes.
const LONGEST: usize = 64 * 1024;

/// Reads all lines from standard input.
pub(crate) fn from_stdin(form: Form) -> Result<Vec<PushedRef>, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        let hook = match form {
            Form::PrePush => "--pre-push",
            Form::PreReceive => "--pre-receive",
        };
        return Err(Failure::new("the refs that are pushed are expected on standard input").hint(
            format!("git gives them to its hooks; `leaksieve hook install {hook}` installs one"),
        ));
    }
    read(stdin.lock(), form)
}

fn read(input: impl BufRead, form: Form) -> Result<Vec<PushedRef>, Failure> {
    let mut refs = Vec::new();
    for (number, line) in input.split(b'\n').enumerate() {
        let line = line.map_err(|error| {
            Failure::new(format!("failed to read standard input: {}", reason(&error)))
        })?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            continue;
        }
        let text = String::from_utf8_lossy(line);
        let parsed = if line.len() <= LONGEST { parse(&text, form) } else { None };
        refs.push(parsed.ok_or_else(|| {
            let form = match form {
                Form::PrePush => "<local ref> <local id> <remote ref> <remote id>",
                Form::PreReceive => "<old id> <new id> <ref>",
            };
            Failure::new(format!("line {} on standard input is not `{form}`", number + 1))
        })?);
    }
    Ok(refs)
}

fn parse(line: &str, form: Form) -> Option<PushedRef> {
    let words: Vec<&str> = line.split(' ').collect();
    let (old, new, name) = match (form, &words[..]) {
        // What is local may be any revision, blanks included: `HEAD@{1 day ago}`.
        (Form::PrePush, [_, .., new, name, old]) => (*old, *new, *name),
        (Form::PreReceive, [old, new, name @ ..]) if !name.is_empty() => (*old, *new, name[0]),
        _ => return None,
    };
    let id = |text: &str| -> Option<Option<String>> {
        let hex = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        hex.then(|| text.bytes().any(|b| b != b'0').then(|| text.to_owned()))
    };
    Some(PushedRef { old: id(old)?, new: id(new)?, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_hooks() {
        let (a, b, zero) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let one = |line: String, form| read(line.as_bytes(), form).unwrap().remove(0);
        let pushed = one(format!("refs/heads/x {a} refs/heads/y {b}\n"), Form::PrePush);
        assert_eq!((pushed.new, pushed.old), (Some(a.clone()), Some(b.clone())));
        assert_eq!(pushed.name, "refs/heads/y");
        let pushed = one(format!("HEAD@{{1 day ago}} {a} refs/heads/y {zero}"), Form::PrePush);
        assert_eq!((pushed.new, pushed.old), (Some(a.clone()), None));
        let pushed = one(format!("(delete) {zero} refs/heads/y {b}"), Form::PrePush);
        assert_eq!((pushed.new, pushed.old), (None, Some(b.clone())));
        let pushed = one(format!("{a} {b} refs/heads/y\r\n"), Form::PreReceive);
        assert_eq!((pushed.old, pushed.new), (Some(a.clone()), Some(b.clone())));
        assert!(read(&b"\n\n"[..], Form::PrePush).unwrap().is_empty());
        for bad in ["x", &a, &format!("{a} {b}"), &format!("x {b} refs/heads/y")] {
            assert!(read(bad.as_bytes(), Form::PreReceive).is_err(), "{bad}");
            assert!(read(bad.as_bytes(), Form::PrePush).is_err(), "{bad}");
        }
    }
}
