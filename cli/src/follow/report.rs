//! The report of followed files: lines that are only ever appended, and cut back to what a
//! checkpoint says after a run that did not end well.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use leaksieve::detectors::Timestamp;
use leaksieve::policy::{Fingerprint, Sightings};
use leaksieve::run::follow::ReportMark;
use serde::Deserialize;

use crate::failure::{Failure, reason};
use crate::live::now;

/// Bytes at the end of a report in which the last whole line is looked for.
const LINE: u64 = 16 << 20;

/// Secrets of a report that are known after a restart, the last that were told.
const REMEMBERED: usize = 20_000;

/// How a report begins.
const BEGINNING: &[u8] = b"{\"schema\":\"leaksieve/";

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
    pub(super) fn open(path: PathBuf, cut_to: Option<ReportMark>) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(&path);
        let file = file.map_err(|error| failed(&path, &error))?;
        let metadata = file.metadata().map_err(|error| failed(&path, &error))?;
        let mut report = Self { path, file, is_regular: metadata.is_file() };
        if report.is_regular {
            if !report.is_ours().map_err(|error| failed(&report.path, &error))? {
                let name = report.path.display();
                return Err(Failure::new(format!("{name} is no report of followed files"))
                    .hint("name a file that does not exist yet, or that `follow` has written"));
            }
            // Not every file system has locks.
            if let Err(TryLockError::WouldBlock) = report.file.try_lock() {
                let name = report.path.display();
                return Err(Failure::new(format!("{name} is being written by another process")));
            }
            report.cut(cut_to).map_err(|error| failed(&report.path, &error))?;
        }
        Ok(report)
    }

    /// Whether it begins as a report does, as far as there is anything of it.
    fn is_ours(&mut self) -> io::Result<bool> {
        let mut beginning = Vec::new();
        self.file.rewind()?;
        (&mut self.file).take(BEGINNING.len() as u64).read_to_end(&mut beginning)?;
        Ok(BEGINNING.starts_with(&beginning))
    }

    fn cut(&mut self, cut_to: Option<ReportMark>) -> io::Result<()> {
        let ReportMark { device, inode, len } = self.mark()?;
        // Another file is another report.
        if let Some(cut_to) = cut_to
            && (cut_to.device, cut_to.inode) == (device, inode)
            && cut_to.len <= len
            && self.ends_line(cut_to.len)?
        {
            return self.file.set_len(cut_to.len);
        }
        let from = len.saturating_sub(LINE);
        self.file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        (&mut self.file).take(LINE).read_to_end(&mut end)?;
        let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
        if from + whole < len { self.file.set_len(from + whole) } else { Ok(()) }
    }

    /// The report as long as it is now.
    fn mark(&self) -> io::Result<ReportMark> {
        let metadata = self.file.metadata()?;
        Ok(ReportMark { device: metadata.dev(), inode: metadata.ino(), len: metadata.len() })
    }

    /// Whether a line ends before an offset: if not, the report was written anew.
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
        // By when it was told last.
        let mut told: BTreeMap<u64, Sightings> = BTreeMap::new();
        let mut numbers: HashMap<String, u64> = HashMap::new();
        let mut lines = BufReader::new(&self.file);
        let mut line = Vec::new();
        for number in 0.. {
            line.clear();
            if (&mut lines).take(LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            // What is no record of ours is nobody's business here.
            let Ok(line) = serde_json::from_slice::<Line>(&line) else { continue };
            if let Some(number) = numbers.remove(&line.id) {
                told.remove(&number);
            }
            let Some(sightings) = line.sightings() else { continue };
            numbers.insert(sightings.id.clone(), number);
            told.insert(number, sightings);
            if told.len() > REMEMBERED
                && let Some((_, forgotten)) = told.pop_first()
            {
                numbers.remove(&forgotten.id);
            }
        }
        Ok(told.into_values().collect())
    }

    pub(super) fn writer(&self) -> Result<BufWriter<File>, Failure> {
        let file = self.file.try_clone().map_err(|error| failed(&self.path, &error))?;
        Ok(BufWriter::new(file))
    }

    /// Makes sure that it is kept; says what it is, if it keeps anything.
    pub(super) fn sync(&self) -> Result<Option<ReportMark>, Failure> {
        if !self.is_regular {
            return Ok(None);
        }
        let synced = self.file.sync_data();
        // Not every file system can.
        let synced = synced.or_else(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            _ => Err(error),
        });
        let mark = synced.and_then(|()| self.mark());
        mark.map(Some).map_err(|error| failed(&self.path, &error))
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
            "{{\"schema\":\"leaksieve/1\",\"event\":\"{event}\",\"id\":\"{id}\",\"detector\":\"d\",\
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
    fn what_is_told_again_takes_the_place_of_the_first() {
        let counted = event("again", "1").replace("\"line\":1", "\"line\":7,\"count\":3");
        assert_eq!(ids(&[event("found", "1"), event("found", "2"), counted].concat()), ["2", "1"]);
    }

    #[test]
    fn only_the_report_that_the_checkpoint_knows_is_cut() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open =
            |mark| ReportFile::open(file.path().to_owned(), mark).map(|report| report.mark());
        let left = || std::fs::read_to_string(&file).unwrap();
        let (one, two) = (event("found", "1"), event("found", "2"));
        std::fs::write(&file, format!("{one}{two}")).unwrap();
        let mark = open(None).unwrap().unwrap();
        let first = ReportMark { len: one.len() as u64, ..mark };
        assert!(open(Some(ReportMark { inode: first.inode + 1, ..first })).is_ok());
        assert!(open(Some(ReportMark { len: first.len - 1, ..first })).is_ok());
        assert_eq!(left(), format!("{one}{two}"));
        assert!(open(Some(first)).is_ok());
        assert_eq!(left(), one);
        std::fs::write(&file, "notes of somebody").unwrap();
        assert!(open(Some(ReportMark { len: 0, ..first })).is_err());
        assert_eq!(left(), "notes of somebody");
    }

    #[test]
    fn what_was_withdrawn_is_not_known() {
        let report = [event("found", "1"), event("found", "2"), event("withdrawn", "1")].concat();
        assert_eq!(ids(&report), ["2"]);
        let report = report + &event("found", "1") + "half a line";
        assert_eq!(ids(&report), ["2", "1"]);
    }
}
