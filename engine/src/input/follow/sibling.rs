//! Which names the rotations of a file have.
//!
//! `app.log` is rotated to `app.log.1`, `app.log-20261123.gz`, or, where the extension
//! stays the last, to `app-20261123.log` and `app.1.log.gz`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What compression adds to a name whose extension stays.
const COMPRESSED: [&[u8]; 7] = [b".gz", b".zst", b".bz2", b".xz", b".lz4", b".lzma", b".Z"];

fn uncompressed(name: &[u8]) -> &[u8] {
    COMPRESSED.iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name)
}

/// The name without its extension, and the extension with its dot.
fn divided(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = name.iter().rposition(|b| *b == b'.').filter(|dot| *dot > 0)?;
    name.split_at_checked(dot)
}

/// Whether a file of that name may be a rotation of the file of the name `of` beside it.
pub(super) fn is_rotation(name: &OsStr, of: &OsStr) -> bool {
    let (name, of) = (name.as_bytes(), of.as_bytes());
    if let Some([b'.' | b'-', _, ..]) = name.strip_prefix(of) {
        return true;
    }
    // What is inserted before the extension begins with a digit, or `app-worker.log` would
    // be a rotation of `app.log`.
    divided(of).is_some_and(|(stem, extension)| {
        let inserted =
            uncompressed(name).strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension));
        matches!(inserted, Some([b'.' | b'-', b'0'..=b'9', ..]))
    })
}

/// Whether a file at `path` may be a rotation of the file at `of`.
pub(super) fn is_rotation_of(path: &Path, of: &Path) -> bool {
    match (path.file_name(), of.file_name()) {
        (Some(name), Some(base)) => path.parent() == of.parent() && is_rotation(name, base),
        _ => false,
    }
}

/// Whether a file at `path` may have been made from the file that stood at `of`: under a
/// name of its rotations, or as another rotation of the same file.
pub(super) fn is_related(path: &Path, of: &Path) -> bool {
    path.parent() == of.parent()
        && (path == of || is_rotation_of(path, of) || {
            let others = bases(of);
            bases(path).iter().any(|base| others.contains(base))
        })
}

/// The paths of which a file at `path` may be a rotation.
pub(super) fn bases(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name() else { return Vec::new() };
    let bytes = name.as_bytes();
    let extension = divided(uncompressed(bytes)).map(|(_, extension)| extension);
    let mut bases = Vec::new();
    for (at, byte) in bytes.iter().enumerate().skip(1) {
        if !matches!(byte, b'.' | b'-') {
            continue;
        }
        let stem = &bytes[..at];
        let mut candidates = vec![stem.to_vec()];
        candidates.extend(extension.map(|extension| [stem, extension].concat()));
        for base in candidates {
            let base = std::ffi::OsString::from_vec(base);
            if is_rotation(name, &base) {
                bases.push(path.with_file_name(base));
            }
        }
    }
    bases
}

/// The files that may be rotations of the file at `path`, by what their names say. `real`
/// is where it really stands, if links lead there.
pub(super) fn listed(path: &Path, real: &Path) -> Vec<PathBuf> {
    let mut siblings = Vec::new();
    list(path, &mut siblings);
    // The real path of `app.log` is absolute, and that of a linked directory is another.
    let is_other_directory = || {
        let there = path.parent().map(listable).and_then(|dir| dir.canonicalize().ok());
        there.as_deref() != real.parent()
    };
    if real.file_name() != path.file_name()
        || real.parent() != path.parent() && is_other_directory()
    {
        list(real, &mut siblings);
    }
    siblings
}

/// The directory of a relative path has no name.
fn listable(dir: &Path) -> &Path {
    if dir.as_os_str().is_empty() { Path::new(".") } else { dir }
}

fn list(path: &Path, siblings: &mut Vec<PathBuf>) {
    let (Some(dir), Some(base)) = (path.parent(), path.file_name()) else { return };
    let listed = listable(dir);
    // A directory that is not there has none; one that cannot be listed is told of where
    // its file is opened.
    let Ok(entries) = fs::read_dir(listed) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if is_rotation(&name, base) {
            siblings.push(dir.join(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rotations() {
        for (name, of) in [
            ("app.log.1", "app.log"),
            ("app.log-20261123.gz", "app.log"),
            ("app-20261123.log", "app.log"),
            ("app.1.log", "app.log"),
            ("app.1.log.zst", "app.log"),
            ("syslog.1", "syslog"),
        ] {
            assert!(is_rotation(OsStr::new(name), OsStr::new(of)), "{name}");
            let bases = bases(&Path::new("/d").join(name));
            assert!(bases.contains(&Path::new("/d").join(of)), "{name}: {bases:?}");
        }
        for (name, of) in [
            ("app.log", "app.log"),
            ("app.log.", "app.log"),
            ("app.log1", "app.log"),
            ("app-worker.log", "app.log"),
            ("app.log", "app.log.1"),
        ] {
            assert!(!is_rotation(OsStr::new(name), OsStr::new(of)), "{name}");
        }
    }
}
