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
    let uris = corpus.join("database_uri");
    fs::create_dir_all(&keys)?;
    fs::create_dir_all(&uris)?;
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
            if text.contains("://") {
                // The target takes a byte for the scheme.
                fs::write(uris.join(&name), text.as_bytes())?;
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
