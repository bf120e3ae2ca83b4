//! CodeMaze's login: the password has a code sent by e-mail in the same
//! request, and the code completes it with nothing beside but the name.

use super::Caller;
use super::login::{LoginAnswer, LoginRequest, SecondFactor, login};
use super::pending_logins::pending_logins;
use super::prove::Shown;
use super::redeem::{Granted, redeem_alone};
use super::send_code::{Wanted, send_code};
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

/// What the first step gives.
pub enum TwoStep {
    /// Tokens: the user has no second factor on.
    Granted(Box<Granted>),
    /// A code is in the user's mailbox, or on its way there.
    CodeSent,
}

/// The first step: user name or e-mail, and the password. A code that was sent
/// to the mailbox less than half a minute ago is not followed by another, but
/// completes this login as well. At most eight requests to DynamoDB, ten where
/// the send fails or came too soon.
///
/// # Errors
/// Those of `login`; `FactorsMissing`, `FactorUnknown`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn begin_two_step(
    app: &App,
    caller: &Caller,
    client: &Client,
    name: &str,
    password: &Secret,
) -> Result<TwoStep, Failure> {
    let request = LoginRequest {
        client,
        dialect: Dialect::Aspnet,
        name,
        password,
        scope: None,
        audience: None,
        login_token: None,
        shown: None,
    };
    let needed = match login(app, caller, &request).await? {
        LoginAnswer::Granted(granted) => return Ok(TwoStep::Granted(granted)),
        LoginAnswer::SecondFactor(needed) => needed,
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
/// factor of this channel. One that was sent less than half a minute ago is not
/// followed by another, but completes this user's login as well.
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
    let wanted = Wanted {
        user: None,
        factor: None,
        totp: false,
        channels: vec![channel],
    };
    match send_code(app, caller, Some(client), needed.token.expose(), &wanted).await {
        Ok(_) => Ok(()),
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

/// The second step: the name and the code, without the password. So it draws on
/// strangers' budget, and completes only a login that a right password began
/// and that the code was sent for. An unknown name, no such login and a wrong
/// code are refused alike. At most six requests to DynamoDB, seven when the
/// budget is in use.
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
    let shown = Shown::Sent {
        code,
        to: SentTo::Channel(Channel::Email),
    };
    let granted = redeem_alone(app, caller, client, Dialect::Aspnet, &logins, &shown).await;
    match granted {
        Err(Failure::Refused(Refusal::LoginExpired)) => Err(wrong()),
        granted => granted,
    }
}

/// The newest pending logins that a code was sent for and is still good.
async fn with_codes(
    app: &App,
    caller: &Caller,
    account: &Account,
    client: &Client,
) -> Result<Vec<super::open_login::OpenLogin>, Failure> {
    let channel = Some(SentTo::Channel(Channel::Email));
    Ok(pending_logins(app, caller, account, Dialect::Aspnet, Some(client), channel).await?)
}
