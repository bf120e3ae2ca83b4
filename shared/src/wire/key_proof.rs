//! What RFC 9449 adds to the answers of every dialect: the nonce, and the words of a
//! refused proof.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::wire::Wording;
use crate::wire::credentials::PROOF;

/// The answer header with the nonce for the next proof (RFC 9449 8).
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Adds the next nonce to the answer to a request with a proof (RFC 9449 8.2). A function
/// without the data keys of tokens checks no proof, and gives no nonce.
pub async fn with_nonce(State(app): State<App>, request: Request<Body>, next: Next) -> Response {
    let proves = request.headers().contains_key(PROOF);
    let mut response = next.run(request).await;
    if !proves {
        return response;
    }
    let now = app.clock.now();
    let ring = app.keyring.current_ring(now).await;
    let nonce = ring.and_then(|ring| ring.proof_nonce(now)).ok();
    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
        response.headers_mut().insert(NONCE, nonce);
    }
    response
}

/// The status, the code and the sentence for a refused proof (RFC 9449 5, 7 and 8).
pub(super) fn proof_words(refusal: ProofRefusal) -> Wording {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    const WHO: StatusCode = StatusCode::UNAUTHORIZED;
    let wrong = |status, why: &str| {
        Wording::new(
            status,
            "invalid_dpop_proof",
            &format!("The DPoP proof is wrong: {why}."),
        )
    };
    let nonce = |status| {
        let sentence = "Make the DPoP proof with the nonce of the DPoP-Nonce header.";
        Wording::new(status, "use_dpop_nonce", sentence)
    };
    match refusal {
        ProofRefusal::ProofWrong(why) => wrong(BAD, why),
        ProofRefusal::ProofNonceWanted => nonce(BAD),
        ProofRefusal::ProofMissing => Wording::new(
            BAD,
            "invalid_dpop_proof",
            "The token is bound to a key. Send a DPoP proof of this key.",
        ),
        ProofRefusal::KeyWrong => Wording::new(
            BAD,
            "invalid_grant",
            "The token is bound to another key than that of the DPoP proof.",
        ),
        ProofRefusal::AccessTokenUnproven => Wording::new(
            WHO,
            "invalid_token",
            "The access token is bound to a key. Send it with the scheme DPoP and a proof of this key.",
        ),
        ProofRefusal::AccessProofWrong(why) => wrong(WHO, why),
        ProofRefusal::AccessNonceWanted => nonce(WHO),
    }
}

/// A challenge with this error. A test compares the algorithms with `PROOF_ALGORITHMS`.
macro_rules! challenge {
    ($error:literal) => {
        concat!(
            "DPoP error=\"",
            $error,
            "\", algs=\"ES256 ES384 PS256 RS256 EdDSA\""
        )
    };
}

/// The challenge of a 401 (RFC 9449 7.1).
pub(super) fn proof_challenge(refusal: ProofRefusal) -> Option<&'static str> {
    match refusal {
        ProofRefusal::AccessTokenUnproven => Some(challenge!("invalid_token")),
        ProofRefusal::AccessProofWrong(_) => Some(challenge!("invalid_dpop_proof")),
        ProofRefusal::AccessNonceWanted => Some(challenge!("use_dpop_nonce")),
        ProofRefusal::ProofWrong(_)
        | ProofRefusal::ProofNonceWanted
        | ProofRefusal::ProofMissing
        | ProofRefusal::KeyWrong => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{ProofRefusal, proof_challenge};
    use crate::domain::authorization::key_proof::PROOF_ALGORITHMS;

    #[test]
    fn a_challenge_names_the_algorithms_that_discovery_lists() {
        let challenge = proof_challenge(ProofRefusal::AccessTokenUnproven);
        let wanted = PROOF_ALGORITHMS.join(" ");
        let wanted = format!("DPoP error=\"invalid_token\", algs=\"{wanted}\"");
        assert_eq!(challenge, Some(wanted.as_str()));
    }
}
