//! Accounts in ABP's dialect: registering, confirming, resetting and changing, and the
//! answers of the token endpoint meanwhile.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::abp::login::password::is_refused;
use crate::harness::account::{EMAIL, PASSWORD, USER_NAME};
use crate::harness::{Service, alike};

#[tokio::test]
async fn registering_gives_the_user_with_exactly_the_members_of_the_seed_and_signs_in_afterwards() {
    let service = Service::start().await;
    let answer = service.register(USER_NAME, EMAIL, PASSWORD).await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "tenantId": null,
      "userName": "annlee",
      "email": "ann.lee@example.net",
      "name": null,
      "surname": null,
      "emailConfirmed": false,
      "phoneNumber": null,
      "phoneNumberConfirmed": false,
      "supportTwoFactor": false,
      "twoFactorEnabled": false,
      "isActive": true,
      "lockoutEnabled": true,
      "isLockedOut": false,
      "lockoutEnd": null,
      "shouldChangePasswordOnNextLogin": false,
      "concurrencyStamp": "[id]",
      "roleNames": null,
      "accessFailedCount": 0,
      "lastPasswordChangeTime": "2027-01-15T08:00:00+00:00",
      "isExternal": false,
      "isDeleted": false,
      "deleterId": null,
      "deletionTime": null,
      "lastModificationTime": null,
      "lastModifierId": null,
      "creationTime": "2027-01-15T08:00:00",
      "creatorId": null,
      "id": "[id]",
      "extraProperties": {}
    }
    "#);
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
    // The demo data's user has this name as an address, so it is taken.
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
    // There is no rule about kinds of characters, and no limit shorter than what is
    // read.
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
    assert_snapshot!(answer.shown(), @r#"
    403 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Passwords must be at least 23 characters.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
}

#[tokio::test]
async fn a_user_who_must_confirm_is_told_so_and_gets_the_link_without_a_token() {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    let id = service.registered().await;
    let answer = service.sign_in(USER_NAME, PASSWORD).await;
    assert_snapshot!(answer.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "RequiresConfirmUser",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024",
      "userId": "[id]",
      "email": "ann.lee@example.net",
      "phoneNumber": ""
    }
    "#);
    assert_eq!(answer.text("userId"), id.replace('-', ""));
    let sent = service.ask_to_confirm_email(None, &id).await;
    assert_snapshot!(sent.shown(), @"204 no-store no-cache");
    assert_eq!(service.messages()[0].to, EMAIL);
    let link = service.newest_link();
    assert_eq!(link.path(), "/account/email-confirmation");
    assert_eq!(service.link_parameter("userId"), id);
    let token = service.link_parameter("confirmationToken");
    let body = json!({ "userId": id, "token": token });
    let path = "/api/account/verify-email-confirmation-token";
    assert_snapshot!(service.post_as(None, path, &body).await.shown(), @r"
    200 application/json no-store no-cache
    true
    ");
    assert_snapshot!(service.confirm_email(&id, &token).await.shown(), @"204 no-store no-cache");
    // The link still works after it was opened twice.
    assert_eq!(service.post_as(None, path, &body).await.raw, "true");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let tokens = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
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
        service.post_as(None, "/api/account/login", &body).await
    };
    assert_snapshot!(login(USER_NAME, PASSWORD).await.shown(), @r#"
    200 application/json no-store no-cache
    {"result":1,"description":"Success"}
    "#);
    let wrong = [
        login(USER_NAME, "a wrong one").await,
        login("nobody", "a wrong one").await,
    ];
    assert_snapshot!(alike(&wrong), @r#"
    200 application/json no-store no-cache
    {"result":2,"description":"InvalidUserNameOrPassword"}
    "#);
    assert_snapshot!(login(demo::ABP_USER, demo::ABP_PASSWORD).await.shown(), @r#"
    200 application/json no-store no-cache
    {"result":5,"description":"RequiresTwoFactor"}
    "#);
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    let must_change = login(USER_NAME, PASSWORD).await;
    service
        .set_profile(EMAIL, "active", AttributeValue::Bool(false))
        .await;
    assert_snapshot!(alike(&[must_change, login(USER_NAME, PASSWORD).await]), @r#"
    200 application/json no-store no-cache
    {"result":3,"description":"NotAllowed"}
    "#);
    for _ in 0..10 {
        login("nobody", "a wrong one").await;
    }
    assert_snapshot!(login("nobody", "a wrong one").await.shown(), @r#"
    200 application/json no-store no-cache
    {"result":4,"description":"LockedOut"}
    "#);
}

#[tokio::test]
async fn an_administrator_sees_whether_a_factor_exists_and_whether_it_is_demanded() {
    let service = Service::start().await;
    let registered = service.register(USER_NAME, EMAIL, PASSWORD).await;
    let id = registered.text("id");
    let bearer = service.administrator().await.text("access_token");
    let seen = async |path: String| {
        let answer = service
            .get(&format!("/api/identity/users/{path}"), Some(&bearer))
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
        assert_eq!(answer.members(), registered.members());
        answer.body
    };
    let admin = "/api/identity/users/by-username/admin";
    assert_snapshot!(service.get(admin, Some(&bearer)).await.shown(), @r#"
    200 application/json no-store no-cache
    {
      "tenantId": null,
      "userName": "admin",
      "email": "admin@example.com",
      "name": "Demo",
      "surname": "User",
      "emailConfirmed": true,
      "phoneNumber": "+15555550101",
      "phoneNumberConfirmed": true,
      "supportTwoFactor": true,
      "twoFactorEnabled": true,
      "isActive": true,
      "lockoutEnabled": true,
      "isLockedOut": false,
      "lockoutEnd": null,
      "shouldChangePasswordOnNextLogin": false,
      "concurrencyStamp": "[id]",
      "roleNames": ["admin"],
      "accessFailedCount": 0,
      "lastPasswordChangeTime": null,
      "isExternal": false,
      "isDeleted": false,
      "deleterId": null,
      "deletionTime": null,
      "lastModificationTime": null,
      "lastModifierId": null,
      "creationTime": "2027-01-15T08:00:00",
      "creatorId": null,
      "id": "[id]",
      "extraProperties": {}
    }
    "#);
    let ann = seen(format!("by-email/{EMAIL}")).await;
    assert_eq!(
        (&ann["supportTwoFactor"], &ann["twoFactorEnabled"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(ann["roleNames"], json!(null));
    // The seed's user has two-factor on, and nothing that could complete a login.
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
    assert_snapshot!(name.shown(), @"204 no-store no-cache");
    // A search by one kind of name does not find a user by the other kind.
    let path = format!("/api/identity/users/by-username/{EMAIL}");
    assert_eq!(service.get(&path, Some(&bearer)).await.status, 204);
    let unknown = "/api/identity/users/00000000-0000-0000-0000-000000000000";
    let no_id = "/api/identity/users/x";
    assert_snapshot!(service.get(unknown, Some(&bearer)).await.shown(), @r#"
    404 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "There is no entity User with that id!",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    assert_snapshot!(service.get(no_id, Some(&bearer)).await.shown(), @r#"
    400 application/json no-store no-cache
    _abperrorformat: true
    {
      "error": {
        "code": null,
        "message": "Your request is not valid!",
        "details": null,
        "data": null,
        "validationErrors": [{"message":"The field id must be a GUID.","members":[]}]
      }
    }
    "#);
}

#[tokio::test]
async fn registering_is_counted_by_network() {
    let service = Service::start().await;
    for _ in 0..20 {
        let answer = service.register(USER_NAME, EMAIL, "password1").await;
        assert_eq!(answer.status, 403, "{}", answer.raw);
    }
    let answer = service.register(USER_NAME, EMAIL, PASSWORD).await;
    assert_snapshot!(answer.shown(), @r#"
    429 application/json no-store no-cache
    _abperrorformat: true
    retry-after: 180
    {
      "error": {
        "code": null,
        "message": "Too many requests. Please wait a while and try again.",
        "details": null,
        "data": null,
        "validationErrors": null
      }
    }
    "#);
    service.advance(180);
    assert_eq!(
        service.register(USER_NAME, EMAIL, PASSWORD).await.status,
        200
    );
}
