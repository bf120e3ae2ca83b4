//! `DELETE /Session`.

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::json;

use crate::failure::Failure;
use crate::usecase::sessions::sign_out::sign_out;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::oauth::sessions::revocation::Empty;
use crate::wire::{failure, private_json};

/// `DELETE /Session`: takes an access token as bearer. Ends the token's session.
#[operation(
    summary = "Ends the session of an access token.",
    responses((status = 200, description = "It is ended.", body = Empty)),
    security(("access_token" = [])),
)]
pub async fn end_aidbox_session(input: Input) -> Response {
    match signed_out(&input).await {
        Ok(()) => private_json(StatusCode::OK, &json!({})),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn signed_out(input: &Input) -> Result<(), Failure> {
    sign_out(&input.context, bearer(&input.headers)?).await
}
