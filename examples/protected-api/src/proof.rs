//! Checks that a caller has the key that an access token is bound to (DPoP, RFC 9449 4.3).
//!
//! A proof is good for a minute. An API that must not take a proof twice also remembers
//! `jti` for so long.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, get_current_timestamp,
};
use serde::Deserialize;
use serde_json::Value;

/// How much the caller's clock may differ from ours, in seconds.
const WINDOW: u64 = 60;
/// The longest proof, in bytes.
const SIZE: usize = 8192;
/// The algorithms that may sign a proof. Each is asymmetric.
const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::PS256,
    Algorithm::RS256,
    Algorithm::EdDSA,
];
/// The members of a JWK that a public key does not have.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The request that a proof has to be of.
pub struct Request<'a> {
    pub method: &'a str,
    /// The URL of this API as clients use it, with the path of the request.
    pub url: &'a str,
    pub token: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: u64,
    jti: String,
    ath: String,
}

/// Whether the request has exactly one proof, and the proof is of this request and of the
/// key with this thumbprint.
pub fn proves(headers: &HeaderMap, request: &Request<'_>, thumbprint: &str) -> bool {
    let mut proofs = headers.get_all("dpop").iter();
    let (Some(proof), None) = (proofs.next(), proofs.next()) else {
        return false;
    };
    let proof = proof.to_str().ok().filter(|proof| proof.len() <= SIZE);
    proof.is_some_and(|proof| signed_for(proof, request, thumbprint).is_some())
}

fn signed_for(proof: &str, request: &Request<'_>, thumbprint: &str) -> Option<()> {
    let (head, _) = proof.split_once('.')?;
    let head: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    let key = head.get("jwk")?.as_object()?;
    let public = !PRIVATE.iter().any(|name| key.contains_key(*name));
    let header = decode_header(proof).ok()?;
    let typed = header.typ.as_deref()?.eq_ignore_ascii_case("dpop+jwt");
    let known = ALGORITHMS.contains(&header.alg) && header.crit.is_none();
    let jwk = header.jwk.filter(|_| public && typed && known)?;
    let mut rules = Validation::new(header.alg);
    rules.set_required_spec_claims::<&str>(&[]);
    rules.validate_exp = false;
    rules.validate_aud = false;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let claims = decode::<Claims>(proof, &key, &rules).ok()?.claims;
    let now = get_current_timestamp();
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, request.token.as_bytes()));
    let right = claims.htm == request.method
        && same_place(&claims.htu, request.url)
        && claims.iat.abs_diff(now) <= WINDOW
        && !claims.jti.is_empty()
        && claims.ath == hash
        && jwk.thumbprint(ThumbprintHash::SHA256).ok()? == thumbprint;
    right.then_some(())
}

/// Whether two URLs are equal without their queries.
fn same_place(shown: &str, ours: &str) -> bool {
    let (Ok(shown), Ok(ours)) = (shown.parse::<Uri>(), ours.parse::<Uri>()) else {
        return false;
    };
    // The type of scheme and authority compares without case.
    shown.scheme() == ours.scheme()
        && shown.authority() == ours.authority()
        && shown.path() == ours.path()
}
