//! The theme of the settings on Aidbox's pages.

use crate::harness::Service;
use crate::harness::browser::Browser;

#[tokio::test]
async fn a_page_that_says_no_carries_the_theme() {
    let service = Service::start_with(&[("COUNTERSIGN_THEME_BRAND", "Acme")]).await;
    let browser = Browser::new(&service);
    let unknown = "/auth/authorize?client_id=nobody&response_type=code";
    let forged = browser.get("/auth/login").await.form(0).with("csrf", "x");
    for page in [browser.get(unknown).await, browser.submit(&forged).await] {
        assert!([400, 403].contains(&page.status), "{}", page.raw);
        assert!(
            page.raw.contains("<title>This did not work - Acme</title>"),
            "{}",
            page.raw
        );
        assert!(
            page.raw.contains("<p class=\"brand\">Acme</p>"),
            "{}",
            page.raw
        );
    }
}
