//! The second factors that the settings let a login offer.

use countersign::domain::factors::factor::Method;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::{Answer, Service};

pub async fn with(changes: &[(&str, &str)]) -> Service {
    let mut service = Service::start().await;
    service.take(service.restarted_with(changes));
    service
}

/// The kinds of challenge that the demo user's login offers.
async fn offered(service: &Service) -> Value {
    let answer = service.password("openid").await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    answer.body["mfa_requirements"]["challenge"].clone()
}

/// The confirmed authenticators in a pending login's list, by channel or type.
async fn listed(service: &Service, token: &str) -> Vec<String> {
    let answer = service.get("/mfa/authenticators", Some(token)).await;
    let all = answer.body.as_array().unwrap().iter();
    all.map(|one| one["type"].as_str().unwrap().to_owned())
        .collect()
}

/// The id of the demo user's e-mail authenticator.
async fn email_id(service: &Service) -> String {
    let account = service.account(demo::USER).await;
    let factors = account.factors.iter();
    let mut emails = factors.filter(|factor| {
        factor
            .address()
            .is_some_and(|(channel, _)| channel.name() == "email")
    });
    format!("email|dev_{}", emails.next().unwrap().id)
}

/// Challenges a factor by its name.
async fn challenge_named(service: &Service, token: &str, id: &str) -> Answer {
    let body = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "challenge_type": "oob",
        "authenticator_id": id,
    });
    service.post_json("/mfa/challenge", &body).await
}

#[tokio::test]
async fn email_is_not_offered_beside_a_stronger_factor_unless_the_policy_says_so() {
    let service = with(&[("COUNTERSIGN_AAL_POLICY", "")]).await;
    let stronger = json!([{"type": "otp"}, {"type": "phone"}, {"type": "recovery-code"}]);
    assert_eq!(offered(&service).await, stronger);
    let token = service.begin().await;
    assert_eq!(
        listed(&service, &token).await,
        ["recovery-code", "otp", "phone"]
    );
    let by_channel = service.challenge(&token, "email").await;
    assert_eq!(by_channel.status, 400, "{}", by_channel.raw);
    let id = email_id(&service).await;
    let named = challenge_named(&service, &token, &id).await;
    assert_eq!((named.status, named.raw), (400, by_channel.raw));
    assert_eq!(service.challenge(&token, "sms").await.status, 200);

    let service = with(&[("COUNTERSIGN_AAL_POLICY", "aal1")]).await;
    assert!(offered(&service).await.to_string().contains("email"));
}

#[tokio::test]
async fn a_user_with_nothing_but_email_is_offered_it_unless_every_login_must_be_aal2() {
    for (policy, status) in [("prefer-aal2", 200), ("aal2", 400)] {
        let service = with(&[
            ("COUNTERSIGN_AAL_POLICY", policy),
            ("COUNTERSIGN_SMS_COUNTRIES", ""),
        ])
        .await;
        service.delete_factor(demo::USER, Method::Totp).await;
        let token = service.begin().await;
        let id = email_id(&service).await;
        let named = challenge_named(&service, &token, &id).await;
        assert_eq!(named.status, status, "{policy} {}", named.raw);
    }
}

#[tokio::test]
async fn no_text_message_goes_to_a_country_that_is_not_named() {
    for countries in ["", "+44,+1876"] {
        let service = with(&[("COUNTERSIGN_SMS_COUNTRIES", countries)]).await;
        assert!(!offered(&service).await.to_string().contains("phone"));
        let token = service.begin().await;
        assert!(!listed(&service, &token).await.contains(&"phone".to_owned()));
        assert_eq!(service.challenge(&token, "sms").await.status, 400);
        assert!(service.messages().is_empty());
    }
}
