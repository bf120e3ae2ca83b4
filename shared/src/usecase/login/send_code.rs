//! Sends a code, or says that the user's authenticator app has one.

use crate::app::App;
use crate::domain::Dialect;
use crate::domain::accounts::user::Account;
use crate::domain::client::Client;
use crate::domain::factors::factor::{Channel, Factor, Method};
use crate::domain::factors::sent_code::CODE_SECONDS;
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::SentCode;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{TokenBody, TokenKind};
use crate::failure::{Broken, Failure};
use crate::keyring::Ring;
use crate::notify::{DeliveryFailed, Destination};
use crate::usecase::Caller;
use crate::usecase::factors::first_factor::{first_if_none, is_way, send_to_first_factor};
use crate::usecase::login::adopt_send::or_adopt;
use crate::usecase::login::open_login::{
    Beside, OpenLogin, open_login, open_login_or_access_token,
};
use crate::usecase::messages::charge_message;
use crate::usecase::retry::{ATTEMPTS, overtaken};

/// The factor that the caller wants to challenge.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The user, if the caller names one. It must be the login's user.
    pub user: Option<UserId>,
    /// The factor, if the caller names one.
    pub factor: Option<FactorId>,
    /// Whether an authenticator app is acceptable.
    pub totp: bool,
    /// The acceptable channels.
    pub channels: Vec<Channel>,
}

impl Wanted {
    fn fits(&self, factor: &Factor) -> bool {
        match factor.address() {
            None => self.totp,
            Some((channel, _)) => self.channels.contains(&channel),
        }
    }
}

/// The code that the user is asked for.
#[derive(Debug)]
pub enum Challenge {
    /// The code that an authenticator app shows.
    Totp,
    /// The code that was just sent.
    Sent {
        /// Names the login and the factor: Auth0's `oob_code`.
        token: Secret,
    },
}

/// Challenges the user with a factor, for the login that `token` names.
/// `client` is the calling client, if the dialect names it. A code by e-mail or
/// SMS is recorded, then sent. A user without a factor gets the code at a
/// confirmed address, which the code makes a factor. If a code went to this
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
/// `LoginTokenMalformed`, `LoginExpired`, `FactorsMissing`, `FactorUnknown`,
/// `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`, `DeliveryFailed`.
pub async fn send_code(
    app: &App,
    caller: &Caller,
    client: Option<&Client>,
    token: &str,
    wanted: &Wanted,
) -> Result<Challenge, Failure> {
    for _ in 0..ATTEMPTS {
        if let Some(challenge) = try_to_send(app, caller, client, token, wanted).await? {
            return Ok(challenge);
        }
    }
    Err(overtaken())
}

/// `None` if another request changed the user meanwhile.
async fn try_to_send(
    app: &App,
    caller: &Caller,
    client: Option<&Client>,
    token: &str,
    wanted: &Wanted,
) -> Result<Option<Challenge>, Failure> {
    let (token, session) = open_login_or_access_token(app, caller, token).await?;
    if wanted.user.is_some_and(|user| user != token.user) {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let ring = app.keyring.ring(caller.now).await?;
    let beside = Beside {
        factor: wanted.factor,
        session,
        ..Beside::default()
    };
    let open = open_login(app, caller, client, &token, beside).await?;
    let Chosen {
        factor,
        others,
        first,
    } = choose(app, &open, wanted).await?;
    let Some((channel, _)) = factor.address() else {
        return Ok(Some(Challenge::Totp));
    };
    if let Some(account) = first {
        let sent = send_to_first_factor(app, caller, open, account, channel).await?;
        return Ok(sent.map(|token| Challenge::Sent { token }));
    }
    let sent = open
        .login
        .next_send(factor.id, channel, ring.current_token_key(), caller.now)?;
    let delivered = deliver(app, caller, &ring, &open, sent, &factor, others).await;
    or_adopt(app, caller, &open, factor.id, delivered).await?;
    let token = challenge_token(&ring, &open, factor.id)?;
    Ok(Some(Challenge::Sent { token }))
}

/// The token that names a login and the factor that a code went to: an
/// `oob_code`.
pub(crate) fn challenge_token(
    ring: &Ring,
    open: &OpenLogin,
    factor: FactorId,
) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody {
        kind: TokenKind::OutOfBand,
        key: 0,
        user: open.user.id,
        item: *open.login.id.bytes(),
        generation: 0,
        factor: Some(factor),
    })
}

/// The factor to challenge.
struct Chosen {
    factor: Factor,
    /// The user's confirmed factors, if they had to be read.
    others: Option<Vec<Factor>>,
    /// The user, if the code makes a confirmed address the factor.
    first: Option<Account>,
}

/// The named factor, or the first factor by rank that fits.
async fn choose(app: &App, open: &OpenLogin, wanted: &Wanted) -> Result<Chosen, Failure> {
    let unknown = || Failure::from(Refusal::FactorUnknown);
    if let Some(id) = wanted.factor {
        let named = open
            .factor
            .clone()
            .filter(|factor| open.login.takes(factor.id, factor.confirmed) && wanted.fits(factor))
            .filter(|factor| app.config.offer.may_reach(factor));
        let Some(named) = named else {
            let (account, _) = offered(app, open).await?;
            let is_it = |factor: &Factor| factor.id == id && wanted.fits(factor);
            return choose_first(app, open, account, is_it).map_err(|_| unknown());
        };
        // A stronger factor may exclude e-mail. The mailbox of a reset is no
        // factor if the user has another. A factor that is being enrolled
        // depends on no other: its code confirms it.
        let depends = named.confirmed
            && (app.config.offer.depends_on_others(&named) || open.user.was_reset_by(&named));
        let others = if depends {
            let offered = confirmed_factors(app, open).await?;
            if !offered.iter().any(|factor| factor.id == named.id) {
                return Err(unknown());
            }
            Some(offered)
        } else {
            None
        };
        return Ok(Chosen {
            factor: named,
            others,
            first: None,
        });
    }
    let (account, mut factors) = offered(app, open).await?;
    if factors.is_empty() {
        return Ok(choose_first(app, open, account, |factor| {
            wanted.fits(factor)
        })?);
    }
    let first = factors.iter().position(|factor| wanted.fits(factor));
    let factor = factors.remove(first.ok_or_else(unknown)?);
    Ok(Chosen {
        factor,
        others: Some(factors),
        first: None,
    })
}

/// A confirmed address of a user who has no offered factor.
///
/// # Errors
/// `FactorsMissing` if there is no such address, `FactorUnknown` if none is the
/// wanted one.
fn choose_first(
    app: &App,
    open: &OpenLogin,
    account: Option<Account>,
    is_it: impl Fn(&Factor) -> bool,
) -> Result<Chosen, Refusal> {
    let account = account.ok_or(Refusal::FactorsMissing)?;
    let client = &open.login.authorized.client;
    let mut first = first_if_none(app, &account, client);
    if first.is_empty() {
        return Err(Refusal::FactorsMissing);
    }
    first.retain(is_it);
    let factor = first.pop().ok_or(Refusal::FactorUnknown)?;
    let makes_one = !is_way(&account.user, &factor);
    Ok(Chosen {
        factor,
        others: Some(Vec::new()),
        first: makes_one.then_some(account),
    })
}

/// The user's confirmed and offered factors, by rank. One query.
async fn confirmed_factors(app: &App, open: &OpenLogin) -> Result<Vec<Factor>, Failure> {
    Ok(offered(app, open).await?.1)
}

/// The same, with the user.
async fn offered(app: &App, open: &OpenLogin) -> Result<(Option<Account>, Vec<Factor>), Failure> {
    let account = app.store.read_account(open.user.id).await?;
    let active = account.iter().flat_map(Account::active_factors);
    let mut factors: Vec<Factor> = active.cloned().collect();
    app.config.offer.keep(&mut factors);
    Ok((account, factors))
}

/// Records the send and charges everybody who pays for it, then sends. A failed
/// send is taken back, so it costs nothing, and a retry sends the same code. If
/// a budget is used up or the send fails, the refusal names the user's other
/// factors.
pub(crate) async fn deliver(
    app: &App,
    caller: &Caller,
    ring: &Ring,
    open: &OpenLogin,
    sent: SentCode,
    factor: &Factor,
    others: Option<Vec<Factor>>,
) -> Result<(), Failure> {
    let Some(to) = factor.address() else {
        return Err(Broken::internal("a code has nowhere to go").into());
    };
    let bill = charge_message::bill_to_prove(app, caller, &open.user, to, factor.confirmed);
    let record = app.store.record_send(&open.login, sent, &bill, caller.now);
    let recorded =
        match charge_message::within_ceilings(app, caller, &bill, open.user.id, record).await {
            Ok(recorded) => recorded,
            Err(Failure::Refused(Refusal::SendsExhausted {
                retry_at,
                row,
                limit,
                ..
            })) => {
                return Err(Refusal::SendsExhausted {
                    retry_at,
                    row,
                    limit,
                    others: all_but(app, open, factor.id, others).await?,
                }
                .into());
            }
            Err(failed) => return Err(failed),
        };
    let code = ring.code(open.login.id, recorded.sent())?;
    let Err(failed) = hand_over(app, open, to, &code).await else {
        return Ok(());
    };
    let request_id = caller.trace.request_id();
    tracing::warn!(request_id, error = %failed, "a code was not sent");
    charge_message::leave_ceilings(app, caller, &bill).await;
    app.store.mark_unsent(&open.login, &recorded).await?;
    let others = all_but(app, open, factor.id, others).await?;
    Err(Refusal::DeliveryFailed { others }.into())
}

/// Hands a code to SES, SNS or the webhook, in the words of the login's
/// dialect.
async fn hand_over(
    app: &App,
    open: &OpenLogin,
    (channel, to): (Channel, &str),
    code: &Secret,
) -> Result<(), DeliveryFailed> {
    let minutes = u32::try_from(CODE_SECONDS / 60).unwrap_or(5);
    let (notify, code) = (&app.notify, code.expose());
    let user = open.user.id.dashed();
    let to = match (channel, open.login.dialect) {
        (Channel::Email, Dialect::CodeMaze) => {
            return notify.send_bare_code(to, code, minutes).await;
        }
        (Channel::Email, Dialect::Auth0 | Dialect::Abp | Dialect::Aidbox) => Destination::Email(to),
        (Channel::Sms, _) => Destination::Sms(to),
        // The webhook knows from the user where to send, whatever the name of
        // the transport is.
        (Channel::Webhook, _) => Destination::Webhook {
            user: &user,
            email: open.user.email.as_deref(),
        },
    };
    notify.send_code(to, code, minutes).await
}

/// The offered factors beside this one: `known`, or else they are read.
async fn all_but(
    app: &App,
    open: &OpenLogin,
    factor: FactorId,
    known: Option<Vec<Factor>>,
) -> Result<Vec<Factor>, Failure> {
    let mut others = match known {
        Some(known) => known,
        None => confirmed_factors(app, open).await?,
    };
    others.retain(|other| other.id != factor);
    Ok(others)
}

/// The factor that an `oob_code` names, if it was made for this login token.
///
/// # Errors
/// `LoginTokenMalformed` if the login token is forged. `CodeWrong` if the
/// challenge is forged or belongs to another login; then the login itself goes
/// on.
pub async fn factor_of_challenge(
    app: &App,
    caller: &Caller,
    login_token: &str,
    challenge_token: &str,
) -> Result<FactorId, Failure> {
    let wrong = || Refusal::CodeWrong(Method::Email);
    let (login, _) = open_login_or_access_token(app, caller, login_token).await?;
    let challenge = app
        .keyring
        .open_token(TokenKind::OutOfBand, challenge_token, wrong(), caller.now)
        .await?;
    if challenge.user != login.user || challenge.item != login.item {
        return Err(wrong().into());
    }
    challenge.factor.ok_or_else(|| wrong().into())
}
