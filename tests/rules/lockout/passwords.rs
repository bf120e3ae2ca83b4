//! Wrong passwords: ten for a name from one network, and a hundred in a row for a name.

use std::net::{IpAddr, Ipv4Addr};

use countersign_local::demo;

use crate::harness::{ADDRESS, Answer, Service};

const UNKNOWN: &str = "nobody@example.com";

/// The password step at the public client.
async fn guess(service: &Service, address: IpAddr, name: &str, password: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", name),
        ("password", password),
    ];
    service
        .post_form_from(address, "/oauth/token", &fields)
        .await
}

/// The right password of the demo user, from the usual address.
async fn right(service: &Service) -> Answer {
    guess(service, ADDRESS, demo::USER, demo::PASSWORD_OF_ALL).await
}

/// Guesses wrong this many times. Each guess is compared.
async fn wrong(service: &Service, times: usize, name: &str, address: IpAddr) {
    for time in 1..=times {
        let answer = guess(service, address, name, "wrong").await;
        assert_eq!(answer.status, 403, "guess {time}: {}", answer.raw);
        assert_eq!(
            answer.error(),
            "invalid_grant: Wrong email or password.",
            "guess {time}"
        );
    }
}

fn was_right(answer: &Answer) -> bool {
    answer.status == 403 && answer.body["error"] == "mfa_required"
}

/// Checks Auth0's answer and the rate headers: the next guess is compared after this
/// many seconds.
fn assert_blocked(service: &Service, answer: &Answer, seconds: i64) {
    assert_eq!(answer.status, 429, "{}", answer.raw);
    assert_eq!(
        answer.raw,
        "{\"error\":\"too_many_attempts\",\"error_description\":\"Your account has been blocked \
         after multiple consecutive login attempts. We've sent you a notification via your \
         preferred contact method with instructions on how to unblock it.\"}"
    );
    assert_eq!(answer.number_header("retry-after"), seconds);
    assert_eq!(answer.number_header("x-ratelimit-limit"), 10);
    assert_eq!(answer.number_header("x-ratelimit-remaining"), 0);
    assert_eq!(
        answer.number_header("x-ratelimit-reset"),
        service.now() + seconds
    );
}

/// One of many addresses.
fn address(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, number))
}

fn parsed(address: &str) -> IpAddr {
    address.parse().unwrap()
}

#[tokio::test]
async fn after_ten_wrong_passwords_even_the_right_one_is_refused_for_fifteen_minutes() {
    let service = Service::start().await;
    for _ in 0..10 {
        service.advance(60);
        wrong(&service, 1, demo::USER, ADDRESS).await;
    }
    assert_blocked(&service, &right(&service).await, 900);
    service.advance(899);
    assert_blocked(&service, &right(&service).await, 1);
    service.advance(1);
    assert!(was_right(&right(&service).await));
}

#[tokio::test]
async fn after_the_block_ten_more_are_compared() {
    let service = Service::start().await;
    wrong(&service, 10, demo::USER, ADDRESS).await;
    service.advance(900);
    wrong(&service, 10, demo::USER, ADDRESS).await;
    assert_blocked(&service, &right(&service).await, 900);
}

#[tokio::test]
async fn a_block_is_for_one_name_from_one_address() {
    let service = Service::start().await;
    wrong(&service, 10, demo::USER, ADDRESS).await;
    assert_blocked(&service, &right(&service).await, 900);
    let elsewhere = guess(&service, address(1), demo::USER, demo::PASSWORD_OF_ALL).await;
    assert!(was_right(&elsewhere), "{}", elsewhere.raw);
    let other_name = guess(&service, ADDRESS, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_eq!(other_name.status, 200, "{}", other_name.raw);
}

#[tokio::test]
async fn the_addresses_of_one_ipv6_network_share_the_budget() {
    let service = Service::start().await;
    for host in 1..=10 {
        let address = parsed(&format!("2001:db8:1:2:{host:x}::{host:x}"));
        wrong(&service, 1, demo::USER, address).await;
    }
    let same = guess(&service, parsed("2001:db8:1:2::ffff"), demo::USER, "wrong").await;
    assert_blocked(&service, &same, 900);
    wrong(&service, 1, demo::USER, parsed("2001:db8:1:3::1")).await;
}

#[tokio::test]
async fn an_ipv4_address_written_as_ipv6_is_the_same_address() {
    let service = Service::start().await;
    wrong(&service, 5, demo::USER, ADDRESS).await;
    wrong(&service, 5, demo::USER, parsed("::ffff:192.0.2.1")).await;
    assert_blocked(&service, &right(&service).await, 900);
    let mapped = guess(&service, parsed("::ffff:192.0.2.1"), demo::USER, "wrong").await;
    assert_blocked(&service, &mapped, 900);
    wrong(&service, 1, demo::USER, parsed("::ffff:192.0.2.2")).await;
}

#[tokio::test]
async fn every_writing_of_a_name_shares_the_budget() {
    let service = Service::start().await;
    let writings = [
        "USER@EXAMPLE.COM",
        "User@Example.com",
        "  user@example.com\u{a0}",
        "\u{ff35}\u{ff53}\u{ff45}\u{ff52}@example.com",
        "user\u{ff20}example.com",
    ];
    for writing in writings {
        wrong(&service, 2, writing, ADDRESS).await;
    }
    assert_blocked(&service, &right(&service).await, 900);
    for writing in writings {
        let answer = guess(&service, ADDRESS, writing, demo::PASSWORD_OF_ALL).await;
        assert_blocked(&service, &answer, 900);
    }
}

#[tokio::test]
async fn a_right_password_forgets_the_wrong_ones_before_it_and_leaves_ten_whole_guesses() {
    let service = Service::start().await;
    wrong(&service, 9, demo::USER, ADDRESS).await;
    assert!(was_right(&right(&service).await));
    wrong(&service, 10, demo::USER, ADDRESS).await;
    assert_blocked(&service, &right(&service).await, 900);
}

#[tokio::test]
async fn a_right_password_without_a_second_factor_forgets_the_wrong_ones_too() {
    let service = Service::start().await;
    for scope in ["openid", "openid offline_access"] {
        wrong(&service, 9, demo::PLAIN_USER, ADDRESS).await;
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("scope", scope),
        ];
        let answer = service.post_form("/oauth/token", &fields).await;
        assert_eq!(answer.status, 200, "{scope}: {}", answer.raw);
    }
    wrong(&service, 10, demo::PLAIN_USER, ADDRESS).await;
    let blocked = guess(&service, ADDRESS, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
    assert_blocked(&service, &blocked, 900);
}

#[tokio::test]
async fn a_right_password_with_a_login_token_that_is_over_is_no_wrong_one() {
    let service = Service::start().await;
    let over = service.begin().await;
    service.advance(600);
    for _ in 0..12 {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("mfa_token", &over),
        ];
        let answer = service.post_form("/oauth/token", &fields).await;
        assert_eq!(answer.error(), "expired_token: mfa_token is expired");
    }
}

#[tokio::test]
async fn a_right_password_with_a_wrong_code_is_no_wrong_password() {
    let service = Service::start().await;
    let password = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::ABP_USER),
        ("password", demo::ABP_PASSWORD),
    ];
    let mut with_code = password.to_vec();
    with_code.extend([
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", "no code"),
    ]);
    for _ in 0..12 {
        let answer = service.post_form("/connect/token", &with_code).await;
        assert_eq!(answer.body["error"], "invalid_grant", "{}", answer.raw);
    }
    let answer = service.post_form("/connect/token", &password).await;
    assert_eq!(
        answer.body["error_description"], "RequiresTwoFactor",
        "{}",
        answer.raw
    );
}

#[tokio::test]
async fn steady_right_logins_are_never_blocked() {
    let service = Service::start().await;
    for time in 1..=20 {
        let answer = right(&service).await;
        assert!(was_right(&answer), "login {time}: {}", answer.raw);
        let plain = guess(&service, ADDRESS, demo::PLAIN_USER, demo::PASSWORD_OF_ALL).await;
        assert_eq!(plain.status, 200, "login {time}: {}", plain.raw);
    }
}

/// A hundred wrong passwords for a name, from ten addresses.
async fn hundred_wrong(service: &Service, name: &str) {
    for number in 1..=10 {
        wrong(service, 10, name, address(number)).await;
    }
}

#[tokio::test]
async fn after_a_hundred_in_a_row_each_further_guess_waits_from_thirty_seconds_up_to_an_hour() {
    let service = Service::start().await;
    for name in [demo::USER, UNKNOWN] {
        hundred_wrong(&service, name).await;
        let delays = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600];
        for (number, delay) in (11..).zip(delays) {
            let early = guess(&service, address(number), name, demo::PASSWORD_OF_ALL).await;
            assert_blocked(&service, &early, delay);
            service.advance(delay - 1);
            let early = guess(&service, address(number), name, demo::PASSWORD_OF_ALL).await;
            assert_blocked(&service, &early, 1);
            service.advance(1);
            wrong(&service, 1, name, address(number)).await;
        }
    }
}

#[tokio::test]
async fn the_right_password_at_the_allowed_moment_works_and_ends_the_row() {
    let service = Service::start().await;
    hundred_wrong(&service, demo::USER).await;
    assert_blocked(&service, &right(&service).await, 30);
    service.advance(30);
    assert!(was_right(&right(&service).await));
    wrong(&service, 10, demo::USER, address(11)).await;
}

#[tokio::test]
async fn a_guess_that_the_name_refuses_is_not_charged_to_its_address() {
    let service = Service::start().await;
    hundred_wrong(&service, demo::USER).await;
    for _ in 0..12 {
        assert_blocked(&service, &right(&service).await, 30);
    }
    service.advance(30);
    assert!(was_right(&right(&service).await));
}

#[tokio::test]
async fn a_row_of_wrong_passwords_ends_after_a_day_without_one() {
    let service = Service::start().await;
    hundred_wrong(&service, demo::USER).await;
    service.advance(86_400);
    wrong(&service, 10, demo::USER, address(11)).await;
    wrong(&service, 1, demo::USER, address(12)).await;
}

#[tokio::test]
async fn a_block_by_address_does_not_lengthen_the_row_of_the_name() {
    let service = Service::start().await;
    for number in 1..=9 {
        wrong(&service, 10, demo::USER, address(number)).await;
    }
    for _ in 0..20 {
        let refused = guess(&service, address(1), demo::USER, "wrong").await;
        assert_blocked(&service, &refused, 900);
    }
    wrong(&service, 10, demo::USER, address(10)).await;
    assert_blocked(&service, &right(&service).await, 30);
}

#[tokio::test]
async fn the_wrong_password_that_blocks_a_name_sends_the_notification_that_the_answer_speaks_of() {
    let service = Service::start().await;
    wrong(&service, 9, demo::USER, ADDRESS).await;
    assert!(service.messages().is_empty());
    wrong(&service, 1, demo::USER, ADDRESS).await;
    let message = service.messages().remove(0);
    assert_eq!(message.to, demo::USER);
    let subject = "Locked out account information";
    assert_eq!(message.subject.as_deref(), Some(subject));
    assert_eq!(service.newest_link().path(), "/auth/forgot");
    assert_blocked(&service, &right(&service).await, 900);
    wrong(&service, 10, UNKNOWN, ADDRESS).await;
    assert_eq!(service.messages().len(), 1);
    // One message an hour, however many lockouts there are.
    wrong(&service, 10, demo::USER, address(7)).await;
    assert_eq!(service.messages().len(), 1);
}
