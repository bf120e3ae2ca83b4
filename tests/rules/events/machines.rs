//! The events of a client that acts for itself.

use serde_json::{Value, json};

use crate::dialects::oauth::authorization::machines::{ROBOT, add_robot, ask};
use crate::harness::Service;
use crate::rules::events::types::{event, said};

#[tokio::test]
async fn the_token_of_a_machine_is_seccft_and_its_refusal_is_feccft_without_a_user() {
    let service = Service::start().await;
    add_robot(&service, ROBOT, |_| {}).await;
    let given = event(ask(&service, "/oauth/token", &[])).await;
    assert_eq!(said(&given), json!(["seccft", "machine_token.given"]));
    assert_eq!(given["client_id"], ROBOT);
    let scope = event(ask(&service, "/oauth/token", &[("scope", "openid")])).await;
    let refused = |reason: &str| json!(["feccft", "machine_token.refused", reason]);
    assert_eq!(said(&scope), refused("scope_not_allowed"));
    let audience = event(ask(&service, "/auth/token", &[("audience", "x")])).await;
    assert_eq!(said(&audience), refused("audience_not_allowed"));
    let wrong = event(ask(&service, "/connect/token", &[("client_secret", "x")])).await;
    assert_eq!(said(&wrong), refused("client_rejected"));
    for event in [given, scope, audience, wrong] {
        assert_eq!(event["user_id"], Value::Null, "{event}");
        assert_eq!(event["session_id"], Value::Null, "{event}");
    }
}
