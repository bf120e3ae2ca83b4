//! What strangers do in order to close the login by code to its owner. The owner is on a
//! network from which no login was completed.

mod mailed_links;
mod phone_codes;

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::{CONNECTION, auth0_only};
use crate::dialects::auth0::login::passwordless::{
    GRANT, by_mailbox, by_session, challenge, start,
};
use crate::harness::{Answer, Service};

const OWNER: &str = demo::PLAIN_USER;

/// The network of the tests' requests that name none.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn stranger(number: u8) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, number).into()
}

/// A stranger has a code sent: the `auth_session`.
async fn strangers_challenge(service: &Service, from: IpAddr) -> String {
    let body = json!({
        "client_id": demo::CLIENT, "connection": CONNECTION, "email": OWNER,
    });
    let asked = service.post_from(from, "/otp/challenge", &body).await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    asked.text("auth_session")
}

/// A code that is shown by the owner's address from this network.
async fn by_mailbox_from(service: &Service, from: IpAddr, otp: &str) -> Answer {
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "username": OWNER, "realm": "email",
        "otp": otp,
    });
    service.post_from(from, "/oauth/token", &body).await
}

/// A code that is not this code.
fn another(code: &str) -> &'static str {
    match code {
        "000000" => "111111",
        _ => "000000",
    }
}

#[tokio::test]
async fn strangers_who_guess_by_the_address_use_up_no_guess_of_the_owner() {
    let service = auth0_only().await;
    let asked = challenge(&service, OWNER, false).await;
    let (session, code) = (asked.text("auth_session"), service.newest_code());
    service.advance(31);
    start(&service, OWNER).await;
    let started = service.newest_code();
    for number in 1..=12 {
        let wrong = by_mailbox_from(&service, stranger(number), another(&started)).await;
        assert_eq!(wrong.status, 403, "{}", wrong.raw);
    }
    let owner = by_session(&service, &session, &code).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
    let owner = by_mailbox(&service, OWNER, &started).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn a_hundred_wrong_codes_of_strangers_close_nothing() {
    let service = auth0_only().await;
    for number in 1..=11 {
        let session = strangers_challenge(&service, stranger(number)).await;
        let code = service.newest_code();
        for _ in 0..10 {
            let wrong = by_session(&service, &session, another(&code)).await;
            assert_eq!(wrong.status, 400, "{}", wrong.raw);
        }
        service.advance(3600);
    }
    let asked = challenge(&service, OWNER, false).await;
    let session = asked.text("auth_session");
    let owner = by_session(&service, &session, &service.newest_code()).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn three_guesses_beside_an_auth_session_are_compared_and_the_next_code_has_three_more() {
    let service = auth0_only().await;
    for guesses in [3, 2] {
        let asked = challenge(&service, OWNER, false).await;
        let (session, code) = (asked.text("auth_session"), service.newest_code());
        for _ in 0..guesses {
            let wrong = by_session(&service, &session, another(&code)).await;
            wrong.is_refused(400, "invalid_request", "Wrong or expired code.");
        }
        let right = by_session(&service, &session, &code).await;
        let compared = guesses < 3;
        assert_eq!(right.status == 200, compared, "{}", right.raw);
        service.advance(60);
    }
}

/// Whether the right code signs in from this network, after so many wrong codes from the
/// network that asked for the code and from others.
async fn signs_in(asker: u8, others: u8, from: IpAddr) -> bool {
    let service = auth0_only().await;
    start(&service, OWNER).await;
    let code = service.newest_code();
    for _ in 0..asker {
        by_mailbox_from(&service, HOME, another(&code)).await;
    }
    for number in 0..others {
        by_mailbox_from(&service, stranger(number), another(&code)).await;
    }
    by_mailbox_from(&service, from, &code).await.status == 200
}

#[tokio::test]
async fn by_the_address_a_code_is_compared_three_times_for_its_asker_and_twice_for_all_others() {
    let elsewhere = stranger(99);
    assert!(signs_in(2, 9, HOME).await);
    assert!(!signs_in(3, 0, HOME).await);
    assert!(signs_in(9, 1, elsewhere).await);
    assert!(!signs_in(0, 2, elsewhere).await);
}

#[tokio::test]
async fn codes_that_strangers_ask_for_do_not_displace_the_one_that_the_owner_shows_by_the_address()
{
    let service = auth0_only().await;
    start(&service, OWNER).await;
    let code = service.newest_code();
    let body = json!({
        "client_id": demo::CLIENT, "connection": "email", "email": OWNER, "send": "code",
    });
    for number in 1..=6 {
        let from = stranger(number);
        let asked = service.post_from(from, "/passwordless/start", &body).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
        strangers_challenge(&service, stranger(100 + number)).await;
    }
    assert_eq!(service.messages().len(), 13);
    let owner = by_mailbox(&service, OWNER, &code).await;
    assert_eq!(owner.status, 200, "{}", owner.raw);
}

#[tokio::test]
async fn a_code_that_has_an_auth_session_is_not_shown_by_the_address() {
    let service = auth0_only().await;
    challenge(&service, OWNER, false).await;
    let crossed = by_mailbox(&service, OWNER, &service.newest_code()).await;
    crossed.is_refused(403, "invalid_grant", "Wrong email or verification code.");
}

#[tokio::test]
async fn after_a_login_by_a_code_strangers_use_up_no_code_that_its_network_asks_for() {
    let service = auth0_only().await;
    let asked = challenge(&service, OWNER, false).await;
    let body = json!({
        "grant_type": GRANT, "client_id": demo::CLIENT, "scope": "openid",
        "auth_session": asked.text("auth_session"), "otp": service.newest_code(),
    });
    let done = service.post_json("/oauth/token", &body).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.body.get("refresh_token"), None);
    for _ in 0..5 {
        service.advance(31);
        strangers_challenge(&service, stranger(1)).await;
    }
    let sent = service.messages().len();
    service.advance(1);
    challenge(&service, OWNER, false).await;
    assert_eq!(service.messages().len(), sent + 1);
}
