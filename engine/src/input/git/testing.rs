//! Repositories for tests, made and read by the git program.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use super::object::{Kind, ObjectError, Objects};
use super::oid::Oid;

/// The git program without the user's settings, in a directory.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", dir)
        .env("XDG_CONFIG_HOME", dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_COUNT", "2")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("GIT_CONFIG_KEY_1", "protocol.file.allow")
        .env("GIT_CONFIG_VALUE_1", "always")
        .env("GIT_AUTHOR_NAME", "A U Thor")
        .env("GIT_AUTHOR_EMAIL", "author@example.org")
        .env("GIT_COMMITTER_NAME", "C O Mitter")
        .env("GIT_COMMITTER_EMAIL", "committer@example.org")
        .stdin(Stdio::null());
    command
}

/// Runs git, and returns what it prints without the last line feed.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    run(command(dir).args(arguments))
}

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A repository in a directory of its own, whose clock goes on by a minute with
/// each commit.
pub(crate) struct Sandbox {
    home: tempfile::TempDir,
    clock: i64,
}

impl Sandbox {
    pub(crate) fn new(options: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let arguments = [&["init", "-q", "-b", "main"], options, &["repo"]].concat();
        git(home.path(), &arguments);
        Self { home, clock: 1_700_000_000 }
    }

    /// The directory around the repository.
    pub(crate) fn home(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap()
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.home().join("repo")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.dir(), arguments)
    }

    /// Runs git at the clock's next minute.
    pub(crate) fn dated(&mut self, arguments: &[&str]) -> String {
        self.clock += 60;
        let date = format!("{} +0000", self.clock);
        let mut command = command(&self.dir());
        command.args(arguments).env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        run(&mut command)
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Writes these files and commits all that has changed.
    pub(crate) fn commit(&mut self, message: &str, files: &[(&str, &str)]) -> Oid {
        for (path, content) in files {
            self.write(path, content);
        }
        self.git(&["add", "-A"]);
        self.dated(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> Oid {
        oid(&self.git(&["rev-parse", "--verify", revision]))
    }

    pub(crate) fn objects(&self) -> Program {
        Program::new(&self.dir())
    }
}

pub(crate) fn oid(text: &str) -> Oid {
    Oid::from_hex(text.trim().as_bytes()).unwrap()
}

/// Objects as `git cat-file` reads them.
pub(crate) struct Program {
    dir: PathBuf,
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Program {
    pub(crate) fn new(dir: &Path) -> Self {
        let mut command = command(dir);
        command.args(["cat-file", "--batch"]).env("GIT_NO_LAZY_FETCH", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { dir: dir.to_owned(), child, pipes: Mutex::new(pipes) }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Objects for Program {
    fn read(&self, id: &Oid, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        out.clear();
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{id}").unwrap();
        let mut line = String::new();
        pipes.1.read_line(&mut line).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        if words[1] == "missing" {
            return Err(ObjectError::Missing);
        }
        let size: usize = words[2].parse().unwrap();
        out.resize(size + 1, 0);
        pipes.1.read_exact(out).unwrap();
        out.truncate(size);
        if size > limit {
            return Err(ObjectError::TooLarge(size as u64));
        }
        Ok(Kind::from_name(words[1].as_bytes()).unwrap())
    }

    fn contains(&self, id: &Oid) -> bool {
        self.read(id, usize::MAX, &mut Vec::new()).is_ok()
    }

    fn with_prefix(&self, hex: &str) -> Vec<Oid> {
        let output = git(&self.dir, &["rev-parse", &format!("--disambiguate={hex}")]);
        output.lines().map(oid).collect()
    }
}
