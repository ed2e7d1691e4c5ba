//! One record a line: for pipes, logs and programs that read as they go.

use std::io::{self, Write};

use super::record::JsonRecord;
use super::{Disclosure, Report, Scan, Summary};
use crate::policy::Record;

/// Writes one JSON record a line, and nothing else.
#[derive(Debug)]
pub struct JsonlReport<W> {
    out: W,
    disclosure: Disclosure,
}

impl<W: Write> JsonlReport<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, disclosure: Disclosure) -> Self {
        Self { out, disclosure }
    }
}

impl<W: Write> Report for JsonlReport<W> {
    fn begin(&mut self, _: &Scan<'_>) -> io::Result<()> {
        Ok(())
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &JsonRecord::new(record, self.disclosure))?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self, _: &Summary<'_>) -> io::Result<()> {
        self.out.flush()
    }
}
