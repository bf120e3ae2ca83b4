//! A right password there makes the user here, once.

use countersign::domain::factors::totp::Seed;
use countersign_local::demo;
use serde_json::json;

use super::former::{ANN, FORMER_PASSWORD, Former, ann, ann_signs_in};
use crate::harness::events::events_of;
use crate::harness::{Service, logged};

#[tokio::test]
async fn a_user_moves_in_with_the_first_login_and_the_former_system_is_asked_once() {
    let former = Former::with(vec![ann()]).await;
    let headers = [(
        "COUNTERSIGN_MIGRATION_HEADERS",
        "{\"authorization\": \"Bearer s3cr3t-of-ours\"}",
    )];
    let service = former.service_with(&headers).await;
    service.watch_secret("s3cr3t-of-ours");
    let (tokens, lines) = logged(service.password_of(" Ann@Example.com", FORMER_PASSWORD)).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let moved = |line: &serde_json::Value| line["message"] == "a user moved in";
    assert_eq!(
        lines.iter().filter(|line| moved(line)).count(),
        1,
        "{lines:?}"
    );
    let [told] = &events_of(&lines)[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(told["type"], "s");
    assert_eq!(told["also"], json!(["ss", "session_begun"]));
    let [question] = &former.asked()[..] else {
        panic!("asked {} times", former.asked().len());
    };
    // The name as it compares, and the password as it was typed.
    let posted = json!({ "username": ANN, "password": FORMER_PASSWORD });
    assert_eq!(question.body, posted);
    assert_eq!(question.headers["authorization"], "Bearer s3cr3t-of-ours");
    assert_eq!(question.headers["content-type"], "application/json");
    assert!(!format!("{:?} {lines:?}", service.app.config).contains("s3cr3t"));

    let user = service.account(ANN).await.user;
    assert_eq!(user.id.dashed(), "0198c0de-0000-7000-8000-0000000000aa");
    assert_eq!(tokens.claims("access_token")["sub"], user.id.dashed());
    assert_eq!(user.user_name, "ann");
    assert!(user.email_confirmed && user.phone_confirmed && user.active);
    assert_eq!(user.given_name.as_deref(), Some("Ann"));
    assert_eq!(user.roles, [""; 0], "roles are not asked for");
    let hash = user.password.unwrap();
    assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    // From now on, the user is known here, by every name.
    for name in ["ann", ANN] {
        let right = service.password_of(name, FORMER_PASSWORD).await;
        assert_eq!(right.status, 200, "{}", right.raw);
        let wrong = service.password_of(name, "correct horsf").await;
        assert_eq!(wrong.status, 403, "{}", wrong.raw);
    }
    assert_eq!(former.asked().len(), 1);
}

#[tokio::test]
async fn an_identifier_that_is_no_uuid_becomes_the_one_that_an_import_gives() {
    let mut user = ann();
    user["user_id"] = json!(null);
    user["id"] = json!(4711);
    let former = Former::with(vec![user]).await;
    let service = former.service().await;
    assert_eq!(ann_signs_in(&service).await.status, 200);
    let here = service.account(ANN).await.user.id;
    let imported = countersign::domain::id::UserId::of_name("auth0|4711");
    assert_eq!(here, imported);
}

#[tokio::test]
async fn what_apps_show_of_a_user_comes_along_and_what_does_not_fit_keeps_nobody_out() {
    let mut user = ann();
    user["name"] = json!("Ann Lee");
    user["nickname"] = json!("x".repeat(301));
    user["picture"] = json!("javascript:alert(1)");
    user["user_metadata"] = json!({ "plan": "gold", "age": 7 });
    let former = Former::with(vec![user]).await;
    let service = former.service().await;
    let tokens = ann_signs_in(&service).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let profile = service.account(ANN).await.user.profile;
    assert_eq!(profile.name.as_deref(), Some("Ann Lee"));
    assert_eq!((profile.nickname, profile.picture), (None, None));
    let kept: Vec<_> = profile.metadata.into_iter().collect();
    assert_eq!(kept, [("plan".to_owned(), "gold".to_owned())]);
}

#[tokio::test]
async fn roles_come_from_the_list_that_the_setting_names_and_from_no_other() {
    for list in ["app_metadata", "metadata"] {
        let mut user = ann();
        let roles = user["app_metadata"].take();
        user[list] = roles;
        let former = Former::with(vec![user]).await;
        for (named, roles) in [("groups", &["admin", "auditor"][..]), ("roles", &[])] {
            let setting = [("COUNTERSIGN_MIGRATION_ROLES", named)];
            let service = former.service_with(&setting).await;
            assert_eq!(ann_signs_in(&service).await.status, 200);
            assert_eq!(service.account(ANN).await.user.roles, roles);
        }
    }
}

#[tokio::test]
async fn a_second_factor_comes_along_and_the_first_login_demands_it() {
    let seed = "NB2W45DFOIZDGMRTGQ2TMNZYHE";
    let mut user = ann();
    user["mfa_factors"] = json!([
        { "totp": { "secret": seed } }, { "phone": { "value": "+15555550142" } },
    ]);
    let former = Former::with(vec![user]).await;
    let service = former.service().await;
    service.watch_secret(seed);
    let begun = ann_signs_in(&service).await;
    assert_eq!(begun.text("error"), "mfa_required", "{}", begun.raw);
    let step = u64::try_from(service.now() / 30).unwrap();
    let code = Seed::from_base32(seed).unwrap().code(step);
    let token = begun.text("mfa_token");
    let tokens = service.redeem_otp(&token, code.expose()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let begun = ann_signs_in(&service).await;
    let sent = service.challenge(&begun.text("mfa_token"), "sms").await;
    assert_eq!(sent.status, 200, "{}", sent.raw);
    assert_eq!(former.asked().len(), 1);
}

#[tokio::test]
async fn a_user_moves_in_in_each_dialects_words() {
    let words = |name: &str| json!({ "email": name, "email_verified": true });
    let names = [
        "abp@example.com",
        "check@example.com",
        "mail@example.com",
        "box@example.com",
    ];
    let former = Former::with(names.iter().map(|name| words(name)).collect()).await;
    let service = former.service().await;
    let [abp, check, codemaze, aidbox] = names;
    let tokens = service.sign_in(abp, FORMER_PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let body = json!({ "userNameOrEmailAddress": check, "password": FORMER_PASSWORD });
    let checked = service.post_json("/api/account/login", &body).await;
    assert_eq!(checked.body["description"], "Success", "{}", checked.raw);
    let body = json!({ "email": codemaze, "password": FORMER_PASSWORD });
    let tokens = service.post_json("/api/accounts/login", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let tokens = service
        .aidbox_password(aidbox, FORMER_PASSWORD, &json!({}))
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    for name in names {
        assert!(service.account(name).await.user.email_confirmed, "{name}");
    }
}

#[tokio::test]
async fn the_login_that_moves_a_user_in_makes_two_requests_more_and_the_next_none() {
    let former = Former::with(vec![ann()]).await;
    let (service, dynamodb) = former.service_behind_proxy().await;
    service.watch_secret(FORMER_PASSWORD);
    // The keys and the client are remembered from here on.
    service.begin().await;
    dynamodb.take_seen();
    for more in [2, 0] {
        // From the second login on, the network is known.
        let known = service
            .password_of(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(known.status, 200, "{}", known.raw);
        let login = dynamodb.take_seen().len();
        assert_eq!(ann_signs_in(&service).await.status, 200);
        let seen = dynamodb.take_seen();
        assert_eq!(seen.len(), login + more, "{seen:?}");
    }
}

#[tokio::test]
async fn without_a_former_system_nobody_is_asked() {
    let former = Former::with(vec![ann()]).await;
    let service = Service::start().await;
    let refused = ann_signs_in(&service).await;
    assert_eq!(refused.error(), "invalid_grant: Wrong email or password.");
    assert_eq!(former.asked().len(), 0);
}
