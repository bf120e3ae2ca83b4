//! Tells an app about the user of its access token (OpenID Connect Core 5.3).

use serde_json::Value;

use crate::failure::Failure;
use crate::usecase::Context;
use crate::usecase::sessions::bearer::authenticate_bearer;
use crate::usecase::sessions::issue_tokens::identity_claims;

/// The claims that the token's scopes give. In ABP's dialect, any token for the
/// account is enough, because ABP's apps do not ask for `openid`, and
/// OpenIddict does not demand it. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient` without `openid` where it is needed.
pub async fn show_user(context: &Context, token: &str) -> Result<Value, Failure> {
    let mut audiences = vec![context.app.config.userinfo_audience()];
    let mut scope = Some("openid");
    if !context.caller.dialect.user_info_needs_openid() {
        audiences.push(context.app.config.account_audience());
        scope = None;
    }
    let bearer = authenticate_bearer(context, token, &audiences, scope).await?;
    Ok(Value::Object(identity_claims(&bearer.user, &bearer.scope)))
}
