//! How often a change of a user is tried again that met another change.

use crate::failure::Broken;
use crate::failure::Failure;

/// How often a change is tried that met another one of the same user.
pub(crate) const ATTEMPTS: u32 = 3;

/// What is answered when others changed the same user each time.
pub(crate) fn overtaken() -> Failure {
    Broken::unavailable("the user was being changed by others").into()
}
