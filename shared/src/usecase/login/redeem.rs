//! Completes a pending login, once. Only the client that began the login may do
//! so.

use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::login::codes::login_reads::LoginReads;
use crate::domain::login::completion::Completion;
use crate::domain::login::evidence::SubmittedCode;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::Proof;
use crate::domain::login::throttle::Guesser;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::party::Party;
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, recovery_hash};
use crate::store::{LoginBeside, LoginRedemption, Redeemed};
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;
use crate::usecase::factors::confirm_factor::complete_enrolment;
use crate::usecase::factors::recovery_codes::new_recovery_code;
use crate::usecase::login::codes::prove::{Guess, give_guess_back, prove};
use crate::usecase::login::devices::remember::RememberDevice;
use crate::usecase::login::finished_login::finished_session_id;
use crate::usecase::login::finished_login::{
    FinishedLogin, Granted, LoginStep, RedeemedBy, settle_new_password,
};
use crate::usecase::login::open_login::{
    OpenLogin, ProvableLogin, ProvenLogin, check_browser, open_login_or_access_token,
    open_login_token, open_provable_login,
};
use crate::usecase::login::passkeys::second_factor::prove_passkey;
use crate::usecase::login::required_password_change::{change_first, verify_and_change_first};
use crate::usecase::messages::delivery_report::note_arrival;
use crate::usecase::messages::notice::read_and_tell;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result};

/// A request for the tokens of a pending login.
pub struct RedeemRequest<'a> {
    /// The token that names the pending login.
    pub token: &'a str,
    /// The code, unless the login was verified before.
    pub shown: Option<SubmittedCode>,
    /// The kind of code that the refusal names if a code is needed and none came.
    pub expected: Method,
    /// The device that the request asks to remember, if it does.
    pub remember: Option<RememberDevice>,
}

/// Redeems the login that a token names, by a code or, once it was verified
/// with that token, by the token alone. At most four requests to DynamoDB,
/// one more when the budget is in use, two when a verify comes in between.
///
/// # Errors
/// `LoginTokenMalformed`, `LoginExpired`, `CodeMissing`, `CodeWrong`,
/// `CodesExhausted`, `CodesClosed`; `ProofMissing`, `KeyWrong` for a login that is bound to
/// a key; `ProofMissing` for a device that is to be remembered without a key.
pub async fn redeem(
    context: &ClientContext,
    request: &RedeemRequest<'_>,
) -> Result<LoginStep<Granted>, Failure> {
    let ring = context.ring().await?;
    let redemption = Redemption {
        party: context.party(),
        token: request.token,
        shown: request.shown.as_ref(),
        expected: request.expected,
        asked: None,
        remember: request.remember.as_ref(),
        session: None,
    };
    let step = complete_login(context, &ring, &redemption).await?;
    Ok(step.try_map(|finished| finished.tokens(context, &ring))?)
}

/// What `complete_login` takes, from an app or from our own pages.
pub(crate) struct Redemption<'a> {
    pub party: Party<'a>,
    pub token: &'a str,
    pub shown: Option<&'a SubmittedCode>,
    pub expected: Method,
    /// The code that the request asks for in place of tokens, if it does.
    pub asked: Option<&'a CodeWanted>,
    /// As in `RedeemRequest`.
    pub remember: Option<&'a RememberDevice>,
    /// The cookie of the session of the browser that asks, if it has one.
    pub session: Option<&'a str>,
}

impl<'a> Redemption<'a> {
    fn redeemed_by(&self, ring: &'a Ring) -> RedeemedBy<'a> {
        RedeemedBy {
            party: self.party,
            ring,
            counted: None,
            asked: self.asked,
            gives_back: None,
            remember: self.remember,
        }
    }
}

/// Completes a login as `redeem` does, but makes no tokens. The caller makes the tokens
/// or the cookie from the completed login.
pub(crate) async fn complete_login(
    context: &Context,
    ring: &Ring,
    request: &Redemption<'_>,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let provable = opened(context, request).await?;
    let Some(shown @ SubmittedCode::Passkey { response }) = request.shown else {
        return complete_opened(context, ring, request, provable).await;
    };
    let open = &provable.open;
    let passkey = prove_passkey(context, request.party, open, response);
    let passkey = Box::pin(passkey).await?;
    let proven = ProvenLogin {
        open,
        proof: &passkey.proof,
        compared: passkey.new.as_ref(),
    };
    let guess = Guess {
        shown,
        charged_to: Guesser::User(open.user.id),
    };
    complete_guessed(context, &request.redeemed_by(ring), proven, guess).await
}

/// Completes a login that enrols a factor, and makes no tokens. That factor's first code
/// completes the login.
///
/// # Errors
/// The errors of `redeem`; `EnrolmentMissing` for a login that enrols nothing. Then
/// nothing is charged or written.
pub(crate) async fn complete_enrolling(
    context: &Context,
    ring: &Ring,
    request: &Redemption<'_>,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let provable = opened(context, request).await?;
    if provable.open.login.enrolment.is_none() {
        return Err(EnrolmentRefusal::EnrolmentMissing.into());
    }
    complete_opened(context, ring, request, provable).await
}

async fn opened(context: &Context, request: &Redemption<'_>) -> Result<ProvableLogin, Failure> {
    let named = match request.asked {
        None => open_login_or_access_token(context, request.token).await?,
        Some(_) => open_login_token(context, request.token).await?,
    };
    let beside = request.shown.map(LoginReads::of_code).unwrap_or_default();
    let mut provable = open_provable_login(context, Some(request.party), &named, beside).await?;
    let login = &mut provable.open.login;
    if request.party.is_pages() && login.steps_up.is_some() {
        check_browser(context, request.session, login).await?;
    }
    login.authorized = login.authorized.clone().given_as(request.asked)?;
    if let (Party::App(client), Some(asked)) = (request.party, &login.authorized.code) {
        client.check_code_asked(asked)?;
    }
    if let Some(remember) = request.remember {
        remember.check(context, &login.authorized)?;
    }
    Ok(provable)
}

async fn complete_opened(
    context: &Context,
    ring: &Ring,
    request: &Redemption<'_>,
    provable: ProvableLogin,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let by = request.redeemed_by(ring);
    match request.shown {
        Some(shown) => {
            let guess = Guess {
                shown,
                charged_to: Guesser::User(provable.open.user.id),
            };
            prove_and_complete(context, &by, &[provable], guess).await
        }
        None => {
            let open = &provable.open;
            let proven = ProvenLogin {
                open,
                proof: open.login.proof_by_token(request.expected)?,
                compared: None,
            };
            complete(context, &by, proven).await
        }
    }
}

/// Completes one of these logins by the code.
pub(super) async fn prove_and_complete(
    context: &Context,
    by: &RedeemedBy<'_>,
    logins: &[ProvableLogin],
    guess: Guess<'_>,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let (target, proof) = prove(context, by.ring, logins, guess).await?;
    let proven = ProvenLogin {
        open: &target.open,
        proof: &proof,
        compared: target.factor.as_ref(),
    };
    complete_guessed(context, by, proven, guess).await
}

/// Completes a login after a right guess, which is given back.
async fn complete_guessed(
    context: &Context,
    by: &RedeemedBy<'_>,
    proven: ProvenLogin<'_>,
    guess: Guess<'_>,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let ProvenLogin { open, proof, .. } = proven;
    let by = &RedeemedBy {
        gives_back: by.asked.map(|_| guess.charged_to),
        ..*by
    };
    let mut finished = complete(context, by, proven).await;
    if let Err(Failure::Refused(Refusal::LoginExpired)) = finished
        && let Ok(Some(now)) = verified_meanwhile(context, open, proof).await
    {
        let proven = ProvenLogin {
            open: &now,
            proof,
            compared: None,
        };
        finished = complete(context, by, proven).await;
    }
    let gave_back = matches!(&finished, Ok(LoginStep::Done(finished)) if finished.gave_back);
    if !gave_back {
        give_guess_back(context, guess, open).await;
    }
    note_arrival(context, &open.user, proof).await;
    finished
}

/// The login as it is now, if the same code verified it a moment ago.
async fn verified_meanwhile(
    context: &Context,
    open: &OpenLogin,
    ours: &Proof,
) -> Result<Option<OpenLogin>, Broken> {
    let (user, login) = (open.user.id, open.login.id);
    let beside = LoginBeside::default();
    let read = context.app.store.read_login(user, login, beside).await?;
    let (Some(user), Some(mut login)) = (read.user, read.login) else {
        return Ok(None);
    };
    if !login.is_verified_by(ours) || login.check_live(&user, context.now()).is_err() {
        return Ok(None);
    }
    // What this request asks for is not in the table.
    login.authorized.clone_from(&open.login.authorized);
    Ok(Some(OpenLogin { user, login }))
}

pub(super) async fn complete(
    context: &Context,
    by: &RedeemedBy<'_>,
    proven: ProvenLogin<'_>,
) -> Result<LoginStep<FinishedLogin>, Failure> {
    let ProvenLogin { open, proof, .. } = proven;
    let authorized = &open.login.authorized;
    authorized.check_key(context.proven_key())?;
    if authorized.code.is_some() != by.asked.is_some() {
        return Err(Refusal::LoginTokenMalformed.into());
    }
    let addresses = context.app.addresses();
    match addresses.completion(&open.user, &open.login, proof) {
        Completion::AllowsEnrolment => {
            let next = note_proven_address(context, proven).await?;
            Ok(LoginStep::Next(next))
        }
        Completion::Enrols => {
            let finished = complete_enrolment(context, by, proven).await?;
            if open.login.is_of_session() {
                return Ok(LoginStep::Done(finished));
            }
            settle_new_password(context, &finished.user, None).await;
            Ok(LoginStep::Done(finished.noted(context)))
        }
        Completion::EnrolsBeforeChange => {
            let finished = complete_enrolment(context, by, proven).await?;
            context.events.did(EventKind::PasswordDemanded);
            let next = change_first(by.ring, &open.login, finished.recovery_codes)?;
            Ok(LoginStep::Next(next))
        }
        Completion::ChangesPassword => {
            let next = verify_and_change_first(context, by.ring, proven).await?;
            Ok(LoginStep::Next(next))
        }
        Completion::Completes => {
            let finished = redeem_proven(context, by, proven).await?;
            Ok(LoginStep::Done(finished))
        }
    }
}

/// Notes that the user reads the confirmed address. The login may enrol a factor now.
///
/// # Errors
/// `LoginExpired`.
async fn note_proven_address(
    context: &Context,
    proven: ProvenLogin<'_>,
) -> Result<NextStep, Failure> {
    let (login, proof) = (&proven.open.login, proven.proof);
    let store = &context.app.store;
    let shown = login.address_shown
        || store
            .mark_address_proven(login, proof, context.now())
            .await?;
    if !shown {
        return Err(Refusal::LoginExpired.into());
    }
    let events = &context.events;
    events.did_with(EventKind::FactorVerified, proof.method());
    Ok(NextStep::Enrol)
}

/// Redeems the login, and makes its session.
async fn redeem_proven(
    context: &Context,
    by: &RedeemedBy<'_>,
    proven: ProvenLogin<'_>,
) -> Result<FinishedLogin, Failure> {
    let ProvenLogin { open, proof, .. } = proven;
    let authentication = Authentication {
        first: open.login.first_factor(),
        at: open.login.authenticated_at(context.now()),
        method: Some(proof.method()),
        key: proof.second_key(),
    };
    let authorized = &open.login.authorized;
    let new = NewSession {
        user: &open.user,
        party: by.party,
        authorized,
        authentication,
    };
    let result = login_result(context, &new)?.map(|result| open.login.bounded(result));
    let style = context.caller.dialect.recovery_codes();
    let recovery_code = match proof {
        Proof::Recovery { .. } if style.replaces_used_code() => Some(new_recovery_code()?),
        _ => None,
    };
    let hash = recovery_code
        .as_ref()
        .map(|code| recovery_hash(open.user.id, code));
    let resealed = proven.resealed(by.ring)?;
    let asked = by.remember;
    let device = asked.map(|asked| asked.device(context, open, proof.method()));
    let device = device.transpose()?.flatten();
    let redemption = LoginRedemption {
        login: &open.login,
        proof,
        result: result.as_ref(),
        gives_back: by.gives_back,
        new_recovery: hash.as_deref(),
        counted: by.counted,
        resealed: resealed.as_ref(),
        device: device.as_ref(),
    };
    let store = &context.app.store;
    match store.redeem_login(&redemption, context.now()).await? {
        Redeemed::Done => {}
        Redeemed::LoginOver => return Err(Refusal::LoginExpired.into()),
        Redeemed::ProofUsed => return Err(Refusal::CodeWrong(proof.method()).into()),
    }
    let user = &open.user;
    if device.is_some() {
        context.events.did(EventKind::DeviceRemembered);
        Box::pin(read_and_tell(context, user, Notice::DeviceRemembered)).await;
    }
    settle_new_password(context, user, Some(proof)).await;
    let finished = FinishedLogin {
        user: user.clone(),
        authorized: authorized.clone(),
        authentication,
        session_id: finished_session_id(&open.login, result.as_ref())?,
        result,
        recovery_codes: recovery_code.into_iter().collect(),
        gave_back: by.gives_back.is_some(),
        device: device.map(|remembered| remembered.device),
    };
    Ok(finished.noted(context))
}
