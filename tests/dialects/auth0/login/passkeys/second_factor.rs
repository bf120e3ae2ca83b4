//! A passkey as the second factor, in the words of the MFA API.

use countersign::domain::factors::passkey::CHALLENGE_SECONDS;
use countersign_local::demo;
use serde_json::{Value, json};

use super::authenticator::{
    Authenticator, IS_COPIED, MAY_BE_COPIED, PRESENT, demand_second_factor, enrol, enrolled,
    sign_in_with, start_with,
};
use crate::harness::{Answer, Service};

/// The grant that redeems a signature for an `mfa_token`.
pub const MFA: &str = "http://auth0.com/oauth/grant-type/mfa-webauthn";

/// A user with a passkey and no other factor, who shows a second factor after a password.
pub async fn demanding(service: &Service) -> Authenticator {
    let authenticator = enrolled(service).await;
    demand_second_factor(service, demo::PLAIN_USER).await;
    authenticator
}

/// The answer to the password of this user at this client.
pub async fn password_at(service: &Service, client: &str, user: &str) -> Answer {
    let body = json!({
        "grant_type": "password", "client_id": client, "username": user,
        "password": demo::PASSWORD_OF_ALL, "audience": demo::AUDIENCE, "scope": "offline_access",
    });
    service.post_json("/oauth/token", &body).await
}

/// The `mfa_token` after the password of the user without an app.
pub async fn mfa_token(service: &Service) -> String {
    let answer = password_at(service, "mine", demo::PLAIN_USER).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    answer.text("mfa_token")
}

/// What a passkey signs for this login.
pub async fn asked(service: &Service, token: &str) -> Answer {
    let body = json!({
        "client_id": "mine", "mfa_token": token, "challenge_type": "webauthn",
    });
    let answer = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

/// What an authenticator gets.
pub fn options(asked: &Answer) -> &Value {
    &asked.body["authn_params_public_key"]
}

/// A token request with a signature.
pub fn request(client: &str, token: &str, response: &Value) -> Value {
    json!({
        "grant_type": MFA, "client_id": client, "mfa_token": token, "authn_response": response,
    })
}

/// Completes this login with this signature.
pub async fn redeem(service: &Service, token: &str, response: &Value) -> Answer {
    let body = request("mine", token, response);
    service.post_json("/oauth/token", &body).await
}

#[track_caller]
pub fn is_wrong(answer: &Answer) {
    answer.is_refused(403, "invalid_grant", "Invalid or expired passkey.");
}

#[tokio::test]
async fn a_passkey_is_listed_challenged_and_redeemed_as_the_second_factor() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    let required = password_at(&service, "mine", demo::PLAIN_USER).await;
    assert_eq!(
        (required.status, required.text("error").as_str()),
        (403, "mfa_required")
    );
    let challenge = json!({ "challenge": [{ "type": "webauthn" }] });
    assert_eq!(required.body["mfa_requirements"], challenge);
    let token = required.text("mfa_token");
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    let id = listed.body[0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("passkey|dev_"), "{id}");
    let one = json!([{
        "id": id, "authenticator_type": "webauthn-roaming", "type": "webauthn", "active": true,
    }]);
    assert_eq!(listed.body, one);
    let asked = asked(&service, &token).await;
    assert_eq!(asked.text("challenge_type"), "webauthn");
    let options = options(&asked);
    let credential = super::authenticator::base64url(&authenticator.credential);
    let allowed = json!([{ "type": "public-key", "id": credential }]);
    assert_eq!(options["allowCredentials"], allowed);
    assert_eq!(options["rpId"], "localhost");
    assert_eq!(options["userVerification"], "preferred");
    assert_eq!(options["timeout"], CHALLENGE_SECONDS * 1000);
    let response = authenticator.sign(options);
    let tokens = redeem(&service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let claims = tokens.claims("access_token");
    assert_eq!(claims["amr"], json!(["pwd", "hwk", "user", "mfa"]));
    assert_eq!(claims["acr"], "aal2");
    // The session keeps what was shown.
    let refresh = json!({
        "grant_type": "refresh_token", "client_id": "mine",
        "refresh_token": tokens.text("refresh_token"),
    });
    let again = service.post_json("/oauth/token", &refresh).await;
    assert_eq!(again.claims("access_token")["amr"], claims["amr"]);
}

#[tokio::test]
async fn the_token_says_where_the_key_is_and_whether_its_user_was_verified() {
    let service = start_with(&[]).await;
    let mut authenticator = Authenticator::new();
    authenticator.flags |= MAY_BE_COPIED | IS_COPIED;
    enrol(&service, demo::PLAIN_USER, &mut authenticator).await;
    demand_second_factor(&service, demo::PLAIN_USER).await;
    for (flags, amr) in [
        (authenticator.flags, json!(["pwd", "swk", "user", "mfa"])),
        (
            PRESENT | MAY_BE_COPIED | IS_COPIED,
            json!(["pwd", "swk", "mfa"]),
        ),
    ] {
        authenticator.flags = flags;
        let token = mfa_token(&service).await;
        let response = authenticator.sign(options(&asked(&service, &token).await));
        let tokens = redeem(&service, &token, &response).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        assert_eq!(tokens.claims("access_token")["amr"], amr);
        assert_eq!(tokens.claims("access_token")["acr"], "aal2");
    }
}

#[tokio::test]
async fn the_signature_may_come_as_text_and_need_not_name_the_user() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    let token = mfa_token(&service).await;
    let asked = asked(&service, &token).await;
    let response = authenticator.sign_spoiled(options(&asked), |given| given.handle = None);
    let tokens = redeem(&service, &token, &json!(response.to_string())).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn beside_a_passkey_that_began_the_login_no_passkey_is_the_second_factor() {
    let service = start_with(&[("COUNTERSIGN_PASSKEY_FACTORS", "one")]).await;
    let mut authenticator = demanding(&service).await;
    let refused = sign_in_with(&service, &mut authenticator).await;
    let mailbox = json!({ "challenge": [{ "type": "email" }] });
    assert_eq!(refused.body["mfa_requirements"], mailbox);
    let token = refused.text("mfa_token");
    let body = json!({ "client_id": "mine", "mfa_token": token, "challenge_type": "webauthn" });
    let answer = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(answer.text("error"), "unsupported_challenge_type");
    // Neither does the signature for another login of the same user help.
    let other = mfa_token(&service).await;
    let response = authenticator.sign(options(&asked(&service, &other).await));
    is_wrong(&redeem(&service, &token, &response).await);
}

#[tokio::test]
async fn a_challenge_is_good_for_five_minutes_and_a_login_may_have_several() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    let token = mfa_token(&service).await;
    let first = asked(&service, &token).await;
    let old = authenticator.sign(options(&first));
    service.advance(CHALLENGE_SECONDS);
    is_wrong(&redeem(&service, &token, &old).await);
    let second = asked(&service, &token).await;
    let third = asked(&service, &token).await;
    assert_ne!(
        options(&second)["challenge"],
        options(&third)["challenge"],
        "each challenge is new"
    );
    let response = authenticator.sign(options(&second));
    let tokens = redeem(&service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    // The login is over, and its challenges with it.
    let response = authenticator.sign(options(&third));
    let answer = redeem(&service, &token, &response).await;
    answer.is_refused(401, "expired_token", "mfa_token is expired");
}

#[tokio::test]
async fn a_refresh_that_wants_the_second_level_asks_for_the_passkey() {
    let service = start_with(&[]).await;
    let mut authenticator = enrolled(&service).await;
    let tokens = password_at(&service, "mine", demo::PLAIN_USER).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let refresh = json!({
        "grant_type": "refresh_token", "client_id": "mine", "acr_values": "aal2",
        "refresh_token": tokens.text("refresh_token"),
    });
    let required = service.post_json("/oauth/token", &refresh).await;
    let challenge = json!({ "challenge": [{ "type": "webauthn" }] });
    assert_eq!(
        required.body["mfa_requirements"], challenge,
        "{}",
        required.raw
    );
    let token = required.text("mfa_token");
    let response = authenticator.sign(options(&asked(&service, &token).await));
    let tokens = redeem(&service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
}
