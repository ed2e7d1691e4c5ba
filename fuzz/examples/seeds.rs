//! Writes the seeds of the targets from the detectors' examples:
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.
//!
//! The texts spliced by the fuzzer need none: `Splice` knows the examples.

use std::fs;
use std::io;
use std::path::Path;

use leaksieve_fuzz::DETECTORS;

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let (tokens, keys) = (corpus.join("session_token"), corpus.join("pem"));
    fs::create_dir_all(&tokens)?;
    fs::create_dir_all(&keys)?;
    let settings = corpus.join("database_settings");
    fs::create_dir_all(&settings)?;
    let mut written = 0;
    for detector in DETECTORS.iter() {
        let examples = &detector.examples;
        let refuted = examples.refuted.iter().map(|(text, _)| text);
        for (number, text) in examples.reported.iter().chain(refuted).enumerate() {
            let name = format!("{}-{number}", detector.id);
            if text.contains("KEY") && text.contains("-----") {
                fs::write(keys.join(&name), text.as_bytes())?;
                written += 1;
            }
            if matches!(
                &*detector.id,
                "database-config" | "database-password-file" | "database-command"
            ) {
                fs::write(settings.join(&name), text.as_bytes())?;
                written += 1;
            }
            if detector.id.contains("session") {
                let longest = text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
                    .max_by_key(|word| word.len());
                fs::write(tokens.join(&name), longest.unwrap_or_default())?;
                written += 1;
            }
        }
    }
    println!("{written} seeds in {}", corpus.display());
    Ok(())
}
