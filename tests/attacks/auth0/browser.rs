//! Attacks on Auth0's browser flow: answers to a stranger, sessions of a stranger, open
//! redirects, and requests of another client.

use countersign_local::demo;

use crate::dialects::auth0::accounts::sign_up::auth0_only;
use crate::dialects::auth0::authorization::authorize::{
    exchange, message, path_of, push, request, sign_in_at,
};
use crate::dialects::auth0::sessions::sign_out::{BYE, id_token, is_signed_in};
use crate::harness::browser::{Browser, ORIGIN};

#[tokio::test]
async fn a_sign_out_leads_nowhere_but_to_an_address_that_the_client_has_listed() {
    let service = auth0_only().await;
    let browser = Browser::new(&service);
    let token = id_token(&service, &browser).await;
    for evil in [
        "https%3A%2F%2Fevil.example%2F",
        "http%3A%2F%2Flocalhost%3A3000%2Fbye%2F",
        "http%3A%2F%2Flocalhost%3A3000%2Fbye%3Fx%3D1",
        "http%3A%2F%2Flocalhost%3A3001%2Fbye",
        "http%3A%2F%2Flocalhost%3A3000%40evil.example%2Fbye",
        // A redirect URI is no address for a sign-out.
        "http%3A%2F%2Flocalhost%3A3000%2Fauth",
        "%2F%2Fevil.example",
        "javascript%3Aalert(1)",
        "%2Fauth%2Flogin",
    ] {
        for path in [
            format!("/v2/logout?client_id=web&returnTo={evil}"),
            format!("/oidc/logout?client_id=web&post_logout_redirect_uri={evil}"),
            format!("/oidc/logout?id_token_hint={token}&post_logout_redirect_uri={evil}"),
        ] {
            let refused = browser.get(&path).await;
            assert_eq!(refused.status, 400, "{path}");
            assert_eq!(refused.header("location"), None, "{path}");
        }
    }
    // The address of another client, and no client at all.
    for client in ["client_id=demo&", "client_id=nobody&", ""] {
        let path = format!("/v2/logout?{client}returnTo={BYE}");
        assert_eq!(browser.get(&path).await.status, 400, "{client}");
    }
    assert!(
        is_signed_in(&browser).await,
        "a refused sign-out ends nothing"
    );
}

#[tokio::test]
async fn no_other_site_signs_a_user_out_by_an_id_token_of_its_own_user() {
    let service = auth0_only().await;
    let (victim, stranger) = (Browser::new(&service), Browser::new(&service));
    id_token(&service, &victim).await;
    stranger.sign_in().await;
    let given = stranger.get(&request("")).await;
    let tokens = exchange(&service, &given.parameter("code")).await;
    let theirs = tokens.text("id_token");
    for hint in [&*theirs, "forged", "a.b.c"] {
        let page = victim
            .get(&format!("/oidc/logout?id_token_hint={hint}"))
            .await;
        assert_eq!(page.status, 200, "{}", page.raw);
        assert!(page.raw.contains("Sign out?"), "{}", page.raw);
        assert!(is_signed_in(&victim).await);
    }
    // The answer to the question is a form that only our page can send.
    let form = victim.get("/oidc/logout").await.form_of("Sign out");
    let cross = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(victim.post(&form, &cross).await.status, 403);
    let forged = form.clone().with("csrf", "AAAA");
    assert_eq!(victim.submit(&forged).await.status, 403);
    assert!(is_signed_in(&victim).await);
}

#[tokio::test]
async fn a_message_goes_to_no_origin_that_the_client_has_not_listed() {
    let service = auth0_only().await;
    service
        .add_client("framed", |client| {
            let web = &["https://app.example.com/cb", "https://evil.example/cb"];
            client.redirect_uris = web.map(str::to_owned).to_vec();
            client.grants = countersign::domain::authorization::grant::Grants::from([
                countersign::domain::authorization::grant::Grant::AuthorizationCode,
            ]);
            client.web_origins = vec!["https://app.example.com".to_owned()];
        })
        .await;
    let browser = Browser::new(&service);
    browser.sign_in_plain().await;
    let path = |host: &str| {
        request("&response_mode=web_message&prompt=none")
            .replace("client_id=web", "client_id=framed")
            .replace("http%3A%2F%2Flocalhost%3A3000%2Fauth", host)
            .replace("&scope=openid+offline_access", "")
    };
    let (to, response) = message(
        &browser
            .get(&path("https%3A%2F%2Fapp.example.com%2Fcb"))
            .await,
    );
    assert_eq!(to, "https://app.example.com");
    assert!(response["code"].is_string(), "{response}");
    for stranger in [
        "https%3A%2F%2Fevil.example%2Fcb",
        "https%3A%2F%2Fapp.example.com%3A444%2Fcb",
    ] {
        let refused = browser.get(&path(stranger)).await;
        assert_eq!(refused.status, 400, "{}", refused.raw);
        assert!(!refused.raw.contains("<script"), "{}", refused.raw);
        assert_eq!(refused.header("x-frame-options"), Some("DENY"));
    }
}

#[tokio::test]
async fn a_pushed_request_is_good_for_its_client_and_for_a_minute() {
    let service = auth0_only().await;
    service.add_client("other", |_| {}).await;
    let request_uri = push(&service, &[]).await.text("request_uri");
    let browser = Browser::new(&service);
    let changed = format!("{request_uri}A");
    for (client, uri) in [
        ("other", &*request_uri),
        ("nobody", &request_uri),
        ("web", &changed),
        ("web", "urn:ietf:params:oauth:request_uri:1.AAAA"),
        ("web", "urn:ietf:params:oauth:request_uri:"),
    ] {
        let refused = browser.get(&path_of(client, uri)).await;
        assert_eq!(refused.status, 400, "{client} {uri} {}", refused.raw);
        assert_eq!(refused.header("location"), None);
    }
    assert_eq!(browser.get(&path_of("web", &request_uri)).await.status, 303);
    service.advance(60);
    let late = browser.get(&path_of("web", &request_uri)).await;
    assert_eq!(late.status, 400, "{}", late.raw);
}

#[tokio::test]
async fn a_pushed_request_is_of_the_browser_that_brings_it_first() {
    let service = auth0_only().await;
    let request_uri = push(&service, &[]).await.text("request_uri");
    let (victim, thief) = (Browser::new(&service), Browser::new(&service));
    let path = path_of("web", &request_uri);
    let first = victim.get(&path).await;
    assert_eq!(first.status, 303, "{}", first.raw);
    // The thief's browser is signed in, and has a value of its own.
    let given = sign_in_at(&thief, &request("")).await;
    assert!(!given.parameter("code").is_empty());
    let respelt = path.replace("request_uri%3A1.", "request_uri%3A01.");
    assert_ne!(respelt, path);
    for path in [&path, &respelt] {
        let late = thief.get(path).await;
        assert_eq!(late.status, 400, "{}", late.raw);
        assert_eq!(late.header("location"), None);
    }
    // The page of the first browser is loaded again.
    assert_eq!(victim.get(&path).await.status, 303);
    let page = victim.get(first.location()).await;
    assert_eq!(page.status, 200, "{}", page.raw);
    let given = sign_in_at(&victim, &path).await;
    assert!(!given.parameter("code").is_empty(), "{}", given.raw);
}

#[tokio::test]
async fn nobody_is_signed_in_as_a_stranger_by_a_form_or_a_session_of_the_strangers() {
    let service = auth0_only().await;
    let (victim, stranger) = (Browser::new(&service), Browser::new(&service));
    // Login CSRF: another site sends the stranger's name and password from the browser of
    // the victim, with the token of a form that the stranger got.
    let theirs = stranger.get(&request("")).await.location().to_owned();
    let form = stranger.get(&theirs).await.form(0);
    let form = form
        .with("username", demo::PLAIN_USER)
        .with("password", demo::PASSWORD_OF_ALL);
    let own = victim.get(&request("")).await.location().to_owned();
    victim.get(&own).await;
    let cross = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(victim.post(&form, &cross).await.status, 403);
    let same = [("origin", ORIGIN), ("sec-fetch-site", "same-origin")];
    let replayed = victim.post(&form, &same).await;
    assert!(replayed.status == 403 || replayed.location().contains("/auth/login"));
    assert!(!is_signed_in(&victim).await);
    // Session fixation: what stood in the browser before is nobody's after the sign-in.
    let before = victim.cookies.borrow().clone();
    let given = sign_in_at(&victim, &request("")).await;
    assert!(!given.parameter("code").is_empty());
    let session = victim.cookie("__Host-countersign").unwrap();
    assert!(!before.values().any(|value| *value == session));
    let planted = Browser::new(&service);
    planted.cookies.borrow_mut().extend(before);
    assert!(!is_signed_in(&planted).await);
}
