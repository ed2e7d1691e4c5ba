//! One document: the findings and the summary.

use std::io::{self, Write};

use super::record::{JsonRecord, JsonSummary, SCHEMA};
use super::{Disclosure, Report, Scan, Summary};
use crate::policy::Record;

/// Writes one JSON document: `{ "schema", "tool", "findings": [records],
/// "summary" }`. Records are those of the `jsonl` format.
#[derive(Debug)]
pub struct JsonReport<W> {
    out: W,
    disclosure: Disclosure,
    empty: bool,
}

impl<W: Write> JsonReport<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, disclosure: Disclosure) -> Self {
        Self { out, disclosure, empty: true }
    }
}

impl<W: Write> Report for JsonReport<W> {
    fn begin(&mut self, scan: &Scan<'_>) -> io::Result<()> {
        self.out.write_all(b"{\"schema\":")?;
        serde_json::to_writer(&mut self.out, SCHEMA)?;
        self.out.write_all(b",\n\"tool\":")?;
        let tool = serde_json::json!({ "name": "leaksieve", "version": scan.version });
        serde_json::to_writer(&mut self.out, &tool)?;
        self.out.write_all(b",\n\"findings\":[")
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.out.write_all(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        serde_json::to_writer(&mut self.out, &JsonRecord::new(record, self.disclosure))?;
        Ok(())
    }

    fn end(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        self.out.write_all(b"\n],\n\"summary\":")?;
        serde_json::to_writer(&mut self.out, &JsonSummary::new(summary))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}
