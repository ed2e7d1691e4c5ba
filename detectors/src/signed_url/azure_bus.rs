//! Shared access signatures of Azure's messaging: Service Bus, Event Hubs,
//! Notification Hubs, IoT Hub and its provisioning service.
//!
//! Sources: Microsoft Learn, "Service Bus access control with Shared Access
//! Signatures" and "Control access to IoT Hub with shared access signatures":
//! `SharedAccessSignature sr=<resource>&sig=<signature>&se=<unix time>&skn=<policy>`,
//! where devices have no policy. The signature is recomputed from a key nearby.

use std::borrow::Cow::Borrowed;

use super::query::{Query, base64_fault, begins_parameter, moment, verdict};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::host::{self, HostClass};
use crate::verify::azure_sas;

/// A resource of some hundred characters, percent-encoded twice.
const REACH: Reach = Reach::new(2048, 2048);

pub(super) static BUS: Detector = Detector {
    id: text("azure-servicebus-sas"),
    title: text("Azure Service Bus or IoT Hub shared access signature"),
    provider: text("Microsoft Azure"),
    tags: Borrowed(&[text("azure"), text("signed-url"), text("messaging"), text("iot")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("sig="),
        Anchor::exact("sig%"),
        Anchor::exact("sig\\"),
        Anchor::exact("skn="),
        // For where a line ends in `sig`.
        Anchor::exact("se=3D1"),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "Renew the key of the policy it names (Shared access policies of the namespace, queue, \
         topic or hub; `az servicebus namespace authorization-rule keys renew`), or the key of \
         the device. All tokens signed with that key end then.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "Authorization: SharedAccessSignature sr=sb%3A%2F%2Facme.servicebus.windows.net%2F\
                 orders&sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D&se=1893456000&\
                 skn=RootManageSharedAccessKey",
            ),
            text(
                "{\"password\":\"SharedAccessSignature sr=acme-hub.azure-devices.net%2Fdevices%2F\
                 pump7\\u0026sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D\\u0026\
                 se=1760000000\"}",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "SharedAccessSignature sr=your-namespace.servicebus.windows.net&\
                     sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D&se=1438205742&skn=KeyName",
                ),
                Reason::Documentation,
            ),
            (
                text(
                    "SharedAccessSignature sr=acme.servicebus.windows.net&sig=REDACTED&\
                     se=1893456000&skn=send",
                ),
                Reason::Placeholder,
            ),
        ]),
        unmatched: Borrowed(&[
            text("SharedAccessSignature sr={URI}&sig={HMAC}&se={EXPIRY}&skn={KEY}"),
            text("?sr=b&sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D&se=2030-01-01"),
            text("let skn=1; sig=2; se=1;"),
        ]),
    },
};

/// How far before or behind any of its parameters `sr` stands, at most.
const APART: usize = 1024;

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !begins_parameter(window.bytes, window.hit_start) {
        return;
    }
    let before = window.before();
    let before = &before[before.len().saturating_sub(APART)..];
    let after = &window.after()[..window.after().len().min(APART)];
    let has = |text: &[u8]| [&b"sr"[..], b"skn"].iter().any(|n| placeholder::contains(text, n));
    if !(has(before) || has(after)) {
        return;
    }
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = Token::read(&query).and_then(|token| token.candidate(&query)) {
        out.push(candidate);
    }
}

/// A token, taken apart.
struct Token {
    /// What it is for, decoded, without a scheme.
    resource: Box<str>,
    signature: Box<str>,
    expires: i64,
    policy: Option<Box<str>>,
}

impl Token {
    fn read(query: &Query<'_>) -> Option<Self> {
        let resource = query.text("sr")?;
        let resource = resource.split_once("://").map_or(&*resource, |(_, rest)| rest);
        let host = resource.split('/').next()?;
        if !host.contains('.') || !host::is_valid(host.split(':').next()?.as_bytes()) {
            return None;
        }
        Some(Self {
            resource: resource.into(),
            signature: query.text("sig")?,
            expires: query.number("se")?,
            policy: query.text("skn").filter(|p| !p.is_empty()),
        })
    }

    fn host(&self) -> &str {
        self.resource.split(['/', ':']).next().unwrap_or_default()
    }

    fn candidate(&self, query: &Query<'_>) -> Option<Candidate> {
        let mut candidate = query.candidate("sig")?;
        candidate.verdict = verdict(self.fault());
        candidate.evidence.push(Evidence::Parsed);
        // The host of the URL that a token stands in is not the token's own.
        candidate.facts = Default::default();
        let facts = &mut candidate.facts;
        facts.add(Fact::Host(self.host().to_ascii_lowercase().into()));
        if let Some(service) = service(self.host()) {
            facts.add(Fact::Service(service.into()));
        }
        let entity = self.resource.split_once('/').map_or("", |(_, rest)| rest.trim_matches('/'));
        if !entity.is_empty() {
            facts.add(Fact::Resource(entity.into()));
        }
        let name = self.policy.as_deref().unwrap_or_default().to_ascii_lowercase();
        let reads = ["listen", "read", "receive"].iter().any(|word| name.contains(word));
        let writes = ["manage", "send", "owner", "write", "fullshared"];
        if self.policy.is_none() || writes.iter().any(|word| name.contains(word)) {
            // A device without a policy sends what it measures.
            facts.add(Fact::Access(Access::Write));
        } else if reads {
            facts.add(Fact::Access(Access::Read));
        }
        if let Some(policy) = &self.policy {
            facts.add(Fact::Signer(format!("policy {policy}").into()));
        }
        if let Some(time) = moment(self.expires) {
            facts.add(Fact::ExpiresAt(time));
        }
        Some(candidate)
    }

    fn fault(&self) -> Option<Reason> {
        let label = self.host().split('.').next().unwrap_or_default();
        if host::classify(self.host()) == HostClass::Documentation
            || ["namespace", "mynamespace", "yournamespace", "myhub", "yourhub"].contains(&label)
        {
            return Some(Reason::Documentation);
        }
        base64_fault(&self.signature, &[32])
            .or_else(|| moment(self.expires).is_none().then_some(Reason::ImpossibleTime))
    }
}

/// The service behind a host.
fn service(host: &str) -> Option<&'static str> {
    let host = host.to_ascii_lowercase();
    [
        (".servicebus.", "service-bus"),
        (".azure-devices-provisioning.net", "iot-provisioning"),
        (".azure-devices.", "iot-hub"),
    ]
    .into_iter()
    .find_map(|(part, name)| host.contains(part).then_some(name))
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    if prove(leak, neighbours).is_some() {
        leak.verdict = Verdict::Proven;
        leak.note(Evidence::Recomputed);
    }
}

/// Recomputes the signature with the keys nearby.
fn prove(leak: &Leak, neighbours: &Neighbours<'_>) -> Option<()> {
    let keys = neighbours.nearest(Role::AccountKey, &leak.value);
    if keys.is_empty() {
        return None;
    }
    let text = neighbours.passage.slice(leak.span.clone());
    let query = Query::again(text, &["sig", "skn", "se", "sr"])?;
    let (resource, expiry) = (query.parameter("sr")?, query.parameter("se")?);
    let signature = query.text("sig")?;
    keys.into_iter().find_map(|key| {
        if !neighbours.budget.take(2) {
            return None;
        }
        let key = key.value_in(&neighbours.passage);
        let made = azure_sas::bus_signatures(&key, resource.raw, expiry.raw);
        made.iter()
            .any(|m| m.trim_end_matches('=') == signature.trim_end_matches('='))
            .then_some(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&BUS), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        let text = &BUS.examples.reported[0];
        let (live, dead) = (&leaks(text, 1_893_455_999)[0], &leaks(text, 1_893_456_000)[0]);
        assert_eq!((live.severity, dead.severity), (Severity::High, Severity::Info));
        assert_eq!(leaks(text, 1_750_000_000)[0].severity, Severity::Critical);
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in BUS.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
        let _ = leaks(&"&sig=&skn=sr".repeat(300), 0);
    }
}
