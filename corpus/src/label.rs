//! The label of one planted value, as a line of `labels.jsonl`.

use serde::{Deserialize, Serialize};

/// What a finding at a label's place counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A leak: not finding it is a miss.
    Plant,
    /// A place where a finding is right but not asked for.
    Permitted,
}

/// One labelled range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The file, relative to the tree, with forward slashes.
    pub path: String,
    /// The id of the detector whose finding is expected or permitted.
    pub detector: String,
    /// The template that planted it, with its wraps and the file's encoding.
    pub container: String,
    /// Whether the finding is expected or only permitted.
    pub role: Role,
    /// The first byte of the value in the file as stored, escapes included.
    pub offset: u64,
    /// The number of bytes of the value in the file as stored.
    pub length: u64,
    /// The line of the first byte, from 1.
    pub line: u64,
    /// The severity that follows from the value alone, where one does: `info`
    /// for what has expired at the corpus' own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_hint: Option<String>,
    /// What was wrapped, of a label in a wrapped tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

/// The label of a plain tree that a label of a wrapped one comes from, and what it was
/// wrapped in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file in the plain tree.
    pub path: String,
    /// The first byte of the value in that file.
    pub offset: u64,
    /// The number of bytes of the value in that file.
    pub length: u64,
    /// The encodings, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encoding: Vec<String>,
    /// How many lines before and behind were encoded with those of the value; the whole
    /// file if none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// What its file was packed into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}
