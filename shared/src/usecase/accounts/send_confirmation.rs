//! Has a message sent that confirms an e-mail address or a phone number.

use crate::app::App;
use crate::domain::accounts::user::{Account, User};
use crate::domain::id::UserId;
use crate::domain::messages::phone_number::PhoneNumber;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::Caller;
use crate::usecase::factors::confirmed_addresses::check_confirmed;
pub use crate::usecase::messages::send_action::MakeLink;
use crate::usecase::messages::send_action::{Ask, send_action};
use crate::usecase::sessions::bearer::Bearer;

/// Who asks for a confirmation.
#[derive(Clone, Copy)]
pub enum Asker<'a> {
    /// The user, with an access token.
    User(&'a Bearer),
    /// The same with the user's authenticators: the only one who may name another
    /// phone.
    SignedIn(&'a Bearer, &'a Account),
    /// Somebody who names a user, within ten minutes of a right password of
    /// that user that was answered with the need to confirm.
    Stranger(UserId),
}

/// The user whose confirmation it is. No request to DynamoDB for a user with
/// an access token, else two. `by_link`: whether only the mailbox can confirm.
///
/// # Errors
/// `AccessTokenMissing`: the same whether there is such a user or not.
pub(crate) async fn user_of(
    app: &App,
    caller: &Caller,
    asker: Asker<'_>,
    by_link: bool,
) -> Result<User, Failure> {
    let id = match asker {
        Asker::User(bearer) | Asker::SignedIn(bearer, _) => return Ok(bearer.user.clone()),
        Asker::Stranger(id) => id,
    };
    let not_allowed = || Failure::from(Refusal::AccessTokenMissing);
    let account = app.store.read_account(id).await?;
    let account = account.ok_or_else(not_allowed)?;
    let has_one = account.active_factors().next().is_some();
    let user = account.user;
    let permitted = app.store.confirmation_is_permitted(&user, caller.now);
    // Who has a second factor on shows it first; a link does nothing by itself.
    let asked = has_one && user.two_factor && app.config.mfa_policy.asks() && !by_link;
    if asked || !user.active || !permitted.await? {
        return Err(not_allowed());
    }
    caller.trace.is_about(user.id);
    Ok(user)
}

/// Sends a link that confirms the stored e-mail address, and says whether it was
/// sent: for a confirmed address none is. One request to DynamoDB, three without an access
/// token, one more while the address's budget is in use, two when the send fails.
///
/// # Errors
/// `AccessTokenMissing`, `AddressMissing`, `SendTooSoon`, `SendsExhausted`,
/// `RequestsExhausted`, `DeliveryFailed`.
pub async fn send_email_confirmation(
    app: &App,
    caller: &Caller,
    asker: Asker<'_>,
    make_link: MakeLink<'_>,
) -> Result<bool, Failure> {
    let user = user_of(app, caller, asker, true).await?;
    if user.email_confirmed {
        return Ok(false);
    }
    send_link(app, caller, &user, make_link).await?;
    Ok(true)
}

/// Sends the link again to a user whose right password was refused for the
/// address, and says whether a link is on its way: sent now, or just before. As many requests to DynamoDB as `send_email_confirmation`.
pub async fn confirm_again(
    app: &App,
    caller: &Caller,
    refused: &Refusal,
    make_link: MakeLink<'_>,
) -> bool {
    let Refusal::UserUnconfirmed {
        user,
        email: Some(_),
        ..
    } = refused
    else {
        return false;
    };
    let asker = Asker::Stranger(*user);
    let sent = send_email_confirmation(app, caller, asker, make_link).await;
    let request_id = caller.trace.request_id();
    match sent {
        Ok(sent) => sent,
        Err(Failure::Refused(refusal)) => {
            let name = refusal.name();
            tracing::info!(request_id, refusal = name, "no confirmation was sent");
            matches!(refusal, Refusal::SendTooSoon { .. })
        }
        Err(Failure::Broken(broken)) => {
            tracing::error!(request_id, error = %broken, "no confirmation was sent");
            false
        }
    }
}

/// Sends the link that confirms this user's address.
pub(crate) async fn send_link(
    app: &App,
    caller: &Caller,
    user: &User,
    make_link: MakeLink<'_>,
) -> Result<(), Failure> {
    send_action(app, caller, user, Ask::ToConfirm(make_link)).await
}

/// Sends a code that confirms a phone number: the stored one, or, with an
/// access token and while none is confirmed, this one, which is then stored.
/// Nothing is sent for one that is confirmed. Requests to DynamoDB as above.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `AddressMissing` (also for
/// another number than the one that may be used), `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub async fn send_phone_confirmation(
    app: &App,
    caller: &Caller,
    asker: Asker<'_>,
    number: Option<&str>,
) -> Result<(), Failure> {
    let mut user = user_of(app, caller, asker, false).await?;
    let mut new_number = false;
    if let Some(number) = number {
        let number = PhoneNumber::parse(number).ok_or(Refusal::RequestMalformed(
            "The field phoneNumber must be in E.164 form, like +15555550100.",
        ))?;
        if user.phone.as_deref() != Some(number.as_str()) {
            if user.phone_confirmed {
                return Err(Refusal::AddressMissing.into());
            }
            check_may_bind(app, caller, asker)?;
            user.phone = Some(number.as_str().to_owned());
            new_number = true;
        }
    }
    if user.phone_confirmed {
        return Ok(());
    }
    if user
        .phone
        .as_deref()
        .is_some_and(|to| !app.config.offer.may_text(to))
    {
        return Err(Refusal::RequestMalformed(
            "text messages are not sent to phones of this country",
        )
        .into());
    }
    send_action(app, caller, &user, Ask::ByCode { new_number }).await
}

/// A new number may become a second factor, so storing it takes what changing
/// factors takes: a confirmed address, and a recent authentication with the
/// strongest factor.
fn check_may_bind(app: &App, caller: &Caller, asker: Asker<'_>) -> Result<(), Refusal> {
    let Asker::SignedIn(bearer, account) = asker else {
        return Err(Refusal::AddressMissing);
    };
    check_confirmed(&account.user)?;
    let policy = app.config.mfa_policy;
    policy.check_may_change(account, bearer.authentication, caller.now)
}

/// Whether e-mail address and phone number are confirmed, in this order, for
/// somebody who may have a confirmation sent. Two requests to DynamoDB without
/// an access token.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn confirmation_state(
    app: &App,
    caller: &Caller,
    asker: Asker<'_>,
) -> Result<(bool, bool), Failure> {
    let user = user_of(app, caller, asker, true).await?;
    Ok((user.email_confirmed, user.phone_confirmed))
}
