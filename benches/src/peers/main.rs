//! Sets leaksieve beside every other scanner that is installed, on given files
//! and directories, and prints wall time, processor time, peak memory and
//! findings as a table.
//!
//! `cargo run --release -p leaksieve-benches --bin peers -- PATH…`
//! `cargo run --release -p leaksieve-benches --bin peers -- --history REPOSITORY…`
//! `cargo run --release -p leaksieve-benches --bin peers -- --archives FILE…`
//!
//! Each PATH gets a table of its own. The runs alternate: every tool once, then
//! every tool again, beginning with another one each time; the first round warms
//! the caches of the system and of the tools up and does not count. Times are
//! medians, memory is the highest of all runs.
//!
//! # Bias
//!
//! - Tools look for different things, so their findings do not compare; the
//!   column shows that a tool did its work. leaksieve looks for less than the
//!   others as long as it knows fewer providers.
//! - Every tool runs with its defaults, except that nothing may use the network
//!   and that either files or, with `--history`, git histories are compared.
//! - A tool that a shim or a script starts is measured without them where the
//!   real program can be found.
//! - ripgrep looks for one literal that does not occur. It is no scanner; it
//!   shows what reading the files costs. `git cat-file` prints every object of a
//!   history to nowhere and shows what git itself needs to read it; it also prints
//!   what no branch reaches, and trees. Speeds are in bytes of blobs for all.
//! - With `--archives` what only unpacks a file stands beside the scanners that unpack it
//!   by default: its share of a scan, on one thread and to nowhere. Speeds are in bytes
//!   that it writes. kingfisher unpacks two deep, to files.
//! - Peak memory counts what is mapped of a file, which the system can take back at
//!   any time; memory that belongs to no file stands beside it. It is looked at every
//!   5 ms, in the tool's own process only.

mod measure;
mod table;
mod tool;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use clap::Parser;

use measure::{Measurement, Usage};
use table::Row;
use tool::Tool;

/// Runs leaksieve and every installed peer side by side.
#[derive(Parser)]
#[command(name = "peers")]
struct Arguments {
    /// Files and directories, or repositories, to scan; each gets a table
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Compare on the histories of git repositories
    #[arg(long)]
    history: bool,
    /// Compare on archives and compressed files, beside what only unpacks them
    #[arg(long, conflicts_with = "history")]
    archives: bool,
    /// Runs of each tool that count
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// A tool that takes longer than so many seconds is ended and left out
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    limit: u64,
    /// Our binary [default: built in release mode]
    #[arg(long, value_name = "FILE")]
    leaksieve: Option<PathBuf>,
    /// Where a peer is, if not in PATH; repeatable
    #[arg(long, value_name = "NAME=FILE", value_parser = tool_place)]
    tool: Vec<(String, PathBuf)>,
    /// Leave this peer out; repeatable
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
}

fn tool_place(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("not of the form NAME=FILE")?;
    let known = tool::FILES.iter().chain(&tool::HISTORIES).chain(tool::unpackers());
    if known.into_iter().all(|t| t.name != name) {
        return Err(format!("no tool {name}"));
    }
    Ok((name.to_owned(), PathBuf::from(file)))
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut missing = Vec::new();
    let limit = Duration::from_secs(arguments.limit);
    let floor = measure::run(Command::new("true"), None, limit).ok().flatten();
    println!("{}", machine());
    for path in &arguments.paths {
        let target = fs::canonicalize(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let all = if arguments.history {
            tool::HISTORIES.to_vec()
        } else if arguments.archives {
            let unknown = || format!("{}: no archive that a tool is known for", path.display());
            tool::archives(&target).ok_or_else(unknown)?
        } else {
            tool::FILES.to_vec()
        };
        let tools = installed(&all, arguments, &mut missing)?;
        let (objects, bytes) = if arguments.history {
            history_size(&target)?
        } else if arguments.archives {
            (1, unpacked_size(&tools, &target)?)
        } else {
            size(&target)
        };
        let what = if arguments.history { "blob" } else { "file" };
        let plural = if objects == 1 { "" } else { "s" };
        let (shown, megabytes) = (target.display(), bytes as f64 / 1e6);
        println!("\n## {shown}: {objects} {what}{plural}, {megabytes:.1} MB\n");
        compare(&tools, &target, bytes, arguments.runs, limit)?;
    }
    if !missing.is_empty() {
        println!("Not installed: {}.", missing.join(", "));
    }
    if let Some(Usage { peak_bytes, .. }) = floor {
        println!(
            "A peak below {:.1} MB cannot be told: it is this runner's own.",
            peak_bytes as f64 / 1e6
        );
    }
    Ok(())
}

/// Those tools that are there, and where; the others' names are added to `missing`.
fn installed(
    all: &[Tool],
    arguments: &Arguments,
    missing: &mut Vec<&'static str>,
) -> Result<Vec<(Tool, PathBuf)>, String> {
    let mut tools: Vec<(Tool, PathBuf)> = Vec::new();
    for tool in all.iter().copied() {
        if arguments.without.iter().any(|name| name == tool.name) {
            continue;
        }
        let given = arguments.tool.iter().find(|(name, _)| name == tool.name);
        let program = match given {
            Some((_, file)) => Some(file.clone()),
            None if tool.name == "leaksieve" => Some(ours(arguments.leaksieve.as_deref())?),
            None => tool::find(tool.name),
        };
        match program {
            Some(program) => tools.push((tool, program)),
            None if missing.contains(&tool.name) => {}
            None => missing.push(tool.name),
        }
    }
    Ok(tools)
}

/// Bytes that an archive is unpacked to, as the tool that only unpacks it writes them;
/// those of the file, if that is not installed.
fn unpacked_size(tools: &[(Tool, PathBuf)], target: &Path) -> Result<u64, String> {
    let Some((tool, program)) = tools.iter().find(|(tool, _)| !tool.reports()) else {
        return Ok(size(target).1);
    };
    let failed = |e: std::io::Error| format!("{}: {e}", program.display());
    let mut command = tool.command(program, target);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let mut output = child.stdout.take().ok_or("no output")?;
    let bytes = std::io::copy(&mut output, &mut std::io::sink()).map_err(failed)?;
    child.wait().map_err(failed)?;
    Ok(bytes)
}

/// Our binary, built beside this one if none is given.
fn ours(given: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(given) = given {
        return fs::canonicalize(given).map_err(|e| format!("{}: {e}", given.display()));
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--quiet", "-p", "leaksieve-cli", "--manifest-path"])
        .arg(&manifest)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("failed to build leaksieve-cli; name a binary with --leaksieve".to_owned());
    }
    // This program stands in `target/release` too, unless it was built without
    // `--release`.
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let beside = own.ancestors().nth(2).map(|target| target.join("release/leaksieve"));
    beside
        .map(|p| p.with_extension(std::env::consts::EXE_EXTENSION))
        .filter(|p| p.is_file())
        .ok_or_else(|| "the built leaksieve is not beside this program".to_owned())
}

fn compare(
    tools: &[(Tool, PathBuf)],
    target: &Path,
    bytes: u64,
    runs: u16,
    limit: Duration,
) -> Result<(), String> {
    let scratch = std::env::temp_dir().join(format!("leaksieve-peers-{}", std::process::id()));
    fs::create_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;

    let mut measured: Vec<Measurement> = tools.iter().map(|_| Measurement::default()).collect();
    for round in 0..=usize::from(runs) {
        for turn in 0..tools.len() {
            let which = (turn + round) % tools.len();
            let (tool, program) = &tools[which];
            if measured[which].gave_up() {
                continue;
            }
            let report = scratch.join(tool.name);
            eprint!("\r{:70}\r{}, round {round} of {runs}", "", tool.name);
            let report = tool.reports().then_some(&*report);
            let usage = measure::run(tool.command(program, target), report, limit);
            let usage = usage.map_err(|e| format!("{}: {e}", program.display()))?;
            measured[which].add(usage, round > 0);
        }
    }
    eprint!("\r{:70}\r", "");
    // Reports are read last: what this program has in memory stands in the
    // peak of the programs that it starts from then on.
    let ours = measured.first().and_then(Measurement::wall);
    let rows: Vec<Row<'_>> = tools
        .iter()
        .zip(&measured)
        .map(|((tool, program), measured)| Row {
            name: tool.name,
            version: tool.version(program),
            measured,
            findings: fs::read(scratch.join(tool.name)).ok().and_then(|report| tool.count(&report)),
            bytes,
            ours,
        })
        .collect();
    print!("{}", table::render(&rows));
    println!();
    for (tool, program) in tools {
        println!("    {}", tool::shown(&tool.command(program, target)));
    }
    println!();
    fs::remove_dir_all(&scratch).map_err(|e| format!("{}: {e}", scratch.display()))
}

/// The number of files below a path, links not followed, and their bytes.
fn size(path: &Path) -> (u64, u64) {
    let Ok(kind) = fs::symlink_metadata(path) else { return (0, 0) };
    if kind.is_file() {
        return (1, kind.len());
    }
    if !kind.is_dir() {
        return (0, 0);
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|e| size(&e.path())).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

/// The number of blobs in a repository, each once, and their bytes.
fn history_size(repository: &Path) -> Result<(u64, u64), String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["cat-file", "--batch-all-objects", "--unordered", "--buffer"])
        .arg("--batch-check=%(objecttype) %(objectsize)")
        .output()
        .map_err(|e| format!("git: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let sizes = text.lines().filter_map(|l| l.strip_prefix("blob ")?.parse::<u64>().ok());
    Ok(sizes.fold((0, 0), |(count, sum), size| (count + 1, sum + size)))
}

/// The processor, for the head of a report.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let backend = leaksieve::Backend::available().next().map_or("", |b| b.name());
    format!("{processors} processors, {model}, {backend}")
}
