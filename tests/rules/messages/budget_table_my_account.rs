//! The rows of the table of messages for the My Account API.

use axum::http::Method;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{
    METHODS, SCOPES, call, place_of, start, strong_token, token_of,
};
use crate::rules::messages::budget_walk::{NOTICE, NUMBER, Walk};

const NEW: &str = "code by e-mail or webhook to a new factor";
const TEXT: &str = "text message to a new factor or number";
const BEGIN: &str = "POST /me/v1/authentication-methods";

pub async fn all(walk: &mut Walk) {
    for (body, message) in [
        (json!({ "type": "email", "email": "new@example.net" }), NEW),
        (json!({ "type": "phone", "phone_number": NUMBER }), TEXT),
    ] {
        let service = start().await;
        let token = token_of(&service, SCOPES).await;
        let begin = call(&service, Method::POST, METHODS, Some(body), &token);
        let begun = walk.sends(&service, message, BEGIN, begin).await;
        if message == NEW {
            // The new mailbox gets the notice too.
            continue;
        }
        let first = json!({
            "auth_session": begun.text("auth_session"), "otp_code": service.newest_code(),
        });
        let verify = format!("{}/verify", place_of(&begun.text("id")));
        let verified = call(&service, Method::POST, &verify, Some(first), &token);
        let route = "POST /me/v1/authentication-methods/{id}/verify";
        walk.sends(&service, NOTICE, route, verified).await;
    }
    let service = start().await;
    let token = strong_token(&service).await;
    let body = json!({ "type": "recovery-code" });
    let replaced = call(&service, Method::POST, METHODS, Some(body), &token);
    let replaced = walk.sends(&service, NOTICE, BEGIN, replaced).await;
    service.watch_secret(&replaced.text("recovery_code"));
    let id = service.account(demo::USER).await.factors[1].id;
    let place = place_of(&format!("sms|dev_{id}"));
    let removed = call(&service, Method::DELETE, &place, None, &token);
    let route = "DELETE /me/v1/authentication-methods/{id}";
    walk.sends(&service, NOTICE, route, removed).await;
}
