//! Running a program and measuring what it used.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// From start to exit.
    pub(crate) wall: Duration,
    /// Of all processors, in the program and in the system for it, with the
    /// children that it waited for.
    pub(crate) cpu: Duration,
    /// The most memory that was resident at once.
    pub(crate) peak_bytes: u64,
    /// The most of it that belonged to no file, as it was seen from time to time:
    /// mapped packs do not count, nor do children. `None` where the system does
    /// not tell or the run was too short.
    pub(crate) anonymous_bytes: Option<u64>,
}

/// How often memory is looked at.
const SAMPLE: Duration = Duration::from_millis(5);

/// Runs a program to its end, its output in `report`. `None` if it took longer
/// than `limit` and was ended.
///
/// # Errors
///
/// If the program cannot be started or waited for, or the report not written.
pub(crate) fn run(
    mut command: Command,
    report: Option<&Path>,
    limit: Duration,
) -> io::Result<Option<Usage>> {
    let output = match report {
        Some(path) => File::create(path)?.into(),
        None => Stdio::null(),
    };
    command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let id = child.id().to_string();
    let (ended, wait) = mpsc::channel::<()>();
    let guard = thread::spawn(move || {
        let mut anonymous = None;
        while wait.recv_timeout(SAMPLE) == Err(mpsc::RecvTimeoutError::Timeout) {
            anonymous = anonymous.max(anonymous_bytes(&id));
            if start.elapsed() > limit {
                // Waiting holds the child, so a program has to end it.
                let _ = Command::new("kill").arg(id).status();
                return (true, anonymous);
            }
        }
        (false, anonymous)
    });
    let used = child.wait4()?;
    let wall = start.elapsed();
    let _ = ended.send(());
    let (late, anonymous_bytes) = guard.join().unwrap_or_default();
    if late {
        return Ok(None);
    }
    let cpu = used.rusage.utime + used.rusage.stime;
    Ok(Some(Usage { wall, cpu, peak_bytes: used.rusage.maxrss, anonymous_bytes }))
}

/// What a process has of memory that belongs to no file, at this moment.
fn anonymous_bytes(id: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// The runs of one tool.
#[derive(Debug, Default)]
pub(crate) struct Measurement {
    runs: Vec<Usage>,
    gave_up: bool,
}

impl Measurement {
    /// Adds a run; one that warms up does not count, unless it took too long.
    pub(crate) fn add(&mut self, usage: Option<Usage>, counts: bool) {
        match usage {
            Some(usage) if counts => self.runs.push(usage),
            Some(_) => {}
            None => self.gave_up = true,
        }
    }

    /// Whether a run took longer than the limit.
    pub(crate) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// The median of wall time, if the tool kept the limit.
    pub(crate) fn wall(&self) -> Option<Duration> {
        self.median(|usage| usage.wall)
    }

    /// The median of processor time.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        self.median(|usage| usage.cpu)
    }

    /// The highest peak of all runs.
    pub(crate) fn peak_bytes(&self) -> Option<u64> {
        self.runs.iter().map(|usage| usage.peak_bytes).max()
    }

    /// The highest peak of memory that belongs to no file.
    pub(crate) fn anonymous_bytes(&self) -> Option<u64> {
        self.runs.iter().filter_map(|usage| usage.anonymous_bytes).max()
    }

    fn median(&self, of: fn(&Usage) -> Duration) -> Option<Duration> {
        let mut values: Vec<Duration> = self.runs.iter().map(of).collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().filter(|_| !self.gave_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(milliseconds: u64) -> Usage {
        let wall = Duration::from_millis(milliseconds);
        let peak_bytes = milliseconds * 1000;
        Usage { wall, cpu: wall * 2, peak_bytes, anonymous_bytes: None }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_has_memory_of_its_own() {
        let id = std::process::id().to_string();
        let before = anonymous_bytes(&id).unwrap();
        let memory = vec![1_u8; 64 << 20];
        assert!(anonymous_bytes(&id).unwrap() > before + (32 << 20));
        drop(memory);
    }

    #[test]
    fn a_warm_up_does_not_count() {
        let mut measurement = Measurement::default();
        for (i, milliseconds) in [900, 3, 1, 2].into_iter().enumerate() {
            measurement.add(Some(usage(milliseconds)), i > 0);
        }
        assert_eq!(measurement.wall(), Some(Duration::from_millis(2)));
        assert_eq!(measurement.cpu(), Some(Duration::from_millis(4)));
        assert_eq!(measurement.peak_bytes(), Some(3000));
    }

    #[test]
    fn a_tool_that_gives_up_has_no_times() {
        let mut measurement = Measurement::default();
        measurement.add(Some(usage(1)), true);
        measurement.add(None, true);
        assert!(measurement.gave_up());
        assert_eq!(measurement.wall(), None);
    }
}
