//! The keys of one request. The first step that needs keys fetches the ring, and
//! every later step uses that ring. So a rotation between two steps of a request
//! changes nothing for the request.

use std::sync::Arc;

use crate::domain::refusal::Refusal;
use crate::domain::token::TokenBody;
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
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
        let ring = self.app.keyring.current_ring(self.now()).await?;
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
        let opened = keyring.open_or_reread(&mut ring, read, token, malformed, self.now());
        let opened = opened.await;
        self.go_on_with(ring).await;
        opened
    }

    /// The rest of the request uses this ring. A token of a key that was made
    /// after the ring was read has the keys read again.
    pub(super) async fn go_on_with(&self, ring: Arc<Ring>) {
        *self.keys.0.lock().await = Some(ring);
    }
}
