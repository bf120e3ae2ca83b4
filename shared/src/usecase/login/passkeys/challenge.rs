//! Gives an app the challenge that a passkey signs.

use serde_json::Value;

use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::id::{LoginId, UserId};
use crate::domain::secret::Secret;
use crate::domain::sessions::party::Party;
use crate::domain::token::{PasskeyChallengeToken, TokenBody};
use crate::failure::Failure;
use crate::keyring::{ChallengeFor, random_bytes, sha256};
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::factors::passkeys::ceremony::Ceremony;

/// A challenge, and the token that names it.
pub struct PasskeyChallenge {
    /// What the app hands to the authenticator.
    pub options: Value,
    /// Has to come with the signature.
    pub token: Secret,
}

/// Gives a challenge that any user may sign. The challenge is derived from the token,
/// so nothing is stored. With a key, only the holder of the key may show the token. No
/// request to DynamoDB.
///
/// # Errors
/// `GrantUnsupported` where no passkey is taken.
pub async fn passkey_challenge(
    context: &ClientContext,
    holder: Option<&KeyThumbprint>,
) -> Result<PasskeyChallenge, Failure> {
    let challenge = challenge_at(context, context.party(), holder).await?;
    Ok(challenge.ok_or(TokenRefusal::GrantUnsupported)?)
}

/// Gives a challenge for the sign-in page, as `passkey_challenge` does. `None` where the
/// service's pages take no passkey.
///
/// # Errors
/// `Broken` if there are no keys.
pub async fn page_challenge(context: &Context) -> Result<Option<PasskeyChallenge>, Failure> {
    challenge_at(context, Party::Pages, None).await
}

async fn challenge_at(
    context: &Context,
    party: Party<'_>,
    holder: Option<&KeyThumbprint>,
) -> Result<Option<PasskeyChallenge>, Failure> {
    let Some(ceremony) = Ceremony::at(&context.app, party) else {
        return Ok(None);
    };
    let ring = context.ring().await?;
    let key = ring.current_token_key();
    let id = LoginId::at(context.now(), random_bytes()?);
    let client = party.name();
    let challenge = ring.challenge_bytes(key, id, ChallengeFor::SignIn { client })?;
    let token = ring.seal_token(TokenBody::PasskeyChallenge(PasskeyChallengeToken {
        client: stands_for(client, holder),
        challenge: id,
        key,
    }))?;
    Ok(Some(PasskeyChallenge {
        options: ceremony.options.to_sign(&challenge, std::iter::empty()),
        token,
    }))
}

/// Whether the request may show the token of a challenge in which this identifier stands.
pub(super) fn may_show(context: &Context, party: Party<'_>, named: UserId) -> bool {
    let client = party.name();
    let holder = context.proven_key();
    named == stands_for(client, None) || named == stands_for(client, holder)
}

/// The identifier that stands for a client in a token, or for the holder of a key at this
/// client.
pub(super) fn stands_for(client: &str, holder: Option<&KeyThumbprint>) -> UserId {
    let digest = match holder {
        None => sha256(&[b"client of a passkey", client.as_bytes()]),
        Some(key) => sha256(&[
            b"key holder of a passkey",
            key.as_str().as_bytes(),
            client.as_bytes(),
        ]),
    };
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(digest.bytes())
        .for_each(|(byte, of)| *byte = of);
    UserId::random(bytes)
}
