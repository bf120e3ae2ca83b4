//! Which user an authorization request asks for, and how old the sign-in may be (OpenID
//! Connect Core 3.1.2.1: `prompt`, `max_age`, `id_token_hint`).

use countersign_local::demo;
use insta::{allow_duplicates, assert_snapshot};

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, VERIFIER, exchange, for_code};
use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

async fn authorize(browser: &Browser<'_>, more: &str) -> Answer {
    browser
        .get(&format!("/auth/authorize?{}&{more}", for_code()))
        .await
}

/// The path of the sign-in that a request leads to.
#[track_caller]
fn sign_in(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.raw);
    let to = answer.location();
    assert!(to.starts_with("/auth/login?client_id=web"), "{to}");
    to.to_owned()
}

async fn sign_in_again(browser: &Browser<'_>, path: &str) -> Answer {
    let done = browser
        .password(path, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
    browser.get(done.location()).await
}

#[tokio::test]
async fn a_session_that_is_older_than_the_app_takes_signs_in_again() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    service.advance(60);
    let young = authorize(&browser, "max_age=60").await;
    assert_ne!(young.parameter("code"), "", "{}", young.location());
    service.advance(1);
    let none = authorize(&browser, "max_age=60&prompt=none").await;
    assert_eq!(none.parameter("error"), "login_required");
    let path = sign_in(&authorize(&browser, "max_age=60").await);
    // A browser that skips the sign-in is redirected back to it.
    let skipped = path.replace("/auth/login", "/auth/authorize");
    sign_in(&browser.get(&skipped).await);
    // An hour of hesitation does not change the age of the sign-in.
    service.advance(3600);
    let given = sign_in_again(&browser, &path).await;
    let code = given.parameter("code");
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    let claims = tokens.claims("id_token");
    assert_eq!(claims["auth_time"], service.now(), "{claims}");
}

#[tokio::test]
async fn no_age_at_all_is_a_new_sign_in_and_one_is_enough() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    for asked in ["max_age=0", "prompt=login", "prompt=login+select_account"] {
        let path = sign_in(&authorize(&browser, asked).await);
        service.advance(5);
        let given = sign_in_again(&browser, &path).await;
        assert_ne!(given.parameter("code"), "", "{asked}: {}", given.location());
        service.advance(60);
    }
    for bad in ["max_age=-1", "max_age=x", "max_age=1.5"] {
        let answer = authorize(&browser, bad).await;
        assert_eq!(answer.parameter("error"), "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn whoever_asks_for_no_question_gets_an_error_in_place_of_one() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    let code = authorize(&browser, "prompt=none").await;
    assert_snapshot!(code.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth?error=login_required&error_description=nobody+is+signed+in+who+may+be+taken&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    let path = format!("/auth/authorize?{FOR_TOKEN}&prompt=none");
    let token = browser.get(&path).await;
    assert_snapshot!(token.shown(), @r"
    302 no-store
    location: http://localhost:3000/auth#error=login_required&error_description=nobody+is+signed+in+who+may+be+taken&state=a+b%26c&iss=https%3A%2F%2Flocalhost%3A8788%2F
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    x-frame-options: DENY
    ");
    browser.sign_in_plain().await;
    for asked in ["none+login", "consent+none", "create", "none+none+login"] {
        let answer = authorize(&browser, &format!("prompt={asked}")).await;
        assert_eq!(answer.parameter("error"), "invalid_request", "{asked}");
    }
}

#[tokio::test]
async fn a_user_is_asked_before_an_app_that_wants_it_is_answered() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let mut questions = Vec::new();
    for asked in ["consent", "select_account", "consent+select_account"] {
        let page = authorize(&browser, &format!("prompt={asked}")).await;
        questions.push(page.page());
        let given = browser.submit(&page.form_of("Continue")).await;
        allow_duplicates! {
            assert_snapshot!(given.page(), @r"
            303
            location: http://localhost:3000/auth?code=[opaque]&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
            ");
        }
        let declined = browser.submit(&page.form_of("Cancel")).await;
        allow_duplicates! {
            assert_snapshot!(declined.page(), @r"
            303
            location: http://localhost:3000/auth?error=access_denied&error_description=the+user+has+declined&state=s1&iss=https%3A%2F%2Flocalhost%3A8788%2F
            ");
        }
        // A form from another site chooses nothing.
        let forged = page.form_of("Continue").with("csrf", "x");
        let forged = browser.submit(&forged).await;
        assert_eq!((forged.status, forged.header("location")), (403, None));
        let headers = [("sec-fetch-site", "cross-site")];
        let form = page.form_of("Continue");
        let foreign = browser.submit_with(&form, &headers).await;
        assert_eq!(foreign.status, 403);
    }
    assert_snapshot!(questions.join("\n\n"), @r"
    200 Go on to the app? - Countersign Demo
    Countersign Demo
    Go on to the app?
    The app web asks who you are, and for:
    openid
    offline_access
    You are signed in as plain@example.com.
    form /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1&prompt=consent
    [csrf]
    [choice=continue] Continue
    [choice=other] Use another account
    [choice=cancel] Cancel

    200 Go on to the app? - Countersign Demo
    Countersign Demo
    Go on to the app?
    The app web asks who you are, and for:
    openid
    offline_access
    You are signed in as plain@example.com.
    form /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1&prompt=select_account
    [csrf]
    [choice=continue] Continue
    [choice=other] Use another account
    [choice=cancel] Cancel

    200 Go on to the app? - Countersign Demo
    Countersign Demo
    Go on to the app?
    The app web asks who you are, and for:
    openid
    offline_access
    You are signed in as plain@example.com.
    form /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1&prompt=consent+select_account
    [csrf]
    [choice=continue] Continue
    [choice=other] Use another account
    [choice=cancel] Cancel
    ");
}

#[tokio::test]
async fn another_account_is_signed_in_with_from_the_question() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    service.advance(5);
    let page = authorize(&browser, "prompt=select_account+consent").await;
    let path = sign_in(&browser.submit(&page.form_of("another account")).await);
    // Continuing with the current session is not what the user chose.
    let skipped = path.replace("/auth/login", "/auth/authorize");
    sign_in(&browser.get(&skipped).await);
    // The user who has signed in must still consent.
    let page = sign_in_again(&browser, &path).await;
    assert_snapshot!(page.page(), @r"
    200 Go on to the app? - Countersign Demo
    Countersign Demo
    Go on to the app?
    The app web asks who you are, and for:
    openid
    offline_access
    You are signed in as plain@example.com.
    form /auth/authorize?client_id=web&response_type=code&state=s1&scope=openid+offline_access&code_challenge=[opaque]&code_challenge_method=S256&nonce=n1&prompt=consent&signed_in_since=1800000005
    [csrf]
    [choice=continue] Continue
    [choice=other] Use another account
    [choice=cancel] Cancel
    ");
    let given = browser.submit(&page.form_of("Continue")).await;
    let code = given.parameter("code");
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(tokens.body["userinfo"]["email"], demo::PLAIN_USER);
}

#[tokio::test]
async fn an_app_that_means_one_user_is_answered_for_no_other() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in().await;
    let code = authorize(&browser, "").await.parameter("code");
    let tokens = exchange(&service, &code, &[("code_verifier", VERIFIER)]).await;
    let hint = format!("id_token_hint={}", tokens.text("id_token"));
    // The ID token itself may have expired.
    service.advance(7200);
    let same = authorize(&browser, &format!("{hint}&prompt=none")).await;
    assert_ne!(same.parameter("code"), "", "{}", same.location());
    let other = Browser::new(&service);
    other.sign_in_plain().await;
    service.advance(5);
    let none = authorize(&other, &format!("{hint}&prompt=none")).await;
    assert_eq!(none.parameter("error"), "login_required");
    let path = sign_in(&authorize(&other, &hint).await);
    assert!(!path.contains("id_token_hint"), "{path}");
    let stranger = sign_in_again(&other, &path).await;
    assert_eq!(stranger.parameter("error"), "login_required");
    // An access token, a forged token and another client's token name no user.
    let access = tokens.text("access_token");
    let forged = format!("{}x", tokens.text("id_token"));
    for wrong in [access.as_str(), forged.as_str(), "x"] {
        let hint = format!("id_token_hint={wrong}&prompt=none");
        let answer = authorize(&browser, &hint).await;
        assert_eq!(answer.parameter("error"), "login_required", "{wrong}");
    }
}
