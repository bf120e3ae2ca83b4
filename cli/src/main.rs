//! `countersign`: the operators' tool.

use std::process::ExitCode;

use clap::Parser;
use countersign_cli::options::Options;
use countersign_cli::run;

fn main() -> ExitCode {
    run(&Options::parse())
}
