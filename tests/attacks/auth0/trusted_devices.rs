//! What a thief tries with trusted devices, and what a trusted device must not open.

use axum::body::Body;
use axum::http::Method;
use countersign::domain::accounts::user::Account;
use countersign::domain::factors::factor::Channel;
use countersign_local::demo;
use serde_json::json;

use crate::dialects::auth0::factors::my_account::{METHODS, add_client};
use crate::dialects::auth0::sessions::trusted_devices::{LIFE, ON, Phone, start, stored};
use crate::harness::account::PASSWORD;
use crate::harness::{Answer, Service, address_factor};

const MFA_OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";

#[tokio::test]
async fn the_token_of_a_login_makes_no_key_of_a_thief_trusted() {
    let service = start().await;
    let (phone, thief) = (Phone::new(), Phone::new());
    // The login of a key wants the key, and a login without a key remembers nothing.
    let bound = phone.sign_in(&service).await.text("mfa_token");
    let bare = service.begin().await;
    for (token, error) in [(bound, "invalid_grant"), (bare, "invalid_dpop_proof")] {
        let refused = thief.show(&service, &token, &[]).await;
        assert_eq!(refused.text("error"), error, "{}", refused.raw);
    }
    assert_eq!(stored(&service, "DEVICE#").await, 0);
    assert_eq!(service.wrong_guesses_left().await, 10);
    // Neither does the token of another client.
    let other = Phone::of_my_account();
    add_client(&service).await;
    let token = other.sign_in(&service).await.text("mfa_token");
    let refused = Phone {
        holder: other.holder,
        ..Phone::new()
    }
    .show(&service, &token, &[])
    .await;
    refused.is_refused(403, "invalid_grant", "Malformed mfa_token");
    assert_eq!(stored(&service, "DEVICE#").await, 0);
}

#[tokio::test]
async fn a_trusted_key_is_trusted_for_its_user_and_its_client_only() {
    let service = start().await;
    add_client(&service).await;
    let second = |account: &mut Account| {
        let address = account.user.email.clone().unwrap();
        account
            .factors
            .push(address_factor(Channel::Email, &address, true));
    };
    service.add_user("eve@example.com", second).await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let elsewhere = Phone {
        holder: phone.holder,
        ..Phone::of_my_account()
    };
    assert!(!elsewhere.is_trusted(&service).await);
    let of_another = Phone {
        holder: elsewhere.holder,
        user: "eve@example.com",
        ..Phone::new()
    };
    assert!(!of_another.is_trusted(&service).await);
    let own = Phone {
        user: demo::USER,
        ..of_another
    };
    assert!(own.is_trusted(&service).await);
}

#[tokio::test]
async fn a_session_of_a_trusted_device_changes_no_factor_and_no_password() {
    let service = start().await;
    add_client(&service).await;
    let phone = Phone::of_my_account();
    phone.remember(&service).await;
    let before = service.account(demo::USER).await;
    let token = phone.sign_in(&service).await.text("access_token");
    let methods = phone.call(&service, (Method::GET, METHODS), &token).await;
    assert_eq!(methods.status, 200, "{}", methods.raw);
    for method in methods.body["authentication_methods"].as_array().unwrap() {
        let id = method["id"].as_str().unwrap().replace('|', "%7C");
        let one = format!("{METHODS}/{id}");
        let refused = phone.call(&service, (Method::DELETE, &one), &token).await;
        let kind = refused.text("type");
        // No call removes the address of the account itself, the recovery code or the
        // password.
        let fixed = ["email", "recovery-code", "password"]
            .iter()
            .any(|one| id.starts_with(one));
        let expected = match fixed {
            true => "access_denied",
            false => "insufficient_user_authentication",
        };
        assert_eq!(kind, expected, "{id}: {}", refused.raw);
    }
    for new in ["totp", "password"] {
        let new = Body::from(json!({ "type": new }).to_string());
        let to = (Method::POST, METHODS);
        let refused = phone.call_with(&service, to, (&token, new)).await;
        let kind = refused.text("type");
        assert_eq!(kind, "insufficient_user_authentication", "{}", refused.raw);
    }
    // In ABP's words, the session would change the password that the app knows.
    let account = "https://localhost:8788/api/account/";
    service
        .add_client("account", |client| {
            client.audiences = vec![account.to_owned()]
        })
        .await;
    let other = Phone {
        client: "account",
        audience: account,
        ..Phone::new()
    };
    other.remember(&service).await;
    let token = other.sign_in(&service).await.text("access_token");
    let profile = (Method::GET, "/api/account/my-profile");
    assert_eq!(other.call(&service, profile, &token).await.status, 200);
    let body = json!({ "currentPassword": demo::PASSWORD_OF_ALL, "newPassword": PASSWORD });
    let to = (Method::POST, "/api/account/my-profile/change-password");
    let body = Body::from(body.to_string());
    let refused = other.call_with(&service, to, (&token, body)).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    let after = service.account(demo::USER).await;
    assert_eq!(after.user.epoch, before.user.epoch);
    assert_eq!(after.factors.len(), before.factors.len());
}

#[tokio::test]
async fn a_recovery_code_and_a_step_up_remember_no_device() {
    let service = start().await;
    let phone = Phone::new();
    let needed = phone.sign_in(&service).await.text("mfa_token");
    let fields = [
        (
            "grant_type",
            "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        ),
        ("client_id", demo::CLIENT),
        ("mfa_token", needed.as_str()),
        ("recovery_code", demo::RECOVERY_CODE),
        ("remember_device", "true"),
    ];
    let done = service.token_of(&phone.holder, &fields).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
    // The refresh token of a session that no key began, in the hands of a thief with a key.
    service.advance(30);
    let bare = service.begin().await;
    let session = service.redeem_otp(&bare, &service.totp()).await;
    let token = session.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::CLIENT),
        ("refresh_token", token.as_str()),
        ("acr_values", "aal2"),
        ("max_age", "0"),
    ];
    service.advance(60);
    let needed = service.token_of(&phone.holder, &fields).await;
    let needed = needed.text("mfa_token");
    let done = phone.show(&service, &needed, &[]).await;
    assert_eq!(done.status, 200, "{}", done.raw);
    assert_eq!(done.body.get("trusted_device_expires_in"), None);
    assert_eq!(stored(&service, "DEVICE#").await, 0);
}

#[tokio::test]
async fn a_setting_that_became_shorter_ends_devices_of_before() {
    let mut service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    service.advance(8 * 86_400);
    assert!(phone.is_trusted(&service).await);
    service.take(service.restarted_with(&[("COUNTERSIGN_TRUSTED_DEVICE_DAYS", "7")]));
    assert!(!phone.is_trusted(&service).await);
}

#[tokio::test]
async fn retries_of_one_request_of_a_trusted_device_are_no_guesses_at_the_password() {
    let service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let proof = phone
        .holder
        .proof(&service, (Method::POST, "/oauth/token"), None);
    let fields = phone.fields();
    for _ in 0..12 {
        let sent = service.post_with_proof("/oauth/token", Some(&proof), &fields);
        let answer = sent.await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
    }
    service.begin().await;
}

#[tokio::test]
async fn a_request_for_aal2_and_a_password_that_is_due_take_a_factor_on_a_trusted_device_too() {
    let service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let mut strong = phone.fields();
    strong.push(("acr_values", "aal2"));
    let needed = service.token_of(&phone.holder, &strong).await;
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
    // A refresh that wants more leads to a factor, and to no session of the device.
    let token = phone.sign_in(&service).await.text("refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", demo::CLIENT),
        ("refresh_token", token.as_str()),
        ("acr_values", "aal2"),
    ];
    let needed = service.token_of(&phone.holder, &fields).await;
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
    service.advance(30);
    let code = service.totp();
    let fields = [
        ("grant_type", MFA_OTP),
        ("client_id", demo::CLIENT),
        ("mfa_token", &needed.text("mfa_token")),
        ("otp", code.as_str()),
    ];
    let stepped = service.token_of(&phone.holder, &fields).await;
    let claims = stepped.claims("access_token");
    assert_eq!(claims["acr"], "aal2");
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    let due = aws_sdk_dynamodb::types::AttributeValue::Bool(true);
    service
        .set_profile(demo::USER, "must_change_password", due)
        .await;
    assert!(!phone.is_trusted(&service).await);
}

/// Ends trust in a way, and says what way that was.
async fn ended_by(way: &str) -> (Service, Phone) {
    let service = start().await;
    let phone = Phone::new();
    let remembered = phone.remember(&service).await;
    assert!(phone.is_trusted(&service).await);
    let user = service.account(demo::USER).await.user.id.dashed();
    match way {
        "reset" => {
            let token = service.reset_token(demo::USER).await;
            let same = service.reset(&user, &token, PASSWORD).await;
            assert_eq!(same.status, 204, "{}", same.raw);
        }
        "epoch" => service.raise_epoch(demo::USER).await,
        "sign-out" => drop(service.operated(&["user", "sign-out", demo::USER]).await),
        "operator" => {
            let key = phone.holder.thumbprint();
            let shown = service.operated(&["user", "show", demo::USER]).await;
            assert_eq!(shown["trusted_devices"][0]["id"], key);
            let remove = ["user", "remove-device", demo::USER, &key];
            service.operated(&remove).await;
            let (code, line) = service.not_operated(&remove).await;
            assert_eq!(code, 4);
            assert!(line.contains("trusts no such device"), "{line}");
            let shown = service.operated(&["user", "show", demo::USER]).await;
            assert_eq!(shown["trusted_devices"], json!([]));
            // The sessions of the device stay.
            let endpoint = (Method::POST, "/oauth/token");
            let proof = phone.holder.proof(&service, endpoint.clone(), None);
            let token = remembered.text("refresh_token");
            let refreshed = service.refresh_with_proof(&token, Some(&proof)).await;
            assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
        }
        "factor" => {
            let shown = service.operated(&["user", "show", demo::USER]).await;
            let factors = shown["factors"].as_array().unwrap();
            let email = factors.iter().find(|one| one["kind"] == "email").unwrap();
            let id = email["id"].as_str().unwrap();
            let remove = ["user", "remove-factor", demo::USER, id, "--reason", "lost"];
            service.operated(&remove).await;
        }
        "disabled" => {
            for command in ["disable", "enable"] {
                service.operated(&["user", command, demo::USER]).await;
                let answer = phone.sign_in(&service).await;
                assert_eq!(answer.status, 403, "{command}: {}", answer.raw);
            }
        }
        "time" => {
            service.advance(LIFE - 1);
            assert!(phone.is_trusted(&service).await);
            service.advance(1);
        }
        other => panic!("{other}"),
    }
    (service, phone)
}

#[tokio::test]
async fn every_change_of_the_user_the_operator_and_the_time_end_a_trusted_device() {
    for way in [
        "epoch", "sign-out", "operator", "factor", "disabled", "time",
    ] {
        let (service, phone) = Box::pin(ended_by(way)).await;
        assert!(!phone.is_trusted(&service).await, "{way}");
    }
}

#[tokio::test]
async fn a_new_password_ends_a_trusted_device() {
    let (service, phone) = Box::pin(ended_by("reset")).await;
    let mut fields = phone.fields();
    fields[3].1 = PASSWORD;
    let needed = service.token_of(&phone.holder, &fields).await;
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
}

#[tokio::test]
async fn a_proof_that_was_seen_on_the_way_gives_no_second_session() {
    let service = start().await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let endpoint = (Method::POST, "/oauth/token");
    let proof = phone.holder.proof(&service, endpoint.clone(), None);
    let fields = phone.fields();
    let post = async |fields: &[(&str, &str)]| {
        let sent = service.post_with_proof("/oauth/token", Some(&proof), fields);
        sent.await
    };
    let first = post(&fields).await;
    // The answer was lost: the same request gets the same family.
    let again = post(&fields).await;
    assert_eq!(again.status, 200, "{}", again.raw);
    assert_eq!(again.text("refresh_token"), first.text("refresh_token"));
    let session = |answer: &Answer| answer.claims("access_token")["sid"].clone();
    assert_eq!(session(&again), session(&first));
    // With other scopes it is another request, and not a retry.
    let mut other = fields.clone();
    other[4].1 = "offline_access";
    let refused = post(&other).await;
    assert_eq!(
        refused.text("error"),
        "invalid_dpop_proof",
        "{}",
        refused.raw
    );
    // Once the app goes on, the proof is over.
    let next = phone.holder.proof(&service, endpoint.clone(), None);
    let token = first.text("refresh_token");
    let refreshed = service.refresh_with_proof(&token, Some(&next)).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
    let refused = post(&fields).await;
    refused.is_refused(
        400,
        "invalid_dpop_proof",
        "The DPoP proof is wrong: the proof was used before.",
    );
    assert!(phone.is_trusted(&service).await);
}

#[tokio::test]
async fn a_device_ends_with_its_last_factor_and_no_user_without_a_factor_has_one() {
    let settings = [ON[0], ("COUNTERSIGN_MFA_POLICY", "required")];
    let service = Service::start_with(&settings).await;
    let phone = Phone::new();
    phone.remember(&service).await;
    let reset = ["user", "reset-factors", demo::USER, "--reason", "lost"];
    service.operated(&reset).await;
    let needed = phone.sign_in(&service).await;
    assert_eq!(needed.status, 403, "{}", needed.raw);
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
}
