//! Tells a confidential client whether a token is still valid (RFC 7662).

use serde_json::json;

use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::claims::refresh_token_claims;
use crate::domain::token::{RefreshToken, TokenBody};
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::has_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::authenticate::unless_refused;
use crate::usecase::sessions::claims_json::claims_json;
use crate::usecase::sessions::requirement::TokenClaims;
use crate::usecase::sessions::seen_token::{SeenToken, TokenHolder, seen_token};

/// The claims of a live token that this client may see; `None` for every other text. A
/// client sees the tokens that were given to it, and the access tokens for its own APIs.
/// An access token of an ended session is not live, nor is a token of an earlier epoch. One
/// request to DynamoDB; none for a token that the client may not see, and none for the
/// token of a machine, because no session ends that token.
///
/// # Errors
/// `ClientRejected` for a client without a secret.
pub async fn introspect(
    context: &ClientContext,
    token: &str,
) -> Result<Option<TokenClaims>, Failure> {
    if context.client.is_public() {
        let rejected = Refusal::client_rejected(&context.client.id, false);
        return Err(context.app.named(rejected).into());
    }
    let no_refresh_token = TokenRefusal::RefreshTokenInvalid.into();
    let opened = context.open_token(TokenBody::refresh, token, no_refresh_token);
    match opened.await {
        Ok(refresh) => of_refresh_token(context, refresh).await,
        Err(Failure::Refused(_)) => of_access_token(context, token).await,
        Err(broken @ Failure::Broken(_)) => Err(broken),
    }
}

async fn of_refresh_token(
    context: &ClientContext,
    token: RefreshToken,
) -> Result<Option<TokenClaims>, Failure> {
    let store = &context.app.store;
    let read = store.read_session(token.user, token.session).await?;
    let Some((user, session)) = read else {
        return Ok(None);
    };
    let grace = context.app.config.refresh_grace_seconds;
    let (client, times) = (&context.client.id, (context.now(), grace));
    if !session.may_be_refreshed_by(client, &user, token.generation, times) {
        return Ok(None);
    }
    context.caller.trace.is_about(user.id);
    let claims = refresh_token_claims(&user, &session, &context.issuer());
    Ok(Some(claims_json(claims)))
}

async fn of_access_token(
    context: &ClientContext,
    token: &str,
) -> Result<Option<TokenClaims>, Failure> {
    let seen = seen_token(context, token).await;
    let Some(SeenToken { mut claims, holder }) = unless_refused(seen)? else {
        return Ok(None);
    };
    if let TokenHolder::Machine { client } = holder
        && !has_client(context, &client).await?
    {
        return Ok(None);
    }
    // The number is our own, and tells an API nothing.
    claims.remove("epoch");
    let is_bound = claims.contains_key("cnf");
    let token_type = if is_bound { "DPoP" } else { "Bearer" };
    claims.insert("token_type".into(), json!(token_type));
    Ok(Some(claims))
}
