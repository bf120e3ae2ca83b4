//! Reads an id token of ours that a client sends as a hint.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;

use super::ring::Ring;
use super::sign::jwt_algorithm;
use crate::domain::id::UserId;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: String,
}

/// Whom an id token of ours names.
pub struct IdTokenHint {
    /// The client that the token was made for.
    pub client: String,
    pub user: UserId,
}

impl Ring {
    /// The user of an id token that this service made for this client, even if
    /// the token has expired (OpenID Connect Core 3.1.2.1, `id_token_hint`).
    /// `None` for any other text, and for a token whose key is no longer
    /// published.
    pub fn user_of_id_token(
        &self,
        token: &str,
        issuers: &[String],
        client: &str,
    ) -> Option<UserId> {
        let hint = self.id_token_hint(token, issuers)?;
        (hint.client == client).then_some(hint.user)
    }

    /// The client and the user of an id token that this service made, even if the token
    /// has expired. `None` for any other text, and for a token whose key is no longer
    /// published.
    pub fn id_token_hint(&self, token: &str, issuers: &[String]) -> Option<IdTokenHint> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid?;
        let key = self.public_keys().iter().find(|key| key.kid == kid)?;
        let typed = header.typ.is_some_and(|typ| typ == "JWT");
        // The key decides the algorithm. The header only has to agree.
        if !typed || header.alg != jwt_algorithm(key.algorithm) {
            return None;
        }
        let jwk: Jwk = serde_json::from_str(&key.jwk).ok()?;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        let mut validation = Validation::new(jwt_algorithm(key.algorithm));
        validation.set_issuer(issuers);
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let token = jsonwebtoken::decode::<Claims>(token, &decoding, &validation);
        let claims = token.ok()?.claims;
        Some(IdTokenHint {
            user: UserId::of_subject(&claims.sub),
            client: claims.aud,
        })
    }
}
