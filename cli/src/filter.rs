//! Copying a stream without its secrets.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use leaksieve::detectors::{Detector, Severity};
use leaksieve::input::Origin;
use leaksieve::input::live::{self, Pipe};
use leaksieve::policy::{Fingerprint, Live, Told};
use leaksieve::report::{Disclosure, JsonlReport, LiveReport};
use leaksieve::run::filter;
use leaksieve::{Finding, Redaction, Scanner, Scratch, StreamEvent, StreamSink};

use crate::args::FilterArgs;
use crate::destination::print;
use crate::failure::{Failure, reason};
use crate::judge::Judge;
use crate::live::now;
use crate::metrics::{self, FindingCounts, Numbers};
use crate::settings::STDIN;
use crate::terminal;

/// Bytes that are written at once.
const WRITE: usize = 128 << 10;

/// Secrets whose fingerprints are remembered: some cost milliseconds.
const REMEMBERED: usize = 4096;

/// Copies standard input to standard output.
pub(crate) fn run(args: FilterArgs, terminal: &terminal::Choice) -> Result<ExitCode, Failure> {
    let FilterArgs { judge, report, metrics, explain_limits, fail_on, exit_code } = args;
    let least = judge.min_severity.unwrap_or(Severity::Info);
    let judge = Judge::from(judge);
    let scanner = judge.scanner()?;
    if explain_limits {
        return print(limits(&scanner).as_bytes()).map(|()| ExitCode::SUCCESS);
    }
    let report = report.as_deref().map(|path| Ok::<_, Failure>((open(path)?, path))).transpose()?;
    let counts = Counts::default();
    let is_counted = metrics.metrics.is_some();
    let mut copying = Copying {
        counts: &counts,
        out: BufWriter::with_capacity(WRITE, stdout()?),
        live: judge.live(&scanner),
        report: report.map(|(file, path)| (JsonlReport::new(file, Disclosure::Masked), path)),
        markers: HashMap::new(),
        least,
        worst: None,
        places: 0,
        failure: None,
        is_unread: false,
    };
    let pass = || {
        let read = match Pipe::stdin() {
            Ok(pipe) if is_counted => {
                filter(&scanner, &mut Counted { pipe, counts: &counts }, &mut copying)
            }
            Ok(mut pipe) => filter(&scanner, &mut pipe, &mut copying),
            // Closed: there is nothing in it.
            Err(_) => Ok(0),
        };
        copying.end();
        read
    };
    let read = metrics::telling(metrics.metrics, &|numbers| counts.tell(numbers), pass)?;
    let Copying { failure, worst, places, .. } = copying;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Err(error) = &read {
        return Err(Failure::new(format!("failed to read {STDIN}: {}", reason(error))));
    }
    if !terminal.quiet && places > 0 {
        let secrets = if places == 1 { "secret" } else { "secrets" };
        let _ = writeln!(io::stderr().lock(), "leaksieve: {places} {secrets} replaced");
    }
    let is_found = worst.is_some_and(|worst| worst >= fail_on);
    Ok(ExitCode::from(if is_found { exit_code } else { 0 }))
}

/// Standard output without a buffer for lines.
#[cfg(unix)]
fn stdout() -> Result<File, Failure> {
    use std::os::fd::AsFd;
    let file = io::stdout().as_fd().try_clone_to_owned();
    file.map(File::from).map_err(|error| failed("standard output", &error))
}

#[cfg(not(unix))]
fn stdout() -> Result<io::Stdout, Failure> {
    Ok(io::stdout())
}

#[cfg(unix)]
type Stdout = File;
#[cfg(not(unix))]
type Stdout = io::Stdout;

fn open(path: &Path) -> Result<BufWriter<File>, Failure> {
    let file = File::create(path).map_err(|error| failed(&path.display().to_string(), &error))?;
    Ok(BufWriter::new(file))
}

fn failed(name: &str, error: &io::Error) -> Failure {
    Failure::new(format!("failed to write to {name}: {}", reason(error)))
}

/// What is told of in numbers.
#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    lines: AtomicU64,
    findings: FindingCounts,
}

impl Counts {
    fn tell(&self, numbers: &mut Numbers) {
        numbers.bytes(self.bytes.load(Ordering::Relaxed));
        numbers.lines(self.lines.load(Ordering::Relaxed));
        self.findings.tell(numbers);
    }
}

/// A pipe of which is counted what is read.
struct Counted<'c> {
    pipe: Pipe,
    counts: &'c Counts,
}

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.pipe.read(out)?;
        let lines = memchr::memchr_iter(b'\n', &out[..read]).count();
        self.counts.bytes.fetch_add(read as u64, Ordering::Relaxed);
        self.counts.lines.fetch_add(lines as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl live::Live for Counted<'_> {
    fn wait(&mut self, timeout: Duration) -> bool {
        self.pipe.wait(timeout)
    }
}

/// A detector and what it found.
type Secret = (Box<str>, Box<[u8]>);

/// A stream on its way from standard input to standard output.
struct Copying<'p> {
    counts: &'p Counts,
    out: BufWriter<Stdout>,
    live: Live,
    report: Option<(JsonlReport<BufWriter<File>>, &'p Path)>,
    markers: HashMap<Secret, Vec<u8>>,
    least: Severity,
    worst: Option<Severity>,
    places: u64,
    failure: Option<Failure>,
    /// Nobody reads the output any more.
    is_unread: bool,
}

impl Copying<'_> {
    fn tell(&mut self, told: &Told) -> ControlFlow<()> {
        if let Told::Found(record) | Told::Amended(record) = told
            && record.severity() < self.least
        {
            return ControlFlow::Continue(());
        }
        if let Some((report, path)) = &mut self.report
            && let Err(error) = report.tell(told)
        {
            // What is not told is still replaced.
            self.failure.get_or_insert(failed(&path.display().to_string(), &error));
            self.report = None;
        }
        ControlFlow::Continue(())
    }

    fn written(&mut self, written: io::Result<()>) -> ControlFlow<()> {
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                if error.kind() != io::ErrorKind::BrokenPipe {
                    self.failure.get_or_insert(failed("standard output", &error));
                }
                self.is_unread = true;
                ControlFlow::Break(())
            }
        }
    }

    /// Writes what is left.
    fn end(&mut self) {
        for told in self.live.again(usize::MAX) {
            let _ = self.tell(&told);
        }
        if !self.is_unread {
            let flushed = self.out.flush();
            let _ = self.written(flushed);
        }
    }
}

impl StreamSink for Copying<'_> {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        if let StreamEvent::Certain(_, finding) = &event {
            self.worst = self.worst.max(Some(finding.severity()));
            self.counts.findings.add(finding);
            self.places += u64::from(finding.leak().secrets().next().is_some());
        }
        if self.report.is_none() {
            return ControlFlow::Continue(());
        }
        match self.live.hear(Origin::Stream(STDIN.to_owned()).into(), event, now()) {
            Some(told) => self.tell(&told),
            None => ControlFlow::Continue(()),
        }
    }
}

impl Redaction for Copying<'_> {
    fn replacement(&mut self, finding: &Finding) -> Vec<u8> {
        let key = (finding.detector().id.as_ref().into(), finding.secret().into());
        if let Some(known) = self.markers.get(&key) {
            return known.clone();
        }
        let id = &finding.detector().id;
        let marker = format!("[leaksieve:{id}:{}]", Fingerprint::new(id, finding.secret()));
        if self.markers.len() == REMEMBERED {
            self.markers.clear();
        }
        self.markers.insert(key, marker.clone().into_bytes());
        marker.into_bytes()
    }

    fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
        let written = self.out.write_all(text);
        self.written(written)
    }

    fn rest(&mut self) -> ControlFlow<()> {
        let flushed = self.out.flush();
        self.written(flushed)
    }
}

/// What passes through of each detector's examples if the stream pauses behind each of
/// their lines.
fn limits(scanner: &Scanner) -> String {
    let mut limited: BTreeMap<String, &Detector> = BTreeMap::new();
    for detector in scanner.detectors() {
        for example in detector.examples.reported.iter() {
            let text = format!("{example}\n");
            let secrets = |finding: &Finding| finding.leak().secrets().collect::<Vec<_>>();
            for finding in scanner.find_all(text.as_bytes()) {
                let left = paused(scanner, text.as_bytes());
                let is_left = secrets(&finding).into_iter().any(|range| {
                    let secret = &text.as_bytes()[range.start as usize..range.end as usize];
                    let lines = secret.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
                    lines
                        .filter(|line| line.len() >= 8)
                        .any(|line| left.windows(line.len()).any(|window| window == line))
                });
                if is_left {
                    let found = finding.detector().id.to_string();
                    let known = scanner.detectors().iter().find(|d| d.id == finding.detector().id);
                    limited.extend(known.map(|detector| (found, detector)));
                }
            }
        }
    }
    let mut text = String::from(
        "A stream that pauses is passed on line by line. What only a later line tells is then\n\
         in what was passed on already. That concerns leaks of these detectors, where their\n\
         parts stand on several lines and the stream pauses between them:\n\n",
    );
    let width = limited.keys().map(String::len).max().unwrap_or(0);
    for (id, detector) in &limited {
        text.push_str(&format!("  {id:width$}  {}\n", detector.title));
    }
    text.push_str(
        "\nAll others, and these too where the stream goes on within 30 milliseconds, are\n\
         replaced before they are passed on. A private key is kept back until it ends.\n",
    );
    text
}

/// What is left of a text if its stream pauses behind each line.
fn paused(scanner: &Scanner, text: &[u8]) -> Vec<u8> {
    #[derive(Default)]
    struct Left(Vec<u8>);
    impl StreamSink for Left {
        fn event(&mut self, _: StreamEvent) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }
    impl Redaction for Left {
        fn replacement(&mut self, _: &Finding) -> Vec<u8> {
            b"*".to_vec()
        }
        fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
            self.0.extend_from_slice(text);
            ControlFlow::Continue(())
        }
    }
    let (mut scratch, mut left) = (Scratch::new(), Left::default());
    let mut stream = scanner.redact_stream();
    // A sink that only collects ends nothing.
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let _ = stream.push(line, &mut scratch, &mut left);
        let _ = stream.flush(&mut scratch, &mut left);
    }
    let _ = stream.finish(&mut scratch, &mut left);
    left.0
}
