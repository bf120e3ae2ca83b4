//! `/me/v1`: a refusal names the parameter that is wrong.

use axum::http::Method;
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::my_account::{METHODS, call, place_of, post};
use crate::dialects::auth0::login::passkeys::authenticator::{my_token, start_with};
use crate::harness::Service;

const TEXT: &str = "an array or an object stands where a text belongs";
const TYPE: &str = "type is totp, email, phone, recovery-code, passkey or password";
const ADDRESS: &str = "the e-mail address is not of the form name@example.com";
const NUMBER: &str = "the phone number is not in E.164 form, such as +15555550100";
const CHANNEL: &str = "preferred_authentication_method is sms";
const SESSION: &str = "not of this method and this session, or expired";
const CODE: &str = "otp_code has six digits";

/// The call is refused, and names this parameter.
async fn refused(
    service: &Service,
    path: &str,
    body: Option<Value>,
    wrong: (&str, &str),
    token: &str,
) {
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let shown = format!("{path} {body:?}");
    let shown: String = shown.chars().take(300).collect();
    let answer = call(service, method, path, body, token).await;
    assert_eq!(answer.status, 400, "{shown} {}", answer.raw);
    let (field, detail) = wrong;
    let expected = json!([{ "field": field, "detail": detail }]);
    assert_eq!(answer.body["validation_errors"], expected, "{shown}");
}

#[tokio::test]
async fn a_new_method_with_a_wrong_parameter_is_refused_by_the_parameters_name() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    let long = "x".repeat(5000);
    let sms = |more: Value| {
        let mut body = json!({ "type": "phone", "phone_number": "+15555550199" });
        body["preferred_authentication_method"] = more;
        body
    };
    let email = |to: Value| json!({ "type": "email", "email": to });
    let phone = |to: Value| json!({ "type": "phone", "phone_number": to });
    let passkey = |name: &str, value: Value| json!({ "type": "passkey", name: value });
    for (body, field, detail) in [
        (json!({}), "type", "required"),
        (json!({ "type": null }), "type", "required"),
        (json!({ "Type": "totp" }), "type", "misnamed"),
        (json!({ "type": ["totp"] }), "type", TEXT),
        (json!({ "type": {} }), "type", TEXT),
        (json!({ "type": 5 }), "type", TYPE),
        (json!({ "type": true }), "type", TYPE),
        (json!({ "type": "push-notification" }), "type", TYPE),
        (json!({ "type": long }), "type", TYPE),
        (json!({ "type": "email" }), "email", "required"),
        (email(json!({})), "email", TEXT),
        (email(json!(5)), "email", ADDRESS),
        (email(json!("nobody")), "email", ADDRESS),
        (
            email(json!(format!("{long}@example.com"))),
            "email",
            ADDRESS,
        ),
        (json!({ "type": "phone" }), "phone_number", "required"),
        (phone(json!(["+15555550199"])), "phone_number", TEXT),
        (phone(json!(15_555_550_199_i64)), "phone_number", NUMBER),
        (phone(json!("no number")), "phone_number", NUMBER),
        (
            phone(json!(format!("+{}", "1".repeat(5000)))),
            "phone_number",
            NUMBER,
        ),
        (
            phone(json!("+18765550100")),
            "phone_number",
            "text messages are not sent to phones of this country",
        ),
        (sms(json!([])), "preferred_authentication_method", TEXT),
        (sms(json!(5)), "preferred_authentication_method", CHANNEL),
        (
            sms(json!("voice")),
            "preferred_authentication_method",
            CHANNEL,
        ),
        (sms(json!(long)), "preferred_authentication_method", CHANNEL),
        (passkey("connection", json!({})), "connection", TEXT),
        (
            passkey("connection", json!("another")),
            "connection",
            "unknown",
        ),
        (passkey("connection", json!(long)), "connection", "unknown"),
        (
            passkey("identity_user_id", json!([])),
            "identity_user_id",
            TEXT,
        ),
        (
            passkey("identity_user_id", json!("another")),
            "identity_user_id",
            "identity_user_id is not the user's",
        ),
    ] {
        refused(&service, METHODS, Some(body), (field, detail), &token).await;
    }
    assert!(service.messages().is_empty());
}

#[tokio::test]
async fn a_first_code_with_a_wrong_parameter_is_refused_by_its_name_and_uses_up_no_guess() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    let begun = post(&service, METHODS, json!({ "type": "totp" }), &token).await;
    let session = begun.text("auth_session");
    let totp = format!("{}/verify", place_of(&begun.text("id")));
    let passkey = format!("{METHODS}/passkey%7Cnew/verify");
    let long = "1".repeat(5000);
    let with = |code: Value| json!({ "auth_session": session, "otp_code": code });
    let by = |session: Value| json!({ "auth_session": session, "otp_code": "000000" });
    let given = |response: Value| json!({ "auth_session": "x", "authn_response": response });
    let object = "authn_response is an object, or its JSON as a text";
    for (path, body, field, detail) in [
        (
            &totp,
            json!({ "otp_code": "000000" }),
            "auth_session",
            "required",
        ),
        (&totp, by(json!([])), "auth_session", TEXT),
        (&totp, by(json!(5)), "auth_session", SESSION),
        (&totp, by(json!("x")), "auth_session", SESSION),
        (&totp, by(json!(long)), "auth_session", SESSION),
        (
            &totp,
            json!({ "auth_session": session }),
            "otp_code",
            "required",
        ),
        (&totp, with(json!({})), "otp_code", TEXT),
        (&totp, with(json!(12345)), "otp_code", CODE),
        (&totp, with(json!("abcdef")), "otp_code", CODE),
        (&totp, with(json!(long)), "otp_code", CODE),
        (
            &passkey,
            json!({ "authn_response": {} }),
            "auth_session",
            "required",
        ),
        (
            &passkey,
            json!({ "auth_session": "x" }),
            "authn_response",
            "required",
        ),
        (&passkey, given(json!({})), "auth_session", SESSION),
        (&passkey, given(json!(5)), "authn_response", object),
        (&passkey, given(json!("x")), "authn_response", object),
        (
            &passkey,
            given(json!([])),
            "authn_response",
            "an array stands where an object belongs",
        ),
    ] {
        refused(&service, path, Some(body), (field, detail), &token).await;
    }
    let code = service.app_code(&begun.text("manual_input_code"));
    let right = post(&service, &totp, with(json!(code)), &token).await;
    assert_eq!(right.status, 201, "{}", right.raw);
    let nobodys = "recovery-code|dev_07070707070707070707070707070707";
    let recovery = format!("{}/verify", place_of(nobodys));
    for (body, detail) in [
        (json!({}), "required"),
        (json!({ "auth_session": {} }), TEXT),
        (json!({ "auth_session": session }), SESSION),
    ] {
        refused(
            &service,
            &recovery,
            Some(body),
            ("auth_session", detail),
            &token,
        )
        .await;
    }
}

#[tokio::test]
async fn a_list_of_methods_of_one_type_has_only_these() {
    let service = start_with(&[]).await;
    let token = my_token(&service, demo::PLAIN_USER).await;
    super::my_account::enrol_app(&service, &token).await;
    for (kind, expected) in [("totp", 1), ("recovery-code", 1), ("webauthn-roaming", 0)] {
        let path = format!("{METHODS}?type={kind}");
        let listed = service.get(&path, Some(&token)).await;
        let methods = listed.body["authentication_methods"].as_array().unwrap();
        assert_eq!(methods.len(), expected, "{kind} {}", listed.raw);
        assert!(methods.iter().all(|method| method["type"] == kind));
    }
    for (query, detail) in [
        ("type=telepathy", "type is no type of a method"),
        ("type=totp&type=email", "a parameter stands twice"),
        ("type[]=totp", "misnamed"),
    ] {
        let path = format!("{METHODS}?{query}");
        refused(&service, &path, None, ("type", detail), &token).await;
    }
}
