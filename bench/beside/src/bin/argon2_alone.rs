//! Compares one password with its hash as often as the argument says, with the service's
//! own hasher. Nothing else of a login runs here. Prints the nanoseconds that this process
//! had a core for it.

use std::io::Write;
use std::process::ExitCode;

use countersign_domain::accounts::password::{Compared, PasswordHasher};
use countersign_domain::secret::Secret;

fn main() -> ExitCode {
    let times = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let hasher = PasswordHasher::default();
    let password = Secret::new("violet kettle 42".to_owned());
    let (Some(times), Ok(hash)) = (times, hasher.hash(&password, [7; 16])) else {
        return ExitCode::FAILURE;
    };
    let right = |_: u32| matches!(hasher.compare(&password, Some(&hash)), Ok(Compared::Right));
    // The first comparison gets its memory from the system. A function does that once.
    if !right(0) {
        return ExitCode::FAILURE;
    }
    let before = on_core();
    if !(0..times).all(right) {
        return ExitCode::FAILURE;
    }
    let nanoseconds = on_core().saturating_sub(before);
    match writeln!(std::io::stdout(), "{nanoseconds}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The nanoseconds that this process has had a core.
fn on_core() -> u64 {
    let schedule = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = schedule
        .split(' ')
        .next()
        .and_then(|text| text.parse().ok());
    first.unwrap_or_default()
}
