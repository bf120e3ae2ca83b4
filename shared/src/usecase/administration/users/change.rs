//! Changes a user's standing, roles and confirmations.

use crate::app::App;
use crate::domain::accounts::new_user::roles::check_roles;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::messages::notice::Notice;
use crate::store::ProfileChange;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::tell::tell_everywhere;
use crate::usecase::administration::users::find::{find_user_for_operator, missing};
use crate::usecase::retry::ATTEMPTS;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChange {
    /// The user may no longer sign in. Every session ends.
    Disable,
    /// The user may sign in again.
    Enable,
    /// The user has to change the password at the next sign-in. Every session
    /// ends.
    RequirePasswordChange,
    /// Every session and every pending login ends.
    SignOut,
    /// These roles, in place of those before. Access tokens that are out keep
    /// the old roles until they expire.
    SetRoles(Vec<String>),
    /// The e-mail address is confirmed: the operator vouches that it is the
    /// user's.
    ConfirmEmail,
    /// The phone number is confirmed: the operator vouches that it is the user's. The user
    /// is told at every address that was confirmed before.
    ConfirmPhone,
}

impl UserChange {
    /// The name of the command.
    fn command(&self) -> OperatorCommand {
        match self {
            Self::Disable => OperatorCommand::UserDisable,
            Self::Enable => OperatorCommand::UserEnable,
            Self::RequirePasswordChange => OperatorCommand::UserRequirePasswordChange,
            Self::SignOut => OperatorCommand::UserSignOut,
            Self::SetRoles(_) => OperatorCommand::UserSetRoles,
            Self::ConfirmEmail => OperatorCommand::UserConfirmEmail,
            Self::ConfirmPhone => OperatorCommand::UserConfirmPhone,
        }
    }

    fn of<'a>(&'a self, account: &'a Account) -> Result<ProfileChange<'a>, ActFailure> {
        Ok(match self {
            Self::Disable => ProfileChange::Active(false),
            Self::Enable => ProfileChange::Active(true),
            Self::RequirePasswordChange => ProfileChange::PasswordMustChange,
            Self::SignOut => ProfileChange::SignedOut,
            Self::SetRoles(roles) => ProfileChange::Roles(roles),
            Self::ConfirmEmail => {
                let none = || ActFailure::Refused("the user has no e-mail address".to_owned());
                let email = account.user.email.as_deref();
                ProfileChange::EmailConfirmed(email.ok_or_else(none)?)
            }
            Self::ConfirmPhone => {
                let none = || ActFailure::Refused("the user has no phone number".to_owned());
                let phone = account.user.phone.as_deref();
                ProfileChange::PhoneConfirmed(phone.ok_or_else(none)?)
            }
        })
    }
}

/// Changes the user that `who` names. Returns the changed user.
///
/// # Errors
/// `Missing`; `Refused` if there is nothing to confirm or a role is wrong.
pub async fn change_user(
    app: &App,
    operator: &Operator,
    who: &str,
    change: &UserChange,
) -> Result<Account, ActFailure> {
    if let UserChange::SetRoles(roles) = change {
        check_roles(roles).map_err(ActFailure::Refused)?;
    }
    let account = find_user_for_operator(app, who).await?;
    let id = account.user.id;
    change.of(&account)?;
    let act = operator.acts_on_user(app, change.command(), id).await?;
    let mut read = Some(account);
    for _ in 0..ATTEMPTS {
        let account = read.take().ok_or_else(|| missing(who))?;
        let wanted = change.of(&account)?;
        let done = app.store.change_profile(&account.user, wanted, &act);
        let done = done.await?;
        if done && *change == UserChange::ConfirmPhone {
            tell_everywhere(app, operator, &account, Notice::PhoneConfirmed).await?;
        }
        read = app.store.read_account(id).await?;
        if done {
            return read.ok_or_else(|| missing(who));
        }
    }
    Err(ActFailure::changed_meanwhile())
}
