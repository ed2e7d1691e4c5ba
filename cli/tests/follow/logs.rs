//! Logs in the forms that they have, what is done to them, and leaks to write there.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use leaksieve_tests::draw::Draw;
use leaksieve_tests::secret;

/// Bytes between two leaks in a file, so that none is taken for a part of another.
const APART: usize = 12 << 10;

/// A leak, and by what it is known in a report.
pub(crate) struct Leak {
    pub(crate) token: String,
    /// What is told in the end.
    pub(crate) detector: &'static str,
    /// What a program logs, one entry each.
    pub(crate) entries: Vec<String>,
}

/// A key id and its secret, some entries apart.
pub(crate) fn pair(draw: &mut Draw) -> Leak {
    let secret = secret::aws_pair(draw);
    let (id, key) = secret.text.split_once('\n').unwrap();
    let token = id.rsplit(' ').next().unwrap().to_owned();
    let mut entries = vec![id.to_owned()];
    entries.extend((0..draw.below(4)).map(|_| noise(draw)));
    entries.push(key.to_owned());
    Leak { token, detector: secret.detector, entries }
}

/// A connection string; no other has its user.
pub(crate) fn connection(draw: &mut Draw) -> Leak {
    let token = draw.word(b"abcdefghijklmnopqrstuvwxyz", 12);
    let uri = uri(draw, &token);
    Leak { token, detector: "database-uri", entries: vec![format!("connecting to {uri}")] }
}

/// The same in base64.
pub(crate) fn encoded(draw: &mut Draw) -> Leak {
    let token = draw.word(b"abcdefghijklmnopqrstuvwxyz", 12);
    let uri = base64(uri(draw, &token).as_bytes());
    Leak { token, detector: "database-uri", entries: vec![format!("payload {uri}")] }
}

fn uri(draw: &mut Draw, user: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut password: Vec<u8> = Vec::new();
    while password.len() < 20 {
        let next = *draw.pick(alphabet);
        // What has `xxXx` in it is a placeholder, and not told.
        if password.last().is_none_or(|last| !last.eq_ignore_ascii_case(&next)) {
            password.push(next);
        }
    }
    let password = String::from_utf8_lossy(&password);
    format!("postgres://{user}:{password}@db.prod.acme-corp.net:5432/orders")
}

fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = char::from(alphabet[(bits >> (18 - 6 * at) & 63) as usize]);
            text.push(if at <= three.len() { digit } else { '=' });
        }
    }
    text
}

/// An entry of no interest.
pub(crate) fn noise(draw: &mut Draw) -> String {
    let words = ["request", "served", "in", "time", "for", "user", "cache", "missed", "retried"];
    let text: Vec<&str> = (0..3 + draw.below(9)).map(|_| *draw.pick(&words)).collect();
    format!("{} {}", text.join(" "), draw.below(100_000))
}

/// How entries stand in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Plain,
    Json,
    /// As a container's output is kept: long lines are cut.
    Cri,
}

/// How rotated files are named.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rotations {
    /// `app.log.1` was `app.log`, and will be `app.log.2`.
    Numbered,
    /// `app.log-17`, and that for good.
    Dated,
    /// `app-17.log`.
    Inserted,
}

/// A log that a program writes.
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    form: Form,
    rotations: Rotations,
    /// No two entries are the same.
    count: u64,
    /// Bytes since the last leak.
    clear: usize,
    /// What was rotated, the newest last.
    rotated: Vec<PathBuf>,
}

impl Log {
    pub(crate) fn new(path: PathBuf, form: Form, rotations: Rotations) -> Self {
        Self { path, form, rotations, count: 0, clear: APART, rotated: Vec::new() }
    }

    /// Writes entries of no interest.
    pub(crate) fn chat(&mut self, draw: &mut Draw, entries: usize) {
        for _ in 0..entries {
            let entry = noise(draw);
            self.write(draw, &entry);
        }
    }

    /// Makes room for a leak, far behind the last one. It ends where this is called again.
    pub(crate) fn make_room(&mut self, draw: &mut Draw) {
        while self.clear < APART {
            self.chat(draw, 1);
        }
        self.clear = 0;
    }

    /// Writes an entry.
    pub(crate) fn write(&mut self, draw: &mut Draw, entry: &str) {
        self.count += 1;
        let (number, path) = (self.count, self.path.display());
        let time = format!("2026-11-23T09:{:02}:{:02}.{number:09}Z", number / 60 % 60, number % 60);
        let line = match self.form {
            Form::Plain => format!("{time} INFO [{path}] {entry}\n"),
            Form::Json => {
                let entry = serde_json::json!({"time": time, "level": "info", "msg": entry});
                format!("{entry}\n")
            }
            Form::Cri if draw.below(2) == 0 => {
                let (cut, stream) = (draw.below(entry.len()), draw.pick(&["stdout", "stderr"]));
                let (head, rest) = entry.split_at(cut);
                format!("{time} {stream} P {head}\n{time} {stream} F {rest}\n")
            }
            Form::Cri => format!("{time} stdout F {entry}\n"),
        };
        let mut options = File::options();
        let mut file = options.append(true).create(true).open(&self.path).unwrap();
        // Sometimes somebody looks while half of it is written.
        let half = if draw.below(16) == 0 { draw.below(line.len()) } else { 0 };
        file.write_all(&line.as_bytes()[..half]).unwrap();
        if half > 0 {
            pause(draw, 50);
        }
        file.write_all(&line.as_bytes()[half..]).unwrap();
        self.clear += line.len();
    }

    /// Moves the file away; it is there anew when something is written.
    pub(crate) fn rotate(&mut self) {
        if self.has_content() {
            let to = self.next();
            fs::rename(&self.path, &to).unwrap();
            self.rotated.push(to);
            self.clear = APART;
        }
    }

    /// Copies the file, and cuts it.
    pub(crate) fn copy_and_truncate(&mut self) {
        if self.has_content() {
            let to = self.next();
            fs::copy(&self.path, &to).unwrap();
            File::options().write(true).open(&self.path).unwrap().set_len(0).unwrap();
            self.rotated.push(to);
            self.clear = APART;
        }
    }

    /// Without new entries two rotations would have one name.
    fn has_content(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() > 0)
    }

    pub(crate) fn remove(&mut self) {
        // It may be rotated already.
        let _ = fs::remove_file(&self.path);
        self.clear = APART;
    }

    /// Packs what was rotated some time ago, as `gzip` does: the file is there until what
    /// is made of it is whole.
    pub(crate) fn pack(&mut self, draw: &mut Draw) {
        let plain: Vec<usize> = (0..self.rotated.len())
            .filter(|at| self.rotated[*at].extension().is_none_or(|extension| extension != "gz"))
            .collect();
        if plain.is_empty() {
            return;
        }
        let at = *draw.pick(&plain);
        let from = self.rotated[at].clone();
        let to = with_end(&from, ".gz");
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&fs::read(&from).unwrap()).unwrap();
        let packed = packer.finish().unwrap();
        let mut file = File::create(&to).unwrap();
        let (begun, rest) = packed.split_at(draw.below(packed.len()));
        file.write_all(begun).unwrap();
        pause(draw, 100);
        file.write_all(rest).unwrap();
        file.set_modified(fs::metadata(&from).unwrap().modified().unwrap()).unwrap();
        drop(file);
        fs::remove_file(&from).unwrap();
        self.rotated[at] = to;
    }

    /// Makes room for the next rotation, and names it.
    fn next(&mut self) -> PathBuf {
        match self.rotations {
            Rotations::Numbered => {
                // The oldest first: each moves to where the one before it was.
                let count = self.rotated.len();
                for (at, path) in self.rotated.iter_mut().enumerate() {
                    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
                    let end = if is_packed { ".gz" } else { "" };
                    let to = with_end(&self.path, &format!(".{}{end}", count - at + 1));
                    fs::rename(&*path, &to).unwrap();
                    *path = to;
                }
                with_end(&self.path, ".1")
            }
            Rotations::Dated => with_end(&self.path, &format!("-{}", 20_261_123 + self.count)),
            Rotations::Inserted => {
                let name = self.path.file_stem().unwrap().to_str().unwrap();
                self.path.with_file_name(format!("{name}-{}.log", 20_261_123 + self.count))
            }
        }
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// Waits up to so many milliseconds.
pub(crate) fn pause(draw: &mut Draw, most: usize) {
    std::thread::sleep(Duration::from_millis(draw.below(most) as u64));
}
