//! Embedding the scanner: build it once, share it, scan from many threads, give
//! up at a deadline, redact.
//!
//! `cargo run -p leaksieve --example embed`

use std::error::Error;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use leaksieve::{Finding, Scanner, Scratch, Sink};

/// Takes findings until a deadline.
struct UntilDeadline {
    deadline: Instant,
    findings: Vec<Finding>,
}

impl Sink for UntilDeadline {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.findings.push(finding);
        ControlFlow::Continue(())
    }

    fn interrupted(&mut self) -> bool {
        Instant::now() >= self.deadline
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Compiled once; a clone shares it.
    let scanner = Scanner::builder().build()?;

    // A generated pair; the id decodes to account 394891205684.
    let tickets = [
        "please use AKIAVX4KZTQ2HJWNCO5M / q7tG+dPzXw3LmR9/vKc2YhB5nJs8UeF1aTxo0ZiQ for the upload",
        "no keys in this one",
        "the example from the manual: AKIAIOSFODNN7EXAMPLE",
    ];

    thread::scope(|threads| {
        for ticket in tickets {
            let scanner = scanner.clone();
            threads.spawn(move || {
                let mut sink = UntilDeadline {
                    deadline: Instant::now() + Duration::from_millis(100),
                    findings: Vec::new(),
                };
                let flow = scanner.scan(ticket.as_bytes(), &mut Scratch::new(), &mut sink);
                if flow.is_break() {
                    println!("gave up on a ticket");
                }
                for finding in &sink.findings {
                    println!(
                        "{} ({}): {} at column {}, because it {}",
                        finding.detector().title,
                        finding.severity().name(),
                        finding.masked(),
                        finding.location().column,
                        finding.reason(),
                    );
                }
            });
        }
    });

    let clean =
        scanner.redact(tickets[0].as_bytes(), |f| format!("[{}]", f.detector().id).into_bytes());
    println!("{}", String::from_utf8_lossy(&clean));
    Ok(())
}
