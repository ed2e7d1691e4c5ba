//! Numbers about a long run, in the text format of Prometheus (version 0.0.4).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use leaksieve::Finding;

use crate::failure::{Failure, reason};

/// Between two times at which numbers are told.
const INTERVAL: Duration = Duration::from_secs(1);

/// Where numbers are told.
pub(crate) enum Metrics {
    /// In a file, for the textfile collector of the node exporter.
    File { path: PathBuf, is_told: bool },
    /// To whoever asks.
    Served(Arc<Mutex<String>>),
}

impl Metrics {
    /// `target` is an address with a port, a port alone, for the loopback interface, or
    /// else a file.
    pub(crate) fn new(target: String) -> Result<Self, Failure> {
        let Some(address) = address(&target)? else {
            return Ok(Self::File { path: target.into(), is_told: false });
        };
        let server = tiny_http::Server::http(address)
            .map_err(|error| Failure::new(format!("failed to listen on {address}: {error}")))?;
        let text = Arc::new(Mutex::new(String::new()));
        let shared = Arc::clone(&text);
        let spawned = std::thread::Builder::new()
            .name("leaksieve-metrics".to_owned())
            .spawn(move || serve(&server, &shared));
        spawned.map_err(|error| Failure::new(format!("failed to serve: {}", reason(&error))))?;
        Ok(Self::Served(text))
    }

    /// Tells the numbers as they are now.
    pub(crate) fn update(&mut self, Numbers(text): Numbers) {
        match self {
            Self::Served(shared) => {
                *shared.lock().unwrap_or_else(PoisonError::into_inner) = text;
            }
            Self::File { path, is_told } => match write(path, &text) {
                Ok(()) => *is_told = false,
                Err(error) => {
                    if !std::mem::replace(is_told, true) {
                        let name = path.display();
                        let message = format!("failed to write {name}: {}", reason(&error));
                        Failure::new(message).print();
                    }
                }
            },
        }
    }
}

/// The address that a target names, if it is one.
fn address(target: &str) -> Result<Option<SocketAddr>, Failure> {
    let port = target.strip_prefix(':').or_else(|| target.strip_prefix("localhost:"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let Some(port) = port.or_else(|| Some(target).filter(|target| is_number(target))) else {
        return Ok(target.parse().ok());
    };
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    match port.parse::<u16>() {
        Ok(port) => Ok(Some(SocketAddr::new(loopback, port))),
        Err(_) => Err(Failure::new(format!("{port} is no port"))
            .hint("a file of that name is `./` and the name")),
    }
}

fn serve(server: &tiny_http::Server, text: &Mutex<String>) {
    for request in server.incoming_requests() {
        let path = request.url().split('?').next();
        let is_known = matches!(path, Some("/metrics" | "/"));
        let body = if is_known {
            text.lock().unwrap_or_else(PoisonError::into_inner).clone()
        } else {
            "no such page\n".to_owned()
        };
        let mut response = tiny_http::Response::from_string(body).with_status_code(if is_known {
            200
        } else {
            404
        });
        let content = b"text/plain; version=0.0.4; charset=utf-8";
        if let Ok(header) = tiny_http::Header::from_bytes(&b"Content-Type"[..], &content[..]) {
            response = response.with_header(header);
        }
        // Whoever asked and went away does not need it.
        let _ = request.respond(response);
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".leaksieve-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The collector is another user.
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Numbers as they are told.
#[derive(Default)]
pub(crate) struct Numbers(String);

impl Numbers {
    /// One that only grows.
    pub(crate) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.number(name, "counter", help, value);
    }

    /// One that is as it is now.
    #[cfg(unix)]
    pub(crate) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.number(name, "gauge", help, value);
    }

    fn number(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        // Writing to memory does not fail.
        let _ = writeln!(
            self.0,
            "# HELP leaksieve_{name} {help}\n# TYPE leaksieve_{name} {kind}\nleaksieve_{name} {value}"
        );
    }

    /// Bytes that were scanned.
    pub(crate) fn bytes(&mut self, bytes: u64) {
        self.counter("bytes_total", "Bytes scanned, after decompression.", bytes);
    }

    /// Lines that were scanned.
    pub(crate) fn lines(&mut self, lines: u64) {
        self.counter("lines_total", "Lines scanned.", lines);
    }

    /// What each detector found.
    pub(crate) fn findings(&mut self, findings: &BTreeMap<String, u64>) {
        self.0.push_str(
            "# HELP leaksieve_findings_total Findings, repetitions included.\n\
             # TYPE leaksieve_findings_total counter\n",
        );
        for (detector, count) in findings {
            let _ = writeln!(self.0, "leaksieve_findings_total{{detector=\"{detector}\"}} {count}");
        }
    }
}

/// Findings of several threads, by detector.
#[derive(Default)]
pub(crate) struct FindingCounts(Mutex<BTreeMap<String, u64>>);

impl FindingCounts {
    pub(crate) fn add(&self, finding: &Finding) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(finding.detector().id.to_string()).or_default() += 1;
    }

    pub(crate) fn tell(&self, numbers: &mut Numbers) {
        numbers.findings(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Does something long, and tells its numbers meanwhile and at the end, if they are wanted.
pub(crate) fn telling<T>(
    target: Option<String>,
    numbers: &(dyn Fn(&mut Numbers) + Sync),
    work: impl FnOnce() -> T,
) -> Result<T, Failure> {
    let Some(target) = target else { return Ok(work()) };
    let mut metrics = Metrics::new(target)?;
    let mut update = move || {
        let mut now = Numbers::default();
        numbers(&mut now);
        metrics.update(now);
    };
    Ok(std::thread::scope(|scope| {
        update();
        let (ended, end) = channel::<()>();
        let telling = scope.spawn(move || {
            while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                update();
            }
            update();
        });
        let done = work();
        drop(ended);
        telling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        done
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_for_this_machine() {
        let shown = |target| address(target).ok().flatten().map(|address| address.to_string());
        assert_eq!(shown("9464").as_deref(), Some("127.0.0.1:9464"));
        assert_eq!(shown(":9464").as_deref(), Some("127.0.0.1:9464"));
        assert_eq!(shown("localhost:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(shown("0.0.0.0:80").as_deref(), Some("0.0.0.0:80"));
        assert_eq!(shown("[::1]:80").as_deref(), Some("[::1]:80"));
        for file in ["metrics.prom", "/var/lib/x:1/leaksieve.prom", "./99999", "a:b"] {
            assert!(matches!(address(file), Ok(None)), "{file}");
        }
        for port in ["99999", ":x", "localhost:", "localhost:99999"] {
            assert!(address(port).is_err(), "{port}");
        }
    }
}
