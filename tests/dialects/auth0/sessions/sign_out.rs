//! `/v2/logout` and `/oidc/logout`: an app signs the browser out.

use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::{exchange, request, sign_in_at};
use crate::harness::Service;
use crate::harness::browser::Browser;

/// Where the demo's app returns to.
pub const BYE: &str = "http%3A%2F%2Flocalhost%3A3000%2Fbye";

/// A signed-in browser's id token.
pub async fn id_token(service: &Service, browser: &Browser<'_>) -> String {
    let given = sign_in_at(browser, &request("")).await;
    let tokens = exchange(service, &given.parameter("code")).await;
    tokens.text("id_token")
}

/// Whether the browser is signed in.
pub async fn is_signed_in(browser: &Browser<'_>) -> bool {
    let silent = browser.get(&request("&prompt=none")).await;
    silent.parameter("error") != "login_required"
}

#[tokio::test]
async fn auth0s_sign_out_ends_the_session_and_returns_to_the_listed_address() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    id_token(&service, &browser).await;
    assert!(is_signed_in(&browser).await);
    let path = format!("/v2/logout?client_id=web&returnTo={BYE}");
    let left = browser.get(&path).await;
    insta::assert_snapshot!(left.page(), @r"
    302
    location: http://localhost:3000/bye
    removes __Host-countersign
    ");
    assert!(!is_signed_in(&browser).await);
    // Again, and without an address to return to.
    assert_eq!(browser.get(&path).await.status, 302);
    let page = browser.get("/v2/logout").await;
    insta::assert_snapshot!(page.page(), @r"
    200 Signed out - Acme Bikes
    removes __Host-countersign
    Acme Bikes
    Signed out
    You are signed out in this browser.
    ");
}

#[tokio::test]
async fn an_id_token_of_the_user_signs_out_without_a_question_and_state_comes_back() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let token = id_token(&service, &browser).await;
    let path =
        format!("/oidc/logout?id_token_hint={token}&post_logout_redirect_uri={BYE}&state=s+3");
    let left = browser.get(&path).await;
    insta::assert_snapshot!(left.page(), @r"
    302
    location: http://localhost:3000/bye?state=s+3
    removes __Host-countersign
    ");
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn without_an_id_token_the_user_is_asked_before_anything_ends() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    id_token(&service, &browser).await;
    let path = format!("/oidc/logout?client_id=web&post_logout_redirect_uri={BYE}&state=s");
    let page = browser.get(&path).await;
    insta::assert_snapshot!(page.page(), @r"
    200 Sign out? - Acme Bikes
    Acme Bikes
    Sign out?
    An app asks to sign you out in this browser.
    form /oidc/logout
    [csrf]
    [post_logout_redirect_uri=http://localhost:3000/bye]
    [client_id=web]
    [state=s]
    Sign out
    ");
    assert!(is_signed_in(&browser).await);
    let left = browser.submit(&page.form_of("Sign out")).await;
    insta::assert_snapshot!(left.page(), @r"
    302
    location: http://localhost:3000/bye?state=s
    removes __Host-countersign
    ");
    assert!(!is_signed_in(&browser).await);
    // Nobody is signed in, so there is nothing to ask.
    assert_eq!(browser.get(&path).await.status, 302);
}

#[tokio::test]
async fn a_sign_out_as_a_form_is_sent_on_to_its_address() {
    let service = auth0_only().await;
    let fields = [("client_id", "web"), ("state", "s")];
    let sent = service.post_form("/oidc/logout", &fields).await;
    insta::assert_snapshot!(sent.page(), @r"
    303
    location: /oidc/logout?client_id=web&state=s
    ");
}
