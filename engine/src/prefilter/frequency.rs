//! How frequent bytes and pairs of bytes are in what gets scanned.
//!
//! The table in `bigrams.bin` holds, for each pair of neighbouring bytes, eight
//! times the negative binary logarithm of its share: 96 × 96 entries, printable
//! ASCII from space to `~` (a tab counts as a space) and one entry for every
//! other byte. It was counted over source code of several languages (weight
//! 0.6), JSON documents and logs (0.2), access logs (0.2) and base64 (0.03), so
//! that no one file decides. Only the speed depends on it, never a result.

static BIGRAMS: &[u8; 96 * 96] = include_bytes!("bigrams.bin");

fn symbol(byte: u8) -> usize {
    match byte {
        b'\t' => 0,
        b' '..=b'~' => usize::from(byte - b' '),
        _ => 95,
    }
}

/// Frequencies, with the byte shares summed once.
#[derive(Debug)]
pub(super) struct Frequencies {
    bytes: [f64; 256],
    /// The share that an entry of the table stands for.
    shares: [f64; 256],
}

impl Frequencies {
    pub(super) fn new() -> Self {
        let shares: [f64; 256] = std::array::from_fn(|v| (v as f64 * -0.125).exp2());
        let mut symbols = [0.0; 96];
        for (i, share) in symbols.iter_mut().enumerate() {
            *share = BIGRAMS[i * 96..(i + 1) * 96].iter().map(|v| shares[usize::from(*v)]).sum();
        }
        let mut bytes = [0.0; 256];
        for (byte, share) in bytes.iter_mut().enumerate() {
            let symbol = symbol(byte as u8);
            // The last symbol stands for all the bytes without their own.
            *share = if symbol == 95 { symbols[95] / 162.0 } else { symbols[symbol] };
        }
        Self { bytes, shares }
    }

    /// Share of the pair `first`, `second` among all neighbouring bytes.
    fn pair(&self, first: u8, second: u8) -> f64 {
        self.shares[usize::from(BIGRAMS[symbol(first) * 96 + symbol(second)])]
    }

    /// Share of a byte.
    pub(super) fn byte(&self, byte: u8) -> f64 {
        self.bytes[usize::from(byte)]
    }

    /// Expected share of positions at which these bytes stand, each in one case
    /// or in both, by a first-order chain.
    pub(super) fn window(&self, window: &[u8], ignore_case: bool) -> f64 {
        let cases = |b: u8| -> [Option<u8>; 2] {
            if ignore_case && b.is_ascii_alphabetic() {
                [Some(b.to_ascii_lowercase()), Some(b.to_ascii_uppercase())]
            } else {
                [Some(b), None]
            }
        };
        let sum = |a: u8, b: u8| -> f64 {
            cases(a)
                .into_iter()
                .flatten()
                .flat_map(|a| cases(b).into_iter().flatten().map(move |b| self.pair(a, b)))
                .sum()
        };
        let single = |b: u8| -> f64 { cases(b).into_iter().flatten().map(|b| self.byte(b)).sum() };
        let Some(first) = window.first() else { return 1.0 };
        window
            .windows(2)
            .fold(single(*first), |p, two| p * sum(two[0], two[1]) / single(two[0]).max(1e-12))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_is_rarer_than_common() {
        let f = Frequencies::new();
        assert!(f.window(b"AKIA", false) < f.window(b"ther", false) / 10.0);
        assert!(f.window(b"secr", true) >= f.window(b"secr", false));
        let total: f64 = (0..=255u8).map(|b| f.byte(b)).sum();
        assert!((0.9..1.3).contains(&total), "{total}");
    }
}
