//! A repository that the git program makes, in an environment of its own.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

/// The date of the first commit, in seconds since 1970.
pub const EPOCH: i64 = 1_700_000_000;

/// A repository: the place where git is run, and the git directory.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Where commands run: the work tree, or the git directory of a bare one.
    pub path: PathBuf,
    /// The git directory.
    pub git_dir: PathBuf,
}

/// The git program without the configuration, the identity or the environment
/// of whoever runs the tests.
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    let kept = ["PATH", "TMPDIR"].map(|name| (name, std::env::var_os(name)));
    command.env_clear().current_dir(directory);
    command.envs(kept.into_iter().filter_map(|(name, value)| Some((name, value?))));
    for (name, value) in [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("HOME", "/nonexistent"),
        ("LC_ALL", "C"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ada Author"),
        ("GIT_AUTHOR_EMAIL", "ada@acme-corp.net"),
        ("GIT_AUTHOR_DATE", "1700100000 +0130"),
        ("GIT_COMMITTER_NAME", "Carl Committer"),
        ("GIT_COMMITTER_EMAIL", "carl@acme-corp.net"),
        ("GIT_COMMITTER_DATE", "1700100000 +0130"),
    ] {
        command.env(name, value);
    }
    for setting in ["protocol.file.allow=always", "gc.auto=0", "core.fsync=none"] {
        command.args(["-c", setting]);
    }
    command.args(["-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false"]);
    command
}

/// Runs a command to its end with `input`, whatever it makes of it.
pub fn output(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // A program need not read all of it.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

impl Repository {
    /// A new empty repository with a work tree.
    pub fn init(path: &Path) -> Self {
        fs::create_dir_all(path).unwrap();
        let made = Self::work_tree(path);
        made.git(["init", "--quiet"]);
        made
    }

    /// A new empty repository without a work tree, with ids of `format`.
    pub fn init_bare(path: &Path, format: &str) -> Self {
        fs::create_dir_all(path).unwrap();
        let made = Self::bare(path);
        let format = format!("--object-format={format}");
        made.git(["init", "--quiet", "--bare", &format]);
        made
    }

    /// The repository whose work tree is here.
    pub fn work_tree(path: &Path) -> Self {
        Self { path: path.to_owned(), git_dir: path.join(".git") }
    }

    /// The bare repository here.
    pub fn bare(path: &Path) -> Self {
        Self { path: path.to_owned(), git_dir: path.to_owned() }
    }

    /// A copy of a whole directory with a repository in it, made by `git clone`
    /// or anything else that runs in `parent` and is told the new path last.
    pub fn cloned<const N: usize>(path: &Path, arguments: [&str; N], source: &str) -> Self {
        let mut clone = command(path.parent().unwrap());
        clone.args(["clone", "--quiet"]).args(arguments).arg(source).arg(path);
        expect(output(clone, b""), "clone");
        if path.join(".git").exists() { Self::work_tree(path) } else { Self::bare(path) }
    }

    /// Runs git and returns what it printed.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn git<const N: usize>(&self, arguments: [&str; N]) -> Vec<u8> {
        self.git_with(arguments, b"")
    }

    /// The same with an input.
    pub fn git_with<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Vec<u8> {
        let mut git = command(&self.path);
        git.args(arguments);
        let what = format!("{:?}", git.get_args().skip(10).collect::<Vec<_>>());
        expect(output(git, input), &what)
    }

    /// What git prints, as text without white space around it.
    pub fn ask<const N: usize>(&self, arguments: [&str; N]) -> String {
        String::from_utf8(self.git(arguments)).unwrap().trim().to_owned()
    }

    /// Whether git can do this.
    pub fn succeeds<const N: usize>(&self, arguments: [&str; N]) -> bool {
        let mut git = command(&self.path);
        git.args(arguments);
        output(git, b"").status.success()
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a file and commits it with everything else that changed.
    pub fn commit(&self, path: &str, content: impl AsRef<[u8]>, message: &str) -> String {
        self.write(path, content);
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.ask(["rev-parse", "HEAD"])
    }

    /// The files below the git directory with this extension.
    pub fn files(&self, extension: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        gather(&self.git_dir.join("objects"), extension, &mut found);
        found.sort();
        found
    }

    /// How many objects are loose, and how many packs there are.
    pub fn counts(&self) -> (usize, usize) {
        let text = self.ask(["count-objects", "-v"]);
        let number = |name: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap().parse().unwrap()
        };
        (number("count"), number("packs"))
    }

    /// Copies the whole repository.
    pub fn copy(&self, path: &Path) -> Self {
        copy_directory(&self.path, path);
        let inside = self.git_dir.strip_prefix(&self.path).unwrap();
        Self { path: path.to_owned(), git_dir: path.join(inside) }
    }
}

fn expect(output: Output, what: &str) -> Vec<u8> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {what}: {said}");
    output.stdout
}

fn gather(directory: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// Copies a directory with all that is in it; links as links.
pub fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_directory(&source, &target);
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(&source).unwrap(), target).unwrap();
        } else {
            fs::copy(&source, &target).unwrap();
            writable(&target);
        }
    }
}

/// Lets a file be changed; git makes packs read-only.
pub fn writable(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    #[cfg(not(unix))]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
}
