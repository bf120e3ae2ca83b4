//! What an operator changes of a user: names, addresses, and one factor. What a deletion
//! would remove.

use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::accounts::passwords;
use crate::dialects::auth0::login::phone_codes::start_phone;
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};

#[tokio::test]
async fn names_address_and_number_are_changed_and_the_user_signs_in_by_the_new_address() {
    let service = Service::start().await;
    service.registered_owner().await;
    let tokens = service.sign_in(USER_NAME, PASSWORD).await;
    let refresh = tokens.text("refresh_token");
    let update = [
        "user",
        "update",
        EMAIL,
        "--email",
        "ann@example.org",
        "--phone",
        "+1 555 555 0142",
        "--given-name",
        "Anne",
        "--family-name",
        "Leigh",
    ];
    let before = service.messages().len();
    let shown = service.operated(&update).await;
    // Whoever had the old address reads that the account moved away from it.
    let sent = service.messages();
    let told: Vec<_> = sent[..sent.len() - before].iter().collect();
    assert!(told.iter().any(|message| message.to == EMAIL), "{told:?}");
    for message in told {
        assert!(
            message.text.contains("changed the e-mail address"),
            "{message:?}"
        );
    }
    let members = [
        "user_name",
        "email",
        "email_confirmed",
        "phone",
        "phone_confirmed",
    ];
    assert_eq!(
        members.map(|name| shown[name].clone()),
        [
            json!(USER_NAME),
            json!("ann@example.org"),
            json!(false),
            json!("+15555550142"),
            json!(false),
        ]
    );
    assert_eq!(
        (&shown["given_name"], &shown["family_name"]),
        (&json!("Anne"), &json!("Leigh"))
    );
    assert_eq!(shown["acts"][0]["act"], json!("user update"));
    // Every session has ended.
    let over = passwords::refresh(&service, &refresh).await;
    assert_eq!(over.status, 400, "{}", over.raw);
    for (name, status) in [(USER_NAME, 200), ("ann@example.org", 200), (EMAIL, 400)] {
        let answer = service.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.raw);
    }
    // Somebody else may have the old address now.
    service.operated(&["user", "add", "--email", EMAIL]).await;
    let taken = ["user", "update", USER_NAME, "--email", EMAIL];
    let (code, told) = service.not_operated(&taken).await;
    assert_eq!(code, 4);
    assert!(told.contains("belongs to another user"), "{told}");
}

#[tokio::test]
async fn a_number_that_an_operator_vouches_for_gets_codes_and_the_user_is_told() {
    let service = Service::start().await;
    service.registered_owner().await;
    let confirm = ["user", "confirm-phone", EMAIL];
    let (code, line) = service.not_operated(&confirm).await;
    assert_eq!(
        (code, line.contains("no phone number")),
        (4, true),
        "{line}"
    );
    let phone = ["user", "update", EMAIL, "--phone", "+1 555 555 0142"];
    service.operated(&phone).await;
    let before = service.messages().len();
    let shown = service.operated(&confirm).await;
    assert_eq!(shown["phone_confirmed"], json!(true), "{shown}");
    let sent = service.messages();
    assert_eq!(sent.len(), before + 1);
    assert_eq!(sent[0].to, EMAIL);
    assert!(sent[0].text.contains("A phone number was confirmed"));
    let happened = service.operated(&["user", "events", EMAIL]).await;
    let happened = happened.as_array().unwrap();
    let confirmed = happened
        .iter()
        .find(|event| event["event"] == "phone.confirmed");
    assert_eq!(
        confirmed.unwrap()["act"],
        json!("user confirm-phone"),
        "{happened:?}"
    );
    // From now on, a code to the number stands in place of this user's password.
    start_phone(&service, "+15555550142").await;
    assert_eq!(service.messages()[0].to, "+15555550142");
}

#[tokio::test]
async fn an_address_that_is_the_user_name_too_is_changed_as_both_and_empty_values_go() {
    let service = Service::start().await;
    let add = [
        "user",
        "add",
        "--email",
        "bo@example.com",
        "--phone",
        "+15555550143",
        "--given-name",
        "Bo",
    ];
    service.operated(&add).await;
    let update = [
        "user",
        "update",
        "bo@example.com",
        "--email",
        "bo@example.org",
        "--phone",
        "",
        "--given-name",
        "",
    ];
    let shown = service.operated(&update).await;
    assert_eq!(
        (&shown["user_name"], &shown["email"]),
        (&json!("bo@example.org"), &json!("bo@example.org"))
    );
    assert_eq!(
        (&shown["phone"], &shown["given_name"]),
        (&json!(null), &json!(null))
    );
    let (_, told) = service
        .not_operated(&["user", "show", "bo@example.com"])
        .await;
    assert!(told.contains("bo@example.com"), "{told}");
    for (option, value) in [("--email", ""), ("--email", "bo"), ("--phone", "555")] {
        let wrong = ["user", "update", "bo@example.org", option, value];
        assert_eq!(
            service.not_operated(&wrong).await.0,
            4,
            "{option} {value:?}"
        );
    }
    let nothing = ["user", "update", "bo@example.org"];
    assert_eq!(service.not_operated(&nothing).await.0, 2);
}

#[tokio::test]
async fn one_factor_is_removed_the_others_stay_and_the_user_is_told() {
    let service = Service::start().await;
    let shown = service.operated(&["user", "show", demo::USER]).await;
    let factors = shown["factors"].as_array().unwrap();
    let app = factors.iter().find(|one| one["kind"] == "totp").unwrap();
    let id = app["id"].as_str().unwrap();
    let command = [
        "user",
        "remove-factor",
        demo::USER,
        id,
        "--reason",
        "a lost phone",
    ];
    let before = service.messages().len();
    service.operated(&command).await;
    assert!(service.messages().len() > before);
    let shown = service.operated(&["user", "show", demo::USER]).await;
    let left = shown["factors"].as_array().unwrap();
    assert_eq!(left.len(), factors.len() - 1);
    assert!(left.iter().all(|one| one["id"] != id));
    assert_eq!(shown["two_factor"], json!(true));
    assert_ne!(shown["recovery_codes"], json!(0));
    assert_eq!(shown["acts"][0]["act"], json!("user remove-factor"));
    assert_eq!(shown["acts"][0]["reason"], json!("a lost phone"));
    let (code, told) = service.not_operated(&command).await;
    assert_eq!(code, 4);
    assert!(told.contains("no such factor"), "{told}");
    for one in left {
        let id = one["id"].as_str().unwrap();
        let command = [
            "user",
            "remove-factor",
            demo::USER,
            id,
            "--reason",
            "ticket 1",
        ];
        service.operated(&command).await;
    }
    // The recovery codes go with the last factor. The demand for a factor stays.
    let shown = service.operated(&["user", "show", demo::USER]).await;
    assert_eq!(shown["recovery_codes"], json!(0));
    assert_eq!(shown["two_factor"], json!(true));
}

#[tokio::test]
async fn a_dry_run_of_a_deletion_lists_what_the_deletion_removes_and_changes_nothing() {
    let service = Service::start().await;
    let token = service.begin().await;
    let tokens = service.redeem_otp(&token, &service.totp()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    service.password_of(demo::USER, "wrong").await;
    let before = service.items().await;
    let dry_run = ["user", "delete", demo::USER, "--dry-run"];
    let preview = service.operated(&dry_run).await;
    assert_eq!(service.items().await, before);
    assert_eq!(preview["would_be_deleted"]["sessions"], json!(1));
    // `--yes` does not overrule `--dry-run`.
    let both = ["user", "delete", demo::USER, "--dry-run", "--yes"];
    assert_eq!(service.operated(&both).await, preview);
    let delete = ["user", "delete", demo::USER, "--yes"];
    let deleted = service.operated(&delete).await;
    assert_eq!(preview["would_be_deleted"], deleted["deleted"]);
    assert_eq!(service.not_operated(&dry_run).await.0, 3);
}
