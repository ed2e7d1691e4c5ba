//! Common annotated keys: the form of Azure's newer keys, which says by whom and in
//! which month it was made.
//!
//! 52 random characters, `JQQJ9`, a kind, year and month as letters, twelve
//! characters of the platform and four of the provider, the provider's signature,
//! a checksum; letters and digits only, 84 of them, or 88 with the padding.

use std::borrow::Cow::Borrowed;

use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;
use crate::verify::marvin32;

/// Characters before the mark.
const OFFSET: usize = 52;
/// Characters in all, in the short form.
const SHORT: usize = 84;
/// Characters of the long form, without padding.
const LONG: usize = 86;
/// Where the year stands.
const YEAR: usize = 58;
/// Where the provider's signature stands.
const PROVIDER: usize = 76;

pub(super) static KEY: Detector = Detector {
    id: text("azure-annotated-key"),
    title: text("Azure common annotated key"),
    provider: text("Azure"),
    tags: Borrowed(&[text("azure")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("JQQJ9")])),
    reach: Reach::new(64, 40),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Regenerate the key where its service lists its keys (Azure portal, Keys and Endpoint; `az \
         cognitiveservices account keys regenerate`; a DevOps token under User settings, Personal \
         access tokens, Revoke), then look at the service's log for calls that are not yours.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/azure_openai_key.txt")),
            text(include_str!("../examples/azure_devops_token.txt")),
        ]),
        refuted: Borrowed(&[(
            text(
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJQQJ99BAAAAAAAAAAAAAAAAA\
                 AZDO4IOp",
            ),
            Reason::NotRandom,
        )]),
        unmatched: Borrowed(&[text("JQQJ99BAAAAA"), text("key: …JQQJ99…AZDO")]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let Some(start) = window.hit_start.checked_sub(OFFSET) else { return };
    if !text[start..window.hit_start].iter().rev().all(u8::is_ascii_alphanumeric) {
        return;
    }
    let len = text[start..].iter().take(LONG + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
    if len < SHORT {
        return;
    }
    // The long form ends with two more characters and the padding.
    let long = len == LONG && matches!(text.get(start + LONG), Some(b'=' | b'%' | b'\\' | b'&'));
    let key = &text[start..start + SHORT];
    let Some(body) = base64::decode(&key[..80]) else { return };
    let Ok(body) = <&[u8; 60]>::try_from(body.as_slice()) else { return };
    let checksum = marvin32::annotated_tails(body).iter().any(|tail| key[80..] == *tail);
    let joined = text[..start].last().is_some_and(u8::is_ascii_alphanumeric)
        && !ends_with_escape(&text[..start]);
    let Some(created) = month(key[YEAR], key[YEAR + 1]) else { return };
    if !checksum && (joined || len != SHORT && !long) {
        return;
    }
    let end = start + if long { LONG } else { SHORT };
    let padding = text[end..].iter().take(2).take_while(|b| **b == b'=').count();
    let end = if long { end + padding } else { end };
    let mut candidate = Candidate::new(Role::Whole, window.range(start..end));
    candidate.verdict = match placeholder::refusal(&key[..OFFSET]) {
        Some(reason) => Verdict::Refuted(reason),
        None if checksum => Verdict::Proven,
        // Issues whose checksum was written otherwise are not known to be none.
        None => Verdict::Doubtful,
    };
    candidate.evidence.push(if checksum { Evidence::Checksum } else { Evidence::Prefix });
    if let Some(service) = provider(&key[PROVIDER..PROVIDER + 4]) {
        candidate.facts.add(Fact::Service(service.into()));
    }
    candidate.facts.add(Fact::CreatedAt(created));
    match key[57] {
        b'D' => candidate.facts.add(Fact::Variant("derived key")),
        b'H' => candidate.facts.add(Fact::Variant("key hash")),
        _ => {}
    }
    out.push(candidate);
}

/// The first second of the month that two letters name: `A` is 2024, and January.
fn month(year: u8, month: u8) -> Option<Timestamp> {
    if !year.is_ascii_uppercase() || !(b'A'..=b'L').contains(&month) {
        return None;
    }
    let (year, month) = (2024 + u32::from(year - b'A'), u32::from(month - b'A') + 1);
    Timestamp::parse_basic(&format!("{year:04}{month:02}01T000000Z"))
}

/// The service that a provider's signature names.
fn provider(signature: &[u8]) -> Option<&'static str> {
    Some(match signature {
        b"ACOG" => "Azure AI services",
        b"AZDO" => "Azure DevOps",
        b"AZAC" => "Azure App Configuration",
        b"AZEG" => "Azure Event Grid",
        b"AZMP" => "Azure Maps",
        b"AZCS" => "Azure Communication Services",
        b"AZMR" => "Azure Mixed Reality",
        b"AZFR" => "Azure Fluid Relay",
        b"msql" => "Azure SQL",
        _ => return None,
    })
}
