//! Aidbox's pages on the way to an app: what they tell the user. The app's request is
//! never lost.

use countersign_local::demo;

use crate::dialects::aidbox::authorize::{FOR_TOKEN, for_code};
use crate::dialects::aidbox::pages::key;
use crate::dialects::auth0::enrolment::FORCED;
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

const TOO_LONG: &str = "That took too long. Please sign in again.";

/// The page where a user without a factor sets up the first one, on the way to the demo
/// app.
async fn first_factor_page(browser: &Browser<'_>) -> Answer {
    browser
        .service
        .add_user(FORCED, |account| account.user.email = None)
        .await;
    let path = format!("/auth/login?{FOR_TOKEN}");
    let led = browser.password(&path, FORCED, demo::PASSWORD_OF_ALL).await;
    browser.get(led.location()).await
}

/// Signs in the demo user with the password, on the way to the demo app. Gives the page
/// of the code.
async fn code_page(browser: &Browser<'_>) -> Answer {
    let path = format!("/auth/login?{FOR_TOKEN}");
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    browser.password(&path, user, password).await
}

/// Checks that this answer leads to the first step of the sign-in, which says that the
/// login took too long. The demo app's request still waits.
async fn begins_again(browser: &Browser<'_>, answer: &Answer) {
    let to = answer.location();
    assert!(to.starts_with("/auth/login?client_id=web"), "{to}");
    let page = browser.get(to).await;
    assert_eq!(page.status, 401, "{}", page.raw);
    assert!(page.raw.contains(TOO_LONG), "{}", page.raw);
    assert_eq!(page.form(0).value("username"), "");
    let again = browser.get(to).await;
    assert!(!again.raw.contains(TOO_LONG), "said once: {}", again.raw);
}

#[tokio::test]
async fn who_has_kept_the_recovery_codes_of_an_enrolment_goes_on_to_the_app() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    let code = service.app_code(&key(&page));
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    let codes = browser.get(done.location()).await;
    // After the form, a redirect leads to the app, so the policy names the app.
    let policy = codes.header("content-security-policy").unwrap();
    assert!(policy.contains("http://localhost:3000"), "{policy}");
    let kept = browser.submit(&codes.form_of("I have kept them")).await;
    assert_eq!(kept.status, 303, "{}", kept.raw);
    assert!(browser.cookie("__Host-countersign-codes").is_none());
    let to = kept.location().to_owned();
    assert!(to.starts_with("/auth/authorize?client_id=web"), "{to}");
    let given = browser.get(&to).await;
    assert_ne!(given.parameter("access_token"), "", "{}", given.raw);
    assert_eq!(given.parameter("state"), "a b&c");
}

#[tokio::test]
async fn going_back_to_the_enrolment_when_it_is_done_keeps_the_request_of_the_app() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    let code = service.app_code(&key(&page));
    let path = page.form(0).action;
    browser.submit(&page.form(0).with("token", &code)).await;
    let back = browser.get(&path).await;
    let to = back.location();
    assert!(to.starts_with("/auth/two-factor?client_id=web"), "{to}");
}

#[tokio::test]
async fn a_code_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    service.advance(601);
    let form = step.form(0).with("token", &service.totp());
    let late = browser.submit(&form).await;
    begins_again(&browser, &late).await;
    // After a reload, the page shows the same.
    let step = code_page(&browser).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    service.advance(601);
    let path = format!("/auth/login?{FOR_TOKEN}&step=code");
    let reloaded = browser.get(&path).await;
    begins_again(&browser, &reloaded).await;
}

#[tokio::test]
async fn a_code_to_be_sent_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    service.advance(601);
    let late = browser.submit(&step.form_of("by e-mail")).await;
    begins_again(&browser, &late).await;
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_first_factor_after_the_login_has_expired_is_told_that_it_took_too_long() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let page = first_factor_page(&browser).await;
    service.advance(601);
    let code = service.app_code(&key(&page));
    let late = browser.submit(&page.form(0).with("token", &code)).await;
    begins_again(&browser, &late).await;
}

#[tokio::test]
async fn a_button_sends_a_code_again_only_after_a_code_was_sent() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let step = code_page(&browser).await;
    let send = step.form_of("by e-mail");
    let factor = send.value("send").to_owned();
    let path = format!("/auth/login?{FOR_TOKEN}&step=code&factor={factor}");
    let unsent = browser.get(&path).await;
    assert!(!unsent.raw.contains(" again</button>"), "{}", unsent.raw);
    // A wrong code does not count as a send if no message was sent.
    let wrong = unsent.form(0).with("token", "000000");
    let wrong = browser.submit(&wrong).await;
    assert!(!wrong.raw.contains(" again</button>"), "{}", wrong.raw);
    let sent = browser.submit(&send).await;
    assert!(sent.raw.contains(" again</button>"), "{}", sent.raw);
    assert!(sent.raw.contains("We have sent a code"), "{}", sent.raw);
    let code = if service.newest_code() == "000000" {
        "000001"
    } else {
        "000000"
    };
    let wrong = browser.submit(&sent.form(0).with("token", code)).await;
    assert_eq!(wrong.status, 401, "{}", wrong.raw);
    assert!(wrong.raw.contains(" again</button>"), "{}", wrong.raw);
    assert!(!wrong.raw.contains("We have sent a code"), "{}", wrong.raw);
    // Too soon, because the first message was just sent.
    let soon = browser.submit(&wrong.form_of("by e-mail")).await;
    assert_eq!(soon.status, 429, "{}", soon.raw);
    assert!(soon.raw.contains(" again</button>"), "{}", soon.raw);
    // The other factor got no code, and the e-mail address did.
    let path = format!("/auth/login?{FOR_TOKEN}&step=code&factor=totp&sent={factor}");
    let app = browser.get(&path).await;
    assert_eq!(app.raw.matches(" again</button>").count(), 1, "{}", app.raw);
    let by_mail = app.form_of("by e-mail");
    assert!(by_mail.buttons[0].2.ends_with(" again"), "{by_mail:?}");
}

#[tokio::test]
async fn a_button_sends_a_code_again_only_after_a_code_was_sent_where_two_factor_is_turned_off() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let page = browser.get("/auth/two-factor/disable").await;
    let send = page.form_of("by e-mail");
    let path = format!("/auth/two-factor/disable?factor={}", send.value("send"));
    let unsent = browser.get(&path).await;
    assert!(!unsent.raw.contains(" again</button>"), "{}", unsent.raw);
    let sent = browser.submit(&send).await;
    assert!(sent.raw.contains(" again</button>"), "{}", sent.raw);
    let no_code = sent.form(0).with("token", "12345");
    let wrong = browser.submit(&no_code).await;
    assert!(wrong.raw.contains("token-problem"), "{}", wrong.raw);
    assert!(wrong.raw.contains(" again</button>"), "{}", wrong.raw);
    assert!(!wrong.raw.contains("We have sent a code"), "{}", wrong.raw);
}

#[tokio::test]
async fn a_sign_in_that_is_demanded_since_the_future_is_not_asked_for_again_and_again() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for since in ["99999999999999", "9223372036854775807"] {
        let path = format!("/auth/authorize?{}&signed_in_since={since}", for_code());
        let given = browser.get(&path).await;
        assert_eq!(given.status, 302, "{since} {}", given.raw);
        assert_ne!(given.parameter("code"), "", "{}", given.location());
    }
}
