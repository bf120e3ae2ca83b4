//! Signing out.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;

use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::sessions::sign_out::sign_out;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private};

/// `GET /api/account/logout`: ends the session of the access token. Answers 204 also if
/// the token is missing or invalid, because then nobody is signed in, which is what the
/// caller wants. ABP's React Native app keeps its token after any other answer.
#[operation(
    summary = "Ends the session of an access token.",
    responses((status = 204, description = "It is ended, or there was none.")),
    security((), ("access_token" = [])),
)]
pub async fn logout(input: Input) -> Response {
    let ended = match bearer(&input.headers) {
        Ok(token) => sign_out(&input.context, token).await,
        Err(_) => Ok(()),
    };
    match ended {
        Ok(()) | Err(Failure::Refused(Refusal::AccessTokenInvalid)) => {
            private(StatusCode::NO_CONTENT.into_response())
        }
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}
