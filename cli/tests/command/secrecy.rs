//! No secret in any output, unless it was asked for.

use crate::sandbox::{Ran, Sandbox, pair};

/// Runs that print something about a file.
const RUNS: &[&[&str]] = &[
    &["scan", "."],
    &["scan", ".", "-v", "--color", "always"],
    &["scan", ".", "--show-refuted", "-v"],
    &["scan", ".", "-f", "json"],
    &["scan", ".", "-f", "jsonl", "--redact=0"],
    &["scan", ".", "-f", "sarif"],
    &["explain", "leak.env:2"],
    &["explain", "leak.env", "-f", "json"],
    &["explain", "line.json:1"],
    &["scan", "leak.env", "--enable-rule", "aws-access-key-id"],
    &["scan", "leak.env", "--disable-rule", "aws-access-key"],
    // What a disabled detector would have found is masked all the same, cut
    // through by the edge of the excerpt or not.
    &["scan", "line.json", "--enable-rule", "aws-access-key-id"],
    &["scan", "line.json", "--enable-rule", "aws-access-key-id", "-f", "sarif"],
    &["scan", "leak.env", "-r", "no/such/place"],
];

#[test]
fn secrets_are_masked_everywhere() {
    let box_ = Sandbox::new();
    let (one, two) = (pair(1), pair(2));
    box_.write("leak.env", one.env());
    box_.write("lone.env", format!("AWS_SECRET_ACCESS_KEY={}\n", two.secret));
    // Two pairs on one line: each is shown beside the other.
    let json = |p: &crate::sandbox::Pair| {
        format!(r#"{{"accessKeyId":"{}","secretAccessKey":"{}"}}"#, p.id, p.secret)
    };
    box_.write("line.json", format!("[{},{}]", json(&one), json(&two)));
    // In UTF-16, and with slashes escaped.
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(one.env().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    box_.write("wide.env", wide);
    box_.write("escaped.json", json(&two).replace('/', "\\/"));

    let shows = |ran: &Ran, secret: &str| {
        let pieces = [&secret[4..], &secret[10..20]];
        pieces.iter().any(|p| ran.out.contains(p) || ran.err.contains(p))
    };
    for args in RUNS {
        let ran = box_.run(args);
        for secret in [&one.secret, &two.secret] {
            assert!(!shows(&ran, secret), "{args:?}: {ran:#?}");
        }
    }
    for format in ["text", "json", "jsonl", "sarif"] {
        let ran = box_.run(&["scan", ".", "--reveal", "-f", format]);
        assert!(ran.out.contains(&one.secret), "{format}: {ran:#?}");
        assert!(!ran.err.contains(&one.secret), "{format}: {ran:#?}");
    }
    assert_eq!(box_.run(&["scan", ".", "--reveal", "--redact"]).code, Some(2));
}

#[cfg(unix)]
#[test]
fn a_revealing_report_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let box_ = Sandbox::new();
    box_.write("leak.env", pair(1).env());
    box_.run(&["scan", ".", "--reveal", "-r", "r.json"]);
    let mode = || std::fs::metadata(box_.path("r.json")).unwrap().permissions().mode();
    assert_eq!(mode() & 0o077, 0, "{:o}", mode());
    // A report that others may read gives its place, not its permissions.
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(box_.path("r.json"), open).unwrap();
    box_.run(&["scan", "leak.env", "-r", "r.json"]);
    assert_eq!(mode() & 0o777, 0o644, "{:o}", mode());
    box_.run(&["scan", "leak.env", "--reveal", "-r", "r.json"]);
    assert_eq!(mode() & 0o777, 0o600, "{:o}", mode());
}

#[cfg(unix)]
#[test]
fn names_of_files_cannot_drive_the_terminal() {
    let box_ = Sandbox::new();
    box_.write("evil\x1b[2J\nname", pair(1).env());
    for args in [&["scan", "."][..], &["scan", ".", "-f", "json"], &["scan", ".", "-f", "sarif"]] {
        let ran = box_.run(args);
        assert_eq!(ran.code, Some(1), "{ran:#?}");
        assert!(!ran.out.contains('\x1b') && !ran.err.contains('\x1b'), "{ran:#?}");
    }
    let ran = box_.run(&["scan", "no\x1b[2Jne"]);
    assert!(!ran.err.contains('\x1b'), "{ran:#?}");
}
