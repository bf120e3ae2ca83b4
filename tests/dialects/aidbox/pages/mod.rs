//! Aidbox's pages, used by a person without scripts.

pub mod accounts;
pub mod as_read;
pub mod factors;
pub mod links;
pub mod login;
pub mod on_the_way;
pub mod passkeys;
pub mod revisited;
pub mod settings;
pub mod theme;
pub mod trusted_browsers;
pub mod words;

use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};

/// The key that an enable page shows.
pub fn key(page: &Answer) -> String {
    let shown = page.raw.split("<code>").nth(1).unwrap();
    shown.split('<').next().unwrap().replace(' ', "")
}

/// The recovery codes that a page shows.
pub fn recovery_codes(service: &Service, page: &Answer) -> Vec<String> {
    let shown = page.raw.split("<li><code>").skip(1);
    let codes: Vec<String> = shown
        .map(|text| text.split('<').next().unwrap().to_owned())
        .collect();
    codes.iter().for_each(|code| service.watch_secret(code));
    codes
}

/// Enables two-factor for the browser's user. Returns the app's key and the recovery
/// codes.
pub async fn enable(browser: &Browser<'_>) -> (String, Vec<String>) {
    let page = browser.get("/auth/two-factor/enable").await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let key = key(&page);
    browser.service.watch_secret(&key);
    let code = browser.service.app_code(&key);
    let done = browser.submit(&page.form(0).with("token", &code)).await;
    assert_eq!((done.status, done.location()), (303, "/auth/two-factor"));
    let done = browser.get(done.location()).await;
    assert!(done.raw.contains("is <strong>on</strong>"), "{}", done.raw);
    (key, recovery_codes(browser.service, &done))
}
