//! The leaksieve command line.

fn main() -> std::process::ExitCode {
    leaksieve_cli::main()
}
