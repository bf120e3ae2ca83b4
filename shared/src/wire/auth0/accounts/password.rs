//! `POST /dbconnections/change_password`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::forgot_password::forgot_password;
use crate::wire::aidbox::pages::accounts::mailed_link::{RESET, link};
use crate::wire::auth0::accounts::connection::at_directory;
use crate::wire::input::Input;
use crate::wire::{failure, private};

/// The answer for every address. Auth0's SDKs give this text to the app.
const SENT: &str = "We've just sent you an email to reset your password.";

/// A forgotten password.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo", "connection": "Username-Password-Authentication",
    "email": "plain@example.com"
}))]
pub struct Auth0ChangePassword {
    /// The client.
    pub client_id: String,
    /// A name of the directory of users.
    pub connection: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The e-mail address, where `email` is missing. A user name has no mailbox.
    pub username: Option<String>,
}

/// `POST /dbconnections/change_password`: has a link to a new password sent. The answer is
/// the same text after the same time for every address.
#[operation(
    summary = "Sends a link for a new password; answers after two seconds.",
    request_body = Auth0ChangePassword,
    responses((
        status = 200, description = "Said whoever's address it is.",
        body = String, content_type = "text/plain"
    )),
    security(()),
)]
pub async fn auth0_change_password(input: Input) -> Response {
    match asked(&input).await {
        Ok(()) => private((StatusCode::OK, SENT).into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn asked(input: &Input) -> Result<(), Failure> {
    let fields = input.fields()?;
    let context = at_directory(input, fields).await?;
    let email = fields.get("email").or_else(|| fields.get("username"));
    let email = email.ok_or(Refusal::ParameterMissing("email"))?;
    let make_link = |user: UserId, token: &str| link(&input.context.app, RESET, user, token);
    forgot_password(&context, email, &make_link).await
}
