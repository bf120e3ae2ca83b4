//! The theme of the settings on Aidbox's pages, and the headers of every page.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::keyring::code_challenge;
use insta::assert_snapshot;

use crate::dialects::aidbox::authorization::authorize::FOR_TOKEN;
use crate::harness::Service;
use crate::harness::browser::Browser;

#[tokio::test]
async fn a_page_that_says_no_carries_the_theme() {
    let service = Service::start_with(&[("COUNTERSIGN_THEME_BRAND", "Acme")]).await;
    let browser = Browser::new(&service);
    let unknown = "/auth/authorize?client_id=nobody&response_type=code";
    let forged = browser.get("/auth/login").await.form(0).with("csrf", "x");
    assert_snapshot!(browser.get(unknown).await.page(), @r"
    400 This did not work - Acme
    Acme
    This did not work
    The app that sent you here is not known to this service.
    ");
    assert_snapshot!(browser.submit(&forged).await.page(), @r"
    403 This did not work - Acme
    Acme
    This did not work
    This form is too old, or was not sent by this browser: somebody may have signed in, signed out or begun again in another tab. Nothing was changed. Cookies have to be allowed here.
    Go on
    ");
}

#[tokio::test]
async fn every_page_is_closed_to_frames_scripts_caches_and_strangers_stylesheets() {
    let service = Service::start_with(&[
        (
            "COUNTERSIGN_THEME_STYLE_URL",
            "https://cdn.example.com/a/style.css",
        ),
        ("COUNTERSIGN_THEME_BRAND", "Brand <b>&\"'"),
        (
            "COUNTERSIGN_THEME_TITLE",
            "</title><script>alert(1)</script>",
        ),
        (
            "COUNTERSIGN_THEME_FORGOT_PASSWORD_URL",
            "https://help.example.com/?a=1&b=2",
        ),
    ])
    .await;
    let browser = Browser::new(&service);
    for (path, end) in [
        (format!("/auth/login?{FOR_TOKEN}"), " http://localhost:3000"),
        ("/auth/login".to_owned(), ""),
        ("/auth/signup".to_owned(), ""),
        ("/auth/confirm?user=ab&token=x".to_owned(), ""),
        ("/auth/authorize".to_owned(), ""),
    ] {
        let page = browser.get(&path).await;
        let style = page.raw.split("<style>").nth(1).unwrap();
        let style = style.split("</style>").next().unwrap();
        let digest = sha256(style);
        let theme = " https://cdn.example.com";
        assert_eq!(
            page.header("content-security-policy").unwrap(),
            format!(
                "default-src 'none'; style-src 'sha256-{digest}'{theme}; form-action 'self'{end}; \
                 frame-ancestors 'none'; base-uri 'none'"
            ),
            "{path}"
        );
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(
            !page.raw.contains("<script") && !page.raw.contains("<b>"),
            "{}",
            page.raw
        );
    }
    let page = browser.get("/auth/login").await;
    assert!(
        page.raw.contains("https://help.example.com/?a=1&#38;b=2"),
        "{}",
        page.raw
    );
    let forgot = browser.get("/auth/forgot").await;
    assert_eq!(forgot.location(), "https://help.example.com/?a=1&b=2");
}

/// The hash in the form of a content security policy.
pub fn sha256(text: &str) -> String {
    let digest = URL_SAFE_NO_PAD.decode(code_challenge(text)).unwrap();
    STANDARD.encode(digest)
}
