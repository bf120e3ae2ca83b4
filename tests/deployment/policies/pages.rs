//! Stories that cause the AWS requests of Aidbox's pages and of authorization codes.

use countersign::domain::factors::factor::Channel;
use countersign::routes::Function;
use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{VERIFIER, code, exchange};
use crate::dialects::aidbox::pages::{enable, key};
use crate::harness::account::PASSWORD;
use crate::harness::browser::Browser;
use crate::harness::deployment::cloud::Cloud;
use crate::harness::proxy::Fault;
use crate::harness::{address_factor, totp_factor};

/// All of them.
pub async fn pages(cloud: &Cloud) {
    sign_in_by_a_message(cloud).await;
    exchange_a_code(cloud).await;
    turn_on_and_off(cloud).await;
    sign_in_by_a_first_factor(cloud).await;
    show_a_code_where_a_factor_is_set_up(cloud).await;
    sign_up_and_reset(cloud).await;
}

/// A user with a phone and a mailbox as factors, whom no other story has changed.
const BOTH: &str = "pages-both@example.com";

async fn sign_in_by_a_message(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::Token);
    service
        .add_user(BOTH, |account| {
            account.factors = vec![
                address_factor(Channel::Sms, "+15555550188", true),
                address_factor(Channel::Email, BOTH, true),
            ];
            account.recovery = None;
        })
        .await;
    for (button, path) in [("by SMS", "/"), ("by e-mail", "outbound-emails")] {
        service.advance(3600);
        let browser = Browser::new(service);
        let step = browser
            .password("/auth/login", BOTH, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(step.status, 200, "{}", step.raw);
        others.always(path, Fault::ServerError);
        let failed = browser.submit(&step.form_of(button)).await;
        assert_eq!(failed.status, 503, "{}", failed.raw);
        others.heal();
        let sent = browser.submit(&step.form_of(button)).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        let form = sent.form(0).with("token", &service.newest_code());
        assert_eq!(browser.submit(&form).await.status, 303);
    }
}

/// A user whom no other story has changed, signed in.
async fn somebody<'a>(cloud: &'a Cloud, email: &str) -> Browser<'a> {
    let service = &cloud.service;
    service
        .add_user(email, |account| {
            account.user.two_factor = false;
            account.factors.clear();
            account.recovery = None;
        })
        .await;
    let browser = Browser::new(service);
    let done = browser.password("/auth/login", email, demo::PASSWORD_OF_ALL);
    assert_eq!(done.await.status, 303);
    browser
}

async fn exchange_a_code(cloud: &Cloud) {
    let browser = somebody(cloud, "pages-code@example.com").await;
    let code = code(&browser).await;
    for status in [200, 400] {
        let verifier = [("code_verifier", VERIFIER)];
        let answer = exchange(&cloud.service, &code, &verifier).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
    }
    let settings = browser.get("/auth/two-factor").await;
    browser.submit(&settings.form_of("Sign out")).await;
}

async fn turn_on_and_off(cloud: &Cloud) {
    let browser = somebody(cloud, "pages-app@example.com").await;
    let (key, _) = enable(&browser).await;
    cloud.service.advance(30);
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form(0).with("token", &cloud.service.app_code(&key));
    let off = browser.submit(&form).await;
    assert_eq!(off.status, 303, "{}", off.raw);
}

/// A user who must show a factor, has none, and has no address that a code could go to.
async fn sign_in_by_a_first_factor(cloud: &Cloud) {
    let service = &cloud.service;
    let name = "pages-first";
    service
        .add_user(name, |account| {
            account.user.email = None;
            account.user.phone = None;
            account.factors.clear();
            account.recovery = None;
        })
        .await;
    let browser = Browser::new(service);
    let led = browser.password("/auth/login", name, demo::PASSWORD_OF_ALL);
    let page = browser.get(led.await.location()).await;
    let code = service.app_code(&key(&page));
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
}

/// A login that only waits for a code, at the function that enrols factors.
async fn show_a_code_where_a_factor_is_set_up(cloud: &Cloud) {
    let service = &cloud.service;
    let name = "pages-waits@example.com";
    let user = service
        .add_user(name, |account| {
            account.factors.clear();
            account.recovery = None;
        })
        .await;
    let app = totp_factor(&service.app, user, demo::SEED, true).await;
    service.add_factor(user, &app).await;
    let browser = Browser::new(service);
    let step = browser.password("/auth/login", name, demo::PASSWORD_OF_ALL);
    let mut form = step.await.form(0).with("token", &service.totp());
    form.action = "/auth/two-factor/enable".to_owned();
    let refused = browser.submit(&form).await;
    assert!(refused.location().ends_with("step=code"), "{}", refused.raw);
}

async fn sign_up_and_reset(cloud: &Cloud) {
    let service = &cloud.service;
    let browser = Browser::new(service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", "pages@example.net");
    let done = browser.submit(&form.with("password", PASSWORD)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    let form = browser.get("/auth/forgot").await.form(0);
    let done = browser.submit(&form.with("email", demo::PLAIN_USER)).await;
    assert_eq!(done.status, 200, "{}", done.raw);
}
