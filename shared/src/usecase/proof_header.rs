//! The proof of a key as a request shows it (DPoP, RFC 9449). `request_proof.rs` checks it.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::domain::authorization::key_proof::KeyProof;

/// The proof of a request, if the request has one.
#[derive(Clone, Default)]
pub struct RequestProof(pub(super) Option<Arc<CheckedOnce>>);

/// A proof, and what it says as soon as a step has checked it.
pub(super) struct CheckedOnce {
    pub header: ProofHeader,
    pub checked: OnceCell<KeyProof>,
    /// Set as soon as the proof is remembered.
    pub remembered: OnceCell<()>,
}

/// A proof as it came.
pub struct ProofHeader {
    /// The text of the header. `None` if several such headers came, or no text.
    pub text: Option<String>,
    /// The method of the request.
    pub method: String,
    /// The URL of the request at our issuer.
    pub url: String,
    /// What the header `Authorization` shows, if it shows an access token.
    pub authorization: Option<TokenHeader>,
    /// What the request has beside the method and the proof: its path with the query, the
    /// headers `Authorization` and `Content-Type`, and its body.
    pub rest: [Vec<u8>; 4],
}

/// An access token in the header `Authorization`.
#[derive(Debug)]
pub struct TokenHeader {
    pub token: String,
    /// Whether the scheme is `DPoP`.
    pub is_dpop: bool,
}

impl RequestProof {
    /// The proof that came with a request.
    pub fn of(header: ProofHeader) -> Self {
        Self(Some(Arc::new(CheckedOnce {
            header,
            checked: OnceCell::new(),
            remembered: OnceCell::new(),
        })))
    }
}
