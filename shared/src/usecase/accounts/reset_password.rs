//! Replaces a forgotten password, by the token that was sent for it.

use crate::app::App;
use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::User;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::store::{Charge, Spend, Unowned};
use crate::usecase::Caller;
use crate::usecase::accounts::confirm_address::{Named, live_action};
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::messages::notice::tell;

/// Replaces the password, once, and confirms the address that the token went to.
/// Every login and session ends; nobody is logged in, and the second factor is
/// asked for as before, but not by the mailbox that the token went to where the
/// user has another. What somebody enrolled while that address was not confirmed
/// goes. Wrong passwords that were counted are forgotten. Two requests to
/// DynamoDB, three where the address was not confirmed, and a notice by e-mail.
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
    let unowned = unowned(app, &user).await?;
    let spend = Spend::Reset {
        password: &password,
        charges: &charges(caller, &user),
        unowned: &unowned,
        // Where phones have to be confirmed, nobody but an operator has brought one.
        forget_phone: !user.is_owned() && !app.config.confirmation.phone,
        opens: !user.codes_opened,
    };
    if !app.store.spend_action(&action, &spend, caller.now).await? {
        return Err(Refusal::ActionTokenInvalid.into());
    }
    let user = User {
        email_confirmed: true,
        ..user
    };
    tell(app, caller, &user, Notice::PasswordReset).await;
    Ok(())
}

/// What a reset removes: nothing if the address was confirmed before. Factors and
/// recovery codes carry a mark (`owned`) if their owner confirmed them, or if they
/// were made with the user. An older version left no mark, but counted enrolments
/// in the profile. With a count, nobody can tell whose the unmarked factors are, so
/// they go. Without a count, only an operator can have made them, so they stay.
async fn unowned(app: &App, user: &User) -> Result<Unowned, Broken> {
    if user.is_owned() || user.enrolments == 0 {
        return Ok(Unowned::default());
    }
    app.store.read_unowned(user.id).await
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
