//! Writes the seeds of the targets from the detectors' examples:
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.
//!
//! The texts spliced by the fuzzer need none: `Splice` knows the examples.

use std::fs;
use std::io;
use std::path::Path;

use leaksieve_fuzz::{DETECTORS, FAMILIES, archive, is_of};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut written = 0;
    let mut write = |target: &str, name: &str, text: &[u8]| -> io::Result<()> {
        let directory = corpus.join(target);
        fs::create_dir_all(&directory)?;
        written += 1;
        fs::write(directory.join(name), text)
    };
    for detector in DETECTORS.iter() {
        let examples = &detector.examples;
        let refuted = examples.refuted.iter().map(|(text, _)| text);
        for (number, text) in examples.reported.iter().chain(refuted).enumerate() {
            let name = format!("{}-{number}", detector.id);
            for (family, _) in FAMILIES.iter().filter(|(family, _)| is_of(detector, family)) {
                write(family, &name, text.as_bytes())?;
            }
            if text.contains("KEY") && text.contains("-----") {
                write("pem", &name, text.as_bytes())?;
            }
            if detector.id.contains("session") {
                let longest = text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
                    .max_by_key(|word| word.len());
                write("session_token", &name, longest.unwrap_or_default().as_bytes())?;
            }
        }
    }
    for (target, seeds) in [("archive_zip", archive::zips()), ("archive_7z", archive::seven_zips())]
    {
        for (number, seed) in seeds.iter().enumerate() {
            write(target, &number.to_string(), seed)?;
        }
    }
    println!("{written} seeds in {}", corpus.display());
    Ok(())
}
