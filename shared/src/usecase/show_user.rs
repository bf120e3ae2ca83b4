//! Tells an app about the user whom its access token names (OpenID Connect Core 5.3).

use serde_json::Value;

use super::Caller;
use super::bearer::authenticate_bearer;
use super::issue::identity_claims;
use crate::app::App;
use crate::failure::Failure;

/// The claims that the token's scopes give. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient` without `openid`.
pub async fn show_user(app: &App, caller: &Caller, token: &str) -> Result<Value, Failure> {
    let audiences = [app.config.userinfo_audience()];
    let bearer = authenticate_bearer(app, caller, token, &audiences, Some("openid")).await?;
    Ok(Value::Object(identity_claims(&bearer.user, &bearer.scope)))
}
