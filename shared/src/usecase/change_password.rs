//! Changes the password of a user who is signed in and knows the old one.

use super::Caller;
use super::bearer::Bearer;
use super::beginning::moved_session;
use super::check_password::charge_of;
use super::new_password::new_password;
use super::notice::tell;
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::notice::Notice;
use crate::domain::password::{Compared, LONGEST_PASSWORD};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::user::LoginName;
use crate::failure::{Broken, Failure};

/// Replaces the password. Every other login and session ends; the session of
/// this access token goes on. The old password is charged like one at a login.
/// Three requests to DynamoDB and a notice by e-mail.
///
/// # Errors
/// `AccessTokenInvalid` if the user has changed meanwhile, or has a second
/// factor on that this session has not passed; `PasswordsExhausted`,
/// `CurrentPasswordWrong`, `PasswordRejected`.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    bearer: &Bearer,
    current: &Secret,
    new: &Secret,
    dialect: Dialect,
) -> Result<(), Failure> {
    let user = &bearer.user;
    let over = || Failure::from(Refusal::AccessTokenInvalid);
    let asked = user.two_factor && app.config.mfa_policy.asks();
    if asked && bearer.authentication.method.is_none() {
        return Err(over());
    }
    if current.expose().len() > LONGEST_PASSWORD {
        return Err(Refusal::CurrentPasswordWrong.into());
    }
    let name = LoginName::parse(&user.user_name).ok_or_else(over)?;
    let charge = charge_of(caller, &name);
    app.store.count_password(&charge, caller.now).await?;
    let compared = app.hasher.compare(current, user.password.as_ref());
    let compared = compared.map_err(|unusable| {
        let problem = unusable.0;
        Broken::internal(format!("a stored password hash is unusable: {problem}"))
    })?;
    if compared == Compared::Wrong {
        return Err(Refusal::CurrentPasswordWrong.into());
    }
    let password = new_password(app, user, new, user.password.as_ref())?;
    let session = moved_session(app, caller, bearer, dialect)?;
    let store = &app.store;
    let changed = store.change_password(user, &password, &session, &charge, caller.now);
    if !changed.await? {
        return Err(over());
    }
    tell(app, caller, user, Notice::PasswordChanged).await;
    Ok(())
}
