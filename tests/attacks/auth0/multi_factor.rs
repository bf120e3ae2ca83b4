//! A browser whose session shows a password alone, at an app that wants a second factor
//! (`acr_values` at `/authorize`).

use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::{
    exchange, path_of, push, request, sign_in_at,
};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service, address_factor};

const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// A service whose policy demands a second factor of nobody.
pub async fn without_policy() -> Service {
    let settings = [
        ("COUNTERSIGN_DIALECTS", "auth0"),
        ("COUNTERSIGN_MFA_POLICY", "disabled"),
    ];
    Service::start_with(&settings).await
}

/// A silent request is refused in the words by which Auth0's apps know that a second factor
/// is missing, and not the session.
#[track_caller]
fn lacks_the_factor(silent: &Answer) {
    assert_eq!(silent.parameter("error"), "login_required");
    let sentence = "Multifactor authentication required";
    assert_eq!(silent.parameter("error_description"), sentence);
}

/// The demo user's password on the page that this path leads to.
pub async fn password_at(browser: &Browser<'_>, path: &str) -> Answer {
    let first = browser.get(path).await;
    assert_eq!(first.status, 303, "{}", first.raw);
    let (user, password) = (demo::USER, demo::PASSWORD_OF_ALL);
    browser.password(first.location(), user, password).await
}

/// The page that asks a signed-in browser for the factor alone.
pub async fn factor_at(browser: &Browser<'_>, path: &str) -> Answer {
    let first = browser.get(path).await;
    assert_eq!(first.status, 303, "{}", first.raw);
    let page = browser.get(first.location()).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    assert!(page.raw.contains("Enter your code"), "{}", page.raw);
    assert!(!page.raw.contains("password"), "{}", page.raw);
    page
}

#[tokio::test]
async fn a_session_of_a_password_passes_no_request_for_a_second_factor() {
    let service = without_policy().await;
    let browser = Browser::new(&service);
    let done = password_at(&browser, &request("")).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let weak = browser.get(done.location()).await;
    let tokens = exchange(&service, &weak.parameter("code")).await;
    assert_eq!(tokens.claims("id_token")["acr"], "aal1");
    for asked in [MULTI_FACTOR, "aal2"] {
        let silent = format!("&acr_values={asked}&prompt=none");
        let silent = browser.get(&request(&silent)).await;
        lacks_the_factor(&silent);
        let at_page = browser.get(&request(&format!("&acr_values={asked}"))).await;
        assert!(at_page.location().starts_with("/auth/login?"));
    }
    let asked = format!("&acr_values={MULTI_FACTOR}");
    let step = factor_at(&browser, &request(&asked)).await;
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let given = browser.get(done.location()).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    let claims = tokens.claims("id_token");
    assert_eq!(claims["acr"], MULTI_FACTOR);
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
    // The session is strong now. An app that asks by our name is answered by our name.
    let silent = request("&acr_values=aal2&prompt=none");
    let given = browser.get(&silent).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("id_token")["acr"], "aal2");
}

#[tokio::test]
async fn a_pushed_request_for_a_second_factor_is_kept_on_every_page() {
    let service = without_policy().await;
    let browser = Browser::new(&service);
    let pushed = push(&service, &[("acr_values", MULTI_FACTOR)]).await;
    let path = path_of("web", &pushed.text("request_uri"));
    let step = password_at(&browser, &path).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    let given = browser.get(done.location()).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("id_token")["acr"], MULTI_FACTOR);
}

#[tokio::test]
async fn a_user_without_a_second_factor_signs_in_and_the_token_says_so() {
    let service = without_policy().await;
    let browser = Browser::new(&service);
    let asked = request(&format!("&acr_values={MULTI_FACTOR}"));
    let given = sign_in_at(&browser, &asked).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("id_token")["acr"], "aal1");
    assert_eq!(tokens.claims("id_token")["amr"], json!(["pwd"]));
}

/// Signs the demo user in by the password and a code by e-mail: the tokens of the app.
pub async fn signed_in_by_mail(browser: &Browser<'_>) -> Answer {
    let step = password_at(browser, &request("")).await;
    let page = browser.submit(&step.form_of("by e-mail")).await;
    let code = browser.service.newest_code();
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let given = browser.get(done.location()).await;
    exchange(browser.service, &given.parameter("code")).await
}

#[tokio::test]
async fn a_session_of_a_code_by_mail_passes_no_request_for_aal2_of_a_user_who_can_show_more() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let weak = signed_in_by_mail(&browser).await;
    assert_eq!(weak.claims("id_token")["acr"], "aal1");
    for asked in [MULTI_FACTOR, "aal2", "loa3 aal2"] {
        let asked = format!("&acr_values={}", asked.replace(' ', "+"));
        let silent = request(&format!("{asked}&prompt=none"));
        lacks_the_factor(&browser.get(&silent).await);
        let at_page = browser.get(&request(&asked)).await;
        assert!(at_page.location().starts_with("/auth/login?"));
    }
    for asked in ["aal1", "aal1+aal2", "loa3"] {
        let silent = request(&format!("&acr_values={asked}&prompt=none"));
        let given = browser.get(&silent).await;
        assert!(!given.parameter("code").is_empty(), "{asked}");
    }
    let step = factor_at(&browser, &request("&acr_values=aal2")).await;
    assert!(!step.raw.contains("e-mail"), "{}", step.raw);
    let form = step.form(0).with("token", &service.totp());
    let done = browser.submit(&form).await;
    let given = browser.get(done.location()).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("access_token")["acr"], "aal2");
}

#[tokio::test]
async fn the_page_of_a_request_for_aal2_offers_no_code_by_mail_beside_a_stronger_factor() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let plain = password_at(&browser, &request("")).await;
    let mail = plain.form_of("by e-mail").value("send").to_owned();
    let step = password_at(&browser, &request("&acr_values=aal2")).await;
    for offered in ["by SMS to the number that ends in 0100", "recovery code"] {
        assert!(step.raw.contains(offered), "{}", step.raw);
    }
    assert!(!step.raw.contains("e-mail"), "{}", step.raw);
    // The page of the mail's factor is not there either.
    let named = browser
        .get(&format!("{}&step=code&factor={mail}", step.form(0).action))
        .await;
    assert_eq!(named.form(0).value("factor"), "totp");
}

#[tokio::test]
async fn a_user_whose_only_factor_is_the_mailbox_shows_it_once_and_the_token_says_so() {
    let service = without_policy().await;
    let user = service.account(demo::PLAIN_USER).await.user.id;
    let factor = address_factor(Channel::Email, demo::PLAIN_USER, true);
    service.add_factor(user, &factor).await;
    let browser = Browser::new(&service);
    let first = browser.get(&request("&acr_values=aal2")).await;
    let (name, password) = (demo::PLAIN_USER, demo::PASSWORD_OF_ALL);
    let step = browser.password(first.location(), name, password).await;
    let page = browser.submit(&step.form_of("by e-mail")).await;
    let code = service.newest_code();
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    let given = browser.get(done.location()).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    assert_eq!(tokens.claims("access_token")["acr"], "aal1");
}
