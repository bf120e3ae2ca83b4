//! `/me/v1`: a signed-in user's own factors in the words of Auth0's My Account API.

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::harness::{Answer, Service};

/// The audience of these calls.
pub const ME: &str = "https://localhost:8788/me/";
pub const METHODS: &str = "/me/v1/authentication-methods";
/// Every scope of these calls.
pub const SCOPES: &str = "read:me:factors read:me:authentication_methods \
                          create:me:authentication_methods delete:me:authentication_methods \
                          update:me:authentication_methods \
                          read:me:sessions delete:me:sessions";

/// A service whose client `mine` may ask for these calls.
pub async fn start() -> Service {
    let service = Service::start().await;
    add_client(&service).await;
    service
}

/// Makes that client.
pub async fn add_client(service: &Service) {
    service
        .add_client("mine", |client| {
            client.audiences = vec![demo::AUDIENCE.to_owned(), ME.to_owned()];
            let scopes = SCOPES.split(' ').chain(["offline_access"]);
            client.scopes = scopes.map(str::to_owned).collect();
        })
        .await;
}

/// The access token of a password alone, with these scopes.
pub async fn token_of(service: &Service, scope: &str) -> String {
    let body = json!({
        "grant_type": "password", "client_id": "mine", "username": demo::PLAIN_USER,
        "password": demo::PASSWORD_OF_ALL, "audience": ME, "scope": scope,
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens.text("access_token")
}

/// The access token of a login with the demo user's authenticator app.
pub async fn strong_token(service: &Service) -> String {
    let body = json!({
        "grant_type": "password", "client_id": "mine", "username": demo::USER,
        "password": demo::PASSWORD_OF_ALL, "audience": ME, "scope": SCOPES,
    });
    let begun = service.post_json("/oauth/token", &body).await;
    let body = json!({
        "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp", "client_id": "mine",
        "mfa_token": begun.text("mfa_token"), "otp": service.totp(),
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens.text("access_token")
}

/// The path of a method.
pub fn place_of(id: &str) -> String {
    format!("{METHODS}/{}", id.replace('|', "%7C"))
}

/// The URL of a method, as `Location` names it.
pub fn url_of(id: &str) -> String {
    format!("https://localhost:8788{}", place_of(id))
}

/// A call with an access token.
pub async fn call(
    service: &Service,
    method: Method,
    path: &str,
    body: Option<Value>,
    token: &str,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    service.send(request.body(body).unwrap()).await
}

/// A call with a body.
pub async fn post(service: &Service, path: &str, body: Value, token: &str) -> Answer {
    call(service, Method::POST, path, Some(body), token).await
}

/// Enrols an app, and gives its identifier and its seed.
pub async fn enrol_app(service: &Service, token: &str) -> (String, String) {
    let begun = post(service, METHODS, json!({ "type": "totp" }), token).await;
    assert_eq!(begun.status, 202, "{}", begun.raw);
    let (id, seed) = (begun.text("id"), begun.text("manual_input_code"));
    let place = place_of(&id);
    assert_eq!(begun.header("location"), Some(&*url_of(&id)));
    let code = service.app_code(&seed);
    let first = json!({ "auth_session": begun.text("auth_session"), "otp_code": code });
    let verified = post(service, &format!("{place}/verify"), first, token).await;
    assert_eq!(verified.status, 201, "{}", verified.raw);
    assert_eq!(verified.body["id"], id);
    assert_eq!(verified.body["confirmed"], true);
    (id, seed)
}

#[tokio::test]
async fn a_user_lists_enrols_reads_and_removes_factors() {
    let service = start().await;
    let token = token_of(&service, SCOPES).await;
    let kinds = service.get("/me/v1/factors", Some(&token)).await;
    assert_snapshot!(kinds.shown(), @r#"
200 application/json no-store no-cache
{
  "factors": [
    {"type":"password","usage":["primary"]},
    {"type":"totp","usage":["secondary"]},
    {"type":"phone","usage":["secondary"]},
    {"type":"email","usage":["secondary"]},
    {"type":"recovery-code","usage":["secondary"]}
  ]
}
"#);
    let first = service.get(METHODS, Some(&token)).await;
    let methods = first.body["authentication_methods"].as_array().unwrap();
    assert_eq!(methods.len(), 1, "{}", first.raw);
    assert_eq!(methods[0]["type"], "password");
    let (id, _) = enrol_app(&service, &token).await;
    let listed = service.get(METHODS, Some(&token)).await;
    assert_snapshot!(listed.shown(), @r#"
    200 application/json no-store no-cache
    {
      "authentication_methods": [
        {
          "id": "password|dev_[id]",
          "type": "password",
          "created_at": "2027-01-15T08:00:00Z",
          "usage": ["primary"],
          "identity_user_id": "[id]"
        },
        {
          "id": "totp|dev_[id]",
          "type": "totp",
          "created_at": "2027-01-15T08:00:00Z",
          "usage": ["secondary"],
          "confirmed": true
        },
        {
          "id": "recovery-code|dev_[id]",
          "type": "recovery-code",
          "created_at": "2027-01-15T08:00:00Z",
          "usage": ["secondary"],
          "confirmed": true
        }
      ]
    }
    "#);
    let place = place_of(&id);
    let one = service.get(&place, Some(&token)).await;
    assert_eq!(one.body, listed.body["authentication_methods"][1]);
    // A session that has not shown the app may not remove it.
    let weak = call(&service, Method::DELETE, &place, None, &token).await;
    insta::assert_snapshot!(weak.shown(), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {
      "type": "insufficient_user_authentication",
      "status": 401,
      "title": "Unauthorized",
      "detail": "Sign in again with your strongest authenticator."
    }
    "#);
}

#[tokio::test]
async fn a_code_goes_to_a_new_address_and_confirms_it() {
    let service = start().await;
    let token = token_of(&service, SCOPES).await;
    let begun = json!({ "type": "phone", "phone_number": "+15555550199" });
    let begun = post(&service, METHODS, begun, &token).await;
    insta::assert_snapshot!(begun.shown(), @r#"
    202 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/sms%7Cdev_[id]
    {"id":"sms|dev_[id]","auth_session":"[opaque]","recovery_codes":["[recovery code]"]}
    "#);
    let place = format!("{}/verify", place_of(&begun.text("id")));
    let session = begun.text("auth_session");
    let wrong = json!({ "auth_session": session, "otp_code": "000000" });
    let wrong = post(&service, &place, wrong, &token).await;
    assert_snapshot!(wrong.shown(), @r#"
    403 application/json no-store no-cache
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Invalid binding_code."}
    "#);
    let right = json!({ "auth_session": session, "otp_code": service.newest_code() });
    let done = post(&service, &place, right, &token).await;
    insta::assert_snapshot!(done.shown(), @r#"
    201 application/json no-store no-cache
    location: https://localhost:8788/me/v1/authentication-methods/sms%7Cdev_[id]
    {
      "id": "sms|dev_[id]",
      "type": "phone",
      "created_at": "2027-01-15T08:00:00Z",
      "usage": ["secondary"],
      "confirmed": true,
      "phone_number": "XXXXXXXX0199",
      "preferred_authentication_method": "sms"
    }
    "#);
}

#[tokio::test]
async fn each_call_wants_its_scope_the_audience_and_a_live_session() {
    let service = start().await;
    let place = format!("{METHODS}/totp%7Cdev_07070707070707070707070707070707");
    let verify = format!("{place}/verify");
    let first = json!({ "auth_session": "x", "otp_code": "000000" });
    let calls = [
        (Method::GET, "/me/v1/factors", "read:me:factors", None),
        (Method::GET, METHODS, "read:me:authentication_methods", None),
        (Method::GET, &*place, "read:me:authentication_methods", None),
        (
            Method::POST,
            METHODS,
            "create:me:authentication_methods",
            Some(json!({ "type": "totp" })),
        ),
        (
            Method::POST,
            &*verify,
            "create:me:authentication_methods",
            Some(first),
        ),
        (
            Method::DELETE,
            &*place,
            "delete:me:authentication_methods",
            None,
        ),
        (
            Method::PATCH,
            &*place,
            "update:me:authentication_methods",
            Some(json!({ "name": "Mine" })),
        ),
        (Method::GET, "/me/v1/sessions", "read:me:sessions", None),
        (
            Method::DELETE,
            "/me/v1/sessions/none",
            "delete:me:sessions",
            None,
        ),
    ];
    let all = token_of(&service, SCOPES).await;
    let other = service
        .password_of(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    let other = other.text("access_token");
    for (method, path, scope, body) in &calls {
        let lacking: Vec<&str> = SCOPES.split(' ').filter(|one| one != scope).collect();
        let lacking = token_of(&service, &lacking.join(" ")).await;
        let refused = call(&service, method.clone(), path, body.clone(), &lacking).await;
        assert_eq!(refused.status, 403, "{method} {path} {}", refused.raw);
        assert_eq!(refused.body["type"], "insufficient_scope");
        let refused = call(&service, method.clone(), path, body.clone(), &other).await;
        assert_eq!(refused.status, 401, "{method} {path} {}", refused.raw);
        assert_eq!(refused.body["type"], "invalid_token");
    }
    let fields = [("client_id", "mine"), ("token", &*all)];
    assert_eq!(
        service.post_form("/oauth/revoke", &fields).await.status,
        200
    );
    for (method, path, _, body) in &calls {
        let refused = call(&service, method.clone(), path, body.clone(), &all).await;
        assert_eq!(refused.status, 401, "{method} {path} {}", refused.raw);
    }
}

#[tokio::test]
async fn a_code_confirms_only_the_factor_that_its_own_session_has_begun() {
    let service = start().await;
    let (one, other) = (
        token_of(&service, SCOPES).await,
        token_of(&service, SCOPES).await,
    );
    let begun = post(&service, METHODS, json!({ "type": "totp" }), &one).await;
    let seed = begun.text("manual_input_code");
    let code = service.app_code(&seed);
    let place = format!("{}/verify", place_of(&begun.text("id")));
    let first = json!({ "auth_session": begun.text("auth_session"), "otp_code": code });
    let theirs = post(&service, &place, first.clone(), &other).await;
    insta::assert_snapshot!(theirs.shown(), @r#"
    400 application/json no-store no-cache
    {
      "type": "invalid_request",
      "status": 400,
      "title": "Bad Request",
      "detail": "There is no enrollment to confirm.",
      "validation_errors": [{"field":"auth_session","detail":"not of this method and this session, or expired"}]
    }
    "#);
    let forged = json!({ "auth_session": "x", "otp_code": code });
    assert_eq!(post(&service, &place, forged, &one).await.status, 400);
    let nobodys = format!("{METHODS}/totp%7Cdev_07070707070707070707070707070707/verify");
    assert_eq!(
        post(&service, &nobodys, first.clone(), &one).await.status,
        400
    );
    assert_eq!(post(&service, &place, first, &one).await.status, 201);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let service = start().await;
    let token = token_of(&service, SCOPES).await;
    let missing = post(&service, METHODS, json!({}), &token).await;
    assert_snapshot!(missing.shown(), @r#"
    400 application/json no-store no-cache
    {
      "type": "invalid_request",
      "status": 400,
      "title": "Bad Request",
      "detail": "Missing required parameter: type",
      "validation_errors": [{"field":"type","detail":"required"}]
    }
    "#);
    let unknown = service
        .get(&format!("{METHODS}/nothing"), Some(&token))
        .await;
    insta::assert_snapshot!(unknown.shown(), @r#"
    404 application/json no-store no-cache
    {"type":"not_found","status":404,"title":"Not Found","detail":"The authenticator does not exist."}
    "#);
}

#[tokio::test]
async fn a_session_that_has_shown_the_strongest_factor_removes_another() {
    let service = start().await;
    let token = strong_token(&service).await;
    let listed = service.get(METHODS, Some(&token)).await;
    let methods = listed.body["authentication_methods"].as_array().unwrap();
    let types: Vec<&Value> = methods.iter().map(|one| &one["type"]).collect();
    assert_eq!(
        types,
        ["password", "totp", "phone", "email", "recovery-code"]
    );
    let place = place_of(methods[2]["id"].as_str().unwrap());
    let gone = call(&service, Method::DELETE, &place, None, &token).await;
    assert_eq!((gone.status, &*gone.raw), (204, ""));
    let again = call(&service, Method::DELETE, &place, None, &token).await;
    insta::assert_snapshot!(again.shown(), @r#"
    404 application/json no-store no-cache
    {"type":"not_found","status":404,"title":"Not Found","detail":"The authenticator does not exist."}
    "#);
}
