//! URLs that trigger a workflow of Azure Logic Apps or Power Automate.
//!
//! Source: Microsoft Learn, "Secure access and data in Azure Logic Apps" (shared
//! access signatures of request triggers: `sp`, `sv`, `sig`). A trigger's URL does
//! not end before the workflow's access key is made anew; the links to a run's
//! contents have an `se`.

use std::borrow::Cow::Borrowed;

use super::azure_sas::time;
use super::query::{Query, base64_fault, begins_parameter, verdict};
use crate::candidate::Candidate;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;

pub(super) static WORKFLOW: Detector = Detector {
    id: text("azure-logic-app-url"),
    title: text("Azure Logic Apps or Power Automate trigger URL"),
    provider: text("Microsoft Azure"),
    tags: Borrowed(&[text("azure"), text("signed-url"), text("webhook")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("sig="),
        Anchor::exact("sig%"),
        Anchor::exact("sig\\"),
        Anchor::exact("sv=1.0"),
        Anchor::exact("sv=3D1.0"),
    ])),
    reach: Reach::new(2048, 1024),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Regenerate the access keys of the logic app (Settings, Access keys; `POST \
         …/workflows/NAME/regenerateAccessKey`), which ends all its URLs; of a Power Automate \
         flow, delete the trigger and add it anew. Then look through the run history.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://prod-27.westeurope.logic.azure.com:443/workflows/\
                 7f2c9be0d14a4e6f8b3a5c1d2e90f764/triggers/manual/paths/invoke?api-version=\
                 2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&\
                 sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U",
            ),
            text(
                "hook: 'https://flows.azurewebsites.net/api/orders/triggers/request/invoke?\
                 api-version=2022-05-01&amp;sp=%2Ftriggers%2Frequest%2Frun&amp;sv=1.0&amp;\
                 sig=Zk3pYd2v1V0cS7oQfVbJu8qNyX0c0mVYkF2kq4vGrWs'",
            ),
        ]),
        refuted: Borrowed(&[(
            text(
                "https://prod-27.westeurope.logic.azure.com/workflows/\
                 7f2c9be0d14a4e6f8b3a5c1d2e90f764/triggers/manual/paths/invoke?api-version=\
                 2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=<your-signature>",
            ),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("https://prod-27.westeurope.logic.azure.com/workflows/7f2c/triggers/manual/run"),
            text("dsv=1.0&sig=12"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !begins_parameter(window.bytes, window.hit_start) {
        return;
    }
    if window.bytes[window.hit_start..].starts_with(b"sig") {
        let start = window.hit_start.saturating_sub(512);
        let end = window.bytes.len().min(window.hit_end + 512);
        if memchr::memmem::find(&window.bytes[start..end], b"sv").is_none() {
            return;
        }
    }
    let Some(query) = Query::at_anchor(window) else { return };
    out_of(&query).into_iter().for_each(|candidate| out.push(candidate));
}

fn out_of(query: &Query<'_>) -> Option<Candidate> {
    let permissions = query.text("sp")?;
    let action = permissions.strip_prefix('/')?;
    if &*query.text("sv")? != "1.0" || !action.contains('/') {
        return None;
    }
    let signature = query.text("sig")?;
    let mut candidate = query.candidate("sig")?;
    let expires = query.text("se");
    let fault = base64_fault(&signature, &[32]).or_else(|| {
        let bad = expires.as_deref().is_some_and(|e| time(e).is_none());
        bad.then_some(Reason::ImpossibleTime)
    });
    candidate.verdict = verdict(fault);
    candidate.evidence.push(Evidence::Parsed);
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("logic-apps".into()));
    facts.add(Fact::Permissions(permissions.clone()));
    match expires.as_deref().and_then(time) {
        Some(time) => facts.add(Fact::ExpiresAt(time)),
        None => facts.add(Fact::Unlimited(true)),
    }
    let path = query.object();
    let mut segments = path.split('/');
    if segments.any(|s| s == "workflows" || s == "api")
        && let Some(workflow) = segments.next()
    {
        facts.add(Fact::Resource(workflow.into()));
    }
    let host = query.url().host();
    if let Some(region) = host.strip_suffix(".logic.azure.com").and_then(|h| h.split('.').nth(1)) {
        facts.add(Fact::Region(region.into()));
    }
    Some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(
            std::slice::from_ref(&WORKFLOW),
            text.as_bytes(),
            &Context::at(Timestamp(now)),
        )
    }

    #[test]
    fn a_trigger_never_ends_and_a_link_to_contents_does() {
        let text = &WORKFLOW.examples.reported[0];
        let found = &leaks(text, 4_000_000_000)[0];
        assert_eq!(found.severity, Severity::High);
        assert!(found.facts.iter().any(|f| *f == Fact::LongLived(true)));
        let text = text.replace("&sv=1.0", "&se=2025-06-15T12%3A00%3A00.0000000Z&sv=1.0");
        assert_eq!(leaks(&text, 1_749_988_799)[0].severity, Severity::High);
        assert_eq!(leaks(&text, 1_749_988_800)[0].severity, Severity::Info);
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in WORKFLOW.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
    }
}
