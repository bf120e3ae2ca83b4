//! Tells a user by e-mail about a change that was made.

use super::Caller;
use crate::app::App;
use crate::domain::notice::Notice;
use crate::domain::user::User;

/// Sends the notice to the stored address, after the change: a notice of a
/// change that then fails would be false, and an owner must be able to remove
/// a stranger's factor while e-mail is down. So a notice that fails undoes
/// nothing; the log says that it was not sent. An address that was never
/// confirmed may be somebody else's, and gets none.
pub(super) async fn tell(app: &App, caller: &Caller, user: &User, notice: Notice) {
    let request_id = caller.trace.request_id();
    let Some(address) = user.email.as_deref().filter(|_| user.email_confirmed) else {
        tracing::warn!(request_id, user = %user.id, "a notice had no confirmed address to go to");
        return;
    };
    if let Err(failed) = app.notify.send_notice(address, notice, caller.seen()).await {
        tracing::warn!(request_id, user = %user.id, error = %failed, "a notice was not sent");
    }
}
