//! Reads the proof that a caller holds a key (DPoP, RFC 9449 4.2), and makes the nonces
//! that callers put into their proofs (RFC 9449 8).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::derive::{code_challenge, derive_bytes, mac, mac_is_right};
use super::ring::{Ring, find_data_key};
use crate::domain::Timestamp;
use crate::domain::authorization::key_proof::{
    KeyProof, KeyThumbprint, NonceAge, PROOF_ALGORITHMS, ProofFault,
};
use crate::failure::Broken;

/// The longest proof that is read, in bytes. A proof of a key of 4096 bits has 2500.
const LONGEST_PROOF: usize = 8192;

/// How long one nonce is given out, in seconds. The nonce is fresh as long again.
const NONCE_SECONDS: i64 = 300;

const NONCE: &str = "proof nonce";

/// The parts of a nonce: the number of the data key, the window of time in which the nonce
/// is given out, and the MAC of the window.
const NONCE_LENGTH: usize = 4 + 8 + 32;

/// The algorithms of `PROOF_ALGORITHMS`, in the same order.
const ALGORITHMS: [Algorithm; PROOF_ALGORITHMS.len()] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::PS256,
    Algorithm::RS256,
    Algorithm::EdDSA,
];

/// The members of a JWK that a public key does not have (RFC 7518 6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

#[derive(Deserialize)]
struct ProofClaims {
    htm: String,
    htu: String,
    iat: Timestamp,
    jti: String,
    ath: Option<String>,
    nonce: Option<String>,
}

/// What a proof says, if the key in its header has signed it.
///
/// # Errors
/// `ProofFault::Wrong`.
pub fn read_key_proof(text: &str) -> Result<KeyProof, ProofFault> {
    let wrong = ProofFault::Wrong;
    if text.len() > LONGEST_PROOF {
        return Err(wrong("the proof is too long"));
    }
    if text.split('.').count() != 3 {
        return Err(wrong("the proof is not one JWT"));
    }
    has_public_key_alone(text)?;
    let header = jsonwebtoken::decode_header(text);
    let header = header.map_err(|_| wrong("the header of the proof is unreadable"))?;
    let typed = header
        .typ
        .as_deref()
        .is_some_and(|typ| typ.eq_ignore_ascii_case("dpop+jwt"));
    if !typed {
        return Err(wrong("typ is not dpop+jwt"));
    }
    if header.crit.is_some() {
        return Err(wrong("crit is not supported"));
    }
    if !ALGORITHMS.contains(&header.alg) {
        return Err(wrong("alg is not supported"));
    }
    signed(text, &header)
}

/// Checks that the header holds a key, and no part of a private key.
fn has_public_key_alone(text: &str) -> Result<(), ProofFault> {
    let header = text.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).ok();
    let header: Option<Value> = header.and_then(|json| serde_json::from_slice(&json).ok());
    let Some(Value::Object(key)) = header.as_ref().and_then(|header| header.get("jwk")) else {
        return Err(ProofFault::Wrong("jwk is missing"));
    };
    match PRIVATE_MEMBERS.iter().any(|name| key.contains_key(*name)) {
        true => Err(ProofFault::Wrong("jwk is not a public key")),
        false => Ok(()),
    }
}

/// The claims of a proof that the key in its header has signed.
fn signed(text: &str, header: &Header) -> Result<KeyProof, ProofFault> {
    let unusable = || ProofFault::Wrong("jwk is not a key for this alg");
    let jwk = header.jwk.as_ref().ok_or_else(unusable)?;
    let key = DecodingKey::from_jwk(jwk).map_err(|_| unusable())?;
    let mut validation = Validation::new(header.alg);
    validation.set_required_spec_claims::<&str>(&[]);
    validation.validate_aud = false;
    // `KeyProof::check_made_for` checks the time, because time is a parameter here.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let decoded = jsonwebtoken::decode::<ProofClaims>(text, &key, &validation);
    let unproven = |_| ProofFault::Wrong("the signature or a claim of the proof is wrong");
    let claims = decoded.map_err(unproven)?.claims;
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).ok();
    let thumbprint = thumbprint.and_then(|text| KeyThumbprint::parse(&text));
    Ok(KeyProof {
        key: thumbprint.ok_or_else(unusable)?,
        method: claims.htm,
        url: claims.htu,
        made_at: claims.iat,
        identifier: claims.jti,
        access_token_hash: claims.ath,
        nonce: claims.nonce,
    })
}

/// The claim `ath` of a proof beside this access token (RFC 9449 4.2).
pub fn hash_in_proof(access_token: &str) -> String {
    code_challenge(access_token)
}

fn window(now: Timestamp) -> i64 {
    now.div_euclid(NONCE_SECONDS)
}

impl Ring {
    /// The nonce of this time. Every function in every region gives the same nonce, and
    /// stores nothing.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for tokens.
    pub fn proof_nonce(&self, now: Timestamp) -> Result<String, Broken> {
        let number = self.current_tokens;
        let key = derive_bytes(find_data_key(&self.tokens, number)?, NONCE, &[])?;
        let window = window(now).to_be_bytes();
        let tag = mac(&key, &window);
        let parts = [&number.to_be_bytes()[..], &window, tag.as_ref()];
        Ok(URL_SAFE_NO_PAD.encode(parts.concat()))
    }

    /// The age of a nonce in a proof. The nonce of this time is fresh, and so is the nonce
    /// before. The nonce after is fresh too, because the clock of the function that gave it
    /// may be ahead.
    pub fn age_of_proof_nonce(&self, shown: &str, now: Timestamp) -> NonceAge {
        let given_in = read_nonce(shown).and_then(|nonce| {
            let secret = find_data_key(&self.tokens, nonce.key).ok()?;
            let key = derive_bytes(secret, NONCE, &[]).ok()?;
            mac_is_right(&key, &nonce.window.to_be_bytes(), &nonce.tag).then_some(nonce.window)
        });
        match given_in {
            None => NonceAge::Foreign,
            Some(given_in) if given_in.abs_diff(window(now)) <= 1 => NonceAge::Fresh,
            Some(_) => NonceAge::Unknown,
        }
    }
}

/// The parts of a nonce. Nothing is checked yet.
struct ReadNonce {
    /// The number of the data key.
    key: u32,
    /// The window in which the service gave the nonce.
    window: i64,
    /// The MAC of the window.
    tag: [u8; 32],
}

fn read_nonce(text: &str) -> Option<ReadNonce> {
    if text.len() > NONCE_LENGTH * 2 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (key, rest) = bytes.split_first_chunk::<4>()?;
    let (window, tag) = rest.split_first_chunk::<8>()?;
    Some(ReadNonce {
        key: u32::from_be_bytes(*key),
        window: i64::from_be_bytes(*window),
        tag: tag.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use zeroize::Zeroizing;

    use super::super::ring::DataKey;
    use super::{ALGORITHMS, hash_in_proof, read_key_proof};
    use crate::domain::authorization::key_proof::NonceAge::{Foreign, Fresh, Unknown};
    use crate::domain::authorization::key_proof::{PROOF_ALGORITHMS, ProofFault};
    use crate::domain::keys::algorithm::Algorithm;
    use crate::keyring::{Purpose, Ring};

    const NOW: i64 = 1_800_000_000;

    /// The proof of RFC 9449 4.1, with its parts apart.
    const HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    const CLAIMS: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ";
    const SIGNATURE: &str =
        "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    fn ring(keys: &[(u32, u8)]) -> Ring {
        let data = keys.iter().map(|(number, byte)| {
            let key = DataKey {
                number: *number,
                created_at: 0,
                secret: Zeroizing::new([*byte; 32]),
            };
            (Purpose::Tokens, key)
        });
        let purposes = [Purpose::Tokens];
        Ring::build(&purposes, data.collect(), &[], Algorithm::Rs256, NOW).unwrap()
    }

    #[test]
    fn the_proof_of_rfc_9449_is_read_and_its_key_has_the_thumbprint_of_rfc_9449() {
        let proof = read_key_proof(&format!("{HEADER}.{CLAIMS}.{SIGNATURE}")).unwrap();
        let jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        assert_eq!(proof.key.as_str(), jkt);
        assert_eq!(proof.method, "POST");
        assert_eq!(proof.url, "https://server.example.com/token");
        assert_eq!(proof.made_at, 1_562_262_616);
        assert_eq!(proof.identifier, "-BwC3ESc6acc2lTc");
        assert_eq!((proof.access_token_hash, proof.nonce), (None, None));
    }

    #[test]
    fn a_proof_that_was_changed_is_refused() {
        let told = "the signature or a claim of the proof is wrong";
        let other = SIGNATURE.replacen('2', "3", 1);
        let changed = read_key_proof(&format!("{HEADER}.{CLAIMS}.{other}"));
        assert_eq!(changed.unwrap_err(), ProofFault::Wrong(told));
        for text in ["", "..", "a.b", &format!("{HEADER}.{CLAIMS}.{SIGNATURE}.")] {
            assert!(read_key_proof(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_hash_of_an_access_token_is_that_of_rfc_9449() {
        let hash = hash_in_proof("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        assert_eq!(hash, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[test]
    fn discovery_lists_the_algorithms_that_are_checked() {
        let names = ALGORITHMS.map(|algorithm| format!("{algorithm:?}"));
        assert_eq!(names, PROOF_ALGORITHMS);
    }

    #[test]
    fn a_nonce_is_fresh_while_it_is_given_out_and_as_long_again_in_every_function() {
        let (one, other) = (ring(&[(1, 7)]), ring(&[(1, 7)]));
        let nonce = one.proof_nonce(NOW).unwrap();
        assert_eq!(nonce, other.proof_nonce(NOW + 299).unwrap());
        assert_ne!(nonce, other.proof_nonce(NOW + 300).unwrap());
        for (seconds, age) in [
            (0, Fresh),
            (599, Fresh),
            (600, Unknown),
            (30_000_000, Unknown),
            (-1, Fresh),
            (-301, Unknown),
        ] {
            let found = other.age_of_proof_nonce(&nonce, NOW + seconds);
            assert_eq!(found, age, "{seconds}");
        }
    }

    #[test]
    fn a_nonce_outlives_the_next_data_key_and_belongs_to_its_deployment() {
        let nonce = ring(&[(1, 7)]).proof_nonce(NOW).unwrap();
        let age = |keys: &[(u32, u8)], nonce: &str| ring(keys).age_of_proof_nonce(nonce, NOW);
        assert_eq!(age(&[(1, 7), (2, 8)], &nonce), Fresh);
        assert_eq!(age(&[(1, 9)], &nonce), Foreign);
        assert_eq!(age(&[(2, 7)], &nonce), Foreign);
        let later = ring(&[(1, 7)]).proof_nonce(NOW + 600).unwrap();
        // The window of another nonce of ours, under the MAC of this one.
        let mixed = format!("{}{}", &later[..16], &nonce[16..]);
        for text in ["", "nonce", &nonce[1..], &format!("{nonce}A"), &mixed] {
            assert_eq!(age(&[(1, 7)], text), Foreign, "{text}");
        }
    }
}
