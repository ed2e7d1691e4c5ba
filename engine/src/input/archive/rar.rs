//! rar, which is recognised and not read: no free library reads it, and its makers'
//! own source may not be used to write one that writes it.

use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// Whether these are the first bytes of a rar archive, of its versions 1.5 to 4 or 5.
pub(super) fn is(head: &[u8]) -> bool {
    head.starts_with(b"Rar!\x1a\x07\0") || head.starts_with(b"Rar!\x1a\x07\x01\0")
}

pub(super) fn refusal() -> Refused {
    let detail = "rar is not read; unpack it to have its members scanned".to_owned();
    Refused { kind: SkipKind::UnsupportedArchive, detail }
}
