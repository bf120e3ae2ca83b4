//! Registering, confirming and resetting in CodeMaze's dialect.

use countersign::domain::accounts::login_name::LoginName;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::codemaze::login::password_and_code::{ROLE, claims, login};
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD};
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service, alike, in_turn};

const PAGES: &str = "http://localhost:4200/authentication";

/// The body of a registration.
pub fn registration(email: &str) -> Value {
    json!({
        "firstName": "Ann",
        "lastName": "Lee",
        "email": email,
        "password": PASSWORD,
        "confirmPassword": PASSWORD,
        "clientURI": format!("{PAGES}/emailconfirmation"),
    })
}

/// `POST /api/accounts/registration`.
pub async fn register(service: &Service, email: &str) -> Answer {
    let body = registration(email);
    service.post_json("/api/accounts/registration", &body).await
}

/// `GET /api/accounts/emailconfirmation`.
pub async fn confirm(service: &Service, email: &str, token: &str) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("token", token), ("email", email)])
        .finish();
    let path = format!("/api/accounts/emailconfirmation?{query}");
    service.get(&path, None).await
}

/// `POST /api/accounts/forgotpassword`.
pub async fn forgot(service: &Service, email: &str) -> Answer {
    let body = json!({ "email": email, "clientURI": format!("{PAGES}/resetpassword") });
    service
        .post_json("/api/accounts/forgotpassword", &body)
        .await
}

/// `POST /api/accounts/resetpassword`.
pub async fn reset(service: &Service, email: &str, token: &str, password: &str) -> Answer {
    let body = json!({
        "password": password,
        "confirmPassword": password,
        "email": email,
        "token": token,
    });
    service
        .post_json("/api/accounts/resetpassword", &body)
        .await
}

/// A service whose links lead to the Angular app of CodeMaze's articles.
pub async fn with_app() -> Service {
    Service::start_with(&[("COUNTERSIGN_LINK_ORIGINS", "http://localhost:4200")]).await
}

/// A registered and confirmed user.
pub async fn registered(service: &Service) {
    let made = register(service, EMAIL).await;
    assert_eq!(made.status, 201, "{}", made.raw);
    let token = service.link_parameter("token");
    assert_eq!(confirm(service, EMAIL, &token).await.status, 200);
}

/// The token of a reset that is sent now.
pub async fn reset_token(service: &Service, email: &str) -> String {
    let before = service.messages().len();
    assert_eq!(forgot(service, email).await.status, 200);
    assert_eq!(service.messages().len(), before + 1);
    service.link_parameter("token")
}

#[track_caller]
pub fn is_done(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.raw.as_str()), (status, ""));
}

#[track_caller]
pub fn is_text(answer: &Answer, told: &str) {
    assert_eq!((answer.status, answer.raw.as_str()), (400, told));
    let kind = answer.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain"), "{kind}");
}

#[track_caller]
pub fn is_bad_token(answer: &Answer) {
    let told = json!({ "errors": ["Invalid token."] });
    assert_eq!(
        (answer.status, &answer.body),
        (400, &told),
        "{}",
        answer.raw
    );
}

#[tokio::test]
async fn a_registration_is_answered_201_empty_and_its_link_confirms_the_address() {
    let service = with_app().await;
    assert_snapshot!(register(&service, EMAIL).await.shown(), @"201 no-store no-cache");
    let message = service.messages().remove(0);
    assert_eq!(message.to, EMAIL);
    assert_eq!(message.subject.as_deref(), Some("Email Confirmation token"));
    let link = service.newest_link();
    assert!(
        link.as_str()
            .starts_with(&format!("{PAGES}/emailconfirmation?token="))
    );
    assert_eq!(service.link_parameter("email"), EMAIL);
    let user = service.account(EMAIL).await.user;
    assert_eq!(user.roles, ["Viewer"]);
    assert_eq!(user.given_name.as_deref(), Some("Ann"));
    assert_eq!(user.family_name.as_deref(), Some("Lee"));
    assert!(!user.email_confirmed);
    let confirmed = confirm(&service, EMAIL, &service.link_parameter("token")).await;
    assert_snapshot!(confirmed.shown(), @"200 no-store no-cache");
    let tokens = login(&service, EMAIL, PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(claims(&tokens.text("token"))[ROLE], "Viewer");
}

#[tokio::test]
async fn every_missing_field_and_passwords_that_differ_are_told_at_once() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for (path, body) in [
        ("registration", json!({ "confirmPassword": "x" })),
        (
            "registration",
            json!({ "email": EMAIL, "password": PASSWORD }),
        ),
        (
            "resetpassword",
            json!({ "password": PASSWORD, "confirmPassword": NEW_PASSWORD, "token": "x" }),
        ),
        ("resetpassword", json!({})),
        ("forgotpassword", json!({})),
    ] {
        let path = format!("/api/accounts/{path}");
        answers.push(service.post_json(&path, &body).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {
        "Email": ["Email is required."],
        "Password": ["Password is required."],
        "ConfirmPassword": ["The password and confirmation password do not match."]
      }
    }

    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"ConfirmPassword":["The password and confirmation password do not match."]}
    }

    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"ConfirmPassword":["The password and confirmation password do not match."]}
    }

    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"Password":["Password is required."]}
    }

    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"Email":["Email is required."],"ClientURI":["ClientURI is required."]}
    }
    "#);
}

#[tokio::test]
async fn what_registration_refuses_is_told_in_the_words_of_identity() {
    let service = Service::start().await;
    let with = |name: &str, value: &str| {
        let mut body = registration(EMAIL);
        body[name] = json!(value);
        if name == "password" {
            body["confirmPassword"] = json!(value);
        }
        body
    };
    let mut answers = Vec::new();
    for body in [
        with("email", demo::USER),
        with("email", "USER@example.com "),
        with("email", "annlee"),
        with("password", "owls"),
        with("password", "password1"),
    ] {
        answers.push(service.post_json("/api/accounts/registration", &body).await);
    }
    assert_snapshot!(in_turn(&answers), @r#"
    400 application/json no-store no-cache
    {"isSuccessfulRegistration":false,"errors":["Username 'user@example.com' is already taken."]}

    400 application/json no-store no-cache
    {"isSuccessfulRegistration":false,"errors":["Username 'USER@example.com' is already taken."]}

    400 application/json no-store no-cache
    {"isSuccessfulRegistration":false,"errors":["Email 'annlee' is invalid."]}

    400 application/json no-store no-cache
    {"isSuccessfulRegistration":false,"errors":["Passwords must be at least 8 characters."]}

    400 application/json no-store no-cache
    {"isSuccessfulRegistration":false,"errors":["This password is too common. Choose another."]}
    "#);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_has_errors_too() {
    let service = Service::start().await;
    let mut answers = Vec::new();
    for path in ["registration", "resetpassword"] {
        let path = format!("/api/accounts/{path}");
        answers.push(service.post_json(&path, &json!([1])).await);
    }
    assert_snapshot!(alike(&answers), @r#"
    400 application/problem+json; charset=utf-8 no-store no-cache
    {
      "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      "title": "One or more validation errors occurred.",
      "status": 400,
      "errors": {"":["the body is not a JSON object"]}
    }
    "#);
}

#[tokio::test]
async fn a_confirmation_that_is_not_good_is_refused_in_plain_text() {
    let service = with_app().await;
    register(&service, EMAIL).await;
    let token = service.link_parameter("token");
    let mut refused = vec![
        confirm(&service, EMAIL, "forged").await,
        confirm(&service, "nobody@example.net", &token).await,
    ];
    for path in [
        "/api/accounts/emailconfirmation".to_owned(),
        format!("/api/accounts/emailconfirmation?token={token}"),
        format!("/api/accounts/emailconfirmation?token={token}&token={token}&email={EMAIL}"),
    ] {
        refused.push(service.get(&path, None).await);
    }
    assert_snapshot!(alike(&refused), @r"
    400 text/plain; charset=utf-8 no-store no-cache
    Invalid Email Confirmation Request
    ");
    is_done(&confirm(&service, &EMAIL.to_uppercase(), &token).await, 200);
    // Opened again, the link says that the address is confirmed.
    is_done(&confirm(&service, EMAIL, &token).await, 200);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_the_link_and_the_lockout_ends() {
    let service = with_app().await;
    registered(&service).await;
    for _ in 0..10 {
        login(&service, EMAIL, "wrong").await;
    }
    let locked = login(&service, EMAIL, PASSWORD).await;
    assert_eq!(locked.body["errorMessage"], "The account is locked out");
    assert_snapshot!(forgot(&service, EMAIL).await.shown(), @"200 no-store no-cache");
    let message = service.messages().remove(0);
    assert_eq!(message.subject.as_deref(), Some("Reset password token"));
    let link = service.newest_link();
    assert!(
        link.as_str()
            .starts_with(&format!("{PAGES}/resetpassword?token="))
    );
    assert_eq!(service.link_parameter("email"), EMAIL);
    let token = service.link_parameter("token");
    let short = reset(&service, EMAIL, &token, "owls").await;
    assert_snapshot!(short.shown(), @r#"
    400 application/json no-store no-cache
    {"errors":["Passwords must be at least 8 characters."]}
    "#);
    let done = reset(&service, EMAIL, &token, NEW_PASSWORD).await;
    assert_snapshot!(done.shown(), @"200 no-store no-cache");
    let tokens = login(&service, EMAIL, NEW_PASSWORD).await;
    assert_eq!(tokens.body["isAuthSuccessful"], true, "{}", tokens.raw);
}

#[tokio::test]
async fn a_reset_without_its_token_or_for_nobody_is_one_with_a_wrong_token() {
    let service = with_app().await;
    let forged = reset(&service, demo::USER, "forged", NEW_PASSWORD).await;
    assert_snapshot!(forged.shown(), @r#"
    400 application/json no-store no-cache
    {"errors":["Invalid token."]}
    "#);
    let token = reset_token(&service, demo::USER).await;
    is_bad_token(&reset(&service, "nobody@example.net", &token, NEW_PASSWORD).await);
    let body = json!({ "password": NEW_PASSWORD, "confirmPassword": NEW_PASSWORD });
    is_bad_token(
        &service
            .post_json("/api/accounts/resetpassword", &body)
            .await,
    );
    is_done(
        &reset(&service, demo::USER, &token, NEW_PASSWORD).await,
        200,
    );
}

#[tokio::test]
async fn who_registers_is_there_though_the_message_fails_and_gets_it_by_logging_in() {
    let (service, others) = crate::faults::aws::others_behind_proxy().await;
    others.always("/v2/email/outbound-emails", Fault::ServerError);
    is_done(&register(&service, EMAIL).await, 201);
    assert!(service.messages().is_empty());
    others.heal();
    let told = login(&service, EMAIL, PASSWORD).await;
    assert_eq!(told.body["errorMessage"], "Email is not confirmed");
    let token = service.link_parameter("token");
    is_done(&confirm(&service, EMAIL, &token).await, 200);
    assert_eq!(login(&service, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_login_that_waits_for_the_address_sends_the_link_again_after_the_right_password_only() {
    let service = with_app().await;
    register(&service, EMAIL).await;
    for (password, seconds, sent) in [
        ("wrong", 30, 1),
        // The first link went out half a minute ago.
        (PASSWORD, 0, 2),
        (PASSWORD, 86_400, 3),
    ] {
        service.advance(seconds);
        let told = login(&service, EMAIL, password).await;
        assert_eq!(told.status, 401, "{}", told.raw);
        assert_eq!(service.messages().len(), sent);
    }
    let again = login(&service, EMAIL, PASSWORD).await;
    assert_eq!(again.body["errorMessage"], "Email is not confirmed");
    assert_eq!(service.messages().len(), 3, "within the cool-down");
    let link = service.newest_link();
    assert!(
        link.as_str()
            .starts_with(&format!("{PAGES}/emailconfirmation?token="))
    );
    is_done(
        &confirm(&service, EMAIL, &service.link_parameter("token")).await,
        200,
    );
}

#[tokio::test]
async fn a_network_that_registers_many_is_told_to_wait() {
    let service = Service::start().await;
    for number in 0..20 {
        let email = format!("a{number}@example.net");
        assert_eq!(register(&service, &email).await.status, 201);
    }
    let answer = register(&service, "last@example.net").await;
    assert_snapshot!(answer.shown(), @r#"
    429 application/json no-store no-cache
    retry-after: 180
    {"isSuccessfulRegistration":false,"errors":["Too many requests. Please wait a while and try again."]}
    "#);
    let name = LoginName::parse("last@example.net").unwrap();
    assert_eq!(service.app.store.find_name(&name).await.unwrap(), None);
}
