//! The story that causes the requests to AWS of passkeys.

use countersign_local::demo;

use crate::dialects::auth0::login::passkeys::authenticator::{
    add_clients, demand_second_factor, enrolled, sign_in_with,
};
use crate::harness::deployment::cloud::Cloud;

/// All of them.
pub async fn passkeys(cloud: &Cloud) {
    let service = &cloud.service;
    service.advance(86_400);
    add_clients(service).await;
    let mut authenticator = enrolled(service).await;
    let tokens = sign_in_with(service, &mut authenticator).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    demand_second_factor(service, demo::PLAIN_USER).await;
    authenticator.flags = 1;
    let needed = sign_in_with(service, &mut authenticator).await;
    assert_eq!(needed.text("error"), "mfa_required", "{}", needed.raw);
}
