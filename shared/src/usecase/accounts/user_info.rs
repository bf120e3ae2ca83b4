//! Tells an app about the user of its access token (OpenID Connect Core 5.3).

use serde_json::Value;

use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::claims::identity_claims;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::claims_json::claims_json;
use crate::usecase::sessions::requirement::{ProfileAlone, Required};

/// The claims that the token's scopes give. In ABP's dialect, any token for the
/// account is enough, because ABP's apps do not ask for `openid`, and
/// OpenIddict does not demand it. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`; `ScopeInsufficient` without `openid` where it is needed.
pub async fn show_user(context: &Context, token: &str) -> Result<Value, Failure> {
    let (audience, scope) = match context.caller.dialect.user_info_needs_openid() {
        true => (Audience::UserInfo, Some(KnownScope::OpenId)),
        false => (Audience::AccountOrUserInfo, None),
    };
    let required = Required {
        audience,
        scope,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    let bearer = authenticate(context, token.into(), required).await?;
    let claims = identity_claims(&bearer.user, &bearer.scope);
    Ok(Value::Object(claims_json(claims)))
}
