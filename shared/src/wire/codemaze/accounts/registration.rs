//! `POST /api/accounts/registration` and `GET /api/accounts/emailconfirmation`.
//!
//! A registration gets 201 even if its message could not be sent. The user exists by
//! then, and a retry would only fail because the name is taken. A login with the right
//! password sends the link again.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use utoipa::ToSchema;

use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::new_user::registration::Registration;
use crate::domain::accounts::profile::Profile;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::domain::typed_text::trimmed;
use crate::failure::{Broken, Failure};
use crate::usecase::accounts::confirm_address::confirm_email;
use crate::usecase::accounts::register::register_and_confirm;
use crate::wire::codemaze::accounts::link_page::{Page, link_page, with_token};
use crate::wire::codemaze::refusal::{missing_problems, passwords_differ, validation_problem};
use crate::wire::input::Input;
use crate::wire::{failure, private};

/// The role of every user who registers here, as in CodeMaze's articles.
const ROLE: &str = "Viewer";

/// A new user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "firstName": "New", "lastName": "User", "email": "new.user@example.com",
    "password": "plum tractor lighthouse", "confirmPassword": "plum tractor lighthouse",
    "clientURI": "http://localhost:4200/authentication/emailconfirmation"
}))]
pub struct CodeMazeRegistration {
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The e-mail address, the user name too.
    pub email: String,
    /// The password.
    pub password: String,
    /// The same.
    pub confirm_password: String,
    /// Where the link leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: Option<String>,
}

/// Takes `firstName`, `lastName`, `email` (which is also the user name), `password`,
/// `confirmPassword`, `clientURI`. Answers 201 with an empty body and sends a
/// confirmation link by e-mail, or answers 400 with `errors`.
#[operation(
    summary = "Registers a user, and sends a link that confirms the address.",
    request_body = CodeMazeRegistration,
    responses((status = 201, description = "The user is registered.")),
)]
pub async fn registration(input: Input) -> Response {
    match registered(&input).await {
        Ok(None) => private(StatusCode::CREATED.into_response()),
        Ok(Some(problem)) => problem,
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn registered(input: &Input) -> Result<Option<Response>, Failure> {
    let fields = input.fields()?;
    let mut problems = missing_problems(fields, &["email", "password"]);
    problems.extend(passwords_differ(fields));
    if !problems.is_empty() {
        return Ok(Some(validation_problem(&problems)));
    }
    let email = fields.required_any_case("email")?;
    let asked = Registration {
        user_name: email,
        email,
        password: fields.required_secret_any_case("password")?,
        given_name: fields.get_any_case("firstName"),
        family_name: fields.get_any_case("lastName"),
        profile: Profile::default(),
        roles: &[ROLE],
    };
    let asked_page = fields.get_any_case("clientURI");
    let page = link_page(&input.context.app, asked_page, Page::EmailConfirmation);
    let page = page.ok_or_else(|| Broken::internal("no origin for links"))?;
    let make_link =
        |_: UserId, token: &str| with_token(&input.context.app, page.clone(), token, email.trim());
    register_and_confirm(&input.context, &asked, &make_link).await?;
    Ok(None)
}

/// Takes `?token=&email=`. Answers 200 with an empty body, or 400 in plain text for
/// every refusal of the link.
#[operation(
    summary = "Confirms an e-mail address by the link's token.",
    params(
        ("token" = String, Query, description = "The token of the link."),
        ("email" = String, Query, description = "The e-mail address."),
    ),
    responses((status = 200, description = "It is confirmed.")),
)]
pub async fn email_confirmation(input: Input) -> Response {
    match confirmed(&input).await {
        Ok(()) => private(StatusCode::OK.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn confirmed(input: &Input) -> Result<(), Failure> {
    let invalid = |_| Refusal::Action(ActionRefusal::ActionTokenInvalid);
    let query = input.query().map_err(invalid)?;
    let token = query.required_any_case("token").map_err(invalid)?;
    let email = query.required_any_case("email").map_err(invalid)?;
    // In a query, a plus means a space, and Angular does not encode it. No address
    // contains a space, so each space was a plus.
    let email = &trimmed(email).replace(' ', "+");
    confirm_email(&input.context, ActionOwner::Email(email), token).await
}

/// Why nobody was registered.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeRegistrationResponse {
    /// `false`.
    pub is_successful_registration: bool,
    /// Sentences for the user.
    pub errors: Vec<String>,
}
