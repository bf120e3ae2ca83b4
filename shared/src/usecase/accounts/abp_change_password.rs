//! Changes the password of a user who is signed in and knows the old one.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::password::{Compared, LONGEST_PASSWORD};
use crate::domain::accounts::refusals::profile_refusal::ProfileRefusal;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::store::{Counted, PasswordChange};
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::context::Context;
use crate::usecase::login::check_password::{charge_of, compare_with_user, count_wrong};
use crate::usecase::messages::notice::read_and_tell;
use crate::usecase::sessions::kept_session::moved_session;
use crate::usecase::sessions::requirement::Bearer;

/// Replaces the password. Every other login and session ends; the session of
/// this access token goes on. The guess at the old password is charged as at a
/// login. Four requests to DynamoDB and a notice by e-mail; one more for a
/// wrong password, or if the new password is refused.
///
/// # Errors
/// `AccessTokenInvalid` if the user has changed meanwhile, or has turned a
/// second factor on that this session has not shown; `PasswordsExhausted`,
/// `RequestsExhausted`, `CurrentPasswordWrong`, `PasswordRejected`.
pub async fn change_password(
    context: &Context,
    bearer: &Bearer,
    current: &Secret,
    new: &Secret,
) -> Result<(), Failure> {
    let user = &bearer.user;
    let policy = context.app.config.mfa_policy;
    if !policy.lets_change_password(user, bearer.authentication) {
        return Err(Refusal::AccessTokenInvalid.into());
    }
    if current.expose().len() > LONGEST_PASSWORD {
        return Err(ProfileRefusal::CurrentPasswordWrong.into());
    }
    let counted = check_current(context, user, current).await?;
    let changed = replace(context, bearer, (new, &counted)).await;
    if let Err(Failure::Refused(_)) = changed {
        // The current password was right; something else was refused.
        context.app.store.forget_passwords(&counted).await?;
    }
    changed?;
    context.events.did(EventKind::PasswordChanged);
    read_and_tell(context, user, Notice::PasswordChanged).await;
    Ok(())
}

/// Counts a guess at the password of a user who is signed in, and compares it.
async fn check_current(
    context: &Context,
    user: &User,
    current: &Secret,
) -> Result<Counted, Failure> {
    let name = LoginName::parse(&user.user_name).ok_or(Refusal::AccessTokenInvalid)?;
    let charge = charge_of(&context.caller, &name).of_user_made_at(Some(user.created_at));
    let allowance = context.app.store.allowance(&charge, context.now()).await?;
    allowance.check(context.now())?;
    let counted = context
        .app
        .store
        .count_password(&charge, context.now())
        .await?;
    if compare_with_user(context, current, Some(user))? == Compared::Wrong {
        count_wrong(context, &counted, &allowance).await?;
        return Err(ProfileRefusal::CurrentPasswordWrong.into());
    }
    Ok(counted)
}

async fn replace(
    context: &Context,
    bearer: &Bearer,
    (new, counted): (&Secret, &Counted),
) -> Result<(), Failure> {
    let user = &bearer.user;
    let password = new_password(&context.app, user, new, user.password.as_ref())?;
    let session = moved_session(context, bearer)?;
    let store = &context.app.store;
    let change = PasswordChange {
        user,
        password: &password,
        session: &session,
        counted: Some(counted),
    };
    let changed = store.replace_password(&change, context.now());
    match changed.await? {
        true => Ok(()),
        false => Err(Refusal::AccessTokenInvalid.into()),
    }
}
