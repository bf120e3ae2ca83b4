//! Sends a link that resets a forgotten password.

use crate::app::App;
use crate::domain::accounts::known_network::{makes_known, name_beside_address};
use crate::domain::accounts::user::{EmailAddress, User};
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::payers::{BilledMessage, ResetFor};
use crate::failure::{Broken, Failure};
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::hide_outcome;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::login::move_in::move_in_without_password;
use crate::usecase::messages::charge_message::bill;
pub use crate::usecase::messages::send_action::MakeLink;
use crate::usecase::messages::send_action::{Ask, send_action};

/// Sends a reset link to the user who has this stored address, if there is such a user.
/// The answer is the same after the same time in every case. So nobody learns whether
/// there is such a user, whether a message was sent, or whether the address's budget
/// allowed it.
///
/// # Errors
/// `RequestsExhausted`, which depends on the caller's network alone.
pub async fn forgot_password(
    context: &Context,
    email: &str,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    count_anonymous(context).await?;
    let work = Box::pin(send_forgotten(context, email, make_link));
    hide_outcome(context, "no reset was sent", work).await;
    Ok(())
}

/// Sends the link to the user who has this address, if there is such a user.
/// If the former system has such a user, the user is made here first.
/// Two requests to DynamoDB, one more if a login by another name may have made
/// the network known, and those of a send. One request more charges the
/// address, unless the link is charged in the same way.
async fn send_forgotten(
    context: &Context,
    email: &str,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    let Some(email) = EmailAddress::parse(email) else {
        return Ok(());
    };
    let name = email.login_name();
    let charge = charge_of(&context.caller, name);
    let found = context
        .app
        .store
        .find_name_from(name, &charge, context.now())
        .await?;
    let (id, completed_at) = found;
    let user = match id {
        Some(id) => user_at(&context.app, id, &email).await?,
        None => match move_in_without_password(context, name).await {
            Ok(moved) => moved.flatten().map(|account| account.user),
            Err(broken) => {
                charge_address(context, &email).await?;
                return Err(broken.into());
            }
        },
    };
    let user = user.filter(|user| user.active && user.is_own_email(Channel::Email, email.as_str()));
    if let Some(user) = &user {
        context.caller.trace.is_about(user.id);
    }
    let Some(user) = user else {
        return charge_address(context, &email).await;
    };
    let known = makes_known(&user, completed_at) || is_known_by_user_name(context, &user).await?;
    let ground = match known {
        true => ResetFor::KnownNetwork,
        false => ResetFor::Stranger,
    };
    let send = send_action(context, &user, Ask::ForPassword(make_link, ground));
    if !user.email_confirmed {
        return send.await;
    }
    let (charged, sent) = tokio::join!(charge_address(context, &email), send);
    charged.and(sent)
}

/// Charges the address as a link to an unconfirmed account would. So the budget
/// of an address, which anybody can test by an enrolment, does not reveal
/// whether an account has the address. A refusal changes nothing. One request
/// to DynamoDB, one more if the budget is in use.
async fn charge_address(context: &Context, email: &EmailAddress) -> Result<(), Failure> {
    charge_only(context, email, ResetFor::Stranger).await
}

/// Charges for a link to an unconfirmed account that is not sent.
async fn charge_only(
    context: &Context,
    email: &EmailAddress,
    ground: ResetFor,
) -> Result<(), Failure> {
    let message = BilledMessage::Reset {
        to: email.login_name().as_str(),
        confirmed: false,
        ground,
    };
    let bill = bill(context, |billing| billing.bill_of(message));
    match context.app.store.charge_send(&bill, context.now()).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(broken) => Err(broken),
    }
}

/// Sends the link to the user whose address somebody signs up with. At a
/// sign-up, no network counts as known. Two requests to DynamoDB, and those of
/// a send.
///
/// # Errors
/// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
pub(crate) async fn send_at_sign_up(
    context: &Context,
    email: &str,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    let Some(email) = EmailAddress::parse(email) else {
        return Ok(());
    };
    let names = std::slice::from_ref(email.login_name());
    let owners = context.app.store.owners_of_names(names).await?;
    let Some(&id) = owners.get(email.login_name().as_str()) else {
        return Ok(());
    };
    let Some(user) = user_at(&context.app, id, &email).await? else {
        // An account that may not sign in is charged as any other, so an
        // enrolment at the address does not reveal the account.
        return charge_only(context, &email, ResetFor::SignUp).await;
    };
    let ask = Ask::ForPassword(make_link, ResetFor::SignUp);
    send_action(context, &user, ask).await
}

/// This user, if the user is active and has this stored address. One request to
/// DynamoDB.
async fn user_at(app: &App, id: UserId, email: &EmailAddress) -> Result<Option<User>, Broken> {
    let user = app.store.read_user(id).await?;
    Ok(user.filter(|user| user.active && user.is_own_email(Channel::Email, email.as_str())))
}

/// Whether a login by the user name was completed lately from the caller's network. Asks only
/// about a user name that may know networks (`name_beside_address`).
async fn is_known_by_user_name(context: &Context, user: &User) -> Result<bool, Broken> {
    let Some(name) = name_beside_address(user) else {
        return Ok(false);
    };
    let charge = charge_of(&context.caller, &name);
    let store = &context.app.store;
    let completed_at = store.last_login_here(&charge, context.now()).await?;
    Ok(makes_known(user, completed_at))
}
