//! The tools that are compared: how each is called, where it is, and how its
//! findings are counted.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Deserializer, Value};

/// The literal that ripgrep looks for. It is put together here so that it does
/// not occur in this file.
const ABSENT: [&str; 2] = ["zQ7w", "Xk9vJ4tB"];

/// Stands for what is scanned.
const TARGET: &str = "PATH";
/// Stands for the literal.
const LITERAL: &str = "LITERAL";

/// A tool that is compared.
#[derive(Clone, Copy)]
pub(crate) struct Tool {
    /// The name of its program.
    pub(crate) name: &'static str,
    /// What it is started with; [`TARGET`] is the path.
    arguments: &'static [&'static str],
    /// What makes it say its version.
    version: &'static str,
    findings: Findings,
}

/// Where a report has its findings.
#[derive(Clone, Copy)]
enum Findings {
    /// One JSON value a line, those that have this key.
    Lines(&'static str),
    /// An array.
    Array,
    /// An array under this key of the first value.
    Under(&'static str),
    /// Arrays by file under this key.
    ByFile(&'static str),
    /// It finds nothing.
    None,
}

/// The tools on files, ours first.
pub(crate) const FILES: [Tool; 7] = [
    Tool {
        name: "leaksieve",
        arguments: &["scan", "--format", "jsonl", TARGET],
        version: "--version",
        findings: Findings::Lines("detector"),
    },
    Tool {
        name: "kingfisher",
        arguments: &[
            "scan",
            "--no-validate",
            "--no-update-check",
            "--git-history",
            "none",
            "--format",
            "json",
            TARGET,
        ],
        version: "--version",
        findings: Findings::Under("findings"),
    },
    Tool {
        name: "gitleaks",
        arguments: &["dir", "--no-banner", "--report-format", "json", "--report-path", "-", TARGET],
        version: "version",
        findings: Findings::Array,
    },
    Tool {
        name: "betterleaks",
        arguments: &["dir", "--no-banner", "--report-format", "json", "--report-path", "-", TARGET],
        version: "version",
        findings: Findings::Array,
    },
    Tool {
        name: "trufflehog",
        arguments: &["filesystem", "--no-verification", "--no-update", "--json", TARGET],
        version: "--version",
        findings: Findings::Lines("DetectorName"),
    },
    Tool {
        name: "detect-secrets",
        arguments: &["scan", "--all-files", "--no-verify", TARGET],
        version: "--version",
        findings: Findings::ByFile("results"),
    },
    Tool {
        name: "rg",
        arguments: &["-uuu", "-c", LITERAL, TARGET],
        version: "--version",
        findings: Findings::None,
    },
];

/// The tools on the histories of git repositories, ours first.
pub(crate) const HISTORIES: [Tool; 5] = [
    Tool {
        name: "leaksieve",
        arguments: &["git", "--format", "jsonl", TARGET],
        version: "--version",
        findings: Findings::Lines("detector"),
    },
    Tool {
        name: "git",
        arguments: &[
            "-C",
            TARGET,
            "cat-file",
            "--batch-all-objects",
            "--unordered",
            "--batch",
            "--buffer",
        ],
        version: "--version",
        findings: Findings::None,
    },
    Tool {
        name: "kingfisher",
        arguments: &["scan", "--no-validate", "--no-update-check", "--format", "json", TARGET],
        version: "--version",
        findings: Findings::Under("findings"),
    },
    Tool {
        name: "gitleaks",
        arguments: &["git", "--no-banner", "--report-format", "json", "--report-path", "-", TARGET],
        version: "version",
        findings: Findings::Array,
    },
    Tool {
        name: "betterleaks",
        arguments: &["git", "--no-banner", "--report-format", "json", "--report-path", "-", TARGET],
        version: "version",
        findings: Findings::Array,
    },
];

/// What unpacks a file by its suffix, and writes what is in it.
static UNPACKERS: [(&str, Tool); 6] = [
    ("gz", unpacker("gzip", &["-dc", TARGET])),
    ("zst", unpacker("zstd", &["-dc", TARGET])),
    ("xz", unpacker("xz", &["-dc", TARGET])),
    ("bz2", unpacker("bzip2", &["-dc", TARGET])),
    ("lz4", unpacker("lz4", &["-dc", TARGET])),
    ("zip", Tool { version: "-v", ..unpacker("unzip", &["-p", TARGET]) }),
];

const fn unpacker(name: &'static str, arguments: &'static [&'static str]) -> Tool {
    Tool { name, arguments, version: "--version", findings: Findings::None }
}

/// All that only unpack.
pub(crate) fn unpackers() -> impl Iterator<Item = &'static Tool> {
    UNPACKERS.iter().map(|(_, tool)| tool)
}

/// The tools on an archive or a compressed file, ours first: beside the scanners that
/// unpack files by default, what only unpacks this one.
pub(crate) fn archives(target: &Path) -> Option<Vec<Tool>> {
    let suffix = target.extension()?.to_str()?;
    let (_, unpacker) = UNPACKERS.iter().find(|(known, _)| *known == suffix)?;
    let [ours, kingfisher, ..] = FILES;
    Some(vec![ours, *unpacker, kingfisher])
}

impl Tool {
    /// The command that scans `target` and writes a report to its output.
    pub(crate) fn command(&self, program: &Path, target: &Path) -> Command {
        let mut command = Command::new(program);
        for argument in self.arguments {
            match *argument {
                TARGET => command.arg(target),
                LITERAL => command.arg(ABSENT.concat()),
                word => command.arg(word),
            };
        }
        command
    }

    /// Whether its output is a report.
    pub(crate) fn reports(&self) -> bool {
        !matches!(self.findings, Findings::None)
    }

    /// The version that the program prints, without its name; empty if it
    /// prints none.
    pub(crate) fn version(&self, program: &Path) -> String {
        let output = Command::new(program).arg(self.version).output();
        let text = output.map(|o| [o.stdout, o.stderr].concat()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let first = text.lines().next().unwrap_or_default();
        let word = first.split_whitespace().find(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        word.unwrap_or_default().to_owned()
    }

    /// The findings in a report; `None` if it is no report of this tool.
    pub(crate) fn count(&self, report: &[u8]) -> Option<usize> {
        let mut values =
            Deserializer::from_slice(report).into_iter::<Value>().map_while(Result::ok);
        let array = |value: &Value| value.as_array().map(Vec::len);
        match self.findings {
            Findings::Lines(key) => Some(values.filter(|v| v.get(key).is_some()).count()),
            Findings::Array => array(&values.next()?),
            Findings::Under(key) => array(values.next()?.get(key)?),
            Findings::ByFile(key) => {
                values.next()?.get(key)?.as_object()?.values().map(array).sum()
            }
            Findings::None => None,
        }
    }
}

/// The program of that name in `PATH`, behind the shims and scripts that start
/// it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|d| d.join(&file)).find(|p| p.is_file())?;
    let found = behind_shim(name, &found).unwrap_or(found);
    Some(behind_wheel(name, &found).unwrap_or(found))
}

/// What a pyenv shim starts.
fn behind_shim(name: &str, found: &Path) -> Option<PathBuf> {
    if found.parent()?.file_name()? != "shims" {
        return None;
    }
    let output = Command::new("pyenv").args(["which", name]).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim_end());
    path.is_file().then_some(path)
}

/// The binary that a Python package brought along and only starts:
/// `lib/python*/site-packages/NAME/bin/NAME`.
fn behind_wheel(name: &str, found: &Path) -> Option<PathBuf> {
    let library = found.parent()?.parent()?.join("lib");
    fs::read_dir(library).ok()?.flatten().find_map(|python| {
        let binary = python.path().join("site-packages").join(name).join("bin").join(name);
        binary.is_file().then_some(binary)
    })
}

/// A command as one types it, with the program's name instead of its path.
pub(crate) fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut words: Vec<OsString> = vec![name.to_owned()];
    words.extend(command.get_args().map(OsString::from));
    let words: Vec<String> = words.iter().map(|w| w.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(name: &str, report: &str) -> Option<usize> {
        FILES.iter().find(|t| t.name == name).and_then(|t| t.count(report.as_bytes()))
    }

    #[test]
    fn findings_are_counted_in_every_tools_report() {
        let ours = "{\"detector\":\"a\"}\n{\"summary\":{}}\n{\"detector\":\"b\"}\n";
        assert_eq!(count("leaksieve", ours), Some(2));
        assert_eq!(count("leaksieve", ""), Some(0));
        let kingfisher = "{\"findings\":[{\"rule\":{}}],\"audit\":{}}\n{\"findings\":1}\n";
        assert_eq!(count("kingfisher", kingfisher), Some(1));
        assert_eq!(count("gitleaks", "[\n {\"RuleID\":\"a\"},\n {\"RuleID\":\"b\"}\n]\n"), Some(2));
        assert_eq!(count("gitleaks", "[]\n"), Some(0));
        assert_eq!(count("gitleaks", "fatal"), None);
        let detect_secrets = "{\"version\":\"1\",\"results\":{\"a\":[{},{}],\"b\":[{}]}}";
        assert_eq!(count("detect-secrets", detect_secrets), Some(3));
        assert_eq!(count("rg", ""), None);
    }

    #[test]
    fn archives_are_unpacked_by_what_made_them() {
        let names = |path: &str| -> Option<Vec<&str>> {
            Some(archives(Path::new(path))?.iter().map(|tool| tool.name).collect())
        };
        assert_eq!(names("a/x.tar.zst"), Some(vec!["leaksieve", "zstd", "kingfisher"]));
        assert_eq!(names("x.zip"), Some(vec!["leaksieve", "unzip", "kingfisher"]));
        assert_eq!(names("x.rar"), None);
    }

    #[test]
    fn what_ripgrep_looks_for_is_not_here() {
        assert!(!include_str!("tool.rs").contains(&ABSENT.concat()));
    }
}
