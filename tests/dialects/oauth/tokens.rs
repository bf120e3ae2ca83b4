//! What clients check of the tokens, and what SDKs can read of the factors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::aidbox::authorize::{VERIFIER, code, exchange};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service, address_factor};
use crate::rules::keys::rotation::ES256;

/// The `at_hash` of an access token (OpenID Connect Core 3.1.3.6).
pub fn half_hash(access_token: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

#[track_caller]
fn is_tied(tokens: &Answer, what: &str) {
    let at_hash = half_hash(&tokens.text("access_token"));
    assert_eq!(tokens.claims("id_token")["at_hash"], at_hash, "{what}");
}

#[tokio::test]
async fn every_id_token_is_tied_to_its_access_token_by_either_algorithm() {
    for settings in [vec![], vec![ES256]] {
        let service = Service::start_with(&settings).await;
        for (path, client) in [
            ("/oauth/token", demo::CLIENT),
            ("/connect/token", demo::ABP_CLIENT),
            ("/auth/token", demo::AIDBOX_CLIENT),
        ] {
            let fields = [
                ("grant_type", "password"),
                ("client_id", client),
                ("username", demo::PLAIN_USER),
                ("password", demo::PASSWORD_OF_ALL),
                ("scope", "openid offline_access"),
            ];
            let tokens = service.post_form(path, &fields).await;
            is_tied(&tokens, path);
            let token = tokens.text("refresh_token");
            let fields = [
                ("grant_type", "refresh_token"),
                ("client_id", client),
                ("refresh_token", token.as_str()),
            ];
            is_tied(&service.post_form(path, &fields).await, path);
        }
        let token = service.begin().await;
        is_tied(&service.redeem_otp(&token, &service.totp()).await, "otp");
        let browser = Browser::new(&service);
        browser.sign_in_plain().await;
        let code = code(&browser).await;
        let exchanged = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
        is_tied(&exchanged, "authorization code");
    }
}

/// The words that Auth0's SDKs know: auth0-server-python refuses the list of
/// authenticators for any other channel.
const CHANNELS: [&str; 4] = ["sms", "voice", "auth0", "email"];

/// auth0-spa-js shows the authenticators of these types only.
const TYPES: [&str; 4] = ["otp", "phone", "email", "recovery-code"];

#[track_caller]
fn is_known(listed: &Value) {
    for one in listed.as_array().unwrap() {
        let channel = &one["oob_channel"];
        let known = channel.is_null() || CHANNELS.iter().any(|known| channel == known);
        assert!(known, "{one}");
        assert!(TYPES.iter().any(|known| one["type"] == *known), "{one}");
    }
}

#[tokio::test]
async fn a_webhook_enrolled_in_aidbox_leaves_auth0s_list_readable_and_can_be_challenged() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let webhook = address_factor(Channel::Webhook, "phone", true);
    service.add_factor(user, &webhook).await;
    let required = service.password("openid").await;
    let asked = &required.body["mfa_requirements"]["challenge"];
    let types = ["otp", "phone", "email", "recovery-code"];
    let types: Vec<Value> = types.iter().map(|kind| json!({ "type": kind })).collect();
    assert_eq!(*asked, json!(types), "each kind once");
    let token = required.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 5, "{}", listed.raw);
    is_known(&listed.body);
    // Each is reached as the SDKs do, by its identifier, and by no other way.
    for (channel, to) in [("sms", demo::PHONE), ("email", demo::USER)] {
        let challenge = service.challenge(&token, channel).await;
        assert_eq!(challenge.status, 200, "{}", challenge.raw);
        assert_eq!(service.messages()[0].to, to);
    }
    let by_id = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "oob_channel": "sms",
        "authenticator_id": service.authenticator(&token, "webhook").await,
    });
    let sent = service.post_json("/mfa/challenge", &by_id).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let message = service.messages().remove(0);
    assert_eq!(
        message.channel,
        countersign_local::stand_in::Channel::Webhook
    );
    let code = service.newest_code();
    let tokens = service
        .redeem_oob(&token, &sent.text("oob_code"), &code)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}
