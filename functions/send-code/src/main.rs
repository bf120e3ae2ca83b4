//! The `send-code` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::SEND_CODE;

fn main() -> ExitCode {
    countersign::lambda::main(SEND_CODE, Upkeep::REQUESTS_ONLY)
}
