//! Attacks that make the service send messages. They cost the owner of an address
//! nothing.

use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::domain::factors::factor::Channel;
use countersign::wire::input::SourceAddress;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::codemaze::accounts::register::register;
use crate::harness::enrolment::MFA_SCOPES;
use crate::harness::proxy::Fault;
use crate::harness::{Answer, Service, address_factor};

/// An address that is not the demo user's.
const VICTIM: &str = "victim@example.net";

/// A number in no user's account.
fn number(at: usize) -> String {
    format!("+1555555{:04}", 2000 + at)
}

/// One of many networks.
fn network(at: usize) -> IpAddr {
    let at = u8::try_from(at).unwrap();
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, at))
}

/// An access token of the plain demo user that may enrol.
async fn attacker(service: &Service) -> String {
    let answer = service.password_for_mfa(demo::PLAIN_USER, MFA_SCOPES).await;
    answer.text("access_token")
}

/// Makes another account that must enrol and has shown its own address. Gives the token
/// of a pending login.
async fn account(service: &Service, name: &str) -> String {
    service.add_user(name, |_| {}).await;
    service.begin_shown(name).await
}

/// `POST /mfa/associate` from this network.
async fn enrol(service: &Service, from: IpAddr, bearer: &str, channel: &str, to: &str) -> Answer {
    let field = if channel == "sms" {
        "phone_number"
    } else {
        "email"
    };
    let mut body = json!({ "authenticator_types": ["oob"], "oob_channels": [channel] });
    body[field] = json!(to);
    post(service, from, "/mfa/associate", bearer, &body).await
}

async fn post(service: &Service, from: IpAddr, path: &str, bearer: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
        .extension(SourceAddress(from))
        .body(Body::from(body.to_string()));
    service.send(request.unwrap()).await
}

/// Removes what was enrolled last, as its owner may.
async fn remove_unconfirmed(service: &Service, bearer: &str) {
    let factors = service.account(demo::PLAIN_USER).await.factors;
    for factor in factors.iter().filter(|factor| !factor.confirmed) {
        let id = format!("{}|dev_{}", factor.address().unwrap().0.name(), factor.id);
        let gone = service.remove(bearer, &id).await;
        assert_eq!(gone.status, 204, "{}", gone.raw);
    }
}

/// How many messages went to this place.
fn sent_to(service: &Service, to: &str) -> usize {
    let messages = service.messages();
    messages.iter().filter(|message| message.to == to).count()
}

#[tokio::test]
async fn one_account_has_ten_texts_a_day_sent_to_strangers_however_many_numbers_networks_and_deletions()
 {
    let service = Service::start().await;
    let bearer = attacker(&service).await;
    for at in 0..30 {
        let answer = enrol(&service, network(at), &bearer, "sms", &number(at)).await;
        assert_eq!(
            answer.status,
            if at < 10 { 200 } else { 429 },
            "{}",
            answer.raw
        );
        remove_unconfirmed(&service, &bearer).await;
    }
    assert_eq!(service.messages().len(), 10);
    // The day ends at midnight: the test began at eight.
    service.advance(16 * 3600);
    let bearer = attacker(&service).await;
    let answer = enrol(&service, network(1), &bearer, "sms", &number(99)).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
}

#[tokio::test]
async fn one_network_has_twenty_messages_sent_to_strangers_however_many_accounts_it_makes() {
    let service = Service::start().await;
    let mut sent = 0;
    for at in 0..23 {
        let token = account(&service, &format!("one{at}@example.com")).await;
        let to = format!("stranger{at}@example.net");
        let answer = enrol(&service, network(1), &token, "email", &to).await;
        if answer.status == 200 {
            sent += 1;
        } else {
            answer.is_refused(429, "too_many_requests", "Too many requests. Please wait.");
            assert_eq!(answer.number_header("retry-after"), 180);
        }
    }
    assert_eq!((sent, service.messages().len()), (20, 20));
}

#[tokio::test]
async fn enrolling_and_deleting_gives_a_number_no_further_message() {
    let service = Service::start().await;
    let bearer = attacker(&service).await;
    for at in 0..8 {
        let answer = enrol(&service, network(1), &bearer, "sms", &number(0)).await;
        // One as the network's first ask, and three more.
        assert_eq!(
            answer.status,
            if at < 4 { 200 } else { 429 },
            "{}",
            answer.raw
        );
        remove_unconfirmed(&service, &bearer).await;
        let again = enrol(&service, network(1), &bearer, "sms", &number(0)).await;
        assert_eq!(again.status, 429, "a deleted factor has cooled down");
        service.advance(30);
    }
    assert_eq!(sent_to(&service, &number(0)), 4);
}

/// The answers to a stranger who enrols the demo user's phone and address. Also the
/// answers to the owner who signs in meanwhile, if `owner`.
async fn strangers_beside(owner: bool) -> (Vec<(u16, Option<String>)>, Vec<u16>) {
    let service = Service::start().await;
    let bearer = attacker(&service).await;
    let (mut told, mut owners) = (Vec::new(), Vec::new());
    for at in 0..8 {
        if owner {
            let token = service.begin().await;
            owners.push(service.challenge(&token, "sms").await.status);
            owners.push(service.challenge(&token, "email").await.status);
        }
        for (channel, to) in [("sms", demo::PHONE), ("email", demo::USER)] {
            let answer = enrol(&service, network(at % 2), &bearer, channel, to).await;
            let retry = answer.header("retry-after").map(str::to_owned);
            told.push((answer.status, retry));
        }
        service.advance(30);
    }
    (told, owners)
}

#[tokio::test]
async fn a_stranger_who_enrols_the_owners_phone_keeps_no_code_from_the_owner_and_learns_nothing() {
    let (told, owners) = strangers_beside(true).await;
    assert_eq!(owners, [200; 16], "the owner waits for nobody");
    assert!(told.iter().any(|(status, _)| *status == 429));
    let (quiet, _) = strangers_beside(false).await;
    assert_eq!(told, quiet, "a refusal tells whether the owner signs in");
}

#[tokio::test]
async fn a_stranger_who_confirms_the_owners_number_keeps_no_code_from_the_owner() {
    let service = Service::start().await;
    let sign_in = [
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let mut fields = vec![
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
    ];
    fields.extend(sign_in);
    let tokens = service.post_form("/connect/token", &fields).await;
    let bearer = tokens.text("access_token");
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let body = json!({ "userId": id, "phoneNumber": demo::PHONE });
    let path = "/api/account/send-phone-number-confirmation-token";
    let mut refused = 0;
    for _ in 0..6 {
        let answer = post(&service, network(1), path, &bearer, &body).await;
        refused += usize::from(answer.status == 429);
        let token = service.begin().await;
        let code = service.challenge(&token, "sms").await;
        assert_eq!(code.status, 200, "{}", code.raw);
        service.advance(30);
    }
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn strangers_do_not_use_up_the_budget_of_an_address_against_the_one_who_signs_up() {
    let service = Service::start().await;
    let mut accounts = Vec::new();
    for at in 0..3 {
        accounts.push(account(&service, &format!("stranger{at}@example.com")).await);
    }
    let mut sent = 0;
    for _ in 0..4 {
        for (at, token) in accounts.iter().enumerate() {
            let answer = enrol(&service, network(at), token, "email", VICTIM).await;
            sent += usize::from(answer.status == 200);
        }
        service.advance(30);
    }
    assert_eq!(sent, 6, "the first of each network, and three in all");
    let signed_up = register(&service, VICTIM).await;
    assert_eq!(signed_up.status, 201, "{}", signed_up.raw);
    assert_eq!(sent_to(&service, VICTIM), 7, "the owner's link has come");
}

#[tokio::test]
async fn many_networks_have_twenty_three_messages_a_day_sent_to_one_address() {
    let service = Service::start().await;
    let mut accounts = Vec::new();
    for at in 0..3 {
        accounts.push(account(&service, &format!("stranger{at}@example.com")).await);
    }
    for round in 0..9 {
        for (at, token) in accounts.iter().enumerate() {
            enrol(&service, network(3 * round + at), token, "email", VICTIM).await;
        }
        service.advance(30);
    }
    assert_eq!(sent_to(&service, VICTIM), 23);
}

#[tokio::test]
async fn addresses_that_differ_in_case_are_one_mailbox() {
    let service = Service::start().await;
    let token = account(&service, "stranger@example.com").await;
    let spelled = [
        "vICtim@example.net",
        "Victim@example.net",
        "VICTIM@Example.Net",
    ];
    let mut sent = 0;
    for _ in 0..3 {
        for to in spelled {
            let answer = enrol(&service, network(1), &token, "email", to).await;
            sent += usize::from(answer.status == 200);
            service.advance(30);
        }
    }
    assert_eq!(sent, 4);
    // The same holds for confirmed ones.
    let upper = address_factor(Channel::Email, "USER@example.com", true);
    let with =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![upper];
    service.add_user("another@example.com", with).await;
    let ours = service.begin().await;
    assert_eq!(service.challenge(&ours, "email").await.status, 200);
    let theirs = service.begin_as("another@example.com").await;
    assert_eq!(service.challenge(&theirs, "email").await.status, 429);
}

#[tokio::test]
async fn an_account_with_many_confirmed_phones_gets_ten_texts_at_once_over_all_of_them() {
    let service = Service::start().await;
    let add = |account: &mut countersign::domain::accounts::user::Account| {
        let phone = |at| address_factor(Channel::Sms, &number(at), true);
        account.factors = (0..6).map(phone).collect();
    };
    service.add_user("phones@example.com", add).await;
    let factors = service.account("phones@example.com").await.factors;
    let mut sent = 0;
    for _ in 0..3 {
        let token = service.begin_as("phones@example.com").await;
        for factor in &factors {
            let body = json!({
                "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
                "authenticator_id": format!("sms|dev_{}", factor.id),
            });
            let answer = service.post_json("/mfa/challenge", &body).await;
            sent += usize::from(answer.status == 200);
        }
        service.advance(30);
    }
    assert_eq!(sent, 10);
}

#[tokio::test]
async fn a_message_that_fails_costs_nobody_anything() {
    let (service, proxy) = crate::faults::aws::others_behind_proxy().await;
    let bearer = attacker(&service).await;
    proxy.always("/", Fault::ServerError);
    // More than account, destination and network allow.
    for _ in 0..25 {
        let answer = enrol(&service, network(1), &bearer, "sms", &number(0)).await;
        assert_eq!(answer.status, 503, "{}", answer.raw);
    }
    proxy.heal();
    for _ in 0..4 {
        let answer = enrol(&service, network(1), &bearer, "sms", &number(0)).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        service.advance(30);
    }
    assert_eq!(sent_to(&service, &number(0)), 4);
}
