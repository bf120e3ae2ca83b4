//! The phone number of an account in ABP's dialect.

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::{PASSWORD, USER_NAME};

#[tokio::test]
async fn a_phone_is_bound_with_an_access_token_and_confirmed_by_its_code() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let bearer = Some(bearer.as_str());
    let body = json!({ "userId": id, "phoneNumber": "+1 (555) 555-0177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    let sent = service.post_as(bearer, path, &body).await;
    assert_snapshot!(sent.shown(), @"204 no-store no-cache");
    assert_eq!(service.messages()[0].to, "+15555550177");
    let state = format!("/api/account/confirmation-state?id={id}");
    let shown = service.get(&state, bearer).await;
    assert_snapshot!(shown.shown(), @r#"
    200 application/json no-store no-cache
    {"emailConfirmed":true,"phoneNumberConfirmed":false}
    "#);
    let confirm = |code: String| json!({ "userId": id, "token": code });
    let path = "/api/account/confirm-phone-number";
    let wrong = service
        .post_as(bearer, path, &confirm("abcdef".into()))
        .await;
    assert_snapshot!(wrong.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {"error":{"code":null,"message":"Invalid token.","details":null,"data":null,"validationErrors":null}}
    "#);
    let code = confirm(service.newest_code());
    assert_snapshot!(service.post_as(bearer, path, &code).await.shown(), @"204 no-store no-cache");
    let again = service.post_as(bearer, path, &code).await;
    again.is_rest_refused(403, "Invalid token.");
    assert_eq!(
        service.get(&state, bearer).await.body["phoneNumberConfirmed"],
        true
    );
    let profile = service.get("/api/account/my-profile", bearer).await;
    assert_snapshot!(profile.shown(), @r#"
    200 application/json no-store no-cache
    {
      "userName": "annlee",
      "email": "ann.lee@example.net",
      "emailConfirmed": true,
      "name": null,
      "surname": null,
      "phoneNumber": "+15555550177",
      "phoneNumberConfirmed": true,
      "isExternal": false,
      "hasPassword": true,
      "concurrencyStamp": "[id]",
      "extraProperties": {}
    }
    "#);
}

#[tokio::test]
async fn a_late_first_code_for_a_phone_is_good_after_a_second_was_sent() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let bearer = Some(bearer.as_str());
    let body = json!({ "userId": id, "phoneNumber": "+15555550177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
    let first = service.newest_code();
    let soon = service.post_as(bearer, path, &body).await;
    assert_eq!((soon.status, soon.number_header("retry-after")), (429, 30));
    service.advance(30);
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
    assert_ne!(service.newest_code(), first);
    let body = json!({ "userId": id, "token": first });
    let path = "/api/account/confirm-phone-number";
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
}
