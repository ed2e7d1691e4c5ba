//! Reading what a compressed file says.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::content::Positioned;
use crate::input::archive::{Format, guarded, refused, unpacked};
use crate::input::open::Refused;

/// How many decoders there are at a time, which may take 128 MiB each.
pub(super) const DECODERS: usize = 2;

/// The reading of a compressed file.
pub(super) struct Packed {
    format: Format,
    decoder: Option<Box<dyn Read + Send>>,
    /// How far the decoder is in the content.
    decoded: u64,
    /// How far it is in the file.
    consumed: Arc<AtomicU64>,
}

/// What came of reading.
pub(super) enum Unpacked {
    /// So many bytes stand in the buffer. They belong at the offset that is asked for.
    Bytes(usize),
    /// So many bytes were only decoded, to come to the offset.
    Passed(usize),
    /// There is nothing more.
    End,
    /// Nothing more can be read; if somebody is still writing the file, it can be later.
    Refused(Refused),
}

impl Packed {
    pub(super) fn new(format: Format) -> Self {
        Self { format, decoder: None, decoded: 0, consumed: Arc::default() }
    }

    pub(super) fn has_decoder(&self) -> bool {
        self.decoder.is_some()
    }

    /// Gives its memory back; reading begins anew, and comes to the offset by decoding.
    pub(super) fn rest(&mut self) {
        self.decoder = None;
    }

    /// Bytes of the file that were read.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Reads on at `offset`.
    pub(super) fn read(&mut self, file: &Arc<File>, offset: u64, buffer: &mut [u8]) -> Unpacked {
        if self.decoder.is_none()
            && let Err(refused) = self.begin(file)
        {
            return Unpacked::Refused(refused);
        }
        let Some(decoder) = &mut self.decoder else { return Unpacked::End };
        let missing = offset.saturating_sub(self.decoded);
        let room = match usize::try_from(missing) {
            Ok(missing @ 1..) => buffer.len().min(missing),
            _ => buffer.len(),
        };
        let read = loop {
            match guarded(|| decoder.read(&mut buffer[..room])) {
                Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Ok(read) => break read.map_err(|error| refused(&error)),
                Err(refused) => break Err(refused),
            }
        };
        match read {
            Ok(0) => {
                self.rest();
                Unpacked::End
            }
            Ok(read) => {
                self.decoded += read as u64;
                if missing > 0 { Unpacked::Passed(read) } else { Unpacked::Bytes(read) }
            }
            Err(refused) => {
                self.rest();
                Unpacked::Refused(refused)
            }
        }
    }

    fn begin(&mut self, file: &Arc<File>) -> Result<(), Refused> {
        self.decoded = 0;
        self.consumed.store(0, Ordering::Relaxed);
        let file = Positioned { file: Arc::clone(file), at: 0 };
        let counted = Counted { file, consumed: Arc::clone(&self.consumed) };
        let format = self.format;
        self.decoder = guarded(|| unpacked(format, counted))?.map_err(|error| refused(&error))?;
        Ok(())
    }
}

/// Tells how much was read of a file.
struct Counted {
    file: Positioned,
    consumed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(out)?;
        self.consumed.store(self.file.at, Ordering::Relaxed);
        Ok(read)
    }
}
