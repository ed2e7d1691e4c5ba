//! Shared access keys of Service Bus, Event Hubs, Relay, IoT Hub and Event Grid: 32
//! bytes that sign tokens for a namespace, a queue, a device.
//!
//! Newer ones carry a signature and a checksum. Older ones are found behind their
//! names in connection strings.

use std::borrow::Cow::Borrowed;

use super::account_key::candidate;
use super::form::{Form, Judgement, SHARED_ACCESS};
use super::reading::Key;
use super::surroundings::Surroundings;
use crate::database::connection_string::literal::MAX_LEN;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;

/// The first anchor that is a name and no signature.
const NAMES: u16 = 8;

/// Characters of a key without padding.
const CHARS: usize = 43;

pub(super) static KEY: Detector = Detector {
    id: text("azure-shared-access-key"),
    title: text("Azure shared access key"),
    provider: text("Azure"),
    tags: Borrowed(&[text("azure")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("+ASb"),
        Anchor::exact("+AEh"),
        Anchor::exact("+ARm"),
        Anchor::exact("AIoT"),
        Anchor::exact("AZEG"),
        // The plus written as an escape.
        Anchor::any_case("2basb"),
        Anchor::any_case("2baeh"),
        Anchor::any_case("2barm"),
        // Names.
        Anchor::any_case("sharedaccesskey"),
        Anchor::any_case("shared_access_key"),
        Anchor::any_case("shared-access-key"),
        Anchor::any_case("servicebus_key"),
        Anchor::any_case("eventhub_key"),
        Anchor::any_case("shared.access.key"),
        // Broken before by quoted-printable.
        Anchor::any_case("sskey=3d"),
    ])),
    reach: Reach::new(MAX_LEN as u32, MAX_LEN as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Regenerate the key of its policy: `az servicebus namespace authorization-rule keys renew`, \
         `az eventhubs …`, `az relay …`, `az iot hub policy renew-key`, `az eventgrid topic key \
         regenerate`; a device's key in the hub's device registry. That also ends the tokens \
         signed with it. Then look for a policy with fewer rights.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/azure_servicebus_string.txt")),
            text(include_str!("../examples/azure_eventhubs_json.txt")),
            text(include_str!("../examples/azure_iot_string.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("../examples/azure_servicebus_regular.txt")), Reason::NotRandom),
            (
                text(include_str!("../examples/azure_servicebus_checksum.txt")),
                Reason::ChecksumFailed,
            ),
        ]),
        unmatched: Borrowed(&[
            text("SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=<key>"),
            text("class AIoTDevice"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    if window.anchor < NAMES {
        if let Some((key, form)) = Key::around(window, SHARED_ACCESS) {
            push(window, out, &key, Some(form), false);
        }
        return;
    }
    // `SharedAccessKeyName` is the policy's.
    if matches!(text.get(window.hit_end), Some(b'N' | b'n')) {
        return;
    }
    if let Some(key) = Key::assigned(text, window.hit_end, CHARS) {
        let form = SHARED_ACCESS.iter().find(|f| f.fits(key.body()));
        push(window, out, &key, form, true);
    }
}

fn push(
    window: &Window<'_>,
    out: &mut Extraction<'_>,
    key: &Key,
    form: Option<&Form>,
    named: bool,
) {
    let judgement = match form {
        Some(form) => form.judge(key.body()),
        None => {
            let verdict = match placeholder::refusal(key.body()) {
                Some(reason) => Verdict::Refuted(reason),
                None if base64::decode(key.body()).is_some() => Verdict::Supported,
                None => return,
            };
            Judgement { verdict, checksum: false }
        }
    };
    if !judgement.checksum && !key.apart {
        return;
    }
    let mut candidate = candidate(window, key, judgement);
    if named {
        candidate.evidence.push(Evidence::KeyName);
    }
    let around = Surroundings::of(window.bytes, &key.range);
    let known = around.facts();
    let mut facts = Facts::default();
    let service = form.map(|f| f.service).or_else(|| {
        let host = around.value("hostname").or_else(|| around.value("endpoint"))?;
        Some(if host.contains("azure-devices") { "Azure IoT Hub" } else { "Azure Service Bus" })
    });
    if let Some(service) = service {
        facts.add(Fact::Service(service.into()));
    }
    facts.merge(&known);
    candidate.facts = facts;
    out.push(candidate);
}
