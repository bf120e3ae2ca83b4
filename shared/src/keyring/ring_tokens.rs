//! Signs and verifies tokens with the ring.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ring::Ring;
use super::sign::{AccessClaims, jwt_algorithm};
use crate::domain::Timestamp;
use crate::domain::keys::algorithm::Algorithm;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};

impl Ring {
    /// Signs these claims. `typ` is the header's type: `at+jwt` (RFC 9068) or `JWT`.
    ///
    /// # Errors
    /// `Broken` if this function has no key to sign with.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<Secret, Broken> {
        let Some(key) = self.signing() else {
            return Err(Broken::internal("this function does not sign"));
        };
        let mut header = Header::new(jwt_algorithm(key.algorithm));
        header.typ = Some(typ.to_owned());
        header.kid = Some(key.kid.clone());
        let unwritten = |_| Broken::internal("the claims of a token cannot be written");
        let header = serde_json::to_vec(&header).map_err(unwritten)?;
        let claims = serde_json::to_vec(claims).map_err(unwritten)?;
        key.token(&header, &claims).map(Secret::new)
    }

    /// The claim `at_hash`, which binds an id token to its access token: base64url of
    /// the left half of the hash that the signature uses (OpenID Connect Core 3.1.3.6).
    ///
    /// # Errors
    /// `Broken` if this function has no key to sign with.
    pub fn access_token_hash(&self, access_token: &Secret) -> Result<String, Broken> {
        let Some(key) = self.signing() else {
            return Err(Broken::internal("this function does not sign"));
        };
        let algorithm = match key.algorithm {
            Algorithm::Rs256 | Algorithm::Es256 => &aws_lc_rs::digest::SHA256,
        };
        let hash = aws_lc_rs::digest::digest(algorithm, access_token.expose().as_bytes());
        let half = hash.as_ref().chunks(algorithm.output_len / 2).next();
        Ok(URL_SAFE_NO_PAD.encode(half.unwrap_or_default()))
    }

    /// Checks an access token of ours: its type, algorithm, key, signature,
    /// one of these issuers, audience and time (RFC 9068 4, RFC 8725). Without
    /// `audiences`, the token may be for any audience.
    ///
    /// # Errors
    /// `AccessTokenInvalid`.
    pub(super) fn check_access_token(
        &self,
        token: &str,
        issuers: &[String],
        audiences: Option<&[String]>,
        now: Timestamp,
    ) -> Result<AccessClaims, Failure> {
        let claims: AccessClaims = self.verified_claims(token, issuers, audiences)?;
        // Our own endpoints are for users. The identifier of a client may be that of a user.
        let without_user = claims.gty.is_some();
        if without_user || claims.exp <= now || claims.iat > now + 60 {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        Ok(claims)
    }

    /// The claims of an access token of ours that has not expired, whether the token is for a
    /// user or for a client alone.
    ///
    /// # Errors
    /// `AccessTokenInvalid`.
    pub(super) fn claims_of_access_token(
        &self,
        token: &str,
        issuers: &[String],
        now: Timestamp,
    ) -> Result<Map<String, Value>, Failure> {
        let claims: Map<String, Value> = self.verified_claims(token, issuers, None)?;
        let time = |name: &str| claims.get(name).and_then(Value::as_i64);
        let in_time = time("exp").is_some_and(|exp| exp > now)
            && time("iat").is_some_and(|iat| iat <= now + 60);
        match in_time {
            true => Ok(claims),
            false => Err(Refusal::AccessTokenInvalid.into()),
        }
    }

    /// The claims of an access token whose signature, type, issuer and audience are right.
    fn verified_claims<T: DeserializeOwned>(
        &self,
        token: &str,
        issuers: &[String],
        audiences: Option<&[String]>,
    ) -> Result<T, Failure> {
        let invalid = || Failure::from(Refusal::AccessTokenInvalid);
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        let kid = header.kid.ok_or_else(invalid)?;
        let Some(key) = self.public_keys().iter().find(|key| key.kid == kid) else {
            return Err(invalid());
        };
        let typed = header
            .typ
            .is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"));
        // The key decides the algorithm. The header only has to agree.
        if !typed || header.alg != jwt_algorithm(key.algorithm) {
            return Err(invalid());
        }
        let jwk: Jwk = serde_json::from_str(&key.jwk)
            .map_err(|_| Broken::internal("a stored public key is unreadable"))?;
        let decoding = DecodingKey::from_jwk(&jwk)
            .map_err(|_| Broken::internal("a stored public key is unreadable"))?;
        let mut validation = Validation::new(jwt_algorithm(key.algorithm));
        validation.set_issuer(issuers);
        match audiences {
            Some(audiences) => validation.set_audience(audiences),
            None => validation.validate_aud = false,
        }
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The callers check the expiry, because time is a parameter here.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<T>(token, &decoding, &validation);
        Ok(decoded.map_err(|_| invalid())?.claims)
    }
}
