//! CodeMaze's login. The request with the password also sends a code by e-mail.
//! The second request has only the name and the code.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::factors::codemaze_provider::CodeMazeProvider;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::send_target::SendTarget;
use crate::domain::id::UserId;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::SentTo;
use crate::domain::login::throttle::Guesser;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::accounts::send_confirmation::confirm_again;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::refuse_no_earlier;
use crate::usecase::login::codes::prove::Guess;
use crate::usecase::login::codes::send_code::send_code;
use crate::usecase::login::finished_login::{Granted, LoginStep, RedeemedBy};
use crate::usecase::login::open_login::ProvableLogin;
use crate::usecase::login::password_step::{
    LoginAnswer, LoginRequest, SecondFactor, password_login,
};
use crate::usecase::login::pending_logins::pending_logins;
use crate::usecase::login::redeem::prove_and_complete;
use crate::usecase::messages::lockout_notice::LockoutMessage;

/// What the first step takes.
pub struct FirstStep<'a> {
    /// User name or e-mail as it was typed.
    pub name: &'a str,
    /// The password as it was typed.
    pub password: &'a Secret,
    /// The page that a message about a lockout leads to.
    pub lockout_page: &'a str,
    /// Makes the link that confirms an e-mail address from address and token.
    pub confirmation_link: &'a (dyn Fn(&str, &str) -> String + Sync),
}

/// What the second step takes.
pub struct SecondStep<'a> {
    /// User name or e-mail as it was typed.
    pub name: &'a str,
    pub provider: CodeMazeProvider,
    /// The code as it was typed.
    pub code: Secret,
}

/// What the first step gives.
pub enum FirstStepAnswer {
    /// Tokens: the user has no second factor on.
    Granted(Box<Granted>),
    /// A code was sent to the user's mailbox.
    CodeSent,
    /// The code comes from the user's authenticator app, because e-mail is not
    /// offered.
    App,
    /// The user has to do something else first.
    Next(NextStep),
}

/// The first step: user name or e-mail address, and the password. If a code was
/// sent to the mailbox less than half a minute ago, no other code is sent, and
/// that code completes this login too. A user who must show a second factor and
/// has none gets the code at the confirmed address; the code makes the address
/// a factor. A user who has to confirm the address first gets the link again.
/// At most eight requests to DynamoDB, nine if the mailbox becomes a factor or
/// waits to be confirmed, two more if the send fails or came too soon.
///
/// # Errors
/// The errors of `password_login`; `FactorUnknown`, `SendTooSoon`,
/// `SendsExhausted`, `DeliveryFailed`.
pub async fn take_first_step(
    context: &ClientContext,
    step: &FirstStep<'_>,
) -> Result<FirstStepAnswer, Failure> {
    let request = LoginRequest {
        name: step.name,
        password: step.password,
        scope: None,
        audience: None,
        login_token: None,
        shown: None,
        lockout: Some(LockoutMessage {
            page: step.lockout_page,
            is_answered: true,
        }),
        wants_factor: false,
    };
    let needed = match password_login(context, &request).await? {
        LoginAnswer::Granted(granted) => return Ok(FirstStepAnswer::Granted(granted)),
        LoginAnswer::SecondFactor(needed) => needed,
        LoginAnswer::Next(next) => {
            send_confirmation_again(context, step, &next).await;
            return Ok(FirstStepAnswer::Next(next));
        }
    };
    if CodeMazeProvider::asked_of(&needed.account) == CodeMazeProvider::App {
        return Ok(FirstStepAnswer::App);
    }
    Ok(
        match send_at_login(context, &needed, Channel::Email).await? {
            LoginStep::Done(()) => FirstStepAnswer::CodeSent,
            LoginStep::Next(next) => FirstStepAnswer::Next(next),
        },
    )
}

async fn send_confirmation_again(context: &Context, step: &FirstStep<'_>, next: &NextStep) {
    let NextStep::ConfirmAddress { email, .. } = next else {
        return;
    };
    let email = email.as_deref().unwrap_or_default();
    let make_link = |_: UserId, token: &str| (step.confirmation_link)(email, token);
    confirm_again(context, next, &make_link).await;
}

/// Sends a code for a login whose password was just right. The code goes to the
/// user's first factor of this channel, or to a confirmed address, which the
/// code makes a factor. A user without such an address has to enrol a factor first. If a code
/// was sent less than half a minute ago, no
/// other code is sent, and that code completes this login too.
///
/// # Errors
/// `FactorUnknown`, `SendTooSoon`, `SendsExhausted`,
/// `DeliveryFailed`.
pub(crate) async fn send_at_login(
    context: &ClientContext,
    needed: &SecondFactor,
    channel: Channel,
) -> Result<LoginStep<()>, Failure> {
    match send_step_code(context, needed, channel).await {
        Ok(sent) => Ok(sent),
        Err(Failure::Refused(too_soon @ Refusal::SendTooSoon { .. })) => {
            let (account, sent) = (&needed.account, Some(SentTo::Channel(channel)));
            let pending = pending_logins(context, account, Some(context.party()), sent);
            if pending.await?.is_empty() {
                return Err(too_soon.into());
            }
            Ok(LoginStep::Done(()))
        }
        Err(failed) => Err(failed),
    }
}

async fn send_step_code(
    context: &ClientContext,
    needed: &SecondFactor,
    channel: Channel,
) -> Result<LoginStep<()>, Failure> {
    let token = needed.token.expose();
    let wanted = SendTarget {
        user: None,
        factor: None,
        passkey: false,
        totp: false,
        channels: vec![channel],
    };
    let sent = send_code(context, Some(context.party()), token, &wanted).await?;
    sent.try_map(|_| Ok(()))
}

/// The second step: the name and the code, without the password. The code came
/// by e-mail or from the authenticator app. The guess draws on
/// another budget than the user's: one budget for the networks that the right
/// password came from, and one for all other networks. The code completes only
/// a login that a right password began. An emailed code completes only a login
/// that it was sent for. An unknown name, a missing login and a wrong code are
/// refused in the same way and after the same time, and so is a stranger whose
/// budget is exhausted. At most six requests to DynamoDB, seven when the budget
/// is in use.
///
/// # Errors
/// `CodeWrong`; `CodesExhausted`, `CodesClosed`, but only on a network that the
/// right password came from; `RequestMalformed` for a text that cannot be a
/// name.
pub async fn take_second_step(
    context: &ClientContext,
    step: SecondStep<'_>,
) -> Result<LoginStep<Granted>, Failure> {
    let name = LoginName::parse(step.name).ok_or(Refusal::RequestMalformed(
        "the e-mail address is empty, too long or has control characters",
    ))?;
    let shown = step.provider.submitted(step.code);
    // Nothing is read before, so every name gets the same answer.
    shown.check_typed()?;
    refuse_no_earlier(context, complete_named(context, &name, &shown)).await
}

async fn complete_named(
    context: &ClientContext,
    name: &LoginName,
    shown: &SubmittedCode,
) -> Result<LoginStep<Granted>, Failure> {
    let wrong = || Failure::from(Refusal::CodeWrong(shown.method()));
    let ring = context.ring().await?;
    let user: UserId = match context.app.store.find_name(name).await? {
        Some(user) => user,
        None => ring.pseudo_user(name)?,
    };
    let Some(account) = context.app.store.read_account(user).await? else {
        // As many requests as for a user who has no login pending.
        let logins =
            context
                .app
                .store
                .live_logins(user, context.caller.dialect, true, context.now());
        logins.await?;
        return Err(wrong());
    };
    let sent = shown.sent_to();
    context.caller.trace.is_about(user);
    let logins = pending_logins(context, &account, Some(context.party()), sent).await?;
    if logins.is_empty() {
        return Err(wrong());
    }
    // A caller from the network of a right password does not wait for strangers elsewhere.
    let networks = logins
        .iter()
        .map(|login| login.open.login.network.as_deref());
    let here = network_hash(&context.caller);
    let guess = Guess {
        shown,
        charged_to: Guesser::beside_logins(user, &here, networks),
    };
    let granted = redeem_alone(context, &logins, guess).await;
    match granted {
        Err(Failure::Refused(Refusal::LoginExpired)) => Err(wrong()),
        granted => granted,
    }
}

/// Redeems one of these pending logins of a user by the code alone. The caller has shown neither
/// the password nor the login's token, so the guess draws on another budget than the user's.
///
/// # Errors
/// `CodeWrong`, `LoginExpired`, `CodesExhausted`, `CodesClosed`.
async fn redeem_alone(
    context: &ClientContext,
    logins: &[ProvableLogin],
    guess: Guess<'_>,
) -> Result<LoginStep<Granted>, Failure> {
    let ring = context.ring().await?;
    let by = RedeemedBy {
        party: context.party(),
        ring: &ring,
        counted: None,
        asked: None,
        gives_back: None,
        remember: None,
    };
    let step = prove_and_complete(context, &by, logins, guess).await?;
    Ok(step.try_map(|finished| finished.tokens(context, &ring))?)
}
