//! Sign-ups and forgotten passwords of users who have not moved in yet.

use countersign_local::demo;
use serde_json::json;

use super::former::{ANN, Former, FormerReply, ann, ann_signs_in};
use crate::dialects::auth0::login::passwordless::{by_mailbox, start};
use crate::harness::Service;
use crate::harness::account::{NEW_PASSWORD, PASSWORD};

/// Ann's identifier in the former system, which she keeps.
fn her_id() -> String {
    ann()["user_id"].as_str().unwrap().to_owned()
}

async fn is_ann(service: &Service) {
    let tokens = ann_signs_in(service).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["sub"], her_id());
}

#[tokio::test]
async fn a_sign_up_under_a_name_of_the_former_system_makes_no_second_account() {
    for (user_name, email) in [("annie", ANN), ("ann", "other@example.com")] {
        let former = Former::with(vec![ann()]).await;
        let service = former.service_that_finds().await;
        let refused = service.register(user_name, email, PASSWORD).await;
        assert_eq!(refused.status, 403, "{}", refused.raw);
        assert!(refused.raw.contains("already taken"), "{}", refused.raw);
        assert_eq!(service.account(ANN).await.user.id.dashed(), her_id());
        assert!(service.account(ANN).await.user.password.is_none());
        // Ann is not shut out: her password is still the former system's.
        let wrong = service.password_of(ANN, PASSWORD).await;
        assert_eq!(wrong.status, 403, "{}", wrong.raw);
        is_ann(&service).await;
        let asked = former.asked().len();
        is_ann(&service).await;
        assert_eq!(former.asked().len(), asked, "her password is here now");
    }
}

#[tokio::test]
async fn a_sign_up_under_a_name_that_nobody_has_is_made() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service_that_finds().await;
    let made = service.register("bob", "bob@example.com", PASSWORD).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    assert_eq!(former.asked_without_password(), 2, "both names");
    // A name that is known here is nobody else's.
    let again = service.register("bob", "bob@example.com", PASSWORD).await;
    assert_eq!(again.status, 403, "{}", again.raw);
    assert_eq!(former.asked_without_password(), 2);
}

#[tokio::test]
async fn a_user_who_has_not_moved_yet_resets_a_forgotten_password() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service_that_finds().await;
    let token = service.reset_token(ANN).await;
    let done = service.reset(&her_id(), &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 204, "{}", done.raw);
    let asked = former.asked().len();
    let tokens = service.password_of(ANN, NEW_PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.claims("access_token")["sub"], her_id());
    // The password of the former system is good no longer, and nobody asks about it.
    assert_eq!(ann_signs_in(&service).await.status, 403);
    assert_eq!(former.asked().len(), asked);
}

#[tokio::test]
async fn a_stranger_who_asks_for_a_reset_shuts_nobody_out_and_gets_no_message() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service_that_finds().await;
    assert_eq!(service.forgot(ANN).await.status, 204);
    assert_eq!(service.messages()[0].to, ANN);
    is_ann(&service).await;
    let before = service.messages().len();
    assert_eq!(service.forgot("nobody@example.com").await.status, 204);
    assert_eq!(service.messages().len(), before);
}

#[tokio::test]
async fn the_password_of_another_user_of_the_former_system_opens_no_account_here() {
    let answer = |asked: &serde_json::Value| {
        let mut user = ann();
        if asked.get("password").is_some() {
            user["user_id"] = json!("0198c0de-0000-7000-8000-0000000000bb");
        }
        FormerReply::Json(200, user)
    };
    let former = Former::start(answer).await;
    let service = former.service_that_finds().await;
    service.forgot(ANN).await;
    assert_eq!(ann_signs_in(&service).await.status, 403);
    assert!(service.account(ANN).await.user.password.is_none());
}

#[tokio::test]
async fn while_the_former_system_is_down_nobody_signs_up_and_known_users_are_not_affected() {
    let down = |_: &serde_json::Value| FormerReply::Text(500, "down".to_owned());
    let former = Former::start(down).await;
    let service = former.service_that_finds().await;
    let refused = service.register("bob", "bob@example.com", PASSWORD).await;
    assert_eq!(refused.status, 503, "{}", refused.raw);
    let forgot = service.forgot(ANN).await;
    assert_eq!(forgot.status, 204, "{}", forgot.raw);
    assert!(service.messages().is_empty());
    let known = service.forgot(demo::PLAIN_USER).await;
    assert_eq!(known.status, 204, "{}", known.raw);
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
}

#[tokio::test]
async fn without_the_setting_nobody_is_asked_without_a_password() {
    let former = Former::with(vec![ann()]).await;
    let service = former.service().await;
    let made = service.register("annie", ANN, PASSWORD).await;
    assert_eq!(made.status, 200, "{}", made.raw);
    service.forgot("bob@example.com").await;
    assert_eq!(former.asked().len(), 0);
}

/// Ann of the former system, which has confirmed her address or not, signs in by a code.
async fn by_code(former: &Former) -> (Service, crate::harness::Answer) {
    let finds = ("COUNTERSIGN_MIGRATION_USER_URL", former.url.as_str());
    let open = ("COUNTERSIGN_SIGN_UP", "auth0");
    let service = former.service_with(&[finds, open]).await;
    let sent = start(&service, ANN).await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    let answer = by_mailbox(&service, ANN, &service.newest_code()).await;
    (service, answer)
}

#[tokio::test]
async fn a_user_of_the_former_system_moves_in_by_the_first_code_of_the_mailbox() {
    let former = Former::with(vec![ann()]).await;
    let (service, answer) = by_code(&former).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.claims("access_token")["sub"], her_id());
    is_ann(&service).await;
}

#[tokio::test]
async fn a_password_of_the_former_system_opens_no_account_that_the_mailbox_has_taken() {
    let mut squatter = ann();
    squatter["email_verified"] = json!(false);
    let former = Former::with(vec![squatter]).await;
    let (service, answer) = by_code(&former).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.claims("access_token")["sub"], her_id());
    let late = ann_signs_in(&service).await;
    late.is_refused(403, "invalid_grant", "Wrong email or password.");
}
