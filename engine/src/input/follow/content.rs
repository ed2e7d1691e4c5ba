//! Opening a file and telling what it is.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::identity::{HEAD, Head, Identity, Stat};
use crate::input::archive::{Format, guarded, of_rotation, refused, unpacked};
use crate::input::open::{Refused, open};

/// How many bytes tell whether a file is compressed.
const TELLING: usize = 16;

/// How compressed files begin.
const MAGICS: [&[u8]; 5] =
    [b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0", b"\x04\x22\x4d\x18"];

/// How a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Packed(Format),
    /// Too little of it is there, or it is compressed and its beginning is not whole.
    Unclear,
}

/// A file that was opened and looked at.
pub(super) struct Examined {
    /// The name by which it was opened.
    pub(super) at: PathBuf,
    pub(super) file: Arc<File>,
    pub(super) stat: Stat,
    pub(super) form: Form,
    /// The beginning of its content, decompressed.
    pub(super) head: Head,
    /// What is wrong with it if nobody is still writing it.
    pub(super) damage: Option<Refused>,
}

impl Examined {
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.form, Form::Packed(_))
    }

    pub(super) fn identity(&self) -> Identity {
        self.head.identity(self.stat.key)
    }
}

/// Opens a file and looks at its beginning. What is told is that of the file that was
/// opened, whatever stands under the name by now.
///
/// # Errors
///
/// If it is no file, or cannot be read.
pub(super) fn examine(path: &Path) -> Result<Examined, Refused> {
    examine_open(Arc::new(open(path, true)?.file), path)
}

/// The same of a file that is open.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn examine_open(file: Arc<File>, path: &Path) -> Result<Examined, Refused> {
    let stat = Stat::of(&file.metadata()?);
    let first = head_of(&file)?;
    let mut examined = Examined {
        at: path.to_owned(),
        file,
        stat,
        form: form_of(first.bytes()),
        head: first,
        damage: None,
    };
    if let Form::Packed(format) = examined.form {
        let (head, error) = unpacked_head(&examined.file, format);
        examined.head = Head::new(head);
        if let Some(error) = error {
            examined.form = Form::Unclear;
            examined.damage = Some(error);
        }
    }
    Ok(examined)
}

/// The first bytes of a file as it stands.
pub(super) fn head_of(file: &File) -> io::Result<Head> {
    let mut bytes = vec![0; HEAD];
    let mut read = 0;
    while read < HEAD {
        match file.read_at(&mut bytes[read..], read as u64) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(read);
    Ok(Head::new(bytes))
}

/// How a file is to be read that begins so.
pub(super) fn form_of(head: &[u8]) -> Form {
    match of_rotation(&head[..head.len().min(HEAD / 2)]) {
        Some(format) => Form::Packed(format),
        None if head.is_empty() => Form::Plain,
        None if head.len() < TELLING
            && MAGICS.iter().any(|m| m.iter().zip(head).all(|(a, b)| a == b)) =>
        {
            Form::Unclear
        }
        None => Form::Plain,
    }
}

/// The beginning of what a compressed file says, and why there is no more of it.
fn unpacked_head(file: &Arc<File>, format: Format) -> (Vec<u8>, Option<Refused>) {
    let mut head = Vec::with_capacity(HEAD);
    let read = guarded(|| {
        let reader = Positioned { file: Arc::clone(file), at: 0 };
        match unpacked(format, reader)? {
            Some(content) => content.take(HEAD as u64).read_to_end(&mut head),
            None => Ok(0),
        }
    });
    match read {
        Ok(Ok(_)) => (head, None),
        Ok(Err(error)) => (head, Some(refused(&error))),
        Err(refused) => (head, Some(refused)),
    }
}

/// Reads a file from a place of its own.
pub(super) struct Positioned {
    pub(super) file: Arc<File>,
    pub(super) at: u64,
}

impl Read for Positioned {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(out, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
