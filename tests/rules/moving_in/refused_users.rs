//! Whom the former system does not let in, and what that costs.

use countersign_local::demo;
use serde_json::{Value, json};

use super::former::{ANN, FORMER_PASSWORD, Former, FormerReply, ann, ann_signs_in};
use crate::harness::{Service, logged};

const WRONG: &str = "invalid_grant: Wrong email or password.";

async fn has_nobody(service: &Service) -> bool {
    let name = countersign::domain::accounts::login_name::LoginName::parse(ANN);
    let found = service.app.store.find_name(&name.unwrap()).await;
    found.unwrap().is_none()
}

#[tokio::test]
async fn a_no_is_answered_and_costs_as_a_wrong_password_of_a_known_user() {
    let former = Former::with(vec![ann()]).await;
    let (service, dynamodb) = former.service_behind_proxy().await;
    // The keys and the client are remembered from here on.
    service.password_of("first@example.com", "wrong").await;
    dynamodb.take_seen();
    let mut seen = Vec::new();
    for name in [ANN, demo::PLAIN_USER] {
        let answer = service.password_of(name, "wrong").await;
        let mut operations = dynamodb.take_seen();
        operations.sort();
        seen.push((answer.status, answer.raw, operations));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].0, 403);
    // A 200 with null is a no, too.
    let nobody = Former::start(|_| FormerReply::Json(200, Value::Null)).await;
    let service = nobody.service().await;
    assert_eq!(ann_signs_in(&service).await.error(), WRONG);
    assert!(has_nobody(&service).await);
}

#[tokio::test]
async fn a_name_is_asked_about_as_often_as_it_may_be_guessed_at_and_no_more() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service().await;
    for _ in 0..10 {
        assert_eq!(service.password_of(ANN, "wrong").await.status, 403);
    }
    // The right password is not asked about either.
    assert_eq!(ann_signs_in(&service).await.status, 429);
    assert_eq!(former.asked().len(), 10);
    // And one network asks about a hundred names.
    for at in 0..95 {
        service
            .password_of(&format!("u{at}@example.com"), "wrong")
            .await;
    }
    assert_eq!(former.asked().len(), 100);
}

#[tokio::test]
async fn a_password_that_is_right_for_another_name_lets_nobody_in() {
    let former = Former::start(|_| FormerReply::Json(200, ann())).await;
    let service = former.service().await;
    let (refused, lines) = logged(service.password_of("eve@example.com", FORMER_PASSWORD)).await;
    assert_eq!(refused.error(), WRONG);
    let told = |line: &Value| line["what"] == "answers with a user of another name";
    assert!(lines.iter().any(told), "{lines:?}");
    assert!(has_nobody(&service).await);
}

#[tokio::test]
async fn an_old_password_under_an_old_name_lets_nobody_into_an_account_that_moved_on() {
    let mut service = Service::start().await;
    service.watch_secret(FORMER_PASSWORD);
    let known = service.account(demo::PLAIN_USER).await.user.id;
    let mut stale = ann();
    stale["user_id"] = json!(known.dashed());
    let former = Former::with(vec![stale]).await;
    let url = [("COUNTERSIGN_MIGRATION_URL", former.url.as_str())];
    let app = service.restarted_with(&url);
    service.take(app);
    let before = service.account(demo::PLAIN_USER).await.user;
    let (refused, lines) = logged(ann_signs_in(&service)).await;
    assert_eq!(refused.error(), WRONG);
    let told = |line: &Value| line["what"] == "names a user who has another name here";
    assert!(lines.iter().any(told), "{lines:?}");
    let after = service.account(demo::PLAIN_USER).await.user;
    assert!(before.password == after.password && before.epoch == after.epoch);
}

#[tokio::test]
async fn a_user_whose_other_name_is_taken_here_is_not_let_in() {
    let mut user = ann();
    user["username"] = json!(demo::PLAIN_USER);
    let former = Former::with(vec![user]).await;
    let service = former.service().await;
    let (refused, lines) = logged(ann_signs_in(&service)).await;
    assert_eq!(refused.error(), WRONG);
    let told = |line: &Value| line["what"] == "names a user whose other name is taken here";
    assert!(lines.iter().any(told), "{lines:?}");
    assert!(has_nobody(&service).await);
}

#[tokio::test]
async fn a_blocked_user_moves_in_blocked() {
    let mut user = ann();
    user["blocked"] = json!(true);
    let former = Former::with(vec![user]).await;
    let service = former.service().await;
    assert_eq!(ann_signs_in(&service).await.status, 403);
    assert!(!service.account(ANN).await.user.active);
}

#[tokio::test]
async fn a_user_who_would_be_refused_by_an_import_is_refused_here_and_the_log_names_the_field() {
    for (field, value, why) in [
        (
            "phone_number",
            json!("12"),
            "phone_number cannot be used here",
        ),
        ("username", json!("a b"), "username cannot be used here"),
        ("user_id", json!(""), "user_id is empty"),
        (
            "given_name",
            json!("a\u{7}"),
            "given_name is longer than 256 characters or has control characters",
        ),
        (
            "mfa_factors",
            json!([{}]),
            "an element of mfa_factors is not one of totp, phone, email",
        ),
        (
            "mfa_factors",
            json!([{ "totp": { "secret": "?" } }]),
            "the secret of a totp factor is no base32 of 10 to 64 bytes",
        ),
        (
            "app_metadata",
            json!({ "groups": "admin" }),
            "the roles are not a list of names",
        ),
    ] {
        let mut user = ann();
        user[field] = value;
        let former = Former::with(vec![user]).await;
        let roles = [("COUNTERSIGN_MIGRATION_ROLES", "groups")];
        let service = former.service_with(&roles).await;
        let (broken, lines) = logged(ann_signs_in(&service)).await;
        assert_eq!(broken.status, 500, "{field}: {}", broken.raw);
        let wanted = format!("a user of the former system: {why}");
        let told = |line: &Value| line["error"] == wanted.as_str();
        assert!(lines.iter().any(told), "{field}: {lines:?}");
        assert!(has_nobody(&service).await);
    }
}
