//! Tells a user by e-mail what has happened to the password.

use super::Caller;
use crate::app::App;
use crate::domain::user::User;
use crate::notify::PasswordNotice;

/// Sends a notice to the stored address, if there is one. What it tells of is
/// done already, so a failure is only logged.
pub(super) async fn tell(app: &App, caller: &Caller, user: &User, of: PasswordNotice) {
    let Some(address) = &user.email else {
        return;
    };
    if let Err(failed) = app
        .notify
        .send_password_notice(address, of, caller.seen())
        .await
    {
        let request_id = caller.trace.request_id();
        tracing::warn!(request_id, error = %failed, "a notice was not sent");
    }
}
