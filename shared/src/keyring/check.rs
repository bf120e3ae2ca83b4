//! Checks the tokens that callers show. The keys are read again if a token names a key
//! that is not known yet.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::derive::split_token;
use super::derived::hidden_token::HiddenToken;
use super::load::Keyring;
use super::ring::Ring;
use super::sign::AccessClaims;
use crate::domain::Timestamp;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::TokenBody;
use crate::failure::Failure;

impl Keyring {
    /// Opens an opaque token of the kind that `read` accepts, encrypted or not, with the keys of the
    /// request. A forged token is refused without a read. For an unknown key number,
    /// the keys are read again at most once a minute, and the request continues with
    /// them.
    ///
    /// # Errors
    /// `malformed` if the token is not ours. `Broken` if there are no keys.
    pub async fn open_or_reread<T>(
        &self,
        ring: &mut Arc<Ring>,
        read: impl FnOnce(TokenBody) -> Option<T>,
        text: &str,
        malformed: Refusal,
        now: Timestamp,
    ) -> Result<T, Failure> {
        let mut shown = None;
        if let Some(hidden) = HiddenToken::read(text) {
            if !ring.knows_token_key(hidden.key) {
                *ring = self.ring_again(now).await?;
            }
            shown = ring.open_hidden_token(&hidden);
        }
        let token = split_token(shown.as_ref().map_or(text, Secret::expose));
        let Some((content, token)) = token.and_then(|token| Some((read(token.body)?, token)))
        else {
            return Err(malformed.into());
        };
        if !ring.knows_token_key(token.key) {
            *ring = self.ring_again(now).await?;
        }
        if ring.token_mac_is_right(&token) {
            Ok(content)
        } else {
            Err(malformed.into())
        }
    }

    /// Verifies an access token of ours. The token must be for one of `audiences`, if
    /// any are given. Uses the keys of the request. For an unknown key id, the keys are
    /// read again at most once a minute, and the request continues with them.
    ///
    /// # Errors
    /// `AccessTokenInvalid`. `Broken` if there are no keys.
    pub async fn check_access_or_reread(
        &self,
        ring: &mut Arc<Ring>,
        token: &str,
        issuers: &[String],
        audiences: Option<&[String]>,
        now: Timestamp,
    ) -> Result<AccessClaims, Failure> {
        self.know_key_of(ring, token, now).await?;
        ring.check_access_token(token, issuers, audiences, now)
    }

    /// The claims of an access token of ours that has not expired, whether the token is for a
    /// user or for a client alone. Reads the keys again as `check_access_token` does.
    ///
    /// # Errors
    /// `AccessTokenInvalid`. `Broken` if there are no keys.
    pub async fn claims_or_reread(
        &self,
        ring: &mut Arc<Ring>,
        token: &str,
        issuers: &[String],
        now: Timestamp,
    ) -> Result<Map<String, Value>, Failure> {
        self.know_key_of(ring, token, now).await?;
        ring.claims_of_access_token(token, issuers, now)
    }

    /// Reads the keys again if the token names a key that is not known yet.
    async fn know_key_of(
        &self,
        ring: &mut Arc<Ring>,
        token: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let header = jsonwebtoken::decode_header(token);
        let kid = header.ok().and_then(|header| header.kid);
        let kid = kid.ok_or(Refusal::AccessTokenInvalid)?;
        if !ring.knows_signing_key(&kid) {
            *ring = self.ring_again(now).await?;
        }
        Ok(())
    }
}
