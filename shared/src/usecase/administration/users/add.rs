//! Makes a user.

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::{Account, EmailAddress, User, UserName};
use crate::domain::events::operator_command::OperatorCommand;
use crate::domain::id::UserId;
use crate::domain::messages::phone_number::PhoneNumber;
use crate::keyring::random_bytes;
use crate::store::{Created, NewAccount};
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::change::check_roles;

/// A user as an operator names it.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// The identifier that another system gave the user.
    pub id: Option<UserId>,
    /// The user name; the e-mail address if there is none.
    pub user_name: Option<String>,
    pub email: Option<String>,
    /// Whether the operator vouches for the address.
    pub email_confirmed: bool,
    pub phone: Option<String>,
    /// Whether the operator vouches for the number.
    pub phone_confirmed: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub roles: Vec<String>,
}

/// Makes a user without a password. The user sets one by *Forgot password*,
/// whose link also confirms the address. So no password goes through an
/// operator's hands.
///
/// # Errors
/// `Refused` if a field is wrong, a name is taken, or the user could never set a
/// password.
pub async fn add_user(app: &App, operator: &Operator, new: NewUser) -> Result<User, NotDone> {
    check_roles(&new.roles)?;
    let email = parsed(new.email.as_deref(), "e-mail address", EmailAddress::parse)?;
    let phone = parsed(new.phone.as_deref(), "phone number", PhoneNumber::parse)?;
    let user_name = parsed(new.user_name.as_deref(), "user name", UserName::parse)?;
    let Some(email) = email else {
        return Err(NotDone::Refused(
            "a user without an e-mail address could never set a password".to_owned(),
        ));
    };
    let mut names: Vec<LoginName> = vec![email.login_name().clone()];
    names.extend(user_name.as_ref().map(|name| name.login_name().clone()));
    names.dedup();
    let id = match new.id {
        Some(id) => id,
        None => UserId::random(random_bytes()?),
    };
    let named = user_name.as_ref().map_or(email.as_str(), UserName::as_str);
    let user = User {
        email: Some(email.as_str().to_owned()),
        email_confirmed: new.email_confirmed,
        phone: phone.as_ref().map(|phone| phone.as_str().to_owned()),
        phone_confirmed: phone.is_some() && new.phone_confirmed,
        given_name: new.given_name,
        family_name: new.family_name,
        roles: new.roles,
        ..User::new(id, named, operator.now)
    };
    let account = Account {
        user,
        factors: Vec::new(),
        recovery: None,
        closed_factor: false,
    };
    if app.store.read_user(id).await?.is_some() {
        return Err(NotDone::Refused(format!(
            "there is a user with the identifier {}",
            id.dashed()
        )));
    }
    create(app, operator, (&account, &names)).await?;
    Ok(account.user)
}

/// Stores the user and the act in one transaction. Reads the names first, because the event
/// of an act is on the bus before the transaction refuses a taken name.
///
/// # Errors
/// `Refused` if a name is taken.
pub(super) async fn create(
    app: &App,
    operator: &Operator,
    (account, names): (&Account, &[LoginName]),
) -> Result<(), NotDone> {
    let taken = |name: &str| NotDone::Refused(format!("{name} belongs to another user"));
    let owners = app.store.owners_of_names(names).await?;
    if let Some(name) = names.iter().find(|name| owners.contains_key(name.as_str())) {
        return Err(taken(name.as_str()));
    }
    let id = account.user.id;
    let act = operator.acts_on_user(app, OperatorCommand::UserAdd, id);
    let act = act.await?;
    match app
        .store
        .create_user_by(NewAccount { account, names }, &act)
        .await?
    {
        Created::Done => Ok(()),
        Created::NameTaken(index) => Err(taken(names.get(index).map_or("", LoginName::as_str))),
    }
}

fn parsed<T>(
    text: Option<&str>,
    what: &str,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, NotDone> {
    let wrong = |text: &str| NotDone::Refused(format!("{text:?} is no {what}"));
    text.map(|text| parse(text).ok_or_else(|| wrong(text)))
        .transpose()
}
