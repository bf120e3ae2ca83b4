//! One verb a file. A use case takes the `App`, the `Caller` and what was
//! asked, in no dialect, and gives a result, a `Refusal` or `Broken`.

pub mod authenticate_client;
pub mod issue;
pub mod list_authenticators;
pub mod login;
mod open_login;
mod pending_logins;
mod prove;
pub mod publish_keys;
pub mod redeem;
pub mod refresh;
pub mod revoke;
pub mod send_code;
pub mod show_user;
pub mod verify_code;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use crate::domain::Timestamp;
use crate::domain::id::UserId;

/// Who asks, and when.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The time of the request.
    pub now: Timestamp,
    /// The source address, as the gateway saw it.
    pub address: IpAddr,
    /// Where the log learns which user it was.
    pub trace: Trace,
}

/// The user that a request turned out to be about, for the log.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<OnceLock<UserId>>);

impl Trace {
    /// Notes the user. Only the first one counts.
    pub fn is_about(&self, user: UserId) {
        self.0.get_or_init(|| user);
    }

    /// The user that was noted.
    pub fn user(&self) -> Option<UserId> {
        self.0.get().copied()
    }
}
