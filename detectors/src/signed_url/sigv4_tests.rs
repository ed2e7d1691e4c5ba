use super::*;
use crate::clock::Timestamp;
use crate::reference;
use crate::relate::Context;

const GET: &str = include_str!("examples/sigv4_get.txt");
const SECRET: &str = "q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ";
const ID: &str = "AKIAVX4KZTQ2HJWNCO5M";

fn url() -> &'static str {
    GET.trim_end().trim_end_matches('.').split(' ').next_back().unwrap()
}

fn found(text: &str) -> Vec<Candidate> {
    let mut all = reference::candidates(std::slice::from_ref(&URL), text.as_bytes());
    all.dedup();
    all
}

fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let code = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(code).collect()
}

fn leaks(text: &str, now: i64) -> Vec<(String, Leak)> {
    let detectors = crate::builtin();
    reference::scan(&detectors, text.as_bytes(), &Context::at(Timestamp(now)))
        .into_iter()
        .map(|l| (detectors[usize::from(l.detector)].id.to_string(), l))
        .collect()
}

#[test]
fn every_writing_gives_the_same() {
    let url = url();
    let signature = &url[url.len() - 64..];
    let soft = |width: usize| {
        let text = url.replace('=', "=3D");
        let lines: Vec<_> =
            text.as_bytes().chunks(width).map(|l| String::from_utf8(l.to_vec()).unwrap()).collect();
        // No break within `=3D`.
        let text = lines.join("=\r\n");
        text.replace("==\r\n3D", "=3D=\r\n").replace("=3=\r\nD", "=3D=\r\n")
    };
    let boxed = |width: usize| {
        let lines: Vec<_> =
            url.as_bytes().chunks(width).map(|l| String::from_utf8(l.to_vec()).unwrap()).collect();
        lines.join(" │\n│ ")
    };
    let mut texts = vec![
        url.to_owned(),
        url.replace('&', "&amp;"),
        url.replace('&', "&amp;amp;"),
        url.replace('&', "&#38;"),
        url.replace('&', "&#x26;"),
        url.replace('&', "\\u0026"),
        url.replace('&', "\\u0026").replace('=', "\\u003d"),
        url.replace('&', "\\x26").replace('=', "\\x3d"),
        url.replace('/', "\\/"),
        url.replace('&', "\\\\u0026"),
        url.replace('_', "\\_"),
        url.replace("%2F", "%252F"),
        url.replace("%2F", "/"),
        format!("https://proxy.acme.io/?u={}", percent(url)),
        format!("https://proxy.acme.io/?u={}", percent(&percent(url))),
        url.replace("X-Amz", "x-amz"),
    ];
    texts.extend((40..80).flat_map(|width| [soft(width), boxed(width)]));
    for text in texts {
        for (before, after) in
            [("", ""), ("see ", "."), ("\"", "\""), ("log\\n", "\\n"), ("<", "|a>"), ("(", "), ")]
        {
            let text = format!("{before}{text}{after}");
            let all = found(&text);
            assert_eq!(all.len(), 1, "{text}");
            let one = &all[0];
            let raw = &text[one.value.start as usize..one.value.end as usize];
            assert_eq!(one.decoded.as_deref().unwrap_or(raw.as_bytes()), signature.as_bytes());
            assert_eq!(one.verdict, Verdict::Proven, "{text}");
            for fact in [
                Fact::KeyId(ID.into()),
                Fact::Account(394_891_205_684),
                Fact::Region("eu-west-1".into()),
                Fact::Service("s3".into()),
                Fact::Host("acme-exports.s3.eu-west-1.amazonaws.com".into()),
                Fact::Bucket("acme-exports".into()),
                Fact::Object("daily/2025 06/users.csv.gz".into()),
                Fact::CreatedAt(Timestamp(1_749_802_150)),
                Fact::ExpiresAt(Timestamp(1_749_802_150 + 604_800)),
                Fact::Access(Access::Read),
            ] {
                let known = one.facts.iter().find(|f| f.name() == fact.name());
                assert_eq!(known, Some(&fact), "{text}");
            }
        }
    }
}

#[test]
fn it_is_dead_in_the_second_in_which_it_expires() {
    let expires = 1_749_802_150 + 604_800;
    for (now, expired) in [(expires - 1, false), (expires, true), (expires + 1, true)] {
        let all = leaks(url(), now);
        assert_eq!(all.len(), 1);
        let (id, leak) = &all[0];
        assert_eq!(id, "aws-presigned-url");
        assert!(leak.facts.iter().any(|f| *f == Fact::Expired(expired)), "{now}");
        assert_eq!(leak.severity == Severity::Info, expired);
    }
}

#[test]
fn a_url_and_the_pair_that_signed_it_prove_each_other() {
    for text in [
        format!("AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n# {}\n", url()),
        format!("{}\nkey {ID} secret {SECRET}\n", url().replace('&', "&amp;")),
        // The id stands only in the URL.
        format!("secret_access_key: {SECRET}\nurl: {}\n", url()),
    ] {
        let all = leaks(&text, 1_750_000_000);
        let ids: Vec<_> = all.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(all.len(), 2, "{ids:?} in {text}");
        for id in ["aws-access-key", "aws-presigned-url"] {
            let leak = all.iter().find(|(own, _)| own == id).map(|(_, leak)| leak);
            let leak = leak.unwrap_or_else(|| panic!("{id} in {text}"));
            assert_eq!(leak.verdict, Verdict::Proven, "{id} in {text}");
            assert!(leak.evidence.contains(&Evidence::Recomputed), "{id} in {text}");
        }
    }
    let other = format!(
        "AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={}\n{}\n",
        SECRET.replace("q7", "q8"),
        url()
    );
    for (id, leak) in leaks(&other, 1_750_000_000) {
        assert!(!leak.evidence.contains(&Evidence::Recomputed), "{id}");
    }
}

#[test]
fn a_signature_made_again_tells_the_method() {
    // Signed with PUT; without a secret nothing in it tells.
    let url = "https://acme-exports.s3.eu-west-1.amazonaws.com/q2/orders.csv?\
        X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAVX4KZTQ2HJWNCO5M%2F20250615%2F\
        eu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20250615T120000Z&X-Amz-Expires=86400&\
        X-Amz-SignedHeaders=host&X-Amz-Signature=\
        42223da2277b394826f5972beb6c45bc2c6998a4f8de210b2f00a365423cbdf0";
    let signed = |text: &str| {
        let all = leaks(text, 1_750_000_000);
        all.into_iter().find(|(id, _)| id == "aws-presigned-url").unwrap().1
    };
    let alone = signed(url);
    assert_eq!((alone.facts.access(), alone.severity), (Some(Access::Read), Severity::Medium));
    let proven = signed(&format!("secret_access_key: {SECRET}\nurl: {url}\n"));
    assert!(proven.evidence.contains(&Evidence::Recomputed));
    assert_eq!((proven.facts.access(), proven.severity), (Some(Access::Write), Severity::High));
    assert!(proven.facts.iter().any(|f| *f == Fact::Method("PUT".into())));
}

#[test]
fn a_url_proves_the_pair_of_a_seller() {
    let text =
        format!("Seller ID: A2K9PX4QW7MZ3T\naccess key {ID}\nsecret key {SECRET}\n{}\n", url());
    let all = leaks(&text, 1_750_000_000);
    let pair = all.iter().find(|(id, _)| id == "amazon-mws-key").map(|(_, leak)| leak).unwrap();
    assert_eq!(pair.verdict, Verdict::Proven);
    assert!(pair.evidence.contains(&Evidence::Recomputed));
}

#[test]
fn the_vector_of_the_documentation_holds() {
    let text = include_str!("examples/sigv4_documentation.txt");
    let claim = claim(text.as_bytes()).unwrap();
    let Scheme::V4 { date, region, service } = &claim.scheme else { panic!() };
    let secret = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let key = crate::verify::sigv4::signing_key(
        secret,
        date.as_bytes(),
        region.as_bytes(),
        service.as_bytes(),
    );
    let made = crate::verify::sigv4::hmac_sha256(&key, &claim.messages[0].text);
    assert_eq!(crate::verify::sigv4::hex(&made), *claim.signature);
}

#[test]
fn what_contradicts_itself_is_doubted_or_refused() {
    let verdict = |text: &str| found(text)[0].verdict;
    let session = include_str!("examples/sigv4_session.txt");
    assert_eq!(verdict(session), Verdict::Proven);
    assert!(found(session)[0].evidence.contains(&Evidence::AccountsAgree));
    // It dies with the session, long before the week that it asks for.
    let facts = &found(session)[0].facts;
    let created = facts.created_at().unwrap();
    assert_eq!(facts.expires_at(), Some(created.plus(36 * 3600 - 1200)));
    let start = session.find("X-Amz-Security-Token=").unwrap();
    let end = start + session[start..].find("\\u0026").unwrap() + 6;
    assert_eq!(verdict(&(session[..start].to_owned() + &session[end..])), Verdict::Doubtful);
    let id = session.find("ASIA").unwrap();
    let other = session.replace(&session[id..id + 20], "ASIAVX4KZTQ2HJWNCO5M");
    assert_eq!(verdict(&other), Verdict::Doubtful);
    assert!(found(&other)[0].evidence.contains(&Evidence::AccountsDiffer));
    for (from, to, reason) in [
        ("Expires=604800", "Expires=604801", Reason::ImpossibleTime),
        ("Date=20250613T08", "Date=20250613T28", Reason::ImpossibleTime),
        ("%2F20250613", "%2F", Reason::ImpossibleTime),
        ("%2Fs3%2F", "%2FS%203%2F", Reason::BadStructure),
        (ID, "AKIAXXXXXXXXXXXXXXXX", Reason::Placeholder),
        (ID, "%7Baccess_key%7D", Reason::Placeholder),
        (&url()[url().len() - 64..], "SIGNATURE", Reason::WrongAlphabet),
    ] {
        assert_eq!(verdict(&url().replace(from, to)), Verdict::Refuted(reason), "{to}");
    }
}

#[test]
fn what_a_url_lets_do_shows_in_its_parameters() {
    for (more, method, access) in [
        ("x-id=PutObject", Some("PUT"), Access::Write),
        ("x-id=GetObject", Some("GET"), Access::Read),
        ("x-id=DeleteObject", Some("DELETE"), Access::Write),
        ("partNumber=2&uploadId=abc", Some("PUT"), Access::Write),
        ("uploadId=abc", None, Access::Write),
        ("response-content-type=text%2Fplain", Some("GET"), Access::Read),
        ("versionId=3", Some("GET"), Access::Read),
        ("foo=bar", None, Access::Read),
    ] {
        for text in [format!("{}&{more}", url()), url().replace('?', &format!("?{more}&"))] {
            let facts = &found(&text)[0].facts;
            let named = facts.iter().find_map(|f| match f {
                Fact::Method(m) => Some(m.to_string()),
                _ => None,
            });
            assert_eq!((named.as_deref(), facts.access()), (method, Some(access)), "{text}");
        }
    }
}

#[test]
fn known_issuers_are_named() {
    for (text, issuer) in [
        (url().replace(ID, "AKIAVCODYLSA53PQK4ZA"), Some("GitHub")),
        (url().replace(ID, "cas"), Some("Hugging Face")),
        (
            url().replace("acme-exports.s3.eu-west-1", "prod-files-secure.s3.us-west-2"),
            Some("Notion"),
        ),
        (
            url().replace("acme-exports.s3.eu-west-1", "github-production-user-asset-6210df.s3"),
            Some("GitHub"),
        ),
        // Others' buckets and hosts.
        (url().replace("acme-exports", "github-production-backups"), None),
        (url().replace("acme-exports.s3.eu-west-1.amazonaws", "prod-files-secure.s3.acme"), None),
        (url().to_owned(), None),
    ] {
        let facts = &found(&text)[0].facts;
        let known = facts.iter().find_map(|f| match f {
            Fact::Issuer(i) => Some(*i),
            _ => None,
        });
        assert_eq!(known, issuer, "{text}");
    }
}

#[test]
fn urls_in_one_run_are_told_apart() {
    let (one, other) = (url(), url().replace("users.csv", "orders.csv"));
    for joint in [",", ";", "\\n", "\\r\\n", " ", "\n"] {
        let text = format!("\"{one}{joint}{other}\"");
        assert_eq!(found(&text).len(), 2, "{text}");
    }
}

#[test]
fn passwords_of_databases_are_left_to_their_detector() {
    let rds = include_str!("../aws/examples/rds_token.txt");
    assert!(found(rds).is_empty());
    assert_eq!(found(&rds.replace("rds-db", "s3")).len(), 1);
}

#[test]
fn megabytes_of_near_matches_take_no_time() {
    for unit in
        ["x-amz-date=", "x-amz-", "X-Amz-Date: ", ",https://x-amz-s=", "x-amz-s=\\n", "&x-amz-a%3D"]
    {
        let text = unit.repeat((1 << 18) / unit.len());
        let passage = crate::candidate::Passage { base: 0, bytes: text.as_bytes() };
        for at in memchr::memmem::find_iter(text.to_ascii_lowercase().as_bytes(), ANCHOR) {
            let window = Window::around(&URL, &passage, at..at + ANCHOR.len(), 0);
            let mut out = Vec::new();
            parse(&window, &mut Extraction::new(0, &mut out));
            assert!(out.is_empty());
        }
    }
}

#[test]
fn cut_and_changed_text_is_no_trouble() {
    for text in [GET, include_str!("examples/sigv4_mail.txt"), include_str!("examples/sigv4a.txt")]
    {
        for at in 0..text.len() {
            found(&String::from_utf8_lossy(&text.as_bytes()[..at]));
            if at % 3 == 0 {
                for byte in [b'%', b'\\', b'&', b'=', b'?', 0xff] {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] = byte;
                    for c in reference::candidates(std::slice::from_ref(&URL), &changed) {
                        assert!(c.span.end as usize <= changed.len());
                        let _ = claim(&changed[c.span.start as usize..c.span.end as usize]);
                    }
                }
            }
        }
    }
}
