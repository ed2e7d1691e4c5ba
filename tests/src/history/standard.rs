//! The history that most tests share: all tracks on one branch, and what takes
//! more than one file or branch.

use super::{Change, Commit, History, Plant, tracks};
use crate::draw::Draw;
use crate::secret;

impl History {
    /// The standard history of a seed. Its last commit is the tip of `main`.
    pub fn standard(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let mut history = Self::default();
        let tracks = tracks::all(&mut draw);
        let last = tracks.iter().map(|t| t.versions.len()).max().unwrap_or(0);
        let starts: Vec<usize> =
            tracks.iter().map(|t| draw.below((last - t.versions.len()).min(6) + 1)).collect();
        for number in 0..last {
            let mut changes = Vec::new();
            for (track, start) in tracks.iter().zip(&starts) {
                let version = number.checked_sub(*start).and_then(|n| track.versions.get(n));
                changes.extend(version.map(|content| {
                    let change = content.clone().map_or(Change::Gone, Change::File);
                    (track.path.clone(), change)
                }));
            }
            history.next("main", changes);
        }
        for (track, start) in tracks.into_iter().zip(starts) {
            for (secret, first, gone) in track.plants {
                history.plants.push(Plant {
                    name: track.name,
                    secret,
                    path: track.path.clone(),
                    commit: start + first,
                    at_head: gone.is_none(),
                });
            }
        }
        history.rename(&mut draw);
        history.link(&mut draw);
        history.merge(&mut draw);
        history
    }

    /// The next commit on top of the last one.
    fn next(&mut self, branch: &str, changes: Vec<(Vec<u8>, Change)>) -> usize {
        let number = self.commits.len();
        let parents = number.checked_sub(1).into_iter().collect();
        let message = format!("Change {number}\n\nFor reason {number}.\n");
        self.commit(Commit { branch: branch.to_owned(), parents, message, changes })
    }

    fn plant(&mut self, name: &'static str, secret: &secret::Secret, path: &str, commit: usize) {
        let (secret, path) = (secret.clone(), path.as_bytes().to_vec());
        self.plants.push(Plant { name, secret, path, commit, at_head: true });
    }

    /// A file with a value is renamed, then edited.
    fn rename(&mut self, draw: &mut Draw) {
        let planted = secret::database_uri(draw);
        let mut lines = super::Lines::new(draw, 2000);
        let (old, new) = (b"old/name.yml".to_vec(), b"new/name.yml".to_vec());
        let text = lines.with(&planted.text);
        let commit = self.next("main", vec![(old.clone(), Change::File(text))]);
        self.plant("in a file that is renamed", &planted, "old/name.yml", commit);
        // What stands there in the end came under the new name.
        self.plants.last_mut().unwrap().at_head = false;
        self.next("main", vec![(old, Change::Moved(new.clone()))]);
        lines.edit(draw);
        self.next("main", vec![(new, Change::File(lines.with(&planted.text)))]);
    }

    /// A link's target and a program.
    fn link(&mut self, draw: &mut Draw) {
        let (target, program) = (secret::database_uri(draw), secret::any(draw));
        let text = format!("#!/bin/sh\n{}\n", program.text).into_bytes();
        let changes = vec![
            (b"link".to_vec(), Change::Link(target.text.clone().into_bytes())),
            (b"program".to_vec(), Change::Program(text)),
        ];
        let commit = self.next("main", changes);
        self.plant("in a link's target", &target, "link", commit);
        self.plant("in a program", &program, "program", commit);
    }

    /// A branch with a value of its own; a merge that brings in what neither
    /// parent has, and one of three branches.
    fn merge(&mut self, draw: &mut Draw) {
        let base = self.commits.len() - 1;
        let (side, merged, three) =
            (secret::any(draw), secret::aws_pair(draw), secret::database_uri(draw));
        let file = |path: &str, text: &str| {
            (path.as_bytes().to_vec(), Change::File(text.as_bytes().to_vec()))
        };
        let mut add = |branch: &str, parents: &[usize], path: &str, text: &str| {
            let number = self.commits.len();
            let changes = if path.is_empty() { Vec::new() } else { vec![file(path, text)] };
            self.commit(Commit {
                branch: branch.to_owned(),
                parents: parents.to_vec(),
                message: format!("Change {number}\n"),
                changes,
            })
        };
        let topic = add("topic", &[base], "topic.txt", &side.text);
        let other = add("other", &[base], "other.txt", "nothing\n");
        let main = add("main", &[base], "main.txt", "nothing here\n");
        let evil = add("main", &[main, topic], "evil.txt", &merged.text);
        let octopus = add("main", &[evil, other, topic], "octopus.txt", &three.text);
        self.plant("on a branch", &side, "topic.txt", topic);
        // The merges above took the side of `main`: what `topic` has is not there.
        self.plants.last_mut().unwrap().at_head = false;
        self.plant("only in a merge", &merged, "evil.txt", evil);
        self.plant("only in a merge of three", &three, "octopus.txt", octopus);
    }
}
