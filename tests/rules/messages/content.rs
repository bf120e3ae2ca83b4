//! The other contents of a message besides its code or link: the header of an automatic
//! message, and the device that a notice names.

use countersign_local::demo;
use countersign_local::stand_in::Channel;
use serde_json::json;

use crate::dialects::aidbox::pages::key;
use crate::harness::Service;
use crate::harness::account::{PASSWORD, USER_NAME};
use crate::harness::browser::Browser;

#[tokio::test]
async fn every_mail_says_that_a_program_wrote_it_so_that_no_program_answers() {
    let service = Service::start().await;
    let id = service.registered().await;
    let token = service.begin().await;
    service.challenge(&token, "email").await;
    service.forgot(demo::PLAIN_USER).await;
    let tokens = service.sign_in(USER_NAME, PASSWORD).await;
    let bearer = tokens.text("access_token");
    service.ask_to_confirm_email(Some(&bearer), &id).await;
    let body = json!({ "email": demo::USER, "password": demo::PASSWORD_OF_ALL });
    service.advance(31);
    service.post_json("/api/accounts/login", &body).await;
    let messages = service.messages();
    let mails: Vec<_> = messages
        .iter()
        .filter(|message| message.channel == Channel::Email)
        .collect();
    assert!(mails.len() >= 4, "{}", mails.len());
    for mail in mails {
        let said = mail.attributes.get("Auto-Submitted").map(String::as_str);
        assert_eq!(said, Some("auto-generated"), "{:?}", mail.subject);
    }
}

#[tokio::test]
async fn an_owner_is_told_when_and_with_what_kind_of_device_and_nothing_that_a_caller_wrote() {
    let service = Service::start().await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let page = browser.get("/auth/two-factor/enable").await;
    let form = page.form(0).with("token", &service.app_code(&key(&page)));
    let agent = "Mozilla/5.0 (iPhone; https://evil.example/<b>call +15555550199</b>)";
    let headers = [("sec-fetch-site", "same-origin"), ("user-agent", agent)];
    let done = browser.submit_with(&form, &headers).await;
    assert_eq!(done.status, 303, "{}", done.raw);
    let notice = &service.messages()[0];
    let html = notice.html.as_deref().unwrap();
    for part in [&*notice.text, html] {
        assert!(
            part.contains("on Fri, 15 Jan 2027 at 08:00 UTC, from an iPhone or iPad."),
            "{part}"
        );
        assert!(!part.contains("evil") && !part.contains("5555"), "{part}");
    }
}
