//! The `verify` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::VERIFY;

fn main() -> ExitCode {
    countersign::lambda::main(VERIFY, Upkeep::REQUESTS_ONLY)
}
