//! The whole family over keys that `openssl`, `ssh-keygen`, `puttygen` and
//! `gpg` made for these tests, in every dress that a key is found in.

use super::pem;
use crate::candidate::{Candidate, Passage};
use crate::detector::Trigger;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Window, extract};
use crate::fact::{Fact, FactValue};
use crate::reference;

fn candidates(text: &str) -> Vec<Candidate> {
    reference::candidates(&super::detectors(), text.as_bytes())
}

/// What [`candidates`] finds, with the anchors searched at speed.
fn quick(text: &[u8]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let _ = pem::parse(text);
    for (index, detector) in super::detectors().iter().enumerate() {
        let Trigger::Anchor(anchors) = &detector.trigger else { continue };
        for anchor in anchors.iter() {
            for at in memchr::memmem::find_iter(text, &*anchor.literal) {
                let passage = Passage { base: 0, bytes: text };
                let hit = at..at + anchor.literal.len();
                let window = Window::around(detector, &passage, hit, 0);
                extract(detector, index as u16, &window, &mut found);
            }
        }
    }
    found
}

fn only(text: &str) -> Candidate {
    let mut found = candidates(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    found.remove(0)
}

fn fact(candidate: &Candidate, name: &str) -> Option<String> {
    candidate.facts.iter().find(|f| f.name() == name).map(|f| match f.value() {
        FactValue::Text(text) => text.into_owned(),
        FactValue::Number(number) => number.to_string(),
        FactValue::Flag(flag) => flag.to_string(),
        FactValue::Time(time) => time.0.to_string(),
    })
}

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("examples/", $name))
    };
}

/// A key, its verdict and what is known about it: format, type, bits, variant,
/// encrypted, cipher.
#[allow(clippy::type_complexity)]
const KEYS: &[(&str, Verdict, [&str; 6])] = &[
    (key!("rsa.pem"), Verdict::Proven, ["pkcs1", "rsa", "1024", "", "false", ""]),
    (key!("rsa.p8"), Verdict::Proven, ["pkcs8", "rsa", "1024", "", "false", ""]),
    (key!("ec256.pem"), Verdict::Proven, ["sec1", "ec", "256", "P-256", "false", ""]),
    (key!("ec256.p8"), Verdict::Proven, ["pkcs8", "ec", "256", "P-256", "false", ""]),
    (key!("ec384.pem"), Verdict::Proven, ["sec1", "ec", "384", "P-384", "false", ""]),
    (key!("ec521.pem"), Verdict::Proven, ["sec1", "ec", "521", "P-521", "false", ""]),
    (key!("k256.pem"), Verdict::Proven, ["sec1", "ec", "256", "secp256k1", "false", ""]),
    (key!("bp256.pem"), Verdict::Proven, ["sec1", "ec", "256", "brainpoolP256r1", "false", ""]),
    (key!("ecexplicit.pem"), Verdict::Supported, ["sec1", "ec", "", "", "false", ""]),
    (key!("ed25519.p8"), Verdict::Supported, ["pkcs8", "ed25519", "", "", "false", ""]),
    (key!("x25519.p8"), Verdict::Supported, ["pkcs8", "x25519", "", "", "false", ""]),
    (key!("ed448.p8"), Verdict::Supported, ["pkcs8", "ed448", "", "", "false", ""]),
    (key!("x448.p8"), Verdict::Supported, ["pkcs8", "x448", "", "", "false", ""]),
    (key!("dsa.pem"), Verdict::Proven, ["dsa", "dsa", "1024", "", "false", ""]),
    (key!("dsa.p8"), Verdict::Proven, ["pkcs8", "dsa", "1024", "", "false", ""]),
    (key!("dh.p8"), Verdict::Supported, ["pkcs8", "dh", "2048", "", "false", ""]),
    (
        key!("ec256.enc"),
        Verdict::Supported,
        [
            "encrypted-pkcs8",
            "unknown",
            "",
            "",
            "true",
            "aes-256-cbc, pbkdf2-hmac-sha256 2048 rounds",
        ],
    ),
    (
        key!("ec256.scrypt"),
        Verdict::Supported,
        ["encrypted-pkcs8", "unknown", "", "", "true", "aes-256-cbc, scrypt N=1024 r=8 p=1"],
    ),
    (
        key!("ec256.pbe"),
        Verdict::Supported,
        ["encrypted-pkcs8", "unknown", "", "", "true", "pbeWithSHAAnd3-KeyTripleDES-CBC"],
    ),
    (
        key!("rsa.legacy"),
        Verdict::Supported,
        ["pkcs1", "rsa", "", "", "true", "aes-128-cbc, md5 1 round"],
    ),
    (
        key!("ec256.legacy"),
        Verdict::Supported,
        ["sec1", "ec", "", "", "true", "des-ede3-cbc, md5 1 round"],
    ),
    (key!("ssh_ed"), Verdict::Proven, ["openssh", "ed25519", "", "", "false", ""]),
    (key!("ssh_ec"), Verdict::Proven, ["openssh", "ec", "256", "P-256", "false", ""]),
    (key!("ssh_rsa"), Verdict::Proven, ["openssh", "rsa", "1024", "", "false", ""]),
    (
        key!("ssh_ed_enc"),
        Verdict::Supported,
        ["openssh", "ed25519", "", "", "true", "aes256-ctr, bcrypt 16 rounds"],
    ),
    (
        key!("ssh_ed_gcm"),
        Verdict::Supported,
        ["openssh", "ed25519", "", "", "true", "aes256-gcm@openssh.com, bcrypt 16 rounds"],
    ),
    (
        key!("ssh_ed_cc"),
        Verdict::Supported,
        ["openssh", "ed25519", "", "", "true", "chacha20-poly1305@openssh.com, bcrypt 16 rounds"],
    ),
    (
        key!("ssh_rsa_enc"),
        Verdict::Supported,
        ["openssh", "rsa", "", "", "true", "aes128-cbc, bcrypt 16 rounds"],
    ),
    (key!("ssh_ed.2.ppk"), Verdict::Proven, ["ppk", "ed25519", "", "", "false", ""]),
    (key!("ssh_ed.3.ppk"), Verdict::Proven, ["ppk", "ed25519", "", "", "false", ""]),
    (key!("ssh_ec.2.ppk"), Verdict::Proven, ["ppk", "ec", "256", "P-256", "false", ""]),
    (key!("ssh_ec.3.ppk"), Verdict::Proven, ["ppk", "ec", "256", "P-256", "false", ""]),
    (key!("ssh_rsa.2.ppk"), Verdict::Proven, ["ppk", "rsa", "1024", "", "false", ""]),
    (key!("ssh_rsa.3.ppk"), Verdict::Proven, ["ppk", "rsa", "1024", "", "false", ""]),
    (
        key!("ssh_ed_enc.2.ppk"),
        Verdict::Supported,
        ["ppk", "ed25519", "", "", "true", "aes256-cbc, sha1"],
    ),
    (
        key!("ssh_ed_enc.3.ppk"),
        Verdict::Supported,
        ["ppk", "ed25519", "", "", "true", "aes256-cbc, argon2id m=8192 t=21 p=1"],
    ),
    (key!("pgp_ed.asc"), Verdict::Proven, ["openpgp", "ed25519", "", "", "false", ""]),
    (key!("pgp_rsa.asc"), Verdict::Proven, ["openpgp", "rsa", "1024", "", "false", ""]),
    (key!("pgp_enc.asc"), Verdict::Proven, ["openpgp", "ed25519", "", "", "true", "aes128"]),
    (key!("ssh_rsa.sshcom"), Verdict::Proven, ["ssh2", "rsa", "1024", "", "false", ""]),
    (key!("ssh_rsa_enc.sshcom"), Verdict::Supported, ["ssh2", "rsa", "", "", "true", "3des-cbc"]),
];

#[test]
fn keys_of_every_kind_are_read() {
    for (text, verdict, facts) in KEYS {
        let found = only(text);
        let names = ["key_format", "key_type", "bits", "variant", "encrypted", "cipher"];
        let known = names.map(|name| fact(&found, name).unwrap_or_default());
        assert_eq!((found.verdict, known), (*verdict, facts.map(str::to_owned)), "{text}");
        assert_eq!(found.span, 0..text.trim_end().len() as u64, "{text}");
        assert!(found.decoded.is_some());
    }
}

/// The ways in which a text is written inside another. Each keeps its lines.
fn dresses(key: &str) -> Vec<String> {
    let lines: Vec<&str> = key.trim_end().lines().collect();
    let joined = |by: &str| lines.join(by);
    let each = |before: &str, after: &str| -> String {
        lines.iter().map(|line| format!("{before}{line}{after}")).collect()
    };
    let percent = |space: &str, end: &str| -> String {
        lines
            .iter()
            .map(|line| {
                let body = line.replace('%', "%25").replace('+', "%2B").replace('/', "%2F");
                body.replace('=', "%3D").replace(':', "%3A").replace(',', "%2C").replace(' ', space)
                    + end
            })
            .collect()
    };
    vec![
        joined("\n"),
        joined("\r\n"),
        joined("\r"),
        joined("\n\n"),
        format!("key: |\n{}", each("  ", "\n")),
        format!("key = <<EOF\n{}EOF\n", each("\t", "\r\n")),
        each("> ", "\n"),
        each("# ", "\n"),
        each("+", "\n"),
        each("-", "\n"),
        each(" * ", "\n"),
        each("app_1  | ", "\n"),
        format!("{{\"key\": \"{}\\n\"}}", joined("\\n")),
        format!("{{\"key\": \"{}\\n\"}}", joined("\\n").replace('/', "\\/")),
        format!("{{\"key\": \"{}\"}}", joined("\\r\\n").replace('=', "\\u003d")),
        format!("{{\"key\": \"{}\"}}", joined("\\u000a").replace('+', "\\u002b")),
        format!("{{\"a\": \"{{\\\"key\\\": \\\"{}\\\"}}\"}}", joined("\\\\n")),
        format!("KEY=\"{}\\n\"", joined("\\n")),
        format!("KEY='{}'", joined("\n")),
        format!("KEY={}\n", joined("\\n\\\n")),
        format!("String key = {};", each("  \"", "\\n\" +\n")),
        format!("const char *key = {};", each("  \"", "\\n\"\n")),
        format!("\"key\": [\n{}]", each("  \"", "\",\n")),
        format!("key = {}", each("'", "\\n'\n    ")),
        each("$key .= \"", "\\n\";\n"),
        each("b.append(\"", "\\n\");\n"),
        format!("<key>{}</key>", joined("&#10;")),
        format!("<key>{}</key>", joined("&#xA;")),
        format!("<key>{}</key>", joined("&#13;&#10;").replace('+', "&#43;")),
        format!("<td>{}</td>", joined("<br>\n")),
        format!("key={}&x=1", percent(" ", "%0A")),
        format!("key={}&x=1", percent("%20", "%0D%0A")),
        format!("key={}&x=1", percent("+", "%0A")),
        joined("\n").replace('=', "=3D"),
        format!("\u{feff}{}", joined("\u{200b}\n")),
    ]
}

#[test]
fn keys_are_read_in_every_dress() {
    for (text, verdict, facts) in KEYS {
        let plain = only(text);
        for dressed in dresses(text) {
            // The opening line of SSH2 is looked for with its spaces only.
            if text.starts_with("---- BEGIN") && !dressed.contains("---- BEGIN SSH2 ") {
                continue;
            }
            let found = only(&dressed);
            assert_eq!(found.verdict, *verdict, "{facts:?}\n{dressed}");
            assert_eq!(found.decoded, plain.decoded, "{dressed}");
            assert_eq!(found.facts, plain.facts, "{dressed}");
        }
    }
}

#[test]
fn lines_may_be_joined_by_spaces_or_by_nothing() {
    for (text, verdict, _) in KEYS {
        let plain = only(text);
        for by in [" ", "\t", ""] {
            // Headers need something between them.
            if by.is_empty() && text.contains(": ") {
                continue;
            }
            let joined = text.trim_end().lines().collect::<Vec<_>>().join(by);
            let found = only(&format!("KEY={joined}\n"));
            assert_eq!((found.verdict, &found.decoded), (*verdict, &plain.decoded), "{joined}");
        }
    }
}

#[test]
fn damaged_keys_are_refused() {
    for (text, _, facts) in KEYS {
        let lines: Vec<&str> = text.lines().collect();
        let body = lines.iter().rposition(|l| l.len() >= 32 && !l.starts_with('-')).unwrap();
        for filler in ["...", "[...]", "<snip>", "\u{2026}", "*****", ""] {
            let mut cut = lines.clone();
            cut[body] = filler;
            let cut = cut.join("\n");
            for found in candidates(&cut) {
                // Nobody can tell how long a ciphertext was.
                let counted = filler.is_empty() && facts[5].contains("md5");
                assert!(found.is_refuted() || counted, "{cut}\n{found:#?}");
            }
        }
        if text.starts_with("PuTTY") {
            continue;
        }
        let other = text.replace("-- END ", "-- END X").replace("--END ", "--END OTHER ");
        assert_eq!(only(&other).verdict, Verdict::Refuted(Reason::MismatchedLabels), "{other}");
    }
}

#[test]
fn no_cut_and_no_flip_panics() {
    for (text, ..) in KEYS {
        for at in 0..text.len() {
            quick(&text.as_bytes()[..at]);
            // Two of these at each place, all of them at every fourth.
            const WITH: [u8; 8] = [b'A', b'\\', b'/', b'"', b'\n', b'%', b'-', 0xe2];
            for with in [WITH[2 * at % 8], WITH[(2 * at + 1) % 8]] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = with;
                quick(&bytes);
            }
        }
    }
}

#[test]
fn a_body_without_its_closing_line_may_be_whole() {
    let text = key!("rsa.pem");
    let open = &text[..text.find("-----END").unwrap()];
    let found = only(open);
    assert_eq!(found.verdict, Verdict::Supported);
    assert_eq!(found.evidence, [Evidence::Parsed, Evidence::KeyConsistent]);
    assert_eq!(found.decoded, only(text).decoded);
    let quoted = format!("key = \"{}\"; // and more text", open.trim_end().replace('\n', "\\n"));
    assert_eq!(only(&quoted).decoded, found.decoded);
    let cut = &open[..open.len() - 10];
    assert_eq!(only(cut).verdict, Verdict::Refuted(Reason::Truncated));
}

#[test]
fn numbers_that_do_not_belong_together_are_refused() {
    // One character in the middle of the modulus.
    let text = key!("rsa.pem");
    let at = text.find('\n').unwrap() + 30;
    let other = if text.as_bytes()[at] == b'A' { 'B' } else { 'A' };
    let text = format!("{}{other}{}", &text[..at], &text[at + 1..]);
    assert_eq!(only(&text).verdict, Verdict::Refuted(Reason::InconsistentKey));
}

#[test]
fn a_public_half_nearby_is_seen() {
    for (private, public) in [
        (key!("ssh_ed"), key!("ssh_ed.pub")),
        (key!("ssh_ed_enc"), key!("ssh_ed_enc.pub")),
        (key!("rsa.pem"), key!("rsa.pub.pem")),
        (key!("rsa.pem"), key!("rsa.crt")),
        (key!("ec256.pem"), key!("ec256.pub.pem")),
    ] {
        for text in [format!("{private}\n{public}"), format!("{public}\n\n{private}")] {
            let found = candidates(&text);
            assert!(found[0].evidence.contains(&Evidence::PublicHalfNearby), "{text}\n{found:#?}");
        }
    }
    let text = format!("{}\n{}", key!("ssh_ed"), key!("ssh_ed_enc.pub"));
    assert!(!only(&text).evidence.contains(&Evidence::PublicHalfNearby));
}

#[test]
fn a_fingerprint_is_the_same_in_every_container() {
    // `ssh-keygen -lf` over the public halves.
    for (text, fingerprint) in [
        (key!("ssh_ed"), key!("ssh_ed.fingerprint")),
        (key!("ssh_rsa"), key!("ssh_rsa.fingerprint")),
        (key!("ssh_ec"), key!("ssh_ec.fingerprint")),
        (key!("rsa.pem"), key!("rsa.fingerprint")),
        (key!("rsa.p8"), key!("rsa.fingerprint")),
        (key!("ec256.pem"), key!("ec256.fingerprint")),
    ] {
        assert_eq!(
            fact(&only(text), "public_key_fingerprint").as_deref(),
            Some(fingerprint.trim())
        );
    }
    assert_eq!(
        fact(&only(key!("ssh_ed")), "comment").as_deref(),
        Some("example@leaksieve.invalid")
    );
}

#[test]
fn cloudfront_names_its_keys() {
    let text = format!("# pk-APKAEIBAERJR2EXAMPLE.pem\n{}", key!("rsa.pem"));
    let found = only(&text);
    assert!(found.facts.iter().any(|f| *f == Fact::KeyId("APKAEIBAERJR2EXAMPLE".into())));
    assert!(found.facts.iter().any(|f| *f == Fact::Service("cloudfront".into())));
}

#[test]
fn points_that_do_not_belong_to_their_secret_are_refused() {
    // One character in the secret number.
    for text in [key!("ec256.pem"), key!("ec521.pem"), key!("bp256.pem"), key!("ssh_ed")] {
        let at =
            if text.contains("OPENSSH") { text.len() - 110 } else { text.find('\n').unwrap() + 20 };
        let other = if text.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        let text = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert_eq!(only(&text).verdict, Verdict::Refuted(Reason::InconsistentKey), "{text}");
    }
}

#[test]
fn published_keys_are_refused_in_every_container() {
    for text in [key!("rfc8410.txt"), key!("rfc9500_p256.txt")] {
        assert_eq!(only(text).verdict, Verdict::Refuted(Reason::PublicTestKey), "{text}");
    }
}

#[test]
fn the_rest_of_a_text_does_not_matter() {
    // Two keys in one text, with much around them.
    let filler = "lorem ipsum, dolor sit amet; \"consectetur\"\n".repeat(200);
    let text = format!("{filler}{}{filler}{}{filler}", key!("rsa.pem"), key!("ssh_ed.3.ppk"));
    let found = candidates(&text);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|c| c.verdict == Verdict::Proven));
    assert_eq!(found[0].span.start, filler.len() as u64);
}
