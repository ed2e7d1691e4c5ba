//! Why a container cannot be read.

use std::io;

use crate::input::open::{Refused, message};
use crate::ledger::SkipKind;

/// A limit was hit. Readers of containers pass it on as an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LimitHit(pub(crate) String);

impl From<LimitHit> for io::Error {
    fn from(hit: LimitHit) -> Self {
        Self::other(hit)
    }
}

/// A container, or a member of one, is not what was written.
pub(super) fn damaged(detail: impl Into<String>) -> Refused {
    Refused { kind: SkipKind::DamagedArchive, detail: detail.into() }
}

/// What an error means that came up while a container was read: a limit, a failure of
/// the system, or damage.
pub(crate) fn refused(error: &io::Error) -> Refused {
    let mut cause: Option<&(dyn std::error::Error + 'static)> =
        error.get_ref().map(|e| e as &(dyn std::error::Error + 'static));
    while let Some(error) = cause {
        if let Some(hit) = error.downcast_ref::<LimitHit>() {
            return Refused { kind: SkipKind::ArchiveLimit, detail: hit.to_string() };
        }
        // A format's own error may wrap that of the reader below.
        cause = match error.downcast_ref::<io::Error>() {
            Some(inner) => match inner.get_ref() {
                Some(inner) => Some(inner),
                None if inner.raw_os_error().is_some() => return Refused::from(inner),
                None => None,
            },
            None => error.source(),
        };
    }
    if error.raw_os_error().is_some() {
        return Refused::from(error);
    }
    damaged(message(error))
}
