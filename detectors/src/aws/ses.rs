//! Amazon SES SMTP passwords.
//!
//! A password is the base64 of a version byte and an HMAC made from a secret
//! access key, 44 characters without padding; the user name is the access key
//! id. Nothing but the version byte marks it, so it counts only near a name, a
//! host or a key id that speaks of it. If the secret itself is near, the
//! password is computed again, which proves both and gives the region.
//!
//! Sources: SES Developer Guide, "Obtaining Amazon SES SMTP credentials"; the
//! second version: "Obtaining SES SMTP credentials" before 2019.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::endpoint;
use super::region::REGIONS;
use super::run::{self, Form, Run};
use crate::assignment::{self, is_name};
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder::{self, contains_ignore_case};
use crate::relate::{Leak, Neighbours, gap};
use crate::verify::sigv4::{self, SesPasswords};
use crate::verify::words::word_bits;

/// How far a password may stand behind its anchor: a mail configuration's few
/// lines.
const AFTER: u32 = 512;
/// How far before a host.
const BEFORE: u32 = 256;
/// The most line ends between a key id and its password.
const LINES: usize = 3;
/// The most bytes between a password and the key id that is its user name.
const USER_NEAR: u64 = 512;
/// How many secrets are tried.
const SECRETS: usize = 8;
/// Index of the anchor that is a key id.
const KEY_ID: u16 = 3;

pub(super) static PASSWORD: Detector = Detector {
    id: text("aws-ses-smtp-password"),
    title: text("Amazon SES SMTP password"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("mail")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("smtp"),
        Anchor::any_case("ses_pass"),
        Anchor::any_case("sespass"),
        Anchor::exact("AKIA"),
    ])),
    reach: Reach::new(BEFORE, AFTER),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::High,
    remedy: text(
        "Deactivate the access key that is its user name (`aws iam update-access-key \
         --access-key-id KEY --status Inactive --user-name USER`), make new SMTP credentials in \
         the SES console (SMTP settings), then delete the old key. Look at the account's sending \
         statistics for mail that is not yours.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "EMAIL_HOST=email-smtp.us-east-1.amazonaws.com\nEMAIL_PORT=587\n\
                 EMAIL_HOST_USER=AKIAV3T4JR3YLDABZIHR\n\
                 EMAIL_HOST_PASSWORD=BL+SZ/Bw1LRwl4YzkAeGfPe/uHdl8CY83PEiDJ+4vd7P\n",
            ),
            text(
                "IAM user name,SMTP user name,SMTP password\r\n\
                 ses-smtp-user.20250101,AKIA2UZLO4HO6KZYUSOK,\
                 BNFBSRk5w4WdVNtp/cckBKwEqn0vmbxIL54aGunOEP2f\r\n",
            ),
            text(
                "smtp://AKIAUFNBFD6XARQ5SRIN:BEEel5zjApQDFX%2Fd0RGbK%2Br%2FRorbsEIBrfPxYeu%2F8Cr2@\
                  email-smtp.us-east-1.amazonaws.com:587",
            ),
            text(
                "    \"ses_smtp_password_v4\": \"BETuUjrxldQbLfTwUlRVnAtgLPqB8e+AR7v2Crxbhcfa\",\n",
            ),
            text(
                "variable \"ses_smtp_password\" {\n  type    = string\n  \
                 default = \"BPAu6kyzZ/XwKD9rHB4nN8c+H/GOShfViIE1tLp2rQed\"\n}\n",
            ),
            text("SES_PASSWORD: AlgKxR+fFdzm2IVca/YFoYWApUWkZUQLj39vMWGHWMzH\n"),
        ]),
        refuted: Borrowed(&[
            (
                text("SMTP_PASSWORD=BAxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
                Reason::Placeholder,
            ),
            (text("SMTP_PASSWORD=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"), Reason::NotRandom),
            (text("smtp_password BLankCustomerConfirmationTemplateRenderClass"), Reason::Words),
        ]),
        unmatched: Borrowed(&[
            text("smtp_hash: sha256-BNFBSRk5w4WdVNtp/cckBKwEqn0vmbxIL54aGunOEP0="),
            text("smtp: BNFBSRk5w4WdVNtp/cckBKwEqn0vmbxIL54aGunOEP2fAAAA"),
            text("SMTP_PASSWORD=CNFBSRk5w4WdVNtp/cckBKwEqn0vmbxIL54aGunOEP2f"),
            text("password=BNFBSRk5w4WdVNtp/cckBKwEqn0vmbxIL54aGunOEP2f"),
        ]),
    },
};

/// 33 bytes whose first is 4 (`B[A-P]`) or 2 (`A[g-v]`).
const FORM: Form = Form {
    chars: 44,
    padding: 0,
    head: |first, second| matches!((first, second), (b'B', b'A'..=b'P') | (b'A', b'g'..=b'v')),
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let after = window.hit_end..text.len();
    let found = if window.anchor == KEY_ID {
        if key_id(text, window.hit_start).is_none() {
            return;
        }
        let lines = memchr::memchr_iter(b'\n', &text[after.clone()]).nth(LINES);
        let end = lines.map_or(text.len(), |i| after.start + i);
        // What stands beyond another id is read from there.
        let next = memchr::memmem::find_iter(&text[after.start..end], b"AKIA")
            .map(|i| after.start + i)
            .find(|at| key_id(text, *at).is_some());
        search(text, after.start..next.unwrap_or(end))
    } else {
        let host = text[..window.hit_start].ends_with(b"email-");
        search(text, after).or_else(|| host.then(|| search(text, 0..window.hit_start)).flatten())
    };
    if let Some(found) = found
        && !is_cut(window, &found.range)
    {
        out.push(candidate(window, found));
    }
}

/// Whether a run touches an edge of the window behind which the text may go on.
fn is_cut(window: &Window<'_>, run: &Range<usize>) -> bool {
    (run.start == 0 && window.hit_start == BEFORE as usize)
        || (run.end == window.bytes.len() && window.after().len() == AFTER as usize)
}

/// The first run in `places` that may be a password. Logs of mail servers say
/// `smtp` in every line, so what cannot be is refused at the speed of `memchr`.
fn search(text: &[u8], places: Range<usize>) -> Option<Run> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"+/%\\&#;".contains(b);
    let possible = memchr::memchr2_iter(b'A', b'B', &text[places.clone()]).any(|i| {
        text[places.start + i..]
            .get(..FORM.chars)
            .is_some_and(|run| (FORM.head)(run[0], run[1]) && run.iter().all(is_part))
    });
    possible.then(|| run::find(text, places, FORM)).flatten()
}

/// The access key id at `at`, if there is one.
fn key_id(text: &[u8], at: usize) -> Option<Range<usize>> {
    let id = text.get(at..at + 20)?;
    let fits = id.starts_with(b"AKIA")
        && id[4..].iter().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'))
        && !text.get(at + 20).is_some_and(u8::is_ascii_alphanumeric)
        && !at.checked_sub(1).is_some_and(|i| text[i].is_ascii_alphanumeric());
    fits.then_some(at..at + 20)
}

fn candidate(window: &Window<'_>, run: Run) -> Candidate {
    let text = window.bytes;
    let mut facts = Facts::default();
    let mut evidence = vec![Evidence::Prefix];
    let name = name_before(text, run.range.start);
    let named = contains_ignore_case(&text[name.clone()], b"smtp") || speaks_of_ses(&text[name]);
    let announced = window.anchor != KEY_ID
        && contains_ignore_case(&text[assignment::name_around(text, window.hit())], b"pass");
    let named = named || announced;
    if named {
        evidence.push(Evidence::KeyName);
    }
    let host = endpoint::nearest(text, "email-smtp.", &run.range);
    if let Some(host) = host {
        evidence.push(Evidence::NamedService);
        facts.add(host.region_fact());
    }
    let user = memchr::memmem::find_iter(text, b"AKIA").any(|at| key_id(text, at).is_some());

    let mut candidate = Candidate::new(Role::Password, window.range(run.range.clone()));
    candidate.decoded = run.decoded(text);
    candidate.stands_alone = named || host.is_some() || user;
    candidate.verdict = match refusal(&run.value) {
        Some(reason) => Verdict::Refuted(reason),
        None if host.is_some() || user || named => Verdict::Supported,
        None => Verdict::Neutral,
    };
    facts.add(Fact::Variant(if run.value[0] == b'B' { "v4" } else { "v2" }));
    candidate.evidence = evidence;
    candidate.facts = facts;
    candidate
}

/// The name right before a value, with nothing but punctuation between.
fn name_before(text: &[u8], value: usize) -> Range<usize> {
    let gap = text[..value].iter().rev().take(16).take_while(|b| !is_name(**b)).count();
    let end = value - gap;
    let len = text[..end].iter().rev().take(64).take_while(|b| is_name(**b)).count();
    end - len..end
}

/// Whether a name has `ses` as a word of its own: `SES_PASSWORD`, `aws.ses.pass`,
/// `sesPassword`.
fn speaks_of_ses(name: &[u8]) -> bool {
    name.windows(3).enumerate().any(|(i, three)| {
        let rest = &name[i + 3..];
        let ends = rest.first().is_none_or(|next| {
            !next.is_ascii_alphabetic()
                || (next.is_ascii_uppercase() && three[2].is_ascii_lowercase())
                || rest.starts_with(b"pass")
        });
        three.eq_ignore_ascii_case(b"ses")
            && ends
            && !i.checked_sub(1).is_some_and(|b| name[b].is_ascii_alphanumeric())
    })
}

/// Bits from which a value is words: of 200,000 random ones none.
const WORDS: f64 = 12.0;

fn refusal(value: &[u8]) -> Option<Reason> {
    placeholder::refusal(value).or((word_bits(value) > WORDS).then_some(Reason::Words))
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    recompute(leak, neighbours);
    let user = neighbours.nearest(Role::KeyId, &leak.value);
    let Some(user) = user.first().filter(|u| gap(&u.value, &leak.value) <= USER_NEAR) else {
        return;
    };
    leak.attach(Part {
        role: Role::KeyId,
        range: user.value.clone(),
        decoded: user.decoded.clone(),
    });
    let id = String::from_utf8_lossy(&user.value_in(&neighbours.passage)).into();
    leak.facts.add(Fact::KeyId(id));
    leak.facts.merge(&user.facts);
    leak.note(Evidence::Paired);
}

/// Makes the passwords of the secrets nearby and compares.
fn recompute(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    let Some(password) = base64::decode(leak.value_in(&neighbours.passage)) else { return };
    for secret in neighbours.nearest(Role::SecretKey, &leak.value).into_iter().take(SECRETS) {
        let secret = secret.value_in(&neighbours.passage);
        if password.first() == Some(&sigv4::SES_V2) {
            if !neighbours.budget.take(1) {
                return;
            }
            if sigv4::ses_password_v2(&secret)[..] == *password {
                return prove(leak, None);
            }
            continue;
        }
        if !neighbours.budget.take(REGIONS.len() as u32) {
            return;
        }
        let passwords = SesPasswords::of(&secret);
        if let Some(region) = REGIONS.iter().find(|r| passwords.in_region(r)[..] == *password) {
            return prove(leak, Some(region));
        }
    }
}

fn prove(leak: &mut Leak, region: Option<&str>) {
    leak.verdict = Verdict::Proven;
    leak.note(Evidence::Recomputed);
    if let Some(region) = region {
        leak.facts.add(Fact::Region(region.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Passage;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::{Budget, Context, cluster};

    /// The leaks in a text whose secret and key id another detector found.
    fn leaks(text: &str, secret: &str, id: &str, budget: &Budget) -> Vec<Leak> {
        let detectors = [PASSWORD.clone()];
        let mut candidates = reference::candidates(&detectors, text.as_bytes());
        for (role, value) in [(Role::SecretKey, secret), (Role::KeyId, id)] {
            let at = text.find(value).unwrap() as u64;
            let mut found = Candidate::new(role, at..at + value.len() as u64);
            found.stands_alone = false;
            candidates.push(found);
        }
        cluster::order(&mut candidates);
        let passage = Passage { base: 0, bytes: text.as_bytes() };
        let context = Context::at(Timestamp(1_750_000_000));
        crate::relate::relate(&detectors, candidates, passage, &context, budget)
    }

    const ID: &str = "AKIAV3T4JR3YKYJVZYHT";
    const SECRET: &str = "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";

    #[test]
    fn passwords_are_recomputed_from_a_secret_nearby() {
        for (password, region) in [
            ("BNi/fzeFLWDSNkIQTN6skB2GsMbqMG6SZCvdt6V/dnrr", Some("eu-west-1")),
            ("AngTG1IAoQPzOml+Q9RwFCtUMqxHftoNjT0b6SpFNxcy", None),
        ] {
            let text = format!(
                "{{\"id\": \"{ID}\", \"secret\": \"{SECRET}\",\n\"ses_smtp_password_v4\": \"{password}\"}}"
            );
            let found = leaks(&text, SECRET, ID, &Budget::default());
            assert_eq!(found.len(), 1, "{found:#?}");
            assert_eq!(found[0].verdict, Verdict::Proven);
            assert!(found[0].evidence.contains(&Evidence::Recomputed));
            assert_eq!(found[0].facts.region(), region);
            assert_eq!(found[0].parts.len(), 2);
            assert!(found[0].facts.iter().any(|f| *f == Fact::KeyId(ID.into())));
        }
    }

    #[test]
    fn another_secret_proves_nothing_and_costs_a_bounded_number_of_proofs() {
        let password = "BNi/fzeFLWDSNkIQTN6skB2GsMbqMG6SZCvdt6V/dnrr";
        let text = format!("{ID} {}\nsmtp_password={password}", SECRET.replace("rYt", "rYu"));
        let budget = Budget::default();
        let found = leaks(&text, &SECRET.replace("rYt", "rYu"), ID, &budget);
        assert_eq!(found[0].verdict, Verdict::Supported);
        let spent = REGIONS.len() as u32;
        assert!(budget.take(crate::relate::PROOFS_PER_OBJECT - spent) && !budget.take(1));
    }

    #[test]
    fn names_speak_of_ses() {
        for name in ["SES_PASSWORD", "aws.ses.password", "sesPassword", "sespass", "ses"] {
            assert!(speaks_of_ses(name.as_bytes()), "{name}");
        }
        for name in ["sessionPassword", "processes", "SESSION", "password"] {
            assert!(!speaks_of_ses(name.as_bytes()), "{name}");
        }
    }
}
