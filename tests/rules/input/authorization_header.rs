//! The `Authorization` headers of ordinary clients: ABP's Angular app sends its bearer
//! with every call, and react-native-auth0 writes `DPoP` before an unbound token.

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{VERIFIER, code};
use crate::harness::browser::Browser;
use crate::harness::document::{TakesAccessToken, take_access_tokens};
use crate::harness::{Answer, Service};

/// An old token that another server signed.
const STALE: &str = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJleHAiOjF9.AAAA";

/// A form with this `Authorization` header.
async fn post(service: &Service, header: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, header);
    service.send(request.body(Body::from(body)).unwrap()).await
}

/// A body with everything that such a request needs besides its token.
pub const BODY: &str = r#"{"authenticator_types":["otp"],"code":"123456","token":"123456",
    "currentPassword":"one","newPassword":"two","type":"totp","auth_session":"x",
    "otp_code":"123456"}"#;

/// A request with this `Authorization` header, if there is one.
async fn ask(service: &Service, method: &Method, path: &str, header: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(header) = header {
        request = request.header(header::AUTHORIZATION, header);
    }
    let body = match *method {
        Method::POST => Body::from(BODY),
        _ => Body::empty(),
    };
    service.send(request.body(body).unwrap()).await
}

#[track_caller]
fn is_yes(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 200, "{what}: {}", answer.raw);
}

fn password(client: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "password"),
        ("client_id", client),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", "openid offline_access"),
    ]
}

/// Headers that authenticate no client: the user's own token, a token of another
/// server, and a token with the scheme of RFC 9449.
async fn headers(service: &Service) -> Vec<String> {
    let fields = password(demo::ABP_CLIENT);
    let token = service.post_form("/connect/token", &fields).await;
    let token = token.text("access_token");
    let own = format!("Bearer {token}");
    vec![own, STALE.to_owned(), format!("DPoP {token}")]
}

#[tokio::test]
async fn a_bearer_beside_a_password_or_a_refresh_authenticates_no_client_in_any_dialect() {
    let service = Service::start().await;
    for header in headers(&service).await {
        for (path, client) in [
            ("/oauth/token", demo::CLIENT),
            ("/connect/token", demo::ABP_CLIENT),
            ("/auth/token", demo::AIDBOX_CLIENT),
        ] {
            let what = format!("{path} {header}");
            let tokens = post(&service, &header, path, &password(client)).await;
            is_yes(&tokens, &what);
            let token = tokens.text("refresh_token");
            let refresh = [
                ("grant_type", "refresh_token"),
                ("client_id", client),
                ("refresh_token", token.as_str()),
            ];
            is_yes(&post(&service, &header, path, &refresh).await, &what);
            let revoke = [("client_id", client), ("token", token.as_str())];
            let revoked = post(&service, &header, "/oauth/revoke", &revoke).await;
            is_yes(&revoked, &what);
            let ended = post(&service, &header, path, &refresh).await;
            assert_ne!(ended.status, 200, "the session of {what} has ended");
        }
    }
}

#[tokio::test]
async fn a_bearer_beside_the_calls_of_a_second_factor_authenticates_no_client() {
    let service = Service::start().await;
    for header in headers(&service).await {
        let token = service.begin().await;
        let token = ("mfa_token", token.as_str());
        let client = ("client_id", demo::CLIENT);
        let oob = [token, client, ("challenge_type", "oob")];
        let sent = post(&service, &header, "/mfa/challenge", &oob).await;
        is_yes(&sent, "/mfa/challenge");
        let shown = service.newest_code();
        let verify = [token, client, ("code", shown.as_str())];
        let verified = post(&service, &header, "/mfa/verify", &verify).await;
        is_yes(&verified, "/mfa/verify");
        let oob_code = sent.text("oob_code");
        let grant = [
            ("grant_type", "http://auth0.com/oauth/grant-type/mfa-oob"),
            token,
            client,
            ("oob_code", oob_code.as_str()),
            ("binding_code", shown.as_str()),
        ];
        let tokens = post(&service, &header, "/oauth/token", &grant).await;
        is_yes(&tokens, "mfa-oob");
        service.advance(31);
    }
}

#[tokio::test]
async fn a_bearer_beside_an_authorization_code_authenticates_no_client() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = code(&browser).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", demo::AIDBOX_CLIENT),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    is_yes(&post(&service, STALE, "/auth/token", &fields).await, "code");
}

#[tokio::test]
async fn a_broken_basic_header_is_invalid_client_in_every_dialect() {
    let service = Service::start().await;
    let unpaired = format!("Basic {}", STANDARD.encode("demo-server"));
    for header in ["Basic", "basic", "Basic !!!", unpaired.as_str()] {
        for (path, client) in [
            ("/oauth/token", demo::CLIENT),
            ("/connect/token", demo::ABP_CLIENT),
            ("/auth/token", demo::AIDBOX_CLIENT),
        ] {
            let answer = post(&service, header, path, &password(client)).await;
            assert_eq!(answer.status, 401, "{path} {header}: {}", answer.raw);
            assert_eq!(answer.body["error"], "invalid_client");
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge, Some("Basic realm=\"token\""));
        }
    }
}

#[tokio::test]
async fn an_unbound_token_is_taken_as_dpop_wherever_it_is_taken_as_bearer() {
    let service = Service::start().await;
    let token = service.begin().await;
    let listing = "/mfa/authenticators";
    let listed = ask(
        &service,
        &Method::GET,
        listing,
        Some(&format!("DPoP {token}")),
    )
    .await;
    is_yes(&listed, listing);
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let token = tokens.text("access_token");
    for header in [format!("DPoP {token}"), format!("dpop {token}")] {
        for method in [Method::GET, Method::POST] {
            let answer = ask(&service, &method, "/userinfo", Some(&header)).await;
            is_yes(&answer, "/userinfo");
        }
    }
    let fields = password(demo::ABP_CLIENT);
    let tokens = service.post_form("/connect/token", &fields).await;
    let header = format!("DPoP {}", tokens.text("access_token"));
    for path in ["/api/account/my-profile", "/connect/userinfo"] {
        is_yes(
            &ask(&service, &Method::GET, path, Some(&header)).await,
            path,
        );
    }
    let header = format!("DPoP {}", service.aidbox_plain().await);
    let path = "/auth/userinfo";
    is_yes(
        &ask(&service, &Method::GET, path, Some(&header)).await,
        path,
    );
    let ended = ask(&service, &Method::DELETE, "/Session", Some(&header)).await;
    assert!(ended.status < 300, "{}", ended.raw);
}

/// Every route that refuses a request without an access token.
pub fn with_a_token() -> Vec<(Method, String)> {
    let needed = take_access_tokens()
        .into_iter()
        .filter(|taken| taken.needed);
    let filled = needed.map(|TakesAccessToken { route, .. }| {
        let (method, path) = route;
        let path = path
            .replace("/mfa/authenticators/{id}", AUTHENTICATOR)
            .replace("methods/{id}", METHOD)
            .replace(
                "set-two-factor-enabled",
                "set-two-factor-enabled?enabled=true",
            )
            .replace("{userName}", "admin")
            .replace("{email}", "admin@example.com")
            .replace("{id}", "07070707070707070707070707070707");
        (method, path)
    });
    filled.collect()
}

const METHOD: &str = "methods/totp%7Cdev_07070707070707070707070707070707";
const AUTHENTICATOR: &str = "/mfa/authenticators/totp%7Cdev_07070707070707070707070707070707";

#[tokio::test]
async fn a_request_without_a_token_is_challenged_without_an_error_code() {
    let service = Service::start().await;
    // An unknown scheme counts as no token (RFC 6750 3.1).
    for header in [None, Some("Basic ZGVtbzpkZW1v"), Some("")] {
        for (method, path) in &with_a_token() {
            let answer = ask(&service, method, path, header).await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.raw);
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge, Some("Bearer"), "{path} {header:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_wrong_is_challenged_with_its_error_code() {
    let service = Service::start().await;
    for header in [STALE, "DPoP a.b.c", "Bearer"] {
        for (method, path) in &with_a_token() {
            let answer = ask(&service, method, path, Some(header)).await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.raw);
            let challenge = answer.header("www-authenticate");
            let told = "Bearer error=\"invalid_token\"";
            assert_eq!(challenge, Some(told), "{path} {header}");
        }
    }
}
