//! What clients check in tokens: the ID token is bound to its access token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{VERIFIER, code, exchange};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};
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
