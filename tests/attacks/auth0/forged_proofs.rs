//! Proofs of a key (DPoP, RFC 9449) that are forged, or of another request.

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::dialects::oauth::sessions::key_holder::{KeyHolder, ProofParts, plain_password};
use crate::harness::{Answer, Service};

const TOKEN: (Method, &str) = (Method::POST, "/oauth/token");

/// The answer to a password with a proof that was changed in this way.
async fn with_parts(service: &Service, change: impl FnOnce(&mut ProofParts)) -> Answer {
    let holder = KeyHolder::new();
    let mut parts = holder.parts(&Method::POST, "/oauth/token", service.now());
    change(&mut parts);
    let proof = holder.signed(&parts);
    let fields = plain_password();
    let answer = service.post_with_proof("/oauth/token", Some(&proof), &fields);
    answer.await
}

#[track_caller]
pub fn is_wrong(answer: &Answer, status: u16, why: &str) {
    let sentence = format!("The DPoP proof is wrong: {why}.");
    answer.is_refused(status, "invalid_dpop_proof", &sentence);
    assert!(answer.header("dpop-nonce").is_some());
}

#[tokio::test]
async fn a_proof_of_another_type_algorithm_or_key_is_refused_before_the_password_is_read() {
    let service = Service::start().await;
    let header = |name: &'static str, value: Value| {
        move |parts: &mut ProofParts| {
            parts.header[name] = value;
        }
    };
    let unsigned = "the signature or a claim of the proof is wrong";
    let unreadable = "the header of the proof is unreadable";
    for (name, value, why) in [
        ("typ", json!("JWT"), "typ is not dpop+jwt"),
        ("typ", json!(null), "typ is not dpop+jwt"),
        ("alg", json!("none"), unreadable),
        ("alg", json!("HS256"), "alg is not supported"),
        ("alg", json!("RS512"), "alg is not supported"),
        ("alg", json!("RS256"), unsigned),
        ("crit", json!(["exp"]), "crit is not supported"),
        ("jwk", json!(null), "jwk is missing"),
        ("jwk", json!("key"), "jwk is missing"),
        ("jwk", KeyHolder::new().jwk(), unsigned),
    ] {
        let what = format!("{name} {value}");
        let answer = with_parts(&service, header(name, value)).await;
        let told = answer.text("error_description");
        assert_eq!(told, format!("The DPoP proof is wrong: {why}."), "{what}");
        is_wrong(&answer, 400, why);
    }
    for member in ["d", "k", "p"] {
        let answer = with_parts(&service, |parts| {
            parts.header["jwk"][member] = json!("c2VjcmV0");
        });
        is_wrong(&answer.await, 400, "jwk is not a public key");
    }
}

#[tokio::test]
async fn a_secret_in_place_of_a_key_signs_no_proof() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let mut parts = holder.parts(&Method::POST, "/oauth/token", service.now());
    parts.header["alg"] = json!("HS256");
    parts.header["jwk"] = json!({ "kty": "oct", "k": "c2VjcmV0" });
    let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", text(&parts.header), text(&parts.claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"secret");
    let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()));
    let proof = format!("{message}.{tag}");
    let fields = plain_password();
    let answer = service.post_with_proof("/oauth/token", Some(&proof), &fields);
    is_wrong(&answer.await, 400, "jwk is not a public key");
}

#[tokio::test]
async fn a_proof_for_another_method_or_url_or_without_its_claims_is_refused() {
    let service = Service::start().await;
    let method = "htm is not the method of the request";
    let url = "htu is not the URL of the request at the issuer";
    let unread = "the signature or a claim of the proof is wrong";
    for (name, value, why) in [
        ("htm", json!("GET"), method),
        ("htm", json!(null), unread),
        ("htu", json!("https://localhost:8788/userinfo"), url),
        ("htu", json!("https://evil.example/oauth/token"), url),
        ("htu", json!(null), unread),
        ("iat", json!("now"), unread),
        ("jti", json!(""), "jti is empty or too long"),
        ("jti", json!("i".repeat(257)), "jti is empty or too long"),
        ("jti", json!(null), unread),
    ] {
        let answer = with_parts(&service, |parts| parts.claims[name] = value).await;
        is_wrong(&answer, 400, why);
    }
}

#[tokio::test]
async fn the_host_header_decides_nothing_about_the_url_of_a_proof() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let mut parts = holder.parts(&Method::POST, "/oauth/token", service.now());
    parts.claims["htu"] = json!("https://evil.example/oauth/token");
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(plain_password())
        .finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/oauth/token")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("DPoP", holder.signed(&parts));
    let answer = service.send(request.body(Body::from(body)).unwrap()).await;
    is_wrong(
        &answer,
        400,
        "htu is not the URL of the request at the issuer",
    );
}

#[tokio::test]
async fn two_proofs_an_oversized_proof_and_a_proof_that_is_no_text_are_refused() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let proof = || holder.proof(&service, TOKEN, None);
    let several = "there are several headers DPoP, or none that is text";
    let ask = async |proofs: Vec<Vec<u8>>| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(plain_password())
            .finish();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/oauth/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for proof in proofs {
            request = request.header("DPoP", proof);
        }
        service.send(request.body(Body::from(body)).unwrap()).await
    };
    let twice = ask(vec![proof().into_bytes(), proof().into_bytes()]).await;
    is_wrong(&twice, 400, several);
    let binary = ask(vec![b"a.b.\xff".to_vec()]).await;
    is_wrong(&binary, 400, several);
    // The gateway joins two headers of one name by a comma.
    let joined = ask(vec![format!("{},{}", proof(), proof()).into_bytes()]).await;
    is_wrong(&joined, 400, "the proof is not one JWT");
    let mut parts = holder.parts(&Method::POST, "/oauth/token", service.now());
    parts.claims["padding"] = json!("x".repeat(8192));
    let long = ask(vec![holder.signed(&parts).into_bytes()]).await;
    is_wrong(&long, 400, "the proof is too long");
    let empty = ask(vec![Vec::new()]).await;
    is_wrong(&empty, 400, "the proof is not one JWT");
}

#[tokio::test]
async fn a_nonce_of_another_deployment_is_refused_whatever_the_time() {
    let (service, other) = (Service::start().await, Service::start().await);
    let nonce_of = async |service: &Service| {
        let answer = service.bound_tokens(&KeyHolder::new()).await;
        answer.header("dpop-nonce").unwrap().to_owned()
    };
    let foreign = nonce_of(&other).await;
    let sentence = "Make the DPoP proof with the nonce of the DPoP-Nonce header.";
    let with = async |nonce: &str| {
        with_parts(&service, |parts| parts.claims["nonce"] = json!(nonce)).await
    };
    for nonce in [&foreign, "", "nonce"] {
        let refused = with(nonce).await;
        refused.is_refused(400, "use_dpop_nonce", sentence);
        let next = refused.header("dpop-nonce").unwrap().to_owned();
        assert_eq!(with(&next).await.status, 200);
    }
}

#[tokio::test]
async fn an_old_nonce_counts_as_no_nonce_so_the_time_of_the_proof_decides() {
    let service = Service::start().await;
    let first = service.bound_tokens(&KeyHolder::new()).await;
    let old = first.header("dpop-nonce").unwrap().to_owned();
    let now = service.now();
    let with = async |seconds: i64| {
        with_parts(&service, |parts| {
            parts.claims["nonce"] = json!(old);
            parts.claims["iat"] = json!(service.now() + seconds);
        })
        .await
    };
    assert_eq!(with(-3600).await.status, 200);
    // The last is the night of a page that stays open.
    for seconds in [600, 660, 36_000] {
        service.advance(now + seconds - service.now());
        for off in [-60, 0, 60] {
            let taken = with(off).await;
            assert_eq!(taken.status, 200, "{seconds} {off} {}", taken.raw);
            assert_ne!(taken.header("dpop-nonce"), Some(old.as_str()));
        }
        for off in [-3600, -61, 61] {
            let refused = with(off).await;
            let sentence = "Make the DPoP proof with the nonce of the DPoP-Nonce header.";
            refused.is_refused(400, "use_dpop_nonce", sentence);
        }
    }
}
