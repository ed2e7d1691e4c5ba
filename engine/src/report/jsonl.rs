//! One record a line: for pipes, logs and programs that read as they go.

use std::io::{self, Write};

use super::record::{JsonRecord, JsonSightings, JsonWithdrawn};
use super::{Disclosure, LiveReport, Report, Scan, Summary};
use crate::policy::{Record, Told};

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

/// Every line has an `event`: `found`, `amended` (this record takes the place of the one
/// with the same id), `withdrawn` and `again`.
impl<W: Write> LiveReport for JsonlReport<W> {
    fn tell(&mut self, told: &Told) -> io::Result<()> {
        let out = &mut self.out;
        match told {
            Told::Found(record) => {
                let record = JsonRecord::new(record, self.disclosure);
                serde_json::to_writer(out, &record.event("found"))?;
            }
            Told::Amended(record) => {
                let record = JsonRecord::new(record, self.disclosure);
                serde_json::to_writer(out, &record.event("amended"))?;
            }
            Told::Withdrawn(withdrawn) => {
                serde_json::to_writer(out, &JsonWithdrawn::new(withdrawn))?
            }
            Told::Again(sightings) => serde_json::to_writer(out, &JsonSightings::new(sightings))?,
        }
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
