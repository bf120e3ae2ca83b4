//! The story of one user in Aidbox's dialect, as far as it has JSON calls.

use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};

#[tokio::test]
async fn a_user_turns_it_on_loses_the_app_replaces_it_and_is_still_asked_after_a_reset() {
    let service = Service::start().await;
    // Aidbox uses pages for this, so the test uses another dialect.
    let id = service.registered_and_confirmed().await;
    let signed_in = service
        .aidbox_password(USER_NAME, PASSWORD, &json!({}))
        .await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.raw);
    assert_eq!(signed_in.body["userinfo"]["id"], id);
    let first = signed_in.text("access_token");
    let (lost, codes) = service.two_factor_on(&first).await;

    let keeps = json!({ "scope": "offline_access" });
    let asked = service.aidbox_password(USER_NAME, PASSWORD, &keeps).await;
    asked.is_refused(400, "invalid_grant", "2FA token is required");
    service.advance(30);
    let with_app = json!({ "token": service.app_code(&lost), "scope": "offline_access" });
    let second = service.aidbox_password(EMAIL, PASSWORD, &with_app).await;
    assert_eq!(second.status, 200, "{}", second.raw);

    // The phone is lost. One recovery code signs in, and another removes the factor.
    let recovered = json!({ "token": codes[0] });
    let third = service.aidbox_password(EMAIL, PASSWORD, &recovered).await;
    assert_eq!(third.status, 200, "{}", third.raw);
    let access = third.text("access_token");
    let off = json!({ "token": codes[1] });
    let disabled = service.two_factor("disable", &access, &off).await;
    assert_eq!(disabled.status, 200, "{}", disabled.raw);
    // This ended the session of the lost phone.
    let of_phone = second.text("access_token");
    assert_eq!(service.aidbox_userinfo(&of_phone).await.status, 401);
    let (seed, _) = service.two_factor_on(&access).await;
    service.advance(30);
    for (app, status) in [(&lost, 400), (&seed, 200)] {
        let token = json!({ "token": service.app_code(app) });
        let answer = service.aidbox_password(EMAIL, PASSWORD, &token).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
    }

    // The password is forgotten too.
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    for old in [&first, &of_phone, &access] {
        assert_eq!(service.aidbox_userinfo(old).await.status, 401);
    }
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::AIDBOX_CLIENT),
        ("refresh_token", &*second.text("refresh_token")),
    ];
    let ended = service.post_form("/auth/token", &fields).await;
    ended.is_refused(400, "invalid_grant", "Wrong refresh token");
    let old = service.aidbox_password(EMAIL, PASSWORD, &json!({})).await;
    old.is_refused(400, "invalid_grant", "Wrong user or password");
    let asked = service
        .aidbox_password(EMAIL, NEW_PASSWORD, &json!({}))
        .await;
    asked.is_refused(400, "invalid_grant", "2FA token is required");
    service.advance(30);
    let token = json!({ "token": service.app_code(&seed) });
    let last = service.aidbox_password(EMAIL, NEW_PASSWORD, &token).await;
    assert_eq!(last.status, 200, "{}", last.raw);
    let access = last.text("access_token");
    let state = service.aidbox_userinfo(&access).await;
    assert_eq!(state.body["twoFactor"], json!({ "enabled": true }));
    assert_eq!(service.delete_session(&access).await.status, 200);
    assert_eq!(service.aidbox_userinfo(&access).await.status, 401);
}
