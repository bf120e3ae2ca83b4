//! Finds the pending login that a token names, and refuses one that is over.

use super::Caller;
use crate::app::App;
use crate::domain::client::Client;
use crate::domain::factor::{Factor, RecoveryCodes};
use crate::domain::id::FactorId;
use crate::domain::login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::token::{TokenBody, TokenKind};
use crate::domain::user::User;
use crate::failure::Failure;

/// A live login, with what the token's holder may prove it by.
pub(super) struct OpenLogin {
    pub user: User,
    pub login: Login,
    pub factor: Option<Factor>,
    pub recovery: Option<RecoveryCodes>,
}

/// What to read beside the login.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside {
    /// This factor.
    pub factor: Option<FactorId>,
    /// The factor that the token names: the user's default authenticator app.
    pub default_totp: bool,
    /// The recovery codes.
    pub recovery: bool,
}

/// Checks a login token's MAC; a forged one costs no read.
pub(super) async fn open_login_token(
    app: &App,
    caller: &Caller,
    token: &str,
) -> Result<TokenBody, Failure> {
    let malformed = Refusal::LoginTokenMalformed;
    app.keyring
        .open_token(TokenKind::Login, token, malformed, caller.now)
        .await
}

/// Reads the login that the token names, for the client that began it, in one
/// batch read; one more for a login that another app than the default verified.
///
/// # Errors
/// `LoginTokenMalformed` for another client; `LoginExpired`.
pub(super) async fn open_login(
    app: &App,
    caller: &Caller,
    client: Option<&Client>,
    token: &TokenBody,
    beside: Beside,
) -> Result<OpenLogin, Failure> {
    let factor = beside
        .factor
        .or(token.factor.filter(|_| beside.default_totp));
    let mut read = app
        .store
        .read_login(token.user, token.login(), factor, beside.recovery)
        .await?;
    // A verified login is compared with what verified it: that may have been
    // another app than the default one.
    if let (None, true, Some(login)) = (beside.factor, beside.default_totp, &read.login)
        && let Some(used) = login.verified_with_app()
        && factor != Some(used)
    {
        read = app
            .store
            .read_login(token.user, token.login(), Some(used), beside.recovery)
            .await?;
    }
    let (Some(user), Some(login)) = (read.user, read.login) else {
        return Err(Refusal::LoginExpired.into());
    };
    if let Some(client) = client {
        login.check_client(&client.id)?;
    }
    caller.trace.is_about(user.id);
    login.check_live(&user, caller.now)?;
    Ok(OpenLogin {
        user,
        login,
        factor: read.factor,
        recovery: read.recovery,
    })
}
