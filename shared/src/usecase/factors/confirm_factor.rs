//! Confirms a new factor, when its first right code comes.

use crate::app::App;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::enrolling::confirmation::{
    SessionAfter, brings_recovery_codes, confirms_own_address,
};
use crate::domain::factors::enrolment::Enrolment;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, RecoveryCodes};
use crate::domain::login::pending_login::Proof;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::login_result::LoginResult;
use crate::failure::Failure;
use crate::store::{Counted, FactorConfirmation, LoginVerification};
use crate::usecase::context::Context;
use crate::usecase::factors::recovery_codes::{RECOVERY_CODES, new_recovery_codes};
use crate::usecase::login::finished_login::{FinishedLogin, RedeemedBy};
use crate::usecase::login::open_login::{OpenLogin, ProvenLogin};
use crate::usecase::messages::notice::read_and_tell;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result, session_id_or_new};
use crate::usecase::sessions::kept_session::session_after;

/// Completes a login that enrols a factor (`SessionAfter`).
///
/// # Errors
/// The errors of `confirm`; `EnrolmentMissing` for a login that enrols nothing.
pub(crate) async fn complete_enrolment(
    context: &Context,
    by: &RedeemedBy<'_>,
    proven: ProvenLogin<'_>,
) -> Result<FinishedLogin, Failure> {
    let ProvenLogin { open, proof, .. } = proven;
    let enrolment = open.login.enrolment.as_ref();
    let enrolment = enrolment.ok_or(EnrolmentRefusal::EnrolmentMissing)?;
    let (user, authorized) = (open.user.with_new_factor(), &open.login.authorized);
    let by_code = || Authentication {
        first: open.login.first_factor(),
        at: context.now(),
        method: Some(proof.method()),
        key: proof.second_key(),
    };
    let (authentication, result) = match SessionAfter::of(&open.login, enrolment, &open.user) {
        SessionAfter::GoesOn(began) => {
            let session = session_after(context, &open.user, began, authorized);
            (began.authentication, Some(session.into()))
        }
        SessionAfter::Waits => (by_code(), None),
        SessionAfter::Begins => {
            let authentication = by_code();
            let new = NewSession {
                user: &user,
                party: by.party,
                authorized,
                authentication,
            };
            (authentication, login_result(context, &new)?)
        }
    };
    let (new_codes, recovery_codes) = match brings_recovery_codes(by.party, proof) {
        true => {
            let (codes, texts) = new_recovery_codes(user.id, RECOVERY_CODES)?;
            (Some(codes), texts)
        }
        false => (None, Vec::new()),
    };
    let recovery = new_codes.as_ref().or(enrolment.recovery.as_ref());
    let confirmed = Confirmed {
        enrolment,
        proof,
        recovery,
        result: result.as_ref(),
        passkey: proven.compared.filter(|new| new.passkey().is_some()),
    };
    confirm_new_factor(context, open, confirmed, by.counted).await?;
    Ok(FinishedLogin {
        user,
        authorized: authorized.clone(),
        authentication,
        session_id: session_id_or_new(result.as_ref())?,
        // A session that goes on already has its refresh token.
        result: result.filter(|_| enrolment.session.is_none()),
        recovery_codes,
        gave_back: false,
        device: None,
    })
}

/// What is written when a factor is confirmed.
pub(crate) struct Confirmed<'a> {
    pub enrolment: &'a Enrolment,
    pub proof: &'a Proof,
    pub recovery: Option<&'a RecoveryCodes>,
    pub result: Option<&'a LoginResult>,
    /// The new passkey, if the factor is one.
    pub passkey: Option<&'a Factor>,
}

/// Writes the confirmation, then tells the user.
///
/// # Errors
/// `LoginExpired` if the login is over; `CodeWrong` if the code was used.
pub(crate) async fn confirm_new_factor(
    context: &Context,
    open: &OpenLogin,
    confirmed: Confirmed<'_>,
    counted: Option<&Counted>,
) -> Result<(), Failure> {
    let Confirmed {
        enrolment,
        proof,
        recovery,
        result,
        passkey,
    } = confirmed;
    let wrong = || Failure::from(Refusal::CodeWrong(proof.method()));
    if !proof.is_of(enrolment.factor) {
        return Err(wrong());
    }
    let confirms = confirms(&context.app, &open.user, enrolment).await?;
    let confirmation = FactorConfirmation {
        login: &open.login,
        enrolment,
        proof,
        recovery,
        result,
        passkey,
        confirms,
        owned: open.user.is_owned() || confirms.is_some(),
        waits_for_password: open.login.waits_for_password(&open.user),
    };
    let store = &context.app.store;
    match store
        .confirm_enrolment(&confirmation, counted, context.now())
        .await?
    {
        LoginVerification::Done => {}
        LoginVerification::LoginOver => return Err(Refusal::LoginExpired.into()),
        LoginVerification::ProofUsed => return Err(wrong()),
    }
    let events = &context.events;
    events.did_with(EventKind::FactorEnrolled, proof.method());
    if confirms.is_some() {
        events.did(EventKind::EmailConfirmed);
    }
    let user = open.user.with_new_factor();
    read_and_tell(context, &user, Notice::FactorAdded(proof.method())).await;
    Ok(())
}

/// The e-mail address that a code of this enrolment confirms, if the address is
/// not confirmed yet. Then one request to DynamoDB.
///
/// # Errors
/// `AddressUnconfirmed` for any other factor, because an earlier version may have
/// begun the enrolment without asking for a confirmed address.
async fn confirms<'a>(
    app: &App,
    user: &'a User,
    enrolment: &Enrolment,
) -> Result<Option<&'a str>, Failure> {
    if user.is_owned() {
        return Ok(None);
    }
    let account = app.store.read_account(user.id).await?;
    let factors = account.map(|account| account.factors).unwrap_or_default();
    let factor = factors.iter().find(|one| one.id == enrolment.factor);
    let own = confirms_own_address(app.config.confirmation, user, factor)?;
    Ok(user.email.as_deref().filter(|_| own))
}
