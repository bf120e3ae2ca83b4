//! Checks a token as an API does: with the keys that the deployment publishes.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Claims {
    iss: String,
}

/// Checks the signature of an access token (RFC 9068) by these published keys (RFC 7517),
/// and that its issuer is the deployment's. The time is not checked, because the clock of
/// a `cargo local` may have been moved.
///
/// # Errors
/// What is wrong, in a few words.
pub(super) fn check_token(token: &str, keys: &Value, issuer: &str) -> Result<(), String> {
    let wrong = |what: &str| format!("{what} does not fit the published keys");
    let header = decode_header(token).map_err(|_| wrong("the token"))?;
    let keys: JwkSet = serde_json::from_value(keys.clone()).map_err(|_| wrong("the answer"))?;
    let kid = header.kid.as_deref().unwrap_or_default();
    let key = keys.find(kid).ok_or_else(|| wrong("the token's kid"))?;
    let key = DecodingKey::from_jwk(key).map_err(|_| wrong("the key"))?;
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = decode::<Claims>(token, &key, &validation);
    let claims = token.map_err(|_| wrong("the token's signature"))?.claims;
    // ABP and Aidbox may have an issuer of their own below the deployment's.
    match claims.iss.starts_with(issuer) {
        true => Ok(()),
        false => Err(format!("the token's issuer is {}", claims.iss)),
    }
}
