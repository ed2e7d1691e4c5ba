//! Scanning and reporting.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use leaksieve::Scanner;
use leaksieve::detectors::Detector;
use leaksieve::policy::{Groups, Record};
use leaksieve::report::{
    JsonReport, JsonlReport, Report, SarifReport, Scan, Style, Summary, TextReport, write_skips,
    write_summary,
};
use leaksieve::run::Progress;

use crate::args::FormatArg;
use crate::destination::Destination;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::{progress, state, terminal};

/// Exit code when something that was asked for was not scanned.
const INCOMPLETE: u8 = 3;

/// Scans what the settings say, reports what is found, and says with which code
/// to exit.
pub(crate) fn run(settings: Settings) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    settings.source.check()?;
    let scanner = scanner(&settings)?;
    let mut groups = Groups::new(settings.source.roots()).max_records(settings.max_records);
    if settings.selection.is_all() {
        groups = groups.search_names_with(scanner.clone());
    } else {
        groups = groups.mask_with(Scanner::new());
    }
    let state = match settings.source.state() {
        Some((path, options)) => {
            // Who names a time asks another question.
            let options = format!("{options} {:?}", settings.now);
            Some(state::open(path, &scanner, &options)?)
        }
        None => None,
    };
    if let Some(state) = &state {
        groups = state::with_known(groups, state);
    }
    let groups = Mutex::new(groups);
    let progress = Progress::default();
    let scan = || {
        settings.source.scan(&scanner, state.clone(), &progress, &|located| {
            // A thread that panicked while it added a finding ends the scan.
            groups.lock().unwrap_or_else(PoisonError::into_inner).add(located);
        })
    };
    let quiet = settings.terminal.quiet || settings.source.is_short();
    let ledger =
        if !quiet && progress::is_wanted() { progress::showing(&progress, scan)? } else { scan()? };

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

    write_report(&settings, &scanner, &records, &summary)?;
    write_account(&settings, &summary);
    // Not before the findings are told.
    kept.transpose()?;

    let listed = records.iter().filter(|r| !r.is_refuted()).map(Record::severity);
    let worst = listed.chain(unlisted.highest()).max();
    let found = worst.is_some_and(|s| s >= settings.fail_on);
    Ok(ExitCode::from(match (found, summary.is_incomplete()) {
        // Who asks for 0 in spite of findings does not ask for it in spite of gaps.
        (true, false) => settings.exit_code,
        (true, true) if settings.exit_code != 0 => settings.exit_code,
        (_, true) => INCOMPLETE,
        (false, false) => 0,
    }))
}

fn scanner(settings: &Settings) -> Result<Scanner, Failure> {
    let detectors = settings
        .selection
        .narrow(leaksieve::detectors::builtin())
        .map_err(|error| Failure::new(error.to_string()).hint("`leaksieve rules` lists them"))?;
    let reporting: Vec<String> = detectors
        .iter()
        .filter(|d| settings.selection.reports(d))
        .map(|d| d.id.to_string())
        .collect();
    let mut builder = Scanner::builder()
        .detectors(detectors)
        .report_only(reporting)
        .canary_accounts(settings.canary_accounts.iter().copied())
        .max_decode_depth(settings.decode_depth)
        .keep_refuted(settings.show_refuted);
    if let Some(now) = settings.now {
        builder = builder.now(now);
    }
    if let Some(backend) = settings.backend {
        builder = builder.backend(backend);
    }
    builder.build().map_err(|error| {
        let available: Vec<&str> = leaksieve::Backend::available().map(|b| b.name()).collect();
        let failure = Failure::new(error.to_string());
        match error {
            leaksieve::BuildError::BackendUnavailable(_) => {
                failure.hint(format!("this processor can run {}", available.join(", ")))
            }
            _ => failure,
        }
    })
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
        FormatArg::Sarif => {
            scanner.detectors().iter().filter(|d| settings.selection.reports(d)).cloned().collect()
        }
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
