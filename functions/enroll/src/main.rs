//! The `enroll` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::ENROLL;

fn main() -> ExitCode {
    countersign::lambda::main(ENROLL, Upkeep::REQUESTS_ONLY)
}
