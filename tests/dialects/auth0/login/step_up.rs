//! Step-up without a browser (RFC 9470): `acr_values` and `max_age` at `/oauth/token`.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::login::passwordless::{GRANT, challenge};
use crate::harness::{Answer, Service};

const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// A token request of the demo app.
async fn ask(service: &Service, grant: &str, more: &Value) -> Answer {
    let mut body = json!({ "grant_type": grant, "client_id": demo::CLIENT });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    service.post_json("/oauth/token", &body).await
}

/// A session with a refresh token, of a password alone.
async fn weak_session(service: &Service, email: &str) -> Answer {
    let body = json!({
        "username": email, "password": demo::PASSWORD_OF_ALL, "scope": "openid offline_access",
    });
    let tokens = ask(service, "password", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens
}

pub async fn refresh(service: &Service, token: &str, more: Value) -> Answer {
    let mut body = more;
    body["refresh_token"] = json!(token);
    ask(service, "refresh_token", &body).await
}

/// A session of the demo user, that has shown the authenticator app.
pub async fn strong_session(service: &Service) -> Answer {
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.advance(30);
    tokens
}

#[tokio::test]
async fn a_refresh_that_is_too_old_is_completed_by_a_factor_alone() {
    let service = Service::start().await;
    let first = strong_session(&service).await;
    let refresh_token = first.text("refresh_token");
    service.advance(600);
    let young = refresh(&service, &refresh_token, json!({ "max_age": "3600" })).await;
    assert_eq!(young.status, 200, "{}", young.raw);
    let began = first.claims("access_token")["auth_time"].clone();
    assert_eq!(young.claims("access_token")["auth_time"], began);
    let refresh_token = young.text("refresh_token");
    let old = refresh(&service, &refresh_token, json!({ "max_age": 300 })).await;
    assert_snapshot!(old.shown(), @r#"
    403 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_user_authentication"
    {
      "error": "mfa_required",
      "error_description": "Multifactor authentication required",
      "mfa_token": "[opaque]",
      "mfa_requirements": {"challenge":[{"type":"otp"},{"type":"phone"},{"type":"email"},{"type":"recovery-code"}]}
    }
    "#);
    let token = old.text("mfa_token");
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let claims = done.claims("access_token");
    assert_eq!(claims["auth_time"], service.now());
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["sub"], first.claims("access_token")["sub"]);
    assert_eq!(claims["scope"], first.claims("access_token")["scope"]);
    // The refresh token of before is neither used up nor renewed by the question.
    let kept = refresh(&service, &refresh_token, json!({})).await;
    assert_eq!(kept.status, 200, "{}", kept.raw);
    assert_eq!(kept.claims("access_token")["auth_time"], began);
}

#[tokio::test]
async fn a_factor_completes_for_the_scopes_that_the_refresh_asked_for() {
    let service = Service::start().await;
    let first = strong_session(&service).await;
    service.advance(600);
    let asked = json!({ "max_age": 300, "scope": "openid" });
    let old = refresh(&service, &first.text("refresh_token"), asked).await;
    assert_eq!(old.status, 403, "{}", old.raw);
    let token = old.text("mfa_token");
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.claims("access_token")["scope"], "openid");
    assert_eq!(done.body.get("refresh_token"), None);
}

#[tokio::test]
async fn a_factor_completes_for_the_audience_that_the_refresh_asked_for() {
    let service = Service::start().await;
    let first = strong_session(&service).await;
    let api = first.claims("access_token")["aud"][0].clone();
    let mfa = "https://localhost:8788/mfa/";
    service.advance(600);
    for (asked, audience) in [
        (api.clone(), json!(["https://localhost:8788/userinfo", api])),
        // An audience that was not granted changes nothing.
        (json!(mfa), first.claims("access_token")["aud"].clone()),
    ] {
        let wanted = json!({ "max_age": 300, "audience": asked });
        let old = refresh(&service, &first.text("refresh_token"), wanted).await;
        let token = old.text("mfa_token");
        let done = service.redeem_otp(&token, &service.totp()).await;
        assert_eq!(done.status, 200, "{}", done.raw);
        let mut given = done.claims("access_token")["aud"].clone();
        let mut audience = audience.clone();
        for list in [&mut given, &mut audience] {
            let list = list.as_array_mut().unwrap();
            list.sort_by_key(|one| one.to_string());
        }
        assert_eq!(given, audience);
        service.advance(30);
    }
}

#[tokio::test]
async fn no_refresh_makes_a_weak_session_strong_or_an_old_one_young() {
    let service = Service::start().await;
    let weak = weak_session(&service, demo::PLAIN_USER).await;
    let token = weak.text("refresh_token");
    for wanted in [
        json!({ "acr_values": "aal2" }),
        json!({ "acr_values": MULTI_FACTOR }),
        json!({ "acr_values": "aal2", "max_age": "999999" }),
    ] {
        // This user has no factor that could help.
        let refused = refresh(&service, &token, wanted.clone()).await;
        assert_eq!(refused.status, 401, "{wanted} {}", refused.raw);
        assert_eq!(refused.body["error"], "insufficient_user_authentication");
        assert_eq!(refused.body.get("mfa_token"), None);
    }
    let unknown = refresh(&service, &token, json!({ "acr_values": "loa3" })).await;
    assert_eq!(unknown.body["error"], "invalid_request", "{}", unknown.raw);
    let enough = refresh(&service, &token, json!({ "acr_values": "aal2 aal1" })).await;
    assert_eq!(enough.status, 200, "{}", enough.raw);
}

#[tokio::test]
async fn a_code_to_a_mailbox_is_not_offered_where_the_second_level_is_wanted() {
    let service = Service::start().await;
    let email = demo::PLAIN_USER;
    let user = service.account(email).await.user.id;
    let factor = crate::harness::address_factor(
        countersign::domain::factors::factor::Channel::Email,
        email,
        true,
    );
    let weak = weak_session(&service, email).await.text("refresh_token");
    service.add_factor(user, &factor).await;
    let refused = refresh(&service, &weak, json!({ "acr_values": "aal2" })).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    service.advance(600);
    let offered = refresh(&service, &weak, json!({ "max_age": "60" })).await;
    assert_eq!(offered.status, 403, "{}", offered.raw);
    let challenge = &offered.body["mfa_requirements"]["challenge"];
    assert_eq!(*challenge, json!([{ "type": "email" }]));
}

#[tokio::test]
async fn a_step_up_needs_a_live_refresh_token_of_the_client() {
    let service = Service::start().await;
    service.add_client("other", |_| {}).await;
    let token = strong_session(&service).await.text("refresh_token");
    service.advance(600);
    let wanted = json!({ "max_age": "60", "client_id": "other" });
    let theirs = refresh(&service, &token, wanted).await;
    theirs.is_refused(403, "invalid_grant", "Unknown or invalid refresh token.");
    let fields = [("client_id", demo::CLIENT), ("token", &*token)];
    service.post_form("/oauth/revoke", &fields).await;
    let ended = refresh(&service, &token, json!({ "max_age": "60" })).await;
    ended.is_refused(403, "invalid_grant", "Unknown or invalid refresh token.");
}

#[tokio::test]
async fn a_password_that_has_to_give_the_second_level_demands_a_factor() {
    let settings = [("COUNTERSIGN_MFA_POLICY", "disabled")];
    let service = Service::start_with(&settings).await;
    let body = json!({
        "username": demo::USER, "password": demo::PASSWORD_OF_ALL, "scope": "openid",
    });
    let plain = ask(&service, "password", &body).await;
    assert_eq!(plain.status, 200, "{}", plain.raw);
    let mut wanted = body.clone();
    wanted["acr_values"] = json!("aal2");
    let demanded = ask(&service, "password", &wanted).await;
    assert_eq!(demanded.body["error"], "mfa_required", "{}", demanded.raw);
    let token = demanded.text("mfa_token");
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.claims("access_token")["acr"], "aal2");
}

#[tokio::test]
async fn a_session_that_a_code_began_signs_in_again_to_step_up() {
    let service = auth0_only().await;
    let asked = challenge(&service, demo::PLAIN_USER, false).await;
    let body = json!({
        "auth_session": asked.text("auth_session"), "otp": service.newest_code(),
        "scope": "openid offline_access",
    });
    let tokens = ask(&service, GRANT, &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.advance(600);
    let wanted = json!({ "max_age": "60" });
    let refused = refresh(&service, &tokens.text("refresh_token"), wanted).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    assert_eq!(refused.body["error"], "insufficient_user_authentication");
}
