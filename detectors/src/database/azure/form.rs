//! The forms of identifiable keys: which signature stands where, and which seeds
//! the checksum behind it may have.

use crate::encoding::base64;
use crate::evidence::{Reason, Verdict};
use crate::placeholder;
use crate::verify::marvin32;

/// The form of one kind of key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Four characters that say what it is.
    pub(super) signature: &'static [u8; 4],
    /// How many characters stand before the signature.
    pub(super) offset: usize,
    /// Characters in all, without padding.
    pub(super) chars: usize,
    /// Labels of the seeds that the service uses.
    labels: &'static [&'static [u8; 8]],
    /// Whether these are all, so that a checksum under none of them refutes.
    certain: bool,
    /// The service.
    pub(super) service: &'static str,
}

/// Keys of 64 bytes that open an account.
pub(super) const ACCOUNT: &[Form] = &[
    Form {
        signature: b"+ASt",
        offset: 76,
        chars: 86,
        labels: &[b"Default0"],
        certain: true,
        service: "Azure Storage",
    },
    Form {
        signature: b"ACDb",
        offset: 76,
        chars: 86,
        labels: &[
            b"MastRW00",
            b"MastRO00",
            b"SysAll00",
            b"Resour00",
            b"SystRO00",
            b"SystRW00",
            b"Encryp00",
        ],
        certain: true,
        service: "Azure Cosmos DB",
    },
    Form {
        signature: b"+ABa",
        offset: 76,
        chars: 86,
        labels: &[b"AbAcct00"],
        certain: true,
        service: "Azure Batch",
    },
];

const MESSAGING: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"];
const IOT: &[&[u8; 8]] = &[b"IoTHub00", b"DpsKey00", b"Device00"];

/// Keys of 32 bytes that sign shared access tokens.
pub(super) const SHARED_ACCESS: &[Form] = &[
    Form {
        signature: b"+ASb",
        offset: 33,
        chars: 43,
        labels: MESSAGING,
        certain: true,
        service: "Azure Service Bus",
    },
    Form {
        signature: b"+AEh",
        offset: 33,
        chars: 43,
        labels: MESSAGING,
        certain: true,
        service: "Azure Event Hubs",
    },
    Form {
        signature: b"+ARm",
        offset: 33,
        chars: 43,
        labels: MESSAGING,
        certain: true,
        service: "Azure Relay",
    },
    Form {
        signature: b"AIoT",
        offset: 33,
        chars: 43,
        labels: IOT,
        certain: true,
        service: "Azure IoT Hub",
    },
    Form {
        signature: b"AZEG",
        offset: 33,
        chars: 43,
        labels: &[b"Default0"],
        certain: true,
        service: "Azure Event Grid",
    },
];

/// The form of a Redis key, of which a variant fails its checksum.
const REDIS: &[u8; 4] = b"AzCa";

/// Keys of single services.
pub(super) const SERVICE: &[Form] = &[
    Form {
        signature: b"APIM",
        offset: 76,
        chars: 86,
        labels: &[b"Tenant00", b"Gatewy00", b"GitKey00", b"IoTHub00"],
        certain: false,
        service: "Azure API Management",
    },
    Form {
        signature: b"+AMC",
        offset: 76,
        chars: 86,
        labels: &[b"Classic0"],
        certain: false,
        service: "Azure Machine Learning (classic)",
    },
    Form {
        signature: REDIS,
        offset: 33,
        chars: 43,
        labels: &[b"Access00"],
        certain: false,
        service: "Azure Cache for Redis",
    },
    Form {
        signature: b"AzSe",
        offset: 42,
        chars: 52,
        labels: &[b"Query000", b"PAdmin00"],
        certain: false,
        service: "Azure AI Search",
    },
    Form {
        signature: b"+ACR",
        offset: 42,
        chars: 52,
        labels: &[b"ACRDflt0"],
        certain: true,
        service: "Azure Container Registry",
    },
    Form {
        signature: b"AzFu",
        offset: 44,
        chars: 54,
        labels: &[b"Functi00", b"Master00", b"System00"],
        certain: false,
        service: "Azure Functions",
    },
];

/// What a key of a form says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    /// How sure it is.
    pub(super) verdict: Verdict,
    /// Whether the checksum fits.
    pub(super) checksum: bool,
}

impl Form {
    /// Whether a key without its padding has the form's length and signature.
    pub(super) fn fits(&self, key: &[u8]) -> bool {
        key.len() == self.chars && key[self.offset..].starts_with(self.signature)
    }

    /// Judges a key of the form, without its padding.
    pub(super) fn judge(&self, key: &[u8]) -> Judgement {
        let Some(bytes) = base64::decode(key) else {
            return Judgement { verdict: Verdict::Refuted(Reason::BadStructure), checksum: false };
        };
        let checksum = marvin32::ends_with_checksum(&bytes, self.labels);
        let verdict = match placeholder::refusal(&key[..self.offset]) {
            Some(reason) => Verdict::Refuted(reason),
            None if checksum => Verdict::Proven,
            None if self.certain => Verdict::Refuted(Reason::ChecksumFailed),
            // A variant has letters put in for `+` and `/` after the checksum was made.
            None if self.signature == REDIS && !key.iter().any(|b| b"+/".contains(b)) => {
                Verdict::Supported
            }
            None => Verdict::Doubtful,
        };
        Judgement { verdict, checksum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_keys_are_of_their_form_and_too_regular() {
        let (long, short) = ("a".repeat(76), "a".repeat(33));
        for key in [
            format!("{short}+ASbHpHeAI"),
            format!("{long}+ASt5mnCaw"),
            format!("{long}+ABa13FZVQ"),
            format!("{long}APIMHbKhsQ"),
            format!("{short}AIoTOumzco"),
            format!("{}AZEGLiQbng", "b".repeat(33)),
            format!("{}AzSeCjhzCu", "a".repeat(42)),
            format!("{}+ACRCUDxQE", "d".repeat(42)),
            format!("{}AzFu182vhA", "d".repeat(44)),
        ] {
            let forms = [ACCOUNT, SHARED_ACCESS, SERVICE].concat();
            let form = forms.iter().find(|f| f.fits(key.as_bytes())).unwrap();
            let verdict = Verdict::Refuted(Reason::NotRandom);
            assert_eq!(form.judge(key.as_bytes()), Judgement { verdict, checksum: true }, "{key}");
        }
    }
}
