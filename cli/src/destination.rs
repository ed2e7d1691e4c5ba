//! Where a report goes.
//!
//! A report file is written beside its place and moved there when it is
//! complete, so that a failed run leaves the last report as it was. What is no
//! regular file, such as `/dev/null`, a terminal or a named pipe, is written to
//! directly.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, reason};

/// Where a report goes.
#[derive(Debug)]
pub(crate) enum Destination {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Destination {
    /// The destination that `--report-path` names.
    pub(crate) fn new(path: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|p| p.as_os_str() != "-") else { return Ok(Self::Stdout) };
        // Better now than after an hour of scanning.
        if path.is_dir() {
            return Err(Failure::new(format!("{}: is a directory", path.display()))
                .hint("--report-path names the file to write"));
        }
        let parent = parent(&path);
        if !parent.is_dir() {
            return Err(Failure::new(format!(
                "{}: there is no directory {}",
                path.display(),
                parent.display()
            )));
        }
        Ok(Self::File(path))
    }

    /// The file, if it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File(path) => Some(path),
        }
    }

    /// Opens it. `private` keeps others from reading the file, even if they may
    /// read the one that it replaces.
    pub(crate) fn open(&self, private: bool) -> Result<Output, Failure> {
        match self {
            Self::Stdout => Ok(Output::Stdout(BufWriter::with_capacity(1 << 16, io::stdout()))),
            Self::File(path) => Output::file(path, private).map_err(|error| self.failure(&error)),
        }
    }

    /// Tells that writing here failed.
    pub(crate) fn failure(&self, error: &io::Error) -> Failure {
        let name = match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => path.display().to_string(),
        };
        Failure::new(format!("failed to write the report to {name}: {}", reason(error)))
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An open destination.
pub(crate) enum Output {
    Stdout(BufWriter<io::Stdout>),
    /// What is no regular file.
    Device(BufWriter<File>),
    /// A file beside `place`, to be moved there.
    Beside {
        file: BufWriter<NamedTempFile>,
        place: PathBuf,
    },
}

impl Output {
    fn file(path: &Path, private: bool) -> io::Result<Self> {
        let known = fs::metadata(path).ok();
        if known.as_ref().is_some_and(|m| !m.is_file()) {
            let device = File::options().write(true).open(path)?;
            return Ok(Self::Device(BufWriter::new(device)));
        }
        // A link to a report stays a link.
        let place = if known.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
        if known.as_ref().is_some_and(|m| m.permissions().readonly()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".leaksieve-").suffix(".tmp");
        #[cfg(unix)]
        if !private {
            use std::os::unix::fs::PermissionsExt;
            // As any file is made: the process's mask takes from this.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(parent(&place))?;
        // What others may read of a masked report, they may not of secrets.
        if let Some(known) = known.filter(|_| !private) {
            file.as_file().set_permissions(known.permissions())?;
        }
        Ok(Self::Beside { file: BufWriter::new(file), place })
    }

    /// Puts the report in its place.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush(),
            Self::Device(mut out) => out.flush(),
            Self::Beside { file, place } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.persist(place).map_err(|e| e.error)?;
                Ok(())
            }
        }
    }

    fn inner(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::Device(out) => out,
            Self::Beside { file, .. } => file,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner().flush()
    }
}

/// Writes text to standard output; whoever closed it wants no more.
pub(crate) fn print(text: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("failed to write to standard output: {}", reason(&error))))
        }
        _ => Ok(()),
    }
}
