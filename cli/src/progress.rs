//! Showing on a terminal that a long scan is alive.

use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use leaksieve::run::Progress;

/// A scan that is over by then shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

const INTERVAL: Duration = Duration::from_millis(100);

/// Whether anyone sits there.
pub(crate) fn is_wanted() -> bool {
    std::io::stderr().is_terminal()
}

/// Runs `scan` and shows meanwhile how far it is.
pub(crate) fn showing<T>(progress: &Progress, scan: impl FnOnce() -> T) -> T {
    let over = Over::default();
    std::thread::scope(|scope| {
        scope.spawn(|| show(progress, &over));
        let _end = Ending(&over);
        scan()
    })
}

#[derive(Default)]
struct Over {
    flag: Mutex<bool>,
    changed: Condvar,
}

impl Over {
    /// Waits; `true` if the scan is over.
    fn within(&self, time: Duration) -> bool {
        let flag = self.flag.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(flag, time, |over| !*over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Ends the display, even if the scan panics.
struct Ending<'a>(&'a Over);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.0.flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

fn show(progress: &Progress, over: &Over) {
    let start = Instant::now();
    if over.within(PATIENCE) {
        return;
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    loop {
        let bytes = progress.bytes.load(Ordering::Relaxed) as f64;
        let objects = progress.objects.load(Ordering::Relaxed);
        let findings = progress.findings.load(Ordering::Relaxed);
        bar.set_message(format!(
            "{} objects, {:.1} MB, {:.2} GB/s, {} found",
            HumanCount(objects),
            bytes / 1e6,
            bytes / start.elapsed().as_secs_f64() / 1e9,
            HumanCount(findings),
        ));
        bar.tick();
        if over.within(INTERVAL) {
            break;
        }
    }
    bar.finish_and_clear();
}
