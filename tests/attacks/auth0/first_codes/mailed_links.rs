//! What a stranger, or a program that reads mails, tries with links that sign in.

use axum::body::Body;
use axum::http::{Method, Request};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::attacks::auth0::sign_up::seen;
use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::login::mailed_link::{
    allow_links, auth_params, path_of_link, press, start_link,
};
use crate::dialects::auth0::login::passwordless::{GRANT, by_mailbox, challenge};
use crate::harness::Service;
use crate::harness::browser::Browser;

const OWNER: &str = demo::PLAIN_USER;

/// The path of a link that was sent to the owner.
async fn link_of_owner(service: &Service) -> String {
    allow_links(service).await;
    let asked = start_link(service, OWNER, &auth_params()).await;
    assert_eq!(asked.status, 200, "{}", asked.raw);
    path_of_link(service)
}

/// The items of the table, without the counts of requests and the events.
async fn kept_items(service: &Service) -> Vec<String> {
    let items = service.items().await.into_iter();
    let counts = ["BUDGET#", "EVENTS#"];
    let kept = items.filter(|item| {
        let partition = item["PK"].as_s().unwrap();
        !counts.iter().any(|prefix| partition.starts_with(prefix))
    });
    let mut shown: Vec<String> = kept
        .map(|item| {
            let mut parts: Vec<String> = item
                .iter()
                .map(|(name, value)| format!("{name} {value:?}"))
                .collect();
            parts.sort();
            parts.join(" ")
        })
        .collect();
    shown.sort();
    shown
}

#[tokio::test]
async fn a_mail_scanner_that_opens_a_link_changes_nothing() {
    let service = auth0_only().await;
    let link = link_of_owner(&service).await;
    let before = kept_items(&service).await;
    let scanner = Browser::new(&service);
    for _ in 0..5 {
        let page = scanner.get(&link).await;
        assert_eq!(page.status, 200, "{}", page.raw);
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    for method in [Method::HEAD, Method::OPTIONS] {
        let request = Request::builder().method(method).uri(&link);
        let request = request.header("sec-purpose", "prefetch;prerender");
        service.send(request.body(Body::empty()).unwrap()).await;
    }
    assert_eq!(kept_items(&service).await, before);
    let signed_in = press(&Browser::new(&service), &link).await;
    assert!(signed_in.location().starts_with("/auth/authorize?"));
}

#[tokio::test]
async fn a_link_signs_in_once_and_for_five_minutes() {
    let service = auth0_only().await;
    let link = link_of_owner(&service).await;
    let (first, second) = (Browser::new(&service), Browser::new(&service));
    let form = first.get(&link).await.form_of("Sign in");
    let other = second.get(&link).await.form_of("Sign in");
    assert_eq!(first.submit(&form).await.status, 303);
    let used = second.submit(&other).await;
    assert_eq!(used.status, 400, "{}", used.raw);
    assert!(second.cookie("__Host-countersign").is_none());
    assert_eq!(second.get(&link).await.status, 400);
    service.advance(60);
    start_link(&service, OWNER, &auth_params()).await;
    let link = path_of_link(&service);
    let form = second.get(&link).await.form_of("Sign in");
    service.advance(300);
    assert_eq!(second.submit(&form).await.status, 400);
    assert_eq!(second.get(&link).await.status, 400);
}

#[tokio::test]
async fn a_link_of_another_client_or_address_leads_nowhere_else() {
    let service = auth0_only().await;
    let link = link_of_owner(&service).await;
    let browser = Browser::new(&service);
    // The link has no address of its own: what is added to it changes nothing.
    let more = "&redirect_uri=https%3A%2F%2Fevil.example%2F&client_id=demo&state=evil";
    let signed_in = press(&browser, &format!("{link}{more}")).await;
    let given = browser.get(signed_in.location()).await;
    assert!(given.location().starts_with(demo::AIDBOX_REDIRECT_URI));
    assert_eq!(given.parameter("state"), "s1");
    // An address that the client gave up meanwhile gets nothing.
    service.advance(60);
    start_link(&service, OWNER, &auth_params()).await;
    let link = path_of_link(&service);
    let moved = [
        "client",
        "update",
        "web",
        "--redirect-uri",
        "https://new.example/cb",
    ];
    service.operated(&moved).await;
    // A client is kept in memory for five minutes.
    service.advance(245);
    let page = Browser::new(&service).get(&link).await;
    assert!(
        page.status == 400 && page.forms().is_empty(),
        "{}",
        page.raw
    );
}

#[tokio::test]
async fn a_link_is_no_code_and_a_code_is_no_link() {
    let service = auth0_only().await;
    let link = link_of_owner(&service).await;
    let token = service.link_parameter("token");
    let (named, digits) = token.rsplit_once('.').unwrap();
    for (session, otp) in [(named, digits), (token.as_str(), digits)] {
        let body = json!({
            "grant_type": GRANT, "client_id": "web", "auth_session": session, "otp": otp,
        });
        let crossed = service.post_json("/oauth/token", &body).await;
        crossed.is_refused(400, "invalid_request", "Wrong or expired code.");
    }
    let crossed = by_mailbox(&service, OWNER, digits).await;
    assert_eq!(crossed.status, 403, "{}", crossed.raw);
    // The token of a code, which its asker has, and the digits make no link.
    service.advance(60);
    let session = challenge(&service, OWNER, false).await.text("auth_session");
    let forged = format!("/auth/link?token={session}.{}", service.newest_code());
    let browser = Browser::new(&service);
    assert_eq!(browser.get(&forged).await.status, 400);
    for token in ["", "x", "x.123456", named] {
        let page = browser.get(&format!("/auth/link?token={token}")).await;
        assert_eq!(page.status, 400, "{token}: {}", page.raw);
    }
    // The link is still good where it belongs.
    let signed_in = press(&browser, &link).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.raw);
}

#[tokio::test]
async fn no_other_site_presses_the_button_of_a_link() {
    let service = auth0_only().await;
    let link = link_of_owner(&service).await;
    let browser = Browser::new(&service);
    let form = browser.get(&link).await.form_of("Sign in");
    let cross = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(browser.post(&form, &cross).await.status, 403);
    // A form that was made for another browser.
    let own = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let victim = Browser::new(&service);
    assert_eq!(victim.post(&form, &own).await.status, 403);
    victim.get("/auth/login").await;
    assert_eq!(victim.post(&form, &own).await.status, 403);
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn a_request_for_a_link_is_answered_alike_for_everyone() {
    let service = auth0_only().await;
    allow_links(&service).await;
    let nobody = "free@example.com";
    let known = start_link(&service, demo::USER, &auth_params()).await;
    let free = start_link(&service, nobody, &auth_params()).await;
    assert_eq!(seen(&free, nobody), seen(&known, demo::USER));
    let wrong: Value = json!({ "redirect_uri": "https://evil.example/" });
    let known = start_link(&service, demo::USER, &wrong).await;
    let free = start_link(&service, nobody, &wrong).await;
    assert_eq!(seen(&free, nobody), seen(&known, demo::USER));
}
