//! The commands that take more than a line.

pub(crate) mod log;
pub(crate) mod score;
pub(crate) mod wrap;

use std::{fmt, path::Path};

/// What went wrong, and with which file.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// A failure of what was done with a file.
    pub(crate) fn with<E: fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{}: {error}", path.display()))
    }
}
