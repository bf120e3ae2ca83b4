//! The keys of one request. The first step that needs keys fetches the ring, and
//! every later step uses that ring. So a rotation between two steps of a request
//! changes nothing for the request.

use std::sync::Arc;

use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::token::TokenBody;
use crate::failure::{Broken, Failure};
use crate::keyring::{AccessClaims, Ring};
use crate::usecase::context::Context;

impl Context {
    /// The keys.
    ///
    /// # Errors
    /// `Broken`, transient, if there are no keys yet, or if the keys were never
    /// read and cannot be read.
    pub async fn ring(&self) -> Result<Arc<Ring>, Broken> {
        let mut fetched = self.keys.0.lock().await;
        if let Some(ring) = &*fetched {
            return Ok(ring.clone());
        }
        let ring = self.app.keyring.ring(self.now()).await?;
        Ok(fetched.insert(ring).clone())
    }

    /// Opens an opaque token of the kind that `read` reads. A forged token is
    /// refused without a read.
    ///
    /// # Errors
    /// `malformed` if the token is not one of ours; `Broken` if there are no keys.
    pub(crate) async fn open_token<T>(
        &self,
        read: impl FnOnce(TokenBody) -> Option<T>,
        token: &str,
        malformed: Refusal,
    ) -> Result<T, Failure> {
        let mut ring = self.ring().await?;
        let keyring = &self.app.keyring;
        let opened = keyring.open_token(&mut ring, read, token, malformed, self.now());
        let opened = opened.await;
        self.go_on_with(ring).await;
        opened
    }

    /// Checks an access token of one of our issuers, for one of these audiences,
    /// or for any audience.
    ///
    /// # Errors
    /// `AccessTokenInvalid`; `Broken` if there are no keys.
    pub(crate) async fn check_access_token(
        &self,
        token: &str,
        audiences: Option<&[String]>,
    ) -> Result<AccessClaims, Failure> {
        let issuers = Issuer::all(&self.app.config.issuer);
        let mut ring = self.ring().await?;
        let keyring = &self.app.keyring;
        let checked = keyring.check_access_token(&mut ring, token, &issuers, audiences, self.now());
        let checked = checked.await;
        self.go_on_with(ring).await;
        checked
    }

    /// The rest of the request uses this ring. A token of a key that was made
    /// after the ring was read has the keys read again.
    async fn go_on_with(&self, ring: Arc<Ring>) {
        *self.keys.0.lock().await = Some(ring);
    }
}
