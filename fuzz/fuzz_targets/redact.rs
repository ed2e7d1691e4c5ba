//! Redaction leaves no long secret and no broken text; nothing that is shown of
//! a finding, in full or in a trace, panics or gives a secret away.
#![no_main]

use std::borrow::Cow;

use arbitrary::Arbitrary;
use leaksieve_fuzz::{Splice, scanners};
use libfuzzer_sys::fuzz_target;

/// The shortest secret whose repetitions redaction looks for.
const REPEATED: usize = 16;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    keep_refuted: bool,
    replacement: &'a str,
    range: (u16, u16),
    text: Splice<'a>,
}

fuzz_target!(|input: Input<'_>| {
    let text = input.text.text();
    let scanner = &scanners(input.keep_refuted)[0];
    let findings = scanner.find_all(&text);
    let clean = scanner.redact(&text, |_| b"[]".to_vec());
    if findings.iter().all(|f| f.leak().secrets().next().is_none()) {
        assert!(matches!(clean, Cow::Borrowed(b) if b == text));
    }
    for secret in findings.iter().flat_map(|f| f.leak().secrets()) {
        let secret = &text[secret.start as usize..secret.end as usize];
        // A secret that is one letter many times may come together anew.
        let varied = secret.iter().any(|b| *b != secret[0]);
        if secret.len() >= REPEATED && varied {
            assert!(!clean.windows(secret.len()).any(|w| w == secret), "a secret was left");
        }
    }
    let clean = scanner.redact(&text, |_| input.replacement.as_bytes().to_vec());
    if std::str::from_utf8(&text).is_ok() {
        assert!(std::str::from_utf8(&clean).is_ok(), "redaction cut a character");
    }

    for finding in &findings {
        let shown = finding.excerpt().masked();
        assert!(shown.text.get(shown.mark.clone()).is_some());
        let own = finding.is_secret().then(|| finding.secret());
        let parts = finding.parts().iter().filter(|p| p.role().is_secret()).map(|p| p.value());
        let debug = format!("{finding:?} {:?}", finding.parts());
        for secret in own.into_iter().chain(parts) {
            let Ok(secret) = std::str::from_utf8(secret) else { continue };
            if secret.len() >= REPEATED {
                assert!(!shown.text.contains(secret) && !debug.contains(secret), "shown");
            }
        }
    }
    let from = u64::from(input.range.0);
    let _ = scanner.trace(&text, from..from + u64::from(input.range.1));
});
