//! Asks the former system about a name that is unknown here, and makes the user if
//! the former system accepts the password. At a sign-up and when a password is
//! forgotten, asks without a password.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword};
use crate::domain::accounts::moving_in::former_details::FormerDetails;
use crate::domain::accounts::moving_in::former_user::FormerUser;
use crate::domain::accounts::user::Account;
use crate::domain::events::kind::EventKind;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random_bytes;
use crate::notify::FormerProfile;
use crate::store::{Created, NewAccount};
use crate::usecase::administration::users::import::account_of_arrival;
use crate::usecase::context::Context;

/// Makes the user if the former system accepts the password. Another login may
/// have made the user a moment ago; then returns that user. Returns `None` if no
/// former system is configured, or if the former system refuses the password.
/// The name is unknown here, and the guess is already counted.
///
/// Three requests to DynamoDB if the former system accepts the password, and
/// three more if another login made the user.
///
/// # Errors
/// `Broken`, transient, if the former system gives no answer; `Broken` if its
/// user cannot be made here.
pub(super) async fn move_in(
    context: &Context,
    name: &LoginName,
    password: &Secret,
) -> Result<Option<Account>, Broken> {
    match accepted(context, name, password).await? {
        Some(arrival) => make(context, name, arrival).await,
        None => Ok(None),
    }
}

/// Asks the former system about the password of a user who has none here, because
/// somebody else asked for the name first, or because an import had no password. If
/// the former system accepts the password of the same user, the password is the
/// user's from now on. Two more requests to DynamoDB then.
///
/// # Errors
/// As those of `move_in`.
pub(super) async fn take_password(
    context: &Context,
    name: &LoginName,
    password: &Secret,
    account: Account,
) -> Result<Account, Broken> {
    let Some(arrival) = accepted(context, name, password).await? else {
        return Ok(account);
    };
    if arrival.identity.id != account.user.id {
        let _nobody = refused(context, "names another user than the one of this name here");
        return Ok(account);
    }
    if let Some(ArrivedPassword::Slow(hash)) = &arrival.password {
        let store = &context.app.store;
        store.give_first_password(&account.user, hash).await?;
        if let Some(now) = store.read_account(account.user.id).await? {
            return Ok(now);
        }
    }
    Ok(account)
}

/// Whether the former system has a user of this name, who is not here yet. The user
/// is then made here, without a password: the login still asks the former system for
/// that. So a stranger who asks for a name shuts nobody out. Returns `None` if the
/// former system has no such user, or is not asked without a password, and `Some(None)`
/// if it has such a user, who cannot be made here. As many requests to DynamoDB as for
/// `move_in`.
///
/// # Errors
/// As those of `move_in`.
pub(crate) async fn move_in_without_password(
    context: &Context,
    name: &LoginName,
) -> Result<Option<Option<Account>>, Broken> {
    let Some(former) = &context.app.former_system else {
        return Ok(None);
    };
    let found = former.find(name.as_str()).await.map_err(down)?;
    match found {
        None => Ok(None),
        Some(profile) => {
            let arrival = checked(context, name, profile, former.list_of_roles())?;
            Ok(Some(match arrival {
                Some(arrival) => make(context, name, arrival).await?,
                None => None,
            }))
        }
    }
}

/// The user of the former system, with this password, if the former system accepts it.
async fn accepted(
    context: &Context,
    name: &LoginName,
    password: &Secret,
) -> Result<Option<Arrival>, Broken> {
    let app = &context.app;
    let Some(former) = &app.former_system else {
        return Ok(None);
    };
    let asked = former.ask(name.as_str(), password).await;
    let Some(profile) = asked.map_err(down)? else {
        return Ok(None);
    };
    let Some(mut arrival) = checked(context, name, profile, former.list_of_roles())? else {
        return Ok(None);
    };
    let hash = app.hasher.hash(password, random_bytes()?);
    let hash = hash.map_err(|unusable| Broken::internal(unusable.0))?;
    arrival.password = Some(ArrivedPassword::Slow(hash));
    Ok(Some(arrival))
}

fn down(why: String) -> Broken {
    Broken::unavailable(format!("the former system: {why}"))
}

/// The user, if the user has this name. Otherwise the password may be another
/// user's, or an old password of a user whose name has changed here.
fn checked(
    context: &Context,
    name: &LoginName,
    profile: FormerProfile,
    roles: Option<&str>,
) -> Result<Option<Arrival>, Broken> {
    let unusable = |why: String| Broken::internal(format!("a user of the former system: {why}"));
    let arrival = arrival_of(profile, roles).map_err(unusable)?;
    match arrival.login_names().contains(name) {
        true => Ok(Some(arrival)),
        false => {
            let _nobody = refused(context, "answers with a user of another name");
            Ok(None)
        }
    }
}

/// Makes the user. Returns `None` if a name or the identifier is another user's.
async fn make(
    context: &Context,
    name: &LoginName,
    arrival: Arrival,
) -> Result<Option<Account>, Broken> {
    let (app, names) = (&context.app, arrival.login_names());
    if app.store.read_user(arrival.identity.id).await?.is_some() {
        return made_meanwhile(context, name, "names a user who has another name here").await;
    }
    let account = account_of_arrival(app, context.now(), &arrival).await?;
    let new = NewAccount {
        account: &account,
        names: &names,
    };
    match app.store.create_user(new).await? {
        Created::Done => {
            let (request_id, user) = (context.caller.trace.request_id(), account.user.id);
            tracing::info!(request_id, user = %user, "a user moved in");
            context.events.did(EventKind::SignedUp);
            Ok(Some(account))
        }
        Created::NameTaken(_) => {
            made_meanwhile(context, name, "names a user whose other name is taken here").await
        }
    }
}

/// The user who has this name now, because another login made the user a moment ago.
/// Otherwise the login is refused for this reason.
async fn made_meanwhile(
    context: &Context,
    name: &LoginName,
    reason: &str,
) -> Result<Option<Account>, Broken> {
    let store = &context.app.store;
    let owners = store.owners_of_names(std::slice::from_ref(name)).await?;
    match owners.get(name.as_str()) {
        Some(user) => store.read_account(*user).await,
        None => Ok(refused(context, reason)),
    }
}

/// Returns no user, and writes a log line for the operator.
fn refused(context: &Context, what: &str) -> Option<Account> {
    let request_id = context.caller.trace.request_id();
    tracing::error!(request_id, what, "the former system's user is not let in");
    None
}

/// The user as an import has it, without a password.
fn arrival_of(profile: FormerProfile, roles: Option<&str>) -> Result<Arrival, String> {
    let no_list = || "the roles are not a list of names".to_owned();
    let roles = match roles {
        None => Vec::new(),
        Some(list) => profile.roles(list).ok_or_else(no_list)?,
    };
    let identifier = profile.identifier();
    let details = FormerDetails {
        metadata: profile.metadata_texts(),
        name: profile.name,
        nickname: profile.nickname,
        picture: profile.picture,
    };
    let factors = profile.mfa_factors.into_iter();
    let former = FormerUser {
        identifier,
        email: profile.email,
        email_verified: profile.email_verified,
        user_name: profile.username,
        phone_number: profile.phone_number,
        phone_verified: profile.phone_verified,
        given_name: profile.given_name,
        family_name: profile.family_name,
        details,
        blocked: profile.blocked,
        roles,
        password: None,
        factors: factors.map(|factor| factor.into_parts()).collect(),
    };
    former.into_checked().map(|checked| checked.arrival)
}
