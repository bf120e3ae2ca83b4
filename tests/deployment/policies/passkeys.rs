//! The story that causes the requests to AWS of passkeys.

use countersign::domain::accounts::user::Account;

use crate::dialects::auth0::login::passkeys::authenticator::{
    Authenticator, add_clients, demand_second_factor, enrol, sign_in_with,
};
use crate::dialects::auth0::login::passkeys::second_enrolment::begin;
use crate::dialects::auth0::login::passkeys::second_factor::{asked, options, password_at, redeem};
use crate::dialects::auth0::login::passkeys::sign_up::sign_up_with;
use crate::harness::Service;
use crate::harness::deployment::cloud::Cloud;

/// All of them.
pub async fn passkeys(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    add_clients(service).await;
    let files = [
        "assetlinks.json",
        "apple-app-site-association",
        "passkey-endpoints",
    ];
    for file in files {
        let path = format!("/.well-known/{file}");
        let answer = service.get(&path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
    }
    let email = "by.passkey@example.net";
    let without = |account: &mut Account| account.user.two_factor = false;
    service.add_user(email, without).await;
    let mut authenticator = Authenticator::new();
    enrol(service, email, &mut authenticator).await;
    let tokens = sign_in_with(service, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    for email in [email, "signs.up@example.net"] {
        let refused = sign_up_with(service, email, &mut Authenticator::new()).await;
        assert_eq!(refused.text("error"), "access_denied", "{}", refused.raw);
    }
    demand_second_factor(service, email).await;
    authenticator.flags = 1;
    let needed = sign_in_with(service, &mut authenticator).await;
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
    second_factor(service).await;
}

/// A passkey is enrolled as the second factor, and then asked for.
async fn second_factor(service: &Service) {
    let user = "by.second.passkey";
    let without_address = |account: &mut Account| account.user.email = None;
    service.add_user(user, without_address).await;
    let mut authenticator = Authenticator::new();
    let token = password_at(service, "mine", user).await.text("mfa_token");
    let begun = begin(service, &token).await;
    let response = authenticator.create(options(&begun));
    let enrolled = redeem(service, &token, &response).await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.raw);
    let token = password_at(service, "mine", user).await.text("mfa_token");
    let response = authenticator.sign(options(&asked(service, &token).await));
    let tokens = redeem(service, &token, &response).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
}
