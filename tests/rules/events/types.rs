//! The events of each step of a login, a session and an account.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::events::events_of;
use crate::harness::{Answer, Service, logged};

/// The one event of a request.
pub async fn event(request: impl Future<Output = Answer>) -> Value {
    let (answer, lines) = logged(request).await;
    let mut events = events_of(&lines);
    assert_eq!(events.len(), 1, "{} {lines:?}", answer.raw);
    events.remove(0)
}

/// `type`, `event`, `reason` and `also`, as far as the event has them.
pub fn said(event: &Value) -> Value {
    let mut said = json!([event["type"], event["event"]]);
    for name in ["reason", "also"] {
        if !event[name].is_null() {
            said.as_array_mut().unwrap().push(event[name].clone());
        }
    }
    said
}

#[tokio::test]
async fn a_login_with_a_second_factor_leaves_a_demand_then_the_send_then_the_login() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id.dashed();
    let demanded = event(service.password("openid offline_access")).await;
    assert_eq!(said(&demanded), json!(["mfar", "factor.demanded"]));
    let token = service.begin().await;
    let sent = event(service.challenge(&token, "email")).await;
    assert_eq!(said(&sent), json!(["gd_send_email", "code.sent"]));
    assert_eq!(sent["factor"], "email");
    let wrong = event(service.verify(&token, "000000")).await;
    let expected = json!(["gd_auth_failed", "factor.refused", "code_wrong"]);
    assert_eq!(said(&wrong), expected);
    let done = event(service.redeem_otp(&token, &service.totp())).await;
    let also = json!(["session_begun", "gd_auth_succeed"]);
    assert_eq!(said(&done), json!(["s", "login.accepted", also]));
    assert_eq!(done["factor"], "totp");
    for event in [demanded, sent, wrong, done] {
        assert_eq!(event["user_id"], user.as_str(), "{event}");
        assert_eq!(event["client_id"], demo::CLIENT, "{event}");
        assert_eq!(event["dialect"], "auth0", "{event}");
        assert_eq!(event["ip"], "192.0.2.1", "{event}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_fp_an_unknown_name_is_fu_and_the_guess_that_locks_is_limit_wc() {
    let service = Service::start().await;
    let unknown = event(service.password_of("nobody@example.com", "wrong")).await;
    let refused = json!(["fu", "login.refused", "credentials_wrong"]);
    assert_eq!(said(&unknown), refused);
    assert_eq!(unknown["user_id"], Value::Null);
    let user = service.account(demo::USER).await.user.id.dashed();
    for _ in 1..=9 {
        let wrong = event(service.password_of(demo::USER, "wrong")).await;
        let refused = json!(["fp", "login.refused", "credentials_wrong"]);
        assert_eq!(said(&wrong), refused);
        assert_eq!(wrong["user_id"], user.as_str());
    }
    let locked = event(service.password_of(demo::USER, "wrong")).await;
    let refused = json!(["limit_wc", "account.locked", "credentials_wrong", ["fp"]]);
    assert_eq!(said(&locked), refused);
    let later = event(service.password_of(demo::USER, "wrong")).await;
    let refused = json!(["limit_wc", "login.refused", "passwords_exhausted"]);
    assert_eq!(said(&later), refused);
}

#[tokio::test]
async fn a_session_leaves_its_refreshes_its_reuse_and_its_end() {
    let service = Service::start().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let (first, access) = (tokens.text("refresh_token"), tokens.text("access_token"));
    let refreshed = event(service.refresh(&first)).await;
    assert_eq!(said(&refreshed), json!(["sertft", "session.refreshed"]));
    let out = [("client_id", demo::CLIENT), ("token", access.as_str())];
    let ended = event(service.post_form("/oauth/revoke", &out)).await;
    assert_eq!(said(&ended), json!(["slo", "session.ended"]));
    assert_eq!(ended["session_id"], refreshed["session_id"]);
    let refused = event(service.refresh(&first)).await;
    let expected = json!(["fertft", "session.refused", "refresh_token_ended"]);
    assert_eq!(said(&refused), expected);
    let none = [("client_id", demo::CLIENT), ("token", "none of ours")];
    let nothing = event(service.post_form("/oauth/revoke", &none)).await;
    assert_eq!(
        said(&nothing),
        json!(["nothing_changed", "nothing.changed"])
    );
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_is_ferrt() {
    let service = Service::start().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let first = tokens.text("refresh_token");
    let second = service.refresh(&first).await.text("refresh_token");
    service.advance(61);
    service.refresh(&second).await;
    service.advance(61);
    let reused = event(service.refresh(&first)).await;
    let expected = json!(["ferrt", "session.reused", "refresh_token_reused"]);
    assert_eq!(said(&reused), expected);
    assert_ne!(reused["session_id"], Value::Null);
}

#[tokio::test]
async fn a_client_that_is_unknown_is_named_in_no_event() {
    let service = Service::start().await;
    let fields = [
        ("grant_type", "password"),
        ("client_id", "client-of-a-stranger"),
        ("username", demo::USER),
        ("password", "wrong"),
    ];
    service.watch_secret("username-of-a-stranger");
    let refused = event(service.post_form("/oauth/token", &fields)).await;
    let expected = json!(["f", "login.refused", "client_rejected"]);
    assert_eq!(said(&refused), expected);
    assert!(!refused.to_string().contains("stranger"), "{refused}");
}
