//! Checks access tokens (RFC 9068 4), and caches the issuer's keys.

use std::time::Duration;

use crate::issuer::Issuer;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How much the issuer's clock may differ from ours, in seconds.
pub const LEEWAY: u64 = 30;
/// The keys are fetched again after this time, so that a withdrawn key is forgotten.
const REFRESH: Duration = Duration::from_secs(3600);
/// For an unknown key id, the keys are fetched again at most this often, because anyone
/// can invent key ids.
const UNKNOWN_KEY: Duration = Duration::from_secs(60);
/// Without any keys, the keys are fetched at most this often.
const NO_KEYS: Duration = Duration::from_secs(5);

/// Why a request is refused.
pub enum Refused {
    /// The request has no token.
    Missing,
    /// The token is not valid for this API. The text may be shown to the caller.
    Invalid(&'static str),
    /// The token is bound to a key, and the caller has not shown the key.
    Unproven,
    /// The token is valid, but lacks the scope.
    Scope,
    /// The issuer's keys could not be fetched.
    NoKeys,
}

/// The claims that the API answers with.
#[derive(Deserialize, Serialize)]
pub struct Claims {
    #[serde(skip_serializing)]
    iss: String,
    sub: String,
    client_id: String,
    #[serde(default)]
    scope: String,
    /// The key that the token is bound to (RFC 9449 6).
    #[serde(skip_serializing)]
    pub cnf: Option<Confirmation>,
    /// How strong the login was (RFC 9068 2.2.1).
    #[serde(skip_serializing)]
    pub acr: Option<String>,
    /// When the user signed in.
    #[serde(skip_serializing)]
    pub auth_time: Option<u64>,
}

#[derive(Deserialize)]
pub struct Confirmation {
    jkt: String,
}

/// A token as it came: with the scheme `Bearer`, or with `DPoP` and a proof.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    pub token: &'a str,
    pub is_dpop: bool,
}

/// Checks access tokens of one issuer for one audience.
pub struct Verifier {
    issuer: Issuer,
    audience: String,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    keys: Option<JwkSet>,
    asked: Option<Instant>,
}

impl Verifier {
    /// A verifier for this issuer and audience. Both are compared exactly.
    pub fn new(issuer: String, audience: String) -> std::io::Result<Self> {
        Ok(Self {
            issuer: Issuer::new(issuer)?,
            audience,
            cached: Mutex::default(),
        })
    }

    /// The claims of the token, if the token is valid and has the scope. For a token that
    /// is bound to a key, `proves` says whether the caller has the key of this thumbprint.
    pub async fn verify(
        &self,
        shown: Credential<'_>,
        scope: &str,
        proves: impl FnOnce(&str) -> bool,
    ) -> Result<Claims, Refused> {
        let token = shown.token;
        let header = decode_header(token).map_err(|_| Refused::Invalid("not a signed JWT"))?;
        // An ID token has the same issuer and keys. Only its type differs.
        let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
        if !["at+jwt", "application/at+jwt"].contains(&typ.as_str()) {
            return Err(Refused::Invalid("not an access token"));
        }
        // RFC 7515 4.1.11: a token with unknown critical extensions must be refused,
        // and the library does not check this.
        if header.crit.is_some() {
            return Err(Refused::Invalid("an unknown extension"));
        }
        let kid = header.kid.ok_or(Refused::Invalid("no key id"))?;
        let key = self.key(&kid).await?;
        // The key decides the algorithm, and the token does not. Otherwise an attacker
        // could use the public key as an HMAC secret.
        let algorithm = algorithm(&key).ok_or(Refused::Invalid("a key of another kind"))?;
        let mut rules = Validation::new(algorithm);
        rules.set_audience(&[&self.audience]);
        rules.set_required_spec_claims(&["exp", "aud", "sub"]);
        rules.validate_nbf = true;
        rules.leeway = LEEWAY;
        let invalid = |_| Refused::Invalid("not good for this API");
        let decoding = DecodingKey::from_jwk(&key).map_err(invalid)?;
        let claims: Claims = decode(token, &decoding, &rules).map_err(invalid)?.claims;
        // Checked here, because the library also accepts a list that contains the
        // issuer.
        if claims.iss != self.issuer.name {
            return Err(Refused::Invalid("of another issuer"));
        }
        match &claims.cnf {
            None if shown.is_dpop => return Err(Refused::Invalid("not bound to a key")),
            Some(key) if !(shown.is_dpop && proves(&key.jkt)) => return Err(Refused::Unproven),
            None | Some(_) => {}
        }
        if claims.scope.split(' ').any(|granted| granted == scope) {
            Ok(claims)
        } else {
            Err(Refused::Scope)
        }
    }

    /// The issuer's key with this id. Only one request at a time fetches keys, and the
    /// others wait for it.
    async fn key(&self, kid: &str) -> Result<Jwk, Refused> {
        let mut cached = self.cached.lock().await;
        let known = cached
            .keys
            .as_ref()
            .and_then(|keys| keys.find(kid))
            .cloned();
        let wait = match (&cached.keys, &known) {
            (None, _) => NO_KEYS,
            (_, None) => UNKNOWN_KEY,
            (_, Some(_)) => REFRESH,
        };
        if cached.asked.is_none_or(|asked| asked.elapsed() >= wait) {
            cached.asked = Some(Instant::now());
            match self.issuer.keys().await {
                Ok(keys) => cached.keys = Some(keys),
                // A cached key stays valid while the issuer is down.
                Err(_) => return known.ok_or(Refused::NoKeys),
            }
        }
        let keys = cached.keys.as_ref().ok_or(Refused::NoKeys)?;
        let key = keys.find(kid).cloned();
        key.ok_or(Refused::Invalid("no key of the issuer"))
    }
}

fn algorithm(key: &Jwk) -> Option<Algorithm> {
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        _ => None,
    }
}
