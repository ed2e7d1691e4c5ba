//! The signatures of Azure's shared access signatures.
//!
//! Sources: Microsoft Learn, "Create an account SAS" and "Create a service SAS"
//! (Azure Storage REST), "Service Bus access control with Shared Access
//! Signatures", "Control access to IoT Hub with shared access signatures". Only
//! versions from 2015-04-05 on are rebuilt, whose strings are documented field by
//! field; a signature by a user delegation key needs a key that nobody writes
//! down.

use super::sigv4::hmac_sha256;
use crate::encoding::base64;

/// The first version that is rebuilt.
pub const FIRST_VERSION: &str = "2015-04-05";

/// The services of a storage account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Blobs, and the file system over them.
    Blob,
    /// File shares.
    File,
    /// Queues.
    Queue,
    /// Tables.
    Table,
}

impl Service {
    /// The name at the start of a canonical resource.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::File => "file",
            Self::Queue => "queue",
            Self::Table => "table",
        }
    }
}

/// Gives the values of a query's parameters, decoded; nothing where one is missing.
pub type Lookup<'a> = &'a dyn Fn(&str) -> String;

/// The text that an account SAS signs. `None` for versions that are not known.
pub fn account_text(account: &str, get: Lookup<'_>) -> Option<String> {
    let version = get("sv");
    if version.as_str() < FIRST_VERSION {
        return None;
    }
    let mut text = format!("{account}\n");
    for name in ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"] {
        text += &get(name);
        text.push('\n');
    }
    // Encryption scopes came with this version.
    if version.as_str() >= "2020-12-06" {
        text += &get("ses");
        text.push('\n');
    }
    Some(text)
}

/// The text that a service SAS signs. `resource` is the path behind the account,
/// such as `/container/blob`, decoded. `None` for versions that are not known.
pub fn service_text(
    service: Service,
    account: &str,
    resource: &str,
    get: Lookup<'_>,
) -> Option<String> {
    let version = get("sv");
    if version.as_str() < FIRST_VERSION {
        return None;
    }
    let mut fields = vec![get("sp"), get("st"), get("se")];
    fields.push(format!("/{}/{account}{resource}", service.name()));
    fields.extend(["si", "sip", "spr", "sv"].map(get));
    match service {
        Service::Blob => {
            if version.as_str() >= "2018-11-09" {
                fields.push(get("sr"));
                // The snapshot or version that `sr=bs` and `sr=bv` are about.
                fields.push(match get("sr").as_str() {
                    "bs" => get("snapshot"),
                    "bv" => get("versionid"),
                    _ => String::new(),
                });
            }
            if version.as_str() >= "2020-12-06" {
                fields.push(get("ses"));
            }
            fields.extend(["rscc", "rscd", "rsce", "rscl", "rsct"].map(get));
        }
        Service::File => fields.extend(["rscc", "rscd", "rsce", "rscl", "rsct"].map(get)),
        Service::Queue => {}
        Service::Table => fields.extend(["spk", "srk", "epk", "erk"].map(get)),
    }
    Some(fields.join("\n"))
}

/// The signature of a text under a storage account's key, which is base64.
pub fn storage_signature(key: &[u8], text: &str) -> Option<String> {
    let key = base64::decode(key)?;
    Some(base64::encode(&hmac_sha256(&key, text.as_bytes())))
}

/// The signatures that a Service Bus key (used as it is written) and an IoT Hub
/// key (decoded first) make for a resource and an expiry, as the token has them.
pub fn bus_signatures(key: &[u8], resource: &[u8], expiry: &[u8]) -> Vec<String> {
    let text = [resource, b"\n", expiry].concat();
    let mut all = vec![base64::encode(&hmac_sha256(key, &text))];
    if let Some(key) = base64::decode(key) {
        all.push(base64::encode(&hmac_sha256(&key, &text)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key and signatures made for this test with Python's `hmac`.
    const KEY: &[u8] =
        b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";

    fn query<'a>(text: &'a str) -> impl Fn(&str) -> String + 'a {
        move |name| {
            text.split('&')
                .find_map(|pair| pair.split_once('=').filter(|(n, _)| *n == name))
                .map_or(String::new(), |(_, value)| value.to_owned())
        }
    }

    #[test]
    fn an_account_sas_is_rebuilt() {
        let get = query(
            "sv=2022-11-02&ss=bfqt&srt=sco&sp=rwdlacupiytfx&se=2030-01-01T00:00:00Z&\
             st=2024-01-01T00:00:00Z&spr=https",
        );
        let text = account_text("acmedata", &get).unwrap();
        assert_eq!(
            text,
            "acmedata\nrwdlacupiytfx\nbfqt\nsco\n2024-01-01T00:00:00Z\n2030-01-01T00:00:00Z\n\n\
             https\n2022-11-02\n\n"
        );
        assert_eq!(
            storage_signature(KEY, &text).unwrap(),
            "DHUrr+/nsCVCDoJGGN2Urpil6hp3sFHFsh1VHXJdtO0="
        );
        let old = query("sv=2019-12-12&ss=b&srt=o&sp=r&se=2030-01-01");
        assert_eq!(account_text("a", &old).unwrap(), "a\nr\nb\no\n\n2030-01-01\n\n\n2019-12-12\n");
        assert_eq!(account_text("a", &query("sv=2014-02-14")), None);
    }

    #[test]
    fn a_service_sas_is_rebuilt() {
        let fields = "sv=2021-08-06&sr=b&sp=r&se=2030-01-01T00:00:00Z";
        let text =
            service_text(Service::Blob, "acmedata", "/backups/db.sql.gz", &query(fields)).unwrap();
        assert_eq!(
            text,
            "r\n\n2030-01-01T00:00:00Z\n/blob/acmedata/backups/db.sql.gz\n\n\n\n2021-08-06\nb\n\n\n\
             \n\n\n\n"
        );
        assert_eq!(
            storage_signature(KEY, &text).unwrap(),
            "fxl2i5gcrtoPrLyccPIUOTj8Ok005cXNl5bbGrYdmI0="
        );
        let text = service_text(Service::Queue, "acmedata", "/jobs", &query("sv=2021-08-06&sp=p"))
            .unwrap();
        assert_eq!(text, "p\n\n\n/queue/acmedata/jobs\n\n\n\n2021-08-06");
    }

    #[test]
    fn a_bus_token_is_rebuilt() {
        let made = bus_signatures(
            b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            b"sb%3A%2F%2Facme.servicebus.windows.net%2Forders",
            b"1893456000",
        );
        assert_eq!(
            made,
            [
                "wxfQbr0Pa03Ktqu+x3dmODcrTMfu3VYdfEkfWOb2xyU=",
                "XzSswz8liyB2oyLKMP1vh8cCyVGV1uZLRz9hTwWh1+4="
            ]
        );
    }
}
