//! From what was written to plain checked values.

use std::path::{Path, PathBuf};

use leaksieve::detectors::Severity;
use leaksieve::input::archive::Limits;
use leaksieve::input::files::{Ignored, WalkOptions};
use leaksieve::input::git::Scope;
use leaksieve::ledger::SkipKind;
use leaksieve::report::Disclosure;
use leaksieve::run::Target;
use leaksieve::run::history::GitOptions;

use crate::args::{
    ArchiveArgs, DirArgs, FormatArg, GitArgs, JudgeArgs, MEGABYTE, OutputArgs, ScanArgs, StdinArgs,
    WalkArgs,
};
use crate::destination::Destination;
use crate::failure::Failure;
use crate::git::GitSource;
use crate::judge::Judge;
use crate::source::{Histories, Source, state_options};
use crate::terminal;

/// Name of standard input in reports.
pub(crate) const STDIN: &str = "<stdin>";

/// Everything that a scan is told.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) source: Source,
    pub(crate) judge: Judge,
    pub(crate) min_severity: Severity,
    /// How many records are listed.
    pub(crate) max_records: usize,
    pub(crate) format: FormatArg,
    pub(crate) destination: Destination,
    pub(crate) disclosure: Disclosure,
    pub(crate) fail_on: Severity,
    pub(crate) exit_code: u8,
    pub(crate) accepted: Vec<SkipKind>,
    /// Where numbers are told of a long run.
    pub(crate) metrics: Option<String>,
    pub(crate) terminal: terminal::Choice,
}

impl Settings {
    pub(crate) fn of_scan(args: ScanArgs, terminal: &terminal::Choice) -> Result<Self, Failure> {
        let target = |path: PathBuf| {
            if path.as_os_str() == "-" {
                Target::Stdin(STDIN.to_owned())
            } else {
                Target::Path(path)
            }
        };
        let targets: Vec<Target> = args.paths.into_iter().map(target).collect();
        if targets.iter().filter(|t| matches!(t, Target::Stdin(_))).count() > 1 {
            return Err(Failure::new("standard input can be scanned only once"));
        }
        let max_size =
            args.walk.max_target_megabytes.filter(|n| *n > 0).map(|n| u64::from(n) * 1_000_000);
        let scope = if args.all_objects { Scope::all_objects() } else { Scope::default() };
        let repository = args.repository;
        let asked = [
            (repository.state.is_some(), "--state"),
            (args.all_objects, "--all-objects"),
            (repository.no_submodules, "--no-submodules"),
        ];
        let mut options = GitOptions::new()
            .max_object_size(max_size)
            .submodules(!repository.no_submodules)
            .scope(scope.clone());
        if let Some(threads) = args.judge.threads {
            options = options.threads(usize::from(threads));
        }
        let histories = Histories {
            options,
            state: repository.state,
            state_options: state_options(max_size, &scope),
            asked: asked.into_iter().find_map(|(is_asked, flag)| is_asked.then_some(flag)),
        };
        let walk = walk(&args.walk, &args.judge).archives(limits(&args.archives));
        Self::new(
            Source::Files { targets, walk, histories: Some(Box::new(histories)) },
            args.judge,
            args.output,
            terminal,
        )
    }

    pub(crate) fn of_dir(args: DirArgs, terminal: &terminal::Choice) -> Result<Self, Failure> {
        if args.paths.iter().any(|p| p.as_os_str() == "-") {
            return Err(Failure::new("dir scans directories and files, not standard input").hint(
                "use `leaksieve stdin` or `leaksieve scan -`; a file of that name is `./-`",
            ));
        }
        let targets = args.paths.into_iter().map(Target::Path).collect();
        let walk = walk(&args.walk, &args.judge).archives(limits(&args.archives));
        Self::new(
            Source::Files { targets, walk, histories: None },
            args.judge,
            args.output,
            terminal,
        )
    }

    pub(crate) fn of_stdin(args: StdinArgs, terminal: &terminal::Choice) -> Result<Self, Failure> {
        let targets = vec![Target::Stdin(STDIN.to_owned())];
        let walk = with_threads(WalkOptions::new(), &args.judge).archives(limits(&args.archives));
        let source = Source::Files { targets, walk, histories: None };
        let settings = Self::new(source, args.judge, args.output, terminal)?;
        Ok(Self { metrics: args.metrics.metrics, ..settings })
    }

    pub(crate) fn of_git(args: GitArgs, terminal: &terminal::Choice) -> Result<Self, Failure> {
        let GitArgs { repositories, scope, judge, history, output } = args;
        let source = GitSource::new(repositories, scope, history, judge.threads)?;
        Self::new(Source::Git(source), judge, output, terminal)
    }

    fn new(
        source: Source,
        judge: JudgeArgs,
        output: OutputArgs,
        terminal: &terminal::Choice,
    ) -> Result<Self, Failure> {
        let destination = Destination::new(output.report_path)?;
        let format = match (output.format, destination.path()) {
            (Some(format), _) => format,
            (None, Some(path)) => format_of(path)?,
            (None, None) => FormatArg::Text,
        };
        Ok(Self {
            source,
            min_severity: judge.min_severity.unwrap_or(Severity::Info),
            max_records: match judge.max_findings {
                0 => usize::MAX,
                max => max,
            },
            judge: Judge::from(judge),
            format,
            destination,
            disclosure: if output.reveal { Disclosure::Revealed } else { Disclosure::Masked },
            fail_on: output.fail_on,
            exit_code: output.exit_code,
            accepted: output.accept_incomplete,
            metrics: None,
            terminal: *terminal,
        })
    }
}

fn with_threads(walk: WalkOptions, judge: &JudgeArgs) -> WalkOptions {
    walk.threads(judge.threads.map_or(0, usize::from))
}

fn walk(args: &WalkArgs, judge: &JudgeArgs) -> WalkOptions {
    let ignored = if args.respect_ignore {
        Ignored::Skip
    } else if args.scan_ignored {
        Ignored::Scan
    } else {
        Ignored::SkipListed
    };
    with_threads(WalkOptions::new(), judge)
        .hidden(!args.no_hidden)
        .ignored(ignored)
        .follow_links(args.follow_links)
        .max_file_size(
            args.max_target_megabytes.filter(|n| *n > 0).map(|n| u64::from(n) * 1_000_000),
        )
}

fn limits(args: &ArchiveArgs) -> Limits {
    Limits::default()
        .depth(args.max_archive_depth)
        .members(args.max_archive_members)
        .bytes(args.max_unpacked_megabytes.saturating_mul(MEGABYTE))
        .ratio(args.max_unpacked_ratio)
        .held(args.max_held_megabytes.saturating_mul(MEGABYTE))
}

/// The format that a report's name asks for.
fn format_of(path: &Path) -> Result<FormatArg, Failure> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        None | Some("txt" | "text" | "log") => Ok(FormatArg::Text),
        Some("json") => Ok(FormatArg::Json),
        Some("jsonl" | "ndjson") => Ok(FormatArg::Jsonl),
        Some("sarif") => Ok(FormatArg::Sarif),
        Some(other) => Err(Failure::new(format!("no report format has the extension .{other}"))
            .hint("name the format with --format text, json, jsonl or sarif")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_format() {
        let of = |name: &str| format_of(Path::new(name)).ok();
        assert_eq!(of("a.json"), Some(FormatArg::Json));
        assert_eq!(of("a.SARIF"), Some(FormatArg::Sarif));
        assert_eq!(of("results.sarif.json"), Some(FormatArg::Json));
        assert_eq!(of("report"), Some(FormatArg::Text));
        assert_eq!(of("a.xml"), None);
    }
}
