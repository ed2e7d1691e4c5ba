//! Statistics of a short text, to tell random keys from everything else.

/// Character statistics of a text; see [`statistics`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Bytes.
    pub len: usize,
    /// Shannon entropy of the text's own histogram, in bits per byte.
    pub entropy: f64,
    /// Neighbouring bytes of different classes (upper, lower, digit, other).
    pub transitions: usize,
    /// Different bytes.
    pub distinct: usize,
    /// How often the commonest byte occurs.
    pub commonest: usize,
    /// Upper-case letters.
    pub upper: usize,
    /// Lower-case letters.
    pub lower: usize,
    /// Digits.
    pub digits: usize,
    /// `/` bytes.
    pub slashes: usize,
    /// `+` and `/` bytes.
    pub symbols: usize,
    /// Length of the longest run of lower-case letters.
    pub lower_run: usize,
}

fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Counts a text. Linear; does not allocate.
pub fn statistics(text: &[u8]) -> Statistics {
    let mut counts = [0u32; 256];
    let (mut upper, mut lower, mut digits, mut slashes, mut symbols) = (0, 0, 0, 0, 0);
    let (mut transitions, mut run, mut lower_run) = (0, 0, 0);
    for (i, byte) in text.iter().enumerate() {
        counts[usize::from(*byte)] += 1;
        transitions += usize::from(i > 0 && class(text[i - 1]) != class(*byte));
        run = if byte.is_ascii_lowercase() { run + 1 } else { 0 };
        lower_run = lower_run.max(run);
        match byte {
            b'A'..=b'Z' => upper += 1,
            b'a'..=b'z' => lower += 1,
            b'0'..=b'9' => digits += 1,
            b'/' => slashes += 1,
            _ => {}
        }
        symbols += usize::from(matches!(byte, b'/' | b'+'));
    }
    Statistics {
        len: text.len(),
        entropy: entropy(&counts, text.len()),
        transitions,
        distinct: counts.iter().filter(|c| **c > 0).count(),
        commonest: counts.iter().copied().max().unwrap_or(0) as usize,
        upper,
        lower,
        digits,
        slashes,
        symbols,
        lower_run,
    }
}

fn entropy(counts: &[u32; 256], len: usize) -> f64 {
    let total = len as f64;
    counts
        .iter()
        .filter(|c| **c > 0)
        .map(|c| {
            let p = f64::from(*c) / total;
            -p * p.log2()
        })
        .sum()
}

/// Shannon entropy of a text's own histogram, in bits per byte; 0 for an empty
/// text.
pub fn shannon_entropy(text: &[u8]) -> f64 {
    statistics(text).entropy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_of_known_texts() {
        assert_eq!(shannon_entropy(b""), 0.0);
        assert_eq!(shannon_entropy(b"aaaa"), 0.0);
        assert_eq!(shannon_entropy(b"abab"), 1.0);
        assert!((shannon_entropy(b"0123456789abcdef") - 4.0).abs() < 1e-12);
    }

    #[test]
    fn classes_and_runs() {
        let s = statistics(b"Ab1/xyz+");
        assert_eq!((s.upper, s.lower, s.digits, s.slashes, s.symbols), (1, 4, 1, 1, 2));
        assert_eq!((s.transitions, s.lower_run, s.distinct, s.commonest), (5, 3, 8, 1));
    }
}
