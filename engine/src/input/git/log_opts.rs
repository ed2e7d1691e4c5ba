//! The options of `git log` that choose commits, as people pass them to scanners
//! that run it.

use super::date::{DayEdge, parse_date};
use super::scope::CommitSelection;

/// Why options were not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogOptsError {
    /// An option that chooses no commits, or in a way that is not supported.
    #[error("option {0} of git log is not understood; understood are {UNDERSTOOD}")]
    Unknown(String),
    /// An option without its value.
    #[error("option {0} of git log lacks its value")]
    NoValue(String),
    /// A value that cannot be read.
    #[error("option {option} of git log: \"{value}\" is no {expected}")]
    Value {
        /// The option.
        option: String,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A quotation mark that is not closed.
    #[error("a quotation mark is not closed")]
    Quote,
}

/// What is understood.
const UNDERSTOOD: &str = "--all, --branches[=PATTERN], --tags[=PATTERN], --remotes[=PATTERN], \
    --not, --since, --after, --until, --before, -n, -NUMBER, --max-count, --skip, --no-merges, \
    --merges, --first-parent, --author (a part of the name or address), revisions (A, ^A, A..B, \
    A...B) and -- PATH…";

/// Options that change only how `git log` shows commits, or in which order; they
/// stand in many a command line for other scanners.
const SHOWN_OTHERWISE: [&str; 14] = [
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

/// Divides a line into words as a shell does, without expanding anything.
pub(super) fn words(line: &str) -> Result<Vec<String>, LogOptsError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().ok_or(LogOptsError::Quote)? {
                        c if c == letter => break,
                        '\\' if letter == '"' => {
                            let next = letters.next().ok_or(LogOptsError::Quote)?;
                            if !matches!(next, '"' | '\\' | '$' | '`') {
                                word.push('\\');
                            }
                            word.push(next);
                        }
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

impl CommitSelection {
    /// What `git log` would select with these options, of which those that choose
    /// commits are understood. `now` is the time that relative dates start from, in
    /// seconds since 1970. Without a revision it is `HEAD`, as for git.
    ///
    /// Unlike git, `--author` looks for a part of `Name <address>`, not for a
    /// regular expression, and `--since` and `--until` take a day without a time
    /// for the whole day in UTC.
    ///
    /// # Errors
    ///
    /// If an option is not understood; the error names it and lists what is.
    pub fn from_log_opts(options: &str, now: i64) -> Result<Self, LogOptsError> {
        let mut selection = Self::default();
        let mut words = words(options)?.into_iter();
        let mut is_not = false;
        while let Some(word) = words.next() {
            if word == "--" {
                selection.paths = words.by_ref().map(checked_path).collect::<Result<_, _>>()?;
                break;
            }
            if !word.starts_with('-') {
                selection.add_revision(&word, is_not)?;
                continue;
            }
            let (option, value) = match word.split_once('=') {
                Some((option, value)) if word.starts_with("--") => (option, Some(value.to_owned())),
                _ => (&*word, None),
            };
            let unknown = || LogOptsError::Unknown(option.to_owned());
            let mut needed = || {
                let value = value.clone().or_else(|| words.next());
                value.ok_or_else(|| LogOptsError::NoValue(option.to_owned()))
            };
            match option {
                "--since" | "--after" => {
                    selection.since = Some(date(option, &needed()?, now, DayEdge::Start)?);
                }
                "--until" | "--before" => {
                    selection.until = Some(date(option, &needed()?, now, DayEdge::End)?);
                }
                "-n" | "--max-count" => selection.max_count = Some(number(option, &needed()?)?),
                "--skip" => selection.skip = number(option, &needed()?)?,
                "--author" => selection.authors.push(needed()?),
                "--branches" => selection.add_refs("refs/heads/", value, is_not),
                "--tags" => selection.add_refs("refs/tags/", value, is_not),
                "--remotes" => selection.add_refs("refs/remotes/", value, is_not),
                _ if value.is_some() => return Err(unknown()),
                "--all" => selection.add_refs("refs/", None, is_not),
                "--not" => is_not = !is_not,
                "--no-merges" => selection.no_merges = true,
                "--merges" => selection.only_merges = true,
                "--first-parent" => selection.first_parent = true,
                shown if SHOWN_OTHERWISE.contains(&shown) => {}
                _ => {
                    let count = option.strip_prefix("-n").or_else(|| option.strip_prefix('-'));
                    let count = count.filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
                    let count = count.filter(|n| !n.is_empty()).ok_or_else(unknown)?;
                    selection.max_count = Some(number(option, count)?);
                }
            }
        }
        if selection.tips.is_empty() && selection.symmetric.is_empty() && selection.refs.is_empty()
        {
            selection.tips.push("HEAD".to_owned());
        }
        Ok(selection)
    }

    /// What one revision selects: `A..B` what `B` reaches and `A` does not, `A...B`
    /// what one of them reaches and not both, `^A` what `A` does not reach, `A` all
    /// that it reaches. A side that is left out is `HEAD`.
    ///
    /// # Errors
    ///
    /// If the revision is empty.
    pub fn from_range(range: &str) -> Result<Self, LogOptsError> {
        let mut selection = Self::default();
        selection.add_revision(range.trim(), false)?;
        if selection.tips.is_empty() && selection.symmetric.is_empty() {
            selection.tips.push("HEAD".to_owned());
        }
        Ok(selection)
    }

    fn add_revision(&mut self, text: &str, is_not: bool) -> Result<(), LogOptsError> {
        let side = |side: &str| (if side.is_empty() { "HEAD" } else { side }).to_owned();
        let (shown, hidden) = match is_not {
            false => (&mut self.tips, &mut self.hidden),
            true => (&mut self.hidden, &mut self.tips),
        };
        if let Some((a, b)) = text.split_once("...") {
            if is_not {
                return Err(LogOptsError::Unknown(format!("--not {text}")));
            }
            self.symmetric.push((side(a), side(b)));
        } else if let Some((a, b)) = text.split_once("..") {
            hidden.push(side(a));
            shown.push(side(b));
        } else if let Some(name) = text.strip_prefix('^') {
            hidden.push(name.to_owned());
        } else if text.is_empty() {
            let (option, value) = ("revision".to_owned(), String::new());
            return Err(LogOptsError::Value { option, value, expected: "revision" });
        } else {
            shown.push(text.to_owned());
        }
        Ok(())
    }

    /// Adds the refs under a prefix that are of a pattern; as for git one without
    /// wildcards takes all under it too.
    fn add_refs(&mut self, prefix: &str, pattern: Option<String>, is_not: bool) {
        let refs = if is_not { &mut self.hidden_refs } else { &mut self.refs };
        refs.push(format!("{prefix}{}", pattern.as_deref().unwrap_or("*")));
    }
}

fn date(option: &str, value: &str, now: i64, edge: DayEdge) -> Result<i64, LogOptsError> {
    parse_date(value, now, edge).ok_or_else(|| LogOptsError::Value {
        option: option.to_owned(),
        value: value.to_owned(),
        expected: "date (2024-05-31, RFC 3339, @seconds, 2.weeks.ago, yesterday)",
    })
}

fn number(option: &str, value: &str) -> Result<u64, LogOptsError> {
    value.parse().map_err(|_| LogOptsError::Value {
        option: option.to_owned(),
        value: value.to_owned(),
        expected: "number",
    })
}

/// A path or a pattern; those that begin with a colon mean more than they say.
fn checked_path(path: String) -> Result<Vec<u8>, LogOptsError> {
    if path.starts_with(':') {
        return Err(LogOptsError::Unknown(format!("-- {path}")));
    }
    Ok(path.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &str) -> CommitSelection {
        CommitSelection::from_log_opts(options, 1_711_888_200).unwrap()
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn options_of_all_kinds() {
        let read_all = read(
            "main ^v1 a..b ..c --not d --remotes=origin/* --not --all --since='2 weeks ago' \
             --until 2024-03-31 -n 5 --skip=2 --no-merges --first-parent --author \"A \\\"U\" -- src a\\ b",
        );
        let expected = CommitSelection {
            tips: list(&["main", "b", "c"]),
            hidden: list(&["v1", "a", "HEAD", "d"]),
            refs: list(&["refs/*"]),
            hidden_refs: list(&["refs/remotes/origin/*"]),
            since: Some(1_711_888_200 - 14 * 86_400),
            until: Some(1_711_929_599),
            max_count: Some(5),
            skip: 2,
            no_merges: true,
            first_parent: true,
            authors: list(&["A \"U"]),
            paths: vec![b"src".to_vec(), b"a b".to_vec()],
            ..CommitSelection::default()
        };
        assert_eq!(read_all, expected);
        assert_eq!(read("").tips, ["HEAD"]);
        assert_eq!(read("--since=yesterday").tips, ["HEAD"]);
        assert_eq!(read("--branches --tags=v*").refs, ["refs/heads/*", "refs/tags/v*"]);
        assert_eq!(read("a...").symmetric, [("a".to_owned(), "HEAD".to_owned())]);
        assert_eq!((read("-3").max_count, read("-n7").max_count), (Some(3), Some(7)));
        assert!(read("--merges").only_merges);
        let range = CommitSelection::from_range("A..B").unwrap();
        assert_eq!((range.tips, range.hidden), (list(&["B"]), list(&["A"])));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (options, named) in [
            ("-W", "-W"),
            ("--grep=x", "--grep"),
            ("--all=x", "--all"),
            ("--since", "--since"),
            ("--since=soon", "soon"),
            ("-n x", "\"x\""),
            ("'open", "quotation"),
            ("-- :!x", ":!x"),
            ("-S x", "-S"),
            ("--not a...b", "a...b"),
            ("''", "revision"),
        ] {
            let error = CommitSelection::from_log_opts(options, 0).unwrap_err().to_string();
            assert!(error.contains(named), "{options}: {error}");
        }
        let error = CommitSelection::from_log_opts("--graph", 0).unwrap_err().to_string();
        assert!(error.contains("--first-parent") && error.contains("--graph"), "{error}");
    }
}
