//! Stories that reach every branch with a request to AWS: budgets in use, failing
//! sends, lost responses, replays, first keys.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::routes::Function;
use countersign::wire::delivery_report::{carry_out_reports, reported};
use countersign::wire::task::{Task, carry_out_rotation, task_of};
use countersign_local::demo;
use serde_json::json;

use crate::deployment::events::routes::{filler, names};
use crate::deployment::policies::accounts::accounts;
use crate::deployment::policies::first_party::first_party;
use crate::deployment::policies::my_account::my_account;
use crate::deployment::policies::pages::pages;
use crate::deployment::policies::passkeys::passkeys;
use crate::deployment::policies::passwordless::passwordless;
use crate::deployment::policies::proofs::proofs;
use crate::deployment::policies::web_origins::web_origins;
use crate::dialects::abp::login::password as login;
use crate::harness::START;
use crate::harness::account::PASSWORD;
use crate::harness::deployment::cloud::{Cloud, FORMER_USERS};
use crate::harness::deployment::event::kept;
use crate::harness::deployment::iam::Asked;
use crate::harness::proxy::Fault;
use crate::rules::messages::delivery_events::{bounce, log_lines, text_message};
use crate::rules::moving_in::former::FORMER_PASSWORD;

/// The demo password, hashed by the reference implementation with parameters that are
/// too weak today. An import may bring such a hash.
const WEAK: &str =
    "$argon2id$v=19$m=8,t=1,p=1$P4v/iUo/yQKwKtYzNkLLLA$OJMdWW8iUzbR+tHDJPqI4ozoT7ORpacyU0718n9qIzg";

/// All requests of all functions to AWS, caused by each event in `events/` and by
/// stories that reach the remaining branches.
pub async fn everything() -> (Cloud, Vec<(Function, Vec<Asked>)>) {
    let mut cloud = Cloud::start().await;
    for name in names() {
        cloud.event(&name, kept(&name, &filler())).await;
    }
    Box::pin(sign_in_with_each_factor(&cloud)).await;
    Box::pin(sign_in_without_a_second_factor(&cloud)).await;
    Box::pin(sign_in_in_abps_words(&cloud)).await;
    Box::pin(refresh_replay_and_revoke(&cloud)).await;
    Box::pin(guess_until_the_budgets_are_busy(&cloud)).await;
    Box::pin(fail_to_send(&cloud)).await;
    Box::pin(lose_answers(&cloud)).await;
    Box::pin(report_deliveries(&cloud)).await;
    Box::pin(strengthen_a_weak_hash(&cloud)).await;
    Box::pin(accounts(&cloud)).await;
    Box::pin(sign_in_before_the_address_is_confirmed(&cloud)).await;
    Box::pin(pages(&cloud)).await;
    Box::pin(passwordless(&cloud)).await;
    Box::pin(passkeys(&cloud)).await;
    Box::pin(my_account(&cloud)).await;
    Box::pin(first_party(&cloud)).await;
    Box::pin(proofs(&cloud)).await;
    Box::pin(web_origins(&cloud)).await;
    Box::pin(move_in(&cloud)).await;
    Box::pin(keep_the_keys(&cloud)).await;
    deploy(&mut cloud).await;
    let asked = cloud.asked();
    (cloud, asked)
}

async fn sign_in_with_each_factor(cloud: &Cloud) {
    let service = &cloud.service;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let access = tokens.text("access_token");
    assert_eq!(service.get("/userinfo", Some(&access)).await.status, 200);

    for channel in ["email", "sms"] {
        service.advance(60);
        let token = service.begin().await;
        let sent = service.challenge(&token, channel).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        let verified = service.verify(&token, &service.newest_code()).await;
        assert_eq!(verified.status, 200, "{}", verified.raw);
        let by_token = [("mfa_token", token.as_str())];
        let tokens = service.grant("mfa-oob", &by_token).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        // Again without a wait, so the destination's budget is in use.
        service.advance(31);
        let token = service.begin().await;
        assert_eq!(service.challenge(&token, channel).await.status, 200);
    }
    service.advance(31);
    let token = service.begin().await;
    let email = service.authenticator(&token, "email").await;
    assert!(email.starts_with("email|"));
    // In ABP's dialect, a recovery code also opens what strangers have closed.
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let begun = service.post_form("/connect/token", &fields).await;
    let token = begun.text("twoFactorToken");
    let recovered = service.redeem_recovery(&token, demo::RECOVERY_CODE).await;
    assert_eq!(recovered.status, 200, "{}", recovered.raw);
}

async fn sign_in_without_a_second_factor(cloud: &Cloud) {
    let service = &cloud.service;
    for scope in ["openid", "openid offline_access read:authenticators"] {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::SERVER_CLIENT),
            ("client_secret", demo::SERVER_SECRET),
            ("username", demo::PLAIN_USER),
            ("password", demo::PASSWORD_OF_ALL),
            ("audience", "https://localhost:8788/mfa/"),
            ("scope", scope),
        ];
        let answer = service.post_form("/oauth/token", &fields).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        let access = answer.text("access_token");
        service.get("/mfa/authenticators", Some(&access)).await;
    }
}

/// Users of the former system sign in, at `token` and at `account`.
async fn move_in(cloud: &Cloud) {
    let service = &cloud.service;
    let [at_token, at_account] = FORMER_USERS;
    let begun = service.password_of(at_token, FORMER_PASSWORD).await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
    let body = json!({ "userNameOrEmailAddress": at_account, "password": FORMER_PASSWORD });
    let checked = service.post_json("/api/account/login", &body).await;
    assert_eq!(
        checked.text("description"),
        "RequiresTwoFactor",
        "{}",
        checked.raw
    );
    for name in FORMER_USERS {
        assert_eq!(service.account(name).await.factors.len(), 1, "{name}");
    }
}

/// The login sends the link again.
async fn sign_in_before_the_address_is_confirmed(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::Token);
    let (name, email) = ("nobodyyet", "nobody.yet@example.net");
    let made = service.register(name, email, PASSWORD).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    others.always("emails", Fault::ServerError);
    for _ in 0..2 {
        let before = service.messages().len();
        let refused = service.aidbox_password(email, PASSWORD, &json!({})).await;
        refused.is_refused(400, "invalid_grant", "User is not confirmed");
        assert!(service.messages().len() <= before + 1);
        others.heal();
        service.advance(31);
    }
}

async fn sign_in_in_abps_words(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(60);
    let (user, token) = login::begin(service).await;
    let path = format!("/api/account/two-factor-providers?userId={user}&token={token}");
    service.get(&path, None).await;
    assert_eq!(
        login::send(service, &user, &token, "Email").await.status,
        204
    );
    let code = service.newest_code();
    let stranger = login::verify(service, &user, None, "Email", &code).await;
    assert_eq!(stranger.raw, "true");
    let beside = [("TwoFactorProvider", "Email"), ("TwoFactorCode", &code)];
    let tokens = login::connect(service, &beside).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);

    service.advance(60);
    let (user, token) = login::begin(service).await;
    let code = login::totp(service);
    let named = login::verify(service, &user, Some(&token), "Authenticator", &code).await;
    assert_eq!(named.raw, "true");
    assert_eq!(login::by_token(service, &token).await.status, 200);
}

async fn refresh_replay_and_revoke(cloud: &Cloud) {
    let service = &cloud.service;
    for replayed in [true, false] {
        service.advance(60);
        let token = service.begin().await;
        let tokens = service.redeem_otp(&token, &service.totp()).await;
        let first = tokens.text("refresh_token");
        let second = service.refresh(&first).await.text("refresh_token");
        if replayed {
            service.advance(120);
            assert_eq!(service.refresh(&first).await.status, 403);
        } else {
            let fields = [("client_id", demo::CLIENT), ("token", &second)];
            service.post_form("/oauth/revoke", &fields).await;
        }
        assert_eq!(service.refresh(&second).await.status, 403);
    }
    // By an access token.
    service.advance(60);
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    let access = tokens.text("access_token");
    let fields = [("client_id", demo::CLIENT), ("token", &access)];
    service.post_form("/oauth/revoke", &fields).await;
    assert_eq!(service.get("/userinfo", Some(&access)).await.status, 401);
}

async fn guess_until_the_budgets_are_busy(cloud: &Cloud) {
    let service = &cloud.service;
    let token = service.begin().await;
    for _ in 0..11 {
        service.redeem_otp(&token, "000000").await;
        service.verify(&token, "000000").await;
    }
    let (user, token) = login::begin(service).await;
    for _ in 0..2 {
        login::send(service, &user, &token, "Phone").await;
        login::verify(service, &user, None, "Phone", "000000").await;
    }
    for name in [demo::USER, "nobody@example.com"] {
        for _ in 0..11 {
            let fields = [
                ("grant_type", "password"),
                ("client_id", demo::CLIENT),
                ("username", name),
                ("password", "wrong"),
            ];
            service.post_form("/oauth/token", &fields).await;
        }
    }
    // Long enough for all windows to end.
    service.advance(2 * 86_400);
    service.begin().await;
}

async fn fail_to_send(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::SendCode);
    service.advance(3600);
    let token = service.begin().await;
    for channel in ["email", "sms"] {
        let operation = if channel == "sms" { "/" } else { "emails" };
        others.always(operation, Fault::ServerError);
        assert_eq!(service.challenge(&token, channel).await.status, 503);
        others.heal();
        assert_eq!(service.challenge(&token, channel).await.status, 200);
    }
}

async fn lose_answers(cloud: &Cloud) {
    let service = &cloud.service;
    for function in Function::ALL {
        let (dynamodb, _) = cloud.proxies(function);
        dynamodb.queue("TransactWriteItems", Fault::LoseAnswer);
        dynamodb.queue("UpdateItem", Fault::LoseAnswer);
        dynamodb.queue("UpdateItem", Fault::TransactionConflict);
        dynamodb.queue("BatchGetItem", Fault::LeaveOut);
    }
    service.advance(3600);
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    service.verify(&token, &service.newest_code()).await;
    service.grant("mfa-oob", &[("mfa_token", &token)]).await;
}

/// A hash that an import brought is replaced at the first login.
async fn strengthen_a_weak_hash(cloud: &Cloud) {
    let service = &cloud.service;
    let weak = AttributeValue::S(WEAK.to_owned());
    service
        .set_profile(demo::PLAIN_USER, "password_hash", weak)
        .await;
    sign_in_without_a_second_factor(cloud).await;
    let now = service
        .account(demo::PLAIN_USER)
        .await
        .user
        .password
        .unwrap();
    assert_ne!(now.as_str(), WEAK);
}

/// Messages come back, and the codes after that arrive.
async fn report_deliveries(cloud: &Cloud) {
    let service = &cloud.service;
    let feedback = cloud.app(Function::Feedback);
    service.advance(3600);
    let number = text_message("FAILURE", demo::PHONE, "Phone has blocked SMS");
    let events = [
        bounce("Permanent", demo::USER, START),
        log_lines(&[number], START),
    ];
    for (event, channel) in events.iter().zip(["email", "sms"]) {
        let taken = carry_out_reports(&feedback, reported(event)).await;
        assert_eq!(taken.unwrap()["marked"], 1);
        let token = service.begin().await;
        let sent = service.challenge(&token, channel).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        let verified = service.verify(&token, &service.newest_code()).await;
        assert_eq!(verified.status, 200, "{}", verified.raw);
    }
}

/// What only an invocation of the function itself asks: the custom resource and the
/// schedule. An operator has made a data key, with which the schedule seals the key pairs.
async fn keep_the_keys(cloud: &Cloud) {
    let keys = cloud.app(Function::Keys);
    let rotate = ["keys", "rotate", "signing"];
    cloud.service.operated(&rotate).await;
    cloud.service.advance(200 * 86_400);
    for _ in 0..2 {
        carry_out_rotation(&keys).await.unwrap();
        cloud.service.advance(200 * 86_400);
    }
}

async fn deploy(cloud: &mut Cloud) {
    cloud.service.empty_table().await;
    cloud.restart();
    let keys = cloud.app(Function::Keys);
    let event = json!({
        "RequestType": "Create",
        "ResponseURL": "https://localhost/",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "FirstKeys",
        "ResourceProperties": { "ClientId": "first", "ClientScopes": "offline_access" },
    });
    let Some(Task::Deploy(resource)) = task_of(&event) else {
        panic!("this is a deployment");
    };
    let told = resource.carry_out(&keys).await;
    assert!(told.contains("SUCCESS"), "{told}");
    let set = cloud.service.get("/.well-known/jwks.json", None).await;
    assert_eq!(set.status, 200, "{}", set.raw);
}
