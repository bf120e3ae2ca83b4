//! The cost of a login: requests to DynamoDB, and calls of KMS, SES and SNS. The
//! numbers are exact, so that one additional request fails the test.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::harness::proxy::{Fault, Proxy};
use crate::harness::{Answer, Service, logged};

/// A warm service behind two proxies. The keys and the client are in memory.
pub struct Counted {
    pub service: Service,
    /// The proxy before DynamoDB.
    pub dynamodb: Proxy,
    /// The proxy before SES, SNS and KMS.
    pub others: Proxy,
}

impl Counted {
    /// A service that has answered a request before.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with some settings changed.
    pub async fn start_with(changes: &[(&str, &str)]) -> Self {
        let (dynamodb, others) = (Proxy::start().await, Proxy::start().await);
        let (one, other) = (dynamodb.clone(), others.clone());
        let service = Service::start_through(changes, |dynamodb, others| {
            (one.before(dynamodb), other.before(others))
        })
        .await;
        service.begin().await;
        dynamodb.take_seen();
        others.take_seen();
        Self {
            service,
            dynamodb,
            others,
        }
    }

    /// Runs one request that must end so, and gives its answer with its
    /// requests to DynamoDB: as the log says and as DynamoDB saw them. The one
    /// write that keeps the request's event is not counted here.
    pub async fn cost(&self, status: u16, request: impl Future<Output = Answer>) -> (Answer, u64) {
        let kept = self.kept_events().await;
        self.dynamodb.take_seen();
        let (answer, lines) = logged(request).await;
        let seen = self.dynamodb.take_seen().len() as u64;
        assert_eq!(answer.status, status, "{}", answer.raw);
        let line = lines.last().unwrap();
        assert_eq!(line["dynamodb_requests"], seen, "{line}");
        let kept = self.kept_events().await - kept;
        assert!(kept <= 1, "{kept} events are kept");
        (answer, seen - kept)
    }

    /// How many events the table has, with those that it counts by day.
    async fn kept_events(&self) -> u64 {
        let items = self.service.items().await;
        let event = |item: &&HashMap<String, AttributeValue>| {
            item["PK"].as_s().unwrap().starts_with("EVENTS#")
        };
        let times = |item: &HashMap<String, AttributeValue>| {
            let counted = item.get("n").map(|n| n.as_n().unwrap());
            counted.map_or(1, |n| n.parse::<u64>().unwrap())
        };
        items.iter().filter(event).map(times).sum()
    }

    async fn password(&self, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        all.extend_from_slice(fields);
        self.service.post_form("/oauth/token", &all).await
    }

    async fn challenge(&self, token: &str, factor: &str) -> Answer {
        let body = json!({
            "mfa_token": token,
            "client_id": demo::CLIENT,
            "challenge_type": "oob otp",
            "authenticator_id": factor,
        });
        self.service.post_json("/mfa/challenge", &body).await
    }
}

#[tokio::test]
async fn a_password_that_needs_a_second_factor_costs_five_every_time() {
    let counted = Counted::start().await;
    for _ in 0..4 {
        let (_, cost) = counted.cost(403, counted.service.password("openid")).await;
        assert_eq!(cost, 5);
    }
    assert_eq!(counted.others.take_seen(), [""; 0]);
}

#[tokio::test]
async fn the_first_right_password_after_a_move_costs_one_more_and_the_next_does_not() {
    let counted = Counted::start().await;
    // The demo password, hashed by the Python package bcrypt.
    let moved = "$2b$04$pwgzXP/t93sWJ1V97KjC7u0jxo/C5IemcnjZvRLr65tO/aoLdFHHO";
    let moved = AttributeValue::S(moved.to_owned());
    let user = demo::PLAIN_USER;
    counted
        .service
        .set_profile(user, "password_hash", moved)
        .await;
    // A known network costs fewer requests.
    for wanted in [6, 4] {
        let fields = [("username", user), ("scope", "openid")];
        let (_, cost) = counted.cost(200, counted.password(&fields)).await;
        assert_eq!(cost, wanted);
    }
}

#[tokio::test]
async fn a_password_without_a_second_factor_costs_five_and_on_a_known_network_four() {
    let counted = Counted::start().await;
    let scopes = ["openid", "openid offline_access"].repeat(2);
    for (scope, most) in scopes.into_iter().zip([5, 4, 4, 4]) {
        let fields = [("username", demo::PLAIN_USER), ("scope", scope)];
        let (_, cost) = counted.cost(200, counted.password(&fields)).await;
        assert_eq!(cost, most, "{scope}");
    }
    assert_eq!(counted.others.take_seen(), [""; 0]);
}

#[tokio::test]
async fn a_right_password_after_wrong_ones_costs_no_more() {
    let counted = Counted::start().await;
    for _ in 0..3 {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", demo::USER),
            ("password", "wrong"),
        ];
        let wrong = counted.service.post_form("/oauth/token", &fields);
        assert_eq!(counted.cost(403, wrong).await.1, 5);
    }
    let (_, cost) = counted.cost(403, counted.service.password("openid")).await;
    assert_eq!(cost, 5);
}

#[tokio::test]
async fn sending_a_code_costs_two_to_a_named_factor_and_three_by_channel() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let factor = service.authenticator(&token, "sms").await;
    let (_, cost) = counted.cost(200, counted.challenge(&token, &factor)).await;
    assert_eq!(cost, 2);
    // One call of SNS, whose path is the root.
    assert_eq!(counted.others.take_seen(), ["/"]);
    let (_, cost) = counted.cost(200, service.challenge(&token, "email")).await;
    assert_eq!(cost, 3);
    assert_eq!(counted.others.take_seen(), ["/v2/email/outbound-emails"]);
}

#[tokio::test]
async fn sending_again_costs_one_more_while_the_budget_of_the_address_is_in_use() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    service.advance(30);
    let (_, cost) = counted.cost(200, service.challenge(&token, "email")).await;
    assert_eq!(cost, 4);
}

#[tokio::test]
async fn a_send_that_fails_costs_four_however_the_factor_was_named() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let factor = service.authenticator(&token, "email").await;
    counted.others.always("", Fault::ServerError);
    let (_, cost) = counted.cost(503, counted.challenge(&token, &factor)).await;
    assert_eq!(cost, 4);
    let (answer, cost) = counted.cost(503, service.challenge(&token, "email")).await;
    assert_eq!(cost, 4);
    let others = answer.body["available_authenticators"].as_array().unwrap();
    assert_eq!(others.len(), 2, "{}", answer.raw);
}

#[tokio::test]
async fn an_authenticator_app_is_challenged_for_one_read_and_nothing_is_sent() {
    let counted = Counted::start().await;
    let token = counted.service.begin().await;
    let factor = counted.service.authenticator(&token, "totp").await;
    let (_, cost) = counted.cost(200, counted.challenge(&token, &factor)).await;
    assert_eq!(cost, 1);
    assert_eq!(counted.others.take_seen(), [""; 0]);
}

#[tokio::test]
async fn a_code_for_tokens_costs_four_with_every_factor() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let code = service.totp();
    let (_, cost) = counted.cost(200, service.redeem_otp(&token, &code)).await;
    assert_eq!(cost, 4, "otp");

    let token = service.begin().await;
    let challenge = service.challenge(&token, "email").await.text("oob_code");
    let code = service.newest_code();
    let redeem = service.redeem_oob(&token, &challenge, &code);
    assert_eq!(counted.cost(200, redeem).await.1, 4, "oob");

    let token = service.begin().await;
    let redeem = service.redeem_recovery(&token, demo::RECOVERY_CODE);
    assert_eq!(counted.cost(200, redeem).await.1, 4, "recovery code");
}

#[tokio::test]
async fn a_wrong_code_costs_two_and_the_next_of_either_kind_one_more() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let wrong = || service.redeem_otp(&token, "000000");
    assert_eq!(counted.cost(403, wrong()).await.1, 2);
    assert_eq!(counted.cost(403, wrong()).await.1, 3);
    let code = service.totp();
    let (_, cost) = counted.cost(200, service.redeem_otp(&token, &code)).await;
    assert_eq!(cost, 5);
}

#[tokio::test]
async fn verifying_costs_four_whether_or_not_the_authenticator_is_named_and_tokens_then_two() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    service.challenge(&token, "sms").await;
    let code = service.newest_code();
    let (_, cost) = counted.cost(200, service.verify(&token, &code)).await;
    assert_eq!(cost, 4, "unnamed");
    let by_token = [("mfa_token", token.as_str())];
    let redeem = service.grant("mfa-oob", &by_token);
    assert_eq!(counted.cost(200, redeem).await.1, 2);

    let token = service.begin().await;
    let factor = service.authenticator(&token, "totp").await;
    let body = json!({
        "mfa_token": token,
        "client_id": demo::CLIENT,
        "code": service.totp(),
        "authenticator_id": factor,
    });
    let verify = service.post_json("/mfa/verify", &body);
    assert_eq!(counted.cost(200, verify).await.1, 4, "named");
}

#[tokio::test]
async fn a_password_beside_a_verified_login_costs_six() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    service.verify(&token, &service.totp()).await;
    let fields = [("username", demo::USER), ("mfa_token", &token)];
    assert_eq!(counted.cost(200, counted.password(&fields)).await.1, 6);
}

#[tokio::test]
async fn a_refresh_costs_two_and_its_retry_one() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let refresh = tokens.text("refresh_token");
    assert_eq!(counted.cost(200, service.refresh(&refresh)).await.1, 2);
    assert_eq!(counted.cost(200, service.refresh(&refresh)).await.1, 1);
}

#[tokio::test]
async fn reading_costs_one_request_or_none() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let token = service.begin().await;
    let list = service.get("/mfa/authenticators", Some(&token));
    assert_eq!(counted.cost(200, list).await.1, 2);
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let access = tokens.text("access_token");
    let userinfo = service.get("/userinfo", Some(&access));
    assert_eq!(counted.cost(200, userinfo).await.1, 1);
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
    ] {
        assert_eq!(counted.cost(200, service.get(path, None)).await.1, 0);
    }
}

#[tokio::test]
async fn a_forged_token_costs_no_request() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let forged = &"AQEAAAAB".repeat(15);
    assert_eq!(counted.cost(403, service.verify(forged, "1")).await.1, 0);
    let redeem = service.redeem_otp(forged, "123456");
    assert_eq!(counted.cost(403, redeem).await.1, 0);
    assert_eq!(counted.cost(403, service.refresh(forged)).await.1, 0);
    let challenge = service.challenge(forged, "email");
    assert_eq!(counted.cost(403, challenge).await.1, 0);
    let userinfo = service.get("/userinfo", Some("a.forged.token"));
    assert_eq!(counted.cost(401, userinfo).await.1, 0);
}

#[tokio::test]
async fn a_cold_start_costs_two_more_and_one_kms_decrypt_for_each_purpose() {
    let mut counted = Counted::start().await;
    let cold = counted.service.restarted();
    counted.service.take(cold);
    let login = counted.service.password("openid");
    assert_eq!(counted.cost(403, login).await.1, 5 + 2);
    assert_eq!(counted.others.take_seen(), ["TrentService.Decrypt"; 3]);
    let warm = counted.service.password("openid");
    assert_eq!(counted.cost(403, warm).await.1, 5);
    assert_eq!(counted.others.take_seen(), [""; 0]);
}

/// Waits until this many KMS calls are open. None of them is answered.
async fn open_calls(others: &Proxy, number: usize) {
    let mut seen = 0;
    while seen < number {
        seen += others.take_seen().len();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_cold_start_opens_its_data_keys_at_once() {
    let counted = Counted::start().await;
    let cold = counted.service.restarted();
    counted.others.always("Decrypt", Fault::Hang);
    // If the calls came one after the other, the first would time out before the third
    // begins.
    tokio::select! {
        opened = cold.keyring.current_ring(cold.clock.now()) => {
            panic!("ended before that: {}", opened.is_ok())
        }
        () = open_calls(&counted.others, 3) => {}
    }
}
