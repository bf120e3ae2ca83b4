//! The discovery documents and the key set, which anybody may read.

use insta::assert_snapshot;

use crate::harness::{Service, alike};

#[tokio::test]
async fn both_well_known_documents_say_the_same_and_the_issuer_ends_in_a_slash() {
    let service = Service::start().await;
    let mut documents = Vec::new();
    for path in ["openid-configuration", "oauth-authorization-server"] {
        let path = format!("/.well-known/{path}");
        documents.push(service.get(&path, None).await);
    }
    assert_eq!(documents[0].raw, documents[1].raw);
    assert_snapshot!(alike(&documents), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {
      "issuer": "https://localhost:8788/",
      "token_endpoint": "https://localhost:8788/oauth/token",
      "userinfo_endpoint": "https://localhost:8788/userinfo",
      "revocation_endpoint": "https://localhost:8788/oauth/revoke",
      "introspection_endpoint": "https://localhost:8788/oauth/introspect",
      "jwks_uri": "https://localhost:8788/.well-known/jwks.json",
      "grant_types_supported": [
        "password", "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "http://auth0.com/oauth/grant-type/passwordless/otp", "refresh_token", "authorization_code", "client_credentials",
        "implicit"
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
      "authorization_endpoint": "https://localhost:8788/authorize",
      "response_modes_supported": ["query","fragment","form_post","web_message"],
      "code_challenge_methods_supported": ["S256"],
      "authorization_response_iss_parameter_supported": true,
      "prompt_values_supported": ["none","login","consent","select_account"],
      "claims_parameter_supported": false,
      "ui_locales_supported": ["en"],
      "mfa_challenge_endpoint": "https://localhost:8788/mfa/challenge",
      "end_session_endpoint": "https://localhost:8788/oidc/logout",
      "pushed_authorization_request_endpoint": "https://localhost:8788/oauth/par",
      "require_pushed_authorization_requests": false,
      "authorization_challenge_endpoint": "https://localhost:8788/authorize-challenge"
    }
    "#);
}

#[tokio::test]
async fn without_the_pages_no_authorization_is_announced() {
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "abp")]).await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    assert_snapshot!(document.shown(), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {
      "issuer": "https://localhost:8788/",
      "token_endpoint": "https://localhost:8788/connect/token",
      "userinfo_endpoint": "https://localhost:8788/userinfo",
      "revocation_endpoint": "https://localhost:8788/oauth/revoke",
      "introspection_endpoint": "https://localhost:8788/oauth/introspect",
      "jwks_uri": "https://localhost:8788/.well-known/jwks.json",
      "grant_types_supported": [
        "password", "http://auth0.com/oauth/grant-type/password-realm", "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob", "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "refresh_token", "client_credentials"
      ],
      "response_types_supported": [],
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
      "request_uri_parameter_supported": false
    }
    "#);
    for path in ["/authorize", "/v2/logout", "/oidc/logout"] {
        assert_eq!(service.get(path, None).await.status, 404, "{path}");
    }
    let service = Service::start_with(&[("COUNTERSIGN_DIALECTS", "aidbox")]).await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    assert_snapshot!(document.shown(), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {
      "issuer": "https://localhost:8788/",
      "token_endpoint": "https://localhost:8788/auth/token",
      "userinfo_endpoint": "https://localhost:8788/userinfo",
      "revocation_endpoint": "https://localhost:8788/oauth/revoke",
      "introspection_endpoint": "https://localhost:8788/oauth/introspect",
      "jwks_uri": "https://localhost:8788/.well-known/jwks.json",
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
      "authorization_endpoint": "https://localhost:8788/auth/authorize",
      "response_modes_supported": ["query","fragment","form_post","web_message"],
      "code_challenge_methods_supported": ["S256"],
      "authorization_response_iss_parameter_supported": true,
      "prompt_values_supported": ["none","login","consent","select_account"],
      "claims_parameter_supported": false,
      "ui_locales_supported": ["en"]
    }
    "#);
}

#[tokio::test]
async fn every_endpoint_that_is_announced_is_there() {
    let service = Service::start().await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    for name in [
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "authorization_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
        "authorization_challenge_endpoint",
        "mfa_challenge_endpoint",
    ] {
        let path = document.text(name).replace("https://localhost:8788", "");
        let answer = service.get(&path, None).await;
        assert_ne!(answer.status, 404, "{name}");
    }
}

#[tokio::test]
async fn the_issuer_of_every_token_is_the_one_that_is_announced() {
    let issuer = "https://login.example.com/tenant/";
    let service = Service::start_with(&[("COUNTERSIGN_ISSUER", issuer)]).await;
    let document = service.get("/.well-known/openid-configuration", None).await;
    assert_eq!(document.text("issuer"), issuer);
    let token = service.begin().await;
    let answer = service.redeem_otp(&token, &service.totp()).await;
    for name in ["access_token", "id_token"] {
        assert_eq!(answer.claims(name)["iss"], issuer);
    }
}

#[tokio::test]
async fn the_key_set_holds_public_parts_only_and_may_be_kept() {
    let service = Service::start().await;
    let served = service.get("/.well-known/jwks.json", None).await;
    assert_snapshot!(served.shown(), @r#"
    200 application/json public, max-age=3600, stale-while-revalidate=86400, stale-if-error=86400
    vary: origin
    {"keys":[{"use":"sig","alg":"RS256","kid":"[opaque]","kty":"RSA","n":"[opaque]","e":"AQAB"}]}
    "#);
}
