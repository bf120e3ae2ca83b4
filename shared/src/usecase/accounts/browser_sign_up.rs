//! Signs somebody up on our own pages, with a link that confirms the address.

use std::time::Duration;

use crate::app::App;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::Caller;
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::forgot_password::send_at_sign_up;
use crate::usecase::accounts::register::{Registration, make_user, prepare};
use crate::usecase::accounts::send_confirmation::send_link;
use crate::usecase::messages::send_action::MakeLink;

/// How long the answer takes once the password is good, whatever happens.
pub const ANSWER_AFTER: Duration = Duration::from_secs(2);

/// What the message may lead to.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// To confirm the address of a new account.
    pub confirm: MakeLink<'a>,
    /// To choose another password for the account that the address has.
    pub reset: MakeLink<'a>,
}

/// Makes a user whose name is the address, and sends the link. Whether the
/// address had an account already is told to its mailbox alone, which then gets
/// a link to a new password: the answer is the same after the same time. Two requests to DynamoDB and an e-mail for a new
/// address, and one request more while the network's budget is in use.
///
/// # Errors
/// `NameInvalid`, `RequestsExhausted`, `PasswordRejected`: none depends on
/// whether there is an account.
pub async fn sign_up(
    app: &App,
    caller: &Caller,
    email: &str,
    password: &Secret,
    links: Links<'_>,
) -> Result<(), Failure> {
    let asked = Registration {
        user_name: email.trim(),
        email,
        password,
        given_name: None,
        family_name: None,
        roles: &[],
    };
    count_anonymous(app, caller).await?;
    let new = prepare(app, caller, &asked)?;
    let work = async {
        match make_user(app, caller, new).await {
            Ok(user) => send_link(app, caller, &user, links.confirm).await,
            // Whoever took it may be a stranger, with a password of his own.
            Err(Failure::Refused(Refusal::NameTaken(_))) => {
                send_at_sign_up(app, caller, email, links.reset).await
            }
            Err(failure) => Err(failure),
        }
    };
    let request_id = caller.trace.request_id();
    match app.clock.take_exactly(ANSWER_AFTER, work).await {
        Some(Ok(())) => {}
        Some(Err(Failure::Refused(refusal))) => {
            let refusal = refusal.name();
            tracing::info!(request_id, refusal, "a sign-up ended early");
        }
        // The account may be there without its link: another is sent when its
        // owner signs in.
        Some(Err(Failure::Broken(broken))) => {
            tracing::error!(request_id, error = %broken, "a sign-up ended early");
        }
        None => tracing::error!(request_id, "a sign-up was not done in time"),
    }
    Ok(())
}
