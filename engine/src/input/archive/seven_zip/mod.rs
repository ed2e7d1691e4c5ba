//! 7z: files packed in blocks, and a directory behind them that is packed too.
//!
//! Format: 7zFormat.txt and the list of methods in the LZMA SDK, both in the public
//! domain. Blocks are unpacked as streams, in the order in which they stand.

mod bytes;
mod coder;
mod directory;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Mutex;

use super::checked::{Checked, Stated};
use super::source::{Buffer, Source};
use super::{LimitHit, Members, ReadSeek, damaged, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;
use bytes::Bytes;
use coder::Unpacked;
use directory::{Block, Directory, Streams, id};

/// Bytes of the header that tells where the directory is.
const START: usize = 32;

/// The most bytes of a directory.
const DIRECTORY: u64 = 128 << 20;

/// A directory may be packed, and what tells how may be packed again.
const PACKED_TIMES: usize = 4;

/// Whether these are the first bytes of a 7z archive. All versions so far are 0.
pub(super) fn is(head: &[u8]) -> bool {
    head.starts_with(b"7z\xbc\xaf\x27\x1c\0") && head.len() >= START
}

pub(super) fn read(
    whole: &mut dyn ReadSeek,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut source = Source::new(whole).map_err(|e| refused(&e))?;
    let bytes = packed_directory(&mut source)?;
    let source = Mutex::new(source);
    let bytes = unpacked_directory(bytes, &source)?;
    if bytes.is_empty() {
        return Ok(ControlFlow::Continue(()));
    }
    let mut rest = Bytes(&bytes);
    if rest.number() != Some(id::HEADER) {
        return Err(damaged("its directory is none"));
    }
    let directory =
        Directory::read(&mut rest).ok_or_else(|| damaged("its directory is damaged"))?;
    files(directory, &source, members)
}

fn too_large() -> Refused {
    refused(&LimitHit(format!("a directory of more than {} MiB", DIRECTORY >> 20)).into())
}

fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Reads the directory as it stands in the archive.
fn packed_directory(source: &mut Source<'_>) -> Result<Vec<u8>, Refused> {
    let mut start = [0; START];
    let mut buffer = Buffer::default();
    buffer.exact(source, 0, &mut start).map_err(|e| refused(&e))?;
    let (_, fields) = start.split_at(12);
    let mut sums = Bytes(start.get(8..).unwrap_or_default());
    if sums.u32() != Some(crc_of(fields)) {
        return Err(damaged("its first header is damaged"));
    }
    let number = |at: usize| {
        let bytes = fields.get(at..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let (offset, size) = (number(0), number(8));
    let sum = fields.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let at = offset.checked_add(START as u64);
    if at.and_then(|at| at.checked_add(size)).is_none_or(|end| end > source.len) {
        return Err(damaged("the archive ends before its directory"));
    }
    if size > DIRECTORY {
        return Err(too_large());
    }
    let mut bytes = vec![0; size as usize];
    buffer.exact(source, at.unwrap_or_default(), &mut bytes).map_err(|e| refused(&e))?;
    if crc_of(&bytes) != sum {
        return Err(damaged("the checksum of its directory is wrong"));
    }
    Ok(bytes)
}

/// Unpacks the directory, as often as it is packed.
fn unpacked_directory(mut bytes: Vec<u8>, source: &Mutex<Source<'_>>) -> Result<Vec<u8>, Refused> {
    for _ in 0..PACKED_TIMES {
        let mut rest = Bytes(&bytes);
        if rest.number() != Some(id::ENCODED_HEADER) {
            return Ok(bytes);
        }
        let wrong = || damaged("its directory is damaged");
        let block = Streams::read(&mut rest).and_then(|mut streams| streams.block());
        let block = block.ok_or_else(wrong)?;
        if block.size().is_none_or(|size| size > DIRECTORY) {
            return Err(too_large());
        }
        let content = coder::open(&block, source).map_err(|why| match why.kind {
            SkipKind::EncryptedMember => {
                let detail = "the names of its members are encrypted too".to_owned();
                Refused { kind: why.kind, detail }
            }
            _ => why,
        })?;
        let stated = Stated { size: block.size(), sum: block.sum };
        let mut unpacked = Vec::new();
        let mut content = Checked::new(content, stated);
        content.read_to_end(&mut unpacked).map_err(|e| refused(&e))?;
        bytes = unpacked;
    }
    Err(damaged("its directory is packed over and over"))
}

/// Hands on the files of an archive.
fn files(
    mut directory: Directory<'_>,
    source: &Mutex<Source<'_>>,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let wrong = || damaged("its directory is damaged");
    let mut empty = 0;
    let mut block: Option<Open<'_, '_>> = None;
    for file in 0..directory.files {
        let name = match &mut directory.names {
            Some(names) => names.name().ok_or_else(wrong)?,
            None => String::new(),
        };
        let name = name.as_bytes();
        let flow = if directory.is_empty.get(file) {
            let is_file = directory.is_empty_file.get(empty);
            empty += 1;
            if !is_file {
                continue;
            }
            members.member(name, &mut io::empty())
        } else {
            let streams = &mut directory.streams;
            while block.as_ref().is_none_or(|block| block.files == 0) {
                // One dictionary at a time.
                drop(block.take());
                block = Some(Open::new(streams.block().ok_or_else(wrong)?, source));
            }
            let Some(block) = &mut block else { return Err(wrong()) };
            let sum = block.next(streams).ok_or_else(wrong)?;
            match block.refusal() {
                Some(why) => members.refused(name, why),
                None => {
                    let stated = Stated { size: None, sum };
                    members.member(name, &mut Checked::new(&mut *block, stated))
                }
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A block that is read, file by file.
struct Open<'h, 'r> {
    block: Block<'h>,
    unpacked: Result<Unpacked<'r>, Refused>,
    /// Files that are left.
    files: u64,
    /// Bytes that are left of it, beyond this file.
    left: u64,
    /// Bytes that are left of this file.
    file_left: u64,
}

impl<'h, 'r> Open<'h, 'r> {
    fn new(block: Block<'h>, source: &'r Mutex<Source<'_>>) -> Self {
        let files = block.files;
        let unpacked = match files {
            0 => Ok(Box::new(io::empty()) as Unpacked<'_>),
            _ => coder::open(&block, source),
        };
        let left = block.size().unwrap_or_default();
        Self { block, unpacked, files, left, file_left: 0 }
    }

    /// Goes on to the next file, and tells its checksum; `None` if it is not in the
    /// block.
    fn next(&mut self, streams: &mut Streams<'_>) -> Option<Option<u32>> {
        // What the taker did not read has to be unpacked all the same; a failure shows
        // in what comes next.
        while self.file_left > 0 && self.unpacked.is_ok() {
            let _ = io::copy(&mut *self, &mut io::sink());
        }
        self.files = self.files.checked_sub(1)?;
        let (size, sum) = streams.file(&self.block, self.files == 0)?;
        let size = size.unwrap_or(self.left);
        self.left = self.left.checked_sub(size)?;
        self.file_left = size;
        Some(sum)
    }

    /// Why nothing can be read of it.
    fn refusal(&self) -> Option<Refused> {
        let why = self.unpacked.as_ref().err()?;
        Some(Refused { kind: why.kind, detail: why.detail.clone() })
    }
}

impl Read for Open<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.file_left).unwrap_or(usize::MAX).min(out.len());
        let out = out.get_mut(..most).unwrap_or_default();
        if out.is_empty() {
            return Ok(0);
        }
        let Ok(unpacked) = &mut self.unpacked else {
            return Err(io::Error::other("the block that it is packed in is damaged"));
        };
        let result = match unpacked.read(out) {
            Ok(0) => Err(super::source::cut()),
            result => result,
        };
        match &result {
            Ok(read) => self.file_left -= *read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // Nothing behind it can be read either.
                let Refused { kind, detail } = refused(error);
                let detail = format!("packed with what cannot be unpacked: {detail}");
                self.unpacked = Err(Refused { kind, detail });
            }
        }
        result
    }
}
