//! `log`: a log of any size on standard output.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use leaksieve_corpus::{LogOptions, write_log};

use super::Failure;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The number that everything follows from.
    #[arg(long)]
    seed: u64,
    /// The most bytes of the log; with K, M, G or T for powers of 1024.
    #[arg(long, value_parser = bytes)]
    bytes: u64,
    /// Of so many lines one is a leak.
    #[arg(long, value_name = "LINES", default_value_t = 10_000_000)]
    leak_every: u64,
    /// The file that gets a label for each planted value, in JSON lines.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

/// A number of bytes, as `head -c` reads it.
fn bytes(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("a number is expected, with K, M, G or T or nothing behind it".into()),
    };
    let number: u64 = number.parse().map_err(|error| format!("{error}"))?;
    number.checked_mul(1 << shift).ok_or_else(|| "too many bytes".into())
}

/// Writes the log and its labels.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { seed, bytes, leak_every, labels } = arguments;
    let options = LogOptions { leak_every: *leak_every, ..LogOptions::new(*seed, *bytes) };
    let path = labels.as_deref();
    let mut labels = match path {
        Some(path) => Some(BufWriter::new(fs::File::create(path).map_err(Failure::with(path))?)),
        None => None,
    };
    // What goes wrong with the labels is told with their name.
    let mut failure = None;
    let mut label = |label| {
        let Some(labels) = &mut labels else {
            return Ok(());
        };
        let written = serde_json::to_string(&label)
            .map_err(io::Error::other)
            .and_then(|line| writeln!(labels, "{line}"));
        written.inspect_err(|error| {
            failure = Some(error.to_string());
        })
    };
    let mut out = io::stdout().lock();
    let count = write_log(&mut out, &options, &mut label)
        .and_then(|count| out.flush().map(|()| count))
        .map_err(|error| match (failure, path) {
            (Some(failure), Some(path)) => Failure::with(path)(failure),
            _ => Failure::with(Path::new("standard output"))(error),
        })?;
    if let (Some(labels), Some(path)) = (&mut labels, path) {
        labels.flush().map_err(Failure::with(path))?;
    }
    // Standard output has the log.
    eprintln!("{} bytes, {} lines, {} leaks", count.bytes, count.lines, count.leaks);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_read_as_head_reads_them() {
        assert_eq!(bytes("4G"), Ok(4 << 30));
        assert_eq!(bytes("100"), Ok(100));
        assert_eq!(bytes("3k"), Ok(3 << 10));
        for wrong in ["", "G", "4GB", "-1", "1.5G", "99999999999999999999", "99999999999T"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
