//! The `token` function. `countersign::routes` has its routes.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::TOKEN;

fn main() -> ExitCode {
    countersign::lambda::main(TOKEN, Upkeep::REQUESTS_ONLY)
}
