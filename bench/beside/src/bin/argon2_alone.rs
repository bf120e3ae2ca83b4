//! Compares one password with its hash as often as the argument says, with the service's
//! own hasher. Nothing else of a login runs here.

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
    if (0..times).all(right) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
