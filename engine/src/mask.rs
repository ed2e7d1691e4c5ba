//! Hiding secrets in what people read.

/// What stands for the hidden rest of a secret.
pub const STARS: &str = "********";

/// Bytes of a long secret that are shown, so that a person can tell two
/// secrets apart and search for one.
const SHOWN: usize = 4;

/// The shortest secret of which anything is shown.
const LONG: usize = 20;

/// A secret as it may be shown: the first four characters of a long one, none
/// of a short one, then stars whose number tells nothing.
pub fn masked(secret: &[u8]) -> String {
    let head = if secret.len() >= LONG { &secret[..SHOWN] } else { &[] };
    let mut text = visible(head);
    text.push_str(STARS);
    text
}

/// Text that is safe on a terminal: control characters and bytes that are no
/// UTF-8 become visible stand-ins.
pub fn visible(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| match c {
            '\t' => ' ',
            // Invisible characters that reorder text count as control characters.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_secrets_show_their_head_and_short_ones_nothing() {
        assert_eq!(masked(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "wJal********");
        assert_eq!(masked(b"hunter2"), "********");
        assert_eq!(visible(b"a\x1b[31mb\r\x00\xff"), "a\u{fffd}[31mb\u{fffd}\u{fffd}\u{fffd}");
    }
}
