//! What a notice tells of the device that made a change.

use crate::dialects::aidbox::pages::key;
use crate::harness::Service;
use crate::harness::browser::Browser;

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
