//! A file that is only appended to, of which whatever a crash leaves can be read.
//!
//! ```text
//! magic, version                                   17 bytes
//! frame: length of the payload, little-endian      4 bytes
//!        kind                                      1 byte
//!        payload
//!        BLAKE3 of the three above, its head       8 bytes
//! ```
//!
//! The first frame holds the digest that everything else belongs to, and the hash
//! of all others is keyed with it: what an earlier digest left on the disk is never
//! taken for what belongs to this one. Reading ends at the first frame that is cut
//! or whose hash is another; the file is cut there before anything is appended.
//! Opening a file writes nothing.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::StateError;

/// No text begins so.
const MAGIC: &[u8; 17] = b"\x89leaksieve-state\x01";

/// The last byte of [`MAGIC`] tells the version; other versions are read as empty.
const NAME: usize = MAGIC.len() - 1;

/// The kind of the first frame.
const BEGIN: u8 = b'B';

/// Bytes of a frame around its payload: length and kind, hash.
const HEAD: usize = 5;
const CHECK: usize = 8;

/// The longest payload: what is allocated to read one.
pub(super) const MAX_FRAME: usize = 16 << 20;

/// A few frames, and one for so many bytes, are what a file written anew has.
const FEW: u64 = 16;
const LARGE: u64 = 1 << 20;

/// A piece of the journal.
pub(super) struct Frame<'p> {
    pub(super) kind: u8,
    pub(super) payload: &'p [u8],
}

/// A journal that is open and locked.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    digest: [u8; 32],
    /// Where the frames that can be believed end; 0 if the file is to be begun.
    end: u64,
    frames: u64,
    /// Writing failed. What was lost must not be followed by anything.
    failed: bool,
}

impl Journal {
    /// Opens and locks the file, makes it if there is none, and hands out what can be
    /// believed of it.
    pub(super) fn open(
        path: &Path,
        digest: &[u8; 32],
        take: &mut dyn FnMut(Frame<'_>),
    ) -> Result<Self, StateError> {
        let file = opened(path)?;
        // A link stays one when the file is written anew.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut journal = Self { path, file, digest: *digest, end: 0, frames: 0, failed: false };
        journal.replay(take)?;
        Ok(journal)
    }

    /// Hands out what can be believed, and notes where it ends.
    pub(super) fn replay(&mut self, take: &mut dyn FnMut(Frame<'_>)) -> Result<(), StateError> {
        let mut read = |this: &mut Self| -> io::Result<bool> {
            (this.end, this.frames) = (0, 0);
            let length = this.file.metadata()?.len();
            this.file.seek(SeekFrom::Start(0))?;
            let reader = BufReader::with_capacity(1 << 18, &this.file);
            let mut frames = Frames::new(reader, length);
            let (end, count) = match frames.all(&this.digest, take)? {
                Some(read) => read,
                None => return Ok(false),
            };
            (this.end, this.frames) = (end, count);
            Ok(true)
        };
        match read(self) {
            Ok(true) => Ok(()),
            Ok(false) => Err(StateError::NotState { path: self.path.clone() }),
            Err(source) => Err(self.error("read", source)),
        }
    }

    /// Appends frames and waits until they are on the disk.
    pub(super) fn append(&mut self, frames: &[(u8, Vec<u8>)]) -> Result<(), StateError> {
        if self.failed {
            return Err(self.error("write", io::Error::other("an earlier write failed")));
        }
        if frames.is_empty() {
            return Ok(());
        }
        if self.end == 0 && self.replace(frames).is_ok() {
            return Ok(());
        }
        let bytes = if self.end == 0 {
            begun(&self.digest, frames)
        } else {
            let mut bytes = Vec::new();
            encode(&mut bytes, &key(&self.digest), frames);
            bytes
        };
        let write = |this: &mut Self| -> io::Result<()> {
            if this.file.metadata()?.len() != this.end {
                this.file.set_len(this.end)?;
            }
            this.file.seek(SeekFrom::Start(this.end))?;
            this.file.write_all(&bytes)?;
            this.file.sync_data()
        };
        if let Err(source) = write(self) {
            self.failed = true;
            return Err(self.error("write", source));
        }
        self.end += bytes.len() as u64;
        self.frames += frames.len() as u64;
        Ok(())
    }

    /// Whether the file is worth writing anew.
    pub(super) fn is_wordy(&self) -> bool {
        self.frames > FEW + self.end / LARGE
    }

    /// Puts a file with these frames in the place of this one, or leaves it alone.
    pub(super) fn replace(&mut self, frames: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let mut name = self.path.file_name().map_or_else(OsString::new, OsString::from);
        name.push(".new");
        let beside = self.path.with_file_name(name);
        // What a run left that was killed just here. Nothing else is called so, and no
        // link of a stranger is followed.
        let _ = std::fs::remove_file(&beside);
        let written = self.write_beside(&beside, frames);
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        let (file, end) = written?;
        (self.file, self.end, self.frames) = (file, end, frames.len() as u64);
        Ok(())
    }

    fn write_beside(&self, beside: &Path, frames: &[(u8, Vec<u8>)]) -> io::Result<(File, u64)> {
        let mut file = private().create_new(true).open(beside)?;
        // Locked before anyone can see it under its name.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let bytes = begun(&self.digest, frames);
        file.write_all(&bytes)?;
        file.set_permissions(self.file.metadata()?.permissions())?;
        file.sync_all()?;
        std::fs::rename(beside, &self.path)?;
        // So that the new name survives a crash too; the old file would do as well.
        #[cfg(unix)]
        if let Some(directory) = self.path.parent() {
            let _ = File::open(directory).and_then(|d| d.sync_all());
        }
        Ok((file, bytes.len() as u64))
    }

    fn error(&self, action: &'static str, source: io::Error) -> StateError {
        StateError::Io { path: self.path.clone(), action, source }
    }
}

/// For reading and writing; what is made is for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The file, locked.
fn opened(path: &Path) -> Result<File, StateError> {
    let error = |action| {
        let path = path.to_owned();
        move |source| StateError::Io { path, action, source }
    };
    // A run that ends may put another file in the place of the one that was opened.
    for attempt in 0..20 {
        // Waiting for the other end of a pipe would be for ever.
        if std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
            return Err(StateError::NotState { path: path.to_owned() });
        }
        let file = private().create(true).truncate(false).open(path).map_err(error("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            // A run that has just ended may have given its files to a program that it
            // was about to start.
            Err(TryLockError::WouldBlock) if attempt < 19 => {
                std::thread::sleep(std::time::Duration::from_millis(10));
                continue;
            }
            Err(TryLockError::WouldBlock) => break,
            // Some network file systems know no locks.
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(e)) => return Err(error("lock")(e)),
        }
        if is_at(&file, path) {
            return Ok(file);
        }
    }
    Err(StateError::InUse { path: path.to_owned() })
}

/// Whether this file still has this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |m: std::fs::Metadata| (m.dev(), m.ino());
    let [open, named] = [file.metadata(), std::fs::metadata(path)].map(|m| m.ok().map(id));
    open == named && open.is_some()
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    // An open file cannot be replaced here.
    true
}

fn key(digest: &[u8; 32]) -> [u8; 32] {
    blake3::derive_key("leaksieve state v1", digest)
}

fn check(key: &[u8; 32], head: &[u8], payload: &[u8]) -> [u8; CHECK] {
    let hash = blake3::Hasher::new_keyed(key).update(head).update(payload).finalize();
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash.as_bytes()[..CHECK]);
    check
}

/// A whole file.
fn begun(digest: &[u8; 32], frames: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    encode(&mut bytes, &[0; 32], &[(BEGIN, digest.to_vec())]);
    encode(&mut bytes, &key(digest), frames);
    bytes
}

fn encode(out: &mut Vec<u8>, key: &[u8; 32], frames: &[(u8, Vec<u8>)]) {
    for (kind, payload) in frames {
        debug_assert!(payload.len() <= MAX_FRAME);
        let head = out.len();
        out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        out.push(*kind);
        let check = check(key, &out[head..], payload);
        out.extend_from_slice(payload);
        out.extend_from_slice(&check);
    }
}

enum Header {
    Known,
    /// A file that was begun and no more, or one of another version.
    Unknown,
    /// No state file.
    Strange,
}

/// Reads frames from a file of a known length.
struct Frames<R> {
    reader: R,
    payload: Vec<u8>,
    length: u64,
    /// Where the last frame that was handed out ends.
    end: u64,
}

impl<R: Read> Frames<R> {
    fn new(reader: R, length: u64) -> Self {
        Self { reader, payload: Vec::new(), length, end: 0 }
    }

    /// Hands out all that can be believed; tells where it ends and how many frames
    /// there were, or `None` if this is no journal.
    fn all(
        &mut self,
        digest: &[u8; 32],
        take: &mut dyn FnMut(Frame<'_>),
    ) -> io::Result<Option<(u64, u64)>> {
        match self.header()? {
            Header::Strange => return Ok(None),
            Header::Unknown => return Ok(Some((0, 0))),
            Header::Known => {}
        }
        let begins = self.next(&[0; 32])?;
        if !begins.is_some_and(|f| f.kind == BEGIN && f.payload == digest) {
            return Ok(Some((0, 0)));
        }
        let key = key(digest);
        let mut count = 0;
        while let Some(frame) = self.next(&key)? {
            take(frame);
            count += 1;
        }
        Ok(Some((self.end, count)))
    }

    fn header(&mut self) -> io::Result<Header> {
        let mut header = Vec::new();
        self.reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut header)?;
        self.end = header.len() as u64;
        let known = header.len().min(NAME);
        Ok(match header[..known] == MAGIC[..known] {
            false => Header::Strange,
            true if header == MAGIC => Header::Known,
            true => Header::Unknown,
        })
    }

    /// The next frame that can be believed.
    fn next(&mut self, key: &[u8; 32]) -> io::Result<Option<Frame<'_>>> {
        let left = self.length.saturating_sub(self.end);
        if left < (HEAD + CHECK) as u64 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.reader.read_exact(&mut head)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        if length > MAX_FRAME || (length + HEAD + CHECK) as u64 > left {
            return Ok(None);
        }
        self.payload.resize(length, 0);
        self.reader.read_exact(&mut self.payload)?;
        let mut told = [0; CHECK];
        self.reader.read_exact(&mut told)?;
        if told != check(key, &head, &self.payload) {
            return Ok(None);
        }
        self.end += (HEAD + length + CHECK) as u64;
        Ok(Some(Frame { kind: head[4], payload: &self.payload }))
    }
}

/// Reads any bytes as a file.
#[cfg(feature = "fuzz")]
pub(super) fn fuzz(bytes: &[u8], digest: &[u8; 32], take: &mut dyn FnMut(Frame<'_>)) {
    let mut frames = Frames::new(bytes, bytes.len() as u64);
    let read = frames.all(digest, take);
    assert!(read.is_ok_and(|r| r.is_none_or(|(end, _)| end <= bytes.len() as u64)));
}

/// A whole file.
#[cfg(feature = "fuzz")]
pub(super) fn fuzz_file(digest: &[u8; 32], frames: &[(u8, Vec<u8>)]) -> Vec<u8> {
    begun(digest, frames)
}
