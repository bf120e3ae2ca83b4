//! What a thief tries with a passkey as the second factor.

use countersign::domain::authorization::grant::{Grant, Grants};
use countersign::domain::factors::factor::{Channel, Factor, FactorKind};
use countersign::domain::id::FactorId;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password::send;
use crate::dialects::auth0::login::passkeys::authenticator::{
    self, Authenticator, Given, enrol, start_with,
};
use crate::dialects::auth0::login::passkeys::second_enrolment::{self, with_passkey};
use crate::dialects::auth0::login::passkeys::second_factor::{
    MFA, asked, demanding, is_wrong, mfa_token, options, password_at, redeem, request,
};
use crate::harness::account::NEW_PASSWORD;
use crate::harness::{Answer, Service};

const EVE: &str = "eve@example.com";

/// Another user with a passkey.
async fn with_eve(service: &Service) -> Authenticator {
    let plain = |account: &mut countersign::domain::accounts::user::Account| {
        account.user.two_factor = false;
    };
    service.add_user(EVE, plain).await;
    let mut hers = Authenticator::new();
    enrol(service, EVE, &mut hers).await;
    hers
}

#[tokio::test]
async fn of_a_hundred_uses_of_one_signature_as_the_second_factor_one_succeeds() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    let token = mfa_token(&service).await;
    let response = authenticator.sign(options(&asked(&service, &token).await));
    let uses = (0..100).map(|_| redeem(&service, &token, &response));
    let answers = futures_util::future::join_all(uses).await;
    let right = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(right, 1);
    // The login is over, a count of the authenticator was used, or too many guess at once.
    let refused = |status: u16| [401, 403, 429].contains(&status);
    let other = answers.iter().filter(|answer| refused(answer.status));
    assert_eq!(other.count(), 99);
}

#[tokio::test]
async fn a_passkey_of_another_user_completes_no_login() {
    let service = start_with(&[]).await;
    let mut own = demanding(&service).await;
    let mut hers = with_eve(&service).await;
    let token = mfa_token(&service).await;
    let challenge = asked(&service, &token).await;
    is_wrong(&redeem(&service, &token, &hers.sign(options(&challenge))).await);
    // Neither under the name or with the handle of the owner's passkey.
    let credential = own.credential.clone();
    let named = hers.sign_spoiled(options(&challenge), |given: &mut Given| {
        given.id = credential;
    });
    is_wrong(&redeem(&service, &token, &named).await);
    let handle = own.handle.clone();
    let named = hers.sign_spoiled(options(&challenge), |given| given.handle = Some(handle));
    is_wrong(&redeem(&service, &token, &named).await);
    // The owner's passkey with the handle of another user is not the owner's.
    let handle = hers.handle.clone();
    let odd = own.sign_spoiled(options(&challenge), |given| given.handle = Some(handle));
    is_wrong(&redeem(&service, &token, &odd).await);
    let tokens = redeem(&service, &token, &own.sign(options(&challenge))).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_signature_completes_the_login_of_its_challenge_at_its_client_only() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    let (one, another) = (mfa_token(&service).await, mfa_token(&service).await);
    let response = authenticator.sign(options(&asked(&service, &one).await));
    is_wrong(&redeem(&service, &another, &response).await);
    let elsewhere = request("other", &one, &response);
    let refused = service.post_json("/oauth/token", &elsewhere).await;
    refused.is_refused(403, "invalid_grant", "Malformed mfa_token");
    // The challenge of a login without a password is none here, and this one is none there.
    let first = authenticator::challenge(&service, "mine").await;
    let of_first = authenticator.sign(options(&first));
    is_wrong(&redeem(&service, &one, &of_first).await);
    let answer = authenticator::sign_in(&service, &first, response.clone()).await;
    is_wrong(&answer);
    // A made-up challenge, and one that names an unknown key.
    for challenge in ["AAAA".to_owned(), "_".repeat(43)] {
        let forged = json!({ "challenge": challenge });
        let signed = authenticator.sign(&forged);
        is_wrong(&redeem(&service, &one, &signed).await);
    }
    let tokens = redeem(&service, &one, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn wrong_signatures_are_guesses_and_a_right_one_is_given_back() {
    let service = start_with(&[]).await;
    let mut authenticator = demanding(&service).await;
    for _ in 0..3 {
        let token = mfa_token(&service).await;
        let response = authenticator.sign(options(&asked(&service, &token).await));
        let tokens = redeem(&service, &token, &response).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
    }
    let token = mfa_token(&service).await;
    let challenge = asked(&service, &token).await;
    let wrong = authenticator.sign_spoiled(options(&challenge), |given| {
        given.client_data["origin"] = json!("https://evil.example.com");
    });
    // What no authenticator gives is no guess.
    for nothing in [json!("{}"), json!({ "response": {} }), json!("123456")] {
        is_wrong(&redeem(&service, &token, &nothing).await);
    }
    for _ in 0..10 {
        is_wrong(&redeem(&service, &token, &wrong).await);
    }
    let right = authenticator.sign(options(&challenge));
    let waits = redeem(&service, &token, &right).await;
    assert_eq!(waits.status, 429, "{}", waits.raw);
    service.advance(waits.number_header("retry-after"));
    let tokens = redeem(&service, &token, &right).await;
    // The wait may be longer than the challenge is good.
    if tokens.status != 200 {
        is_wrong(&tokens);
    }
}

#[tokio::test]
async fn of_two_logins_that_one_count_of_an_authenticator_signs_one_succeeds() {
    let service = start_with(&[]).await;
    let mut authenticator = Authenticator::new();
    authenticator.counter = 5;
    enrol(&service, demo::PLAIN_USER, &mut authenticator).await;
    authenticator::demand_second_factor(&service, demo::PLAIN_USER).await;
    let (one, another) = (mfa_token(&service).await, mfa_token(&service).await);
    let count = authenticator.counter;
    let first = authenticator.sign(options(&asked(&service, &one).await));
    authenticator.counter = count;
    let second = authenticator.sign(options(&asked(&service, &another).await));
    let (first, second) = tokio::join!(
        redeem(&service, &one, &first),
        redeem(&service, &another, &second)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    // An older count is refused, and the first factor counts too.
    authenticator.counter = count;
    let token = mfa_token(&service).await;
    let old = authenticator.sign(options(&asked(&service, &token).await));
    is_wrong(&redeem(&service, &token, &old).await);
    authenticator.counter = count;
    let answer = authenticator::sign_in_with(&service, &mut authenticator).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
}

#[tokio::test]
async fn a_mailbox_does_not_stand_in_for_a_passkey_that_is_the_second_factor() {
    let service = second_enrolment::start().await;
    let tokens = service
        .password_for_mfa(demo::PLAIN_USER, crate::harness::enrolment::MFA_SCOPES)
        .await;
    let mut own = Authenticator::new();
    let enrolled = second_enrolment::enrol(&service, &tokens.text("access_token"), &mut own).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let sent = service.messages().len();
    // At a client that may not ask for passkeys.
    let all = |client: &mut countersign::domain::authorization::client::Client| {
        let grants = Grant::ALL.into_iter();
        let grants: Grants = grants.filter(|one| *one != Grant::MfaPasskey).collect();
        client.grants = grants;
    };
    service.add_client("bare", all).await;
    let required = password_at(&service, "bare", demo::PLAIN_USER).await;
    assert_eq!(required.text("error"), "mfa_required", "{}", required.raw);
    let kinds = json!({ "challenge": [{ "type": "recovery-code" }] });
    assert_eq!(required.body["mfa_requirements"], kinds);
    let token = required.text("mfa_token");
    for kind in ["oob", "webauthn", "otp"] {
        let body = json!({ "client_id": "bare", "mfa_token": token, "challenge_type": kind });
        let answer = service.post_json("/mfa/challenge", &body).await;
        assert_eq!(answer.text("error"), "unsupported_challenge_type", "{kind}");
    }
    // A signature does not complete the login of that client either, nor does a new factor.
    let own_token = service
        .password_as(demo::PLAIN_USER)
        .await
        .text("mfa_token");
    let body = json!({
        "client_id": demo::CLIENT, "mfa_token": own_token, "challenge_type": "webauthn",
    });
    let challenge = service.post_json("/mfa/challenge", &body).await;
    let response = own.sign(options(&challenge));
    let body = json!({
        "grant_type": MFA, "client_id": "bare", "mfa_token": token, "authn_response": response,
    });
    let answer = service.post_json("/oauth/token", &body).await;
    let sentence = "Grant type not allowed for the client.";
    answer.is_refused(403, "unauthorized_client", sentence);
    for kind in ["otp", "webauthn"] {
        let body = json!({ "authenticator_types": [kind] });
        let answer = service.associate(&token, &body).await;
        assert_eq!(
            answer.text("error"),
            "access_denied",
            "{kind}: {}",
            answer.raw
        );
    }
    // In a dialect without passkeys.
    let answer = service
        .aidbox_password(demo::PLAIN_USER, demo::PASSWORD_OF_ALL, &json!({}))
        .await;
    assert_ne!(answer.status, 200, "{}", answer.raw);
    assert_eq!(
        service.messages().len(),
        sent,
        "no code went to the mailbox"
    );
}

#[tokio::test]
async fn a_password_alone_enrols_no_passkey_beside_another() {
    let service = second_enrolment::start().await;
    let (_, _) = with_passkey(&service).await;
    let token = service
        .password_as(second_enrolment::FORCED)
        .await
        .text("mfa_token");
    for kind in ["webauthn", "otp"] {
        let body = json!({ "authenticator_types": [kind] });
        let answer = service.associate(&token, &body).await;
        answer.is_refused(403, "access_denied", "User is already enrolled");
    }
}

#[tokio::test]
async fn a_login_that_a_passkey_began_enrols_no_other_passkey() {
    let service = start_with(&[("COUNTERSIGN_PASSKEY_FACTORS", "one")]).await;
    let mut authenticator = demanding(&service).await;
    let refused = authenticator::sign_in_with(&service, &mut authenticator).await;
    let token = refused.text("mfa_token");
    service.address_is_shown(demo::PLAIN_USER).await;
    let answer = second_enrolment::begin(&service, &token).await;
    assert_eq!(
        answer.text("error"),
        "unsupported_challenge_type",
        "{}",
        answer.raw
    );
}

/// A user whose second factors are a passkey and the mailbox.
async fn with_passkey_and_mailbox(policy: &str) -> Service {
    let service = start_with(&[("COUNTERSIGN_AAL_POLICY", policy)]).await;
    let store = &service.app.store;
    let mut client = store.read_client(demo::CLIENT).await.unwrap().unwrap();
    client.web_origins = vec![authenticator::ORIGIN.to_owned()];
    store.put_client(&client).await.unwrap();
    let scopes = crate::harness::enrolment::MFA_SCOPES;
    let tokens = service.password_for_mfa(demo::PLAIN_USER, scopes).await;
    let token = tokens.text("access_token");
    let enrolled = second_enrolment::enrol(&service, &token, &mut Authenticator::new()).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let user = service.account(demo::PLAIN_USER).await.user.id;
    let mailbox = Factor {
        id: FactorId::from_bytes([7; 16]),
        kind: FactorKind::Address {
            channel: Channel::Email,
            to: demo::PLAIN_USER.to_owned(),
        },
        confirmed: true,
        created_at: 1,
    };
    service.add_factor(user, &mailbox).await;
    service
}

/// The second factors that ABP's words offer after this password, and the answer if a code to
/// the mailbox is asked for all the same.
async fn offered_by_abp(service: &Service, password: &str) -> (serde_json::Value, Answer) {
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let begun = service.sign_in(demo::PLAIN_USER, password).await;
    assert_eq!(begun.error(), "invalid_grant: RequiresTwoFactor");
    let token = begun.text("twoFactorToken");
    let path = format!("/api/account/two-factor-providers?userId={id}&token={token}");
    let listed = service.get(&path, None).await;
    let sent = send(service, &id, &token, "Email").await;
    (listed.body, sent)
}

#[tokio::test]
async fn beside_a_passkey_that_is_the_second_factor_a_mailbox_is_offered_as_beside_an_app() {
    let service = with_passkey_and_mailbox("prefer-aal2").await;
    let (listed, sent) = offered_by_abp(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!((listed, sent.status), (json!([]), 403));
    let service = with_passkey_and_mailbox("aal1").await;
    let (listed, sent) = offered_by_abp(&service, demo::PASSWORD_OF_ALL).await;
    assert_eq!((listed, sent.status), (json!(["Email"]), 204));
    // After a reset by this mailbox, the mailbox alone would be both factors.
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let token = service.reset_token(demo::PLAIN_USER).await;
    let done = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    service.advance(60);
    let (listed, sent) = offered_by_abp(&service, NEW_PASSWORD).await;
    assert_eq!((listed, sent.status), (json!([]), 403), "{}", sent.raw);
}
