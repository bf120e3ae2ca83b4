//! Where an access token may be shown that is bound to a key, and what the proof of the key
//! has to say (RFC 9449 7).

use crate::authorization::key_proof::{KeyProof, KeyThumbprint};
use crate::authorization::proof_refusal::ProofRefusal;

/// Where an access token that is bound to a key may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// In the header `Authorization`, with the scheme `DPoP` and a proof of this token.
    Header,
    /// As `Header`; or in a body, as the name of the login that its session has begun. The
    /// proof is then that of the client's request.
    HeaderOrBody,
    /// Anywhere, because a client asks about the token, and does not use the token.
    Subject,
}

/// Where a request shows an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSpot {
    /// In the header `Authorization`, with the scheme `DPoP`.
    DpopHeader,
    /// In the header `Authorization`, with another scheme.
    OtherHeader,
    Elsewhere,
}

impl TokenPlace {
    /// Whether the proof has to be of the token that is shown there.
    ///
    /// # Errors
    /// `AccessTokenUnproven` for a token that may not be shown there.
    pub fn wants_proof_of_token(self, shown: TokenSpot) -> Result<bool, ProofRefusal> {
        match (shown, self) {
            (TokenSpot::DpopHeader, _) => Ok(true),
            (TokenSpot::Elsewhere, Self::HeaderOrBody) => Ok(false),
            (TokenSpot::OtherHeader, _) | (TokenSpot::Elsewhere, Self::Header | Self::Subject) => {
                Err(ProofRefusal::AccessTokenUnproven)
            }
        }
    }
}

impl KeyProof {
    /// Refuses a proof that is not of the key that the token is bound to, or not of the token
    /// with this hash, if it has to be of a token.
    ///
    /// # Errors
    /// `AccessProofWrong`, `AccessTokenUnproven`.
    pub fn check_access(
        &self,
        bound_to: &KeyThumbprint,
        token_hash: Option<&str>,
    ) -> Result<(), ProofRefusal> {
        if token_hash.is_some() && self.access_token_hash.as_deref() != token_hash {
            let why = "ath is not the hash of the access token";
            return Err(ProofRefusal::AccessProofWrong(why));
        }
        match self.key == *bound_to {
            true => Ok(()),
            false => Err(ProofRefusal::AccessTokenUnproven),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_token_is_shown_as_dpop_or_names_a_login_in_a_body() {
        let unproven = Err(ProofRefusal::AccessTokenUnproven);
        for (place, shown, expected) in [
            (TokenPlace::Header, TokenSpot::DpopHeader, Ok(true)),
            (TokenPlace::Header, TokenSpot::OtherHeader, unproven),
            (TokenPlace::Header, TokenSpot::Elsewhere, unproven),
            (TokenPlace::HeaderOrBody, TokenSpot::DpopHeader, Ok(true)),
            (TokenPlace::HeaderOrBody, TokenSpot::OtherHeader, unproven),
            (TokenPlace::HeaderOrBody, TokenSpot::Elsewhere, Ok(false)),
            (TokenPlace::Subject, TokenSpot::Elsewhere, unproven),
        ] {
            assert_eq!(
                place.wants_proof_of_token(shown),
                expected,
                "{place:?} {shown:?}"
            );
        }
    }

    #[test]
    fn a_proof_is_of_the_tokens_key_and_of_the_token() {
        let key = |letter: &str| KeyThumbprint::parse(&letter.repeat(43)).unwrap();
        let proof = |hash: Option<&str>| KeyProof {
            key: key("A"),
            method: "POST".into(),
            url: String::new(),
            made_at: 0,
            identifier: "one".into(),
            access_token_hash: hash.map(str::to_owned),
            nonce: None,
        };
        let wrong = ProofRefusal::AccessProofWrong("ath is not the hash of the access token");
        for (said, bound_to, hash, expected) in [
            (Some("hash"), "A", Some("hash"), Ok(())),
            (Some("other"), "A", Some("hash"), Err(wrong)),
            (None, "A", Some("hash"), Err(wrong)),
            (Some("other"), "A", None, Ok(())),
            (None, "A", None, Ok(())),
            (
                Some("hash"),
                "Q",
                Some("hash"),
                Err(ProofRefusal::AccessTokenUnproven),
            ),
        ] {
            let found = proof(said).check_access(&key(bound_to), hash);
            assert_eq!(found, expected, "{said:?} {hash:?}");
        }
    }
}
