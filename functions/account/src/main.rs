//! The `account` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::ACCOUNT;

fn main() -> ExitCode {
    countersign::lambda::main(ACCOUNT, Upkeep::REQUESTS_ONLY)
}
