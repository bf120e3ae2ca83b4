//! How often a change of a user is tried if it meets another change.

use crate::failure::Broken;
use crate::failure::Failure;

/// How often a change is tried if it meets another change of the same user.
pub(crate) const ATTEMPTS: u32 = 3;

/// The answer if other requests changed the same user each time.
pub(crate) fn overtaken() -> Failure {
    Broken::unavailable("other requests changed the user during every attempt").into()
}
