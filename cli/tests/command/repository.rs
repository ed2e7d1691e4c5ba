//! A git repository to run the program in.

use std::process::{Command, Output};

use crate::sandbox::{Ran, Sandbox};

pub(crate) struct Repository {
    pub(crate) sandbox: Sandbox,
}

impl Repository {
    pub(crate) fn new(options: &[&str]) -> Self {
        let repository = Self { sandbox: Sandbox::new() };
        repository.git(&[&["init", "-q", "-b", "main"], options, &["."]].concat());
        repository
    }

    /// A command that knows where programs are, and nothing of the user's.
    pub(crate) fn within(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .current_dir(&self.sandbox)
            .env("HOME", self.sandbox.as_ref())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A U Thor")
            .env("GIT_AUTHOR_EMAIL", "author@example.org")
            .env("GIT_COMMITTER_NAME", "C O Mitter")
            .env("GIT_COMMITTER_EMAIL", "committer@example.org");
        for name in ["PATH", "SystemRoot"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.args(args);
        self.within(command).output().unwrap()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let ran = Ran::of(self.try_git(args));
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:#?}");
        ran.out.trim_end().to_owned()
    }

    /// Runs the program as from a shell.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.within(self.sandbox.command(args)).output().unwrap())
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        self.sandbox.write(name, content);
    }

    pub(crate) fn stage(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write(name, content);
        self.git(&["add", name]);
    }

    pub(crate) fn commit(&self) {
        self.git(&["commit", "-q", "--no-verify", "-m", "x"]);
    }

    /// The places of what a scan finds.
    pub(crate) fn places(&self, args: &[&str]) -> Vec<String> {
        let ran = self.run(&[args, &["-f", "jsonl"]].concat());
        assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {ran:#?}");
        let mut places: Vec<String> = ran
            .out
            .lines()
            .map(|line| {
                let record: serde_json::Value = serde_json::from_str(line).unwrap();
                format!("{}:{}", record["path"].as_str().unwrap(), record["line"])
            })
            .collect();
        places.sort();
        places
    }
}
