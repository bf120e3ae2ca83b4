//! `countersign`: the operators' tool.

use std::process::ExitCode;

use countersign_cli::options::Options;
use countersign_cli::run;

fn main() -> ExitCode {
    match Options::read(std::env::args_os()) {
        Ok(options) => run(&options),
        Err(told) => told.exit(),
    }
}
