//! Service-specific credentials: passwords that IAM makes for one service, for
//! CodeCommit (git over HTTPS) and Keyspaces (Cassandra).
//!
//! The user name is `<user>-at-<account>`, with `+1` and so on behind the user
//! for further credentials; the password is 44 characters of base64, 32 bytes
//! (IAM API Reference, CreateServiceSpecificCredential: shape of the examples).
//! Both services make the same; what stands nearby tells which one it is. The
//! file that the console offers for download names neither: its rows are
//! reported as CodeCommit's, which is by far the commoner.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::run::{self, Form};
use super::{account, endpoint};
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;

/// How far service names and passwords may stand from the user name.
const REACH: Reach = Reach::new(384, 384);
/// How far behind the user name the password is looked for.
const AFTER: usize = 192;
/// How far before it.
const BEFORE: usize = 128;
/// Digits of an account.
const ACCOUNT: usize = 12;

/// The service of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    CodeCommit,
    Keyspaces,
    Unknown,
}

pub(super) static CODECOMMIT: Detector = Detector {
    id: text("aws-codecommit-credential"),
    title: text("AWS CodeCommit HTTPS Git credential"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("git")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("-at-")])),
    reach: REACH,
    shape: Shape::Parser(|window, out| {
        parse(window, out, |s| matches!(s, Service::CodeCommit | Service::Unknown));
    }),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Reset or delete it in the IAM console (Users, the user, Security credentials, HTTPS Git \
         credentials for AWS CodeCommit) or with `aws iam reset-service-specific-credential \
         --user-name USER --service-specific-credential-id ID`, then look through the \
         repositories' history for pushes that are not yours.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "git clone https://deploy-at-402913857264:\
                 1naYuyyVZ943el5m%2BYz0qEs3shvujUIP9D2cVaZ2ybI%3D@\
                 git-codecommit.eu-west-1.amazonaws.com/v1/repos/shop\n",
            ),
            text(
                "User Name,Password\r\n\
                 ci+1-at-731846205917,ujTTRHpugZj1En+0CTXopJX5wQYign9Ul5QspdDz9f0=\r\n",
            ),
            text(
                "machine git-codecommit.us-east-1.amazonaws.com\n  login bot-at-286490173358\n  \
                 password i43h9cnVV4Pl9sjdl0aCYtBEuv9++WkywwVMVxHBVxc=\n",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "\"ServiceUserName\": \"anne-at-123456789012\", \"ServicePassword\": \
                     \"7l5CFcaFYTtqBZv3IJZnEMBSTsJMPdepa4nasJ+d6dA=\"",
                ),
                Reason::FakeAccount,
            ),
            (
                text(
                    "\"ServiceUserName\": \"anne-at-402913857264\", \"ServicePassword\": \
                     \"xTBAr/czp+D3EXAMPLE47lrJ6/43r2zqGwR3EXAMPLE=\"",
                ),
                Reason::Documentation,
            ),
        ]),
        unmatched: Borrowed(&[
            text("look-at-this"),
            text("user anne-at-402913857264 has no password"),
            text(
                "bot-at-286490173358 cassandra.eu-west-1.amazonaws.com \
                 i43h9cnVV4Pl9sjdl0aCYtBEuv9++WkywwVMVxHBVxc=",
            ),
        ]),
    },
};

pub(super) static KEYSPACES: Detector = Detector {
    id: text("aws-keyspaces-credential"),
    title: text("Amazon Keyspaces service credential"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("database")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("-at-")])),
    reach: REACH,
    shape: Shape::Parser(|window, out| parse(window, out, |s| s == Service::Keyspaces)),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Reset or delete it in the IAM console (Users, the user, Security credentials, Credentials \
         for Amazon Keyspaces) or with `aws iam reset-service-specific-credential --user-name USER \
         --service-specific-credential-id ID`, and prefer the SigV4 plugin of the driver, which \
         needs no stored password.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "[authentication]\nusername = app-at-958317426603\n\
                 password = 7l5CFcaFYTtqBZv3IJZnEMBSTsJMPdepa4nasJ+d6dA=\n\n[connection]\n\
                 hostname = cassandra.us-east-2.amazonaws.com\nport = 9142\n",
            ),
            text(
                "spring.data.cassandra.password=BF2FHbGlnvQgZZhlykacQsy4zvBXdTEUJc1wrktlu8o=\n\
                 spring.data.cassandra.username=orders-at-402913857264\n",
            ),
        ]),
        refuted: Borrowed(&[(
            text(
                "cqlsh cassandra.us-east-2.amazonaws.com 9142 -u alice-at-111122223333 -p \
                 7l5CFcaFYTtqBZv3IJZnEMBSTsJMPdepa4nasJ+d6dA= --ssl",
            ),
            Reason::FakeAccount,
        )]),
        unmatched: Borrowed(&[
            text("cassandra user app-at-958317426603"),
            text("app-at-958317426603,7l5CFcaFYTtqBZv3IJZnEMBSTsJMPdepa4nasJ+d6dA="),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>, wanted: fn(Service) -> bool) {
    let text = window.bytes;
    let Some(account) = window.after().get(..ACCOUNT).and_then(account::parse) else { return };
    let end = window.hit_end + ACCOUNT;
    if text.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return;
    }
    let is_user = |b: &u8| b.is_ascii_alphanumeric() || b"+_.@-%".contains(b);
    let len = window.before().iter().rev().take(80).take_while(|b| is_user(b)).count();
    let user = window.hit_start - len..end;
    let form = Form { chars: 43, padding: 1, head: |_, _| true };
    let found = run::find(text, end..text.len().min(end + AFTER), form)
        .or_else(|| run::find(text, user.start.saturating_sub(BEFORE)..user.start, form));
    let Some(found) = found else { return };
    if len == 0 || base64::decode(&found.value).is_none() {
        return;
    }
    let service = service(text, window.hit_start);
    if !wanted(service) {
        return;
    }
    let mut candidate = Candidate::new(Role::Password, window.range(found.range.clone()));
    candidate.decoded = found.decoded(text);
    candidate.span = window.range(user.start.min(found.range.start)..user.end.max(found.range.end));
    candidate.parts.push(Part {
        role: Role::UserName,
        range: window.range(user.clone()),
        decoded: None,
    });
    candidate.evidence.push(Evidence::AccountDecoded);
    candidate.verdict = if account::is_documentation(account) {
        Verdict::Refuted(Reason::FakeAccount)
    } else if let Some(reason) = placeholder::refusal(&found.value[..43]) {
        Verdict::Refuted(reason)
    } else if service == Service::Unknown {
        candidate.facts.add(Fact::Variant("service unknown"));
        Verdict::Neutral
    } else {
        candidate.evidence.push(Evidence::NamedService);
        Verdict::Supported
    };
    candidate.facts.add(Fact::Account(account));
    candidate.facts.add(Fact::User(endpoint::boxed(&text[user.start..window.hit_start])));
    if let Some(region) = region(text, &found.range) {
        candidate.facts.add(region);
    }
    out.push(candidate);
}

/// Which service is named in the text, nearest to `place`.
fn service(text: &[u8], place: usize) -> Service {
    let nearest = |word: &[u8]| {
        let named =
            text.windows(word.len()).enumerate().filter(|(_, w)| w.eq_ignore_ascii_case(word));
        named.map(|(at, _)| at.abs_diff(place)).min()
    };
    let keyspaces = [nearest(b"cassandra"), nearest(b"keyspaces")].into_iter().flatten().min();
    match (nearest(b"codecommit"), keyspaces) {
        (None, None) => Service::Unknown,
        (Some(near), Some(far)) if near > far => Service::Keyspaces,
        (None, Some(_)) => Service::Keyspaces,
        (Some(_), _) => Service::CodeCommit,
    }
}

fn region(text: &[u8], place: &Range<usize>) -> Option<Fact> {
    ["git-codecommit.", "cassandra."]
        .iter()
        .find_map(|service| endpoint::nearest(text, service, place))
        .map(|host| host.region_fact())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn user_account_and_region_are_read() {
        for (detector, text, user, region) in [
            (&CODECOMMIT, &CODECOMMIT.examples.reported[0], "deploy", Some("eu-west-1")),
            (&CODECOMMIT, &CODECOMMIT.examples.reported[1], "ci+1", None),
            (&CODECOMMIT, &CODECOMMIT.examples.reported[2], "bot", Some("us-east-1")),
            (&KEYSPACES, &KEYSPACES.examples.reported[0], "app", Some("us-east-2")),
            (&KEYSPACES, &KEYSPACES.examples.reported[1], "orders", None),
        ] {
            let found = reference::candidates(std::slice::from_ref(detector), text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].facts.iter().any(|f| *f == Fact::User(user.into())), "{text}");
            assert_eq!(found[0].facts.region(), region);
            assert_eq!(found[0].parts[0].role, Role::UserName);
        }
    }
}
