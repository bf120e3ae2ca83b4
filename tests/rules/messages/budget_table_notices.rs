//! The routes of the table of messages that send a notice.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::aidbox::pages::passkeys;
use crate::dialects::auth0::factors::enrolment::FORCED;
use crate::dialects::codemaze::accounts::register::{registered, reset_token};
use crate::dialects::codemaze::login::password_and_code::{login, second_step};
use crate::harness::Service;
use crate::harness::account::{EMAIL, NEW_PASSWORD, PASSWORD, USER_NAME};
use crate::harness::browser::Browser;
use crate::harness::enrolment::MFA_SCOPES;
use crate::rules::messages::budget_walk::{NOTICE, NUMBER, Walk, abp_plain};

pub async fn of_factors(walk: &mut Walk) {
    let service = Service::start().await;
    service.add_user(FORCED, |_| {}).await;
    let token = service
        .password_for_mfa(FORCED, MFA_SCOPES)
        .await
        .text("mfa_token");
    service.address_is_shown(FORCED).await;
    let seed = service.associate_app(&token).await;
    let redeem = service.redeem_otp(&token, &service.app_code(&seed)).await;
    // Checked together with its answer, because the next calls need its token.
    assert_eq!(redeem.status, 200, "{}", redeem.raw);
    service.add_user("second@example.com", |_| {}).await;
    let token = service.begin_shown("second@example.com").await;
    let seed = service.associate_app(&token).await;
    let code = service.app_code(&seed);
    let redeem = service.redeem_otp(&token, &code);
    walk.sends(&service, NOTICE, "POST /oauth/token", redeem)
        .await;
    let access = service.strong_token().await;
    let codes = json!({ "authenticator_types": ["recovery-code"] });
    let replace = service.associate(&access, &codes);
    walk.sends(&service, NOTICE, "POST /mfa/associate", replace)
        .await;
    let id = service.account(demo::USER).await.factors[1].id;
    let id = format!("sms|dev_{id}");
    let remove = service.remove(&access, &id);
    walk.sends(&service, NOTICE, "DELETE /mfa/authenticators/{id}", remove)
        .await;
    service.add_user("mailbox@example.com", |_| {}).await;
    login(&service, "mailbox@example.com", demo::PASSWORD_OF_ALL).await;
    let code = service.newest_code();
    let done = second_step(&service, "mailbox@example.com", &code);
    walk.sends(
        &service,
        NOTICE,
        "POST /api/accounts/twostepverification",
        done,
    )
    .await;
}

pub async fn in_abps_words(walk: &mut Walk) {
    let service = Service::start().await;
    let access = abp_plain(&service).await;
    let path = "/api/account/send-phone-number-confirmation-token";
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let body = json!({ "userId": id, "phoneNumber": NUMBER });
    service.bearer_json(path, &access, &body).await;
    let body = json!({ "userId": id, "token": service.newest_code() });
    let path = "/api/account/confirm-phone-number";
    let confirm = service.bearer_json(path, &access, &body);
    walk.sends(&service, NOTICE, &format!("POST {path}"), confirm)
        .await;
    let info = service
        .get("/api/account/authenticator-info", Some(&access))
        .await;
    let key = info.text("key");
    let code = json!({ "code": service.app_code(&key) });
    let path = "/api/account/verify-authenticator-code";
    let verify = service.bearer_json(path, &access, &code);
    walk.sends(&service, NOTICE, &format!("POST {path}"), verify)
        .await;
    service.advance(30);
    let code = service.app_code(&key);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("TwoFactorProvider", "Authenticator"),
        ("TwoFactorCode", &*code),
    ];
    let access = service
        .post_form("/connect/token", &fields)
        .await
        .text("access_token");
    let path = "/api/account/reset-authenticator";
    let nothing = json!({});
    let reset = service.bearer_json(path, &access, &nothing);
    walk.sends(&service, NOTICE, &format!("POST {path}"), reset)
        .await;
    let path = "/api/account/my-profile/set-two-factor-enabled";
    let set = format!("{path}?enabled=true");
    let set = service.bearer_json(&set, &access, &nothing);
    walk.sends(&service, NOTICE, &format!("POST {path}"), set)
        .await;
}

pub async fn in_aidboxs_words(walk: &mut Walk) {
    for confirm in ["/app/auth/two-factor/confirm", "/auth/two-factor/confirm"] {
        let service = Service::start().await;
        let access = service.aidbox_plain().await;
        let seed = service.two_factor_seed(&access).await;
        let token = json!({ "token": service.app_code(&seed) });
        let confirmed = service.post_as(Some(&access), confirm, &token);
        let answer = walk
            .sends(&service, NOTICE, &format!("POST {confirm}"), confirmed)
            .await;
        for code in answer.body["recoveryCodes"].as_array().unwrap() {
            service.watch_secret(code.as_str().unwrap());
        }
        service.advance(30);
        let code = service.app_code(&seed);
        let again = service.aidbox_login(demo::PLAIN_USER, Some(&code)).await;
        let access = again.text("access_token");
        service.advance(30);
        let token = json!({ "token": service.app_code(&seed) });
        let disable = service.two_factor("disable", &access, &token);
        walk.sends(
            &service,
            NOTICE,
            "POST /app/auth/two-factor/disable",
            disable,
        )
        .await;
    }
}

pub async fn of_passwords(walk: &mut Walk) {
    let service = Service::start().await;
    let id = service.registered_and_confirmed().await;
    let access = service
        .sign_in(USER_NAME, PASSWORD)
        .await
        .text("access_token");
    let path = "/api/account/my-profile/change-password";
    let body = json!({ "currentPassword": PASSWORD, "newPassword": NEW_PASSWORD });
    let change = service.post_as(Some(&access), path, &body);
    walk.sends(&service, NOTICE, &format!("POST {path}"), change)
        .await;
    let token = service.reset_token(EMAIL).await;
    let reset = service.reset(&id, &token, PASSWORD);
    walk.sends(&service, NOTICE, "POST /api/account/reset-password", reset)
        .await;
    let forced = AttributeValue::Bool(true);
    service
        .set_profile(EMAIL, "must_change_password", forced)
        .await;
    let asked = service.sign_in(USER_NAME, PASSWORD).await;
    let token = asked.text("changePasswordToken");
    let beside = [
        ("ChangePasswordToken", token.as_str()),
        ("NewPassword", NEW_PASSWORD),
    ];
    let change = service.sign_in_with(USER_NAME, PASSWORD, &beside);
    walk.sends(&service, NOTICE, "POST /connect/token", change)
        .await;
    let service = Service::start().await;
    registered(&service).await;
    let token = reset_token(&service, EMAIL).await;
    let reset =
        crate::dialects::codemaze::accounts::register::reset(&service, EMAIL, &token, NEW_PASSWORD);
    walk.sends(&service, NOTICE, "POST /api/accounts/resetpassword", reset)
        .await;
}

pub async fn on_pages(walk: &mut Walk) {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable").await;
    let code = service.app_code(&crate::dialects::aidbox::pages::key(&page));
    let form = page.form(0).with("token", &code);
    let route = "POST /auth/two-factor/enable";
    walk.sends(&service, NOTICE, route, browser.submit(&form))
        .await;

    let with_domain = passkeys::start().await;
    let owner = Browser::new(&with_domain);
    owner.sign_in_plain().await;
    let mut authenticator = passkeys::authenticator();
    let added = passkeys::add(&owner, &mut authenticator);
    let route = "POST /auth/two-factor/passkey";
    walk.sends(&with_domain, NOTICE, route, added).await;
    let (options, form) = passkeys::passkey_form(&owner.get(passkeys::SIGN_IN).await);
    let signed = authenticator.sign(&options).to_string();
    owner.submit(&form.with("passkey", &signed)).await;
    let settings = owner.get("/auth/two-factor").await;
    let removed = settings.form_of("Remove the passkey");
    let removed = owner.submit(&removed);
    let route = "POST /auth/two-factor";
    walk.sends(&with_domain, NOTICE, route, removed).await;

    let other = Browser::new(&service);
    let form = other
        .get("/auth/forgot")
        .await
        .form(0)
        .with("email", demo::USER);
    other.submit(&form).await;
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    let form = other.get(&path).await.form(0);
    let form = form.with("new_password", NEW_PASSWORD);
    walk.sends(&service, NOTICE, "POST /auth/reset", other.submit(&form))
        .await;

    let forced = AttributeValue::Bool(true);
    service
        .set_profile(demo::USER, "must_change_password", forced)
        .await;
    let step = other
        .password("/auth/login", demo::USER, NEW_PASSWORD)
        .await;
    let step = other
        .submit(&step.form(0).with("token", &service.totp()))
        .await;
    let form = step.form(0).with("new_password", PASSWORD);
    walk.sends(&service, NOTICE, "POST /auth/login", other.submit(&form))
        .await;
}
