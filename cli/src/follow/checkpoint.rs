//! Where a checkpoint is kept: a file that is always whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use leaksieve::run::follow::Checkpoint;

use crate::failure::{Failure, reason};

/// No checkpoint is larger.
const MOST: u64 = 256 << 20;

/// The file of a checkpoint.
pub(super) struct CheckpointFile(PathBuf);

impl CheckpointFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// What was kept last; `None` if there is no such file yet.
    pub(super) fn load(&self) -> Result<Option<Checkpoint>, Failure> {
        let name = self.0.display();
        let read = || -> io::Result<Vec<u8>> {
            let metadata = fs::metadata(&self.0)?;
            // A pipe would be waited for, and a device read without end.
            if !metadata.is_file() {
                return Err(io::Error::other("not a regular file"));
            }
            if metadata.len() > MOST {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            fs::read(&self.0)
        };
        let bytes = match read() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return self.is_possible(),
            Err(error) => return Err(Failure::new(format!("{name}: {}", reason(&error)))),
        };
        Checkpoint::from_bytes(&bytes).map(Some).map_err(|error| {
            Failure::new(format!("{name} {error}"))
                .hint("without it every file is followed anew: remove it if that is right")
        })
    }

    /// Better now than after the first finding.
    fn is_possible(&self) -> Result<Option<Checkpoint>, Failure> {
        let directory = self.directory();
        if directory.is_dir() {
            return Ok(None);
        }
        let (name, directory) = (self.0.display(), directory.display());
        Err(Failure::new(format!("{name}: there is no directory {directory}")))
    }

    fn directory(&self) -> &Path {
        self.0.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Puts a checkpoint in the place of the last one.
    pub(super) fn save(&self, bytes: &[u8]) -> Result<(), Failure> {
        let save = || -> io::Result<()> {
            let mut builder = tempfile::Builder::new();
            let mut file =
                builder.prefix(".leaksieve-").suffix(".tmp").tempfile_in(self.directory())?;
            file.write_all(bytes)?;
            file.as_file().sync_data()?;
            file.persist(&self.0).map_err(|error| error.error)?;
            Ok(())
        };
        save().map_err(|error| {
            let name = self.0.display();
            Failure::new(format!("failed to write the checkpoint {name}: {}", reason(&error)))
        })
    }
}
