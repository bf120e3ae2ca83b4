//! The pending logins of a user, for a code that comes without a login's token.

use super::Caller;
use super::open_login::OpenLogin;
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::Timestamp;
use crate::domain::client::Client;
use crate::domain::id::LoginId;
use crate::domain::login::{Login, SentCode, SentTo, State};
use crate::domain::user::Account;
use crate::failure::Broken;

/// A code without a token is tried against this many logins: the newest, and
/// one that the same user began on another device a moment before.
const TRIED: usize = 2;

/// The live logins of this user in a dialect, and of one client if it is known,
/// that a code is tried against: a verified one first, then the newest. For a
/// code that was sent (`sent`: where to) only those that have one that is still
/// good, so that a login that was begun and never sent one displaces none. One
/// query.
pub(super) async fn pending_logins(
    app: &App,
    caller: &Caller,
    account: &Account,
    dialect: Dialect,
    client: Option<&Client>,
    sent: Option<SentTo>,
) -> Result<Vec<OpenLogin>, Broken> {
    let newest = unspent(app.store.newest_logins(account.user.id).await?);
    let mut mine: Vec<Login> = newest
        .into_iter()
        .filter(|login| {
            login.dialect == dialect
                // What a session enrols is confirmed by that session.
                && !login.is_of_session()
                && client.is_none_or(|client| login.authorized.client == client.id)
                && login.check_live(&account.user, caller.now).is_ok()
                && sent.is_none_or(|to| may_fit(login, to, caller.now))
        })
        .collect();
    // One that was verified waits for its tokens, however many began since.
    mine.sort_by_key(|login| !matches!(login.state, State::Verified { .. }));
    let tried = mine.into_iter().take(TRIED);
    Ok(tried.map(|login| with_proofs(account, login)).collect())
}

/// The same logins without the sends that they adopted of an earlier login in
/// which the code is spent.
fn unspent(mut logins: Vec<Login>) -> Vec<Login> {
    let ids: Vec<LoginId> = logins.iter().map(|login| login.id).collect();
    let open = logins.iter().filter(|login| login.state == State::CodeSent);
    let open: Vec<(LoginId, u32)> = open
        .flat_map(|login| login.sent.iter().map(|sent| (login.id, sent)))
        .filter(|(_, sent)| sent.earlier.is_none())
        .map(|(id, sent)| (id, sent.number))
        .collect();
    let good = |sent: &SentCode| {
        sent.earlier
            .is_none_or(|id| !ids.contains(&id) || open.contains(&(id, sent.number)))
    };
    for login in &mut logins {
        login.sent.retain(good);
    }
    logins
}

/// Whether a code that was sent there may complete this login.
fn may_fit(login: &Login, to: SentTo, now: Timestamp) -> bool {
    matches!(login.state, State::Verified { .. }) || login.good_sends(to, now).next().is_some()
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
