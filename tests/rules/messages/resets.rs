//! Who pays for a link that resets a password. Strangers cannot keep such a link from
//! the owner. At an address that was never confirmed, resets cause no additional
//! e-mails.

use std::net::{IpAddr, Ipv4Addr};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::{ADDRESS, Service};

const DAY: i64 = 86_400;
const HALF_HOUR: i64 = 1800;

/// One of many networks.
pub fn network(at: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, at))
}

/// `POST /api/account/send-password-reset-code` from this network. Returns how many
/// e-mails went out.
pub async fn forgot_from(service: &Service, from: IpAddr, email: &str) -> usize {
    let before = service.messages().len();
    let body = json!({ "email": email, "appName": "Angular" });
    let path = "/api/account/send-password-reset-code";
    let answer = service.post_from(from, path, &body).await;
    assert_eq!(answer.status, 204, "{}", answer.raw);
    service.messages().len() - before
}

/// Strangers from 25 networks use up all resets that strangers may cause.
pub async fn use_up(service: &Service, email: &str) {
    for at in 1..=25 {
        forgot_from(service, network(at), email).await;
        service.advance(30);
    }
    assert_eq!(forgot_from(service, network(26), email).await, 0);
}

/// A whole login of the demo user, from the usual network.
async fn sign_in(service: &Service) {
    let token = service.begin().await;
    let done = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    service.advance(30);
}

/// The budgets of messages that are in the table.
async fn budgets(service: &Service) -> Vec<String> {
    let items = service.items().await;
    let keys = items.iter().map(|item| item["PK"].as_s().unwrap());
    let budgets = keys.filter_map(|key| key.strip_prefix("BUDGET#send#"));
    budgets
        .map(|key| key.split('#').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_owner_at_home_gets_a_reset_whatever_strangers_use_up() {
    let service = Service::start().await;
    sign_in(&service).await;
    use_up(&service, demo::USER).await;
    for _ in 0..3 {
        assert_eq!(forgot_from(&service, ADDRESS, demo::USER).await, 1);
        // A reset at every moment that the strangers' budget allows one.
        service.advance(HALF_HOUR);
        forgot_from(&service, network(1), demo::USER).await;
        assert_eq!(forgot_from(&service, network(2), demo::USER).await, 0);
    }
}

#[tokio::test]
async fn an_owner_at_home_gets_a_reset_on_every_route() {
    let service = Service::start().await;
    sign_in(&service).await;
    use_up(&service, demo::USER).await;
    assert_eq!(service.messages().len(), 25);
    service.forgot(demo::USER).await;
    assert_eq!(service.messages().len(), 26);
    service.advance(30);
    crate::dialects::codemaze::accounts::register::forgot(&service, demo::USER).await;
    assert_eq!(service.messages().len(), 27);
    service.advance(30);
    let browser = Browser::new(&service);
    let form = browser.get("/auth/forgot").await.form(0);
    browser.submit(&form.with("email", demo::USER)).await;
    assert_eq!(service.messages().len(), 28);
}

#[tokio::test]
async fn an_owner_who_signs_in_by_the_user_name_is_known_by_it() {
    let service = Service::start().await;
    service.administrator().await;
    use_up(&service, demo::ABP_EMAIL).await;
    assert_eq!(forgot_from(&service, ADDRESS, demo::ABP_EMAIL).await, 1);
}

#[tokio::test]
async fn an_owner_on_a_new_network_gets_the_first_reset_of_the_day_there() {
    let service = Service::start().await;
    for at in 1..=4 {
        for _ in 0..4 {
            forgot_from(&service, network(at), demo::USER).await;
            service.advance(30);
        }
    }
    assert_eq!(forgot_from(&service, network(1), demo::USER).await, 0);
    assert_eq!(forgot_from(&service, ADDRESS, demo::USER).await, 1);
}

#[tokio::test]
async fn a_known_network_gets_five_resets_at_once_and_uses_up_no_other_networks() {
    let service = Service::start().await;
    for from in [ADDRESS, network(50)] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        let done = service.post_form_from(from, "/oauth/token", &fields).await;
        assert_eq!(done.status, 200, "{}", done.raw);
    }
    for sent in [1, 1, 1, 1, 1, 0] {
        let (here, to) = (ADDRESS, demo::PLAIN_USER);
        assert_eq!(forgot_from(&service, here, to).await, sent);
        assert_eq!(forgot_from(&service, here, to).await, 0, "too soon");
        service.advance(30);
    }
    let there = network(50);
    assert_eq!(forgot_from(&service, there, demo::PLAIN_USER).await, 1);
    service.advance(HALF_HOUR - 180);
    assert_eq!(forgot_from(&service, ADDRESS, demo::PLAIN_USER).await, 1);
}

#[tokio::test]
async fn a_network_of_a_month_ago_and_one_that_showed_the_password_alone_ask_like_strangers() {
    let service = Service::start().await;
    sign_in(&service).await;
    service.advance(30 * DAY);
    service.begin().await;
    use_up(&service, demo::USER).await;
    // Strangers have used up the first asks of the day too.
    assert_eq!(forgot_from(&service, ADDRESS, demo::USER).await, 0);
}

#[tokio::test]
async fn wrong_passwords_make_an_owner_at_home_no_stranger_to_resets() {
    let service = Service::start().await;
    sign_in(&service).await;
    for guess in 1..=101 {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::USER),
            ("password", "wrong"),
        ];
        service.post_form("/oauth/token", &fields).await;
        if guess % 10 == 0 {
            service.advance(900);
        }
    }
    use_up(&service, demo::USER).await;
    assert_eq!(forgot_from(&service, ADDRESS, demo::USER).await, 1);
}

/// A sign-up on the pages.
pub async fn sign_up(service: &Service, email: &str) {
    let browser = Browser::new(service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", email).with("password", PASSWORD);
    browser.submit(&form).await;
}

#[tokio::test]
async fn a_sign_up_at_a_taken_address_is_a_strangers_even_from_the_owners_network() {
    let service = Service::start().await;
    sign_in(&service).await;
    sign_up(&service, demo::USER).await;
    assert_eq!(service.messages().len(), 1);
    let drawn = budgets(&service).await;
    assert!(
        !drawn.iter().any(|row| row.starts_with("reset")),
        "{drawn:?}"
    );
    // It leaves no cool-down for the owner's own request.
    assert_eq!(forgot_from(&service, ADDRESS, demo::USER).await, 1);
}

#[tokio::test]
async fn a_sign_up_costs_its_network_as_much_whether_or_not_the_address_is_taken() {
    for address in [demo::USER, "free@example.net"] {
        let service = Service::start().await;
        sign_up(&service, address).await;
        let items = service.items().await;
        let network = items.iter().find(|item| {
            let key = item["PK"].as_s().unwrap();
            key.starts_with("BUDGET#send#network#")
        });
        let drawn = network.map(|item| item["tat"].as_n().unwrap().parse::<i64>().unwrap());
        assert_eq!(drawn, Some(service.now() + 180), "{address}");
    }
}

/// Signs in as the user who registered, from this network. The network becomes known.
pub async fn squat_from(service: &Service, from: IpAddr) {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", "AbpSolution1"),
        ("username", EMAIL),
        ("password", PASSWORD),
    ];
    let done = service
        .post_form_from(from, "/connect/token", &fields)
        .await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn a_mailbox_that_was_never_confirmed_gets_twenty_four_mails_though_forty_networks_ask_for_resets()
 {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    let id = service.registered().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    // The squatter has even made networks known to the account.
    for at in 1..=9 {
        squat_from(&service, network(at)).await;
    }
    for round in 0..10 {
        service.ask_to_confirm_email(Some(&access), &id).await;
        sign_up(&service, EMAIL).await;
        for at in 1..=4 {
            forgot_from(&service, network(4 * round + at), EMAIL).await;
        }
        let enrolling = format!("enrols{round}@example.com");
        service.add_user(&enrolling, |_| {}).await;
        let token = service.begin_shown(&enrolling).await;
        let body = json!({
            "authenticator_types": ["oob"], "oob_channels": ["email"], "email": EMAIL,
        });
        service.associate(&token, &body).await;
        service.advance(30);
    }
    let messages = service.messages();
    let here = messages.iter().filter(|message| message.to == EMAIL);
    assert_eq!(here.count(), 24);
}

#[tokio::test]
async fn an_owner_whose_address_somebody_has_taken_gets_a_reset_though_strangers_ask_for_many() {
    let service = Service::start().await;
    service.registered().await;
    for at in 1..=8 {
        for _ in 0..3 {
            forgot_from(&service, network(at), EMAIL).await;
        }
        service.advance(30);
    }
    assert_eq!(forgot_from(&service, ADDRESS, EMAIL).await, 1);
}

#[tokio::test]
async fn a_confirmed_address_has_resets_beside_what_strangers_enrol_there() {
    let service = Service::start().await;
    service.registered().await;
    let yes = AttributeValue::Bool(true);
    service.set_profile(EMAIL, "email_confirmed", yes).await;
    assert_eq!(forgot_from(&service, network(1), EMAIL).await, 1);
    let drawn = budgets(&service).await;
    assert!(
        drawn.iter().any(|row| row.starts_with("reset")),
        "{drawn:?}"
    );
    // The enrolments of strangers there have not used up the resets.
    for at in 2..=9 {
        let enrolling = format!("enrols{at}@example.com");
        service.add_user(&enrolling, |_| {}).await;
        let token = service.begin_shown(&enrolling).await;
        let body = json!({
            "authenticator_types": ["oob"], "oob_channels": ["email"], "email": EMAIL,
        });
        service.associate(&token, &body).await;
        service.advance(30);
    }
    for at in 2..=6 {
        assert_eq!(forgot_from(&service, network(at), EMAIL).await, 1);
    }
}

/// The owner of the address.
#[derive(Debug, PartialEq)]
enum Holder {
    Nobody,
    Squatter,
    Owner,
}

#[tokio::test]
async fn enrolling_an_address_does_not_tell_whether_an_account_has_it() {
    for holder in [Holder::Nobody, Holder::Squatter, Holder::Owner] {
        let service = Service::start().await;
        if holder != Holder::Nobody {
            service.registered().await;
        }
        if holder == Holder::Owner {
            let yes = AttributeValue::Bool(true);
            service.set_profile(EMAIL, "email_confirmed", yes).await;
        }
        for _ in 0..4 {
            forgot_from(&service, network(1), EMAIL).await;
            service.advance(30);
        }
        // The first ask of the day does not draw on the budget, so the fourth reset is
        // the third that does.
        let mut answers = Vec::new();
        for attempt in 0..2 {
            let enrolling = format!("enrols{attempt}@example.com");
            service.add_user(&enrolling, |_| {}).await;
            let token = service.begin_shown(&enrolling).await;
            let body = json!({
                "authenticator_types": ["oob"], "oob_channels": ["email"], "email": EMAIL,
            });
            answers.push(service.associate(&token, &body).await.status);
            service.advance(30);
        }
        assert_eq!(answers, [200, 429], "{holder:?}");
    }
}
