//! Numbers about a long run, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use leaksieve::run::follow::Follow;

use crate::failure::{Failure, reason};

/// Where numbers are told.
pub(super) enum Metrics {
    /// In a file, for the textfile collector of the node exporter.
    File { path: PathBuf, is_told: bool },
    /// To whoever asks.
    Served(Arc<Mutex<String>>),
}

impl Metrics {
    /// `target` is an address with a port, a port alone, for the loopback interface, or
    /// else a file.
    pub(super) fn new(target: String) -> Result<Self, Failure> {
        let Some(address) = address(&target) else {
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
    pub(super) fn update(&mut self, follow: &Follow) {
        let text = text(follow);
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
fn address(target: &str) -> Option<SocketAddr> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if let Ok(port) = target.strip_prefix(':').unwrap_or(target).parse::<u16>() {
        return Some(SocketAddr::new(loopback, port));
    }
    if let Some(port) = target.strip_prefix("localhost:") {
        return Some(SocketAddr::new(loopback, port.parse().ok()?));
    }
    target.parse().ok()
}

fn serve(server: &tiny_http::Server, text: &Mutex<String>) {
    for request in server.incoming_requests() {
        let is_known = matches!(request.url(), "/metrics" | "/");
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

fn text(follow: &Follow) -> String {
    let account = follow.account();
    let mut text = String::new();
    let mut number = |name: &str, kind: &str, help: &str, value: u64| {
        // Writing to memory does not fail.
        let _ = writeln!(
            text,
            "# HELP leaksieve_{name} {help}\n# TYPE leaksieve_{name} {kind}\nleaksieve_{name} {value}"
        );
    };
    number("bytes_total", "counter", "Bytes scanned, after decompression.", account.bytes);
    number("lines_total", "counter", "Lines scanned.", account.lines);
    number("lag_bytes", "gauge", "Bytes that are written and not read yet.", follow.lag());
    number("followed_files", "gauge", "Files that are followed.", account.files);
    number("rotations_total", "counter", "Files that were rotated away.", account.rotated);
    number("truncations_total", "counter", "Files that were truncated.", account.truncated);
    number("skipped_total", "counter", "Files not read, or not to their end.", account.skipped);
    number("scan_memory_bytes", "gauge", "Memory of all scans.", follow.memory() as u64);
    text.push_str(
        "# HELP leaksieve_findings_total Findings, repetitions included.\n\
         # TYPE leaksieve_findings_total counter\n",
    );
    for (detector, count) in &account.findings {
        let _ = writeln!(text, "leaksieve_findings_total{{detector=\"{detector}\"}} {count}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_for_this_machine() {
        let shown = |target| address(target).map(|address| address.to_string());
        assert_eq!(shown("9464").as_deref(), Some("127.0.0.1:9464"));
        assert_eq!(shown(":9464").as_deref(), Some("127.0.0.1:9464"));
        assert_eq!(shown("localhost:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(shown("0.0.0.0:80").as_deref(), Some("0.0.0.0:80"));
        assert_eq!(shown("[::1]:80").as_deref(), Some("[::1]:80"));
        for file in ["metrics.prom", "/var/lib/x:1/leaksieve.prom", "99999", "a:b"] {
            assert_eq!(shown(file), None, "{file}");
        }
    }
}
