//! Every route as Lambda serves it: events of API Gateway, kept in `events/`,
//! answered by the one function that owns the route.

use std::collections::BTreeSet;

use axum::http::Method;
use countersign::routes::{Function, ROUTES};
use countersign_local::demo;
use serde_json::json;

use crate::harness::Service;
use crate::harness::deployment::event::{folder, function_of, kept};

/// The names of all kept events.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| Some(file.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// An invalid value for every placeholder.
pub fn filler() -> Vec<(&'static str, &'static str)> {
    [
        "mfa_token",
        "otp",
        "oob_code",
        "binding_code",
        "recovery_code",
        "refresh_token",
        "access_token",
        "sms_authenticator_id",
        "user_id",
        "two_factor_token",
        "code",
        "reset_token",
        "confirmation_token",
        "form_cookie",
        "login_cookie",
        "session_cookie",
        "csrf",
    ]
    .map(|name| (name, "x"))
    .to_vec()
}

/// Whether a path is one of a pattern, in which `{…}` stands for any part.
pub fn matches(pattern: &str, path: &str) -> bool {
    let alike = |(part, shown): (&str, &str)| part == shown || part.starts_with('{');
    pattern.split('/').count() == path.split('/').count()
        && pattern.split('/').zip(path.split('/')).all(alike)
}

#[test]
fn every_route_has_an_event_and_every_event_is_for_a_route_of_its_function() {
    let filler = filler();
    let mut seen = BTreeSet::new();
    for name in names() {
        let event = kept(&name, &filler);
        let context = &event["requestContext"];
        let method = context["http"]["method"].as_str().unwrap();
        // The path with the names of its parameters, as the gateway matched it.
        let key = event["routeKey"].as_str().unwrap();
        let path = key.strip_prefix(&format!("{method} ")).unwrap();
        let raw = event["rawPath"].as_str().unwrap();
        assert!(matches(path, raw), "{name}: {raw} is no {path}");
        assert_eq!(context["http"]["path"], raw, "{name}");
        let known = ROUTES.iter().find(|route| {
            route.path == path && (route.method.as_str() == method || name.ends_with("-method"))
        });
        let function = known.unwrap_or_else(|| panic!("{name} has no route"));
        assert_eq!(function.function, function_of(&name), "{name}");
        seen.insert((method.to_owned(), path.to_owned()));
    }
    for route in ROUTES {
        let key = (route.method.to_string(), route.path.to_owned());
        assert!(seen.contains(&key), "no event for {key:?}");
    }
}

#[tokio::test]
async fn a_password_in_a_base64_body_asks_for_the_second_factor() {
    let service = Service::start().await;
    let answer = service.event("token-auth0-password", &[]).await;
    assert_eq!(answer.status, 403, "{}", answer.raw);
    assert_eq!(answer.body["error"], "mfa_required");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_request_id_of_the_gateway_comes_back() {
    let service = Service::start().await;
    let event = kept("token-auth0-password", &[]);
    let id = event["requestContext"]["requestId"].clone();
    let answer = service
        .answer(&service.function(Function::Token), event)
        .await;
    assert_eq!(answer.header("x-request-id"), id.as_str());
}

#[tokio::test]
async fn a_form_that_was_not_encoded_reads_the_same() {
    let service = Service::start().await;
    let answer = service
        .event("token-auth0-password-plain-text-form", &[])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    assert_eq!(answer.text("token_type"), "Bearer");
}

#[tokio::test]
async fn a_json_body_with_nulls_and_a_client_in_basic_reach_the_second_factor_too() {
    let service = Service::start().await;
    for name in [
        "token-auth0-password-realm",
        "token-auth0-password-basic-client",
    ] {
        let answer = service.event(name, &[]).await;
        assert_eq!(answer.body["error"], "mfa_required", "{name}");
    }
}

#[tokio::test]
async fn a_login_by_authenticator_runs_through_three_functions_to_user_information() {
    let service = Service::start().await;
    let begun = service.event("token-auth0-password", &[]).await;
    let mfa_token = begun.text("mfa_token");
    let token = ("mfa_token", mfa_token.as_str());
    let listed = service
        .event("send-code-auth0-authenticators", &[token])
        .await;
    assert_eq!(listed.status, 200, "{}", listed.raw);
    assert_eq!(listed.body.as_array().unwrap().len(), 4);
    let challenged = service
        .event("send-code-auth0-challenge-otp", &[token])
        .await;
    assert_eq!(challenged.body, json!({ "challenge_type": "otp" }));
    let otp = service.totp();
    let verified = service
        .event("verify-auth0-totp", &[token, ("otp", &otp)])
        .await;
    assert_eq!(
        (verified.status, verified.body),
        (200, json!({ "verified": true }))
    );
    let tokens = service
        .event("token-auth0-mfa-otp", &[token, ("otp", &otp)])
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let access = tokens.text("access_token");
    for name in ["token-oauth-userinfo", "token-oauth-userinfo-post"] {
        let user = service.event(name, &[("access_token", &access)]).await;
        assert_eq!(user.status, 200, "{name}: {}", user.raw);
        assert_eq!(user.body["sub"], tokens.claims("access_token")["sub"]);
    }
}

#[tokio::test]
async fn codes_by_email_and_by_sms_are_sent_by_one_function_and_taken_by_another() {
    let service = Service::start().await;
    for channel in ["email", "sms"] {
        let begun = service.event("token-auth0-password", &[]).await;
        let mfa_token = begun.text("mfa_token");
        let sms = service.authenticator(&mfa_token, "sms").await;
        let values = [
            ("mfa_token", mfa_token.as_str()),
            ("sms_authenticator_id", sms.as_str()),
        ];
        let name = format!("send-code-auth0-challenge-{channel}");
        let sent = service.event(&name, &values).await;
        assert_eq!(sent.status, 200, "{}", sent.raw);
        assert_eq!(sent.body["binding_method"], "prompt");
        let values = [
            ("mfa_token", mfa_token.as_str()),
            ("oob_code", &sent.text("oob_code")),
            ("binding_code", &service.newest_code()),
        ];
        let tokens = service.event("token-auth0-mfa-oob", &values).await;
        assert_eq!(tokens.status, 200, "{channel}: {}", tokens.raw);
        let amr = json!(["pwd", if channel == "sms" { "sms" } else { "otp" }, "mfa"]);
        assert_eq!(tokens.claims("access_token")["amr"], amr, "{channel}");
    }
}

#[tokio::test]
async fn a_recovery_code_in_json_labelled_as_a_form_gives_tokens() {
    let service = Service::start().await;
    let begun = service.event("token-auth0-password", &[]).await;
    let values = [
        ("mfa_token", begun.text("mfa_token")),
        ("recovery_code", demo::RECOVERY_CODE.to_owned()),
    ];
    let values = values
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let tokens = service
        .event("token-auth0-mfa-recovery-code", &values)
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    assert_eq!(tokens.text("recovery_code").len(), 24);
}

#[tokio::test]
async fn a_refresh_token_refreshes_until_it_is_revoked() {
    let service = Service::start().await;
    let begun = service
        .event("token-auth0-password-plain-text-form", &[])
        .await;
    let first = begun.text("refresh_token");
    let again = service
        .event("token-auth0-refresh", &[("refresh_token", &first)])
        .await;
    assert_eq!(again.status, 200, "{}", again.raw);
    let second = again.text("refresh_token");
    let revoked = service
        .event("token-oauth-revoke", &[("refresh_token", &second)])
        .await;
    assert_eq!(revoked.status, 200, "{}", revoked.raw);
    let refused = service
        .event("token-auth0-refresh", &[("refresh_token", &second)])
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.error(),
        "invalid_grant: Unknown or invalid refresh token."
    );
}

#[tokio::test]
async fn each_refusal_has_its_status_and_words() {
    let service = Service::start().await;
    let begun = service.event("token-auth0-password", &[]).await;
    let mfa_token = begun.text("mfa_token");
    let wrong_code = [("mfa_token", mfa_token.as_str()), ("otp", "abcdef")];
    let token = &wrong_code[..1];
    for (name, values, status, error) in [
        (
            "token-auth0-password-wrong",
            &[][..],
            403,
            "invalid_grant: Wrong email or password.",
        ),
        (
            "token-auth0-password-missing-username",
            &[],
            400,
            "invalid_request: Missing required parameter: username",
        ),
        (
            "token-auth0-client-secret-wrong",
            &[],
            401,
            "invalid_client: Client authentication failed.",
        ),
        (
            "token-auth0-grant-unsupported",
            &[],
            400,
            "unsupported_grant_type: Unsupported grant type.",
        ),
        (
            "token-auth0-mfa-otp",
            &wrong_code,
            403,
            "invalid_grant: Invalid otp_code.",
        ),
        (
            "token-auth0-mfa-otp-malformed-token",
            &[],
            403,
            "invalid_grant: Malformed mfa_token",
        ),
        (
            "token-auth0-refresh-unknown",
            &[],
            403,
            "invalid_grant: Unknown or invalid refresh token.",
        ),
        (
            "token-oauth-revoke-missing-token",
            &[],
            400,
            "invalid_request: Missing required parameter: token",
        ),
        (
            "token-oauth-userinfo-no-token",
            &[],
            401,
            "invalid_token: The access token is missing.",
        ),
        (
            "send-code-auth0-authenticators-no-token",
            &[],
            401,
            "invalid_token: The access token is missing.",
        ),
        (
            "send-code-auth0-challenge-unsupported",
            token,
            400,
            "unsupported_challenge_type: User does not have any authenticators of the given type.",
        ),
        (
            "verify-auth0-code-missing",
            token,
            400,
            "invalid_request: Missing required parameter: code",
        ),
        (
            "verify-auth0-token-malformed",
            &[],
            403,
            "invalid_grant: Malformed mfa_token",
        ),
        (
            "keys-oauth-jwks-wrong-method",
            &[],
            405,
            "invalid_request: Method not allowed.",
        ),
    ] {
        let answer = service.event(name, values).await;
        let told = (answer.status, answer.error());
        assert_eq!(told, (status, error.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn the_keys_function_publishes_metadata_and_public_keys() {
    let service = Service::start().await;
    let metadata = service.event("keys-oauth-openid-configuration", &[]).await;
    let same = service.event("keys-oauth-authorization-server", &[]).await;
    assert_eq!(metadata.status, 200, "{}", metadata.raw);
    assert_eq!(metadata.body["issuer"], "https://localhost:8788/");
    assert_eq!(metadata.raw, same.raw);
    let keys = service.event("keys-oauth-jwks", &[]).await;
    assert_eq!(keys.status, 200, "{}", keys.raw);
    assert_eq!(keys.body["keys"][0]["kty"], "RSA");
    assert_eq!(keys.body["keys"][0].get("d"), None);
    let cached = keys.header("cache-control").unwrap();
    assert!(cached.starts_with("public, max-age="), "{cached}");
}

#[tokio::test]
async fn a_function_does_not_serve_the_routes_of_another() {
    let service = Service::start().await;
    for route in ROUTES {
        let name = names().into_iter().find(|name| {
            let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
            text.contains(&format!(
                "\"routeKey\": \"{} {}\"",
                route.method, route.path
            ))
        });
        let text = folder().join(format!("{}.json", name.unwrap()));
        let event: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(text).unwrap()).unwrap();
        for other in Function::ALL
            .into_iter()
            .filter(|other| *other != route.function)
        {
            let answer = service
                .answer(&service.function(other), event.clone())
                .await;
            assert_eq!(answer.status, 404, "{}: {}", route.path, answer.raw);
        }
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let service = Service::start().await;
    let mut event = kept("keys-oauth-jwks", &[]);
    event["requestContext"]["http"]["method"] = json!(Method::HEAD.as_str());
    let answer = service
        .answer(&service.function(Function::Keys), event)
        .await;
    assert_eq!((answer.status, answer.raw.as_str()), (200, ""));
}
