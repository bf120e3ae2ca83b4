//! What a client learns of tokens that are not for it: nothing.

use crate::dialects::oauth::authorization::machines::{ROBOT, add_robot, ask};
use crate::dialects::oauth::sessions::introspect::{API, add_api, introspect, login};
use crate::harness::Service;
use crate::harness::enrolment::MFA;

#[tokio::test]
async fn introspection_tells_a_client_nothing_of_a_token_that_is_not_for_it() {
    let service = Service::start().await;
    add_api(&service, API, |client| {
        client.audiences = vec!["https://another.example.com/".to_owned()];
    })
    .await;
    add_robot(&service, ROBOT, |_| {}).await;
    let tokens = login(&service).await;
    let machine = ask(&service, "/oauth/token", &[]).await;
    let pending = service.begin().await;
    for token in [
        &*tokens.text("access_token"),
        &tokens.text("refresh_token"),
        &tokens.text("id_token"),
        &machine.text("access_token"),
        &pending,
        "forged",
        "a.b.c",
    ] {
        let told = introspect(&service, API, token).await;
        assert_eq!(
            (told.status, &*told.raw),
            (200, "{\"active\":false}"),
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_client_that_lists_our_own_audience_learns_nothing_of_others_tokens_for_it() {
    let service = Service::start().await;
    let own = [
        MFA,
        "https://localhost:8788/userinfo",
        "https://localhost:8788/api/account/",
    ];
    add_api(&service, API, |client| {
        client.audiences = own.map(str::to_owned).to_vec();
    })
    .await;
    // With `openid`, every token is for user information too.
    let access = login(&service).await.text("access_token");
    let told = introspect(&service, API, &access).await;
    assert_eq!(told.raw, "{\"active\":false}");
}
