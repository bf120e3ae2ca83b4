//! Signs out: ends the session of an access token.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::client::LONGEST_TOKEN_SECONDS;
use crate::domain::sessions::session::Session;
use crate::failure::Failure;
use crate::usecase::Context;
use crate::usecase::factors::enrolment_subject::moved_session;
use crate::usecase::sessions::bearer::{
    Bearer, authenticate_bearer_with_account, authenticate_to_sign_out,
};

/// Ends the session of an access token for the account or for user information.
/// That ends the session's refresh tokens, and its access tokens at each of our
/// own endpoints. A second sign-out succeeds too. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn sign_out(context: &Context, token: &str) -> Result<(), Failure> {
    let bearer = authenticate_to_sign_out(context, token, &audiences(&context.app)).await?;
    end_session(context, &bearer).await
}

/// Ends a session. One request to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid` if the session has no identifier.
pub async fn end_session(context: &Context, bearer: &Bearer) -> Result<(), Failure> {
    // The item of an ended session without refresh tokens stays until none of
    // its tokens can be valid.
    let ends_at = context.now() + LONGEST_TOKEN_SECONDS;
    let session = Session {
        epoch: bearer.user.epoch,
        expires_at: ends_at,
        ends_at,
        ..moved_session(context, bearer)?
    };
    context
        .app
        .store
        .end_session(&session, context.now())
        .await?;
    Ok(())
}

/// The user of an access token for the account or for user information, with
/// the factors. Two requests to DynamoDB at the same time.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn signed_in(context: &Context, token: &str) -> Result<(Bearer, Account), Failure> {
    authenticate_bearer_with_account(context, token, &audiences(&context.app), None).await
}

fn audiences(app: &App) -> [String; 2] {
    [
        app.config.account_audience(),
        app.config.userinfo_audience(),
    ]
}
