//! Stories that reach what Aidbox's pages and authorization codes ask of AWS.

use countersign::routes::Function;
use countersign_local::demo;

use crate::aidbox_authorize::{VERIFIER, code, exchange};
use crate::aidbox_pages::enable;
use crate::harness::account::PASSWORD;
use crate::harness::browser::Browser;
use crate::harness::cloud::Cloud;
use crate::harness::proxy::Fault;

/// All of them.
pub async fn pages(cloud: &Cloud) {
    sign_in_by_a_message(cloud).await;
    exchange_a_code(cloud).await;
    turn_on_and_off(cloud).await;
    sign_up_and_reset(cloud).await;
}

async fn sign_in_by_a_message(cloud: &Cloud) {
    let service = &cloud.service;
    let (_, others) = cloud.proxies(Function::Token);
    for button in ["by SMS", "by e-mail"] {
        service.advance(3600);
        let browser = Browser::new(service);
        let step = browser
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        others.always("/", Fault::ServerError);
        let failed = browser.submit(&step.form_of(button)).await;
        assert_eq!(failed.status, 503, "{}", failed.raw);
        others.heal();
        let sent = browser.submit(&step.form_of(button)).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        let form = sent.form(0).with("token", &service.newest_code());
        assert_eq!(browser.submit(&form).await.status, 303);
    }
}

async fn exchange_a_code(cloud: &Cloud) {
    let browser = Browser::new(&cloud.service);
    browser.sign_in_plain().await;
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
    let browser = Browser::new(&cloud.service);
    browser.sign_in_plain().await;
    let (key, _) = enable(&browser).await;
    cloud.service.advance(30);
    let page = browser.get("/auth/two-factor/disable").await;
    let form = page.form(0).with("token", &cloud.service.app_code(&key));
    let off = browser.submit(&form).await;
    assert_eq!(off.status, 303, "{}", off.raw);
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
