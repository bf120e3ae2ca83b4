//! The factors of a signed-in user, in the words of Auth0's My Account API.

use crate::domain::accounts::user::Account;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Factor;
use crate::domain::factors::factor_demand::strongest;
use crate::domain::id::{FactorId, SessionId, UserId};
use crate::domain::secret::Secret;
use crate::domain::sessions::audience::Audience;
use crate::domain::sessions::standing::SessionState;
use crate::failure::Failure;
use crate::usecase::context::Context;
use crate::usecase::factors::auth0_recovery_codes::{NewRecoveryCode, replace_recovery_codes};
use crate::usecase::factors::authenticator_app::{Confirming, confirm_begun};
use crate::usecase::factors::enroll::{EnrolmentBegun, begin_enrolment};
use crate::usecase::factors::enrolment_subject::EnrolmentSubject;
use crate::usecase::retry::{ATTEMPTS, overtaken};
use crate::usecase::sessions::authenticate::authenticate;
use crate::usecase::sessions::form_token::{Binding, check_form, form_token};
use crate::usecase::sessions::requirement::{
    Bearer, ProfileAlone, Required, ToChangeFactors, WithFactors,
};

/// What the endpoints of the My Account API require with this scope.
pub(in crate::usecase) fn of_my_api<R>(scope: KnownScope, read: R) -> Required<'static, R> {
    Required {
        audience: Audience::MyAccount,
        scope: Some(scope),
        session: SessionState::Live,
        role: None,
        read,
    }
}

/// The user of an access token for the My Account API with this scope, with the factors.
/// Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`.
pub async fn my_factors(
    context: &Context,
    token: &str,
    scope: KnownScope,
) -> Result<Account, Failure> {
    let read = authenticate(context, token.into(), of_my_api(scope, WithFactors)).await?;
    Ok(read.1)
}

/// Names a factor of a user. One request to DynamoDB.
///
/// # Errors
/// `FactorNotFound` if the factor was removed meanwhile.
pub async fn name_my_factor(
    context: &Context,
    (user, factor): (UserId, FactorId),
    name: &str,
) -> Result<(), Failure> {
    let store = &context.app.store;
    match store.name_factor(user, factor, name).await? {
        true => Ok(()),
        false => Err(EnrolmentRefusal::FactorNotFound.into()),
    }
}

/// An enrolment that a session has begun.
pub struct MyEnrolment {
    pub begun: EnrolmentBegun,
    /// Has to come with the first code of the factor.
    pub auth_session: Secret,
}

/// Begins to enrol a factor, as `enroll` does for an access token.
///
/// # Errors
/// The errors of `enroll`.
pub async fn enroll_mine(
    context: &Context,
    token: &str,
    new: &NewFactor,
) -> Result<MyEnrolment, Failure> {
    for _ in 0..ATTEMPTS {
        let required = of_my_api(KnownScope::CreateMyMethods, ToChangeFactors(strongest));
        let changing = authenticate(context, token.into(), required).await?;
        let subject = EnrolmentSubject::by_session(context, changing).await?;
        let session = subject.session.map(|began| began.id);
        let session = session.ok_or(EnrolmentRefusal::EnrolmentMissing)?;
        if let Some(begun) = begin_enrolment(context, subject, new).await? {
            let text = binding(session, begun.factor);
            let auth_session = form_token(context, Binding::Enrolment(&text)).await?;
            return Ok(MyEnrolment {
                begun,
                auth_session,
            });
        }
    }
    Err(overtaken())
}

/// The first code of a factor of the user's own.
pub struct MyEnrolmentCode<'a> {
    pub factor: FactorId,
    pub auth_session: &'a str,
    pub code: &'a Secret,
}

/// Confirms a factor by its first code, and gives the factor. Eight requests to DynamoDB with
/// the notice, and one more while the budget of codes is in use.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`; `EnrolmentMissing` for a factor that this
/// session has not begun; `CodeWrong`, `CodesExhausted`, `CodesClosed`.
pub async fn verify_mine(
    context: &Context,
    token: &str,
    first: &MyEnrolmentCode<'_>,
) -> Result<Factor, Failure> {
    let required = of_my_api(KnownScope::CreateMyMethods, ProfileAlone);
    let bearer = authenticate(context, token.into(), required).await?;
    check_binding(context, &bearer, (first.factor, first.auth_session)).await?;
    let confirming = Confirming {
        code: first.code,
        factor: Some(first.factor),
        recovery: None,
    };
    confirm_begun(context, &bearer, confirming).await
}

/// Checks that this session has begun the factor.
async fn check_binding(
    context: &Context,
    bearer: &Bearer,
    (factor, shown): (FactorId, &str),
) -> Result<(), Failure> {
    let text = binding(bearer.session_id()?, factor);
    match check_form(context, Binding::Enrolment(&text), Some(shown)).await {
        Err(Failure::Refused(_)) => Err(EnrolmentRefusal::EnrolmentMissing.into()),
        checked => checked,
    }
}

/// Replaces the recovery code. The new code is good at once.
///
/// # Errors
/// The errors of `replace_recovery_codes`.
pub async fn begin_my_recovery_code(
    context: &Context,
    token: &str,
) -> Result<(NewRecoveryCode, Secret), Failure> {
    let right = (Audience::MyAccount, KnownScope::CreateMyMethods);
    let made = replace_recovery_codes(context, token, right).await?;
    let session = made.session.ok_or(EnrolmentRefusal::EnrolmentMissing)?;
    let text = binding(session, made.id);
    let auth_session = form_token(context, Binding::Enrolment(&text)).await?;
    Ok((made, auth_session))
}

/// The user, whose session has made this recovery code. Nothing is left to confirm, because
/// the code is good already. Two requests to DynamoDB.
///
/// # Errors
/// `AccessTokenInvalid`, `ScopeInsufficient`; `EnrolmentMissing` for a code that this session
/// has not made, or that is no longer the user's.
pub async fn verify_my_recovery_code(
    context: &Context,
    token: &str,
    (id, auth_session): (FactorId, &str),
) -> Result<Account, Failure> {
    let required = of_my_api(KnownScope::CreateMyMethods, WithFactors);
    let (bearer, account) = authenticate(context, token.into(), required).await?;
    check_binding(context, &bearer, (id, auth_session)).await?;
    match account
        .recovery
        .as_ref()
        .is_some_and(|codes| codes.id == id)
    {
        true => Ok(account),
        false => Err(EnrolmentRefusal::EnrolmentMissing.into()),
    }
}

fn binding(session: SessionId, factor: FactorId) -> String {
    format!("{session} {factor}")
}
