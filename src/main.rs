//! The `paperround` program: everything is in the library.

fn main() -> std::process::ExitCode {
    paperround::cli::main()
}
