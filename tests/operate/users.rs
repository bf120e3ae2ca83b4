//! The commands `user` and `session`.

use countersign::domain::factors::factor::Channel;
use countersign::store::CodeGuess;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::accounts::sign_up::change_password;
use crate::dialects::auth0::login::passwordless::challenge;
use crate::harness::account::PASSWORD;
use crate::harness::{Answer, Service, address_factor};

async fn plain(service: &Service) -> Answer {
    service
        .password_of(demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await
}

#[tokio::test]
async fn a_user_who_was_added_sets_a_password_by_mail_and_signs_in() {
    let service = Service::start().await;
    let add = [
        "user",
        "add",
        "--email",
        "Ann@example.com",
        "--email-confirmed",
        "--role",
        "admin",
    ];
    let user = service.operated(&add).await;
    assert_eq!(user["has_password"], json!(false));
    let id = user["id"].as_str().unwrap();
    let token = service.reset_token("ann@example.com").await;
    let reset = service.reset(id, &token, PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let tokens = service.password_of("ann@example.com", PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let shown = service.operated(&["user", "show", id]).await;
    assert_eq!(shown["roles"], json!(["admin"]));
    assert_eq!(shown["live_sessions"], json!(1));
}

#[tokio::test]
async fn a_wrong_field_of_a_new_user_is_named() {
    let service = Service::start().await;
    for (email, more, names) in [
        ("ann", vec![], "\"ann\" is no e-mail address"),
        (
            "ann@example.com",
            vec!["--phone", "123"],
            "\"123\" is no phone number",
        ),
        (
            "ann@example.com",
            vec!["--user-name", "a b"],
            "\"a b\" is no user name",
        ),
        ("ann@example.com", vec!["--role", ""], "a role wants"),
        (
            demo::USER,
            vec![],
            "user@example.com belongs to another user",
        ),
    ] {
        let add = [&["user", "add", "--email", email][..], &more].concat();
        let (code, line) = service.not_operated(&add).await;
        assert_eq!(code, 4);
        assert!(line.starts_with(names), "{line}");
    }
}

#[tokio::test]
async fn a_disabled_user_is_signed_out_and_signs_in_again_when_enabled() {
    let service = Service::start().await;
    let tokens = plain(&service).await;
    service
        .operated(&["user", "disable", demo::PLAIN_USER])
        .await;
    assert_eq!(plain(&service).await.status, 403);
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        403
    );
    let shown = service.operated(&["user", "show", demo::PLAIN_USER]).await;
    assert_eq!(shown["active"], json!(false));
    service
        .operated(&["user", "enable", demo::PLAIN_USER])
        .await;
    assert_eq!(plain(&service).await.status, 200);
    // The earlier session has still ended.
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        403
    );
}

#[tokio::test]
async fn a_sign_out_ends_every_session_and_a_pending_login() {
    let service = Service::start().await;
    let tokens = plain(&service).await;
    let pending = service.begin().await;
    for user in [demo::PLAIN_USER, demo::USER] {
        service.operated(&["user", "sign-out", user]).await;
    }
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        403
    );
    let code = service.totp();
    assert_eq!(service.redeem_otp(&pending, &code).await.status, 401);
    assert_eq!(plain(&service).await.status, 200);
}

#[tokio::test]
async fn one_session_is_listed_and_ended_and_the_other_goes_on() {
    let service = Service::start().await;
    let first = plain(&service).await;
    let list = ["session", "list", demo::PLAIN_USER];
    let listed = service.operated(&list).await;
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed[0]["client"], json!("demo"));
    let second = plain(&service).await;
    assert_eq!(service.operated(&list).await.as_array().unwrap().len(), 2);
    service
        .operated(&["session", "end", demo::PLAIN_USER, &id])
        .await;
    assert_eq!(
        service.refresh(&first.text("refresh_token")).await.status,
        403
    );
    assert_eq!(
        service.refresh(&second.text("refresh_token")).await.status,
        200
    );
    assert_eq!(service.operated(&list).await.as_array().unwrap().len(), 1);
    let all = [&list[..], &["--all"]].concat();
    assert_eq!(service.operated(&all).await.as_array().unwrap().len(), 2);
    let unknown = "00000000-0000-4000-8000-000000000000";
    for ended in [id.as_str(), unknown] {
        let (code, _) = service
            .not_operated(&["session", "end", demo::PLAIN_USER, ended])
            .await;
        assert_eq!(code, 3);
    }
    let acts = service.operated(&["acts", "list"]).await;
    assert_eq!(acts.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn roles_are_replaced_and_may_be_none() {
    let service = Service::start().await;
    let set = ["user", "set-roles", demo::PLAIN_USER, "admin", "auditor"];
    assert_eq!(
        service.operated(&set).await["roles"],
        json!(["admin", "auditor"])
    );
    let none = ["user", "set-roles", demo::PLAIN_USER];
    assert_eq!(service.operated(&none).await["roles"], json!([]));
}

#[tokio::test]
async fn a_password_that_must_change_gives_no_tokens() {
    let service = Service::start().await;
    let tokens = plain(&service).await;
    service
        .operated(&["user", "require-password-change", demo::PLAIN_USER])
        .await;
    let answer = plain(&service).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_eq!(
        service.refresh(&tokens.text("refresh_token")).await.status,
        403
    );
}

#[tokio::test]
async fn an_address_that_an_operator_vouches_for_is_confirmed() {
    let service = Service::start().await;
    service.registered().await;
    let confirm = ["user", "confirm-email", "annlee"];
    assert_eq!(
        service.operated(&confirm).await["email_confirmed"],
        json!(true)
    );
}

#[tokio::test]
async fn wrong_passwords_are_forgotten_and_the_user_is_told() {
    let service = Service::start().await;
    for _ in 0..11 {
        service.password_of(demo::USER, "wrong").await;
    }
    assert_eq!(service.password("openid").await.status, 429);
    let unlock = [
        "user",
        "unlock",
        demo::USER,
        "--reason",
        "called, ticket 4711",
    ];
    let from = [&unlock[..], &["--network", "192.0.2.1"]].concat();
    let before = service.messages().len();
    service.operated(&from).await;
    // 403 means that a second factor is needed.
    assert_eq!(service.password("openid").await.status, 403);
    let sent = service.messages();
    // By e-mail and by text message.
    assert_eq!(sent.len(), before + 2);
    for message in &sent[..2] {
        assert!(message.text.contains("unlocked"), "{}", message.text);
    }
    let shown = service.operated(&["user", "show", demo::USER]).await;
    let act = &shown["acts"][0];
    assert_eq!(act["act"], json!("user unlock"));
    assert_eq!(act["by"], json!("olga"));
    assert_eq!(act["reason"], json!("called, ticket 4711"));
}

#[tokio::test]
async fn closed_codes_are_open_again_after_an_unlock() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user.id;
    let guesser = countersign::domain::login::throttle::Guesser::User(user);
    for _ in 0..10 {
        let counted = service
            .app
            .store
            .count_attempt(guesser, CodeGuess::SixDigits, service.now());
        counted.await.unwrap();
    }
    let token = service.begin().await;
    assert_eq!(
        service.redeem_otp(&token, &service.totp()).await.status,
        429
    );
    service
        .operated(&["user", "unlock", demo::USER, "--reason", "called"])
        .await;
    assert_eq!(
        service.redeem_otp(&token, &service.totp()).await.status,
        200
    );
}

#[tokio::test]
async fn a_reason_is_demanded_for_what_weakens_an_account() {
    let service = Service::start().await;
    for command in ["unlock", "reset-factors"] {
        let bare = service.not_operated(&["user", command, demo::USER]).await;
        assert_eq!(bare.0, 2);
        let empty = ["user", command, demo::USER, "--reason", "  "];
        assert_eq!(service.not_operated(&empty).await.0, 2);
    }
}

#[tokio::test]
async fn lost_factors_are_reset_and_every_confirmed_channel_hears_of_it() {
    let service = Service::start().await;
    let another = address_factor(Channel::Email, "spare@example.net", true);
    let webhook = address_factor(Channel::Webhook, "phone", true);
    let id = service
        .add_user("lost@example.com", |account| {
            account.user.email_confirmed = true;
            account.user.phone = Some("+15555550123".to_owned());
            account.user.phone_confirmed = true;
            account.factors.extend([another, webhook]);
        })
        .await;
    let pending = service.begin_as("lost@example.com").await;
    let reset = [
        "user",
        "reset-factors",
        "lost@example.com",
        "--reason",
        "lost phone",
        "--forget-phone",
    ];
    let done = service.operate(&reset).await.unwrap().text;
    let sentence = "by 3 message(s). Nothing went to the webhook, which takes codes only.";
    assert!(done.contains(sentence), "{done}");
    let mut told: Vec<String> = service
        .messages()
        .iter()
        .map(|one| one.to.clone())
        .collect();
    told.sort();
    assert_eq!(
        told,
        ["+15555550123", "lost@example.com", "spare@example.net"]
    );
    let shown = service.operated(&["user", "show", &id.dashed()]).await;
    assert_eq!(shown["factors"], json!([]));
    assert_eq!(shown["phone_confirmed"], json!(false));
    // A second factor is still required, and the confirmed address is offered.
    assert_eq!(shown["two_factor"], json!(true));
    let over = service.get("/mfa/authenticators", Some(&pending)).await;
    assert_eq!(over.status, 401, "{}", over.raw);
    let token = service.begin_as("lost@example.com").await;
    let listed = service.get("/mfa/authenticators", Some(&token)).await;
    let kinds = listed.body.as_array().unwrap().iter();
    let kinds: Vec<&Value> = kinds.map(|one| &one["oob_channel"]).collect();
    assert_eq!(kinds, [&json!("email")]);
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_but_the_act() {
    let service = Service::start().await;
    let id = service.account(demo::USER).await.user.id;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(change_password(&service, demo::USER).await.status, 200);
    service.advance(60);
    assert_eq!(challenge(&service, demo::USER, false).await.status, 200);
    let (code, _) = service.not_operated(&["user", "delete", demo::USER]).await;
    assert_eq!(code, 2);
    let deleted = service
        .operated(&["user", "delete", demo::USER, "--yes"])
        .await;
    assert_eq!(deleted["deleted"]["factors"], json!(3));
    assert_eq!(deleted["deleted"]["sessions"], json!(1));
    assert_eq!(deleted["deleted"]["links and confirmations"], json!(1));
    assert_eq!(deleted["deleted"]["codes in place of a password"], json!(1));
    let ids = [id.to_string(), id.dashed()];
    for item in service.items().await {
        let key = item["PK"].as_s().unwrap();
        let item_text = format!("{item:?}");
        let of_user = ids.iter().any(|id| item_text.contains(id)) || item_text.contains(demo::USER);
        assert!(
            !of_user || key.starts_with("EVENTS#"),
            "{item_text} is left"
        );
    }
    assert_eq!(service.password("openid").await.status, 403);
    let access = tokens.text("access_token");
    assert_eq!(service.get("/userinfo", Some(&access)).await.status, 401);
    let refreshed = service.refresh(&tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 403, "{}", refreshed.raw);
    let acts = service
        .app
        .store
        .list_acts(&id.to_string(), 100)
        .await
        .unwrap();
    assert_eq!(acts[0].what, "user delete");
    let (code, line) = service.not_operated(&["user", "show", demo::USER]).await;
    assert_eq!(
        (code, line.as_str()),
        (3, "there is no user user@example.com")
    );
    // The name is free again.
    service
        .operated(&["user", "add", "--email", demo::USER])
        .await;
}

#[tokio::test]
async fn users_are_found_by_a_part_of_what_is_known_of_them() {
    let service = Service::start().await;
    for (text, name) in [
        ("plain@", demo::PLAIN_USER),
        ("+15555550101", demo::ABP_USER),
        ("ADMIN@EX", demo::ABP_USER),
    ] {
        let found = service.operated(&["user", "find", text]).await;
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found[0]["user_name"], json!(name));
    }
    assert_eq!(
        service
            .operate(&["user", "find", "nobody"])
            .await
            .unwrap()
            .text,
        "none\n"
    );
}

#[tokio::test]
async fn nothing_that_the_tool_prints_of_a_user_is_a_secret() {
    let service = Service::start().await;
    let account = service.account(demo::USER).await;
    let hash = account.user.password.unwrap().as_str().to_owned();
    for command in [
        &["user", "show", demo::USER][..],
        &["user", "find", "user@"],
    ] {
        let printed = service.operate(command).await.unwrap();
        let all = format!("{}{}", printed.text, printed.json);
        for secret in [hash.as_str(), demo::SEED, demo::RECOVERY_CODE, "argon2"] {
            assert!(!all.contains(secret), "{secret}");
        }
    }
}
