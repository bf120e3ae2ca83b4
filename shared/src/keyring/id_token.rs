//! Reads an id token of ours that a client sends as a hint.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;

use super::ring::Ring;
use crate::domain::id::UserId;

#[derive(Deserialize)]
struct Claims {
    sub: String,
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
        let header = jsonwebtoken::decode_header(token).ok()?;
        let kid = header.kid?;
        let key = self.public_keys().iter().find(|key| key.kid == kid)?;
        let typed = header.typ.is_some_and(|typ| typ == "JWT");
        // The key decides the algorithm. The header only has to agree.
        if !typed || header.alg != key.algorithm.jwt() {
            return None;
        }
        let jwk: Jwk = serde_json::from_str(&key.jwk).ok()?;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        let mut validation = Validation::new(key.algorithm.jwt());
        validation.set_issuer(issuers);
        validation.set_audience(&[client]);
        validation.set_required_spec_claims(&["iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let token = jsonwebtoken::decode::<Claims>(token, &decoding, &validation);
        UserId::parse(&token.ok()?.claims.sub)
    }
}
