//! The `account` function. Its routes stand in `countersign::routes`.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::ACCOUNT;

fn main() -> ExitCode {
    countersign::lambda::main(ACCOUNT, Upkeep::REQUESTS_ONLY)
}
