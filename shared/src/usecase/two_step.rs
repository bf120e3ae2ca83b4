//! CodeMaze's login: the password has a code sent by e-mail in the same
//! request, and the code completes it with nothing beside but the name.

use super::Caller;
use super::anonymous::network_hash;
use super::enroll::offered_address;
use super::first_factor::send_to_first_factor;
use super::login::{LoginAnswer, LoginRequest, SecondFactor, login};
use super::open_login::OpenLogin;
use super::pending_logins::pending_logins;
use super::prove::Shown;
use super::redeem::{Granted, redeem_alone};
use super::send_code::{Wanted, send_code};
use super::send_confirmation::{Asker, send_email_confirmation};
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::client::Client;
use crate::domain::factor::{Channel, Method};
use crate::domain::id::UserId;
use crate::domain::login::SentTo;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::user::{Account, LoginName};
use crate::failure::Failure;
use crate::store::Guesser;

/// What the first step takes.
pub struct FirstStep<'a> {
    /// The client.
    pub client: &'a Client,
    /// User name or e-mail as it was typed.
    pub name: &'a str,
    /// The password as it was typed.
    pub password: &'a Secret,
    /// The page that a message about a lockout leads to.
    pub lockout_page: &'a str,
    /// Makes the link that confirms an e-mail address from address and token.
    pub confirmation_link: &'a (dyn Fn(&str, &str) -> String + Sync),
}

/// What the first step gives.
pub enum TwoStep {
    /// Tokens: the user has no second factor on.
    Granted(Box<Granted>),
    /// A code is in the user's mailbox, or on its way there.
    CodeSent,
}

/// The first step: user name or e-mail, and the password. A code that was sent
/// to the mailbox less than half a minute ago is not followed by another, but
/// completes this login as well. A user who must show a second factor and has
/// none gets the code to the confirmed address, which it makes a factor. Who
/// has to confirm the address first gets the link for it again. At most eight
/// requests to DynamoDB, nine where the mailbox becomes a factor or waits to be
/// confirmed, two more where the send fails or came too soon.
///
/// # Errors
/// Those of `login`; `FactorsMissing`, `FactorUnknown`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn begin_two_step(
    app: &App,
    caller: &Caller,
    step: &FirstStep<'_>,
) -> Result<TwoStep, Failure> {
    let client = step.client;
    let request = LoginRequest {
        client,
        dialect: Dialect::Aspnet,
        name: step.name,
        password: step.password,
        scope: None,
        audience: None,
        login_token: None,
        shown: None,
        lockout_page: Some(step.lockout_page),
    };
    let needed = match login(app, caller, &request).await {
        Ok(LoginAnswer::Granted(granted)) => return Ok(TwoStep::Granted(granted)),
        Ok(LoginAnswer::SecondFactor(needed)) => needed,
        Err(Failure::Refused(refused)) => {
            confirm_again(app, caller, step, &refused).await;
            return Err(refused.into());
        }
        Err(broken) => return Err(broken),
    };
    send_at_login(
        app,
        caller,
        client,
        Dialect::Aspnet,
        &needed,
        Channel::Email,
    )
    .await?;
    Ok(TwoStep::CodeSent)
}

/// Sends a code for a login whose password was just right, to the user's first
/// factor of this channel, or to the confirmed address that it makes one. A code
/// that was sent less than half a minute ago is not followed by another, but
/// completes this user's login as well.
///
/// # Errors
/// `FactorsMissing`, `FactorUnknown`, `SendTooSoon`, `SendsExhausted`,
/// `DeliveryFailed`.
pub(super) async fn send_at_login(
    app: &App,
    caller: &Caller,
    client: &Client,
    dialect: Dialect,
    needed: &SecondFactor,
    channel: Channel,
) -> Result<(), Failure> {
    match send_first_code(app, caller, client, needed, channel).await {
        Ok(()) => Ok(()),
        Err(Failure::Refused(too_soon @ Refusal::SendTooSoon { .. })) => {
            let (account, sent) = (&needed.account, Some(SentTo::Channel(channel)));
            let pending = pending_logins(app, caller, account, dialect, Some(client), sent);
            if pending.await?.is_empty() {
                return Err(too_soon.into());
            }
            Ok(())
        }
        Err(failed) => Err(failed),
    }
}

async fn send_first_code(
    app: &App,
    caller: &Caller,
    client: &Client,
    needed: &SecondFactor,
    channel: Channel,
) -> Result<(), Failure> {
    let token = needed.token.expose();
    let none = needed.account.active_factors().next().is_none();
    if none && offered_address(app, &needed.account.user, channel).is_some() {
        return send_to_first_factor(app, caller, token, channel).await;
    }
    let wanted = Wanted {
        user: None,
        factor: None,
        totp: false,
        channels: vec![channel],
    };
    let sent = send_code(app, caller, Some(client), token, &wanted).await;
    sent.map(drop)
}

/// Sends the link again to a user who was refused for the address. The refusal
/// is the same whatever becomes of it: it may have been sent just now.
async fn confirm_again(app: &App, caller: &Caller, step: &FirstStep<'_>, refused: &Refusal) {
    let Refusal::UserUnconfirmed {
        user,
        email: Some(email),
        ..
    } = refused
    else {
        return;
    };
    let make_link = |_: UserId, token: &str| (step.confirmation_link)(email, token);
    let asker = Asker::Stranger(*user);
    let sent = send_email_confirmation(app, caller, asker, Dialect::Aspnet, &make_link).await;
    let request_id = caller.trace.request_id();
    match sent {
        Ok(()) => {}
        Err(Failure::Refused(refusal)) => {
            let refusal = refusal.name();
            tracing::info!(request_id, refusal, "no confirmation was sent");
        }
        Err(Failure::Broken(broken)) => {
            tracing::error!(request_id, error = %broken, "no confirmation was sent");
        }
    }
}

/// The second step: the name and the code, without the password. So it draws on
/// another budget than the user's: one for the networks that the right password
/// came from, and one for every other. It completes only a login that a right
/// password began and that the code was sent for. An unknown name, no such login
/// and a wrong code are refused alike. At most six requests to DynamoDB, seven
/// when the budget is in use.
///
/// # Errors
/// `CodeWrong`, `CodesExhausted`, `CodesClosed`; `RequestMalformed` for what
/// can be no name.
pub async fn complete_two_step(
    app: &App,
    caller: &Caller,
    client: &Client,
    name: &str,
    code: Secret,
) -> Result<Granted, Failure> {
    let name = LoginName::parse(name).ok_or(Refusal::RequestMalformed(
        "the e-mail address is empty, too long or has control characters",
    ))?;
    let wrong = || Failure::from(Refusal::CodeWrong(Method::Email));
    let shown = Shown::Sent {
        code,
        to: SentTo::Channel(Channel::Email),
    };
    // Nothing is read before, so every name is answered alike.
    shown.check_form()?;
    let ring = app.keyring.ring(caller.now).await?;
    let user: UserId = match app.store.find_name(&name).await? {
        Some(user) => user,
        None => ring.pseudo_user(&name)?,
    };
    let Some(account) = app.store.read_account(user).await? else {
        // The same requests as for a user who has no login pending.
        app.store.newest_logins(user).await?;
        return Err(wrong());
    };
    let logins = with_codes(app, caller, &account, client).await?;
    if logins.is_empty() {
        return Err(wrong());
    }
    caller.trace.is_about(user);
    let guesser = guesser_of(caller, &logins);
    let dialect = Dialect::Aspnet;
    let granted = redeem_alone(app, caller, client, dialect, &logins, &shown, guesser).await;
    match granted {
        Err(Failure::Refused(Refusal::LoginExpired)) => Err(wrong()),
        granted => granted,
    }
}

/// Whose budget a guess is charged to: who comes from where the right password
/// of one of these logins came from does not wait for strangers elsewhere.
fn guesser_of(caller: &Caller, logins: &[OpenLogin]) -> fn(UserId) -> Guesser {
    let here = network_hash(caller);
    let began_here = |open: &OpenLogin| open.login.network.as_ref() == Some(&here);
    if logins.iter().any(began_here) {
        Guesser::Near
    } else {
        Guesser::Stranger
    }
}

/// The newest pending logins that a code was sent for and is still good.
async fn with_codes(
    app: &App,
    caller: &Caller,
    account: &Account,
    client: &Client,
) -> Result<Vec<OpenLogin>, Failure> {
    let channel = Some(SentTo::Channel(Channel::Email));
    Ok(pending_logins(app, caller, account, Dialect::Aspnet, Some(client), channel).await?)
}
