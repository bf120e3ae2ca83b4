//! What a thief of tokens tries against the key that they are bound to (RFC 9449).

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign_local::demo;
use serde_json::json;

use crate::attacks::auth0::forged_proofs::is_wrong;
use crate::dialects::aidbox::authorization::authorize::{CHALLENGE, VERIFIER};
use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::{exchange, path_of, request, sign_in_at};
use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::dialects::oauth::sessions::key_holder::{KeyHolder, token_hash};
use crate::harness::Service;
use crate::harness::browser::Browser;
use crate::rules::input::authorization_header::{BODY, with_a_token};

const TOKEN: (Method, &str) = (Method::POST, "/oauth/token");
const USERINFO: (Method, &str) = (Method::GET, "/userinfo");

/// The access tokens of one key, one for each of our own audiences.
async fn tokens_of_every_audience(service: &Service, holder: &KeyHolder) -> Vec<String> {
    let audiences = ["mfa/", "me/", "api/account/"];
    let audiences = audiences.map(|audience| format!("https://localhost:8788/{audience}"));
    service
        .add_client("every", |client| client.audiences = audiences.to_vec())
        .await;
    let mut tokens = Vec::new();
    for audience in &audiences {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "every"),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("scope", "openid"),
            ("audience", audience),
        ];
        let answer = service.token_of(holder, &fields).await;
        tokens.push(answer.text("access_token"));
    }
    tokens
}

#[tokio::test]
async fn a_stolen_access_token_is_refused_at_every_route_without_its_key() {
    let service = Service::start().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let tokens = tokens_of_every_audience(&service, &holder).await;
    for (method, path) in with_a_token() {
        let mut challenged = 0;
        for token in &tokens {
            let plain = path.split('?').next().unwrap();
            let of = |holder: &KeyHolder, method: &Method, token| {
                holder.proof(&service, (method.clone(), plain), token)
            };
            let own = Some(token.as_str());
            for (scheme, proof) in [
                ("Bearer", None),
                ("DPoP", None),
                ("Bearer", Some(of(&holder, &method, own))),
                ("DPoP", Some(of(&thief, &method, own))),
                ("DPoP", Some(of(&holder, &method, None))),
                ("DPoP", Some(of(&holder, &Method::TRACE, own))),
            ] {
                let mut request = Request::builder()
                    .method(method.clone())
                    .uri(&path)
                    .header(header::AUTHORIZATION, format!("{scheme} {token}"));
                if let Some(proof) = &proof {
                    request = request.header("DPoP", proof);
                }
                let body = match method {
                    Method::POST => Body::from(BODY),
                    _ => Body::empty(),
                };
                let answer = service.send(request.body(body).unwrap()).await;
                assert_eq!(answer.status, 401, "{path} {scheme}: {}", answer.raw);
                let challenge = answer.header("www-authenticate").unwrap();
                challenged += usize::from(challenge.starts_with("DPoP error="));
            }
        }
        // A token for another audience is wrong before its key matters.
        assert!(
            challenged >= 6 && challenged % 6 == 0,
            "{path}: {challenged}"
        );
    }
}

#[tokio::test]
async fn a_proof_is_good_for_its_own_access_token_key_method_and_url_only() {
    let service = Service::start().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let tokens = service.bound_tokens(&holder).await;
    let token = tokens.text("access_token");
    let other = service.bound_tokens(&holder).await.text("access_token");
    let shown = format!("DPoP {token}");
    let hash = "ath is not the hash of the access token";
    for proof in [
        holder.proof(&service, USERINFO, Some(&other)),
        holder.proof(&service, USERINFO, None),
    ] {
        let answer = service
            .get_with_proof("/userinfo", &shown, Some(&proof))
            .await;
        is_wrong(&answer, 401, hash);
    }
    let posted = holder.proof(&service, (Method::POST, "/userinfo"), Some(&token));
    let answer = service
        .get_with_proof("/userinfo", &shown, Some(&posted))
        .await;
    is_wrong(&answer, 401, "htm is not the method of the request");
    let elsewhere = holder.proof(&service, (Method::GET, "/mfa/authenticators"), Some(&token));
    let answer = service
        .get_with_proof("/userinfo", &shown, Some(&elsewhere))
        .await;
    is_wrong(
        &answer,
        401,
        "htu is not the URL of the request at the issuer",
    );
    let stolen = thief.proof(&service, USERINFO, Some(&token));
    let right = holder.proof(&service, USERINFO, Some(&token));
    let sentence =
        "The access token is bound to a key. Send it with the scheme DPoP and a proof of this key.";
    for (scheme, proof) in [
        ("DPoP", Some(&stolen)),
        ("DPoP", None),
        ("Bearer", None),
        ("Bearer", Some(&right)),
    ] {
        let shown = format!("{scheme} {token}");
        let proof = proof.map(String::as_str);
        let answer = service.get_with_proof("/userinfo", &shown, proof).await;
        answer.is_refused(401, "invalid_token", sentence);
        let challenge = "DPoP error=\"invalid_token\", algs=\"ES256 ES384 PS256 RS256 EdDSA\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
    let fields = [("access_token", token.as_str())];
    let posted = holder.proof(&service, (Method::POST, "/userinfo"), Some(&token));
    let in_body = service
        .post_with_proof("/userinfo", Some(&posted), &fields)
        .await;
    in_body.is_refused(401, "invalid_token", sentence);
}

#[tokio::test]
async fn a_stolen_refresh_token_gives_nothing_without_its_key_and_ends_no_session() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let first = service.bound_tokens(&holder).await.text("refresh_token");
    let proof = holder.proof(&service, TOKEN, None);
    let tokens = service.refresh_with_proof(&first, Some(&proof)).await;
    let second = tokens.text("refresh_token");
    service.advance(3600);
    let thief = KeyHolder::new().proof(&service, TOKEN, None);
    for token in [&first, &second] {
        let stripped = service.refresh_with_proof(token, None).await;
        let sentence = "The token is bound to a key. Send a DPoP proof of this key.";
        stripped.is_refused(400, "invalid_dpop_proof", sentence);
        let stolen = service.refresh_with_proof(token, Some(&thief)).await;
        let sentence = "The token is bound to another key than that of the DPoP proof.";
        stolen.is_refused(400, "invalid_grant", sentence);
    }
    // The first token is of an older generation. Only its key may end the session by it.
    let proof = holder.proof(&service, TOKEN, None);
    let alive = service.refresh_with_proof(&second, Some(&proof)).await;
    assert_eq!(alive.status, 200, "{}", alive.raw);
}

#[tokio::test]
async fn a_login_that_one_key_began_is_completed_by_no_other_key_and_spends_no_guess() {
    let service = Service::start().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let login = service.token_of(&holder, &fields).await.text("mfa_token");
    let sentence = "The token is bound to another key than that of the DPoP proof.";
    let right = service.totp();
    let with = |code| {
        vec![
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-otp"),
            ("client_id", demo::CLIENT),
            ("mfa_token", login.as_str()),
            ("otp", code),
        ]
    };
    // More than the ten guesses that the user has.
    for _ in 0..12 {
        let stolen = service.token_of(&thief, &with("000000")).await;
        stolen.is_refused(400, "invalid_grant", sentence);
    }
    let stolen = service.token_of(&thief, &with(&right)).await;
    stolen.is_refused(400, "invalid_grant", sentence);
    let tokens = service.token_of(&holder, &with(&right)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_thief_of_a_refresh_token_without_a_key_keeps_no_session_by_a_key_of_the_thief_s_own() {
    let service = Service::start().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ];
    let tokens = service.post_form("/oauth/token", &fields).await;
    let stolen = tokens.text("refresh_token");
    let thief = KeyHolder::new();
    let proof = thief.proof(&service, TOKEN, None);
    let taken = service.refresh_with_proof(&stolen, Some(&proof)).await;
    assert_eq!(taken.status, 200, "{}", taken.raw);
    service.advance(3600);
    // The owner's refresh shows that two parties hold the token, and ends the session.
    let refused = service.refresh(&stolen).await;
    assert_eq!(refused.text("error"), "invalid_grant", "{}", refused.raw);
    let proof = thief.proof(&service, TOKEN, None);
    let next = taken.text("refresh_token");
    let over = service.refresh_with_proof(&next, Some(&proof)).await;
    assert_eq!(over.text("error"), "invalid_grant", "{}", over.raw);
}

#[tokio::test]
async fn without_its_key_a_stolen_mfa_token_verifies_no_code_and_enrols_nothing() {
    const VERIFY: (Method, &str) = (Method::POST, "/mfa/verify");
    let service = Service::start().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let begin = |user| {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", user),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        let (service, holder) = (&service, &holder);
        async move { service.token_of(holder, &fields).await.text("mfa_token") }
    };
    let login = begin(demo::USER).await;
    // A challenge compares no code, and changes no factor.
    let body = json!({ "mfa_token": login, "client_id": demo::CLIENT, "challenge_type": "otp" });
    let challenge = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(challenge.status, 200, "{}", challenge.raw);
    let with = |code| {
        [
            ("client_id", demo::CLIENT),
            ("mfa_token", login.as_str()),
            ("code", code),
        ]
    };
    let missing = "The token is bound to a key. Send a DPoP proof of this key.";
    let another = "The token is bound to another key than that of the DPoP proof.";
    let right = service.totp();
    let (wrong, right) = (with("000000"), with(&right));
    // More than the ten guesses that the user has.
    for _ in 0..6 {
        let stripped = service.post_with_proof(VERIFY.1, None, &wrong);
        stripped
            .await
            .is_refused(400, "invalid_dpop_proof", missing);
        let proof = thief.proof(&service, VERIFY, None);
        let stolen = service.post_with_proof(VERIFY.1, Some(&proof), &wrong);
        stolen.await.is_refused(400, "invalid_grant", another);
    }
    let proof = holder.proof(&service, VERIFY, None);
    let verified = service.post_with_proof(VERIFY.1, Some(&proof), &right);
    let verified = verified.await;
    assert_eq!(verified.status, 200, "{}", verified.raw);

    service.add_user(FORCED, |_| {}).await;
    let login = begin(FORCED).await;
    let body = json!({ "authenticator_types": ["otp"] });
    let stripped = service.associate(&login, &body).await;
    stripped.is_refused(400, "invalid_dpop_proof", missing);
}

#[tokio::test]
async fn a_proof_that_was_caught_is_over_after_a_minute() {
    let service = Service::start().await;
    let holder = KeyHolder::new();
    let token = service.bound_tokens(&holder).await.text("access_token");
    let proof = holder.proof(&service, USERINFO, Some(&token));
    let shown = format!("DPoP {token}");
    service.advance(61);
    let late = service
        .get_with_proof("/userinfo", &shown, Some(&proof))
        .await;
    assert_eq!(
        (late.status, late.text("error")),
        (401, "use_dpop_nonce".to_owned())
    );
    let mut parts = holder.parts(&Method::GET, "/userinfo", service.now() + 61);
    parts.claims["ath"] = json!(token_hash(&token));
    let early = holder.signed(&parts);
    let early = service
        .get_with_proof("/userinfo", &shown, Some(&early))
        .await;
    assert_eq!(early.status, 401);
}

/// The fields of the exchange of a code.
fn of_code(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", demo::AIDBOX_REDIRECT_URI),
    ]
}

#[tokio::test]
async fn a_stolen_authorization_code_is_worth_nothing_without_the_key_that_its_request_named() {
    let service = auth0_only().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let browser = Browser::new(&service);
    let named = request(&format!("&dpop_jkt={}", holder.thumbprint()));
    let given = sign_in_at(&browser, &named).await;
    let code = given.parameter("code");
    let stripped = exchange(&service, &code).await;
    assert_eq!(stripped.text("error"), "invalid_dpop_proof");
    let stolen = service.token_of(&thief, &of_code(&code)).await;
    assert_eq!(stolen.text("error"), "invalid_grant");
    let tokens = service.token_of(&holder, &of_code(&code)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(
        tokens.claims("access_token")["cnf"]["jkt"],
        holder.thumbprint()
    );
    let refresh = tokens.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", refresh.as_str()),
    ];
    let stolen = service.token_of(&thief, &fields).await;
    assert_eq!(stolen.text("error"), "invalid_grant");
    let no_key = browser.get(&request("&dpop_jkt=short")).await;
    assert_eq!(no_key.parameter("error"), "invalid_request");
}

#[tokio::test]
async fn a_request_that_was_pushed_with_a_proof_is_for_the_key_of_the_proof() {
    let service = auth0_only().await;
    let (holder, thief) = (KeyHolder::new(), KeyHolder::new());
    let push = async |more: &[(&str, &str)]| {
        let mut fields = vec![
            ("client_id", "web"),
            ("response_type", "code"),
            ("redirect_uri", demo::AIDBOX_REDIRECT_URI),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        fields.extend_from_slice(more);
        let proof = holder.proof(&service, (Method::POST, "/oauth/par"), None);
        let pushed = service.post_with_proof("/oauth/par", Some(&proof), &fields);
        pushed.await
    };
    let other = thief.thumbprint();
    let refused = push(&[("dpop_jkt", &other)]).await;
    assert_eq!(refused.text("error"), "invalid_grant");
    let kept = push(&[]).await;
    assert_eq!(kept.status, 201, "{}", kept.raw);
    let browser = Browser::new(&service);
    let path = path_of("web", &kept.text("request_uri"));
    let code = sign_in_at(&browser, &path).await.parameter("code");
    let stolen = service.token_of(&thief, &of_code(&code)).await;
    assert_eq!(stolen.text("error"), "invalid_grant");
    let tokens = service.token_of(&holder, &of_code(&code)).await;
    assert_eq!(tokens.body["token_type"], "DPoP", "{}", tokens.raw);
}
