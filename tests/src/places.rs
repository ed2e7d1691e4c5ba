//! A repository with a value in every place that git has for text besides the files
//! of a branch.

use std::path::Path;

use crate::draw::Draw;
use crate::repository::Repository;
use crate::secret::{self, Secret};

/// Where a value should be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// In a file with this path.
    File(String),
    /// In a commit's message.
    Commit,
    /// In the message of the tag of this name.
    Tag(String),
    /// In a note about the object with this id.
    Note(String),
    /// In an object that a ref names and no tree has.
    Object,
    /// In an object that nothing has.
    Unreachable,
}

/// A value with its place.
#[derive(Clone)]
pub struct Placed {
    /// What is tried.
    pub name: &'static str,
    /// The value.
    pub secret: Secret,
    /// Where it stands.
    pub at: At,
    /// The commit that brought it, where there is one to be named.
    pub commit: Option<String>,
    /// Whether HEAD, a branch, a remote, a tag or a note reaches it.
    pub reached: bool,
    /// The submodule's directory, if it stands in one.
    pub submodule: &'static str,
}

/// The repository and what is in it.
pub struct Places {
    /// The repository, with a work tree.
    pub repository: Repository,
    /// The values.
    pub placed: Vec<Placed>,
    draw: Draw,
}

impl Places {
    /// Makes the repository at `path`; the repositories of its submodules and its
    /// linked work tree stand beside it.
    pub fn new(path: &Path, seed: u64) -> Self {
        let repository = Repository::init(path);
        let mut made = Self { repository, placed: Vec::new(), draw: Draw::new(seed) };
        made.repository.commit("README", "nothing here\n", "Begin");
        made.unreachable();
        made.left_in_reflog();
        made.messages();
        made.branches();
        made.stashes();
        made.submodules();
        made
    }

    /// A secret that is noted with its place as soon as it is there.
    fn draw(&mut self) -> Secret {
        secret::any(&mut self.draw)
    }

    fn note(&mut self, name: &'static str, secret: &Secret, at: At, commit: Option<String>) {
        let secret = secret.clone();
        self.placed.push(Placed { name, secret, at, commit, reached: true, submodule: "" });
    }

    fn note_unreached(&mut self, name: &'static str, s: &Secret, at: At, commit: Option<String>) {
        self.note(name, s, at, commit);
        self.placed.last_mut().unwrap().reached = false;
    }

    /// A commit that nothing leads to any more, and blobs that never were in one.
    fn unreachable(&mut self) {
        let (gone, bare) = (self.draw(), self.draw());
        let git = &self.repository;
        git.commit("gone.txt", &gone.text, "A mistake");
        git.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        git.git(["reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"]);
        git.git_with(["hash-object", "-w", "--stdin"], bare.text.as_bytes());
        self.note_unreached("in an unreachable commit", &gone, At::Unreachable, None);
        self.note_unreached("in a blob alone", &bare, At::Unreachable, None);
    }

    /// A commit that only a reflog remembers.
    fn left_in_reflog(&mut self) {
        let secret = self.draw();
        let git = &self.repository;
        let commit = git.commit("amended.txt", &secret.text, "Another mistake");
        git.git(["reset", "--quiet", "--hard", "HEAD~1"]);
        let at = At::File("amended.txt".to_owned());
        self.note_unreached("in a reflog", &secret, at, Some(commit));
    }

    /// Messages of commits and tags, notes, and tags of what is no commit.
    fn messages(&mut self) {
        let [message, tag, note, blob, nested] = std::array::from_fn(|_| self.draw());
        let git = &self.repository;
        let text = format!("Explain\n\nSee {}\n", message.text);
        let commit = git.commit("a.txt", "a\n", &text);
        let about = git.commit("b.txt", "b\n", "Go on");
        let text = format!("Release\n\n{}\n", tag.text);
        git.git(["tag", "--annotate", "v1.0", "--message", &text]);
        // A tag of a tag, and of a blob that no tree has.
        let text = format!("Once more\n\n{}\n", nested.text);
        git.git(["tag", "--annotate", "v1.0-signed", "--message", &text, "v1.0"]);
        git.git(["notes", "add", "--message", &note.text, &about]);
        let id = git.git_with(["hash-object", "-w", "--stdin"], blob.text.as_bytes());
        let id = String::from_utf8(id).unwrap();
        git.git(["tag", "public-key", id.trim()]);
        self.note("in a commit's message", &message, At::Commit, Some(commit));
        self.note("in a tag's message", &tag, At::Tag("v1.0".to_owned()), None);
        self.note("in a tag of a tag", &nested, At::Tag("v1.0-signed".to_owned()), None);
        self.note("in a note", &note, At::Note(about), None);
        self.note("in a tagged blob", &blob, At::Object, None);
    }

    /// Refs of all kinds.
    fn branches(&mut self) {
        let names: [(&str, &str, bool); 5] = [
            ("on a branch without a parent", "refs/heads/feature/ä", true),
            ("on a remote's branch", "refs/remotes/origin/topic", true),
            ("under a light tag", "refs/tags/nightly", true),
            ("under another ref", "refs/pull/7/head", false),
            ("under a ref of the first level", "refs/backup", false),
        ];
        for (number, (name, reference, reached)) in names.into_iter().enumerate() {
            let secret = self.draw();
            let path = format!("refs/{number}.txt");
            let git = &self.repository;
            if number == 0 {
                git.git(["checkout", "--quiet", "--orphan", "temporary"]);
            } else {
                git.git(["checkout", "--quiet", "--detach", "main"]);
            }
            let commit = git.commit(&path, &secret.text, "On the side");
            git.git(["update-ref", reference, &commit]);
            git.git(["checkout", "--quiet", "main"]);
            self.note(name, &secret, At::File(path), Some(commit));
            self.placed.last_mut().unwrap().reached = reached;
        }
        // Without this the reflog of HEAD would reach all of it.
        self.repository.git(["branch", "--quiet", "-D", "temporary"]).clear();
        let secret = self.draw();
        let git = &self.repository;
        let beside = git.path.with_extension("linked");
        git.git(["worktree", "add", "--quiet", "--detach", beside.to_str().unwrap()]);
        let linked = Repository::work_tree(&beside);
        let commit = linked.commit("linked.txt", &secret.text, "In a linked work tree");
        let at = At::File("linked.txt".to_owned());
        self.note("at a linked work tree's HEAD", &secret, at, Some(commit));
    }

    /// What was put aside: changed, staged, untracked.
    fn stashes(&mut self) {
        let [changed, staged, untracked] = std::array::from_fn(|_| self.draw());
        let git = &self.repository;
        git.write("b.txt", format!("b\n{}\n", staged.text));
        git.git(["add", "b.txt"]);
        git.write("b.txt", format!("b\n{}\n", changed.text));
        git.write("untracked.txt", &untracked.text);
        git.git(["stash", "push", "--quiet", "--include-untracked"]);
        let ids = ["refs/stash", "refs/stash^2", "refs/stash^3"].map(|r| git.ask(["rev-parse", r]));
        let [work, index, files] = ids;
        // A second one: the first lives in a reflog alone from now on.
        git.write("a.txt", "changed\n");
        git.git(["stash", "push", "--quiet"]);
        let at = |path: &str| At::File(path.to_owned());
        self.note_unreached("in a stash", &changed, at("b.txt"), Some(work));
        self.note_unreached("in a stash's index", &staged, at("b.txt"), Some(index));
        self.note_unreached("untracked in a stash", &untracked, at("untracked.txt"), Some(files));
    }

    /// A submodule whose repository git has absorbed, and one with a directory of
    /// its own.
    fn submodules(&mut self) {
        for (name, directory) in
            [("in a submodule", "vendor/lib"), ("in a submodule with a .git directory", "old")]
        {
            let secret = self.draw();
            let git = &self.repository;
            let beside = git.path.with_extension(directory.replace('/', "-"));
            let other = Repository::init(&beside);
            let commit = other.commit("settings.py", &secret.text, "Configure");
            other.commit("settings.py", "nothing\n", "Clean up");
            let url = beside.to_str().unwrap();
            if directory == "old" {
                Repository::cloned(&git.path.join(directory), [], url);
                git.git(["submodule", "--quiet", "add", url, directory]);
            } else {
                git.git(["submodule", "--quiet", "add", url, directory]);
            }
            git.git(["commit", "--quiet", "--message", "Add a submodule"]);
            let at = At::File("settings.py".to_owned());
            self.note(name, &secret, at, Some(commit));
            self.placed.last_mut().unwrap().submodule = directory;
        }
    }
}
