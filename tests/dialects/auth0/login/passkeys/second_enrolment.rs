//! A passkey is enrolled as a second factor, is lost, and is enrolled again.

use countersign::domain::factors::passkey::{CHALLENGE_SECONDS, SecondUse};
use countersign_local::demo;
use serde_json::{Value, json};

use super::authenticator::{Authenticator, ORIGIN, options, sign_in_with, start_with};
use super::second_factor::{MFA, is_wrong};
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::{Answer, Service};

/// A user without an address and without a factor, who must have one.
pub const FORCED: &str = "nomail";

/// A service with that user, whose demo client takes passkeys.
pub async fn start() -> Service {
    let service = start_with(&[]).await;
    let store = &service.app.store;
    let mut client = store.read_client(demo::CLIENT).await.unwrap().unwrap();
    client.web_origins = vec![ORIGIN.to_owned()];
    store.put_client(&client).await.unwrap();
    service
        .add_user(FORCED, |account| account.user.email = None)
        .await;
    service
}

/// Begins a passkey with this bearer.
pub async fn begin(service: &Service, bearer: &str) -> Answer {
    let body = json!({ "authenticator_types": ["webauthn"] });
    service.associate(bearer, &body).await
}

/// Shows what the authenticator gave.
pub async fn show(service: &Service, token: &str, response: &Value) -> Answer {
    let body = json!({
        "grant_type": MFA, "client_id": demo::CLIENT, "mfa_token": token,
        "authn_response": response,
    });
    service.post_json("/oauth/token", &body).await
}

/// Enrols this authenticator with this bearer.
pub async fn enrol(service: &Service, bearer: &str, authenticator: &mut Authenticator) -> Answer {
    let begun = begin(service, bearer).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let response = authenticator.create(options(&begun));
    show(service, bearer, &response).await
}

/// The password of this user, and then the passkey.
pub async fn sign_in(service: &Service, user: &str, authenticator: &mut Authenticator) -> Answer {
    let token = service.password_as(user).await.text("mfa_token");
    let body = json!({
        "client_id": demo::CLIENT, "mfa_token": token, "challenge_type": "webauthn",
    });
    let asked = service.post_json("/mfa/challenge", &body).await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    let response = authenticator.sign(options(&asked));
    show(service, &token, &response).await
}

/// The forced user with a passkey, and the recovery code.
pub async fn with_passkey(service: &Service) -> (Authenticator, String) {
    let mut authenticator = Authenticator::new();
    let token = service.password_as(FORCED).await.text("mfa_token");
    let begun = begin(service, &token).await;
    let code = begun.body["recovery_codes"][0].as_str().unwrap().to_owned();
    let response = authenticator.create(options(&begun));
    let tokens = show(service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    (authenticator, code)
}

#[tokio::test]
async fn a_user_without_a_factor_enrols_a_passkey_and_is_asked_for_it_from_then_on() {
    let service = start().await;
    let required = service.password_as(FORCED).await;
    let kinds = ["otp", "phone", "email", "webauthn"].map(|kind| json!({ "type": kind }));
    assert_eq!(
        required.body["mfa_requirements"],
        json!({ "enroll": kinds })
    );
    let token = required.text("mfa_token");
    let begun = begin(&service, &token).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    assert_eq!(begun.text("authenticator_type"), "webauthn");
    assert_eq!(begun.body["recovery_codes"].as_array().unwrap().len(), 1);
    assert_eq!(
        service.listed(&token).await,
        [("passkey".to_owned(), false)],
        "the passkey has no key yet"
    );
    let mut authenticator = Authenticator::new();
    let response = authenticator.create(options(&begun));
    let tokens = show(&service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let amr = &tokens.claims("access_token")["amr"];
    assert_eq!(*amr, json!(["pwd", "hwk", "user", "mfa"]));
    let account = service.account(FORCED).await;
    let (factor, passkey) = account.passkeys().next().unwrap();
    assert!(factor.confirmed && account.user.two_factor);
    assert_eq!(passkey.second, SecondUse::Closed);
    // The same answer works once.
    let again = show(&service, &token, &response).await;
    again.is_refused(401, "expired_token", "mfa_token is expired");
    let required = service.password_as(FORCED).await;
    let kinds = ["webauthn", "recovery-code"].map(|kind| json!({ "type": kind }));
    assert_eq!(
        required.body["mfa_requirements"],
        json!({ "challenge": kinds })
    );
    let tokens = sign_in(&service, FORCED, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    // The passkey signs in without the password too.
    let alone = sign_in_with(&service, &mut authenticator).await;
    assert_eq!(alone.status, 200, "{}", alone.raw);
}

#[tokio::test]
async fn a_session_enrols_a_passkey_beside_the_password_and_hears_of_it() {
    let service = start().await;
    let tokens = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    let access = tokens.text("access_token");
    let mut authenticator = Authenticator::new();
    let enrolled = enrol(&service, &access, &mut authenticator).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let notice = service.messages().first().unwrap().text.clone();
    assert!(notice.contains("A passkey was added"), "{notice}");
    let tokens = sign_in(&service, demo::PLAIN_USER, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    // The access token lists the passkey, and removes it after the passkey was shown.
    let listed = service.listed(&access).await;
    assert!(listed.contains(&("passkey".to_owned(), true)), "{listed:?}");
}

#[tokio::test]
async fn a_lost_passkey_is_replaced_after_a_recovery_code() {
    let service = start().await;
    let (mut lost, code) = with_passkey(&service).await;
    let begun = service.password_for_mfa(FORCED, MFA_SCOPES).await;
    let tokens = service
        .redeem_recovery(&begun.text("mfa_token"), &code)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    let listed = service.get("/mfa/authenticators", Some(&access)).await;
    let all = listed.body.as_array().unwrap();
    let old = all.iter().find(|one| one["type"] == "webauthn").unwrap();
    let old = old["id"].as_str().unwrap().replace('|', "%7C");
    let mut new = Authenticator::new();
    let enrolled = enrol(&service, &access, &mut new).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let removed = service.remove(&access, &old).await;
    assert_eq!(removed.status, 204, "{}", removed.raw);
    is_wrong(&sign_in(&service, FORCED, &mut lost).await);
    let tokens = sign_in(&service, FORCED, &mut new).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn after_an_operator_removes_a_lost_passkey_the_user_enrols_again() {
    let service = start().await;
    for act in ["reset-factors", "remove-factor"] {
        let (_, _) = with_passkey(&service).await;
        let factor = service.account(FORCED).await.factors[0].id.to_string();
        let mut command = vec!["user", act, FORCED];
        command.extend((act == "remove-factor").then_some(factor.as_str()));
        command.extend(["--reason", "lost phone"]);
        service.operated(&command).await;
        let required = service.password_as(FORCED).await;
        let asked = &required.body["mfa_requirements"];
        assert!(asked["enroll"].is_array(), "{act}: {}", required.raw);
    }
    let (mut again, _) = with_passkey(&service).await;
    let tokens = sign_in(&service, FORCED, &mut again).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_new_passkey_is_of_its_login_and_of_the_last_request_for_five_minutes() {
    let service = start().await;
    let mut authenticator = Authenticator::new();
    let first = service.password_as(FORCED).await.text("mfa_token");
    let begun = begin(&service, &first).await;
    let early = authenticator.create(options(&begun));
    // A later request begins another passkey.
    let begun = begin(&service, &first).await;
    is_wrong(&show(&service, &first, &early).await);
    let late = authenticator.create(options(&begun));
    let other = service.password_as(FORCED).await.text("mfa_token");
    is_wrong(&show(&service, &other, &late).await);
    service.advance(CHALLENGE_SECONDS);
    is_wrong(&show(&service, &first, &late).await);
    let begun = begin(&service, &first).await;
    let right = authenticator.create(options(&begun));
    let uses = (0..100).map(|_| show(&service, &first, &right));
    let answers = futures_util::future::join_all(uses).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "of a hundred uses one enrols");
    assert_eq!(service.account(FORCED).await.passkeys().count(), 1);
}

#[tokio::test]
async fn a_due_password_is_changed_after_the_passkey_is_enrolled() {
    let service = start().await;
    service
        .operated(&["user", "require-password-change", FORCED])
        .await;
    let token = service.password_as(FORCED).await.text("mfa_token");
    let answer = enrol(&service, &token, &mut Authenticator::new()).await;
    answer.is_refused(403, "password_change_required", "Password change required.");
    assert_eq!(service.account(FORCED).await.passkeys().count(), 1);
}
