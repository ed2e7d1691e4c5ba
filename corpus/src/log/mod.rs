//! Logs of any size with few leaks in them, for benches and for what must scan for hours.
//!
//! Some thousand lines are drawn ahead ([`stock`]); a log is a choice of these, and of each
//! only the time and the numbers are written anew ([`clock`]), so that it is made about as
//! fast as it can be stored. Leaks come from the same families as those of a tree ([`leak`]).

mod clock;
mod leak;
mod stock;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use rand::RngCore;
use serde::{Deserialize, Serialize};

use crate::{draw::Draw, label::Role};
use clock::Clock;
use leak::Leaks;
use stock::Stock;

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// The number that everything follows from.
    pub seed: u64,
    /// The most bytes; as many entries are written as fit.
    pub bytes: u64,
    /// Of so many lines one is a leak.
    pub leak_every: u64,
}

impl LogOptions {
    /// The options of a seed: one leak in ten million lines.
    pub fn new(seed: u64, bytes: u64) -> Self {
        Self { seed, bytes, leak_every: 10_000_000 }
    }
}

/// A value that was planted in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLabel {
    /// The line of its first byte, from 1.
    pub line: u64,
    /// The id of the detector whose finding is expected or permitted.
    pub detector: String,
    /// Whether the finding is expected or only permitted.
    pub role: Role,
    /// The value as it stands in the log, escapes and line ends included.
    pub secret: String,
    /// Its first byte.
    pub offset: u64,
}

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCount {
    /// Bytes.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Places where values were planted, each with one label or more.
    pub leaks: u64,
}

/// So much is written at a time.
const CHUNK: usize = 1 << 20;

/// Writes a log and tells what was planted in it, in order. The same options write the
/// same; the memory it takes does not depend on the size.
///
/// # Errors
///
/// If the writer or the one who is told fails.
pub fn write_log(
    out: &mut dyn Write,
    options: &LogOptions,
    label: &mut dyn FnMut(LogLabel) -> io::Result<()>,
) -> io::Result<LogCount> {
    let mut draw = Draw::new(options.seed, 3);
    let stock = Stock::new(&mut draw);
    let mut random = Random(draw.next_u64());
    let mut leaks = Leaks::new(options.seed);
    let mut clock = Clock::new(&mut draw);
    let mut count = LogCount::default();
    let mut chunk = Vec::with_capacity(CHUNK + CHUNK / 4);
    let every = options.leak_every.max(1);
    let mut due = random.below(every);
    let mut period = every;
    loop {
        let start = chunk.len();
        let mut planted = None;
        clock.tick(random.below(8));
        if count.lines >= due {
            let leak = leaks.next(&clock);
            chunk.extend_from_slice(leak.text().as_bytes());
            chunk.push(b'\n');
            planted = Some(leak);
            // One at some line of every so many, however long the last was.
            due = period + random.below(every);
            period += every;
        } else {
            stock.write(&clock, &mut random, &mut chunk);
        }
        let length = (chunk.len() - start) as u64;
        if count.bytes + length > options.bytes {
            chunk.truncate(start);
            break;
        }
        if let Some(leak) = planted {
            for found in leak.labels(count.lines, count.bytes) {
                label(found)?;
            }
            count.leaks += 1;
        }
        count.lines += lines(&chunk[start..]);
        count.bytes += length;
        if chunk.len() >= CHUNK {
            out.write_all(&chunk)?;
            chunk.clear();
        }
    }
    out.write_all(&chunk)?;
    Ok(count)
}

fn lines(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Cheap random numbers, for what is drawn for each line: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound, or 0.
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}
