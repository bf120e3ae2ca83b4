//! The grants of a token endpoint. They are the same in every dialect. The dialects
//! differ in the parameters that may come with a password, and in the answers.

use crate::domain::accounts::refusals::connection_refusal::ConnectionRefusal;
use crate::domain::authorization::grant::Grant;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor::{Channel, Method};
use crate::domain::id::UserId;
use crate::domain::login::evidence::{Evidence, SubmittedCode};
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::SentTo;
use crate::domain::messages::destination::Recipient;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::wanted_authentication::WantedAuthentication;
use crate::failure::Failure;
use crate::usecase::accounts::send_confirmation::confirm_again;
use crate::usecase::accounts::sign_up::Links;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::authorization::machine_token::{MachineToken, machine_token};
use crate::usecase::authorization::redeem_authorization_code::{
    CodeRequest, redeem_authorization_code,
};
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::factors::passkeys::ceremony::is_of_new_passkey;
use crate::usecase::login::codes::send_code::factor_of_challenge;
use crate::usecase::login::codes::sign_in_by_code::{NamedCode, SignInByCode, sign_in_by_code};
use crate::usecase::login::devices::remember::RememberDevice;
use crate::usecase::login::finished_login::{Granted, LoginStep};
use crate::usecase::login::passkeys::auth0_sign_up::sign_up_by_passkey;
use crate::usecase::login::passkeys::sign_in::{SignInByPasskey, sign_in_by_passkey};
use crate::usecase::login::password_step::{
    LoginAnswer, LoginRequest, SecondFactor, password_login,
};
use crate::usecase::login::redeem::{RedeemRequest, redeem};
use crate::usecase::messages::lockout_notice::LockoutMessage;
use crate::usecase::sessions::issue_tokens::Tokens;
use crate::usecase::sessions::refresh::{RefreshAnswer, RefreshRequest, refresh};
use crate::wire::aidbox::pages::accounts::mailed_link::{RESET, confirmation_link, link};
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// The channel of the codes of this realm, or of this connection.
///
/// # Errors
/// `ConnectionUnknown`.
pub fn realm_channel(name: &str) -> Result<Channel, Refusal> {
    let channel = Channel::from_name(name).filter(|channel| *channel != Channel::Webhook);
    channel.ok_or_else(|| ConnectionRefusal::ConnectionUnknown.into())
}

/// The grants that a token endpoint takes.
pub fn token_grants() -> impl Iterator<Item = Grant> {
    let taken = |grant: &Grant| TokenGrant::of(*grant).is_some();
    Grant::ALL.into_iter().filter(taken)
}

/// What a token endpoint does for a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenGrant {
    /// User name and password, with or without a `realm`.
    Password,
    RefreshToken,
    AuthorizationCode,
    /// A code that went to a mailbox or phone, in place of a password.
    MailboxCode,
    /// A passkey, in place of a password.
    Passkey,
    /// The secret of the client alone, without a user.
    ClientCredentials,
    /// The second factor of a pending login.
    Mfa(MfaGrant),
}

/// Auth0's grants for a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaGrant {
    /// A code of an authenticator app.
    Otp,
    /// A code that was sent by a message.
    OutOfBand,
    RecoveryCode,
    /// A passkey beside another first factor. Not Auth0's.
    Passkey,
}

impl TokenGrant {
    /// What a token endpoint does for this grant. `None` if it takes no such grant.
    fn of(grant: Grant) -> Option<Self> {
        match grant {
            Grant::Password | Grant::PasswordRealm => Some(Self::Password),
            Grant::RefreshToken => Some(Self::RefreshToken),
            Grant::AuthorizationCode => Some(Self::AuthorizationCode),
            Grant::MailboxCode => Some(Self::MailboxCode),
            Grant::Passkey => Some(Self::Passkey),
            Grant::ClientCredentials => Some(Self::ClientCredentials),
            Grant::MfaOtp => Some(Self::Mfa(MfaGrant::Otp)),
            Grant::MfaOob => Some(Self::Mfa(MfaGrant::OutOfBand)),
            Grant::MfaRecoveryCode => Some(Self::Mfa(MfaGrant::RecoveryCode)),
            Grant::MfaPasskey => Some(Self::Mfa(MfaGrant::Passkey)),
            Grant::Implicit => None,
        }
    }

    /// What a request with this grant is for.
    fn attempt(self) -> Attempt {
        match self {
            Self::Password | Self::MailboxCode | Self::Passkey => Attempt::SignIn,
            Self::RefreshToken => Attempt::Refresh,
            Self::AuthorizationCode => Attempt::ExchangeCode,
            Self::ClientCredentials => Attempt::AskMachineToken,
            Self::Mfa(_) => Attempt::ShowCode,
        }
    }
}

/// A token request whose client may use the grant that it names.
pub struct GrantRequest<'a> {
    pub fields: &'a Fields,
    pub grant: TokenGrant,
    /// The request's context, with the authenticated client.
    pub context: ClientContext,
}

/// The result of a grant.
pub enum Answer {
    /// Tokens, and a new recovery code if the old one was used.
    Granted(Box<Granted>),
    /// Tokens for a refresh token or for an authorization code.
    Refreshed(Box<Tokens>),
    /// A token for the client alone.
    Machine(Box<MachineToken>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
    /// The authentication of the session is not enough for what was asked for. A factor is
    /// needed, and no password.
    StepUp(Box<SecondFactor>),
    /// The user must first confirm an address, change the password or enrol a factor.
    Next(NextStep),
}

impl From<LoginStep<Granted>> for Answer {
    fn from(step: LoginStep<Granted>) -> Self {
        match step {
            LoginStep::Done(granted) => Self::Granted(Box::new(granted)),
            LoginStep::Next(next) => Self::Next(next),
        }
    }
}

impl From<LoginAnswer> for Answer {
    fn from(answer: LoginAnswer) -> Self {
        match answer {
            LoginAnswer::Granted(granted) => Self::Granted(granted),
            LoginAnswer::SecondFactor(needed) => Self::SecondFactor(needed),
            LoginAnswer::Next(next) => Self::Next(next),
        }
    }
}

/// The parameters that a dialect reads in addition to the password.
#[derive(Default)]
pub struct WithPassword<'a> {
    /// The token of a pending login.
    pub token: Option<&'a str>,
    /// A code.
    pub shown: Option<Evidence>,
}

/// Reads a token request and authenticates its client. Checks that the client may use
/// the grant.
///
/// # Errors
/// `ParameterMissing`, `GrantUnsupported`, `ClientRejected`, `GrantNotAllowed`.
pub async fn grant_request(input: &Input) -> Result<GrantRequest<'_>, Failure> {
    let fields = input.fields()?;
    let named = Grant::from_name(fields.required("grant_type")?);
    let named = named.ok_or(TokenRefusal::GrantUnsupported)?;
    let grant = TokenGrant::of(named).ok_or(TokenRefusal::GrantUnsupported)?;
    if !input.context.caller.dialect.takes_grant(named) {
        return Err(TokenRefusal::GrantUnsupported.into());
    }
    input.context.events.is_for(grant.attempt());
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    context.client.check_grant(named)?;
    Ok(GrantRequest {
        fields,
        grant,
        context,
    })
}

/// Carries out a grant. `with_password` reads the parameters that the dialect adds to a
/// password.
///
/// # Errors
/// Those of `login`, `redeem`, `refresh` and `machine_token`.
pub async fn answer_grant(
    request: &GrantRequest<'_>,
    with_password: fn(&Fields) -> Result<WithPassword<'_>, Refusal>,
) -> Result<Answer, Failure> {
    let GrantRequest {
        fields,
        grant,
        context,
    } = request;
    // Boxed, because in a debug build the frame of this function holds each future that the
    // function awaits by value.
    match *grant {
        TokenGrant::Password => {
            let with = with_password(fields)?;
            Box::pin(password(context, fields, with)).await
        }
        TokenGrant::RefreshToken => {
            let request = RefreshRequest {
                token: fields.required("refresh_token")?,
                scope: fields.get("scope"),
                audience: fields.get("audience"),
                wanted: wanted(fields)?,
            };
            Ok(match Box::pin(refresh(context, &request)).await? {
                RefreshAnswer::Tokens(tokens) => Answer::Refreshed(tokens),
                RefreshAnswer::StepUp(needed) => Answer::StepUp(needed),
            })
        }
        TokenGrant::AuthorizationCode => {
            let request = CodeRequest {
                code: fields.required("code")?,
                redirect_uri: fields.get("redirect_uri"),
                verifier: fields.get("code_verifier"),
            };
            let tokens = Box::pin(redeem_authorization_code(context, &request)).await?;
            Ok(Answer::Refreshed(Box::new(tokens)))
        }
        TokenGrant::MailboxCode => Box::pin(by_code(context, fields)).await,
        TokenGrant::Passkey => Box::pin(by_passkey(context, fields)).await,
        TokenGrant::ClientCredentials => {
            let token = machine_token(context, fields.get("scope"), fields.get("audience")).await?;
            Ok(Answer::Machine(Box::new(token)))
        }
        TokenGrant::Mfa(mfa) => {
            let token = fields.required("mfa_token")?;
            let remember = remember(fields)?;
            let (shown, expected) = second_factor(context, fields, token, mfa).await?;
            let request = RedeemRequest {
                token,
                shown,
                expected,
                remember,
            };
            Ok(Box::pin(redeem(context, &request)).await?.into())
        }
    }
}

/// Whether the app asks to be remembered as a trusted device. Ours: no system has words for a
/// device that is a key.
pub(super) fn remember(fields: &Fields) -> Result<Option<RememberDevice>, Refusal> {
    RememberDevice::parse(fields.get("remember_device"), fields.get("device_name"))
}

/// How the user has to have authenticated (RFC 9470 4). A login that begins with this
/// request is young enough for every `max_age`.
fn wanted(fields: &Fields) -> Result<WantedAuthentication, Refusal> {
    WantedAuthentication::parse(fields.get("acr_values"), fields.get("max_age"))
}

/// The code of a mailbox or phone: with the `auth_session` that the request for the code got,
/// or with the `username` and the `realm` of the mailbox or phone.
async fn by_code(context: &ClientContext, fields: &Fields) -> Result<Answer, Failure> {
    let named = match fields.get("auth_session") {
        Some(token) => NamedCode::ByToken(token),
        None => {
            let to = fields.required("username")?;
            let channel = realm_channel(fields.required("realm")?)?;
            NamedCode::ByDestination(Recipient { channel, to })
        }
    };
    let asked = SignInByCode {
        named,
        code: fields.required_secret("otp")?,
        scope: fields.get("scope"),
        audience: fields.get("audience"),
        wants_factor: wanted(fields)?.second_level,
    };
    Ok(sign_in_by_code(context, &asked).await?.into())
}

/// The signature of a passkey, or a new passkey that signs its user up, with the
/// `auth_session` that came with its challenge.
async fn by_passkey(context: &ClientContext, fields: &Fields) -> Result<Answer, Failure> {
    let asked = SignInByPasskey {
        token: fields.required("auth_session")?,
        response: fields.required_secret("authn_response")?,
        scope: fields.get("scope"),
        audience: fields.get("audience"),
        wants_factor: wanted(fields)?.second_level,
    };
    if is_of_new_passkey(asked.response.expose()) {
        let links = Links {
            confirm: &|user: UserId, token: &str| confirmation_link(&context.app, user, token),
            reset: &|user: UserId, token: &str| link(&context.app, RESET, user, token),
        };
        let signed_up = Box::pin(sign_up_by_passkey(context, &asked, links)).await?;
        return Ok(signed_up.into());
    }
    Ok(sign_in_by_passkey(context, &asked).await?.into())
}

async fn password(
    context: &ClientContext,
    fields: &Fields,
    with: WithPassword<'_>,
) -> Result<Answer, Failure> {
    let page = format!("{}auth/forgot", context.app.config.issuer);
    // In Auth0's dialect, the answer to a locked name says that the user was notified.
    let lockout = LockoutMessage {
        page: &page,
        is_answered: false,
    };
    let request = LoginRequest {
        name: fields.required("username")?,
        password: fields.required_secret("password")?,
        scope: fields.get("scope"),
        audience: fields.get("audience"),
        login_token: with.token,
        shown: with.shown,
        lockout: Some(lockout).filter(|_| context.caller.dialect.notifies_of_a_lockout()),
        wants_factor: wanted(fields)?.second_level,
    };
    Ok(password_login(context, &request).await?.into())
}

/// Sends the confirmation link again if the user must confirm the address first. Used
/// by dialects that have no call to ask for the link.
pub async fn send_link_again(input: &Input, next: &NextStep) {
    let make_link = |user: UserId, token: &str| confirmation_link(&input.context.app, user, token);
    confirm_again(&input.context, next, &make_link).await;
}

/// The code of an MFA grant, if the request has one, and the method to name if the code
/// is missing.
pub(super) async fn second_factor(
    context: &Context,
    fields: &Fields,
    token: &str,
    grant: MfaGrant,
) -> Result<(Option<SubmittedCode>, Method), Failure> {
    Ok(match grant {
        MfaGrant::Otp => {
            let code = fields.secret("otp").cloned();
            (
                code.map(|code| SubmittedCode::Totp { code, factor: None }),
                Method::Totp,
            )
        }
        MfaGrant::RecoveryCode => {
            let code = fields.secret("recovery_code").cloned();
            (
                code.map(|code| SubmittedCode::Recovery { code }),
                Method::RecoveryCode,
            )
        }
        MfaGrant::Passkey => {
            let response = fields.secret("authn_response").cloned();
            (
                response.map(|response| SubmittedCode::Passkey { response }),
                Method::Passkey,
            )
        }
        MfaGrant::OutOfBand => (out_of_band(context, fields, token).await?, Method::Email),
    })
}

/// The code from the request, with the factor that the `oob_code` names.
async fn out_of_band(
    context: &Context,
    fields: &Fields,
    token: &str,
) -> Result<Option<SubmittedCode>, Failure> {
    let Some(code) = fields.secret("binding_code").cloned() else {
        return Ok(None);
    };
    let challenge = fields.required("oob_code")?;
    let factor = factor_of_challenge(context, token, challenge).await?;
    Ok(Some(SubmittedCode::Sent {
        code,
        to: SentTo::Factor(factor),
    }))
}
