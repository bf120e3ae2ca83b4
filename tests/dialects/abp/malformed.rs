//! Malformed and incomplete requests in ABP's dialect: the token endpoint answers in
//! OpenIddict's words, other paths with ABP's error object.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::{begin, send};
use crate::harness::{Service, in_turn};

#[tokio::test]
async fn rest_refusals_have_abps_error_object() {
    let service = Service::start().await;
    let (user, token) = begin(&service).await;
    let answer = service
        .post_json("/api/account/send-two-factor-code", &json!({}))
        .await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Your request is not valid!",
        "details": null,
        "data": null,
        "validationErrors": [{"message":"The userId field is required.","members":["userId"]}]
      }
    }
    "#);
    let body = json!({ "userId": "7", "provider": "Email", "token": token });
    let answer = service
        .post_json("/api/account/send-two-factor-code", &body)
        .await;
    assert_eq!(answer.status, 400);
    assert_snapshot!(send(&service, &user, &token, "Push").await.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "The user does not have this two-factor provider.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    assert_eq!(send(&service, &user, &token, "Email").await.status, 204);
    let soon = send(&service, &user, &token, "Email").await;
    assert_snapshot!(soon.shown(), @r#"
    429 application/json no-store no-cache
    _abperrorformat: true
    retry-after: 30
    {
      "error": {
        "code": null,
        "message": "A code was sent already. Please wait a while and try again.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    let answer = service.get("/api/account/nothing", None).await;
    assert_snapshot!(answer.shown(), @r#"
    404 application/json no-store no-cache
    _abperrorformat: true
    {"error":{"code":null,"message":"Not found.","details":null,"data":null,"validationErrors":null}}
    "#);
}

#[tokio::test]
async fn refused_requests_have_openiddicts_codes() {
    let service = Service::start().await;
    let post = async |fields: &[(&str, &str)]| service.post_form("/connect/token", fields).await;
    let client = [("grant_type", "password"), ("client_id", "unknown")];
    let scope = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", "admin"),
        ("password", demo::ABP_PASSWORD),
        ("scope", "everything"),
    ];
    let refused = [
        post(&[("grant_type", "device")]).await,
        post(&client).await,
        post(&[]).await,
        post(&scope).await,
    ];
    assert_snapshot!(in_turn(&refused), @r#"
    400 application/json no-store no-cache
    {"error":"unsupported_grant_type","error_description":"The specified 'grant_type' is not supported."}

    401 application/json no-store no-cache
    www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"The specified client credentials are invalid."}

    400 application/json no-store no-cache
    {"error":"invalid_request","error_description":"The grant_type field is required."}

    400 application/json no-store no-cache
    {
      "error": "invalid_scope",
      "error_description": "This client application is not allowed to use the specified scope."
    }
    "#);
}

#[tokio::test]
async fn a_part_of_the_path_that_is_no_text_is_answered_in_abps_words() {
    let service = Service::start().await;
    for (path, status) in [
        ("by-username/%FF", 401),
        ("by-email/%FF", 401),
        ("%FF", 400),
    ] {
        let answer = service
            .get(&format!("/api/identity/users/{path}"), None)
            .await;
        assert_eq!(answer.status, status, "{path}: {}", answer.raw);
        assert!(answer.body["error"]["message"].is_string(), "{path}");
    }
}
