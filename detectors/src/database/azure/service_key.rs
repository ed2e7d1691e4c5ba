//! Identifiable keys of single Azure services: API Management, Redis, AI Search,
//! Container Registry, Functions, classic Machine Learning; and the access keys of
//! App Configuration in their connection string.

use std::borrow::Cow::Borrowed;

use super::form::{Judgement, SERVICE};
use super::reading::Key;
use super::surroundings::Surroundings;
use crate::candidate::Role;
use crate::database::connection_string::literal::MAX_LEN;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;

/// The anchor of App Configuration's connection strings.
const APP_CONFIGURATION: u16 = 8;

/// How far behind the endpoint the secret stands: the id between them has some
/// twenty characters, older ones up to forty.
const ID: usize = 160;

pub(super) static KEY: Detector = Detector {
    id: text("azure-service-key"),
    title: text("Azure service key"),
    provider: text("Azure"),
    tags: Borrowed(&[text("azure")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("APIM"),
        Anchor::exact("+AMC"),
        Anchor::exact("AzCa"),
        Anchor::exact("AzSe"),
        Anchor::exact("+ACR"),
        Anchor::exact("AzFu"),
        Anchor::any_case("2bamc"),
        Anchor::any_case("2bacr"),
        Anchor::exact(".azconfig.io"),
    ])),
    reach: Reach::new(MAX_LEN as u32, MAX_LEN as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Regenerate it where the service lists its keys: `az redis regenerate-keys`, `az search \
         admin-key renew`, `az acr credential renew`, `az functionapp keys set`, `az appconfig \
         credential regenerate`, or Keys in the portal; move clients to the second key first.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/azure_search_key.txt")),
            text(include_str!("../examples/azure_registry_key.txt")),
            text(include_str!("../examples/azure_functions_url.txt")),
            text(include_str!("../examples/azure_app_configuration.txt")),
        ]),
        refuted: Borrowed(&[(
            text(include_str!("../examples/azure_search_regular.txt")),
            Reason::NotRandom,
        )]),
        unmatched: Borrowed(&[
            text("the APIM gateway"),
            text("Endpoint=https://x.azconfig.io;Id=<id>;Secret=<secret>"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if window.anchor == APP_CONFIGURATION {
        return app_configuration(window, out);
    }
    let Some((key, form)) = Key::around(window, SERVICE) else { return };
    let judgement = form.judge(key.body());
    if judgement.checksum || key.apart {
        push(window, out, &key, judgement, form.service);
    }
}

/// `Endpoint=https://name.azconfig.io;Id=…;Secret=…`: 32 bytes, or the 84
/// characters of a common annotated key, which another detector reads.
fn app_configuration(window: &Window<'_>, out: &mut Extraction<'_>) {
    let after = window.after();
    let after = &after[..after.len().min(ID)];
    let Some(name) = memchr::memmem::find(after, b"Secret") else { return };
    let end = window.hit_end + name + "Secret".len();
    let Some(key) = Key::assigned(window.bytes, end, 43) else { return };
    if base64::decode(key.body()).is_none() {
        return;
    }
    let verdict = match placeholder::refusal(key.body()) {
        Some(reason) => Verdict::Refuted(reason),
        None => Verdict::Supported,
    };
    push(window, out, &key, Judgement { verdict, checksum: false }, "Azure App Configuration");
}

fn push(
    window: &Window<'_>,
    out: &mut Extraction<'_>,
    key: &Key,
    judgement: Judgement,
    service: &'static str,
) {
    let mut candidate = super::account_key::candidate(window, key, judgement);
    candidate.role = Role::Whole;
    if !judgement.checksum {
        candidate.evidence.push(Evidence::Prefix);
    }
    let mut facts = Facts::default();
    facts.add(Fact::Service(service.into()));
    facts.merge(&Surroundings::of(window.bytes, &key.range).facts());
    candidate.facts = facts;
    out.push(candidate);
}
