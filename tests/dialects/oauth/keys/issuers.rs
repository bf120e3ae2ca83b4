//! The settings decide which dialects are switched on. Each dialect whose clients read
//! discovery has its own issuer, which names its own endpoints.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::browser::Browser;
use crate::harness::{Answer, Service};
use crate::rules::factors::offer::with;

const PLAIN: &str = "https://localhost:8788/";

const ABP: &str = "https://localhost:8788/abp/";

const AIDBOX: &str = "https://localhost:8788/aidbox/";

async fn document(service: &Service, issuer: &str) -> Answer {
    let path = format!("{}.well-known/openid-configuration", path_of(issuer));
    let answer = service.get(&path, None).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

fn path_of(url: &str) -> String {
    url.replace("https://localhost:8788", "")
}

/// A password login at the token endpoint that this document names.
async fn sign_in(service: &Service, document: &Answer, client: &str, scope: &str) -> Answer {
    let fields = [
        ("grant_type", "password"),
        ("client_id", client),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
        ("scope", scope),
    ];
    let path = path_of(&document.text("token_endpoint"));
    service.post_form(&path, &fields).await
}

#[tokio::test]
async fn beside_auth0_an_abp_app_is_answered_in_abps_words_by_its_own_issuer() {
    let service = Service::start().await;
    let found = document(&service, ABP).await;
    assert_snapshot!(found.shown(), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {
      "issuer": "https://localhost:8788/abp/",
      "token_endpoint": "https://localhost:8788/abp/connect/token",
      "userinfo_endpoint": "https://localhost:8788/abp/userinfo",
      "revocation_endpoint": "https://localhost:8788/abp/oauth/revoke",
      "introspection_endpoint": "https://localhost:8788/abp/oauth/introspect",
      "jwks_uri": "https://localhost:8788/abp/.well-known/jwks.json",
      "grant_types_supported": [
        "password", "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "refresh_token", "authorization_code", "client_credentials", "implicit"
      ],
      "response_types_supported": ["code","token","id_token"],
      "subject_types_supported": ["public"],
      "id_token_signing_alg_values_supported": ["RS256"],
      "scopes_supported": ["openid","profile","email","phone","offline_access"],
      "claims_supported": [
        "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "at_hash", "name", "given_name", "family_name",
        "nickname", "picture", "preferred_username", "email", "email_verified", "phone_number", "phone_number_verified"
      ],
      "acr_values_supported": ["aal1","aal2"],
      "token_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","none"],
      "revocation_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","none"],
      "introspection_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post"],
      "dpop_signing_alg_values_supported": ["ES256","ES384","PS256","RS256","EdDSA"],
      "request_parameter_supported": false,
      "request_uri_parameter_supported": false,
      "authorization_endpoint": "https://localhost:8788/abp/auth/authorize",
      "response_modes_supported": ["query","fragment","form_post","web_message"],
      "code_challenge_methods_supported": ["S256"],
      "authorization_response_iss_parameter_supported": true,
      "prompt_values_supported": ["none","login","consent","select_account"],
      "claims_parameter_supported": false,
      "ui_locales_supported": ["en"]
    }
    "#);
    let wrong = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("username", demo::ABP_USER),
        ("password", "wrong"),
    ];
    let path = path_of(&found.text("token_endpoint"));
    let refused = service.post_form(&path, &wrong).await;
    assert_snapshot!(refused.shown(), @r#"
    400 application/json no-store no-cache
    {
      "error": "invalid_grant",
      "error_description": "Invalid username or password!",
      "error_uri": "https://documentation.openiddict.com/errors/ID2024"
    }
    "#);
    // Auth0's clients find their endpoints at the plain issuer, as before.
    let plain = document(&service, PLAIN).await;
    assert_eq!(plain.text("token_endpoint"), format!("{PLAIN}oauth/token"));
}

#[tokio::test]
async fn beside_auth0_an_aidbox_app_is_answered_in_aidboxs_words_by_its_own_issuer() {
    let service = Service::start().await;
    let found = document(&service, AIDBOX).await;
    assert_snapshot!(found.shown(), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {
      "issuer": "https://localhost:8788/aidbox/",
      "token_endpoint": "https://localhost:8788/aidbox/auth/token",
      "userinfo_endpoint": "https://localhost:8788/aidbox/userinfo",
      "revocation_endpoint": "https://localhost:8788/aidbox/oauth/revoke",
      "introspection_endpoint": "https://localhost:8788/aidbox/oauth/introspect",
      "jwks_uri": "https://localhost:8788/aidbox/.well-known/jwks.json",
      "grant_types_supported": [
        "password", "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "refresh_token", "authorization_code", "client_credentials", "implicit"
      ],
      "response_types_supported": ["code","token","id_token"],
      "subject_types_supported": ["public"],
      "id_token_signing_alg_values_supported": ["RS256"],
      "scopes_supported": ["openid","profile","email","phone","offline_access"],
      "claims_supported": [
        "sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "at_hash", "name", "given_name", "family_name",
        "nickname", "picture", "preferred_username", "email", "email_verified", "phone_number", "phone_number_verified"
      ],
      "acr_values_supported": ["aal1","aal2"],
      "token_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","none"],
      "revocation_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post","none"],
      "introspection_endpoint_auth_methods_supported": ["client_secret_basic","client_secret_post"],
      "dpop_signing_alg_values_supported": ["ES256","ES384","PS256","RS256","EdDSA"],
      "request_parameter_supported": false,
      "request_uri_parameter_supported": false,
      "authorization_endpoint": "https://localhost:8788/aidbox/auth/authorize",
      "response_modes_supported": ["query","fragment","form_post","web_message"],
      "code_challenge_methods_supported": ["S256"],
      "authorization_response_iss_parameter_supported": true,
      "prompt_values_supported": ["none","login","consent","select_account"],
      "claims_parameter_supported": false,
      "ui_locales_supported": ["en"]
    }
    "#);
    let answer = sign_in(&service, &found, demo::AIDBOX_CLIENT, "openid").await;
    assert_snapshot!(answer.shown(), @r#"
    200 application/json no-store no-cache
    {
      "token_type": "Bearer",
      "expires_in": 3600,
      "access_token": "[jwt]",
      "id_token": "[jwt]",
      "userinfo": {"id":"[id]","email":"plain@example.com","resourceType":"User"}
    }
    "#);
    assert_eq!(answer.claims("id_token")["iss"], AIDBOX);
}

#[tokio::test]
async fn every_url_of_an_issuers_document_is_below_that_issuer_and_there() {
    let service = Service::start().await;
    for issuer in [ABP, AIDBOX] {
        let document = document(&service, issuer).await;
        assert_eq!(document.text("issuer"), issuer);
        let members = document.body.as_object().unwrap();
        let urls = members.iter().filter_map(|(name, value)| {
            let url = value.as_str().filter(|text| text.starts_with("https://"))?;
            Some((name, url))
        });
        let mut seen = 0;
        for (name, url) in urls {
            assert!(url.starts_with(issuer), "{name}: {url}");
            if name != "issuer" {
                let answer = service.get(&path_of(url), None).await;
                assert_ne!(answer.status, 404, "{name}: {url}");
                seen += 1;
            }
        }
        assert_eq!(seen, 6, "{issuer}");
        let by_path = format!(
            "/.well-known/oauth-authorization-server{}",
            path_of(issuer).trim_end_matches('/')
        );
        let again = service.get(&by_path, None).await;
        assert_eq!(again.raw, document.raw, "RFC 8414 3.1");
    }
}

#[tokio::test]
async fn tokens_name_the_issuer_whose_endpoint_gave_them_and_are_good_at_ours() {
    let service = Service::start().await;
    for (issuer, client, userinfo) in [
        (PLAIN, demo::CLIENT, "/userinfo"),
        (ABP, demo::ABP_CLIENT, "/abp/userinfo"),
        (AIDBOX, demo::AIDBOX_CLIENT, "/aidbox/userinfo"),
    ] {
        let found = document(&service, issuer).await;
        let tokens = sign_in(&service, &found, client, "openid offline_access").await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        for name in ["access_token", "id_token"] {
            assert_eq!(tokens.claims(name)["iss"], issuer, "{name}");
        }
        let token = tokens.text("access_token");
        for path in ["/userinfo", "/connect/userinfo", userinfo] {
            let answer = service.get(path, Some(&token)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.raw);
        }
        let refresh = [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", &tokens.text("refresh_token")),
        ];
        let path = path_of(&found.text("token_endpoint"));
        let again = service.post_form(&path, &refresh).await;
        assert_eq!(again.claims("access_token")["iss"], issuer);
        let revoke = [
            ("client_id", client),
            ("token", &again.text("refresh_token")),
        ];
        let path = path_of(&found.text("revocation_endpoint"));
        assert_eq!(service.post_form(&path, &revoke).await.status, 200);
        let path = path_of(&found.text("token_endpoint"));
        let ended = service.post_form(&path, &refresh).await;
        assert!(ended.status >= 400, "{}", ended.raw);
    }
}

#[tokio::test]
async fn a_browser_that_came_by_an_issuer_goes_back_with_that_issuers_name() {
    let service = Service::start().await;
    for (issuer, named) in [(ABP, "abp"), (AIDBOX, "aidbox")] {
        let found = document(&service, issuer).await;
        let path = path_of(&found.text("authorization_endpoint"));
        let request = "client_id=web&response_type=token&state=s";
        let entered = service.get(&format!("{path}?{request}"), None).await;
        assert_eq!(entered.status, 303);
        let to = entered.header("location").unwrap().to_owned();
        assert_eq!(to, format!("/auth/authorize?{request}&issuer={named}"));
        let browser = Browser::new(&service);
        let asked = browser.get(&to).await;
        let page = asked.location().to_owned();
        let done = browser
            .password(&page, demo::PLAIN_USER, demo::PASSWORD_OF_ALL)
            .await;
        assert_eq!(done.status, 303, "{}", done.raw);
        let back = browser.get(done.location()).await;
        assert_eq!(back.status, 302, "{}", back.raw);
        assert_eq!(back.parameter("iss"), issuer);
        let claims = claims(&back.parameter("access_token"));
        assert_eq!(claims["iss"], issuer);
    }
}

#[tokio::test]
async fn a_dialect_that_is_switched_off_has_no_issuer() {
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "auth0,aidbox")]).await;
    for path in [
        "/abp/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/abp",
        "/abp/.well-known/jwks.json",
        "/abp/userinfo",
        "/abp/auth/authorize",
    ] {
        assert_eq!(service.get(path, None).await.status, 404, "{path}");
    }
    let token = service.post_form("/abp/connect/token", &[]).await;
    assert_eq!(token.status, 404, "{}", token.raw);
    let request = "client_id=web&response_type=token&prompt=none&issuer=abp";
    let sent = service
        .get(&format!("/auth/authorize?{request}"), None)
        .await;
    assert_eq!(sent.parameter("iss"), PLAIN);
}

/// The claims of a token, without checking the signature.
fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

#[tokio::test]
async fn a_dialect_that_is_not_switched_on_is_not_there() {
    let service = with(&[("COUNTERSIGN_DIALECTS", "auth0")]).await;
    let answer = service.post_form("/connect/token", &[]).await;
    assert_eq!(answer.status, 404);
    let answer = service.get("/api/account/two-factor-providers", None).await;
    assert_eq!(answer.status, 404);
    assert_eq!(service.password("openid").await.status, 403);

    let service = with(&[("COUNTERSIGN_DIALECTS", "abp")]).await;
    assert_eq!(service.password("openid").await.status, 404);
    assert_eq!(service.get("/mfa/authenticators", None).await.status, 404);
    assert_eq!(service.post_form("/connect/token", &[]).await.status, 400);
}

#[tokio::test]
async fn metadata_names_the_endpoints_of_the_dialects_that_are_switched_on() {
    let service = with(&[("COUNTERSIGN_DIALECTS", "abp")]).await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    assert_eq!(
        document.body["token_endpoint"],
        "https://localhost:8788/connect/token"
    );
    assert_eq!(document.body.get("mfa_challenge_endpoint"), None);
    for path in ["/.well-known/jwks.json", "/userinfo"] {
        assert_ne!(service.get(path, None).await.status, 404, "{path}");
    }
}
