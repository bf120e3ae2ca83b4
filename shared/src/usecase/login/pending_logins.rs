//! The pending logins of a user, for a code that comes without a login's token.

use crate::domain::accounts::user::Account;
use crate::domain::login::code_candidates::CodeAlone;
use crate::domain::login::pending_login::{Login, SentTo};
use crate::domain::sessions::party::Party;
use crate::failure::Broken;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::context::Context;
use crate::usecase::login::open_login::{OpenLogin, ProvableLogin};

/// The logins of this user, in the dialect of the request, that a code is tried
/// against (`CodeAlone::tried`). `party` is the caller, if the dialect names the
/// client. `sent` says where a sent code went. One query.
pub(crate) async fn pending_logins(
    context: &Context,
    account: &Account,
    party: Option<Party<'_>>,
    sent: Option<SentTo>,
) -> Result<Vec<ProvableLogin>, Broken> {
    let user = &account.user;
    let store = &context.app.store;
    let live = store.live_logins(
        user.id,
        context.caller.dialect,
        sent.is_some(),
        context.now(),
    );
    let code = CodeAlone {
        user,
        party,
        key: context.proven_key(),
        sent,
        network: &network_hash(&context.caller),
        now: context.now(),
    };
    let tried = code.tried(live.await?).into_iter();
    Ok(tried.map(|login| with_proofs(account, login)).collect())
}

/// A login with all factors that may complete it.
pub(crate) fn with_proofs(account: &Account, login: Login) -> ProvableLogin {
    ProvableLogin {
        open: OpenLogin {
            user: account.user.clone(),
            login,
        },
        factor: account.default_totp().cloned(),
        recovery: account.recovery.clone(),
    }
}
