//! Aidbox's pages as Lambda serves them. The gateway's event and the answer have
//! cookies in a field of their own, beside the headers. The function that owns a
//! page serves that page.

use axum::http::header::SET_COOKIE;
use countersign_local::demo;

use crate::dialects::aidbox::pages::key;
use crate::harness::{Answer, Service};

/// A cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> String {
    let all = answer.headers.get_all(SET_COOKIE).iter();
    let mut values = all.filter_map(|line| {
        let rest = line.to_str().unwrap().strip_prefix(name)?;
        Some(
            rest.strip_prefix('=')?
                .split(';')
                .next()
                .unwrap()
                .to_owned(),
        )
    });
    values
        .next()
        .unwrap_or_else(|| panic!("no {name} in {} {}", answer.status, answer.raw))
}

fn csrf(answer: &Answer) -> String {
    answer.form(0).value("csrf").to_owned()
}

#[tokio::test]
async fn a_person_signs_in_through_the_gateway_and_goes_on_to_the_app_and_the_settings() {
    let service = Service::start().await;
    let page = service.event("token-aidbox-page-login", &[]).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let (form_cookie, form) = (cookie(&page, "__Host-countersign-form"), csrf(&page));
    let values = [("form_cookie", &*form_cookie), ("csrf", &*form)];
    let wrong = "token-aidbox-page-login-password-wrong";
    assert_eq!(service.event(wrong, &values).await.status, 303);
    let step = service
        .event("token-aidbox-page-login-password", &values)
        .await;
    assert_eq!(step.status, 303, "{}", step.raw);
    let login = cookie(&step, "__Host-countersign-login");
    let begun = [("login_cookie", &*login)];
    let step = service.event("token-aidbox-page-login-step", &begun).await;
    assert_eq!(step.status, 200, "{}", step.raw);
    let form = csrf(&step);
    let otp = service.totp();
    let values = [("login_cookie", &*login), ("csrf", &*form), ("otp", &*otp)];
    let done = service.event("token-aidbox-page-login-code", &values).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let session = cookie(&done, "__Host-countersign");
    let signed_in = [("session_cookie", &*session)];
    let as_form = "token-aidbox-page-authorize-form";
    let led = service.event(as_form, &[]).await;
    let path = "/auth/authorize?client_id=web&response_type=token&state=abc";
    assert_eq!((led.status, led.location()), (303, path), "{}", led.raw);
    let back = service
        .event("token-aidbox-page-authorize", &signed_in)
        .await;
    assert_eq!(back.status, 302, "{}", back.raw);
    let home = "http://localhost:3000/auth#access_token=";
    assert!(back.location().starts_with(home));
    service.watch_secret(&back.parameter("access_token"));
    let settings = service
        .event("enroll-aidbox-page-settings", &signed_in)
        .await;
    assert_eq!(settings.status, 200, "{}", settings.raw);
    service.advance(30);
    let page = service
        .event("enroll-aidbox-page-disable", &signed_in)
        .await;
    let (form, otp) = (csrf(&page), service.totp());
    let values = [
        ("session_cookie", &*session),
        ("csrf", &*form),
        ("otp", &*otp),
    ];
    let off = service
        .event("enroll-aidbox-page-disable-code", &values)
        .await;
    assert_eq!(off.status, 303, "{}", off.raw);
    let page = service.event("enroll-aidbox-page-enable", &signed_in).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let (form, code) = (csrf(&page), service.app_code(&key(&page)));
    let values = [
        ("session_cookie", &*session),
        ("csrf", &*form),
        ("code", &*code),
    ];
    let on = service
        .event("enroll-aidbox-page-enable-code", &values)
        .await;
    assert_eq!(on.status, 303, "{}", on.raw);
    let settings = service
        .event("enroll-aidbox-page-settings", &signed_in)
        .await;
    let form = settings.form_of("Sign out").value("csrf").to_owned();
    let values = [("session_cookie", &*session), ("csrf", &*form)];
    let out = service.event("token-aidbox-page-logout", &values).await;
    assert_eq!(
        (out.status, cookie(&out, "__Host-countersign").as_str()),
        (303, "")
    );
    let gone = service
        .event("enroll-aidbox-page-settings", &signed_in)
        .await;
    assert_eq!(gone.location(), "/auth/login");
}

#[tokio::test]
async fn somebody_signs_up_and_resets_a_password_through_the_gateway() {
    let service = Service::start().await;
    let page = service.event("account-aidbox-page-signup", &[]).await;
    let (form_cookie, form) = (cookie(&page, "__Host-countersign-form"), csrf(&page));
    let form_values = vec![("form_cookie", &*form_cookie), ("csrf", &*form)];
    let done = service
        .event("account-aidbox-page-signup-send", &form_values)
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let (user, token) = (
        service.link_parameter("user"),
        service.link_parameter("token"),
    );
    let link = [("user_id", &*user), ("confirmation_token", &*token)];
    let page = service.event("account-aidbox-page-confirm", &link).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let values = [&form_values[..], &link].concat();
    let done = service
        .event("account-aidbox-page-confirm-send", &values)
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(
        service
            .event("account-aidbox-page-forgot", &[])
            .await
            .status,
        200
    );
    let done = service
        .event("account-aidbox-page-forgot-send", &form_values)
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
    assert_eq!(service.messages()[0].to, demo::PLAIN_USER);
    let (user, token) = (
        service.link_parameter("user"),
        service.link_parameter("token"),
    );
    let link = [("user_id", &*user), ("reset_token", &*token)];
    let page = service.event("account-aidbox-page-reset", &link).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let values = [&form_values[..], &link].concat();
    let done = service
        .event("account-aidbox-page-reset-send", &values)
        .await;
    assert_eq!(done.status, 303, "{}", done.raw);
}

#[tokio::test]
async fn what_is_wrong_is_told_on_a_page_through_the_gateway_too() {
    let service = Service::start().await;
    for (name, status) in [
        ("token-aidbox-page-login-no-csrf", 403),
        ("token-aidbox-page-authorize-client-unknown", 400),
    ] {
        let answer = service.event(name, &[]).await;
        assert_eq!(answer.status, status, "{}", answer.raw);
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(answer.header("content-security-policy").is_some());
    }
}
