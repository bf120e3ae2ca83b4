//! The `enroll` function. Its routes stand in `countersign::routes`.

use std::process::ExitCode;

use countersign::routes::Function;

fn main() -> ExitCode {
    countersign::lambda::main(Function::Enroll)
}
