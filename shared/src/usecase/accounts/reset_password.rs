//! Replaces a forgotten password, by the token that was sent for the reset.

use crate::app::App;
use crate::domain::accounts::action::ActionKind;
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Channel;
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::notice::Notice;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::store::{Charge, Spend};
use crate::usecase::accounts::confirm_address::live_action;
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::context::{Caller, Context};
use crate::usecase::login::check_password::charge_of;
use crate::usecase::messages::delivery_report::note_arrival_at;
use crate::usecase::messages::notice::read_and_tell;
use crate::usecase::retry::{ATTEMPTS, overtaken};

/// Replaces the password, once, and confirms the address that the token went
/// to. Every login and session ends, and nobody is logged in. The second factor
/// is asked for as before. But if the user has another factor, the mailbox of
/// the reset does not count as a factor. What somebody enrolled while that
/// address was not confirmed is removed. Counted wrong passwords are forgotten.
/// Two requests to DynamoDB, three if the address was not confirmed, and a
/// notice by e-mail.
///
/// # Errors
/// `ActionTokenInvalid`; `PasswordRejected`, after which the token is still
/// valid.
pub async fn reset_password(
    context: &Context,
    user: ActionOwner<'_>,
    token: &str,
    password: &Secret,
) -> Result<(), Failure> {
    let kind = ActionKind::ResetPassword;
    let (named, store) = (user, &context.app.store);
    let (mut user, mut action) = live_action(context, kind, named, token).await?;
    let password = new_password(&context.app, &user, password, None)?;
    for _ in 0..ATTEMPTS {
        let unowned = unowned(&context.app, &user).await?;
        let spend = Spend::Reset {
            epoch: user.epoch,
            password: &password,
            charges: &charges(&context.caller, &user),
            unowned: &unowned,
            forget_phone: context.app.config.confirmation.doubts_phone(&user),
            opens: !user.codes_opened,
        };
        if store.spend_action(&action, &spend, context.now()).await? {
            if !user.email_confirmed {
                context.events.did(EventKind::EmailConfirmed);
            }
            user.email_confirmed = true;
            context.events.did(EventKind::PasswordChanged);
            read_and_tell(context, &user, Notice::PasswordReset).await;
            let to = Recipient {
                channel: Channel::Email,
                to: &action.address,
            };
            note_arrival_at(context, &user, to).await;
            return Ok(());
        }
        // The token was used a moment ago, or the user has changed.
        (user, action) = live_action(context, kind, named, token).await?;
    }
    Err(overtaken())
}

/// What a reset, or the right code of the mailbox, removes (`User::may_have_unowned`,
/// `Unowned::passkeys_alone`).
pub(crate) async fn unowned(app: &App, user: &User) -> Result<Unowned, Broken> {
    let all = user.may_have_unowned();
    if !all && user.passkey_handle.is_none() {
        return Ok(Unowned::default());
    }
    let unowned = app.store.read_unowned(user.id).await?;
    Ok(if all {
        unowned
    } else {
        unowned.passkeys_alone()
    })
}

/// The budgets that guesses at the user's names from the caller's network are charged
/// to.
fn charges(caller: &Caller, user: &User) -> Vec<Charge> {
    let names = user.login_names();
    names.iter().map(|name| charge_of(caller, name)).collect()
}
