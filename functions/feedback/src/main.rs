//! The `feedback` function, which serves no route: SES and SNS report to it.

use std::process::ExitCode;

use countersign::lambda::Upkeep;
use countersign::routes::FEEDBACK;

fn main() -> ExitCode {
    countersign::lambda::main(FEEDBACK, Upkeep::FEEDBACK)
}
