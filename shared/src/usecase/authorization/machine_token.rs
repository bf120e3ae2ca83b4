//! Makes the access token of a client that acts for itself (RFC 6749 4.4).

use crate::domain::authorization::client::Authorized;
use crate::domain::events::kind::EventKind;
use crate::domain::secret::Secret;
use crate::domain::sessions::claims::{machine_claims, token_type};
use crate::failure::Failure;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::claims_json::claims_json;
use crate::usecase::sessions::issue_tokens::{issuing, token_identifier};

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
    let authorized = authorized.bound_to(context.proven_key());
    let token = signed(context, &authorized).await?;
    context.events.did(EventKind::MachineTokenGiven);
    Ok(token)
}

async fn signed(context: &ClientContext, authorized: &Authorized) -> Result<MachineToken, Failure> {
    let issuer = context.issuer();
    let issuing = issuing(context, &context.client, &issuer);
    let claims = machine_claims(authorized, issuing, token_identifier()?);
    let ring = context.ring().await?;
    Ok(MachineToken {
        access_token: ring.sign("at+jwt", &claims_json(claims))?,
        token_type: token_type(authorized.key.as_ref()),
        expires_in: issuing.seconds,
        scope: authorized.scope.to_text(),
    })
}
