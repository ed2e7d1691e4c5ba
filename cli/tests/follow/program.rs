//! Running the program in a directory of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What takes longer does not happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with logs, and what the program writes.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn append(&self, name: &str, content: impl AsRef<[u8]>) {
        use std::io::Write;
        let mut options = File::options();
        let mut file = options.append(true).create(true).open(self.path(name)).unwrap();
        file.write_all(content.as_ref()).unwrap();
    }

    /// What stands in a file; nothing if there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leaksieve"));
        command.arg("follow").args(args).current_dir(&self.0).env_clear().stdin(Stdio::null());
        command
    }

    /// Begins to follow. What is said goes to the files `out` and `err`.
    pub(crate) fn follow(&self, args: &[&str]) -> Following {
        let said = |name| {
            let mut options = File::options();
            options.append(true).create(true).open(self.path(name)).unwrap()
        };
        let mut command = self.command(args);
        Following(command.stdout(said("out")).stderr(said("err")).spawn().unwrap())
    }

    /// Begins to follow, with standard output as a pipe.
    pub(crate) fn heard(&self, args: &[&str]) -> (Following, Heard) {
        let err = File::create(self.path("err")).unwrap();
        let mut child = self.command(args).stdout(Stdio::piped()).stderr(err).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        (Following(child), Heard(out))
    }

    /// The events of a report.
    pub(crate) fn events(&self, report: &str) -> Vec<Value> {
        events(&self.read(report))
    }

    /// Waits until a file has this text.
    pub(crate) fn await_text(&self, name: &str, text: &str) {
        until(&format!("`{text}` in {name}"), || self.read(name).contains(text));
    }
}

impl AsRef<Path> for Place {
    fn as_ref(&self) -> &Path {
        self.0.path()
    }
}

/// The events in the whole lines of a report.
pub(crate) fn events(report: &str) -> Vec<Value> {
    let lines = report.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids of all that was found.
pub(crate) fn found(events: &[Value]) -> Vec<&str> {
    let found = events.iter().filter(|event| event["event"] == "found");
    found.map(|event| event["id"].as_str().unwrap()).collect()
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Lines on standard output.
pub(crate) struct Heard(BufReader<ChildStdout>);

impl Heard {
    /// Waits for the next line; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        (!line.is_empty()).then(|| serde_json::from_str(&line).unwrap())
    }
}

/// The program while it follows. It does not outlive the test.
pub(crate) struct Following(Child);

impl Following {
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to end, and waits until it does.
    pub(crate) fn stop(self) -> Ended {
        self.terminate();
        self.end()
    }

    pub(crate) fn terminate(&self) {
        let ask = format!("kill -TERM {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &ask]).status().unwrap().success());
    }

    /// Waits until it ends.
    pub(crate) fn end(mut self) -> Ended {
        let mut ended = None;
        until("its end", || {
            let status = self.0.try_wait().unwrap();
            ended = status.map(|status| Ended { code: status.code(), signal: status.signal() });
            ended.is_some()
        });
        ended.unwrap()
    }

    /// The most memory that it had, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn most_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(status).unwrap();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        most.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

impl Ended {
    pub(crate) fn with(code: i32) -> Self {
        Self { code: Some(code), signal: None }
    }
}
