//! The pending logins of a user, for a code that comes without a login's token.

use super::Caller;
use super::open_login::OpenLogin;
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::client::Client;
use crate::domain::login::Login;
use crate::domain::user::Account;
use crate::failure::Broken;

/// A code without a token is tried against this many logins: the newest, and
/// one that the same user began on another device a moment before.
const TRIED: usize = 2;

/// The newest live logins of this user in a dialect, and of one client if it is
/// known, newest first. One query.
pub(super) async fn pending_logins(
    app: &App,
    caller: &Caller,
    account: &Account,
    dialect: Dialect,
    client: Option<&Client>,
) -> Result<Vec<OpenLogin>, Broken> {
    let newest = app.store.newest_logins(account.user.id).await?;
    let mine = newest.into_iter().filter(|login| {
        login.dialect == dialect
            && client.is_none_or(|client| login.authorized.client == client.id)
            && login.check_live(&account.user, caller.now).is_ok()
    });
    Ok(mine
        .take(TRIED)
        .map(|login| with_proofs(account, login))
        .collect())
}

/// A login with all that its user may prove it by.
pub(super) fn with_proofs(account: &Account, login: Login) -> OpenLogin {
    OpenLogin {
        user: account.user.clone(),
        login,
        factor: account.default_totp().cloned(),
        recovery: account.recovery.clone(),
    }
}
