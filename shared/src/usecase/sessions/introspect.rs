//! Tells a confidential client whether a token is still valid (RFC 7662).

use serde_json::{Map, Value, json};

use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::session::Refresh;
use crate::domain::sessions::standing::SessionState;
use crate::domain::token::{RefreshToken, TokenBody};
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::has_client;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{Audience, ProfileAlone, Required};

/// What a token says, as claims.
pub type TokenClaims = Map<String, Value>;

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
        let rejected = Refusal::client(&context.client.id, false);
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
    let refresh = session.refresh_state(token.generation, user.epoch, context.now(), grace);
    let usable = matches!(refresh, Refresh::Rotate | Refresh::Repeat);
    if session.authorized.client != context.client.id || !user.active || !usable {
        return Ok(None);
    }
    context.caller.trace.is_about(user.id);
    let mut claims = Map::new();
    claims.insert("client_id".into(), json!(session.authorized.client));
    let scope = session.authorized.scope.to_text();
    claims.insert("scope".into(), json!(scope));
    claims.insert("sub".into(), json!(user.subject()));
    claims.insert("exp".into(), json!(session.expires_at));
    claims.insert("sid".into(), json!(session.id.dashed()));
    let issuer = context.caller.issuer.url(&context.app.config.issuer);
    claims.insert("iss".into(), json!(issuer));
    Ok(Some(claims))
}

async fn of_access_token(
    context: &ClientContext,
    token: &str,
) -> Result<Option<TokenClaims>, Failure> {
    let issuers = Issuer::all(&context.app.config.issuer);
    let mut ring = context.ring().await?;
    let keyring = &context.app.keyring;
    let checked = keyring.claims_of_access_token(&mut ring, token, &issuers, context.now());
    let checked = checked.await;
    context.go_on_with(ring).await;
    let live = match &checked {
        Ok(claims) if claims.contains_key("gty") => is_live_machine(context, claims).await,
        Ok(_) => is_live_session(context, token).await,
        Err(_) => Ok(false),
    };
    let mut claims = match (checked, live?) {
        (Ok(claims), true) => claims,
        (Ok(_) | Err(Failure::Refused(_)), _) => return Ok(None),
        (Err(broken), _) => return Err(broken),
    };
    // The number is our own, and tells an API nothing.
    claims.remove("epoch");
    claims.insert("token_type".into(), json!("Bearer"));
    Ok(Some(claims))
}

/// Whether this client may see the token, and neither the user nor the session of the token
/// has ended or changed.
async fn is_live_session(context: &ClientContext, token: &str) -> Result<bool, Failure> {
    let required = Required {
        audience: Audience::SeenBy(&context.client),
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    unless_refused(
        authenticate(context, token.into(), required)
            .await
            .map(|_| ()),
    )
}

/// Whether this client may see the token of a machine, and the machine's client is still
/// there. No session ends such a token.
async fn is_live_machine(context: &ClientContext, claims: &TokenClaims) -> Result<bool, Failure> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let (machine, audience) = (text("client_id"), [text("aud").to_owned()]);
    let own = context.app.config.own_endpoints();
    if !context.client.may_see(machine, &audience, &own) {
        return Ok(false);
    }
    Ok(has_client(context, machine).await?)
}

fn unless_refused(done: Result<(), Failure>) -> Result<bool, Failure> {
    match done {
        Ok(()) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(broken) => Err(broken),
    }
}
