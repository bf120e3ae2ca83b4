//! Every MUST and MUST NOT of draft-ietf-oauth-first-party-apps-04 that concerns the
//! authorization server. docs/first-party-apps.md lists them by section.

use countersign::domain::secret::Secret;
use countersign::usecase::authorization::authenticate_client::client_secret_hash;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::Value;

use super::app::{ASKED, NATIVE, NativeApp, PATH, change_app, with_apps};
use crate::dialects::aidbox::authorization::authorize::VERIFIER;
use crate::harness::refusals::answers_of;
use crate::harness::{Answer, Service};

/// The step `password` with some parameters in place of `ASKED`.
async fn password(service: &Service, asked: &[(&str, &str)]) -> Answer {
    let mut fields = asked.to_vec();
    fields.extend([
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    NativeApp::new(service).step(&fields).await
}

/// Section 4.1: the endpoint's URL MUST use https. Section 8: discovery names the endpoint.
#[tokio::test]
async fn section_4_1_discovery_names_the_endpoint_with_https() {
    let service = Service::start().await;
    let path = "/.well-known/oauth-authorization-server";
    let document = service.get(path, None).await;
    let url = &document.body["authorization_challenge_endpoint"];
    assert_eq!(url, "https://localhost:8788/authorize-challenge");
}

/// Section 4.1: a client that authenticates at the token endpoint MUST authenticate here too.
#[tokio::test]
async fn section_4_1_a_client_with_a_secret_shows_it_here_too() {
    let service = with_apps().await;
    let hash = client_secret_hash(NATIVE, &Secret::new("s3cret"));
    change_app(&service, |client| client.secret_hashes = vec![hash]).await;
    let refused = password(&service, &ASKED).await;
    assert_eq!(
        (refused.status, refused.text("error").as_str()),
        (401, "invalid_client")
    );
    let mut asked = ASKED.to_vec();
    asked.push(("client_secret", "s3cret"));
    let taken = password(&service, &asked).await;
    assert_eq!(
        taken.text("error"),
        "insufficient_authorization",
        "{}",
        taken.raw
    );
    // A request without the client's name gets round no secret.
    let session = taken.text("auth_session");
    let code = service.totp();
    let nameless = [("auth_session", session.as_str()), ("otp", &code)];
    let refused = service.post_form(PATH, &nameless).await;
    assert_eq!(refused.text("error"), "invalid_client", "{}", refused.raw);
}

/// Section 4.1: the endpoint MUST accept the parameters of the authorization endpoint.
#[tokio::test]
async fn section_4_1_every_parameter_of_the_authorization_endpoint_is_taken() {
    let service = with_apps().await;
    let mut asked = ASKED.to_vec();
    asked.extend([
        ("redirect_uri", "com.example.native:/back"),
        ("state", "s1"),
        ("audience", demo::AUDIENCE),
        ("nonce", "n1"),
        ("max_age", "0"),
        ("login_hint", demo::USER),
        ("acr_values", "aal2"),
        ("prompt", "login"),
        ("response_mode", "query"),
        ("ui_locales", "en"),
    ]);
    let taken = password(&service, &asked).await;
    assert_eq!(
        taken.text("error"),
        "insufficient_authorization",
        "{}",
        taken.raw
    );
    for (name, wrong, error) in [
        ("scope", "nonsense", "invalid_scope"),
        ("audience", "https://nobody.example/", "access_denied"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("request", "e30", "invalid_request"),
        ("request_uri", "urn:x", "invalid_request"),
    ] {
        let mut asked: Vec<(&str, &str)> = ASKED.to_vec();
        asked.retain(|(known, _)| *known != name);
        asked.push((name, wrong));
        let refused = password(&service, &asked).await;
        assert_eq!(
            (refused.status, refused.text("error").as_str()),
            (400, error),
            "{name}"
        );
    }
}

/// Section 5: the server MUST verify that the client is first-party before it goes on.
#[tokio::test]
async fn section_5_a_client_that_is_not_first_party_is_refused_before_the_password_is_read() {
    let service = with_apps().await;
    let app = NativeApp {
        client: demo::CLIENT,
        ..NativeApp::new(&service)
    };
    let first = app.password_of(demo::USER).await;
    assert_snapshot!(first.shown(), @r#"
        400 application/json no-store no-cache
        {
          "error": "unauthorized_client",
          "error_description": "The client is no first-party app, or may not use authorization codes."
        }
        "#);
    for user in [demo::PLAIN_USER, "nobody@example.com"] {
        assert_eq!(app.password_of(user).await.raw, first.raw, "{user}");
    }
    let no_code = with_apps().await;
    change_app(&no_code, |client| client.grants.clear()).await;
    let refused = NativeApp::new(&no_code).password_of(demo::USER).await;
    assert_eq!(
        refused.text("error"),
        "unauthorized_client",
        "{}",
        refused.raw
    );
}

/// Section 5.1: a `client_id` beside an `auth_session` MUST be the session's.
#[tokio::test]
async fn section_5_1_a_client_id_that_is_not_the_sessions_is_refused() {
    let service = with_apps().await;
    let session = NativeApp::new(&service).begin().await;
    let other = NativeApp {
        client: "other-native",
        ..NativeApp::new(&service)
    };
    let refused = other.otp(&session, &service.totp()).await;
    assert_snapshot!(refused.shown(), @r#"
    400 application/json no-store no-cache
    {"error":"invalid_session","error_description":"The auth_session is not of this client."}
    "#);
    // Basic and the body name the same client or none.
    let own = NativeApp::new(&service)
        .otp(&session, &service.totp())
        .await;
    assert_eq!(own.status, 200, "{}", own.raw);
}

/// Section 5.1: `response_type` is REQUIRED and MUST be `code`.
#[tokio::test]
async fn section_5_1_the_response_type_is_code_and_is_there() {
    let service = with_apps().await;
    let without: Vec<(&str, &str)> = ASKED[1..].to_vec();
    let refused = password(&service, &without).await;
    assert_eq!(
        (refused.status, refused.text("error").as_str()),
        (400, "invalid_request")
    );
    for (wrong, error) in [
        ("token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("id_token", "unsupported_response_type"),
    ] {
        let mut asked = without.clone();
        asked.push(("response_type", wrong));
        let refused = password(&service, &asked).await;
        assert_eq!(
            (refused.status, refused.text("error").as_str()),
            (400, error),
            "{wrong}"
        );
        let session = NativeApp::new(&service).begin().await;
        let later = [("response_type", wrong), ("auth_session", &session)];
        let refused = NativeApp::new(&service).step(&later).await;
        assert_eq!(refused.text("error"), error, "{wrong}");
    }
}

/// Section 5.2: what is not enough MUST be answered with an error. Section 5.2.2.1:
/// `insufficient_authorization` MUST have the status 403.
#[tokio::test]
async fn section_5_2_what_is_not_enough_is_an_error_with_403_and_never_a_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let mut named = ASKED.to_vec();
    named.push(("username", demo::USER));
    let session = app.begin().await;
    let asked = [
        ("auth_session", session.as_str()),
        ("challenge_type", "otp"),
    ];
    for step in [
        app.step(&ASKED).await,
        app.step(&named).await,
        app.password_of(demo::USER).await,
        app.step(&[("auth_session", &session)]).await,
        app.step(&asked).await,
    ] {
        assert_eq!(step.status, 403, "{}", step.raw);
        assert_eq!(
            step.text("error"),
            "insufficient_authorization",
            "{}",
            step.raw
        );
        assert_eq!(step.body.get("authorization_code"), None);
        step.is_private();
    }
}

/// Section 5.2.2: `error` and `error_description` MUST NOT have other characters than these,
/// in the words of every refusal. 5.2.2 asks for 400 otherwise; the other statuses are those
/// of HTTP and RFC 6749 5.2.
#[tokio::test]
async fn section_5_2_2_every_refusal_has_an_error_of_plain_characters() {
    let answers = answers_of(PATH).await;
    let plain = |text: &str| {
        let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        text.bytes().all(allowed)
    };
    let mut checked = 0;
    for body in answers.lines().filter(|line| line.starts_with('{')) {
        let body: Value = serde_json::from_str(body).unwrap();
        for name in ["error", "error_description"] {
            let text = body[name].as_str().unwrap();
            assert!(plain(text), "{name}: {text}");
        }
        checked += 1;
    }
    assert!(checked > 30, "{answers}");
    let statuses = answers.lines().filter_map(|line| line.get(..4));
    assert!(
        !statuses.into_iter().any(|status| status == "403 "),
        "{answers}"
    );
    assert!(answers.contains("invalid_session"), "{answers}");
}

/// Section 5.3.1: the `auth_session` MUST be protected from inspection, and unique.
#[tokio::test]
async fn section_5_3_1_an_auth_session_tells_nothing_and_is_never_given_twice() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let (first, second) = (app.begin().await, app.begin().await);
    assert_ne!(first, second);
    let account = service.account(demo::USER).await;
    let plain = service.begin().await;
    let named = |token: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        let user = account.user.id.bytes();
        bytes.windows(user.len()).any(|window| window == user)
    };
    assert!(
        named(&plain),
        "a token that is not encrypted names the user"
    );
    assert!(!named(&first) && !named(&second));
    // A random nonce of 96 bits and a random login of 96 bits or more.
    let bytes = URL_SAFE_NO_PAD.decode(&first).unwrap();
    assert!(bytes.len() >= 64);
}

/// Section 6: the token request has no `redirect_uri`, also if the request for the code had
/// one.
#[tokio::test]
async fn section_6_the_exchange_needs_no_redirect_uri() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let mut asked = ASKED.to_vec();
    asked.push(("redirect_uri", "com.example.native:/back"));
    let session = password(&service, &asked).await.text("auth_session");
    let done = app.otp(&session, &service.totp()).await;
    let tokens = app.exchange(&done.text("authorization_code")).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

/// Section 9.5.1: the proof MUST be checked, the key MUST be the same in each later request and
/// in the token request, and a request without a proof of the key MUST be refused. Section
/// 9.6.1 says the same of the `auth_session`.
#[tokio::test]
async fn section_9_5_1_each_step_and_the_exchange_need_the_key_of_the_first_step() {
    let service = with_apps().await;
    let (app, thief) = (NativeApp::with_key(&service), NativeApp::with_key(&service));
    let bare = NativeApp::new(&service);
    let session = app.begin().await;
    let code = service.totp();
    let steps: [&[(&str, &str)]; 3] = [
        &[("auth_session", &session), ("otp", &code)],
        &[
            ("auth_session", &session),
            ("challenge_type", "oob"),
            ("oob_channel", "email"),
        ],
        &[("auth_session", &session)],
    ];
    for step in steps {
        let refused = thief.step(step).await;
        assert_eq!(
            (refused.status, refused.text("error").as_str()),
            (400, "invalid_grant")
        );
        let refused = bare.step(step).await;
        let said = (refused.status, refused.text("error"));
        assert_eq!(
            said,
            (400, "invalid_dpop_proof".to_owned()),
            "{}",
            refused.raw
        );
    }
    assert!(service.messages().is_empty());
    let done = app.otp(&session, &code).await;
    let code = done.text("authorization_code");
    for stranger in [&thief, &bare] {
        let refused = stranger.exchange(&code).await;
        assert_eq!(refused.status, 400, "{}", refused.raw);
    }
    let tokens = app.exchange(&code).await;
    assert_eq!(tokens.text("token_type"), "DPoP", "{}", tokens.raw);
    let key = app.key.as_ref().unwrap().thumbprint();
    assert_eq!(tokens.claims("access_token")["cnf"]["jkt"], key);
    // No wrong step was charged.
    service.advance(30);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

/// Section 9.5.1: a proof that is wrong MUST be refused, with and without an `auth_session`.
#[tokio::test]
async fn section_9_5_1_a_wrong_proof_is_refused_before_the_password_is_read() {
    let service = with_apps().await;
    let app = NativeApp::with_key(&service);
    let key = app.key.as_ref().unwrap();
    let elsewhere = key.proof(&service, (axum::http::Method::POST, "/oauth/token"), None);
    for proof in ["nonsense", &elsewhere] {
        let mut fields = vec![("client_id", NATIVE)];
        fields.extend(ASKED);
        fields.extend([("username", demo::USER), ("password", "wrong")]);
        let refused = service.post_with_proof(PATH, Some(proof), &fields).await;
        let said = (refused.status, refused.text("error"));
        assert_eq!(
            said,
            (400, "invalid_dpop_proof".to_owned()),
            "{}",
            refused.raw
        );
    }
}

/// Section 9.5.1 and RFC 7636: a later proof binds the code too.
#[tokio::test]
async fn section_9_5_1_a_key_that_is_shown_with_the_last_step_binds_the_code() {
    let service = with_apps().await;
    let (bare, app) = (NativeApp::new(&service), NativeApp::with_key(&service));
    let session = bare.begin().await;
    let done = app.otp(&session, &service.totp()).await;
    let code = done.text("authorization_code");
    let refused = bare
        .exchange_with(&code, &[("code_verifier", VERIFIER)])
        .await;
    assert_eq!(
        refused.text("error"),
        "invalid_dpop_proof",
        "{}",
        refused.raw
    );
    assert_eq!(app.exchange(&code).await.status, 200);
}
