//! Puts the files of a labelled tree into encodings and into archives, and says where the
//! labelled values went.
//!
//! The range of a value is that of the stored bytes which hold any bit of it: the escapes
//! or characters that stand for it, of base64 all characters that its bytes have a part
//! in. What cannot say where a byte went has the whole run as range: what was compressed
//! before it was encoded. What is put into a value counts as part of it. In an archive the
//! path goes on, behind a `!`, with the member's name, and ranges are those in the member.
//! Of a database all that is known is the file, so its labels have the whole of that.

mod cover;
mod encode;
mod format;
#[cfg(test)]
mod tests;

use std::io;

use sha2::{Digest, Sha256};

use self::format::Member;
pub use self::{
    encode::{Chain, ChainError},
    format::{Format, UnknownFormat},
};
use crate::{
    draw::Draw,
    label::{Label, Origin},
};

/// A file of a tree, and its labels.
#[derive(Clone, Debug)]
pub struct Plain {
    /// The path below the tree, with forward slashes.
    pub path: String,
    /// The content as stored.
    pub bytes: Vec<u8>,
    /// What stands in it.
    pub labels: Vec<Label>,
}

/// How the files of a tree are stored anew.
#[derive(Clone, Debug)]
pub struct Wrapping {
    /// What each file is encoded in, if it is.
    pub chain: Option<Chain>,
    /// Whether only the lines of values are encoded, and so many before and behind them;
    /// all of a file if not. It makes no difference to what is put into values.
    pub lines: Option<usize>,
    /// What the files are packed into afterwards, if they are.
    pub format: Option<Format>,
}

/// Files of a new tree, and what could not be in it.
#[derive(Clone, Debug, Default)]
pub struct Wrapped {
    /// The paths below the tree and the content of the files.
    pub files: Vec<(String, Vec<u8>)>,
    /// The labels of all of them.
    pub labels: Vec<Label>,
    /// The files that the encoding makes no sense for, and the labels in them.
    pub left_out: (usize, usize),
}

/// The most bytes of files that are packed together.
const TOGETHER: usize = 24 << 20;

impl Wrapping {
    /// The directory of what is stored this way.
    pub fn name(&self) -> String {
        let chain = self.chain.as_ref().map(|chain| match self.lines_of(chain) {
            Some(around) => format!("{chain}@lines-{around}"),
            None => chain.to_string(),
        });
        let format = self.format.map(|format| format.to_string());
        match chain.into_iter().chain(format).collect::<Vec<_>>() {
            parts if parts.is_empty() => "plain".into(),
            parts => parts.join("/"),
        }
    }

    /// The lines that a chain encodes; one that only puts something into values has none.
    fn lines_of(&self, chain: &Chain) -> Option<usize> {
        self.lines.filter(|_| chain.makes_runs())
    }

    /// Stores files anew. The same seed gives the same, whatever other files there are.
    ///
    /// # Errors
    ///
    /// If a file does not fit into the format.
    pub fn wrap(&self, seed: u64, files: &[Plain]) -> io::Result<Wrapped> {
        let mut out = Wrapped::default();
        let mut encoded = Vec::new();
        for file in files {
            match self.encoded(seed, file) {
                Some(file) => encoded.push(file),
                None => {
                    out.left_out.0 += 1;
                    out.left_out.1 += file.labels.len();
                }
            }
        }
        let name = self.name();
        let Some(format) = self.format else {
            for file in encoded {
                let path = format!("{name}/{}", file.path);
                out.labels.extend(
                    file.labels.into_iter().map(|label| Label { path: path.clone(), ..label }),
                );
                out.files.push((path, file.bytes));
            }
            return Ok(out);
        };
        for (stem, group) in groups(encoded, format.is_together()) {
            let (members, labels): (Vec<_>, Vec<_>) = group
                .into_iter()
                .map(|file| (Member { name: file.path, bytes: file.bytes }, file.labels))
                .unzip();
            let mut draw = self.draw(seed, &stem);
            let packed = format.pack(&format!("{name}/{stem}"), &members, &mut draw)?;
            for (held, labels) in packed.held.iter().zip(labels) {
                out.labels.extend(labels.into_iter().map(|mut label| {
                    label.path.clone_from(&held.path);
                    label.container = format!("{}!{format}", label.container);
                    if let Some(origin) = &mut label.origin {
                        origin.format = Some(format.to_string());
                    }
                    if !held.is_whole {
                        (label.offset, label.length, label.line) =
                            (0, packed.bytes.len() as u64, 1);
                    }
                    label
                }));
            }
            out.files.push((packed.path, packed.bytes));
        }
        Ok(out)
    }

    /// A file in its encoding, if it can be in it.
    fn encoded(&self, seed: u64, file: &Plain) -> Option<Plain> {
        let of = |label: &Label, encoding| Origin {
            path: label.path.clone(),
            offset: label.offset,
            length: label.length,
            encoding,
            lines: self.chain.as_ref().and_then(|chain| self.lines_of(chain)),
            format: None,
        };
        let Some(chain) = &self.chain else {
            let with_origin = |label: &Label| {
                let origin = Some(Box::new(of(label, Vec::new())));
                Label { origin, ..label.clone() }
            };
            let labels = file.labels.iter().map(with_origin).collect();
            return Some(Plain { labels, ..file.clone() });
        };
        let values: Vec<_> = file
            .labels
            .iter()
            .map(|label| label.offset as usize..(label.offset + label.length) as usize)
            .collect();
        let mut draw = self.draw(seed, &file.path);
        let rewritten = chain.rewrite(&file.path, &file.bytes, &values, self.lines, &mut draw)?;
        let labels =
            file.labels.iter().zip(rewritten.values).map(|(label, (range, is_encoded))| {
                let names = if is_encoded { chain.names() } else { Vec::new() };
                let before = rewritten.bytes.iter().take(range.start);
                Label {
                    container: names
                        .iter()
                        .fold(label.container.clone(), |all, name| format!("{all}@{name}")),
                    offset: range.start as u64,
                    length: range.len() as u64,
                    line: 1 + before.filter(|&&byte| byte == b'\n').count() as u64,
                    origin: Some(Box::new(of(label, names.into_iter().map(Into::into).collect()))),
                    ..label.clone()
                }
            });
        Some(Plain { path: file.path.clone(), labels: labels.collect(), bytes: rewritten.bytes })
    }

    /// The choices for one file, which do not depend on others.
    fn draw(&self, seed: u64, path: &str) -> Draw {
        let digest = Sha256::digest(format!("{}\0{path}", self.name()));
        let stream = digest.first_chunk().copied().map_or(0, u64::from_le_bytes);
        // Those of the tree itself have small numbers.
        Draw::new(seed, stream | 1 << 63)
    }
}

/// The files that are packed together, under the path of what they are packed into
/// without its suffix: those of one directory at the top, up to a size.
fn groups(files: Vec<Plain>, together: bool) -> Vec<(String, Vec<Plain>)> {
    if !together {
        return files.into_iter().map(|file| (file.path.clone(), vec![file])).collect();
    }
    let mut groups: Vec<(String, usize, Vec<Plain>)> = Vec::new();
    for file in files {
        let top = file.path.split_once('/').map_or("files", |(top, _)| top).to_owned();
        let len = file.bytes.len();
        match groups.last_mut() {
            Some((other, size, group)) if *other == top && *size + len <= TOGETHER => {
                *size += len;
                group.push(file);
            }
            _ => groups.push((top, len, vec![file])),
        }
    }
    let mut seen = std::collections::HashMap::new();
    let mut numbered = |top: String| {
        let count = seen.entry(top.clone()).or_insert(0_usize);
        *count += 1;
        if *count == 1 { top } else { format!("{top}-{count}") }
    };
    groups.into_iter().map(|(top, _, group)| (numbered(top), group)).collect()
}
