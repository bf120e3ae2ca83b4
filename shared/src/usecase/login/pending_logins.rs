//! The pending logins of a user, for a code that comes without a login's token.

use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::client::Client;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::{Login, SentCode, SentTo, State};
use crate::failure::Broken;
use crate::usecase::Context;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::login::open_login::OpenLogin;

/// A code without a token is tried against this many logins that wait for a
/// code: the newest, and a login that the user began on another device a moment
/// before. Every further login would raise the chance of a guess.
const TRIED: usize = 2;

/// The live logins of this user that a code is tried against, in a dialect, and
/// of one client if the client is known. First the verified logins, which wait
/// for their tokens. Then the logins whose password came from this network, if
/// the login stores the network. Then the newest. For a sent code (`sent` says
/// where it went), only the logins with a code that is still valid. How many
/// other logins there are decides nothing. One query.
pub(crate) async fn pending_logins(
    context: &Context,
    account: &Account,
    client: Option<&Client>,
    sent: Option<SentTo>,
) -> Result<Vec<OpenLogin>, Broken> {
    let user = account.user.id;
    let store = &context.app.store;
    let live = store.live_logins(user, context.caller.dialect, sent.is_some(), context.now());
    let mine = unspent(live.await?).into_iter().filter(|login| {
        // A session confirms its own enrolment.
        !login.is_of_session()
            && client.is_none_or(|client| login.authorized.client == client.id)
            && login.check_live(&account.user, context.now()).is_ok()
            && sent.is_none_or(|to| may_fit(login, to, context.now()))
    });
    let (verified, mut waiting): (Vec<Login>, Vec<Login>) =
        mine.partition(|login| matches!(login.state, State::Verified { .. }));
    // So somebody elsewhere who knows the password cannot push out a login of
    // this network.
    let here = network_hash(&context.caller);
    waiting.sort_by_key(|login| login.network.as_ref() != Some(&here));
    let tried = verified.into_iter().chain(waiting.into_iter().take(TRIED));
    Ok(tried.map(|login| with_proofs(account, login)).collect())
}

/// The live logins, without the adopted sends whose code is spent or whose own
/// login is over. The login that a code was sent for says both.
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

/// Whether a code that was sent to this destination may complete the login.
fn may_fit(login: &Login, to: SentTo, now: Timestamp) -> bool {
    matches!(login.state, State::Verified { .. }) || login.good_sends(to, now).next().is_some()
}

/// A login with all factors that may complete it.
pub(crate) fn with_proofs(account: &Account, login: Login) -> OpenLogin {
    OpenLogin {
        user: account.user.clone(),
        login,
        factor: account.default_totp().cloned(),
        recovery: account.recovery.clone(),
    }
}
