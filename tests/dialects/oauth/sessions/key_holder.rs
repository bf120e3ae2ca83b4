//! An app that holds a key, and shows it by proofs (DPoP, RFC 9449).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::{Answer, Service};

/// The issuer of the service under test.
const ISSUER: &str = "https://localhost:8788";

/// The fields that hold a secret.
const SECRETS: [&str; 5] = [
    "password",
    "otp",
    "mfa_token",
    "refresh_token",
    "access_token",
];

pub struct KeyHolder {
    pair: EcdsaKeyPair,
}

/// What a proof says of its request. A test changes what it is about.
#[derive(Clone)]
pub struct ProofParts {
    pub header: Value,
    pub claims: Value,
}

impl KeyHolder {
    /// An app with a new key of P-256.
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { pair }
    }

    /// The public key (RFC 7517).
    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let text = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
    }

    /// The thumbprint of the key (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let member = |name: &str| jwk[name].as_str().unwrap().to_owned();
        let (x, y) = (member("x"), member("y"));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
    }

    /// The parts of a right proof for this request at this time.
    pub fn parts(&self, method: &Method, path: &str, now: i64) -> ProofParts {
        ProofParts {
            header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }),
            claims: json!({
                "htm": method.as_str(),
                "htu": format!("{ISSUER}{path}"),
                "iat": now,
                "jti": uuid::Uuid::new_v4().to_string(),
            }),
        }
    }

    /// A right proof for this request now, of this access token if there is one.
    pub fn proof(
        &self,
        service: &Service,
        (method, path): (Method, &str),
        token: Option<&str>,
    ) -> String {
        let mut parts = self.parts(&method, path, service.now());
        if let Some(token) = token {
            parts.claims["ath"] = json!(token_hash(token));
        }
        self.signed(&parts)
    }

    /// The proof with these parts.
    pub fn signed(&self, parts: &ProofParts) -> String {
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&parts.header), text(&parts.claims));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap()))
    }
}

/// The claim `ath` of a proof beside this access token.
pub fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
}

/// The fields of a password grant of the demo user without a second factor.
pub fn plain_password() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ]
}

fn with_proof(request: Builder, proof: Option<&str>) -> Builder {
    match proof {
        None => request,
        Some(proof) => request.header("DPoP", proof),
    }
}

impl Service {
    /// Posts a form with this proof, if there is one.
    pub async fn post_with_proof(
        &self,
        path: &str,
        proof: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Answer {
        for (name, value) in fields {
            if SECRETS.contains(name) {
                self.watch_secret(value);
            }
        }
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = with_proof(request, proof).body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Asks for tokens with a right proof of this app's key.
    pub async fn token_of(&self, holder: &KeyHolder, fields: &[(&str, &str)]) -> Answer {
        let proof = holder.proof(self, (Method::POST, "/oauth/token"), None);
        let answer = self.post_with_proof("/oauth/token", Some(&proof), fields);
        answer.await
    }

    /// The tokens of the demo user without a second factor, bound to this app's key.
    pub async fn bound_tokens(&self, holder: &KeyHolder) -> Answer {
        let tokens = self.token_of(holder, &plain_password()).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        tokens
    }

    /// A refresh of the demo client with this proof, if there is one.
    pub async fn refresh_with_proof(&self, token: &str, proof: Option<&str>) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::CLIENT),
            ("refresh_token", token),
        ];
        self.post_with_proof("/oauth/token", proof, &fields).await
    }

    /// A GET request with this `Authorization` header and this proof, if there is one.
    pub async fn get_with_proof(
        &self,
        path: &str,
        authorization: &str,
        proof: Option<&str>,
    ) -> Answer {
        let request = Request::builder().method(Method::GET).uri(path);
        let request = request.header(header::AUTHORIZATION, authorization);
        let request = with_proof(request, proof).body(Body::empty());
        self.send(request.unwrap()).await
    }
}
