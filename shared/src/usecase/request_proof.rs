//! The proof of a key that a request shows (DPoP, RFC 9449). `authenticate_client` checks
//! the proof of a client, and `authenticate` the proof beside an access token. So no route
//! has to.

use crate::domain::authorization::key_proof::{
    KeyProof, KeyThumbprint, LONGEST_PROOF_SECONDS, NonceAge, ProofFault, ProvenRequest,
};
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::sessions::token_place::{TokenPlace, TokenSpot};
use crate::failure::Failure;
use crate::keyring::{hash_in_proof, read_key_proof, sha256};
use crate::usecase::context::Context;
use crate::usecase::proof_header::CheckedOnce;

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
            let nonce = match nonce {
                None => NonceAge::Unknown,
                Some(nonce) => context.ring().await?.age_of_proof_nonce(nonce, now),
            };
            let request = ProvenRequest {
                method: &header.method,
                url: &header.url,
                nonce,
                now,
            };
            proof.check_made_for(request).map_err(refusal)?;
            Ok::<_, Failure>(proof)
        });
        checked.await
    }

    /// Remembers that the proof came with this request, if a setting asks for that. One
    /// request to DynamoDB then, and none otherwise.
    ///
    /// The hash of the request is over the whole proof. Nobody but the holder of the key can
    /// make the signature, and no table keeps it. So a thief of the table cannot guess the
    /// body, which may have a password, by its hash.
    async fn remember(
        &self,
        context: &Context,
        refusal: fn(ProofFault) -> ProofRefusal,
    ) -> Result<(), Failure> {
        let Some(said) = self.checked.get() else {
            return Ok(());
        };
        if !context.app.config.refuses_replayed_proofs {
            return Ok(());
        }
        let noted = self.remembered.get_or_try_init(async || {
            let key = said.key.as_str().as_bytes();
            let proof = sha256(&[b"shown proof", key, said.identifier.as_bytes()]);
            let text = self.header.text.as_deref().unwrap_or_default();
            let [target, authorization, content, body] = &self.header.rest;
            let parts: [&[u8]; 6] = [
                b"request of a proof",
                text.as_bytes(),
                target,
                authorization,
                content,
                body,
            ];
            let until = context.now() + LONGEST_PROOF_SECONDS;
            let store = &context.app.store;
            match store.show_proof(&proof, &sha256(&parts), until).await? {
                true => Ok(()),
                false => Err(Failure::from(refusal(ProofFault::Wrong(
                    "another request had this jti",
                )))),
            }
        });
        noted.await.map(|_| ())
    }

    /// Where the request shows this token.
    fn place_of(&self, token: &str) -> TokenSpot {
        let shown = self.header.authorization.as_ref();
        match shown.filter(|shown| shown.token == token) {
            Some(shown) if shown.is_dpop => TokenSpot::DpopHeader,
            Some(_) => TokenSpot::OtherHeader,
            None => TokenSpot::Elsewhere,
        }
    }
}

impl Context {
    /// The key whose holder sends the request, if the request has a proof that was checked.
    pub(crate) fn proven_key(&self) -> Option<&KeyThumbprint> {
        Some(&self.key_proof()?.key)
    }

    /// The proof of that key.
    pub(crate) fn key_proof(&self) -> Option<&KeyProof> {
        self.proof.0.as_ref()?.checked.get()
    }

    /// Checks the proof of a client's request, if the request has a proof.
    ///
    /// # Errors
    /// `ProofWrong`, `ProofNonceWanted`.
    pub(super) async fn check_client_proof(&self) -> Result<(), Failure> {
        if let Some(proof) = &self.proof.0 {
            proof.checked_by(self, ProofRefusal::of_client).await?;
            proof.remember(self, ProofRefusal::of_client).await?;
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
        let proof = self.proof.0.as_ref();
        let proof = proof.ok_or(ProofRefusal::AccessTokenUnproven)?;
        let of_token = place.wants_proof_of_token(proof.place_of(token))?;
        let said = proof.checked_by(self, ProofRefusal::of_access).await?;
        let hash = of_token.then(|| hash_in_proof(token));
        said.check_access(key, hash.as_deref())?;
        proof.remember(self, ProofRefusal::of_access).await
    }
}
