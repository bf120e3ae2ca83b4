//! Accounts in ABP's words: registering, confirming, resetting, changing, and
//! what the token endpoint says meanwhile.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::is_refused;
use crate::harness::Service;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};

/// The members of the user in seed 000, in their order.
const SEED_MEMBERS: [&str; 29] = [
    "tenantId",
    "userName",
    "email",
    "name",
    "surname",
    "emailConfirmed",
    "phoneNumber",
    "phoneNumberConfirmed",
    "supportTwoFactor",
    "twoFactorEnabled",
    "isActive",
    "lockoutEnabled",
    "isLockedOut",
    "lockoutEnd",
    "shouldChangePasswordOnNextLogin",
    "concurrencyStamp",
    "roleNames",
    "accessFailedCount",
    "lastPasswordChangeTime",
    "isExternal",
    "isDeleted",
    "deleterId",
    "deletionTime",
    "lastModificationTime",
    "lastModifierId",
    "creationTime",
    "creatorId",
    "id",
    "extraProperties",
];

#[tokio::test]
async fn registering_gives_the_user_with_exactly_the_members_of_the_seed_and_signs_in_afterwards() {
    let service = Service::start().await;
    let answer = service.register(USER_NAME, EMAIL, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.members(), SEED_MEMBERS);
    let body = &answer.body;
    assert_eq!(
        (&body["userName"], &body["email"]),
        (&json!(USER_NAME), &json!(EMAIL))
    );
    assert_eq!(body["emailConfirmed"], false);
    assert_eq!(body["supportTwoFactor"], false);
    assert_eq!(body["twoFactorEnabled"], false);
    assert_eq!(body["isActive"], true);
    assert_eq!(body["creationTime"], "2027-01-15T08:00:00");
    assert_eq!(body["lastPasswordChangeTime"], "2027-01-15T08:00:00+00:00");
    assert!(service.messages().is_empty(), "nothing is sent by it");
    for name in [USER_NAME, EMAIL, "AnnLee"] {
        let tokens = service.sign_in(name, PASSWORD).await;
        assert_eq!(tokens.status, 200, "{name}: {}", tokens.raw);
    }
}

#[tokio::test]
async fn names_and_addresses_are_one_name_space_however_they_are_written() {
    let service = Service::start().await;
    service.registered().await;
    for (user_name, email, told) in [
        (
            USER_NAME,
            "b@example.net",
            "Username 'annlee' is already taken.",
        ),
        (
            "ANNLEE",
            "b@example.net",
            "Username 'ANNLEE' is already taken.",
        ),
        (
            "bob",
            "Ann.Lee@Example.NET",
            "Email 'Ann.Lee@Example.NET' is already taken.",
        ),
        (
            EMAIL,
            EMAIL,
            "Username 'ann.lee@example.net' is already taken.",
        ),
    ] {
        let answer = service.register(user_name, email, PASSWORD).await;
        answer.is_rest_refused(403, told);
    }
    // A name that belongs to the demo data's user as an address is taken too.
    let answer = service.register(demo::USER, demo::USER, PASSWORD).await;
    answer.is_rest_refused(403, "Username 'user@example.com' is already taken.");
}

#[tokio::test]
async fn each_rule_about_passwords_is_told_in_its_own_words() {
    let service = Service::start().await;
    let long = "x9".repeat(513);
    for (password, told) in [
        ("7 chars", "Passwords must be at least 8 characters."),
        (long.as_str(), "Passwords must be at most 1024 bytes long."),
        ("password1", "This password is too common. Choose another."),
        ("qwertyuiop", "This password is too common. Choose another."),
        ("P@ssw0rd!", "This password is too common. Choose another."),
        (
            "zorbtrax1984",
            "The password must not be made of your own names. Choose another.",
        ),
        (
            "ZorbTrax@Quill-Vex.example",
            "The password must not be made of your own names. Choose another.",
        ),
    ] {
        let answer = service
            .register("zorbtrax", "zorbtrax@quill-vex.example", password)
            .await;
        answer.is_rest_refused(403, told);
    }
    // No rule about kinds of characters, and no shorter limit than what is read.
    let phrase = "a phrase of plain words ".repeat(42);
    let answer = service
        .register("zorbtrax", "zorbtrax@quill-vex.example", &phrase)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let tokens = service.sign_in("zorbtrax", &phrase).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let cut = service.sign_in("zorbtrax", &phrase[..1007]).await;
    is_refused(&cut, "Invalid username or password!");
}

#[tokio::test]
async fn the_least_length_is_a_setting() {
    let changes = [("COUNTERSIGN_PASSWORD_MINIMUM_LENGTH", "23")];
    let service = Service::start_with(&changes).await;
    let answer = service.register(USER_NAME, EMAIL, PASSWORD).await;
    answer.is_rest_refused(403, "Passwords must be at least 23 characters.");
}

#[tokio::test]
async fn a_user_who_must_confirm_is_told_so_and_gets_the_link_without_a_token() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    let id = service.registered().await;
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.error(), "invalid_grant: RequiresConfirmUser");
    assert_eq!(answer.text("userId"), id.replace('-', ""));
    assert_eq!(answer.text("email"), EMAIL);
    assert_eq!(answer.text("phoneNumber"), "");
    let sent = service.ask_to_confirm_email(None, &id).await;
    assert_eq!((sent.status, sent.raw.as_str()), (204, ""));
    assert_eq!(service.messages()[0].to, EMAIL);
    let link = service.newest_link();
    assert_eq!(link.path(), "/account/email-confirmation");
    assert_eq!(service.link_parameter("userId"), id);
    let token = service.link_parameter("confirmationToken");
    let body = json!({ "userId": id, "token": token });
    let path = "/api/account/verify-email-confirmation-token";
    assert_eq!(service.post_as(None, path, &body).await.raw, "true");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    // Opened twice, the link is as good as it was.
    assert_eq!(service.post_as(None, path, &body).await.raw, "true");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let tokens = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}

#[tokio::test]
async fn a_phone_is_bound_with_an_access_token_and_confirmed_by_its_code() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let bearer = Some(bearer.as_str());
    let body = json!({ "userId": id, "phoneNumber": "+1 (555) 555-0177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    let sent = service.post_as(bearer, path, &body).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    assert_eq!(service.messages()[0].to, "+15555550177");
    let state = format!("/api/account/confirmation-state?id={id}");
    let shown = service.get(&state, bearer).await;
    let unconfirmed = json!({ "emailConfirmed": true, "phoneNumberConfirmed": false });
    assert_eq!(shown.body, unconfirmed);
    let confirm = |code: String| json!({ "userId": id, "token": code });
    let path = "/api/account/confirm-phone-number";
    let wrong = service
        .post_as(bearer, path, &confirm("abcdef".into()))
        .await;
    wrong.is_rest_refused(403, "Invalid token.");
    let code = confirm(service.newest_code());
    assert_eq!(service.post_as(bearer, path, &code).await.status, 204);
    let again = service.post_as(bearer, path, &code).await;
    again.is_rest_refused(403, "Invalid token.");
    assert_eq!(
        service.get(&state, bearer).await.body["phoneNumberConfirmed"],
        true
    );
    let profile = service.get("/api/account/my-profile", bearer).await;
    assert_eq!(profile.body["phoneNumber"], "+15555550177");
    assert_eq!(profile.body["userName"], USER_NAME);
    assert_eq!(profile.body["hasPassword"], true);
}

#[tokio::test]
async fn a_late_first_code_for_a_phone_is_good_after_a_second_was_sent() {
    let service = Service::start().await;
    let id = service.registered_owner().await;
    let bearer = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let bearer = Some(bearer.as_str());
    let body = json!({ "userId": id, "phoneNumber": "+15555550177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
    let first = service.newest_code();
    let soon = service.post_as(bearer, path, &body).await;
    assert_eq!((soon.status, soon.number_header("retry-after")), (429, 30));
    service.advance(30);
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
    assert_ne!(service.newest_code(), first);
    let body = json!({ "userId": id, "token": first });
    let path = "/api/account/confirm-phone-number";
    assert_eq!(service.post_as(bearer, path, &body).await.status, 204);
}

#[tokio::test]
async fn the_login_of_the_account_rest_says_what_the_token_endpoint_would() {
    let service = Service::start().await;
    service.registered().await;
    let login = async |name: &str, password: &str| {
        let body = json!({
            "userNameOrEmailAddress": name,
            "password": password,
            "rememberMe": true,
        });
        let answer = service.post_as(None, "/api/account/login", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        answer.body
    };
    let told =
        |result: u8, description: &str| json!({ "result": result, "description": description });
    assert_eq!(login(USER_NAME, PASSWORD).await, told(1, "Success"));
    let wrong = told(2, "InvalidUserNameOrPassword");
    assert_eq!(login(USER_NAME, "a wrong one").await, wrong);
    assert_eq!(login("nobody", "a wrong one").await, wrong);
    let needed = told(5, "RequiresTwoFactor");
    assert_eq!(login(demo::ABP_USER, demo::ABP_PASSWORD).await, needed);
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    assert_eq!(login(USER_NAME, PASSWORD).await, told(3, "NotAllowed"));
    service
        .set_profile(EMAIL, "active", AttributeValue::Bool(false))
        .await;
    assert_eq!(login(USER_NAME, PASSWORD).await, told(3, "NotAllowed"));
    for _ in 0..10 {
        login("nobody", "a wrong one").await;
    }
    assert_eq!(login("nobody", "a wrong one").await, told(4, "LockedOut"));
}

#[tokio::test]
async fn an_administrator_sees_whether_a_factor_exists_and_whether_it_is_demanded() {
    let service = Service::start().await;
    let id = service.registered().await;
    let bearer = service.administrator().await.text("access_token");
    let seen = async |path: String| {
        let answer = service
            .get(&format!("/api/identity/users/{path}"), Some(&bearer))
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
        assert_eq!(answer.members(), SEED_MEMBERS);
        answer.body
    };
    let admin = seen("by-username/admin".into()).await;
    assert_eq!(
        (&admin["supportTwoFactor"], &admin["twoFactorEnabled"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(admin["roleNames"], json!(["admin"]));
    let ann = seen(format!("by-email/{EMAIL}")).await;
    assert_eq!(
        (&ann["supportTwoFactor"], &ann["twoFactorEnabled"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(ann["roleNames"], json!(null));
    // The seed's user: turned on, and nothing that could complete a login.
    service
        .set_profile(EMAIL, "two_factor", AttributeValue::Bool(true))
        .await;
    let ann = seen(id.clone()).await;
    assert_eq!(
        (&ann["supportTwoFactor"], &ann["twoFactorEnabled"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(ann["id"], json!(id));
    service.sign_in(USER_NAME, "a wrong password").await;
    assert_eq!(seen(id.clone()).await["accessFailedCount"], 1);
    let name = service
        .get("/api/identity/users/by-username/nobody", Some(&bearer))
        .await;
    assert_eq!((name.status, name.raw.as_str()), (204, ""));
    // Who is looked for by one name is not found by the other.
    let path = format!("/api/identity/users/by-username/{EMAIL}");
    assert_eq!(service.get(&path, Some(&bearer)).await.status, 204);
    let unknown = "/api/identity/users/00000000-0000-0000-0000-000000000000";
    assert_eq!(service.get(unknown, Some(&bearer)).await.status, 404);
    assert_eq!(
        service
            .get("/api/identity/users/x", Some(&bearer))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn registering_is_counted_by_network() {
    let service = Service::start().await;
    for _ in 0..20 {
        let answer = service.register(USER_NAME, EMAIL, "password1").await;
        assert_eq!(answer.status, 403, "{}", answer.raw);
    }
    let answer = service.register(USER_NAME, EMAIL, PASSWORD).await;
    assert_eq!(
        (answer.status, answer.number_header("retry-after")),
        (429, 180)
    );
    service.advance(180);
    assert_eq!(
        service.register(USER_NAME, EMAIL, PASSWORD).await.status,
        200
    );
}

#[tokio::test]
async fn a_part_of_the_path_that_is_no_text_is_answered_in_abps_words() {
    let service = Service::start().await;
    for (path, status) in [
        ("by-username/%FF", 401),
        ("by-email/%FF", 401),
        ("%FF", 400),
    ] {
        let answer = service
            .get(&format!("/api/identity/users/{path}"), None)
            .await;
        assert_eq!(answer.status, status, "{path}: {}", answer.raw);
        assert!(answer.body["error"]["message"].is_string(), "{path}");
    }
}
