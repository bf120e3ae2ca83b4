//! Two-factor authentication of a signed-in user as Aidbox has it: requested,
//! confirmed by the first token, disabled by another. On or off as a whole, so
//! that a user has one way of it at a time.

use crate::app::App;
use crate::domain::Dialect;
use crate::domain::accounts::user::{Account, User};
use crate::domain::client::Authorized;
use crate::domain::factors::factor::{Channel, FactorKind};
use crate::domain::id::{FactorId, LoginId};
use crate::domain::login::pending_login::{Login, Proof};
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::failure::Failure;
use crate::keyring::random;
use crate::store::{FactorsChange, Guesser, RecoveryChange};
use crate::usecase::Caller;
use crate::usecase::factors::authenticator_app::{begun_before, confirm_of_session};
use crate::usecase::factors::enroll::{FirstChallenge, NewFactor, begin, check_confirmed};
use crate::usecase::factors::enrolment_subject::{Beginning, moved_session};
use crate::usecase::factors::remove_factor::change_factors;
use crate::usecase::login::open_login::OpenLogin;
use crate::usecase::login::pending_logins::{pending_logins, with_proofs};
use crate::usecase::login::prove::{give_back, prove};
use crate::usecase::login::verify_code::Evidence;
use crate::usecase::messages::notice::tell;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::bearer::{Bearer, Shows, signed_in_with_account};
use crate::usecase::sessions::sign_out::signed_in;

/// The dialect whose logins and sessions these are.
const DIALECT: Dialect = Dialect::Aidbox;

/// Two-factor authentication of a user, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoFactor {
    /// Whether it is demanded and there is something to show.
    pub enabled: bool,
    /// How tokens are sent, where there is no authenticator app.
    pub transport: Option<String>,
}

impl TwoFactor {
    /// Of this account.
    pub fn of(account: &Account) -> Self {
        let first = account.active_factors().next();
        let enabled = account.user.two_factor && first.is_some();
        let transport = first.and_then(|factor| match &factor.kind {
            FactorKind::Totp { .. } => None,
            FactorKind::Address {
                channel: Channel::Webhook,
                to,
            } => Some(to.clone()),
            FactorKind::Address { channel, .. } => Some(channel.name().to_owned()),
        });
        Self { enabled, transport }
    }
}

/// The user of an access token, and their two-factor authentication. Two
/// requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`.
pub async fn look(app: &App, caller: &Caller, token: &str) -> Result<(User, TwoFactor), Failure> {
    let (_, account) = signed_in(app, caller, token).await?;
    let two_factor = TwoFactor::of(&account);
    Ok((account.user, two_factor))
}

/// What a user confirms two-factor authentication by.
#[derive(Debug)]
pub enum Requested {
    /// The codes of an app that was given this `otpauth` URI.
    App(Secret),
    /// The token that was just sent.
    Sent,
}

/// Begins two-factor authentication: with an authenticator app, or with the
/// webhook where a transport is named. The same app until it is confirmed. Four
/// requests to DynamoDB at most, and three more where a token is sent and fails.
///
/// # Errors
/// `AccessTokenInvalid`, `AuthenticationInsufficient`, `UserUnconfirmed`;
/// `AlreadyEnrolled`;
/// `FactorUnknown` without a webhook; `RequestMalformed` for what is no word;
/// `FactorsFull`, `SendTooSoon`, `SendsExhausted`, `DeliveryFailed`.
pub async fn request_two_factor(
    app: &App,
    caller: &Caller,
    token: &str,
    transport: Option<&str>,
) -> Result<Requested, Failure> {
    let new = match transport {
        None => NewFactor::Totp,
        Some(name) => NewFactor::Address {
            channel: Channel::Webhook,
            to: Some(name.to_owned()),
        },
    };
    for _ in 0..ATTEMPTS {
        let (bearer, account) = to_account(app, caller, token.into()).await?;
        if TwoFactor::of(&account).enabled {
            return Err(Refusal::AlreadyEnrolled.into());
        }
        let beginning = Beginning::by_session(app, caller, &bearer, account, DIALECT).await?;
        check_confirmed(&beginning.account.user)?;
        if transport.is_none()
            && let Some(key) = begun_before(app, caller, &beginning).await?
        {
            return Ok(Requested::App(key.uri));
        }
        if let Some(begun) = begin(app, caller, beginning, &new).await? {
            return Ok(match begun.challenge {
                FirstChallenge::Totp { uri, .. } => Requested::App(uri),
                FirstChallenge::Sent { .. } => Requested::Sent,
            });
        }
    }
    Err(overtaken())
}

/// Confirms what this session has requested, and gives new recovery codes.
/// Seven requests to DynamoDB at most, and one more when the budget of codes is
/// in use.
///
/// # Errors
/// `AccessTokenInvalid`; `AlreadyEnrolled`, `EnrolmentMissing`, `CodeWrong`,
/// `CodesExhausted`, `CodesClosed`.
pub async fn confirm_two_factor(
    app: &App,
    caller: &Caller,
    token: &str,
    code: &Secret,
) -> Result<Vec<Secret>, Failure> {
    let (bearer, account) = to_account(app, caller, token.into()).await?;
    if TwoFactor::of(&account).enabled {
        return Err(Refusal::AlreadyEnrolled.into());
    }
    confirm_of_session(app, caller, &bearer, code).await
}

/// Turns two-factor authentication off by a token of the strongest factor, or a
/// recovery code: every factor goes, and the recovery codes. The token is an
/// authentication of this moment, so the session itself may be older than ten
/// minutes. Six requests to DynamoDB at most, and one more when the budget of
/// codes is in use.
///
/// # Errors
/// `AccessTokenInvalid`, `SignInRequired`; `FactorNotFound` if it is off; `FactorKept` where the
/// policy requires it; `CodeWrong`, `CodesExhausted`, `CodesClosed`;
/// `AuthenticationInsufficient` for a token of a weaker factor.
pub async fn disable_two_factor(
    app: &App,
    caller: &Caller,
    shows: impl Into<Shows<'_>>,
    evidence: &Evidence,
) -> Result<(), Failure> {
    let (bearer, account) = to_account(app, caller, shows.into()).await?;
    if !TwoFactor::of(&account).enabled {
        return Err(Refusal::FactorNotFound.into());
    }
    if !app.config.mfa_policy.lets_go() {
        return Err(Refusal::FactorKept.into());
    }
    let shown = evidence.beside_password(&account);
    let logins = match shown.sent_to() {
        None => vec![login_of_now(caller, &bearer, &account)?],
        sent => pending_logins(app, caller, &account, DIALECT, None, sent).await?,
    };
    if logins.is_empty() {
        return Err(Refusal::CodeWrong(shown.method()).into());
    }
    let ring = app.keyring.ring(caller.now).await?;
    let guesser = Guesser::User(account.user.id);
    let (at, proof) = prove(app, caller, &ring, &logins, &shown, guesser).await?;
    let open = logins.get(at).ok_or(Refusal::LoginExpired)?;
    let now_shown = Authentication {
        at: caller.now,
        method: Some(proof.method()),
    };
    let policy = app.config.mfa_policy;
    let disabled = match policy.check_may_change(&account, now_shown, caller.now) {
        Ok(()) => disable(app, caller, &bearer, &account, (&open.login, &proof)).await,
        Err(refusal) => Err(refusal.into()),
    };
    give_back(app, caller, guesser, &shown, &open.login).await;
    disabled
}

/// The user of an access token for the account, or of a browser.
async fn to_account(
    app: &App,
    caller: &Caller,
    shows: Shows<'_>,
) -> Result<(Bearer, Account), Failure> {
    signed_in_with_account(app, caller, shows, &[app.config.account_audience()]).await
}

/// What an app's code or a recovery code is compared with: they belong to no
/// login. Nothing keeps this one.
fn login_of_now(caller: &Caller, bearer: &Bearer, account: &Account) -> Result<OpenLogin, Failure> {
    let authorized = Authorized {
        client: bearer.client.clone(),
        scope: bearer.scope.clone(),
        audience: bearer.audience.clone(),
    };
    let id = LoginId::at(caller.now, random()?);
    let login = Login::begin(id, &account.user, authorized, DIALECT, caller.now);
    Ok(with_proofs(account, login))
}

/// The transaction raises the epoch and uses the token up, so of any number at
/// once one is made, and a login by the same token is not.
async fn disable(
    app: &App,
    caller: &Caller,
    bearer: &Bearer,
    account: &Account,
    shown: (&Login, &Proof),
) -> Result<(), Failure> {
    let confirmed = account.factors.iter().filter(|factor| factor.confirmed);
    let all: Vec<FactorId> = confirmed.map(|factor| factor.id).collect();
    let change = FactorsChange {
        user: &account.user,
        session: &moved_session(app, caller, bearer, DIALECT)?,
        remove: &all,
        add: &[],
        recovery: RecoveryChange::Remove,
        two_factor: false,
        shown: Some(shown),
    };
    if !change_factors(app, caller, &change).await? {
        // Used meanwhile, or the user is another by now.
        return Err(Refusal::CodeWrong(shown.1.method()).into());
    }
    tell(app, caller, &account.user, Notice::TwoFactorOff).await;
    Ok(())
}
