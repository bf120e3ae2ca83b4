//! What SES and SNS report about destinations: a destination whose messages came
//! back is marked and offered last, until a code that went there is right.

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::harness::{Service, address_factor, logged};
use crate::rules::messages::delivery_events::{
    bounce, came_back, complaint, failed_text, log_lines, packed, send, text_message,
};
use crate::rules::messages::delivery_order::order;

const OTHER: &str = "other@example.net";

/// A code by this channel that is entered right.
async fn right_code(service: &Service, channel: &str) {
    service.advance(31);
    let token = service.begin().await;
    let sent = service.challenge(&token, channel).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let (oob, code) = (sent.text("oob_code"), service.newest_code());
    let done = service.redeem_oob(&token, &oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

#[tokio::test]
async fn an_address_that_bounced_for_good_or_whose_reader_complained_is_marked() {
    for (event, kind) in [
        (bounce("Permanent", demo::USER, 1_800_000_005), "bounced"),
        (complaint("abuse", demo::USER, 1_800_000_005), "complained"),
    ] {
        let service = Service::start().await;
        assert_eq!(service.reports(&event).await, 1);
        assert_eq!(
            came_back(&service, demo::USER).await,
            json!([{ "to": demo::USER, "kind": kind, "at": "2027-01-15T08:00:05Z" }])
        );
    }
}

#[tokio::test]
async fn what_may_pass_and_what_says_no_spam_marks_nothing() {
    let service = Service::start().await;
    send(&service, "sms").await;
    let at = service.now();
    for event in [
        bounce("Transient", demo::USER, at),
        bounce("Undetermined", demo::USER, at),
        complaint("not-spam", demo::USER, at),
        failed_text("Unknown error attempting to reach phone", at),
        failed_text("Phone is currently unreachable/unavailable", at),
        failed_text("Phone carrier is currently unreachable/unavailable", at),
        failed_text("Phone carrier has blocked this message", at),
        failed_text("Blocked as spam by phone carrier", at),
        failed_text("Message body is invalid", at),
        failed_text("This delivery would exceed max price", at),
        log_lines(
            &[text_message("SUCCESS", demo::PHONE, "Invalid phone number")],
            at,
        ),
        packed(&json!({ "messageType": "CONTROL_MESSAGE", "logEvents": [] })),
        json!({ "source": "aws.ses", "detail-type": "Email Delivered", "detail": {} }),
    ] {
        assert_eq!(service.reports(&event).await, 0, "{event}");
    }
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
}

#[tokio::test]
async fn the_answers_of_sns_that_say_that_the_number_is_of_no_use_mark_it() {
    for (answer, kind) in [
        ("Invalid phone number", "bounced"),
        ("Destination is on a blocked list", "bounced"),
        ("Phone is on a blocked list", "bounced"),
        ("Phone has blocked SMS", "bounced"),
        ("Phone number is opted out", "complained"),
    ] {
        let service = Service::start().await;
        send(&service, "sms").await;
        assert_eq!(
            service.reports(&failed_text(answer, service.now())).await,
            1
        );
        assert_eq!(
            came_back(&service, demo::USER).await[0]["kind"],
            kind,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_report_that_comes_twice_or_late_does_not_undo_what_happened_after_it() {
    let service = Service::start().await;
    let (first, second) = (service.now() + 5, service.now() + 20);
    let older = bounce("Permanent", demo::USER, first);
    let newer = complaint("abuse", demo::USER, second);
    assert_eq!(service.reports(&newer).await, 1);
    for late in [&newer, &older, &newer] {
        assert_eq!(service.reports(late).await, 0);
    }
    assert_eq!(
        came_back(&service, demo::USER).await[0]["kind"],
        "complained"
    );
    right_code(&service, "email").await;
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
    for late in [&older, &newer] {
        assert_eq!(service.reports(late).await, 0);
    }
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
    // What happens after the right code counts again.
    let later = bounce("Permanent", demo::USER, service.now() + 5);
    assert_eq!(service.reports(&later).await, 1);
    assert_eq!(came_back(&service, demo::USER).await[0]["kind"], "bounced");
}

#[tokio::test]
async fn a_right_code_clears_the_mark_of_its_own_destination_and_of_no_other() {
    let service = Service::start().await;
    send(&service, "sms").await;
    service
        .reports(&failed_text("Phone has blocked SMS", service.now()))
        .await;
    service
        .reports(&bounce("Permanent", demo::USER, service.now()))
        .await;
    right_code(&service, "sms").await;
    let left = came_back(&service, demo::USER).await;
    assert_eq!(left[0]["to"], demo::USER);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(order(&service).await, ["totp", "sms", "email"]);
}

#[tokio::test]
async fn a_verified_code_clears_the_mark_too() {
    let service = Service::start().await;
    service
        .reports(&bounce("Permanent", demo::USER, service.now()))
        .await;
    service.advance(31);
    let token = service.begin().await;
    assert_eq!(service.challenge(&token, "email").await.status, 200);
    let verified = service.verify(&token, &service.newest_code()).await;
    assert_eq!(verified.status, 200, "{}", verified.raw);
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
}

#[tokio::test]
async fn a_link_that_was_opened_clears_the_mark_of_its_address() {
    let service = Service::start().await;
    service
        .reports(&bounce("Permanent", demo::PLAIN_USER, service.now()))
        .await;
    assert_eq!(
        came_back(&service, demo::PLAIN_USER).await[0]["kind"],
        "bounced"
    );
    service.advance(31);
    let user = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let token = service.reset_token(demo::PLAIN_USER).await;
    let done = service
        .reset(&user, &token, "another long passphrase")
        .await;
    assert_eq!(done.status, 204, "{}", done.raw);
    assert_eq!(came_back(&service, demo::PLAIN_USER).await, json!([]));
}

#[tokio::test]
async fn a_factor_at_another_address_than_the_users_own_is_known_by_the_last_code_there() {
    let service = Service::start().await;
    let name = "ann@example.com";
    let user = service.add_user(name, |_| {}).await;
    let phone = address_factor(Channel::Sms, "+15555550166", true);
    service
        .add_factor(user, &address_factor(Channel::Email, OTHER, true))
        .await;
    service.add_factor(user, &phone).await;
    let event = bounce("Permanent", OTHER, service.now());
    assert_eq!(service.reports(&event).await, 0, "no code went there yet");
    let token = service.password_as(name).await.text("mfa_token");
    assert_eq!(service.challenge(&token, "email").await.status, 200);
    assert_eq!(service.reports(&event).await, 1);
    let marked = came_back(&service, name).await;
    assert_eq!(marked[0]["to"], OTHER);
}

#[tokio::test]
async fn a_code_that_removes_its_own_factor_clears_the_mark_of_no_other_address() {
    let service = Service::start().await;
    let name = "ann@example.com";
    let user = service.add_user(name, |_| {}).await;
    service
        .add_factor(user, &address_factor(Channel::Email, OTHER, true))
        .await;
    let sent = |asked: crate::harness::Answer| {
        asked.is_refused(400, "invalid_grant", "2FA token is required");
        service.newest_code()
    };
    let code = sent(service.aidbox_login(name, None).await);
    let login = service.aidbox_login(name, Some(&code)).await;
    assert_eq!(login.status, 200, "{}", login.raw);
    let at = service.now() + 5;
    for address in [name, OTHER] {
        assert_eq!(service.reports(&bounce("Permanent", address, at)).await, 1);
    }
    service.advance(31);
    let code = sent(service.aidbox_login(name, None).await);
    let access = login.text("access_token");
    let token = json!({ "token": code });
    let off = service.two_factor("disable", &access, &token).await;
    assert_eq!(off.status, 200, "{}", off.raw);
    let left = came_back(&service, name).await;
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left[0]["to"], name);
}

#[tokio::test]
async fn a_report_names_the_address_that_the_mail_was_sent_to() {
    let service = Service::start().await;
    // The mailbox forwards, and the mailbox behind it is full for good.
    let mut event = bounce("Permanent", demo::USER, service.now());
    event["detail"]["bounce"]["bouncedRecipients"][0]["emailAddress"] = json!(OTHER);
    assert_eq!(service.reports(&event).await, 1);
    assert_eq!(came_back(&service, demo::USER).await[0]["to"], demo::USER);
}

#[tokio::test]
async fn an_unknown_destination_changes_nothing_and_fails_nothing() {
    let service = Service::start().await;
    let before = service.items().await.len();
    let number = text_message("FAILURE", "+15555559999", "Invalid phone number");
    for event in [
        bounce("Permanent", "nobody@example.org", service.now()),
        complaint("abuse", "nobody@example.org", service.now()),
        log_lines(&[number], service.now()),
    ] {
        let (taken, lines) = logged(service.report(&event)).await;
        assert_eq!(taken.unwrap(), json!({ "reports": 1, "marked": 0 }));
        let lines = format!("{lines:?}");
        assert!(
            !lines.contains("nobody@") && !lines.contains("5555"),
            "{lines}"
        );
    }
    assert_eq!(service.items().await.len(), before);
    // Who signs in by an address that looks alike has no mark.
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
}

#[tokio::test]
async fn what_is_unreadable_fails_and_names_the_field_and_the_rest_is_marked() {
    let service = Service::start().await;
    send(&service, "sms").await;
    let at = service.now();
    let without = |path: &str| {
        let mut event = bounce("Permanent", demo::USER, at);
        *event.pointer_mut(path).unwrap() = Value::Null;
        event
    };
    for (event, field) in [
        (json!({}), "source"),
        (json!("text"), "source"),
        (json!({ "source": "aws.s3" }), "source"),
        (json!({ "source": "aws.ses" }), "detail-type"),
        (without("/detail/bounce"), "bounce.bounceType"),
        (without("/detail/bounce/timestamp"), "bounce.timestamp"),
        (
            without("/detail/bounce/bouncedRecipients"),
            "bounce.bouncedRecipients",
        ),
        (json!({ "awslogs": { "data": "%" } }), "awslogs.data"),
        (json!({ "awslogs": { "data": "AAAA" } }), "awslogs.data"),
        (packed(&json!({})), "messageType"),
        (
            packed(&json!({ "messageType": "DATA_MESSAGE" })),
            "logEvents",
        ),
        (
            log_lines(
                &[text_message(
                    "FAILURE",
                    "+1XXX5550100",
                    "Invalid phone number",
                )],
                at,
            ),
            "delivery.destination",
        ),
    ] {
        let (taken, lines) = logged(service.report(&event)).await;
        let expected = format!("a report of a delivery lacks {field}");
        assert_eq!(taken, Err(expected), "{event} {lines:?}");
    }
    assert_eq!(came_back(&service, demo::USER).await, json!([]));
    let good = text_message("FAILURE", demo::PHONE, "Invalid phone number");
    let both = log_lines(&[json!("nonsense"), good], at);
    assert!(service.report(&both).await.is_err());
    assert_eq!(came_back(&service, demo::USER).await[0]["to"], demo::PHONE);
}

#[tokio::test]
async fn a_mark_names_the_user_and_no_text_of_a_stranger_in_log_and_table() {
    let service = Service::start().await;
    let event = bounce("Permanent", demo::USER, service.now());
    let (taken, lines) = logged(service.report(&event)).await;
    assert!(taken.is_ok());
    let line = lines
        .iter()
        .find(|line| line["event"] == "destination.marked");
    let user = service.account(demo::USER).await.user.id.dashed();
    assert_eq!(line.unwrap()["user_id"], user);
    let said = format!("{lines:?}{:?}", service.items().await);
    assert!(!said.contains("the other server's choice"));
    assert!(!format!("{lines:?}").contains(demo::USER));
}
