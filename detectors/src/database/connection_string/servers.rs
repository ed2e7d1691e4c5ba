//! The server part of a connection string, as the drivers write it.

use crate::database::server::Server;
use crate::url::host;

/// The most servers that are told.
const MAX: usize = 8;

/// Reads `host`, `tcp:host,1433`, `host\instance`, `//host:1521/service`, a list of
/// `host:port`, an Oracle descriptor. Empty if it is none of these.
pub(crate) fn read(value: &str) -> Vec<Server> {
    let value = value.trim();
    if value.starts_with('(') && value.contains('=') {
        return descriptor(value);
    }
    let value = value.strip_prefix("//").unwrap_or(value);
    let value = ["tcp:", "np:", "lpc:", "admin:"]
        .iter()
        .find_map(|p| {
            let head = value.get(..p.len())?;
            head.eq_ignore_ascii_case(p).then(|| &value[p.len()..])
        })
        .unwrap_or(value);
    let lower = value.to_ascii_lowercase();
    if value == "." || lower.starts_with(".\\") || lower.starts_with("(local") {
        return vec![Server { host: "localhost".into(), port: None }];
    }
    if value.starts_with('/') {
        return vec![Server { host: value.into(), port: None }];
    }
    let mut servers: Vec<Server> = Vec::new();
    for piece in value.split(',').take(MAX) {
        let piece = piece.trim();
        // `host,1433`
        if let (Some(last), Ok(port)) = (servers.last_mut(), piece.parse::<u16>()) {
            last.port = Some(port);
            continue;
        }
        let piece = piece.split(['\\', '/']).next().unwrap_or(piece);
        let Some(server) = one(piece) else { return Vec::new() };
        servers.push(server);
    }
    servers
}

/// `host`, `host:port`, `[address]:port` or a bare IPv6 address.
pub(crate) fn one(text: &str) -> Option<Server> {
    if text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(Server { host: text.into(), port: None });
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port.parse::<u16>().ok()?)),
        _ => (text, None),
    };
    (host::is_valid(name.as_bytes()) || crate::placeholder::is_template(name.as_bytes()))
        .then(|| Server { host: name.into(), port })
}

/// The addresses of `(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1521))…)`.
fn descriptor(text: &str) -> Vec<Server> {
    let lower = text.to_ascii_lowercase().replace(' ', "");
    let plain = text.replace(' ', "");
    let mut servers = Vec::new();
    let mut at = 0;
    while let Some(found) = lower[at..].find("(host=").map(|n| at + n + 6) {
        let end = lower[found..].find(')').map_or(lower.len(), |n| found + n);
        let next = lower[end..].find("(host=").map_or(lower.len(), |n| end + n);
        let port = lower[end..next].find("(port=").and_then(|n| {
            let from = end + n + 6;
            let to = lower[from..].find(')').map_or(lower.len(), |n| from + n);
            lower[from..to].parse().ok()
        });
        if servers.len() < MAX && plain.is_char_boundary(found) && plain.is_char_boundary(end) {
            servers.push(Server { host: plain[found..end].into(), port });
        }
        at = end;
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_written_in_many_ways() {
        for (text, expected) in [
            ("db.acme.io", &[("db.acme.io", None)][..]),
            ("tcp:acme.database.windows.net,1433", &[("acme.database.windows.net", Some(1433))]),
            ("HOST\\SQLEXPRESS", &[("HOST", None)]),
            ("10.0.0.1\\X,1533", &[("10.0.0.1", Some(1533))]),
            (".\\SQLEXPRESS", &[("localhost", None)]),
            ("(localdb)\\v11", &[("localhost", None)]),
            ("//ora:1521/ORCL", &[("ora", Some(1521))]),
            ("ora:1521/ORCL", &[("ora", Some(1521))]),
            ("a:5432,b:5433", &[("a", Some(5432)), ("b", Some(5433))]),
            ("[::1]:5432", &[("[::1]", Some(5432))]),
            ("2a01:4f8::1", &[("2a01:4f8::1", None)]),
            ("/var/run/postgresql", &[("/var/run/postgresql", None)]),
            ("bücher.de", &[("bücher.de", None)]),
            (
                "(DESCRIPTION = (ADDRESS=(PROTOCOL=TCP)(HOST=ora1)(PORT=1521)))",
                &[("ora1", Some(1521))],
            ),
            ("not a host", &[]),
            ("a:99999", &[]),
        ] {
            let found = read(text);
            let found: Vec<_> = found.iter().map(|s| (s.host.as_str(), s.port)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
