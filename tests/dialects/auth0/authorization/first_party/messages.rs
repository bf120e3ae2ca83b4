//! The messages of a login without a browser, for the table of budgets.

use countersign::domain::accounts::user::Account;
use countersign_local::demo;
use serde_json::json;

use super::app::{ASKED, NativeApp, add_apps, with_apps};
use crate::harness::{Answer, Service};
use crate::rules::messages::budget_walk::{LINK, LOCKOUT, NOTICE, NUMBER, Walk};

const ROUTE: &str = "POST /authorize-challenge";
const CODE: &str = "code to a confirmed factor or address";
const NEW: &str = "code by e-mail or webhook to a new factor";
const TEXT: &str = "text message to a new factor or number";

/// All of them.
pub async fn all(walk: &mut Walk) {
    codes(walk).await;
    new_factors(walk).await;
    link(walk).await;
    lockout(walk).await;
}

async fn codes(walk: &mut Walk) {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let asked = [
        ("auth_session", session.as_str()),
        ("challenge_type", "oob"),
        ("oob_channel", "email"),
    ];
    walk.sends(&service, CODE, ROUTE, app.step(&asked)).await;
}

async fn new_factors(walk: &mut Walk) {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    for (channel, field, to, message) in [
        ("email", "email", "new@example.net", NEW),
        ("sms", "phone_number", NUMBER, TEXT),
    ] {
        let name = format!("{channel}@example.com");
        let without_address = |account: &mut Account| account.user.email = None;
        service.add_user(&name, without_address).await;
        let session = app.password_of(&name).await.text("auth_session");
        let mut body = json!({ "authenticator_types": ["oob"], "oob_channels": [channel] });
        body[field] = json!(to);
        let begun = service.associate(&session, &body).await;
        assert_eq!(begun.status, 200, "{}", begun.raw);
        service.advance(30);
        let id = service.account(&name).await.factors[0].id;
        let id = format!("{channel}|dev_{id}");
        let asked = [
            ("auth_session", session.as_str()),
            ("challenge_type", "oob"),
            ("authenticator_id", &id),
        ];
        let sent = walk.sends(&service, message, ROUTE, app.step(&asked)).await;
        let (oob, code) = (sent.text("oob_code"), service.newest_code());
        let shown = [
            ("auth_session", session.as_str()),
            ("oob_code", &oob),
            ("binding_code", &code),
        ];
        if channel == "email" {
            walk.sends(&service, NOTICE, ROUTE, app.step(&shown)).await;
        }
    }
}

async fn link(walk: &mut Walk) {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    add_apps(&service).await;
    let app = NativeApp::new(&service);
    let user = "late@example.com";
    let unconfirmed = |account: &mut Account| account.user.email_confirmed = false;
    service.add_user(user, unconfirmed).await;
    walk.sends(&service, LINK, ROUTE, app.password_of(user))
        .await;
}

async fn lockout(walk: &mut Walk) {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let wrong = || async { wrong_password(&app).await };
    for _ in 0..9 {
        wrong().await;
    }
    walk.sends(&service, LOCKOUT, ROUTE, wrong()).await;
}

async fn wrong_password(app: &NativeApp<'_>) -> Answer {
    let mut fields = ASKED.to_vec();
    fields.extend([("username", demo::USER), ("password", "wrong")]);
    app.step(&fields).await
}
