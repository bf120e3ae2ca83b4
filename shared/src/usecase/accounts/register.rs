//! Makes an account for anybody who asks.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::new_user::registration::{NewNames, Person, Registration};
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::user::{Account, User};
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Factor;
use crate::domain::id::UserId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::keyring::random_bytes;
use crate::notify::FormerSystem;
use crate::store::{Created, NewAccount};
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::new_password::new_password;
use crate::usecase::accounts::send_confirmation::send_link;
use crate::usecase::context::Context;
use crate::usecase::login::move_in::move_in_without_password;
use crate::usecase::messages::send_action::MakeLink;

/// Makes a user. User names and e-mail addresses share a name space, so nobody
/// can take another user's address as a user name. A user name with `@` must be
/// the account's own address. Two requests to DynamoDB, one more while the
/// network's budget is in use.
///
/// # Errors
/// `SignUpClosed`, `NameInvalid`, `RequestMalformed`, `RequestsExhausted`,
/// `PasswordRejected`, `NameTaken`.
pub async fn register(context: &Context, asked: &Registration<'_>) -> Result<User, Failure> {
    check_open(context)?;
    let names = NewNames::of(asked.user_name, asked.email)?;
    // Count before the answer can reveal a taken name.
    count_anonymous(context).await?;
    let new = new_with(context, asked, names)?;
    make_user(context, new).await
}

/// Refuses a stranger who signs up in a dialect in which nobody may.
///
/// # Errors
/// `SignUpClosed`.
pub fn check_open(context: &Context) -> Result<(), Refusal> {
    match sign_up_is_open(context) {
        true => Ok(()),
        false => Err(AccountRefusal::SignUpClosed.into()),
    }
}

/// Whether a stranger may sign up in the words of the caller.
pub fn sign_up_is_open(context: &Context) -> bool {
    let open = &context.app.config.sign_up;
    let mut here = context.caller.dialect.sign_ups().iter();
    here.any(|one| open.contains(one))
}

/// A checked account, ready to be stored.
pub(crate) struct Prepared {
    account: Account,
    names: NewNames,
}

impl Prepared {
    fn of(user: User, names: NewNames) -> Self {
        let account = Account {
            user,
            factors: Vec::new(),
            recovery: None,
            closed_factor: false,
        };
        Self { account, names }
    }

    /// A user whose address is the name, with a passkey.
    ///
    /// # Errors
    /// `NameInvalid`.
    pub(crate) fn with_passkey(user: User, passkey: Factor) -> Result<Self, Failure> {
        let names = NewNames::of(&user.user_name, user.email.as_deref().unwrap_or_default())?;
        let mut prepared = Self::of(user, names);
        prepared.account.factors.push(passkey);
        Ok(prepared)
    }

    /// The account that is to be made.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }
}

/// Reads and checks a registration, and hashes the password. So a taken name
/// takes as long as a free name. No request to DynamoDB.
///
/// # Errors
/// `NameInvalid`, `RequestMalformed`, `PasswordRejected`.
pub(crate) fn prepare(context: &Context, asked: &Registration<'_>) -> Result<Prepared, Failure> {
    let names = NewNames::of(asked.user_name, asked.email)?;
    new_with(context, asked, names)
}

/// The account of a mailbox that has just shown a code: without a password, and with the
/// address confirmed. No request to DynamoDB.
///
/// # Errors
/// `NameInvalid`.
pub(crate) fn prepare_by_code(context: &Context, mailbox: &str) -> Result<Prepared, Failure> {
    let names = NewNames::of(mailbox, mailbox)?;
    let mut user = names.new_user(UserId::random(random_bytes()?), context.now());
    user.email_confirmed = true;
    Ok(Prepared::of(user, names))
}

/// The account of a person who signs up without a password, under this address. No request
/// to DynamoDB.
///
/// # Errors
/// `NameInvalid`, `RequestMalformed`.
pub(crate) fn prepare_person(
    context: &Context,
    email: &str,
    person: Person<'_>,
) -> Result<Prepared, Failure> {
    let names = NewNames::of(email, email)?;
    let id = UserId::random(random_bytes()?);
    let user = person.new_user(&names, id, context.now())?;
    Ok(Prepared::of(user, names))
}

fn new_with(
    context: &Context,
    asked: &Registration<'_>,
    names: NewNames,
) -> Result<Prepared, Failure> {
    let mut user = asked.new_user(&names, UserId::random(random_bytes()?), context.now())?;
    // Hash before looking at the names, so a taken name takes as long as a free
    // name.
    user.password = Some(new_password(&context.app, &user, asked.password, None)?);
    user.password_changed_at = Some(context.now());
    Ok(Prepared::of(user, names))
}

/// Stores the account. One request to DynamoDB, and more if the former system is
/// asked.
///
/// # Errors
/// `NameTaken`.
pub(crate) async fn make_user(context: &Context, new: Prepared) -> Result<User, Failure> {
    let Prepared {
        account,
        names: new,
    } = new;
    let names = new.login_names();
    if let Some(index) = taken_before(context, &names).await? {
        return Err(new.taken(index).into());
    }
    let stored = NewAccount {
        account: &account,
        names: &names,
    };
    match context.app.store.create_user(stored).await? {
        Created::Done => {
            context.caller.trace.is_about(account.user.id);
            context.events.did(EventKind::SignedUp);
            Ok(account.user)
        }
        Created::NameTaken(index) => Err(new.taken(index).into()),
    }
}

/// Which of these names a user of the former system has. That user is made here. No
/// request to DynamoDB without a former system that is asked.
async fn taken_before(context: &Context, names: &[LoginName]) -> Result<Option<usize>, Failure> {
    let asked = context.app.former_system.as_ref();
    if !asked.is_some_and(FormerSystem::finds_users) {
        return Ok(None);
    }
    let here = context.app.store.owners_of_names(names).await?;
    for (index, name) in names.iter().enumerate() {
        let is_here = here.contains_key(name.as_str());
        if is_here || move_in_without_password(context, name).await?.is_some() {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Makes a user, then sends the link that confirms the e-mail address. If the
/// link cannot be sent, the user exists all the same. So the failure is only
/// logged: an error would make people register again, and be refused. Three
/// requests to DynamoDB, one more while the network's budget is in use.
///
/// # Errors
/// The errors of `register`.
pub async fn register_and_confirm(
    context: &Context,
    asked: &Registration<'_>,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    let user = register(context, asked).await?;
    let sent = send_link(context, &user, make_link).await;
    let request_id = context.caller.trace.request_id();
    match sent {
        Ok(()) => {}
        Err(Failure::Refused(refusal)) => {
            let refusal = refusal.name();
            tracing::warn!(request_id, refusal, "no confirmation was sent");
        }
        Err(Failure::Broken(broken)) => {
            tracing::error!(request_id, error = %broken, "no confirmation was sent");
        }
    }
    Ok(())
}
