//! Signs in by a code that went to a mailbox or phone, in place of a password. The next steps are
//! those after a right password: a user with a second factor must show that factor. The
//! mailbox or phone of the code is no second factor.

use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::accounts::user::Account;
use crate::domain::authorization::client::Authorized;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::sent_code::six_digits;
use crate::domain::login::codes::code_destination::CodeDestination;
use crate::domain::login::codes::mailbox_code::{CodeGuesser, MailboxCode};
use crate::domain::messages::destination::Recipient;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::FirstFactor;
use crate::domain::sessions::party::Party;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::usecase::accounts::register::{make_user, prepare_by_code, sign_up_is_open};
use crate::usecase::accounts::take_over::take_over;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::refuse_no_earlier;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::login::password_step::{LoggedIn, LoginAnswer};
use crate::usecase::login::right_first_factor::{RightFirstFactor, go_on};

/// How the caller says which code it is.
#[derive(Clone, Copy)]
pub enum NamedCode<'a> {
    /// By the token that the request for the code got.
    ByToken(&'a str),
    /// By the mailbox or phone. The last two codes count that the caller's network asked for.
    ByDestination(Recipient<'a>),
}

/// A code, and what the request asks for.
pub struct SignInByCode<'a> {
    pub named: NamedCode<'a>,
    pub code: &'a Secret,
    /// Space-separated scopes, if any were named.
    pub scope: Option<&'a str>,
    /// The audience, if one was named.
    pub audience: Option<&'a str>,
    /// Whether the tokens have to be of the second level.
    pub wants_factor: bool,
}

/// Signs a user in by the code, or begins a pending login. A code of another channel than the
/// caller names is wrong. A code of a mailbox without an
/// account makes the account, with the mailbox confirmed. A code that is wrong, too old,
/// used or of another client, and a mailbox without a code, get the same answer after the
/// same time. Five requests to DynamoDB, one more by
/// the mailbox or phone, and four more if somebody signed up with the mailbox since.
///
/// # Errors
/// `ScopeNotAllowed`, `AudienceNotAllowed`; `MailboxCodeWrong`, `PhoneCodeWrong`,
/// `ChallengeFailed`;
/// `AccountInactive`.
pub async fn sign_in_by_code(
    context: &ClientContext,
    asked: &SignInByCode<'_>,
) -> Result<LoginAnswer, Failure> {
    let authorized = context.bound_authorization(asked.scope, asked.audience)?;
    if let NamedCode::ByDestination(to) = asked.named {
        context.events.is_about_factor(to.channel);
    }
    let proven = Box::pin(prove_first_code(
        context,
        asked.code,
        wrong(asked),
        live_codes(context, asked),
    ));
    let proven = refuse_no_earlier(context, proven).await?;
    let shown = CodeParty {
        party: context.party(),
        wants_factor: asked.wants_factor,
        wrong: wrong(asked),
    };
    let gone_on = go_on_by_code(context, proven, authorized, shown).await?;
    gone_on.with_tokens(context).await
}

/// For whom a code was shown.
pub(crate) struct CodeParty<'a> {
    /// The app, or our pages, that the user signs in to.
    pub party: Party<'a>,
    /// Whether the login has to be of the second level.
    pub wants_factor: bool,
    /// The answer if the account has changed since the code was sent.
    pub wrong: Refusal,
}

/// Demands what is demanded after a right password, or signs the user of the code in.
///
/// # Errors
/// `wrong`; `AccountInactive`.
pub(crate) async fn go_on_by_code(
    context: &Context,
    proven: MailboxCode,
    authorized: Authorized,
    shown: CodeParty<'_>,
) -> Result<LoggedIn, Failure> {
    let account = account_of(context, &proven, shown.wrong.clone()).await?;
    context.caller.trace.is_about(account.user.id);
    if !account.user.active {
        return Err(Refusal::AccountInactive.into());
    }
    let to = CodeDestination::parse(proven.channel, &proven.mailbox)?;
    let first = RightFirstFactor {
        party: shown.party,
        first: FirstFactor::of_channel(proven.channel),
        passkey: None,
        counts_as_two: false,
        name: to.name().clone(),
        mailbox: Some(proven.mailbox),
        wants_factor: shown.wants_factor,
        overtaken: shown.wrong,
    };
    Box::pin(go_on(context, account, authorized, first)).await
}

fn wrong(asked: &SignInByCode<'_>) -> Refusal {
    match asked.named {
        NamedCode::ByToken(_) => ConnectionRefusal::ChallengeFailed.into(),
        NamedCode::ByDestination(to) => match to.channel {
            Channel::Sms => ConnectionRefusal::PhoneCodeWrong.into(),
            Channel::Email | Channel::Webhook => ConnectionRefusal::MailboxCodeWrong.into(),
        },
    }
}

/// Compares the code, and spends it. The guess is charged to each code before it is
/// compared with the code, and a code without guesses left is not compared.
///
/// # Errors
/// `wrong`, and those of `find`, which finds the codes that the shown code may be.
pub(crate) async fn prove_first_code(
    context: &Context,
    shown: &Secret,
    wrong: Refusal,
    find: impl Future<Output = Result<(CodeGuesser, Vec<MailboxCode>), Failure>>,
) -> Result<MailboxCode, Failure> {
    let refused = || Failure::from(wrong.clone());
    let ring = context.ring().await?;
    // Nothing is read before, so every mailbox and phone gets the same answer.
    let typed = six_digits(shown.expose()).ok_or_else(refused)?;
    let (guesser, candidates) = find.await?;
    let store = &context.app.store;
    if let Some(code) = candidates.first() {
        context.events.is_about_factor(code.channel);
    }
    if let Some((user, _)) = candidates.first().and_then(|code| code.user) {
        context.caller.trace.is_about(user);
    }
    let mut right = None;
    for code in &candidates {
        let expected = ring.code(code.id, &code.sent())?;
        let compared = store.charge_mailbox_code(code, guesser, context.now());
        if compared.await? && expected.matches(typed.expose()) && right.is_none() {
            right = Some(code);
        }
    }
    let code = right.ok_or_else(refused)?;
    match store.spend_mailbox_code(code, context.now()).await? {
        true => Ok(code.clone()),
        false => Err(refused()),
    }
}

/// The codes that the shown code may be. One query; none for a forged token.
async fn live_codes(
    context: &ClientContext,
    asked: &SignInByCode<'_>,
) -> Result<(CodeGuesser, Vec<MailboxCode>), Failure> {
    let ring = context.ring().await?;
    let (store, now) = (&context.app.store, context.now());
    let client = context.client.id.as_str();
    match asked.named {
        NamedCode::ByToken(token) => {
            let opened = context.open_token(TokenBody::mailbox_code, token, wrong(asked));
            let token = opened.await?;
            let found = store.mailbox_codes(token.mailbox, Some(token.login), now);
            let mut codes = found.await?;
            codes.retain(|code| code.is_live(client, now));
            Ok((CodeGuesser::Token, codes))
        }
        NamedCode::ByDestination(to) => {
            let to = CodeDestination::parse(to.channel, to.to).map_err(|_| wrong(asked))?;
            let found = store.mailbox_codes(ring.pseudo_user(to.name())?, None, now);
            let mut codes = found.await?;
            let channel = to.recipient().channel;
            codes.retain(|code| code.is_live(client, now) && code.channel == channel);
            let here = charge_of(&context.caller, to.name()).name_and_network;
            Ok(MailboxCode::of_address(codes, &here))
        }
    }
}

/// The account of the code. If the mailbox had no account, the account is made. If somebody
/// signed up with the address since, the account is taken from that person.
async fn account_of(
    context: &Context,
    code: &MailboxCode,
    wrong: Refusal,
) -> Result<Account, Failure> {
    let mut account = match code.user {
        Some((user, _)) => {
            let found = context.app.store.read_account(user).await?;
            found
                .filter(|account| code.is_of(&account.user) || !account.user.active)
                .ok_or(wrong)?
        }
        // Sign-up was closed after the code was sent.
        None if !sign_up_is_open(context) => return Err(wrong.into()),
        None => {
            let new = prepare_by_code(context, &code.mailbox)?;
            let account = new.account().clone();
            match make_user(context, new).await {
                // Somebody signed up with the address meanwhile.
                Err(Failure::Refused(Refusal::Account(AccountRefusal::NameTaken(_)))) => {
                    take_over(context, &code.mailbox).await?.ok_or(wrong)?
                }
                made => made.map(|_| account)?,
            }
        }
    };
    account.user.signing_in_mailbox = Some(code.mailbox.clone());
    Ok(account)
}
