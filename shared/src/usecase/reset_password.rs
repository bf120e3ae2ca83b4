//! Replaces a forgotten password, by the token that was sent for it.

use super::Caller;
use super::check_password::charge_of;
use super::confirm::{Named, live_action};
use super::new_password::new_password;
use super::notice::tell;
use crate::app::App;
use crate::domain::action::ActionKind;
use crate::domain::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::user::{LoginName, User};
use crate::failure::Failure;
use crate::store::{Charge, Spend};

/// Replaces the password, once. Every login and session ends; nobody is logged
/// in, and the second factor is asked for as before, but not by the mailbox
/// that the token went to where the user has another. Wrong passwords that
/// were counted are forgotten. Two requests to DynamoDB and a notice by e-mail.
///
/// # Errors
/// `ActionTokenInvalid`; `PasswordRejected`, after which the token is still good.
pub async fn reset_password(
    app: &App,
    caller: &Caller,
    user: Named<'_>,
    token: &str,
    password: &Secret,
) -> Result<(), Failure> {
    let kind = ActionKind::ResetPassword;
    let (user, action) = live_action(app, caller, kind, user, token).await?;
    let password = new_password(app, &user, password, None)?;
    let spend = Spend::Reset {
        password: &password,
        charges: &charges(caller, &user),
    };
    if !app.store.spend_action(&action, &spend, caller.now).await? {
        return Err(Refusal::ActionTokenInvalid.into());
    }
    tell(app, caller, &user, Notice::PasswordReset).await;
    Ok(())
}

/// What guesses at the user's names from here are charged to.
fn charges(caller: &Caller, user: &User) -> Vec<Charge> {
    let names = [Some(user.user_name.as_str()), user.email.as_deref()];
    let mut names: Vec<LoginName> = names
        .into_iter()
        .flatten()
        .filter_map(LoginName::parse)
        .collect();
    names.dedup();
    names.iter().map(|name| charge_of(caller, name)).collect()
}
