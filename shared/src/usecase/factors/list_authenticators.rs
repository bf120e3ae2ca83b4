//! Lists the authenticators of a user.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::factor::Method;
use crate::domain::id::UserId;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::login::open_login::{open_login_of_any_key, open_login_token};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Required, SessionOrLogin, WithFactors};

/// The factors of the user whom this bearer token names. With the token of a
/// pending login: the offered factors, or the confirmed addresses of a user
/// without a factor. With an access token for our MFA endpoints and the scope
/// `read:authenticators`: all factors. Two requests to DynamoDB.
///
/// # Errors
/// `LoginExpired`, `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn list_authenticators(context: &Context, bearer: &str) -> Result<Account, Failure> {
    let credential = match SessionOrLogin::of_bearer(bearer) {
        SessionOrLogin::Session(credential) => credential,
        SessionOrLogin::Login(token) => return account_of_login(context, token).await,
    };
    let required = Required::of_mfa(KnownScope::ReadAuthenticators, WithFactors);
    let (_, mut account) = authenticate(context, credential, required).await?;
    account.ask_for_passkeys();
    Ok(account)
}

/// A kind of factors that a login offers.
pub struct OfferedMethod {
    pub method: Method,
    /// Whether messages to the factor came back.
    pub undeliverable: bool,
}

/// The kinds of factors whose codes complete the login of this user that
/// `token` names. Two requests to DynamoDB.
///
/// # Errors
/// `LoginTokenMalformed` for a login of another user; `LoginExpired`.
pub async fn list_methods(
    context: &Context,
    user: UserId,
    token: &str,
) -> Result<Vec<OfferedMethod>, Failure> {
    let account = account_of_login(context, token).await?;
    if account.user.id != user {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let offered = account.active_factors().map(|factor| OfferedMethod {
        method: factor.method(),
        undeliverable: account.user.has_trouble_with(factor),
    });
    Ok(offered.collect())
}

/// The user of a pending login, with the offered factors. If the user has no
/// factor, with the confirmed addresses.
async fn account_of_login(context: &Context, token: &str) -> Result<Account, Failure> {
    let token = open_login_token(context, token).await?;
    let open = open_login_of_any_key(context, None, &token, LoginReads::default());
    let open = open.await?.open;
    let account = open.account(&context.app).await?;
    let mut account = account.ok_or(Refusal::AccessTokenInvalid)?;
    let addresses = context.app.addresses();
    addresses.keep_offered(&mut account, &open.login.authorized);
    Ok(account)
}
