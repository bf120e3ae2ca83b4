//! One verb a file. A use case takes the `App`, the `Caller` and what was
//! asked, in no dialect, and gives a result, a `Refusal` or `Broken`.

mod adopt_send;
mod anonymous;
pub mod authenticate_client;
pub mod authenticator_key;
pub mod authorize;
pub mod bearer;
mod beginning;
pub mod browser;
pub mod change_at_login;
pub mod change_password;
pub mod check_login;
mod check_password;
pub mod completed;
pub mod confirm;
pub mod confirm_factor;
pub mod end_session;
pub mod enroll;
pub mod find_user;
mod first_factor;
pub mod forgot_password;
pub mod form_token;
pub mod issue;
pub mod keep_keys;
pub mod list_authenticators;
mod lockout_notice;
pub mod login;
pub mod look_at_link;
mod new_password;
mod notice;
mod open_login;
mod pay;
mod pending_logins;
mod prove;
pub mod publish_keys;
pub mod redeem;
pub mod redeem_authorization_code;
pub mod refresh;
pub mod register;
pub mod remove_factor;
pub mod replace_recovery_codes;
pub mod reset_password;
pub mod revoke;
mod send_action;
pub mod send_code;
pub mod send_confirmation;
pub mod set_two_factor;
pub mod show_user;
pub mod shown_codes;
pub mod sign_in;
pub mod sign_up;
pub mod token_login;
pub mod two_factor;
pub mod two_step;
pub mod verify_code;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use crate::domain::Timestamp;
use crate::domain::device::{Device, Seen};
use crate::domain::id::UserId;
use crate::domain::issuer::Issuer;

/// Who asks, and when.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The time of the request.
    pub now: Timestamp,
    /// The source address, as the gateway saw it.
    pub address: IpAddr,
    /// The kind of device that it says it is.
    pub device: Device,
    /// The issuer by which the client has found us.
    pub issuer: Issuer,
    /// Where the log learns which user it was.
    pub trace: Trace,
}

impl Caller {
    /// What a message tells of the request.
    pub fn seen(&self) -> Seen {
        Seen {
            at: self.now,
            device: self.device,
        }
    }
}

/// What the log learns of a request, and what it calls the request.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Traced>);

#[derive(Debug, Default)]
struct Traced {
    request_id: String,
    user: OnceLock<UserId>,
}

impl Trace {
    /// The trace of the request with this id.
    pub fn of(request_id: &str) -> Self {
        Self(Arc::new(Traced {
            request_id: request_id.to_owned(),
            user: OnceLock::new(),
        }))
    }

    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Notes the user whom the request turned out to be about. Only the first
    /// one counts.
    pub fn is_about(&self, user: UserId) {
        self.0.user.get_or_init(|| user);
    }

    /// The user that was noted.
    pub fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }
}
