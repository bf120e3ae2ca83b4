//! The cost of Aidbox's pages: requests to DynamoDB, and messages.

use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, VERIFIER, exchange, for_code};
use crate::dialects::aidbox::pages::key;
use crate::dialects::aidbox::pages::trusted_browsers::COOKIE;
use crate::dialects::auth0::sessions::trusted_devices::ON;
use crate::harness::account::{EMAIL, PASSWORD};
use crate::harness::browser::Browser;
use crate::rules::requests::login::Counted;

const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

#[tokio::test]
async fn a_sign_in_by_the_pages_costs_five_and_four_and_the_authorization_one_or_two() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let browser = Browser::new(service);
    let path = format!("/auth/login?{FOR_TOKEN}");
    // One request for the client, and then none while the client is in memory.
    assert_eq!(counted.cost(200, browser.get(&path)).await.1, 1);
    let (page, cost) = counted.cost(200, browser.get(&path)).await;
    assert_eq!(cost, 0);
    let form = page.form(0).with("username", demo::USER);
    let forged = form.clone().without("csrf");
    assert_eq!(counted.cost(403, browser.post(&forged, &OWN)).await.1, 0);
    let form = form.with("password", demo::PASSWORD_OF_ALL);
    let (step, cost) = counted.cost(303, browser.post(&form, &OWN)).await;
    assert_eq!(cost, 5);
    // The page of the code reads the login and the account.
    let step = browser.get(step.location());
    let (step, cost) = counted.cost(200, step).await;
    assert_eq!(cost, 2);
    let wrong = step.form(0).with("token", "000000");
    assert_eq!(counted.cost(303, browser.post(&wrong, &OWN)).await.1, 2);
    let right = step.form(0).with("token", &service.totp());
    // The budget of codes is in use.
    let (_, cost) = counted.cost(303, browser.post(&right, &OWN)).await;
    assert_eq!(cost, 5);
    let path = format!("/auth/authorize?{FOR_TOKEN}");
    assert_eq!(counted.cost(302, browser.get(&path)).await.1, 1);
    let path = format!("/auth/authorize?{}", for_code());
    let (given, cost) = counted.cost(302, browser.get(&path)).await;
    assert_eq!(cost, 2);
    let (code, verifier) = (given.parameter("code"), [("code_verifier", VERIFIER)]);
    let exchanged = exchange(service, &code, &verifier);
    assert_eq!(counted.cost(200, exchanged).await.1, 2);
    let replayed = exchange(service, &code, &verifier);
    assert_eq!(counted.cost(400, replayed).await.1, 2);
    let forged = exchange(service, "AAAA", &verifier);
    assert_eq!(counted.cost(400, forged).await.1, 0);
    let settings = browser.get("/auth/two-factor");
    let (settings, cost) = counted.cost(200, settings).await;
    assert_eq!(cost, 2);
    let out = settings.form_of("Sign out");
    let out = browser.submit(&out);
    assert_eq!(counted.cost(303, out).await.1, 2);
    assert_eq!(counted.others.take_seen(), Vec::<String>::new());
}

#[tokio::test]
async fn remembering_a_browser_costs_its_notice_and_a_sign_in_there_five_without_a_page_of_a_code()
{
    let counted = Counted::start_with(&ON).await;
    let service = &counted.service;
    let browser = Browser::new(service);
    let password = async |browser: &Browser<'_>| {
        let form = browser.get("/auth/login").await.form(0);
        let form = form.with("username", demo::USER);
        let form = form.with("password", demo::PASSWORD_OF_ALL);
        counted.cost(303, browser.post(&form, &OWN)).await
    };
    // Without a cookie, no device is read.
    let (step, plain) = password(&browser).await;
    assert_eq!(plain, 5);
    let step = browser.get(step.location()).await;
    let code = step.form(0).with("token", &service.totp());
    let (_, unremembered) = counted.cost(303, browser.post(&code, &OWN)).await;
    service.advance(30);
    browser.cookies.borrow_mut().remove("__Host-countersign");
    let (step, _) = password(&browser).await;
    let step = browser.get(step.location()).await;
    let code = step.form(0).with("token", &service.totp());
    let code = code.with("remember_browser", "true");
    let (_, remembered) = counted.cost(303, browser.post(&code, &OWN)).await;
    assert_eq!((unremembered, remembered), (4, 4 + 2));
    browser.cookies.borrow_mut().remove("__Host-countersign");
    let (done, trusted) = password(&browser).await;
    assert_eq!((done.location(), trusted), ("/auth/two-factor", 5));
    // The list of the devices costs one, and forgetting one costs two.
    let (page, cost) = counted.cost(200, browser.get("/auth/two-factor")).await;
    assert_eq!(cost, 3);
    let forget = page.form_of("Forget this browser");
    assert_eq!(counted.cost(303, browser.post(&forget, &OWN)).await.1, 2);
    // A cookie that is not ours costs nothing.
    let stranger = Browser::new(service);
    stranger
        .cookies
        .borrow_mut()
        .insert(COOKIE.to_owned(), "AAAA".to_owned());
    assert_eq!(password(&stranger).await.1, 4);
}

#[tokio::test]
async fn a_code_that_the_page_has_sent_costs_two_and_its_page_two() {
    let counted = Counted::start().await;
    let browser = Browser::new(&counted.service);
    let step = browser
        .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
        .await;
    counted.others.take_seen();
    let form = step.form_of("by e-mail");
    let sent = browser.post(&form, &OWN);
    assert_eq!(counted.cost(303, sent).await.1, 2);
    assert_eq!(counted.others.take_seen(), ["/v2/email/outbound-emails"]);
}

#[tokio::test]
async fn turning_two_factor_on_costs_six_and_eight_and_turning_it_off_two_and_six() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let browser = Browser::new(service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable");
    let (page, cost) = counted.cost(200, page).await;
    assert_eq!(cost, 6);
    let key = key(&page);
    let form = page.form(0).with("token", &service.app_code(&key));
    assert_eq!(counted.cost(303, browser.post(&form, &OWN)).await.1, 8);
    service.advance(30);
    let page = browser.get("/auth/two-factor/disable");
    let (page, cost) = counted.cost(200, page).await;
    assert_eq!(cost, 2);
    let form = page.form(0).with("token", &service.app_code(&key));
    assert_eq!(counted.cost(303, browser.submit(&form)).await.1, 6);
}

#[tokio::test]
async fn a_sign_up_by_the_page_costs_three_and_tells_nothing_by_it_but_to_the_mailbox() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let browser = Browser::new(service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    assert_eq!(counted.cost(303, browser.post(&form, &OWN)).await.1, 3);
    service.advance(180);
    let link = service.newest_link();
    service.watch_secret(&service.link_parameter("token"));
    let path = format!("{}?{}", link.path(), link.query().unwrap());
    // The page says whether the link is still valid before its button is pressed.
    let (page, cost) = counted.cost(200, browser.get(&path)).await;
    assert_eq!(cost, 1);
    let form = page.form(0);
    let confirm = browser.post(&form, &OWN);
    assert_eq!(counted.cost(303, confirm).await.1, 2);
}

#[tokio::test]
async fn a_sign_up_at_a_taken_address_costs_six() {
    let counted = Counted::start().await;
    let service = &counted.service;
    let browser = Browser::new(service);
    let form = browser.get("/auth/signup").await.form(0);
    let form = form.with("email", EMAIL).with("password", PASSWORD);
    browser.post(&form, &OWN).await;
    service.watch_secret(&service.link_parameter("token"));
    service.advance(180);
    // The address gets a link to a new password. The network has asked for the address
    // today, so a second try is needed.
    assert_eq!(counted.cost(303, browser.post(&form, &OWN)).await.1, 6);
    service.watch_secret(&service.link_parameter("token"));
}
