//! `/me/v1/sessions`: the sessions of a signed-in user. Auth0's My Account API has no such
//! calls. The names are those of the sessions in Auth0's Management API.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::id::SessionId;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::usecase::sessions::auth0_my_sessions;
use crate::wire::auth0::factors::my_methods::text_of;
use crate::wire::auth0::factors::my_words::when;
use crate::wire::credentials::bearer;
use crate::wire::input::Input;
use crate::wire::{failure, private, private_json};

/// The sessions of a user.
#[derive(ToSchema)]
pub struct MySessions {
    /// The live sessions that have refresh tokens or a browser, the newest login first.
    pub sessions: Vec<MySession>,
}

/// A session of a user.
#[derive(ToSchema)]
pub struct MySession {
    /// Its identifier, which tokens have as `sid`.
    pub id: String,
    /// The client that the session was begun by.
    pub clients: Vec<MySessionClient>,
    /// When the user signed in.
    pub authenticated_at: String,
    /// When the session was last refreshed.
    pub updated_at: String,
    /// When the session ends if nothing refreshes it before.
    pub idle_expires_at: String,
    /// When the session ends at the latest.
    pub expires_at: String,
    /// Whether the session is the one of this access token.
    pub current: bool,
}

/// A client of a session.
#[derive(ToSchema)]
pub struct MySessionClient {
    /// Its identifier.
    pub client_id: String,
}

/// `GET /me/v1/sessions`: the live sessions of the user.
#[operation(
    summary = "Lists the user's sessions. Not in Auth0.",
    responses((status = 200, description = "The sessions.", body = MySessions)),
    security(("access_token" = ["read:me:sessions"])),
)]
pub async fn my_sessions(input: Input) -> Response {
    match listed(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn listed(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let (sessions, own) = auth0_my_sessions::list_my_sessions(&input.context, token).await?;
    let sessions: Vec<Value> = sessions.iter().map(|one| session_of(one, own)).collect();
    Ok(json!({ "sessions": sessions }))
}

fn session_of(session: &Session, own: Option<SessionId>) -> Value {
    json!({
        "id": session.id.dashed(),
        "clients": [{ "client_id": session.authorized.client }],
        "authenticated_at": when(session.authentication.at),
        "updated_at": when(session.rotated_at),
        "idle_expires_at": when(session.expires_at),
        "expires_at": when(session.ends_at),
        "current": own == Some(session.id),
    })
}

/// `DELETE /me/v1/sessions/{id}`: ends a session. The answer is 204 also if the user has no
/// such session.
#[operation(
    summary = "Ends one of the user's sessions. Not in Auth0.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "01234567-89ab-cdef-0123-456789abcdef")),
    responses((status = 204, description = "There is no such session, or no longer.")),
    security(("access_token" = ["delete:me:sessions"])),
)]
pub async fn end_my_session(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    match ended(&text_of(id), &input).await {
        Ok(()) => private(StatusCode::NO_CONTENT.into_response()),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn ended(id: &str, input: &Input) -> Result<(), Failure> {
    let token = bearer(&input.headers)?;
    auth0_my_sessions::revoke_my_session(&input.context, token, id).await
}
