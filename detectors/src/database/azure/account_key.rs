//! Account keys of Azure Storage, Cosmos DB and Batch: 64 bytes that open all of an
//! account and sign shared access to parts of it.
//!
//! Newer ones carry a signature and a checksum and are found anywhere. Older ones
//! are 64 random bytes and are found behind the names that connection strings and
//! settings give them.

use std::borrow::Cow::Borrowed;

use super::form::{ACCOUNT, Form, Judgement};
use super::reading::Key;
use super::surroundings::Surroundings;
use crate::candidate::{Candidate, Role};
use crate::database::connection_string::literal::MAX_LEN;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Fact, Facts};
use crate::grade::Severity;
use crate::placeholder;

/// The first anchor that is a name and no signature.
const NAMES: u16 = 5;

/// Characters of a key without padding.
const CHARS: usize = 86;

/// Keys that emulators are opened with (Azurite and Cosmos DB emulator
/// documentation): their first characters.
const EMULATORS: &[&[u8]] = &[b"Eby8vdM02xNOcqFlqUwJ", b"C2y6yDjf5/R+ob0N8A7C"];

pub(super) static KEY: Detector = Detector {
    id: text("azure-account-key"),
    title: text("Azure Storage, Cosmos DB or Batch account key"),
    provider: text("Azure"),
    tags: Borrowed(&[text("azure"), text("database")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("+ASt"),
        Anchor::exact("ACDb"),
        Anchor::exact("+ABa"),
        // The plus written as an escape.
        Anchor::any_case("2bast"),
        Anchor::any_case("2baba"),
        // Names; as many as it takes for keys without a signature.
        Anchor::any_case("accountkey"),
        Anchor::any_case("account_key"),
        Anchor::any_case("account-key"),
        Anchor::any_case("storage_key"),
        Anchor::any_case("storagekey"),
        Anchor::any_case("storage_access_key"),
        Anchor::any_case("cosmos_key"),
        Anchor::any_case("cosmosdb_key"),
        Anchor::any_case("cosmoskey"),
        Anchor::any_case("primarymasterkey"),
        Anchor::any_case("primary_master_key"),
        Anchor::any_case("primary_access_key"),
        Anchor::any_case("batch_key"),
        Anchor::any_case("storage-key"),
        Anchor::any_case("storage.key"),
        Anchor::any_case("account.key"),
        Anchor::any_case("cosmos-key"),
        Anchor::any_case("cosmos.key"),
        // Broken before by quoted-printable.
        Anchor::any_case("ntkey=3d"),
    ])),
    reach: Reach::new(MAX_LEN as u32, MAX_LEN as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Critical,
    remedy: text(
        "Rotate it: `az storage account keys renew --account-name NAME --key primary`, `az \
         cosmosdb keys regenerate --name NAME --key-kind primary`, or Keys in the portal; move \
         clients to the other key first. Rotating also ends every shared access signature made \
         with it. Then turn shared keys off and use Entra identities.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/azure_storage_key.txt")),
            text(include_str!("../examples/azure_storage_string.txt")),
            text(include_str!("../examples/azure_storage_legacy.txt")),
            text(include_str!("../examples/azure_cosmos_string.txt")),
        ]),
        refuted: Borrowed(&[
            (text(include_str!("../examples/azurite.txt")), Reason::PublicTestKey),
            (text(include_str!("../examples/azure_cosmos_emulator.txt")), Reason::PublicTestKey),
            (text(include_str!("../examples/azure_storage_regular.txt")), Reason::NotRandom),
            (text(include_str!("../examples/azure_storage_checksum.txt")), Reason::ChecksumFailed),
        ]),
        unmatched: Borrowed(&[
            text("AccountKey=<your account key>;EndpointSuffix=core.windows.net"),
            text("1+ASt"),
            text("AccountName=x;AccountKey=;"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    if window.anchor < NAMES {
        if let Some((key, form)) = Key::around(window, ACCOUNT) {
            push(window, out, &key, Some(form), false);
        }
        return;
    }
    if let Some(key) = Key::assigned(text, window.hit_end, CHARS) {
        let form = ACCOUNT.iter().find(|f| f.fits(key.body()));
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
    let emulator = EMULATORS.iter().any(|e| key.value.starts_with(e));
    let judgement = match form {
        _ if emulator => {
            Judgement { verdict: Verdict::Refuted(Reason::PublicTestKey), checksum: false }
        }
        Some(form) => form.judge(key.body()),
        None => {
            let sound = base64::decode(key.body()).is_some();
            let refusal = placeholder::refusal(key.body());
            let verdict = match refusal {
                Some(reason) => Verdict::Refuted(reason),
                None if sound => Verdict::Supported,
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
    let mut facts = Facts::default();
    let service = match form {
        Some(form) => Some(form.service),
        None if around.value("accountendpoint").is_some() => Some("Azure Cosmos DB"),
        None if around.value("accountname").is_some() => Some("Azure Storage"),
        None => None,
    };
    if let Some(service) = service {
        facts.add(Fact::Service(service.into()));
    }
    facts.merge(&around.facts());
    candidate.facts = facts;
    out.push(candidate);
}

/// A candidate with the key as its value.
pub(super) fn candidate(window: &Window<'_>, key: &Key, judgement: Judgement) -> Candidate {
    let mut candidate = Candidate::new(Role::AccountKey, window.range(key.range.clone()));
    candidate.decoded = key.decoded(window.bytes);
    candidate.verdict = judgement.verdict;
    if judgement.checksum {
        candidate.evidence.push(Evidence::Checksum);
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn the_string_around_it_tells_the_account() {
        for (text, facts) in [
            (
                &KEY.examples.reported[1],
                vec![
                    Fact::Service("Azure Storage".into()),
                    Fact::Resource("ordersprod".into()),
                    Fact::Host("ordersprod.blob.core.windows.net".into()),
                    Fact::Environment(crate::fact::Environment::Production),
                ],
            ),
            (
                &KEY.examples.reported[3],
                vec![
                    Fact::Service("Azure Cosmos DB".into()),
                    Fact::Host("catalog-eu.documents.azure.com".into()),
                ],
            ),
        ] {
            let found = reference::candidates(std::slice::from_ref(&KEY), text.as_bytes());
            for fact in facts {
                let known = found.iter().any(|c| c.facts.iter().any(|f| *f == fact));
                assert!(known || matches!(fact, Fact::Environment(_)), "{fact:?} {found:?}");
            }
            assert!(found.iter().all(|c| c.value == found[0].value));
        }
    }
}
