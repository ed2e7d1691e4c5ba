//! Authorizations to download files from Backblaze B2, in the URL of the file.
//!
//! Source: Backblaze B2 native API, `b2_get_download_authorization`: the token
//! names when it was made, the account, a digest, the cluster and when it ends,
//! at most a week later, and is put behind `Authorization=`.

use std::borrow::Cow::Borrowed;

use super::query::{Query, begins_parameter, verdict};
use crate::candidate::Candidate;
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder;

pub(super) static B2: Detector = Detector {
    id: text("backblaze-download-token"),
    title: text("Backblaze B2 download authorization"),
    provider: text("Backblaze"),
    tags: Borrowed(&[text("backblaze"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact(".backblazeb2"),
        Anchor::exact("Authorization=3"),
    ])),
    reach: Reach::new(4096, 4096),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Medium,
    remedy: text(
        "It ends by itself after a week at the latest. Before that, delete the application key \
         that asked for it (App Keys in the B2 console), or move the files out of its prefix.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[text(
            "https://f002.backblazeb2.com/file/acme-backups/db.sql.gz?Authorization=\
             3_20250615120000_a7c41d0e5b92f86310de4b7c_905ebc13f78a426d1093ce5bf2a8476ed03f95b1_\
             002_20250616120000_0031_dnld",
        )]),
        refuted: Borrowed(&[(
            text(
                "https://f002.backblazeb2.com/file/acme-backups/db.sql.gz?Authorization=\
                 3_20250615120000_a7c41d0e5b92f86310de4b7c_905ebc13f78a426d1093ce5bf2a8476ed03f95\
                 b1_002_20250614120000_0031_dnld",
            ),
            Reason::ImpossibleTime,
        )]),
        unmatched: Borrowed(&[
            text("https://f002.backblazeb2.com/file/acme/photo.jpg"),
            text("https://api.backblazeb2.com/x?Authorization=3"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let query = if window.bytes[window.hit_start] == b'.' {
        Query::behind_host(window, "Authorization")
    } else if begins_parameter(window.bytes, window.hit_start) {
        Query::at_anchor(window)
    } else {
        None
    };
    if let Some(candidate) = query.as_ref().and_then(read) {
        out.push(candidate);
    }
}

/// `20250615120000`
fn time(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_at_checked(8)?;
    Timestamp::parse_basic(&format!("{date}T{time}Z"))
}

fn read(query: &Query<'_>) -> Option<Candidate> {
    let token = query.text("Authorization")?;
    let fields: Vec<&str> = token.split('_').collect();
    let ["3", made, account, digest, _, ends, _, "dnld"] = fields[..] else { return None };
    let is_hex =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex(digest, 40) || !(is_hex(account, 24) || is_hex(account, 12)) {
        return None;
    }
    let (made, ends) = (time(made), time(ends));
    let ordered = matches!((made, ends), (Some(made), Some(ends)) if made < ends);
    let mut candidate = query.candidate("Authorization")?;
    candidate.verdict = verdict(
        placeholder::refusal(digest.as_bytes())
            .or_else(|| (!ordered).then_some(Reason::ImpossibleTime)),
    );
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("b2".into()));
    facts.add(Fact::Signer(format!("account {account}").into()));
    facts.add(Fact::Access(Access::Read));
    made.into_iter().for_each(|t| facts.add(Fact::CreatedAt(t)));
    ends.into_iter().for_each(|t| facts.add(Fact::ExpiresAt(t)));
    let path = query.object();
    if let Some((bucket, object)) = path.strip_prefix("file/").and_then(|p| p.split_once('/')) {
        facts.add(Fact::Bucket(bucket.into()));
        facts.add(Fact::Object(object.into()));
    }
    Some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&B2), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        let text = &B2.examples.reported[0];
        assert_eq!(leaks(text, 1_750_075_199)[0].severity, Severity::Medium);
        assert_eq!(leaks(text, 1_750_075_200)[0].severity, Severity::Info);
        for end in 0..text.len() {
            let _ = leaks(&text[..end], 0);
        }
    }
}
