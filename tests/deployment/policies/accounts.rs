//! Stories that cause the requests of `enroll` and `account` to AWS, and the requests
//! of a login that completes one of their changes.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::accounts::user::Account;
use countersign::domain::factors::factor::Channel;
use countersign::routes::Function;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password as abp_login;
use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::dialects::codemaze::accounts::register as codemaze;
use crate::dialects::codemaze::login::password_and_code as codemaze_login;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::address_factor;
use crate::harness::deployment::cloud::Cloud;
use crate::harness::proxy::Fault;

/// All of them.
pub async fn accounts(cloud: &Cloud) {
    enrol_before_the_first_login(cloud).await;
    enrol_and_remove_in_a_session(cloud).await;
    enrol_in_abps_words(cloud).await;
    register_and_confirm(cloud).await;
    forget_and_change_passwords(cloud).await;
    look_at_users(cloud).await;
    sign_in_with_a_second_step(cloud).await;
    register_in_codemazes_words(cloud).await;
    lock_out_by_wrong_passwords(cloud).await;
    use_aidbox(cloud).await;
}

fn sms() -> serde_json::Value {
    json!({
        "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15555550123",
    })
}

async fn enrol_before_the_first_login(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::Enroll);
    service.add_user(FORCED, |_| {}).await;
    let token = service.begin_shown(FORCED).await;
    others.always("/", Fault::ServerError);
    assert_eq!(service.associate(&token, &sms()).await.status, 503);
    others.heal();
    let begun = service.associate(&token, &sms()).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let (oob, code) = (begun.text("oob_code"), service.newest_code());
    let done = service.redeem_oob(&token, &oob, &code).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

async fn enrol_and_remove_in_a_session(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(60);
    let access = service.strong_token().await;
    // The code of the new app confirms it at `token`, which notifies the user.
    let seed = service.associate_app(&access).await;
    service.advance(30);
    let confirmed = service.redeem_otp(&access, &service.app_code(&seed)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    let codes = json!({ "authenticator_types": ["recovery-code"] });
    let replaced = service.associate(&access, &codes).await;
    assert_eq!(replaced.status, 200, "{}", replaced.raw);
    let factors = service.account(demo::USER).await.factors;
    let sms = factors.iter().find(|one| one.rank() == 1).unwrap();
    let removed = service
        .remove(&access, &format!("sms|dev_{}", sms.id))
        .await;
    assert_eq!(removed.status, 204, "{}", removed.raw);
    let email = json!({
        "authenticator_types": ["oob"], "oob_channels": ["email"], "email": "second@example.com",
    });
    let begun = service.associate(&access, &email).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
}

async fn enrol_in_abps_words(cloud: &Cloud) {
    let service = &cloud.service;
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let signed_in = service.post_form("/connect/token", &fields).await;
    let access = signed_in.text("access_token");
    let info = "/api/account/authenticator-info";
    let key = service.get(info, Some(&access)).await.text("key");
    let verify = "/api/account/verify-authenticator-code";
    for code in ["000000", &service.app_code(&key)] {
        let body = json!({ "code": code });
        service.bearer_json(verify, &access, &body).await;
    }
    let reset = "/api/account/reset-authenticator";
    let done = service.bearer_json(reset, &access, &json!({})).await;
    assert!([204, 401, 403].contains(&done.status), "{}", done.raw);
    // A user who must show a factor and has none gets a code at the confirmed address.
    let none = |account: &mut Account| {
        account.factors.clear();
        account.recovery = None;
    };
    service.add_user("mailbox@example.com", none).await;
    let fields = [
        ("username", "mailbox@example.com"),
        fields[1],
        fields[0],
        fields[4],
    ];
    let begun = service.post_form("/connect/token", &fields).await;
    let (user, token) = (begun.text("userId"), begun.text("twoFactorToken"));
    let sent = abp_login::send(service, &user, &token, "Email").await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let code = service.newest_code();
    let shown = [
        ("TwoFactorProvider", "Email"),
        ("TwoFactorCode", code.as_str()),
    ];
    let fields = [fields.as_slice(), &shown].concat();
    let done = service.post_form("/connect/token", &fields).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

async fn use_aidbox(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(7200);
    let user = service.add_user("phone@example.com", |account| {
        let phone = address_factor(Channel::Sms, demo::PHONE, true);
        account.factors = vec![phone];
    });
    user.await;
    let (_, others) = cloud.proxies(Function::Token);
    others.always("/", Fault::ServerError);
    let failed = service.aidbox_login("phone@example.com", None).await;
    assert_eq!(failed.status, 503, "{}", failed.raw);
    others.heal();
    let asked = service.aidbox_login("phone@example.com", None).await;
    assert_eq!(asked.status, 400, "{}", asked.raw);
    let code = service.newest_code();
    let login = service.aidbox_login("phone@example.com", Some(&code)).await;
    let access = login.text("access_token");
    assert_eq!(service.aidbox_userinfo(&access).await.status, 200);
    assert_eq!(service.delete_session(&access).await.status, 200);
    let bare = service.add_user("app@example.com", |account| {
        account.user.two_factor = false;
        account.factors.clear();
    });
    bare.await;
    let login = service.aidbox_login("app@example.com", None).await;
    let access = login.text("access_token");
    let (seed, _) = service.two_factor_on(&access).await;
    service.advance(30);
    let body = json!({ "token": service.app_code(&seed) });
    let off = service.two_factor("disable", &access, &body).await;
    assert_eq!(off.status, 200, "{}", off.raw);
}

async fn register_and_confirm(cloud: &Cloud) {
    let service = &cloud.service;
    // An event has registered this user before, so the network's budget is in use.
    let taken = service.register(USER_NAME, EMAIL, PASSWORD).await;
    assert_eq!(taken.status, 403, "{}", taken.raw);
    let id = service.account(EMAIL).await.user.id.dashed();
    let told = service.sign_in(USER_NAME, PASSWORD).await;
    assert_eq!(told.error(), "invalid_grant: RequiresConfirmUser");
    let asked = service.ask_to_confirm_email(None, &id).await;
    assert_eq!(asked.status, 204, "{}", asked.raw);
    let token = service.link_parameter("confirmationToken");
    assert_eq!(service.confirm_email(&id, &token).await.status, 204);
    let access = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let (_, others) = cloud.proxies(Function::Account);
    let phone = json!({ "userId": id, "phoneNumber": "+15555550177" });
    let path = "/api/account/send-phone-number-confirmation-token";
    others.always("/", Fault::ServerError);
    service.post_as(Some(&access), path, &phone).await;
    others.heal();
    let sent = service.post_as(Some(&access), path, &phone).await;
    assert_eq!(sent.status, 204, "{}", sent.raw);
    let body = json!({ "userId": id, "token": service.newest_code() });
    let path = "/api/account/confirm-phone-number";
    let confirmed = service.post_as(Some(&access), path, &body).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.raw);
    let state = format!("/api/account/confirmation-state?id={id}");
    service.get(&state, None).await;
}

async fn forget_and_change_passwords(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(3600);
    let id = service.account(EMAIL).await.user.id.dashed();
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&id, &token, NEW_PASSWORD).await;
    assert_eq!(reset.status, 204, "{}", reset.raw);
    let access = service
        .sign_in(USER_NAME, NEW_PASSWORD)
        .await
        .text("access_token");
    let body = json!({ "currentPassword": NEW_PASSWORD, "newPassword": PASSWORD });
    let path = "/api/account/my-profile/change-password";
    let changed = service.post_as(Some(&access), path, &body).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
    // The login itself changes a password that must be changed.
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    let told = service.sign_in(USER_NAME, PASSWORD).await;
    let token = told.text("changePasswordToken");
    let beside = [
        ("ChangePasswordToken", token.as_str()),
        ("NewPassword", NEW_PASSWORD),
    ];
    let changed = service.sign_in_with(USER_NAME, PASSWORD, &beside).await;
    assert_eq!(changed.status, 200, "{}", changed.raw);
}

async fn look_at_users(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(60);
    let body = json!({ "userNameOrEmailAddress": USER_NAME, "password": NEW_PASSWORD });
    let path = "/api/account/login";
    assert_eq!(service.post_as(None, path, &body).await.status, 200);
    let access = service.administrator().await.text("access_token");
    let path = format!("/api/identity/users/by-email/{EMAIL}");
    assert_eq!(service.get(&path, Some(&access)).await.status, 200);
}

async fn sign_in_with_a_second_step(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(3600);
    let body = json!({ "email": demo::ABP_EMAIL, "password": demo::ABP_PASSWORD });
    let path = "/api/accounts/login";
    let begun = service.post_json(path, &body).await;
    assert_eq!(begun.status, 200, "{}", begun.raw);
    let code = service.newest_code();
    let path = "/api/accounts/twostepverification";
    for code in ["000000", "000000", code.as_str()] {
        let body = json!({ "email": demo::ABP_EMAIL, "provider": "Email", "token": code });
        service.post_json(path, &body).await;
    }
}

async fn register_in_codemazes_words(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(3600);
    let email = "cat@example.net";
    let made = codemaze::register(service, email).await;
    assert_eq!(made.status, 201, "{}", made.raw);
    // Unconfirmed, and within the cool-down of the first link.
    let login = codemaze_login::login(service, email, PASSWORD).await;
    assert_eq!(login.status, 401, "{}", login.raw);
    let token = service.link_parameter("token");
    let confirmed = codemaze::confirm(service, email, &token).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.raw);
    assert_eq!(codemaze::forgot(service, email).await.status, 200);
    let token = service.link_parameter("token");
    let done = codemaze::reset(service, email, &token, NEW_PASSWORD).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}

async fn lock_out_by_wrong_passwords(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::Account);
    for fault in [Some(Fault::ServerError), None] {
        service.advance(3600);
        if let Some(fault) = fault {
            others.always("/v2/email/outbound-emails", fault);
        }
        for _ in 0..10 {
            codemaze_login::login(service, demo::PLAIN_USER, "wrong").await;
        }
        others.heal();
    }
}
