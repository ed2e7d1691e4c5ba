//! Redaction leaves no long secret and no broken text, of a stream too; nothing that is shown of
//! a finding, in full or in a trace, panics or gives a secret away.
#![no_main]

use std::borrow::Cow;
use std::ops::ControlFlow;

use arbitrary::Arbitrary;
use leaksieve::{Finding, Redaction, Scanner, Scratch, StreamEvent, StreamSink};
use leaksieve_fuzz::{Splice, scanners};
use libfuzzer_sys::fuzz_target;

/// The shortest secret whose repetitions redaction looks for.
const REPEATED: usize = 16;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    keep_refuted: bool,
    replacement: &'a str,
    range: (u16, u16),
    step: u16,
    is_quiet: bool,
    text: Splice<'a>,
}

#[derive(Default)]
struct Clean(Vec<u8>);

impl StreamSink for Clean {
    fn event(&mut self, _: StreamEvent) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Redaction for Clean {
    fn replacement(&mut self, _: &Finding) -> Vec<u8> {
        b"[]".to_vec()
    }

    fn text(&mut self, text: &[u8]) -> ControlFlow<()> {
        self.0.extend_from_slice(text);
        ControlFlow::Continue(())
    }
}

fn filtered(scanner: &Scanner, text: &[u8], step: usize, is_quiet: bool) -> Vec<u8> {
    let (mut scratch, mut clean) = (Scratch::with_step(step), Clean::default());
    let mut stream = scanner.redact_stream();
    for piece in text.chunks(step) {
        let _ = stream.push(piece, &mut scratch, &mut clean);
        if is_quiet {
            let _ = stream.flush(&mut scratch, &mut clean);
        }
    }
    let _ = stream.finish(&mut scratch, &mut clean);
    clean.0
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
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

    let step = 64 + usize::from(input.step);
    let clean = filtered(scanner, &text, step, input.is_quiet);
    assert_eq!(lines(&text), lines(&clean), "a line was joined or cut");
    if findings.is_empty() {
        assert!(input.is_quiet || clean == text, "something else was changed");
    }
    if !input.is_quiet {
        for range in findings.iter().flat_map(|f| f.leak().secrets()) {
            let secret = &text[range.start as usize..range.end as usize];
            let varied = secret.iter().any(|b| *b != secret[0]);
            if secret.len() >= REPEATED && varied {
                let before = text[..range.start as usize].windows(secret.len());
                let is_before = before.into_iter().any(|window| window == secret);
                let is_left = clean.windows(secret.len()).any(|window| window == secret);
                // What was passed on before anybody knew is gone.
                assert!(is_before || !is_left, "a secret passed");
            }
        }
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
