//! The refusals of a proof of a key (RFC 9449).

use crate::authorization::key_proof::ProofFault;

/// A "no" to a request with a DPoP proof, or without a proof that it needs. The words are
/// those of RFC 9449 in every dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofRefusal {
    /// The proof of a client's request is wrong. The text says why.
    ProofWrong(&'static str),
    /// The proof of a client's request needs a nonce of ours.
    ProofNonceWanted,
    /// The login or the refresh token is bound to a key, and no proof came.
    ProofMissing,
    /// The login, the code or the refresh token is bound to another key.
    KeyWrong,
    /// The access token is bound to a key, and nothing shows that the caller has the key.
    AccessTokenUnproven,
    /// The proof beside an access token is wrong. The text says why.
    AccessProofWrong(&'static str),
    /// The proof beside an access token needs a nonce of ours.
    AccessNonceWanted,
}

impl ProofRefusal {
    /// The refusal of a client's request, such as a request for tokens.
    pub fn of_client(fault: ProofFault) -> Self {
        match fault {
            ProofFault::Wrong(why) => Self::ProofWrong(why),
            ProofFault::NonceWanted => Self::ProofNonceWanted,
        }
    }

    /// The refusal of a request with an access token.
    pub fn of_access(fault: ProofFault) -> Self {
        match fault {
            ProofFault::Wrong(why) => Self::AccessProofWrong(why),
            ProofFault::NonceWanted => Self::AccessNonceWanted,
        }
    }

    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ProofWrong(_) => "proof_wrong",
            Self::ProofNonceWanted => "proof_nonce_wanted",
            Self::ProofMissing => "proof_missing",
            Self::KeyWrong => "key_wrong",
            Self::AccessTokenUnproven => "access_token_unproven",
            Self::AccessProofWrong(_) => "access_proof_wrong",
            Self::AccessNonceWanted => "access_nonce_wanted",
        }
    }
}
