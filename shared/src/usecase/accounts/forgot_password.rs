//! Has a link sent that resets a forgotten password.

use std::time::Duration;

use crate::app::App;
use crate::domain::Dialect;
use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::user::{EmailAddress, LoginName};
use crate::domain::token::TokenKind;
use crate::failure::Failure;
use crate::notify::LinkFor;
use crate::usecase::Caller;
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
pub use crate::usecase::messages::send_action::MakeLink;
use crate::usecase::messages::send_action::{Ask, send_action};

/// How long the answer takes, whatever happens. The work fits into it several
/// times; what does not is given up, and the user asks again.
pub const ANSWER_AFTER: Duration = Duration::from_secs(2);

/// Sends a reset link to the user whose stored address this is, if there is
/// one. Whether there is, whether it was sent and whether the budget of that
/// address allowed it, is told to nobody: the answer is the same after the
/// same time. Lambda freezes after the answer, so the work is done before it.
///
/// # Errors
/// `RequestsExhausted`, which depends on the caller's network alone.
pub async fn forgot_password(
    app: &App,
    caller: &Caller,
    dialect: Dialect,
    email: &str,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    count_anonymous(app, caller).await?;
    let work = send_reset(app, caller, dialect, email, make_link);
    let done = app.clock.take_exactly(ANSWER_AFTER, work).await;
    let request_id = caller.trace.request_id();
    match done {
        Some(Ok(())) => {}
        Some(Err(Failure::Refused(refusal))) => {
            let refusal = refusal.name();
            tracing::info!(request_id, refusal, "no reset was sent");
        }
        Some(Err(Failure::Broken(broken))) => {
            tracing::error!(request_id, error = %broken, "no reset was sent");
        }
        None => tracing::error!(request_id, "a reset was not sent in time"),
    }
    Ok(())
}

/// Sends the link to the user who has this address, if there is one. Two
/// requests to DynamoDB, and those of a send.
///
/// # Errors
/// `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_reset(
    app: &App,
    caller: &Caller,
    dialect: Dialect,
    email: &str,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    let Some(email) = EmailAddress::parse(email) else {
        return Ok(());
    };
    let Some(id) = app.store.find_name(email.login_name()).await? else {
        return Ok(());
    };
    let Some(user) = app.store.read_user(id).await? else {
        return Ok(());
    };
    let stored = user.email.as_deref().and_then(LoginName::parse);
    if !user.active || stored.as_ref() != Some(email.login_name()) {
        return Ok(());
    }
    let kind = ActionKind::ResetPassword;
    let (what_for, token) = (LinkFor::ResetPassword, TokenKind::ResetPassword);
    let ask = Ask::Link(dialect, what_for, token, make_link);
    send_action(app, caller, &user, kind, ask).await
}
