//! The pending logins of a user, for a code that comes without a login's token.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::client::Client;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::{Login, SentCode, SentTo, State};
use crate::failure::Broken;
use crate::usecase::Caller;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::login::open_login::OpenLogin;

/// A code without a token is tried against this many logins that wait for one:
/// the newest, and one that the same user began on another device a moment
/// before. Each more would double what a guess may hit.
const TRIED: usize = 2;

/// The live logins of this user in a dialect, and of one client if it is known,
/// that a code is tried against: the verified ones, which wait for their tokens,
/// then those whose password came from this network (where the login keeps the
/// network), then the newest. For a code that was sent (`sent`: where to) only those that
/// have one that is still good. How many others there are decides nothing. One
/// query.
pub(crate) async fn pending_logins(
    app: &App,
    caller: &Caller,
    account: &Account,
    client: Option<&Client>,
    sent: Option<SentTo>,
) -> Result<Vec<OpenLogin>, Broken> {
    let user = account.user.id;
    let store = &app.store;
    let live = store.live_logins(user, caller.dialect, sent.is_some(), caller.now);
    let mine = unspent(live.await?).into_iter().filter(|login| {
        // What a session enrols is confirmed by that session.
        !login.is_of_session()
            && client.is_none_or(|client| login.authorized.client == client.id)
            && login.check_live(&account.user, caller.now).is_ok()
            && sent.is_none_or(|to| may_fit(login, to, caller.now))
    });
    let (verified, mut waiting): (Vec<Login>, Vec<Login>) =
        mine.partition(|login| matches!(login.state, State::Verified { .. }));
    // Somebody elsewhere with the password displaces no login of this network.
    let here = network_hash(caller);
    waiting.sort_by_key(|login| login.network.as_ref() != Some(&here));
    let tried = verified.into_iter().chain(waiting.into_iter().take(TRIED));
    Ok(tried.map(|login| with_proofs(account, login)).collect())
}

/// The live logins without the adopted sends whose code is spent or whose first
/// login is over: the login that a code was sent for says so.
fn unspent(mut logins: Vec<Login>) -> Vec<Login> {
    let open = logins.iter().filter(|login| login.state == State::CodeSent);
    let open: Vec<(LoginId, u32)> = open
        .flat_map(|login| login.sent.iter().map(|sent| (login.id, sent)))
        .filter(|(_, sent)| sent.earlier.is_none())
        .map(|(id, sent)| (id, sent.number))
        .collect();
    let good = |sent: &SentCode| {
        let earlier = sent.earlier;
        earlier.is_none_or(|id| open.contains(&(id, sent.number)))
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
pub(crate) fn with_proofs(account: &Account, login: Login) -> OpenLogin {
    OpenLogin {
        user: account.user.clone(),
        login,
        factor: account.default_totp().cloned(),
        recovery: account.recovery.clone(),
    }
}
