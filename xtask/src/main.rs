//! `cargo xtask routes`, or `settings`: writes what is derived from the routes and the
//! declared settings.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let said = match asked.as_slice() {
        [task] if task == "routes" || task == "settings" => xtask::write(&workspace),
        _ => Err("usage: cargo xtask routes|settings".to_owned()),
    };
    let (code, text) = match said {
        Ok(written) if written.is_empty() => (ExitCode::SUCCESS, "nothing to write".to_owned()),
        Ok(written) => (ExitCode::SUCCESS, format!("wrote {}", written.join(", "))),
        Err(problem) => (ExitCode::FAILURE, problem),
    };
    // The reader may have closed the pipe.
    let _closed = writeln!(io::stdout(), "{text}");
    code
}
