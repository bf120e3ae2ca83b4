//! Makes the access token of a client that acts for itself (RFC 6749 4.4).

use serde_json::json;

use crate::domain::authorization::client::Authorized;
use crate::domain::events::kind::EventKind;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::{CLIENT_GRANT, random_bytes};
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::issue_tokens::token_type;

/// The token of a client that acts for itself. No refresh token and no id token belong to
/// it, because there is no user and no session.
pub struct MachineToken {
    /// An RFC 9068 JWT.
    pub access_token: Secret,
    /// How the access token is shown: `Bearer`, or `DPoP` if it is bound to a key.
    pub token_type: &'static str,
    /// Lifetime of the access token in seconds.
    pub expires_in: i64,
    /// The granted scopes, space-separated.
    pub scope: String,
}

/// A token for the client alone. The claim `gty` says so, and none of our own endpoints
/// accepts a token with this claim. No request to DynamoDB.
///
/// # Errors
/// `GrantNotAllowed` for a client without a secret; `ScopeNotAllowed`,
/// `AudienceNotAllowed`.
pub async fn machine_token(
    context: &ClientContext,
    scope: Option<&str>,
    audience: Option<&str>,
) -> Result<MachineToken, Failure> {
    let config = &context.app.config;
    let own = config.own_endpoints();
    let authorized = context.client.authorize_machine(scope, audience, &own);
    let authorized = authorized.map_err(|refusal| context.app.named(refusal))?;
    let token = signed(context, &authorized).await?;
    context.events.did(EventKind::MachineTokenGiven);
    Ok(token)
}

async fn signed(context: &ClientContext, authorized: &Authorized) -> Result<MachineToken, Failure> {
    let (config, client) = (&context.app.config, &context.client);
    let expires_in = client.access_token_lifetime(config.access_token_seconds);
    let scope = authorized.scope.to_text();
    let mut claims = json!({
        "iss": context.issuer(),
        "sub": context.caller.dialect.subject_of_client(&client.id),
        "aud": authorized.audience.first(),
        "client_id": client.id,
        "azp": client.id,
        "iat": context.now(),
        "exp": context.now() + expires_in,
        "jti": identifier()?,
        "gty": CLIENT_GRANT,
    });
    let key = context.proven_key();
    if let Some(key) = key {
        claims["cnf"] = json!({ "jkt": key.as_str() });
    }
    if !scope.is_empty() {
        claims["scope"] = json!(scope);
    }
    Ok(MachineToken {
        access_token: context.ring().await?.sign("at+jwt", &claims)?,
        token_type: token_type(key),
        expires_in,
        scope,
    })
}

fn identifier() -> Result<String, Broken> {
    let identifier = uuid::Builder::from_random_bytes(random_bytes()?).into_uuid();
    Ok(identifier.to_string())
}
