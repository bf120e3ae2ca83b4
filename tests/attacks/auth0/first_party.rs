//! What a stranger tries at `/authorize-challenge`.

use countersign_local::demo;

use crate::dialects::auth0::authorization::first_party::app::{
    ASKED, NATIVE, NativeApp, add_apps, with_apps,
};
use crate::dialects::auth0::login::passkeys::authenticator::{self, ORIGIN};
use crate::harness::Service;

#[tokio::test]
async fn an_auth_session_of_another_client_gives_no_code_and_charges_nothing() {
    let service = with_apps().await;
    let session = NativeApp::new(&service).begin().await;
    let thief = NativeApp {
        client: "other-native",
        ..NativeApp::new(&service)
    };
    let code = service.totp();
    let mut anew = ASKED.to_vec();
    anew.extend([
        ("auth_session", session.as_str()),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ]);
    let steps: [&[(&str, &str)]; 4] = [
        &[("auth_session", &session), ("otp", &code)],
        &[
            ("auth_session", &session),
            ("challenge_type", "oob"),
            ("oob_channel", "email"),
        ],
        &[("auth_session", &session)],
        &anew,
    ];
    for step in steps {
        let refused = thief.step(step).await;
        assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
    }
    assert_eq!(service.wrong_guesses_left().await, 10);
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn an_auth_session_and_its_code_are_worth_nothing_after_an_authorization_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    let code = service.totp();
    assert_eq!(app.otp(&session, &code).await.status, 200);
    service.advance(30);
    for otp in [code, service.totp()] {
        let refused = app.otp(&session, &otp).await;
        assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
    }
    let refused = app.step(&[("auth_session", &session)]).await;
    assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
}

#[tokio::test]
async fn a_stolen_authorization_code_is_worth_nothing_without_the_verifier_and_the_client() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let code = app.code().await;
    let wrong = "A".repeat(43);
    for verifier in [vec![], vec![("code_verifier", wrong.as_str())]] {
        let refused = app.exchange_with(&code, &verifier).await;
        assert_eq!(refused.text("error"), "invalid_grant", "{}", refused.raw);
    }
    let other = NativeApp {
        client: "other-native",
        ..NativeApp::new(&service)
    };
    assert_eq!(other.exchange(&code).await.text("error"), "invalid_grant");
    assert_eq!(app.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn an_authorization_code_is_exchanged_once_and_a_replay_ends_its_session() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let code = app.code().await;
    let tokens = app.exchange(&code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(app.exchange(&code).await.text("error"), "invalid_grant");
    let over = app.refresh(&tokens.text("refresh_token"), &[]).await;
    assert_eq!(over.text("error"), "invalid_grant", "{}", over.raw);
    service.advance(60);
    let late = app.code().await;
    service.advance(60);
    assert_eq!(app.exchange(&late).await.text("error"), "invalid_grant");
}

/// The grants of the MFA API would give tokens to a caller without the verifier.
#[tokio::test]
async fn no_grant_of_the_mfa_api_completes_a_login_that_gives_a_code() {
    let service = Service::start().await;
    add_apps(&service).await;
    let with_grants = |client: &mut countersign::domain::authorization::client::Client| {
        client.first_party = true;
        let grants = countersign::domain::authorization::grant::Grant::ALL;
        client.grants = grants.into_iter().collect();
    };
    service.add_client("every-grant", with_grants).await;
    let app = NativeApp {
        client: "every-grant",
        ..NativeApp::new(&service)
    };
    let session = app.begin().await;
    let code = service.totp();
    let grant = "http://auth0.com/oauth/grant-type/mfa-otp";
    let fields = [
        ("grant_type", grant),
        ("client_id", app.client),
        ("mfa_token", &session),
        ("otp", &code),
    ];
    let refused = service.post_form("/oauth/token", &fields).await;
    assert_eq!(refused.text("error"), "invalid_grant", "{}", refused.raw);
    let password = [
        ("grant_type", "password"),
        ("client_id", app.client),
        ("mfa_token", session.as_str()),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let begun = service.post_form("/oauth/token", &password).await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
    assert_eq!(app.otp(&session, &code).await.status, 200);
    assert_eq!(service.wrong_guesses_left().await, 10);
}

#[tokio::test]
async fn no_step_can_be_left_out() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let code = service.totp();
    let mut unnamed = ASKED.to_vec();
    unnamed.extend([("username", demo::USER), ("otp", &code)]);
    let begun = app.step(&unnamed).await;
    assert_eq!(
        begun.text("error"),
        "insufficient_authorization",
        "{}",
        begun.raw
    );
    assert_eq!(begun.body.get("auth_session"), None);
    let mut wrong = ASKED.to_vec();
    wrong.extend([
        ("username", demo::USER),
        ("password", "wrong"),
        ("otp", &code),
    ]);
    assert_eq!(app.step(&wrong).await.text("error"), "invalid_grant");
    let mut at_once = ASKED.to_vec();
    at_once.extend([
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("otp", "000000"),
    ]);
    let answered = app.step(&at_once).await;
    assert_eq!(answered.status, 403, "{}", answered.raw);
    for forged in ["", "AAAA", &service.begin().await] {
        let refused = app.otp(forged, &code).await;
        assert_ne!(refused.status, 200, "{}", refused.raw);
    }
    // An access token is no auth_session.
    let tokens = app.exchange(&app.code().await).await;
    service.advance(30);
    let refused = app.otp(&tokens.text("access_token"), &service.totp()).await;
    assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
}

#[tokio::test]
async fn wrong_codes_here_and_at_the_mfa_api_draw_on_one_budget() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let token = service.begin().await;
    for _ in 0..5 {
        service.redeem_otp(&token, "000000").await;
    }
    let mut refused = 0;
    for _ in 0..20 {
        let session = app.begin().await;
        let answer = app.otp(&session, "000000").await;
        refused += usize::from(answer.status == 429);
    }
    assert_eq!(refused, 15);
    let session = app.begin().await;
    let right = app.otp(&session, &service.totp()).await;
    assert_eq!(right.text("error"), "too_many_attempts", "{}", right.raw);
}

#[tokio::test]
async fn wrong_passwords_here_and_at_the_token_endpoint_lock_one_name() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let mut wrong = ASKED.to_vec();
    wrong.extend([("username", demo::USER), ("password", "wrong")]);
    for _ in 0..10 {
        app.step(&wrong).await;
    }
    let locked = app.password_of(demo::USER).await;
    assert_eq!(locked.text("error"), "too_many_attempts", "{}", locked.raw);
    let locked = service.password("openid").await;
    assert_eq!(locked.text("error"), "too_many_attempts", "{}", locked.raw);
}

#[tokio::test]
async fn a_change_of_the_user_ends_the_auth_session_and_the_code() {
    let service = with_apps().await;
    let app = NativeApp::new(&service);
    let session = app.begin().await;
    service.raise_epoch(demo::USER).await;
    let refused = app.otp(&session, &service.totp()).await;
    assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
    let code = app.code().await;
    service.raise_epoch(demo::USER).await;
    assert_eq!(app.exchange(&code).await.text("error"), "invalid_grant");
    service.advance(600);
    let session = app.begin().await;
    service.advance(600);
    let refused = app.otp(&session, &service.totp()).await;
    assert_eq!(refused.text("error"), "invalid_session", "{}", refused.raw);
}

#[tokio::test]
async fn a_challenge_of_a_passkey_belongs_to_its_client_and_key() {
    let service = authenticator::start_with(&[]).await;
    for id in [NATIVE, "other-native"] {
        let own = |client: &mut countersign::domain::authorization::client::Client| {
            client.first_party = true;
            client.grants = countersign::domain::authorization::grant::Grant::ALL
                .into_iter()
                .collect();
            client.web_origins = vec![ORIGIN.to_owned()];
        };
        service.add_client(id, own).await;
    }
    let mut passkey = authenticator::enrolled(&service).await;
    let app = NativeApp::with_key(&service);
    let offered = app.step(&ASKED).await;
    let session = offered.text("auth_session");
    let signed = passkey.sign(&offered.body["authn_params_public_key"]);
    let signed = signed.to_string();
    let mut fields = ASKED.to_vec();
    fields.extend([
        ("auth_session", session.as_str()),
        ("authn_response", &signed),
    ]);
    let other = NativeApp {
        client: "other-native",
        ..NativeApp::new(&service)
    };
    for stranger in [
        NativeApp::new(&service),
        NativeApp::with_key(&service),
        other,
    ] {
        let refused = stranger.step(&fields).await;
        assert_eq!(refused.text("error"), "invalid_grant", "{}", refused.raw);
    }
    let done = app.step(&fields).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}
