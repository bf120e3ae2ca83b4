//! The events of API Gateway that a login consists of.

use serde_json::{Value, json};

use crate::users::{AUDIENCE, CLIENT, PASSWORD, User};

/// A `POST` of JSON, as API Gateway v2 hands it to a function.
pub fn post(path: &str, address: &str, body: &Value) -> Value {
    let body = body.to_string();
    json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": body.len().to_string(),
            "content-type": "application/json",
            "host": "login.example.com",
            "user-agent": "okhttp/4.12.0",
            "x-amzn-trace-id": "Root=1-69f1e0c4-80bbc83a4b007878128bb938",
            "x-forwarded-for": address,
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "login.example.com",
            "domainPrefix": "login",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": address,
                "userAgent": "okhttp/4.12.0",
            },
            "requestId": "kUeXLF3dhkSpgbu=",
            "routeKey": format!("POST {path}"),
            "stage": "$default",
            "time": "15/Jan/2027:08:00:00 +0000",
            "timeEpoch": 1_800_000_000_000_u64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

pub fn password(user: User, password: &str) -> Value {
    let body = json!({ "grant_type": "password", "client_id": CLIENT, "username": user.name(),
        "password": password, "audience": AUDIENCE, "scope": "openid offline_access" });
    post("/oauth/token", &user.address(), &body)
}

/// The password of `PASSWORD`.
pub fn right_password(user: User) -> Value {
    password(user, PASSWORD)
}

pub fn code_of_app(user: User, mfa_token: &Value, code: &str) -> Value {
    let body = json!({ "grant_type": "http://auth0.com/oauth/grant-type/mfa-otp",
        "client_id": CLIENT, "mfa_token": mfa_token, "otp": code });
    post("/oauth/token", &user.address(), &body)
}

/// Asks for a code over `email` or `sms`.
pub fn send(user: User, mfa_token: &Value, channel: &str) -> Value {
    let body = json!({ "client_id": CLIENT, "mfa_token": mfa_token, "challenge_type": "oob",
        "oob_channel": channel });
    post("/mfa/challenge", &user.address(), &body)
}

pub fn sent_code(user: User, mfa_token: &Value, oob_code: &Value, code: &str) -> Value {
    let body = json!({ "grant_type": "http://auth0.com/oauth/grant-type/mfa-oob",
        "client_id": CLIENT, "mfa_token": mfa_token, "oob_code": oob_code,
        "binding_code": code });
    post("/oauth/token", &user.address(), &body)
}

pub fn refresh(user: User, refresh_token: &Value) -> Value {
    let body = json!({ "grant_type": "refresh_token", "client_id": CLIENT,
        "refresh_token": refresh_token });
    post("/oauth/token", &user.address(), &body)
}
