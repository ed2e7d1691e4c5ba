//! The leaksieve command line.
//!
//! `args` says what may be written, `settings` turns it into plain checked values,
//! and the verbs turn those into library objects. [`main`] only wires; it is a
//! library's so that the package at the root of the repository can be built from
//! it, which is where pre-commit looks for one.

mod args;
mod destination;
mod explain;
mod failure;
mod filter;
#[cfg(unix)]
mod follow;
mod git;
mod hook;
mod judge;
mod live;
mod metrics;
mod progress;
mod rules;
mod scan;
mod settings;
mod source;
mod state;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Verb};
use failure::Failure;
use settings::Settings;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    // What is caught is told in the summary.
    let standard = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !leaksieve::input::archive::is_guarded() {
            standard(panic);
        }
    }));
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to stdout, and a closed pipe is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let terminal = terminal::Choice::from(&args.terminal);
    let done = match args.verb {
        Verb::Scan(verb) => Settings::of_scan(verb, &terminal).and_then(scan::run),
        Verb::Dir(verb) => Settings::of_dir(verb, &terminal).and_then(scan::run),
        Verb::Stdin(verb) => Settings::of_stdin(verb, &terminal).and_then(scan::run),
        #[cfg(unix)]
        Verb::Follow(verb) => follow::run(verb, &terminal),
        Verb::Filter(verb) => filter::run(verb, &terminal),
        Verb::Git(verb) => Settings::of_git(verb, &terminal).and_then(scan::run),
        Verb::Hook(verb) => hook::run(&verb).map(|()| ExitCode::SUCCESS),
        Verb::Rules(verb) => rules::run(&verb).map(|()| ExitCode::SUCCESS),
        Verb::Explain(verb) => explain::run(&verb).map(|()| ExitCode::SUCCESS),
        Verb::Completions { shell } => completions(shell).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|failure| {
        failure.print();
        failure.exit_code()
    })
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    // The generator panics when writing fails, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "leaksieve", &mut script);
    destination::print(&script)
}
