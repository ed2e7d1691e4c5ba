//! The options of `git log` that choose commits, for those who scan with
//! `--log-opts`.

use super::{Commits, date};
use crate::failure::Failure;

/// What is understood, for messages.
const KNOWN: &str = "revisions, --all, --branches, --remotes, --tags, --not, --since, --after, \
                     --until, --before, --max-count, -n, --skip, --no-merges, \
                     --first-parent and paths behind `--`";

/// Options that change only how `git log` shows commits, or in which order.
const SHOWN_OTHERWISE: &[&str] = &[
    "--full-history",
    "--oneline",
    "--reverse",
    "--date-order",
    "--topo-order",
    "--author-date-order",
    "-p",
    "--patch",
    "-u",
    "-m",
    "-U0",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
];

/// The commits that options choose.
pub(crate) fn parse(text: &str, now: i64) -> Result<Commits, Failure> {
    let words = words(text).ok_or_else(|| failure("--log-opts has a quote that is not closed"))?;
    let mut commits = Commits::default();
    let mut words = words.into_iter();
    let mut hidden = false;
    while let Some(word) = words.next() {
        if word == "--" {
            commits.paths = words.collect();
            break;
        }
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let takes_value = matches!(
            name,
            "--since" | "--after" | "--until" | "--before" | "--max-count" | "-n" | "--skip"
        );
        if takes_value && value.is_none() {
            value = words.next();
        }
        let lacking = || failure(format!("{name} in --log-opts lacks its value"));
        let wrong = |value: &str| failure(format!("{name} in --log-opts: not understood: {value}"));
        let time = |value: Option<String>| {
            let value = value.ok_or_else(lacking)?;
            date::seconds(&value, now).ok_or_else(|| wrong(&value)).map(Some)
        };
        let count = |value: Option<String>| {
            let value = value.ok_or_else(lacking)?;
            value.parse::<u64>().map_err(|_| wrong(&value))
        };
        match name {
            "--since" | "--after" => commits.since = time(value)?,
            "--until" | "--before" => commits.until = time(value)?,
            "--max-count" | "-n" => commits.max_count = Some(count(value)?),
            "--skip" => commits.skip = count(value)?,
            _ if value.is_some() => return Err(unknown(name)),
            "--all" => commits.refs(None, hidden),
            "--branches" => commits.refs(Some("refs/heads/"), hidden),
            "--remotes" => commits.refs(Some("refs/remotes/"), hidden),
            "--tags" => commits.refs(Some("refs/tags/"), hidden),
            "--not" => hidden = !hidden,
            "--no-merges" => commits.no_merges = true,
            "--first-parent" => commits.first_parent = true,
            shown if SHOWN_OTHERWISE.contains(&shown) => {}
            option if option.starts_with('-') => {
                // `-5`, and `-n5`.
                let digits = option[1..].strip_prefix('n').unwrap_or(&option[1..]);
                match digits.parse() {
                    Ok(count) if !option.starts_with("--") => commits.max_count = Some(count),
                    _ => return Err(unknown(option)),
                }
            }
            revision => commits.revision(revision, hidden),
        }
    }
    Ok(commits)
}

fn failure(message: impl Into<String>) -> Failure {
    Failure::new(message.into())
}

fn unknown(option: &str) -> Failure {
    failure(format!("--log-opts does not understand {option}"))
        .hint(format!("it understands {KNOWN}"))
}

/// Splits as a shell does: at blanks, with quotes and backslashes.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_choose_commits() {
        let commits = parse("--no-merges -n 5 --since='1 day ago' main~3..main ^old", 1_000_000);
        let commits = commits.unwrap();
        assert_eq!((commits.max_count, commits.no_merges), (Some(5), true));
        assert_eq!(commits.since, Some(1_000_000 - 86_400));
        assert_eq!(commits.revisions, ["main~3..main", "^old"]);
        let commits = parse(r#"--all -7 --skip=2 --not a b --not c -- "dir a" x"#, 0).unwrap();
        assert_eq!((commits.all, commits.max_count, commits.skip), (true, Some(7), 2));
        assert_eq!(commits.revisions, ["^a", "^b", "c"]);
        assert_eq!(commits.paths, ["dir a", "x"]);
        assert_eq!(parse("-n3 -p --branches", 0).unwrap().ref_prefixes, ["refs/heads/"]);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "--grep=x",
            "--author me",
            "-S secret",
            "--max-count",
            "-n x",
            "--since",
            "--since=soon",
            "--all=x",
            "'open",
            "--5",
        ] {
            assert!(parse(text, 0).is_err(), "{text}");
        }
    }
}
