//! The report of followed files: lines that are only ever appended, and cut back to what a
//! checkpoint says after a run that did not end well.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::PathBuf;

use leaksieve::detectors::Timestamp;
use leaksieve::policy::{Fingerprint, Sightings};
use serde::Deserialize;

use crate::failure::{Failure, reason};
use crate::live::now;

/// Bytes at the end of a report in which the last whole line is looked for.
const LINE: u64 = 16 << 20;

/// The report.
pub(super) struct ReportFile {
    path: PathBuf,
    file: File,
    /// What is no regular file keeps nothing, and a device may be read without end.
    is_regular: bool,
}

impl ReportFile {
    /// Opens a report to be appended to. What stands behind `cut_to`, or behind its last
    /// whole line, is of a run that was cut off, and goes.
    pub(super) fn open(path: PathBuf, cut_to: Option<u64>) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(&path);
        let file = file.map_err(|error| failed(&path, &error))?;
        let metadata = file.metadata().map_err(|error| failed(&path, &error))?;
        let mut report = Self { path, file, is_regular: metadata.is_file() };
        if report.is_regular {
            report.cut(cut_to).map_err(|error| failed(&report.path, &error))?;
        }
        Ok(report)
    }

    fn cut(&mut self, cut_to: Option<u64>) -> io::Result<()> {
        let len = self.file.metadata()?.len();
        if let Some(cut_to) = cut_to.filter(|cut_to| *cut_to <= len)
            && self.ends_line(cut_to)?
        {
            return self.file.set_len(cut_to);
        }
        let from = len.saturating_sub(LINE);
        self.file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        (&mut self.file).take(LINE).read_to_end(&mut end)?;
        let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
        if from + whole < len { self.file.set_len(from + whole) } else { Ok(()) }
    }

    /// Whether a line ends before an offset: if not, the report is another one.
    fn ends_line(&mut self, offset: u64) -> io::Result<bool> {
        let Some(last) = offset.checked_sub(1) else { return Ok(true) };
        self.file.seek(SeekFrom::Start(last))?;
        let mut byte = [0];
        self.file.read_exact(&mut byte)?;
        Ok(byte == *b"\n")
    }

    /// Reads what was told and not withdrawn, the last of each secret last.
    pub(super) fn sightings(&mut self, take: impl FnMut(Sightings)) -> Result<(), Failure> {
        if !self.is_regular {
            return Ok(());
        }
        let standing = self.standing().map_err(|error| failed(&self.path, &error))?;
        standing.into_iter().for_each(take);
        Ok(())
    }

    fn standing(&mut self) -> io::Result<Vec<Sightings>> {
        self.file.rewind()?;
        let mut told: Vec<Sightings> = Vec::new();
        // How much had been told when it was withdrawn: it may be told anew after that.
        let mut withdrawn = HashMap::new();
        for line in BufReader::new(&self.file).split(b'\n') {
            // What is no record of ours is nobody's business here.
            let Ok(line) = serde_json::from_slice::<Line>(&line?) else { continue };
            if line.event == "withdrawn" {
                withdrawn.insert(line.id, told.len());
            } else {
                told.extend(line.sightings());
            }
        }
        let mut at = 0..told.len();
        told.retain(|told| {
            let at = at.next();
            withdrawn.get(&told.id).is_none_or(|until| at >= Some(*until))
        });
        Ok(told)
    }

    pub(super) fn writer(&self) -> Result<BufWriter<File>, Failure> {
        let file = self.file.try_clone().map_err(|error| failed(&self.path, &error))?;
        Ok(BufWriter::new(file))
    }

    /// Makes sure that it is kept; says how long it is, if it keeps anything.
    pub(super) fn sync(&self) -> Result<Option<u64>, Failure> {
        if !self.is_regular {
            return Ok(None);
        }
        let synced = self.file.sync_data();
        // Not every file system can.
        let synced = synced.or_else(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            _ => Err(error),
        });
        let len = synced.and_then(|()| Ok(self.file.metadata()?.len()));
        len.map(Some).map_err(|error| failed(&self.path, &error))
    }

    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

fn failed(path: &std::path::Path, error: &io::Error) -> Failure {
    Failure::new(format!("{}: {}", path.display(), reason(error)))
}

/// What is of interest in a line.
#[derive(Deserialize)]
struct Line {
    event: String,
    id: String,
    detector: Option<String>,
    fingerprint: Option<String>,
    path: String,
    line: u64,
    count: Option<u64>,
    first_seen: Option<String>,
    last_seen: Option<String>,
}

impl Line {
    fn sightings(self) -> Option<Sightings> {
        if !matches!(&*self.event, "found" | "amended" | "again") {
            return None;
        }
        let time = |text: Option<String>| {
            text.and_then(|text| Timestamp::parse_rfc3339(&text)).unwrap_or_else(now)
        };
        Some(Sightings {
            id: self.id,
            detector: self.detector?,
            fingerprint: Fingerprint::from_text(&self.fingerprint?)?,
            count: self.count.unwrap_or(1),
            first: time(self.first_seen),
            last: time(self.last_seen),
            path: self.path,
            line: self.line,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event: &str, id: &str) -> String {
        // Thirty-two digits that begin differently.
        let fingerprint = format!("a2:{id}{}", "0".repeat(32 - id.len()));
        format!(
            "{{\"event\":\"{event}\",\"id\":\"{id}\",\"detector\":\"d\",\
             \"fingerprint\":\"{fingerprint}\",\"path\":\"app.log\",\"line\":1}}\n"
        )
    }

    fn ids(report: &str) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, report).unwrap();
        let mut ids = Vec::new();
        let mut report = ReportFile::open(file.path().to_owned(), None).unwrap();
        report.sightings(|sightings| ids.push(sightings.id)).unwrap();
        ids
    }

    #[test]
    fn what_was_withdrawn_is_not_known() {
        let report = [event("found", "1"), event("found", "2"), event("withdrawn", "1")].concat();
        assert_eq!(ids(&report), ["2"]);
        let report = report + &event("found", "1") + "half a line";
        assert_eq!(ids(&report), ["2", "1"]);
    }
}
