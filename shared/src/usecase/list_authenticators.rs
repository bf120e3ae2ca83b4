//! Lists the authenticators of a user.

use super::Caller;
use super::bearer::authenticate_bearer_with_account;
use super::open_login::{Beside, open_login, open_login_token};
use crate::app::App;
use crate::domain::refusal::Refusal;
use crate::domain::user::Account;
use crate::failure::Failure;

/// The scope that an access token needs for it.
const SCOPE: &str = "read:authenticators";

/// The authenticators of the user whom this bearer token names: with the token
/// of a pending login those that are offered, with an access token for our MFA
/// endpoints with the scope `read:authenticators` all of them. Two requests to
/// DynamoDB.
///
/// # Errors
/// `LoginExpired`, `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn list_authenticators(
    app: &App,
    caller: &Caller,
    bearer: &str,
) -> Result<Account, Failure> {
    if bearer.contains('.') {
        let audiences = [app.config.mfa_audience()];
        let scope = Some(SCOPE);
        return authenticate_bearer_with_account(app, caller, bearer, &audiences, scope)
            .await
            .map(|(_, account)| account);
    }
    let token = open_login_token(app, caller, bearer).await?;
    let user = open_login(app, caller, None, &token, Beside::default())
        .await?
        .user;
    let account = app.store.read_account(user.id).await?;
    let mut account = account.ok_or(Refusal::AccessTokenInvalid)?;
    app.config.offer.keep(&mut account.factors);
    Ok(account)
}
