//! Checks the table of messages and budgets in ARCHITECTURE.md against the program.
//! Every route in the table is called until it sends a message. The items that were
//! charged must be those of the table.

use countersign::domain::factors::factor::Channel;
use countersign::routes::ROUTES;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::abp::login::password as login;
use crate::dialects::auth0::accounts::sign_up as auth0;
use crate::dialects::auth0::authorization::first_party::messages as first_party;
use crate::dialects::auth0::login::passkeys::authenticator::{Authenticator, start_with};
use crate::dialects::auth0::login::passkeys::sign_up::sign_up_with;
use crate::dialects::codemaze::accounts::register::{forgot, register};
use crate::dialects::codemaze::login::password_and_code::login;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;
use crate::harness::{Service, address_factor};
use crate::rules::messages::budget_table_first_codes as first_codes;
use crate::rules::messages::budget_table_my_account as my_account;
use crate::rules::messages::budget_table_notices as notices;
use crate::rules::messages::budget_walk::{
    LINK, LOCKOUT, NOTICE, NUMBER, RESET_TAKEN, Walk, abp_plain,
};

const CODE: &str = "code to a confirmed factor or address";
const NEW: &str = "code by e-mail or webhook to a new factor";
const TEXT: &str = "text message to a new factor or number";
const RESET: &str = "link that resets a password, from an unknown network";
const RESET_KNOWN: &str = "link that resets a password, from a known network";
const RESET_UNCONFIRMED: &str =
    "link that resets a password, to an address that the account has not confirmed";

#[tokio::test]
async fn every_message_draws_on_the_budgets_that_the_table_says_on_every_route_that_sends_it() {
    let mut walk = Walk::of_the_table();
    let expected = walk.expected();
    assert!(expected.len() > 30, "the table is read");
    Box::pin(codes(&mut walk)).await;
    Box::pin(codes_on_pages(&mut walk)).await;
    Box::pin(new_factors(&mut walk)).await;
    Box::pin(links(&mut walk)).await;
    Box::pin(links_on_pages(&mut walk)).await;
    Box::pin(resets(&mut walk)).await;
    Box::pin(first_codes::all(&mut walk)).await;
    Box::pin(my_account::all(&mut walk)).await;
    Box::pin(first_party::all(&mut walk)).await;
    Box::pin(lockouts(&mut walk)).await;
    Box::pin(notices::of_factors(&mut walk)).await;
    Box::pin(notices::in_abps_words(&mut walk)).await;
    Box::pin(notices::in_aidboxs_words(&mut walk)).await;
    Box::pin(notices::of_passwords(&mut walk)).await;
    Box::pin(notices::on_pages(&mut walk)).await;
    assert_eq!(walk.walked, expected);
    // The mark `sends` in `routes.rs` is exact: these routes have it, and no others. A path
    // below an issuer has the handler of the plain path.
    let marked = ROUTES.iter().filter(|route| route.sends).map(|route| {
        let path = route.path.strip_prefix("/aidbox").unwrap_or(route.path);
        format!("{} {path}", route.method)
    });
    assert_eq!(walk.sending, marked.collect());
}

async fn codes(walk: &mut Walk) {
    let service = Service::start().await;
    let token = service.begin().await;
    let challenge = service.challenge(&token, "email");
    walk.sends(&service, CODE, "POST /mfa/challenge", challenge)
        .await;
    let (user, token) = login::begin(&service).await;
    let send = login::send(&service, &user, &token, "Email");
    walk.sends(
        &service,
        CODE,
        "POST /api/account/send-two-factor-code",
        send,
    )
    .await;
    service.advance(30);
    let first = login(&service, demo::USER, demo::PASSWORD_OF_ALL);
    walk.sends(&service, CODE, "POST /api/accounts/login", first)
        .await;
    let phone = address_factor(Channel::Sms, NUMBER, true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![phone];
    service.add_user("phone@example.com", add).await;
    let asked = service.aidbox_login("phone@example.com", None);
    walk.sends(&service, CODE, "POST /auth/token", asked).await;
}

async fn codes_on_pages(walk: &mut Walk) {
    let service = Service::start().await;
    let phone = address_factor(Channel::Sms, NUMBER, true);
    let add =
        |account: &mut countersign::domain::accounts::user::Account| account.factors = vec![phone];
    service.add_user("phone@example.com", add).await;
    let browser = Browser::new(&service);
    let (user, password) = ("phone@example.com", demo::PASSWORD_OF_ALL);
    let step = browser.password("/auth/login", user, password).await;
    let form = step.form_of("by SMS");
    let sent = walk
        .sends(&service, CODE, "POST /auth/login", browser.submit(&form))
        .await;
    let form = sent.form(0).with("token", &service.newest_code());
    assert_eq!(browser.submit(&form).await.status, 303);
    service.advance(30);
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form_of("by SMS");
    let route = "POST /auth/two-factor/disable";
    let sent = walk
        .sends(&service, CODE, route, browser.submit(&form))
        .await;
    let form = sent.form(0).with("token", &service.newest_code());
    walk.sends(&service, NOTICE, route, browser.submit(&form))
        .await;
}

async fn new_factors(walk: &mut Walk) {
    let service = Service::start().await;
    for (channel, field, to, message) in [
        ("email", "email", "new@example.net", NEW),
        ("sms", "phone_number", NUMBER, TEXT),
    ] {
        let name = format!("{channel}@example.com");
        service.add_user(&name, |_| {}).await;
        let token = service.begin_shown(&name).await;
        let mut body = json!({ "authenticator_types": ["oob"], "oob_channels": [channel] });
        body[field] = json!(to);
        let associate = service.associate(&token, &body);
        walk.sends(&service, message, "POST /mfa/associate", associate)
            .await;
        service.advance(30);
        let id = service.account(&name).await.factors[0].id;
        let body = json!({
            "mfa_token": token, "client_id": demo::CLIENT, "challenge_type": "oob",
            "authenticator_id": format!("{channel}|dev_{id}"),
        });
        let again = service.post_json("/mfa/challenge", &body);
        walk.sends(&service, message, "POST /mfa/challenge", again)
            .await;
    }
    let service = Service::start().await;
    let access = service.aidbox_plain().await;
    let body = json!({ "transport": "phone" });
    for path in ["/app/auth/two-factor/request", "/auth/two-factor/request"] {
        let request = service.post_as(Some(&access), path, &body);
        walk.sends(&service, NEW, &format!("POST {path}"), request)
            .await;
        service.advance(30);
    }
    let access = abp_plain(&service).await;
    let path = "/api/account/send-phone-number-confirmation-token";
    let id = service.account(demo::PLAIN_USER).await.user.id.dashed();
    let body = json!({ "userId": id, "phoneNumber": NUMBER });
    let send = service.bearer_json(path, &access, &body);
    walk.sends(&service, TEXT, &format!("POST {path}"), send)
        .await;
}

async fn links(walk: &mut Walk) {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "email")]).await;
    let made = register(&service, EMAIL);
    walk.sends(&service, LINK, "POST /api/accounts/registration", made)
        .await;
    service.advance(30);
    let again = login(&service, EMAIL, PASSWORD);
    walk.sends(&service, LINK, "POST /api/accounts/login", again)
        .await;
    service.advance(3600);
    let none = json!({});
    let again = service.aidbox_password(EMAIL, PASSWORD, &none);
    walk.sends(&service, LINK, "POST /auth/token", again).await;
    service.advance(3600);
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", EMAIL),
        ("password", PASSWORD),
    ];
    let again = service.post_form("/oauth/token", &fields);
    walk.sends(&service, LINK, "POST /oauth/token", again).await;
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    let id = service.registered().await;
    let access = service.sign_in(EMAIL, PASSWORD).await.text("access_token");
    let ask = service.ask_to_confirm_email(Some(&access), &id);
    let route = "POST /api/account/send-email-confirmation-token";
    walk.sends(&service, LINK, route, ask).await;
}

/// Resets through each route for a forgotten password: by a stranger, then from a
/// network that completed a login, then at an address that nobody has confirmed.
async fn resets(walk: &mut Walk) {
    let service = Service::start_with(&[("COUNTERSIGN_CONFIRMATION_REQUIRED", "none")]).await;
    for message in [RESET, RESET_KNOWN, RESET_UNCONFIRMED] {
        if message == RESET_KNOWN {
            let token = service.begin().await;
            let done = service.redeem_otp(&token, &service.totp()).await;
            assert_eq!(done.status, 200, "{}", done.raw);
        }
        let address = match message {
            RESET_UNCONFIRMED => {
                service.registered().await;
                EMAIL
            }
            _ => demo::USER,
        };
        let route = "POST /api/account/send-password-reset-code";
        walk.sends(&service, message, route, service.forgot(address))
            .await;
        // A day later, the network's ask is a first ask again.
        service.advance(86_400);
        let route = "POST /api/accounts/forgotpassword";
        walk.sends(&service, message, route, forgot(&service, address))
            .await;
        service.advance(86_400);
        let browser = Browser::new(&service);
        let form = browser.get("/auth/forgot").await.form(0);
        let form = form.with("email", address);
        let sent = browser.submit(&form);
        walk.sends(&service, message, "POST /auth/forgot", sent)
            .await;
        service.advance(86_400);
        let route = "POST /dbconnections/change_password";
        let sent = auth0::change_password(&service, address);
        walk.sends(&service, message, route, sent).await;
        service.advance(86_400);
    }
}

async fn links_on_pages(walk: &mut Walk) {
    let by_email = ("COUNTERSIGN_CONFIRMATION_REQUIRED", "email");
    let service = start_with(&[by_email]).await;
    let browser = Browser::new(&service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    let route = "POST /auth/signup";
    walk.sends(&service, LINK, route, browser.submit(&form))
        .await;
    service.advance(30);
    walk.sends(&service, RESET_TAKEN, route, browser.submit(&form))
        .await;
    let (email, route) = ("bob@example.net", "POST /dbconnections/signup");
    let none = json!({});
    let made = auth0::sign_up(&service, email, &none);
    walk.sends(&service, LINK, route, made).await;
    service.advance(30);
    let again = auth0::sign_up(&service, email, &none);
    walk.sends(&service, RESET_TAKEN, route, again).await;
    let route = "POST /oauth/token";
    for message in [LINK, RESET_TAKEN] {
        let mut authenticator = Authenticator::new();
        let made = sign_up_with(&service, "cat@example.net", &mut authenticator);
        walk.sends(&service, message, route, made).await;
        service.advance(30);
    }
    // For an hour, the right password sends no link.
    service.advance(3600);
    let route = "POST /auth/login";
    let unconfirmed = browser.password("/auth/login", EMAIL, PASSWORD);
    let unconfirmed = walk.sends(&service, LINK, route, unconfirmed).await;
    service.advance(30);
    let form = unconfirmed.form_of("Send another link");
    walk.sends(&service, LINK, "POST /auth/confirm", browser.submit(&form))
        .await;
}

async fn lockouts(walk: &mut Walk) {
    let service = Service::start().await;
    for _ in 0..9 {
        login(&service, demo::USER, "wrong").await;
    }
    let locks = login(&service, demo::USER, "wrong");
    walk.sends(&service, LOCKOUT, "POST /api/accounts/login", locks)
        .await;
    let service = Service::start().await;
    let wrong = [
        ("grant_type", "password"),
        ("client_id", demo::CLIENT),
        ("username", demo::USER),
        ("password", "wrong"),
    ];
    for _ in 0..9 {
        service.post_form("/oauth/token", &wrong).await;
    }
    let locks = service.post_form("/oauth/token", &wrong);
    walk.sends(&service, LOCKOUT, "POST /oauth/token", locks)
        .await;
}
