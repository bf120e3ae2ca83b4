//! The cost of an enrolment: requests to DynamoDB, and calls of SES and SNS.

use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::harness::Answer;
use crate::harness::proxy::Fault;
use crate::rules::requests::login::Counted;

const SES: &str = "/v2/email/outbound-emails";

impl Counted {
    /// Runs one request, which must have this status and this cost.
    async fn costs(&self, status: u16, cost: u64, request: impl Future<Output = Answer>) -> Answer {
        let (answer, seen) = self.cost(status, request).await;
        assert_eq!(seen, cost, "{}", answer.raw);
        answer
    }
}

fn sms() -> Value {
    json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    })
}

#[tokio::test]
async fn a_first_app_costs_three_and_its_confirmation_seven_with_a_notice() {
    let counted = Counted::start().await;
    let service = &counted.service;
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    let body = json!({ "authenticator_types": ["otp"] });
    let begun = counted
        .costs(200, 3, service.associate(&token, &body))
        .await;
    let code = service.app_code(&begun.text("secret"));
    counted.others.take_seen();
    counted
        .costs(200, 7, service.redeem_otp(&token, &code))
        .await;
    assert_eq!(counted.others.take_seen(), [SES]);
}

#[tokio::test]
async fn a_first_phone_costs_six_nine_when_it_fails_and_its_confirmation_six() {
    let counted = Counted::start().await;
    let service = &counted.service;
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    counted.others.always("/", Fault::ServerError);
    counted
        .costs(503, 9, service.associate(&token, &sms()))
        .await;
    counted.others.heal();
    counted.others.take_seen();
    let begun = counted
        .costs(200, 6, service.associate(&token, &sms()))
        .await;
    assert_eq!(counted.others.take_seen(), ["/"]);
    let (oob, code) = (begun.text("oob_code"), service.newest_code());
    counted
        .costs(200, 6, service.redeem_oob(&token, &oob, &code))
        .await;
}

#[tokio::test]
async fn a_session_enrols_removes_and_replaces_for_four() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let access = service.strong_token().await;
    let body = json!({ "authenticator_types": ["otp"] });
    counted
        .costs(200, 4, service.associate(&access, &body))
        .await;
    let codes = json!({ "authenticator_types": ["recovery-code"] });
    counted
        .costs(200, 4, service.associate(&access, &codes))
        .await;
    let factors = service.account(demo::USER).await.factors;
    let id = factors.iter().find(|one| one.rank() == 1).unwrap().id;
    // The token is of the previous epoch, and its session moved to the new one.
    let removal = format!("sms|dev_{id}");
    counted
        .costs(204, 4, service.remove(&access, &removal))
        .await;
}

#[tokio::test]
async fn abps_settings_cost_two_to_look_four_to_change_and_eight_to_confirm() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let access = service
        .post_form("/connect/token", &fields)
        .await
        .text("access_token");
    for path in [
        "has-authenticator-key",
        "my-profile/two-factor-enabled",
        "my-profile/can-enable-two-factor",
    ] {
        let path = format!("/api/account/{path}");
        counted
            .costs(200, 2, service.get(&path, Some(&access)))
            .await;
    }
    let info = "/api/account/authenticator-info";
    let key = counted
        .costs(200, 4, service.get(info, Some(&access)))
        .await
        .text("key");
    counted
        .costs(200, 3, service.get(info, Some(&access)))
        .await;
    let code = json!({ "code": service.app_code(&key) });
    let verify = "/api/account/verify-authenticator-code";
    counted
        .costs(200, 8, service.bearer_json(verify, &access, &code))
        .await;
    // The owner signs in again with the app, whose reset takes four requests.
    service.advance(30);
    let code = service.app_code(&key);
    let mut with = fields.to_vec();
    with.extend([
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", &*code),
    ]);
    let access = service
        .post_form("/connect/token", &with)
        .await
        .text("access_token");
    let reset = "/api/account/reset-authenticator";
    counted
        .costs(204, 4, service.bearer_json(reset, &access, &json!({})))
        .await;
    let set = "/api/account/my-profile/set-two-factor-enabled?enabled=true";
    counted
        .costs(204, 4, service.bearer_json(set, &access, &json!({})))
        .await;
}
