//! The leaksieve command line, for pre-commit: it builds the package at the root of
//! a repository and no other.

fn main() -> std::process::ExitCode {
    leaksieve_cli::main()
}
