//! The password step: counts the guess, compares the password, and answers
//! with tokens or with the token of a pending login.

use crate::domain::accounts::user::{Account, User};
use crate::domain::authorization::client::Authorized;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Method;
use crate::domain::id::LoginId;
use crate::domain::login::admission::{Admission, LoginRules};
use crate::domain::login::begin_login::LoginOrigin;
use crate::domain::login::evidence::Evidence;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::{Authentication, FirstFactor};
use crate::domain::sessions::party::Party;
use crate::domain::token::{LoginToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, random_bytes};
use crate::store::Counted;
use crate::usecase::accounts::anonymous_rate_limit::network_hash;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::{Caller, Context};
use crate::usecase::login::check_password::{PasswordGuess, check_password, parse_login};
use crate::usecase::login::devices::sign_in::sign_in_on_device;
use crate::usecase::login::finished_login::settle_new_password;
use crate::usecase::login::finished_login::{FinishedLogin, Granted, LoginStep};
use crate::usecase::login::passkeys::second_challenge::asks_for_passkey;
use crate::usecase::login::redeem_with_password::{RightPassword, redeem_with_password};
use crate::usecase::login::required_password_change::change_first;
use crate::usecase::messages::lockout_notice::LockoutMessage;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result, session_id_or_new};

/// A name, a password, and what the request asks for.
pub struct LoginRequest<'a> {
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
    /// Whether the tokens have to be of the second level.
    pub wants_factor: bool,
}

/// What a right password gives.
#[derive(Debug)]
pub enum LoginAnswer {
    /// Tokens: the user has no second factor on, or has shown it before.
    Granted(Box<Granted>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
    /// The user has to do something else first. `Enrol` is for a user who must enrol a
    /// factor, which this dialect cannot do at a login.
    Next(NextStep),
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
        self.account.completing_methods()
    }
}

/// Logs a user in, or begins a pending login. At most five requests to DynamoDB (eight with a
/// code in the same request), and one more each when a window ends or a weak hash is replaced.
///
/// # Errors
/// `ScopeNotAllowed`, `AudienceNotAllowed`, `CredentialsWrong`,
/// `PasswordsExhausted`, `AccountInactive`; with a login token or a code `LoginTokenMalformed`, `LoginExpired`, `CodeWrong`, `CodesExhausted`,
/// `CodesClosed`.
pub async fn password_login(
    context: &ClientContext,
    request: &LoginRequest<'_>,
) -> Result<LoginAnswer, Failure> {
    let authorized = context.bound_authorization(request.scope, request.audience)?;
    let step = PasswordStep::of(context, request, authorized);
    log_in(context, step).await?.with_tokens(context).await
}

/// What `log_in` takes, from an app or from our own pages. A `LoginRequest` has the
/// scopes and the audience that an app asks for; a `PasswordStep` has what the client
/// may get of them.
pub(crate) struct PasswordStep<'a> {
    pub party: Party<'a>,
    pub authorized: Authorized,
    pub name: &'a str,
    pub password: &'a Secret,
    pub login_token: Option<&'a str>,
    pub shown: Option<&'a Evidence>,
    pub lockout: Option<LockoutMessage<'a>>,
    pub wants_factor: bool,
    /// The cookie of a trusted browser, if our own pages ask and the browser has one.
    pub browser: Option<&'a str>,
}

impl<'a> PasswordStep<'a> {
    /// The step of an app that is granted this.
    pub fn of(
        context: &'a ClientContext,
        request: &'a LoginRequest<'_>,
        authorized: Authorized,
    ) -> Self {
        Self {
            party: context.party(),
            authorized,
            name: request.name,
            password: request.password,
            login_token: request.login_token,
            shown: request.shown.as_ref(),
            lockout: request.lockout,
            wants_factor: request.wants_factor,
            browser: None,
        }
    }
}

/// What a right password gives, before tokens, a code or a cookie are made.
pub(crate) enum LoggedIn {
    /// The login is complete.
    Finished(Box<FinishedLogin>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
    /// The user has to do something else first.
    Next(NextStep),
}

impl LoggedIn {
    /// The answer to an app that gets tokens.
    pub async fn with_tokens(self, context: &ClientContext) -> Result<LoginAnswer, Failure> {
        Ok(match self {
            Self::SecondFactor(needed) => LoginAnswer::SecondFactor(needed),
            Self::Next(next) => LoginAnswer::Next(next),
            Self::Finished(finished) => {
                let ring = context.ring().await?;
                let granted = finished.tokens(context, &ring)?;
                LoginAnswer::Granted(Box::new(granted))
            }
        })
    }
}

/// Checks the password and leads the login, as `password_login` does, but makes no
/// tokens. `password_login` makes the tokens of an app from the result, and our pages
/// make a cookie.
pub(crate) async fn log_in(context: &Context, step: PasswordStep<'_>) -> Result<LoggedIn, Failure> {
    let (party, authorized) = (step.party, step.authorized);
    context.events.is_by_client(party.name());
    let ring = context.ring().await?;
    let (name, charge) = parse_login(&context.caller, step.name, step.password)?;
    let guess = PasswordGuess {
        name: &name,
        password: step.password,
        charge: &charge,
        lockout: step.lockout,
    };
    let (mut account, counted) = check_password(context, &ring, &guess).await?;
    let asks = asks_for_passkey(context, party, FirstFactor::Password);
    if asks {
        account.ask_for_passkeys();
    }
    let rules = LoginRules {
        wants_factor: step.wants_factor,
        ..login_rules(context, party.is_pages())
    };
    let demanded = match rules.admit(&account, context.now()) {
        Admission::ConfirmFirst => {
            let next = confirm_first(context, &account.user, &counted).await?;
            return Ok(LoggedIn::Next(next));
        }
        Admission::EnrolOnPage => {
            context.app.store.forget_passwords(&counted).await?;
            return Ok(LoggedIn::Next(NextStep::Enrol));
        }
        Admission::SecondFactor => true,
        Admission::PasswordOnly => false,
    };
    let shown = step.shown.filter(|_| demanded);
    let shown = shown.map(|shown| shown.beside_password(&account));
    let right = RightPassword {
        party,
        account: &account,
        authorized: &authorized,
        counted: &counted,
        token: step.login_token,
        shown: shown.as_ref(),
    };
    let granted = redeem_with_password(context, &ring, &right).await;
    if let Err(Failure::Refused(_)) | Ok(Some(LoginStep::Next(_))) = granted {
        // The password was right; something else was refused or comes first.
        context.app.store.forget_passwords(&counted).await?;
    }
    match granted? {
        None => {}
        Some(LoginStep::Done(finished)) => return Ok(LoggedIn::Finished(Box::new(finished))),
        Some(LoginStep::Next(next)) => return Ok(LoggedIn::Next(next)),
    }
    // What the request wants by name, and a new password, take a factor.
    let may_stand_in = rules.has_offered_factor(&account)
        && !rules.wants_factor
        && !account.user.must_change_password;
    if demanded
        && may_stand_in
        && let Some(finished) = Box::pin(sign_in_on_device(context, &right, step.browser)).await?
    {
        return Ok(LoggedIn::Finished(Box::new(finished)));
    }
    if demanded {
        let addresses = context.app.addresses();
        if rules.must_enrol_elsewhere(addresses, &account, &authorized) {
            context.app.store.forget_passwords(&counted).await?;
            return Ok(LoggedIn::Next(NextStep::Enrol));
        }
        let mut login = begin(&context.caller, &account, authorized, &counted)?;
        login.asks_for_passkey = asks;
        context.app.store.begin_login(&login, &counted).await?;
        context.events.did(EventKind::FactorDemanded);
        let token = login_token(&ring, &login, &account)?;
        addresses.keep_offered(&mut account, &login.authorized);
        let enrollable = context.app.config.offer.enrollable_at(asks);
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
        context.events.did(EventKind::PasswordDemanded);
        return Ok(LoggedIn::Next(change_first(&ring, &login, Vec::new())?));
    }
    let finished = complete_at_once(context, &right).await?;
    Ok(LoggedIn::Finished(Box::new(finished)))
}

/// What the settings and the dialect of the request demand of a login.
pub(crate) fn login_rules(context: &Context, at_pages: bool) -> LoginRules<'_> {
    let config = &context.app.config;
    LoginRules {
        mfa: config.mfa_policy,
        confirmation: config.confirmation,
        offer: &config.offer,
        dialect: context.caller.dialect,
        at_pages,
        wants_factor: false,
        shown_two: false,
        trusts_devices: config.trusted_device_seconds.is_some(),
    }
}

/// Answers a right password of a user who has to confirm an address first. For ten minutes, the
/// app may ask for the message without an access token.
async fn confirm_first(
    context: &Context,
    user: &User,
    counted: &Counted,
) -> Result<NextStep, Broken> {
    context
        .app
        .store
        .permit_confirmation(user, Some(counted), context.now())
        .await?;
    Ok(NextStep::ConfirmAddress {
        user: user.id,
        email: user.email.clone(),
        phone: user.phone.clone(),
    })
}

/// A pending login that begins now.
fn begin(
    caller: &Caller,
    account: &Account,
    authorized: Authorized,
    counted: &Counted,
) -> Result<Login, Broken> {
    let id = LoginId::at(caller.now, random_bytes()?);
    let user = &account.user;
    let names_the_user = caller.dialect.second_step_names_the_user();
    let origin = LoginOrigin {
        network: names_the_user.then(|| network_hash(caller)),
        name_and_network: counted.charge.name_and_network.clone(),
        mailbox: None,
        passkey: None,
    };
    let (dialect, now) = (caller.dialect, caller.now);
    Ok(Login::begin_from(
        origin, id, user, authorized, dialect, now,
    ))
}

/// The token that names a pending login.
pub(crate) fn login_token(ring: &Ring, login: &Login, account: &Account) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody::Login(LoginToken {
        user: login.user,
        login: login.id,
        app: account.default_totp().map(|factor| factor.id),
    }))
}

/// Completes the login of a user who need not show a second factor.
async fn complete_at_once(
    context: &Context,
    right: &RightPassword<'_>,
) -> Result<FinishedLogin, Failure> {
    let (user, counted) = (&right.account.user, right.counted);
    let authentication = Authentication {
        first: FirstFactor::Password,
        at: context.now(),
        method: None,
        key: None,
    };
    let new = NewSession {
        user,
        party: right.party,
        authorized: right.authorized,
        authentication,
    };
    let result = login_result(context, &new)?;
    match &result {
        None => {
            context
                .app
                .store
                .complete_passwords(counted, context.now())
                .await?
        }
        Some(result) => {
            let started = context
                .app
                .store
                .start_session(result, counted, context.now());
            if !started.await? {
                // The password or the standing has changed since the read.
                return Err(Refusal::CredentialsWrong.into());
            }
        }
    }
    settle_new_password(context, user, None).await;
    Ok(FinishedLogin {
        user: user.clone(),
        authorized: right.authorized.clone(),
        authentication,
        session_id: session_id_or_new(result.as_ref())?,
        result,
        recovery_codes: Vec::new(),
        gave_back: false,
        device: None,
    }
    .noted(context))
}
