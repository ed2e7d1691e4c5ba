//! What may be written on the command line. The spellings of gitleaks are
//! accepted beside our own.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use leaksieve::Backend;
use leaksieve::decode::DEFAULT_DEPTH;
use leaksieve::detectors::{Severity, Timestamp};
use leaksieve::input::archive::Limits;
use leaksieve::input::git::{DayEdge, parse_date};
use leaksieve::ledger::SkipKind;

/// Finds leaked credentials, says what each one is and how sure that is.
#[derive(Debug, Parser)]
#[command(
    name = "leaksieve",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 nothing found, 1 a finding reaches --fail-on, 2 could not run, \
                  3 something that was asked for could not be scanned."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) terminal: TerminalArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Scan files, directories and pipes
    Scan(ScanArgs),
    /// Scan directories and files
    #[command(aliases = ["directory", "files"])]
    Dir(DirArgs),
    /// Scan what comes in on standard input
    Stdin(StdinArgs),
    /// Follow growing files, such as logs, through their rotations
    #[cfg(unix)]
    Follow(FollowArgs),
    /// Copy standard input to standard output, with every secret replaced
    Filter(FilterArgs),
    /// Scan the histories of git repositories, or what is staged in them
    Git(GitArgs),
    /// Install or remove git hooks that scan what is committed or pushed
    Hook(HookArgs),
    /// List the detectors, or show one
    Rules(RulesArgs),
    /// Say why something at a place is reported, or is not
    Explain(ExplainArgs),
    /// Write a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Terminal")]
pub(crate) struct TerminalArgs {
    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorArg::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: ColorArg,
    /// Never use colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Show everything: all places, fingerprints, all that was skipped
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Show neither summary nor progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Accepted for gitleaks users; there is no banner
    #[arg(long, global = true, hide = true)]
    no_banner: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal that has them, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people
    Text,
    /// One document with findings and summary
    Json,
    /// One finding a line
    Jsonl,
    /// SARIF 2.1.0, for code-scanning dashboards
    Sarif,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScanArgs {
    /// Files and directories; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,
    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
    /// Scan all objects of repositories: of every ref, of stashes and reflogs, and
    /// those that nothing reaches any more
    #[arg(long, help_heading = "History")]
    pub(crate) all_objects: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DirArgs {
    /// Directories and files
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StdinArgs {
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetricsArgs {
    /// Tell numbers for Prometheus in this file, or to whoever asks at this address
    /// or port of the loopback interface
    #[arg(long, value_name = "FILE|ADDRESS")]
    pub(crate) metrics: Option<String>,
}

#[cfg(unix)]
#[derive(Debug, clap::Args)]
pub(crate) struct FollowArgs {
    /// Files, and patterns such as `/var/log/**/*.log`; they need not exist yet
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Read files that exist already from their beginning, not from their end
    #[arg(long)]
    pub(crate) from_start: bool,
    /// Remember in this file what was read, and go on there after a restart
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Append what is found to this file, one event a line as JSON, instead of
    /// telling it on standard output
    #[arg(short, long, visible_alias = "report-path", value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,
    /// Format of standard output
    #[arg(short, long, value_enum, default_value_t = FollowFormatArg::Text)]
    pub(crate) format: FollowFormatArg,
    /// Lowest severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", value_parser = severity(), default_value = "low")]
    pub(crate) fail_on: Severity,
    /// Exit code for findings, instead of 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) exit_code: u8,
    /// Do not exit with 3 for what could not be read for this reason; repeatable
    #[arg(long, value_name = "KIND", value_parser = skip_kind(), action = ArgAction::Append)]
    pub(crate) accept_incomplete: Vec<SkipKind>,
}

#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FollowFormatArg {
    /// For people
    Text,
    /// One event a line
    Jsonl,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FilterArgs {
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Write what is found to this file, one finding a line as JSON, as it is found
    #[arg(short, long, visible_alias = "report-path", value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) metrics: MetricsArgs,
    /// List the detectors whose leaks may pass through a stream that pauses within them
    #[arg(long)]
    pub(crate) explain_limits: bool,
    /// Lowest severity that makes the exit code that of --exit-code
    #[arg(long, value_name = "SEVERITY", value_parser = severity(), default_value = "low")]
    pub(crate) fail_on: Severity,
    /// Exit code for findings
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) exit_code: u8,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GitArgs {
    /// Repositories, with a work tree or bare [default: the one around the
    /// current directory]
    #[arg(value_name = "REPO")]
    pub(crate) repositories: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Which part of a repository is scanned. Without any of these: everything that
/// `HEAD`, branches, remotes, tags and notes reach.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scope")]
pub(crate) struct ScopeArgs {
    /// Scan what the next commit will hold, and report what is new in it
    #[arg(long, conflicts_with = "state", conflicts_with_all = HISTORY_SCOPES)]
    pub(crate) staged: bool,
    /// The same as --staged
    #[arg(long, conflicts_with = "state", conflicts_with_all = HISTORY_SCOPES)]
    pub(crate) pre_commit: bool,
    /// Scan what is changed and not staged, with files that are neither
    /// committed nor ignored
    #[arg(
        long,
        conflicts_with_all = ["staged", "pre_commit", "state"],
        conflicts_with_all = HISTORY_SCOPES
    )]
    pub(crate) unstaged: bool,
    /// Scan the commits of this range: `A..B`, `A...B`, or `B` for all up to it
    #[arg(long, value_name = "RANGE")]
    pub(crate) range: Option<String>,
    /// Scan commits from this time on: `2025-06-15`, `2 weeks ago`, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<i64>,
    /// Scan what this branch reaches; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) branch: Vec<String>,
    /// Scan the commits that `git log` would show with these options: revisions,
    /// --all, --branches, --tags, --remotes, --not, --since, --until, --max-count,
    /// --skip, --no-merges, --merges, --first-parent, --author, and paths behind `--`
    #[arg(
        long,
        value_name = "OPTIONS",
        allow_hyphen_values = true,
        conflicts_with_all = ["range", "since", "branch"]
    )]
    pub(crate) log_opts: Option<String>,
    /// Scan all objects: of every ref, of stashes and reflogs, and those that
    /// nothing reaches any more
    #[arg(long, conflicts_with_all = ["range", "since", "branch", "log_opts"])]
    pub(crate) all_objects: bool,
    /// As a pre-push hook: scan what standard input says is pushed and the
    /// remote does not have
    #[arg(
        long,
        value_name = "REMOTE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["staged", "pre_commit", "unstaged", "pre_receive", "state"],
        conflicts_with_all = HISTORY_SCOPES
    )]
    pub(crate) pre_push: Option<String>,
    /// As a pre-receive hook: scan what standard input says is received
    #[arg(
        long,
        conflicts_with_all = ["staged", "pre_commit", "unstaged", "state"],
        conflicts_with_all = HISTORY_SCOPES
    )]
    pub(crate) pre_receive: bool,
}

const HISTORY_SCOPES: [&str; 5] = ["range", "since", "branch", "log_opts", "all_objects"];

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "History")]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) repository: RepositoryArgs,
    /// Scan every object whole, as if none were kept as a change of another
    #[arg(long, hide = true)]
    pub(crate) whole_objects: bool,
    /// Leave out files larger than so many megabytes; 0 leaves out none
    #[arg(long, value_name = "N")]
    pub(crate) max_target_megabytes: Option<u32>,
}

/// What whole histories are scanned with.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "History")]
pub(crate) struct RepositoryArgs {
    /// Remember in this file what was scanned of histories, and read only what is new
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Leave out the repositories of submodules
    #[arg(long)]
    pub(crate) no_submodules: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HookArgs {
    #[command(subcommand)]
    pub(crate) verb: HookVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HookVerb {
    /// Install hooks; one that is there already runs before ours
    Install(HookPlaceArgs),
    /// Remove our hooks, and put back those that were there before
    Uninstall(HookPlaceArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct HookPlaceArgs {
    /// The hook that scans what is committed [default when installing]
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// The hook that scans what is pushed
    #[arg(long)]
    pub(crate) pre_push: bool,
    /// The hook that scans what a server is sent
    #[arg(long)]
    pub(crate) pre_receive: bool,
    /// The repository
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) repo: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Detection")]
pub(crate) struct JudgeArgs {
    /// Report only detectors with this id; `*` stands for any text; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) enable_rule: Vec<String>,
    /// Report detectors with this id too, also those that are off by default;
    /// `*` stands for any text; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) add_rule: Vec<String>,
    /// Do not report detectors with this id; `*` stands for any text; repeatable
    #[arg(long, value_name = "ID")]
    pub(crate) disable_rule: Vec<String>,
    /// Leave out findings below this severity
    #[arg(long, value_name = "SEVERITY", value_parser = severity())]
    pub(crate) min_severity: Option<Severity>,
    /// List what was refuted too, with the reason
    #[arg(long)]
    pub(crate) show_refuted: bool,
    /// Undo so many layers of encoding, such as base64; 0 undoes none
    #[arg(long, value_name = "N", default_value_t = DEFAULT_DEPTH)]
    pub(crate) max_decode_depth: usize,
    /// Time against which expiry is judged, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
    /// AWS account whose keys are canaries; repeatable
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    pub(crate) canary_account: Vec<u64>,
    /// SIMD back end, instead of the fastest one
    #[arg(long, value_name = "NAME", value_parser = backend())]
    pub(crate) backend: Option<Backend>,
    /// Threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// List at most so many different secrets, the gravest first; more are
    /// counted. Memory grows with it, by some 4 KB each; 0 lists all
    #[arg(long, value_name = "N", default_value_t = leaksieve::policy::MAX_RECORDS)]
    pub(crate) max_findings: usize,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct WalkArgs {
    /// Follow symbolic links
    #[arg(long)]
    pub(crate) follow_links: bool,
    /// Leave out hidden files and directories
    #[arg(long)]
    pub(crate) no_hidden: bool,
    /// Leave out everything that .gitignore names
    #[arg(long, conflicts_with = "scan_ignored")]
    pub(crate) respect_ignore: bool,
    /// Scan ignored directories too, such as node_modules
    #[arg(long)]
    pub(crate) scan_ignored: bool,
    /// Leave out files larger than so many megabytes; 0 leaves out none
    #[arg(long, value_name = "N")]
    pub(crate) max_target_megabytes: Option<u32>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Archives and compressed files")]
pub(crate) struct ArchiveArgs {
    /// Unpack containers within containers so deep; 0 unpacks none
    #[arg(long, value_name = "N", default_value_t = Limits::DEPTH)]
    pub(crate) max_archive_depth: usize,
    /// Read at most so many members of what is in a file
    #[arg(long, value_name = "N", default_value_t = Limits::MEMBERS)]
    pub(crate) max_archive_members: u64,
    /// Unpack at most so many megabytes of what is in a file
    #[arg(long, value_name = "N", default_value_t = Limits::BYTES / MEGABYTE)]
    pub(crate) max_unpacked_megabytes: u64,
    /// Unpack a file to at most so many times its size, once that is much
    #[arg(long, value_name = "N", default_value_t = Limits::RATIO)]
    pub(crate) max_unpacked_ratio: u64,
    /// Hold members of at most so many megabytes in memory that can only be read as a
    /// whole, such as a zip file in another
    #[arg(long, value_name = "N", default_value_t = Limits::HELD / MEGABYTE)]
    pub(crate) max_held_megabytes: u64,
}

/// Bytes, in what the options mean by it.
pub(crate) const MEGABYTE: u64 = 1_000_000;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Report format [default: by the report's name, else text]
    #[arg(short, long, visible_alias = "report-format", value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// Write the report to this file; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) report_path: Option<PathBuf>,
    /// Show secrets in full
    #[arg(long, conflicts_with = "redact")]
    pub(crate) reveal: bool,
    /// Accepted for gitleaks users; secrets are masked anyway
    #[arg(
        long,
        value_name = "PERCENT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "100",
        value_parser = clap::value_parser!(u8).range(0..=100),
        hide = true
    )]
    redact: Option<u8>,
    /// Lowest severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", value_parser = severity(), default_value = "low")]
    pub(crate) fail_on: Severity,
    /// Exit code for findings, instead of 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) exit_code: u8,
    /// Do not exit with 3 for what could not be scanned for this reason; repeatable
    #[arg(long, value_name = "KIND", value_parser = skip_kind(), action = ArgAction::Append)]
    pub(crate) accept_incomplete: Vec<SkipKind>,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<RulesVerb>,
    /// Format
    #[arg(short, long, value_enum, default_value_t = RulesFormatArg::Text, global = true)]
    pub(crate) format: RulesFormatArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesVerb {
    /// List all detectors
    List,
    /// Show one detector
    Show {
        /// The detector's id
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormatArg {
    /// For people
    Text,
    /// One document
    Json,
}

/// How detectors are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormatArg {
    /// For people
    Text,
    /// One document
    Json,
    /// A table of what is extracted and how it is graded; not for one detector
    Markdown,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// File, or file and line as reports show them: `path:line`
    #[arg(value_name = "PATH[:LINE]")]
    pub(crate) place: OsString,
    /// Format
    #[arg(short, long, value_enum, default_value_t = ListFormatArg::Text)]
    pub(crate) format: ListFormatArg,
    /// Time against which expiry is judged, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) now: Option<Timestamp>,
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    named(Severity::ALL.map(Severity::name), Severity::from_name)
}

fn backend() -> impl TypedValueParser<Value = Backend> {
    named(Backend::ALL.map(Backend::name), Backend::from_name)
}

fn skip_kind() -> impl TypedValueParser<Value = SkipKind> {
    let incomplete = SkipKind::ALL.into_iter().filter(|k| k.is_incomplete());
    named(incomplete.map(SkipKind::name), SkipKind::from_name)
}

fn named<T: Clone + Send + Sync + 'static>(
    names: impl IntoIterator<Item = &'static str>,
    value: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    let names: Vec<&'static str> = names.into_iter().collect();
    PossibleValuesParser::new(names).try_map(move |name| value(&name).ok_or("no such name"))
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text).ok_or("not an RFC 3339 time such as 2025-06-15T12:00:00Z")
}

fn moment(text: &str) -> Result<i64, &'static str> {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    parse_date(text, now, DayEdge::Start)
        .ok_or("not a time such as 2025-06-15, `2 weeks ago` or RFC 3339")
}

fn account(text: &str) -> Result<u64, &'static str> {
    let digits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or("an AWS account has twelve digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
