//! The ordinary words of files, and the innocent strings that look like secrets.
//!
//! A template asks for these by name. Nothing made here may be a leak: the
//! strings that resemble one are those of §1.10 and §1.11 of the fact sheet.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    draw::{ALNUM, BASE32, Draw, LOWER_ALNUM},
    value::{aws_key, aws_service},
};

/// Regions of the standard partition.
pub(crate) const REGIONS: &[&str] = &[
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-south-1",
    "ca-central-1",
    "sa-east-1",
];

const NOUNS: &[&str] = &[
    "account",
    "archive",
    "asset",
    "batch",
    "billing",
    "booking",
    "cart",
    "catalog",
    "channel",
    "claim",
    "cluster",
    "contract",
    "coupon",
    "customer",
    "delivery",
    "device",
    "document",
    "event",
    "export",
    "feed",
    "forecast",
    "gateway",
    "image",
    "import",
    "index",
    "invoice",
    "job",
    "ledger",
    "listing",
    "loader",
    "mailer",
    "media",
    "message",
    "metric",
    "notice",
    "order",
    "parcel",
    "partner",
    "payment",
    "photo",
    "planner",
    "policy",
    "price",
    "product",
    "profile",
    "queue",
    "quote",
    "record",
    "refund",
    "report",
    "route",
    "schedule",
    "search",
    "session",
    "shipment",
    "snapshot",
    "stock",
    "stream",
    "supplier",
    "survey",
    "ticket",
    "tracker",
    "upload",
    "user",
    "vendor",
    "video",
    "voucher",
    "warehouse",
    "worker",
];
const VERBS: &[&str] = &[
    "apply", "build", "check", "clean", "collect", "compute", "copy", "create", "delete",
    "deliver", "enqueue", "fetch", "filter", "flush", "format", "group", "handle", "list", "load",
    "merge", "notify", "parse", "process", "publish", "read", "refresh", "render", "resolve",
    "retry", "send", "split", "store", "submit", "sync", "update", "validate", "write",
];
const ADJECTIVES: &[&str] = &[
    "active", "broken", "cached", "daily", "empty", "failed", "final", "first", "global", "idle",
    "internal", "known", "latest", "legacy", "local", "monthly", "nightly", "pending", "primary",
    "public", "recent", "remote", "shared", "stale", "total", "unused", "valid", "weekly",
];
const NAMES: &[&str] = &[
    "alice", "anders", "bjorn", "carla", "chen", "dmitri", "elena", "farid", "grace", "hiro",
    "ines", "jonas", "katya", "lars", "maria", "nadia", "oscar", "priya", "quentin", "rosa",
    "samir", "tomas", "ulrike", "victor", "wendy", "xavier", "yuki", "zoe",
];
const COMPANIES: &[&str] = &[
    "acornlabs",
    "bluefjord",
    "cedarworks",
    "deltaroute",
    "eastgate",
    "fernhill",
    "granitebay",
    "harborline",
    "ironleaf",
    "junipersoft",
    "kestrelio",
    "lakeshore",
    "mapleforge",
    "northpier",
];
const ENVIRONMENTS: &[&str] = &["prod", "staging", "dev", "qa", "sandbox", "preprod", "stage"];
const SERVICES: &[&str] = &["s3", "ec2", "sqs", "sns", "dynamodb", "lambda", "sts", "execute-api"];
const ACCENTED: &[&str] = &[
    "Überprüfung der Größe",
    "déjà réglé",
    "café fermé",
    "señal añadida",
    "Straße gesperrt",
    "año próximo",
    "naïve Lösung",
    "œuvre terminée",
];
const DOMAINS: &[&str] = &["io", "com", "net", "dev", "cloud"];

/// A moment of 2023 to 2025, drawn anew for each use.
fn moment(draw: &mut Draw) -> OffsetDateTime {
    let seconds = draw.within(1_672_531_200..=1_764_547_200) as i64;
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn noun(draw: &mut Draw) -> &'static str {
    draw.text(NOUNS)
}

fn sentence(draw: &mut Draw) -> String {
    if draw.chance(0.03) {
        return draw.text(ACCENTED).into();
    }
    let (verb, one, other) = (*draw.pick(VERBS), *draw.pick(ADJECTIVES), *draw.pick(ADJECTIVES));
    let (first, second) = (noun(draw), noun(draw));
    match draw.below(5) {
        0 => format!("{} the {one} {first} before the {other} {second}", capitalised(verb)),
        1 => format!("the {first} must be {one} when the {second} is {other}"),
        2 => format!("{} every {first} of the {one} {second}", capitalised(verb)),
        3 => format!("no {one} {first}: {verb} the {second} again later"),
        _ => format!("a {one} {first} can {verb} its {other} {second}"),
    }
}

/// Words joined in camelCase up to an exact length, letters only.
fn camel(draw: &mut Draw, length: usize) -> String {
    let mut out = (*draw.pick(VERBS)).to_owned();
    while out.len() < length {
        let words = if draw.chance(0.7) { NOUNS } else { ADJECTIVES };
        let next = *draw.pick(words);
        out.push_str(&capitalised(next));
    }
    out.truncate(length);
    out
}

/// A path of words of an exact length.
fn long_path(draw: &mut Draw, length: usize) -> String {
    let mut out = String::new();
    while out.len() < length {
        if !out.is_empty() {
            out.push('/');
        }
        out.push_str(noun(draw));
    }
    out.truncate(length);
    if out.ends_with('/') {
        out.pop();
        out.push('s');
    }
    out
}

fn minified(draw: &mut Draw, length: usize) -> String {
    let mut out = String::with_capacity(length + 80);
    while out.len() < length {
        let mut letter = || char::from(*draw.pick(b"abcdefghijklmnopqrstuvwxyz"));
        let (a, b, c, d) = (letter(), letter(), letter(), letter());
        let (verb, thing) = (*draw.pick(VERBS), noun(draw));
        let piece = match draw.below(7) {
            0 => format!("function {a}({b},{c}){{return {b}.{verb}({c})||{d}}}"),
            1 => format!("var {a}={b}.{thing},{c}=void 0===({d}={a}.{verb})?null:{d};"),
            2 => format!("!function({a}){{{a}.{thing}={b}({c},{{{verb}:!0,{thing}:!1}})}}({d});"),
            3 => format!(
                "{a}.prototype.{verb}{}=function({b}){{this.{thing}={b}}},",
                capitalised(thing)
            ),
            4 => format!(
                "if({a}&&{b}!==\"{thing}\")for(var {c}=0;{c}<{d}.length;{c}++){d}[{c}].{verb}();"
            ),
            5 => format!("{a}=Object.assign({{}},{b},{{{thing}:{c}.{thing}}}),"),
            _ => format!("case {}:return {a}({b},{c}.sent());", draw.below(30)),
        };
        out.push_str(&piece);
    }
    out
}

fn wrapped(body: &str, width: usize, lines: usize) -> String {
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(width)
        .take(lines)
        .filter_map(|c| std::str::from_utf8(c).ok())
        .collect();
    lines.join("\n")
}

/// The text of a PEM body of random bytes, cut as `cut` says.
fn broken_pem(draw: &mut Draw, cut: &str) -> String {
    let body = STANDARD.encode(draw.bytes(1190));
    let label =
        *draw.pick(&["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"]);
    let head =
        if label.starts_with("OPENSSH") { "b3BlbnNzaC1rZXktdjEAAAAA" } else { "MIIEpAIBAAKCAQEA" };
    let body = format!("{head}{body}");
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    match cut {
        "elided" => format!("{begin}\n{}\n...\n{end}", wrapped(&body, 64, 1)),
        "dots" => format!("{begin}\n...\n{end}"),
        "cut" => format!("{begin}\n{}\n", wrapped(&body, 64, 3)),
        "redacted" => format!("{begin}\n[REDACTED]\n{end}"),
        _ => format!("{begin}\nYOUR PRIVATE KEY HERE\n{end}"),
    }
}

/// The value of a name that a template uses and nobody has bound. A trailing
/// number that is no part of a known name only tells two uses apart.
pub(crate) fn word(draw: &mut Draw, name: &str) -> String {
    let mut kind = name;
    loop {
        if let Some(value) = innocent(draw, kind).or_else(|| ordinary(draw, kind)) {
            return value;
        }
        match kind.strip_suffix(|digit: char| digit.is_ascii_digit()) {
            Some(shorter) => kind = shorter,
            None => {
                debug_assert!(false, "the vocabulary has no {name}");
                return noun(draw).into();
            }
        }
    }
}

/// The words and numbers of everyday files.
fn ordinary(draw: &mut Draw, kind: &str) -> Option<String> {
    let value = match kind {
        "noun" => noun(draw).into(),
        "Noun" => capitalised(noun(draw)),
        "NOUN" => noun(draw).to_uppercase(),
        "verb" => draw.text(VERBS).into(),
        "Verb" => capitalised(draw.text(VERBS)),
        "adj" => draw.text(ADJECTIVES).into(),
        "snake" => format!("{}_{}", draw.pick(VERBS), noun(draw)),
        "UPPER" => format!("{}_{}", noun(draw), noun(draw)).to_uppercase(),
        "camel" => format!("{}{}", draw.pick(VERBS), capitalised(noun(draw))),
        "Pascal" => format!("{}{}", capitalised(noun(draw)), capitalised(noun(draw))),
        "kebab" => format!("{}-{}", noun(draw), noun(draw)),
        "name" => draw.text(NAMES).into(),
        "user" => {
            let (one, other) = (*draw.pick(NAMES), *draw.pick(NAMES));
            match draw.below(4) {
                0 => format!("{one}.{other}"),
                1 => format!("{}-{}", noun(draw), draw.pick(&["ci", "deploy", "svc", "bot"])),
                2 => format!("{one}{}", draw.within(1..=99)),
                _ => one.into(),
            }
        }
        "company" => draw.text(COMPANIES).into(),
        "env" => draw.text(ENVIRONMENTS).into(),
        "domain" => format!("{}.{}", draw.pick(COMPANIES), draw.pick(DOMAINS)),
        "host" => format!(
            "{}-{}.{}.{}",
            noun(draw),
            draw.within(1..=40),
            draw.pick(COMPANIES),
            draw.pick(DOMAINS)
        ),
        "email" => format!("{}@{}.com", draw.pick(NAMES), draw.pick(COMPANIES)),
        "region" => draw.text(REGIONS).into(),
        "service" => draw.text(SERVICES).into(),
        "bucket" => format!("{}-{}-{}", draw.pick(COMPANIES), draw.pick(ENVIRONMENTS), noun(draw)),
        "account" => format!("{:012}", aws_key::account(draw)),
        "sentence" => sentence(draw),
        "accent" => draw.text(ACCENTED).into(),
        "num" => draw.within(1..=4096).to_string(),
        "small" => draw.within(1..=20).to_string(),
        "bool" => draw.text(&["true", "false"]).into(),
        "port" => draw.within(1024..=9999).to_string(),
        "version" => format!("{}.{}.{}", draw.below(9), draw.below(30), draw.below(20)),
        "ip" => format!("10.{}.{}.{}", draw.below(256), draw.below(256), draw.within(1..=254)),
        "public_ip" => format!(
            "{}.{}.{}.{}",
            draw.within(11..=99),
            draw.below(256),
            draw.below(256),
            draw.within(1..=254)
        ),
        "date" => moment(draw).date().to_string(),
        "time" => {
            let moment = moment(draw);
            format!("{:02}:{:02}:{:02}", moment.hour(), moment.minute(), moment.second())
        }
        "iso" => moment(draw).format(&Rfc3339).unwrap_or_default(),
        "compact" => amz_date(moment(draw)),
        "epoch" => moment(draw).unix_timestamp().to_string(),
        "ms" => draw.within(1..=3000).to_string(),
        "level" => draw.text(&["INFO", "DEBUG", "WARN", "INFO", "INFO", "ERROR"]).into(),
        "method" => draw.text(&["GET", "POST", "PUT", "GET", "DELETE"]).into(),
        "status" => draw.text(&["200", "200", "201", "204", "304", "404", "500"]).into(),
        "urlpath" => {
            format!("/api/v{}/{}s/{}", draw.within(1..=3), noun(draw), draw.within(1..=99999))
        }
        "instance" => format!("i-0{}", draw.hex(16)),
        "id26" => draw.word(LOWER_ALNUM, 26),
        "id9" => draw.word(ALNUM, 9),
        "slack" => format!("U{}", draw.word(b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 10)),
        "ticket" => {
            format!("{}-{}", draw.pick(&["OPS", "PLAT", "DATA", "WEB"]), draw.within(10..=9999))
        }
        _ => return None,
    };
    Some(value)
}

/// The strings that resemble secrets and are none.
fn innocent(draw: &mut Draw, kind: &str) -> Option<String> {
    let value = match kind {
        "uuid" => {
            let hex = draw.hex(32);
            let variant = draw.pick(&["8", "9", "a", "b"]);
            format!(
                "{}-{}-4{}-{variant}{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[13..16],
                &hex[17..20],
                &hex[20..]
            )
        }
        "hex40" => draw.hex(40),
        "hex64" => draw.hex(64),
        "hex32" => draw.hex(32),
        "sri1" => format!("sha1-{}", STANDARD.encode(draw.array::<20>())),
        "sri256" => format!("sha256-{}", STANDARD.encode(draw.array::<32>())),
        "sri384" => format!("sha384-{}", STANDARD.encode(draw.array::<48>())),
        "sri512" => format!("sha512-{}", STANDARD.encode(draw.bytes(64))),
        "sig28" => STANDARD.encode(draw.array::<20>()),
        "go1" => format!("h1:{}", STANDARD.encode(draw.array::<32>())),
        "camel40" => camel(draw, 40),
        "path40" => long_path(draw, 40),
        "alnum40" => draw.word(ALNUM, 40),
        "minified" => minified(draw, 1200),
        "png" => {
            let size = 400 + draw.below(900);
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            bytes.extend(draw.bytes(size));
            STANDARD.encode(bytes)
        }
        "blob" => {
            let size = 300 + draw.below(900);
            STANDARD.encode(draw.bytes(size))
        }
        "blob_lines" => {
            let size = 2000 + draw.below(3000);
            wrapped(&STANDARD.encode(draw.bytes(size)), 76, usize::MAX)
        }
        "mappings" => {
            let count = 200 + draw.below(300);
            (0..count)
                .map(|_| {
                    draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 4)
                })
                .collect::<Vec<_>>()
                .join(",")
        }
        // `AKIA` inside a longer run of base64 is no key id.
        "akia_blob" => {
            format!("{}AKIA{}{}", draw.word(ALNUM, 25), draw.word(BASE32, 16), draw.word(ALNUM, 27))
        }
        "jwt" => {
            let claims = format!(
                "{{\"sub\":\"{}\",\"iat\":{}}}",
                draw.hex(12),
                draw.within(1_700_000_000..=1_760_000_000)
            );
            aws_service::jwt(draw, &claims)
        }
        "aida" => entity_id(draw, "AIDA"),
        "aroa" => entity_id(draw, "AROA"),
        "ltai" => format!("LTAI5t{}", draw.word(ALNUM, 18)),
        "impossible_id" => aws_key::impossible_key_id(draw, "AKIA"),
        "impossible_temporary_id" => aws_key::impossible_key_id(draw, "ASIA"),
        "doc_account_id" => {
            let account = *draw.pick(&[123_456_789_012, 111_122_223_333, 444_455_556_666]);
            aws_key::key_id(draw, "AKIA", account)
        }
        "decimal_id" => format!("AKIA{}", non_base32(draw, 16)),
        "doc_id" => draw
            .text(&[
                "AKIAIOSFODNN7EXAMPLE",
                "AKIAI44QH8DHBEXAMPLE",
                "ASIAIOSFODNN7EXAMPLE",
                "AKIAQRSTUVWXYZEXAMPLE",
                "AKIAEXAMPLEFWR4TJ7ZQ",
                "AKIAXXXXXXXXXXXXXXXX",
            ])
            .into(),
        "doc_secret" => draw
            .text(&[
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY",
                "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                "z26+XNDLWnGqALtHOf9NtN2r17fe9EL29EXAMPLE",
            ])
            .into(),
        "placeholder" => draw
            .text(&[
                "<your-secret>",
                "<AWS_SECRET_ACCESS_KEY>",
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
                "****************************************",
                "YOUR_SECRET_KEY",
                "your-aws-secret-access-key-goes-here",
                "REPLACE_ME",
                "changeme",
                "minioadmin",
                "test",
                "AWS_SECRET_ACCESS_KEY",
                "0000000000000000000000000000000000000000",
            ])
            .into(),
        "reference" => draw
            .text(&[
                "${AWS_SECRET_ACCESS_KEY}",
                "${env:AWS_SECRET_ACCESS_KEY}",
                "{{ .Values.secret }}",
                "{{ lookup('env', 'AWS_SECRET_ACCESS_KEY') }}",
                "$(AWS_SECRET_ACCESS_KEY)",
                "%AWS_SECRET_ACCESS_KEY%",
                "!Ref SecretAccessKey",
                "vault:secret/data/aws#secret_key",
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:s3/writer-AbCdEf",
            ])
            .into(),
        "sops" => {
            let size = 30 + draw.below(40);
            format!(
                "ENC[AES256_GCM,data:{},iv:{},tag:{},type:str]",
                STANDARD.encode(draw.bytes(size)),
                STANDARD.encode(draw.array::<32>()),
                STANDARD.encode(draw.array::<16>())
            )
        }
        "sealed" => format!("AgB{}", STANDARD.encode(draw.bytes(420))),
        "vault_lines" => {
            let count = 5 + draw.below(6);
            let lines: Vec<String> = (0..count).map(|_| draw.digits(80)).collect();
            lines.join("\n          ")
        }
        "logical_id" => format!("{}{}", camel(draw, 30), draw.hex(8).to_uppercase()),
        "doc_session_token" => format!(
            "AQoDYXdzEJr{}EXAMPLETOKEN{}",
            "//////////wEa",
            URL_SAFE_NO_PAD.encode(draw.bytes(60)).replace(['-', '_'], "x")
        ),
        "pem_elided" => broken_pem(draw, "elided"),
        "pem_dots" => broken_pem(draw, "dots"),
        "pem_cut" => broken_pem(draw, "cut"),
        "pem_redacted" => broken_pem(draw, "redacted"),
        "pem_words" => broken_pem(draw, "words"),
        _ => return None,
    };
    Some(value)
}

/// Entity ids are 21 characters long and no credentials (§1.1).
fn entity_id(draw: &mut Draw, prefix: &str) -> String {
    format!("{prefix}{}", draw.word(BASE32, 17))
}

/// A word of capitals and digits with at least one character outside base32.
fn non_base32(draw: &mut Draw, length: usize) -> String {
    let mut word = draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length - 1);
    word.insert(draw.below(length - 1), char::from(*draw.pick(b"0189")));
    word
}

/// A moment as Signature Version 4 writes it.
pub(crate) fn amz_date(moment: OffsetDateTime) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}
