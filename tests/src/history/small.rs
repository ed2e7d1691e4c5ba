//! A history of a few files, for tests that need many copies of a repository.

use super::{Change, Commit, History, Lines, Plant};
use crate::draw::Draw;
use crate::secret;

impl History {
    /// So many files with some versions each, a value in each of the later ones.
    pub fn small(seed: u64, files: usize, versions: usize) -> Self {
        let mut draw = Draw::new(seed);
        let mut history = Self::default();
        let mut texts: Vec<(Lines, secret::Secret)> =
            (0..files).map(|_| (Lines::new(&mut draw, 3000), secret::any(&mut draw))).collect();
        for version in 0..versions {
            let mut changes = Vec::new();
            for (number, (lines, secret)) in texts.iter_mut().enumerate() {
                let path = format!("src/file{number}.txt").into_bytes();
                if version == 1 {
                    history.plants.push(Plant {
                        name: "in a small history",
                        secret: secret.clone(),
                        path: path.clone(),
                        commit: version,
                        at_head: true,
                    });
                }
                let text = if version == 0 { lines.bytes() } else { lines.with(&secret.text) };
                changes.push((path, Change::File(text)));
                lines.edit(&mut draw);
            }
            history.commit(Commit {
                branch: "main".to_owned(),
                parents: version.checked_sub(1).into_iter().collect(),
                message: format!("Change {version}\n"),
                changes,
            });
        }
        history
    }
}
