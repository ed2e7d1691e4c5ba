//! From findings to what is reported: which detectors count, which occurrences
//! are the same leak, how bad each is where it stands.
//!
//! Nothing here looks at text. A scan hands its findings, from any thread and
//! in any order, to [`Groups`], which joins the occurrences of one secret into
//! one [`Record`]; the records come out in the order of their places, the same
//! in every run. [`Live`] tells of streams while they go on.

#[cfg(feature = "git")]
mod commits;
mod fingerprint;
mod group;
mod live;
mod selection;

pub use fingerprint::Fingerprint;
#[cfg(all(unix, feature = "follow"))]
pub(crate) use fingerprint::hex;
pub use group::{Collected, Groups, MAX_PLACES, MAX_RECORDS, Occurrence, Record, Unlisted};
pub use live::{Live, Sightings, Source, Told, Withdrawn};
pub use selection::{Selection, UnknownDetector};
