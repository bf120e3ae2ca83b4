//! Sends a code, or says that the user's authenticator app has one.

use serde_json::Value;

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::factors::factor::{Factor, Method};
use crate::domain::factors::passkey::{Passkey, SecondUse};
use crate::domain::factors::send_target::SendTarget;
use crate::domain::id::FactorId;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::party::Party;
use crate::domain::token::TokenBody;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::factors::first_factor::send_to_first_factor;
use crate::usecase::login::codes::adopt_send::or_adopt;
use crate::usecase::login::codes::deliver_code::{
    CodeToSend, challenge_token, confirmed_factors, deliver, offered_factors,
};
use crate::usecase::login::finished_login::LoginStep;
use crate::usecase::login::open_login::{
    OpenLogin, ProvableLogin, open_login_of_any_key, open_login_or_access_token,
};
use crate::usecase::login::passkeys::second_challenge::login_options;
use crate::usecase::retry::{ATTEMPTS, overtaken};

/// The code that the user is asked for.
#[derive(Debug)]
pub enum CodeChallenge {
    /// The code that an authenticator app shows.
    Totp,
    /// The signature of a passkey.
    Passkey {
        /// What the app hands to the authenticator.
        options: Value,
    },
    /// The code that was just sent.
    Sent {
        /// Names the login and the factor: Auth0's `oob_code`.
        token: Secret,
    },
}

/// Challenges the user with a factor, for the login that `token` names.
/// `party` is the caller, if the dialect names it. A code by e-mail or
/// SMS is recorded, then sent. A user without a factor gets the code at a
/// confirmed address, which the code makes a factor. A user without such an address has to
/// enrol a factor first. If a code went to this
/// factor for another login less than half a minute ago, no code is sent, and
/// that code completes this login too.
///
/// At most three requests to DynamoDB for a confirmed destination, four when
/// the send fails. One more each when a budget is in use, when a stronger
/// factor decides on e-mail, and for a first factor. A text message to an
/// unconfirmed number takes two more, four when the send fails. An adopted code
/// takes two more.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `FactorUnknown`,
/// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
pub async fn send_code(
    context: &Context,
    party: Option<Party<'_>>,
    token: &str,
    wanted: &SendTarget,
) -> Result<LoginStep<CodeChallenge>, Failure> {
    for _ in 0..ATTEMPTS {
        if let Some(challenge) = try_to_send(context, party, token, wanted).await? {
            return Ok(challenge);
        }
    }
    Err(overtaken())
}

/// `None` if another request changed the user meanwhile.
async fn try_to_send(
    context: &Context,
    party: Option<Party<'_>>,
    token: &str,
    wanted: &SendTarget,
) -> Result<Option<LoginStep<CodeChallenge>>, Failure> {
    let named = open_login_or_access_token(context, token).await?;
    if wanted.user.is_some_and(|user| user != named.user()) {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let ring = context.ring().await?;
    let beside = LoginReads {
        factor: wanted.factor,
        ..LoginReads::default()
    };
    let provable = open_login_of_any_key(context, party, &named, beside).await?;
    let Some(chosen) = choose(&context.app, &provable, wanted).await? else {
        return Ok(Some(LoginStep::Next(NextStep::Enrol)));
    };
    let Chosen {
        factor,
        others,
        first,
    } = chosen;
    let sent = |token| LoginStep::Done(CodeChallenge::Sent { token });
    let open = provable.open;
    let Some((channel, _)) = factor.address() else {
        if factor.passkey().is_none() {
            return Ok(Some(LoginStep::Done(CodeChallenge::Totp)));
        }
        let any = others.iter().flatten().filter(|_| wanted.factor.is_none());
        let passkeys = any.chain([&factor]);
        let options = login_options(context, &ring, &open.login, passkeys)?;
        return Ok(Some(LoginStep::Done(CodeChallenge::Passkey { options })));
    };
    if let Some(account) = first {
        let token = send_to_first_factor(context, open, account, channel).await?;
        return Ok(token.map(sent));
    }
    let send = open
        .login
        .next_send(factor.id, channel, ring.current_token_key(), context.now())?;
    let code = CodeToSend {
        sent: send,
        factor: &factor,
        others,
    };
    let delivered = deliver(context, &ring, &open, code).await;
    or_adopt(context, &open, factor.id, delivered).await?;
    let token = challenge_token(&ring, &open, factor.id)?;
    Ok(Some(sent(token)))
}

/// The factor to challenge.
struct Chosen {
    factor: Factor,
    /// The user's confirmed factors, if they had to be read.
    others: Option<Vec<Factor>>,
    /// The user, if the code makes a confirmed address the factor.
    first: Option<Account>,
}

/// The named factor, or the first factor by rank that fits. `None` if the user has neither a
/// factor nor an address that a code could go to.
async fn choose(
    app: &App,
    provable: &ProvableLogin,
    wanted: &SendTarget,
) -> Result<Option<Chosen>, Failure> {
    let (open, offer) = (&provable.open, &app.config.offer);
    if wanted.factor.is_none() {
        let (account, factors) = offered_factors(app, open).await?;
        if factors.is_empty() {
            return Ok(choose_first(app, open, account, wanted)?);
        }
        let (factor, others) = wanted.first_of(factors)?;
        return Ok(Some(Chosen {
            factor,
            others: Some(others),
            first: None,
        }));
    }
    let unknown = || Failure::from(Refusal::FactorUnknown);
    let named = provable.factor.clone();
    let Some(named) = named.filter(|named| wanted.takes_stored(offer, &open.login, named)) else {
        let (account, _) = offered_factors(app, open).await?;
        let first = choose_first(app, open, account, wanted)?;
        return first.map(Some).ok_or_else(unknown);
    };
    let others = match offer.decides_by_others(&open.user, &named) {
        true => Some(confirmed_factors(app, open).await?),
        false => None,
    };
    let is_offered = |others: &Vec<Factor>| others.iter().any(|other| other.id == named.id);
    if !others.as_ref().is_none_or(is_offered) {
        return Err(unknown());
    }
    Ok(Some(Chosen {
        factor: named,
        others,
        first: None,
    }))
}

/// A confirmed address of a user who has no offered factor, if there is such an address.
///
/// # Errors
/// `FactorUnknown` if no such address is the wanted one.
fn choose_first(
    app: &App,
    open: &OpenLogin,
    account: Option<Account>,
    wanted: &SendTarget,
) -> Result<Option<Chosen>, Refusal> {
    let Some(account) = account else {
        return Ok(None);
    };
    // The user has a factor, which this login cannot ask for.
    let closed = |passkey: &Passkey| passkey.second == SecondUse::Closed;
    if account.passkeys().any(|(_, passkey)| closed(passkey)) {
        return Err(Refusal::FactorUnknown);
    }
    let addresses = app.addresses();
    let Some(factor) =
        addresses.first_wanted(&account, &open.login.authorized, |one| wanted.is(one))?
    else {
        return Ok(None);
    };
    let makes_one = !addresses.is_way(&account.user, &factor);
    Ok(Some(Chosen {
        factor,
        others: Some(Vec::new()),
        first: makes_one.then_some(account),
    }))
}

/// The factor that an `oob_code` names, if it was made for this login token.
///
/// # Errors
/// `LoginTokenMalformed` if the login token is forged. `CodeWrong` if the
/// challenge is forged or belongs to another login; then the login itself goes
/// on.
pub async fn factor_of_challenge(
    context: &Context,
    login_token: &str,
    challenge_token: &str,
) -> Result<FactorId, Failure> {
    let wrong = || Refusal::CodeWrong(Method::Email);
    let login = open_login_or_access_token(context, login_token).await?;
    let challenge = context
        .open_token(TokenBody::out_of_band, challenge_token, wrong())
        .await?;
    if challenge.user != login.user() || challenge.login != login.login() {
        return Err(wrong().into());
    }
    Ok(challenge.factor)
}
