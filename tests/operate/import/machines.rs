//! `import --clients`: the clients that act for themselves.

use serde_json::json;

use super::Files;
use super::clients::{HASH, SECRET, imported};
use crate::dialects::oauth::authorization::machines::{ORDERS, ask};
use crate::harness::Service;

#[tokio::test]
async fn a_machine_of_auth0_or_openiddict_gets_tokens_with_its_secret_and_a_public_client_none() {
    let service = Service::start().await;
    let files = Files::new();
    let machine = json!({
        "client_id": "robot0", "app_type": "non_interactive", "client_secret": SECRET,
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["client_credentials"],
    });
    let web = json!({
        "client_id": "web2", "app_type": "regular_web", "client_secret": SECRET,
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["password", "client_credentials"],
    });
    let public = json!({
        "client_id": "native2", "app_type": "native", "token_endpoint_auth_method": "none",
        "grant_types": ["password", "client_credentials"],
    });
    let file = files.text(&json!([machine, web, public]).to_string());
    let format = ["--format", "auth0", "--audience", ORDERS];
    let done = imported(&service, &files, &file, &format).await;
    assert_eq!(done["made"], json!(3), "{:?}", files.rejects());
    let left = json!({ "the grant client_credentials of a public client": 1 });
    assert_eq!(done["left_out"], left);
    let row = json!([{
        "ClientId": "Shop_Job", "ClientType": "confidential", "ClientSecret": HASH,
        "Permissions": ["gt:client_credentials", "scp:Shop"],
    }]);
    let file = files.text(&row.to_string());
    let done = imported(&service, &files, &file, &["--format", "openiddict"]).await;
    assert_eq!(done["made"], json!(1), "{:?}", files.rejects());
    for (path, client, audience) in [
        ("/oauth/token", "robot0", ORDERS),
        ("/oauth/token", "web2", ORDERS),
        ("/connect/token", "Shop_Job", "Shop"),
    ] {
        let fields = [("client_id", client), ("client_secret", SECRET)];
        let answer = ask(&service, path, &fields).await;
        assert_eq!(answer.status, 200, "{client}: {}", answer.raw);
        assert_eq!(answer.claims("access_token")["aud"], audience, "{client}");
    }
    let native = service.operated(&["client", "show", "native2"]).await;
    assert_eq!(native["grants"], json!(["password"]));
}
