//! The proof of a key that a request shows (DPoP, RFC 9449). `authenticate_client` checks
//! the proof of a client, and `authenticate` the proof beside an access token. So no route
//! has to.

use crate::domain::authorization::key_proof::{KeyProof, KeyThumbprint, ProofFault, ProvenRequest};
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::failure::Failure;
use crate::keyring::{hash_in_proof, read_key_proof};
use crate::usecase::context::Context;
use crate::usecase::proof_header::CheckedOnce;

/// Where an access token that is bound to a key may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    /// In the header `Authorization`, with the scheme `DPoP` and a proof of this token.
    Header,
    /// As `Header`; or in a body, as the name of the login that its session has begun. The
    /// proof is then that of the client's request.
    HeaderOrBody,
    /// Anywhere, because a client asks about the token, and does not use the token.
    Subject,
}

impl CheckedOnce {
    /// What the proof says, checked once for the whole request.
    async fn checked_by(
        &self,
        context: &Context,
        refusal: fn(ProofFault) -> ProofRefusal,
    ) -> Result<&KeyProof, Failure> {
        let checked = self.checked.get_or_try_init(async || {
            let header = &self.header;
            let several = ProofFault::Wrong("there are several headers DPoP, or none that is text");
            let text = header.text.as_deref().ok_or(refusal(several))?;
            let proof = read_key_proof(text).map_err(refusal)?;
            let (nonce, now) = (proof.nonce.as_deref(), context.now());
            let nonce_is_fresh = match nonce {
                None => false,
                Some(nonce) => context.ring().await?.proof_nonce_is_fresh(nonce, now),
            };
            let request = ProvenRequest {
                method: &header.method,
                url: &header.url,
                nonce_is_fresh,
                now,
            };
            proof.check_made_for(request).map_err(refusal)?;
            Ok::<_, Failure>(proof)
        });
        checked.await
    }

    /// Whether the header `Authorization` shows this token, and then whether with the scheme
    /// `DPoP`.
    fn scheme_of(&self, token: &str) -> Option<bool> {
        let shown = self.header.authorization.as_ref();
        let same = shown.filter(|shown| shown.token == token);
        same.map(|shown| shown.is_dpop)
    }
}

impl Context {
    /// The key whose holder sends the request, if the request has a proof that was checked.
    pub(crate) fn proven_key(&self) -> Option<&KeyThumbprint> {
        let proof = self.proof.0.as_ref()?;
        Some(&proof.checked.get()?.key)
    }

    /// Checks the proof of a client's request, if the request has a proof.
    ///
    /// # Errors
    /// `ProofWrong`, `ProofNonceWanted`.
    pub(super) async fn check_client_proof(&self) -> Result<(), Failure> {
        if let Some(proof) = &self.proof.0 {
            proof.checked_by(self, ProofRefusal::of_client).await?;
        }
        Ok(())
    }

    /// Checks that the caller has the key that an access token is bound to (RFC 9449 7).
    /// A token that is bound to no key needs no proof.
    ///
    /// # Errors
    /// `AccessTokenUnproven`, `AccessProofWrong`, `AccessNonceWanted`.
    pub(super) async fn check_access_proof(
        &self,
        token: &str,
        bound_to: Option<&KeyThumbprint>,
        place: TokenPlace,
    ) -> Result<(), Failure> {
        let Some(key) = bound_to.filter(|_| place != TokenPlace::Subject) else {
            return Ok(());
        };
        let unproven = || Failure::from(ProofRefusal::AccessTokenUnproven);
        let proof = self.proof.0.as_ref().ok_or_else(unproven)?;
        let of_token = match (proof.scheme_of(token), place) {
            (Some(true), _) => true,
            (None, TokenPlace::HeaderOrBody) => false,
            (Some(false), _) | (None, TokenPlace::Header | TokenPlace::Subject) => {
                return Err(unproven());
            }
        };
        let said = proof.checked_by(self, ProofRefusal::of_access).await?;
        if of_token && said.access_token_hash.as_deref() != Some(&hash_in_proof(token)) {
            let why = "ath is not the hash of the access token";
            return Err(ProofRefusal::AccessProofWrong(why).into());
        }
        match said.key == *key {
            true => Ok(()),
            false => Err(unproven()),
        }
    }
}
