//! Following logs until somebody says stop.

mod checkpoint;
mod report;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use leaksieve::detectors::Severity;
use leaksieve::input::follow::{FollowOptions, Start, Waker};
use leaksieve::ledger::{Skip, SkipKind};
use leaksieve::mask::visible;
use leaksieve::policy::Told;
use leaksieve::report::{Disclosure, JsonlReport, LiveReport, Style, TextReport};
use leaksieve::run::follow::{Follow, FollowSink};

use crate::args::{FollowArgs, FollowFormatArg};
use crate::failure::{Failure, reason};
use crate::judge::Judge;
use crate::live::now;
use crate::metrics::{Metrics, Numbers};
use crate::scan::INCOMPLETE;
use crate::terminal;
use checkpoint::CheckpointFile;
use report::ReportFile;

/// The longest wait, after which everything else has its turn.
const TURN: Duration = Duration::from_secs(1);

/// Between two checkpoints, and where something was told, which should not be told again.
const CHECKPOINT: Duration = Duration::from_secs(1);
const TOLD: Duration = Duration::from_millis(100);

/// Checkpoints are so many times as long apart as one takes, at least.
const KEEPING_SHARE: u32 = 10;

/// Between two times at which it is told what stands again.
const AGAIN: Duration = Duration::from_secs(60);

/// The most secrets of which that is told at once.
const MOST_AGAIN: usize = 1000;

/// Follows what the arguments name.
pub(crate) fn run(args: FollowArgs, terminal: &terminal::Choice) -> Result<ExitCode, Failure> {
    let least = args.judge.min_severity.unwrap_or(Severity::Info);
    let judge = Judge::from(args.judge);
    let scanner = judge.scanner()?;
    let mut live = judge.live(&scanner);
    let checkpoint_file = args.checkpoint.map(CheckpointFile::new);
    let checkpoint = checkpoint_file.as_ref().map(CheckpointFile::load).transpose()?.flatten();
    let cut_to = checkpoint.as_ref().and_then(|checkpoint| checkpoint.report);
    let mut report = args.report.map(|path| ReportFile::open(path, cut_to)).transpose()?;
    if let Some(report) = &mut report {
        report.sightings(|sightings| live.know(sightings))?;
    }
    let start = if args.from_start { Start::Beginning } else { Start::End };
    let options = FollowOptions::new().start(start);
    let mut follow = Follow::new(scanner, &args.paths, options, live, checkpoint)
        .map_err(|error| Failure::new(error.to_string()))?;
    let mut metrics = args.metrics.metrics.map(Metrics::new).transpose()?;
    let stop = stopping(follow.waker())?;
    let out: Box<dyn LiveReport> = match (&mut report, args.format) {
        (Some(report), _) => Box::new(JsonlReport::new(report.writer()?, Disclosure::Masked)),
        (None, FollowFormatArg::Jsonl) => Box::new(JsonlReport::new(stdout(), Disclosure::Masked)),
        (None, FollowFormatArg::Text) => {
            Box::new(TextReport::new(stdout(), Disclosure::Masked, style(terminal)))
        }
    };
    let mut teller = Teller {
        out,
        least,
        worst: None,
        secrets: 0,
        skipped: BTreeSet::new(),
        error: None,
        is_fresh: false,
        quiet: terminal.quiet,
    };
    let mut keeper = Keeper { file: checkpoint_file, report, is_told: false, kept: None };
    let mut last = (Instant::now(), Instant::now());
    let mut cost = Duration::ZERO;
    let mut flow = ControlFlow::Continue(());
    // From now on the files are known, and a restart misses nothing.
    while flow.is_continue() && !stop.load(Ordering::Relaxed) {
        flow = follow.turn(TURN, now(), &mut teller);
        if flow.is_continue() && last.0.elapsed() >= AGAIN {
            flow = follow.again(MOST_AGAIN, &mut teller);
            last.0 = Instant::now();
        }
        let pause = if teller.is_fresh { TOLD } else { CHECKPOINT };
        let pause = pause.max(cost * KEEPING_SHARE);
        if flow.is_continue() && (keeper.kept.is_none() || last.1.elapsed() >= pause) {
            teller.is_fresh = false;
            let began = Instant::now();
            keeper.keep(&follow)?;
            cost = began.elapsed();
            if let Some(metrics) = &mut metrics {
                metrics.update(numbers(&follow));
            }
            last.1 = Instant::now();
        }
    }
    if flow.is_continue() {
        flow = follow.stop(now(), &mut teller);
    }
    if flow.is_continue() {
        flow = follow.again(usize::MAX, &mut teller);
    }
    if flow.is_continue() {
        keeper.keep(&follow)?;
    }
    if let Some(metrics) = &mut metrics {
        metrics.update(numbers(&follow));
    }
    let Teller { worst, secrets, skipped, error, .. } = teller;
    match error {
        // Whoever reads has seen enough.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Some(error) => {
            let place =
                keeper.report.as_ref().map_or("standard output".to_owned(), ReportFile::name);
            let failure = Failure::new(format!("failed to write to {place}: {}", reason(&error)));
            return Err(failure.hint(
                "what was not written is found again after a restart with the same --checkpoint",
            ));
        }
        None => {}
    }
    if !terminal.quiet {
        let account = follow.account();
        let _ = writeln!(
            io::stderr().lock(),
            "leaksieve: {secrets} {} in {} lines, {} bytes",
            if secrets == 1 { "secret" } else { "secrets" },
            account.lines,
            account.bytes,
        );
    }
    let is_found = worst.is_some_and(|worst| worst >= args.fail_on);
    let is_incomplete = skipped.iter().any(|kind| !args.accept_incomplete.contains(kind));
    Ok(ExitCode::from(match (is_found, is_incomplete) {
        (true, _) if args.exit_code != 0 => args.exit_code,
        (_, true) => INCOMPLETE,
        _ => 0,
    }))
}

fn numbers(follow: &Follow) -> Numbers {
    let account = follow.account();
    let mut numbers = Numbers::default();
    numbers.bytes(account.bytes);
    numbers.lines(account.lines);
    numbers.gauge("lag_bytes", "Bytes that are written and not read yet.", follow.lag());
    numbers.gauge("followed_files", "Files that are followed.", account.files);
    numbers.counter("rotations_total", "Files that were rotated away.", account.rotated);
    numbers.counter("truncations_total", "Files that were truncated.", account.truncated);
    numbers.counter("skipped_total", "Files not read, or not to their end.", account.skipped);
    numbers.gauge("scan_memory_bytes", "Memory of all scans.", follow.memory() as u64);
    numbers.findings(&account.findings);
    numbers
}

fn stdout() -> BufWriter<io::Stdout> {
    BufWriter::new(io::stdout())
}

fn style(terminal: &terminal::Choice) -> Style {
    Style {
        color: terminal.color(io::stdout().is_terminal()),
        width: terminal::width(),
        verbose: terminal.verbose,
    }
}

/// Set once the process is asked to end.
fn stopping(waker: Waker) -> Result<Arc<AtomicBool>, Failure> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let failed = |error: io::Error| {
        Failure::new(format!("failed to listen for signals: {}", reason(&error)))
    };
    // Whoever asks twice at a terminal does not want to wait. Supervisors send theirs twice.
    signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&stop)).map_err(failed)?;
    let mut signals =
        signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(failed)?;
    let flag = Arc::clone(&stop);
    std::thread::Builder::new()
        .name("leaksieve-signals".to_owned())
        .spawn(move || {
            for _ in &mut signals {
                flag.store(true, Ordering::Relaxed);
                waker.wake();
            }
        })
        .map_err(failed)?;
    Ok(stop)
}

/// Keeps what a restart needs.
struct Keeper {
    file: Option<CheckpointFile>,
    report: Option<ReportFile>,
    /// Whether it was told that it cannot be kept.
    is_told: bool,
    kept: Option<Vec<u8>>,
}

impl Keeper {
    /// First the report, then what says that it need not be written again.
    fn keep(&mut self, follow: &Follow) -> Result<(), Failure> {
        let len = self.report.as_ref().map(ReportFile::sync).transpose()?.flatten();
        let Some(file) = &self.file else {
            self.kept = Some(Vec::new());
            return Ok(());
        };
        let mut checkpoint = follow.checkpoint();
        checkpoint.report = len;
        let bytes = checkpoint.to_bytes();
        if self.kept.as_ref() == Some(&bytes) {
            return Ok(());
        }
        match file.save(&bytes) {
            Ok(()) => {
                self.kept = Some(bytes);
                self.is_told = false;
            }
            Err(error) => {
                // The last one still holds: what came since is told again after a restart.
                self.kept.get_or_insert_default();
                if !std::mem::replace(&mut self.is_told, true) {
                    error.print();
                }
            }
        }
        Ok(())
    }
}

/// Writes what is told.
struct Teller {
    out: Box<dyn LiveReport>,
    least: Severity,
    worst: Option<Severity>,
    secrets: u64,
    skipped: BTreeSet<SkipKind>,
    error: Option<io::Error>,
    /// Whether something was told since the last look.
    is_fresh: bool,
    quiet: bool,
}

impl FollowSink for Teller {
    fn tell(&mut self, told: &Told) -> ControlFlow<()> {
        if let Told::Found(record) | Told::Amended(record) = told {
            if !record.is_refuted() {
                if record.severity() < self.least {
                    return ControlFlow::Continue(());
                }
                self.worst = self.worst.max(Some(record.severity()));
            }
            self.secrets += u64::from(matches!(told, Told::Found(_)));
        }
        self.is_fresh = true;
        match self.out.tell(told) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn skipped(&mut self, skip: Skip) {
        if skip.kind.is_incomplete() {
            self.skipped.insert(skip.kind);
        }
        if !self.quiet || skip.kind.is_incomplete() {
            let name = visible(skip.origin.name().as_bytes());
            let detail = if skip.detail.is_empty() { skip.kind.name() } else { &skip.detail };
            let _ =
                writeln!(io::stderr().lock(), "leaksieve: {name}: {}", visible(detail.as_bytes()));
        }
    }
}
