//! Factors that may not be enrolled or removed, and users who may not do so, in Auth0's
//! dialect.

use countersign_local::demo;
use insta::assert_snapshot;
use serde_json::json;

use crate::dialects::auth0::factors::enrolment::{FORCED, with_forced_user};
use crate::harness::enrolment::{MFA, MFA_SCOPES};
use crate::harness::{Service, alike};

#[tokio::test]
async fn what_cannot_be_enrolled_is_refused_and_leaves_nothing() {
    let service = with_forced_user().await;
    let token = service.begin_shown(FORCED).await;
    for body in [
        json!({}),
        json!({ "authenticator_types": [] }),
        json!({ "authenticator_types": ["push"] }),
        json!({ "authenticator_types": ["oob"] }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["auth0"] }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"] }),
        json!({ "authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "555" }),
        json!({
            "authenticator_types": ["oob"], "oob_channels": ["email"],
            "email": "a@example.com,b@example.com",
        }),
    ] {
        let answer = service.associate(&token, &body).await;
        assert_eq!(
            (answer.status, answer.text("error")),
            (400, "invalid_request".into()),
            "{body}"
        );
    }
    let answer = service
        .associate("garbage", &json!({ "authenticator_types": ["otp"] }))
        .await;
    answer.is_refused(
        401,
        "invalid_token",
        "The access token is invalid or expired.",
    );
    assert!(service.account(FORCED).await.factors.is_empty());
    assert_eq!(service.messages(), []);
}

#[tokio::test]
async fn the_audience_and_the_scopes_are_needed() {
    let service = Service::start().await;
    let wanted = json!({ "authenticator_types": ["otp"] });
    let id = service.account(demo::USER).await.factors[1].id;
    let id = format!("sms|dev_{id}");
    let narrow = service
        .password_for_mfa(demo::USER, "read:authenticators")
        .await;
    let narrow = service
        .redeem_otp(&narrow.text("mfa_token"), &service.totp())
        .await;
    let narrow = narrow.text("access_token");
    let refused = [
        service.associate(&narrow, &wanted).await,
        service.remove(&narrow, &id).await,
    ];
    assert_snapshot!(alike(&refused), @r#"
    403 application/json no-store no-cache
    www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope."}
    "#);
    service.advance(30);
    let scope = format!("openid {MFA_SCOPES}");
    let elsewhere = service.password(&scope).await.text("mfa_token");
    let elsewhere = service.redeem_otp(&elsewhere, &service.totp()).await;
    let api = elsewhere.text("access_token");
    assert!(
        !elsewhere.claims("access_token")["aud"]
            .to_string()
            .contains(MFA)
    );
    let mut refused = Vec::new();
    for bearer in [api, elsewhere.text("id_token")] {
        refused.push(service.associate(&bearer, &wanted).await);
        refused.push(service.remove(&bearer, &id).await);
    }
    assert_snapshot!(alike(&refused), @r#"
    401 application/json no-store no-cache
    www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired."}
    "#);
    assert_eq!(service.account(demo::USER).await.factors.len(), 3);
}
