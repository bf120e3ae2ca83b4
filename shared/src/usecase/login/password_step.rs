//! The password step. It counts the guess, compares the password, and answers
//! with tokens or with the token of a pending login.

use crate::app::App;
use crate::domain::Dialect;
use crate::domain::accounts::user::{Account, User};
use crate::domain::client::{Authorized, Client};
use crate::domain::dialect::{ConfirmationDemand, MissingNumber};
use crate::domain::factors::factor::Method;
use crate::domain::id::LoginId;
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::token::{TokenBody, TokenKind};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random};
use crate::store::Counted;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::factors::confirmed_addresses::{has_to_enrol, keep_offered};
use crate::usecase::login::authenticated::{Completed, Granted, RedeemedBy};
use crate::usecase::login::check_password::{PasswordGuess, check_password, named};
use crate::usecase::login::redeem::{redeem_by_code, redeem_with_password, settle_new_password};
use crate::usecase::login::required_password_change::change_first;
use crate::usecase::login::verify_code::Evidence;
use crate::usecase::messages::lockout_notice::LockoutMessage;
use crate::usecase::sessions::issue_tokens::{new_session, session_id};
use crate::usecase::{Caller, Context};

/// A name, a password, and what the request asks for.
pub struct LoginRequest<'a> {
    /// The client, already authenticated.
    pub client: &'a Client,
    /// User name or e-mail as it was typed.
    pub name: &'a str,
    /// The password as it was typed.
    pub password: &'a Secret,
    /// Space-separated scopes, if any were named.
    pub scope: Option<&'a str>,
    /// The audience, if one was named.
    pub audience: Option<&'a str>,
    /// The token of a pending login, if the request has one.
    pub login_token: Option<&'a str>,
    /// A code, if the request has one.
    pub shown: Option<Evidence>,
    /// The message about a lockout, if the dialect has one.
    pub lockout: Option<LockoutMessage<'a>>,
}

/// What a right password gives.
#[derive(Debug)]
pub enum LoginAnswer {
    /// Tokens: the user has no second factor on, or has shown it before.
    Granted(Box<Granted>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
}

/// A pending login, and what can complete it.
#[derive(Debug)]
pub struct SecondFactor {
    /// The token that names the pending login. It is valid for ten minutes.
    pub token: Secret,
    /// The user, with the factors that are offered.
    pub account: Account,
    /// The kinds of factors that may be enrolled.
    pub enrollable: Vec<Method>,
}

impl SecondFactor {
    /// The kinds of factors that can complete the login, each once. Empty if the user has to
    /// enrol first.
    pub fn methods(&self) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for factor in self.account.active_factors() {
            if !methods.contains(&factor.method()) {
                methods.push(factor.method());
            }
        }
        if self
            .account
            .recovery
            .as_ref()
            .is_some_and(|codes| !codes.hashes.is_empty())
        {
            methods.push(Method::RecoveryCode);
        }
        methods
    }
}

/// Logs a user in, or begins a pending login. At most five requests to DynamoDB (eight with a
/// code in the same request), and one more each when a window ends or a weak hash is replaced.
///
/// # Errors
/// `ScopeNotAllowed`, `AudienceNotAllowed`, `CredentialsWrong`,
/// `PasswordsExhausted`, `AccountInactive`, `UserUnconfirmed`,
/// `PasswordChangeRequired`; `FactorsMissing` for a user who must enrol a
/// factor, which this dialect cannot do at a login; with a login token or a
/// code `LoginTokenMalformed`, `LoginExpired`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn login(context: &Context, request: &LoginRequest<'_>) -> Result<LoginAnswer, Failure> {
    match log_in(context, request).await? {
        LoggedIn::SecondFactor(needed) => Ok(LoginAnswer::SecondFactor(needed)),
        LoggedIn::Completed(completed) => {
            let ring = context.app.keyring.ring(context.now()).await?;
            let client = request.client;
            let granted = completed.tokens(context, &ring, client)?;
            Ok(LoginAnswer::Granted(Box::new(granted)))
        }
    }
}

/// What a right password gives, before tokens or a cookie are made.
pub(crate) enum LoggedIn {
    /// The login is complete.
    Completed(Box<Completed>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
}

/// The same as `login`, before tokens or a cookie are made.
pub(crate) async fn log_in(
    context: &Context,
    request: &LoginRequest<'_>,
) -> Result<LoggedIn, Failure> {
    let own = context.app.config.own_audiences();
    let authorized = request
        .client
        .authorize(request.scope, request.audience, &own)
        .map_err(|refusal| context.app.named(refusal))?;
    let ring = context.app.keyring.ring(context.now()).await?;
    let (name, charge) = named(&context.caller, request.name, request.password)?;
    let guess = PasswordGuess {
        name: &name,
        password: request.password,
        charge: &charge,
        lockout: request.lockout,
    };
    let (account, counted) = check_password(context, &ring, &guess).await?;
    let demanded = context
        .app
        .config
        .mfa_policy
        .demands(&account, context.now());
    let number_missing = number_is_missing(&context.app, &account.user);
    let to_app = number_missing && request.client.is_pages();
    if !to_app && !is_confirmed(&context.app, context.caller.dialect, &account, demanded) {
        if number_missing && tells_of_page(context.caller.dialect, &account.user) {
            context.app.store.forget_passwords(&counted).await?;
            return Err(Refusal::FactorsMissing.into());
        }
        return Err(confirm_first(context, &account.user, &counted).await?);
    }
    let demanded = demanded || to_app;
    let by = RedeemedBy {
        client: request.client,
        ring: &ring,
        counted: Some(&counted),
    };
    let shown = request.shown.as_ref().filter(|_| demanded);
    let shown = shown.map(|shown| shown.beside_password(&account));
    let granted = match (request.login_token, shown.as_ref()) {
        (Some(token), shown) => {
            redeem_with_password(context, &by, account.user.id, token, shown).await
        }
        (None, Some(shown)) => {
            let authorized = authorized.clone();
            redeem_by_code(context, &by, &account, authorized, &counted, shown)
                .await
                .map(Some)
        }
        (None, None) => Ok(None),
    };
    if let Err(Failure::Refused(_)) = granted {
        // The password was right; something else was refused.
        context.app.store.forget_passwords(&counted).await?;
    }
    if let Some(granted) = granted? {
        return Ok(LoggedIn::Completed(Box::new(granted)));
    }
    if demanded {
        let client = &request.client.id;
        if !enrols_at_login(&context.caller, request)
            && cannot_complete(&context.app, &account, client)
        {
            context.app.store.forget_passwords(&counted).await?;
            return Err(Refusal::FactorsMissing.into());
        }
        let login = begin(&context.caller, &account, authorized, &counted)?;
        context.app.store.begin_login(&login, &counted).await?;
        let token = login_token(&ring, &login, &account)?;
        let mut account = account;
        keep_offered(&context.app, &mut account, client);
        let enrollable = context.app.config.offer.enrollable();
        let needed = SecondFactor {
            token,
            account,
            enrollable,
        };
        return Ok(LoggedIn::SecondFactor(Box::new(needed)));
    }
    let user = &account.user;
    if user.must_change_password {
        // The login stays pending: the change completes it.
        let login = begin(&context.caller, &account, authorized, &counted)?;
        context.app.store.begin_login(&login, &counted).await?;
        return Err(change_first(&ring, &login)?.into());
    }
    let completed = complete_at_once(context, request, user, authorized, &counted).await?;
    Ok(LoggedIn::Completed(Box::new(completed)))
}

/// Whether a login in these words has a call to enrol a factor.
fn enrols_at_login(caller: &Caller, request: &LoginRequest<'_>) -> bool {
    caller.dialect.enrolls_at_login() || request.client.is_pages()
}

/// Whether the user has nothing that could complete a login of this client.
fn cannot_complete(app: &App, account: &Account, client: &str) -> bool {
    let recovery = account.recovery.as_ref();
    let recovers = recovery.is_some_and(|codes| !codes.hashes.is_empty());
    !recovers && has_to_enrol(app, account, client)
}

/// Whether the user has confirmed what must be confirmed before a login goes
/// on. A dialect may demand more than the policy (`ConfirmationDemand`). A user who
/// has no factor yet must have confirmed the address before enrolling one. A user who
/// has a second factor to show has confirmed enough for the policy.
pub(crate) fn is_confirmed(app: &App, dialect: Dialect, account: &Account, demanded: bool) -> bool {
    let user = &account.user;
    let demand = dialect.confirmation_demand();
    match demand {
        ConfirmationDemand::Email if !user.email_confirmed => return false,
        ConfirmationDemand::Owned if !user.is_owned() => return false,
        _ => {}
    }
    let mut offered = account.factors.clone();
    app.config.offer.keep(&mut offered);
    let has_one = account.closed_factor || offered.iter().any(|factor| factor.confirmed);
    let shows_one = demanded && has_one;
    if demanded && !shows_one && !app.config.confirmation.lets_enroll(user) {
        return false;
    }
    let has_address = user.email.is_some() || user.phone.is_some();
    let wants_provider = demand == ConfirmationDemand::Provider && demanded && has_address;
    if wants_provider && !account.has_provider() {
        return false;
    }
    shows_one || app.config.confirmation.is_met_by(user)
}

/// Whether the policy wants a confirmed phone number that the user does not have, and the user's
/// e-mail address is confirmed. On our own pages, an authenticator app then stands in for the
/// number, because no sign-up takes a number.
fn number_is_missing(app: &App, user: &User) -> bool {
    let config = &app.config;
    let has_address = user.email.is_some() && user.email_confirmed;
    has_address && config.mfa_policy.asks() && !config.confirmation.is_met_by(user)
}

/// Whether a refusal in these words tells of that page.
fn tells_of_page(dialect: Dialect, user: &User) -> bool {
    match dialect.missing_number() {
        MissingNumber::Unconfirmed => false,
        MissingNumber::PageWithoutNumber => user.phone.is_none(),
        MissingNumber::Page => true,
    }
}

/// Answers a right password of a user who has to confirm an address first. For ten minutes, the
/// app may ask for the message without an access token.
async fn confirm_first(
    context: &Context,
    user: &User,
    counted: &Counted,
) -> Result<Failure, Broken> {
    context
        .app
        .store
        .permit_confirmation(user, counted, context.now())
        .await?;
    Ok(Failure::Refused(Refusal::UserUnconfirmed {
        user: user.id,
        email: user.email.clone(),
        phone: user.phone.clone(),
    }))
}

/// A pending login that begins now.
fn begin(
    caller: &Caller,
    account: &Account,
    authorized: Authorized,
    counted: &Counted,
) -> Result<Login, Broken> {
    let id = LoginId::at(caller.now, random()?);
    let user = &account.user;
    let login = Login::begin(id, user, authorized, caller.dialect, caller.now);
    Ok(Login {
        network: caller
            .dialect
            .second_step_names_the_user()
            .then(|| network_hash(caller)),
        came_from: Some(counted.charge.name_and_network.clone()),
        ..login
    })
}

/// The token that names a pending login.
pub(crate) fn login_token(ring: &Ring, login: &Login, account: &Account) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody {
        kind: TokenKind::Login,
        key: 0,
        user: login.user,
        item: *login.id.bytes(),
        generation: 0,
        factor: account.default_totp().map(|factor| factor.id),
    })
}

/// Completes the login of a user who need not show a second factor.
async fn complete_at_once(
    context: &Context,
    request: &LoginRequest<'_>,
    user: &User,
    authorized: Authorized,
    counted: &Counted,
) -> Result<Completed, Failure> {
    let authentication = Authentication {
        at: context.now(),
        method: None,
    };
    let client = request.client;
    let session = new_session(context, user, client, &authorized, authentication)?;
    match &session {
        None => {
            context
                .app
                .store
                .complete_passwords(counted, context.now())
                .await?
        }
        Some(session) => {
            let started = context
                .app
                .store
                .start_session(session, counted, context.now());
            if !started.await? {
                // The password or the standing has changed since the read.
                return Err(Refusal::CredentialsWrong.into());
            }
        }
    }
    settle_new_password(context, user, None).await;
    Ok(Completed {
        user: user.clone(),
        authorized,
        authentication,
        session_id: session_id(session.as_ref())?,
        session,
        recovery_codes: Vec::new(),
    })
}
