//! Where a login sends a code, in which order it offers the factors, and what the answers
//! say of a factor, once messages came back.

use axum::http::Method;
use countersign::domain::accounts::user::Account;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::abp::login::password::begin;
use crate::dialects::auth0::factors::my_account;
use crate::harness::browser::Browser;
use crate::harness::{Service, address_factor};
use crate::rules::messages::delivery_events::{
    bounce, came_back, failed_text, log_lines, send, text_message,
};

/// The kinds of the demo user's factors, in the order in which a login lists
/// them.
pub async fn order(service: &Service) -> Vec<String> {
    let token = service.begin().await;
    let listed = service.listed(&token).await.into_iter();
    let factors = listed.filter(|(kind, _)| kind != "recovery-code");
    factors.map(|(kind, _)| kind).collect()
}

#[tokio::test]
async fn a_number_whose_text_messages_fail_for_good_is_marked_and_offered_last() {
    let service = Service::start().await;
    assert_eq!(order(&service).await, ["totp", "sms", "email"]);
    send(&service, "sms").await;
    let event = failed_text("Phone has blocked SMS", service.now() + 5);
    assert_eq!(service.reports(&event).await, 1);
    assert_eq!(order(&service).await, ["totp", "email", "sms"]);
    assert_eq!(
        came_back(&service, demo::USER).await,
        json!([{ "to": demo::PHONE, "kind": "bounced", "at": "2027-01-15T08:00:05Z" }])
    );
}

#[tokio::test]
async fn a_code_that_may_go_anywhere_does_not_go_to_a_marked_destination() {
    let service = Service::start().await;
    send(&service, "sms").await;
    service.advance(31);
    for (event, to) in [
        (None, demo::PHONE),
        (
            Some(failed_text("Invalid phone number", service.now())),
            demo::USER,
        ),
    ] {
        if let Some(event) = event {
            assert_eq!(service.reports(&event).await, 1);
        }
        let body = json!({
            "mfa_token": service.begin().await,
            "client_id": demo::CLIENT,
            "challenge_type": "oob",
        });
        let sent = service.post_json("/mfa/challenge", &body).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        assert_eq!(service.messages().first().unwrap().to, to);
        service.advance(31);
    }
}

#[tokio::test]
async fn our_page_offers_a_marked_destination_last_and_says_so() {
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "auth0,aidbox")]).await;
    send(&service, "sms").await;
    service
        .reports(&failed_text("Invalid phone number", service.now()))
        .await;
    let browser = Browser::new(&service);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    let page = browser.password("/auth/login", user, password).await;
    let email = page.raw.find("Send a code by e-mail to u***@example.com<");
    let sms = "Send a code by SMS to the number that ends in 0100 (messages there may not arrive)";
    assert!(email.is_some(), "{}", page.raw);
    assert!(email < page.raw.find(sms), "{}", page.raw);
}

#[tokio::test]
async fn a_user_without_a_factor_gets_the_first_code_where_messages_arrive() {
    let service = Service::start_with(&[("COUNTERSIGN_MFA_POLICY", "required")]).await;
    let name = "ann@example.com";
    let change = |account: &mut Account| {
        account.user.email_confirmed = true;
        account.user.phone = Some("+15555550166".to_owned());
        account.user.phone_confirmed = true;
    };
    service.add_user(name, change).await;
    let challenge = async || {
        let token = service.password_as(name).await.text("mfa_token");
        let body = json!({
            "mfa_token": token,
            "client_id": demo::CLIENT,
            "challenge_type": "oob",
        });
        let sent = service.post_json("/mfa/challenge", &body).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        service.advance(31);
        service.messages().first().unwrap().to.clone()
    };
    assert_eq!(challenge().await, "+15555550166");
    assert_eq!(
        service
            .reports(&bounce("Permanent", name, service.now()))
            .await,
        1
    );
    assert_eq!(challenge().await, "+15555550166");
    let number = text_message("FAILURE", "+15555550166", "Invalid phone number");
    assert_eq!(
        service
            .reports(&log_lines(&[number], service.now() + 5))
            .await,
        1
    );
    service.operated(&["sends", "open", name]).await;
    assert_eq!(challenge().await, name);
}

/// The kinds of the entries that say that messages may not arrive.
fn undeliverable(listed: &Value) -> Vec<&str> {
    let entries = listed.as_array().unwrap().iter();
    let mut marked = Vec::new();
    for entry in entries {
        match entry.get("undeliverable") {
            None => {}
            Some(said) => {
                assert_eq!(said, &json!(true), "{entry}");
                marked.push(entry["type"].as_str().unwrap());
            }
        }
    }
    marked
}

#[tokio::test]
async fn the_lists_of_auth0_say_which_factors_messages_came_back_from() {
    let service = my_account::start().await;
    let lists = async || {
        let path = "/mfa/authenticators";
        let listed = service.get(path, Some(&service.begin().await)).await;
        let token = my_account::strong_token(&service).await;
        let call = |path: String| {
            let token = token.clone();
            let service = &service;
            async move { my_account::call(service, Method::GET, &path, None, &token).await }
        };
        let methods = call(my_account::METHODS.to_owned()).await;
        let methods = methods.body["authentication_methods"].clone();
        for method in methods.as_array().unwrap() {
            let path = my_account::place_of(method["id"].as_str().unwrap());
            assert_eq!(call(path).await.body, *method);
        }
        service.advance(30);
        (listed.body, methods)
    };
    let (listed, methods) = lists().await;
    assert_eq!(undeliverable(&listed), [""; 0]);
    assert_eq!(undeliverable(&methods), [""; 0]);
    send(&service, "sms").await;
    let event = failed_text("Phone has blocked SMS", service.now() + 5);
    assert_eq!(service.reports(&event).await, 1);
    let (listed, methods) = lists().await;
    assert_eq!(undeliverable(&listed), ["phone"]);
    assert_eq!(undeliverable(&methods), ["phone"]);
}

#[tokio::test]
async fn abp_offers_a_marked_provider_last_and_the_users_extra_properties_name_it() {
    let service = Service::start().await;
    let administrator = service.administrator().await.text("access_token");
    let answers = async || {
        let (user, token) = begin(&service).await;
        let path = format!("/api/account/two-factor-providers?userId={user}&token={token}");
        let providers = service.get(&path, None).await.body;
        let path = format!("/api/identity/users/{user}");
        let user = service.get(&path, Some(&administrator)).await;
        assert_eq!(user.status, 200, "{}", user.raw);
        (providers, user.body["extraProperties"].clone())
    };
    let providers = json!(["Email", "Phone", "Authenticator"]);
    assert_eq!(answers().await, (providers, json!({})));
    let address = service.account(demo::ABP_USER).await.user.email.unwrap();
    let event = bounce("Permanent", &address, service.now());
    assert_eq!(service.reports(&event).await, 1);
    let providers = json!(["Phone", "Authenticator", "Email"]);
    let marked = json!({ "Undeliverable": ["Email"] });
    assert_eq!(answers().await, (providers, marked));
}

#[tokio::test]
async fn the_user_of_aidbox_says_that_messages_of_the_second_factor_came_back() {
    let service = Service::start().await;
    let name = "mailed@example.com";
    let factor = address_factor(Channel::Email, name, true);
    service
        .add_user(name, |account| account.factors.push(factor))
        .await;
    service.aidbox_login(name, None).await;
    let code = service.newest_code();
    let login = service.aidbox_login(name, Some(&code)).await;
    let access = login.text("access_token");
    let two_factor = async || service.aidbox_userinfo(&access).await.body["twoFactor"].clone();
    let arrives = json!({ "enabled": true, "transport": "email" });
    assert_eq!(two_factor().await, arrives);
    service.advance(5);
    let event = bounce("Permanent", name, service.now());
    assert_eq!(service.reports(&event).await, 1);
    let mut returned = arrives;
    returned["undeliverable"] = json!(true);
    assert_eq!(two_factor().await, returned);
}
