//! The `keys` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::KEYS;

fn main() -> ExitCode {
    countersign::lambda::main(KEYS, Upkeep::KEYS)
}
