//! The access token that a client asks about (RFC 7662): part of the door, because the
//! token's holder is checked here as `authenticate` checks a caller.

use serde_json::Value;

use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::keyring::AccessClaims;
use crate::usecase::client_context::ClientContext;
use crate::usecase::sessions::authenticate::{CheckedToken, Presented, Reads};
use crate::usecase::sessions::requirement::{ProfileAlone, Required, TokenClaims};

/// An access token of ours that a client asks about.
pub(crate) struct SeenToken {
    pub claims: TokenClaims,
    pub holder: TokenHolder,
}

/// Whose access token it is.
pub(crate) enum TokenHolder {
    /// A user, who is active, and whose session is live.
    User,
    /// A client without a user. No session ends such a token.
    Machine { client: String },
}

/// The access token that this client asks about. The client may see a token that was given
/// to it, and a token for an API of its own. One request to DynamoDB; none for a token that
/// the client may not see, and none for the token of a machine.
///
/// # Errors
/// `AccessTokenInvalid`.
pub(crate) async fn seen_token(context: &ClientContext, token: &str) -> Result<SeenToken, Failure> {
    let invalid = || Failure::from(Refusal::AccessTokenInvalid);
    let issuers = Issuer::all(&context.app.config.issuer);
    let mut ring = context.ring().await?;
    let keyring = &context.app.keyring;
    let checked = keyring.claims_or_reread(&mut ring, token, &issuers, context.now());
    let checked = checked.await;
    context.go_on_with(ring).await;
    let claims = checked?;
    let (client, own) = (&context.client, context.app.config.own_endpoints());
    if claims.contains_key("gty") {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let (machine, audience) = (text("client_id").to_owned(), [text("aud").to_owned()]);
        if !client.may_see(&machine, &audience, &own) {
            return Err(invalid());
        }
        let holder = TokenHolder::Machine { client: machine };
        return Ok(SeenToken { claims, holder });
    }
    let of_user: AccessClaims =
        serde_json::from_value(claims.clone().into()).map_err(|_| invalid())?;
    if !client.may_see(&of_user.client_id, &of_user.audience(), &own) {
        return Err(invalid());
    }
    let presented = Presented::Token(Box::new(CheckedToken::of(of_user)));
    let required = Required {
        // The client may see the token, whatever the token is for.
        audience: Audience::OfClient(client),
        scope: None,
        session: SessionState::Live,
        role: None,
        read: ProfileAlone,
    };
    ProfileAlone.read(context, presented, &required).await?;
    let holder = TokenHolder::User;
    Ok(SeenToken { claims, holder })
}
