//! Leads the login of an app of the operator's own, without a browser, to an authorization
//! code (draft-ietf-oauth-first-party-apps). The pending login is the same as after the
//! password grant; only what completes it differs.

use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::send_target::SendTarget;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::store::LoginBeside;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::login::codes::send_code::{CodeChallenge, send_code};
use crate::usecase::login::finished_login::{GrantedCode, LoginStep};
use crate::usecase::login::open_login::{open_login, open_login_token};
use crate::usecase::login::passkeys::challenge::{PasskeyChallenge, passkey_challenge};
use crate::usecase::login::passkeys::sign_in::{SignInByPasskey, show_passkey};
use crate::usecase::login::password_step::{
    LoggedIn, LoginRequest, PasswordStep, SecondFactor, log_in,
};
use crate::usecase::login::redeem::{RedeemRequest, Redemption, complete_login};

/// How far a login has come that ends in a code.
#[derive(Debug)]
pub enum CodeStep {
    /// The authorization code.
    Code(Box<GrantedCode>),
    /// A second factor is needed.
    SecondFactor(Box<SecondFactor>),
    /// The user has to do something else first.
    Next(NextStep),
}

/// Checks the password, as `password_login` does. A login that needs no second factor gives
/// the code. At most five requests to DynamoDB.
///
/// # Errors
/// Those of `password_login`; `RequestMalformed` for a public client without a code
/// challenge.
pub async fn password_for_code(
    context: &ClientContext,
    request: &LoginRequest<'_>,
    asked: &CodeWanted,
) -> Result<CodeStep, Failure> {
    let authorized = authorized(context, (request.scope, request.audience), asked)?;
    let step = PasswordStep::of(context, request, authorized);
    with_code(context, log_in(context, step).await?).await
}

/// Signs a user in with a passkey, as `sign_in_by_passkey` does. As many requests to DynamoDB.
///
/// # Errors
/// Those of `sign_in_by_passkey`; `RequestMalformed` for a public client without a code
/// challenge.
pub async fn passkey_for_code(
    context: &ClientContext,
    request: &SignInByPasskey<'_>,
    asked: &CodeWanted,
) -> Result<CodeStep, Failure> {
    let authorized = authorized(context, (request.scope, request.audience), asked)?;
    let shown = Box::pin(show_passkey(
        context,
        request,
        (context.party(), authorized),
    ))
    .await?;
    with_code(context, shown).await
}

/// The challenge that a passkey signs, where passkeys are taken. Only the holder of the key
/// of this request's proof may show its token. No request to DynamoDB.
///
/// # Errors
/// `Broken` if the keys cannot be read.
pub async fn passkey_to_sign(context: &ClientContext) -> Result<Option<PasskeyChallenge>, Failure> {
    context.events.did(EventKind::AuthorizationBegun);
    match passkey_challenge(context, context.proven_key()).await {
        Ok(challenge) => {
            let token = context.ring().await?.hide_token(&challenge.token)?;
            Ok(Some(PasskeyChallenge { token, ..challenge }))
        }
        Err(Failure::Refused(_)) => Ok(None),
        Err(broken @ Failure::Broken(_)) => Err(broken),
    }
}

/// Whether an `auth_session` names a login, and not the challenge of a passkey. No request to
/// DynamoDB.
///
/// # Errors
/// `Broken` if the keys cannot be read.
pub async fn names_a_login(context: &Context, token: &str) -> Result<bool, Failure> {
    match open_login_token(context, token).await {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(broken @ Failure::Broken(_)) => Err(broken),
    }
}

/// The client of the login that an `auth_session` names, for a request that names no client.
/// One request to DynamoDB.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`.
pub async fn client_of_login(context: &Context, token: &str) -> Result<String, Failure> {
    let login = read_named(context, token).await?;
    Ok(login.ok_or(Refusal::LoginExpired)?.authorized.client)
}

/// The login that an `auth_session` names, whoever shows the token and whether or not the
/// login is over. One batch read.
async fn read_named(context: &Context, token: &str) -> Result<Option<Login>, Failure> {
    let named = open_login_token(context, token).await?;
    let store = &context.app.store;
    let read = store.read_login(named.user(), named.login(), LoginBeside::default());
    Ok(read.await?.login)
}

/// Completes a pending login by a second factor, as `redeem` does. Three requests to
/// DynamoDB.
///
/// # Errors
/// Those of `redeem`; `RequestMalformed` for another code challenge than the one that the
/// login began with, and for a public client without a code challenge.
pub async fn factor_for_code(
    context: &ClientContext,
    request: &RedeemRequest<'_>,
    asked: &CodeWanted,
) -> Result<CodeStep, Failure> {
    let ring = context.ring().await?;
    let redemption = Redemption {
        party: context.party(),
        token: request.token,
        shown: request.shown.as_ref(),
        expected: request.expected,
        asked: Some(asked),
        remember: request.remember.as_ref(),
        session: None,
    };
    match complete_login(context, &ring, &redemption).await? {
        LoginStep::Next(next) => Ok(CodeStep::Next(next)),
        LoginStep::Done(finished) => Ok(CodeStep::Code(Box::new(finished.code(context, &ring)?))),
    }
}

/// What completes a pending login, for an app that asks again. Two requests to DynamoDB.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`; `ProofMissing`, `KeyWrong`.
pub async fn waiting_login(context: &ClientContext, token: &str) -> Result<SecondFactor, Failure> {
    let named = open_login_token(context, token).await?;
    let open = open_login(context, Some(context.party()), &named).await?;
    let account = open.account(&context.app).await?;
    let mut account = account.ok_or(Refusal::LoginExpired)?;
    let addresses = context.app.addresses();
    addresses.keep_offered(&mut account, &open.login.authorized);
    context.events.did(EventKind::AuthorizationBegun);
    Ok(SecondFactor {
        token: Secret::new(token),
        account,
        enrollable: context
            .app
            .config
            .offer
            .enrollable_at(open.login.asks_for_passkey),
    })
}

/// Has a code sent for a pending login, as `send_code` does, to the holder of the login's key.
/// One request to DynamoDB more than `send_code`.
///
/// # Errors
/// Those of `send_code`; `ProofMissing`, `KeyWrong`.
pub async fn challenge_for_code(
    context: &ClientContext,
    token: &str,
    wanted: &SendTarget,
) -> Result<LoginStep<CodeChallenge>, Failure> {
    let named = open_login_token(context, token).await?;
    let party = Some(context.party());
    open_login(context, party, &named).await?;
    let challenge = send_code(context, party, token, wanted).await?;
    match challenge {
        LoginStep::Done(CodeChallenge::Sent { .. }) => {}
        LoginStep::Done(CodeChallenge::Totp | CodeChallenge::Passkey { .. })
        | LoginStep::Next(_) => {
            context.events.did(EventKind::AuthorizationBegun);
        }
    }
    Ok(challenge)
}

/// Refuses an `auth_session` beside a password that is of another client or another key. The
/// password begins a new login, so a login that is over is no hindrance: apps keep their
/// `auth_session` after the code. One request to DynamoDB.
///
/// # Errors
/// `LoginTokenMalformed`; `ProofMissing`, `KeyWrong`.
pub async fn check_earlier_login(context: &ClientContext, token: &str) -> Result<(), Failure> {
    if let Some(login) = read_named(context, token).await? {
        login.check_began_by(&context.client.id)?;
        login.authorized.check_key(context.proven_key())?;
    }
    Ok(())
}

/// What the request may get, by a code.
fn authorized(
    context: &ClientContext,
    (scope, audience): (Option<&str>, Option<&str>),
    asked: &CodeWanted,
) -> Result<Authorized, Refusal> {
    context.client.check_code_asked(asked)?;
    Ok(Authorized {
        code: Some(asked.clone()),
        ..context.bound_authorization(scope, audience)?
    })
}

/// The answer to a first factor.
async fn with_code(context: &ClientContext, logged_in: LoggedIn) -> Result<CodeStep, Failure> {
    let ring = context.ring().await?;
    Ok(match logged_in {
        LoggedIn::SecondFactor(mut needed) => {
            needed.token = ring.hide_token(&needed.token)?;
            CodeStep::SecondFactor(needed)
        }
        LoggedIn::Next(next) => CodeStep::Next(next),
        LoggedIn::Finished(finished) => CodeStep::Code(Box::new(finished.code(context, &ring)?)),
    })
}
