//! Shows a user to an administrator, or to that user.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::named_user::UserQuery;
use crate::domain::accounts::user::Account;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::{Broken, Failure};
use crate::store::WrongPasswords;
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::context::Context;
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::requirement::{ProfileAlone, Required};

/// The role that may look at other users.
const ADMINISTRATOR: &str = "admin";

/// A user, as an administrator sees the user.
#[derive(Debug)]
pub struct FoundUser {
    /// The user, with the factors.
    pub account: Account,
    /// Whether the user or a policy has turned the second factor on.
    pub second_factor_demanded: bool,
    /// Wrong passwords for the names of the user.
    pub wrong_passwords: WrongPasswords,
}

/// The user that an administrator looks for, if the user exists. `token` is an
/// access token for the account. The role is read from the profile, not from
/// the token. At most four requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `RoleMissing`.
pub async fn abp_find_user(
    context: &Context,
    token: &str,
    wanted: UserQuery<'_>,
) -> Result<Option<FoundUser>, Failure> {
    let required = Required {
        audience: Audience::Account,
        scope: None,
        session: SessionState::Live,
        role: Some(ADMINISTRATOR),
        read: ProfileAlone,
    };
    authenticate(context, token.into(), required).await?;
    let id = match wanted {
        UserQuery::Id(id) => Some(id),
        UserQuery::UserName(name) | UserQuery::Email(name) => match LoginName::parse(name) {
            Some(name) => context.app.store.find_name(&name).await?,
            None => None,
        },
    };
    let Some(id) = id else {
        return Ok(None);
    };
    let Some(account) = context.app.store.read_account(id).await? else {
        return Ok(None);
    };
    if !wanted.finds(&account.user) {
        return Ok(None);
    }
    Ok(Some(with_budget(context, account).await?))
}

async fn with_budget(context: &Context, account: Account) -> Result<FoundUser, Broken> {
    let names: Vec<String> = account.user.login_names().iter().map(name_charge).collect();
    let wrong_passwords = context.app.store.wrong_passwords(&names, context.now());
    let wrong_passwords = wrong_passwords.await?;
    Ok(FoundUser {
        second_factor_demanded: context
            .app
            .config
            .mfa_policy
            .demands(&account, context.now()),
        account,
        wrong_passwords,
    })
}
