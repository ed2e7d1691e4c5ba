//! Scanning and reporting.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use leaksieve::Scanner;
use leaksieve::detectors::Detector;
use leaksieve::policy::{Groups, Record};
use leaksieve::report::{
    JsonReport, JsonlReport, LiveReport, Report, SarifReport, Scan, Style, Summary, TextReport,
    write_skips, write_summary,
};
use leaksieve::run::{Listener, Located, Progress};

use crate::args::FormatArg;
use crate::destination::Destination;
use crate::failure::Failure;
use crate::live::{self, Teller};
use crate::metrics::{self, FindingCounts, Numbers};
use crate::settings::Settings;
use crate::{progress, state, terminal};

/// Exit code when something that was asked for was not scanned.
pub(crate) const INCOMPLETE: u8 = 3;

/// Scans what the settings say, reports what is found, and says with which code
/// to exit.
pub(crate) fn run(settings: Settings) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    settings.source.check()?;
    let scanner = settings.judge.scanner()?;
    let groups = Groups::new(settings.source.roots()).max_records(settings.max_records);
    let mut groups = settings.judge.mask(groups, &scanner);
    let state = match settings.source.state() {
        Some((path, options)) => {
            // Who names a time asks another question.
            let options = format!("{options} {:?}", settings.judge.now);
            Some(state::open(path, &scanner, &options)?)
        }
        None => None,
    };
    if let Some(state) = &state {
        groups = state::with_known(groups, state);
    }
    let groups = Mutex::new(groups);
    let progress = Progress::default();
    let counts = FindingCounts::default();
    let collect = |located: Located| {
        if settings.metrics.is_some() {
            counts.add(&located.finding);
        }
        // A thread that panicked while it added a finding ends the scan.
        groups.lock().unwrap_or_else(PoisonError::into_inner).add(located);
    };
    let is_live = settings.source.is_stream()
        && settings.destination.path().is_none()
        && matches!(settings.format, FormatArg::Text | FormatArg::Jsonl);
    let shares_terminal = is_live && io::stdout().is_terminal();
    let quiet = settings.terminal.quiet || settings.source.is_short() || shares_terminal;
    let numbers = |numbers: &mut Numbers| {
        numbers.bytes(progress.bytes.load(Ordering::Relaxed));
        counts.tell(numbers);
    };
    let scan = |found: &dyn Listener| {
        let scan = || {
            let scan = || settings.source.scan(&scanner, state.clone(), &progress, found);
            metrics::telling(settings.metrics.clone(), &numbers, scan)?
        };
        if !quiet && progress::is_wanted() { progress::showing(&progress, scan) } else { scan() }
    };
    let (ledger, told) = if is_live {
        let mut live = settings.judge.live(&scanner);
        let mut report = live_report(&settings);
        let teller = Teller {
            live: &mut live,
            report: report.as_mut(),
            least: settings.min_severity,
            patience: live::PATIENCE,
            worst: None,
        };
        let (ledger, told) = live::telling(teller, &progress, &collect, scan);
        (ledger?, told.map_err(|error| settings.destination.failure(&error))?)
    } else {
        (scan(&collect)?, live::Ended::default())
    };

    let collected = groups.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    let mut records = collected.records;
    // Before any are left out: what the state holds does not depend on who asks.
    let kept = state.map(|state| state::finish(state, &records));
    let all = records.len();
    records.retain(|r| r.is_refuted() || r.severity() >= settings.min_severity);
    // What is not listed and was not wanted is one of those that were left out.
    let unlisted = collected.unlisted.at_least(settings.min_severity);
    let below = (all - records.len()) as u64 + collected.unlisted.total() - unlisted.total();
    let summary = Summary::of(&records, below, &ledger, &settings.accepted, start.elapsed())
        .unlisted(unlisted)
        .disclosure(settings.disclosure);

    if !told.is_told {
        write_report(&settings, &scanner, &records, &summary)?;
    }
    write_account(&settings, &summary);
    // Not before the findings are told.
    kept.transpose()?;

    let listed = records.iter().filter(|r| !r.is_refuted()).map(Record::severity);
    let worst = listed.chain(unlisted.highest()).chain(told.unread).max();
    let found = worst.is_some_and(|s| s >= settings.fail_on);
    Ok(ExitCode::from(match (found, summary.is_incomplete()) {
        // Who asks for 0 in spite of findings does not ask for it in spite of gaps.
        (true, false) => settings.exit_code,
        (true, true) if settings.exit_code != 0 => settings.exit_code,
        (_, true) => INCOMPLETE,
        (false, false) => 0,
    }))
}

/// The report of a stream, which is written while it goes on.
fn live_report(settings: &Settings) -> Box<dyn LiveReport + Send> {
    let out = BufWriter::new(io::stdout());
    match settings.format {
        FormatArg::Jsonl => Box::new(JsonlReport::new(out, settings.disclosure)),
        _ => Box::new(TextReport::new(out, settings.disclosure, style(settings))),
    }
}

fn write_report(
    settings: &Settings,
    scanner: &Scanner,
    records: &[Record],
    summary: &Summary<'_>,
) -> Result<(), Failure> {
    let disclosure = settings.disclosure;
    let destination = &settings.destination;
    let mut output = destination.open(disclosure == leaksieve::report::Disclosure::Revealed)?;
    let written = {
        let out: &mut dyn Write = &mut output;
        let mut report: Box<dyn Report + '_> = match settings.format {
            FormatArg::Text => Box::new(TextReport::new(out, disclosure, style(settings))),
            FormatArg::Json => Box::new(JsonReport::new(out, disclosure)),
            FormatArg::Jsonl => Box::new(JsonlReport::new(out, disclosure)),
            FormatArg::Sarif => Box::new(SarifReport::new(out, disclosure)),
        };
        write_records(report.as_mut(), settings, scanner, records, summary)
    };
    match written.and_then(|()| output.finish()) {
        // Whoever reads has seen enough; the exit code still tells.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(destination.failure(&error)),
        Ok(()) => Ok(()),
    }
}

fn write_records(
    report: &mut dyn Report,
    settings: &Settings,
    scanner: &Scanner,
    records: &[Record],
    summary: &Summary<'_>,
) -> io::Result<()> {
    let reporting: Vec<Detector> = match settings.format {
        // The only format that describes its detectors.
        FormatArg::Sarif => scanner
            .detectors()
            .iter()
            .filter(|d| settings.judge.selection.reports(d))
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    report.begin(&Scan {
        version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        detectors: &reporting,
    })?;
    for record in records {
        report.record(record)?;
    }
    report.end(summary)
}

fn style(settings: &Settings) -> Style {
    let terminal = &settings.terminal;
    match settings.destination {
        Destination::Stdout => Style {
            color: terminal.color(io::stdout().is_terminal()),
            width: terminal::width(),
            verbose: terminal.verbose,
        },
        // Nobody asks for colours in a file but by name.
        Destination::File(_) => {
            Style { color: terminal.color(false), verbose: terminal.verbose, ..Style::default() }
        }
    }
}

/// Tells on standard error what was not scanned, and sums up.
fn write_account(settings: &Settings, summary: &Summary<'_>) {
    let terminal = &settings.terminal;
    let style = Style {
        color: terminal.color(io::stderr().is_terminal()),
        width: terminal::width(),
        verbose: terminal.verbose,
    };
    let mut text = Vec::new();
    // Writing to memory does not fail; what stderr cannot take is lost.
    let _ = write_skips(&mut text, "leaksieve: ", summary, &style);
    if !terminal.quiet {
        let _ = write_summary(&mut text, summary, &style);
    }
    let _ = io::stderr().lock().write_all(&text);
}
