//! Completions for a shell.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::options::Options;
use crate::problem::Problem;

/// Writes the completions of this shell.
///
/// # Errors
/// One line if the output is closed.
pub fn write(shell: Shell, out: &mut dyn Write) -> Result<(), Problem> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Options::command(), "countersign", &mut text);
    let written = out.write_all(&text);
    written.map_err(|error| Problem::broken(format!("cannot print: {error}")))
}
