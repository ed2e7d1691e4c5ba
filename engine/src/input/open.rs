//! Opening files without being held up by what is none, and naming what went
//! wrong.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::ledger::SkipKind;

/// A regular file, as it was when it was opened.
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) size: u64,
}

/// Why there is nothing to read.
pub(crate) struct Refused {
    pub(crate) kind: SkipKind,
    pub(crate) detail: String,
}

impl Refused {
    pub(crate) fn new(kind: SkipKind) -> Self {
        Self { kind, detail: String::new() }
    }
}

impl From<&io::Error> for Refused {
    fn from(error: &io::Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => SkipKind::Vanished,
            ErrorKind::PermissionDenied => SkipKind::NoPermission,
            _ => SkipKind::ReadFailed,
        };
        Self { kind, detail: message(error) }
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::from(&error)
    }
}

/// What the system says, in lower case, without its number.
pub(crate) fn message(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Opens a regular file. Between the listing of a directory and the opening of
/// its file anything may have taken the file's place: a pipe does not block,
/// and a link is not followed unless `follow`.
pub(crate) fn open(path: &Path, follow: bool) -> Result<Opened, Refused> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let links = if follow { 0 } else { libc::O_NOFOLLOW };
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | links);
    }
    #[cfg(not(unix))]
    let _ = follow;
    let file = options.open(path).map_err(|error| {
        #[cfg(unix)]
        match error.raw_os_error() {
            Some(libc::ELOOP) if !follow => return Refused::new(SkipKind::SymbolicLink),
            // A socket, or a device without a driver.
            Some(libc::ENXIO | libc::ENODEV) => return Refused::new(SkipKind::SpecialFile),
            _ => {}
        }
        Refused::from(error)
    })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Refused::new(SkipKind::SpecialFile));
    }
    Ok(Opened { file, size: metadata.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_lower_case_fragments() {
        let error = File::open("/nonexistent/leaksieve").unwrap_err();
        let text = message(&error);
        assert!(!text.contains("os error") && !text.starts_with(char::is_uppercase), "{text}");
    }
}
