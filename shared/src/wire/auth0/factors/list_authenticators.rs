//! Auth0's MFA API: `GET /mfa/authenticators`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;

use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::factors::list_authenticators::list_authenticators;
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::authenticator::Authenticator;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// `GET /mfa/authenticators`: takes an `mfa_token` or an access token as bearer. Gives
/// the list, which may be empty.
#[operation(
    summary = "Lists the user's authenticators.",
    responses((status = 200, description = "The authenticators; empty if there are none.", body = [Authenticator])),
    security(("mfa_token" = []), ("access_token" = ["read:authenticators"])),
)]
pub async fn authenticators(input: Input) -> Response {
    let now = input.context.now();
    let listed = match bearer(&input.headers) {
        Ok(token) => list_authenticators(&input.context, token).await,
        Err(refusal) => Err(refusal.into()),
    };
    match listed {
        Ok(account) => private_json(
            StatusCode::OK,
            &authenticator::authenticator_list(&account, now),
        ),
        // Here, a bearer that is neither an access token nor an `mfa_token` is an
        // invalid access token.
        Err(Failure::Refused(Refusal::LoginTokenMalformed)) => {
            failure(input.words, Refusal::AccessTokenInvalid.into(), now)
        }
        Err(refused) => failure(input.words, refused, now),
    }
}
