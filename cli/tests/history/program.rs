//! Running the program.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn command(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leaksieve"));
    command.args(args).current_dir(directory).env_clear().stdin(Stdio::null());
    // For the programs that a hostile configuration names.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

pub(crate) fn run(directory: &Path, args: &[&str]) -> Ran {
    let output = command(directory, args).output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the verb `git` for JSON lines.
pub(crate) fn git(directory: &Path, args: &[&str]) -> Ran {
    run(directory, &[&["git", "--format", "jsonl"], args].concat())
}

impl Ran {
    /// The records of findings.
    pub(crate) fn records(&self) -> Vec<Value> {
        let lines = self.out.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|value: &Value| value.get("detector").is_some()).collect()
    }

    /// What a rerun has to repeat: findings and exit code.
    pub(crate) fn outcome(&self) -> (Option<i32>, Vec<String>) {
        let mut records: Vec<String> = self.records().iter().map(Value::to_string).collect();
        records.sort_unstable();
        (self.code, records)
    }
}
