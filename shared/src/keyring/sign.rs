//! Signs our JSON Web Tokens, and verifies them when they come back.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::{rsa, signature};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::derive::{derive_bytes, open, seal};
use crate::domain::Timestamp;
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::factors::factor::Sealed;
use crate::domain::keys::algorithm::Algorithm;
use crate::failure::Broken;

/// The algorithm as the library for JWTs names it.
pub(super) fn jwt_algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
    }
}

/// A private key that signs. It is kept as a key pair, because reading an RSA key takes
/// longer than signing with it.
pub(super) struct SigningKey {
    pub(super) algorithm: Algorithm,
    pub(super) kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(signature::RsaKeyPair),
    Ecdsa(signature::EcdsaKeyPair),
}

/// A key pair that was just made.
pub(super) struct NewKeyPair {
    pub kid: String,
    pub public_jwk: String,
    pub private_pem: Zeroizing<String>,
}

impl SigningKey {
    pub fn from_pem(algorithm: Algorithm, kid: &str, pem: &[u8]) -> Result<Self, Broken> {
        let unreadable = || Broken::internal("a private key is unreadable");
        let pkcs8 = Zeroizing::new(pem::parse(pem).map_err(|_| unreadable())?.into_contents());
        let pair = match algorithm {
            Algorithm::Rs256 => signature::RsaKeyPair::from_pkcs8(&pkcs8).map(Pair::Rsa),
            Algorithm::Es256 => {
                let curve = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                signature::EcdsaKeyPair::from_pkcs8(curve, &pkcs8).map(Pair::Ecdsa)
            }
        };
        Ok(Self {
            algorithm,
            kid: kid.to_owned(),
            pair: pair.map_err(|_| unreadable())?,
        })
    }

    /// A token with this header and these claims, both in JSON (RFC 7515 5.1).
    pub fn token(&self, header: &[u8], claims: &[u8]) -> Result<String, Broken> {
        let unsigned = || Broken::internal("a token could not be signed");
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = &signature::RSA_PKCS1_SHA256;
                pair.sign(padding, &random, token.as_bytes(), &mut signature)
                    .map_err(|_| unsigned())?;
                signature
            }
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&random, token.as_bytes());
                signature.map_err(|_| unsigned())?.as_ref().to_vec()
            }
        };
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn encoding_key(algorithm: Algorithm, pem: &[u8]) -> Result<EncodingKey, Broken> {
    match algorithm {
        Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem),
        Algorithm::Es256 => EncodingKey::from_ec_pem(pem),
    }
    .map_err(|_| Broken::internal("a private key is unreadable"))
}

/// Makes a key pair: RSA of 2048 bits, or ECDSA on P-256.
pub(super) fn make_key_pair(algorithm: Algorithm) -> Result<NewKeyPair, Broken> {
    let unmade = || Broken::internal("a key pair could not be made");
    let pkcs8: Zeroizing<Vec<u8>> = match algorithm {
        Algorithm::Rs256 => {
            let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(|_| unmade())?;
            Zeroizing::new(pair.as_der().map_err(|_| unmade())?.as_ref().to_vec())
        }
        Algorithm::Es256 => {
            let curve = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = signature::EcdsaKeyPair::generate(curve).map_err(|_| unmade())?;
            Zeroizing::new(pair.to_pkcs8v1().map_err(|_| unmade())?.as_ref().to_vec())
        }
    };
    let pem = Zeroizing::new(pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.to_vec())));
    let key = encoding_key(algorithm, pem.as_bytes())?;
    let mut jwk = Jwk::from_encoding_key(&key, jwt_algorithm(algorithm)).map_err(|_| unmade())?;
    let kid = jwk
        .thumbprint(ThumbprintHash::SHA256)
        .map_err(|_| unmade())?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
    let public_jwk = serde_json::to_string(&jwk).map_err(|_| unmade())?;
    Ok(NewKeyPair {
        kid,
        public_jwk,
        private_pem: pem,
    })
}

/// The claims of an access token that our own endpoints read.
#[derive(Debug, Deserialize)]
pub struct AccessClaims {
    /// The user, as a dashed UUID.
    pub sub: String,
    pub client_id: String,
    /// Space-separated scopes.
    pub scope: String,
    /// The user's epoch when the token was issued.
    pub epoch: u64,
    /// The session of the token, as a dashed UUID. Only tokens from an earlier version
    /// have no session.
    pub sid: Option<String>,
    /// When the user authenticated.
    pub auth_time: Timestamp,
    /// The authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// The assurance level.
    pub acr: String,
    /// Only a token without a user has this claim.
    pub(super) gty: Option<String>,
    /// The key that the token is bound to (RFC 9449 6).
    cnf: Option<Confirmation>,
    /// The audience: one text, or several.
    aud: serde_json::Value,
    /// When the token expires.
    pub(super) exp: Timestamp,
    /// When the token was issued.
    pub(super) iat: Timestamp,
}

/// The key of a token, by its thumbprint.
#[derive(Debug, Deserialize)]
struct Confirmation {
    jkt: String,
}

impl AccessClaims {
    /// The key that the token is bound to, if it is bound to a key.
    pub fn bound_key(&self) -> Option<KeyThumbprint> {
        let confirmation = self.cnf.as_ref()?;
        KeyThumbprint::parse(&confirmation.jkt)
    }

    /// The audiences of the token.
    pub fn audience(&self) -> Vec<String> {
        let texts = match &self.aud {
            serde_json::Value::Array(several) => several.as_slice(),
            one => std::slice::from_ref(one),
        };
        let texts = texts.iter().filter_map(serde_json::Value::as_str);
        texts.map(str::to_owned).collect()
    }
}

/// Seals a private signing key in PEM, bound to its `kid`. `number` is the number of the
/// data key.
pub(super) fn seal_private(
    number: u32,
    secret: &[u8; 32],
    kid: &str,
    pem: &[u8],
) -> Result<Sealed, Broken> {
    let key = derive_bytes(secret, "signing", &[])?;
    Ok(Sealed {
        key: number,
        bytes: seal(&key, &signing_context(kid), pem)?,
    })
}

/// Opens a private signing key with the data key that sealed the private key.
pub(super) fn open_private(
    secret: &[u8; 32],
    kid: &str,
    private: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let key = derive_bytes(secret, "signing", &[])?;
    open(&key, &signing_context(kid), &private.bytes)
}

fn signing_context(kid: &str) -> Vec<u8> {
    [b"signing key ".as_slice(), kid.as_bytes()].concat()
}
