//! Download URLs of Firebase's storage: a token in the object's metadata that
//! opens it for everybody, past all rules, until somebody revokes it.
//!
//! Source: Firebase documentation, "Download files with Cloud Storage"
//! (`getDownloadURL`); Google Cloud Storage metadata `firebaseStorageDownloadTokens`.

use std::borrow::Cow::Borrowed;

use super::query::{Query, begins_parameter, verdict};
use crate::candidate::Candidate;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;
use crate::url::writing::percent_decoded;

pub(super) static FIREBASE: Detector = Detector {
    id: text("firebase-download-url"),
    title: text("Firebase Storage download URL"),
    provider: text("Google Firebase"),
    tags: Borrowed(&[text("gcp"), text("firebase"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("firebasestorage.googleapis.com"),
        Anchor::exact("alt=media"),
        Anchor::exact("alt=3Dmedia"),
        Anchor::exact("token=3D"),
    ])),
    reach: Reach::new(4096, 4096),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    // One object, but for ever.
    severity: Severity::Low,
    remedy: text(
        "Revoke the object's access token in the Firebase console (Storage, the file, File \
         location, Access token, Revoke), or delete the metadata firebaseStorageDownloadTokens.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text(
            "https://firebasestorage.googleapis.com/v0/b/acme-shop.appspot.com/o/\
             ids%2Fpassport.jpg?alt=media&token=3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        )]),
        refuted: Borrowed(&[(
            text(
                "https://firebasestorage.googleapis.com/v0/b/acme-shop.appspot.com/o/a.jpg?\
                 alt=media&token=00000000-0000-0000-0000-000000000000",
            ),
            Reason::NotRandom,
        )]),
        unmatched: Borrowed(&[
            text("https://firebasestorage.googleapis.com/v0/b/acme.appspot.com/o/a?alt=media"),
            text("https://www.googleapis.com/drive/v3/files/1?alt=media&token=abc"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let query = if window.bytes[window.hit_start] == b'f' {
        Query::behind_host(window, "token")
    } else if begins_parameter(window.bytes, window.hit_start) {
        Query::at_anchor(window)
    } else {
        None
    };
    if let Some(candidate) = query.as_ref().and_then(read) {
        out.push(candidate);
    }
}

fn read(query: &Query<'_>) -> Option<Candidate> {
    let token = query.text("token")?;
    let is_uuid = |(i, b): (usize, u8)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    };
    let fits = token.len() == 36 && token.bytes().enumerate().all(is_uuid);
    if !fits || query.url().host() != "firebasestorage.googleapis.com" {
        return None;
    }
    let mut candidate = query.candidate("token")?;
    let digits: Vec<u8> = token.bytes().filter(|b| *b != b'-').collect();
    candidate.verdict = verdict(placeholder::refusal(&digits));
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("storage".into()));
    facts.add(Fact::Unlimited(true));
    facts.add(Fact::Access(Access::Read));
    // `/v0/b/<bucket>/o/<object>`
    let path = query.url().path();
    let mut segments = path.split(|b| *b == b'/').skip_while(|s| *s != b"b").skip(1);
    if let Some(bucket) = segments.next() {
        facts.add(Fact::Bucket(String::from_utf8_lossy(bucket).into()));
    }
    if let Some(object) = segments.nth(1) {
        let object = percent_decoded(object);
        facts.add(Fact::Object(String::from_utf8_lossy(&object).into()));
    }
    Some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    #[test]
    fn it_never_ends() {
        let text = FIREBASE.examples.reported[0].as_bytes();
        let context = Context::at(Timestamp(4_000_000_000));
        let found = &reference::scan(std::slice::from_ref(&FIREBASE), text, &context)[0];
        assert_eq!(found.severity, Severity::Medium);
        assert!(found.facts.iter().any(|f| *f == Fact::Object("ids/passport.jpg".into())));
        for end in 0..text.len() {
            let _ = reference::scan(std::slice::from_ref(&FIREBASE), &text[..end], &context);
        }
    }
}
