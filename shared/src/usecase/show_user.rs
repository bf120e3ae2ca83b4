//! Tells an app about the user whom its access token names (OpenID Connect Core 5.3).

use serde_json::Value;

use super::Caller;
use super::issue::identity_claims;
use crate::app::App;
use crate::domain::client::Scope;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::failure::Failure;

/// The claims that the token's scopes give. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient` without `openid`.
pub async fn show_user(app: &App, caller: &Caller, token: &str) -> Result<Value, Failure> {
    let audience = app.config.userinfo_audience();
    let (user, scope) = user_of_access_token(app, caller, token, &audience).await?;
    if !scope.contains("openid") {
        return Err(Refusal::ScopeInsufficient.into());
    }
    Ok(Value::Object(identity_claims(&user, &scope)))
}

/// The user and the scopes of an access token for this audience. Standing and
/// epoch come from the profile, not from the token.
pub(super) async fn user_of_access_token(
    app: &App,
    caller: &Caller,
    token: &str,
    audience: &str,
) -> Result<(User, Scope), Failure> {
    let issuer = &app.config.issuer;
    let claims = app
        .keyring
        .check_access_token(token, issuer, audience, caller.now)
        .await?;
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let id = UserId::parse(&claims.sub).ok_or_else(invalid)?;
    let user = app.store.read_user(id).await?.ok_or_else(invalid)?;
    caller.trace.is_about(user.id);
    if !user.active || user.epoch != claims.epoch {
        return Err(invalid());
    }
    Ok((user, Scope::parse(&claims.scope)))
}
