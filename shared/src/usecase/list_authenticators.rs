//! Lists the authenticators of a user.

use super::Caller;
use super::open_login::{Beside, open_login, open_login_token};
use super::show_user::user_of_access_token;
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
    let managed = bearer.contains('.');
    let user = if managed {
        let audience = app.config.mfa_audience();
        let (user, scope) = user_of_access_token(app, caller, bearer, &audience).await?;
        if !scope.contains(SCOPE) {
            return Err(Refusal::ScopeInsufficient.into());
        }
        user
    } else {
        let token = open_login_token(app, caller, bearer).await?;
        open_login(app, caller, None, &token, Beside::default())
            .await?
            .user
    };
    let account = app.store.read_account(user.id).await?;
    let mut account = account.ok_or(Refusal::AccessTokenInvalid)?;
    if !managed {
        app.config.offer.keep(&mut account.factors);
    }
    Ok(account)
}
